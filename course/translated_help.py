"""Commands whose help is in the reader's language."""

import gettext
import inspect
import os
import sys
from collections.abc import Callable, Iterator

import click

from course.messages import FOLDER, Message, again, language, use_language


class TranslatedGroup(click.Group):
    """A group of commands that chooses its language, and translates all help, before anything else.

    The language is that in COURSE_LANGUAGE, or else what `usual_language` finds.
    """

    translate: Callable[[str], str] = staticmethod(again)
    usual_language: Callable[[], str | None] = staticmethod(lambda: None)

    def main(self, *args, **options):
        """Run the command that the arguments name."""
        if chosen := os.environ.get("COURSE_LANGUAGE") or self.usual_language():
            try:
                use_language(chosen)
            except ValueError as error:
                click.echo(f"COURSE_LANGUAGE: {error}", err=True)
                sys.exit(2)
        translate_click()
        for owner, text, _module in _texts(self):
            owner.help = self.translate(text)
        return super().main(*args, **options)


def translate_click() -> None:
    """Let click say its own words, such as "Usage", in the current language."""
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("course", str(FOLDER))
    gettext.textdomain("course")


def help_texts(command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield the help texts, in English, of a command and its subcommands, each with its module."""
    yield from ((getattr(text, "source", text), module) for _owner, text, module in _texts(command))


def _texts(command: click.Command) -> Iterator[tuple]:
    """Yield each command and option that has a help text of its own, the text, and its module."""
    for owner in (command, *command.params):
        if text := getattr(owner, "help", None):
            said = text if isinstance(text, Message) else inspect.cleandoc(text)
            yield owner, said, getattr(command.callback, "__module__", "")
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _texts(inner)

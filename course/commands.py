"""Commands whose help is shown in the reader's language."""

from collections.abc import Callable, Iterator

import click

from course.messages import again


class TranslatedGroup(click.Group):
    """A group of commands that translates its help, and theirs, before anything else."""

    translate: Callable[[str], str] = staticmethod(again)

    def main(self, *args, **options):
        """Run the command that the arguments name."""
        for owner, text in _texts(self):
            owner.help = self.translate(text)
        return super().main(*args, **options)


def help_texts(command: click.Command) -> Iterator[str]:
    """Yield all sentences of the help of a command and of those below it."""
    yield from (text for _owner, text in _texts(command))


def _texts(command: click.Command) -> Iterator[tuple]:
    """Yield each command and option that has a help text of its own, and the text."""
    for owner in (command, *command.params):
        if text := getattr(owner, "help", None):
            yield owner, text
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _texts(inner)

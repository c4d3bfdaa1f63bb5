"""The `course` command: its language, its errors as sentences, and its subcommands."""

import errno
import sys
from pathlib import Path

import click

from course import __version__
from course.commands import check, data, lab, lessons, reset, train
from course.commands.shared import Failure
from course.messages import known_language
from course.translated_help import TranslatedGroup


class InLanguageOfLessons(TranslatedGroup):
    """Commands in the language of the lessons in release/, if there are any.

    They can print on every terminal, with a "?" for each character that it cannot show.
    """

    @staticmethod
    def usual_language() -> str | None:
        """Return the language of the lessons, if there are any."""
        from course.workbook.editions import editions, find_root
        from course.workbook.errors import WorkbookError

        try:
            return known_language(editions(find_root(Path.cwd()))[0].language)
        except WorkbookError:
            return None

    def main(self, *arguments, **settings):
        """Run the command that the arguments name."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a test's own streams may have no encoding
                stream.reconfigure(errors="replace")
        return super().main(*arguments, **settings)

    def invoke(self, context):
        """Run a command; an error of the system ends it with a sentence."""
        try:
            return super().invoke(context)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has gone: click ends quietly
                raise
            raise Failure(error) from None


@click.group(cls=InLanguageOfLessons)
@click.version_option(__version__)
def main():
    """Deep Learning, Live: see the lessons, open them, check them, train networks."""


for module in (data, lessons, lab, check, reset, train):
    main.add_command(module.command)


if __name__ == "__main__":
    main()

"""The `autograder` command: its language, its errors as sentences, and what it is made of."""

import contextlib
import os
import sys
import types
from pathlib import Path

import click

from autograder.commands import (
    build,
    collect,
    comment,
    doctor,
    export,
    feedback,
    forget,
    grade,
    new_lesson,
    points,
    report,
    watch,
)
from autograder.commands.shared import say_error
from autograder.messages import _, again
from course import __version__
from course.messages import sentences
from course.translated_help import TranslatedGroup


class InSentences(TranslatedGroup):
    """Commands that end with a sentence when a course, a disk or a terminal stops them."""

    translate = staticmethod(again)

    @staticmethod
    def usual_language():
        """Return the language of the course in the current folder, if there is one."""
        from autograder.course_folder import CourseError, find

        with contextlib.suppress(CourseError, OSError):  # a command that needs it says what it is
            return find(Path.cwd()).language

    def main(self, *arguments, **options):
        """Run a command; an error of the system ends it with a sentence."""
        _open_what_is_closed()
        if not arguments and not options:  # a process of its own
            _do_without_server_extensions()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal may lack the characters of a name
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            with contextlib.suppress(OSError):
                say_error(_of_the_system(error))
            _give_up_what_cannot_be_printed()
            sys.exit(1)

    def invoke(self, context):
        """Run a command; an error in the course, or in its call, ends it with a sentence."""
        from autograder.course_folder import CalledWrongly, CourseError

        try:
            return super().invoke(context)
        except CalledWrongly as error:
            raise click.UsageError(str(error)) from None
        except CourseError as error:
            raise click.ClickException(str(error)) from None


# What nbgrader adds to the server of JupyterLab; its own __init__ imports it, which takes a second.
_SERVER_EXTENSIONS = ("assignment_list", "course_list", "formgrader", "validate_assignment")


def _do_without_server_extensions():
    """Stand in for nbgrader's server extensions: no command here starts a server."""
    for name in _SERVER_EXTENSIONS:
        stand_in = types.ModuleType(f"nbgrader.server_extensions.{name}")
        stand_in.load_jupyter_server_extension = None
        sys.modules.setdefault(stand_in.__name__, stand_in)


def _open_what_is_closed():
    """Open closed standard streams, or the next file opened would get what libraries print."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _give_up_what_cannot_be_printed():
    """Discard what cannot be printed, or Python would try again at exit, with a traceback."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _of_the_system(error):
    """What the system refused, as a sentence."""
    from autograder.names import shown

    said = _("{reason}.").format(reason=error.strerror or error)
    if error.filename:
        path = shown(str(error.filename))
        said = _("{reason}: {path}.").format(reason=error.strerror or error, path=path)
    return sentences(
        said, _("What was done is kept; run the same command again to go on from there.")
    )


@click.group(cls=InSentences)
@click.version_option(__version__)
def main():
    """Deep Learning, Live: commands for instructors.

    The exit code is 0 if all is well, 1 if there is something to look at, 2 if a command was
    called wrongly, and 130 if it was interrupted.
    """


for module in (
    new_lesson,
    build,
    collect,
    grade,
    comment,
    points,
    feedback,
    report,
    export,
    watch,
    doctor,
    forget,
):
    main.add_command(module.command)


if __name__ == "__main__":
    main()

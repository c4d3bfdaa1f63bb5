"""What several commands share: options, the lessons that are named, errors, the end at Ctrl-C."""

import os
from pathlib import Path

import click

from autograder.messages import _
from course.messages import use_language
from course.translated_help import translate_click


def _course(context, parameter, value):
    """Find the course folder, here or above."""
    from autograder.course_folder import CourseError, find

    try:
        course = find(value)
        if not os.environ.get("COURSE_LANGUAGE"):
            use_language(course.language)
            translate_click()
        course.config()  # may raise, in that language
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    return course


# Tests and scripts name the course's folder; people are in it.
in_course = click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    callback=_course,
    is_eager=True,  # other options depend on it
    hidden=True,
)


def _members(context, parameter, value):
    """Find the students of a section; None if none is named."""
    if value is None:  # most often: what is imported below takes seconds
        return None
    from autograder.collecting.sections import members
    from autograder.course_folder import CourseError

    try:
        return members(context.params["course"], value)
    except CourseError as error:
        raise click.UsageError(str(error)) from None


of_section = click.option(
    "--section",
    metavar="NAME",
    callback=_members,
    help="Only this section, or group, of students.csv or of a list that was given to collect.",
)


def named_lessons(course, words):
    """Return the lessons that these words name; a usage error for a word that names none."""
    from autograder.course_folder import CourseError

    try:
        lessons = course.lessons_called(words)
        for lesson in lessons:
            course.notebook(lesson)
        return lessons
    except CourseError as error:
        raise click.UsageError(str(error)) from None


def say_error(sentence):
    """Say what is wrong, and go on."""
    click.echo(_("Error: {message}").format(message=sentence), err=True)


def end_at_interrupt(words):
    """End at once at Ctrl-C from now on, whatever is being done, and print these words.

    What is still running ends after this process. An exception would not do: the imports and
    callbacks of some libraries swallow it.
    """
    import signal
    import threading

    def end(*_signal):
        os.write(2, words().encode())
        os._exit(130)

    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before = signal.signal(signal.SIGINT, end)
        click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGINT, before))

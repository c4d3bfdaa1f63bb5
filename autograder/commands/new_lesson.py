"""The command `autograder new-lesson`."""

import click

from autograder.commands.shared import in_course, named_lessons
from autograder.messages import _


@click.command("new-lesson")
@click.argument("name")
@click.option(
    "--questions",
    metavar="LESSON",
    help="Take that lesson's questions to think about, as free texts that you mark by hand.",
)
@in_course
def command(course, name, questions):
    """Begin a lesson of your own: source/NAME/, with an exercise, a test and a free text.

    \b
    autograder new-lesson 08-mine
    autograder new-lesson 09-questions --questions 01-softmax

    The exit code is 1 if there is a lesson of that name or number, or if there are no questions.
    """
    from autograder.building.new_lesson import begin_lesson

    (asked,) = named_lessons(course, [questions]) if questions else ("",)
    path = begin_lesson(course, name, asked)
    click.echo(path)
    click.echo(_("Edit it in `jupyter lab`; then `autograder build {name}`.").format(name=name))

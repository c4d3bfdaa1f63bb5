"""The command `autograder comment`."""

import click

from autograder.commands.shared import in_course, named_lessons
from autograder.messages import _
from course.columns import table_lines


@click.command("comment")
@click.argument("lesson")
@click.argument("chosen", nargs=-1, metavar="[EXERCISE KEY STUDENT...]")
@in_course
def command(course, lesson, chosen):
    """Give several students one of the comments in comments.csv.

    With a lesson alone, the comments for it are listed. What you wrote in the formgrader stays: the
    comment is added below. `autograder feedback` puts it on the pages.

    \b
    autograder comment 01-softmax
    autograder comment 01-softmax why units ada bob

    The exit code is 1 if nothing of a student is graded; else 2 if there is no such comment,
    exercise or student.
    """
    (lesson,) = named_lessons(course, [lesson])
    from autograder.grading import comments, marks_by_hand
    from autograder.names import shown

    if not chosen:
        for line in table_lines([("key", "text"), *comments.read_comments(course, lesson).items()]):
            click.echo(shown(line))
        return
    if len(chosen) < 3:
        said = _("Expected an exercise, the key of a comment, and students; got {words}.")
        raise click.UsageError(said.format(words=" ".join(chosen)))
    exercise, key, *students = chosen
    text = comments.comment(course, lesson, key)
    changed = marks_by_hand.add_comment(course, lesson, exercise, students, text)
    for student in dict.fromkeys(students):
        said = _("{student}: added") if student in changed else _("{student}: already there")
        click.echo(said.format(student=shown(student)))

"""The command `autograder forget`."""

import click

from autograder.commands.shared import in_course
from autograder.messages import _


@click.command("forget")
@click.argument("student")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_course
def command(course, student, yes):
    """Delete what is kept of one student: scores, files, pages, and reports with the name.

    It says what would be deleted, and asks; afterwards it says what is left elsewhere.

    \b
    autograder forget student-01

    The exit code is 1 if you say no, and 2 if there is no such student.
    """
    from autograder import forgetting
    from autograder.names import shown

    found = forgetting.find(course, student)
    if found.in_gradebook:
        said = _("{path}: {student}, with all scores and comments")
        click.echo(said.format(path=course.gradebook, student=shown(student)))
    for path in (*found.folders, *found.reports, *found.lines):
        click.echo(shown(str(path)))
    if not yes:
        click.confirm(_("Delete this for good?"), abort=True)
    forgetting.forget(course, student, found)
    click.echo(_("Deleted. `autograder report` and `autograder export` write new reports."))
    for sentence in found.left:
        click.echo(shown(sentence))

"""The command `course reset`."""

import click

from course.commands.notebook_argument import notebook_path, speak_language_of
from course.commands.shared import Failure
from course.messages import _


@click.command("reset")
@click.argument("notebook", metavar="LESSON_OR_NOTEBOOK")
@click.argument("exercise")
def command(notebook, exercise):
    """Begin one exercise again: course reset softmax accuracy.

    Its cells are put back as they were released; what you wrote there is kept in a file beside the
    notebook. All other cells stay as they are.
    """
    from course.workbook import notebooks
    from course.workbook.errors import WorkbookError
    from course.workbook.reset import reset_exercise

    path = notebook_path(notebook)
    try:
        speak_language_of(notebooks.read(path))
        kept = reset_exercise(path, exercise)
    except WorkbookError as error:
        raise Failure(error) from None
    click.echo(_("{exercise} is as it was at the start.").format(exercise=exercise))
    if kept:
        click.echo(_("What you wrote is kept in {path}.").format(path=kept))
    click.echo(
        _("In JupyterLab, choose File > Reload Notebook from Disk if {name} is open.").format(
            name=path.name
        )
    )

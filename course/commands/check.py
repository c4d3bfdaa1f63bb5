"""The command `course check`."""

import sys

import click

from course.columns import table_lines
from course.commands.notebook_argument import notebook_path, speak_language_of
from course.commands.shared import Failure
from course.messages import _


@click.command("check")
@click.argument("notebook", metavar="LESSON_OR_NOTEBOOK")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="The longest time for one cell.",
)
def command(notebook, timeout):
    """Run a notebook from top to bottom and say which exercises pass.

    Give its path, or the name of a lesson for your copy in work/: course check softmax. It runs in
    a temporary copy: the notebook stays as you saved it. Exit code 0 if all pass.
    """
    from tqdm import tqdm

    from course.workbook import check_report, notebooks
    from course.workbook.errors import WorkbookError
    from course.workbook.execution import TimeLimits
    from course.workbook.notebook_check import check_notebook

    path = notebook_path(notebook)
    try:
        opened = notebooks.read(path)
        speak_language_of(opened)
        count = len(opened["cells"])
        with tqdm(
            total=count, desc=path.name, unit="cell", leave=False, delay=2, disable=None
        ) as bar:
            checked = check_notebook(path, TimeLimits(cell=timeout), bar.update)
    except WorkbookError as error:
        raise Failure(error) from None
    rows = [
        (
            one.exercise.name,
            f"{one.points:g}/{one.exercise.points:g}",
            check_report.outcome(one),
        )
        for one in checked.exercises
    ]
    click.echo("\n".join([*table_lines(rows), ""]))
    for sentence in check_report.remarks(checked):
        click.echo(sentence)
    passed = [one for one in checked.exercises if one.passed]
    click.echo(
        _(
            "{passed} of {count} exercises pass, worth up to {points:g} of {total:g} points. "
            "Grading adds checks that you do not see."
        ).format(
            passed=len(passed),
            count=len(checked.exercises),
            points=sum(one.points for one in checked.exercises),
            total=sum(one.exercise.points for one in checked.exercises),
        )
    )
    sys.exit(0 if len(passed) == len(checked.exercises) else 1)

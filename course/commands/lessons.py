"""The command `course lessons`."""

from pathlib import Path

import click

from course.columns import table_lines
from course.commands.shared import Failure
from course.messages import _


@click.command("lessons")
def command():
    """List the lessons, and how far you have got."""
    from course.workbook.editions import find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import extras, released
    from course.workbook.progress import progress_words

    try:
        edition = find_edition(find_root(Path.cwd()))
        rows = [
            (lesson.name, lesson.title, progress_words(edition, lesson))
            for lesson in released(edition)
        ]
        others = extras(edition)
    except WorkbookError as error:
        raise Failure(error) from None
    click.echo("\n".join(table_lines(rows)))
    click.echo()
    for notebook in others:
        click.echo(
            _("{title}, without points: course lab {name}").format(
                title=notebook.title, name=notebook.name
            )
        )
    click.echo(_("These are the checks that passed when you last saved the notebook."))

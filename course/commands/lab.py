"""The command `course lab`."""

import sys
from pathlib import Path

import click

from course.commands.shared import Failure
from course.messages import _, use_language


@click.command("lab", context_settings={"ignore_unknown_options": True})
@click.argument("lesson", required=False)
@click.argument("options", metavar="[JUPYTERLAB OPTIONS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--language", metavar="CODE", help="Open the lessons in another language: zh_CN.")
def command(lesson, options, language):
    """Open JupyterLab on your copies of the lessons, in work/; without LESSON, on the start page.

    What is missing there is copied from release/; nothing of yours is ever overwritten. Lessons in
    another language have a folder of their own in work/.
    Options that are not listed here go to JupyterLab: course lab 01-softmax --no-browser
    """
    from course.shadowing import beside_notebooks
    from course.workbook import jupyterlab
    from course.workbook.copies import copy_missing
    from course.workbook.editions import find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import find_lesson, start_page

    if lesson and lesson.startswith("-"):
        lesson, options = None, (lesson, *options)
    try:
        edition = find_edition(find_root(Path.cwd()), language)
        use_language(edition.language)
        chosen = find_lesson(edition, lesson) if lesson else start_page(edition)
        copied, changed = copy_missing(edition.release, edition.work)
    except WorkbookError as error:
        raise Failure(error) from None
    folder = edition.work.relative_to(edition.root).as_posix()
    for name in copied:
        click.echo(_("New in {folder}/: {name}").format(folder=folder, name=name))
    for name in changed:
        click.echo(
            _(
                "{name} has changed in release/ since it was copied. Your copy stays as it is; for "
                "the new version, rename yours and run this command again."
            ).format(name=name)
        )
    work = edition.root / "work"
    for said in beside_notebooks(work):
        click.echo(said)
    sys.stdout.flush()
    notebook = (edition.work / chosen.notebook).relative_to(work) if chosen else None
    jupyterlab.become(work, notebook, options)

"""The argument LESSON_OR_NOTEBOOK of `course check` and `course reset`."""

import os
from pathlib import Path

import click

from course.commands.shared import Failure
from course.messages import _, known_language, use_language


def speak_language_of(notebook: dict) -> None:
    """Switch to the language that a notebook names, if it is known."""
    from course.workbook.notebooks import language_of

    if language := known_language(language_of(notebook)):
        use_language(language)


def notebook_path(name: str) -> Path:
    """Return the notebook with this path, or the learner's copy of the lesson with this name.

    Of copies in several languages, it is the one that COURSE_LANGUAGE names, or the one saved last;
    the terminal says which.
    """
    from course.workbook.editions import editions, find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import find_lesson

    if Path(name).is_file():
        return Path(name)
    if name.endswith(".ipynb"):
        raise click.UsageError(_("There is no file {path}.").format(path=name))
    try:
        edition = find_edition(find_root(Path.cwd()))
        folder = Path(name).resolve().name if Path(name).is_dir() else name
        lesson = find_lesson(edition, folder)
    except WorkbookError as error:
        raise click.UsageError(str(error)) from None
    places = [one.work / lesson.notebook for one in editions(edition.root)]
    copies = [path for path in places if path.is_file()]
    if not copies:
        message = _("You have not started {lesson} yet: course lab {lesson}")
        raise Failure(WorkbookError(message.format(lesson=lesson.name)))
    if len(copies) == 1:
        return copies[0]
    named = edition.work / lesson.notebook
    if os.environ.get("COURSE_LANGUAGE") and named in copies:
        chosen, said = (
            named,
            _("Of your copies, this is the one that COURSE_LANGUAGE names: {path}"),
        )
    else:
        chosen = max(copies, key=lambda path: path.stat().st_mtime)
        said = _("Of your copies, this is the one that was saved last: {path}")
    click.echo(said.format(path=chosen.relative_to(edition.root).as_posix()))
    return chosen

"""The editions of the course in a folder: one for each language."""

from dataclasses import dataclass
from pathlib import Path

from course import messages
from course.messages import _
from course.workbook import notebooks
from course.workbook.errors import WorkbookError


@dataclass(frozen=True)
class Edition:
    """The released notebooks in one language, and the folder for the learner's copies of them."""

    language: str
    root: Path
    release: Path
    work: Path


def find_root(start: Path) -> Path:
    """Return the course's folder: the nearest one, from `start` upwards, with release/ in it.

    Raises WorkbookError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / "release").glob("*/*.ipynb")):
            return folder
    raise WorkbookError(
        _(
            "There is no folder release/ with lessons in {folder}, nor in a folder above it. "
            "In a terminal, change to the folder of the course first: cd FOLDER"
        ).format(folder=start)
    )


def editions(root: Path) -> list[Edition]:
    """Return all editions of the course: first that in release/, then the translations."""
    release, work = root / "release", root / "work"
    first = Edition(_language_of(release), root, release, work)
    translations = [
        Edition(release.parent.name, root, release, work / release.parent.name)
        for release in sorted((root / "translations").glob("*/release"))
    ]
    return [first, *(one for one in translations if one.language != first.language)]


def find_edition(root: Path, language: str | None = None) -> Edition:
    """Return the edition in this language; by default, in the language of messages.

    If no language is named and there is no such edition, it is the one in release/. Raises
    WorkbookError for a named language in which there is none.
    """
    found = {one.language: one for one in editions(root)}
    wanted = messages.known_language(language) if language else messages.language()
    if wanted in found:
        return found[wanted]
    if language is None:
        return next(iter(found.values()))
    raise WorkbookError(
        _("The lessons are not available in {language}; available here: {names}.").format(
            language=repr(language), names=", ".join(found)
        )
    )


def _language_of(release: Path) -> str:
    """The language of the notebooks in a folder, which are all in the same one."""
    paths = [release / "start.ipynb", *sorted(release.glob("*/*.ipynb"))]
    path = next(path for path in paths if path.is_file())
    try:
        return notebooks.language_of(notebooks.read(path))
    except WorkbookError:  # the command that reads it will say so
        return messages.ENGLISH

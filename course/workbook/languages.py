"""The switch between languages on the start page."""

import os
from dataclasses import dataclass
from pathlib import Path

from course import messages
from course.messages import _
from course.workbook.copies import copy_missing
from course.workbook.editions import editions, find_root
from course.workbook.errors import WorkbookError


@dataclass(frozen=True)
class Languages:
    """Links to the start pages in other languages, by the languages' own names."""

    links: dict[str, str]

    def _repr_markdown_(self) -> str:
        return "\n".join(f"- [{name}]({link})" for name, link in self.links.items())

    def __repr__(self) -> str:
        """List the links as plain text."""
        return "\n".join(f"{name}: {link}" for name, link in self.links.items())


def show() -> Languages | None:
    """Copy the lessons in other languages beside your own, and link to them.

    Existing copies stay as they are. Outside any course, and where there are no other languages, it
    prints a sentence that says so.
    """
    links = {}
    try:
        for edition in editions(find_root(Path.cwd())):
            if edition.language != messages.language():
                copy_missing(edition.release, edition.work)
                start = os.path.relpath(edition.work / "start.ipynb", Path.cwd().resolve())
                links[_own_name(edition.language)] = Path(start).as_posix()
    except WorkbookError as error:
        print(error)
        return None
    if not links:
        print(_("This copy of the course has no other languages."))
        return None
    return Languages(links)


def _own_name(language):
    with messages.speaking(language):
        # Translators: the name of your language in your language, such as Deutsch.
        return str(_("English"))

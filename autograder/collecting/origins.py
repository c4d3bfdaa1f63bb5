"""Remember the platform that a student's files came from, and what it wrote before their names."""

import json
from collections import defaultdict
from pathlib import Path

from autograder.collecting.platforms import HandedIn
from autograder.course_folder import CourseFolder
from autograder.names import id_of
from course.files import write_atomically

_NAME = "origin.json"


def write(course: CourseFolder, lesson: str, student: str, handed_in: HandedIn) -> None:
    """Keep the origin of a submission, if a platform has named it."""
    if handed_in.prefix:
        origin = {"platform": handed_in.sender.platform, "prefix": handed_in.prefix}
        write_atomically(course.collected(student, lesson) / _NAME, json.dumps(origin))


def read(course: CourseFolder, lesson: str, student: str) -> tuple[str, str] | None:
    """Return the platform, and what it writes before a file's name; None if it came otherwise."""
    return _read(course.collected(student, lesson) / _NAME)


def platforms(course: CourseFolder) -> dict[str, frozenset[str]]:
    """Return the platforms that each student's files came from, in any lesson."""
    found = defaultdict(frozenset)
    for path in (course.root / "collected").glob(f"*/*/{_NAME}"):
        if origin := _read(path):
            found[id_of(path.parent.parent.name)] |= {origin[0]}
    return dict(found)


def _read(path: Path):
    try:
        origin = json.loads(path.read_text("utf-8"))
        return str(origin["platform"]), str(origin["prefix"])
    except (OSError, ValueError, LookupError, TypeError):
        return None

"""Keep the results of a lesson as a run has shown them, until anything at all has changed.

Whoever grades often does so mostly with nothing to do. To find that out as grading does takes
nbgrader, its database and the lesson; here the names, sizes and times of files are enough. It is
only a shortcut: without it, or in doubt, everything is looked at.
"""

import contextlib
import hashlib
import importlib.util
import itertools
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course_folder import CourseFolder
from autograder.grading import dependencies, results
from autograder.grading.plain_files import fingerprint, walk
from autograder.grading.results import ClassResult
from course.files import write_atomically
from course.messages import language

_MAX_FILES = 200_000  # that are looked at


def read_by_grading(course: CourseFolder, lesson: str, submitted: Path) -> str:
    """Return a key of what grading reads: submissions, lesson, settings, and this program itself.

    "" if it cannot be known, as with a rule of the course's own for late penalties: that is code,
    which may read anything.
    """
    config = course.config()
    if "plugin_class" in config.AssignLatePenalties:
        return ""
    nbgrader = importlib.util.find_spec("nbgrader")
    installed = [Path(nbgrader.origin)] if nbgrader and nbgrader.origin else []
    own = [*course.root.glob("source/*"), *course.root.glob("translations/*")]
    packages = map(Path, config.Limits.packages)
    return _key(
        (str(fact) for fact in (config, language(), sys.version, submitted)),
        _fingerprints([*installed, *course.root.glob("*.py"), *course.root.glob("*.csv"), *own]),
        *(_fingerprints_below(folder) for folder in (*dependencies.folders(), *packages, *own)),
        _fingerprints_of_students(submitted, lesson),
    )


def written_by_grading(course: CourseFolder, lesson: str) -> str:
    """Return a key of what grading, the formgrader and other commands write; "" if unknown."""
    database = course.root.glob(f"{course.gradebook.name}*")
    return _key(
        _fingerprints([*database, *course.reports.glob("*.csv")]),
        _fingerprints_of_students(course.root / "autograded", lesson),
    )


def keep(course: CourseFolder, read: str, written: str, found: ClassResult) -> None:
    """Keep what a run has found, and the keys of what it read and of what it left behind."""
    record = {
        "version": results.VERSION,
        "keys": [read, written],
        "results": [results.to_json(result) for result in found],
    }
    with contextlib.suppress(OSError):
        if read and written:
            write_atomically(_path(course, found.lesson), json.dumps(record, ensure_ascii=False))


def recall(course: CourseFolder, lesson: str, submitted: Path) -> ClassResult | None:
    """Return what `keep` has kept; None if something has changed since, or may have."""
    try:
        record = json.loads(_path(course, lesson).read_text(encoding="utf-8"))
        now = read_by_grading(course, lesson, submitted), written_by_grading(course, lesson)
        if record["keys"] == list(now):
            return ClassResult(lesson, list(map(results.from_json, record["results"])))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    return None


def _path(course, lesson):
    return course.reports / f".{lesson}.json"  # where `autograder forget` looks for names


def _fingerprints_of_students(top: Path, lesson: str) -> Iterator[str]:
    """Fingerprints in the folder of students, in that of each, and below that of the lesson."""
    for student in _inside(top.resolve()):
        yield from _fingerprints([student, *_inside(student)])
        yield from _fingerprints_below(student / lesson)


def _inside(folder):
    """What is in a folder; nothing if it is none, or a link to one."""
    is_folder = folder.is_dir() and not folder.is_symlink()
    return [folder / name for name in os.listdir(folder)] if is_folder else []


def _fingerprints_below(top: Path) -> Iterator[str]:
    """Fingerprints of all files and folders in a folder, but not of what Python has compiled."""
    yield str(top)
    for place, folders, names in walk(top):
        folders[:] = {*folders} - {"__pycache__"}
        yield from _fingerprints(Path(place) / name for name in (*folders, *names))


def _fingerprints(paths: Iterable[Path]) -> Iterator[str]:
    """The name and mode of each, and of a file its number, size and times; of a link, both."""
    for path in paths:
        yield repr((str(path), _facts(path.lstat())))
        if path.is_symlink() and path.exists():
            yield repr((str(path), _facts(path.stat())))


def _facts(its: os.stat_result) -> tuple:
    return its.st_mode, () if stat.S_ISDIR(its.st_mode) else fingerprint(its)


def _key(*facts: Iterable[str]) -> str:
    """A key of these facts, in any order; "" if there are too many, or one cannot be read."""
    try:
        found = sorted(itertools.islice(itertools.chain(*facts), _MAX_FILES))
    except OSError:
        return ""
    text = "\n".join(found) if len(found) < _MAX_FILES else ""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() if text else ""

"""A student's attempts: the newest in submitted/, and the earlier ones, none of which is lost."""

import contextlib
import errno
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, plain_files, submissions
from autograder.grading.file_modes import keeps_private
from autograder.grading.plain_files import NBGRADERS
from autograder.grading.time_formats import in_nbgraders_form
from course.files import write_atomically

COLLECTED, REPLACED, UNCHANGED, EARLIER = "collected", "replaced", "unchanged", "earlier attempt"


@keeps_private
def store(
    course: CourseFolder,
    lesson: str,
    student: str,
    files: dict[str, bytes],
    when: datetime | None = None,
) -> str:
    """Put files into a student's folder and return the outcome.

    `when` they were handed in (UTC) is written to timestamp.txt. What was there before is kept as
    an earlier attempt; if it is newer, or these files are such an attempt, they do not replace it.
    """
    folder = course.submitted(student, lesson)
    kept = course.collected(student, lesson)
    with gradebook.alone(course):
        if (before := _content(folder)) == files:
            if when and not (folder / "timestamp.txt").exists():
                write_atomically(folder / "timestamp.txt", in_nbgraders_form(when))
            return UNCHANGED
        for attempt in attempts(course, lesson, student):
            its = submissions.submitted_at(attempt).when
            # The same files at another time are a new attempt, and count.
            if _content(attempt) == files and (not when or not its or when == its):
                return EARLIER
        kept.mkdir(parents=True, exist_ok=True)
        with _written(kept, files, when) as new:
            there = submissions.submitted_at(folder).when
            if before and when and there and when < there:
                move(new, kept / str(_next_number(course, lesson, student)))
                return EARLIER
            if before or (folder.is_dir() and any(folder.iterdir())):
                keep_attempt(course, lesson, student)
            folder.parent.mkdir(parents=True, exist_ok=True)
            if folder.is_dir():
                folder.rmdir()  # an empty one
            move(new, folder)
    return REPLACED if before else COLLECTED


@contextlib.contextmanager
def _written(place, files, when):
    """A new folder with these files, which is deleted at the end unless it was moved."""
    new = place / f".new-{secrets.token_hex(4)}"
    try:
        new.mkdir()
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if when:
            write_atomically(new / "timestamp.txt", in_nbgraders_form(when))
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def attempts(course: CourseFolder, lesson: str, student: str) -> list[Path]:
    """Return the folders of a student's earlier attempts, the oldest first."""
    place = course.collected(student, lesson)
    with contextlib.suppress(OSError):
        return sorted((p for p in place.iterdir() if p.name.isdigit()), key=lambda p: int(p.name))
    return []


def keep_attempt(course: CourseFolder, lesson: str, student: str) -> None:
    """Move the contents of a student's folder to their earlier attempts."""
    place = course.collected(student, lesson) / str(_next_number(course, lesson, student))
    place.parent.mkdir(parents=True, exist_ok=True)
    move(course.submitted(student, lesson), place)


def put_back(course: CourseFolder, lesson: str, student: str, attempt: Path) -> None:
    """Exchange the contents of a student's folder for an earlier attempt; they are kept as well."""
    with gradebook.alone(course):
        keep_attempt(course, lesson, student)
        move(attempt, course.submitted(student, lesson))


def move(folder: Path, to: Path) -> None:
    """Move a folder, even to another file system; it is there completely, or not at all."""
    try:
        os.rename(folder, to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        new = to.with_name(f".new-{secrets.token_hex(4)}")
        try:
            shutil.copytree(folder, new, symlinks=True)
            os.rename(new, to)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        old = folder.with_name(f".old-{secrets.token_hex(4)}")
        try:
            os.rename(folder, old)
        except OSError:  # then it stays what it is
            shutil.rmtree(to, ignore_errors=True)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _next_number(course, lesson, student):
    earlier = attempts(course, lesson, student)
    return int(earlier[-1].name) + 1 if earlier else 1


def _content(folder) -> dict[str, bytes]:
    """The files of a folder, by path, except those that say when and how they came."""
    found = {}
    for place, _folders, names in plain_files.walk(folder):
        for name in names:
            path = Path(place) / name
            if name not in NBGRADERS and not path.is_symlink() and path.is_file():
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found

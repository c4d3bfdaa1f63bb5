"""What is kept of a graded submission (scores, notebook, result), and whether it still holds."""

import hashlib
import os
from pathlib import Path

from autograder.building import release
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, notes, result_file, submissions
from autograder.grading.lesson import CourseLesson
from autograder.grading.result_file import Kept
from autograder.grading.results import Note, SubmissionResult
from autograder.grading.submission_time import in_nbgraders_form
from autograder.grading.worker import Graded
from course.files import write_atomically


def result_path(course: CourseFolder, student: str, name: str) -> Path:
    """Where a student's result is kept."""
    return course.autograded(student, name) / "result.json"


def content_hash(lesson: CourseLesson, path: Path, content: bytes | str, files: dict) -> str:
    """Changes with whatever a result and its lateness depend on.

    `content` may be a sentence in place of it.
    """
    content = content if isinstance(content, bytes) else content.encode()
    submitted_at = submissions.submitted_at(path, lesson.time_zone)
    settings = lesson.cell_timeout, lesson.timeout, lesson.limits, submitted_at
    digest = hashlib.sha256(repr(settings).encode())
    for part in (lesson.engine_hash.encode(), lesson.path.read_bytes(), content):
        digest.update(hashlib.sha256(part).digest())
    for name, data in [*lesson.files.items(), *sorted(files.items())]:
        digest.update(hashlib.sha256(os.fsencode(name) + data).digest())
    return digest.hexdigest()


def is_unchanged(lesson: CourseLesson, stored: Kept, path: Path) -> bool:
    """Whether what is handed in now is what a stored result is the result of."""
    return stored.hash == content_hash(lesson, path, *submissions.read(path))


def stored_result(course: CourseFolder, student: str, name: str) -> Kept | None:
    """What `write` has kept of a student's result, or None."""
    stored = result_file.read(result_path(course, student, name))
    return stored if stored and stored.result.student == student else None


def write(
    lesson: CourseLesson, student: str, path: Path, graded: Graded, its_hash: str
) -> SubmissionResult:
    """The one place where scores and graded notebooks are written.

    The hash, which says that it is done, comes last: who is stopped before it grades this one
    again.
    """
    submitted_at = submissions.submitted_at(path, lesson.time_zone)
    result = graded.result
    if submitted_at.unreadable:
        result = result.with_note(Note("unreadable_time", submitted_at.unreadable))
    for note in notes.of_files(submissions.beside(path)):
        result = result.with_note(note)
    with gradebook.alone(lesson.course):
        folder = lesson.course.autograded(student, lesson.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").unlink(missing_ok=True)
        gradebook.write(
            lesson.course,
            lesson.name,
            student,
            release.from_text(graded.notebook),
            graded.result.exercises,
            release.from_text(lesson.released),
            submitted_at.when,
        )
        write_atomically(folder / lesson.notebook_name, graded.notebook)
        _put(folder / "timestamp.txt", in_nbgraders_form(submitted_at.when))
        # nbgrader finds by it whose page it is, in the exchange.
        _put(folder / "submission_secret.txt", submissions.secret(path))
        kept = Kept(its_hash if graded.keep else None, result)
        result_file.write(folder / "result.json", kept)
    return result


def _put(path, text):
    """Write a file that is not there if there is nothing to say."""
    if text:
        write_atomically(path, text)
    else:
        path.unlink(missing_ok=True)

"""Keep graded submissions (scores, notebook, result), and tell whether they are still valid."""

import contextlib
import dataclasses
from pathlib import Path

from autograder.building import release
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, notes, result_file, submissions
from autograder.grading.lesson import CourseLesson
from autograder.grading.result_file import Kept, VerdictKey
from autograder.grading.results import SubmissionResult, Why
from autograder.grading.time_formats import in_nbgraders_form
from autograder.grading.worker import Graded
from autograder.nbgrader_metadata import checksums_of_answers
from course.files import write_atomically


def result_path(course: CourseFolder, student: str, name: str) -> Path:
    """Return where a student's result is kept."""
    return course.autograded(student, name) / result_file.NAME


def verdict_key(lesson: CourseLesson, path: Path) -> VerdictKey:
    """Return the key of the verdict that this lesson's checks give on the submission at a path."""
    return VerdictKey(lesson.verdict_hash, submissions.digest(path))


def is_of_submission(stored: Kept, path: Path) -> bool:
    """Return whether a result is that of the submission at a path, whichever checks graded it.

    If there is only the grader's trouble to tell, nobody knows, and it is taken to be.
    """
    if stored.key is None:
        return True
    if stored.fingerprint and stored.fingerprint == submissions.fingerprint(path):
        return True
    return is_key_of(stored.key, path)


def is_key_of(key: VerdictKey, path: Path) -> bool:
    """Return whether a key belongs to the submission at a path, whichever checks graded it."""
    return key.submission == submissions.digest(path)


def why_stale(lesson: CourseLesson, stored: Kept, path: Path) -> Why | None:
    """Return why a stored result is out of date; None if it is still valid."""
    if stored.key is None:
        return Why.TROUBLE
    if not is_key_of(stored.key, path):
        return Why.RESUBMITTED
    if is_by_checks_of_now(lesson, stored.key):
        return None
    return Why.CHECKS_CHANGED if is_of_older_checks(lesson, stored) else Why.LANGUAGE_CHANGED


def is_of_older_checks(lesson: CourseLesson, stored: Kept) -> bool:
    """Return whether a stored result was made by other checks than the current ones."""
    if stored.key is None or is_by_checks_of_now(lesson, stored.key):
        return False
    return stored.key.lesson not in lesson.verdict_hashes_in_other_languages


def is_by_checks_of_now(lesson: CourseLesson, key: VerdictKey) -> bool:
    """Return whether a verdict with this key was made by the current checks."""
    return key.lesson == lesson.verdict_hash


def stored_result(course: CourseFolder, student: str, name: str) -> Kept | None:
    """Return what `write` has kept of a student's result, or None."""
    stored = result_file.read(result_path(course, student, name))
    return stored if stored and stored.result.student == student else None


def stored_graded(lesson: CourseLesson, student: str) -> tuple[Graded, VerdictKey] | None:
    """Return what `write` kept of a student, if complete: the graded submission, and its key."""
    stored = stored_result(lesson.course, student, lesson.name)
    path = lesson.course.autograded(student, lesson.name) / lesson.notebook_name
    if stored is None or stored.key is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        content = path.read_bytes()
        answers = checksums_of_answers(release.from_text(content))
        return Graded(stored.result, content, answers, keep=True), stored.key
    return None


def write(
    lesson: CourseLesson, student: str, path: Path, graded: Graded, key: VerdictKey
) -> SubmissionResult:
    """Write scores and the graded notebook; no other function does.

    The key, which marks it as done, comes last: after an earlier interruption, this submission is
    graded again.
    """
    submitted_at = submissions.submitted_at(path.parent, lesson.time_zone)
    result = _with_what_is_beside(graded.result, path, submitted_at)
    with gradebook.alone(lesson.course):
        folder = lesson.course.autograded(student, lesson.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / result_file.NAME).unlink(missing_ok=True)
        gradebook.write(
            lesson.course,
            lesson.name,
            student,
            graded.answers,
            graded.result.exercises,
            release.from_text(lesson.released),
            submitted_at.when,
        )
        write_atomically(folder / lesson.notebook_name, graded.notebook)
        _put(folder / "timestamp.txt", in_nbgraders_form(submitted_at.when))
        # By it, nbgrader finds the owner of a page in the exchange.
        _put(folder / "submission_secret.txt", submissions.secret(path.parent))
        kept = Kept(key, result, _fingerprint(key, path)) if graded.keep else Kept(None, result)
        result_file.write(folder / result_file.NAME, kept)
    return result


def update(lesson: CourseLesson, stored: Kept, path: Path) -> SubmissionResult:
    """Write when something was handed in, and what is beside it, as far as that has changed."""
    student = stored.result.student
    folder = lesson.course.autograded(student, lesson.name)
    submitted_at = submissions.submitted_at(path.parent, lesson.time_zone)
    result = _with_what_is_beside(stored.result, path, submitted_at)
    text, before = in_nbgraders_form(submitted_at.when), ""
    with contextlib.suppress(OSError):
        before = (folder / "timestamp.txt").read_text("utf-8")
    if text != before:
        with gradebook.alone(lesson.course):
            gradebook.write_time(lesson.course, lesson.name, student, submitted_at.when)
            _put(folder / "timestamp.txt", text)
    fingerprint = stored.fingerprint
    if stored.key and fingerprint != submissions.fingerprint(path):
        fingerprint = _fingerprint(stored.key, path)
    if (result, fingerprint) != (stored.result, stored.fingerprint):
        result_file.write(folder / result_file.NAME, Kept(stored.key, result, fingerprint))
    return result


def _fingerprint(key, path):
    """Return the fingerprint of the files with this key; "" if they changed meanwhile."""
    fingerprint = submissions.fingerprint(path)  # first: what is written later changes it
    return fingerprint if is_key_of(key, path) else ""


def _with_what_is_beside(result, path, submitted_at):
    """The result with notes on the time and the files beside the notebook as they are now."""
    others = [note for note in result.notes if note.kind not in notes.BESIDE]
    if submitted_at.unreadable:
        others.append(notes.unreadable_time(submitted_at.unreadable))
    found = (*others, *notes.of_files(submissions.beside(path), result.exercises))
    needs_review = notes.needs_review(found, result.status)
    return dataclasses.replace(result, notes=found, needs_review=needs_review)


def _put(path, text):
    """Write a file, or delete it if the text is empty."""
    if text:
        write_atomically(path, text)
    else:
        path.unlink(missing_ok=True)

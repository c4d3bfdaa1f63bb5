"""Decide which submissions of a lesson to grade, and why; keep what is known of the others."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.building import release
from autograder.course_folder import CalledWrongly, CourseFolder
from autograder.grading import gradebook, records, submissions, verdict
from autograder.grading.gradebook import SubmissionScores
from autograder.grading.lesson import CourseLesson, read_lesson
from autograder.grading.result_file import Kept
from autograder.grading.results import OlderChecks, Status, SubmissionResult, Why
from autograder.messages import _
from autograder.names import writable
from course.messages import sentences

_log = logging.getLogger("autograder")


@dataclass(frozen=True)
class Which:
    """Which submissions are graded."""

    force: bool = False  # unchanged ones as well
    only_new: bool = False  # leave out what is the same, though checks or the language changed
    students: Collection[str] = ()  # only of these; of everybody if empty
    section: Collection[str] | None = None  # only of the students in this section

    def takes(self, why: Why) -> bool:
        """Return whether a submission that is due for this reason is graded."""
        return not (self.only_new and why in (Why.CHECKS_CHANGED, Why.LANGUAGE_CHANGED))


ALL_DUE = Which()


@dataclass(frozen=True)
class RunSettings:
    """Where submissions are run, how many at a time, and who is told how long it takes."""

    jobs: int | None = None  # one for each core, if it is not said
    scheduler: str | None = None  # the address of a Dask cluster; else it is this machine
    sandbox: bool | None = None  # as the course's settings say, if it is not said
    # Called about every second: the students whose submissions are being run, and seconds.
    on_wait: Callable[[Mapping[str, float]], object] = lambda seconds: None


HERE = RunSettings()


@dataclass
class Plan:
    """Results that are known already, and submissions to grade, by student."""

    results: dict[str, SubmissionResult] = field(default_factory=dict)
    waiting: dict[str, Path] = field(default_factory=dict)
    why: dict[str, Why] = field(default_factory=dict)
    unchanged: dict[str, tuple[Kept, Path]] = field(default_factory=dict)
    kept_older: dict[str, OlderChecks] = field(default_factory=dict)
    newcomers: list[str] = field(default_factory=list)


def why_graded(
    course: CourseFolder, name: str, *, submitted: Path | None = None, which: Which = ALL_DUE
) -> dict[str, Why]:
    """Return who would be graded, and why; nothing is written."""
    submitted = (submitted or course.submissions).resolve()
    before = gradebook.submission_scores(course, name)
    return plan_grading(read_lesson(course, name), submitted, before, which).why


def plan_grading(
    lesson: CourseLesson,
    submitted: Path,
    before: dict[str, SubmissionScores | None],
    which: Which,
) -> Plan:
    """Look at all submissions, and decide which are to be graded."""
    found = Plan()
    if submissions.is_swapped(submitted, lesson.name):
        said = _(
            "{folder} holds folders of students; expected STUDENT/{lesson}/. `autograder collect "
            "{submitted} {lesson}` puts them there."
        )
        swapped = submitted / lesson.name
        _log.warning("%s", said.format(folder=swapped, lesson=lesson.name, submitted=submitted))
    everybody = submissions.students(submitted, lesson.name) | before.keys()
    if unknown := set(which.students) - everybody:
        raise CalledWrongly(submissions.no_such_students(unknown, submitted))
    chosen = set(which.students or everybody)
    if which.section is not None:
        chosen &= everybody & set(which.section)
    for student in sorted(chosen):
        _plan_one(lesson, submitted, student, before, which, found)
    return found


def _plan_one(lesson, submitted, student, before, which, found):
    place = submissions.find(submitted, student, lesson.name, lesson.notebook_name)
    scores = before.get(student)
    stored = records.stored_result(lesson.course, student, lesson.name) if scores else None
    is_older = stored is not None and records.is_of_older_checks(lesson, stored)
    if place.obstacle or (scores and place.why_not_gradable):
        kept = [_("The previous score is kept.")] if scores else []
        why = sentences(place.why_not_gradable, *kept)
        found.results[student] = without_points(lesson, student, Status.ERROR, why)
        if is_older:
            found.kept_older[student] = OlderChecks.UNREADABLE
    elif place.path is None and stored:
        found.results[student] = stored.result
        if is_older:
            found.kept_older[student] = OlderChecks.GONE
    elif place.path is None:
        result = without_points(lesson, student, Status.NOT_SUBMITTED, place.missing)
        result = replace(result, needs_review=place.holds_others)
        found.results[student] = result
        if student not in before:
            found.newcomers.append(student)
    else:
        why = records.why_stale(lesson, stored, place.path) if stored else Why.NEW
        if which.force:
            why = why or Why.FORCED
        if why and which.takes(why):
            found.waiting[student], found.why[student] = place.path, why
            return
        found.results[student] = stored.result
        found.unchanged[student] = stored, place.path
        if is_older:
            found.kept_older[student] = OlderChecks.ONLY_NEW


def without_points(
    lesson: CourseLesson, student: str, status: Status, message: str
) -> SubmissionResult:
    """Return the result of a submission that is missing or cannot be read; the message says why."""
    exercises = verdict.not_run(release.from_text(lesson.source), status, message)
    is_error = status == Status.ERROR
    return SubmissionResult(
        writable(student), lesson.name, status, exercises, needs_review=is_error
    )

"""Count the best attempt of a student, not the newest: they are compared when one is graded."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.building import release
from autograder.collecting.attempts import attempts, put_back
from autograder.course_folder import CourseFolder
from autograder.grading import class_grading, gradebook, notes, records, submissions
from autograder.grading.file_modes import keeps_private
from autograder.grading.gradebook import SubmissionScores
from autograder.grading.lesson import CourseLesson, read_lesson
from autograder.grading.plan import ALL_DUE, HERE, RunSettings, Which, why_graded
from autograder.grading.result_file import VerdictKey
from autograder.grading.results import ClassResult, SubmissionResult
from autograder.grading.worker import Graded
from autograder.messages import ngettext

_log = logging.getLogger("autograder")


@dataclass(frozen=True)
class _Attempt:
    """A graded attempt, and where it is."""

    folder: Path
    graded: Graded
    key: VerdictKey
    points: float  # that count


@keeps_private
def grade_best(
    course: CourseFolder,
    name: str,
    *,
    settings: RunSettings = HERE,
    which: Which = ALL_DUE,
    progress=lambda results, total: results,
) -> ClassResult:
    """Grade like `class_grading.grade`, but set aside a new attempt that is worse than the last.

    The better one is then in submitted/ again, and the new one among the earlier attempts. Both are
    judged by the current checks, and no attempt is run twice. If the grader has trouble with the
    new one, the previous score is kept, and both are compared the next time.
    """
    lesson = read_lesson(course, name, settings.sandbox)
    # The files of earlier attempts get the lesson's current names before they are looked for.
    changes = gradebook.register_lesson(course, name, release.from_text(lesson.source))
    before = _before(lesson, why_graded(course, name, which=which), settings)
    troubled: dict[str, SubmissionResult] = {}

    def without_trouble(found, total):
        """Return the results to write: trouble of the grader never replaces an earlier result."""
        for student, graded, key in progress(found, total):
            if graded.keep or student not in before:
                yield student, graded, key
            else:
                troubled[student] = graded.result

    results = class_grading.grade(
        course, name, settings=settings, which=which, progress=without_trouble
    )
    points = {result.student: result.score_after_penalty for result in results}
    new = {student: records.stored_graded(lesson, student) for student in before}
    kept = [
        student
        for student, attempt in before.items()
        if student not in troubled
        and new[student] is not None
        and points[student] < attempt.points
        and _is_better(lesson, student, attempt, new[student], points[student])
    ]
    as_before = {student: _as_before(lesson, result) for student, result in troubled.items()}
    if kept:
        which = Which(students=kept)
        again = class_grading.grade(course, name, settings=settings, which=which)  # runs nothing
        as_before |= {result.student: result for result in again}
    found = {result.student: result for result in results} | as_before
    return replace(
        results,
        submissions=[found[student] for student in sorted(found)],
        changes=tuple(one for one in results.changes if one.student not in as_before),
        best_kept=tuple(kept),
        lesson_changes=changes,
    )


def _as_before(lesson, result):
    """The result where the grader had trouble, with the scores from before and a note about it."""
    scores = gradebook.submission_scores(lesson.course, lesson.name)[result.student]
    exercises = {
        name: replace(its, score=scores.scores.get(name, its.score))
        for name, its in result.exercises.items()
    }
    result = replace(result, exercises=exercises, late_penalty=scores.late_penalty)
    return result.with_note(notes.earlier_stands())


def _is_better(lesson, student, before, new, new_points):
    """Let an earlier attempt count, unless the new one has more points once it is written.

    That happens if the due date has changed since the earlier one was graded.
    """
    _let_count(lesson, student, before.folder, before.graded, before.key)
    scores = gradebook.submission_scores(lesson.course, lesson.name)[student]
    if _points(before.graded.result, scores) >= new_points:
        return True
    _let_count(lesson, student, attempts(lesson.course, lesson.name, student)[-1], *new)
    return False


def _let_count(lesson, student, folder, graded, key):
    """Put an attempt into submitted/, and write its result."""
    put_back(lesson.course, lesson.name, student, folder)
    submitted = lesson.course.submissions
    place = submissions.find(submitted, student, lesson.name, lesson.notebook_name)
    records.write(lesson, student, place.path, graded, key)


def _before(
    lesson: CourseLesson, students: Collection[str], settings: RunSettings
) -> dict[str, _Attempt]:
    """Those of these students whose graded submission is now among the earlier attempts."""
    found, paths = {}, {}
    recorded = gradebook.submission_scores(lesson.course, lesson.name)
    for student in students:
        stored = records.stored_graded(lesson, student) if recorded.get(student) else None
        if stored is None:
            continue
        graded, key = stored
        for folder in reversed(attempts(lesson.course, lesson.name, student)):
            path = folder / lesson.notebook_name
            if records.is_key_of(key, path):
                points = _points(graded.result, recorded[student])
                found[student] = _Attempt(folder, graded, key, points)
                if not records.is_by_checks_of_now(lesson, key):
                    paths[student] = path
                break
    if paths:
        said = ngettext(
            "{count} earlier attempt is graded as well, because the checks, or the course's "
            "language, have changed.",
            "{count} earlier attempts are graded as well, because the checks, or the course's "
            "language, have changed.",
            len(paths),
        )
        _log.warning("%s", said.format(count=len(paths)))
    examined = class_grading.examine(lesson, paths, settings)
    for student, (graded, key) in examined.items():
        if not graded.keep:  # the grader had trouble with it: the result of the older checks stands
            continue
        points = _points(graded.result, recorded[student])
        found[student] = _Attempt(found[student].folder, graded, key, points)
    return found


def _points(result: SubmissionResult, scores: SubmissionScores) -> float:
    """The points of a result, with those given by hand and the penalty for lateness."""
    points = (scores.by_hand.get(name, its.score) for name, its in result.exercises.items())
    return sum(points) - scores.late_penalty

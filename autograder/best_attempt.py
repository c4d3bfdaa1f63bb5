"""Let the best attempt of a student count, not the newest: compared when a new one is graded."""

from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collecting.collect import attempts, put_back
from autograder.course_folder import CourseFolder
from autograder.grading import class_grading, gradebook, records, submissions
from autograder.grading.plan import Which
from autograder.grading.results import ClassResult


@dataclass(frozen=True)
class _Before:
    """A graded submission, before a new attempt took its place."""

    points: float  # that count
    attempt: Path  # where it is now


def grade_best(
    course: CourseFolder, lesson: str, *, which: Which | None = None, **how
) -> ClassResult:
    """Grade as `class_grading.grade` does; what is worse than the attempt before it goes aside.

    That one is then in submitted/ again, and the new one among the earlier attempts.
    """
    which = which or Which()
    before = _before(course, lesson)
    results = class_grading.grade(course, lesson, which=which, **how)
    worse = [
        result.student
        for result in results
        if result.student in results.why_graded
        and result.student in before
        and result.score_after_penalty < before[result.student].points
    ]
    if not worse:
        return results
    for student in worse:
        put_back(course, lesson, student, before[student].attempt)
    again = class_grading.grade(course, lesson, which=Which(students=worse), **how)
    better = {result.student: result for result in again}
    new = {result.student: result for result in results}
    # The points before may be those of older checks: by those of now, the new one may be better.
    back = [
        student
        for student in worse
        if better[student].score_after_penalty < new[student].score_after_penalty
    ]
    if back:
        for student in back:
            put_back(course, lesson, student, attempts(course, lesson, student)[-1])
        once_more = class_grading.grade(course, lesson, which=Which(students=back), **how)
        better |= {result.student: result for result in once_more}
        worse = [student for student in worse if student not in back]
    return replace(
        results,
        submissions=[better.get(result.student, result) for result in results],
        changes=tuple(one for one in results.changes if one.student not in worse),
        best_kept=tuple(worse),
    )


def _before(course, lesson):
    """Everybody whose graded submission is among the earlier attempts by now."""
    notebook = course.notebook(lesson).name
    found = {}
    for student, scores in gradebook.submission_scores(course, lesson).items():
        is_there = scores and submissions.can_name_a_folder(student)
        stored = records.stored_result(course, student, lesson) if is_there else None
        if stored is None or stored.hash is None:
            continue
        for attempt in reversed(attempts(course, lesson, student)):
            if records.is_result_of(stored, *submissions.read(attempt / notebook)):
                points = sum(scores.scores.values()) - scores.late_penalty
                found[student] = _Before(points, attempt)
                break
    return found

"""The results of a class as the gradebook has them now."""

import logging
import os
from collections.abc import Mapping
from dataclasses import replace

from autograder.building import release
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import extensions, gradebook, notes, records, submissions, verdict
from autograder.grading.gradebook import SubmissionScores
from autograder.grading.lesson import CourseLesson, read_lesson
from autograder.grading.plan import without_points
from autograder.grading.results import (
    TROUBLES,
    Arrived,
    ClassResult,
    Status,
    SubmissionResult,
    Why,
    status_without_trouble,
)
from autograder.messages import _
from autograder.names import look_alikes

_log = logging.getLogger("autograder")


def results(course: CourseFolder, name: str) -> ClassResult:
    """Return a lesson's results for everybody in the gradebook, with the scores there.

    A person may have changed a score in the formgrader since the lesson was graded. What is in
    submitted/ but not graded yet is `not_graded`, or has the earlier attempt's verdict and a note.
    As long as nothing is graded, a lesson has no results.
    """
    lesson = read_lesson(course, name)
    due = extensions.read_extensions(course, name)
    graded = gradebook.students_with_scores(course, name)
    extensions.apply(course, name, due, graded)  # to the scores as they are now
    recorded = gradebook.submission_scores(course, name)
    if not any(recorded.values()):
        return ClassResult(name, [])
    there = _students(course, name)
    kept = {
        student: records.stored_result(course, student, name) for student in there | set(recorded)
    }
    known = {
        student: _known_result(lesson, student, stored, recorded.get(student))
        for student, stored in kept.items()
    }
    arrived = _arrived(course, name, there, graded, kept.get)
    newer = {
        student: notes.handed_in_again(name)
        for student, why in arrived.to_grade.items()
        if why == Why.RESUBMITTED
    }
    newer |= {student: notes.not_gradable(why) for student, why in arrived.not_gradable.items()}
    for student, note in newer.items():
        known[student] = replace(known[student].with_note(note), needs_review=True)
    return replace(of_class(name, with_scores(lesson, known, recorded)), arrived=arrived)


def arrived(course: CourseFolder, name: str) -> Arrived:
    """Return what was handed in, for the first time or again, after the last grading."""
    graded = gradebook.students_with_scores(course, name)

    def stored(student):
        return records.stored_result(course, student, name)

    return _arrived(course, name, _students(course, name), graded, stored)


def _arrived(course, name, students, graded, stored_of):
    found, notebook = Arrived(), course.notebook(name).name
    for student in sorted(students):
        place = submissions.find(course.submissions, student, name, notebook)
        if student not in graded:
            if place.path:
                found.to_grade[student] = Why.NEW
        elif why := place.why_not_gradable:
            found.not_gradable[student] = why
        elif place.path:
            stored = stored_of(student)
            if stored and not records.is_of_submission(stored, place.path):
                found.to_grade[student] = Why.RESUBMITTED
    return found


def nothing_graded(lesson: str) -> str:
    """Return the sentence for a lesson of which nothing is graded yet."""
    said = _("Nothing is graded yet: run `autograder grade {lesson}` first.")
    return said.format(lesson=lesson)


def with_scores(
    lesson: CourseLesson,
    results: Mapping[str, SubmissionResult],
    recorded: Mapping[str, SubmissionScores | None],
) -> dict[str, SubmissionResult]:
    """Return these results, by student, with the gradebook's scores where there are any."""
    blank = _blank(lesson)
    return {
        student: _with_scores(result, recorded.get(student) if result.has_score else None, blank)
        for student, result in results.items()
    }


def of_class(lesson: str, results: Mapping[str, SubmissionResult]) -> ClassResult:
    """Return the results by student; names that look the same get a note about it."""
    alike = look_alikes(results)
    submissions = [
        results[student].with_note(notes.look_alike(alike[student]))
        if student in alike
        else results[student]
        for student in sorted(results)
    ]
    return ClassResult(lesson, submissions)


def _students(course, name):
    """Everybody who has a folder; if folders cannot be listed, warn and do without."""
    try:
        return submissions.students(course.submissions, name)
    except CourseError as error:
        _log.warning("%s", error)
        return set()


def _known_result(lesson, student, stored, recorded):
    """What is known of a student's result, without the gradebook's scores."""
    if stored:
        return stored.result
    if recorded:
        return _from_points(lesson, student, recorded)
    place = submissions.find(lesson.course.submissions, student, lesson.name, lesson.notebook_name)
    if place.missing:
        result = without_points(lesson, student, Status.NOT_SUBMITTED, place.missing)
        return replace(result, needs_review=place.holds_others)
    message = place.obstacle or _("It is not graded yet.")
    return without_points(lesson, student, Status.NOT_GRADED, message)


def _blank(lesson):
    """The exercises of a lesson as they are before anything is run."""
    return verdict.not_run(release.from_text(lesson.source), Status.FAILED)


def _with_scores(result, recorded, blank):
    """The result with the gradebook's scores in place of those that were written into it.

    An exercise that the lesson no longer has is in an older result, but not in the gradebook; a new
    one is only in the gradebook.
    """
    if not recorded:
        return result
    new = {
        name: _not_in_older(exercise, name in recorded.to_mark, result.refusal)
        for name, exercise in blank.items()
        if name in recorded.scores and name not in result.exercises
    }
    found = result.exercises | new
    exercises = {
        name: _with_score(found[name], name, recorded)
        for name in dict.fromkeys([*blank, *found])
        if name in found and name in recorded.scores
    }
    result = replace(
        result,
        status=result.status
        if result.status in TROUBLES
        else status_without_trouble(exercises.values()),
        exercises=exercises,
        late_penalty=recorded.late_penalty,
        submitted_at=recorded.submitted_at,
    )
    result = replace(result, status=result.shown_as)
    above = {
        name: (recorded.scores[name], recorded.max_scores[name])
        for name in exercises
        if name in recorded.above_maximum
    }
    if not above:
        return result
    return replace(result, needs_review=True).with_note(notes.above_maximum(above))


def _not_in_older(exercise, waits, refusal):
    """The result of an exercise that came into the lesson after a submission was graded."""
    if refusal:
        return replace(exercise, status=Status.ERROR, message=refusal)
    message = _("It was added to the lesson after this was graded.")
    status = Status.NEEDS_MARKING if waits else Status.FAILED
    return replace(exercise, status=status, message=message)


def _with_score(exercise, name, recorded):
    """An exercise with its score in the gradebook; one that waited may have been marked."""
    by_hand = name in recorded.by_hand
    max_score = recorded.max_scores.get(name, exercise.max_score)
    status = exercise.status
    if by_hand and name not in recorded.to_mark and status == Status.NEEDS_MARKING:
        full = recorded.scores[name] >= max_score
        status = Status.PASSED if full else Status.FAILED
    return replace(
        exercise,
        score=recorded.scores[name],
        max_score=max_score,
        status=status,
        by_hand=by_hand,
    )


def _from_points(lesson, student, recorded):
    """A result from points alone: whether a test failed or was never reached is unknown.

    nbgrader itself records no more, and no more is left if result.json is damaged.
    """
    exercises = {
        name: replace(
            exercise,
            status=Status.NEEDS_MARKING
            if name in recorded.to_mark
            else Status.PASSED
            if recorded.scores.get(name) == exercise.max_score
            else Status.FAILED,
        )
        for name, exercise in _blank(lesson).items()
    }
    passed = all(exercise.status == Status.PASSED for exercise in exercises.values())
    status = Status.PASSED if passed else Status.FAILED
    result = SubmissionResult(student, lesson.name, status, exercises)
    if not os.path.lexists(records.result_path(lesson.course, student, lesson.name)):
        return result
    return result.with_note(notes.damaged_result(lesson.name))

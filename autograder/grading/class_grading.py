"""Grade a class: workers run the submissions, and one writer keeps a result of each."""

import contextlib
import logging
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from autograder import systems
from autograder.building import release
from autograder.course_folder import CourseError, CourseFolder, concerns_one_folder
from autograder.grading import (
    class_results,
    cluster,
    extensions,
    gradebook,
    last_table,
    marks_by_hand,
    notes,
    records,
    score_changes,
    submissions,
    worker,
)
from autograder.grading.file_modes import keeps_private
from autograder.grading.lesson import CourseLesson, read_lesson
from autograder.grading.plan import ALL_DUE, HERE, RunSettings, Which, plan_grading, without_points
from autograder.grading.points_table import GivenPoints
from autograder.grading.result_file import VerdictKey
from autograder.grading.results import ClassResult, Status, Why
from autograder.messages import _
from autograder.names import composed, shown
from autograder.sandbox import CannotStart, SandboxUnavailable
from course.messages import speaking

_LARGE = 1_000_000  # bytes of code: with more, a submission is graded by itself, to save memory
_log = logging.getLogger("autograder")


@keeps_private
def grade(
    course: CourseFolder,
    name: str,
    *,
    submitted: Path | None = None,
    settings: RunSettings = HERE,
    which: Which = ALL_DUE,
    progress=lambda results, total: results,
) -> ClassResult:
    """Grade everybody's submission of a lesson and return the results, by student.

    A submission that did not change since it was graded keeps its result, unless `which` says
    otherwise; so does one that is no longer there: its score stands.
    `progress` may wrap the iterator of results, to show how far it is. Raises CourseError.
    """
    systems.check_can_grade()
    submitted = (submitted or course.submissions).resolve()
    read = last_table.read_by_grading(course, name, submitted)
    lesson = read_lesson(course, name, settings.sandbox)
    lesson = replace(lesson, secrets=(*lesson.secrets, str(submitted)))
    due = extensions.read_extensions(course, name)
    changes = gradebook.register_lesson(course, name, release.from_text(lesson.source))
    before = gradebook.submission_scores(course, name)
    plan = plan_grading(lesson, submitted, before, which)
    results, waiting = plan.results, plan.waiting
    _name_as_the_lesson(lesson, plan)
    for student in plan.newcomers:
        gradebook.add_student(course, student)
    for student, (stored, path) in plan.unchanged.items():
        results[student] = records.update(lesson, stored, path)
    everybody = before.keys() | submissions.students(submitted, name)
    strangers = extensions.about_strangers(course, due or (), everybody, submitted)
    if strangers and not which.students:
        _log.warning("%s", strangers)
    graded_before = {student for student, scores in before.items() if scores}
    extensions.apply(course, name, due, graded_before - set(waiting))
    if waiting and settings.scheduler:
        cluster.reach(settings.scheduler)
    are_kept = True
    finished = _finished(lesson, waiting, settings, _that_take_too_much(lesson, plan))
    with _clear_errors(), _alone(lesson) if waiting else contextlib.nullcontext():
        for student, graded, key in progress(finished, len(waiting)):
            path = waiting[student]
            graded = _with_note_on_points_before(lesson, student, graded, before.get(student))
            try:
                results[student] = records.write(lesson, student, path, graded, key)
                are_kept &= graded.keep
            except OSError as error:
                results[student], are_kept = _not_written(lesson, student, error), False
    if just_graded := {student for student in waiting if composed(student) in (due or ())}:
        extensions.apply(course, name, due, just_graded)
    written = last_table.written_by_grading(course, name)
    after = gradebook.submission_scores(course, name)
    noted = {
        student: _with_note_on_marking(result, plan.why.get(student), after.get(student))
        for student, result in results.items()
    }
    is_told_again = strangers or submissions.is_swapped(submitted, name)
    has_all = which == ALL_DUE and are_kept and waiting.keys() <= results.keys()
    is_last = has_all and noted == results and not (is_told_again or plan.kept_older)
    results = class_results.with_scores(lesson, noted, after)
    found = class_results.of_class(name, results)
    if is_last:
        last_table.keep(course, read, written, found)
    return replace(
        found,
        why_graded=plan.why,
        changes=tuple(score_changes.between(before, after, results)),
        kept_older=plan.kept_older,
        lesson_changes=changes,
    )


@contextlib.contextmanager
def _alone(lesson):
    """Say so if another process grades this lesson, too: that is allowed, but wasted.

    Nothing is said where the folder cannot be locked: on NFS, say, or if it cannot be listed.
    """
    import fcntl

    with contextlib.ExitStack() as stack:
        try:
            folder = os.open(lesson.course.notebook(lesson.name).parent, os.O_RDONLY)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = _(
                "Another grader is at work on {lesson}: submissions that both begin are run twice, "
                "which changes no points."
            )
            _log.warning("%s", said.format(lesson=lesson.name))
        except OSError:
            pass
        yield


def _name_as_the_lesson(lesson, plan):
    """Rename notebooks that are accepted under another name: nbgrader finds only the lesson's."""
    for student, path in plan.waiting.items():
        own = path.with_name(lesson.notebook_name)
        if path != own and path.is_file() and not path.is_symlink():
            with contextlib.suppress(OSError):  # a folder that may not be written is read as it is
                path.rename(own)
                plan.waiting[student] = own


def _not_written(lesson, student, error):
    """The result of somebody for whom nothing could be written; raises other errors again."""
    if not concerns_one_folder(error):
        raise error
    said = _("The result could not be written: {reason}.")
    return without_points(lesson, student, Status.ERROR, said.format(reason=shown(str(error))))


def _with_note_on_points_before(lesson, student, graded, recorded):
    """The graded submission with a note if it cannot be graded, and points go with it."""
    if not (graded.result.refusal and recorded):
        return graded
    stored = records.stored_result(lesson.course, student, lesson.name)
    points = sum(recorded.by_test.values())
    points = points or (notes.points_that_were_before(stored.result.notes) if stored else 0)
    if not points:
        return graded
    return replace(graded, result=graded.result.with_note(notes.points_before(points)))


def _with_note_on_marking(result, why, recorded):
    """The result with a note if a person marked a text that may have changed since."""
    if why != Why.RESUBMITTED or not result.has_score or not recorded:
        return result
    names = [name for name in result.to_mark if name in recorded.by_hand.keys() - recorded.to_mark]
    return result.with_note(notes.marked_before(names)) if names else result


@keeps_private
def grade_again(course: CourseFolder, name: str, student: str, path: Path) -> ClassResult:
    """Grade the submission at a path here and now, and return its result. Raises CourseError."""
    systems.check_can_grade()
    lesson = read_lesson(course, name)
    due = extensions.read_extensions(course, name)
    changes = gradebook.register_lesson(course, name, release.from_text(lesson.source))
    if not path.exists():  # it has the name that the lesson's notebook has now
        path = path.with_name(lesson.notebook_name)
    key = records.verdict_key(lesson, path)
    with _clear_errors():
        graded = worker.grade(lesson.sent(), student, _read(lesson, path))
    result = records.write(lesson, student, path, graded, key)
    extensions.apply(course, name, due, [student])
    return ClassResult(name, [result], lesson_changes=changes)


def give_points(
    course: CourseFolder, name: str, given: Collection[GivenPoints], extra: bool = False
) -> None:
    """Write points and comments that a person gave, and the late penalties that follow.

    Raises CourseError, with nothing written, if something cannot be given.
    """
    due = extensions.read_extensions(course, name)
    marks_by_hand.give_points(course, name, given, extra)
    extensions.apply(course, name, due, {row.student for row in given})


def examine(
    lesson: CourseLesson, paths: dict[str, Path], settings: RunSettings
) -> dict[str, tuple[worker.Graded, VerdictKey]]:
    """Grade the notebooks at these paths, by student, and write nothing.

    Returns each graded notebook and its key. Raises CourseError.
    """
    if paths and settings.scheduler:
        cluster.reach(settings.scheduler)
    with _clear_errors():
        return {who: (its, key) for who, its, key in _finished(lesson, paths, settings)}


@contextlib.contextmanager
def _clear_errors():
    """Raise CourseError, with a sentence, where nothing can be graded."""
    try:
        yield
    except SandboxUnavailable as error:
        raise CourseError(_no_walls(error)) from error
    except (CannotStart, worker.OtherVersion) as error:
        raise CourseError(str(error)) from error


def _no_walls(error):
    return _(
        "This machine cannot isolate students' code ({reason}). Grade on Linux with user "
        "namespaces, or pass --no-sandbox (c.Grade.sandbox = False in course_settings.py): then a "
        "submission can read and change whatever you can."
    ).format(reason=error)


def _that_take_too_much(lesson, plan):
    """The students whose unchanged submission is known to take too much even when run by itself."""
    for student, why in plan.why.items():
        stored = records.stored_result(lesson.course, student, lesson.name)
        is_same = (
            why in (Why.CHECKS_CHANGED, Why.LANGUAGE_CHANGED, Why.FORCED) and stored is not None
        )
        if is_same and stored.result.shortage and notes.was_run_again(stored.result.notes):
            yield student


def _finished(lesson, waiting, settings, greedy=()):
    """Each student with the graded submission and the key of its verdict, as they are done.

    What took too much alongside others is run again by itself at the end; what is known to do so
    (`greedy`) is only run then, and so is what holds much code.
    """
    if not waiting:
        return
    scheduler, on_wait = settings.scheduler, settings.on_wait
    sent = lesson.sent(worker.version() if scheduler else "")
    jobs = None if scheduler else min(settings.jobs or cluster.cores(), len(waiting))
    keys = {}

    def read(students, leave_out_large=False):
        for student in students:
            # Before it is read: what changes in between is graded the next time.
            keys[student] = records.verdict_key(lesson, waiting[student])
            submission = _read(lesson, waiting[student])
            if leave_out_large and len(submission.notebook) > _LARGE:
                large[student] = None
            else:
                yield student, submission

    again, large, run_once = dict.fromkeys(greedy), {}, {}
    first = [student for student in waiting if student not in again]
    side_by_side = read(first, leave_out_large=True)
    done = cluster.graded(sent, side_by_side, jobs, scheduler, on_wait) if first else ()
    for student, graded in done:
        has_company = len(first) > 1 and jobs != 1
        if has_company and (shortage := graded.result.shortage):
            again[student], run_once[student] = shortage, graded
        else:
            yield student, graded, keys.pop(student)
    alone = [*again, *large]
    done = cluster.graded(sent, read(alone), 1, scheduler, on_wait) if alone else ()
    for student, graded in done:
        if student in run_once and not waiting[student].exists():
            graded = run_once[student]  # of a file that is gone, there is nothing newer
        elif student in again and (shortage := graded.result.shortage or again[student]):
            note = notes.run_again(shortage, in_vain=graded.result.shortage is not None)
            graded = replace(graded, result=graded.result.with_note(note))
        yield student, graded, keys.pop(student)


def _read(lesson, path):
    """The submission; what is said of it is in the language of the lesson."""
    with speaking(lesson.language):
        return submissions.read(path)

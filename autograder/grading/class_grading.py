"""Grade a class: workers run the submissions, and one writer keeps a result of each."""

import contextlib
import copy
import hashlib
import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from autograder import systems
from autograder.building import release
from autograder.course_folder import CourseError, CourseFolder, concerns_one_folder
from autograder.grading import cluster, gradebook, result_file, submissions, verdict, worker
from autograder.grading.private_places import private_places
from autograder.grading.results import ClassResult, Note, Status, SubmissionResult
from autograder.grading.submission_time import in_nbgraders_form
from autograder.grading.worker import Graded
from autograder.names import look_alikes, shown, writable
from autograder.sandbox import CannotStart, SandboxUnavailable
from autograder.sandbox.outside import pool
from course.files import write_atomically

_log = logging.getLogger("autograder")
_NO_WALLS = (
    "This machine cannot wall off what students wrote ({}). Grade on Linux with user namespaces, "
    "or say --no-sandbox (c.Grade.sandbox = False in nbgrader_config.py): then a submission can "
    "read and change what you can."
)


@dataclass(frozen=True)
class Lesson(worker.Lesson):
    """A lesson, and where it is in the course: this part stays here."""

    course: CourseFolder = None
    path: Path = None
    engine_hash: str = ""
    time_zone: str = "UTC"  # in which nbgrader writes when something was handed in

    def sent(self, version="") -> worker.Lesson:
        """What the workers get of it."""
        names = worker.Lesson.__dataclass_fields__
        values = {name: getattr(self, name) for name in names}
        return worker.Lesson(**values | {"version": version})


def grade(
    course: CourseFolder,
    name: str,
    *,
    submitted: Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    sandbox: bool | None = None,
    force: bool = False,
    progress=lambda results, total: results,
) -> ClassResult:
    """Grade everybody's submission of a lesson and return the results, by student.

    A submission that did not change since it was graded keeps its result, unless `force`; so does
    one that is no longer there: its marks stand.
    `progress` may wrap the iterator of results, to show how far it is. Raises CourseError.
    """
    _can_grade()
    submitted = (submitted or course.root / "submitted").resolve()
    lesson = _lesson(course, name, sandbox)
    lesson = replace(lesson, secrets=(*lesson.secrets, str(submitted)))
    gradebook.register_lesson(course, name, _notebook(lesson.source))
    enrolled = set(gradebook.students(course))
    marked = gradebook.graded(course, name)
    results, waiting = {}, []
    for student in sorted(submissions.students(submitted, name) | enrolled):
        place = submissions.find(submitted, student, name, lesson.notebook_name)
        may_stand = student in marked and not force
        stored = _stored(course, student, name) if may_stand else None
        if place.obstacle:
            kept = " The marks from before stand." if student in marked else ""
            results[student] = _without_marks(lesson, student, Status.ERROR, place.obstacle + kept)
        elif stored and (place.path is None or _is_unchanged(lesson, stored, place.path)):
            results[student] = stored.result
        elif place.path is None:
            results[student] = _without_marks(lesson, student, Status.NOT_SUBMITTED, place.missing)
            if student not in enrolled:
                gradebook.add_student(course, student)
        else:
            waiting.append((student, place.path))
    gradebook.assign_late_penalties(course, name, marked - {student for student, _ in waiting})
    if waiting and scheduler:
        cluster.reach(scheduler)
    hashes = {}
    finished = _finished(lesson, waiting, hashes, jobs, scheduler)
    paths = dict(waiting)
    try:
        for student, graded in progress(finished, len(waiting)):
            try:
                results[student] = write(
                    lesson, student, paths[student], graded, hashes.pop(student)
                )
            except OSError as error:
                if not concerns_one_folder(error):
                    raise
                words = f"The result could not be written: {shown(str(error))}."
                results[student] = _without_marks(lesson, student, Status.ERROR, words)
    except SandboxUnavailable as error:
        raise CourseError(_NO_WALLS.format(error)) from error
    except (CannotStart, worker.OtherVersion) as error:
        raise CourseError(str(error)) from error
    return _class_result(name, results)


def _class_result(lesson, results):
    """The results by student; of names that look the same, each has a note about it."""
    alike = look_alikes(results)
    submissions = [
        _with_note(
            results[student],
            "look_alike",
            f"Names that look the same: {', '.join(map(ascii, alike[student]))}. "
            "If this is one person, keep one of the folders.",
        )
        if student in alike
        else results[student]
        for student in sorted(results)
    ]
    return ClassResult(lesson, submissions)


def _with_note(result, kind, text):
    return replace(result, notes=(*result.notes, Note(kind, text)))


def grade_again(course: CourseFolder, name: str, student: str, path: Path) -> SubmissionResult:
    """Grade the submission at a path here and now, and return the result. Raises CourseError."""
    _can_grade()
    lesson = _lesson(course, name)
    gradebook.register_lesson(course, name, _notebook(lesson.source))
    submission = submissions.read(path)
    try:
        graded = worker.grade(lesson.sent(), student, *submission)
    except SandboxUnavailable as error:
        raise CourseError(_NO_WALLS.format(error)) from error
    except CannotStart as error:
        raise CourseError(str(error)) from error
    return write(lesson, student, path, graded, _hash(lesson, path, *submission))


def _can_grade():
    if trouble := systems.no_grading():
        raise CourseError(trouble)


def _finished(lesson, waiting, hashes, jobs, scheduler):
    """Each student and what became of the submission, as they are done; notes each one's hash."""

    def read():
        for student, path in waiting:
            submission = submissions.read(path)
            hashes[student] = _hash(lesson, path, *submission)
            yield student, *submission

    if waiting:
        jobs = min(jobs or cluster.cores(), len(waiting))
        sent = lesson.sent(worker.version() if scheduler else "")
        yield from cluster.graded(sent, read(), jobs, scheduler)


def results(course: CourseFolder, name: str) -> ClassResult:
    """The results of a lesson for everybody in the gradebook, with the scores that stand there.

    A person may have changed a score in the formgrader since the lesson was graded. What lies in
    submitted/ and was not graded yet is `not_graded`. There are no results of a lesson of which
    nothing is graded.
    """
    lesson = _lesson(course, name)
    marks = gradebook.marks(course, name)
    if not any(marks.values()):
        return ClassResult(name, [])
    found = {}
    for student in _students(course, name) | set(marks):
        result = _known_result(lesson, student, marks.get(student))
        found[student] = _with_marks(result, marks.get(student))
    return _class_result(name, found)


def _students(course, name):
    """Everybody who has a folder; if nobody can look, that is said, and the marks are enough."""
    try:
        return submissions.students(course.root / "submitted", name)
    except CourseError as error:
        _log.warning("%s", error)
        return set()


def _known_result(lesson, student, marks):
    """What is known of a student's result, without the gradebook's marks."""
    if stored := _stored(lesson.course, student, lesson.name):
        return stored.result
    if marks:
        return _from_points(lesson, student, marks)
    place = submissions.find(
        lesson.course.root / "submitted", student, lesson.name, lesson.notebook_name
    )
    if place.missing:
        return _without_marks(lesson, student, Status.NOT_SUBMITTED, place.missing)
    message = place.obstacle or "It is not graded yet."
    return _without_marks(lesson, student, Status.NOT_GRADED, message)


def _with_marks(result, marks):
    """The result with the gradebook's scores in place of those that were written into it."""
    if not marks:
        return result
    exercises = {
        name: replace(exercise, score=marks.scores.get(name, exercise.score))
        for name, exercise in result.exercises.items()
    }
    return replace(
        result,
        exercises=exercises,
        late_penalty=marks.late_penalty,
        submitted_at=marks.submitted_at,
    )


def _from_points(lesson, student, marks):
    """A result from nothing but points: whether a test failed or was never reached is unknown.

    That is all that nbgrader itself writes down, or that is left if result.json is damaged.
    """
    exercises = {
        name: replace(
            exercise,
            status=Status.PASSED if marks.scores.get(name) == exercise.max_score else Status.FAILED,
        )
        for name, exercise in verdict.not_run(_notebook(lesson.source), Status.FAILED).items()
    }
    passed = all(exercise.status == Status.PASSED for exercise in exercises.values())
    status = Status.PASSED if passed else Status.FAILED
    result = SubmissionResult(student, lesson.name, status, exercises)
    if not os.path.lexists(_result_path(lesson.course, student, lesson.name)):
        return result
    return _with_note(
        result,
        "damaged_result",
        "The file result.json of this submission is damaged. The points are right, as they come "
        f"from the gradebook; `autograder grade {lesson.name}` brings the messages back.",
    )


def _lesson(course, name, sandbox=None) -> Lesson:
    path = course.notebook(name)
    config = course.config()
    walls, limits = pool.settings(config, sandbox)
    source = nbformat.read(path, as_version=4)
    return Lesson(
        course=course,
        name=name,
        path=path,
        notebook_name=path.name,
        source=nbformat.writes(release.prepared(copy.deepcopy(source))),
        released=nbformat.writes(release.release_notebook(path)),
        files=_files(path.parent),
        cell_timeout=config.Execute.get("timeout", 120),
        timeout=config.Grade.get("timeout", 900),
        limits=limits,
        walls=walls,
        secrets=private_places(course),
        others=_others(course, name),
        engine_hash=_engine_hash(),
        time_zone=config.Exchange.get("timezone", "UTC"),
    )


def _others(course, lesson) -> dict:
    """The exercises of the other lessons, by the lessons' names; none of one that is damaged."""
    found = {}
    for name in course.lessons():
        with contextlib.suppress(CourseError, OSError, ValueError, KeyError):
            found[name] = release.exercises_of(course.notebook(name))
    return {name: exercises for name, exercises in found.items() if exercises and name != lesson}


def _files(folder) -> dict:
    """What lies beside the instructor's notebook, by its path there."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    named = {path.relative_to(folder): path for path in paths if path.suffix != ".ipynb"}
    return {
        str(name): path.read_bytes()
        for name, path in named.items()
        if not any(part.startswith((".", "__pycache__")) for part in name.parts)
    }


def _notebook(text):
    return nbformat.reads(text, as_version=4)


def _without_marks(lesson, student, status, message):
    exercises = verdict.not_run(_notebook(lesson.source), status, message)
    return SubmissionResult(writable(student), lesson.name, status, exercises)


# What is kept of a result -------------------------------------------------------------------------


def _result_path(course, student, name):
    return course.autograded(student, name) / "result.json"


def _engine_hash() -> str:
    return worker.version()


def _hash(lesson, path, content, files):
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


def _is_unchanged(lesson, stored, path):
    """Whether what is handed in now is what a stored result is the result of."""
    return stored.hash == _hash(lesson, path, *submissions.read(path))


def _stored(course, student, name):
    """What `write` has kept of a student's result, or None."""
    stored = result_file.read(_result_path(course, student, name))
    return stored if stored and stored.result.student == student else None


def write(lesson: Lesson, student: str, path: Path, graded: Graded, content_hash: str):
    """The one place where marks and graded notebooks are written.

    The hash, which says that it is done, comes last: who is stopped before it grades this one
    again.
    """
    submitted_at = submissions.submitted_at(path, lesson.time_zone)
    result = graded.result
    if submitted_at.unreadable:
        result = _with_note(result, "unreadable_time", submitted_at.unreadable)
    with gradebook.alone(lesson.course):
        folder = lesson.course.autograded(student, lesson.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").unlink(missing_ok=True)
        gradebook.write(
            lesson.course,
            lesson.name,
            student,
            _notebook(graded.notebook),
            graded.result.exercises,
            _notebook(lesson.released),
            submitted_at.when,
        )
        write_atomically(folder / lesson.notebook_name, graded.notebook)
        _put(folder / "timestamp.txt", in_nbgraders_form(submitted_at.when))
        # nbgrader finds by it whose page it is, in the exchange.
        _put(folder / "submission_secret.txt", submissions.secret(path))
        content_hash = content_hash if graded.keep else None
        result_file.write(folder / "result.json", result_file.Kept(content_hash, result))
    return result


def _put(path, text):
    """Write a file that is not there if there is nothing to say."""
    if text:
        write_atomically(path, text)
    else:
        path.unlink(missing_ok=True)

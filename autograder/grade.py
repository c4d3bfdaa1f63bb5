"""Grade a class: workers run the submissions, and one writer keeps a result of each."""

import copy
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import build, cluster, gradebook, sanitise, systems, verdict, worker
from autograder.course_folder import CourseError, CourseFolder
from autograder.sandbox import NoWalls, ready
from autograder.worker import Graded, result_of

STATUSES = [
    *("passed", "failed", "unsolved", "error", "timed_out", "out_of_memory", "crashed"),
    *("tampered", "not_submitted"),
]
# With one of these, a submission as a whole could not be graded as it should have been.
NOT_GRADED = ("error", "timed_out", "out_of_memory", "crashed", "tampered")

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
) -> list[dict]:
    """Grade everybody's submission of a lesson and return the results, by student.

    A submission that did not change since it was graded keeps its result, unless `force`; so does
    one that is no longer there: its marks stand.
    `progress` may wrap the iterator of results, to show how far it is. Raises CourseError.
    """
    _can_grade()
    lesson = _lesson(course, name, sandbox)
    submitted = (submitted or course.root / "submitted").resolve()
    gradebook.register_lesson(course, name, _notebook(lesson.source))
    marked = set() if force else gradebook.graded(course, name)
    results, waiting = {}, []
    for student in _students(course, submitted):
        path = _submission(submitted / student / name, lesson.notebook_name)
        if path is None and student in marked and (stored := _stored(lesson, student)):
            results[student] = stored["result"]
        elif path is None:
            results[student] = _not_submitted(lesson, student, submitted / student / name)
            gradebook.add_student(course, student)
        elif student in marked and (kept := _kept(lesson, student, path)):
            results[student] = kept
        else:
            waiting.append((student, path))
    if waiting and scheduler:
        cluster.reach(scheduler)
    hashes = {}
    finished = _finished(lesson, waiting, hashes, jobs, scheduler)
    paths = dict(waiting)
    try:
        for student, graded in progress(finished, len(waiting)):
            write(lesson, student, paths[student], graded, hashes.pop(student))
            results[student] = graded.result
    except NoWalls as error:
        raise CourseError(_NO_WALLS.format(error)) from error
    except worker.OtherVersion as error:
        raise CourseError(str(error)) from error
    return [results[student] for student in sorted(results)]


def grade_again(course: CourseFolder, name: str, student: str, path: Path) -> dict:
    """Grade the submission at a path here and now, and return the result. Raises CourseError."""
    _can_grade()
    lesson = _lesson(course, name)
    gradebook.register_lesson(course, name, _notebook(lesson.source))
    submission = _submitted(path)
    try:
        graded = worker.grade(lesson.sent(), student, *submission)
    except NoWalls as error:
        raise CourseError(_NO_WALLS.format(error)) from error
    write(lesson, student, path, graded, _hash(lesson, path, *submission))
    return graded.result


def _can_grade():
    if trouble := systems.no_grading():
        raise CourseError(trouble)


def _finished(lesson, waiting, hashes, jobs, scheduler):
    """Each student and what became of the submission, as they are done; notes each one's hash."""

    def submissions():
        for student, path in waiting:
            submission = _submitted(path)
            hashes[student] = _hash(lesson, path, *submission)
            yield student, *submission

    if waiting:
        jobs = min(jobs or cluster.cores(), len(waiting))
        sent = lesson.sent(worker.version() if scheduler else "")
        yield from cluster.graded(sent, submissions(), jobs, scheduler)


def _submitted(path) -> tuple[bytes | str, dict]:
    """What was submitted, or a sentence about why it cannot be read; and the files beside it."""
    if path.parent.is_symlink():  # like a file: it could be the folder of somebody else
        return "The folder is only a link to another folder.", {}
    try:
        return sanitise.content(path), sanitise.beside(path)
    except sanitise.Unreadable as error:
        return str(error), {}


def results(course: CourseFolder, name: str) -> list[dict]:
    """The results of a lesson for everybody in the gradebook, with the scores that stand there.

    A person may have changed a score in the formgrader since the lesson was graded. Each result
    also has its `late_penalty`, `score_after_penalty`, `submitted_at` (UTC, or empty), and
    `exercise_seconds` where these are known. What lies in submitted/ and was not graded yet is
    `not_graded`. There are no results of a lesson of which nothing is graded.
    """
    lesson = _lesson(course, name)
    submitted = course.root / "submitted"
    all_marks = gradebook.marks(course, name)
    found = []
    for student in _students(course, submitted) if any(all_marks.values()) else ():
        marks = all_marks.get(student)
        path = _result_path(course, student, name)
        seconds = {}
        if path.is_file():
            stored = json.loads(path.read_text(encoding="utf-8"))
            result, seconds = stored["result"], stored.get("seconds", {})
        elif marks:  # graded by nbgrader itself, which knows points alone
            result = _graded_by_nbgrader(lesson, student, marks)
        elif _submission(submitted / student / name, lesson.notebook_name):
            result = _without_marks(lesson, student, "not_graded", "It is not graded yet.")
        else:
            result = _not_submitted(lesson, student, submitted / student / name)
        found.append(_with_marks(result, marks) | {"exercise_seconds": seconds})
    return found


def _with_marks(result, marks):
    """The result with the gradebook's scores in place of those that were written into it."""
    scores = marks["scores"] if marks else {}
    for name, exercise in result["exercises"].items():
        exercise["score"] = scores.get(name, exercise["score"])
    result["score"] = sum(exercise["score"] for exercise in result["exercises"].values())
    result["late_penalty"] = marks["late_penalty"] if marks else 0.0
    result["score_after_penalty"] = result["score"] - result["late_penalty"]
    result["submitted_at"] = marks["submitted_at"] if marks else ""
    return result


def _graded_by_nbgrader(lesson, student, marks):
    """A result from nothing but points: whether a test failed or was never reached is unknown."""
    exercises = verdict.exercises(_notebook(lesson.source), status="failed")
    for name, exercise in exercises.items():
        if marks["scores"].get(name) == exercise["max_score"]:
            exercise["status"] = "passed"
    passed = all(exercise["status"] == "passed" for exercise in exercises.values())
    return result_of(lesson, student, "passed" if passed else "failed", exercises)


def _lesson(course, name, sandbox=None) -> Lesson:
    path = course.notebook(name)
    config = course.config()
    walls, limits = ready.settings(config, sandbox)
    source = nbformat.read(path, as_version=4)
    return Lesson(
        course=course,
        name=name,
        path=path,
        notebook_name=path.name,
        source=nbformat.writes(build.prepared(copy.deepcopy(source))),
        released=nbformat.writes(build.release_notebook(path)),
        files=_files(path.parent),
        cell_timeout=config.Execute.get("timeout", 120),
        timeout=config.Grade.get("timeout", 900),
        limits=limits,
        walls=walls,
        secrets=(str(course.root),),
        engine_hash=_engine_hash(),
    )


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


def _students(course, submitted):
    """Everybody of whom there is a folder or a name in the gradebook."""
    folders = {path.name for path in submitted.glob("*/") if path.is_dir()}
    hidden = {name for name in folders if name.startswith(".")}
    return sorted(folders - hidden | set(gradebook.students(course)))


def _submission(folder: Path, name: str) -> Path | None:
    """What was submitted: the notebook of this name, or the only one, which a browser renamed."""
    if os.path.lexists(folder / name):
        return folder / name
    others = _notebooks(folder)
    return others[0] if len(others) == 1 else None


def _notebooks(folder):
    return [path for path in folder.glob("*.ipynb") if not path.name.startswith(".")]


def _not_submitted(lesson, student, folder):
    """Without a notebook of the lesson's name; if there are others, they are named."""
    others = ", ".join(sorted(path.name for path in _notebooks(folder)))
    found = f", but {others}: one of them has to get its name." if others else "."
    for other in folder.parent.glob("*/"):
        if other.name.casefold() == folder.name.casefold() and other != folder:
            found = f": the folder {other.name} has to be called {folder.name}."
    message = f"There is no {lesson.notebook_name}{found}"
    return _without_marks(lesson, student, "not_submitted", message)


def _without_marks(lesson, student, status, message):
    exercises = verdict.exercises(_notebook(lesson.source), status=status, message=message)
    return result_of(lesson, student, status, exercises)


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
    handed_in = (_text_beside(path, "timestamp.txt") or "").encode()
    digest = hashlib.sha256(repr((lesson.cell_timeout, lesson.timeout, lesson.limits)).encode())
    for part in (lesson.engine_hash.encode(), lesson.path.read_bytes(), content, handed_in):
        digest.update(hashlib.sha256(part).digest())
    for name, data in [*lesson.files.items(), *sorted(files.items())]:
        digest.update(hashlib.sha256(os.fsencode(name) + data).digest())
    return digest.hexdigest()


def _kept(lesson, student, path):
    """The result of an unchanged submission, or None."""
    stored = _stored(lesson, student)
    same = stored is not None and stored["hash"] == _hash(lesson, path, *_submitted(path))
    return stored["result"] if same else None


def _stored(lesson, student):
    """What `write` has kept of a student's result, or None."""
    try:
        stored = json.loads(_result_path(lesson.course, student, lesson.name).read_text("utf-8"))
        return stored if {"hash", "result"} <= set(stored) else None
    except (OSError, ValueError, TypeError):
        return None


def write(lesson: Lesson, student: str, path: Path, graded: Graded, content_hash: str):
    """The one place where marks and graded notebooks are written.

    The hash, which says that it is done, comes last: who is stopped before it grades this one
    again.
    """
    timestamp = _text_beside(path, "timestamp.txt")
    with gradebook.alone(lesson.course):
        folder = lesson.course.autograded(student, lesson.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").unlink(missing_ok=True)
        gradebook.write(
            lesson.course,
            lesson.name,
            student,
            _notebook(graded.notebook),
            graded.result["exercises"],
            _notebook(lesson.released),
            timestamp,
        )
        _replace(folder / lesson.notebook_name, graded.notebook)
        if timestamp:
            _replace(folder / "timestamp.txt", timestamp)
        secret = _text_beside(path, "submission_secret.txt")
        if secret:  # nbgrader finds by it whose page it is, in the exchange
            _replace(folder / "submission_secret.txt", secret)
        stored = {
            "hash": content_hash if graded.keep else None,
            "result": graded.result,
            "seconds": graded.seconds,
        }
        _replace(folder / "result.json", json.dumps(stored, indent=1))


def _text_beside(path, name):
    """What nbgrader put beside a submission, or None; a link could lead to somebody else's."""
    beside = path.parent / name
    if path.parent.is_symlink() or beside.is_symlink() or not beside.is_file():
        return None
    return beside.read_text(encoding="utf-8", errors="replace")[:1000]


def _replace(path, text):
    """Write a file as a whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)

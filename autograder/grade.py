"""Grade a class: each submission in a process of its own, one writer, one result each."""

import copy
import hashlib
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import build, engine, gradebook, sanitise, verdict
from autograder.course_folder import CourseFolder

STATUSES = ["passed", "failed", "unsolved", "error", "timed_out", "crashed", "not_submitted"]
# With one of these, a submission as a whole could not be graded as it should have been.
NOT_GRADED = ("error", "timed_out", "crashed")


@dataclass(frozen=True)
class Lesson:
    """What grading needs to know of a lesson, read once for the whole class."""

    course: CourseFolder
    name: str
    path: Path
    source: nbformat.NotebookNode
    released: nbformat.NotebookNode
    cell_timeout: float
    timeout: float
    engine_hash: bytes


def grade(
    course: CourseFolder,
    name: str,
    *,
    submitted: Path | None = None,
    jobs: int | None = None,
    force: bool = False,
    progress=lambda results, total: results,
) -> list[dict]:
    """Grade everybody's submission of a lesson and return the results, by student.

    A submission that did not change since it was graded keeps its result, unless `force`.
    `progress` may wrap the iterator of results, to show how far it is.
    """
    lesson = _lesson(course, name)
    submitted = (submitted or course.root / "submitted").resolve()
    gradebook.register_lesson(course, name, lesson.source)
    results, waiting = {}, {}
    for student in _students(course, submitted):
        path = submitted / student / name / lesson.path.name
        if not path.is_file():
            results[student] = _not_submitted(lesson, student)
            gradebook.add_student(course, student)
            continue
        content = path.read_bytes()
        kept = None if force else _kept(lesson, student, content)
        if kept:
            results[student] = kept
        else:
            waiting[student] = path, content
    with tempfile.TemporaryDirectory(prefix="caches-") as caches:
        if waiting:
            engine.fill_caches(Path(caches))
        with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            running = {
                pool.submit(grade_one, lesson, student, content, Path(caches)): student
                for student, (_, content) in waiting.items()
            }
            finished = ((running[done], done.result()) for done in as_completed(running))
            try:
                for student, (result, notebook, keep) in progress(finished, len(running)):
                    path, content = waiting[student]
                    _write(lesson, student, path, content if keep else None, result, notebook)
                    results[student] = result
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                engine.stop_all()
                raise
    return [results[student] for student in sorted(results)]


def grade_one(lesson: Lesson, student: str, content: bytes, caches: Path):
    """Grade one submission, which arrives as bytes.

    Return its result, the graded notebook, and whether to keep them until the submission changes:
    not so if the grader itself had trouble. Raises nothing, as the class must go on.
    """
    started = time.monotonic()
    outcome, keep = None, True
    try:
        notebook = sanitise.sanitise(sanitise.read(content), lesson.source)
    except Exception as error:
        keep = isinstance(error, sanitise.Unreadable)
        message = str(error) if keep else f"The grader could not prepare it: {error!r}"
        notebook = _notice(lesson, message)
        exercises = verdict.exercises(notebook, message=message)
        status = "error"
    else:
        try:
            outcome = engine.run(
                notebook,
                lesson.path.parent,
                cell_timeout=lesson.cell_timeout,
                timeout=lesson.timeout,
                caches=caches,
            )
        except OSError as error:
            outcome = engine.Outcome(trouble=str(error))
        exercises = verdict.exercises(notebook, outcome)
        status = verdict.overall(exercises, outcome)
        keep = outcome.end != "broken"
        if outcome.trouble:
            for exercise in exercises.values():
                if exercise["status"] == "error":
                    exercise["message"] += f" ({outcome.trouble})"
    notebook = verdict.graded_notebook(notebook, outcome, exercises)
    result = _result(lesson, student, status, exercises, time.monotonic() - started)
    return result, notebook, keep


def results(course: CourseFolder, name: str) -> list[dict]:
    """The results of a lesson for everybody in the gradebook, with the scores that stand there.

    A person may have changed a score in the formgrader since the lesson was graded. Each result
    also has its `late_penalty`, `score_after_penalty` and `submitted_at` (UTC, or empty).
    """
    lesson = _lesson(course, name)
    found = []
    for student, marks in gradebook.marks(course, name).items():
        path = _result_path(course, student, name)
        if path.is_file():
            result = json.loads(path.read_text(encoding="utf-8"))["result"]
        elif marks:  # graded by nbgrader itself, which knows points alone
            result = _graded_by_nbgrader(lesson, student, marks)
        else:
            result = _not_submitted(lesson, student)
        found.append(_with_marks(result, marks))
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
    exercises = verdict.exercises(lesson.source, status="failed")
    for name, exercise in exercises.items():
        if marks["scores"].get(name) == exercise["max_score"]:
            exercise["status"] = "passed"
    passed = all(exercise["status"] == "passed" for exercise in exercises.values())
    return _result(lesson, student, "passed" if passed else "failed", exercises)


def _lesson(course, name):
    path = course.notebook(name)
    config = course.config()
    source = nbformat.read(path, as_version=4)
    return Lesson(
        course=course,
        name=name,
        path=path,
        source=build.prepared(copy.deepcopy(source)),
        released=build.release_notebook(path),
        cell_timeout=config.Execute.get("timeout", 120),
        timeout=config.Grade.get("timeout", 900),
        engine_hash=_engine_hash(),
    )


def _students(course, submitted):
    """Everybody of whom there is a folder or a name in the gradebook."""
    folders = {path.name for path in submitted.glob("*/") if path.is_dir()}
    hidden = {name for name in folders if name.startswith(".")}
    return sorted(folders - hidden | set(gradebook.students(course)))


def _result(lesson, student, status, exercises, seconds=0.0):
    return {
        "student": student,
        "lesson": lesson.name,
        "score": sum(exercise["score"] for exercise in exercises.values()),
        "max_score": sum(exercise["max_score"] for exercise in exercises.values()),
        "status": status,
        "seconds": round(seconds, 2),
        "exercises": exercises,
    }


def _not_submitted(lesson, student):
    status, message = "not_submitted", f"There is no {lesson.path.name}."
    exercises = verdict.exercises(lesson.source, status=status, message=message)
    return _result(lesson, student, status, exercises)


def _notice(lesson, sentence):
    """In place of a submission that cannot be read: the blank notebook, and why."""
    notebook = sanitise.sanitise(lesson.released, lesson.source)
    text = f"**This submission could not be graded.** {sentence}"
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="not-graded"))
    return notebook


# What is kept of a result -------------------------------------------------------------------------


def _result_path(course, student, name):
    return course.autograded(student, name) / "result.json"


def _engine_hash() -> bytes:
    """Changes with what makes a verdict: checks, examinations, and the grading itself."""
    import course.check
    from autograder import worker

    digest = hashlib.sha256()
    folders = [Path(course.check.__file__).parent, Path(__file__).parent / "exam"]
    paths = [Path(module.__file__) for module in (sanitise, engine, worker, verdict)]
    for path in [*paths, *sorted(path for folder in folders for path in folder.rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.digest()


def _hash(lesson, content):
    digest = hashlib.sha256(lesson.engine_hash)
    digest.update(lesson.path.read_bytes())
    digest.update(f"{lesson.cell_timeout} {lesson.timeout} {len(content)} ".encode())
    digest.update(content)
    return digest.hexdigest()


def _kept(lesson, student, content):
    """The result of an unchanged submission, or None."""
    try:
        stored = json.loads(_result_path(lesson.course, student, lesson.name).read_text("utf-8"))
        if stored["hash"] != _hash(lesson, content):
            return None
        result = stored["result"]
    except (OSError, ValueError, KeyError):
        return None
    known = gradebook.has_submission(lesson.course, lesson.name, student)
    return result if known else None


def _write(lesson, student, path, content, result, notebook):
    """The one place where marks and graded notebooks are written; no content, no hash."""
    stamp = path.parent / "timestamp.txt"
    timestamp = stamp.read_text(encoding="utf-8") if stamp.is_file() else None
    gradebook.write(
        lesson.course,
        lesson.name,
        student,
        notebook,
        result["exercises"],
        lesson.released,
        timestamp,
    )
    folder = lesson.course.autograded(student, lesson.name)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / lesson.path.name, build.to_text(notebook))
    if timestamp:
        _replace(folder / "timestamp.txt", timestamp)
    stored = {"hash": content and _hash(lesson, content), "result": result}
    _replace(folder / "result.json", json.dumps(stored, indent=1))


def _replace(path, text):
    """Write a file as a whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)

"""What grading needs to know of a lesson, read from the course's folder."""

import contextlib
import copy
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.building import release
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import worker
from autograder.grading.private_places import private_places
from autograder.sandbox.outside import pool


@dataclass(frozen=True)
class CourseLesson(worker.LessonToGrade):
    """A lesson, and where it is in the course: this part stays here."""

    course: CourseFolder = None
    path: Path = None
    engine_hash: str = ""
    time_zone: str = "UTC"  # in which nbgrader writes when something was handed in

    def sent(self, version="") -> worker.LessonToGrade:
        """What the workers get of it."""
        names = worker.LessonToGrade.__dataclass_fields__
        values = {name: getattr(self, name) for name in names}
        return worker.LessonToGrade(**values | {"version": version})


def read_lesson(course: CourseFolder, name: str, sandbox: bool | None = None) -> CourseLesson:
    """Read what grading needs of a lesson; `sandbox` decides whether there are walls."""
    path = course.notebook(name)
    config = course.config()
    walls, limits = pool.settings(config, sandbox)
    source = nbformat.read(path, as_version=4)
    return CourseLesson(
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
        engine_hash=worker.version(),
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

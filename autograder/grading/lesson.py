"""What grading needs to know of a lesson, read from the course's folder."""

import builtins
import contextlib
import functools
import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from autograder.building import release, translation
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import code_text, dependencies, worker
from autograder.grading.private_places import check_packages, private_places
from autograder.nbgrader_metadata import is_answer, is_locked, is_prose
from autograder.sandbox.examiner.modules import MODULES
from autograder.sandbox.outside import pool
from autograder.sandbox.protocol.cell_marks import mark
from course.messages import languages


@dataclass(frozen=True, kw_only=True)
class CourseLesson(worker.LessonToGrade):
    """A lesson, and where it is in the course: this part is not sent to workers."""

    course: CourseFolder
    path: Path
    time_zone: str = "UTC"  # in which nbgrader writes when something was handed in

    @functools.cached_property
    def verdict_hash(self) -> str:
        """Changes with whatever the verdicts on all submissions depend on.

        The notebook's prose is not part of that: correcting a typo causes no regrading.
        """
        cells = release.from_text(self.source).cells
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        graded = [
            (cell.cell_type, cell.id, cell.metadata, "" if is_prose(cell) else cell.source)
            for cell in cells
        ]
        translated = [
            cell.source
            for _language, (source, _released) in sorted(self.translations.items())
            for cell in release.from_text(source).cells
            if cell.cell_type == "code"
        ]
        limits = replace(self.limits, packages=())  # of packages, the content counts instead
        settings = self.cell_timeout, self.timeout, limits, translated
        digest = hashlib.sha256(dependencies.version_for(code).encode())
        digest.update(dependencies.version_of_packages(code, self.limits.packages).encode())
        digest.update(repr((settings, graded)).encode())
        for name, data in self.files.items():
            digest.update(hashlib.sha256(os.fsencode(name) + data).digest())
        return digest.hexdigest()

    @functools.cached_property
    def verdict_hashes_in_other_languages(self) -> frozenset[str]:
        """What `verdict_hash` would be if the course had another language."""
        others = (code for code in languages() if code != self.language)
        return frozenset(
            replace(self, **_in(self.course, self.path, code)).verdict_hash for code in others
        )

    def sent(self, version="") -> worker.LessonToGrade:
        """Return the part of the lesson that workers need."""
        names = worker.LessonToGrade.__dataclass_fields__
        values = {name: getattr(self, name) for name in names}
        return worker.LessonToGrade(**values | {"version": version})


def read_lesson(course: CourseFolder, name: str, sandbox: bool | None = None) -> CourseLesson:
    """Read what grading needs of a lesson; `sandbox` decides whether there are walls."""
    path = course.notebook(name)
    config = course.config()
    walls, limits = pool.settings(config, sandbox)
    check_packages(course, limits.packages)
    return CourseLesson(
        course=course,
        name=name,
        path=path,
        notebook_name=path.name,
        **_in(course, path, course.language),
        files=_files(path.parent),
        cell_timeout=config.Execute.get("timeout", 120),
        timeout=config.Grade.get("timeout", 900),
        limits=limits,
        walls=walls,
        secrets=private_places(course),
        others=_others(course, name),
        time_zone=config.Exchange.get("timezone", "UTC"),
    )


def _in(course, path, language) -> dict:
    """The fields of a lesson that depend on the language of the course."""
    editions = release.editions(course, path, language)
    texts = {code: _texts(path, edition) for code, edition in editions.items()}
    source, released = texts.pop(language)
    return {
        "source": source,
        "released": released,
        "language": language,
        "translations": texts,
    }


def _texts(path, edition) -> tuple[str, str]:
    """The instructor's notebook and the students', in the language of an edition."""
    released = release.release_notebook(path, edition)  # or the sentences about what is wrong
    source = nbformat.reads(json.dumps(translation.read_source(path, edition)), as_version=4)
    return nbformat.writes(prepared_for_grading(source)), nbformat.writes(released)


def prepared_for_grading(source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the instructor's notebook as workers need it.

    In the metadata of locked cells, `answered` are the names of answers that would mean something
    else there: a function of Python's own, or a module.
    """
    statements = [
        statement
        for cell in source.cells
        if is_answer(cell) and cell.cell_type == "code"
        for statement in code_text.read(cell.source).statements
    ]
    defined = {name for one in statements if not one.is_import for name in one.definitions}
    answered = defined.intersection({*dir(builtins), *MODULES})
    found = release.prepared(source)
    for cell in filter(is_locked, found.cells if answered else ()):
        mark(cell, answered=sorted(answered))
    return found


def _others(course, lesson) -> dict:
    """The exercises of the other lessons, by lesson; damaged lessons are left out."""
    found = {}
    for name in course.lessons():
        with contextlib.suppress(CourseError, OSError, ValueError, KeyError):
            found[name] = release.exercises_of(course.notebook(name))
    return {name: exercises for name, exercises in found.items() if exercises and name != lesson}


def _files(folder) -> dict:
    """The files beside the instructor's notebook, by their paths there."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    named = {path.relative_to(folder): path for path in paths if path.suffix != ".ipynb"}
    return {
        str(name): path.read_bytes()
        for name, path in named.items()
        if not any(part.startswith((".", "__pycache__")) for part in name.parts)
    }

"""The work of a worker: it takes a submission, and returns its result and notebook.

It does not use the course's folder or the gradebook, so it may run on any machine.
"""

import contextlib
import copy
import platform
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat

from autograder.building import release
from autograder.grading import (
    changed_tests,
    dependencies,
    notes,
    parsing,
    placing,
    plain_files,
    surroundings,
    verdict,
)
from autograder.grading.parsing import CannotParse, Submission
from autograder.grading.results import Status, SubmissionResult
from autograder.messages import _
from autograder.nbgrader_metadata import checksums_of_answers, is_test
from autograder.sandbox import CannotStart, Limits
from autograder.sandbox.outside import pool
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.cell_marks import mark
from autograder.sandbox.protocol.events import RunEnd
from course.messages import ENGLISH, speaking

_MAX_LEFT_OUT = 3  # cells that ended the run of a submission: each costs another run


@dataclass(frozen=True)
class LessonToGrade:
    """What grading needs to know of a lesson; read once for a class, and sent with each task."""

    name: str
    notebook_name: str
    source: str  # the instructor's notebook as `lesson.prepared_for_grading` returns it
    released: str  # the notebook as it was handed out
    cell_timeout: float
    timeout: float
    files: dict = field(default_factory=dict)  # beside the notebook: {path: bytes}
    limits: Limits = field(default_factory=Limits)
    walls: bool = True
    secrets: tuple = ()  # folders of this machine that no student's process may see
    others: dict = field(default_factory=dict)  # the exercises of the course's other lessons
    language: str = ENGLISH  # of the notebooks above
    translations: dict = field(default_factory=dict)  # {language: (source, released)}
    version: str = ""  # of the grader that sends this, if the worker's may differ

    def in_language(self, language: str) -> "LessonToGrade":
        """Return the lesson in a submission's language; unchanged if there is no translation."""
        if language not in self.translations:
            return self
        source, released = self.translations[language]
        return replace(self, source=source, released=released, language=language)


@dataclass(frozen=True)
class Graded:
    """A graded submission."""

    result: SubmissionResult
    notebook: bytes
    answers: dict[str, str]  # the checksum of each answer cell, by grade id
    keep: bool  # until the submission changes; False if the grader itself had trouble


class OtherVersion(RuntimeError):
    """A worker does not have the same version of the autograder as the instructor."""


def grade(lesson: LessonToGrade, student: str, submission: Submission) -> Graded:
    """Grade one submission; the lesson's files replace those of the same name.

    Raises only CannotStart and OtherVersion: nothing in a submission stops a class.
    """
    if lesson.version and lesson.version != version():
        said = _(
            "The worker on {machine} has a different version of the autograder. Install the same "
            "one on all machines of the cluster, and start the workers again."
        )
        raise OtherVersion(said.format(machine=platform.node()))
    with speaking(lesson.language):
        if submission.refusal:
            return refused(lesson, student, submission.refusal)
        if submission.trouble:
            return _cannot_prepare(lesson, student, submission.trouble)
        try:
            submitted = parsing.read_notebook(submission.notebook)
        except plain_files.Unreadable as error:
            return refused(lesson, student, str(error))
        except CannotParse as error:
            return _cannot_prepare(lesson, student, str(error))
        except Exception as error:
            return _cannot_prepare(lesson, student, repr(error))
    lesson = lesson.in_language(submitted.metadata.course.language)
    with speaking(lesson.language):
        return grade_notebook(lesson, student, submitted, submission.files)


def grade_notebook(
    lesson: LessonToGrade, student: str, submitted: nbformat.NotebookNode, files: dict
) -> Graded:
    """Grade a submission that could be read, in its language."""
    started = time.monotonic()
    source = release.from_text(lesson.source)
    try:
        changed = changed_tests.find(submitted, release.from_text(lesson.released))
        other = placing.other_lesson(submitted, source, lesson.others)
        placed = placing.place(submitted, source)
    except Exception as error:
        return _cannot_prepare(lesson, student, repr(error))
    about = [notes.other_lesson(lesson.name, other)] if other else []
    if other and not placed.found_by:
        return refused(lesson, student, about[0].text, about=about)
    notebook = placed.notebook
    outcome = _run_to_the_end(lesson, notebook, files)
    exercises = verdict.exercises(notebook, outcome, changed_tests=changed)
    exercises = verdict.with_marked_by_hand(exercises, notebook, source)
    about = notes.of_changed_tests(exercises) + about
    about += notes.of_run(placed, outcome, exercises)
    about += surroundings.of_what_is_not_here(notebook, outcome, exercises)
    passed = submitted.metadata.course.passed
    about += surroundings.of_saved_checks(passed, notebook, exercises, about)
    about += surroundings.of_python(submitted.metadata.course.python, notebook, outcome, exercises)
    about += notes.of_courses_own(notebook, source, exercises)
    about += notes.of_answers_in_files(files, exercises)
    about += notes.of_older_release(submitted, source, exercises)
    about += notes.of_no_points(placed, outcome, exercises, about)
    status = verdict.overall(exercises, outcome, changed)
    result = SubmissionResult(
        student=student,
        lesson=lesson.name,
        language=lesson.language,
        status=status,
        exercises=exercises,
        seconds=time.monotonic() - started,
        notes=tuple(about),
        needs_review=notes.needs_review(about, status),
        exercise_seconds=verdict.seconds(notebook, outcome),
    )
    notebook = verdict.graded_notebook(notebook, outcome, exercises)
    return graded(result, notebook, outcome.end != RunEnd.BROKEN)


def _cannot_prepare(lesson, student, why) -> Graded:
    words = _("The grader could not prepare it: {error}").format(error=why)
    return refused(lesson, student, words, keep=False)


def refused(lesson: LessonToGrade, student: str, sentence: str, keep=True, about=()) -> Graded:
    """Return the result of a submission that cannot be graded: the blank notebook, and why."""
    source = release.from_text(lesson.source)
    notebook = placing.place(release.from_text(lesson.released), source).notebook
    exercises = verdict.not_run(source, Status.ERROR, sentence)
    text = _("**This submission could not be graded.** {reason}").format(reason=sentence)
    notebook = verdict.graded_notebook(notebook, None, exercises)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="not-graded"))
    result = SubmissionResult(
        student=student,
        lesson=lesson.name,
        language=lesson.language,
        status=Status.ERROR,
        exercises=exercises,
        notes=tuple(about),
        needs_review=True,
    )
    return graded(result, notebook, keep)


def graded(result: SubmissionResult, notebook: nbformat.NotebookNode, keep: bool) -> Graded:
    """Return the graded submission, with its notebook as a file's content."""
    return Graded(result, release.to_bytes(notebook), checksums_of_answers(notebook), keep)


def version() -> str:
    """Return a hash of all that makes verdicts: course, checks, examinations, and grading."""
    return dependencies.version_of_all()


def _run_to_the_end(lesson, notebook, files) -> Outcome:
    """Run the notebook; if a test or a student's cell ends the run, run it again without it.

    So a cell in which somebody tried something out, or an answer that ends the process when it is
    examined, costs nothing else. The report on how a left-out cell ended is kept. A run that gets
    no further than the one before does not count.
    """
    started, ended = time.monotonic(), {}
    outcome = _run(lesson, notebook, files)
    while (place := verdict.ended_by(notebook, outcome)) is not None and len(ended) < _MAX_LEFT_OUT:
        ended[place] = outcome.cells[place]
        left = lesson.timeout - (time.monotonic() - started)
        if left < lesson.cell_timeout:
            break
        again = _run(replace(lesson, timeout=left), _without(notebook, ended), files)
        is_done = again.end in (RunEnd.BROKEN, RunEnd.DONE)
        if not is_done and max(again.cells, default=-1) <= place:
            break
        passed = {one: event for one, event in again.cells.items() if event.defined_below}
        outcome = replace(again, cells=again.cells | ended | passed, left_out=frozenset(ended))
    return outcome


def _without(notebook, places):
    """A notebook in which the cells at these places are empty; tests are marked as left out."""
    cells = list(notebook.cells)
    for place in places:
        cell = cells[place] = copy.deepcopy(cells[place])
        if is_test(cell):
            mark(cell, left_out=True)
        else:
            cell.source = ""
    return notebook | {"cells": cells}


def _run(lesson, notebook, files) -> Outcome:
    """Run it; once more if it was killed, since it may not have done that itself."""
    outcome = _run_once(lesson, notebook, files)
    left = lesson.timeout - outcome.seconds
    if outcome.was_killed and left > lesson.timeout / 2:
        return _run_once(replace(lesson, timeout=left), notebook, files)
    return outcome


def _run_once(lesson, notebook, files) -> Outcome:
    """Run it in this process's sandbox, among the lesson's files and these."""
    try:
        with tempfile.TemporaryDirectory(prefix="lesson-", ignore_cleanup_errors=True) as folder:
            for name, data in [*lesson.files.items(), *files.items()]:
                path = Path(folder) / name
                # Of two with the same name, the lesson's own is there first, and stays.
                with contextlib.suppress(FileExistsError, NotADirectoryError):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("xb") as file:
                        file.write(data)
            return pool.sandbox(lesson.walls, lesson.limits).run(
                notebook,
                folder,
                cell_timeout=lesson.cell_timeout,
                timeout=lesson.timeout,
                secrets=[Path(secret) for secret in lesson.secrets],
            )
    except CannotStart:
        raise
    except OSError as error:
        return Outcome(trouble=f"{error}.")

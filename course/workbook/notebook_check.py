"""Find out which exercises of a notebook pass when it is run from top to bottom."""

import ast
import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from course import shadowing
from course.files import temporary_folder
from course.messages import _
from course.workbook import notebooks
from course.workbook.copies import copy_folder
from course.workbook.errors import WorkbookError
from course.workbook.execution import Execution, TimeLimits, execute
from course.workbook.lessons import ReleasedLesson, find_original
from course.workbook.notebooks import GradedExercise


class Reason(enum.Enum):
    """Why an exercise does not pass."""

    NO_CHECK_CELL = enum.auto()
    TIMED_OUT = enum.auto()
    NOT_FINISHED = enum.auto()
    PARTLY_RIGHT = enum.auto()
    ANSWER_STOPPED = enum.auto()
    CHECK_FAILED = enum.auto()


@dataclass(frozen=True)
class CheckedExercise:
    """An exercise after a run: it passed, or there is a reason why not.

    `error` is what its answer cell or its check cell stopped with, as nbformat writes it; `seconds`
    is the time after which its check cell was stopped; `missing` and `share` are what an answer
    that is partly right lacks, and the share of the points that it may earn.
    """

    exercise: GradedExercise
    reason: Reason | None = None
    error: dict | None = None
    seconds: int | None = None
    missing: str = ""
    share: float = 0

    @property
    def passed(self) -> bool:
        """Whether it passes."""
        return self.reason is None

    @property
    def points(self) -> float:
        """What it may earn at most."""
        return self.exercise.points * (1 if self.passed else self.share)


@dataclass(frozen=True)
class NotebookCheck:
    """What a run of a notebook showed."""

    path: Path
    exercises: list[CheckedExercise]
    execution: Execution
    lesson: ReleasedLesson | None  # that the notebook belongs to, if it was found
    changed: list[str]  # exercises whose check cells were changed: the original ones were run
    undefined: str | None  # a name that the lesson's first code cell defines, and this one did not


def check_notebook(
    path: Path,
    limits: TimeLimits | None = None,
    advance: Callable[[], object] = lambda: None,
    execute: Callable[..., Execution] = execute,
) -> NotebookCheck:
    """Run a notebook in a copy of its folder, and return which exercises pass.

    The notebook and the files beside it stay as they are. `advance` is called before each cell.
    Raises WorkbookError for a notebook that cannot be read or run, or has no exercises, and for a
    file beside it that hides a package.
    """
    notebook = notebooks.read(path)
    lesson, original = find_original(path, notebook)
    notebook["cells"] = cells = notebooks.with_lost_marks(notebook["cells"], original)
    expected = lesson.exercises if lesson else notebooks.marked_exercises(cells)
    if not (expected or notebooks.exercises(cells)):
        raise WorkbookError(
            _("{path} has no exercises: no cell in it is marked as a test.").format(path=path)
        )
    changed = _restore_checks(cells, original)
    beside = path.resolve().parent
    _refuse_hiding_files(beside, shadowing.PACKAGES)
    with temporary_folder("course-check-") as folder:
        copy_folder(beside, Path(folder))
        try:
            execution = execute(notebook, folder, limits or TimeLimits(), advance)
        except RuntimeError as error:
            _refuse_hiding_files(beside, shadowing.OF_PYTHON)  # a kernel may not start for them
            raise WorkbookError(
                _("The notebook cannot be run here: {error}").format(error=error)
            ) from error
    return NotebookCheck(
        path=path,
        exercises=_checked_exercises(execution, expected),
        execution=execution,
        lesson=lesson,
        changed=changed,
        undefined=_undefined_name(execution.cells, original),
    )


# Before the run: the files beside it, and the released lesson -------------------------------------


def _refuse_hiding_files(folder: Path, names: Iterable[str]) -> None:
    if said := shadowing.hiding_files(folder, names):
        raise WorkbookError(said[0])


def _restore_checks(cells: list[dict], original: list[dict]) -> list[str]:
    """Put the released text back into check cells, as grading does; return those that had changed.

    Lines that were added below it may stay: they do not decide whether it passes.
    """
    texts = {
        exercise.name: cell["source"]
        for cell in original
        if (exercise := notebooks.exercise_of(cell))
    }
    changed = []
    for cell in cells:
        name = exercise.name if (exercise := notebooks.exercise_of(cell)) else None
        if name in texts and not f"{cell['source']}\n".startswith(f"{texts[name].strip()}\n"):
            cell["source"] = texts[name]
            changed.append(name)
    return changed


# After the run ------------------------------------------------------------------------------------


def _checked_exercises(
    execution: Execution, expected: list[GradedExercise]
) -> list[CheckedExercise]:
    """Return the exercises of the notebook's check cells, then those that are missing there."""
    checked = [
        _checked_exercise(exercise, place, execution)
        for place, cell in enumerate(execution.cells)
        if (exercise := notebooks.exercise_of(cell))
    ]
    present = {one.exercise.name for one in checked}
    missing = [exercise for exercise in expected if exercise.name not in present]
    return checked + [CheckedExercise(exercise, Reason.NO_CHECK_CELL) for exercise in missing]


def _checked_exercise(
    exercise: GradedExercise, place: int, execution: Execution
) -> CheckedExercise:
    cell = execution.cells[place]
    if place in execution.timed_out:
        seconds = execution.timed_out[place]
        return CheckedExercise(exercise, Reason.TIMED_OUT, seconds=seconds)
    if not notebooks.was_run(cell):
        return CheckedExercise(exercise, Reason.NOT_FINISHED)
    error = notebooks.error_of(cell)
    if error is None:
        missing, share = notebooks.partly_right(cell, exercise.name)
        reason = Reason.PARTLY_RIGHT if missing else None
        return CheckedExercise(exercise, reason, missing=missing, share=share)
    if answer_error := _error_of_answer(exercise.name, execution.cells):
        return CheckedExercise(exercise, Reason.ANSWER_STOPPED, answer_error)
    return CheckedExercise(exercise, Reason.CHECK_FAILED, error)


def _error_of_answer(name: str, cells: list[dict]) -> dict | None:
    """Return the error with which the answer cell of an exercise stopped, if it did."""
    for cell in cells:
        settings = notebooks.nbgrader_settings(cell)
        is_answer = settings.get("grade_id") == name and not settings.get("grade")
        if cell["cell_type"] == "code" and is_answer:
            return notebooks.error_of(cell)
    return None


def _undefined_name(cells: list[dict], original: list[dict]) -> str | None:
    """Return a name that a cell did not find although the lesson's first code cell defines it."""
    first = next((cell["source"] for cell in original if cell["cell_type"] == "code"), "")
    defined = _defined_names(first)
    for cell in cells:
        if cell["cell_type"] == "code" and (error := notebooks.error_of(cell)):
            # A notebook keeps only the text of the error.
            for name in re.findall(r"name '(\w+)' is not defined", str(error.get("evalue"))):
                if name in defined:
                    return name
    return None


def _defined_names(source: str) -> set[str]:
    """Return the names that a cell imports or assigns."""
    try:
        parts = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return set()
    imported = (part for part in parts if isinstance(part, ast.alias))
    stored = (part for part in parts if isinstance(part, ast.Name))
    names = {part.asname or part.name.split(".")[0] for part in imported}
    return names | {part.id for part in stored if isinstance(part.ctx, ast.Store)}

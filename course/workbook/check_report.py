"""The words in which `course check` reports on a run of a notebook."""

import re
from collections.abc import Iterator

from course.messages import _
from course.workbook import notebooks
from course.workbook.execution import Execution
from course.workbook.notebook_check import CheckedExercise, NotebookCheck, Reason

# Errors of the course's checks, whose messages need no name in front.
_OF_A_CHECK = ("CheckFailed", "Unsolved", "OutOfMemory")


def outcome(checked: CheckedExercise) -> str:
    """Say in a few words how an exercise went."""
    error = _error_text(checked.error) if checked.error else ""
    match checked.reason:
        case None if checked.exercise.name == "challenge":  # its points are given in grading
            return _("can be graded; its output in the notebook estimates its points")
        case None:
            return _("passed")
        case Reason.NO_CHECK_CELL:
            return _("its check cell is missing: copy it back from release/")
        case Reason.TIMED_OUT:
            return _("it did not finish within {seconds} seconds").format(seconds=checked.seconds)
        case Reason.NOT_FINISHED:
            return _("its check cell did not finish")
        case Reason.PARTLY_RIGHT:
            return checked.missing
        case Reason.ANSWER_STOPPED:
            return _("its answer cell stopped with {error}").format(error=error)
        case Reason.CHECK_FAILED:
            return error


def remarks(check: NotebookCheck) -> Iterator[str]:
    """Yield sentences about what else went wrong, and how the notebook differs from the lesson."""
    yield from _unfinished_cells(check.execution)
    yield from _failed_cell(check.execution)
    if check.changed:
        yield _(
            "The check cells of {names} have been changed; the original ones were run instead, as "
            "in grading."
        ).format(names=", ".join(check.changed))
    lesson = check.lesson
    if lesson and check.path.name != lesson.notebook.name:
        yield _(
            "This is lesson {lesson}, which is graded under the name {name}: rename your notebook "
            "to that before you hand it in."
        ).format(lesson=lesson.name, name=lesson.notebook.name)
    if lesson and check.undefined:
        yield _(
            "{name} is defined in the first code cell of the lesson, among the imports: is that "
            "cell still there, and does it run? The original is in release/{notebook}."
        ).format(name=check.undefined, notebook=lesson.notebook.as_posix())


def _unfinished_cells(execution: Execution) -> Iterator[str]:
    """Yield sentences about cells that were stopped, or that ended Python."""

    def name(place: int) -> str:
        return _cell_name(execution.cells[place])

    if execution.setup in execution.timed_out:
        yield _(
            "The first code cell, {cell}, ran for more than {seconds} seconds, so no other cell "
            "was run. The imports take a while the first time: allow more with --timeout SECONDS."
        ).format(cell=name(execution.setup), seconds=execution.timed_out[execution.setup])
        return
    for place, seconds in execution.timed_out.items():
        yield _(
            "The cell {cell} ran for more than {seconds} seconds and was stopped. Look for a loop "
            "that never ends."
        ).format(cell=name(place), seconds=seconds)
    if execution.exited_in is not None:
        yield _(
            "The cell {cell} ended Python: it calls exit() or quit(), or a function that does. "
            "Remove that call; the cells below it may not have been run."
        ).format(cell=name(execution.exited_in))
    elif execution.died_in in execution.timed_out:
        yield _("The cells below it were not run.")
    elif execution.died_in is not None:
        yield _(
            "Python crashed in the cell {cell}, and the cells below it were not run. "
            "Did it run out of memory?"
        ).format(cell=name(execution.died_in))


def _failed_cell(execution: Execution) -> Iterator[str]:
    """Yield a sentence about the first cell other than a check that stopped with an error."""
    if execution.setup in execution.timed_out:
        return
    for cell in execution.cells:
        if cell["cell_type"] != "code" or notebooks.exercise_of(cell):
            continue
        if error := notebooks.error_of(cell):
            yield _("The cell {cell} stopped with {error}").format(
                cell=_cell_name(cell), error=_error_text(error)
            )
            return  # the others often follow from the first


def _cell_name(cell: dict) -> str:
    """Call a cell by its first line, because JupyterLab shows no other name."""
    lines = cell["source"].strip().splitlines()
    return "“{}”".format(lines[0][:60] if lines else "")


def _error_text(error: dict) -> str:
    """Return the first line of an error; a check's own message needs no name of its class."""
    first = (str(error.get("evalue", "")).strip().splitlines() or [""])[0]
    first = re.sub(r"\(\d+\.py, (line \d+)\)", r"(\1)", first)  # the cell's file means nothing
    name = error.get("ename", "")
    return first if name in _OF_A_CHECK and first else f"{name}: {first}"

"""Marks in the metadata of a placed notebook's cells: what grading tells the examiner, and itself.

A submission's own metadata never get there, so nobody else writes any.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict


class LessonsOwn(TypedDict, total=False):
    """What is said of the lesson's own form of a cell that it gives."""

    cell: str  # its id
    needed: list[str]  # names: it is run if one of them is missing
    students: int | None  # the place of the student's form of it, if there is one


@dataclass(frozen=True)
class CellMarks:
    """The marks of a cell."""

    keep: Sequence[str] = ()  # names: those that have values before it have the same ones after it
    lessons_own: LessonsOwn | None = None  # if it is the lesson's own form of a given cell
    answers: Sequence[str] = ()  # of a cell with several answers: their exercises
    # Of a locked cell: names of answers that would mean a module, or a function of Python's own.
    answered: Sequence[str] = ()
    # Of a test: names that its answer needs, and that cells below it define, or define again.
    defined_below: Sequence[str] = ()
    called: Sequence[str] = ()  # of a test: what else the student called its check with
    left_out: bool = False  # a test that ended an earlier run: it is not run
    was_prose: bool = False  # the student had turned it into text


_NAMES = {field.name for field in dataclasses.fields(CellMarks)}


def marks_of(cell: dict) -> CellMarks:
    """Return the marks of a cell."""
    return CellMarks(**{name: mark for name, mark in cell["metadata"].items() if name in _NAMES})


def mark(cell: dict, **marks: Any) -> None:
    """Set some marks of a cell, to plain data."""
    assert marks.keys() <= _NAMES, marks
    cell["metadata"].update(marks)

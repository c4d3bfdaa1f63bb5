"""Remember which cell defined an answer, in the notebook where it is checked.

A cell that was run again and no longer defines the answer leaves the function of its earlier run
behind, and the check would silently examine that one.
"""

import re
from collections.abc import Iterable
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from IPython import get_ipython

from course import front_end
from course.check.engine import overwritten
from course.check.engine.failures import CheckFailed
from course.code_key import code_key
from course.messages import _

_MISSING = object()
# What a notebook's first cells import and load; what they build, a learner may well replace.
_KEPT = (ModuleType, type, FunctionType, np.ndarray)


class CellHistory:
    """The history of how the cells that are run change the names of the exercises."""

    def __init__(self, names: dict[str, Any], exercises: Iterable[str]):
        """Watch these exercises in a notebook's names."""
        self._names = names
        self._values: dict[str, Any] = {}
        self._cells: dict[str, str | None] = {}  # the cell that defined each
        self._keys: dict[str, str] = {}  # of the code in that cell when it was last run
        self._stale: set[str] = set()
        self._kinds: dict[str, type] = {}  # of what the first cells import and load
        self.add(exercises)

    def add(self, exercises: Iterable[str]) -> None:
        """Watch these exercises, too."""
        for exercise in exercises:
            self._values.setdefault(exercise, self._names.get(exercise, _MISSING))

    def is_stale(self, exercise: str) -> bool:
        """Return whether the cell of this answer has been run again since without defining it."""
        return exercise in self._stale

    def key(self, exercise: str) -> str:
        """Return the key of the code that this answer comes from, or "" if it is not known."""
        return self._keys.get(exercise, "")

    def after_cell(self, text: str, cell: str | None, error: BaseException | None) -> str:
        """Note that a cell was run; return what to say about its error, or ""."""
        for exercise, before in self._values.items():
            value = self._names.get(exercise, _MISSING)
            if value is not before or self._is_its_cell(exercise, cell):
                self._keys[exercise] = code_key(text)
            if value is not before:
                self._values[exercise], self._cells[exercise] = value, cell
                self._stale.discard(exercise)
            elif value is not _MISSING and self._should_define(exercise, text, cell, error):
                self._stale.add(exercise)
        if error is not None:
            return self._about_error(text, error)
        if re.search(r"^from course\b|\bdigits\.load\(", text, re.MULTILINE):
            for name in _words(text) & self._names.keys():
                if kind := _kind(self._names[name]):
                    self._kinds.setdefault(name, kind)
        return ""

    def _should_define(self, exercise, text, cell, error):
        """Whether a cell that left a name as it was is the one that should have defined it."""
        if error is not None and _defines(text, exercise):
            return True
        return self._is_its_cell(exercise, cell) and not re.search(rf"\b{exercise}\b", text)

    def _is_its_cell(self, exercise, cell):
        """Whether this cell defined the answer when it was run before."""
        return cell is not None and cell == self._cells.get(exercise)

    def _about_error(self, text, error):
        """The cause of a cell's error, if it lies in the names of the notebook."""
        if isinstance(error, NameError) and error.name in self._values:
            return _(
                "{name} is not defined: is it called {name} in its cell, and was that cell run?"
            ).format(name=error.name)
        if isinstance(error, CheckFailed) and error.hint_id.endswith("/overwritten"):
            return ""  # it says so itself
        for name in sorted(self._names_in(text) & self._kinds.keys() & self._names.keys()):
            value = self._names[name]
            is_other = not isinstance(value, self._kinds[name])
            if is_other or overwritten.lacks_what_is_standard(name, str(error), text):
                return overwritten.about_first_cells(name, overwritten.kind_of(value))
        for name in sorted(_words(text) & self._names.keys()):
            kind = type(self._names[name]).__name__
            is_called = overwritten.cannot_be_called(kind, str(error))
            if is_called and overwritten.is_of_python(name):
                return overwritten.about_python(name, kind)
        return ""

    def _names_in(self, text):
        """The names in a cell, and in the code of the answers that it names."""
        names = _words(text)
        answers = [self._names.get(name) for name in names & self._values.keys()]
        codes = [getattr(answer, "__code__", None) for answer in answers]
        return names.union(*(code.co_names for code in codes if isinstance(code, CodeType)))


def _kind(value):
    """The kind of a value that is to stay what it is; None of any other."""
    if type(value).__module__.startswith("course."):
        return type(value)
    return next((kind for kind in _KEPT if isinstance(value, kind)), None)


def _words(text):
    return set(re.findall(r"\w+", text))


def _defines(text, name):
    return re.search(rf"^[ \t]*(def|class)\s+{name}\b|^{name}\s*=", text, re.MULTILINE) is not None


_history: CellHistory | None = None


def watch(exercises: Iterable[str]) -> None:
    """Watch these exercises in the cells of this notebook from now on."""
    global _history
    shell = get_ipython()
    if _history is not None:
        _history.add(exercises)
    if _history is not None or shell is None:
        return
    _history = CellHistory(shell.user_ns, exercises)
    shell.events.register("post_run_cell", _after_cell)


def is_stale(exercise: str) -> bool:
    """Return whether the answer to an exercise is that of an earlier run of its cell."""
    return _history is not None and _history.is_stale(exercise)


def key(exercise: str) -> str:
    """Return the key of the code that an exercise's answer comes from, or "" if it is unknown."""
    return "" if _history is None else _history.key(exercise)


def _after_cell(result):
    error = result.error_before_exec or result.error_in_exec
    if said := _history.after_cell(result.info.raw_cell, front_end.cell_id(), error):
        print(said)

"""Remember what the names of a notebook stood for, so that lost ones can be restored.

`%reset`, `del`, `sum = 0`, `accuracy = accuracy(answers, labels)` and `from numpy import *` are
honest accidents: somebody who does not run a notebook from top to bottom never sees what they do to
the cells below.
"""

import builtins
import math
import sys
import types
from contextlib import suppress
from typing import Any

import numpy as np

from course.check.engine.overwritten import is_standard_module
from course.digits import Digits

# A larger value may have been deleted to free its memory.
MAX_BYTES = 50_000_000  # of one value, and of all together that the notebook holds no longer
_MAX_COPIED = 1_000_000  # bytes of a part of a larger array
_MAX_PARTS = 100  # of a list or the like
_CONTAINERS = (list, tuple, set, frozenset, dict)
_ALWAYS_SMALL = (bool, int, float, complex, type(None), np.random.Generator, Digits)


def is_used(value: object) -> bool:
    """Return whether a value is a function, a class, a module or the like."""
    # An object may lie about its class.
    return callable(value) or issubclass(type(value), types.ModuleType)


class RememberedNames:
    """The last function or module that each name stood for; else its last value, if it is small.

    A function of the notebook's own stands before one that was imported under the same name, and
    before one that is still to be written; `np`, `tf` and the like stand for their libraries.
    The names of Python's own functions stand for these until a cell defines such a function.
    """

    def __init__(self, namespace: dict[str, Any]):
        """Take a namespace with nothing in it but the names that IPython provides."""
        self._of_ipython = dict(namespace)
        self._of_python = {
            name: value
            for name, value in vars(builtins).items()
            if not name.startswith("_") and name not in namespace
        }
        self._known = dict(self._of_python)
        self._sizes: dict[str, float] = {}

    def take(self, namespace: dict[str, Any]) -> None:
        """Note what names stand for after a cell, and restore IPython's own names."""
        for name, value in self._of_ipython.items():
            namespace.setdefault(name, value)
        for name, value in list(namespace.items()):
            # IPython sets `_`, `__` and `___` again with each value that is shown.
            if type(name) is not str or name in self._of_ipython or not name.strip("_"):
                continue
            if is_used(value) and value is self._known.get(name):  # it takes what it took
                continue
            if not self._is_known_better(name, value):
                value = _without_the_rest(value)
                self._known[name], self._sizes[name] = value, _size_of(value)
        self._forget_what_is_large(namespace)

    def take_own(self, namespace: dict[str, Any]) -> None:
        """Note the notebook's own functions halfway through a cell, which may lose them again."""
        for name, value in list(namespace.items()):
            if type(value) is not types.FunctionType or value is self._known.get(name):
                continue
            if _is_own(value) and type(name) is str and not self._is_known_better(name, value):
                self._known[name], self._sizes[name] = value, 0

    def _forget_what_is_large(self, namespace):
        """Keep the smallest values, up to a limit; those that the notebook holds cost nothing."""
        room: float = MAX_BYTES
        for name, size in sorted(self._sizes.items(), key=lambda item: item[1]):
            is_held = namespace.get(name) is self._known[name]
            room -= 0 if is_held else size
            if size > MAX_BYTES or (room < 0 and not is_held):
                del self._known[name], self._sizes[name]

    def _is_known_better(self, name: str, value: Any) -> bool:
        """Whether what is known of a name is probably better than this value."""
        known = self._known.get(name)
        if name in self._of_python:
            is_defined = type(value) is types.FunctionType and _is_own(value)
            return value is not known and not is_defined
        if is_standard_module(name, known):
            return not is_standard_module(name, value)
        if _is_own(known):
            is_less = not is_used(value) or _is_blank(value) > _is_blank(known)
            return is_less or _is_imported(name, value)
        return is_used(known) > is_used(value)

    def lost(self, namespace: dict[str, Any]) -> list[str]:
        """Return the names that are gone, or no longer stand for a function or a module.

        And those of the notebook's and Python's own functions, if others were imported over them,
        or a function that is still to be written was put in their place; and those of well-known
        libraries, if they stand for anything else.
        """
        names = [name for name in self._known if name in namespace or name not in self._of_python]
        return [
            name
            for name in names
            if name not in namespace or self._is_known_better(name, namespace[name])
        ]

    def value(self, name: str) -> Any:
        """Return what a name stood for; raises KeyError if that is not known."""
        return self._known[name]


def _to_be_written() -> None:
    raise NotImplementedError()


def _to_be_written_too() -> None:
    raise NotImplementedError


_BLANK = [one.__code__.co_code for one in (_to_be_written, _to_be_written_too)]


def _is_blank(value: object) -> bool:
    """Whether it is a function as it is handed out, still to be written."""
    return type(value) is types.FunctionType and value.__code__.co_code in _BLANK


def _is_own(value: object) -> bool:
    """Whether it is a function or class that the notebook defines."""
    if not _is_any(type(value), (types.FunctionType, type)):
        return False
    module = getattr(value, "__module__", None)
    return type(module) is str and module == "__main__"


def _is_imported(name: str, value: object) -> bool:
    """Whether a module defines it by this name: so `from numpy import *` brings it.

    The checks of the course have the names of answers, and are made when they are asked for.
    """
    with suppress(BaseException):  # the student's classes may fail in any way
        module = value.__module__
        if module == "__main__":
            return False
        if vars(sys.modules[module]).get(name) is value:
            return True
        return module.startswith("course.") and getattr(sys.modules["course.check"], name) is value
    return False


def _without_the_rest(value: Any) -> Any:
    """A copy of a small part of an array, which would keep the whole array; else the value."""
    is_part = type(value) is np.ndarray and value.base is not None
    if is_part and value.nbytes <= _MAX_COPIED:
        with suppress(MemoryError):
            return value.copy(order="K")
    return value


def _size_of(value: object) -> float:
    """Roughly how many bytes are kept with a value; infinity if that is unknown."""
    with suppress(Exception):  # the student's classes may fail in any way, and lie
        return _size(value, depth=2)
    return math.inf


def _size(value: Any, depth: int) -> float:
    """The bytes of a value and its parts, down to this depth; raises what its classes raise."""
    kind = type(value)
    if _is_any(kind, _ALWAYS_SMALL) or issubclass(kind, np.generic):
        return 0
    if _is_any(kind, (str, bytes)):
        return len(value)
    if kind is np.ndarray:
        while type(value.base) is np.ndarray:  # a part keeps all of it
            value = value.base
        return math.inf if value.dtype.hasobject else value.nbytes
    if _is_any(kind, _CONTAINERS):
        if depth == 0 or len(value) > _MAX_PARTS:
            return math.inf
        parts = (*value, *value.values()) if kind is dict else value
        return sum(_size(part, depth - 1) for part in parts)
    bases = {(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__}
    if ("tensorflow", "Tensor") in bases or ("tensorflow", "Variable") in bases:
        return value.shape.num_elements() * value.dtype.size
    return 0 if is_used(value) and ("keras", "Layer") not in bases else math.inf


def _is_any(kind: type, kinds: tuple[type, ...]) -> bool:
    """Whether a class is one of these, and does not merely claim to equal one."""
    return any(kind is one for one in kinds)

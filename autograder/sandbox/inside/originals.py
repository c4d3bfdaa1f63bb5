"""What Python and well-known libraries need, which a cell may change or replace.

`np.random.seed = 42`, `plt.title = "Loss"` and `builtins.sum = 0` were meant to be something else,
and would break all that is run after them. So would a second Keras, which
`keras.config.set_backend("tensorflow")` loads: it does not know what was made with the first.
A low recursion limit stops the grader's own calls, and without the garbage collector memory fills.

A function in place of another was put there on purpose: the student's code finds it. What is run
here between parts of that code finds Python's and NumPy's own, as its messages depend on them.
"""

import builtins
import gc
import sys
import types
from typing import Any

import numpy as np

from autograder.sandbox.inside.remembered_names import is_used

_RECURSION_LIMIT = sys.getrecursionlimit()
_MODULES = (
    *("builtins", "math", "random", "numpy", "numpy.linalg", "numpy.random"),
    *("matplotlib.pyplot", "keras", "keras.utils", "tensorflow"),
    *(f"tensorflow._api.v2.{name}" for name in ("math", "nn", "random")),
)

_known: dict[types.ModuleType, dict[str, Any]] = {}
_of_python = vars(builtins)
_seen: dict[str, Any] = {}  # what was there when all was right
_own_builtins: dict[str, Any] = {}  # Python's functions and classes
# What students' code has put in place of a function of Python's or NumPy's on purpose:
# (what is in the module, the name there, the student's, the module's own).
_students: list[tuple[dict[str, Any], str, Any, Any]] = []
_are_in_place = False
_of_keras: dict[str, types.ModuleType] = {}  # its modules, by their full names


def note() -> None:
    """Note what is in these modules, as far as they have been imported."""
    modules = [sys.modules[name] for name in _MODULES if name in sys.modules]
    _known.update({module: dict(vars(module)) for module in modules})
    _own_builtins.update({name: it for name, it in vars(builtins).items() if is_used(it)})
    _of_keras.update({name: sys.modules[name] for name in _names_of_keras()})


class StudentsInPlace:
    """A block of the student's code, for which there is what it has put in place of functions."""

    def __enter__(self) -> None:
        """Put the student's in place."""
        _put_in_place()

    def __exit__(self, *_error: object) -> None:
        """Set it aside."""
        _set_aside()


class OwnInPlace:
    """A block of the grader's code within one of the student's."""

    def __enter__(self) -> None:
        """Set the student's aside."""
        self._were_in_place = _are_in_place
        _set_aside()

    def __exit__(self, *_error: object) -> None:
        """Put the student's in place again, if they were."""
        if self._were_in_place:
            _put_in_place()


def _put_in_place() -> None:
    global _are_in_place
    _are_in_place = True
    for namespace, name, students, _own in _students:
        namespace[name] = students


def _set_aside() -> None:
    """Put the modules' own back; until Python's are, none of them can be used here by its name."""
    global _are_in_place
    found = [] if _are_in_place else [*_students]
    for namespace, name, _, own in _students if _are_in_place else ():
        if name in namespace and namespace[name] is not own:
            found.append((namespace, name, namespace[name], own))
            namespace[name] = own
    _are_in_place = False
    try:
        is_changed = _of_python != _seen
    except Exception:  # an array in place of a function
        is_changed = True
    if is_changed:
        for name, own in _own_builtins.items():
            if name in _of_python and _of_python[name] is not own:
                found.append((_of_python, name, _of_python[name], own))
            _of_python[name] = own
        _seen.clear()
        _seen.update(_of_python)
    if found or _students:
        _students[:] = [one for one in found if _is_meant(one[2])]


def put_back() -> None:
    """Put back what is gone, and each function, class or module that is none of these any more.

    One that is another function stays, or is set aside. A second Keras makes way for the first.
    The recursion limit and the garbage collector are as they were, or the limit is higher.
    """
    _set_aside()
    if _of_keras and sys.modules.get("keras") is not _of_keras["keras"]:
        for name in _names_of_keras():
            del sys.modules[name]
        sys.modules.update(_of_keras)
    for module, known in _known.items():
        now = vars(module)
        for name, value in known.items():
            if now.get(name) is value and name in now:
                continue
            is_meant = name in now and _is_meant(now[name])
            if is_meant and module is np and is_used(value):
                _students.append((now, name, now[name], value))
                now[name] = value
            elif name not in now or (is_used(value) and not is_meant):
                now[name] = value
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    gc.enable()


def _names_of_keras() -> list[str]:
    return [name for name in list(sys.modules) if str(name).partition(".")[0] == "keras"]


def _is_meant(value: object) -> bool:
    """Whether a value can take the place of a function, as a generator can that of np.random."""
    return is_used(value) or type(value) is np.random.Generator

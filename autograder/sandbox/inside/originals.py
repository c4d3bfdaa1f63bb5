"""Put back what a cell has changed in Python and in well-known libraries.

`np.random.seed = 42`, `plt.title = "Loss"` and `builtins.sum = 0` were meant to be something else,
and would break all that is run after them. So would a second Keras, which
`keras.config.set_backend("tensorflow")` loads: it does not know what was made with the first.
A low recursion limit stops the grader's own calls, and without the garbage collector memory fills.
"""

import builtins
import gc
import sys
import types
from typing import Any

import numpy as np

from autograder.sandbox.inside.remembered_names import is_used
from autograder.sandbox.inside.replacements import Replacements, may_be_meant

_RECURSION_LIMIT = sys.getrecursionlimit()
_MODULES = (
    *("builtins", "math", "random", "numpy", "numpy.linalg", "numpy.random"),
    *("matplotlib.pyplot", "keras", "keras.utils", "tensorflow"),
    *(f"tensorflow._api.v2.{name}" for name in ("math", "nn", "random")),
)

replacements = Replacements()
_known: dict[types.ModuleType, dict[str, Any]] = {}
_of_keras: dict[str, types.ModuleType] = {}  # its modules, by their full names


def note() -> None:
    """Note what is in these modules, as far as they have been imported."""
    modules = [sys.modules[name] for name in _MODULES if name in sys.modules]
    _known.update({module: dict(vars(module)) for module in modules})
    _of_keras.update({name: sys.modules[name] for name in _names_of_keras()})
    replacements.note([builtins, np])


def put_back() -> None:
    """Put back what is gone, and each function, class or module that is none of these any more.

    One that is another function stays, or is set aside. A second Keras makes way for the first.
    The recursion limit and the garbage collector are as they were, or the limit is higher.
    """
    replacements.move(in_place=False)
    if _of_keras and sys.modules.get("keras") is not _of_keras["keras"]:
        for name in _names_of_keras():
            del sys.modules[name]
        sys.modules.update(_of_keras)
    for module, known in _known.items():
        now = vars(module)
        for name, value in known.items():
            if name in now and now[name] is value:
                continue
            if name not in now or (is_used(value) and not may_be_meant(now[name])):
                now[name] = value
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    gc.enable()


def _names_of_keras() -> list[str]:
    return [name for name in list(sys.modules) if str(name).partition(".")[0] == "keras"]

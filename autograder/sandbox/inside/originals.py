"""What Python and well-known libraries need, which a slip in a cell may change.

`np.random.seed = 42`, `plt.title = "Loss"` and `builtins.sum = 0` were meant to be something else,
and would break all that is run after them. So would a second Keras, which
`keras.config.set_backend("tensorflow")` loads: it does not know what was made with the first.
A low recursion limit stops the grader's own calls, and without the garbage collector memory fills.
"""

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
_of_keras: dict[str, types.ModuleType] = {}  # its modules, by their full names


def note() -> None:
    """Note what is in these modules, as far as they have been imported."""
    modules = [sys.modules[name] for name in _MODULES if name in sys.modules]
    _known.update({module: dict(vars(module)) for module in modules})
    _of_keras.update({name: sys.modules[name] for name in _names_of_keras()})


def put_back() -> None:
    """Put back what is gone, and each function, class or module that is none of these any more.

    A function in place of another was put there on purpose. A second Keras makes way for the first.
    The recursion limit and the garbage collector are as they were, or the limit is higher.
    """
    if _of_keras and sys.modules.get("keras") is not _of_keras["keras"]:
        for name in _names_of_keras():
            del sys.modules[name]
        sys.modules.update(_of_keras)
    for module, known in _known.items():
        now = vars(module)
        for name, value in known.items():
            if now.get(name) is not value and (
                name not in now or (is_used(value) and not _is_meant(now[name]))
            ):
                now[name] = value
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    gc.enable()


def _names_of_keras() -> list[str]:
    return [name for name in list(sys.modules) if str(name).partition(".")[0] == "keras"]


def _is_meant(value: object) -> bool:
    """Whether a value can take the place of a function, as a generator can that of np.random."""
    return is_used(value) or type(value) is np.random.Generator

"""Tell of a name, such as np or sum, that a learner has given to something else."""

import builtins
import importlib
import re
import sys
from types import FrameType, ModuleType

from course.messages import _

_MAX_NAMES = 10  # of a line
# What names stand for wherever they are taught, so that another module of this name is a slip.
_STANDARD_MODULES = {
    "keras": "keras",
    "layers": "keras.layers",
    "math": "math",
    "np": "numpy",
    "tf": "tensorflow",
}


def is_standard_module(name: str, value: object) -> bool:
    """Return whether this is the module that a name stands for by convention, as np for NumPy."""
    module = sys.modules.get(_STANDARD_MODULES.get(name, ""))
    return module is not None and value is module


def kinds_in_line(frame: FrameType, line: str) -> dict[str, str]:
    """Return the kinds of the notebook's own names in the line at which a frame is.

    Modules and what the course itself made are left out: they are what they are to be. Not so a
    module in the place of a well-known one.
    """
    names, used = frame.f_globals, set(frame.f_code.co_names)
    found = [name for name in re.findall(r"(?<![\w.])[^\W\d]\w*", line) if name in used & {*names}]
    return {
        name: kind_of(names[name])
        for name in found[:_MAX_NAMES]
        if not _is_as_it_should_be(name, names[name])
    }


def _is_as_it_should_be(name, value):
    if _is_module(value):
        return name not in _STANDARD_MODULES or is_standard_module(name, value)
    return str(type(value).__module__).startswith("course.")


def kind_of(value: object) -> str:
    """Return the name of a value's type; of a module also its own."""
    if _is_module(value):
        return f"module '{getattr(value, '__name__', '')}'"
    return type(value).__name__


def _is_module(value):
    return issubclass(type(value), ModuleType)  # an object may lie about its class


def is_of_python(name: str) -> bool:
    """Return whether this is the name of one of Python's own functions or types."""
    return callable(getattr(builtins, name, None))


def cannot_be_called(kind: str, error: str) -> bool:
    """Return whether an error's text says that a value of this kind was called as a function."""
    return bool(re.search(rf"\b{re.escape(kind)}'? object is not callable", error))


def has_no_such_attribute(kind: str, error: str) -> bool:
    """Return whether the text of an error says that a value of this kind was taken for a module."""
    return bool(re.search(rf"\b{re.escape(kind)}'? object has no attribute", error))


def lacks_what_is_standard(name: str, error: str, line: str) -> bool:
    """Return whether an error says that a module or class lacks what the well-known module has.

    So `tf.reduce_max` fails if `tf` is another module than TensorFlow.
    """
    unknown = re.search(r"(?:module|type object) '[\w.]+' has no attribute '(\w+)'", error)
    if not unknown or name not in _STANDARD_MODULES:
        return False
    is_in_line = re.search(rf"(?<![\w.]){name}\.{unknown[1]}\b", line)
    return bool(is_in_line) and hasattr(
        importlib.import_module(_STANDARD_MODULES[name]), unknown[1]
    )


def about_first_cells(name: str, kind: str) -> str:
    """Return what to say of a name that the first cells of the notebook make."""
    return _(
        "{name} is now something else, {kind}: run the first cells of the notebook again."
    ).format(name=name, kind=kind)


def about_import(name: str, kind: str, line: str) -> str:
    """Return what to say of a name that is imported by this line, but not in the first cells."""
    return _("{name} is now something else, {kind}: run `{line}` again.").format(
        name=name, kind=kind, line=line
    )


def about_python(name: str, kind: str) -> str:
    """Return what to say of the name of one of Python's own functions."""
    return _("{name} is now something else, {kind}: `del {name}` brings Python's own back.").format(
        name=name, kind=kind
    )


def about_answer(name: str, kind: str) -> str:
    """Return what to say of the name of another exercise."""
    return _("{name} is now something else, {kind}: run the cell that defines it again.").format(
        name=name, kind=kind
    )

"""Format values, shapes, arguments and errors as a learner reads them."""

import re
from typing import Any

import numpy as np

from course.check.engine.keras_objects import KerasObject
from course.messages import _

MAX_NUMBERS = 24  # of an array that is shown in full
MAX_LENGTH = 200  # characters of any other value
_DIGITS = (5, 8, 11, 16)  # after the point: as many as two different values need
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# What TensorFlow adds to an error: the name of an operation, and a list of all labels.
_OPERATION = re.compile(r"^\{\{function_node .*?\}\} | \[Op:\w+\].*$| Label values: .*$")
_TRACED = re.compile(r"^ {4}\w+: (\S.*)$", re.MULTILINE)  # the error itself, below its traceback
# Keras prints the cause in bold; on its way to the examiner, the escape character becomes U+FFFD.
_WRAPPED = re.compile(
    r"^Exception encountered when calling .*?[\x1b\ufffd]\[1m(.+?)[\x1b\ufffd]\[0m", re.DOTALL
)
_IN_GRAPH = re.compile(r"^(?!Graph execution|Detected at)(\S.*)$", re.MULTILINE)  # its cause
# Keras's own names of tensors and models.
_MADE_UP = re.compile(r" with name 'keras_tensor\w*'| of layer '(functional|sequential)_\d+'")
_ROWS = re.compile(r"\[\[(?:(?!\]\]).)*\n.*?\]{2,}", re.DOTALL)  # an array, over several lines


def value_text(value: object) -> str:
    """Return a value as a learner reads it: in full if short, otherwise its type and shape."""
    if isinstance(value, dict):
        pairs = (f"{_key_text(key)}: {value_text(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, tuple | list) and any(map(_has_own_text, value)):
        texts = ", ".join(map(value_text, value))
        return f"[{texts}]" if isinstance(value, list) else f"({texts})"
    if isinstance(value, np.random.Generator):
        return _("a random generator")
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return _array_text(value)
    return _cut(" ".join(_without_address(value).split()))


def _key_text(key):
    return f'"{key}"' if isinstance(key, str) else str(key)


def _has_own_text(value):
    """Whether a value is written differently here than by Python."""
    return isinstance(value, np.ndarray | KerasObject)


def _array_text(array, digits=5):
    if array.size > MAX_NUMBERS:
        return _("{type} array of shape {shape}").format(type=array.dtype, shape=array.shape)
    numbers = array + 0.0 if array.dtype.kind == "f" else array  # no minus before a zero
    sizes = np.abs(numbers[numbers != 0]) if array.dtype.kind == "f" else ()
    is_plain = len(sizes) > 0 and min(sizes) >= 1e-3 and max(sizes) < 1e6  # needs no exponents
    text = np.array2string(numbers, precision=digits, separator=", ", suppress_small=is_plain)
    return " ".join(text.split())


def pair_texts(expected: np.ndarray, got: np.ndarray, place: tuple) -> tuple[str, str]:
    """Return two arrays as a learner reads them, with as many digits as make them differ.

    Of large arrays, only the value at this place is shown. Whole numbers are shown as such where
    their type says so.
    """
    whole = expected.size <= MAX_NUMBERS
    shown = [array if whole else np.asarray(array[place]) for array in (expected, got)]
    floats = [array.astype(np.float64) for array in shown]
    digits = next(
        (count for count in _DIGITS if len({_array_text(array, count) for array in floats}) > 1),
        _DIGITS[-1],
    )
    wanted, found = (
        _array_text(array if array.dtype.kind in "iu" else as_float, digits)
        for array, as_float in zip(shown, floats, strict=True)
    )
    if whole:
        return wanted, found
    at = "[{}]".format(", ".join(map(str, place)))
    text = _("{value} at {place}")
    return text.format(value=wanted, place=at), text.format(value=found, place=at)


def kind_text(value: object) -> str:
    """Return what kind of thing a value is, with the value itself where that is short."""
    name, text, shape = type(value).__name__, _without_address(value), getattr(value, "shape", None)
    is_short = "\n" not in text and len(text) <= 60
    if value is None:
        return _("None")
    if isinstance(value, str):
        return _("the string {text}").format(text=repr(value)) if is_short else _("a string")
    if is_short and text.startswith(f"<{name} "):  # a function, say
        return text[1:-1]
    if is_short:
        return f"{name} {text}"
    if isinstance(value, list | tuple):
        return _("{type} of length {count}").format(type=name, count=len(value))
    if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
        if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
            name = f"{value.dtype} {name}"  # of texts, say
        return _("{type} of shape {shape}").format(type=name, shape=shape)
    return name


def shape_text(shape: tuple) -> str:
    """Return a shape as a learner reads it; () is that of a single number."""
    return _("an array of shape {shape}").format(shape=shape) if shape else _("a number")


def change_text(name: str, before: Any, after: Any) -> str:
    """Return how an argument came back: in full if short, otherwise the first changed value."""
    if isinstance(before, np.ndarray) and before.size > MAX_NUMBERS and before.shape == after.shape:
        for place in np.argwhere(before != after)[:1].tolist():
            place = tuple(place)
            message = _("{name}{place} is {after} afterwards, and was {before}")
            return message.format(
                name=name, place=list(place), after=after[place], before=before[place]
            )
    return _("{argument} afterwards: {value}").format(argument=name, value=value_text(after))


def error_text(error: BaseException) -> str:
    """Return the type of an error, and the first line of its text."""
    return f"{type(error).__name__}: {first_line(error)}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, cut to fit.

    Before it, an error that TensorFlow met while it traced a function or ran a graph has a
    traceback, and one in a Keras layer names the layer: these are skipped.
    """
    text = _without_address(error)
    traced = _TRACED.findall(text) if text.startswith("in user code:") else _WRAPPED.findall(text)
    if text.startswith("Graph execution error:"):
        traced = _IN_GRAPH.findall(text)
    line = traced[0] if traced else (_ROWS.sub("[[…]]", text).splitlines() or [""])[0]
    line = _MADE_UP.sub("", _OPERATION.sub("", " ".join(line.split())))
    return _cut(line)  # it may quote an array


def _without_address(value: object) -> str:
    """A value's text, without its address in memory; its type if `str` fails on it."""
    try:
        return _ADDRESS.sub("", str(value).strip())
    except Exception:
        return type(value).__name__


def _cut(text):
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "…"

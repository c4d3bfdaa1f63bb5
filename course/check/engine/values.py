"""What a value means: as a plain array, how exact it must be, and whether an argument changed."""

import numbers
from collections import UserString
from collections.abc import Iterable, Mapping, Sequence, ValuesView
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

_ZERO = 1e-12  # what is left by rounding of a sum that is 0
_CANCELLED = 1e-14  # of the largest value: what rounding leaves of numbers that cancel out
TOLERANCE = 1e-4  # relative, so that float32 passes
_SHORT_STEP = 3e-6  # the step of numbers for which a slack is meant
_MAX_ROUNDED = 0.05  # of the largest value: what short floats may be off at most
_MAX_STEP = 2.0**-7  # bfloat16's; shorter types would excuse what is far off


def is_sequence(value: object) -> bool:
    """Return whether a value is as good as a list or tuple: a deque, the values of a dict …"""
    is_one = isinstance(value, Sequence | ValuesView)
    return is_one and not isinstance(value, str | bytes | UserString)


def is_square(matrix: np.ndarray) -> bool:
    """Return whether a matrix has as many rows as columns."""
    return matrix.shape[0] == matrix.shape[1]


def is_iterable(value: object) -> bool:
    """Return whether a value can be looped over, by its __getitem__ alone as well."""
    return isinstance(value, Iterable) or hasattr(type(value), "__getitem__")


_PLAIN = {bool, int, float}  # NumPy makes an array of many of these at once


def to_plain(value):
    """Return a value of an answer as a new array if it means numbers, else unchanged."""
    if value is None or isinstance(value, str | bytes | dict):
        return value
    if isinstance(value, memoryview):  # a sequence, but one of rows cannot be looped over
        value = np.asarray(value)
    elif callable(getattr(value, "numpy", None)):  # TensorFlow and Keras
        value = value.numpy()
    elif callable(getattr(value, "as_list", None)):  # TensorFlow's shapes
        value = value.as_list()
    elif is_sequence(value):
        is_plain = type(value) in (list, tuple) and set(map(type, value)) <= _PLAIN
        value = value if is_plain else [to_plain(item) for item in value]
    elif not _is_numeric(value):
        return value
    try:
        array = np.array(value)
        if array.dtype.kind not in "biuf" or array.dtype.isbuiltin == 2:
            # Fractions, and number types that NumPy does not know by itself (bfloat16).
            if array.dtype.kind in "cSUMm" or any(item is None for item in array.flat):
                return value
            array = array.astype(np.float32 if array.dtype.isbuiltin == 2 else np.float64)
    except (TypeError, ValueError, OverflowError):
        return value
    return np.array(array, order="C", subok=False)


def _is_numeric(value):
    """Whether a value is a number, an array, or can be made one."""
    known = isinstance(value, numbers.Number | np.ndarray | np.generic)
    return known or hasattr(value, "__array__") or hasattr(type(value), "__float__")


def is_array(value: object) -> bool:
    """Return whether a plain value is an array of numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "biuf"


def to_exact(value):
    """Return arguments with floats in float64, in which the right answer loses nothing."""
    if isinstance(value, dict):
        return {key: to_exact(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64)
    return value


# Comparing ----------------------------------------------------------------------------------------


def allowed_distance(array, expected, slack=0.0):
    """Return how far each value may be off: by the precision of the answer's own number type."""
    limits = np.finfo(array.dtype if array.dtype.kind == "f" else np.float64)
    relative = max(TOLERANCE, 2 * float(limits.eps))
    smallest = max(float(limits.tiny), float(np.finfo(np.float32).tiny))
    return relative * np.abs(expected) + slack + smallest


def distance_of_rounding(value, expected):
    """Return how far a value may be off where it is only rounded to the answer's own type."""
    with np.errstate(divide="ignore"):
        powers = np.exp2(np.floor(np.log2(np.abs(expected))))
    return (TOLERANCE + step_of_floats(value) / 2) * powers


def distance_of_short_floats(value, expected, slack=0.0):
    """Return how much further short floats, such as bfloat16, may be off: 0 for longer ones.

    Every part of a sum was rounded to their steps. But rounding is no excuse for a result that has
    little to do with the right one.
    """
    step = step_of_floats(value)
    if step <= TOLERANCE:
        return 0.0
    most = _MAX_ROUNDED * np.abs(expected).max(initial=0.0)
    return 2 * step * np.abs(expected) + np.minimum(slack * step / _SHORT_STEP, most)


def step_of_floats(value):
    """Return the step from 1 to the next number, in the float type of what an answer gave.

    Of numbers in a list it is the smallest: a single short float excuses no others. Types that are
    coarser than bfloat16 do not count: they have to hold the values themselves.
    """
    if isinstance(value, list | tuple):
        return min(map(step_of_floats, value), default=0.0)
    if callable(getattr(value, "numpy", None)):
        value = value.numpy()
    kind = getattr(value, "dtype", None)
    if not isinstance(kind, np.dtype) or kind.kind not in "fV" or kind.names:
        return 0.0
    step = 1.0
    while np.array(1 + step / 2, kind) != 1:
        step /= 2
    return step if step <= _MAX_STEP else 0.0


def matches(got: np.ndarray, mistake: ArrayLike, distance: ArrayLike) -> bool:
    """Return whether this is the result of a mistake, NaN and infinities included."""
    mistake = np.asarray(mistake, np.float64)
    if mistake.shape != got.shape:
        return False
    with np.errstate(invalid="ignore"):
        same = (np.abs(got - mistake) <= distance) & np.isfinite(mistake)
    return bool((same | (np.isnan(got) & np.isnan(mistake)) | (got == mistake)).all())


# Arguments ----------------------------------------------------------------------------------------


def are_alike(got: Mapping, other: Mapping, slack: Any = 0.0, near: float = 0.0) -> bool:
    """Return whether two results are alike in all of their parts, within the precision of floats.

    They may be off by a share `near` of the largest value, and by a slack that does not hide what
    tiny results are.
    """
    if got.keys() != other.keys():
        return False
    floats = {name: value.astype(np.float64) for name, value in other.items()}
    sizes = {name: np.abs(x[np.isfinite(x)]).max(initial=0.0) for name, x in floats.items()}
    cancelled = _CANCELLED * max(sizes.values(), default=0.0)
    for name, value in other.items():
        if got[name].shape != value.shape:
            return False
        wanted, size = floats[name], sizes[name]
        own = np.asarray(slack.get(name, 0.0) if isinstance(slack, Mapping) else slack)
        own = own if own.shape == value.shape else own.max()
        most = cancelled + near * size + np.minimum(own, 1e-3 * size or _ZERO)
        distance = allowed_distance(got[name], wanted, most)
        if not matches(got[name].astype(np.float64), wanted, distance):
            return False
    return True


def is_unchanged(before: Any, after: Any) -> bool:
    """Return whether an argument is as it was, to the last bit; of float64, to the last digit."""
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(
            is_unchanged(value, after[key]) for key, value in before.items()
        )
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(is_unchanged, before, after))
    if not isinstance(before, np.ndarray):
        return True
    return (
        isinstance(after, np.ndarray)
        and before.shape == after.shape
        and before.dtype == after.dtype
        and (before.tobytes() == after.tobytes() or _has_moved_back(before, after))
    )


def _has_moved_back(before, after):
    """Whether float64 is off by a last digit only, as after x += h, x -= 2 * h, x += h."""
    return before.dtype == np.float64 and np.allclose(after, before, rtol=1e-15, atol=0)

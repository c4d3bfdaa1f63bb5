"""Describe a student's values, errors and outputs in the plain data that may cross."""

import itertools
import linecache
import os
from collections import UserString
from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from autograder.sandbox.inside.shell import safe_text
from autograder.sandbox.protocol import wire
from course.check.engine import failures, keras_objects, overwritten
from course.check.engine.traced_frames import traced_frames

_MAX_FRAMES, _MAX_TRACED = 40, 10
_OWN_FOLDER = str(Path(__file__).parent)


def as_plain(value: Any) -> Any:
    """Return the plain data that an object stands for, or None: what notebooks' checks accept.

    Tensors, variables and data frames are arrays; shapes, deques, a dict's values and the like
    are lists; any mapping is a dict; an object that converts to float is one.
    """
    if isinstance(value, list | dict | np.ndarray | np.generic | UserString):
        return None
    if callable(getattr(value, "numpy", None)):
        found = value.numpy()
        return found if isinstance(found, np.ndarray | np.generic | int | float | list) else None
    if hasattr(value, "__array__") or isinstance(value, memoryview):
        return np.asarray(value)
    if callable(value):
        return None
    if callable(getattr(value, "as_list", None)):
        return value.as_list()
    if isinstance(value, Sequence | ValuesView):
        return list(itertools.islice(value, wire.MAX_VALUES + 1))
    if isinstance(value, Mapping):
        return dict(itertools.islice(value.items(), wire.MAX_VALUES + 1))
    return float(value) if hasattr(type(value), "__float__") else None


def reference(value: Any, number: int) -> wire.Reference:
    """Return the reference, by this number, for an object that stays here."""
    kinds = frozenset(_kinds(value))
    name = getattr(value, "__name__", "") if "callable" in kinds else ""
    name = name if isinstance(name, str) else ""
    return wire.Reference("student", number, kinds, type(value).__name__, _first_line(value), name)


def _kinds(value: Any) -> list[str]:
    """What can be done with an object that stays here."""
    if isinstance(value, os.PathLike):
        return ["path"]
    kind = keras_objects.kind_of(value)
    kinds = [kind] if kind else []
    if callable(value):
        kinds.append("callable")
    can_be_indexed = not isinstance(value, type) and hasattr(type(value), "__getitem__")
    if (isinstance(value, Iterable) or can_be_indexed) and kind not in ("model", "variable"):
        kinds.append("iterable")
    if isinstance(value, Iterator):
        kinds.append("iterator")
    return kinds


def _first_line(value: object) -> str:
    try:
        text = os.fsdecode(value) if isinstance(value, os.PathLike) else safe_text(value)
    except Exception:  # a class of the student's own
        text = safe_text(value)
    lines = text.strip().splitlines() or [""]
    return lines[0][:300]


def plain(value: object, depth: int = 0) -> Any:
    """Return outputs as nothing but dicts, lists, texts and numbers."""
    if depth > 20:
        return None
    if isinstance(value, dict):
        return {str(key)[:1_000]: plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return safe_text(value)


# Errors -------------------------------------------------------------------------------------------


def reason(error: BaseException) -> str:
    """Return why a value could not be encoded."""
    text = str(error) if isinstance(error, wire.MessageTooLarge) else type(error).__name__
    return wire.plain_text(text, 200)


def failure(error: BaseException) -> tuple[str, dict] | None:
    """Return the kind and fields of a failure that one of the course's own functions raised."""
    for kind in (failures.Unsolved, failures.OutOfMemory, failures.CheckFailed):
        if isinstance(error, kind):
            try:
                return kind.__name__, failures.CheckFailed.fields(error)
            except BaseException:  # a class of the student's own
                return None
    return None


def frames(error: BaseException) -> list[tuple[str, int, str, str, dict[str, str]]]:
    """Return the innermost frames of an error, the sandbox's own left out.

    Of each: file, line, function, code, and what the notebook's own names in this code stand for.
    """
    found: list[tuple[str, int, FrameType]] = []
    place = error.__traceback__
    while place is not None:
        file = place.tb_frame.f_code.co_filename
        is_own = file.startswith(_OWN_FOLDER)
        if found or not is_own:
            name = "<frozen examiner>" if is_own else file
            found.append((name, place.tb_lineno, place.tb_frame))
            del found[: _MAX_TRACED - _MAX_FRAMES]
        place = place.tb_next
    described = []
    for name, number, frame in found:
        line = linecache.getline(name, number).strip()[:300]
        kinds = overwritten.kinds_in_line(frame, line)
        described.append((name[:300], number, frame.f_code.co_name[:100], line, kinds))
    try:
        traced = traced_frames(error)
    except BaseException:  # of a class of the student's own
        traced = []
    return described + [
        (name[:300], number, function[:100], line[:300], {})
        for name, number, function, line in traced[-_MAX_TRACED:]
    ]

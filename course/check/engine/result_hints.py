"""Hints on the form of a result: nothing came back, another kind of thing, or another shape."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from course.check.engine import hints, values
from course.check.engine.code_hints import near_text_hint
from course.check.engine.hints import Hint
from course.messages import _

# The hints for a wrong shape, which say only how it differs from the right one.
OF_SHAPES = {"axis-count", "exchanged-axes", "no-axis", "one-number", "shape"}
# Methods that give nothing, but are often returned.
_GIVE_NONE = (
    *("append", "extend", "sort", "resize", "shuffle", "fill", "apply", "apply_gradients"),
    *("add", "build", "compile", "save", "summary", "load_weights", "set_weights"),
)
# A line that returns what a method gave, or the name that it was given, unless that has changed.
_GIVEN_BACK = (
    r"\breturn\b{method}|"
    r"^\s*(\w+) *={method}((?!\n *\1 *=)(.|\n))*\n *return +\1 *(#.*)?$"
)


# No result ----------------------------------------------------------------------------------------


def no_return_hint(attempt: Any) -> Hint:
    """Return the hint for an answer that may have no `return`, or one of what gives None."""
    if attempt.returns_nothing() and not attempt.returns_something():
        text = _("no result is returned: end with `return` and the result.")
        return hints.hint("no-return", text)
    for name in _GIVE_NONE:
        if attempt.says(_GIVEN_BACK.format(method=rf".*\.{name}\(")):
            text = _(
                "`{name}` does something, and gives None: call it on a line of its own, and "
                "return the thing itself."
            )
            return hints.hint("no-return", text.format(name=name))
    text = _(
        "what it returns is None: some functions do something, and give None. Return the thing "
        "itself."
    )
    return hints.hint("no-return", text)


def none_hint(attempt: Any, arguments: dict) -> Hint | None:
    """Return the hint for a missing result where the answer's code returns one; or None."""
    if attempt.only_prints():
        return hints.printed()
    if not attempt.returns_something():
        return None
    if its_hint := near_text_hint(attempt, arguments):
        return its_hint
    if attempt.returns_nothing():
        return hints.hint(
            "no-return-here",
            _("here nothing is returned: is there a `return` with a result for every case?"),
        )
    if attempt.uses("GradientTape") and attempt.uses("gradient"):
        return hints.hint(
            "tape-gave-none",
            _(
                "the tape gave None as a whole: it takes the loss first, then the variables "
                "in a list, tape.gradient(loss, [W, b])."
            ),
        )
    return None


# Another kind -------------------------------------------------------------------------------------


def kind_hint(result: Any, shape: tuple) -> Hint | None:
    """Return the likely cause if it is a string, several things, or no numbers; or None."""
    if isinstance(result.value, str) and result.name:
        text = _(
            "this is a string, not a number: leave out the quotation marks, and from a dict "
            "take d[key], not the key."
        )
        return hints.hint("key-for-value", text)
    if _holds_texts(result.value):
        return hints.hint("text", _("return numbers, not a string."))
    several = result.value if isinstance(result.value, list | tuple) else ()
    found = [result.part(item).plain() for item in several if isinstance(result.value, tuple)]
    if any(values.is_array(item) and item.shape == shape for item in found):
        if len(found) == 1:
            text = _("a comma at the end makes a tuple of one: return what is in it.")
            return hints.hint("tuple-of-one", text)
        return hints.hint("others", _("one result is asked for: return it without the others."))
    if _is_set(result.value):
        text = _("a set keeps no order, and equal numbers only once: make a list or an array.")
        return hints.hint("set", text)
    if any(item is None for item in several):
        text = _("None is not a number: leave it out, or put a number in its place.")
        return hints.hint("none-inside", text)
    argument = next((name for name, its in result.afterwards.items() if its is result.value), "")
    if argument and callable(result.value):
        text = _("this is the argument `{name}` itself: return what calling it gave.")
        return hints.hint("argument-itself", text.format(name=argument))
    if callable(result.value):
        text = _(
            "this is something to call, not its result: what it takes goes in round brackets "
            "after it. A loss or a layer of Keras is made first, then called: "
            "layers.Flatten()(x)."
        )
        return hints.hint("not-called", text)
    return None


def _holds_texts(value):
    """Whether this is a string, an array of strings, or a list that begins with one."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "U"
    if type(value).__name__ == "ndarray":  # in an examination, it stands for the student's
        return "'" in str(value)
    return isinstance(value, str)


def _is_set(value):
    """Whether this is a set, or stands for a student's in an examination: by the type's name."""
    return type(value).__name__ in ("set", "frozenset")


def dict_hint(found: Any, keys: tuple) -> Hint | None:
    """Return the likely cause of something else than a dict with these keys."""
    if _is_set(found):
        return hints.set_for_dict()
    if not isinstance(found, Mapping):
        return hints.hint("return-dict", _("end with a dict that has these keys."))
    is_text = all(isinstance(key, str) and not isinstance(found[key], Mapping) for key in found)
    if len(found) == 1 < len(keys) and not set(found) & set(keys) and is_text:
        return hints.hint(
            "quoted-name",
            _(
                "everything came under one key: in quotation marks it is always the same string; "
                "d[name], without them, is each name in turn."
            ),
        )
    return None


def index_hint(kind: str) -> Hint:
    """Return the likely cause of an array that cannot be used as indices."""
    if kind == "b":
        return hints.hint(
            "mask", _("True and False only mark places: np.flatnonzero gives their indices.")
        )
    return hints.hint(
        "indices",
        _(
            "an array made by np.zeros or np.empty, or from an empty list, holds floats unless "
            "you pass dtype=int; np.sort gives values, np.argsort indices."
        ),
    )


# Another shape ------------------------------------------------------------------------------------


def shape_hint(got: tuple, expected: tuple) -> Hint:
    """Return the likely cause of a wrong shape."""
    if got == expected[::-1] and len(got) == 2:
        return hints.hint(
            "exchanged-axes", _("rows and columns are exchanged: compare the two shapes.")
        )
    if not expected:
        return hints.hint("one-number", _("one number is asked for, not an array of them."))
    if got == ():
        return hints.hint(
            "no-axis",
            _(
                "an array is asked for, not one number. If there is a sum, a mean or an arg max: "
                "without an axis it gives one number for everything."
            ),
        )
    if len(got) != len(expected):
        return hints.hint(
            "axis-count", _("print the shape of every step; which one gains or loses an axis?")
        )
    return hints.hint(
        "shape", _("print the shape of every step and compare it with what the text says.")
    )

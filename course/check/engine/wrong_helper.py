"""Find out whether an answer calls another exercise's answer that fails its own check."""

import dis
import importlib
import types
from typing import Any

from course.check.engine import environment
from course.check.engine.failures import CheckFailed
from course.check.exercises import LESSON_OF

_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME"}
_looking: list = []  # one at a time: two answers may call each other


def find_wrong_helper(function: Any) -> str | None:
    """Name an exercise whose answer this function calls, and which does not pass its check.

    None if there is none, or if that cannot be known: of a function in another process, say.
    """
    if _looking or not isinstance(function, types.FunctionType):
        return None
    _looking.append(function)
    try:
        for name in _names(function.__code__):
            helper = function.__globals__.get(name)
            if not isinstance(helper, types.FunctionType) or helper is function:
                continue
            is_installed = environment.is_library(helper.__code__.co_filename)  # as scipy's are
            if helper.__name__ in LESSON_OF and not is_installed:
                check = importlib.import_module("course.check")
                try:
                    getattr(check, helper.__name__)(helper)
                except CheckFailed:
                    return helper.__name__
    finally:
        _looking.clear()
    return None


def _names(code):
    """The names that a function's code, and that of the functions inside it, looks up globally.

    Attributes are none of them: tf.one_hot is not the learner's one_hot.
    """
    found = dis.get_instructions(code)
    names = dict.fromkeys(one.argval for one in found if one.opname in _GLOBAL)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names |= dict.fromkeys(_names(constant))
    return names

"""Process-wide settings of Keras and TensorFlow, which learners try out and seldom set back."""

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from autograder.sandbox.protocol.channel import Reply
from autograder.sandbox.protocol.settings import DEFAULTS, OF_KERAS


class Defaults:
    """The usual settings, for a while, in place of those that the student's code has made."""

    def __init__(self) -> None:
        """Leave everything as it is."""
        self._changed: dict[str, Any] = {}

    def use(self) -> Reply:
        """Give settings their defaults until `undo`: ("defaults", changed)."""
        self._changed = {}
        with suppress(Exception):  # the code may have changed Keras itself
            self._changed = _changed()
            _use({name: DEFAULTS[name] for name in self._changed})
        return "defaults", list(self._changed)

    def undo(self) -> Reply:
        """Set again what the student's code had set: ("defaults", changed)."""
        with suppress(Exception):
            _use(self._changed)
        return "defaults", list(self._changed)


def _changed() -> dict[str, Any]:
    """The values of the settings that are not what the lessons expect."""
    now = {name: get() for name, (get, _) in _settings().items()}
    plain = {name: getattr(value, "name", value) for name, value in now.items()}  # of a policy
    return {name: value for name, value in now.items() if plain[name] != DEFAULTS[name]}


def _use(values: Mapping[str, Any]) -> None:
    """Set these settings."""
    known = _settings()
    for name, value in values.items():
        known[name][1](value)


def _settings() -> dict[str, tuple[Callable[[], Any], Callable[[Any], object]]]:
    """How to get and to set each; without those of what has not been imported."""
    found: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {}
    if keras := sys.modules.get("keras"):
        config = keras.config
        found |= {n: (getattr(config, n), getattr(config, f"set_{n}")) for n in OF_KERAS}
    if tf := sys.modules.get("tensorflow"):
        callbacks = importlib.import_module("tensorflow.python.framework.op_callbacks")
        config = importlib.import_module("tensorflow.python.framework.config")
        ops = importlib.import_module("tensorflow.python.framework.ops")
        checks = (tf.debugging.disable_check_numerics, tf.debugging.enable_check_numerics)
        determinism = (config.disable_op_determinism, config.enable_op_determinism)
        found["check_numerics"] = (
            lambda: bool(callbacks.should_invoke_op_callbacks()),
            lambda on: checks[on](),
        )
        found["op_determinism"] = (
            lambda: bool(config.is_op_determinism_enabled()),
            lambda on: determinism[on](),
        )
        found["type_promotion"] = (
            lambda: ops.get_dtype_conversion_mode().name.lower(),
            ops.set_dtype_conversion_mode,
        )
    return found

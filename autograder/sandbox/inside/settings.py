"""Settings of Keras's that hold for the whole process: few who try one out set it back."""

import sys
from collections.abc import Mapping
from typing import Any

from autograder.sandbox.protocol.settings import DEFAULTS


def changed() -> dict[str, Any]:
    """The values of the settings that are not what the lessons expect."""
    if (keras := sys.modules.get("keras")) is None:
        return {}
    now = {name: getattr(keras.config, name)() for name in DEFAULTS}
    plain = {name: getattr(value, "name", value) for name, value in now.items()}  # of a policy
    return {name: value for name, value in now.items() if plain[name] != DEFAULTS[name]}


def use(values: Mapping[str, Any]) -> None:
    """Set these settings."""
    for name, value in values.items():
        getattr(sys.modules["keras"].config, f"set_{name}")(value)

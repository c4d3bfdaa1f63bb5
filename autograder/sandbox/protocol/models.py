"""The questions that a Keras model or layer answers; it stays in the process that built it."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ATTRIBUTES = ("name", "trainable", "built", "input_shape", "output_shape", "layers", "weights")
METHODS = ("count_params", "get_weights", "set_weights", "get_config", "get_compile_config")


def kind_of(value: object) -> str:
    """Return "model", "layer" or ""; Keras is not imported for it."""
    keras = sys.modules.get("keras")
    if keras is None:
        return ""
    if isinstance(value, keras.Model):
        return "model"
    return "layer" if isinstance(value, keras.layers.Layer) else ""


def attribute(model: Any, name: str) -> Any:
    """An attribute of a model or layer: plain data, or layers."""
    if name not in ATTRIBUTES or not kind_of(model):
        raise AttributeError(name)
    value = getattr(model, name)
    return [np.asarray(weight) for weight in value] if name == "weights" else value


def method(model: Any, name: str) -> Callable[..., Any]:
    """A function that returns the result of a method as plain data, or layers."""
    if not kind_of(model):
        raise AttributeError(name)
    if name == "predict":
        return lambda x: model.predict(x, verbose=0)
    if name == "saved":
        return lambda: saved(model)
    if name not in METHODS:
        raise AttributeError(name)
    if name in ("get_config", "get_compile_config"):
        return lambda: _plain(getattr(model, name)())
    return getattr(model, name)


def saved(model: Any) -> bytes:
    """The model as the bytes of a `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        return Path(path).read_bytes()


def load(data: bytes) -> Any:
    """The model in the bytes of a `.keras` file; loaded in safe mode, in a fresh sandbox."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        return keras.models.load_model(path, compile=False, safe_mode=True)


def _plain(value: object, depth: int = 0) -> Any:
    """Settings as dicts, lists, numbers and texts."""
    if depth > 15:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)

"""The questions that a Keras object answers; it stays in the process that built it."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course.check.engine.keras_objects import kind_of, measured, take_step

_OF_LAYERS = ("name", "trainable", "built", "input_shape", "output_shape", "weights", "losses")
ATTRIBUTES = {
    "layer": _OF_LAYERS,
    "model": (*_OF_LAYERS, "layers", "compiled", "optimizer", "stop_training"),
    "optimizer": ("iterations",),
    "history": ("history", "params"),
    "variable": (),
}
_OF_EACH_LAYER = ("count_params", "get_weights", "set_weights", "get_config")
METHODS = {
    "layer": _OF_EACH_LAYER,
    "model": (
        *(*_OF_EACH_LAYER, "get_compile_config", "compile_from_config"),
        *("test_on_batch", "train_on_batch", "predict", "saved"),
    ),
    "variable": ("numpy",),
}


def attribute(value: Any, name: str) -> Any:
    """Return an attribute of a Keras object: plain data, or objects that are asked in turn."""
    if name not in ATTRIBUTES.get(kind_of(value), ()):
        raise AttributeError(name)
    found = getattr(value, name)
    return [np.asarray(weight) for weight in found] if name == "weights" else found


def method(model: Any, name: str) -> Callable[..., Any]:
    """Return a function that returns the result of a method as plain data, or layers."""
    if name not in METHODS.get(kind_of(model), ()):
        raise AttributeError(name)
    if name == "predict":
        return lambda x: model.predict(x, verbose=0)
    if name == "test_on_batch":
        return lambda X, y: measured(model, X, y)
    if name == "train_on_batch":
        return lambda X, y: take_step(model, X, y)
    if name == "saved":
        return lambda: saved(model)
    if name in ("get_config", "get_compile_config"):
        return lambda: _plain(getattr(model, name)())
    return getattr(model, name)


def saved(model: Any) -> bytes:
    """Return the model as the bytes of a `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        return Path(path).read_bytes()


def load(data: bytes) -> Any:
    """Return the model in the bytes of a `.keras` file; loaded in safe mode, in a fresh sandbox."""
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

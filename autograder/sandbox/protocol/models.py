"""What may be asked of a Keras model or layer, which stays in the process where it was built."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

ATTRIBUTES = ("name", "trainable", "built", "input_shape", "output_shape", "layers", "weights")
METHODS = ("count_params", "get_weights", "set_weights", "get_config", "get_compile_config")


def kind_of(value) -> str:
    """Say "model" or "layer", or nothing; without importing Keras for it."""
    keras = sys.modules.get("keras")
    if keras is None:
        return ""
    if isinstance(value, keras.Model):
        return "model"
    return "layer" if isinstance(value, keras.layers.Layer) else ""


def attribute(model, name: str):
    """An attribute of a model or layer, as plain data, or layers."""
    if name not in ATTRIBUTES or not kind_of(model):
        raise AttributeError(name)
    value = getattr(model, name)
    return [np.asarray(weight) for weight in value] if name == "weights" else value


def method(model, name: str):
    """A function that gives what a method of a model gives, as plain data, or layers."""
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


def saved(model) -> bytes:
    """The bytes of a `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        return Path(path).read_bytes()


def load(data: bytes):
    """The model in the bytes of a `.keras` file, by Keras's safe mode: in a fresh sandbox."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        return keras.models.load_model(path, compile=False, safe_mode=True)


def _plain(value, depth=0):
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

"""The questions that the examiner may put to a Keras model, which stays where it was built."""

import os
import sys
import tempfile

import numpy as np

QUESTIONS = (
    *("count_params", "input_shape", "output_shape", "get_weights", "set_weights"),
    *("layers", "config", "predict", "call", "saved"),
)
_LARGEST_FILE = 50_000_000  # bytes


def is_model(value) -> bool:
    """Whether this is a Keras model; without importing Keras for it."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def answer(model, question: str, arguments):
    """The answer as plain data; on the student's side."""
    if question not in QUESTIONS or not is_model(model):
        raise ValueError(f"no such question: {question}")
    return globals()[f"_{question}"](model, *arguments)


def _count_params(model):
    return model.count_params()


def _input_shape(model):
    return model.input_shape


def _output_shape(model):
    return model.output_shape


def _get_weights(model):
    return model.get_weights()


def _set_weights(model, weights):
    model.set_weights(weights)


def _predict(model, x):
    return model.predict(x, verbose=0)


def _call(model, x, training):
    return np.asarray(model(x, training=training))


def _config(model):
    return _plain(model.get_config())


def _layers(model):
    """Of each layer, in order: its class, name, settings, parameters, and shapes."""
    return [
        {
            "class_name": type(layer).__name__,
            "name": layer.name,
            "config": _plain(layer.get_config()),
            "parameters": layer.count_params() if layer.built else None,
            "trainable": layer.trainable,
            "weights": [list(weight.shape) for weight in layer.weights],
        }
        for layer in model.layers
    ]


def _saved(model):
    """The model as the bytes of a `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        if os.path.getsize(path) > _LARGEST_FILE:
            raise ValueError("the saved model is too large")
        with open(path, "rb") as file:
            return file.read()


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

"""Keras objects as arguments: described by plain data, and made where the answer runs.

An answer may run in another process than its check. So a check describes the model, the loss, the
optimiser or the variable that an answer is given, and asks for it to be made on the answer's side.
What is made there is asked for its weights, its outputs and so on as if it were here.
"""

import atexit
import contextlib
import functools
import inspect
import itertools
import json
import operator
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np

KINDS = ("model", "layer", "loss", "optimizer", "history", "dataset", "variable")
_paths = itertools.count()


@dataclass(frozen=True, eq=False)
class KerasObject:
    """What an object is made of, as plain data; its text is what a learner reads.

    kind       "model", "loss", "optimizer", "variable", or "path": of a file in its own folder
    config     its configuration, as Keras writes it down; a variable's value; the file's name
    weights    of a model
    compiled   how a model is compiled, if it is
    state      the variables of a compiled model's optimiser, if they are not as at the start
    max_epochs after how many epochs a model's `fit` is cut short
    """

    kind: str
    config: Any
    text: str
    weights: list = field(default_factory=list)
    compiled: dict | None = None
    state: list | None = None
    max_epochs: int | None = None

    def __str__(self) -> str:
        """Return the object as a learner reads it."""
        return self.text

    def plain(self) -> tuple:
        """Return the description as plain data, which `make` takes."""
        return astuple(self)


def described(value: Any) -> KerasObject:
    """Return the description of a Keras model, loss or optimiser, or of a TensorFlow variable."""
    from course.backend import keras

    kind = kind_of(value)
    if kind == "loss":
        return KerasObject(kind, keras.losses.serialize(value), f"{type(value).__name__}(…)")
    if kind == "optimizer":
        return KerasObject(kind, keras.optimizers.serialize(value), f"{type(value).__name__}(…)")
    if kind == "variable":
        text = np.array2string(value.numpy(), separator=", ")
        return KerasObject(kind, value.numpy(), f"tf.Variable({' '.join(text.split())})")
    names = ", ".join(type(layer).__name__ for layer in value.layers)
    description = KerasObject(
        kind, value.to_json(), f"{type(value).__name__}: {names}", value.get_weights()
    )
    if not value.compiled:
        return description
    variables = value.optimizer.variables if value.optimizer.built else None
    return replace(
        description,
        compiled=value.get_compile_config(),
        state=variables and [np.asarray(variable) for variable in variables],
    )


def path_of(name: str) -> KerasObject:
    """Return a path that ends in this name, in an empty folder on the answer's side."""
    return KerasObject("path", name, f'"/…/{name}"')


def make(descriptions: list[tuple]) -> list:
    """Return the objects with these descriptions; an optimiser is built for the model there."""
    made = [_MAKERS[kind](config, *more) for kind, config, _text, *more in descriptions]
    models = [value for value in made if kind_of(value) == "model"]
    for value in made:
        if kind_of(value) == "optimizer":
            value.build([weight for model in models for weight in model.weights])
            value.build = _build_anew(value)
    return made


def kind_of(value: object) -> str:
    """Return the kind of a Keras object: "model", "layer", "history" …; it imports no Keras."""
    keras = sys.modules.get("keras")
    if keras is None:
        return ""
    tf = sys.modules["tensorflow"]
    classes = (
        *(keras.Model, keras.layers.Layer, keras.losses.Loss, keras.optimizers.Optimizer),
        *(keras.callbacks.History, tf.data.Dataset, tf.Variable),
    )
    known = zip(KINDS, classes, strict=True)
    return next((kind for kind, its_class in known if isinstance(value, its_class)), "")


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Let a model take a step without making a graph of it first, which takes longer."""
    from course.backend import tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def measured(model: Any, X: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return the loss and the metrics of a compiled model for one batch, by name."""
    with eagerly():
        return dict(model.test_on_batch(X, y, return_dict=True))


def take_step(model: Any, X: np.ndarray, y: np.ndarray) -> None:
    """Train a compiled model on one batch."""
    with eagerly():
        model.train_on_batch(X, y)


def moves_of_weights(model: Any, X: np.ndarray, y: np.ndarray, steps: int) -> np.ndarray:
    """Return how far the weights are from where they were, after each step on a part of data."""
    before, moves = flat_weights(model), []
    for step in range(steps):
        take_step(model, X[step::steps], y[step::steps])
        moves.append(flat_weights(model) - before)
    return np.array(moves)


def flat_weights(model: Any) -> np.ndarray:
    """Return all weights of a model in a row."""
    return np.concatenate([np.ravel(value) for value in model.get_weights()]).astype(np.float64)


def _model(config, weights, compiled, state, max_epochs):
    from course.backend import keras

    settings = json.loads(config)
    settings.pop("compile_config", None)  # what is compiled is compiled below
    make = keras.saving.deserialize_keras_object
    if settings["class_name"] == "Sequential":  # Keras would build it again for each of its layers
        own = settings["config"]
        model = keras.Sequential([make(layer) for layer in own["layers"]], name=own["name"])
    else:
        model = make(settings)
    model.set_weights(weights)
    if compiled is not None:
        model.compile_from_config(compiled)
    if state is not None:
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
    if max_epochs is not None:
        model.fit = _cut_short(model.fit, max_epochs)
    return model


def _cut_short(fit, max_epochs):
    """The `fit` of a model, for at most `max_epochs`; its History says how many were asked for."""
    signature = inspect.signature(fit)

    @functools.wraps(fit)
    def shorter(*given, **settings):
        try:
            bound = signature.bind(*given, **settings)
            asked = bound.arguments.get("epochs", 1)
            first = operator.index(bound.arguments.get("initial_epoch", 0))
            bound.arguments["epochs"] = min(operator.index(asked), first + max_epochs)
        except TypeError:  # which Keras says in its own words
            return fit(*given, **settings)
        history = fit(*bound.args, **bound.kwargs)
        history.params["epochs"] = asked - first
        return history

    return shorter


def _loss(config, *_more):
    from course.backend import keras

    return keras.losses.deserialize(config)


def _optimizer(config, *_more):
    from course.backend import keras

    return keras.optimizers.deserialize(config)


def _build_anew(optimizer):
    """A `build` for an optimiser that is built already: it begins again, for other variables."""
    build, config = optimizer.build, optimizer.get_config()

    @functools.wraps(build)
    def build_anew(variables):
        vars(optimizer).update(vars(type(optimizer).from_config(config)))
        build(variables)

    return build_anew


def _variable(value, *_more):
    from course.backend import tf

    return tf.Variable(value)


def _path(name, *_more):
    folder = os.path.join(_folder(), str(next(_paths)))
    os.mkdir(folder)
    return os.path.join(folder, name)


@functools.cache
def _folder():
    folder = tempfile.mkdtemp(prefix="course-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


_MAKERS = {
    "model": _model,
    "loss": _loss,
    "optimizer": _optimizer,
    "variable": _variable,
    "path": _path,
}

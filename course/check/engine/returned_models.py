"""What several checks ask of a Keras model that an answer returns."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from course.check.engine import formatting
from course.check.engine.hints import Hint, hint
from course.check.engine.result import Result
from course.messages import _


def check_own_network(result: Result, model: Any, *names: str) -> None:
    """Check that a model is not one of the course's own networks, which have these names."""
    name = str(getattr(model, "name", ""))
    if name not in names:
        return
    result.fail(
        _("{exercise} must be your own: this is one of the course's networks.").format(
            exercise=result.exercise
        ),
        got=_("what networks.{function}() returns").format(function=name.replace("-", "_")),
        hint=hint(
            "own",
            _(
                'build it from Keras\'s layers. If you did, leave out name="{name}": one of the '
                "course's networks has that name."
            ).format(name=name),
        ),
    )


def no_model(value: Any) -> Hint:
    """Return the hint for something else in place of a model, such as a list of its layers."""
    if isinstance(value, list | tuple):
        text = _("a list of layers is not a model yet: keras.Sequential(…) turns it into one.")
        return hint("list-of-layers", text)
    return hint("return-model", _("end with `return` and the model itself."))


def check_built(result: Result, model: Any, parameters: int, inputs: str) -> None:
    """Check that a model has its weights before it has seen a digit; `inputs` is their shape."""
    try:
        model.count_params()
    except Exception as error:
        result.fail(
            _("{name} must return a built model: one that has its weights.").format(
                name=result.exercise
            ),
            expected=_("`{name}().count_params()` gives {count}").format(
                name=result.exercise, count=parameters
            ),
            got=formatting.error_text(error),
            hint=hint(
                "not-built",
                _(
                    "start with keras.Input({inputs}); then Keras knows how large each layer is."
                ).format(inputs=inputs),
            ),
        )


def output_of(model: Any, images: Any) -> np.ndarray:
    """Return what a model gives when it is not training; a model may have a list of one output."""
    found = model(images, training=False)
    return np.asarray(found[0] if isinstance(found, list) and len(found) == 1 else found)


@contextlib.contextmanager
def known_weights(model: Any) -> Iterator[None]:
    """Restore a model's own weights after a block that sets others."""
    own = model.get_weights()
    try:
        yield
    finally:
        model.set_weights(own)


def shares_weights(model: Any, other: Any) -> bool:
    """Return whether another model's weights move with those of the model."""
    with known_weights(model):
        before = other.get_weights()
        model.set_weights([value + 1 for value in model.get_weights()])
        return not all(map(np.array_equal, before, other.get_weights()))


def layers_of(model: Any) -> list:
    """Return the layers of a model, one after the other, also those of models inside of it."""
    found = []
    parts = getattr(model, "operations", None) or getattr(model, "layers", None) or [model]
    for layer in parts:  # a functional model's operations include plain functions
        if layer is not model and getattr(layer, "layers", None):
            found += layers_of(layer)
        elif type(layer).__name__ != "InputLayer":
            found.append(layer)
    return found


def is_pooling(layer: Any) -> bool:
    """Return whether a layer pools."""
    return "Pooling" in type(layer).__name__


def through(layer: Any, x: Any) -> Any:
    """Return what a layer makes of x when the network is not training."""
    kind = type(layer).__name__
    is_told = kind in ("BatchNormalization", "GaussianNoise") or kind.startswith("Random")
    return layer(x, training=False) if is_told or "Dropout" in kind else layer(x)


def activations_of(model: Any) -> list[str]:
    """Return the name of each layer's activation; "" if it has none, or one of the learner's."""
    names = []
    for layer in layers_of(model):
        kind = type(layer).__name__.lower()
        if kind in ("softmax", "relu", "leakyrelu", "elu", "prelu"):
            names.append(kind)
        else:
            name = settings_of(layer).get("activation")
            names.append(name if isinstance(name, str) else "")
    return names


def settings_of(layer: Any) -> dict[str, Any]:
    """Return what a layer was made with, as plain values; {} if it does not tell.

    An examination knows nothing else of a layer: the object stays in the student's process.
    """
    try:
        return layer.get_config()
    except Exception:  # a plain function of a functional model, or a layer of a learner's own
        return {}

"""Ask a Keras model about itself: the digits it takes, its loss, its optimiser, its layers."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.backend import keras, tf
from course.messages import _
from course.training.examples import SIDE
from course.training.learner import are_probabilities

_ACTIVATION_LAYERS = (
    keras.layers.Activation,
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
)


def digit_shape(network: Any) -> tuple[int, ...]:
    """Return the shape that the network takes a digit in: (28, 28), (784,) or (28, 28, 1)."""
    flat, plain, channel = (SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1)
    declared = _declared_shape(network)
    if isinstance(declared, tuple) and declared and not isinstance(declared[0], tuple):
        declared = declared[1:]
        for shape in (flat, plain, channel):
            if len(declared) == len(shape) and all(
                got in (None, expected) for got, expected in zip(declared, shape, strict=True)
            ):
                return shape
        message = _(
            "The network takes inputs of the shape {got}; expected (28, 28), (784,) or "
            "(28, 28, 1), the shapes that a digit can have. Change its first layer."
        )
        raise ValueError(message.format(got=declared))
    first = next(iter(getattr(network, "layers", [])), None)
    if not network.built and isinstance(network, keras.Sequential):
        if isinstance(first, keras.layers.Dense):
            return flat
        if isinstance(first, keras.layers.Conv2D | keras.layers.MaxPooling2D):
            return channel
    return plain


def _declared_shape(network):
    """The shape that a built network takes; for a custom class, that of its first call."""
    if not network.built:
        return None
    shape = getattr(network, "input_shape", None)
    return shape or (network.get_build_config() or {}).get("input_shape")


def shaped_for(network: Any, images: np.ndarray) -> np.ndarray:
    """Return images (n, 28, 28) in the shape that the network takes digits in."""
    return np.reshape(images, (len(images), *digit_shape(network)))


def check_weights(network: Any) -> None:
    """Raise ValueError if a weight of the network is not a finite number."""
    for weight in network.weights:
        is_fraction = np.issubdtype(weight.dtype, np.floating)
        if is_fraction and not np.all(np.isfinite(weight.numpy())):
            message = _(
                "The weights {name} hold values that are NaN or infinite; expected finite numbers. "
                "Build the network again before you train it."
            )
            raise ValueError(message.format(name=weight.path))


def kernels_and_biases(network: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return what multiplies (kernels, filters) and what is added (biases, offsets)."""
    kernels, biases = [], []
    for variable in network.trainable_variables:
        if len(variable.shape) >= 2:
            kernels.append(variable.numpy())
        elif len(variable.shape) == 1 and variable.name != "gamma":
            biases.append(variable.numpy())
    return kernels, biases


def loss_of(network: Any, loss: Any, outputs: np.ndarray) -> tuple[Callable[..., Any], bool]:
    """Return the loss function and whether it takes one-hot labels.

    It is the one given; else the one that the model was compiled with; else the cross-entropy, from
    probabilities if the `outputs` (n, 10) are probabilities, or from logits.
    """
    loss = _chosen_loss(network, loss)
    if loss is None:
        logits = not are_probabilities(outputs)
        return keras.losses.SparseCategoricalCrossentropy(from_logits=logits), False
    if isinstance(loss, str | dict):
        loss = keras.losses.get(loss)
    name = str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))
    one_hot = not name.startswith("sparse")
    if isinstance(loss, keras.losses.Loss):
        return loss, one_hot
    return (lambda labels, outputs: tf.reduce_mean(loss(labels, outputs))), one_hot


def is_cross_entropy(network: Any, loss: Any) -> bool:
    """Return whether the loss is the cross-entropy, which Keras spells in several ways."""
    loss = _chosen_loss(network, loss)
    if loss is None:
        return True
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    return "crossentropy" in str(name).lower().replace("_", "").replace("-", "")


def _chosen_loss(network: Any, loss: Any) -> Any:
    if loss is None and getattr(network, "compiled", False):
        loss = network.loss
        while isinstance(loss, list | tuple | dict) and len(loss) == 1:  # of the only output
            (loss,) = loss.values() if isinstance(loss, dict) else loss
    return loss


def copy_optimizer(optimizer: Any) -> tuple[Any, Any]:
    """Return an unused optimiser like this one with a constant rate, and its schedule or None."""
    if isinstance(optimizer, str):
        with contextlib.suppress(ValueError):  # an unknown name is refused below
            return keras.optimizers.get(optimizer), None
    if isinstance(optimizer, type):
        optimizer = optimizer()
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        message = _(
            "The optimiser is {got}; expected a name such as 'sgd' or 'adam', or a Keras optimiser "
            "such as keras.optimizers.Adam()."
        )
        raise ValueError(message.format(got=repr(optimizer)))
    schedule = schedule_of(optimizer)
    if schedule is None:
        return type(optimizer).from_config(optimizer.get_config()), None
    rate = float(np.asarray(schedule(0)))
    try:  # without the schedule: one that a learner wrote need not have a configuration
        optimizer.learning_rate = keras.optimizers.schedules.ExponentialDecay(rate, 1, 1.0)
        config = optimizer.get_config()
    finally:
        optimizer.learning_rate = schedule
    return type(optimizer).from_config(config | {"learning_rate": rate}), schedule


def schedule_of(optimizer: Any) -> Any:
    """Return the optimiser's schedule, or None: Keras gives it no public name."""
    kind = keras.optimizers.schedules.LearningRateSchedule
    return next((value for value in vars(optimizer).values() if isinstance(value, kind)), None)


def hidden_activations(network: Any) -> Any:
    """Return a model whose outputs are the hidden activations, or None without batch norm."""
    if not any(isinstance(layer, keras.layers.BatchNormalization) for layer in all_layers(network)):
        return None
    outputs = {}
    try:
        for layer in getattr(network, "layers", [])[:-1]:
            activation = getattr(layer, "activation", None)
            bends = isinstance(layer, _ACTIVATION_LAYERS) or (
                activation is not None and activation is not keras.activations.linear
            )
            if bends:
                outputs[layer.name] = layer.output
        return keras.Model(network.inputs, outputs) if outputs else None
    except (AttributeError, ValueError):  # a model whose layers cannot be reached from outside
        return None


def redraw_weights(network: Any, rng: np.random.Generator) -> None:
    """Draw new starting weights with the initialisers of all layers."""
    drawn = set()
    for layer in all_layers(network):
        for name, initializer in list(vars(layer).items()):
            variable = getattr(layer, name.removesuffix("_initializer"), None)
            if not name.endswith("_initializer") or not isinstance(variable, keras.Variable):
                continue
            if isinstance(initializer, keras.initializers.Initializer):
                config = initializer.get_config()
                if "seed" in config:
                    config["seed"] = int(rng.integers(2**31))
                    initializer = type(initializer).from_config(config)
                variable.assign(initializer(variable.shape, dtype=variable.dtype))
                drawn.add(id(variable))
    for variable in network.trainable_variables:
        if id(variable) not in drawn:
            # How a custom layer drew its weights is not known. As they are independent and equally
            # distributed, the same numbers in another order are as good a draw.
            variable.assign(rng.permuted(variable.numpy().ravel()).reshape(variable.shape))


def all_layers(network: Any) -> Iterator[Any]:
    """Yield a network and all layers inside it, each once, outer layers first."""
    waiting, seen = deque([network]), set()
    while waiting:
        found = waiting.popleft()
        if isinstance(found, keras.Layer | dict | list | tuple) and id(found) not in seen:
            seen.add(id(found))
            if isinstance(found, keras.Layer):
                yield found
                found = vars(found)
            waiting.extend(found.values() if isinstance(found, dict) else found)

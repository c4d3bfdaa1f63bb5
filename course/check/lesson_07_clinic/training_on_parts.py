"""What is observed of a model that is trained on parts of a batch, calculated with NumPy.

The model is a dense layer, as it is described by its check, and its optimiser is SGD.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course.check.references.lesson_01_softmax import softmax


def simulated(batches: Callable, *, is_measured_afterwards: bool = False) -> Callable:
    """What is observed of an answer that trains on these parts of the batch.

    `batches` is a function (examples, steps) -> for each loss that is returned, the parts that it
    is the mean of, in the order of the steps.
    """

    def simulate(model, images, labels, steps):
        settings = model.compiled["optimizer"]["config"]
        rate, momentum = settings["learning_rate"], settings["momentum"]
        weights, losses, taken = _start(model), [], 0
        speed = np.zeros_like(weights)
        for parts in batches(len(labels), steps):
            measured, sizes = [], []
            for part in parts:
                X, y = images[part], labels[part]
                before, slopes = _loss_and_slopes(weights, X, y)
                speed = momentum * speed - rate * slopes
                weights, taken = weights + speed, taken + 1
                after = _loss_and_slopes(weights, X, y)[0]
                measured.append(after if is_measured_afterwards else before)
                sizes.append(len(y))
            losses.append(np.average(measured, weights=sizes))
        return {"steps": taken, "weights": weights.ravel(), "losses": losses}

    return simulate


def _start(model):
    """The weights before training: a matrix whose last row are the biases."""
    return np.vstack(model.weights).astype(np.float64)


def _loss_and_slopes(weights, X, y):
    """The mean cross-entropy of some examples, and its gradient."""
    inputs = np.column_stack([X, np.ones(len(X))])
    P = softmax(inputs @ weights)
    error = P - np.eye(P.shape[1])[y]
    return -np.log(P[np.arange(len(y)), y]).mean(), inputs.T @ error / len(y)


def whole(_count: int, steps: int) -> list:
    """The whole batch, in every step."""
    return [[slice(None)]] * steps


def split(size: int) -> Callable:
    """The parts that `fit` makes of a batch, if it takes this many examples at a time."""
    return lambda count, steps: [_parts(count, size)] * steps


def _parts(count, size):
    return [slice(start, start + size) for start in range(0, count, size)]


def shared_out(size_of: Callable, *, epochs: Callable) -> Callable:
    """As many examples at a time as size_of(examples, steps), for epochs(steps)."""
    return lambda count, steps: split(max(size_of(count, steps), 1))(count, epochs(steps))


def stepping(part: Callable) -> Callable:
    """Each step on another part of the batch."""
    return lambda _count, steps: [[part(step, steps)] for step in range(steps)]


def first(share: float) -> Callable:
    """A share of the batch, in every step."""
    return lambda count, steps: [[slice(int(count * share))]] * steps


def steps_in_parts(size: int) -> Callable:
    """How many steps are taken in parts of this size, wherever they lead if they are shuffled."""
    return lambda model, images, labels, steps: {"steps": steps * len(_parts(len(labels), size))}


def without_training(model: Any, images: Any, labels: Any, steps: int) -> dict:
    """What is observed if `model` stays as it is."""
    loss = simulated(whole)(model, images, labels, steps)["losses"][:1]
    return {"steps": 0, "weights": _start(model).ravel(), "losses": loss * steps}


def running_mean(model: Any, images: Any, labels: Any, steps: int) -> dict:
    """What is observed if each loss is the mean of those up to it."""
    found = simulated(whole)(model, images, labels, steps)
    return found | {"losses": np.cumsum(found["losses"]) / np.arange(1, steps + 1)}


def with_a_loss_before(model: Any, images: Any, labels: Any, steps: int) -> dict:
    """What is observed if the initial loss is measured first, and then comes once more."""
    found = simulated(whole)(model, images, labels, steps)
    return found | {"losses": [found["losses"][0], *found["losses"]]}


def with_a_loss_afterwards(model: Any, images: Any, labels: Any, steps: int) -> dict:
    """What is observed if the loss after the last step comes as well."""
    later = simulated(whole)(model, images, labels, steps + 1)
    return simulated(whole)(model, images, labels, steps) | {"losses": later["losses"]}


def steps_times_steps(model: Any, images: Any, labels: Any, steps: int) -> dict:
    """What is observed, but for the losses, if all steps are taken in each round of a loop."""
    found = simulated(whole)(model, images, labels, steps * steps)
    return {name: found[name] for name in ("steps", "weights")}

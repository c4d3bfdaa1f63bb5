"""Backward passes through two layers, made of parts: with others than the right ones, mistakes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from course.check.references.lesson_01_softmax import softmax


@dataclass(frozen=True)
class Pass:
    """What a backward pass may look at: the sums of the hidden layer, and the error behind it."""

    X: np.ndarray
    T: np.ndarray
    products: np.ndarray  # the sums without their biases
    sums: np.ndarray
    hidden: np.ndarray
    logits: np.ndarray
    Y: np.ndarray
    behind: np.ndarray | None = None


def backpropagation(
    *,
    activation: Callable = lambda sums: np.maximum(sums, 0),
    soft: Callable = softmax,
    error: Callable = lambda at: at.Y - at.T,
    gate: Callable = lambda at: at.sums > 0,
    inputs: Callable = lambda at: (at.X, at.hidden),
    way_back: Callable = lambda W2: W2.T,
) -> Callable:
    """An answer with other parts: `error`, `gate` and the layers' `inputs` are made of a pass."""

    def answer(parameters, X, T):
        W1, b1, W2, b2 = map(parameters.get, ("W1", "b1", "W2", "b2"))
        products = X @ W1
        sums = products + b1
        hidden = activation(sums)
        logits = hidden @ W2 + b2
        at = Pass(X, T, products, sums, hidden, logits, soft(logits))
        above = error(at) / len(T)
        at = replace(at, behind=above @ way_back(W2))
        below = at.behind * gate(at)
        first, second = inputs(at)
        slopes = {"W1": first.T @ below, "b1": below.sum(axis=0)}
        return slopes | {"W2": second.T @ above, "b2": above.sum(axis=0)}

    return answer


def booleans(at: Pass) -> np.ndarray:
    """A gate that lets 1 or 0 through: what a cast makes of TensorFlow's dH * (S > 0)."""
    is_one = (np.trunc(at.behind) != 0) & (at.sums > 0)  # the fractions are cut off first
    return np.divide(is_one, at.behind, out=np.zeros_like(at.behind), where=at.behind != 0)


def through_softmax(error: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """An error behind softmax, taken back through it."""
    return Y * (error - np.sum(error * Y, axis=1, keepdims=True))


def measured(parameters: dict, X: np.ndarray, T: np.ndarray, h: float, back: float) -> dict:
    """Slopes of the mean loss over a distance that shows: from -back · h to h."""

    def loss(parameters):
        hidden = np.maximum(X @ parameters["W1"] + parameters["b1"], 0)
        of_truth = softmax(hidden @ parameters["W2"] + parameters["b2"])[T == 1]
        return -np.log(of_truth).mean()

    slopes = {name: np.zeros_like(value) for name, value in parameters.items()}
    for name, value in parameters.items():
        for place in range(value.size):
            step = h * (np.arange(value.size) == place).reshape(value.shape)
            ends = [loss(parameters | {name: value + by * step}) for by in (1, -back)]
            slopes[name].flat[place] = (ends[0] - ends[1]) / ((1 + back) * h)
    return slopes

"""Read from trained weights when each example had its turn, and with which others.

Each example has an input of its own, so its weights move in its own steps alone. All belong to
class 0, whose bias grows from step to step: the later an example comes, the less is left to learn,
and the less its weights move. All of this is for a learning rate of 1.
"""

import numpy as np
import scipy.special
from numpy.typing import ArrayLike


def examples_apart(n: int) -> dict[str, np.ndarray]:
    """X, T, W and b: such examples, and a softmax layer that has learned nothing yet."""
    arrays = {"X": np.eye(n), "T": np.tile([1, 0], (n, 1)), "W": np.zeros((n, 2)), "b": np.zeros(2)}
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def moves(order: ArrayLike) -> np.ndarray:
    """Return how far steps on one example each, in this order, move the weights of each example."""
    order = np.asarray(order)
    moved, bias = np.zeros(order.max() + 1), 0.0
    for place in order:  # 1 - p, where p is the softmax of the logits ±(w + b)
        step = scipy.special.expit(-2 * (moved[place] + bias))
        moved[place] += step
        bias += step
    return moved


def order_of(moved: np.ndarray) -> np.ndarray:
    """Return the order of the examples in an epoch that moved their weights this far."""
    return np.argsort(-moved, kind="stable")


def second_order(moved: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return a second epoch's order: how far both epochs moved each example, and the first alone.

    The last step, 1 - p, gives the bias, which grows from step to step.
    """
    left = np.clip(moved - first, 1e-9, 1 - 1e-9)
    return np.argsort(scipy.special.logit(1 - left) / 2 - first, kind="stable")


def batches_of(moved: np.ndarray) -> set[tuple[int, ...]]:
    """Return which examples share a mini-batch: those that move equally far.

    Two epochs leave as many distances as there are pairs of mini-batches, one of each epoch, with
    examples in both.
    """
    order = np.argsort(moved)
    ends = np.flatnonzero(np.diff(moved[order]) > 1e-3 * moved[order[:-1]]) + 1
    return {tuple(sorted(part.tolist())) for part in np.split(order, ends)}


def neighbours_within(batches: set[tuple[int, ...]]) -> int:
    """Return how many examples have the next one in their own mini-batch."""
    return sum(int(np.count_nonzero(np.diff(batch) == 1)) for batch in batches)

"""What both kinds of learners report after some steps."""

from typing import NamedTuple

import numpy as np


class Outcome(NamedTuple):
    """Steps done, whether the last left something not finite, and what every mini-batch showed."""

    steps: int
    diverged: bool
    losses: np.ndarray  # (steps,)
    accuracies: np.ndarray  # (steps,)
    predictions: np.ndarray  # of the last mini-batch, before its step
    error: BaseException | None = None  # raised after these steps, to be passed on


def are_probabilities(outputs: np.ndarray) -> bool:
    """Tell probabilities from logits: nothing negative, and every row sums to 1."""
    sums = outputs.sum(axis=1)
    return bool((outputs >= 0).all() and np.allclose(sums, 1, atol=1e-3))

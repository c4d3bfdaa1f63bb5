"""The right answers of lesson 5: the validation split, dropout, early stopping."""

import numpy as np

from course.check.engine.guard import guarded


@guarded
def split_indices(n: int, validation_share: float, rng):
    """-> (training, validation): indices 0..n-1, disjoint, covering, at random."""
    validation, training = np.split(rng.permutation(n), [round(validation_share * n)])
    return training, validation


@guarded
def dropout(activations, rate: float, training: bool, rng):
    """(n, d) -> (n, d): in training, survivors divided by 1 - rate and the others 0."""
    if not training:
        return activations
    survives = rng.random(activations.shape) >= rate
    return np.where(survives, activations / (1 - rate), 0).astype(activations.dtype)


@guarded
def early_stopping(losses, patience: int) -> tuple[int, int]:
    """(m,) -> (stop, best): stop once `patience` epochs in a row brought no new minimum.

    If that never happens, stop is the last epoch. A tie is not an improvement.
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch == best + patience:
            break
    return epoch, best

"""Properties of the orders in which examples come, with what they are in random orders.

A right answer lacks one by bad luck once in millions of draws.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def is_permutation(order: ArrayLike, n: int) -> bool:
    """Return whether these are the numbers from 0 to n - 1, each of them once."""
    return bool(np.array_equal(np.sort(np.ravel(order)), np.arange(n)))


def kept_neighbours(order: np.ndarray, other: np.ndarray) -> int:
    """Return how many neighbours in one order are so in the other; 2 or so if both are random."""
    return int(np.count_nonzero(np.abs(np.diff(np.argsort(other)[order])) == 1))


def has_equal_steps(order: np.ndarray) -> bool:
    """Return whether an order goes on by one step throughout, as that given and its reverse do."""
    return bool(np.ptp(np.diff(order)) == 0)


def is_mixed(order: np.ndarray, batch_size: int) -> bool:
    """Return whether an order of some 500 examples looks random, within batches and across them.

    Of random orders, the most common step comes 8 times or so, 7 ± 2.7 examples stay in the batch
    of their place, and they move by 167 ± 5.3 places; five deviations are allowed.
    """
    places = np.arange(len(order))
    of_a_step = Counter(np.diff(order).tolist()).most_common(1)[0][1]
    in_own_batch = np.count_nonzero(order // batch_size == places // batch_size)
    distance = np.abs(order - places).mean()
    return bool(of_a_step <= 20 and in_own_batch <= 24 and abs(distance - len(order) / 3) <= 30)


def pairs_together(order: np.ndarray, other: np.ndarray, batch_size: int) -> int:
    """Return how many pairs share a batch in both orders; of 500 examples in sevens 18 ± 4.3."""
    batches = [np.argsort(one) // batch_size for one in (order, other)]
    _batches, counts = np.unique(batches, axis=1, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def never_moved(orders: Sequence[np.ndarray]) -> list[int]:
    """Return the examples that keep their place in all of these orders: none, at random."""
    stays = np.all(np.array(orders) == np.arange(len(orders[0])), axis=0)
    return [int(place) for place in np.flatnonzero(stays)]

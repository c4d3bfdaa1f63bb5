"""What a run remembers: curves, percentile bands, and when a setting was changed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# Past this many rows every second one is dropped: a long run is remembered more coarsely, never
# with more memory. A picture has fewer columns of pixels than this anyway.
MAX_ROWS = 4096

EDGES = 8  # of seven bands that hold equally many values each
_PERCENTILES = np.linspace(0, 100, EDGES)
_MAX_SAMPLE = 10_000  # values; the percentiles of more are estimated
_MAX_SMALL = 512  # values of an array that is never sampled
# Strides through an array. Keras stores a kernel row by row: a stride that shares a factor with the
# number of neurons would see only a few of them; these primes do not.
_STRIDES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


class Curve:
    """Loss and accuracy by step, as arrays of equal length; thinned out when they grow long."""

    def __init__(self) -> None:
        self._rows = _Rows(2)

    @property
    def steps(self) -> np.ndarray:
        """The steps at which the values were taken, integers (n,)."""
        return self._rows.steps

    @property
    def loss(self) -> np.ndarray:
        """The mean loss, (n,): the cross-entropy, unless the run has another loss."""
        return self._rows.values[:, 0]

    @property
    def accuracy(self) -> np.ndarray:
        """The share of digits recognised, 0..1, (n,)."""
        return self._rows.values[:, 1]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.steps)

    def extend(self, steps: ArrayLike, loss: ArrayLike, accuracy: ArrayLike) -> None:
        """Append one row for each step; a first one of the last step takes the place of its row."""
        self._rows.extend(steps, np.column_stack([loss, accuracy]))


class Bands:
    """How values are spread over time: the eight edges of seven bands of equally many values."""

    def __init__(self) -> None:
        self._rows = _Rows(EDGES)

    @property
    def steps(self) -> np.ndarray:
        """The steps at which the values were measured, integers (n,)."""
        return self._rows.steps

    @property
    def edges(self) -> np.ndarray:
        """The smallest value, six boundaries and the largest value, (n, 8)."""
        return self._rows.values

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.steps)

    def append(self, step: int, arrays: Sequence[np.ndarray]) -> None:
        """Append the spread of all numbers in `arrays`, if there are any and all are finite.

        It takes the place of a row of the same step.
        """
        edges = _band_edges(arrays)
        if edges is not None:
            self._rows.extend([step], edges[np.newaxis])


class Change(NamedTuple):
    """A setting that was changed: the step before it acts, its name, the old and the new value."""

    step: int
    setting: str
    old: float
    new: float


class History:
    """Everything that happened in a run since its start or its last reset."""

    def __init__(self) -> None:
        self.training = Curve()  # of every mini-batch, before its step
        self.test = Curve()
        self.validation = Curve()
        self.weights = Bands()
        self.biases = Bands()
        self.activations = Bands()  # the largest of each neuron over a mini-batch
        self.changes: list[Change] = []
        self.best_test_accuracy: float | None = None

    def __repr__(self) -> str:
        """Say how long the run was and how good."""
        steps = int(self.training.steps[-1]) if len(self.training) else 0
        best = "-" if self.best_test_accuracy is None else f"{self.best_test_accuracy:.2%}"
        return f"<History: {steps} steps, best test accuracy {best}>"


class _Rows:
    """A growing table (step, values...), read by one thread while another one appends."""

    def __init__(self, width: int):
        # One attribute, replaced as a whole: no reader sees steps and values of unequal length.
        self._table = np.zeros(0, np.int64), np.zeros((0, width))
        self._stride = 1
        self._seen = 0
        self._last_is_extra = False  # whether the last row goes when the next one comes

    @property
    def steps(self) -> np.ndarray:
        return self._table[0]

    @property
    def values(self) -> np.ndarray:
        return self._table[1]

    def extend(self, steps: ArrayLike, values: ArrayLike) -> None:
        steps, values = np.asarray(steps, np.int64), np.asarray(values, float)
        # The last step may be measured again.
        if len(steps) and len(self.steps) and steps[0] == self.steps[-1]:
            self._table = self.steps, np.concatenate([self.values[:-1], values[:1]])
            steps, values = steps[1:], values[1:]
        if not len(steps):
            return
        keep = (np.arange(self._seen, self._seen + len(steps)) % self._stride) == 0
        self._seen += len(steps)
        last_was_extra, self._last_is_extra = self._last_is_extra, not keep[-1]
        keep[-1] = True  # the last row always stays: a learner asks for it
        old_steps, old_values = (part[:-1] if last_was_extra else part for part in self._table)
        steps = np.concatenate([old_steps, steps[keep]])
        values = np.concatenate([old_values, values[keep]])
        while len(steps) > MAX_ROWS:
            steps, values = self._halve(steps, values)
        self._table = steps, values

    def _halve(self, steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keep every second row, and the last one."""
        last = len(steps) - 1
        chosen = np.arange(0, len(steps) - self._last_is_extra, 2)
        self._last_is_extra = bool(chosen[-1] != last)
        if self._last_is_extra:
            chosen = np.append(chosen, last)
        self._stride *= 2
        return steps[chosen], values[chosen]


def _band_edges(arrays: Sequence[np.ndarray]) -> np.ndarray | None:
    """Return the eight edges, or None: smallest and largest exactly, the rest from a sample."""
    arrays = [np.ravel(array) for array in arrays if np.size(array)]
    if not arrays:
        return None
    stride = sum(array.size for array in arrays) // _MAX_SAMPLE
    if stride > 1:
        stride = next((prime for prime in _STRIDES if prime >= stride), stride)
    sample = np.concatenate(
        [array if array.size <= _MAX_SMALL else array[:: max(1, stride)] for array in arrays]
    )
    if not np.isfinite(sample).all():
        return None
    edges = np.percentile(sample, _PERCENTILES)
    edges[0] = min(array.min() for array in arrays)
    edges[-1] = max(array.max() for array in arrays)
    return edges if np.isfinite(edges).all() else None

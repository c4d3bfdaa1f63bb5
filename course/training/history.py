"""What a run remembers: curves, percentile bands, and when a setting was changed."""

import copy
from typing import NamedTuple

import numpy as np

# Past this many rows every second one is dropped: a long run is remembered more coarsely, never
# with more memory, and a picture has fewer columns than this anyway.
MOST_ROWS = 4096

# Eight edges bound seven bands with equally many values in each.
BUCKETS = 7
_EDGES = np.linspace(0, 100, BUCKETS + 1)
_SAMPLE = 10_000


class Curve:
    """Loss and accuracy against the step, as arrays of equal length; thinned when it grows long."""

    def __init__(self):
        self._rows = _Rows(2)

    @property
    def steps(self) -> np.ndarray:
        """The steps at which the values were taken, integers (n,)."""
        return self._rows.steps

    @property
    def loss(self) -> np.ndarray:
        """The mean cross-entropy (or the network's own loss), (n,)."""
        return self._rows.values[:, 0]

    @property
    def accuracy(self) -> np.ndarray:
        """The share of digits recognised, 0..1, (n,)."""
        return self._rows.values[:, 1]

    def __len__(self):
        return len(self.steps)

    def extend(self, steps, loss, accuracy):
        """Append one row for every step."""
        self._rows.extend(steps, np.column_stack([loss, accuracy]))


class Bands:
    """How values are spread over time: eight edges of seven bands that hold equally many each."""

    def __init__(self):
        self._rows = _Rows(BUCKETS + 1)

    @property
    def steps(self) -> np.ndarray:
        """The steps at which the values were looked at, integers (n,)."""
        return self._rows.steps

    @property
    def edges(self) -> np.ndarray:
        """Smallest value, six boundaries, largest value, (n, 8)."""
        return self._rows.values

    def __len__(self):
        return len(self.steps)

    def append(self, step: int, arrays: list[np.ndarray]):
        """Add the spread of all numbers in `arrays` at this step; nothing if there are none."""
        edges = _spread(arrays)
        if edges is not None:
            self._rows.extend([step], edges[np.newaxis])


class Change(NamedTuple):
    """A setting that was changed: the step from which it acts, its name, the old and new value."""

    step: int
    setting: str
    old: float
    new: float


class History:
    """Everything that happened in a run since its start or its last reset."""

    def __init__(self):
        self.training = Curve()  # of every mini-batch, before its step
        self.test = Curve()
        self.validation = Curve()
        self.weights = Bands()
        self.biases = Bands()
        self.activations = Bands()  # largest activation of each neuron over a batch
        self.changes: list[Change] = []
        self.best_test_accuracy: float | None = None

    @property
    def last_step(self) -> int:
        """The last step that left a trace, 0 before the first."""
        curves = (self.training, self.test, self.weights)
        return max((int(curve.steps[-1]) for curve in curves if len(curve)), default=0)

    def copy(self) -> "History":
        """Return a copy that no longer grows, for pinning."""
        return copy.deepcopy(self)

    def __repr__(self):
        best = "-" if self.best_test_accuracy is None else f"{self.best_test_accuracy:.2%}"
        return f"<History: {self.last_step} steps, best test accuracy {best}>"


class _Rows:
    """A growing table (step, values...), read by one thread while another one appends."""

    def __init__(self, width):
        # One attribute, replaced as a whole: no reader sees steps and values of unequal length.
        self._table = np.zeros(0, np.int64), np.zeros((0, width))
        self._stride = 1
        self._seen = 0
        self._loose = False  # whether the last row stays only until the next one comes

    @property
    def steps(self):
        return self._table[0]

    @property
    def values(self):
        return self._table[1]

    def extend(self, steps, values):
        if not len(steps):
            return
        keep = (np.arange(self._seen, self._seen + len(steps)) % self._stride) == 0
        self._seen += len(steps)
        loose, self._loose = self._loose, not keep[-1]
        keep[-1] = True
        old_steps, old_values = (part[:-1] if loose else part for part in self._table)
        steps = np.concatenate([old_steps, np.asarray(steps, np.int64)[keep]])
        values = np.concatenate([old_values, np.asarray(values, float)[keep]])
        while len(steps) > MOST_ROWS:
            # The last row always stays: it is what a learner asks for.
            last = len(steps) - 1
            which = np.arange(0, len(steps) - self._loose, 2)
            self._loose = which[-1] != last
            which = np.append(which, last) if self._loose else which
            steps, values = steps[which], values[which]
            self._stride *= 2
        self._table = steps, values


def _spread(arrays):
    """Return the eight edges, or None: smallest and largest exactly, the rest from a sample."""
    arrays = [np.ravel(array) for array in arrays if np.size(array)]
    if not arrays:
        return None
    total = sum(array.size for array in arrays)
    every = max(1, total // _SAMPLE)
    # Keras stores a kernel row by row; a stride that shares a factor with the number of neurons
    # would look at a few neurons only, an odd and prime one does not.
    every = next((p for p in _PRIMES if p >= every), every) if every > 1 else 1
    sample = np.concatenate([array if array.size <= 512 else array[::every] for array in arrays])
    if not np.isfinite(sample).all():
        return None
    edges = np.percentile(sample, _EDGES)
    edges[0] = min(array.min() for array in arrays)
    edges[-1] = max(array.max() for array in arrays)
    return edges if np.isfinite(edges).all() else None


_PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)

"""Choose the digits of each mini-batch: in every epoch each digit once, usually shuffled."""

from collections.abc import Sequence

import numpy as np


class MiniBatches:
    """An endless supply of mini-batches of indices into `count` examples.

    The last mini-batch of an epoch is smaller if the batch size does not divide the epoch evenly.
    The size may change at any time: the rest of the epoch comes first.
    """

    def __init__(self, count: int, seed: int | Sequence[int], shuffle: bool = True):
        self._count = count
        self._rng = np.random.default_rng(seed) if shuffle else None
        self._left = self._epoch()

    def _epoch(self) -> np.ndarray:
        indices = np.arange(self._count, dtype=np.int32)
        return indices if self._rng is None else self._rng.permutation(indices)

    def take(self, steps: int, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (indices, offsets): mini-batch i is `indices[offsets[i]:offsets[i + 1]]`."""
        parts, offsets = [], [0]
        for _ in range(steps):
            if not len(self._left):
                self._left = self._epoch()
            parts.append(self._left[:batch_size])
            self._left = self._left[batch_size:]
            offsets.append(offsets[-1] + len(parts[-1]))
        return np.concatenate(parts), np.array(offsets, np.int32)

    def put_back(self, indices: np.ndarray) -> None:
        """Return indices that were taken but not trained on; they come next."""
        self._left = np.concatenate([indices, self._left])

"""The loss and accuracy of each mini-batch, recovered from the running means that Keras reports."""

import math


class RunningMean:
    """Recovers the mean of each mini-batch from the running mean of one quantity in an epoch."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0.0
        self._is_signed = False  # as a loss that rewards, such as the cosine similarity

    def latest(self, mean: float, batches: int, last_share: float = 1.0) -> float:
        """Return the mean over the batches since the last call; below 0 only if `mean` has been.

        `mean` is the running mean after `batches` mini-batches, of which the latest holds
        `last_share` as many examples as each of the others.
        """
        count = batches - 1 + last_share
        total = mean * count
        value = (total - self._sum) / (count - self._count)
        self._sum, self._count = total, count
        self._is_signed = self._is_signed or mean < 0
        # Keras sums in single precision: a loss of 0 may come out a little below 0.
        return value if self._is_signed or math.isnan(value) else max(value, 0.0)

"""How often a run may stop to evaluate itself, so that training gets nearly all of the time."""

import contextlib
import time
from collections.abc import Callable, Iterator

SHARE = 0.02  # of the time that passes


class TimeBudget:
    """Allows work again when its last cost is at most a small share of the time since then.

    `clock()` returns seconds; `cost` is what the work cost the last time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter, share: float = SHARE):
        self._clock = clock
        self._share = share
        self.cost = 0.0
        self._ended = clock()

    @property
    def is_due(self) -> bool:
        """Whether the work may be done again by now."""
        return (self._clock() - self._ended) * self._share >= self.cost

    def restart(self) -> None:
        """Count the time from now on; what the work costs is still known."""
        self._ended = self._clock()

    @contextlib.contextmanager
    def spend(self) -> Iterator[None]:
        """Measure what the work in this block costs."""
        began = self._clock()
        yield
        self._ended = self._clock()
        self.cost = self._ended - began

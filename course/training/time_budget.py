"""How often a run may stop to evaluate itself, so that training gets nearly all of the time."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

SHARE = 0.02  # of the time that passes
# The time of the clock, and this process's own: where others keep the processor busy, what is
# measured by the clock alone seems to cost more than it does. On Windows the second is too coarse.
CLOCKS = (time.perf_counter,) if os.name == "nt" else (time.perf_counter, time.process_time)


class TimeBudget:
    """Allows work again when its last cost is at most a small share of the time since then.

    It is enough if that is so by one of the `clocks`, each of which returns seconds.
    """

    def __init__(self, *clocks: Callable[[], float], share: float = SHARE):
        self._clocks = clocks or CLOCKS
        self._share = share
        self._costs = (0.0,) * len(self._clocks)
        self.restart()

    @property
    def cost(self) -> float:
        """What the work cost the last time, in seconds, by the clock by which it was less."""
        return min(self._costs)

    @property
    def is_due(self) -> bool:
        """Whether the work may be done again by now."""
        passed = self._since(self._ended)
        return any(
            seconds * self._share >= cost for seconds, cost in zip(passed, self._costs, strict=True)
        )

    def restart(self) -> None:
        """Count the time from now on; what the work costs is still known."""
        self._ended = self._now()

    @contextlib.contextmanager
    def spend(self) -> Iterator[None]:
        """Measure what the work in this block costs."""
        began = self._now()
        yield
        self._costs = self._since(began)
        self.restart()

    def _now(self) -> tuple[float, ...]:
        return tuple(clock() for clock in self._clocks)

    def _since(self, before: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(now - then for now, then in zip(self._now(), before, strict=True))

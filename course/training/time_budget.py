"""How often a run may stop to evaluate itself, so that training gets nearly all of the time."""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

SHARE = 0.02  # of the time that passes
_LAST_TIMES = 5  # of which the cheapest counts: in any other the machine may have been busy
# The time of the clock, and this process's own: where others keep the processor busy, what is
# measured by the clock alone seems to cost more than it does. On Windows the second is too coarse.
CLOCKS = (time.perf_counter,) if os.name == "nt" else (time.perf_counter, time.process_time)


class TimeBudget:
    """Allows work again when its cost is at most a small share of the time since it was done.

    The cost is the least of the last few times, and known from the second time on. It is enough if
    it is a small share by one of the `clocks`, each of which returns seconds.
    """

    def __init__(self, *clocks: Callable[[], float], share: float = SHARE):
        self._clocks = clocks or CLOCKS
        self._share = share
        self._costs: deque[tuple[float, ...]] = deque(maxlen=_LAST_TIMES)
        self.restart()

    @property
    def latest(self) -> float:
        """What the work cost the last time, in seconds, by the clock by which it was less."""
        return min(self._costs[-1]) if self._costs else 0.0

    @property
    def is_due(self) -> bool:
        """Whether the work may be done again by now."""
        passed, costs = self._since(self._ended), self._least()
        return any(s * self._share >= cost for s, cost in zip(passed, costs, strict=True))

    def restart(self) -> None:
        """Count the time from now on; what the work costs is still known."""
        self._ended = self._now()

    @contextlib.contextmanager
    def spend(self) -> Iterator[Callable[[], None]]:
        """Measure what the work in this block costs, unless it calls what it gets: it gave up."""
        began, given_up = self._now(), threading.Event()
        yield given_up.set
        if not given_up.is_set():
            self._costs.append(self._since(began))
        elif self._costs:  # it would have cost what it did before
            self._costs.append(self._costs[-1])
        self.restart()

    def _least(self) -> tuple[float, ...]:
        """Return what the work costs by each of the clocks."""
        if len(self._costs) < 2:
            return (0.0,) * len(self._clocks)
        return tuple(map(min, zip(*self._costs, strict=True)))

    def _now(self) -> tuple[float, ...]:
        return tuple(clock() for clock in self._clocks)

    def _since(self, before: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(now - then for now, then in zip(self._now(), before, strict=True))

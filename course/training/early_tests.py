"""Choose the steps after which a network is tested: many where it changes fastest."""

import math
import time
from collections.abc import Callable

# The factor from one tested step to the next: while testing has cost little, and later.
_FINE, _COARSE = 1.5, 3
_FINE_SECONDS, _MAX_SECONDS = 0.1, 0.3  # seconds for all early tests together
_SHARE = 0.05  # of the time, for early tests after changes of the settings


class EarlyTests:
    """The times at which early tests are due, however busy the machine is.

    `next` is the step of the next one: 1, 2, 3, 4, 6, 9, 13 and so on, ever further apart. All of
    them together take only so long; then it is infinity. Where a test takes long there are fewer,
    such as 1, 3, 9; at least the first step is tested. They can begin again, as at a new learning
    rate.
    `clock()` returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.restart()

    def restart(self, step: int = 0) -> None:
        """Begin with the first step after this one: 0 for a run that is new, or reset."""
        self._origin = step
        self.next: float = step + 1
        self._seconds = 0.0
        self._began = self._clock()

    def begin_again(self, step: int) -> None:
        """Begin again after this step, unless the tests since the last beginning cost too much."""
        if self._seconds <= _SHARE * (self._clock() - self._began):
            self.restart(step)

    def passed(self, step: int, seconds: float) -> None:
        """Note a test at this step, 0 for the one before the first, and what it cost."""
        since = step - self._origin
        self._seconds += seconds
        if self._seconds > _MAX_SECONDS and since > 0:
            self.next = math.inf
            return
        growth = _FINE if self._seconds < _FINE_SECONDS else _COARSE
        self.next = self._origin + max(since + 1, int(growth * since))

"""Choose the first steps after which a network is tested: many, as it learns fastest there."""

import math

# The factor from one tested step to the next: while testing has cost little, and later.
_FINE, _COARSE = 1.5, 3
_FINE_SECONDS, _MAX_SECONDS = 0.1, 0.3  # seconds for all early tests together


class EarlyTests:
    """Says when the next early test is due, however busy the machine is.

    `next` is its step: 1, 2, 3, 4, 6, 9, 13 and so on, ever further apart. All of them together
    take only so long; then it is infinity. Where a test takes long there are fewer, such as 1, 3,
    9; at least the first step is tested.
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin again, as a run does when it is reset."""
        self.next: float = 1
        self._seconds = 0.0

    def passed(self, step: int, seconds: float) -> None:
        """Note a test at this step, 0 for the one before the first, and what it cost."""
        self._seconds += seconds
        if self._seconds > _MAX_SECONDS and step > 0:
            self.next = math.inf
            return
        growth = _FINE if self._seconds < _FINE_SECONDS else _COARSE
        self.next = max(step + 1, int(growth * step))

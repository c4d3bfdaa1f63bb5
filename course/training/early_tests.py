"""Choose the first steps after which a network is tested: many, as it learns fastest there."""

import math

_LAST_STEP = 64
# The factor from one tested step to the next: while testing has cost little, and later.
_FINE, _COARSE = 1.5, 3
_FINE_SECONDS, _MAX_SECONDS = 0.1, 0.3  # seconds for all early tests together


class EarlyTests:
    """Says when the next early test is due, however busy the machine is.

    `next` is its step: 1, 2, 3, 4, 6, 9, 13, … up to 63, and infinity after that. Where a test
    takes long there are fewer of them, such as 1, 3, 9; at least the first step is tested.
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin again, as a run does when it is reset."""
        self.next: float = 1
        self._seconds = 0.0

    def passed(self, step: int, seconds: float) -> None:
        """Note a test at this step, and what it cost."""
        self._seconds += seconds
        if self._seconds > _MAX_SECONDS:
            self.next = math.inf
            return
        growth = _FINE if self._seconds < _FINE_SECONDS else _COARSE
        following = max(step + 1, int(growth * step))
        self.next = following if following <= _LAST_STEP else math.inf

"""Wait for what another thread or process does."""

import time
from collections.abc import Callable
from typing import Any


def until(found: Callable[[], Any], seconds: float = 240) -> Any:
    """Return what `found()` gives once it is true; fail after more time than slow machines need."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer

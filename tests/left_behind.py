"""What is left behind when something has been closed."""

import gc
import threading
import weakref
from collections.abc import Callable

import psutil

from tests.open_widgets import open_widgets


def assert_nothing_is_left(one: Callable[[], list], times: int, slack: float) -> None:
    """Check that `one`, which returns what must not outlive it, leaves nothing; `slack` is in MB.

    It is called twice ahead, as libraries keep what they have made once.
    """
    one()
    one()
    before = open_widgets(), threading.active_count(), _megabytes()
    left = [weakref.ref(each) for _ in range(times) for each in one()]
    after = open_widgets(), threading.active_count(), _megabytes()
    assert sum(reference() is not None for reference in left) == 0
    assert after[0] <= before[0]
    assert after[1] == before[1]
    assert after[2] - before[2] < slack


def _megabytes() -> float:
    """Return how much memory this process holds."""
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20

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
    _call(one, 2)
    before = open_widgets(), threading.active_count(), _megabytes()
    left = _call(one, times)
    after = open_widgets(), threading.active_count(), _megabytes()
    assert sum(reference() is not None for reference in left) == 0
    assert after[0] <= before[0]
    assert after[1] == before[1]
    assert after[2] - before[2] < slack


def _call(one, times):
    """Call it that often, and return weak references to what it returned."""
    left = []
    for _ in range(times):
        left += [weakref.ref(each) for each in one()]
        gc.collect()  # what refers to itself would pile up, and its memory is not given back
    return left


def _megabytes() -> float:
    """Return how much memory this process holds."""
    return psutil.Process().memory_info().rss / 2**20

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
    widgets, threads, megabytes = open_widgets(), set(threading.enumerate()), _megabytes()
    left = _call(one, times)
    assert not new_threads(threads)
    assert _megabytes() - megabytes < slack
    assert sum(reference() is not None for reference in left) == 0
    assert open_widgets() <= widgets


def new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that have begun since `before`, and do not end by themselves."""
    new = set(threading.enumerate()) - before
    for thread in new:
        thread.join(60)  # it may be about to end
    return [thread for thread in new if thread.is_alive()]


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

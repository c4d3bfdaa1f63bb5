"""Wait for what another thread or process does."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def until(found: Callable[[], Any], seconds: float = 240) -> Any:
    """Return what `found()` gives once it is true; fail after more time than slow machines need."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


@contextlib.contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[None]:
    """Do some work in the background of what is done inside, and raise what it raises."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        yield
        done.result()

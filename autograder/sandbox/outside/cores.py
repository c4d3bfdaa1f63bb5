"""Which processor cores a submission may use: its own, as far as there are enough."""

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterator


class Cores:
    """The cores of this machine that the grader may use, and how many submissions are on each."""

    def __init__(self, available: list[int] | None = None):
        """Take the cores that this process may use; none where a system does not tell."""
        if available is None:
            known = hasattr(os, "sched_getaffinity")
            available = sorted(os.sched_getaffinity(0)) if known else []
        self._load = Counter(dict.fromkeys(available, 0))
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def taken(self, count: int) -> Iterator[list[int]]:
        """Yield the cores on which least is running, taken until the end of the block."""
        with self._lock:
            chosen = sorted(self._load, key=lambda core: (self._load[core], core))[:count]
            self._load.update(chosen)
        try:
            yield chosen
        finally:
            with self._lock:
                self._load.subtract(chosen)

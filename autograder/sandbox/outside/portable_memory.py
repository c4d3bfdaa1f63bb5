"""The memory of processes and all that they started, where there is no /proc: on macOS."""

import contextlib
from collections.abc import Collection

import psutil


def resident_kilobytes(process: int) -> int:
    """Return the kilobytes of a process that are in memory; 0 if it has ended."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss // 1024
    return 0


def takes_more(processes: Collection[int], limit: int, shared_kilobytes: int) -> bool:
    """Return whether processes and their descendants take more than `limit` bytes of their own.

    Up to `shared_kilobytes` of each count as the fork server's: less exact than on Linux.
    """
    family = list(processes)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            family += [child.pid for child in psutil.Process(process).children(recursive=True)]
    return sum(max(resident_kilobytes(one) - shared_kilobytes, 0) for one in family) * 1024 > limit

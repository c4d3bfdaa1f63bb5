"""The memory of a process and all that it started, where there is no /proc: on macOS."""

import contextlib

import psutil


def resident(process: int) -> int:
    """The kilobytes of a process that are in memory; 0 if it has ended."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss // 1024
    return 0


def takes_more(process: int, limit: int, shared: int) -> bool:
    """Whether a process and its descendants take more than `limit` bytes of their own.

    Up to `shared` kilobytes of each count as the fork server's: less exact than on Linux.
    """
    family = [process]
    with contextlib.suppress(psutil.Error):
        family += [child.pid for child in psutil.Process(process).children(recursive=True)]
    return sum(max(resident(one) - shared, 0) for one in family) * 1024 > limit

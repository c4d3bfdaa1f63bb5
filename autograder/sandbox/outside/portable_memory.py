"""How much memory a process takes with all that it started, where there is no /proc: on macOS."""

import contextlib

import psutil


def resident(process: int) -> int:
    """The kilobytes of a process that lie in memory; 0 if it has ended."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss // 1024
    return 0


def takes_more(process: int, most: int, shared: int) -> bool:
    """Whether a process and all below it take more than `most` bytes of memory of their own.

    Of each, up to `shared` kilobytes are the fork server's, and are not counted: this is coarser
    than what Linux tells.
    """
    family = [process]
    with contextlib.suppress(psutil.Error):
        family += [child.pid for child in psutil.Process(process).children(recursive=True)]
    return sum(max(resident(one) - shared, 0) for one in family) * 1024 > most

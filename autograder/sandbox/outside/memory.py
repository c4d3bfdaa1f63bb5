"""How much memory a process takes with all that it started, as Linux counts it."""

import contextlib
import os
import platform

from autograder.sandbox.outside import portable_memory

_HAS_PROC = platform.system() == "Linux"


def takes_more(process: int, most: int, shared: int) -> bool:
    """Whether a process and all below it take more than `most` bytes, shared pages counted once.

    Of one that hides, `shared` kilobytes are taken for the fork server's.
    """
    if not _HAS_PROC:
        return portable_memory.takes_more(process, most, shared)
    family = _family(process)
    rough = [_kilobytes(f"/proc/{one}/status", ("RssAnon:", "RssShmem:")) for one in family]
    if sum(rough) * 1024 <= most:
        return False
    exact = 0
    for one, its_rough in zip(family, rough, strict=True):
        try:
            exact += _kilobytes(f"/proc/{one}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
        except PermissionError:
            exact += max(its_rough - shared, 0)
    return exact * 1024 > most


def private(process: int) -> int:
    """The kilobytes that a process does not share with a file; 0 if it has ended."""
    if not _HAS_PROC:
        return portable_memory.resident(process)
    return _kilobytes(f"/proc/{process}/status", ("RssAnon:",))


def _family(process):
    """The ids of a process and of all below it."""
    found, waiting = [], [process]
    while waiting and len(found) < 2_000:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children") as file:
                    waiting += file.read().split()
    return found


def _kilobytes(path, names):
    """The sum of some lines of a file about a process; 0 if it has ended."""
    total = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as file:
        for line in file:
            if line.startswith(names):
                total += int(line.split()[1])
    return total

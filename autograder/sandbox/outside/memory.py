"""The memory of a process and all that it started, as Linux counts it."""

import contextlib
import os
import platform

from autograder.sandbox.outside import portable_memory

_HAS_PROC = platform.system() == "Linux"
_MAX_PROCESSES = 2_000  # that are counted
_MAX_SOCKET = 250_000  # bytes on their way through one, as the kernel has it by default


def takes_more(process: int, limit: int, shared: int) -> bool:
    """Whether a process and its descendants take more than `limit` bytes.

    Shared pages count once, and the tables of all pages count too. Of a process that hides its
    pages, `shared` kilobytes count as the fork server's.
    """
    if not _HAS_PROC:
        return portable_memory.takes_more(process, limit, shared)
    family = _with_descendants(process)
    rough = [_kilobytes(f"/proc/{one}/status", ("RssAnon:", "RssShmem:")) for one in family]
    tables = sum(_kilobytes(f"/proc/{one}/status", ("VmPTE:",)) for one in family)
    in_sockets = _MAX_SOCKET * len(set().union(*map(_sockets, family)))
    if (sum(rough) + tables) * 1024 + in_sockets <= limit:
        return False
    exact = tables
    for one, rough_size in zip(family, rough, strict=True):
        try:
            exact += _kilobytes(f"/proc/{one}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
        except PermissionError:
            exact += max(rough_size - shared, 0)
    return exact * 1024 + in_sockets > limit


def private(process: int) -> int:
    """The kilobytes of a process that are not mapped from files; 0 if it has ended."""
    if not _HAS_PROC:
        return portable_memory.resident(process)
    return _kilobytes(f"/proc/{process}/status", ("RssAnon:",))


def _with_descendants(process: int) -> list[int]:
    """The ids of a process and of all its descendants."""
    found: list[int] = []
    waiting = [process]
    while waiting and len(found) < _MAX_PROCESSES:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children") as file:
                    waiting += map(int, file.read().split())
    return found


def _sockets(process: int) -> set[str]:
    """The sockets of a process; what is on its way through one counts as nobody's memory."""
    found = set()
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{process}/fd/{name}"))
    return {target for target in found if target.startswith("socket:")}


def _kilobytes(path: str, names: tuple[str, ...]) -> int:
    """The sum of the named lines in a file about a process; 0 if it has ended."""
    total = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as file:
        for line in file:
            if line.startswith(names):
                total += int(line.split()[1])
    return total

"""The memory of processes and all that they started, as Linux counts it."""

import contextlib
import functools
import os
import platform
from collections.abc import Collection, Iterator

from autograder.sandbox.outside import portable_memory

_HAS_PROC = platform.system() == "Linux"
_MAX_PROCESSES = 2_000  # that are counted
_USUAL_MAPPINGS = 65_530  # that a process may have, unless the system allows more
MAX_MAPPINGS = 500_000  # of all processes together: to count many more takes long
BYTES_PER_MAPPING = 400  # that the kernel needs for each, besides the tables of its pages
_PAGES, _TABLES = ("RssAnon:", "RssShmem:", "VmSwap:"), ("VmPTE:", "HugetlbPages:")
_MAX_SOCKET = 250_000  # bytes on their way through one, as the kernel has it by default


def takes_more(
    processes: Collection[int], limit: int, shared_kilobytes: int, files: int = 128
) -> bool:
    """Return whether processes and their descendants together take more than `limit` bytes.

    Shared pages count once. Tables of pages count too, and so do mappings, unless they could take
    only little of the limit. A process among `processes` that hides its pages shares
    `shared_kilobytes` with the fork server; a descendant that hides what it has counts with all of
    its pages, with `files` sockets, and with as many mappings as a process may usually have.
    """
    if not _HAS_PROC:
        return portable_memory.takes_more(processes, limit, shared_kilobytes)
    family = [one for process in processes for one in _with_descendants(process)]
    all_of_it = sum(kilobytes(one, "status", _PAGES + _TABLES) for one in family)
    are_many = len(family) * _most_mappings() * BYTES_PER_MAPPING > limit // 10
    sockets, count, hidden = set[str](), 0, 0
    for one in family:
        try:
            sockets |= _sockets(one)
            count += mappings(one) if are_many else 0
        except PermissionError:
            if one not in processes and not has_ended(one):
                sockets |= {f"{one}: {number}" for number in range(files)}
                hidden += 1
        if count > MAX_MAPPINGS:
            return True
    maps = (count + hidden * min(_most_mappings(), _USUAL_MAPPINGS)) * BYTES_PER_MAPPING // 1024
    in_sockets = _MAX_SOCKET * len(sockets)
    if (all_of_it + maps) * 1024 + in_sockets <= limit:
        return False
    rough = [kilobytes(one, "status", _PAGES) for one in family]
    exact = maps + sum(kilobytes(one, "status", _TABLES) for one in family)
    for one, rough_size in zip(family, rough, strict=True):
        try:
            exact += kilobytes(one, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:"))
        except PermissionError:
            exact += max(rough_size - shared_kilobytes, 0) if one in processes else rough_size
    return exact * 1024 + in_sockets > limit


def private_kilobytes(process: int) -> int:
    """Return the kilobytes of a process that are not mapped from files; 0 if it has ended."""
    if not _HAS_PROC:
        return portable_memory.resident_kilobytes(process)
    return kilobytes(process, "status", ("RssAnon:", "VmSwap:"))


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


def mappings(process: int) -> int:
    """Return how many mappings a process's memory has; raises PermissionError if it hides them."""
    for folder in _folders(process):
        with _unless_gone(), open(f"{folder}/maps", "rb") as file:
            if count := sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b"")):
                return count
    return 0


@functools.cache
def _most_mappings() -> int:
    """The number of mappings that a process may have."""
    with contextlib.suppress(OSError), open("/proc/sys/vm/max_map_count") as file:
        return int(file.read())
    return _USUAL_MAPPINGS


def _sockets(process: int) -> set[str]:
    """The sockets of a process; what is on its way through one counts as nobody's memory.

    Raises PermissionError if it hides them.
    """
    found = set()
    with _unless_gone():
        for name in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(FileNotFoundError):
                found.add(os.readlink(f"/proc/{process}/fd/{name}"))
    return {target for target in found if target.startswith("socket:")}


def has_ended(process: int) -> bool:
    """Return whether a process has ended with all its threads, even if nobody has waited for it."""
    if not _HAS_PROC:
        return not portable_memory.resident_kilobytes(process)
    return not kilobytes(process, "status", ("VmSize:",))


def kilobytes(process: int, name: str, lines: tuple[str, ...]) -> int:
    """Return the sum of these lines in a file about a process; 0 if it has ended."""
    for folder in _folders(process):
        with _unless_gone(), open(f"{folder}/{name}") as file:
            if found := [int(line.split()[1]) for line in file if line.startswith(lines)]:
                return sum(found)
    return 0


def _folders(process: int) -> Iterator[str]:
    """The folders that tell of a process's memory: its own, and those of its threads.

    If the first thread alone has ended, only those of the others do.
    """
    yield f"/proc/{process}"
    with _unless_gone():
        for thread in os.listdir(f"/proc/{process}/task"):
            yield f"/proc/{process}/task/{thread}"


def _unless_gone() -> contextlib.suppress:
    """Pass over a process, or a thread, that has ended."""
    return contextlib.suppress(FileNotFoundError, ProcessLookupError)

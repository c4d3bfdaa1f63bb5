"""The memory of processes and all that they started, as Linux counts it."""

import contextlib
import os
import platform
from collections.abc import Collection

from autograder.sandbox.outside import portable_memory

_HAS_PROC = platform.system() == "Linux"
_MAX_PROCESSES = 2_000  # that are counted
_FEW_PROCESSES = 4  # if there are no more, their mappings are not counted, which takes long
_MAPPING = 400  # bytes that the kernel needs for each, besides the tables of its pages
_MAX_SOCKET = 250_000  # bytes on their way through one, as the kernel has it by default


def takes_more(processes: Collection[int], limit: int, shared: int, files: int = 128) -> bool:
    """Whether processes and their descendants together take more than `limit` bytes.

    Shared pages count once; the tables of all pages count too, and so do the mappings of many
    processes. Of these processes, those that
    hide their pages share `shared` kilobytes with the fork server. A descendant that hides what it
    has counts with all of its pages, and with `files` sockets.
    """
    if not _HAS_PROC:
        return portable_memory.takes_more(processes, limit, shared)
    family = [one for process in processes for one in _with_descendants(process)]
    rough = [_kilobytes(one, "status", ("RssAnon:", "RssShmem:")) for one in family]
    tables = sum(_kilobytes(one, "status", ("VmPTE:",)) for one in family)
    if len(family) > _FEW_PROCESSES:
        tables += sum(map(mappings, family)) * _MAPPING // 1024
    sockets: set[str] = set()
    for one in family:
        try:
            sockets |= _sockets(one)
        except PermissionError:
            hidden = 0 if one in processes or _has_ended(one) else files
            sockets |= {f"{one}: {number}" for number in range(hidden)}
    in_sockets = _MAX_SOCKET * len(sockets)
    if (sum(rough) + tables) * 1024 + in_sockets <= limit:
        return False
    exact = tables
    for one, rough_size in zip(family, rough, strict=True):
        try:
            exact += _kilobytes(one, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
        except PermissionError:
            exact += max(rough_size - shared, 0) if one in processes else rough_size
    return exact * 1024 + in_sockets > limit


def private(process: int) -> int:
    """The kilobytes of a process that are not mapped from files; 0 if it has ended."""
    if not _HAS_PROC:
        return portable_memory.resident(process)
    return _kilobytes(process, "status", ("RssAnon:",))


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
    """The number of mappings in a process's memory; 0 if they are not known."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/maps", "rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
    return 0


def _sockets(process: int) -> set[str]:
    """The sockets of a process; what is on its way through one counts as nobody's memory.

    Raises PermissionError if it hides them.
    """
    found = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for name in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(FileNotFoundError):
                found.add(os.readlink(f"/proc/{process}/fd/{name}"))
    return {target for target in found if target.startswith("socket:")}


def _has_ended(process: int) -> bool:
    """Whether a process has ended with all its threads, though nobody may have waited for it."""
    try:
        with open(f"/proc/{process}/status") as file:
            said = dict(line.split(":", 1) for line in file)
    except (FileNotFoundError, ProcessLookupError):
        return True
    return said["State"].split()[0] in ("Z", "X") and int(said["Threads"]) <= 1


def _kilobytes(process: int, name: str, lines: tuple[str, ...]) -> int:
    """The sum of these lines in a file about a process; 0 if it has ended.

    A process whose first thread alone has ended tells of its memory in the folders of the others.
    """
    threads: list[str] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        threads = os.listdir(f"/proc/{process}/task")
    for folder in (f"/proc/{process}", *(f"/proc/{process}/task/{one}" for one in threads)):
        ended = contextlib.suppress(FileNotFoundError, ProcessLookupError)
        with ended, open(f"{folder}/{name}") as file:
            if found := [int(line.split()[1]) for line in file if line.startswith(lines)]:
                return sum(found)
    return 0

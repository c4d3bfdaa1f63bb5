"""A control group (cgroup v2) for each submission, so that the kernel itself keeps its limits.

Only where this account may make groups, as in a scope that systemd has delegated to it. Where
anything of this is refused there are none, and the limits that hold everywhere hold alone.
"""

import contextlib
import errno
import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from autograder.sandbox.limits import Limits

_CONTROLLERS = ("cpu", "memory", "pids")
_GRADER, _SUBMISSION = "grader", "submission-"  # how the groups are called
# What the limits of a submission do not count, but its group does: the walls' own processes and
# those that load saved models; shared memory, and what the kernel needs for all of it.
_MORE_PROCESSES, _MORE_MEMORY = 64, 264_000_000
_PERIOD = 100_000  # microseconds
_REMOVE_SECONDS = 2.0  # for the last processes of a group to be gone

_numbers = itertools.count(1)


class Groups:
    """The groups of this grader's submissions, in the one in which the grader was started."""

    def __init__(
        self,
        process: Path = Path("/proc/self"),
        write: Callable[[Path, str], object] = Path.write_text,
    ):
        """Find out whether groups can be made; `process` is the kernel's folder about this one."""
        self._write = write
        self._home: Path | None = None
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            home = _own_group(process)
            self._allow_limits(home)
            self._remove_leftovers(home)
            self._home = home if os.access(home / "cgroup.procs", os.W_OK) else None
        with self.made(Limits()) as group:
            self.can_be_made = group is not None
        self._home = self._home if self.can_be_made else None

    @contextlib.contextmanager
    def made(self, limits: Limits) -> Iterator[Path | None]:
        """Yield the folder of a group with these limits, until the end of the block; or None.

        A process writes 0 to its `cgroup.procs` to be in it, with all that it starts.
        """
        if self._home is None:
            yield None
            return
        group = self._home / f"{_SUBMISSION}{os.getpid()}-{next(_numbers)}"
        try:
            yield group if self._make(group, limits) else None
        finally:
            self._remove(group)

    def _make(self, group: Path, limits: Limits) -> bool:
        with contextlib.suppress(OSError):
            group.mkdir()
            memory = limits.memory + 2 * limits.disk + _MORE_MEMORY
            self._write(group / "memory.max", str(memory))
            self._write(group / "memory.oom.group", "1")  # all of it ends, not just any process
            self._write(group / "pids.max", str(limits.processes + _MORE_PROCESSES))
            self._write(group / "cpu.max", f"{limits.threads * _PERIOD} {_PERIOD}")
            with contextlib.suppress(OSError):  # not there if the kernel does not count swap
                self._write(group / "memory.swap.max", "0")
            return True
        return False

    def _remove(self, group: Path) -> None:
        """Remove a group, with all that still runs in it."""
        deadline = time.monotonic() + _REMOVE_SECONDS
        while group.exists() and time.monotonic() < deadline:
            with contextlib.suppress(OSError):  # from Linux 5.14 on
                self._write(group / "cgroup.kill", "1")
            with contextlib.suppress(OSError):
                group.rmdir()
                return
            time.sleep(0.01)

    def _remove_leftovers(self, home: Path) -> None:
        """Remove the groups of graders that were killed."""
        for group in home.glob(f"{_SUBMISSION}*-*"):
            if not psutil.pid_exists(int(group.name.split("-")[1])):
                self._remove(group)

    def _allow_limits(self, home: Path) -> None:
        """Allow limits for the groups in this one. Raises OSError where that is refused."""
        if not set(_CONTROLLERS) <= _words(home / "cgroup.controllers"):
            raise OSError("not all controllers are delegated")
        switches = home / "cgroup.subtree_control"
        if set(_CONTROLLERS) <= _words(switches):
            return
        order = " ".join(f"+{name}" for name in _CONTROLLERS)
        try:
            self._write(switches, order)
        except OSError as error:
            if error.errno != errno.EBUSY:  # which says that there are processes in it
                raise
            self._step_aside(home)
            self._write(switches, order)

    def _step_aside(self, home: Path) -> None:
        """Move this grader to a group of its own, but nobody else's process."""
        own = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
        members = {int(word) for word in _words(home / "cgroup.procs")}
        if not members <= own:
            raise OSError("somebody else's processes are in this group")
        (home / _GRADER).mkdir(exist_ok=True)
        for member in sorted(members):
            with contextlib.suppress(ProcessLookupError):
                self._write(home / _GRADER / "cgroup.procs", str(member))


def ran_out_of_memory(group: Path | None) -> bool:
    """Return whether a group reached its memory limit, so that the kernel ended what was in it."""
    with contextlib.suppress(OSError):
        lines = (group / "memory.events").read_text().splitlines() if group else []
        return any(line.startswith("oom ") and line != "oom 0" for line in lines)
    return False


def _words(path: Path) -> set[str]:
    return set(path.read_text().split())


def _own_group(process: Path) -> Path:
    """The folder of the group in which this grader was started. Raises ValueError without one."""
    groups = (process / "cgroup").read_text().splitlines()
    (name,) = (line.removeprefix("0::") for line in groups if line.startswith("0::"))
    if ".." in Path(name).parts:
        raise ValueError("it is outside of what can be seen here")
    for line in (process / "mountinfo").read_text().splitlines():
        mount, _, kind = line.partition(" - ")
        if kind.startswith("cgroup2 "):
            root, place = mount.split()[3:5]
            group = Path(place) / Path(name).relative_to(root)
            return group.parent if group.name == _GRADER else group
    raise ValueError("there are no groups of version 2")

"""Linux system calls that Python 3.11 lacks."""

import contextlib
import ctypes
import errno
import os
import platform
import signal
import struct
from collections.abc import Iterator
from os import PathLike

StrPath = str | PathLike[str]

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NEW_ANYTHING = 0x7E020000

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXECUTION = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18

_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MACHINES = tuple(_PIVOT_ROOT)

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(OSError):
    """The system refuses this process a call that walls need."""


# Errors that another folder or a second try would not avoid.
_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)


def _check(result: int, call: str, refusals: tuple[int, ...] = _REFUSALS) -> None:
    """Raise the error of a call that has failed."""
    if result == -1:
        number = ctypes.get_errno()
        kind = Refused if number in refusals else OSError
        raise kind(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces. Raises Refused or OSError."""
    # Also refused: kinds unknown to this kernel, and more namespaces than the system allows.
    refusals = (*_REFUSALS, errno.EINVAL, errno.ENOSPC, errno.EUSERS)
    _check(_libc.unshare(flags), "unshare", refusals)


def mount(
    source: StrPath, target: StrPath, kind: str | None = None, flags: int = 0, options: str = ""
) -> None:
    """Mount a file system, or bind a folder to another place."""
    arguments = (os.fsencode(source), os.fsencode(target), kind and kind.encode())
    result = _libc.mount(*arguments, ctypes.c_ulong(flags), options.encode())
    _check(result, f"mount {kind or 'bind'} on {target}")


def unmount(target: StrPath) -> None:
    """Unmount a file system as soon as it is no longer in use."""
    _check(_libc.umount2(os.fsencode(target), _DETACH), f"unmount {target}")


def pivot_root(new: StrPath, old: StrPath) -> None:
    """Make a folder the root of the file system, and move the old root into another one."""
    number = _PIVOT_ROOT[platform.machine()]
    result = _libc.syscall(number, os.fsencode(new), os.fsencode(old))
    _check(result, "pivot_root", (*_REFUSALS, errno.EINVAL))


def make_read_only(target: StrPath) -> None:
    """Make a mount and all mounts below it read-only, without devices and set-user-id programs."""
    _set_attributes(target, _AT_RECURSIVE, READ_ONLY | NO_SUID | NO_DEVICES, 0)


def make_writable(target: StrPath) -> None:
    """Make a mount writable, but not the mounts below it."""
    _set_attributes(target, 0, 0, READ_ONLY)


def _set_attributes(target: StrPath, how: int, added: int, removed: int) -> None:
    attributes = struct.pack("<QQQQ", added, removed, 0, 0)
    _check(
        _libc.syscall(
            ctypes.c_long(_MOUNT_SETATTR),
            ctypes.c_int(_AT_FDCWD),
            os.fsencode(target),
            ctypes.c_uint(how),
            attributes,
            ctypes.c_size_t(len(attributes)),
        ),
        "mount_setattr",
    )


# Privileges ---------------------------------------------------------------------------------------

_PDEATHSIG, _DUMPABLE, _SECCOMP, _BOUNDING_DROP, _NO_NEW_PRIVILEGES = 1, 4, 22, 24, 38
_AMBIENT, _AMBIENT_CLEAR = 47, 4
_CAPABILITY_VERSION_3, _FILTER_MODE = 0x20080522, 2


def _prctl(option: int, argument: int = 0) -> int:
    if not hasattr(_libc, "prctl"):  # macOS, where there are no walls
        return 0
    return _libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0)


def die_with_parent(parent: int | None = None) -> None:
    """End when the parent of this process does; at once if that was `parent` and has ended."""
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def hide_memory() -> None:
    """Keep processes without privileges from inspecting this one."""
    _prctl(_DUMPABLE, 0)


def show_memory() -> None:
    """Let processes of the same user inspect this one, which is the default."""
    _prctl(_DUMPABLE, 1)


def drop_bounding_set() -> None:
    """Keep programs started from here from gaining any capability."""
    for capability in range(64):
        _prctl(_BOUNDING_DROP, capability)


def drop_privileges() -> None:
    """Give up all capabilities for good."""
    _prctl(_AMBIENT, _AMBIENT_CLEAR)
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _check(_prctl(_NO_NEW_PRIVILEGES, 1), "no_new_privs")


Instruction = tuple[int, int, int, int]


def set_filter(instructions: list[Instruction]) -> None:
    """Give this process and its children a filter of system calls, for good (seccomp)."""
    with filter_in_memory(instructions) as place:
        _check(_libc.prctl(_SECCOMP, _FILTER_MODE, ctypes.c_ulong(place), 0, 0), "seccomp")


@contextlib.contextmanager
def filter_in_memory(instructions: list[Instruction]) -> Iterator[int]:
    """Yield the address of a filter in the form that the kernel takes, valid within the block."""
    lines = (struct.pack("<HBBI", *instruction) for instruction in instructions)
    code = ctypes.create_string_buffer(b"".join(lines))
    program = struct.pack("@HP", len(instructions), ctypes.addressof(code))
    whole = ctypes.create_string_buffer(program)
    yield ctypes.addressof(whole)

"""Linux system calls that Python 3.11 lacks."""

import ctypes
import errno
import os
import platform
import signal
import struct
from os import PathLike

StrPath = str | PathLike[str]

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
_NEW_ANYTHING = 0x7E020000

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
    header = struct.pack("<Ii", 0x20080522, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _check(_prctl(_NO_NEW_PRIVILEGES, 1), "no_new_privs")


# System calls that serve to break out, and that no notebook makes by accident: each ends the
# process. Numbers for x86_64 and aarch64.
_FATAL_CALLS = {
    "ptrace": (101, 117),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
# System calls that fail as if the kernel lacked them: libraries then do without.
DENIED_CALLS = {
    "process_vm_readv": (310, 270),
    "syslog": (103, 116),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "kcmp": (312, 272),
    "quotactl": (179, 60),
    "sched_setaffinity": (203, 122),  # a submission keeps to the cores that it was given
    # Memory that belongs to no process, so that no limit counts it.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),  # hides its flags from a filter; the C library then takes clone
}
CLONE, _SOCKET = (56, 220), (41, 198)
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_SOCKET_OPTION = (54, 208)
_SOCKET_LEVEL, _BUFFER_SIZES = 1, (7, 8, 32, 33)  # what is in these counts as nobody's memory
_FAMILIES = (38, 40)  # the kernel's ciphers, and sockets to the host of a virtual machine


def filter_system_calls() -> None:
    """Refuse this process and its children the system calls that no answer needs.

    A call that serves to break out ends the process by SIGSYS.
    """
    load, equal, any_bit, at_least, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, refuse, absent, end = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
    machine = MACHINES.index(platform.machine())
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, _ARCHITECTURES[platform.machine()]),
        (give, 0, 0, refuse),
        (load, 0, 0, 0),
        (at_least, 0, 1, 0x40000000),  # the x32 variants
        (give, 0, 0, absent),
    ]
    for calls, then in ((DENIED_CALLS, absent), (_FATAL_CALLS, end)):
        for numbers in calls.values():
            program += [(equal, 0, 1, numbers[machine]), (give, 0, 0, then)]
    program += [
        (equal, 0, 5 + len(_BUFFER_SIZES), _SET_SOCKET_OPTION[machine]),
        (load, 0, 0, 24),  # the level of the option
        (equal, 0, 1 + len(_BUFFER_SIZES), _SOCKET_LEVEL),
        (load, 0, 0, 32),  # the option
    ]
    for place, option in enumerate(_BUFFER_SIZES):
        program.append((equal, len(_BUFFER_SIZES) - place, 0, option))
    program += [
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
        (equal, 0, 4, CLONE[machine]),
        (load, 0, 0, 16),  # its flags: no new namespace of any kind
        (any_bit, 0, 1, _NEW_ANYTHING),
        (give, 0, 0, end),
        (give, 0, 0, allow),
        (equal, 0, 3 + len(_FAMILIES), _SOCKET[machine]),
        (load, 0, 0, 16),
    ]
    for place, family in enumerate(_FAMILIES):
        program.append((equal, len(_FAMILIES) - place, 0, family))
    program += [(give, 0, 0, allow), (give, 0, 0, refuse), (give, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *line) for line in program))
    filters = struct.pack("@HP", len(program), ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(filters)
    result = _libc.prctl(_SECCOMP, 2, ctypes.c_ulong(ctypes.addressof(pointer)), 0, 0)
    _check(result, "seccomp")

"""Linux dressed up as macOS or Windows, in a process of its own and all that it starts.

What these systems lack is taken from this project's own modules: the libraries stay those of Linux.
"""

import builtins
import ctypes
import errno
import inspect
import os
import platform
import resource
import socket
from pathlib import Path

ROOT = Path(__file__).parent.parent
_OURS = ("autograder", "course")
_LINUX_ALONE = ("capset", "mount", "pivot_root", "prctl", "setns", "syscall", "umount2", "unshare")


def environment(system: str, folder: Path) -> dict:
    """The environment of a process on that system, "darwin" or "windows"; writes into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(f"from tests import other_systems as other\n"
                                             f"other.{system}()\n")  # fmt: skip
    return os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def darwin():
    """No message sockets, no namespaces, no prctl, no /proc, and no limit on mapped memory."""
    _call_it("Darwin", "arm64")
    _without(os, "memfd_create", "pidfd_open", "sched_getaffinity", "sched_setaffinity", "setns")
    _without(os, "getresuid", "setresgid", "setresuid", "unshare")
    _without_linux_calls()
    _without_proc()
    socketpair = socket.socketpair

    def without_messages(family=None, kind=socket.SOCK_STREAM, proto=0):
        if kind == socket.SOCK_SEQPACKET:
            raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))
        return socketpair(family, kind, proto)

    socket.socketpair = without_messages
    set_limit = resource.setrlimit
    resource.setrlimit = lambda kind, limits: (
        kind == resource.RLIMIT_DATA or set_limit(kind, limits)
    )


def windows():
    """No fork, no file locks of Unix, no limits, no sockets that hand over descriptors."""
    _call_it("Windows", "AMD64")
    _without(os, "fork", "forkpty", "sched_getaffinity", "sched_setaffinity", "setsid")
    _without(socket, "SOCK_SEQPACKET", "recv_fds", "send_fds")
    _without_linux_calls()
    _without_proc()
    uname = os.uname

    def without_uname():
        if _asked_by_us():
            raise AttributeError("module 'os' has no attribute 'uname'")
        return uname()  # NumPy looks at it on Linux

    os.uname = without_uname
    import_module = builtins.__import__

    def without_unix(name, globals=None, *more, **named):
        if name in ("fcntl", "grp", "pwd", "resource", "termios") and _is_ours(globals or {}):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return import_module(name, globals, *more, **named)

    builtins.__import__ = without_unix


def _call_it(system, machine):
    ours = {"system": system, "machine": machine}
    for name, value in ours.items():
        theirs = getattr(platform, name)
        setattr(platform, name, lambda v=value, f=theirs: v if _asked_by_us() else f())


def _without(module, *names):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)


def _without_linux_calls():
    look_up = ctypes.CDLL.__getattr__

    def without_linux(library, name):
        if name in _LINUX_ALONE:
            raise AttributeError(name)
        return look_up(library, name)

    ctypes.CDLL.__getattr__ = without_linux


def _without_proc():
    for module, name in ((builtins, "open"), (os, "listdir")):
        theirs = getattr(module, name)

        def without_proc(path=".", *more, _theirs=theirs, **named):
            if str(path).startswith("/proc") and _asked_by_us():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            return _theirs(path, *more, **named)

        setattr(module, name, without_proc)


def _asked_by_us():
    """Whether the function that called the caller of this one is in a module of the project's."""
    return _is_ours(inspect.currentframe().f_back.f_back.f_globals)


def _is_ours(names):
    package = names.get("__package__") or names.get("__name__") or ""
    return package.split(".")[0] in _OURS

"""The walls around a student's process: a file system of its own, limits, no privileges.

The new file system holds only what `visible.py` lists of this machine, read-only, and a home, a
temporary and a working folder in memory.
"""

import contextlib
import os
import resource
import shutil
import socket
from pathlib import Path

from autograder.sandbox.inside import linux, system_call_filter
from autograder.sandbox.inside.visible import Visible
from autograder.sandbox.limits import Limits

NAMESPACES = (
    linux.NEW_USER
    | linux.NEW_MOUNTS
    | linux.NEW_PIDS
    | linux.NEW_NETWORK
    | linux.NEW_IPC
    | linux.NEW_UTS
)
USER = 1_000  # inside; outside it is the grader's user, or nobody if that is root
NOBODY = 65_534

_MAX_TERMINALS = 32  # of a submission: all on the machine share one number of them
_DEVICES = ("null", "full", "random", "urandom")
_SAFE = linux.NO_SUID | linux.NO_DEVICES


def write_identity_maps(process: int | str, user: int, group: int) -> None:
    """Map the user inside a process's new user namespace to the grader's, or to nobody for root.

    `user` and `group` are the grader's: in a new namespace a process no longer knows its own.
    """
    folder = Path("/proc") / str(process)
    if user == 0:
        users, groups = (f"0 {one} 1\n{USER} {NOBODY} 1\n" for one in (user, group))
    else:
        (folder / "setgroups").write_text("deny")
        users, groups = (f"{USER} {one} 1\n" for one in (user, group))
    (folder / "uid_map").write_text(users)
    (folder / "gid_map").write_text(groups)


def build(
    base: Path, files: Path | None, visible: Visible, secrets: list[str], limits: Limits
) -> Path:
    """Build the new file system and move into it, as the first process of the new namespaces.

    `base` is a folder outside with an empty folder `root` to build in. The paths in `secrets` are
    hidden even within visible folders. Returns the folder inside with the student's `home`, `tmp`
    and `work`, which holds a copy of `files`.
    """
    socket.sethostname("student")
    root = str(base / "root")
    os.stat(root)  # if the next calls are refused, this folder is not the reason
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", _SAFE, "mode=755,size=4m")
    for folder in ("dev/pts", "dev/shm", "proc", "tmp", "etc"):
        os.makedirs(f"{root}/{folder}")
    own = f"uid={USER},gid={USER},mode=700"
    # First, since visible folders may lie in it: a project, or a Python, below /tmp.
    linux.mount("tmpfs", f"{root}/tmp", "tmpfs", _SAFE, f"size={limits.disk},nr_inodes=20k,{own}")
    _show(root, visible, secrets)
    inside = _free_name(root, "/student")
    os.mkdir(root + inside)
    for name in _DEVICES:
        Path(f"{root}/dev/{name}").touch()
    Path(f"{root}/etc/passwd").write_text(f"student:x:{USER}:{USER}::{inside}/home:/bin/sh\n")
    Path(f"{root}/etc/group").write_text(f"student:x:{USER}:\n")
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{root}/dev/{name}")
    os.symlink("pts/ptmx", f"{root}/dev/ptmx")
    os.symlink("full", f"{root}/dev/zero")  # reads as zeros, too, but cannot be mapped as memory
    linux.make_read_only(root)
    linux.make_writable(f"{root}/tmp")
    size = f"size={limits.disk},nr_inodes=20k"
    linux.mount("tmpfs", root + inside, "tmpfs", _SAFE, f"{size},{own}")
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", _SAFE, f"size=64m,nr_inodes=1k,{own}")
    for name in _DEVICES:
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=linux.BIND)
    with contextlib.suppress(OSError):  # `!` commands then have no terminal
        how = f"newinstance,ptmxmode=0666,max={_MAX_TERMINALS}"
        linux.mount("devpts", f"{root}/dev/pts", "devpts", linux.NO_SUID, how)
    with contextlib.suppress(OSError):  # refused in some containers, and not necessary
        linux.mount("proc", f"{root}/proc", "proc", _SAFE | linux.NO_EXECUTION)
    make_folders(Path(root + inside), files)
    if os.getuid() != USER:
        _give_to_user(root + inside)
    os.mkdir(f"{root}{inside}/old")
    linux.pivot_root(root, f"{root}{inside}/old")
    os.chdir("/")
    linux.unmount(f"{inside}/old")
    os.rmdir(f"{inside}/old")
    return Path(inside)


def _free_name(root: str, name: str) -> str:
    """A name like this that no visible folder has in the new file system."""
    while os.path.lexists(root + name):
        name += "_"
    return name


def make_folders(base: Path, files: Path | None) -> None:
    """Make the student's own folders, and copy the lesson's files into `work`."""
    for name in ("home", "tmp"):
        (base / name).mkdir(exist_ok=True)
    if files is None:
        (base / "work").mkdir()
    else:
        ignore = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(files, base / "work", ignore=ignore)


def _give_to_user(folder: str) -> None:
    for path, folders, names in os.walk(folder):
        for name in (*folders, *names):
            os.chown(os.path.join(path, name), USER, USER, follow_symlinks=False)


def _show(root: str, visible: Visible, secrets: list[str]) -> None:
    """Bind what is visible into the new root, and cover what is secret, from the top down."""
    steps = [(path, "show") for path in visible.places]
    steps += [(path, "link") for path in visible.links]
    steps += [(path, "hide") for path in {os.path.realpath(secret) for secret in secrets}]
    done: list[tuple[str, bool]] = []  # paths with a slash at the end, and whether each is hidden
    for path, what in sorted(steps, key=lambda step: (step[0].count("/"), step[1] == "hide")):
        above = [hidden for other, hidden in done if f"{path}/".startswith(other)]
        is_hidden = not above or above[-1]  # as the last step above it left it
        target = root + path
        if what == "hide" and not is_hidden and os.path.isdir(target):
            linux.mount("tmpfs", target, "tmpfs", _SAFE, "mode=755,size=1m")
        elif what != "hide" and is_hidden:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if what == "link":
                os.symlink(visible.links[path], target)
            elif os.path.isdir(path):
                os.makedirs(target, exist_ok=True)
                linux.mount(path, target, flags=linux.BIND | linux.RECURSIVE)
            else:
                Path(target).touch()
                linux.mount(path, target, flags=linux.BIND)
        else:
            continue
        done.append((f"{path}/", what == "hide"))


def confine(limits: Limits, walls: bool) -> None:
    """Drop the privileges of this process and all that it starts, and set their limits."""
    if walls:
        linux.drop_bounding_set()
    if walls and os.getuid() != USER:
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    used = data_used()
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_DATA, used + limits.memory + 500_000_000),  # the supervisor is exact
        # Without walls, all processes of the grader's user would count.
        *([(resource.RLIMIT_NPROC, limits.processes)] if walls else []),
    ):
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    if walls:
        linux.drop_privileges()
        linux.show_memory()  # the grader measures it; inside, only this user's processes can
        system_call_filter.install()


def data_used() -> int:
    """Return the bytes in the data segments of this process."""
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmData:"))
        return int(line.split()[1]) * 1024
    return 500_000_000

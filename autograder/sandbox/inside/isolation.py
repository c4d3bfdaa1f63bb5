"""The walls around a student's process: a file system of its own, limits, no privileges.

The new file system holds what `visible.py` lists of this machine, read-only; a home, a temporary
and a working folder of its own in memory; and nothing else.
"""

import contextlib
import os
import resource
import shutil
from pathlib import Path

from autograder.sandbox.inside import linux
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
USER = 1_000  # in the student's process; outside it is the grader's, or nobody if that is root
NOBODY = 65_534

_DEVICES = ("null", "zero", "full", "random", "urandom")
_SAFE = linux.NO_SUID | linux.NO_DEVICES


def write_identity_maps(process, user: int, group: int):
    """Say who a process in a new user namespace is outside: the grader, who as root hides in it.

    `user` and `group` are the grader's: in a new namespace a process no longer knows its own.
    """
    folder = Path("/proc") / str(process)
    if user == 0:
        lines = f"0 {user} 1\n{USER} {NOBODY} 1\n", f"0 {group} 1\n{USER} {NOBODY} 1\n"
    else:
        (folder / "setgroups").write_text("deny")
        lines = f"{USER} {user} 1\n", f"{USER} {group} 1\n"
    (folder / "uid_map").write_text(lines[0])
    (folder / "gid_map").write_text(lines[1])


def build(
    base: Path, files: Path | None, visible: Visible, secrets: list[str], limits: Limits
) -> Path:
    """Build the new file system and move into it, as the first process of the new namespaces.

    `base` is a folder out here that holds an empty one to build on, `root`. What is in `secrets`
    is absent even if it lies in a folder that is visible. Returns the folder inside that holds the
    student's `home`, `tmp` and `work`, into which a copy of `files` is put.
    """
    root = str(base / "root")
    os.stat(root)  # if the system refuses what follows, the folder is not the reason
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", _SAFE, "mode=755,size=4m")
    for folder in ("dev/pts", "dev/shm", "proc", "tmp", "old", "etc"):
        os.makedirs(f"{root}/{folder}")
    own = f"uid={USER},gid={USER},mode=700"
    # Before what is shown, which may lie in it: a project, or a Python, below /tmp.
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
    linux.make_read_only(root)
    linux.make_writable(f"{root}/tmp")
    size = f"size={limits.disk},nr_inodes=20k"
    linux.mount("tmpfs", root + inside, "tmpfs", _SAFE, f"{size},{own}")
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", _SAFE, f"size=64m,nr_inodes=1k,{own}")
    for name in _DEVICES:
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=linux.BIND)
    with contextlib.suppress(OSError):  # without it `!` commands have no terminal
        linux.mount(
            "devpts", f"{root}/dev/pts", "devpts", linux.NO_SUID, "newinstance,ptmxmode=0666"
        )
    with contextlib.suppress(OSError):  # refused in some containers; it can be done without
        linux.mount("proc", f"{root}/proc", "proc", _SAFE | linux.NO_EXECUTION)
    make_folders(Path(root + inside), files)
    if os.getuid() != USER:
        _give(root + inside)
    linux.pivot_root(root, f"{root}/old")
    os.chdir("/")
    linux.unmount("/old")
    return Path(inside)


def _free_name(root, name):
    """A name at the top of the new file system that is not taken by what is shown there."""
    while os.path.lexists(root + name):
        name += "_"
    return name


def make_folders(base: Path, files: Path | None):
    """The student's own folders, and in `work` what lies beside the instructor's notebook."""
    for name in ("home", "tmp"):
        (base / name).mkdir(exist_ok=True)
    if files is None:
        (base / "work").mkdir()
    else:
        ignore = shutil.ignore_patterns("*.ipynb", ".*", "__pycache__")
        shutil.copytree(files, base / "work", ignore=ignore)


def _give(folder):
    for path, folders, names in os.walk(folder):
        for name in (*folders, *names):
            os.chown(os.path.join(path, name), USER, USER, follow_symlinks=False)


def _show(root, visible, secrets):
    """Bind what is visible into the new root, and cover what is secret, from the top down."""
    steps = [(path, "show") for path in visible.places]
    steps += [(path, "link") for path in visible.links]
    steps += [(path, "hide") for path in {os.path.realpath(secret) for secret in secrets}]
    done = []  # of each: the path with a slash behind it, and whether it is hidden since
    for path, what in sorted(steps, key=lambda step: (step[0].count("/"), step[1] == "hide")):
        above = [hidden for other, hidden in done if f"{path}/".startswith(other)]
        is_hidden = not above or above[-1]  # by what was done last on the way to it
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


def confine(limits: Limits, walls: bool):
    """Give up privileges and set the limits of this process and all that it starts."""
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
        (resource.RLIMIT_DATA, used + limits.memory + 500_000_000),  # the watcher is exact
        # Without walls it would count all processes of the grader's user.
        *([(resource.RLIMIT_NPROC, limits.processes)] if walls else []),
    ):
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))
    if walls:
        linux.drop_privileges()
        linux.show_memory()  # to the grader, who counts it; inside of here nobody else can look
        linux.filter_system_calls()


def data_used() -> int:
    """The bytes of data segments that this process has mapped."""
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmData:"))
        return int(line.split()[1]) * 1024
    return 500_000_000

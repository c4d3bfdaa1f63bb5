"""The walls around a student's process: a file system of its own, limits, no privileges.

The new file system holds the operating system's programs and libraries, Python's, and the package
`course`, all read-only; a home and a temporary folder of its own in memory; and nothing else.
"""

import contextlib
import os
import resource
import shutil
import sys
from pathlib import Path

from autograder.sandbox import linux
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

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = (
    *("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime"),
    *("mime.types", "nsswitch.conf", "ssl/certs", "ssl/openssl.cnf"),
)
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


def build(base: Path, files: Path | None, secrets: list[Path], limits: Limits):
    """Build the new file system and move into it, as the first process of the new namespaces.

    `base` is a folder, there and here, that holds `root` (an empty folder to build on), and the
    student's `home`, `tmp` and `work`, into which a copy of `files` is put. What is in `secrets`
    is absent even if it lies in a folder that is needed.
    """
    root = str(base / "root")
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", _SAFE, "mode=755,size=4m")
    for folder in ("dev/pts", "dev/shm", "proc", "tmp", "old", "etc"):
        os.makedirs(f"{root}/{folder}")
    own = f"uid={USER},gid={USER},mode=700"
    # Before what is shown, which may lie in it: a project, or a Python, below /tmp.
    linux.mount("tmpfs", f"{root}/tmp", "tmpfs", _SAFE, f"size={limits.disk},nr_inodes=20k,{own}")
    os.makedirs(f"{root}{base}", exist_ok=True)
    _show(root, secrets)
    for name in _DEVICES:
        Path(f"{root}/dev/{name}").touch()
    Path(f"{root}/etc/passwd").write_text(f"student:x:{USER}:{USER}::{base / 'home'}:/bin/sh\n")
    Path(f"{root}/etc/group").write_text(f"student:x:{USER}:\n")
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{root}/dev/{name}")
    os.symlink("pts/ptmx", f"{root}/dev/ptmx")
    linux.make_read_only(root)
    linux.make_writable(f"{root}/tmp")
    inside = f"{root}{base}"
    linux.mount("tmpfs", inside, "tmpfs", _SAFE, f"size={limits.disk},nr_inodes=20k,{own}")
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", _SAFE, f"size=64m,nr_inodes=1k,{own}")
    for name in _DEVICES:
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=linux.BIND)
    with contextlib.suppress(OSError):  # without it `!` commands have no terminal
        linux.mount(
            "devpts", f"{root}/dev/pts", "devpts", linux.NO_SUID, "newinstance,ptmxmode=0666"
        )
    with contextlib.suppress(OSError):  # refused in some containers; it can be done without
        linux.mount("proc", f"{root}/proc", "proc", _SAFE | linux.NO_EXECUTION)
    make_folders(Path(inside), files)
    if os.getuid() != USER:
        _give(inside)
    linux.pivot_root(root, f"{root}/old")
    os.chdir("/")
    linux.unmount("/old")


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


def visible() -> list[Path]:
    """The folders and files outside that a student's process can see."""
    import course

    paths = [Path(path) for path in _SYSTEM]
    paths += [Path("/etc") / name for name in _SETTINGS]
    paths += [Path(sys.prefix), Path(sys.base_prefix), Path(course.__file__).parent]
    return [path for path in paths if path.exists() or path.is_symlink()]


def _show(root, secrets):
    """Bind what is visible into the new root, and cover what is secret, from the top down."""
    shown = []
    steps = [(path, False) for path in visible()] + [(path, True) for path in secrets]
    for path, secret in sorted(steps, key=lambda step: (len(step[0].parts), step[1])):
        above = [(other, covered) for other, covered in shown if path.is_relative_to(other)]
        hidden = not above or above[-1][1]  # by what was done last on the way to it
        target = f"{root}{path}"
        if secret and not hidden and os.path.isdir(target):
            linux.mount("tmpfs", target, "tmpfs", _SAFE, "mode=755,size=1m")
            shown.append((path, True))
        elif not secret and hidden:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if path.is_symlink():
                os.symlink(os.readlink(path), target)
                continue
            if path.is_dir():
                os.makedirs(target, exist_ok=True)
            else:
                Path(target).touch()
            linux.mount(path, target, flags=linux.BIND | linux.RECURSIVE)
            shown.append((path, False))


def confine(limits: Limits, walls: bool):
    """Give up privileges and set the limits of this process and all that it starts."""
    if walls:
        linux.drop_bounding_set()
    if walls and os.getuid() != USER:
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    used = _data_used()
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


def _data_used() -> int:
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmData:"))
        return int(line.split()[1]) * 1024
    return 500_000_000

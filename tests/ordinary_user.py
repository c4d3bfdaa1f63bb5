"""Runs a command as a user who is not root, on a machine where tests may have planted files."""

import functools
import os
import subprocess
import sys
from pathlib import Path

from autograder.sandbox.inside import linux
from tests import homes
from tests.conftest import ROOT, missing

NOBODY, NOT_IN_PASSWD = 65_534, 54_321
GRADE = [sys.executable, "-c", "from autograder.cli import main; main()", "grade"]


def start(command, folder: Path, *, user=NOBODY, umask=0o022, mounts=(), plant=None, **more):
    """Start a command in a folder that becomes this user's, with what is needed to run Python.

    For root, owners stay as they are. `mounts` are arguments for `linux.mount`; `plant` are texts
    by path: each is in a file system of its own that hides what is in the nearest folder that
    exists. The command alone sees all this. If these tests are not run by root, the user is the
    present one; 0 stays root.
    """
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }
    environment |= more.pop("env", {})
    environment = {name: value for name, value in environment.items() if value is not None}
    homes.make(folder / "home")
    (folder / "tmp").mkdir(exist_ok=True)
    if os.geteuid() == 0 and user:
        _give(folder, user)

    def become_ordinary():
        os.umask(0o022)
        if os.geteuid() == 0:
            linux.unshare(linux.NEW_MOUNTS)
            linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
            _open_up([ROOT, Path(sys.prefix), Path(sys.base_prefix), folder])
            _furnish(mounts, plant or {})
            if user:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
        elif mounts or plant:
            _as_root_of_new_namespace()
            _furnish(mounts, plant or {})
        os.umask(umask)

    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        preexec_fn=become_ordinary,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | more,
    )


def run(command, folder: Path, **more) -> subprocess.CompletedProcess:
    """Run a command so, to its end."""
    with start(command, folder, **more) as process:
        said, _ = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, said)


def missing_ordinary_user():
    """Skip this test where nobody can be made such a user with a view of the machine."""
    if reason := _missing():
        missing("an ordinary user", reason)


@functools.cache
def _missing() -> str:
    process = os.fork()
    if not process:
        code = 1
        try:
            if os.geteuid() == 0:
                linux.unshare(linux.NEW_MOUNTS)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            linux.unshare(linux.NEW_USER | linux.NEW_MOUNTS)
            code = 0
        finally:
            os._exit(code)
    ended = os.waitpid(process, 0)[1]
    return "namespaces are not permitted to one here" if ended else ""


def _give(folder, user):
    for path, _, names in os.walk(folder):
        for one in (path, *(os.path.join(path, name) for name in names)):
            os.chown(one, user, user, follow_symlinks=False)


def _open_up(needed):
    """Let everybody enter what leads to these folders, and see nothing else there."""
    closed = {}
    for path in needed:
        above = (folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001)
        if folder := next(above, None):
            closed.setdefault(folder, []).append(path)
    for folder, paths in closed.items():
        handles = [os.open(path, os.O_PATH) for path in paths]
        linux.mount("tmpfs", folder, "tmpfs", options="mode=755")
        for path, handle in zip(paths, handles, strict=True):
            path.mkdir(parents=True, exist_ok=True)
            linux.mount(f"/proc/self/fd/{handle}", path, flags=linux.BIND | linux.RECURSIVE)
            os.close(handle)


def _furnish(mounts, texts):
    """Mount what is to be there, and put files where there are none."""
    for arguments in mounts:
        linux.mount(*arguments)
    for path, text in texts.items():
        path = Path(path)
        there = next(folder for folder in path.parents if folder.is_dir())
        if not any((folder / ".planted").exists() for folder in (there, *there.parents)):
            linux.mount("tmpfs", there, "tmpfs", options="mode=755")
            (there / ".planted").touch()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _as_root_of_new_namespace():
    """Gain the right to mount; it goes with the next program, as this one is not called root."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.NEW_USER | linux.NEW_MOUNTS)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)

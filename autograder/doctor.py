"""Look at the machine and the course's folder for what would make grading fail, before it does."""

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import systems
from autograder.course_folder import CourseFolder
from autograder.grading.file_modes import open_to_others
from autograder.grading.private_places import exchange_folder
from autograder.sandbox import CannotStart
from autograder.sandbox.outside import pool

OLDEST, NEWEST = (3, 11), (3, 13)  # the Pythons on which the libraries run
_ROOM = 2_000_000_000  # bytes that should be free in the folder for temporary files
_MAX_PATH = 60  # characters of its name: sockets have room for little more


@dataclass(frozen=True)
class Finding:
    """Something that was looked at: whether it is well, and else the line that puts it right."""

    what: str
    is_well: bool
    remedy: str = ""


def examine(course: CourseFolder) -> Iterator[Finding]:
    """Look at everything, one thing after the other."""
    yield _python()
    yield _locale()
    yield _temporary_folder()
    yield _umask()
    yield from _walls(course)
    yield _keras()
    yield _path(course)
    yield _rights(course)
    yield from _gradebook(course)
    yield _exchange(course)


def _python():
    version = ".".join(map(str, sys.version_info[:3]))
    supported = f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    is_well = OLDEST <= sys.version_info[:2] <= NEWEST
    return Finding(f"Python {version}", is_well, f"Install with {supported}, make install PYTHON=…")


def _locale():
    encoding = sys.getfilesystemencoding()
    remedy = "export LC_ALL=C.UTF-8   # else names with accents cannot be read"
    return Finding(f"names of files are read as {encoding}", encoding == "utf-8", remedy)


def _temporary_folder():
    what, remedy = "the folder for temporary files", "export TMPDIR=/var/tmp"
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryDirectory() as new:
            free = shutil.disk_usage(new).free
    except OSError as error:
        return Finding(f"{what} cannot be used ({error})", False, remedy)
    what = f"{what}, {folder}, has {free / 1e9:.1f} GB free"
    if free < _ROOM:
        return Finding(what, False, f"{remedy}   # {_ROOM / 1e9:g} GB should be free there")
    remedy = "export TMPDIR=/tmp   # its name is too long for the sockets of the grader"
    return Finding(what, len(folder) <= _MAX_PATH, remedy)


def _umask():
    mask = os.umask(0o022)
    os.umask(mask)
    remedy = "umask 022   # else root's folders cannot be entered by the walled-in process"
    is_well = bool(getattr(os, "getuid", lambda: 1)()) or not mask & 0o055  # none on Windows
    return Finding(f"umask {mask:03o}", is_well, remedy)


def _walls(course):
    """Whether what students wrote can be walled in, tried as grading does it."""
    if trouble := systems.no_grading():
        yield Finding("grading", False, trouble)
        return
    walls, limits = pool.settings(course.config())
    if not walls:
        remedy = "delete c.Grade.sandbox   # a submission can read and change what you can"
        yield Finding("walls are switched off in the configuration", False, remedy)
        return
    try:
        pool.sandbox(walls, limits).start()
    except CannotStart as error:
        yield Finding(f"walls cannot be built: {error}", False, _remedy_for_walls())
    else:
        yield Finding("walls can be built", True)
    finally:
        pool.stop()


def _remedy_for_walls():
    switches = {
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
        "kernel/unprivileged_userns_clone": ("0", "1"),
        "user/max_user_namespaces": ("0", "15000"),
    }
    for name, (forbidding, allowing) in switches.items():
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == forbidding:
                return f"sudo sysctl -w {name.replace('/', '.')}={allowing}"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "start the container with --security-opt seccomp=unconfined"
    return "autograder grade LESSON --no-sandbox   # in a machine that holds nothing else"


def _keras():
    path = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    try:
        settings = json.loads(path.read_text())
        layout = settings.get("image_data_format", "channels_last")
        backend = settings.get("backend", "tensorflow")
    except FileNotFoundError:
        return Finding("no settings of Keras", True)
    except (OSError, ValueError, AttributeError) as error:
        return Finding(f"{path} cannot be read ({error})", False, f"mv {path} {path}.old")
    is_well = (layout, backend) == ("channels_last", "tensorflow")
    what = f"{path} says {backend}, {layout}"
    return Finding(what, is_well, f"mv {path} {path}.old   # students may have such a file, too")


def _path(course):
    name = str(course.root)
    is_well = name.isprintable() and not set(name) & set("*?[]{}%")
    remedy = "mv the folder to a name without * ? [ ] { } %, which nbgrader takes for patterns"
    return Finding(f"the course is in {name!r}", is_well, remedy)


def _rights(course):
    """On a machine that students use as well, they must not look into the course."""
    if not os.access(course.root, os.W_OK):
        remedy = f"sudo chown -R $USER {course.root}"
        return Finding("the course's folder cannot be written", False, remedy)
    if names := ", ".join(path.name for path in open_to_others(course)):
        what = f"other users of this machine can read {names}"
        return Finding(what, False, f"chmod o-rwx {course.root}")
    return Finding("the course is private", True)


def _gradebook(course):
    path = course.gradebook
    if not path.exists():
        yield Finding("no gradebook yet", True)
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as found:
            found.execute("BEGIN IMMEDIATE")
            (said,) = found.execute("PRAGMA quick_check").fetchone()
            found.rollback()
    except sqlite3.Error as error:
        remedy = "close what else uses it (formgrader, another `autograder`), or take your backup"
        yield Finding(f"the gradebook cannot be used: {error}", False, remedy)
        return
    yield Finding("the gradebook can be used", said == "ok", f"it is damaged ({said}): your backup")


def _exchange(course):
    folder = exchange_folder(course)
    if not folder.is_dir():
        return Finding(
            f"no exchange at {folder}; needed only to hand out lessons through nbgrader", True
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    is_well = mode & 0o007 == 0o007
    return Finding(f"the exchange {folder} has the mode {mode:o}", is_well, f"chmod 777 {folder}")

"""Check the machine and the course's folder for what would make grading fail, before it does."""

import contextlib
import json
import os
import shlex
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import systems
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading.file_modes import open_to_others
from autograder.grading.private_places import check_packages, exchange_folder
from autograder.messages import _
from autograder.sandbox import CannotStart
from autograder.sandbox.outside import pool
from autograder.sandbox.outside.cgroup import Groups

OLDEST, NEWEST = (3, 11), (3, 13)  # the Pythons on which the libraries run
_ROOM = 2_000_000_000  # bytes that should be free in the temporary folder
_MAX_PATH = 60  # characters of its name: paths of sockets have room for little more


@dataclass(frozen=True)
class Finding:
    """Something that was checked: whether it is well; if not, what corrects it, and why to do so.

    The remedy is often a command, to be copied as it is: a comment behind it would not do in zsh.
    """

    what: str
    is_well: bool
    remedy: str = ""
    why: str = ""


def examine(course: CourseFolder) -> Iterator[Finding]:
    """Check everything, one thing after the other."""
    yield _python()
    yield _locale()
    yield _temporary_folder()
    yield _umask()
    yield from _walls(course)
    yield from _packages(course)
    yield from _settings(course)
    yield _keras()
    yield _path(course)
    yield _rights(course)
    yield from _gradebook(course)
    yield from _extensions(course)
    yield _exchange(course)


def _python():
    version = ".".join(map(str, sys.version_info[:3]))
    oldest, newest = (".".join(map(str, one)) for one in (OLDEST, NEWEST))
    is_well = OLDEST <= sys.version_info[:2] <= NEWEST
    remedy = _("Install with Python {oldest} to {newest}, make install PYTHON=…")
    return Finding(f"Python {version}", is_well, remedy.format(oldest=oldest, newest=newest))


def _locale():
    encoding = sys.getfilesystemencoding()
    what = _("file names are read as {encoding}").format(encoding=encoding)
    why = _("names with accents cannot be read")
    return Finding(what, encoding == "utf-8", "export LC_ALL=C.UTF-8", why)


def _temporary_folder():
    remedy = "export TMPDIR=/var/tmp"
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryDirectory() as new:
            free = shutil.disk_usage(new).free
    except OSError as error:
        said = _("the folder for temporary files cannot be used ({error})")
        return Finding(said.format(error=error), False, remedy)
    what = _("the folder for temporary files, {folder}, has {size:.1f} GB free")
    what = what.format(folder=folder, size=free / 1e9)
    if free < _ROOM:
        why = _("{size:g} GB should be free there").format(size=_ROOM / 1e9)
        return Finding(what, False, remedy, why)
    why = _("its path is too long for the grader's sockets")
    return Finding(what, len(folder) <= _MAX_PATH, "export TMPDIR=/tmp", why)


def _umask():
    mask = os.umask(0o022)
    os.umask(mask)
    why = _("the sandboxed process cannot enter root's folders")
    is_well = bool(getattr(os, "getuid", lambda: 1)()) or not mask & 0o055  # none on Windows
    return Finding(f"umask {mask:03o}", is_well, "umask 022", why)


def _walls(course):
    """Whether the sandbox can be built around students' code, tried as in grading."""
    if trouble := systems.why_no_grading():
        yield Finding(_("grading"), False, trouble)
        return
    walls, limits = pool.settings(course.config())
    if not walls:
        what = _("the sandbox is switched off in the configuration")
        why = _("a submission can read and change what you can")
        yield Finding(what, False, _("delete c.Grade.sandbox"), why)
        return
    try:
        pool.sandbox(walls, replace(limits, packages=())).start()
    except CannotStart as error:
        what = _("the sandbox cannot be built: {error}").format(error=error)
        yield Finding(what, False, _remedy_for_walls())
    else:
        yield Finding(_("the sandbox can be built"), True)
        yield limits_kept(Groups())
    finally:
        pool.stop()


def limits_kept(groups: Groups) -> Finding:
    """Say who keeps the limits of submissions: either way does, so neither is a trouble."""
    if groups.can_be_made:
        return Finding(_("the kernel keeps each submission within its limits (cgroup v2)"), True)
    said = _(
        "the grader keeps each submission within its limits; for the kernel to do so: {command}"
    )
    command = "systemd-run --user --scope -p Delegate=yes autograder grade LESSON"
    return Finding(said.format(command=command), True)


def _packages(course):
    """Whether the course's own packages can be shown; no finding if they can."""
    _is_walled, limits = pool.settings(course.config())
    try:
        check_packages(course, limits.packages)
    except CourseError as error:
        yield Finding(str(error), False, _("correct it in course_settings.py"))


def _settings(course):
    """The settings that nothing reads; no finding if there are none."""
    from autograder.unread_settings import other_folders, unread  # which takes a second

    config = course.config()
    delete = _("correct or delete it in course_settings.py")
    for found in unread(config):
        remedy = _("do you mean {setting}?").format(setting=found.nearest)
        what = _("nothing reads the setting {setting}").format(setting=found.name)
        yield Finding(what, False, remedy if found.nearest else delete)
    for name, folder in other_folders(config):
        what = _("{setting} is read only by nbgrader: here, the folder is always {folder}/")
        yield Finding(what.format(setting=name, folder=folder), False, delete)


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
        return _(
            "start the container with --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined"
        )
    command = "autograder grade LESSON --no-sandbox"
    return _("on a machine that holds nothing else: {command}").format(command=command)


def _keras():
    path = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    quoted = shlex.quote(str(path))
    try:
        settings = json.loads(path.read_text())
        layout = settings.get("image_data_format", "channels_last")
        backend = settings.get("backend", "tensorflow")
    except FileNotFoundError:
        return Finding(_("no Keras settings"), True)
    except (OSError, ValueError, AttributeError) as error:
        what = _("{path} cannot be read ({reason})").format(path=path, reason=error)
        return Finding(what, False, f"mv {quoted} {quoted}.old")
    is_well = (layout, backend) == ("channels_last", "tensorflow")
    what = _("{path} says {backend}, {layout}")
    what = what.format(path=path, backend=backend, layout=layout)
    why = _("students may have such a file, too")
    return Finding(what, is_well, f"mv {quoted} {quoted}.old", why)


def _path(course):
    name = str(course.root)
    is_well = name.isprintable() and not set(name) & set("*?[]{}%")
    remedy = _("rename the folder: nbgrader takes {signs} in its name for a pattern")
    what = _("the course is in {folder!r}").format(folder=name)
    return Finding(what, is_well, remedy.format(signs="* ? [ ] { } %"))


def _rights(course):
    """Whether the course is private: students may use the same machine."""
    if not os.access(course.root, os.W_OK):
        remedy = f"sudo chown -R $USER {shlex.quote(str(course.root))}"
        return Finding(_("the course's folder cannot be written"), False, remedy)
    if names := ", ".join(path.name for path in open_to_others(course)):
        what = _("other users of this machine can read {names}").format(names=names)
        return Finding(what, False, f"chmod o-rwx {shlex.quote(str(course.root))}")
    return Finding(_("the course is private"), True)


def _gradebook(course):
    from autograder.grading.gradebook import is_lost  # which take a second
    from autograder.grading.gradebook_damages import damages, missing_column

    path = course.gradebook
    if is_lost(course):
        what = _("there is no gradebook, or it is empty, but autograded/ holds earlier results")
        yield Finding(what, False, _("put your copy of {path} back").format(path=path))
        return
    if not path.exists():
        yield Finding(_("no gradebook yet"), True)
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as found:
            found.execute("BEGIN IMMEDIATE")
            (said,) = found.execute("PRAGMA quick_check").fetchone()
            found.rollback()
        missing = missing_column(path)
        reason = said if said != "ok" else "" if missing else next(damages(path), "")
    except sqlite3.Error as error:
        what = _("the gradebook cannot be used: {error}").format(error=error)
        remedy = _(
            "close whatever else uses it (formgrader, another `autograder`), or restore your backup"
        )
        yield Finding(what, False, remedy)
        return
    if missing and not reason:
        what = _("the gradebook was made by an older nbgrader: it has no {column}")
        remedy = f"cp {shlex.quote(str(path))} {shlex.quote(f'{path}.old')} && nbgrader db upgrade"
        yield Finding(what.format(column=missing), False, remedy)
        return
    remedy = _("it is damaged ({reason}): restore your backup").format(reason=reason)
    yield Finding(_("the gradebook can be used"), not reason, remedy)


def _extensions(course):
    """What extensions.csv gets wrong; no finding if nothing."""
    from autograder.grading import extensions, gradebook, submissions  # which take a second

    submitted, known, due = course.submissions, set(), set()
    try:
        if course.gradebook.exists() and not gradebook.is_lost(course):
            known |= {*gradebook.students(course)}
        for lesson in course.lessons():
            known |= submissions.students(submitted, lesson)
    except CourseError:  # the other findings say what is wrong with these
        return
    try:
        for lesson in course.lessons():
            due |= (extensions.read_extensions(course, lesson) or {}).keys()
        what = extensions.about_strangers(course, due, known, submitted)
    except CourseError as error:
        what = str(error)
    if what:
        yield Finding(what, False, _("correct it in extensions.csv"))


def _exchange(course):
    folder = exchange_folder(course)
    if not folder.is_dir():
        said = _("no exchange at {folder}; needed only to hand out lessons through nbgrader")
        return Finding(said.format(folder=folder), True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    is_well = mode & 0o007 == 0o007
    what = _("the exchange {folder} has the mode {mode:o}").format(folder=folder, mode=mode)
    return Finding(what, is_well, f"chmod 777 {shlex.quote(str(folder))}")

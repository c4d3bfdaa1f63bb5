"""Restrict who may read what is kept of students: the course's owner, or its group as well.

nbgrader_config.py says which, by the mode of the pages that nbgrader writes.
"""

import contextlib
import functools
import logging
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from autograder.course_folder import CONFIG_NAME, CourseError, CourseFolder
from autograder.grading import plain_files
from autograder.messages import _

_log = logging.getLogger("autograder")
_More, _Result = ParamSpec("_More"), TypeVar("_Result")
_OF_COURSE = (
    *("gradebook.db", "autograded", "feedback", "collected", "submitted", "reports"),
    "source",  # with the answers
)


@contextlib.contextmanager
def kept_private(course: CourseFolder) -> Iterator[None]:
    """Create files and folders in this block so that others cannot read them."""
    before = os.umask(_mask(course))
    try:
        yield
    finally:
        os.umask(before)


def keeps_private(
    function: Callable[Concatenate[CourseFolder, _More], _Result],
) -> Callable[Concatenate[CourseFolder, _More], _Result]:
    """Run a function, whose first argument is a course, within `kept_private`."""

    @functools.wraps(function)
    def private(course: CourseFolder, *more: _More.args, **options: _More.kwargs) -> _Result:
        with kept_private(course):
            return function(course, *more, **options)

    return private


def set_modes(course: CourseFolder, folder: Path) -> None:
    """Give a folder that was copied from elsewhere, and everything in it, the course's modes."""
    mask = _mask(course)
    of_group = 0 if mask & stat.S_IRWXG else stat.S_ISGID  # what is made in it is the group's, too
    for place, _folders, names in plain_files.walk(folder):
        _set_mode(Path(place), 0o777 & ~mask | of_group)
        for path in (Path(place) / name for name in names):
            if not path.is_symlink():
                _set_mode(path, 0o666 & ~mask)


def narrow_gradebook(course: CourseFolder) -> None:
    """Make a gradebook private that `nbgrader db` created with the modes of the umask alone.

    Not if the settings let others read it, or if it belongs to somebody else.
    """
    path = course.gradebook
    mode = stat.S_IMODE(_mode(path))
    if os.name == "nt" or not mode & stat.S_IRWXO or mode & 0o111 or path.is_symlink():
        return
    wanted = mode & 0o666 & ~_mask(course)
    if wanted & stat.S_IRWXO or path.stat().st_uid != os.geteuid():
        return
    path.chmod(wanted)
    if stat.S_IMODE(_mode(path)) != wanted:  # some file systems have no modes of files
        return
    said = _(
        "{name} was open to others (mode {before:o}, probably set by another program); its mode is "
        "now {now:o}."
    )
    _log.warning("%s", said.format(name=path.name, before=mode, now=wanted))


def _set_mode(path, mode):
    """Set a mode if it differs: what another instructor owns cannot be changed at all."""
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)


def _mask(course):
    """The umask that gives a file the mode of a page; whoever may read may enter folders."""
    config = course.config()
    given = config.GenerateFeedback.get("permissions", 600)
    try:
        mode = int(str(given), 8)  # nbgrader writes it in these digits, without 0o
    except ValueError as error:
        said = _("There is an error in {path}, or in course_settings.py beside it: {reason}.")
        why = f"c.GenerateFeedback.permissions = {given!r}"
        raise CourseError(said.format(path=course.root / CONFIG_NAME, reason=why)) from error
    if config.CourseDirectory.get("groupshared"):  # it may be set after the permissions
        mode |= 0o060
    return 0o077 & ~(mode | (mode & 0o044) >> 2)


def open_to_others(course: CourseFolder) -> list[Path]:
    """Return what all users of this machine can read of scores, submissions and answers."""
    above = (course.root, *course.root.parents)
    if os.name == "nt" or not all(_mode(folder) & stat.S_IXOTH for folder in above):
        return []
    paths = [course.root / name for name in _OF_COURSE]
    return [path for path in paths if _mode(path) & (stat.S_IROTH | stat.S_IXOTH)]


def _mode(path):
    with contextlib.suppress(OSError):
        return path.stat().st_mode
    return 0

"""Read files that somebody else wrote: only plain ones, only so large, and through no link."""

import contextlib
import os
import stat
from pathlib import Path

MAX_BYTES = 50_000_000  # of a notebook; outputs count, although they are thrown away
MAX_BYTES_BESIDE = 30_000_000  # of all files beside a notebook
MAX_FILES_BESIDE = 100
_NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # files that nbgrader puts there
_NO_FILE = "This is a folder or a device, not a file."


class Unreadable(Exception):
    """The submission is not a notebook: a sentence for the instructor and the student."""


def content(path: Path, largest: int = MAX_BYTES) -> bytes:
    """What a submitted file holds; raises Unreadable if it is no plain file, or too large.

    A link is not followed: it could lead to the submission of somebody else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise Unreadable("The file is only a link to another file.") from error
        if path.is_socket():
            raise Unreadable(_NO_FILE) from error
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(_NO_FILE)
    with open(descriptor, "rb") as file:
        try:
            found = file.read(largest + 1)
        except OSError as error:
            raise Unreadable(f"The file cannot be read ({error.strerror}).") from error
    if len(found) > largest:
        raise Unreadable(too_large(largest))
    return found


def too_large(largest: int = MAX_BYTES) -> str:
    """What is said of a file that is larger."""
    return f"The file is larger than {largest / 1_000_000:g} MB."


def beside(notebook: Path) -> dict:
    """The plain files that were handed in beside a notebook, {path: bytes}: such as a network.

    The smaller ones first, until there are too many; never notebooks, hidden files, links, or
    what nbgrader puts there.
    """
    sizes = {}
    for folder, folders, names in os.walk(notebook.parent):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in names:
            path = Path(folder) / name
            if name.startswith(".") or path.suffix == ".ipynb" or name in _NBGRADERS:
                continue
            with contextlib.suppress(OSError):  # one that may not be looked at stops no class
                if path.is_file() and not path.is_symlink():
                    sizes[path] = path.stat().st_size
    found, room = {}, MAX_BYTES_BESIDE
    for path in sorted(sizes, key=lambda path: (sizes[path], path))[:MAX_FILES_BESIDE]:
        if sizes[path] <= room:
            with contextlib.suppress(Unreadable):
                found[path.relative_to(notebook.parent).as_posix()] = content(path)
            room -= sizes[path]
    return found

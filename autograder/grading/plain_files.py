"""Read files that somebody else wrote: only plain files, of limited size, and never links."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from autograder.messages import _

MAX_BYTES = 50_000_000  # of a file; of a notebook, without its outputs
MAX_LINE = 10_000  # bytes of a file that holds one line
MAX_DEPTH = 100  # of a folder that is looked into: much deeper, Python ends with an error
_PART = 1_000_000  # bytes that are copied at a time
NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # what its exchange adds: one line each


class Unreadable(Exception):
    """The submission is not a notebook: a sentence for the instructor and the student."""


class FileTooLarge(Unreadable):
    """The file is larger than it may be."""


def content(path: Path, largest: int = MAX_BYTES) -> bytes:
    """Return a submitted file's bytes; raises Unreadable if it is not plain, or FileTooLarge."""
    with opened(path) as file:
        found = file.read(largest + 1)
    if len(found) > largest:
        raise FileTooLarge(too_large(largest))
    return found


def copy(path: Path, into: BinaryIO, largest: int) -> None:
    """Copy the bytes of a submitted file, and not all of them into memory; raises Unreadable."""
    room = largest
    with opened(path) as file:
        while part := file.read(min(room + 1, _PART)):
            room -= len(part)
            if room < 0:
                raise FileTooLarge(too_large(largest))
            into.write(part)


@contextlib.contextmanager
def opened(path: Path, folder: int | None = None) -> Iterator[BinaryIO]:
    """Open a submitted file for reading; raises Unreadable if it is not a plain one.

    The path may start in an open folder, given by its descriptor.

    Links are not followed: they could lead to somebody else's submission.
    """
    try:
        flags = os.O_RDONLY | _flags("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
        descriptor = os.open(path, flags, dir_fd=folder)
    except OSError as error:
        if path.is_symlink():
            raise Unreadable(_("The file is only a link to another file.")) from error
        if path.is_socket():
            raise Unreadable(_no_file()) from error
        raise _unreadable(error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(_no_file())
    with open(descriptor, "rb") as file:
        try:
            yield file
        except OSError as error:
            raise _unreadable(error) from error


def _unreadable(error):
    return Unreadable(_("The file cannot be read ({reason}).").format(reason=error.strerror))


def _flags(*names):
    """The combination of those flags for `os.open` that this system has."""
    return sum(getattr(os, name, 0) for name in names)


def too_large(largest: int = MAX_BYTES) -> str:
    """Return the sentence about a file that is larger."""
    return _("The file is larger than {size:g} MB.").format(size=largest / 1_000_000)


def _no_file() -> str:
    return _("This is a folder or a device, not a file.")


def walk(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk as `os.walk` does, but not without end into folders in folders."""
    for folder, folders, names in os.walk(top):
        if len(Path(folder).relative_to(top).parts) >= MAX_DEPTH:
            folders.clear()
        yield folder, folders, names


def fingerprint(its: os.stat_result) -> tuple:
    """Return what changes when a file is written or replaced: its number, size and times."""
    times = its.st_mtime_ns, its.st_ctime_ns  # the second cannot be set at will
    return its.st_ino, its.st_size, times

"""Read files that somebody else wrote: only plain files, of limited size, and never links."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from autograder.messages import _

MAX_BYTES = 50_000_000  # of a file; of a notebook, without its outputs
MAX_BYTES_BESIDE = 30_000_000  # of all files beside a notebook
MAX_FILES_BESIDE = 300
# The new names that browsers, JupyterLab and file managers give to a file that exists already.
_RENAMED = re.compile(r"(?P<stem>.+?)(?: ?\(\d+\)|-Copy\d+| - Copy)")
NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # files that nbgrader adds


class Unreadable(Exception):
    """The submission is not a notebook: a sentence for the instructor and the student."""


class TooLarge(Unreadable):
    """The file is larger than it may be."""


def content(path: Path, largest: int = MAX_BYTES) -> bytes:
    """The bytes of a submitted file; raises Unreadable if it is not a plain file, or too large."""
    with opened(path) as file:
        found = file.read(largest + 1)
    if len(found) > largest:
        raise TooLarge(too_large(largest))
    return found


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
    """The sentence about a file that is larger."""
    return _("The file is larger than {size:g} MB.").format(size=largest / 1_000_000)


def _no_file() -> str:
    return _("This is a folder or a device, not a file.")


@dataclass(frozen=True)
class Beside:
    """The files that were handed in with a notebook: those taken, and those left out."""

    taken: dict[str, Path]  # by the path at which the notebook finds each
    renamed: dict[str, str]  # by the same: the file's own path, if a browser has renamed it
    left_out: list[str]  # paths of files for which there is no room
    notebooks: list[str]  # names of the other notebooks in its folder


def beside(notebook: Path) -> dict:
    """The plain files that were handed in beside a notebook, {path: bytes}: such as a network."""
    found = {}
    for name, path in find_beside(notebook).taken.items():
        with contextlib.suppress(Unreadable):
            found[name] = content(path)
    return found


def find_beside(notebook: Path) -> Beside:
    """Find the files beside a notebook; saved networks first, then the smaller ones.

    Other notebooks are only named. Hidden files, links and nbgrader's own are passed over. A file
    that a browser renamed, because one of that name existed, stands in for that one if it is
    missing.
    """
    known = dict(_plain_files(notebook.parent))
    order = sorted(known, key=lambda path: (path.suffix != ".keras", known[path].st_size, path))
    taken, left_out, room = {}, [], MAX_BYTES_BESIDE
    for path in order:
        name = path.relative_to(notebook.parent).as_posix()
        if len(taken) < MAX_FILES_BESIDE and known[path].st_size <= room:
            taken[name] = path
            room -= known[path].st_size
        else:
            left_out.append(name)
    renamed = {}
    for name in sorted(taken, key=lambda name: known[taken[name]].st_mtime_ns):
        path = taken[name]
        if match := _RENAMED.fullmatch(path.stem):
            plain = path.with_name(match["stem"] + path.suffix)
            plain_name = plain.relative_to(notebook.parent).as_posix()
            if plain not in known:  # of several, the newest
                renamed[plain_name] = name
    taken |= {new: taken[old] for new, old in renamed.items()}
    notebooks = []
    with contextlib.suppress(OSError):
        notebooks = [name for name in notebooks_in(notebook.parent) if name != notebook.name]
    return Beside(taken, renamed, left_out, notebooks)


def notebooks_in(folder: Path) -> list[str]:
    """The names of the notebooks in a folder, except hidden ones. Raises OSError."""
    names = [name for name in os.listdir(folder) if name.endswith(".ipynb")]
    return sorted(name for name in names if not name.startswith("."))


def _plain_files(top: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The plain files in a folder, each with its `os.stat_result`."""
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in names:
            path = Path(folder) / name
            if name.startswith(".") or path.suffix == ".ipynb" or name in NBGRADERS:
                continue
            with contextlib.suppress(OSError):  # an inaccessible file stops no class
                if path.is_file() and not path.is_symlink():
                    yield path, path.stat()

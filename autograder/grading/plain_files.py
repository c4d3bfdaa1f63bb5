"""Read files that somebody else wrote: only plain files, of limited size, and never links."""

import contextlib
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from autograder.messages import _

MAX_BYTES = 50_000_000  # of a file; of a notebook, without its outputs
MAX_BYTES_BESIDE = 30_000_000  # of all files beside a notebook
MAX_FILES_BESIDE = 300
MAX_LINE = 10_000  # bytes of a file that holds one line
MAX_DEPTH = 100  # of a folder that is looked into: much deeper, Python ends with an error
MAX_LISTED = 20_000  # saved networks, and other files, that are chosen from
_PART = 1_000_000  # bytes that are copied at a time
_MAX_NAME = 255  # characters, as systems allow
_MAX_RENAMED = 5  # times that a file may have been renamed
_TOGETHER = 60  # seconds in which files that came together are written
# What browsers, platforms, file managers, JupyterLab and Google Drive make of a file's name:
# `Copy of a`, `a (1)`, `a-1`, `a-Copy1`, `a copy 2`, `a - 副本`, `“a.ipynb”的副本`.
_NOTEBOOK = re.compile(r"(?P<stem>.+?)(?:\.ipynb)+(?:\.(?:txt|json))?", re.IGNORECASE)
_BEFORE = re.compile(r"(?:Copy of|Kopie von|Copie de|Copia de) ", re.IGNORECASE)
_COPY = re.compile(r"[ -]*(?:copy|kopie|copie|copia|(?<!的)副本) ?\d*$", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?: ?\(\d+\)|[-_ ]\d{{1,2}}|的副本|\.ipynb|\.keras|{_COPY.pattern})$", re.IGNORECASE
)
# A part of a path in code, as JSON has it: between quotation marks, slashes and backslashes.
_NAME_IN_CODE = re.compile(rb"[^\"'\\/]{3,255}")
NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # what its exchange adds: one line each
# What marks a Python environment, and what was made with it beside that.
ENVIRONMENT_MARK = "pyvenv.cfg"
OF_ENVIRONMENT = ("Include", "Lib", "Scripts", "bin", "etc", "include", "lib", "lib64", "share")


class Unreadable(Exception):
    """The submission is not a notebook: a sentence for the instructor and the student."""


class FileTooLarge(Unreadable):
    """The file is larger than it may be."""


def content(path: Path, largest: int = MAX_BYTES) -> bytes:
    """The bytes of a submitted file; raises Unreadable if it is not a plain file, or too large."""
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
    """The sentence about a file that is larger."""
    return _("The file is larger than {size:g} MB.").format(size=largest / 1_000_000)


def _no_file() -> str:
    return _("This is a folder or a device, not a file.")


@dataclass(frozen=True)
class Beside:
    """The files that were handed in with a notebook: those taken, and those left out."""

    taken: dict[str, Path]  # by the path at which the notebook finds each
    renamed: dict[str, str]  # by the same: the file's own path, if it stands in for the missing one
    left_out: list[str]  # paths of files for which there is no room
    notebooks: list[str]  # names of the other notebooks in its folder
    versions: dict[str, bool]  # those that may have had its name, and whether they are newer


def beside(notebook: Path) -> dict:
    """The plain files that were handed in beside a notebook, {path: bytes}: such as a network."""
    found = {}
    for name, path in find_beside(notebook).taken.items():
        with contextlib.suppress(Unreadable):
            found[name] = content(path)
    return found


def find_beside(notebook: Path) -> Beside:
    """Find the files beside a notebook: first saved networks, first what it names, first the small.

    Other notebooks are told, and taken if this one names them. Hidden files, links, environments
    and nbgrader's own are passed over. A file that was renamed, or a network in a folder, stands in
    for the one that the notebook names if that is missing.
    """
    top = notebook.parent
    known, too_many = _listed(top)
    forms = {path: [stem + path.suffix for stem in former_stems(path.stem)] for path in known}
    sizes = [its.st_size for its in known.values()]
    have_room = len(sizes) <= MAX_FILES_BESIDE and sum(sizes) <= MAX_BYTES_BESIDE
    # To read a notebook takes long, so it is not searched for a file that is only what it is.
    unclear = [path for path in known if not have_room or _may_stand_in(path, top, forms[path])]
    written = _written_in(notebook, {form for path in unclear for form in forms[path]})

    def rank(path):
        is_named = not written.keys().isdisjoint(forms[path])
        return path.suffix != ".keras", not is_named, known[path].st_size, path

    taken, left_out, room = {}, [], MAX_BYTES_BESIDE
    for path in sorted(known, key=rank):
        name = path.relative_to(top).as_posix()
        if len(taken) < MAX_FILES_BESIDE and known[path].st_size <= room:
            taken[name] = path
            room -= known[path].st_size
        else:
            left_out.append(name)
    renamed = {}
    for own in sorted(taken, key=lambda name: known[taken[name]].st_mtime_ns):
        path = taken[own]
        for folder in {path.parent, top if path.suffix == ".keras" else path.parent}:
            names = (name for form in forms[path] for name in written.get(form, ()))
            new = next((folder / name for name in names if folder / name not in known), None)
            if new:  # for several files, the newest is kept
                renamed[new.relative_to(top).as_posix()] = own
    taken |= {new: taken[old] for new, old in renamed.items()}
    notebooks, versions = _other_notebooks(notebook)
    for path in _run_by(notebook, [name for name in notebooks if name not in versions]):
        if path.stat().st_size <= room and len(taken) < MAX_FILES_BESIDE:
            taken[path.name] = path
            room -= path.stat().st_size
    return Beside(taken, renamed, [*left_out, *too_many], notebooks, versions)


def _listed(top):
    """The files to choose from, as _plain_files; and the paths of those that are too many."""
    known, too_many, listed = {}, [], Counter()
    for path, its in _plain_files(top):
        is_network = path.suffix == ".keras"
        listed[is_network] += 1
        if listed[is_network] <= MAX_LISTED:
            known[path] = its
        else:
            too_many.append(path.relative_to(top).as_posix())
    return known, too_many


def _other_notebooks(notebook: Path) -> tuple[list[str], dict[str, bool]]:
    """The other notebooks in its folder, and whether those that may have had its name are newer."""
    names, versions = [], {}
    with contextlib.suppress(OSError):
        names = [name for name in notebooks_in(notebook.parent) if name != notebook.name]
        latest = notebook.lstat().st_mtime + _TOGETHER
        for name in names:
            if may_have_been(name, notebook.name):
                is_newer = notebook.with_name(name).lstat().st_mtime > latest
                versions[name] = is_newer and not is_copy(name)
    return names, versions


def _run_by(notebook: Path, names: list[str]) -> Iterator[Path]:
    """Those of these notebooks in its folder that a notebook names, as `%run utils.ipynb` does."""
    with contextlib.suppress(OSError, Unreadable):
        text = content(notebook) if names else b""
        for path in map(notebook.with_name, names):
            if os.fsencode(path.name) in text and path.is_file() and not path.is_symlink():
                yield path


def _may_stand_in(path: Path, top: Path, forms: list[str]) -> bool:
    """Whether a file may stand in for another: renamed, with capitals, or a network in a folder."""
    return forms != [path.name.lower()] or (path.suffix == ".keras" and path.parent != top)


def _written_in(notebook: Path, names: set[str]) -> dict[str, list[str]]:
    """Those of these names that a notebook holds, with the ways in which they are written there.

    Capitals make no difference, as on many systems. All names, if the notebook cannot be read.
    """
    try:
        text = content(notebook) if names else b""
    except Unreadable:
        return {name: [name] for name in names}
    forms = {os.fsencode(name).lower() for name in names}
    found = defaultdict(dict)
    for match in _NAME_IN_CODE.finditer(text):
        if (form := match[0].lower()) in forms:
            found[form][os.fsdecode(match[0])] = None
    return {name: [*found[form]] for name in names if (form := os.fsencode(name).lower()) in found}


def notebooks_in(folder: Path) -> list[str]:
    """The names of the notebooks in a folder, except hidden ones. Raises OSError."""
    return sorted(
        name for name in os.listdir(folder) if notebook_stem(name) and not name.startswith(".")
    )


def notebook_stem(name: str) -> str:
    """The name of a notebook without its endings, such as .ipynb.txt; "" for any other file."""
    found = _NOTEBOOK.fullmatch(name) if len(name) <= _MAX_NAME else None
    return found["stem"] if found else ""


def former_stems(stem: str) -> list[str]:
    """This name of a file (without ending), then those that it may have had before."""
    stems = [stem.strip()]
    for _time in range(_MAX_RENAMED):
        plain = _AFTER.sub("", _BEFORE.sub("", stems[-1], count=1)).strip(" “”„\"'")
        if not plain or plain in stems:
            break
        stems.append(plain)
    return stems


def may_have_been(name: str, notebook: str) -> bool:
    """Whether a notebook with this name may have been called like that one."""
    stem = notebook_stem(notebook).casefold()
    return stem in (one.casefold() for one in former_stems(notebook_stem(name)))


def is_copy(name: str) -> bool:
    """Whether somebody made this notebook beside the one that it is a copy of."""
    return bool(_COPY.search(notebook_stem(name)))


def walk(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Like `os.walk`, but not without end into folders in folders."""
    for folder, folders, names in os.walk(top):
        if len(Path(folder).relative_to(top).parts) >= MAX_DEPTH:
            folders.clear()
        yield folder, folders, names


def trace(its: os.stat_result) -> tuple:
    """What changes when a file is written or replaced: its number, size and times."""
    times = its.st_mtime_ns, its.st_ctime_ns  # the second cannot be set at will
    return its.st_ino, its.st_size, times


def _plain_files(top: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The plain files in a folder, each with its `os.stat_result`."""
    passed_over = (*NBGRADERS, ENVIRONMENT_MARK)
    for folder, folders, names in walk(top):
        installed = ("site-packages", *(OF_ENVIRONMENT if ENVIRONMENT_MARK in names else ()))
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "__pycache__")) and name not in installed
        ]
        for name in names:
            path = Path(folder) / name
            if name.startswith(".") or notebook_stem(name) or name in passed_over:
                continue
            with contextlib.suppress(OSError):  # an inaccessible file stops no class
                if path.is_file() and not path.is_symlink():
                    yield path, path.stat()

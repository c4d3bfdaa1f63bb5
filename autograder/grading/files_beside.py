"""Choose which files beside a notebook are graded with it: such as a saved network."""

import contextlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from autograder.grading import plain_files
from autograder.grading.notebook_names import (
    former_stems,
    is_copy,
    may_have_been,
    notebook_stem,
    notebooks_in,
)

MAX_BYTES_BESIDE = 30_000_000  # of all files beside a notebook
MAX_FILES_BESIDE = 300
MAX_LISTED = 20_000  # of saved networks, of Python files, and of others, that are chosen from
_MAX_SEARCHED = 10_000_000  # bytes of a notebook, for words: 0.4 s for each million
_TOGETHER = 60  # seconds in which files that came together are written
# A part of a path in code, as JSON has it: between quotation marks, slashes and backslashes.
_NAME_IN_CODE = re.compile(rb"[^\"'\\/]{3,255}")
# Words of it, such as helper.py and helper; and the line ends and tabs between these.
_WORDS_IN_CODE = (
    re.compile(rb"[\w\x80-\xff]+(?:[.-][\w\x80-\xff]+)+"),
    re.compile(rb"[\w\x80-\xff]+"),
)
_BLANK_IN_JSON = re.compile(rb"\\[nrt]")
# What marks a Python environment, and what was made with it beside that.
ENVIRONMENT_MARK = "pyvenv.cfg"
OF_ENVIRONMENT = ("Include", "Lib", "Scripts", "bin", "etc", "include", "lib", "lib64", "share")


@dataclass(frozen=True)
class Beside:
    """The files that were handed in with a notebook: those taken, and those left out."""

    taken: dict[str, Path]  # by the path at which the notebook finds each
    renamed: dict[str, str]  # by the same: the file's own path, if it stands in for the missing one
    left_out: list[str]  # paths of files for which there is no room
    notebooks: list[str]  # names of the other notebooks in its folder
    versions: dict[str, bool]  # those that may have had its name, and whether they are newer


def read(notebook: Path) -> dict:
    """Return the plain files handed in beside a notebook, {path: bytes}: such as a network."""
    found = {}
    for name, path in find(notebook).taken.items():
        with contextlib.suppress(plain_files.Unreadable):
            found[name] = plain_files.content(path)
    return found


def find(notebook: Path) -> Beside:
    """Find the files beside a notebook: saved networks, what it names, Python files, small ones.

    Of each kind, those that it names come first. Other notebooks are told, and taken if this one
    names them. Hidden files, links, environments and nbgrader's own are passed over. A file that
    was renamed, or a network in a folder, stands in for the one that the notebook names if that is
    missing.
    """
    top = notebook.parent
    known, too_many = _listed(top)
    notebooks, versions = _other_notebooks(notebook)
    run = {*_run_by(notebook, [name for name in notebooks if name not in versions])}
    forms = {path: [stem + path.suffix for stem in former_stems(path.stem)] for path in known}
    sizes = {path: its.st_size for path, its in known.items()}
    sizes |= {path: path.stat().st_size for path in run}
    have_room = len(sizes) <= MAX_FILES_BESIDE and sum(sizes.values()) <= MAX_BYTES_BESIDE
    # To read a notebook takes long, so it is not searched for a file that is only what it is.
    unclear = [path for path in known if not have_room or _may_stand_in(path, top, forms[path])]
    written = _written_in(notebook, {form for path in unclear for form in forms[path]})
    used = run if have_room else run | _used_by(notebook, known)

    def rank(path):
        is_named = path in used or not written.keys().isdisjoint(forms.get(path, ()))
        kind = path.suffix != ".keras", not is_named, path.suffix != ".py"
        return *kind, len(path.parts) if path.suffix == ".py" else 0, sizes[path], path

    taken, left_out, room = {}, [], MAX_BYTES_BESIDE
    for path in sorted(sizes, key=rank):
        name = path.relative_to(top).as_posix()
        if len(taken) < MAX_FILES_BESIDE and sizes[path] <= room:
            taken[name] = path
            room -= sizes[path]
        else:
            left_out.append(name)
    renamed = {}
    of_taken = {path: name for name, path in taken.items() if path in known}
    for path in sorted(of_taken, key=lambda path: known[path].st_mtime_ns):
        for folder in {path.parent, top if path.suffix == ".keras" else path.parent}:
            names = (name for form in forms[path] for name in written.get(form, ()))
            new = next((folder / name for name in names if folder / name not in known), None)
            if new:  # for several files, the newest is kept
                renamed[new.relative_to(top).as_posix()] = of_taken[path]
    taken |= {new: taken[old] for new, old in renamed.items()}
    return Beside(taken, renamed, [*left_out, *too_many], notebooks, versions)


def _listed(top):
    """The files to choose from, as _plain_files; and the paths of those that are too many."""
    known, too_many, listed = {}, [], Counter()
    for path, its in _plain_files(top):
        kind = path.suffix if path.suffix in (".keras", ".py") else ""
        listed[kind] += 1
        if listed[kind] <= MAX_LISTED:
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
    with contextlib.suppress(OSError, plain_files.Unreadable):
        text = plain_files.content(notebook) if names else b""
        for path in map(notebook.with_name, names):
            if os.fsencode(path.name) in text and path.is_file() and not path.is_symlink():
                yield path


def _used_by(notebook: Path, paths: Iterable[Path]) -> set[Path]:
    """Those of these files that a notebook names anywhere: `%run helper.py`, `import helper`.

    Of a package that it names, these are all Python files. All, if the notebook cannot be read.
    """
    try:
        text = _BLANK_IN_JSON.sub(b" ", plain_files.content(notebook)[:_MAX_SEARCHED])
    except plain_files.Unreadable:
        return {*paths}
    pieces = {path: _pieces(path.relative_to(notebook.parent)) for path in paths}
    wanted = {piece for its in pieces.values() for piece in its}
    named = set()
    for words in _WORDS_IN_CODE:  # millions, perhaps: none is kept
        named |= wanted.intersection(map(itemgetter(0), words.finditer(text)))
    return {path for path, its in pieces.items() if not named.isdisjoint(its)}


def _pieces(path: Path) -> list[bytes]:
    """What names a file in code: its name; of a Python file also its stem and its folders."""
    parts = path.with_suffix("").parts if path.suffix == ".py" else ()
    return [os.fsencode(part) for part in (path.name, *parts)]


def _may_stand_in(path: Path, top: Path, forms: list[str]) -> bool:
    """Whether a file may stand in for another: renamed, with capitals, or a network in a folder."""
    return forms != [path.name.lower()] or (path.suffix == ".keras" and path.parent != top)


def _written_in(notebook: Path, names: set[str]) -> dict[str, list[str]]:
    """Those of these names that a notebook holds, with the ways in which they are written there.

    Capitals make no difference, as on many systems. All names, if the notebook cannot be read.
    """
    try:
        text = plain_files.content(notebook) if names else b""
    except plain_files.Unreadable:
        return {name: [name] for name in names}
    forms = {os.fsencode(name).lower() for name in names}
    found = defaultdict(dict)
    for match in _NAME_IN_CODE.finditer(text):
        if (form := match[0].lower()) in forms:
            found[form][os.fsdecode(match[0])] = None
    return {name: [*found[form]] for name in names if (form := os.fsencode(name).lower()) in found}


def _plain_files(top: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The plain files in a folder, each with its `os.stat_result`."""
    passed_over = (*plain_files.NBGRADERS, ENVIRONMENT_MARK)
    for folder, folders, names in plain_files.walk(top):
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

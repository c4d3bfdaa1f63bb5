"""The files of one student: find the lesson's notebook among them, and keep the rest beside it.

Browsers, file managers and platforms rename: `Copy of softmax.ipynb`, `softmax (1).ipynb`,
`softmax-1.ipynb`, `SOFTMAX.IPYNB`, `softmax.ipynb.txt`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.collecting import archive
from autograder.collecting.archive import Entry, TooLarge, Unreadable
from autograder.collecting.platforms import CANVAS, HandedIn
from autograder.grading.plain_files import MAX_BYTES, MAX_BYTES_BESIDE, NBGRADERS
from autograder.messages import _
from autograder.names import few

MAX_FILES = 1_000  # of one student
_MAX_TOGETHER = MAX_BYTES + MAX_BYTES_BESIDE  # bytes of one student
_NOTEBOOK = re.compile(r"(?P<stem>.+?)(?:\.ipynb)+(?:\.(?:txt|json))?", re.IGNORECASE)
_BEFORE = re.compile(r"(?:Copy of|Kopie von|Copie de|Copia de) ", re.IGNORECASE)
_AFTER = re.compile(
    r"(?: ?\(\d+\)|-\d{1,2}|_\d{1,2}| \d{1,2}|[ -]*(?:copy|kopie|copie|copia) ?\d*)$", re.IGNORECASE
)
# Kinds of files that only a person reads, or that nothing here can open.
_DOCUMENTS = (
    *("pdf", "doc", "docx", "odt", "rtf", "pages", "ppt", "pptx", "odp", "key", "xls", "xlsx"),
    *("html", "htm", "md", "tex", "heic", "mp4", "mov", "rar", "7z", "tar", "gz", "tgz"),
)
_CANVAS_COPY = re.compile(r"(?P<stem>.+)-\d{1,2}(?P<ending>\.keras)", re.IGNORECASE)


@dataclass
class StudentFiles:
    """The files of one student, as they go into a folder, and notes about them."""

    files: dict[str, bytes] = field(default_factory=dict)  # by path; the notebook's comes first
    notes: list[str] = field(default_factory=list)
    problem: str = ""  # why there is no notebook
    # What is not part of a submission, by path: texts typed into the platform, and, without a
    # notebook, everything.
    aside: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    parts: tuple[str, ...]
    content: bytes
    order: tuple  # larger for newer files
    is_typed: bool = False  # into the platform itself

    @property
    def stem(self):
        """A notebook's name without its endings; "" for any other file."""
        found = _NOTEBOOK.fullmatch(self.parts[-1])
        return found["stem"] if found else ""

    @property
    def name(self):
        return "/".join(self.parts)


def gather(found: Iterable[tuple[HandedIn, Entry]], notebook: str) -> StudentFiles:
    """Read a student's files, and put the lesson's notebook under its own name."""
    said = StudentFiles()
    found = list(found)
    everything = _read(found, said)
    files = [file for file in everything if not file.is_typed]
    notebooks = [file for file in files if file.stem]
    chosen = _chosen(notebooks, notebook.removesuffix(".ipynb"))
    for file in everything:
        if chosen is None or file.is_typed:
            said.aside[_unique(file.name, said.aside)] = file.content
    if chosen is None:
        said.problem = _why_none(files, notebooks, found, notebook)
        return said
    if len(notebooks) > 1:
        others = ", ".join(file.name for file in notebooks if file is not chosen)
        note = _("{name} is used; also there: {names}")
        said.notes.append(note.format(name=chosen.name, names=others))
    said.files[notebook] = chosen.content
    above = chosen.parts[:-1]
    for file in files:
        parts = file.parts[len(above) :] if file.parts[: len(above)] == above else file.parts
        if file is chosen or parts[-1].casefold() in NBGRADERS:
            continue
        name = _unique("/".join(parts), said.files)
        said.files[name] = file.content
    to_read = [name for name in said.files if _to_read(name)]
    if to_read:
        said.notes.append(_("also there, for you to read: {names}").format(names=few(to_read)))
    if any(handed_in.sender.platform == CANVAS for handed_in, _entry in found):
        _undo_canvas_copies(said.files)
    return said


def _read(found, said):
    """The files, those of archives included, within the limits; notes what cannot be taken."""
    files, room = [], _MAX_TOGETHER
    for handed_in, entry in found:
        opened = [(handed_in.parts, entry)] if handed_in.is_text else None
        for parts, one in opened or _opened(handed_in, entry, said):
            if len(files) == MAX_FILES:
                note = _("more than {count:,} files: the rest is left out")
                said.notes.append(note.format(count=MAX_FILES))
                return files
            try:
                content = one.read(min(room, MAX_BYTES))
            except Unreadable as error:
                note = _("{name} is left out: {reason}")
                if isinstance(error, TooLarge) and _NOTEBOOK.fullmatch(parts[-1]):
                    note = _(
                        "{name} is left out: {reason}; a notebook with large outputs can be put "
                        "into submitted/ by hand, and is graded without them"
                    )
                said.notes.append(note.format(name="/".join(parts), reason=error))
                continue
            room -= len(content)
            when = one.when.isoformat() if one.when else ""
            order = handed_in.attachment, when
            files.append(_File(parts, content, order, handed_in.is_text))
    return files


def _to_read(name):
    """Whether a file is for a person: neither code nor data, as far as its name says."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    return ending in _DOCUMENTS


def _opened(handed_in, entry, said):
    """A file; or, of an archive that the student made, the files in it."""
    if not entry.is_archive:
        yield handed_in.parts, entry
        return
    try:
        for one in archive.inner(entry, MAX_BYTES):
            yield one.parts, one
    except Unreadable as error:
        note = _("{name} is left out: {reason}")
        said.notes.append(note.format(name="/".join(handed_in.parts), reason=error))


def _chosen(notebooks, stem):
    """The notebook of this name, however it was renamed; else the only one."""
    alike = [file for file in notebooks if stem.casefold() in former_stems(file.stem)]
    is_exact = {file: file.stem == stem for file in alike}
    alike.sort(key=lambda file: (file.order, is_exact[file]))
    if alike:
        return alike[-1]
    return notebooks[0] if len(notebooks) == 1 else None


def former_stems(stem: str) -> list[str]:
    """What a notebook may have been called before it was renamed, without capitals."""
    stems = [stem.strip().casefold()]
    while (plain := _AFTER.sub("", _BEFORE.sub("", stems[-1], count=1)).strip()) not in stems:
        stems.append(plain)
    return stems


def _why_none(files, notebooks, found, notebook):
    if notebooks:
        names = ", ".join(file.name for file in notebooks)
        said = _("several notebooks, none of them called {notebook}: {names}")
        return said.format(notebook=notebook, names=names)
    if files:
        names = ", ".join(file.name for file in files[:5])
        said = _("no notebook, but {names}: ask for {notebook}")
        return said.format(names=names, notebook=notebook)
    if any(handed_in.is_text for handed_in, _entry in found):
        said = _("only text or a link was typed into the platform: ask for {notebook}")
        return said.format(notebook=notebook)
    return _("no file that could be read")


def _unique(name, taken):
    """A name that is not taken, not even on a system without capitals."""
    known = {one.casefold() for one in taken}
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    names = (name, *(f"{stem} ({number}){dot}{ending}" for number in range(1, len(known) + 2)))
    return next(one for one in names if one.casefold() not in known)


def _undo_canvas_copies(files):
    """Rename challenge-1.keras, Canvas's name for a second challenge.keras, to what notebooks open.

    Of several, the last gets that name, unless there is a file that has it.
    """
    for name in sorted(files, reverse=True):
        found = _CANVAS_COPY.fullmatch(name)
        if found and (plain := found["stem"] + found["ending"]) not in files:
            files[plain] = files.pop(name)

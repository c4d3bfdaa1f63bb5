"""The files of one student: find the lesson's notebook among them, and keep the rest beside it."""

import bisect
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.collecting import archive
from autograder.collecting.archive import Damaged, Entry, EntryTooLarge, UnreadableEntry
from autograder.collecting.platforms import CANVAS, HandedIn
from autograder.grading.files_beside import ENVIRONMENT_MARK, MAX_BYTES_BESIDE, OF_ENVIRONMENT
from autograder.grading.notebook_names import is_copy, may_have_been, notebook_stem
from autograder.grading.plain_files import MAX_BYTES, NBGRADERS
from autograder.messages import _, ngettext
from autograder.names import few

MAX_FILES = 1_000  # of one student
MAX_TOGETHER = MAX_BYTES + MAX_BYTES_BESIDE  # bytes of one student
MAX_ARCHIVES = 200_000_000  # bytes of the archives that a student made
_MAX_DEPTH = 20  # of a folder with a Python environment
_MAX_NOTES = 5  # on files that are left out
# What is read first, by its name.
_IN_ORDER = (
    notebook_stem,
    lambda name: name.endswith(".keras"),
    lambda name: name.endswith(".py"),
    lambda name: not notebook_stem(name) and not name.endswith((".keras", ".py")),
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
    # What is not part of a submission, by path: texts typed into the platform, files of earlier
    # attempts, and, without a notebook, everything.
    aside: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _File:
    parts: tuple[str, ...]
    content: bytes
    handed_in: HandedIn
    when: str  # it was changed, as far as is known

    @property
    def stem(self):
        return notebook_stem(self.parts[-1])

    @property
    def name(self):
        return "/".join(self.parts)

    def rank(self, notebook):
        """Larger for what more probably is the last version of this notebook."""
        name = self.parts[-1]
        return self.handed_in.attachment, not is_copy(name), self.when, name == notebook


def gather(found: Iterable[tuple[HandedIn, Entry]], notebook: str) -> StudentFiles:
    """Read a student's files, and put the lesson's notebook under its own name."""
    gathered = StudentFiles()
    # What was handed in last is read first, and keeps its name.
    found = sorted(found, key=lambda one: -one[0].attachment)
    everything = sorted(_read(found, gathered), key=lambda file: -file.handed_in.attachment)
    outdated = _outdated(everything, notebook)
    files = [f for f in everything if not f.handed_in.is_text and f not in outdated]
    notebooks = [file for file in files if file.stem]
    chosen = _chosen(notebooks, notebook)
    aside = [f for f in everything if chosen is None or f.handed_in.is_text or f in outdated]
    gathered.aside = _named([(file.parts, file.content) for file in aside])
    if chosen is None:
        gathered.problem = _why_none(files, notebooks, found, notebook)
        return gathered
    if len(notebooks) > 1:
        others = ", ".join(file.name for file in notebooks if file is not chosen)
        note = _("{name} is used; also there: {names}")
        gathered.notes.append(note.format(name=chosen.name, names=others))
    above, others = chosen.parts[:-1], []
    for file in files:
        parts = file.parts[len(above) :] if file.parts[: len(above)] == above else file.parts
        is_nbgraders = parts[-1].casefold() in NBGRADERS
        if parts[:-1] and parts[0].casefold() in (notebook.casefold(), *NBGRADERS):
            parts = (f"{parts[0]} (1)", *parts[1:])
        if file is not chosen and not is_nbgraders:
            others.append((parts, file.content))
    gathered.files = _named([((notebook,), chosen.content), *others])
    to_read = [name for name in gathered.files if _to_read(name)]
    if to_read:
        gathered.notes.append(_("also there, for you to read: {names}").format(names=few(to_read)))
    if any(handed_in.sender.platform == CANVAS for handed_in, _entry in found):
        _undo_canvas_copies(gathered.files)
    return gathered


def _outdated(files, notebook):
    """Those of these files, newest first, that came again in a later attempt."""
    latest, outdated = {}, set()
    for file in files:
        is_notebook = may_have_been(file.parts[-1], notebook)
        name = notebook if is_notebook else file.name.casefold()
        when = file.handed_in.when
        if when and not file.handed_in.is_text and latest.setdefault(name, when) > when:
            outdated.add(file)
    return outdated


def _read(found, gathered):
    """The files, those of archives included, within the limits; notes what cannot be taken.

    Notebooks, saved networks and Python files come first: the rest may be more than there is room
    for.
    """
    files, left_out, room = [], {}, MAX_TOGETHER
    for is_wanted in _IN_ORDER:
        for handed_in, parts, one in _opened(found, left_out):
            if not is_wanted(parts[-1]):
                continue
            if len(files) == MAX_FILES:
                note = _("more than {count:,} files: the rest is left out")
                gathered.notes += [*_words_of(left_out), note.format(count=MAX_FILES)]
                return files
            try:
                content = one.read(min(room, MAX_BYTES))
            except UnreadableEntry as error:
                left_out["/".join(parts)] = error
                room -= one.size if isinstance(error, Damaged) else 0
                continue
            room -= len(content)
            when = one.when.isoformat() if one.when else ""
            files.append(_File(parts, content, handed_in, when))
    gathered.notes += _words_of(left_out)
    return files


def _opened(found, left_out):
    """The files that are no archives, then those in each archive that the student made."""
    plain, archives = [], []
    for handed_in, entry in found:
        is_archive = entry.is_archive and not handed_in.is_text
        (archives if is_archive else plain).append((handed_in, handed_in.parts, entry))
    yield from _own(plain)
    listed, room = 0, MAX_ARCHIVES
    for handed_in, parts, entry in archives:
        inside = []
        listed += 1
        try:
            if listed > archive.MAX_ENTRIES:
                raise UnreadableEntry(_("it holds too many files"))
            inside = [(handed_in, one.parts, one) for one in archive.inner(entry, room)]
        except UnreadableEntry as error:
            left_out["/".join(parts)] = error
        if entry.size <= room:  # else it was not even read
            room -= entry.size
        listed += len(inside)
        yield from _own(inside)


def _own(files):
    """Those of these files that are not in a Python environment: thousands that nobody wrote."""
    marks = {parts for _handed_in, parts, _one in files if parts[-1] == ENVIRONMENT_MARK}
    made = {(*mark[:-1], name) for mark in marks for name in OF_ENVIRONMENT}
    for handed_in, parts, one in files:
        above = (parts[:depth] for depth in range(1, min(len(parts), _MAX_DEPTH)))
        if "site-packages" not in parts and parts not in marks and made.isdisjoint(above):
            yield handed_in, parts, one


def _words_of(left_out):
    """A note on each file that was left out; of many, on the first ones and on their number."""
    for name, error in [*left_out.items()][:_MAX_NOTES]:
        note = _("{name} is left out: {reason}")
        if isinstance(error, EntryTooLarge) and notebook_stem(name.rpartition("/")[2]):
            note = _(
                "{name} is left out: {reason}; a notebook with large outputs can be put "
                "into submitted/ by hand, and is graded without them"
            )
        yield note.format(name=name, reason=error)
    if (more := len(left_out) - _MAX_NOTES) > 0:
        yield ngettext(
            "{count:,} more file is left out", "{count:,} more files are left out", more
        ).format(count=more)


def _to_read(name):
    """Whether a file is for a person: neither code nor data, as far as its name says."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    return ending in _DOCUMENTS


def _chosen(notebooks, notebook):
    """The notebook of this name, however it was renamed; else the only one.

    A copy that was made beside the original is older than what else was handed in with it.
    """
    alike = [file for file in notebooks if may_have_been(file.parts[-1], notebook)]
    if alike:
        return max(reversed(alike), key=lambda file: file.rank(notebook))
    return notebooks[0] if len(notebooks) == 1 else None


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


def _named(files):
    """Files by path, from pairs of its parts and a content.

    Of paths that differ at most in capitals, the later ones get a number; so does a file where
    another one needs a folder.
    """
    paths = sorted("/".join(parts).casefold() for parts, _content in files)

    def is_taken(name):
        inside = f"{name.casefold()}/"
        place = bisect.bisect_left(paths, inside)
        return name.casefold() in known or "".join(paths[place : place + 1]).startswith(inside)

    known, found = set(), {}
    for parts, content in files:
        name = "/".join(parts)
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        others = (f"{stem} ({number}){dot}{ending}" for number in itertools.count(1))
        name = next(one for one in itertools.chain([name], others) if not is_taken(one))
        known.add(name.casefold())
        found[name] = content
    return found


def _undo_canvas_copies(files):
    """Rename challenge-1.keras, Canvas's name for a second challenge.keras, to what notebooks open.

    Of several, the last gets that name, unless there is a file that has it.
    """
    for name in sorted(files, reverse=True):
        found = _CANVAS_COPY.fullmatch(name)
        if found and (plain := found["stem"] + found["ending"]) not in files:
            files[plain] = files.pop(name)

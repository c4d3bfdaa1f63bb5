"""Find and read what students handed in: submitted/STUDENT/LESSON/NOTEBOOK.ipynb.

A folder can have any name, and anything can be in its place. None of that stops a class: what
cannot be read results in a sentence.
"""

import hashlib
import itertools
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.course_folder import CourseError
from autograder.grading import files_beside, parsing, plain_files
from autograder.grading.notebook_names import is_copy, may_have_been, notebook_stem, notebooks_in
from autograder.grading.plain_files import NBGRADERS
from autograder.grading.time_formats import decode_time, parse_time
from autograder.messages import _
from autograder.names import folder_of, id_of, is_utf_8, shown

_MAX_NAME = 255  # bytes
_MAX_NAMES = 3  # of files that are named
_MAX_FOLDERS = 200  # that are searched for them
_CHECKPOINTS, _ICLOUD = ".ipynb_checkpoints", ".icloud"
# Folders that archives, file servers and file systems add to those of the students.
NOBODYS = (
    *("__MACOSX", "lost+found", "$RECYCLE.BIN", "System Volume Information"),
    *("@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", "~snapshot"),
)


@dataclass(frozen=True)
class Place:
    """Where a student's notebook is, or why there is none."""

    path: Path | None = None
    missing: str = ""  # no notebook was handed in: a sentence that also names what is there instead
    holds_others: bool = False  # if so: something else was handed in
    obstacle: str = ""  # something was, but it cannot be taken: a sentence that says why

    @property
    def why_not_gradable(self) -> str:
        """Why what was handed in cannot be graded; "" if it can be, or if nothing was."""
        return self.obstacle or (self.missing if self.holds_others else "")


@dataclass(frozen=True)
class SubmittedAt:
    """When something was handed in (UTC, without a zone), if that is known."""

    when: datetime | None = None
    # If a time is written down but cannot be read: what is `held` instead, or the `reason`.
    unreadable: dict[str, str] = field(default_factory=dict)


def students(submitted: Path, lesson: str) -> set[str]:
    """Return everybody who has a folder. Raises CourseError if the folders cannot be listed.

    A hidden folder, or one that a system adds, counts only if it holds the lesson.
    """
    try:
        with os.scandir(submitted) as entries:
            names = {entry.name for entry in entries if _may_be_a_folder(entry)}
    except FileNotFoundError:
        return set()
    except NotADirectoryError as error:
        raise CourseError(
            _("{name} is a file; expected a folder.").format(name=shown(str(submitted)))
        ) from error
    except OSError as error:
        raise CourseError(_unreadable(str(submitted), error)) from error
    return {
        id_of(name)
        for name in names
        if not (name.startswith(".") or name in (*NOBODYS, lesson))
        or os.path.lexists(submitted / name / lesson)
    }


def no_such_students(names: Iterable[str], places: Path | str) -> str:
    """Return the sentence that these ids are nobody's, wherever one looks."""
    said = _("There is no student {names}: neither in the gradebook nor in {places}.")
    return said.format(names=", ".join(map(shown, sorted(names))), places=places)


def is_swapped(submitted: Path, lesson: str) -> bool:
    """Return whether there are folders LESSON/STUDENT, where STUDENT/LESSON is expected."""
    try:
        with os.scandir(submitted / lesson) as entries:
            return any(entry.is_dir(follow_symlinks=False) for entry in entries)
    except OSError:
        return False


def _may_be_a_folder(entry):
    """Whether it is a folder, or a link in place of one."""
    try:
        return entry.is_dir(follow_symlinks=False) or (
            entry.is_symlink() and not os.path.isfile(entry.path)
        )
    except OSError:
        return True  # `find` says what is wrong with it


def find(submitted: Path, student: str, lesson: str, notebook: str) -> Place:
    """Find a student's notebook: the one with this name, however renamed, or else the only one."""
    if not can_name_a_folder(student):  # the gradebook takes any id
        return Place(missing=_("There is no {notebook}.").format(notebook=notebook))
    if not is_utf_8(student):
        return Place(
            obstacle=_(
                "The folder's name is not UTF-8, so no score can be kept under it: rename the "
                "folder to the student's id."
            )
        )
    folder = submitted / folder_of(student) / lesson
    try:
        for part, name in ((folder.parent, student), (folder, f"{student}/{lesson}")):
            mode = part.lstat().st_mode
            if stat.S_ISLNK(mode):  # it could lead to the folder of somebody else
                return Place(
                    obstacle=_("{name} is only a link to another folder.").format(name=shown(name))
                )
            if not stat.S_ISDIR(mode):
                return Place(
                    obstacle=_("{name} is a file; expected a folder.").format(name=shown(name))
                )
        found = notebooks_in(folder)
        name = _of_lesson(folder, found, notebook)
    except FileNotFoundError:
        return _without_notebook(folder, notebook)
    except OSError as error:
        name = os.path.relpath(error.filename, submitted)
        return Place(obstacle=_unreadable(id_of(name), error))
    if not name:
        return _without_notebook(folder, notebook, found)
    path = folder / name
    if not path.is_symlink() and not os.access(path, os.R_OK):
        return Place(
            obstacle=_("{name} cannot be read: the grader does not have permission.").format(
                name=shown(path.name)
            )
        )
    return Place(path)


def _of_lesson(folder, names, notebook):
    """Which of these notebooks is the lesson's; "" if that is not certain. Raises OSError."""
    if notebook in names:
        return notebook
    alike = [name for name in names if may_have_been(name, notebook)]
    if alike:
        changed = {name: (folder / name).lstat().st_mtime_ns for name in alike}
        return max(alike, key=lambda name: (not is_copy(name), changed[name], name))
    return names[0] if len(names) == 1 else ""


def can_name_a_folder(student: str) -> bool:
    """Return whether an id can be the name of a student's folder."""
    names_one = student not in ("", ".", "..") and not {"/", "\0"} & set(student)
    return names_one and len(os.fsencode(folder_of(student))) <= _MAX_NAME


def _without_notebook(folder, notebook, others=()):
    """The place where there is no notebook of this name: what there is instead."""
    if others:
        names = ", ".join(map(shown, others))
        said = _("There is no {notebook}, but {names}: rename one of them.")
        return Place(missing=said.format(notebook=notebook, names=names), holds_others=True)
    there, in_icloud = _other_files(folder)
    if there:
        said = _(
            "There is no {notebook}, but {names}: expected the notebook, in the folder itself."
        )
        if not any(map(notebook_stem, map(os.path.basename, there))):
            said = _("There is no {notebook}, only {names}: ask for the notebook.")
        if in_icloud:
            said = _(
                "There is no {notebook}, but {names}: the file itself is still in iCloud. Download "
                "it there, and hand in the downloaded one."
            )
        names = ", ".join(map(shown, there))
        return Place(missing=said.format(notebook=notebook, names=names), holds_others=True)
    try:
        beside = [name for name in os.listdir(folder.parent) if name != folder.name]
    except OSError:  # the student has no folder
        beside = []
    for name in sorted(beside):
        if name.casefold() == folder.name.casefold():
            said = _("There is no {notebook}: the folder {name} has to be called {wanted}.")
            said = said.format(notebook=notebook, name=shown(name), wanted=folder.name)
            return Place(missing=said, holds_others=True)
    # The exchange writes when even an empty folder was handed in.
    was_handed_in = any(os.path.lexists(folder / name) for name in NBGRADERS)
    missing = _("There is no {notebook}.").format(notebook=notebook)
    return Place(missing=missing, holds_others=was_handed_in)


def _other_files(folder):
    """A few of the files in a folder, however deep, and whether they are notebooks in iCloud.

    Notebooks come first. Hidden ones are told if nothing else is there, such as JupyterLab's
    checkpoints; of one that is still in iCloud, a Mac has a hidden file with nothing in it.
    """
    seen, hidden, in_icloud = [], [], []
    for place, folders, files in itertools.islice(os.walk(folder), _MAX_FOLDERS):
        folders[:] = sorted(name for name in folders if name[0] != "." or name == _CHECKPOINTS)
        for name in files:
            path = os.path.relpath(os.path.join(place, name), folder)
            if name.startswith(".") and notebook_stem(name.removesuffix(_ICLOUD)):
                (in_icloud if name.endswith(_ICLOUD) else hidden).append(path)
            elif os.path.basename(place) == _CHECKPOINTS:
                hidden.append(path)
            elif not name.startswith(".") and name not in NBGRADERS:
                seen.append(path)
    found = sorted(in_icloud or seen or hidden, key=lambda name: (not notebook_stem(name), name))
    return found[:_MAX_NAMES], bool(in_icloud)


def _unreadable(name, error):
    return _("{name} cannot be read ({reason}).").format(name=shown(name), reason=error.strerror)


def read(path: Path) -> parsing.Submission:
    """Return the submission at a path, reduced to what grading needs."""
    try:
        notebook = parsing.slimmed(parsing.content(_its_own(path)))
        return parsing.Submission(notebook, files_beside.read(path))
    except plain_files.Unreadable as error:
        return parsing.Submission(refusal=str(error))
    except parsing.CannotParse as error:
        return parsing.Submission(trouble=str(error))


def digest(path: Path) -> str:
    """Return a hash of the files of the submission at a path; or of why it cannot be read."""
    try:
        found, files = parsing.digest(_its_own(path)), files_beside.read(path)
    except plain_files.Unreadable as error:
        found, files = hashlib.sha256(str(error).encode()), {}
    for name, data in sorted(files.items()):
        found.update(hashlib.sha256(os.fsencode(name) + data).digest())
    return found.hexdigest()


def fingerprint(path: Path) -> str:
    """Return a key of the times, sizes and names of all files of the submission at a path.

    While it stays the same, nobody has written into the folder; it is far quicker than `digest`.
    "" if it cannot be known.
    """
    found = hashlib.sha256()
    try:
        top = str(_its_own(path).parent)
        for place, folders, names in plain_files.walk(Path(top)):
            folders.sort()
            for name in sorted(names):
                its = os.lstat(os.path.join(place, name))
                facts = (place.removeprefix(top), name, *plain_files.fingerprint(its))
                found.update(repr(facts).encode())
    except (OSError, plain_files.Unreadable):
        return ""
    return found.hexdigest()


def beside(path: Path) -> files_beside.Beside:
    """Return the files beside a notebook: those taken, and those left out."""
    if _is_linked(path.parent):
        return files_beside.Beside({}, {}, [], [], {})
    return files_beside.find(path)


def submitted_at(folder: Path, course_zone: str = "UTC") -> SubmittedAt:
    """Return when a student's folder was handed in, as timestamp.txt in it says."""
    path = folder / "timestamp.txt"
    if _is_linked(folder) or not os.path.lexists(path):
        return SubmittedAt()
    try:
        got = decode_time(plain_files.content(path, plain_files.MAX_LINE))
        return SubmittedAt(parse_time(got, course_zone))
    except plain_files.Unreadable as error:
        return SubmittedAt(unreadable={"reason": str(error).rstrip(".。")})
    except ValueError:
        return SubmittedAt(unreadable={"held": shown(got[:60])})


def secret(folder: Path) -> str:
    """Return the secret by which nbgrader's exchange finds a student folder's page; or ""."""
    path = folder / "submission_secret.txt"
    if _is_linked(folder):
        return ""
    try:
        return plain_files.content(path, plain_files.MAX_LINE).decode("utf-8", errors="replace")
    except plain_files.Unreadable:
        return ""


def _its_own(notebook):
    """The path; raises Unreadable if a link leads to it, perhaps to somebody else's submission."""
    if _is_linked(notebook.parent):
        raise plain_files.Unreadable(_("The folder is only a link to another folder."))
    return notebook


def _is_linked(folder):
    """Whether it, or the folder of its student, is a link, perhaps to somebody else's."""
    return folder.is_symlink() or folder.parent.is_symlink()

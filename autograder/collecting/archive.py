"""Read an archive or a folder: file by file, within limits, and nothing outside it.

Students choose what an archive holds: names that lead elsewhere, links, files that grow a thousand
times when they are unpacked. Nothing is unpacked to disk here.
"""

import contextlib
import errno
import io
import lzma
import shutil
import stat
import struct
import tempfile
import unicodedata
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from autograder.course_folder import CourseError
from autograder.grading import plain_files
from autograder.grading.submissions import NOBODYS
from autograder.grading.tables import decoded
from autograder.messages import _

MAX_ENTRIES = 200_000  # of an archive
MAX_DIRECTORY = 20_000_000  # bytes of the list of files of an archive inside an archive
MAX_LISTED = 120_000  # files in that list
_MAX_NAME = 1_000  # characters of a path
_MAX_BYTES_OF_PART = 255  # of one name in it, as systems allow
_PART = 1_000_000  # bytes of a file that are read at a time
_MAX_END = 76  # bytes of what may be between that list and the record at the end
# What unpacks these stops where it is told to.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, struct.error),
    *(OverflowError, MemoryError),
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE)  # for a temporary file
_JUNK = ("thumbs.db", "desktop.ini")


class UnreadableEntry(Exception):
    """A file of an archive cannot be taken: why, as the end of a sentence."""


class EntryTooLarge(UnreadableEntry):
    """A file of an archive is larger than allowed."""


class Damaged(UnreadableEntry):
    """A file of an archive was read, perhaps to its end, and is damaged."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive: the parts of its path, and a function that copies it up to a limit."""

    parts: tuple[str, ...]
    copy: Callable[[int, BinaryIO], None]  # into an open file; raises UnreadableEntry
    when: datetime | None = None  # of its last change, in an unknown time zone
    size: int = 0  # bytes, as the archive says; no more are ever read

    def read(self, largest: int) -> bytes:
        """Return the bytes of the file, if they are no more than that; raises UnreadableEntry."""
        content = io.BytesIO()
        self.copy(largest, content)
        return content.getvalue()

    @property
    def name(self) -> str:
        """The path in one text."""
        return "/".join(self.parts)

    @property
    def is_archive(self) -> bool:
        """Whether it is itself an archive."""
        return self.parts[-1].casefold().endswith(".zip")


def entries(path: Path) -> Iterator[Entry]:
    """Return all files of a zip archive, or of a folder. Raises CourseError if there is none."""
    if path.is_dir():
        return _of_folder(path)
    try:
        return _of_zip(zipfile.ZipFile(path))
    except _DAMAGE as error:
        said = _(
            "{path} cannot be opened as a zip archive ({reason}). Expected the archive that your "
            "platform gave you, or a folder with what was in it."
        )
        raise CourseError(said.format(path=path, reason=error)) from error


def without_files(path: Path) -> dict[tuple[str, ...], list[str]]:
    """Return the folders in which `entries` finds nothing, each with the files that it passes over.

    Of folders in folders, only the innermost are returned. Raises CourseError.
    """
    if path.is_dir():
        folders, files = _listed_in_folder(path)
    else:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist()]
        folders = [_parts(name) for name in names if name.endswith("/")]
        files = [_parts(name) for name in names if not name.endswith("/")]
    found = {_above_junk(parts): [] for parts in folders}
    for parts in files:
        if parts and is_junk(parts):
            above = _above_junk(parts[:-1])
            found.setdefault(above, []).append("/".join(parts[len(above) :]))
    taken = [parts[:-1] for parts in files if parts and not is_junk(parts)]
    inside = {parts[:end] for parts in taken for end in range(len(parts) + 1)}
    inside |= {parts[:end] for parts in found for end in range(len(parts))}
    return {parts: names for parts, names in found.items() if parts not in inside}


def _listed_in_folder(top):
    """The parts of the paths of all folders, and of all files, in a folder."""
    folders, files = [], []
    for place, _folders, names in plain_files.walk(top):
        parts = _parts(Path(place).relative_to(top).as_posix())
        folders.append(parts)
        files += [(*parts, name) for name in names]
    return folders, files


def _above_junk(parts):
    """The part of a folder's path that is above what systems leave behind."""
    ends = (end for end in range(len(parts)) if is_junk(parts[: end + 1]))
    return parts[: next(ends, len(parts))]


def inner(entry: Entry, largest: int) -> Iterator[Entry]:
    """Yield the files of an archive inside an archive; raises UnreadableEntry.

    Raises CourseError if there is no room for a temporary file.
    """
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            entry.copy(largest, file)
            if _has_too_long_a_list(file):
                raise UnreadableEntry(_("it holds too many files"))
            opened = zipfile.ZipFile(file)
            weakref.finalize(opened, stack.pop_all().close)
        yield from _of_zip(opened)
    except (*_DAMAGE, CourseError) as error:
        if _is_for_lack_of_room(error):
            said = _(
                "There is no room for a temporary file with what is in {name} ({reason}). Free "
                "some, or let the variable TMPDIR name a folder where there is more, and collect "
                "again."
            )
            raise CourseError(said.format(name=entry.name, reason=error.strerror)) from error
        said = _("the archive is damaged ({reason})")
        raise UnreadableEntry(said.format(reason=error)) from error


def is_junk(parts: tuple[str, ...]) -> bool:
    """Return whether this is a file that systems leave behind by themselves."""
    hidden = (part.startswith((".", "__pycache__")) and part != ".." for part in parts)
    return any(hidden) or bool({*NOBODYS} & {*parts}) or parts[-1].casefold() in _JUNK


def _has_too_long_a_list(file):
    """Whether what `zipfile` will read as the list of an archive's files takes too much memory."""
    end = zipfile._EndRecData(file)  # noqa: SLF001 - there are several such records to choose from
    if not end:
        return False
    size = end[zipfile._ECD_SIZE]  # noqa: SLF001
    if size > MAX_DIRECTORY:
        return True
    file.seek(max(0, end[zipfile._ECD_LOCATION] - size - _MAX_END))  # noqa: SLF001
    return file.read(size + _MAX_END).count(b"PK\1\2") > MAX_LISTED


def _is_for_lack_of_room(error):
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _of_zip(archive):
    for number, info in enumerate(archive.infolist()):
        if number >= MAX_ENTRIES:
            said = _("The archive holds more than {count:,} files.")
            raise CourseError(said.format(count=MAX_ENTRIES))
        name = info.filename
        if not info.flag_bits & 0x800:  # the system's own encoding, which zipfile does not know
            with contextlib.suppress(UnicodeError):
                name = decoded(name.encode("cp437"), "cp850")
        parts = _parts(name)
        if parts and not name.endswith("/") and not is_junk(parts):
            yield Entry(parts, _reader(archive, info, name), _when(info), info.file_size)


def _parts(name):
    """The parts of a path; systems write it with either slash."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _when(info):
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None


def _reader(archive, info, name):
    def copy(largest, into):
        if why := fault_of(name):
            raise UnreadableEntry(why)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableEntry(_("it is only a link"))
        if info.flag_bits & 1:
            raise UnreadableEntry(_("it is protected by a password"))
        if info.compress_type not in _METHODS:
            raise UnreadableEntry(_("it is not compressed in the usual way (Deflate)"))
        if info.file_size > largest:
            raise EntryTooLarge(_("it takes more than {size:.0f} MB").format(size=largest / 1e6))
        try:
            with archive.open(info) as file:
                shutil.copyfileobj(file, into, _PART)
        except _DAMAGE as error:
            if _is_for_lack_of_room(error):
                raise
            raise Damaged(_("it is damaged ({reason})").format(reason=error)) from error

    return copy


def fault_of(name: str) -> str:
    """Return why a path in an archive cannot be taken, as the end of a sentence; "" if it can."""
    name = name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or name[1:2] == ":":
        return _("its name leads out of the archive")
    if len(name) > _MAX_NAME or max(map(_bytes, parts)) > _MAX_BYTES_OF_PART:
        return _("its name is too long")
    return ""


def _bytes(name):
    return len(name.encode("utf-8", "surrogatepass"))


def _of_folder(top):
    for folder, folders, names in plain_files.walk(top):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            parts = _parts(path.relative_to(top).as_posix())
            if parts and not is_junk(parts):
                when, size = _changed(path)
                yield Entry(parts, _file_reader(path), when, size)


def _changed(path):
    """When a file was changed, and its size, as far as is known."""
    size = 0
    with contextlib.suppress(OSError, ValueError, OverflowError):
        about = path.lstat()
        size = about.st_size
        return datetime.fromtimestamp(about.st_mtime), size
    return None, size


def _file_reader(path):
    def copy(largest, into):
        try:
            plain_files.copy(path, into, largest)
        except plain_files.Unreadable as error:
            if _is_for_lack_of_room(error.__cause__):
                raise error.__cause__ from None
            kind = EntryTooLarge if isinstance(error, plain_files.FileTooLarge) else UnreadableEntry
            raise kind(str(error).rstrip(".。")) from error

    return copy

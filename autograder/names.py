"""Names that other people chose: shown so that they do no harm, and compared by appearance."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from autograder.messages import _

# Control characters, invisible marks (including those that reverse the direction of writing),
# surrogates, and the ends of lines and paragraphs.
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # Persian words and many emoji are written with these
_BYTE = 0xDC00  # what Python adds to a byte of a name that is not UTF-8


def shown(name: str) -> str:
    """Return a name, or another text, on one line that can be printed and written everywhere.

    What cannot be seen is written as in Python: a line break as \\n, the byte FF as \\xff, a blank
    at either end as \\x20.
    """
    text = "".join(
        _escaped(character) if _is_unseen(character) and character not in _JOINERS else character
        for character in name
    )
    inner = text.strip()
    start, _inner, end = text.partition(inner) if inner else (text, "", "")
    return "".join(map(_escaped, start)) + inner + "".join(map(_escaped, end))


def few(names: Sequence[str], most: int = 5) -> str:
    """Return names as a list; only the first few of many."""
    listed = ", ".join(map(shown, names[:most]))
    more = len(names) - most
    return _("{names} and {more} more").format(names=listed, more=more) if more > 0 else listed


def id_of(folder: str) -> str:
    """Return the id of the student with this folder: its name, as UTF-8 whatever the locale."""
    return os.fsencode(folder).decode("utf-8", "surrogateescape")


def folder_of(student: str) -> str:
    """Return the name of a student's folder, as Python has it in this locale."""
    return os.fsdecode(student.encode("utf-8", "surrogateescape"))


def is_utf_8(name: str) -> bool:
    """Return whether a name can be written in UTF-8, unlike one with undecodable bytes in it."""
    try:
        return bool(name.encode()) or not name
    except UnicodeEncodeError:
        return False


def composed(name: str) -> str:
    """Return a name in which accents are part of their letters (NFC)."""
    return unicodedata.normalize("NFC", name)


def writable(name: str) -> str:
    """Return a name unchanged, or as it is shown if it cannot be written in UTF-8."""
    return name if is_utf_8(name) else shown(name)


def _is_unseen(character):
    return unicodedata.category(character) in _UNSEEN


def _escaped(character):
    code = ord(character)
    if _BYTE < code <= _BYTE + 0xFF:
        code -= _BYTE
    if code > 0xFF:
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return repr(chr(code))[1:-1] if character in "\t\n\r" else f"\\x{code:02x}"


def look_alikes(names: Iterable[str]) -> dict[str, list[str]]:
    """Return all names that look like others, each with all names that look the same.

    Such as José, whose accent is part of the letter (NFC) or a separate character (NFD), Ada and
    ada, or a number that has lost its zeros in a spreadsheet.
    """
    groups = defaultdict(list)
    for name in sorted(names):
        seen = "".join(character for character in name if not _is_unseen(character))
        plain = composed(" ".join(seen.split())).casefold()
        groups[plain.lstrip("0") if plain.isdecimal() else plain].append(name)
    return {name: group for group in groups.values() if len(group) > 1 for name in group}

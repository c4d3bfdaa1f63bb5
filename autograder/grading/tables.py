"""Read and write CSV files that people open in a spreadsheet, and save with any program."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course_folder import CourseError
from autograder.grading import plain_files
from autograder.messages import _
from course.files import write_atomically

BOM = "\ufeff"  # by which spreadsheets know that a CSV file is UTF-8


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header of a table and its rows, in any common encoding and with any separator.

    Raises CourseError if it cannot be read, or has an unterminated cell.
    """
    try:
        content = plain_files.content(path)
    except plain_files.Unreadable as error:
        raise CourseError(_("{path}: {reason}").format(path=path, reason=error)) from error
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16") if is_wide else decoded(content, "cp1252")
    except UnicodeError:
        text = content.decode("cp1252", "replace")
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        head, *rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)] or [[]]
    except csv.Error as error:
        said = _("The file cannot be read ({reason}).").format(reason=error)
        raise CourseError(_("{path}: {reason}").format(path=path, reason=said)) from error
    return head, rows


def decoded(content: bytes, western: str) -> str:
    """Return text from bytes without a known encoding: UTF-8, Chinese (GBK), or a western one.

    In GBK, some western letters are Chinese characters: ü and the letter behind it are a rare one.
    Two letters with accents can be a common one, but in the middle of a word.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeError):
            text = content.decode(encoding)
            if encoding == "utf-8-sig" or _is_chinese(text):
                return text
    return content.decode(western, "replace")


def _is_chinese(text):
    """Whether most characters beyond ASCII are common Chinese ones, and some make a word."""
    others = "".join(character for character in text if not character.isascii())
    common = others.encode("gb2312", "ignore").decode("gb2312")
    is_word = re.search(
        r"(?<![A-Za-z\u4e00-\u9fff])[\u4e00-\u9fff]+(?![A-Za-z\u4e00-\u9fff])", text
    )
    return 2 * len(common) > len(others) and is_word is not None


def read_rows(path: Path, columns: list[str]) -> list[list[str]]:
    """Return the rows of a table that has exactly these columns. Raises CourseError."""
    head, rows = read_table(path)
    if [cell.strip() for cell in head] != columns:
        said = _("{path} has to begin with the line {line}.")
        raise CourseError(said.format(path=path, line=",".join(columns)))
    return rows


def numbered(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Return the lines below a header that are not blank: each a number, and stripped cells."""
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield number, cells


def write_table(path: Path, rows: Iterable[Iterable]) -> Path:
    """Write a table completely or not at all; spreadsheets read it as UTF-8. Returns its path."""
    return write_atomically(path, BOM + csv_text(rows))


def csv_text(rows: Iterable[Iterable]) -> str:
    """Return the text of a CSV file with these rows."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()

"""Tell by its first bytes what kind of file was found where digits were expected."""

import gzip
import zlib
from pathlib import Path

from course.messages import _


def describe(path: Path) -> str:
    """Return what a file is, as the rest of a sentence; "" if that is unknown.

    Only its beginning is read, within gzip as well.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path) as file:
                start = file.read(64)
    except (OSError, EOFError, zlib.error):
        return ""
    if not start:
        return _("empty")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((words for begin, words in _kinds().items() if start.startswith(begin)), "")


def _kinds() -> dict[bytes, str]:
    """What follows "It is", by how a file begins."""
    return {
        b"\x80": _("a pickle, which could run any program when it is read"),
        b"\x93NUMPY": _("a single NumPy array"),
        b"\x00\x00\x08": _("one of MNIST's four IDX files: give the folder that holds all four"),
        b"\x89HDF": _("an HDF5 file"),
        b"MATLAB": _("a MATLAB file"),
        b"PAR1": _("a Parquet file"),
        b"\x89PNG": _("a picture"),
        b"\xff\xd8\xff": _("a picture"),
        b"%PDF": _("a PDF"),
        b"<": _("a web page, perhaps a login or error page, instead of the download"),
        b"PK": _("a zip archive that is damaged, or holds something else"),
        b"{": _("JSON"),
    }

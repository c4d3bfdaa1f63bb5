"""Parse a submitted notebook into what grading needs: the kinds and texts of its cells.

Parsed, a file can take two hundred times its size in memory. So a large file is parsed in a
separate process with limited memory and time: `python -m autograder.grading.parsing`. From an even
larger one, outputs are cut out before it is parsed, without loading it into memory.
"""

import contextlib
import hashlib
import itertools
import json
import mmap
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from autograder.grading.plain_files import MAX_BYTES, Unreadable, opened, too_large
from autograder.messages import _
from course.messages import language

if TYPE_CHECKING:
    from nbformat import NotebookNode

MAX_CELLS = 2_000
MAX_CODE = 5_000_000  # bytes of all cells of code, in a file: a few times as much in memory
MAX_PROSE = 1_000_000  # characters of all other cells; the rest is left out
_MAX_PROSE_OF_CELL = 30_000  # characters of one of them, likewise
_MAX_NAME = 200  # characters of a cell's id, and the like
_MAX_PASSED = 100  # exercises that are noted as passed
_MAX_FILE = 1_000_000_000  # bytes with all outputs
_MAX_HERE = 200_000  # bytes of a file that is parsed in this process
_MEMORY = 600_000_000  # bytes for parsing a larger one
_SECONDS = 30  # likewise
_PATIENCE = 300  # seconds that a busy machine may take to provide those
_TOO_MUCH = 3  # the exit code of a process that needs too much memory
_REFUSED = 4  # and of one that prints why it refuses the file

_USES_LANGUAGE = re.compile(r"""^course\.use_language\(["'](\w+)["']\)""", re.MULTILINE)
_VERSION = re.compile(r"3\.\d{1,3}(\.\w{1,20})?", re.ASCII)
# What a file that is not JSON may be instead, by how it begins.
_WEB_PAGE = (b"<!doctype", b"<html")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_CONFLICT_MARKS = [re.compile(rb"^" + mark * 7, re.MULTILINE) for mark in (b"<", b"=", b">")]
# Consecutive parts of JSON, each with what follows up to the next: the start of something unneeded
# (outputs, pictures pasted into a text, the state of widgets), strings, brackets; and finally an
# unterminated string. What follows is part of the pattern because searching is slow.
_JSON_PART = re.compile(
    rb'(?:(?P<unneeded>"(?:outputs|attachments|widgets)"\s*+:\s*+[\[{])'
    rb'|"(?:[^"\\]++|\\.)*+"|(?P<opens>[\[{])|(?P<closes>[\]}])|(?P<endless>")|\A)[^"\[\]{}]*+',
    re.DOTALL,
)
_DEEPER = {"unneeded": 1, "opens": 1, "closes": -1}
_one_at_a_time = threading.Lock()


class CannotParse(Exception):
    """A notebook could not be parsed, through no fault of its own: a sentence."""


@dataclass(frozen=True)
class Submission:
    """A submission as it was read; or, in a sentence, why it cannot be graded."""

    notebook: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)  # that were handed in with it
    refusal: str = ""  # by a fault of its own
    trouble: str = ""  # by a fault of the grader's: it is tried again


def content(path: Path) -> bytes:
    """Return the bytes of a submitted notebook; raises Unreadable.

    Those of a very large one are not the file's: what grading does not need is left out.
    """
    with _opened(path) as (file, size):
        if size > MAX_BYTES:
            return _parse_elsewhere(file)
        return file.read(MAX_BYTES)


def digest(path: Path) -> Any:  # the type has no public name
    """Return a hash of the file itself, which is far quicker than `content`; raises Unreadable."""
    with _opened(path) as (file, _size):
        return hashlib.file_digest(file, "sha256")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A notebook's file and its size; raises Unreadable if it is larger than any may be."""
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > _MAX_FILE:
            raise Unreadable(too_large(_MAX_FILE))
        yield file, size


def slimmed(content: bytes) -> bytes:
    """Return a notebook, a large one reduced to what grading needs; raises Unreadable."""
    return content if len(content) <= _MAX_HERE else _parse_elsewhere(content)


def parse(content: bytes) -> dict[str, Any]:
    """Return the cells of a notebook, however old its format, as a dict; raises Unreadable."""
    if not content.strip():
        raise Unreadable(
            _("The file is empty. Save yours in JupyterLab, and hand in that .ipynb file.")
        )
    return _parse(content) if len(content) <= _MAX_HERE else json.loads(_parse_elsewhere(content))


def read_notebook(content: bytes) -> "NotebookNode":
    """Return a notebook with the student's cells as they are, in their order; raises Unreadable."""
    import nbformat  # imported late: a process that only parses starts sooner without it

    parsed = parse(content)
    course = {name: parsed[name] for name in ("language", "python", "passed")}
    notebook = nbformat.v4.new_notebook(metadata={"course": course})
    for cell in parsed["cells"]:
        new = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": {}, **cell}
        if cell["cell_type"] == "code":
            new |= {"execution_count": None, "outputs": []}
        notebook.cells.append(nbformat.from_dict(new))  # nbformat's own way takes long
    return notebook


def _parse_elsewhere(content: bytes | BinaryIO) -> bytes:
    """Parse it in a separate process; one at a time, so that a class takes no more memory.

    Returns the cells as JSON in ASCII: as text, too, that takes one byte a character.
    """
    if isinstance(content, bytes) and len(content) > MAX_BYTES:
        raise Unreadable(too_large())
    command = [sys.executable, "-P", "-m", "autograder.grading.parsing"]
    given: dict[str, Any] = {"input" if isinstance(content, bytes) else "stdin": content}
    with _one_at_a_time:
        try:
            done = subprocess.run(
                command,
                **given,
                capture_output=True,
                timeout=_PATIENCE,
                env=os.environ | {"COURSE_LANGUAGE": language()},
            )
        except subprocess.TimeoutExpired:  # not its fault either: it has its own limit
            raise CannotParse(
                _("The file cannot be read within {seconds} s.").format(seconds=_PATIENCE)
            ) from None
        except OSError as error:  # which is not the fault of the file
            said = _("The process that reads notebooks cannot be started: {reason}.")
            raise CannotParse(said.format(reason=error)) from error
    if done.returncode in (_TOO_MUCH, -signal.SIGXCPU):
        raise Unreadable(
            _("Reading the file takes more than {size:.0f} MB of memory or {seconds} s.").format(
                size=_MEMORY / 1e6, seconds=_SECONDS
            )
        )
    if done.returncode == _REFUSED:
        raise Unreadable(done.stdout.decode())
    if done.returncode:  # as by a system that is short of memory
        from autograder.sandbox.outside.outcome import how_it_ended  # slow to import

        said = _("The process that reads the file did not finish ({reason}).")
        raise CannotParse(said.format(reason=how_it_ended(done.returncode)))
    return done.stdout


def main() -> None:
    """Parse standard input within the limits; print the cells, or a sentence that refuses it."""
    import resource  # which not all systems have

    is_stricter = False  # whether this machine allows less, which is not the file's fault
    for kind, most, more in (
        (resource.RLIMIT_DATA, _MEMORY, 0),
        (resource.RLIMIT_CPU, _SECONDS, 5),  # with 0, it would end as if killed by somebody
    ):
        _soft, hard = resource.getrlimit(kind)
        end = most + more if hard == resource.RLIM_INFINITY else min(most + more, hard)
        is_stricter |= end < most
        resource.setrlimit(kind, (min(most, max(end - more, 1)), end))
    try:
        sys.stdout.buffer.write(json.dumps(_parse(_given())).encode())
    except Unreadable as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "replace"))
        sys.exit(_REFUSED)
    except MemoryError:
        os._exit(1 if is_stricter else _TOO_MUCH)


def _given() -> bytes:
    """Standard input: a notebook, or a file that may be too large for memory."""
    if not stat.S_ISREG(os.fstat(0).st_mode):
        return sys.stdin.buffer.read()
    with mmap.mmap(0, 0, access=mmap.ACCESS_READ) as file:
        return without_outputs(file)


def without_outputs(file: bytes | mmap.mmap) -> bytes:
    """Return the JSON of a notebook without outputs, attachments and widgets; raises Unreadable."""
    kept: list[bytes] = []
    size = start = depth = 0  # what is kept begins at `start`, or where the depth is 0 again
    for part in _JSON_PART.finditer(file):
        kind = part.lastgroup
        if kind == "endless":
            break
        if depth:
            depth += _DEEPER.get(kind, 0)
            start = part.start()
        elif size + part.end() - start > MAX_BYTES:
            break
        elif kind == "unneeded":  # its brackets are kept
            kept.append(file[start : part.end("unneeded")])
            size, depth = size + len(kept[-1]), 1
    if size + len(file) - start > MAX_BYTES:
        said = _("The notebook is larger than {size:g} MB, even without its outputs.")
        raise Unreadable(said.format(size=MAX_BYTES / 1_000_000))
    return b"".join([*kept, file[start:]])


def _parse(content: bytes) -> dict[str, Any]:
    try:
        raw = _json(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_not_json(content, error)) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Unreadable(
            _(
                "The file is JSON, but not a notebook: it has no list of cells. Open yours in "
                "JupyterLab, save it, and hand in that .ipynb file."
            )
        )
    cells = raw["cells"] if isinstance(raw.get("cells"), list) else _converted(raw)
    _count(len(cells))
    slim = [_slim(cell) for cell in cells if isinstance(cell, dict)]
    slim = [cell for cell in slim if cell]
    code = [cell["source"] for cell in slim if cell["cell_type"] == "code"]
    if sum(len(json.dumps(source, ensure_ascii=False).encode()) for source in code) > MAX_CODE:
        raise Unreadable(
            _("The notebook holds more than {size:g} MB of code.").format(size=MAX_CODE / 1e6)
        )
    _shorten_prose(slim)
    about = {"language": _language(raw, slim), "python": _python(raw), "passed": _passed(raw)}
    return {"cells": slim, **about}


def _not_json(content: bytes, error: Exception) -> str:
    """What a file is that is not valid JSON, and what to do, in a sentence."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:100].lower().startswith(_WEB_PAGE):
        return _(
            "The file is a web page, not a notebook. On GitHub, use “Download raw file”, and hand "
            "in the .ipynb file."
        )
    if content.startswith(_PACKED):
        return _(
            "The file is compressed, although its name ends in .ipynb. Unpack it, and hand in the "
            "notebook that is in it."
        )
    if all(mark.search(content) for mark in _CONFLICT_MARKS):
        return _(
            "The file holds Git's conflict marks (<<<<<<<), so it cannot be opened. Keep one of "
            "the two versions in a text editor, and hand in the file once it opens in JupyterLab."
        )
    if isinstance(error, json.JSONDecodeError):
        said = _(
            "The file is damaged in line {line}, and cannot be opened. Open your own copy in "
            "JupyterLab, save it, and hand in that file. If it does not open there either, ask "
            "your instructor."
        )
        return said.format(line=error.lineno)
    return _(
        "The file is damaged, and cannot be opened. Open your own copy in JupyterLab, save it, "
        "and hand in that file. If it does not open there either, ask your instructor."
    )


def _json(content: bytes) -> Any:
    """The value in a JSON file, even in another encoding or with raw tabs in strings."""
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "replace")
    return json.loads(text, strict=False)


def _language(raw: dict, cells: list[dict[str, Any]]) -> str:
    """The language that a notebook's metadata names; if that is lost, the one that a cell names."""
    if _is_name(raw.get("language")):  # it was slimmed before
        return raw["language"]
    metadata = raw.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    language = course.get("language") if isinstance(course, dict) else None
    if _is_name(language):
        return language
    code = (cell["source"] for cell in cells if cell["cell_type"] == "code")
    found = (_USES_LANGUAGE.search(source[:_MAX_NAME]) for source in code)
    return next((match[1] for match in found if match), "")


def _python(raw: dict) -> str:
    """The version of Python that a notebook's metadata names, such as "3.12.4"; or ""."""
    metadata = raw.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    version = info.get("version") if isinstance(info, dict) else raw.get("python")
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else ""


def _passed(raw: dict) -> dict[str, str]:
    """The checks that had passed when it was saved: by exercise, the key of its answer's code.

    A check keeps this with the line that it shows.
    """
    found: dict[str, str] = {}
    if isinstance(kept := raw.get("passed"), dict):  # it was slimmed before
        found = {name: key for name, key in kept.items() if _is_name(name) and _is_name(key)}
    for cell in raw["cells"] if isinstance(raw.get("cells"), list) else ():
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        outputs = outputs if isinstance(outputs, list) else []
        shown = [one for one in outputs if isinstance(one, dict)]
        if any(output.get("output_type") == "error" for output in shown):
            continue
        for metadata in (output.get("metadata") for output in shown):
            facts = metadata.get("course") if isinstance(metadata, dict) else None
            names = (facts.get("exercise"), facts.get("answer")) if isinstance(facts, dict) else ()
            if names and all(map(_is_name, names)) and facts.get("passed") is True:
                found[names[0]] = names[1]
    return dict(itertools.islice(found.items(), _MAX_PASSED))


def _shorten_prose(cells: list[dict[str, Any]]) -> None:
    """Cut what is too long for prose, such as a picture: prose is only shown again."""
    left = MAX_PROSE
    for cell in cells:
        source = cell["source"]
        if cell["cell_type"] != "code":
            if len(source) > (most := min(_MAX_PROSE_OF_CELL, left)):
                cell["source"] = f"{source[:most]} …"
            left -= min(len(source), most)


def _converted(raw: dict) -> list:
    """The cells of an old format; counted first, as converting one takes long."""
    try:
        sheets = [sheet["cells"] for sheet in raw["worksheets"]]
        _count(sum(map(len, sheets)))
        for cell in (cell for cells in sheets for cell in cells):
            kept = ("cell_type", "input", "source", "level", "language", "metadata")
            for name in [name for name in cell if name not in kept]:
                del cell[name]
            cell["outputs"] = []
        import nbformat

        return nbformat.reads(json.dumps(raw), as_version=4)["cells"]
    except Unreadable:
        raise
    except Exception as error:  # converting old formats fails in many ways
        message = _("The notebook's old format cannot be converted ({error}).")
        raise Unreadable(message.format(error=_shown(error))) from error


def _count(cells: int) -> None:
    if cells > MAX_CELLS:
        raise Unreadable(_("The notebook has more than {count:,} cells.").format(count=MAX_CELLS))


def _slim(cell: dict) -> dict[str, Any] | None:
    """What is needed of a cell, if it has a kind and a text."""
    kind, source = cell.get("cell_type"), cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if kind not in ("code", "markdown", "raw") or not isinstance(source, str):
        return None
    source = source.encode("utf-8", "replace").decode()  # half a character becomes a "?"
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    slim: dict[str, Any] = {"cell_type": kind, "source": source}
    slim["id"] = cell.get("id") if _is_name(cell.get("id")) else None
    if isinstance(settings, dict) and _is_name(settings.get("grade_id")):
        kept = {name: settings.get(name) for name in ("grade_id", "checksum")}
        slim["metadata"] = {"nbgrader": {name: it for name, it in kept.items() if _is_name(it)}}
    return slim


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_NAME


def _shown(error: Exception) -> str:
    """The text of an error as one short line that can be printed anywhere."""
    return str(error)[:1_000].encode("utf-8", "replace").decode().replace("\n", " ")[:200]


if __name__ == "__main__":
    main()

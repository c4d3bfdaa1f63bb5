"""Copies of notebooks: the learner's own in work/, never overwritten, and one for a check."""

import hashlib
import json
import os
import shutil
from pathlib import Path

from course.files import write_atomically
from course.messages import _
from course.workbook.errors import WorkbookError

# The most that a check copies: a lesson's folder is far smaller, a home folder far larger.
MAX_BYTES = 200_000_000
MAX_FILES = 2_000

# In the work folder: each file's digest when it was copied, so that a newer release is noticed.
_RECORD = ".released.json"


def copy_missing(release: Path, work: Path) -> tuple[list[str], list[str]]:
    """Copy to `work` what is not there yet; what is there is never changed.

    Returns the files that were copied, and those whose release has changed since they were.
    Raises WorkbookError where they cannot be copied.
    """
    record = _read_record(work / _RECORD)
    before = dict(record)
    copied, changed = [], []
    try:
        for source in sorted(path for path in release.rglob("*") if path.is_file()):
            relative = source.relative_to(release)
            if any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
                continue
            name, target, content = relative.as_posix(), work / relative, source.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if not os.path.lexists(target):
                write_atomically(target, content)  # half a file would be taken for their work
                copied.append(name)
                record[name] = digest
            elif target.is_file() and target.read_bytes() == content:
                record[name] = digest
            elif name in record and record[name] != digest:
                changed.append(name)
        if record != before:
            write_atomically(work / _RECORD, json.dumps(record, indent=1) + "\n")
    except OSError as error:
        raise WorkbookError(
            _("The lessons cannot be copied to {work}: {error}.").format(work=work, error=error)
        ) from None
    return copied, changed


def _read_record(path: Path) -> dict:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def copy_folder(source: Path, target: Path) -> None:
    """Copy a notebook's folder, which may hold what the notebook reads; hidden files are left out.

    Raises WorkbookError for a folder with more than MAX_FILES files or MAX_BYTES bytes, and for a
    file that must not be read.
    """
    files = size = 0
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        here = target / Path(folder).relative_to(source)
        here.mkdir(exist_ok=True)
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or not os.path.isfile(path):
                continue
            files, size = files + 1, size + path.stat().st_size
            if files > MAX_FILES or size > MAX_BYTES:
                raise WorkbookError(
                    _(
                        "{folder} holds much more than a lesson's folder, and all of it would be "
                        "copied for the check. Move the notebook to a folder of its own."
                    ).format(folder=source)
                )
            try:
                shutil.copyfile(path, here / name)
            except PermissionError as error:
                raise WorkbookError(
                    _(
                        "{path} cannot be copied for the check ({reason}). If it is open in "
                        "another program, close it there; otherwise move it to another folder."
                    ).format(path=path, reason=error.strerror)
                ) from None

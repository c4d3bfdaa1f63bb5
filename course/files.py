"""Write files completely or not at all: nobody ever reads half of one; where copies are kept."""

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a new path beside `path`; the file written there takes the place of `path` at the end.

    After an error in the `with` block, `path` is as it was and the new file is gone. Folders above
    `path` are created. Raises OSError, which names `path`, where the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Hidden, so that no listing takes it for the file; short, so that a long name still fits.
    new = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        yield new
        _replace(new, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            new.unlink()
        # The system names the new file, or none where the disk is full.
        if isinstance(error, OSError) and error.filename in (None, str(new)):
            error.filename, error.filename2 = str(path), None
        raise


def _replace(new: Path, path: Path) -> None:
    """Give a new file the name of another; on Windows, once a virus scanner has let go of both."""
    for seconds in (0.1, 0.3, 1) if os.name == "nt" else ():
        with contextlib.suppress(PermissionError):
            os.replace(new, path)
            return
        time.sleep(seconds)
    os.replace(new, path)


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[str]:
    """Yield the path of a new folder, which is gone at the end, if the system lets it go.

    Windows keeps a folder while a process is in it, such as a kernel that is ending.
    """
    folder = tempfile.mkdtemp(prefix=prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_atomically(path: Path, data: bytes | str) -> Path:
    """Write a file in one go and return its path; OSError where that is not possible.

    A file that was there before is replaced, or stays as it was. Text is written as UTF-8; half a
    character, which UTF-8 cannot write, becomes a question mark.
    """
    with replacing(path) as new:
        new.write_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    return path


def cache_folder() -> Path:
    """Return the user's folder for copies that only save time."""
    return platformdirs.user_cache_path("deep-learning-live", appauthor=False)


def write_copy(path: Path, data: bytes) -> Path | None:
    """Write a copy that only saves time later; return its path, or None if it cannot be written."""
    try:
        return write_atomically(path, data)
    except OSError:
        return None

"""Write files so that whoever reads them finds a whole one, or none."""

import contextlib
import errno
import os
from pathlib import Path

_OF_ONE_FOLDER = (
    *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG),
)


def write(path: Path, text: str) -> Path:
    """Write a text as a whole or not at all, in UTF-8; return the path.

    Half a character, which UTF-8 cannot write, becomes a question mark.
    """
    new = path.with_name(path.name + ".new")
    with named(path):
        try:
            new.write_bytes(text.encode("utf-8", "replace"))
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
    return path


@contextlib.contextmanager
def named(path: Path):
    """Have an error say which file it is about: the system does not when a disk is full."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def concerns_one_folder(error: OSError) -> bool:
    """Whether an error says nothing about the next folder, as a full disk does."""
    return error.errno in _OF_ONE_FOLDER

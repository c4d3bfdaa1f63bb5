"""Say after a restart which check was running when the kernel ended.

Some calls end Python itself, without an error: memory runs out, or a compiled library crashes. A
note beside the kernel's own connection file survives that.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from ipykernel.connect import get_connection_file

from course.messages import _


def _note() -> Path:
    """The note of this kernel; its name stays the same when the kernel is restarted."""
    connection = Path(get_connection_file())
    return connection.with_name(f"{connection.stem}.check")


@contextlib.contextmanager
def noted(exercise: str) -> Iterator[None]:
    """Keep a note while the check of an exercise runs, if one can be written."""
    note = None
    with contextlib.suppress(OSError, RuntimeError):
        note = _note()
        note.write_text(f"{os.getpid()} {exercise}", "utf-8")
    try:
        yield
    finally:
        if note is not None:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)


def last_words() -> str:
    """Return what to say if the kernel ended during an earlier check; then it is forgotten."""
    try:
        note = _note()
        process, exercise = note.read_text("utf-8").split()
        note.unlink()
    except (OSError, RuntimeError, ValueError):
        return ""
    if process == str(os.getpid()):
        return ""
    return _(
        "The kernel ended while {exercise} was being checked. If you did not restart it yourself, "
        "a call in {exercise} ended Python: look at the shapes and sizes that it gives to "
        "TensorFlow or NumPy."
    ).format(exercise=exercise)

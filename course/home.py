"""A home folder for a user who has none, as in some containers."""

import atexit
import contextlib
import os
from functools import partial


def have_home() -> None:
    """Make a new, empty folder the home of this process and its children, if there is none.

    Jupyter, Keras and Matplotlib all look for one. It is deleted when this process ends.
    """
    if os.path.expanduser("~") != "~":
        return
    import tempfile  # here: it needs `random`, which a learner's file may hide

    with contextlib.suppress(OSError):  # Jupyter and the others will say what they miss
        folder = tempfile.mkdtemp(prefix="course-home-")
        os.environ["USERPROFILE" if os.name == "nt" else "HOME"] = folder
        atexit.register(partial(_remove, folder, os.getpid()))


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:  # not one that was forked from it
        import shutil

        shutil.rmtree(folder, ignore_errors=True)

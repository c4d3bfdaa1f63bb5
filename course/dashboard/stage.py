"""Where a dashboard is shown: in a notebook that somebody looks at, under grading, or nowhere."""

import os

from IPython import get_ipython

from course.dashboard.player import pause_all


def has_audience() -> bool:
    """Whether a front end with widgets is likely to be there.

    Grading sets NBGRADER_EXECUTION, COURSE_STILL=1 asks for stills, and programs that execute
    notebooks send no cell id with a cell, as notebooks for readers do.
    """
    if os.environ.get("NBGRADER_EXECUTION") or os.environ.get("COURSE_STILL") == "1":
        return False
    return cell_id() is not None


def cell_id() -> str | None:
    """The id of the cell that is being executed, if this is a notebook kernel and it is known."""
    kernel = _kernel()
    if kernel is None:
        return None
    parent = kernel.get_parent("shell") or {}
    return parent.get("metadata", {}).get("cellId")


def pause_when_interrupted():
    """Let *Interrupt Kernel* pause the training when no cell is running."""
    kernel = _kernel()
    if kernel is None:
        return

    def pause(number, frame):
        pause_all()

    # The kernel puts this handler in place when the cell is done; without it, idle kernels ignore
    # the signal.
    kernel.saved_sigint_handler = pause


def close(widget):
    """Take a widget away, and all that belongs to it."""
    for child in getattr(widget, "children", ()):
        close(child)
    for name in ("layout", "style"):
        if hasattr(widget, name):
            getattr(widget, name).close()
    widget.close()


def _kernel():
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel if hasattr(kernel, "get_parent") else None

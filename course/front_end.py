"""The front end of a notebook: whether it can show widgets, and what each cell shows."""

import os
import threading
import uuid
import weakref
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import publish_display_data

from course.messages import _

has_explained = False  # why there is nothing live here
_shown: dict[str, tuple[object, list[weakref.ref]]] = {}  # by cell: since which execution, and what


def has_audience() -> bool:
    """Return whether a front end with widgets is likely to be there.

    Grading sets NBGRADER_EXECUTION, COURSE_STILL=1 asks for still pictures, and programs that
    execute notebooks send no cell id with a cell, as front ends for readers do. Voila sends none
    either, but says in the kernel's environment that it serves the page.
    """
    return not _asks_for_stills() and (cell_id() is not None or _is_voila())


def shows_live(live: bool | None) -> bool:
    """Return `live`; where it is None, whether there is an audience. Print why not, if it is."""
    if live is not None:
        return live
    if has_audience():
        return True
    _explain_stills()
    return False


def _explain_stills():
    """Say once per kernel why still pictures are shown instead of live ones."""
    global has_explained
    if not has_explained and is_in_kernel() and not _asks_for_stills():
        has_explained = True
        print(
            _(
                "This program cannot show live pictures: these are still ones. Open the notebook "
                "in JupyterLab, Notebook 7, VS Code or Colab to see them move."
            )
        )


def _asks_for_stills():
    return os.environ.get("NBGRADER_EXECUTION") or os.environ.get("COURSE_STILL") == "1"


def _is_voila():
    is_preheated = "VOILA_PREHEAT" in os.environ  # a kernel that waits for its page
    return is_preheated or os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def is_in_kernel() -> bool:
    """Return whether this runs in the main thread of a notebook's kernel."""
    return threading.current_thread() is threading.main_thread() and _kernel() is not None


def cell_id() -> str | None:
    """Return the id of the cell that is being executed; None if it is unknown or there is none."""
    return this_execution()[0]


def this_execution() -> tuple[str | None, object]:
    """Return the id of the cell that is being executed, as `cell_id` does, and of its execution."""
    kernel = _kernel()
    if kernel is None:
        return None, None
    parent = kernel.get_parent("shell") or {}
    metadata = parent.get("metadata", {})
    cell = metadata.get("cellId") or metadata.get("colab", {}).get("cell_id")
    return cell, parent.get("header", {}).get("msg_id")


def print_line(text: str, **facts: object) -> None:
    """Print a line; a saved notebook keeps the facts with it, in the metadata of the output."""
    if _kernel() is None:
        print(text)
    else:
        publish_display_data({"text/plain": text}, {"course": facts})


def show_in_cell(make: Callable[[str], Any]) -> Any:
    """Return what `make(name)` returns, in place of what earlier executions of this cell showed.

    Every execution of a cell gives the same names in the same order: an output that was saved
    before, which a page shows when it is reloaded, then belongs to what the cell shows now.
    """
    cell, execution = this_execution()
    if cell is None:
        return make(uuid.uuid4().hex)
    since, shown = _shown.get(cell, (None, []))
    if since != execution:
        for made in [each() for each in shown]:
            if made is not None:
                made.close()
        shown = []
        _shown[cell] = execution, shown
    # Copies of a notebook have the same cells, and may be open in one page.
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    made = make(uuid.uuid5(uuid.NAMESPACE_URL, f"{notebook} {cell} {len(shown)}").hex)
    shown.append(weakref.ref(made))
    return made


def when_interrupted(act: Callable[[], None]):
    """Have *Interrupt Kernel* call `act` while no cell is running, from the end of this cell on."""
    kernel = _kernel()
    if kernel is None:
        return

    def handle(_number, _frame):
        act()

    # The kernel puts this handler in place when the cell is done; without one, an idle kernel
    # ignores the signal.
    kernel.saved_sigint_handler = handle


def close_widget(widget):
    """Close a widget and all that belongs to it."""
    for child in getattr(widget, "children", ()):
        close_widget(child)
    for name in ("layout", "style"):
        if hasattr(widget, name):
            getattr(widget, name).close()
    widget.close()


def _kernel():
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel if hasattr(kernel, "get_parent") else None

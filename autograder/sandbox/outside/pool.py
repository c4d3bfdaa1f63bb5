"""The warm sandboxes of this process, one for each set of limits.

It imports little, so that a sandbox can warm up while the grader is still being imported.
"""

import atexit
import contextlib
import threading

from traitlets.config import Config

from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.sandbox import Sandbox

_sandboxes: dict[tuple[bool, Limits], Sandbox] = {}
_lock = threading.Lock()


def settings(config: Config, sandbox: bool | None = None) -> tuple[bool, Limits]:
    """Return the walls and limits in a configuration; `sandbox` overrides the walls."""
    walls = config.Grade.get("sandbox", True) if sandbox is None else sandbox
    return walls, Limits(**config.Limits)


def sandbox(walls: bool, limits: Limits) -> Sandbox:
    """Return the sandbox with these walls and limits; made on first use, started by its `run`."""
    with _lock:
        if (walls, limits) not in _sandboxes:
            _sandboxes[walls, limits] = Sandbox(walls=walls, limits=limits)
        return _sandboxes[walls, limits]


def warm_up(walls: bool, limits: Limits) -> None:
    """Warm a sandbox up in the background; the first submission will report what goes wrong."""

    def start() -> None:
        with contextlib.suppress(OSError):
            sandbox(walls, limits).start()

    threading.Thread(target=start, daemon=True).start()


@atexit.register
def stop() -> None:
    """End all sandboxes of this process."""
    with _lock:
        while _sandboxes:
            _sandboxes.popitem()[1].stop()

"""The warm sandboxes of this process, one for each set of limits.

This module imports little, so that a sandbox can warm up while the grader itself is imported.
"""

import atexit
import contextlib
import threading

from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.sandbox import Sandbox

_sandboxes = {}
_lock = threading.Lock()


def settings(config, sandbox: bool | None = None) -> tuple[bool, Limits]:
    """Whether there are walls, which `sandbox` may decide, and the limits in a configuration."""
    walls = config.Grade.get("sandbox", True) if sandbox is None else sandbox
    return walls, Limits(**config.Limits)


def sandbox(walls: bool, limits: Limits) -> Sandbox:
    """The sandbox with these walls and limits, made if there is none yet; `run` starts it."""
    with _lock:
        if (walls, limits) not in _sandboxes:
            _sandboxes[walls, limits] = Sandbox(walls=walls, limits=limits)
        return _sandboxes[walls, limits]


def warm_up(walls: bool, limits: Limits) -> None:
    """Let a sandbox warm up in the background; what goes wrong, the first submission will tell."""

    def start():
        with contextlib.suppress(OSError):
            sandbox(walls, limits).start()

    threading.Thread(target=start, daemon=True).start()


@atexit.register
def stop() -> None:
    """End all sandboxes of this process."""
    with _lock:
        while _sandboxes:
            _sandboxes.popitem()[1].stop()

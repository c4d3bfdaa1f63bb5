"""Decide when a playground draws: once for each move, and never from two threads at once."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

_held: dict | None = None  # while several controls move as one: the redrawings to do afterwards


@contextlib.contextmanager
def one_move() -> Iterator[None]:
    """Change several controls in this block, and draw once when all are changed."""
    global _held
    if _held is not None:  # inside another such block
        yield
        return
    _held = {}
    try:
        yield
    finally:
        held, _held = _held, None
        for redraw in held.values():
            redraw()


def redraw_after_move(redraw: Callable[[], None]):
    """Redraw now, or once at the end of the block in which controls move as one."""
    if _held is None:
        redraw()
    else:
        _held[redraw] = redraw


def on_kernel_thread(act: Callable[[], None]) -> Callable[[], None]:
    """Return a function for other threads that has the kernel's own thread call `act`.

    It does so between two cells, when it handles the controls as well. Calls that come before it is
    done count as one.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # outside a notebook, nobody else is drawing
        return act
    is_waiting = threading.Event()

    def act_now():
        is_waiting.clear()
        act()

    def act_soon():
        if not is_waiting.is_set():
            is_waiting.set()
            loop.call_soon_threadsafe(act_now)

    return act_soon

"""A window on the screen that shows the panels of a run and responds to keys."""

import os
import sys

import numpy as np

from course.messages import _
from course.panels import Panels

# The panels that a key shows, counted row by row; None: all six.
VIEWS = {
    "1": ("accuracy",),
    "2": ("loss",),
    "3": ("training digits",),
    "4": ("weights",),
    "5": ("biases",),
    "6": ("test digits",),
    "7": ("accuracy", "loss"),
    "8": ("weights", "biases"),
    "9": ("training digits", "test digits"),
    "0": None,
    "escape": None,
}


class NoWindowError(RuntimeError):
    """The error that no window can be opened; the message says what is missing."""


class Window:
    """A window with pictures of `panels`; space pauses, 1 to 9 show one or two, 0 or Esc all."""

    def __init__(self, panels: Panels, title: str):
        from matplotlib import pyplot

        self.is_paused = False
        self.is_open = True
        self._panels = panels
        self._pyplot = pyplot
        self._figure = pyplot.figure(num=title, figsize=(panels.width / 100, panels.height / 100))
        axes = self._figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        self._image = axes.imshow(panels.update(), aspect="auto")
        # Matplotlib's own keys (s saves, q quits, ...) would act on the figure as well.
        handler = getattr(self._figure.canvas.manager, "key_press_handler_id", None)
        if handler is not None:
            self._figure.canvas.mpl_disconnect(handler)
        self._figure.canvas.mpl_connect("key_press_event", self._on_key)
        self._figure.canvas.mpl_connect("close_event", self._on_close)

    def open(self):
        """Put the window in front of all others: once, since somebody may go on working there."""
        self._pyplot.show(block=False)

    def show(self, picture: np.ndarray, seconds: float = 0.001) -> None:
        """Show a picture, uint8 (height, width, 3), and respond to keys for these seconds."""
        if not self.is_open:
            return
        self._image.set_data(picture)
        self._figure.canvas.draw_idle()
        self._figure.canvas.start_event_loop(seconds)

    def wait_while_paused(self):
        """Return when the run may continue, or when the window is closed."""
        while self.is_paused and self.is_open:
            self.show(self._panels.update(), 0.05)

    def wait_until_closed(self):
        """Keep the last picture on the screen; keys still change what it shows."""
        while self.is_open:
            self.show(self._panels.update(), 0.1)

    def close(self):
        """Close the window."""
        self._pyplot.close(self._figure)

    def _on_key(self, event):
        if event.key == " ":
            self.is_paused = not self.is_paused
        elif event.key in VIEWS:
            self._panels.focus(VIEWS[event.key])
            self._image.set_data(self._panels.update())
            self._figure.canvas.draw_idle()

    def _on_close(self, _event):
        self.is_open = False


def open_window(panels: Panels, title: str) -> Window:
    """Open a window; NoWindowError, with the reason, where that is not possible."""
    import matplotlib

    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise NoWindowError(_("there is no display"))

    try:
        window = Window(panels, title)
    except Exception as error:  # each window library fails in its own way
        raise NoWindowError(str(error)) from None
    if matplotlib.get_backend().lower() == "agg":
        window.close()
        raise NoWindowError(_("Matplotlib found no library for windows, such as tkinter"))
    window.open()
    return window

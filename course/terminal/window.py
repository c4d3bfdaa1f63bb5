"""A window on the screen that shows the panels of a run, and obeys keys."""

import os
import sys

from course.messages import _

# Keys of the panels, as the digits count them: first the three above, then the three below.
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
    """There is no screen, or no library that can open a window on it."""


class Window:
    """Shows pictures of `panels`; space pauses, 1-9 show one panel or a pair, 0 and Esc all six."""

    def __init__(self, panels, title: str):
        from matplotlib import pyplot

        self.is_paused = False
        self.is_open = True
        self._panels = panels
        self._pyplot = pyplot
        self._figure = pyplot.figure(num=title, figsize=(panels.width / 100, panels.height / 100))
        axes = self._figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        self._image = axes.imshow(panels.update(), aspect="auto")
        # Matplotlib's own keys (s saves, q quits, ...) stay, but for those that are ours.
        handler = getattr(self._figure.canvas.manager, "key_press_handler_id", None)
        if handler is not None:
            self._figure.canvas.mpl_disconnect(handler)
        self._figure.canvas.mpl_connect("key_press_event", self._on_key)
        self._figure.canvas.mpl_connect("close_event", self._on_close)

    def show(self, picture, seconds: float = 0.001):
        """Put a picture on the screen, and let keys act for that many seconds."""
        if not self.is_open:
            return
        self._image.set_data(picture)
        self._figure.canvas.draw_idle()
        self._pyplot.pause(seconds)

    def wait_while_paused(self):
        """Return when the run may go on, or when the window was closed."""
        while self.is_paused and self.is_open:
            self.show(self._panels.update(), 0.05)

    def wait_until_closed(self):
        """Keep the last picture on the screen; keys still change what it shows."""
        while self.is_open:
            self.show(self._panels.update(), 0.1)

    def close(self):
        """Take the window from the screen."""
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


def open_window(panels, title: str) -> Window:
    """Open a window, or raise NoWindowError with the reason."""
    import matplotlib

    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise NoWindowError(_("there is no screen"))
    from matplotlib import pyplot

    try:
        window = Window(panels, title)
    except Exception as error:  # each window library fails in its own way
        raise NoWindowError(str(error)) from None
    if matplotlib.get_backend().lower() == "agg":
        pyplot.close(window._figure)
        raise NoWindowError(_("Matplotlib found no library for windows, such as tkinter"))
    return window

"""The figure of the six panels: part of it is redrawn in each frame, the rest only seldom."""

import threading
from pathlib import Path

import matplotlib.image
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course.drawing.palette import DARK, LIGHT
from course.drawing.style import course_style
from course.messages import _
from course.panels.description import describe
from course.panels.painter.digit_panels import TestDigitsPanel, TrainingDigitsPanel
from course.panels.painter.header import Header
from course.panels.painter.layout import HEADER, NAMES, boxes
from course.panels.painter.time_panels import AccuracyPanel, BandPanel, LossPanel
from course.panels.snapshot import Snapshot
from course.training import Run

_DESIGN_SIZE = 960, 540  # pixels at 100 dots per inch; other sizes scale everything
_MIN_SIZE = 320, 180


class Panels:
    """The six panels of a run, drawn into one figure; methods may be called from any thread.

    In place of a run a snapshot may be given, which stays as it is. `width` and `height` are in
    pixels. Raise ValueError for a size that is too small.
    """

    def __init__(
        self, run: Run | Snapshot, *, width: int = 960, height: int = 540, dark: bool = False
    ):
        if width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            message = _("The picture has {width} x {height} pixels; expected at least 320 x 180.")
            raise ValueError(message.format(width=width, height=height))
        self.run = run
        self.width, self.height = int(width), int(height)
        self._scale = min(width / _DESIGN_SIZE[0], height / _DESIGN_SIZE[1])
        self._lock = threading.RLock()
        self._background = None
        theme = DARK if dark else LIGHT
        second = ("biases", _("Biases"))
        if run.shows_activations:
            second = ("activations", _("Largest activations"))
        with course_style(theme):
            dpi = 100 * self._scale
            # A fraction of a pixel more, so that rounding does not lose a whole one.
            size = (self.width + 0.01) / dpi, (self.height + 0.01) / dpi
            self.figure = Figure(figsize=size, dpi=dpi)
            self._canvas = FigureCanvasAgg(self.figure)
            axes = {name: self.figure.add_axes((0, 0, 1, 1), label=name) for name in NAMES}
            self._panels = {
                "accuracy": AccuracyPanel(axes["accuracy"], theme),
                "loss": LossPanel(axes["loss"], theme, run.loss_is_cross_entropy),
                "training digits": TrainingDigitsPanel(axes["training digits"], theme),
                "weights": BandPanel(axes["weights"], theme, "weights", _("Weights")),
                "biases": BandPanel(axes["biases"], theme, *second),
                "test digits": TestDigitsPanel(axes["test digits"], theme),
            }
            self._header = Header(self.figure, theme, self._units, self._scale)
        self.focus(None)

    @property
    def _units(self):
        """Width and height in the pixels of the layout."""
        return self.width / self._scale, self.height / self._scale

    def update(self) -> np.ndarray:
        """Draw the current state of the run; return uint8 (height, width, 3)."""
        with self._lock:
            self._draw()
            drawn = np.asarray(self._canvas.buffer_rgba())
            picture = np.empty((*drawn.shape[:2], 3), np.uint8)
            for channel in range(3):  # much faster than copying all three at once
                picture[..., channel] = drawn[..., channel]
            return picture

    def focus(self, names: str | tuple[str, ...] | None = None):
        """Show one panel or a pair, large; None shows all six.

        Names: "accuracy", "loss", "training digits", "weights", "biases" and "test digits".
        """
        names = NAMES if names is None else (names,) if isinstance(names, str) else tuple(names)
        unknown = [name for name in names if name not in NAMES]
        if (
            unknown
            or len(set(names)) != len(names)
            or (len(names) not in (1, 2) and names != NAMES)
        ):
            message = _("The panels to show are {got}; expected one or two of {names}, or None.")
            raise ValueError(message.format(got=names, names=", ".join(NAMES)))
        with self._lock:
            self.shown = names
            units = self._units
            middle = (units[1] - HEADER) / 2
            # With all six, left of the digits and below the curves, which show what went wrong.
            self._header.centre(*((0.34, middle - 52) if names == NAMES else (0.5, middle)))
            places = boxes(names, *units)
            for name, panel in self._panels.items():
                panel.axes.set_visible(name in places)
                if name in places:
                    panel.place(places[name], self._scale)
                    panel.axes.set_position(self._whole_pixels(places[name]))

    def pin(self, snapshot: Snapshot | None = None):
        """Overlay the curves of a snapshot faintly from now on; by default, those of now."""
        with self._lock:
            snapshot = snapshot or self._snapshot()
            self._overlay({"training": snapshot.training, "test": snapshot.test})

    def unpin(self):
        """Remove the overlaid curves."""
        with self._lock:
            self._overlay(None)

    def describe(self) -> str:
        """Return in one sentence what the panels show, for those who cannot see them."""
        return describe(self._snapshot())

    def save(self, path):
        """Draw the current state into a PNG file, with its description inside.

        Raise ValueError for any other file format.
        """
        path = Path(path)
        if path.suffix.lower() != ".png":
            message = _("The picture would go to {path}; expected a name that ends in .png.")
            raise ValueError(message.format(path=path))
        metadata = {"Description": self.describe()}
        matplotlib.image.imsave(path, self.update(), metadata=metadata)

    def close(self):
        """Release everything that was drawn."""
        with self._lock:
            self._background = None
            self.figure.clear()

    def _snapshot(self):
        return self.run if isinstance(self.run, Snapshot) else Snapshot.of(self.run)

    def _overlay(self, curves):
        for name in ("accuracy", "loss"):
            self._panels[name].pin(curves)
        self._header.pin(curves is not None)

    def _whole_pixels(self, box):
        """Return a box as shares of the figure, moved to whole pixels: digits stay sharp."""
        x, y, width, height = (round(value * self._scale) for value in box)
        return x / self.width, y / self.height, width / self.width, height / self.height

    def _draw(self):
        """Draw what moves on a copy of the rest, which is redrawn only when it has changed."""
        snapshot = self._snapshot()
        shown = [self._panels[name] for name in self.shown]
        for part in (self._header, *shown):
            part.update(snapshot)
        if self._background is None or self._header.stale or any(p.stale for p in shown):
            for panel in shown:
                panel.settle()
            self._canvas.draw()
            self._background = self._canvas.copy_from_bbox(self.figure.bbox)
            for part in (self._header, *shown):
                part.stale = False
        else:
            self._canvas.restore_region(self._background)
        renderer = self._canvas.get_renderer()
        for part in (*shown, self._header):
            for artist in sorted(part.moving, key=lambda artist: artist.get_zorder()):
                artist.draw(renderer)

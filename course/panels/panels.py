"""Six panels of a run in one figure that is updated in place."""

import io
import threading
from pathlib import Path

import matplotlib.image
import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course.messages import _
from course.panels.bands import BandPanel
from course.panels.curves import AccuracyPanel, LossPanel
from course.panels.describe import describe
from course.panels.digit_panels import TestDigitsPanel, TrainingDigitsPanel
from course.panels.header import Header
from course.panels.layout import HEADER, NAMES, boxes
from course.panels.look import lines, look
from course.panels.theme import DARK, LIGHT, STYLE, style

_DESIGNED_FOR = 960, 540  # pixels at 100 dots per inch; other sizes scale everything
_SMALLEST = 320, 180


class Panels:
    """The six panels of a run, drawn into one figure; methods may be called from any thread.

    `run` is what `course.training.start` returns. `width` and `height` are in pixels. A ValueError
    says what does not fit.
    """

    def __init__(self, run, *, width: int = 960, height: int = 540, dark: bool = False):
        if width < _SMALLEST[0] or height < _SMALLEST[1]:
            message = _("The picture has {width} x {height} pixels; expected at least 320 x 180.")
            raise ValueError(message.format(width=width, height=height))
        self.run = run
        self.width, self.height = int(width), int(height)
        self._scale = min(width / _DESIGNED_FOR[0], height / _DESIGNED_FOR[1])
        self._lock = threading.RLock()
        self._background = None
        theme = DARK if dark else LIGHT
        activations = getattr(run, "shows_activations", False)
        others = _("Largest activations") if activations else _("Biases")
        cross_entropy = getattr(run, "loss_is_cross_entropy", True)
        with matplotlib.style.context([STYLE, style(theme)]):
            dpi = 100 * self._scale
            # The rest of a pixel keeps rounding from losing a whole one.
            size = (self.width + 0.01) / dpi, (self.height + 0.01) / dpi
            self.figure = Figure(figsize=size, dpi=dpi)
            self._canvas = FigureCanvasAgg(self.figure)
            axes = {name: self.figure.add_axes((0, 0, 1, 1), label=name) for name in NAMES}
            self._panels = {
                "accuracy": AccuracyPanel(axes["accuracy"], theme),
                "loss": LossPanel(axes["loss"], theme, cross_entropy),
                "training digits": TrainingDigitsPanel(axes["training digits"], theme),
                "weights": BandPanel(axes["weights"], theme, _("Weights"), "weights"),
                "biases": BandPanel(axes["biases"], theme, others, "biases"),
                "test digits": TestDigitsPanel(axes["test digits"], theme),
            }
            self._header = Header(self.figure, theme, self._units, self._scale)
        self.focus(None)

    @property
    def _units(self):
        """Width and height in the pixels of the layout."""
        return self.width / self._scale, self.height / self._scale

    def update(self) -> np.ndarray:
        """Draw the present state of the run; return uint8 (height, width, 3)."""
        with self._lock:
            self._draw()
            drawn = np.asarray(self._canvas.buffer_rgba())
            picture = np.empty((*drawn.shape[:2], 3), np.uint8)
            for channel in range(3):  # much faster than copying all three at once
                picture[..., channel] = drawn[..., channel]
            return picture

    def focus(self, names: str | tuple | None = None):
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
            # Among all six beside the digits, and below the curves of what went wrong.
            self._header.centre(*((0.34, middle - 52) if names == NAMES else (0.5, middle)))
            places = boxes(names, *units)
            for name, panel in self._panels.items():
                panel.axes.set_visible(name in places)
                if name in places:
                    panel.place(places[name], self._scale)
                    panel.axes.set_position(self._whole_pixels(places[name]))

    def pin(self):
        """Keep the curves as they are now, and overlay them faintly from now on."""
        with self._lock:
            history = self.run.history
            self._overlay({name: lines(getattr(history, name)) for name in ("training", "test")})

    def unpin(self):
        """Overlay nothing any more."""
        with self._lock:
            self._overlay(None)

    def describe(self) -> str:
        """Say in one sentence what the panels show, for those who cannot see them."""
        return describe(look(self.run))

    def save(self, path):
        """Draw the present state into a PNG file, its description inside; other formats raise."""
        path = Path(path)
        if path.suffix.lower() != ".png":
            message = _("The picture would go to {path}; expected a name that ends in .png.")
            raise ValueError(message.format(path=path))
        picture, words = self.update(), self.describe()
        matplotlib.image.imsave(path, picture, metadata={"Description": words})

    def close(self):
        """Let go of everything that was drawn."""
        with self._lock:
            self._background = None
            self.figure.clear()

    def _overlay(self, curves):
        for name in ("accuracy", "loss"):
            self._panels[name].pin(curves)
        self._header.pin(curves is not None)

    def _whole_pixels(self, box):
        """Return a box as shares of the figure, moved to whole pixels: digits stay sharp."""
        x, y, width, height = (round(value * self._scale) for value in box)
        return x / self.width, y / self.height, width / self.width, height / self.height

    def _draw(self):
        """Draw what moves, on a copy of what does not; that is drawn anew only when it changed."""
        now = look(self.run)
        shown = [self._panels[name] for name in self.shown]
        for part in (self._header, *shown):
            part.update(now)
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

    def _repr_png_(self):
        file = io.BytesIO()
        matplotlib.image.imsave(file, self.update(), format="png")
        return file.getvalue()


def still(run, **settings) -> Panels:
    """Draw a run once, as it is now; `settings` are those of `Panels`. A notebook shows it."""
    panels = Panels(run, **settings)
    panels.update()
    return panels

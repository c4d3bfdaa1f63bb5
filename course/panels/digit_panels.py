"""The panels of digits: the current batch, and the test digits as a gauge of the accuracy."""

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.image import AxesImage

from course.messages import _
from course.panels import mosaic
from course.panels.numbers import every
from course.panels.panel import Panel
from course.panels.ticks import Ticks

ROWS = 25
MOST = 1_000  # digits in one panel
_NARROWEST = 5  # pixels of a digit below which more digits would only be noise


class _Pixels(AxesImage):
    """An image that is copied as it is where a pixel of it is a pixel of the screen."""

    _ready = None, None  # a picture, and how it is copied onto the screen

    def draw(self, renderer):
        """Copy, which is ten times as fast as scaling; or scale, for another resolution."""
        picture = self.get_array()
        box = self.get_window_extent()
        size = abs(box.height), abs(box.width)
        if not isinstance(renderer, RendererAgg) or not np.allclose(
            size, picture.shape[:2], atol=0.2
        ):
            super().draw(renderer)
            return
        if self._ready[0] is not picture:
            rgba = np.full((*picture.shape[:2], 4), 255, np.uint8)
            rgba[..., :3] = picture[::-1]
            self._ready = picture, rgba
        context = renderer.new_gc()
        renderer.draw_image(context, round(box.xmin), round(box.ymin), self._ready[1])
        context.restore()


class DigitPanel(Panel):
    """Axes whose units are pixels of the screen, with one picture at the top left."""

    def __init__(self, axes, theme, title):
        super().__init__(axes, theme, title)
        for part in (axes.xaxis, axes.yaxis, *axes.spines.values()):
            part.set_visible(False)
        self._image = self.move(axes.add_image(_Pixels(axes, interpolation="nearest", zorder=1)))

    @property
    def size(self):
        """Width and height in pixels of the screen."""
        return round(self.box.width * self.scale), round(self.box.height * self.scale)

    def show(self, picture):
        """Put a picture uint8 (h, w, 3) at the top left, pixel by pixel."""
        height, width = picture.shape[:2]
        self._image.set_data(picture)
        self._image.set_extent((0, width, height, 0))
        self.set(xlim=(0.0, float(self.size[0])), ylim=(float(self.size[1]), 0.0))


class TrainingDigitsPanel(DigitPanel):
    """The digits of the current batch: the wrong ones on red, with truth and answer."""

    def __init__(self, axes, theme):
        super().__init__(axes, theme, _("Training digits"))

    def update(self, look):
        """Redraw from a look at the run."""
        images, labels, predictions = look.batch
        columns, tile, shown = fit(len(images), *self.size)
        answers = None if predictions is None else predictions[:shown]
        ink = mosaic.ink(images[:shown], mosaic.side(tile))
        self.show(mosaic.paint(ink, labels[:shown], answers, columns=columns, tile=tile))
        mistakes = look.batch.mistakes
        text = _("{mistakes} of {count} wrong")
        if mistakes is None:
            text = _("{count} in the batch")
        elif shown < len(images):
            text = _("first {shown} of {count}")
        numbers = {"mistakes": mistakes or 0, "count": len(images), "shown": shown}
        self.value.set_text(text.format(**{name: f"{n:,}" for name, n in numbers.items()}))


class TestDigitsPanel(DigitPanel):
    """Test digits, the wrong ones first, on a scale where their edge reads as the accuracy."""

    __test__ = False  # not a test, whatever its name begins with

    def __init__(self, axes, theme):
        super().__init__(axes, theme, _("Test digits"))
        self._ticks = Ticks(axes, theme, "left", grid=False)
        self._measure = self._ink = self._inked = self._images = self._predictions = None

    def update(self, look):
        """Redraw from a look at the run, if it was tested since the last one."""
        images, labels, predictions = look.tested
        if not self.stale and images is self._images and predictions is self._predictions:
            return
        chosen, depth = gauge(labels, predictions)
        columns = -(-len(chosen) // ROWS)
        width, height = self.size
        high = max(1, height // ROWS)
        tile = high, max(1, min(width // columns, round(1.1 * high)))
        answers = None if predictions is None else predictions[chosen]
        ink = self._scaled(images, chosen, mosaic.side(tile))
        self._images, self._predictions = images, predictions
        picture = mosaic.paint(ink, labels[chosen], answers, columns=columns, tile=tile)
        # White means recognised; what nobody has tested is grey.
        self.show(picture if answers is not None else 170 + picture // 6)
        whole = len(chosen) / columns * high  # where the scale ends, in pixels
        if self.stale or (depth, whole) != self._measure:
            self._measure, self.stale = (depth, whole), True
            ticks = np.linspace(0, 1, 6)
            words = [f"{100 * (1 - depth * tick):.3g}%" for tick in ticks]
            self._ticks.show(ticks * whole, words)
        mistakes = look.tested.mistakes
        if mistakes is None:
            text = _("not tested yet")
        else:
            count = f"{len(labels):,}"
            text = _("{mistakes} of {count} wrong").format(mistakes=f"{mistakes:,}", count=count)
        self.value.set_text(text)

    def _scaled(self, images, chosen, side):
        """Return the ink of the chosen digits; what was scaled once is kept."""
        if self._ink is None or self._ink.shape[1] != side or self._images is not images:
            self._ink = np.zeros((len(images), side, side), np.uint8)
            self._inked = np.zeros(len(images), bool)
        new = chosen[~self._inked[chosen]]
        if len(new):
            self._ink[new] = mosaic.ink(images[new], side)
            self._inked[new] = True
        return self._ink[chosen]


def fit(count: int, width: int, height: int) -> tuple[int, tuple[int, int], int]:
    """Return columns, the tile (height, width) and how many digits fit when they are largest."""
    shown = min(count, MOST, (width // _NARROWEST) * (height // _NARROWEST)) or 1
    best = 1, (1, 1)
    for columns in range(1, shown + 1):
        rows = -(-shown // columns)
        across = min(width // columns, height // rows)
        if across > min(best[1]):
            high = min(height // rows, round(1.07 * across))
            best = columns, (high, across)
    return *best, shown


def gauge(labels, predictions) -> tuple[np.ndarray, float]:
    """Choose at most 1,000 digits, the wrong ones first, and return (indices, depth of the scale).

    The scale reaches from 100% down to 1 - depth. When all mistakes fit, they are all there, and
    the rest stands for the others; before that, a fair share of both is.
    """
    count = len(labels)
    shown = min(count, MOST)
    if predictions is None:
        return every(count, shown), 1.0
    right = predictions == labels
    wrong, right = np.flatnonzero(~right), np.flatnonzero(right)
    depth = shown / count if len(wrong) <= shown else 1.0
    red = min(shown, round(len(wrong) / count / depth * shown))
    red = max(red, shown - len(right))
    return np.concatenate(
        [wrong[every(len(wrong), red)], right[every(len(right), shown - red)]]
    ), depth

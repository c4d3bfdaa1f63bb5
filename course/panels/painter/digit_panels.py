"""The panels of digits: the current mini-batch, and the test digits as a scale of the accuracy."""

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.image import AxesImage

from course.drawing import mosaic
from course.messages import _
from course.panels.description import training_digits_title
from course.panels.painter.panel import StillPanel, Ticks
from course.panels.snapshot import Snapshot
from course.panels.thinning import MAX_DIGITS, choose_test_digits

ROWS = 25
_MIN_TILE = 5  # pixels of a digit; smaller ones would only be noise


class _Pixels(AxesImage):
    """An image that is copied unchanged where one of its pixels is one of the screen's."""

    _ready = None, None  # a picture, and what is copied onto the screen for it

    def draw(self, renderer):
        """Copy the image, which is ten times as fast as scaling it for another resolution."""
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


class DigitPanel(StillPanel):
    """Axes whose units are pixels of the screen, with one picture at the top left."""

    def __init__(self, axes, theme, title):
        super().__init__(axes, theme, title)
        for part in (axes.xaxis, axes.yaxis, *axes.spines.values()):
            part.set_visible(False)
        self._image = self.move(axes.add_image(_Pixels(axes, interpolation="nearest", zorder=1)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of the screen."""
        return round(self.box.width * self.scale), round(self.box.height * self.scale)

    def show(self, picture):
        """Put a picture uint8 (h, w, 3) at the top left, pixel by pixel."""
        if not picture.size:  # there are no digits
            picture = np.full((1, 1, 3), 255, np.uint8)
        height, width = picture.shape[:2]
        self._image.set_data(picture)
        self._image.set_extent((0, width, height, 0))
        self.set(xlim=(0.0, float(self.size[0])), ylim=(float(self.size[1]), 0.0))


class TrainingDigitsPanel(DigitPanel):
    """The digits of the current mini-batch: mistakes on red, with truth and answer."""

    def __init__(self, axes, theme):
        super().__init__(axes, theme, "")

    def update(self, snapshot: Snapshot):
        """Redraw from a snapshot of the run."""
        images, labels, predictions = snapshot.batch
        columns, tile, shown = fit_tiles(len(images), *self.size)
        answers = None if predictions is None else predictions[:shown]
        ink = mosaic.scale_ink(images[:shown], mosaic.digit_side(tile))
        self.show(mosaic.paint_tiles(ink, labels[:shown], answers, columns=columns, tile=tile))
        mistakes = snapshot.batch.mistakes
        text = _("{mistakes} of {count} wrong")
        if not len(images):
            text = ""
        elif mistakes is None:
            text = _("{count} in the batch")
        elif shown < len(images):
            text = _("first {shown} of {count}")
        title = training_digits_title(snapshot)
        if title != self.title.get_text():
            self.title.set_text(title)
            self.stale = True
        if snapshot.batch_is_before_divergence:  # the title needs the room; the words tell it
            text = ""
        numbers = {"mistakes": mistakes or 0, "count": len(images), "shown": shown}
        self.value.set_text(text.format(**{name: f"{n:,}" for name, n in numbers.items()}))


class TestDigitsPanel(DigitPanel):
    """Test digits, the mistakes first, on a scale where their edge reads as the accuracy."""

    __test__ = False  # not a test, although pytest would think so by its name

    def __init__(self, axes, theme):
        super().__init__(axes, theme, _("Test digits"))
        self._ticks = Ticks(axes, theme, "left", grid=False)
        self._scale_end = self._ink = self._has_ink = self._images = self._predictions = None

    def update(self, snapshot: Snapshot):
        """Redraw from a snapshot of the run, if it was tested since the last one."""
        images, labels, predictions = snapshot.test_digits
        if not self.stale and images is self._images and predictions is self._predictions:
            return
        chosen, depth = choose_test_digits(labels, predictions)
        columns = -(-len(chosen) // ROWS) or 1
        width, height = self.size
        high = max(1, height // ROWS)
        tile = high, max(1, min(width // columns, round(1.1 * high)))
        answers = None if predictions is None else predictions[chosen]
        ink = self._scaled_ink(images, chosen, mosaic.digit_side(tile))
        self._images, self._predictions = images, predictions
        picture = mosaic.paint_tiles(ink, labels[chosen], answers, columns=columns, tile=tile)
        # White means recognised; what is not tested yet is grey.
        self.show(picture if answers is not None else 170 + picture // 6)
        whole = len(chosen) / columns * high  # where the scale ends, in pixels
        if self.stale or (depth, whole) != self._scale_end:
            self._scale_end, self.stale = (depth, whole), True
            ticks = np.linspace(0, 1, 6)
            words = [f"{100 * (1 - depth * tick):.3g}%" for tick in ticks]
            self._ticks.show(ticks * whole, words)
        mistakes = snapshot.test_digits.mistakes
        if not len(images):
            text = ""
        elif mistakes is None:
            text = _("not tested yet")
        else:
            count = f"{len(labels):,}"
            text = _("{mistakes} of {count} wrong").format(mistakes=f"{mistakes:,}", count=count)
        self.value.set_text(text)

    def _scaled_ink(self, images, chosen, side):
        """Return the ink of the chosen digits; each is scaled only once."""
        if self._ink is None or self._ink.shape[1] != side or self._images is not images:
            self._ink = np.zeros((len(images), side, side), np.uint8)
            self._has_ink = np.zeros(len(images), bool)
        new = chosen[~self._has_ink[chosen]]
        if len(new):
            self._ink[new] = mosaic.scale_ink(images[new], side)
            self._has_ink[new] = True
        return self._ink[chosen]


def fit_tiles(count: int, width: int, height: int) -> tuple[int, tuple[int, int], int]:
    """Return columns, tile (height, width) and the number of digits for the largest tiles that fit.

    `width` and `height` are those of the panel, in pixels.
    """
    shown = min(count, MAX_DIGITS, (width // _MIN_TILE) * (height // _MIN_TILE)) or 1
    best = 1, (1, 1)
    for columns in range(1, shown + 1):
        rows = -(-shown // columns)
        across = min(width // columns, height // rows)
        if across > min(best[1]):
            high = min(height // rows, round(1.07 * across))
            best = columns, (high, across)
    return *best, shown

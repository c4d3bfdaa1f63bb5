"""Text that is drawn many times a second: each letter is drawn once, then copied.

Matplotlib lays out and draws each letter every time, in about 0.1 ms. In a frame with twenty
changing numbers, that would take longer than everything else together.
"""

import functools
from collections.abc import Callable

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text


class QuickText(Text):
    """One line of text without mathematics, box or kerning, horizontal or rotated by 90 degrees."""

    def draw(self, renderer):
        """Draw the text; on anything but Matplotlib's own canvas, the usual way."""
        if not self.get_visible() or not self.get_text():
            return
        if not isinstance(renderer, RendererAgg):
            super().draw(renderer)
            return
        alpha, baseline = self._ink(renderer.dpi)
        x, y = self.get_transform().transform(self.get_unitless_position())
        height, width = alpha.shape
        # Pixels from the left and from the bottom of the text's picture to its anchor.
        across = {"left": 0, "center": width / 2, "right": width}[self.get_horizontalalignment()]
        up = {"bottom": 0, "center": height / 2, "top": height, "baseline": baseline}
        if self.get_rotation() == 90:
            alpha = np.rot90(alpha)
            across = {"left": 0, "center": height / 2, "right": height}[
                self.get_horizontalalignment()
            ]
            up = {"bottom": 0, "center": width / 2, "top": width}
        picture = np.empty((*alpha.shape, 4), np.uint8)
        picture[..., :3] = np.multiply(to_rgb(self.get_color()), 255)
        picture[..., 3] = alpha
        context = renderer.new_gc()
        below = y - up[self.get_verticalalignment()]
        renderer.draw_image(context, round(x - across), round(below), picture[::-1])
        context.restore()

    def width(self) -> int:
        """Return how many pixels wide it is on its figure's canvas."""
        return self._ink(self.figure.dpi)[0].shape[1]

    def _ink(self, dpi):
        font = tuple(self.get_fontfamily()), self.get_fontsize(), self.get_fontweight()
        return _line(self.get_text(), *font, float(dpi))


def write_texts(texts: list[QuickText], make: Callable[[], QuickText], wanted: list[dict]):
    """Give each text the properties that are wanted; make missing texts, and hide spare ones."""
    texts.extend(make() for _more in range(len(texts), len(wanted)))
    for text in texts[len(wanted) :]:
        text.set_visible(False)
    for text, properties in zip(texts, wanted, strict=False):
        text.set(visible=True, **properties)


@functools.lru_cache(256)
def _line(text, family, size, weight, dpi):
    """Return the ink of a line uint8 (height, width), and the height of its baseline."""
    letters = [_letter(letter, family, size, weight, dpi) for letter in text]
    height, below = letters[0][0].shape[0], letters[0][2]
    ends = np.cumsum([advance for _ink, advance, _below in letters])
    starts = np.round(ends - [advance for _ink, advance, _below in letters]).astype(int)
    line = np.zeros((height, int(np.ceil(ends[-1])) + 4), np.uint8)
    for (ink, _advance, _below), start in zip(letters, starts, strict=True):
        place = line[:, start : start + ink.shape[1]]
        np.maximum(place, ink[:, : place.shape[1]], out=place)
    return line[:, : int(np.ceil(ends[-1]))], below


@functools.lru_cache(2048)
def _letter(letter, family, size, weight, dpi):
    """Return the ink of a letter uint8 (height, width), its advance, and the baseline's height.

    Height and baseline are those of the font, the same for all letters.
    """
    pixels = size * dpi / 72
    height, below = int(np.ceil(1.25 * pixels)), int(np.ceil(0.28 * pixels))
    renderer = RendererAgg(int(2 * pixels) + 4, height, dpi)
    font = FontProperties(family=list(family), size=size, weight=weight)
    # The advance of a single letter is rounded to its ink; many in a row show the true one.
    many, _height, _depth = renderer.get_text_width_height_descent("|" + letter * 16 + "|", font, 0)
    none, _height, _depth = renderer.get_text_width_height_descent("||", font, 0)
    context = renderer.new_gc()
    context.set_foreground("black")
    renderer.draw_text(context, 0, height - below, letter, font, 0)
    ink = np.asarray(renderer.buffer_rgba())[..., 3].copy()
    used = np.flatnonzero(ink.any(axis=0))
    return ink[:, : used[-1] + 1 if len(used) else 1], (many - none) / 16, below

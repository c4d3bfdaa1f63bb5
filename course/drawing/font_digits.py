"""Digits and letters printed in Matplotlib's own fonts: data from outside the handwriting."""

import functools
import string
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from course.drawing.centring import centre_like_mnist

# The text fonts that ship with Matplotlib; the others hold only mathematical symbols.
FONTS = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSans-BoldOblique",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSansMono-Oblique",
    "DejaVuSansMono-BoldOblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-Italic",
    "DejaVuSerif-BoldItalic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralItalic",
    "STIXGeneralBolIta",
    "cmr10",
    "cmb10",
    "cmss10",
    "cmtt10",
)

_CELL = 160  # pixels of one character before it is scaled down


@functools.cache
def draw_font_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (200, 28, 28) and labels uint8 (200,): 0..9 in 20 fonts, like MNIST."""
    return _in_all_fonts(string.digits)


@functools.cache
def draw_font_letters() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (520, 28, 28) and labels uint8 (520,): A..Z as 0..25, font by font."""
    return _in_all_fonts(string.ascii_uppercase)


def _in_all_fonts(characters):
    images = np.concatenate([_drawn(characters, font) for font in FONTS])
    labels = np.tile(np.arange(len(characters), dtype=np.uint8), len(FONTS))
    for array in (images, labels):
        array.flags.writeable = False  # all callers share them
    return images, labels


def _drawn(characters, font):
    """Draw each character in one font, uint8 (n, 28, 28)."""
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    count = len(characters)
    figure = Figure(figsize=(count * _CELL / 100, _CELL / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    for place, character in enumerate(characters):
        figure.text(
            (place + 0.5) / count,
            0.5,
            character,
            font=FontProperties(fname=path, size=80),
            ha="center",
            va="center_baseline",
            color="black",
        )
    canvas.draw()
    grey = 255.0 - np.asarray(canvas.buffer_rgba())[..., 0]
    return np.stack([centre_like_mnist(cell) for cell in np.split(grey, count, axis=1)])

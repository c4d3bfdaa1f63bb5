"""Digits printed in Matplotlib's own fonts: a test from outside the handwritten data."""

import functools
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

_CELL = 160  # pixels of one digit before it is scaled down


@functools.cache
def draw_font_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (200, 28, 28) and labels uint8 (200,): 0..9 in 20 fonts, like MNIST."""
    images = np.concatenate([_digits(font) for font in FONTS])
    labels = np.tile(np.arange(10, dtype=np.uint8), len(FONTS))
    for array in (images, labels):
        array.flags.writeable = False  # all callers share them
    return images, labels


def _digits(font):
    """Draw 0..9 of one font, uint8 (10, 28, 28)."""
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    figure = Figure(figsize=(10 * _CELL / 100, _CELL / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    for digit in range(10):
        figure.text(
            (digit + 0.5) / 10,
            0.5,
            str(digit),
            font=FontProperties(fname=path, size=80),
            ha="center",
            va="center_baseline",
            color="black",
        )
    canvas.draw()
    grey = 255.0 - np.asarray(canvas.buffer_rgba())[..., 0]
    return np.stack([centre_like_mnist(cell) for cell in np.split(grey, 10, axis=1)])

"""Digits drawn from Matplotlib's own fonts: a test from outside the handwritten data."""

import functools
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

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

_SIDE = 28
_BOX = 20  # MNIST scales a digit into 20 x 20 pixels, then centres its mass in 28 x 28
_CELL = 160  # pixels of one digit before it is made small


@functools.cache
def font_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (200, 28, 28) and labels uint8 (200,): 0..9 in 20 fonts, as in MNIST."""
    images = np.concatenate([_digits(font) for font in FONTS])
    labels = np.tile(np.arange(10, dtype=np.uint8), len(FONTS))
    for array in (images, labels):
        array.flags.writeable = False  # they are shared by all who ask
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
    return np.stack([_like_mnist(cell) for cell in np.split(grey, 10, axis=1)])


def _like_mnist(drawing):
    """Scale a drawing (0 = paper) into a box of 20 x 20 and put its centre of mass in the middle.

    Returns uint8 (28, 28). Source: the description of MNIST by LeCun, Cortes and Burges.
    """
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    drawing = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(drawing.shape)
    height, width = drawing.shape
    middle = _SIDE / 2
    mass = drawing.sum()
    row = (drawing.sum(axis=1) @ (np.arange(height) + 0.5)) / mass
    column = (drawing.sum(axis=0) @ (np.arange(width) + 0.5)) / mass
    down = _overlaps(height, scale, middle - row * scale)
    across = _overlaps(width, scale, middle - column * scale)
    return np.clip(down @ drawing @ across.T + 0.5, 0, 255).astype(np.uint8)


def _overlaps(length, scale, start):
    """How much of every large pixel covers every small one, (28, length)."""
    edges = start + scale * np.arange(length + 1)
    pixels = np.arange(_SIDE)[:, np.newaxis]
    return np.maximum(0, np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels))

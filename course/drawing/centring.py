"""Scale and centre a drawing as the digits of MNIST were scaled and centred."""

import numpy as np

from course.messages import _

SIDE = 28  # pixels of a digit, across and down
_BOX = 20  # the longer side of a digit's bounding box
_CENTRE = 14  # row and column of a digit's centre of mass, counted from 0


def centre_like_mnist(drawing) -> np.ndarray:
    """Scale a drawing (h, w), 0 = paper, to 20 x 20 pixels, with its centre of mass in the middle.

    The bounding box of the ink is scaled by averaging until its longer side is 20 pixels, then
    moved by whole pixels until the centre of mass is nearest to row 14 and column 14. So a digit of
    MNIST that was moved and enlarged by a whole factor comes back unchanged. Return uint8 (28, 28);
    raise ValueError if there is no ink. Source: the description of MNIST by LeCun, Cortes and
    Burges.
    """
    drawing = np.asarray(drawing, np.float64)
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError(_("There is no ink in the drawing; expected at least one dark pixel."))
    drawing = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(drawing.shape)
    down = _overlaps(drawing.sum(axis=1), scale)
    across = _overlaps(drawing.sum(axis=0), scale)
    return np.clip(down @ drawing @ across.T + 0.5, 0, 255).astype(np.uint8)


def _overlaps(masses, scale):
    """Return how much of each pixel of the digit each pixel of the drawing covers, (28, n)."""
    length = len(masses)
    centre = scale * (masses @ (np.arange(length) + 0.5)) / masses.sum()
    edges = round(_CENTRE + 0.5 - centre) + scale * np.arange(length + 1)
    pixels = np.arange(SIDE)[:, np.newaxis]
    return np.maximum(0, np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels))

"""A drawing made into a digit as MNIST has them: the size, and where it stands."""

import numpy as np

SIDE = 28
_BOX = 20  # the longer side of a digit's bounding box
_CENTRE = 14  # the number of the row and column, counted from 0, of a digit's centre of mass


def like_mnist(drawing) -> np.ndarray:
    """Scale a drawing (h, w), 0 = paper, into 20 x 20 pixels, and move its mass to the middle.

    The bounding box of the ink is scaled to 20 pixels on its longer side, by averaging, and then
    moved by whole pixels until the centre of mass is nearest to row 14 and column 14. A digit of
    MNIST, enlarged by whole pixels and moved, so comes back unchanged. Returns uint8 (28, 28); a
    ValueError says when there is no ink. Source: the description of MNIST by LeCun, Cortes and
    Burges.
    """
    drawing = np.asarray(drawing, np.float64)
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        from course.messages import _

        raise ValueError(_("There is no ink in the drawing; expected at least one dark pixel."))
    drawing = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(drawing.shape)
    down = _overlaps(drawing.sum(axis=1), scale)
    across = _overlaps(drawing.sum(axis=0), scale)
    return np.clip(down @ drawing @ across.T + 0.5, 0, 255).astype(np.uint8)


def _overlaps(masses, scale):
    """How much of every large pixel covers every small one, (28, n), once it stands right."""
    length = len(masses)
    centre = scale * (masses @ (np.arange(length) + 0.5)) / masses.sum()
    edges = round(_CENTRE + 0.5 - centre) + scale * np.arange(length + 1)
    pixels = np.arange(SIDE)[:, np.newaxis]
    return np.maximum(0, np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels))

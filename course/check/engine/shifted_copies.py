"""Read images back as copies of others that are moved by whole pixels, or as mixtures of these.

Where a layer moves an image by fractions of a pixel, it mixes up to four of the copies.
"""

import itertools

import numpy as np

_MAX_DIFFERENCE = 0.01  # of a copy's pixels, as a share of the largest one


class ShiftedCopies:
    """The copies of some images that are moved by whole pixels.

    `mode` says what comes in at the edge, as in numpy.pad; a number comes in itself.
    """

    def __init__(self, images: np.ndarray, farthest: int, mode: str | float = "constant"):
        """Take images (n, height, width, 1)."""
        setting: dict = {"mode": mode} if isinstance(mode, str) else {"constant_values": mode}
        pixels = np.pad(
            images[..., 0].astype(np.float64), [(0, 0), *[(farthest, farthest)] * 2], **setting
        )
        steps = range(-farthest, farthest + 1)
        self._steps = np.array(list(itertools.product(steps, steps)))
        height, width = images.shape[1:3]
        copies = [
            pixels[
                :,
                farthest - down : farthest - down + height,
                farthest - across : farthest - across + width,
            ].reshape(len(images), -1)
            for down, across in self._steps
        ]
        self._copies = np.stack(copies, axis=1)

    def found(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which image each of some is a copy of, how far it is moved, and if it is one."""
        pixels = _rows(x)
        every_copy = self._copies.reshape(-1, pixels.shape[1])
        distances = np.sum(every_copy**2, axis=1)[:, np.newaxis] - 2 * every_copy @ pixels.T
        nearest = np.argmin(distances, axis=0)
        differences = np.abs(every_copy[nearest] - pixels).max(axis=1)
        is_copy = differences < _MAX_DIFFERENCE * self._copies.max()
        return nearest // len(self._steps), self._steps[nearest % len(self._steps)], is_copy

    def are_mixed(self, x: np.ndarray) -> bool:
        """Return whether each of some images is a copy, or a mixture of copies, of one image."""
        pixels, (order, _shifts, _is_copy) = _rows(x), self.found(x)
        # The mixture of an image's copies that comes nearest: least squares, by normal equations.
        copies = self._copies[order]
        products = np.einsum("nkp,nlp->nkl", copies, copies)
        seen = np.einsum("nkp,np->nk", copies, pixels)
        shares = np.linalg.solve(products, seen[..., np.newaxis])[..., 0]
        rest = np.sum(pixels**2, axis=1) - np.sum(seen * shares, axis=1)
        is_mixed = (
            (rest < 1e-3 * np.sum(pixels**2, axis=1) + 1e-9)
            & (np.abs(shares.sum(axis=1) - 1) < 0.02)
            & (shares.min(axis=1) > -0.02)
        )
        return bool(is_mixed.all())


def _rows(x):
    """Images as rows of pixels."""
    return x.reshape(len(x), -1).astype(np.float64)

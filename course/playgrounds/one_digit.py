"""One digit to play with: the one that was given, or one of the embedded sample."""

import numpy as np

from course import digits
from course.messages import _
from course.playgrounds.playground import Unsuitable
from course.training.examples import SIDE, scale_pixels


def one_digit(image, otherwise: int) -> np.ndarray:
    """The image as numbers 0..1, (28, 28), or Unsuitable; without one, this test digit."""
    if image is None:
        image = digits.load("embedded").test.images[otherwise]
    image = np.asarray(image)
    if image.shape == (SIDE, SIDE, 1):
        image = image[..., 0]
    if image.shape != (SIDE, SIDE) or not np.issubdtype(image.dtype, np.number):
        message = _("The image has the shape {got}; expected one digit, (28, 28).")
        raise Unsuitable(message.format(got=image.shape))
    image = scale_pixels(image)
    if not np.isfinite(image).all():
        raise Unsuitable(_("The image has pixels that are NaN or infinite. Load it again."))
    return np.clip(image, 0, 1)

"""Check what a learner gives a playground; say calmly why it cannot be used."""

import numpy as np

from course import digits
from course.messages import _
from course.training.examples import SIDE, scale_pixels


class UnsuitableInput(ValueError):
    """What was given cannot be shown; the message calmly tells the learner why."""


def digit_image(image, otherwise: int) -> np.ndarray:
    """Return an image as numbers in 0..1, (28, 28); without one, this test digit of the sample.

    Raise UnsuitableInput for anything but one digit.
    """
    if image is None:
        image = digits.load("embedded").test.images[otherwise]
    image = np.asarray(image)
    if image.shape == (SIDE, SIDE, 1):
        image = image[..., 0]
    if image.shape != (SIDE, SIDE) or not np.issubdtype(image.dtype, np.number):
        message = _("The image has the shape {got}; expected one digit, (28, 28).")
        raise UnsuitableInput(message.format(got=image.shape))
    image = scale_pixels(image)
    if not np.isfinite(image).all():
        raise UnsuitableInput(_("The image has pixels that are NaN or infinite. Load it again."))
    return np.clip(image, 0, 1)

"""Check that arrays hold images and labels of digits, as MNIST has them."""

from collections.abc import Callable
from typing import NoReturn

import numpy as np

from course.digits.examples import DigitsError, Examples
from course.messages import _


def checked_examples(
    images: np.ndarray, labels: np.ndarray, images_name: str, labels_name: str, path: str
) -> Examples:
    """Return images (n, 28, 28), or in rows of 784, and labels (n,) as Examples.

    Raise DigitsError, with these names for the arrays and their file, where one of them is not as
    in MNIST.
    """

    def refuse(message: str, **values: object) -> NoReturn:
        raise DigitsError(
            message.format(path=path, images=images_name, labels=labels_name, **values)
        )

    images = _checked_images(images, refuse)
    _check_labels(labels, refuse)
    if len(images) != len(labels):
        refuse(
            _(
                "In {path}, {images} has {got:,} images but {labels} has {count:,} labels; "
                "expected one label per image. The two may come from different splits."
            ),
            got=len(images),
            count=len(labels),
        )
    if len(images) == 0:
        refuse(
            _("In {path}, {images} is empty; expected at least one image. Give another path."),
        )
    _check_view(images, labels, refuse)
    return Examples(images, labels.astype(np.uint8))


def _checked_images(images: np.ndarray, refuse: Callable[..., NoReturn]) -> np.ndarray:
    """Return the images as uint8 (n, 28, 28)."""
    if images.shape[1:] in ((784,), (28, 28, 1), (1, 28, 28)):
        images = images.reshape(-1, 28, 28)
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        refuse(
            _(
                "In {path}, {images} has the shape {got}; expected (n, 28, 28). "
                "Reshape the images, or give another path."
            ),
            got=images.shape,
        )
    if images.dtype.kind not in "iu":
        refuse(
            _(
                "In {path}, {images} has the type {got}; expected uint8, whole numbers from 0 to "
                "255. Convert the images before saving them."
            ),
            got=images.dtype,
        )
    if images.dtype != np.uint8:
        outside = images[(images < 0) | (images > 255)]
        if outside.size:
            refuse(
                _(
                    "In {path}, {images} holds the value {got}; expected whole numbers from 0, "
                    "paper, to 255, ink. Convert the images before saving them."
                ),
                got=outside[0],
            )
        images = images.astype(np.uint8)
    return images


def _check_labels(labels: np.ndarray, refuse: Callable[..., NoReturn]) -> None:
    if labels.ndim != 1:
        refuse(
            _(
                "In {path}, {labels} has the shape {got}; expected (n,), one number per image. "
                "If the labels are one-hot, save their argmax."
            ),
            got=labels.shape,
        )
    if labels.dtype.kind not in "iu":
        refuse(
            _(
                "In {path}, {labels} has the type {got}; expected whole numbers from 0 to 9. "
                "Convert the labels before saving them."
            ),
            got=labels.dtype,
        )
    outside = np.flatnonzero((labels < 0) | (labels > 9))
    if len(outside):
        refuse(
            _(
                "In {path}, {labels}[{index}] is {got}; expected labels from 0 to 9. "
                "Are these labels of digits?"
            ),
            index=outside[0],
            got=labels[outside[0]],
        )


def _check_view(images: np.ndarray, labels: np.ndarray, refuse: Callable[..., NoReturn]) -> None:
    """Refuse images that show digits differently from MNIST."""
    if _is_inverted(images):
        refuse(
            _(
                "In {path}, {images} shows dark digits on light paper: at its border the numbers "
                "are large. Expected 0 for paper and 255 for ink: save 255 - images."
            ),
        )
    if _is_transposed(images[labels == 1]):
        refuse(
            _(
                "In {path}, the ones in {images} lie on their side: rows and columns are "
                "exchanged. Save images.transpose(0, 2, 1)."
            ),
        )


def _is_inverted(images: np.ndarray) -> bool:
    """Whether nearly all that is at the border of the images is ink."""
    return bool(images[:, [0, -1]].mean() > 200)


def _is_transposed(ones: np.ndarray) -> bool:
    """Whether the digit 1 is far wider than it is high, on average."""
    place = np.arange(28)

    def spread(ink):
        centre = (ink * place).sum() / ink.sum()
        return (ink * (place - centre) ** 2).sum() / ink.sum()

    mean = ones.mean(axis=0) if len(ones) else np.zeros((28, 28))
    return bool(mean.any() and spread(mean.sum(axis=0)) > 1.5 * spread(mean.sum(axis=1)))

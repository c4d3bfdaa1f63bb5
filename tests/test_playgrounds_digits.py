"""The playgrounds with digits: what they compute, what they draw, and what they say calmly."""

import numpy as np
import pytest
from PIL import Image

from course import digits
from course.panels.centring import like_mnist


@pytest.fixture(scope="module")
def data():
    return digits.load("embedded")


# A drawing becomes a digit of MNIST ---------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 3, 10])
def test_a_digit_that_was_enlarged_and_moved_comes_back_as_it_was(data, times):
    for image in data.test.images[:50]:
        paper = np.zeros((400, 450))
        paper[90 : 90 + 28 * times, 17 : 17 + 28 * times] = np.kron(image, np.ones((times, times)))
        np.testing.assert_array_equal(like_mnist(paper), image)


def test_a_digit_that_was_enlarged_smoothly_comes_back_nearly_as_it_was(data):
    alike = []
    for image in data.test.images[:100]:
        large = Image.fromarray(image).resize((249, 249), Image.Resampling.BICUBIC)
        paper = np.zeros((300, 300))
        paper[40:289, 3:252] = large
        back = like_mnist(paper)
        # The soft edge may move the centre of mass over the middle between two pixels.
        moved = [np.roll(back, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        alike.append(max(np.corrcoef(copy.ravel(), image.ravel())[0, 1] for copy in moved))
    assert np.median(alike) > 0.95
    assert min(alike) > 0.85


def test_wide_and_narrow_drawings_keep_their_shape():
    for height, width in ((10, 200), (200, 10), (150, 150), (1, 1)):
        paper = np.zeros((300, 300))
        paper[5 : 5 + height, 7 : 7 + width] = 255
        image = like_mnist(paper)
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        longer = max(height, width)
        assert len(rows) == max(1, round(20 * height / longer))
        assert len(columns) == max(1, round(20 * width / longer))
        assert abs(rows.mean() - 14) <= 0.5
        assert abs(columns.mean() - 14) <= 0.5
        assert image.max() == 255


def test_a_drawing_without_ink_is_said():
    with pytest.raises(ValueError, match="no ink"):
        like_mnist(np.zeros((280, 280)))

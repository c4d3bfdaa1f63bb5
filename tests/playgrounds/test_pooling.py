"""The playground of pooling: its pooling is TensorFlow's, and a shift changes less after it."""

import numpy as np
import pytest

from course.backend import tf
from course.playgrounds import pooling
from course.playgrounds.feature_maps import feature_map


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("kind", ["MAX", "AVG"])
def test_pooling_is_tensorflows(size, kind):
    values = np.random.default_rng(0).normal(size=(28, 28))
    expected = tf.nn.pool(values[np.newaxis, ..., np.newaxis], [size] * 2, kind, [size] * 2)
    found = pooling.pool(values, size, pooling.MAXIMUM if kind == "MAX" else pooling.MEAN)
    np.testing.assert_allclose(found, expected[0, ..., 0])


def test_batch_norm_gives_the_chosen_mean_and_deviation():
    maps = np.random.default_rng(0).normal(3, 5, (4, 6, 6))
    done = pooling.normalise(maps, gamma=2, beta=-1)
    assert done.shape == maps.shape
    assert done.mean() == pytest.approx(-1)
    assert done.std() == pytest.approx(2, rel=1e-4)


def test_the_digit_moves_and_nothing_comes_back_at_the_other_side():
    image = np.arange(16.0).reshape(4, 4)
    moved = pooling.shifted(image, 1)
    np.testing.assert_array_equal(moved[:, 1:], image[:, :-1])
    assert not moved[:, 0].any()
    np.testing.assert_array_equal(pooling.shifted(image, 0), image)


def test_a_shift_matters_less_after_pooling(data):
    for image in data.test.images[:10] / 255:
        maps = [
            np.maximum(feature_map(pooling.shifted(image, right), pooling.EDGES), 0)
            for right in (0, 1)
        ]
        pooled = [pooling.pool(each, 4, pooling.MAXIMUM) for each in maps]
        assert pooling.changed(*pooled) < pooling.changed(*maps)
    assert pooling.changed(np.zeros(3), np.zeros(3)) == 0


def test_the_block_that_is_pointed_at_is_told(shown):
    opened = shown(pooling)
    opened.point("map", 14.5, 10.5)
    assert "row 5, column 7" in opened.alt
    opened.controls["column"].value = 13
    opened.controls["size"].value = 7
    assert "pooled map of 4 x 4" in opened.alt
    assert (opened.controls["row"].max, opened.controls["column"].value) == (3, 3)
    opened.point("pooled", 1.2, 2.9)
    assert "row 2, column 1" in opened.alt
    largest = opened.scene["pooled"].marks[0]["values"][2, 1]
    opened.controls["kind"].value = pooling.MEAN
    assert opened.scene["pooled"].marks[0]["values"][2, 1] < largest
    opened.controls["shift"].value = 2
    assert "moved by 2: after ReLU, the map changes by" in opened.alt


def test_what_is_not_one_digit_is_refused(shown):
    assert "(27, 28)" in shown(pooling, np.zeros((27, 28))).message

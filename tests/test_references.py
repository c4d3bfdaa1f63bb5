"""The course's own right answers, against those of SciPy and TensorFlow."""

import importlib

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from course import check
from course.check.references import lesson_01_softmax, lesson_03_multiple_layers
from course.check.references import lesson_06_convolution as convolution
from course.training import exponential_decay

# Of these nobody needs the answer later in the lesson.
WITHOUT = {"name_the_curve", "challenge", *(f"case_{number}" for number in range(1, 11))}


def test_each_exercise_has_one_of_its_name():
    for lesson, exercises in check.LESSONS.items():
        for exercise in set(exercises) - WITHOUT:
            references = importlib.import_module(f"course.check.references.{lesson}")
            assert getattr(references, exercise).__doc__


@pytest.mark.parametrize("shape", [(4, 3), (1, 10), (7,), (2, 3, 4)])
def test_softmax_runs_along_the_last_axis(shape):
    logits = np.random.default_rng(1).normal(0, 500, shape)
    expected = scipy.special.softmax(logits, axis=-1)
    np.testing.assert_allclose(lesson_01_softmax.softmax(logits), expected)
    expected = scipy.special.softmax(logits, axis=0)
    np.testing.assert_allclose(lesson_01_softmax.softmax(logits, axis=0), expected)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("size", "window"), [((8, 9), (3, 4)), ((5, 6), (5, 2)), ((7, 4), (1, 3))])
def test_windows_lie_where_tensorflow_lays_them(size, window, stride, padding):
    rng = np.random.default_rng(2)
    image, filters = rng.normal(size=(*size, 2)), rng.normal(size=(*window, 2, 3))
    expected = tf.nn.conv2d(image[None], filters, stride, padding.upper())[0]
    seen = convolution.windows(image, window, stride, padding)
    np.testing.assert_allclose(np.einsum("rcikl,klio->rco", seen, filters), expected)
    if padding == "same":
        np.testing.assert_allclose(convolution.convolve(image, filters, stride), expected)
    plane = convolution.windows(image[:, :, 0], window, stride, padding)
    np.testing.assert_allclose(plane, seen[:, :, 0])


def test_the_rate_decays_as_a_run_lets_it():
    schedule = exponential_decay(highest=0.5, lowest=0.1, decay=30)
    for step in (0, 1, 30, 100_000):
        rate = lesson_03_multiple_layers.learning_rate_at(step, 0.1, 0.5, 30)
        assert rate == schedule(step) == pytest.approx(0.1 + 0.4 * np.exp(-step / 30))

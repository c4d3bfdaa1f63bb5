"""How many exercises nobody can pass without TensorFlow or Keras: the course is about them.

An exercise counts if its check hands its answer one of their objects, or accepts nothing else as
its result: a model, a loss, a variable, a History, a data set.
"""

import functools
import math
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from autograder import demo
from course import check

ROOT = Path(__file__).parent.parent
LIBRARIES = ("keras", "tensorflow")

NEEDING = {
    "lesson_00_first_look": (),
    "lesson_01_softmax": (),
    "lesson_02_gradient_descent": ("assign_step", "tape_gradients"),
    "lesson_03_multiple_layers": ("loss_for", "build_five_layers", "compile_model", "fit_model"),
    "lesson_04_backpropagation": ("train_step", "input_gradients"),
    "lesson_05_overfitting_dropout": (
        "build_regularised",
        "fit_with_early_stopping",
        "compile_detector",
    ),
    "lesson_06_convolution": (
        "build_convnet",
        "feature_maps",
        "augmented",
        "frozen_base",
        "save_and_load",
    ),
    "lesson_07_clinic": ("overfit_one_batch",),
}
# Not tried here: the file of a Keras model, which takes minutes to train; and the patients, each of
# which is answered with two words.
BY_FILE = ("challenge",)
PATIENTS = tuple(f"case_{number}" for number in range(1, 11))


def is_theirs(value):
    """Whether this is an object of Keras or TensorFlow that NumPy has nothing like."""
    if isinstance(value, list | tuple):
        return any(is_theirs(part) for part in value)
    if isinstance(value, tf.Tensor):  # an array does as well
        return False
    return type(value).__module__.split(".")[0] in LIBRARIES


def recording(answer, seen):
    """The same answer; each call adds whether Keras's or TensorFlow's objects went in or out."""

    @functools.wraps(answer)
    def recorded(*given, **named):
        result = answer(*given, **named)
        seen.append(is_theirs([*given, *named.values(), result]))
        return result

    return recorded


@pytest.mark.sampled(rarer=8)
@pytest.mark.parametrize("lesson", NEEDING)
def test_these_exercises_cannot_be_passed_without_tensorflow_or_keras(lesson):
    folder = lesson.removeprefix("lesson_").replace("_", "-")
    (path,) = (ROOT / "source" / folder).glob("*.ipynb")
    names = {"np": np, "tf": tf, "keras": keras, "layers": keras.layers, "math": math}
    for text in demo.answers_of(nbformat.read(path, as_version=4)).values():
        exec(text, names)
    found = []
    for exercise in check.LESSONS[lesson]:
        if exercise not in BY_FILE + PATIENTS:
            seen = []
            getattr(check, exercise)(recording(names[exercise], seen))
            assert seen
            if all(seen):
                found.append(exercise)
    assert found == list(NEEDING[lesson])


def test_they_are_eighteen_at_least():
    assert set(NEEDING) == set(check.LESSONS)
    assert sum(map(len, NEEDING.values())) + len(BY_FILE) >= 18

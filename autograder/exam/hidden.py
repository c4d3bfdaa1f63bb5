"""What no student sees: the seeds of the examinations, and real digits for trying an answer."""

import inspect

import numpy as np

from course import check, digits
from course.check.engine.comparison import Case
from course.check.references.lesson_02_gradient_descent import one_hot

# Never in a released notebook: an answer that remembers the visible inputs (seed 0) fails on these.
# Seed 0 is that of the check itself, which runs before the examination in each test cell.
SEEDS = (20_417, 61_283)
TRAINING_SEEDS = (0, 4_021, 7_717)  # of whole runs, on which the clinic's treatments were tried


def on_hidden_seeds(exercise: str, answer) -> None:
    """Run the visible check of an exercise on hidden numbers as well."""
    for seed in SEEDS:
        getattr(check, exercise)(answer, seed)


def hidden_rng() -> np.random.Generator:
    """A random generator that no visible check uses."""
    return np.random.default_rng(SEEDS[0])


def digits_of(split: str, count: int | None = None):
    """Real digits of "train", "validation" or "test": images uint8 (n, 28, 28), labels (n,)."""
    images, labels = getattr(digits.load("embedded"), split)
    return images[:count], labels[:count]


def rows_of(images) -> np.ndarray:
    """Images as rows of pixels, float64 (n, 784) in 0..1."""
    return images.reshape(len(images), -1) / 255


def examination(exercise: str):
    """The examination of an exercise: its check on hidden seeds, then on real digits, if any."""
    visible = getattr(check, exercise)

    def examine(answer):
        on_hidden_seeds(exercise, answer)
        if exercise in _REAL_DIGITS:
            inspect.unwrap(visible).check_cases(answer, [_REAL_DIGITS[exercise]()])

    examine.__name__ = examine.__qualname__ = exercise
    examine.__doc__ = visible.__doc__
    return examine


# Cases of real digits -----------------------------------------------------------------------------


def _prepare_images():
    images, _labels = digits_of("test", 50)
    return Case({"images": images}, "prepare_images must prepare real digits too.")


def _accuracy():
    _images, labels = digits_of("test")
    probabilities = hidden_rng().dirichlet(np.ones(10), len(labels)).astype(np.float32)
    given = {"probabilities": probabilities, "labels": labels}
    return Case(given, "accuracy must be right for 1,000 real labels too.")


def _one_hot():
    _images, labels = digits_of("train", 500)
    return Case({"labels": labels}, "one_hot must be right for real labels too.")


def _two_layer_gradients():
    images, labels = digits_of("train", 50)
    rng = hidden_rng()
    parameters = {
        "W1": rng.normal(0, 0.05, (784, 30)),
        "b1": np.full(30, 0.1),
        "W2": rng.normal(0, 0.3, (30, 10)),
        "b2": np.zeros(10),
    }
    T = one_hot(labels).astype(np.float64)
    given = {"parameters": parameters, "X": rows_of(images), "T": T}
    return Case(given, "two_layer_gradients must be right for real digits too.")


def _convolve():
    images, _labels = digits_of("test", 1)
    image = images[0, :, :, np.newaxis].astype(np.float32) / 255
    filters = hidden_rng().normal(size=(5, 5, 1, 2)).astype(np.float32)
    given = {"image": image, "filters": filters, "stride": 2}
    return Case(given, "convolve must be right for a real digit too.")


_REAL_DIGITS = {
    "prepare_images": _prepare_images,
    "accuracy": _accuracy,
    "one_hot": _one_hot,
    "two_layer_gradients": _two_layer_gradients,
    "convolve": _convolve,
}

"""The examinations of lesson 3: the visible checks, on other numbers, and on real digits."""

import numpy as np

from course import check, digits
from course.check.attempt import Attempt
from course.check.lesson_03_multiple_layers import REFERENCES

# Never in a released notebook: an answer that remembers the visible inputs fails on these.
_SEEDS = (0, 20_417, 61_283)


def _on_all_seeds(visible, answer):
    for seed in _SEEDS:
        visible(answer, seed)


def _real_digits(count):
    """So many real digits as X float64 (n, 784), and their labels int64 (n,)."""
    images, labels = (part[:count] for part in digits.load("embedded").train)
    return images.reshape(count, -1) / 255, labels.astype(np.int64)


def sigmoid_and_slope(answer):
    """x of any shape -> (value, slope), both in the shape of x, finite at ±1000."""
    _on_all_seeds(check.sigmoid_and_slope, answer)


def cross_entropy_from_logits(answer):
    """logits (n, k), integer labels (n,) -> the mean cross-entropy, a number."""
    _on_all_seeds(check.cross_entropy_from_logits, answer)


def initial_weights(answer):
    """fan_in, fan_out, rng -> (fan_in, fan_out) random numbers of mean 0 and variance 2/fan_in."""
    _on_all_seeds(check.initial_weights, answer)


def two_layer_gradients(answer):
    """dict W1, b1, W2, b2, X (n, d), one-hot T (n, k) -> dict of gradients of the mean loss."""
    _on_all_seeds(check.two_layer_gradients, answer)
    X, labels = _real_digits(50)
    rng = np.random.default_rng(_SEEDS[1])
    parameters = {
        "W1": rng.normal(0, 0.05, (784, 30)),
        "b1": np.full(30, 0.1),
        "W2": rng.normal(0, 0.3, (30, 10)),
        "b2": np.zeros(10),
    }
    result = Attempt(answer, "two_layer_gradients(parameters, X, T)").call(
        parameters=parameters, X=X, T=np.eye(10)[labels]
    )
    expected = REFERENCES["two_layer_gradients"](parameters, X, np.eye(10)[labels])
    for name, entry in result.entries(*expected).items():
        entry.equals(
            expected[name],
            f"two_layer_gradients: {name} must be right for real digits too.",
            slack=1e-6,
        )


def learning_rate_at(answer):
    """step -> lowest + (highest - lowest) · exp(-step / decay)."""
    _on_all_seeds(check.learning_rate_at, answer)


def build_five_layers(answer):
    """Nothing -> a Keras model, digits in and ten numbers out, with 185,300 parameters."""
    check.build_five_layers(answer, _SEEDS[1])

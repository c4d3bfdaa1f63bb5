"""The examinations of lesson 3: the visible checks, on other numbers, and on real digits."""

import numpy as np

from autograder.exam.hidden import (
    SEEDS,
    digits_of,
    examination,
    hidden_rng,
    on_all_seeds,
    rows_of,
)
from course import check
from course.check.engine.attempt import Attempt
from course.check.references import lesson_03_multiple_layers as reference
from course.check.references.lesson_02_gradient_descent import one_hot

sigmoid_and_slope = examination("sigmoid_and_slope")
cross_entropy_from_logits = examination("cross_entropy_from_logits")
initial_weights = examination("initial_weights")
learning_rate_at = examination("learning_rate_at")


def two_layer_gradients(answer):
    """dict W1, b1, W2, b2, X (n, d), one-hot T (n, k) -> dict of gradients of the mean loss."""
    on_all_seeds("two_layer_gradients", answer)
    images, labels = digits_of("train", 50)
    X, T = rows_of(images), one_hot(labels).astype(np.float64)
    rng = hidden_rng()
    parameters = {
        "W1": rng.normal(0, 0.05, (784, 30)),
        "b1": np.full(30, 0.1),
        "W2": rng.normal(0, 0.3, (30, 10)),
        "b2": np.zeros(10),
    }
    attempt = Attempt(answer, "two_layer_gradients(parameters, X, T)")
    result = attempt.call(parameters=parameters, X=X, T=T)
    expected = reference.two_layer_gradients(parameters, X, T)
    for name, entry in result.entries(*expected).items():
        entry.equals(
            expected[name],
            f"two_layer_gradients: {name} must be right for real digits too.",
            slack=1e-6,
        )


def build_five_layers(answer):
    """Nothing -> a Keras model, digits in and ten numbers out, with 185,300 parameters."""
    check.build_five_layers(answer, SEEDS[1])

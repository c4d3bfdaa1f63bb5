"""The examinations of lesson 1: the visible checks, on other numbers, and on real digits."""

import numpy as np

from course import check, digits
from course.check.attempt import Attempt
from course.check.lesson_01_softmax import REFERENCES

# Never in a released notebook: an answer that remembers the visible inputs fails on these.
_SEEDS = (0, 20_417, 61_283)


def _on_all_seeds(visible, answer):
    for seed in _SEEDS:
        visible(answer, seed)


def _real_digits():
    return digits.load("embedded").test


def prepare_images(answer):
    """uint8 (n, 28, 28) -> float (n, 784) in 0..1, row by row."""
    _on_all_seeds(check.prepare_images, answer)
    images = _real_digits().images[:50]
    result = Attempt(answer, "prepare_images(images)").call(images=images)
    expected = REFERENCES["prepare_images"](images)
    result.equals(expected, "prepare_images must prepare real digits too.", kind="fraction")


def weighted_sums(answer):
    """X (n, d), W (d, k), b (k,) -> (n, k)."""
    _on_all_seeds(check.weighted_sums, answer)


def softmax(answer):
    """logits (n, k) -> probabilities (n, k), finite for logits of ±1e4."""
    _on_all_seeds(check.softmax, answer)


def accuracy(answer):
    """probabilities (n, k), labels (n,) -> the share of right answers."""
    _on_all_seeds(check.accuracy, answer)
    labels = _real_digits().labels
    rng = np.random.default_rng(_SEEDS[1])
    probabilities = rng.dirichlet(np.ones(10), len(labels)).astype(np.float32)
    attempt = Attempt(answer, "accuracy(probabilities, labels)")
    result = attempt.call(probabilities=probabilities, labels=labels)
    expected = REFERENCES["accuracy"](probabilities, labels)
    result.equals(expected, "accuracy must be right for 1,000 real labels too.")


def wrong_first(answer):
    """labels (n,), predictions (n,) -> a permutation of 0..n-1, wrong ones first."""
    _on_all_seeds(check.wrong_first, answer)

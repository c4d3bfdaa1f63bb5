"""The examinations of lesson 1: the visible checks, on other numbers, and on real digits."""

import numpy as np

from autograder.exam.hidden import digits_of, examination, hidden_rng, on_all_seeds
from course.check.engine.attempt import Attempt
from course.check.references import lesson_01_softmax as reference

weighted_sums = examination("weighted_sums")
softmax = examination("softmax")
wrong_first = examination("wrong_first")


def prepare_images(answer):
    """uint8 (n, 28, 28) -> float (n, 784) in 0..1, row by row."""
    on_all_seeds("prepare_images", answer)
    images, _labels = digits_of("test", 50)
    result = Attempt(answer, "prepare_images(images)").call(images=images)
    expected = reference.prepare_images(images)
    result.equals(expected, "prepare_images must prepare real digits too.", kind="fraction")


def accuracy(answer):
    """probabilities (n, k), labels (n,) -> the share of right answers."""
    on_all_seeds("accuracy", answer)
    _images, labels = digits_of("test")
    probabilities = hidden_rng().dirichlet(np.ones(10), len(labels)).astype(np.float32)
    attempt = Attempt(answer, "accuracy(probabilities, labels)")
    result = attempt.call(probabilities=probabilities, labels=labels)
    expected = reference.accuracy(probabilities, labels)
    result.equals(expected, "accuracy must be right for 1,000 real labels too.")

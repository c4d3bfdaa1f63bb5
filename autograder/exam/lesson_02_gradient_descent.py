"""The examination of train: the visible check on other numbers, and real digits in sorted order."""

import numpy as np

from autograder.exam.hidden import digits_of, hidden_rng, on_hidden_seeds, rows_of
from autograder.messages import _
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax


def train(answer):
    """Examples, start, rate, batch size, epochs, rng -> (W, b) after all those steps."""
    on_hidden_seeds("train", answer)
    images, labels = digits_of("train", 600)
    order = np.argsort(labels, kind="stable")  # sorted digits are hard without shuffling
    X, T = rows_of(images[order]).astype(np.float32), reference.one_hot(labels[order])
    W, b = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
    settings = {"learning_rate": 0.5, "batch_size": 50, "epochs": 3}
    result = Attempt(answer, "train(X, T, W, b, learning_rate, batch_size, epochs, rng)").call(
        X=X, T=T, W=W, b=b, **settings, rng=hidden_rng()
    )
    W, b = result.parts("W", "b")
    W, b = W.array((784, 10), _("the trained weights")), b.array((10,), _("the trained biases"))
    loss = reference.cross_entropy(softmax(X @ W + b), T)
    if not loss < 0.9:
        result.fail(
            _("train must learn from real digits that are sorted by their labels."),
            expected=_("a loss below 0.9 after three epochs"),
            got=f"{loss:.3f}",
            hint=hint("sorted-digits", _("a new order in each epoch mixes the classes.")),
        )

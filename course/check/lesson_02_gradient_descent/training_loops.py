"""Training loops made of parts: with other parts than the right ones, each is a mistake."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax


@dataclass(frozen=True)
class Step:
    """What a step may look at.

    X, T   its mini-batch, of n examples in all
    path   each (W, b) until now, from the start on
    """

    X: np.ndarray
    T: np.ndarray
    n: int
    rate: float
    batch_size: int
    epochs: int
    path: list[tuple]

    @property
    def W(self):
        """The weights before the step."""
        return self.path[-1][0]

    @property
    def b(self):
        """The biases before the step."""
        return self.path[-1][1]

    @property
    def examples(self):
        """The number of examples in the mini-batch."""
        return len(self.X)

    @property
    def number(self):
        """How many steps came before."""
        return len(self.path) - 1

    @property
    def steps_per_epoch(self):
        """How many steps an epoch has."""
        return -(-self.n // self.batch_size)

    @property
    def epoch(self):
        """How many epochs came before."""
        return self.number // self.steps_per_epoch

    def slopes(self, W: np.ndarray, b: np.ndarray) -> tuple:
        """Return the gradients of its mini-batch at another place."""
        return reference.softmax_gradients(self.X, self.T, W, b)

    def along(self, error_of: Callable) -> tuple:
        """Return the gradients if the mean of error_of(Y, T) goes back from the logits."""
        error = error_of(softmax(self.X @ self.W + self.b), self.T) / self.examples
        return self.X.T @ error, error.sum(axis=0)


def loop(
    *,
    batches: Callable = reference.minibatches,
    move: Callable = lambda dW, db, step: (dW, db),
    epochs: Callable = lambda epochs: epochs,
    start: Callable = lambda W, b: (W, b),
    result: Callable = lambda path: path[-1],
) -> Callable:
    """Return an answer to train; the rate multiplies `move`, of the gradients and a Step."""

    def train(X: Any, T: Any, W: Any, b: Any, rate: Any, batch_size: Any, asked: Any, rng: Any):
        path = [start(W, b)]
        for _epoch in range(epochs(asked)):
            for part in batches(X, T, batch_size, rng):
                step = Step(*part, len(X), rate, batch_size, asked, path)
                slopes = reference.softmax_gradients(*part, step.W, step.b)
                moved = move(*slopes, step)
                path.append((step.W - rate * moved[0], step.b - rate * moved[1]))
        return result(path)

    return train


def with_batches(change: Callable) -> Callable:
    """Return a loop over change(the list of mini-batches)."""
    return loop(batches=lambda *given: change(list(reference.minibatches(*given))))


def moved_by(move: Callable) -> Callable:
    """Return a loop whose steps go by move(dW, db)."""
    return loop(move=lambda dW, db, step: move(dW, db))


def with_error(error_of: Callable) -> Callable:
    """Return a loop in which error_of(Y, T) goes back from the logits."""
    return loop(move=lambda dW, db, step: step.along(error_of))


def with_rate(rate_of: Callable) -> Callable:
    """Return a loop in which a step has another learning rate: rate_of(step)."""

    def move(dW, db, step):
        factor = rate_of(step) / step.rate
        return factor * dW, factor * db

    return loop(move=move)


def with_momentum(kept: float, kept_at_end: float = 1.0) -> Callable:
    """Return a loop that keeps a share of the last step, and less of it after an epoch's end."""

    def move(dW, db, step):
        if not step.number:
            return dW, db
        share = kept * (1.0 if step.number % step.steps_per_epoch else kept_at_end)
        last = [(old - new) / step.rate for old, new in zip(*step.path[-2:], strict=True)]
        return dW + share * last[0], db + share * last[1]

    return loop(move=move)


def with_weight_decay(of_W: float, of_b: float) -> Callable:
    """Return a loop in which each step makes W and b smaller, by these shares of the rate."""
    return loop(move=lambda dW, db, step: (dW + of_W * step.W, db + of_b * step.b))


def clipped(max_norm: float) -> Callable:
    """Return a loop whose gradients together are shortened to this norm."""

    def move(dW, db, step):
        factor = min(1, max_norm / np.sqrt(np.sum(dW**2) + np.sum(db**2) + 1e-12))
        return factor * dW, factor * db

    return loop(move=move)


def names_taken(X: Any, T: Any, W: Any, b: Any, *settings: Any) -> tuple:
    """Train in a loop that calls the parts X and T as well: then the last of them are left."""
    rate, batch_size, epochs, rng = settings
    for _epoch in range(epochs):
        for part in list(reference.minibatches(X, T, batch_size, rng)):
            X, T = part
            dW, db = reference.softmax_gradients(X, T, W, b)
            W, b = W - rate * dW, b - rate * db
    return W, b


def best_kept(X: Any, T: Any, W: Any, b: Any, *settings: Any) -> tuple:
    """Train as asked, and give the W and b with the smallest loss of all."""

    def loss(point):
        return reference.cross_entropy(softmax(X @ point[0] + point[1]), T)

    return min(loop(result=lambda path: path[1:])(X, T, W, b, *settings), key=loss)


# Mini-batches of other kinds --------------------------------------------------------------------


def full_batches(X: Any, y: Any, batch_size: Any, rng: Any) -> list:
    """Return the full mini-batches only; all are equal, since in those cases all examples are."""
    return [(X[:batch_size], y[:batch_size])] * (len(X) // batch_size)


def batches_of_labels(X: Any, T: Any, batch_size: Any, rng: Any) -> Any:
    """Return mini-batches with labels in place of one-hot targets."""
    return reference.minibatches(X, T.argmax(axis=1), batch_size, rng)


def batches_of_size(size: int) -> Callable:
    """Return what makes mini-batches of this many examples, whatever batch_size is."""
    return lambda X, y, batch_size, rng: reference.minibatches(X, y, size, rng)

"""One look at a run: everything that a picture needs, copied while the training may go on."""

from typing import NamedTuple

import numpy as np

ALARM = 100  # weights, biases and activations beyond this mean trouble


class Lines(NamedTuple):
    """A curve at one moment: steps, loss and accuracy, each (n,)."""

    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray


class Spread(NamedTuple):
    """Percentile bands at one moment: steps (n,) and edges (n, 8)."""

    steps: np.ndarray
    edges: np.ndarray

    @property
    def alarm(self) -> bool:
        """Whether the latest values pass 100 in either direction."""
        return len(self.steps) > 0 and bool(np.abs(self.edges[-1]).max() > ALARM)


class Digits(NamedTuple):
    """Images, labels and, where there are any yet, predictions."""

    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray | None

    @property
    def mistakes(self) -> int | None:
        """How many predictions are wrong; None before there are any."""
        if self.predictions is None:
            return None
        return int(np.count_nonzero(self.predictions != self.labels))


class Look(NamedTuple):
    """A run at one moment."""

    name: str
    state: str
    steps: int
    epoch: float
    learning_rate: float
    batch_size: int
    diverged_at: int | None
    training: Lines
    test: Lines
    validation: Lines
    weights: Spread
    biases: Spread  # or the largest activations
    shows_activations: bool
    changes: tuple
    batch: Digits
    tested: Digits
    best_test_accuracy: float | None


def look(run) -> Look:
    """Copy what a picture shows; safe while another thread trains or resets the run."""
    history = run.history  # a reset replaces it as a whole
    shows_activations = bool(getattr(run, "shows_activations", False))
    network = getattr(run, "network", None)
    return Look(
        name=str(getattr(network, "name", None) or type(network).__name__),
        state=run.state,
        steps=run.steps,
        epoch=run.epoch,
        learning_rate=run.learning_rate,
        batch_size=run.batch_size,
        diverged_at=getattr(run, "diverged_at", None),
        training=lines(history.training),
        test=lines(history.test),
        validation=lines(history.validation),
        weights=Spread(*_together(history.weights, "steps", "edges")),
        biases=Spread(
            *_together(
                history.activations if shows_activations else history.biases, "steps", "edges"
            )
        ),
        shows_activations=shows_activations,
        changes=tuple(history.changes),
        batch=_batch(run),
        tested=_tested(run),
        best_test_accuracy=history.best_test_accuracy,
    )


def lines(curve) -> Lines:
    """Copy a curve."""
    return Lines(*_together(curve, "steps", "loss", "accuracy"))


def _together(table, *names):
    """Read columns of a growing table that belong together: again, if it grew meanwhile."""
    for _attempt in range(3):
        steps = table.steps
        columns = [steps if name == "steps" else getattr(table, name) for name in names]
        if table.steps is steps:
            break
    rows = min(map(len, columns))
    return [np.asarray(column)[:rows] for column in columns]


def _batch(run):
    for _attempt in range(3):
        images, labels, predictions = run.batch
        if len(images) == len(labels) == len(predictions):
            return Digits(images, labels, predictions)
    # A batch of another size came in between: what was predicted is not known for these.
    return Digits(images, labels, None)


def _tested(run):
    images, labels = run.data["test"]
    return Digits(images, labels, run.test_predictions)

"""A run at one moment, as plain arrays: all that a view, a picture or a description needs."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from course.training import Bands, Change, Curve, Run
from course.training.history import History
from course.training.run import State

CURVES = ("training", "validation", "test")  # in the order of every legend
ALARM_LIMIT = 100  # weights, biases and activations beyond this mean trouble


class CurvePoints(NamedTuple):
    """A curve at one moment: steps, loss, and accuracy in 0..1, each (n,)."""

    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray


class BandEdges(NamedTuple):
    """Percentile bands at one moment: steps (n,), and the eight edges at each step (n, 8)."""

    steps: np.ndarray
    edges: np.ndarray

    @property
    def alarm(self) -> bool:
        """Whether the latest values are beyond 100 in either direction."""
        return len(self.steps) > 0 and bool(np.abs(self.edges[-1]).max() > ALARM_LIMIT)


class PredictedDigits(NamedTuple):
    """Images (n, 28, 28), labels (n,), and predictions (n,) or None as long as there are none."""

    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray | None

    @property
    def mistakes(self) -> int | None:
        """How many predictions are wrong; None as long as there are none."""
        if self.predictions is None:
            return None
        return int(np.count_nonzero(self.predictions != self.labels))


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment; what it holds does not change while the training goes on."""

    name: str
    state: State
    steps: int
    total_steps: int | None
    epoch: float
    steps_per_second: float | None
    learning_rate: float
    follows_schedule: bool  # whether the learning rate changes by itself
    batch_size: int  # 0 if it is not known
    diverged_at: int | None
    loss_is_cross_entropy: bool
    best_test_accuracy: float | None
    training: CurvePoints
    test: CurvePoints
    validation: CurvePoints
    weights: BandEdges
    biases: BandEdges
    activations: BandEdges
    shows_activations: bool  # in place of the biases
    changes: tuple[Change, ...]
    batch: PredictedDigits
    test_digits: PredictedDigits
    shows_settings: bool = True  # whether a view tells the learning rate and the batch size
    batch_is_before_divergence: bool = False  # whether the run diverged in the step that used it

    @property
    def biases_or_activations(self) -> BandEdges:
        """What the panel beside the weights shows."""
        return self.activations if self.shows_activations else self.biases

    @classmethod
    def of(cls, run: Run) -> Self:
        """Take a snapshot, safely while another thread trains or resets the run."""
        told = of_history(run.history)  # a reset replaces the history as a whole
        if not run.shows_settings:
            told["changes"] = ()
        return cls(
            name=run.name,
            state=run.state,
            steps=run.steps,
            total_steps=run.total_steps,
            epoch=run.epoch,
            steps_per_second=run.steps_per_second,
            learning_rate=run.learning_rate,
            follows_schedule=run.schedule is not None,
            batch_size=run.batch_size,
            diverged_at=run.diverged_at,
            loss_is_cross_entropy=run.loss_is_cross_entropy,
            **told,
            shows_activations=run.shows_activations,
            batch=_batch(run),
            test_digits=PredictedDigits(*run.data["test"], run.test_predictions),
            shows_settings=run.shows_settings,
            batch_is_before_divergence=run.diverged_at is not None,
        )


def of_history(history: History) -> dict[str, Any]:
    """Read those fields of a snapshot that a history holds, by their names."""
    return {
        "best_test_accuracy": history.best_test_accuracy,
        "training": curve_points(history.training),
        "test": curve_points(history.test),
        "validation": curve_points(history.validation),
        "weights": band_edges(history.weights),
        "biases": band_edges(history.biases),
        "activations": band_edges(history.activations),
        "changes": tuple(history.changes),
    }


def curve_points(curve: Curve) -> CurvePoints:
    """Read a curve as it is now."""
    return CurvePoints(*_read_columns(curve, "steps", "loss", "accuracy"))


def band_edges(bands: Bands) -> BandEdges:
    """Read percentile bands as they are now."""
    return BandEdges(*_read_columns(bands, "steps", "edges"))


def _read_columns(table: Any, *names: str) -> list[np.ndarray]:
    """Read matching columns of a growing table; try again if it has grown meanwhile."""
    for _attempt in range(3):
        steps = table.steps
        columns = [steps if name == "steps" else getattr(table, name) for name in names]
        if table.steps is steps:
            break
    rows = min(map(len, columns))
    return [np.asarray(column)[:rows] for column in columns]


def _batch(run: Run) -> PredictedDigits:
    for _attempt in range(3):
        images, labels, predictions = run.batch
        if len(images) == len(labels) == len(predictions):
            return PredictedDigits(images, labels, predictions)
    # A batch of another size came in between: the predictions do not belong to these images.
    return PredictedDigits(images, labels, None)

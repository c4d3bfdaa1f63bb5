"""The interface between a run and a learner, whatever kind of network it trains."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from course.training.examples import Split


class StepReport(NamedTuple):
    """What happened in some steps: how many were done, and what their mini-batches showed."""

    steps: int
    diverged: bool  # whether the last step left something that is not finite
    losses: np.ndarray  # (steps,)
    accuracies: np.ndarray  # (steps,)
    predictions: np.ndarray  # of the last mini-batch, before its step
    error: BaseException | None = None  # raised after these steps, for the run to pass on


class EvaluationReport(NamedTuple):
    """What a network makes of a split: mean loss, accuracy in 0..1, predicted digits (n,)."""

    loss: float
    accuracy: float
    predictions: np.ndarray


GoesOn = Callable[[], bool]


def always() -> bool:
    """Go on, whatever happens."""
    return True


class Learner(Protocol):
    """Trains one network on one set of training digits."""

    network: Any

    @property
    def schedule(self) -> Callable[[int], Any] | None:
        """The learning-rate schedule that the optimiser came with, if it has one."""

    @property
    def own_rate(self) -> float | None:
        """The learning rate that the optimiser came with, if there is an optimiser."""

    @property
    def loss_is_cross_entropy(self) -> bool:
        """Whether the loss is the cross-entropy, under whatever name."""

    @property
    def shows_activations(self) -> bool:
        """Whether `activations` returns anything."""

    @property
    def traces(self) -> int:
        """How often TensorFlow traced a graph; 0 where there is none."""

    def warm_up(self, split: Split) -> None:
        """Compile what has to be compiled, so that the first step is as quick as the others."""

    def train(self, indices: np.ndarray, offsets: np.ndarray, rates: np.ndarray) -> StepReport:
        """Do one step for each rate (n,), and stop after one that leaves something not finite.

        The mini-batch of step i is `indices[offsets[i]:offsets[i + 1]]`.
        """

    def evaluate(self, split: Split, goes_on: GoesOn = always) -> EvaluationReport | None:
        """Evaluate a split in parts; return None if `goes_on()` is false before one of them."""

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return the digits (n,) that the network takes these images (n, 28, 28) for."""

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return what the network gives for these images (n, 28, 28): probabilities or logits."""

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return what multiplies (kernels, filters) and what is added (biases, offsets)."""

    def activations(self, images: np.ndarray) -> list[np.ndarray]:
        """Return each hidden neuron's largest output over these images, one array per layer."""

    def reset(self, seed: list[int], same_weights: bool) -> None:
        """Go back to the first weights or draw new ones, and forget the optimiser's memory."""


def are_probabilities(outputs: np.ndarray) -> bool:
    """Return whether outputs (n, 10) are probabilities, not logits: no negatives, row sums of 1."""
    sums = outputs.sum(axis=1)
    return bool((outputs >= 0).all() and np.allclose(sums, 1, atol=1e-3))

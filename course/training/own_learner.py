"""Train a learner's own object: anything with predict(images) and step(images, labels, rate)."""

import contextlib
import copy
import sys
from typing import Any

import numpy as np

from course.messages import _
from course.training.examples import CLASSES, Split, scale_pixels
from course.training.learner import (
    EvaluationReport,
    GoesOn,
    StepReport,
    always,
    are_probabilities,
)

_MIN_PROBABILITY = 1e-7  # a true class with probability 0 costs 16, not infinity, as in Keras
_EVALUATED_AT_ONCE = 250  # few enough for a changed setting not to wait long for the end of them
_TRIED_ON = 20  # digits


class OwnLearner:
    """An object with two methods, written in NumPy or TensorFlow, and its training digits.

    `predict(images)` takes float32 (n, 28, 28) in 0..1 and returns probabilities or logits (n, 10);
    `step(images, labels, learning_rate)` takes the integer labels (n,) as well and changes the
    object's own weights. A method `reset(seed)`, if there is one, starts the object over.
    """

    schedule = None
    own_rate = None
    shows_activations = False
    loss_is_cross_entropy = True
    traces = 0

    def __init__(self, network: Any, train: Split):
        self.network = network
        self._train_split = train
        first = self._outputs(train.scaled(slice(_TRIED_ON)))
        if not np.isfinite(first).all():
            message = _(
                "predict(images) gives values that are NaN or infinite before the first step; "
                "expected finite numbers. Check the starting weights."
            )
            raise ValueError(message)
        self._gives_probabilities = are_probabilities(first)
        self._first_outputs = first
        self._start: dict[str, Any] | None = None
        with contextlib.suppress(Exception):  # a lock, an open file: it can only reset itself
            self._start = copy.deepcopy(vars(network))

    def warm_up(self, split: Split) -> None:
        """Do nothing: there is nothing to compile."""

    def train(self, indices: np.ndarray, offsets: np.ndarray, rates: np.ndarray) -> StepReport:
        """Do one step for each rate (n,), and stop after one that leaves something not finite."""
        losses: list[float] = []
        accuracies: list[float] = []
        predictions = np.zeros(0, np.int64)
        diverged, error = False, None
        for i, rate in enumerate(rates):
            chosen = indices[offsets[i] : offsets[i + 1]]
            images = self._train_split.scaled(chosen)
            labels = self._train_split.labels[chosen]
            try:
                outputs = self._outputs(images)
                # If not, the step before broke weights that cannot be seen from here.
                diverged = not np.isfinite(outputs).all()
                if diverged:
                    break
                self.network.step(images, labels, float(rate))
            except BaseException as raised:  # the steps before it count; the run raises it
                error = raised
                break
            predictions = outputs.argmax(axis=1)
            losses.append(self._loss(outputs, labels))
            accuracies.append(float(np.mean(predictions == labels)))
            diverged = not all(np.isfinite(array).all() for array in self._arrays())
            if diverged:
                break
        return StepReport(
            len(losses), diverged, np.array(losses), np.array(accuracies), predictions, error
        )

    def evaluate(self, split: Split, goes_on: GoesOn = always) -> EvaluationReport | None:
        """Evaluate a split in parts; return None if `goes_on()` is false before one of them."""
        parts = []
        for start in range(0, split.size, _EVALUATED_AT_ONCE):
            if not goes_on():
                return None
            parts.append(self._outputs(split.scaled(slice(start, start + _EVALUATED_AT_ONCE))))
        outputs = np.concatenate(parts)
        predictions = outputs.argmax(axis=1)
        accuracy = float(np.mean(predictions == split.labels))
        return EvaluationReport(self._loss(outputs, split.labels), accuracy, predictions)

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the arrays found in the object: those of two axes or more, and those of one."""
        arrays = [np.asarray(array) for array in self._arrays()]
        return [a for a in arrays if a.ndim >= 2], [a for a in arrays if a.ndim == 1]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return the digits (n,) that the network takes these images (n, 28, 28) for."""
        return self.outputs(images).argmax(axis=1)

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return what the network gives for these images (n, 28, 28): probabilities or logits."""
        return self._outputs(scale_pixels(images))

    def activations(self, images: np.ndarray) -> list[np.ndarray]:
        """Return nothing: what happens inside the object is unknown."""
        return []

    def reset(self, seed: list[int], same_weights: bool) -> None:
        """Go back to the first weights, or shuffle them, which is as good as a new draw."""
        if callable(getattr(self.network, "reset", None)):
            new_seed = int(np.random.default_rng(seed).integers(2**31))
            self.network.reset(0 if same_weights else new_seed)
            return
        if self._start is not None:
            vars(self.network).clear()
            vars(self.network).update(copy.deepcopy(self._start))
        restored = self._outputs(self._train_split.scaled(slice(_TRIED_ON)))
        if self._start is None or not np.allclose(restored, self._first_outputs, atol=1e-4):
            message = _(
                "{name} cannot be reset, because its weights are not among its attributes. "
                "Keep them there (self.W = ...), or give it a method reset(seed)."
            )
            raise ValueError(message.format(name=type(self.network).__name__))
        if not same_weights:
            rng = np.random.default_rng(seed)
            for array in self._arrays():
                values = np.asarray(array)
                drawn = rng.permuted(values.ravel()).reshape(values.shape)
                array.assign(drawn) if hasattr(array, "assign") else np.copyto(array, drawn)

    def _outputs(self, images: np.ndarray) -> np.ndarray:
        outputs = np.asarray(self.network.predict(images))
        if outputs.shape != (len(images), CLASSES) or not np.issubdtype(outputs.dtype, np.number):
            message = _(
                "predict(images) gave {got} for {count} images; expected numbers of the shape "
                "{expected}, one row of ten probabilities or logits for each image."
            )
            got = f"{outputs.dtype} {outputs.shape}"
            expected = (len(images), CLASSES)
            raise ValueError(message.format(got=got, count=len(images), expected=expected))
        return outputs.astype(float)

    def _loss(self, outputs: np.ndarray, labels: np.ndarray) -> float:
        of_truth = outputs[np.arange(len(labels)), labels]
        if self._gives_probabilities:
            return float(-np.log(np.clip(of_truth, _MIN_PROBABILITY, 1)).mean())
        highest = outputs.max(axis=1)
        total = np.log(np.exp(outputs - highest[:, np.newaxis]).sum(axis=1)) + highest
        return float((total - of_truth).mean())

    def _arrays(self) -> list[Any]:
        """Return the object's arrays and variables, those in its dicts and lists included."""
        values = list(getattr(self.network, "__dict__", {}).values())
        for value in list(values):
            if isinstance(value, dict):
                values.extend(value.values())
            elif isinstance(value, list | tuple):
                values.extend(value)
        tensorflow = sys.modules.get("tensorflow")  # imported only if the learner uses it
        kinds = (np.ndarray, tensorflow.Variable) if tensorflow else (np.ndarray,)
        found = [value for value in values if isinstance(value, kinds)]
        found = [a for a in found if np.issubdtype(np.asarray(a).dtype, np.floating)]
        return list({id(array): array for array in found}.values())

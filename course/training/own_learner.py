"""Trains a learner's own object: anything with predict(images) and step(images, labels, rate)."""

import copy
import sys

import numpy as np

from course.messages import _
from course.training.examples import CLASSES, Split, scaled
from course.training.outcome import Outcome, are_probabilities

_TINY = 1e-7  # a probability of 0 for the truth costs 16, not infinitely much, as in Keras
_EVALUATED_AT_ONCE = 1000


class OwnLearner:
    """An object with two functions, written in NumPy or TensorFlow, over one set of digits.

    `predict(images)` takes float32 (n, 28, 28) in 0..1 and returns probabilities or logits (n, 10);
    `step(images, labels, learning_rate)` takes the integer labels (n,) as well and changes the
    object's own weights. With `reset(seed)` it can say itself how it starts anew.
    """

    schedule = None
    own_rate = None
    shows_activations = False

    def __init__(self, network, train: Split):
        self.network = network
        self._train_split = train
        first = self._predict(train.scaled(slice(20)))
        if not np.isfinite(first).all():
            message = _(
                "predict(images) gives values that are NaN or infinite before the first step; "
                "expected finite numbers. Check the starting weights."
            )
            raise ValueError(message)
        self._probabilities = are_probabilities(first)
        self._first = first
        try:
            self._start = copy.deepcopy(vars(network))
        except Exception:  # a lock, an open file: such an object can only reset itself
            self._start = None

    def warm_up(self, split: Split):
        """Do nothing: there is nothing to compile."""

    def train(self, indices, offsets, rates) -> Outcome:
        """Do one step for every rate; stop after the step that leaves something not finite."""
        losses, accuracies, predictions = [], [], np.zeros(0, np.int64)
        diverged, error = False, None
        for i, rate in enumerate(rates):
            chosen = indices[offsets[i] : offsets[i + 1]]
            images = self._train_split.scaled(chosen)
            labels = self._train_split.labels[chosen]
            try:
                outputs = self._predict(images)
                # Otherwise broken by the step before, in weights that cannot be seen from here.
                diverged = not np.isfinite(outputs).all()
                if diverged:
                    break
                self.network.step(images, labels, float(rate))
            except BaseException as raised:  # the steps before it count: Run passes it on
                error = raised
                break
            predictions = outputs.argmax(axis=1)
            losses.append(self._loss(outputs, labels))
            accuracies.append(np.mean(predictions == labels))
            diverged = not all(np.isfinite(array).all() for array in self._arrays())
            if diverged:
                break
        return Outcome(
            len(losses), diverged, np.array(losses), np.array(accuracies), predictions, error
        )

    def evaluate(self, split: Split) -> tuple[float, float, np.ndarray]:
        """Return the mean loss, the accuracy and the predicted digits (n,) of a whole split."""
        parts = [
            self._predict(split.scaled(slice(start, start + _EVALUATED_AT_ONCE)))
            for start in range(0, len(split), _EVALUATED_AT_ONCE)
        ]
        outputs = np.concatenate(parts)
        predictions = outputs.argmax(axis=1)
        accuracy = float(np.mean(predictions == split.labels))
        return self._loss(outputs, split.labels), accuracy, predictions

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the arrays found in the object: with two axes and more, and with one."""
        arrays = [np.asarray(array) for array in self._arrays()]
        return [a for a in arrays if a.ndim >= 2], [a for a in arrays if a.ndim == 1]

    def predictions(self, images) -> np.ndarray:
        """Return the digits (n,) that these images are taken for."""
        return self._predict(scaled(images)).argmax(axis=1)

    def activations(self, images) -> list[np.ndarray]:
        """Return nothing: the inside of an own object is unknown."""
        return []

    def reset(self, seed, same_weights: bool):
        """Go back to the weights of the start, or shuffle them, which is as good as a new draw."""
        if callable(getattr(self.network, "reset", None)):
            drawn = int(np.random.default_rng(seed).integers(2**31))
            self.network.reset(0 if same_weights else drawn)
            return
        if self._start is not None:
            vars(self.network).clear()
            vars(self.network).update(copy.deepcopy(self._start))
        restored = self._predict(self._train_split.scaled(slice(20)))
        if self._start is None or not np.allclose(restored, self._first, atol=1e-4):
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

    def _predict(self, images):
        outputs = self.network.predict(images)
        outputs = np.asarray(outputs)
        if outputs.shape != (len(images), CLASSES) or not np.issubdtype(outputs.dtype, np.number):
            message = _(
                "predict(images) gave {got} for {count} images; expected numbers of the shape "
                "{expected}, one row of ten probabilities or logits for each image."
            )
            got = f"{outputs.dtype} {outputs.shape}"
            expected = (len(images), CLASSES)
            raise ValueError(message.format(got=got, count=len(images), expected=expected))
        return outputs.astype(float)

    def _loss(self, outputs, labels):
        of_truth = outputs[np.arange(len(labels)), labels]
        if self._probabilities:
            return float(-np.log(np.clip(of_truth, _TINY, 1)).mean())
        highest = outputs.max(axis=1)
        total = np.log(np.exp(outputs - highest[:, np.newaxis]).sum(axis=1)) + highest
        return float((total - of_truth).mean())

    def _arrays(self):
        """Return the object's arrays and variables: among its attributes, in dicts and lists."""
        values = list(getattr(self.network, "__dict__", {}).values())
        for value in list(values):
            if isinstance(value, dict):
                values.extend(value.values())
            elif isinstance(value, (list, tuple)):
                values.extend(value)
        tensorflow = sys.modules.get("tensorflow")  # only a learner who uses it has imported it
        kinds = (np.ndarray, tensorflow.Variable) if tensorflow else (np.ndarray,)
        found = [value for value in values if isinstance(value, kinds)]
        found = [a for a in found if np.issubdtype(np.asarray(a).dtype, np.floating)]
        return list({id(array): array for array in found}.values())

"""What a model makes of the callback's examples: classes, probabilities, loss and accuracy."""

import math
from typing import Any, NamedTuple

import numpy as np

from course.backend import tf
from course.live.examples import LiveData, fit_to
from course.messages import _
from course.training.keras_model import loss_of
from course.training.learner import are_probabilities

_FEW = 100  # examples, enough for the largest activations


class TestResult(NamedTuple):
    """Of the test examples: mean loss (NaN if it is unknown), accuracy 0..1, and classes (n,)."""

    __test__ = False  # not a test, although pytest would think so by its name

    loss: float
    accuracy: float
    answers: np.ndarray


class Evaluation:
    """Evaluates one model; `reason` says why that is impossible, and is empty where it is not."""

    def __init__(self, model: Any, data: LiveData):
        self._model = model
        self._test, self._sample = data
        self._loss = None
        try:
            self._inputs = fit_to(data.test.inputs, model)
            if data.sample is not None:
                self._sample_inputs = fit_to(data.sample.inputs, model)
            outputs = self._outputs(self._inputs[:1])
        except Exception as error:  # whatever a model does with inputs that it does not take
            message = _("The model did not take the examples that Live was given: {error}")
            self.reason = message.format(error=str(error).split("\n")[0])
            return
        self.reason = _reason_against(outputs, int(data.test.labels.max()))

    def test(self) -> TestResult:
        """Evaluate all test examples."""
        outputs = self._outputs(self._inputs)
        answers = _answers(outputs)
        return TestResult(
            self._mean_loss(outputs), float(np.mean(answers == self._test.labels)), answers
        )

    def sample_answers(self) -> np.ndarray:
        """Return the classes (n,) that the model takes the sample of training examples for."""
        return _answers(self._outputs(self._sample_inputs))

    def probabilities(self, panel: str, index: int) -> np.ndarray:
        """Return the probability of each class for one example on show."""
        inputs = self._sample_inputs if panel == "training digits" else self._inputs
        outputs = self._outputs(inputs[index : index + 1])
        if outputs.shape[1] == 1:
            share = outputs[0, 0] if _is_share(outputs) else tf.sigmoid(outputs[0, 0])
            return np.array([1 - share, share])
        return outputs[0] if are_probabilities(outputs) else np.asarray(tf.nn.softmax(outputs[0]))

    def largest_activations(self, hidden: Any) -> list[np.ndarray]:
        """Return each hidden neuron's largest output over the test examples, for each layer.

        `hidden` is a model of what the activations put out, by the name of the layer.
        """
        outputs = hidden(tf.convert_to_tensor(self._inputs[:_FEW]), training=False)
        values = (np.asarray(value) for value in outputs.values())
        return [value.max(axis=tuple(range(value.ndim - 1))) for value in values]

    def _outputs(self, inputs: np.ndarray) -> Any:
        outputs = self._model(tf.convert_to_tensor(inputs), training=False)
        return outputs if isinstance(outputs, list | tuple | dict) else np.asarray(outputs)

    def _mean_loss(self, outputs: np.ndarray) -> float:
        """Return the model's own loss, its targets in the form that it takes; NaN if it fails."""
        try:
            if self._loss is None:
                self._loss = loss_of(self._model, None, outputs)
            loss, one_hot = self._loss
            targets = self._test.labels
            if outputs.shape[1] == 1:
                targets = targets[:, np.newaxis].astype(np.float32)
            elif one_hot:
                targets = np.eye(outputs.shape[1], dtype=np.float32)[targets]
            return float(np.mean(loss(targets, outputs)))
        except Exception:  # a loss of the learner's own, with targets that only fit knows
            return math.nan


def _reason_against(outputs: Any, highest: int) -> str:
    """Say why a model with such outputs (1, k) cannot be shown with its examples, if it cannot."""
    if isinstance(outputs, list | tuple | dict):
        message = _("The model has {count} outputs; Live shows the examples of models with one.")
        return message.format(count=len(outputs))
    if outputs.ndim != 2:
        message = _(
            "The model gives outputs of the shape {got} for each example; Live shows the examples "
            "of models that give one number for each class."
        )
        return message.format(got=outputs.shape[1:])
    classes = max(2, outputs.shape[1])
    if highest >= classes:
        message = _("There are labels up to {highest}, and the model knows {classes} classes.")
        return message.format(highest=highest, classes=classes)
    return ""


def _answers(outputs: np.ndarray) -> np.ndarray:
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > (0.5 if _is_share(outputs) else 0)).astype(np.int64)
    return outputs.argmax(axis=1)


def _is_share(outputs: np.ndarray) -> bool:
    return bool((outputs >= 0).all() and (outputs <= 1).all())

"""A model's results on the callback's examples: classes, probabilities, loss and accuracy."""

import math
from typing import Any, NamedTuple

import numpy as np

from course.backend import tf
from course.live.examples import LiveData, fit_to
from course.messages import _
from course.training.keras_model import loss_of
from course.training.learner import are_probabilities

_FEW = 100  # examples, enough for the largest activations
_BATCH = 32  # examples, as many as Keras evaluates at once


class TestResult(NamedTuple):
    """The mean loss of the test examples (NaN if unknown), accuracy 0..1, and classes (n,).

    `sample_answers` are the classes of the training examples on show, (0,) if there are none.
    """

    __test__ = False  # not a test, although pytest would think so by its name

    loss: float
    accuracy: float
    answers: np.ndarray
    sample_answers: np.ndarray


class Evaluation:
    """The evaluation of one model; `reason` says why it is impossible, and is empty otherwise."""

    def __init__(self, model: Any, data: LiveData):
        self._model = model
        self._labels = data.test.labels
        self._loss = None
        self._is_logit = False  # what a model of two classes gives as its only output
        self.adds_losses = False  # such as weight decay
        parts = [data.test] if data.sample is None else [data.test, data.sample]
        others = [part.labels for part in parts if not part.have_classes]
        if others:
            message = _(
                "The labels, such as {got}, are not classes, which are whole numbers from 0 on: no "
                "answer is right or wrong."
            )
            first = np.array2string(others[0][0], precision=3, suppress_small=True)
            self.reason = message.format(got=first)
            return
        count = len(getattr(model, "inputs", None) or [None])
        if count > 1:
            message = _("The model has {count} inputs; Live shows the examples of models with one.")
            self.reason = message.format(count=count)
            return
        try:
            inputs = [fit_to(part.inputs, model) for part in parts]
            self._inputs = np.concatenate(inputs)  # one call of the model for all is quicker
            outputs = self._outputs(self._inputs[:1])
        except Exception as error:  # whatever a model does with inputs that it does not take
            message = _("The model did not accept the examples that Live was given: {error}")
            self.reason = message.format(error=str(error).split("\n")[0])
            return
        self.adds_losses = bool(model.losses)
        self.reason = _reason_against(outputs, int(self._labels.max()))

    def test(self) -> TestResult:
        """Evaluate all examples."""
        outputs = self._outputs(self._inputs)
        count = len(self._labels)
        loss = self._mean_loss(outputs[:count])
        answers = self._answers(outputs)
        accuracy = float(np.mean(answers[:count] == self._labels))
        return TestResult(loss, accuracy, answers[:count], answers[count:])

    def probabilities(self, panel: str, index: int) -> np.ndarray:
        """Return the probability of each class for one example on show."""
        if panel == "training digits":
            index += len(self._labels)
        outputs = self._outputs(self._inputs[index : index + 1])
        if outputs.shape[1] == 1:
            share = tf.sigmoid(outputs[0, 0]) if self._is_logit else outputs[0, 0].clip(0, 1)
            return np.array([1 - share, share])
        return outputs[0] if are_probabilities(outputs) else np.asarray(tf.nn.softmax(outputs[0]))

    def largest_activations(self, hidden: Any) -> list[np.ndarray]:
        """Return each hidden neuron's largest output over the test examples, for each layer.

        `hidden` is a model whose outputs are those of the activations, by the name of the layer.
        """
        outputs = hidden(tf.convert_to_tensor(self._inputs[:_FEW]), training=False)
        values = (np.asarray(value) for value in outputs.values())
        return [value.max(axis=tuple(range(value.ndim - 1))) for value in values]

    def _outputs(self, inputs: np.ndarray) -> Any:
        outputs = self._model(tf.convert_to_tensor(inputs), training=False)
        if isinstance(outputs, list | tuple | dict):
            return outputs
        return np.asarray(outputs, np.float32)  # half precision is too coarse for sums

    def _mean_loss(self, outputs: np.ndarray) -> float:
        """Return the model's own loss, its targets in the form that it takes; NaN if it fails."""
        if self._model.loss is None:  # only the learner's `train_step` knows it
            return math.nan
        try:
            if self._loss is None:
                self._loss = loss_of(self._model, None, outputs)
            loss, one_hot = self._loss
            targets = self._labels
            if outputs.shape[1] == 1:
                targets = targets[:, np.newaxis].astype(np.float32)
            elif one_hot:
                targets = np.eye(outputs.shape[1], dtype=np.float32)[targets]
            return float(np.mean(loss(targets, outputs))) + self._penalty()
        except Exception:  # a custom loss, with targets that only fit knows
            return math.nan

    def _penalty(self) -> float:
        """Return what the model adds to its loss, which `fit` reports with it."""
        if not self.adds_losses:
            return 0.0
        self._outputs(self._inputs[:_BATCH])  # a penalty on activations grows with the mini-batch
        return float(sum(np.sum(loss) for loss in self._model.losses))

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        if outputs.shape[1] > 1:
            return outputs.argmax(axis=1)
        # A loss may tell whether it takes logits. If not, an output beyond 0..1 has shown it.
        tells = getattr(self._loss and self._loss[0], "from_logits", None)
        is_beyond = bool(((outputs < 0) | (outputs > 1)).any())
        self._is_logit = (self._is_logit or is_beyond) if tells is None else tells
        return (outputs[:, 0] > (0 if self._is_logit else 0.5)).astype(np.int64)


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
    if outputs.shape[1] == 1 and highest > 1:
        message = _(
            "The model gives one number for each example, and the labels go up to {highest}: it "
            "does not choose between classes."
        )
        return message.format(highest=highest)
    classes = max(2, outputs.shape[1])
    if highest >= classes:
        message = _("There are labels up to {highest}, and the model knows {classes} classes.")
        return message.format(highest=highest, classes=classes)
    return ""

"""The examples that the callback evaluates and shows: any images or vectors, shaped for a model."""

from typing import Any, NamedTuple

import numpy as np

from course.backend import keras
from course.messages import _
from course.panels.thinning import spread_evenly
from course.training.examples import SIDE
from course.training.keras_model import all_layers
from course.training.learner import are_probabilities

MAX_SAMPLE = 100  # training examples that are shown
MAX_TEST = 1_000  # test examples that are evaluated and shown: more would slow the training down
_MAX_NUMBERS = 10_000_000  # in the inputs that are evaluated at once: more would fill the memory
_MAX_SIDE = 64  # pixels of a picture that is sent to the page


class ShownExamples(NamedTuple):
    """Inputs (n, …) as they were given, and labels (n,), chosen from `count` examples.

    The labels are int64 if they are classes, and float64 (n, …) if they are other numbers.
    """

    inputs: np.ndarray
    labels: np.ndarray
    count: int

    @property
    def have_classes(self) -> bool:
        """Whether the labels are classes, so that an answer is right or wrong."""
        return self.labels.dtype == np.int64

    def pictures(self) -> np.ndarray | None:
        """Return the inputs as uint8 (n, h, w) or (n, h, w, 3), or None if they are not images."""
        inputs = self.inputs
        if inputs.ndim == 2 and inputs.shape[1] == SIDE * SIDE:
            inputs = inputs.reshape(-1, SIDE, SIDE)
        if inputs.ndim == 4 and inputs.shape[3] == 1:
            inputs = inputs[..., 0]
        if not (inputs.ndim == 3 or (inputs.ndim == 4 and inputs.shape[3] == 3)):
            return None
        every = -(-max(inputs.shape[1:3]) // _MAX_SIDE)
        inputs = inputs[:, ::every, ::every]
        if inputs.dtype == np.uint8:
            return inputs
        low, high = float(inputs.min()), float(inputs.max())
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        return (255 * (inputs - low) / ((high - low) or 1)).astype(np.uint8)


class LiveData(NamedTuple):
    """The test examples, and a fixed sample of the training examples if there are any."""

    test: ShownExamples
    sample: ShownExamples | None


def read_examples(data: Any) -> LiveData:
    """Return what `Live` was given, checked.

    `data` is what `course.digits.load()` returns, or one pair (inputs, labels) to test on, or
    (train, test) or (train, validation, test) as such pairs. Raise ValueError for anything else.
    """
    if hasattr(data, "test") and hasattr(data, "train"):
        train, test = data.train, data.test
    else:
        parts = list(data) if isinstance(data, tuple | list) else []
        if len(parts) == 2 and not _is_pair(parts[0]):
            train, test = None, parts
        elif len(parts) in (2, 3) and all(map(_is_pair, parts)):
            train, test = parts[0], parts[-1]
        else:
            message = _(
                "Live was given a value of type {got}; expected digits with train and test, or a "
                "pair of arrays (inputs, labels) to test on. Give what course.digits.load() "
                "returns."
            )
            raise ValueError(message.format(got=type(data).__name__))
    sample = None if train is None else _checked(train, MAX_SAMPLE)
    return LiveData(_checked(test, MAX_TEST), sample)


def _is_pair(part: Any) -> bool:
    return isinstance(part, tuple | list) and len(part) == 2 and all(map(_is_array, part))


def _is_array(part: Any) -> bool:
    return np.ndim(part) > 0


def _checked(pair: Any, most: int) -> ShownExamples:
    inputs, labels = (np.asarray(part) for part in pair)
    if inputs.ndim < 2 or not inputs.size:
        message = _(
            "The inputs given to Live have the shape {got}; expected (n, …), one example in each "
            "row, and at least one. Give the arrays that you give to fit."
        )
        raise ValueError(message.format(got=inputs.shape))
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.dtype == bool:
        labels = labels.astype(np.int64)
    if labels.ndim not in (1, 2) or len(labels) != len(inputs):
        message = _(
            "The labels given to Live have the shape {got}; expected ({count},), one for each "
            "input, or ({count}, k) for one-hot labels."
        )
        raise ValueError(message.format(got=labels.shape, count=len(inputs)))
    if not np.issubdtype(labels.dtype, np.number):
        message = _(
            "The labels given to Live are {dtype}, such as {got}; expected numbers. Classes are "
            "whole numbers from 0 on."
        )
        raise ValueError(message.format(dtype=labels.dtype, got=labels[0]))
    kind = np.int64 if _are_classes(labels) else np.float64
    if labels.ndim == 2 and kind is np.int64:
        labels = labels.argmax(axis=1)
    most = min(most, max(1, _MAX_NUMBERS // inputs[0].size))
    chosen = spread_evenly(len(inputs), most)  # they may be sorted by class
    return ShownExamples(inputs[chosen], labels[chosen].astype(kind), len(inputs))


def _are_classes(labels: np.ndarray) -> bool:
    """Return whether labels are whole numbers from 0 on, or one-hot, be it smoothed."""
    if labels.ndim == 2:
        return are_probabilities(labels)
    return bool((labels == labels.round()).all() and labels.min() >= 0)


def fit_to(inputs: np.ndarray, model: Any) -> np.ndarray:
    """Return inputs in the shape that this model takes, with pixels as numbers in 0..1.

    Pixels that are whole numbers (uint8) are divided by 255, as everywhere in the course, unless
    the model scales its inputs itself, or looks them up as words. Raise ValueError for inputs that
    do not fit the model.
    """
    shape = _input_shape(model)
    if shape is not None and None not in shape and inputs.shape[1:] != shape:
        if np.prod(inputs.shape[1:]) != np.prod(shape):
            message = _(
                "Live was given inputs of the shape {got}, and the model takes {expected}. Give it "
                "the arrays that you give to fit."
            )
            raise ValueError(message.format(got=inputs.shape[1:], expected=shape))
        inputs = inputs.reshape(len(inputs), *shape)
    if inputs.dtype == np.uint8 and not _takes_whole_numbers(inputs, model):
        return inputs.astype(np.float32) / 255
    return inputs


def _input_shape(model: Any) -> tuple[int | None, ...] | None:
    """Return the shape of one input, or None where a model does not declare it."""
    if getattr(model, "inputs", None):
        shape = model.input_shape
    else:
        shape = (model.get_build_config() or {}).get("input_shape")
    is_one = isinstance(shape, tuple | list) and all(isinstance(n, int | None) for n in shape)
    return tuple(shape[1:]) if is_one else None


def _takes_whole_numbers(inputs: np.ndarray, model: Any) -> bool:
    """Return whether a model scales pixels itself, or takes vectors of numbers of words."""
    layers = keras.layers
    kinds = [layers.Rescaling, layers.Normalization]
    if inputs.ndim == 2:  # a network for images may have an embedding too, of places
        kinds.append(layers.Embedding)
    return any(isinstance(layer, tuple(kinds)) for layer in all_layers(model))

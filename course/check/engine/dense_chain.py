"""A model that is a chain of dense layers, asked with weights that are made up for a question.

Whatever it is built of, it gives its outputs for the weights that it is given. `known_weights` of
`networks` puts its own back afterwards.
"""

import functools
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.silence import silence

_SUMS = np.array([-6.0, -4.0, -2.5, -1.0, -0.3, 0.3, 1.0, 2.5, 4.0, 6.0])
_NONE: Mapping = {}


class DenseChain:
    """A model, the shape of the images that it takes, and its widths: inputs, neurons by layer.

    Layers are numbered from 1 on.
    """

    def __init__(self, model: Any, shape: tuple, widths: tuple):
        """Take a model that is built."""
        self.model, self.widths, self._shape = model, widths, shape

    def __call__(self, X: np.ndarray, training: bool = False) -> np.ndarray:
        """What it gives for the rows of X."""
        images = X.reshape(len(X), *self._shape).astype(np.float32)
        with silence():
            return np.asarray(self.model(images, training=training), np.float64)

    @functools.cached_property
    def start(self) -> list[np.ndarray]:
        """The weights that it came with, in Keras's order."""
        with silence():
            return [np.array(value) for value in self.model.get_weights()]

    @functools.cached_property
    def places(self) -> tuple[list[int], list[int]] | None:
        """Where each layer's kernel and biases stand among the weights; None if one is missing."""
        kernels, biases = [], []
        for inputs, units in itertools.pairwise(self.widths):
            of_shape = [sorted(value.shape) == [units, inputs] for value in self.start]
            of_size = [value.size == units for value in self.start]
            if of_shape.count(True) != 1 or of_size.count(True) != 1:
                return None
            kernels.append(of_shape.index(True))
            biases.append(of_size.index(True))
        return (kernels, biases) if len(self.start) == 2 * len(kernels) else None

    @property
    def hidden(self) -> range:
        """The numbers of its hidden layers."""
        return range(1, len(self.widths) - 1)

    def kernel(self, number: int) -> np.ndarray:
        """Return the kernel that a layer came with."""
        return self.start[self._places(0)[number - 1]]

    def ask(self, X: np.ndarray, kernels: Mapping = _NONE, biases: Mapping = _NONE) -> np.ndarray:
        """Return the outputs for X with these kernels and biases, by layer; all others are 0."""
        weights = [np.zeros_like(value) for value in self.start]
        for number, kernel in kernels.items():
            place = self._places(0)[number - 1]
            is_turned = weights[place].shape != kernel.shape  # in a layer of one's own
            weights[place] = (kernel.T if is_turned else kernel).astype(weights[place].dtype)
        for number, values in biases.items():
            weights[self._places(1)[number - 1]][...] = values.reshape(
                weights[self._places(1)[number - 1]].shape
            )
        self.model.set_weights(weights)
        return self(X)

    def ending(self, sums: np.ndarray, examples: int = 3) -> np.ndarray:
        """Return the outputs for some examples with these sums in the last layer."""
        X = np.zeros((examples, self.widths[0]))
        return self.ask(X, biases={len(self.widths) - 1: sums})

    def has_neurons_apart(self, number: int) -> bool:
        """Return whether hidden neurons do not depend on the sums of their neighbours."""
        levels = np.linspace(0, 1, 5)
        X = np.zeros((len(levels), self.widths[0]))
        X[:, 0] = levels
        for more in (20.0, 0.3):
            kernels, biases = self._onwards(number, 1, calm=0.6, first=20.0, more=more)
            for earlier in range(1, number):
                kernels[earlier] = self._diagonal(earlier, 1)
                biases[earlier] = np.full(self.widths[earlier], 0.3)
            kernels[number] = np.zeros((self.widths[number - 1], self.widths[number]))
            kernels[number][0, 1:] = -4.0
            biases[number] = np.full(self.widths[number], 0.5)
            Y = self.ask(X, kernels, biases)
            heard = Y[:, 0] - Y[:, 1]
            if np.ptp(heard) > 1e-6 * max(1.0, np.abs(heard).max()):
                return False
        return True

    def bends(self, number: int) -> bool | None:
        """Return whether a hidden neuron makes more of its sum than a straight line.

        None if its sums do not reach the outputs.
        """
        # Sums at which the usual activations are open, not saturated: each kind has its own.
        for calm, more in ((0.6, 0.3), (0.6, 1.0), (0.0, 1.0), (0.0, 2.0), (-1.0, 0.3)):
            kernels, biases = self._onwards(number, len(_SUMS), calm, first=0.001, more=more)
            biases[number] = np.zeros(self.widths[number])
            biases[number][: len(_SUMS)] = _SUMS
            answers = self.ask(np.zeros((1, self.widths[0])), kernels, biases)[0]
            answers = answers - answers.mean()
            if not np.isfinite(answers).all() or np.ptp(answers) < 4e-6:
                continue
            line = np.polyval(np.polyfit(_SUMS, answers, 1), _SUMS)
            return bool(np.abs(answers - line).max() > 0.01 * np.ptp(answers))
        return None

    def _places(self, kind):
        assert self.places is not None, "a layer is missing"
        return self.places[kind]

    def _diagonal(self, number, size, value=1.0):
        """A kernel of this layer that hands the first neurons on to the first neurons."""
        kernel = np.zeros((self.widths[number - 1], self.widths[number]))
        kernel[np.arange(size), np.arange(size)] = value
        return kernel

    def _onwards(self, number, size, calm, first, more):
        """Kernels and biases that carry small changes behind this layer on to the outputs."""
        last = len(self.widths) - 1
        kernels = {
            later: self._diagonal(later, size, first if later == number + 1 else more)
            for later in range(number + 1, last + 1)
        }
        return kernels, {
            later: np.full(self.widths[later], calm) for later in range(number + 1, last)
        }

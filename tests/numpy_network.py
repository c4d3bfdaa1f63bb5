"""A network of one's own, as the tests train it: softmax regression in NumPy."""

import numpy as np


class NumpySoftmax:
    """The learner's own single layer, as lesson 2 ends with it."""

    name = "line"

    def __init__(self):
        self.W = np.zeros((784, 10))
        self.b = np.zeros(10)

    def predict(self, images):
        """Return probabilities (n, 10)."""
        logits = images.reshape(-1, 784) @ self.W + self.b
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def step(self, images, labels, learning_rate):
        """Take a step of gradient descent."""
        error = (self.predict(images) - np.eye(10)[labels]) / len(images)
        self.W -= learning_rate * images.reshape(-1, 784).T @ error
        self.b -= learning_rate * error.sum(axis=0)

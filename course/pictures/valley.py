"""The valley of lesson 2: the loss over two weights of a softmax layer, all others held fixed."""

import numpy as np
import scipy.special


class Valley:
    """The loss over two weights of one neuron, all others held fixed.

    `X` (n, 784) in 0..1, `labels` (n,), `W` (784, 10) and `b` (10,). The two weights lead from the
    `pixels` to the neuron of `digit`.
    """

    def __init__(self, X, labels, W, b, pixels, digit):
        X, W, b = (np.asarray(part, np.float64) for part in (X, W, b))
        self.pixels, self.digit = list(pixels), digit
        self.start = W[self.pixels, digit]
        logits = X @ W + b
        self.truth = np.asarray(labels) == digit
        of_truth = logits[np.arange(len(X)), labels]
        self.fixed = of_truth * ~self.truth  # of the other digits' own neurons
        self.inks = X[:, self.pixels]
        self.own = logits[:, digit] - self.inks @ self.start
        self.others = scipy.special.logsumexp(np.delete(logits, digit, axis=1), axis=1)

    def loss(self, weights):
        """Return the mean cross-entropy for pairs of weights (…, 2), in nats."""
        own = self.own + np.asarray(weights) @ self.inks.T
        truth = np.where(self.truth, own, self.fixed)
        return (np.logaddexp(own, self.others) - truth).mean(axis=-1)

    def gradient(self, weights):
        """Return the gradient of the loss with respect to the two weights, (2,)."""
        own = self.own + self.inks @ weights
        return (scipy.special.expit(own - self.others) - self.truth) @ self.inks / len(self.own)

    def lowest(self):
        """Return the two weights with the smallest loss, (2,)."""
        import scipy.optimize  # imported late, as it takes long and only drawing needs it

        return scipy.optimize.minimize(self.loss, self.start, jac=self.gradient).x

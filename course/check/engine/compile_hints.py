"""Hints on what a model is compiled with: the loss, the optimiser, the metrics."""

from course.check.engine.hints import Hint, hint
from course.messages import _


def from_logits() -> Hint:
    """Return the hint for a cross-entropy that is not told that it gets logits."""
    return hint(
        "from-logits",
        _(
            "the model ends in logits, and this loss takes them for probabilities: make an object "
            "of the loss, with from_logits=True."
        ),
    )


def layer_added() -> Hint:
    """Return the hint for a model that got a further layer, or an activation, at its end."""
    return hint(
        "layer-added",
        _("the model ends in logits, and stays as it is: add no layer, and no activation."),
    )


def loss_for_numbers() -> Hint:
    """Return the hint for a squared or absolute error where the answer is a class."""
    return hint(
        "for-numbers",
        _("this is the loss for a number; here the answer is a class: take a cross-entropy."),
    )


def loss_summed() -> Hint:
    """Return the hint for a loss that gives the sum over a batch."""
    return hint(
        "sum", _("this is the sum over the batch; the loss object gives the mean by itself.")
    )


def loss_for_one_hot() -> Hint:
    """Return the hint for CategoricalCrossentropy where labels are whole numbers."""
    return hint(
        "sparse",
        _("this loss wants one-hot targets; SparseCategoricalCrossentropy takes labels."),
    )


def loss_for_yes_or_no() -> Hint:
    """Return the hint for BinaryCrossentropy where one of several classes is right."""
    return hint(
        "yes-or-no",
        _("this answers yes or no for each class by itself; here exactly one of them is right."),
    )


def softmax_of_one_logit() -> Hint:
    """Return the hint for the cross-entropy of several classes where there is one logit."""
    return hint(
        "one-logit",
        _("softmax of a single logit is always 1: yes or no takes the binary cross-entropy."),
    )


def default_rate() -> Hint:
    """Return the hint for Adam with the learning rate that it has unless another is given."""
    return hint(
        "usual-rate",
        _(
            "this is Adam's default rate, 0.001. An optimiser that is given by its name has "
            "the default settings; keras.optimizers.Adam takes others."
        ),
    )


def rate_too_high() -> Hint:
    """Return the hint for a learning rate with a 0 too few, or several."""
    text = _("the learning rate is too high: count the places. 0.003 is 3e-3.")
    return hint("rate-too-high", text)


def rate_too_low() -> Hint:
    """Return the hint for a learning rate with a 0 too many, or several."""
    text = _("the learning rate is too low: count the places. 0.003 is 3e-3.")
    return hint("rate-too-low", text)


def gradient_descent() -> Hint:
    """Return the hint for SGD in place of Adam."""
    return hint("gradient-descent", _("this is plain gradient descent; the text asks for Adam."))


def no_metric() -> Hint:
    """Return the hint for a model that is compiled without metrics."""
    return hint("no-metric", _('`metrics` takes a list of what to measure: ["accuracy"], say.'))

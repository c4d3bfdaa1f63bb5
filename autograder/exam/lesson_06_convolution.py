"""The examination of the challenge: its points, on digits that no student has been given."""

from pathlib import Path

import numpy as np

from autograder.messages import _
from course import check, digits
from course.check.engine.hints import hint
from course.check.lesson_06_convolution.challenge import (
    STEPS,
    accuracies,
    luck_of_fewer,
    points_for,
    read_digits,
    reason_of_errors,
    saved_network,
)
from course.messages import sentences

_HIDDEN = Path(__file__).with_name("hidden_digits.npz")
# 4,000 digits do not teach a small network to read 1,000 others with a single mistake or none.
_BELIEVABLE = 0.9985
_UNBELIEVABLE = 3e-5  # of luck: four standard deviations


def challenge(answer):
    """Nothing -> the path of a saved .keras file; returns the points and prints the reason.

    What counts is the lower of two accuracies: on the hidden digits, and on their shifted copies.
    Below the lowest step, and for a network that learned what it is tested on, a CheckFailed.
    """
    model = saved_network(answer)
    images, labels = hidden_digits()
    plain, shifted = accuracies(model, images, labels)
    _check_unseen(model, plain)
    points = points_for(min(plain, shifted))
    if not points:
        raise check.CheckFailed(
            _(
                "challenge must point to a network that reads at least {least:.1%} of digits that "
                "it has never seen, and of the same digits shifted by a pixel."
            ).format(least=STEPS[0]),
            exercise="challenge",
            got=_("{plain:.1%} of them, and {shifted:.1%} of them shifted").format(
                plain=plain, shifted=shifted
            ),
            hint=reason_of_errors(model, images, labels, plain) or "",
        )
    most = len(STEPS)
    reason = _(
        "challenge: {points} of {most} points. The network has {count:,} parameters; it reads "
        "{plain:.1%} of digits that it has never seen, and {shifted:.1%} of them shifted by a "
        "pixel."
    ).format(points=points, most=most, count=model.count_params(), plain=plain, shifted=shifted)
    if points < most:
        step = _("The next point needs {step:.1%} of both.").format(step=STEPS[points])
        reason = sentences(reason, step)
    print(reason)
    return points


def hidden_digits():
    """Digits that no student has been given: images uint8 (1000, 28, 28), labels (1000,)."""
    with np.load(_HIDDEN) as file:
        return file["images"], file["labels"]


def _check_unseen(model, hidden):
    """Refuse a network that reads the course's test digits far better than as many hidden ones."""
    images, labels = digits.load("embedded").test
    is_right = read_digits(model, images) == labels
    test, fewer = is_right.mean(), int((~is_right).sum())
    luck = luck_of_fewer(round((1 - hidden) * len(labels)), fewer)
    if luck < _UNBELIEVABLE or hidden > _BELIEVABLE:
        raise check.CheckFailed(
            _("challenge must point to a network that has not learned the test digits."),
            exercise="challenge",
            got=_("{test:.1%} of the test digits, {hidden:.1%} of hidden ones").format(
                test=test, hidden=hidden
            ),
            hint=hint(
                "test-digits",
                _(
                    "train on the training digits and, if you like, on the validation digits: test "
                    "digits are for testing, and the full MNIST holds the hidden ones."
                ),
            ),
        )

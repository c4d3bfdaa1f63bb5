"""The examination of the challenge: its points, on digits that are not trained on."""

import numpy as np

from course import check, digits
from course.check.lesson_06_convolution.challenge import (
    STEPS,
    accuracies,
    points_for,
    saved_network,
)
from course.messages import _

# 4,000 digits do not teach a small network to read 1,000 others with a single mistake or none.
_BELIEVABLE = 0.9985


def challenge(answer):
    """Nothing -> the path of a saved .keras file; returns the points and prints the reason.

    What counts is the lower of two accuracies: on the test digits, and on their shifted copies.
    Below the lowest step, and for a network that knows the test digits too well, a CheckFailed.
    """
    model = saved_network(answer)
    data = digits.load("embedded")
    plain, shifted = accuracies(model, *data.test)
    _demand_unseen(model, data, plain)
    points = points_for(min(plain, shifted))
    most = len(STEPS)
    reason = _(
        "challenge: {points} of {most} points. The network has {count:,} parameters; it reads "
        "{plain:.1%} of the test digits and {shifted:.1%} of them shifted by a pixel."
    ).format(points=points, most=most, count=model.count_params(), plain=plain, shifted=shifted)
    if points < most:
        reason += _(" The next point takes {step:.1%} of both.").format(step=STEPS[points])
    if not points:
        raise check.CheckFailed(reason)
    print(reason)
    return points


def _demand_unseen(model, data, accuracy):
    """Refuse a network that reads test digits far better than what it should have learned from."""
    seen = [accuracies(model, *part)[0] for part in (data.train, data.validation)]
    lowest = min(seen)
    digits_compared = 1 / len(data.test.labels) + 1 / len(data.validation.labels)
    # Four standard deviations of the difference between two such accuracies.
    luck = 4 * np.sqrt(lowest * (1 - lowest) * digits_compared)
    if accuracy > lowest + luck or accuracy > _BELIEVABLE:
        raise check.CheckFailed(
            _(
                "challenge must point to a network that has not learned the test digits.\n"
                "  got:      {test:.1%} of the test digits, {train:.1%} of the training digits, "
                "{validation:.1%} of the validation digits\n"
                "Hint: train on the training digits and, if you like, on the validation digits. "
                "The full MNIST's training digits contain our test digits."
            ).format(test=accuracy, train=seen[0], validation=seen[1])
        )

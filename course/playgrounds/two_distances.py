"""Two distances: cross-entropy against the squared Euclidean one, as a network unlearns."""

import numbers

import numpy as np
import scipy.special

from course.drawing.number_format import short
from course.front_end import shows_live
from course.messages import _, ngettext
from course.playgrounds import controls, playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.scene import Axis, Panel, Scene, dots, line, text

MAX_STEPS = 60
_STARTS = (0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.9)


# What is computed ---------------------------------------------------------------------------------


def cross_entropy(p):
    """Return -ln p, for the probability p of the truth."""
    return -np.log(p)


def squared_distance(p):
    """Return the squared Euclidean distance from (p, 1 - p) to (1, 0): 2 · (1 - p)²."""
    return 2 * (1 - np.asarray(p)) ** 2


def pull_of_cross_entropy(p):
    """Return how fast -ln p falls as the logit of the truth grows: 1 - p."""
    return 1 - np.asarray(p)


def pull_of_squared_distance(p):
    """Return how fast 2 · (1 - p)² falls as the logit of the truth grows: 4 · p · (1 - p)²."""
    return 4 * np.asarray(p) * (1 - np.asarray(p)) ** 2


def descent(pull, start: float, learning_rate: float, steps: int = MAX_STEPS) -> np.ndarray:
    """Return the probability of the truth (steps + 1,) while two logits descend the slope.

    `pull(p)` is how hard the loss pulls on each of them.
    """
    gaps = [scipy.special.logit(start)]  # the logit of the truth minus the other one
    for _step in range(steps):
        gaps.append(gaps[-1] + 2 * learning_rate * pull(scipy.special.expit(gaps[-1])))
    return scipy.special.expit(gaps)


# What is drawn ------------------------------------------------------------------------------------


def _picture(start, rate, steps) -> Scene:
    """The two losses, their pulls, and how the probability of the truth recovers."""
    lowest = min(start, 0.001)
    p = np.linspace(np.sqrt(lowest), 1, 200) ** 2  # denser where the cross-entropy is steep
    top = 1.05 * cross_entropy(lowest)
    losses, pulls, paths, ends = [], [], [], []
    for colour, dash, shape, loss, pull in (
        ("training", "", "circle", cross_entropy, pull_of_cross_entropy),
        ("test", "dashed", "square", squared_distance, pull_of_squared_distance),
    ):
        path = descent(pull, start, rate, steps)
        now = path[-1]
        mark = {"colour": colour, "size": 10, "shape": shape}
        losses += [line(p, loss(p), colour, dash=dash), dots([now], [loss(now)], **mark)]
        pulls += [line(p, pull(p), colour, dash=dash), dots([now], [pull(now)], **mark)]
        paths += [line(np.arange(steps + 1), path, colour, dash=dash)]
        paths += [dots([steps], [now], **mark)]
        ends.append(short(now))
    losses += [
        text(0.22, 0.3 * top, _("cross-entropy"), "training", align="left"),
        text(0.03, 0.005 * top, _("squared distance"), "test", align="left", base="bottom"),
    ]
    of_truth = Axis(-0.03, 1.03, _("probability of the truth"))
    share = Axis(-0.03, 1.06)
    over_steps = Axis(-1, MAX_STEPS + 1, _("step"))
    truth = Axis(-0.03, 1.06, _("probability of the truth"))
    alt = _(
        "Three graphs. The network gives the truth a probability of {start} at first; it "
        "takes {steps} with a learning rate of {rate}. With the cross-entropy the "
        "probability is {first} then, with the squared distance {second}. Far from the truth, "
        "the cross-entropy is large and pulls with strength 1; the squared distance is at "
        "most 2 there, and hardly pulls."
    )
    return Scene(
        [
            Panel("losses", of_truth, Axis(-0.027 * top, top), losses, _("the loss")),
            Panel("pulls", of_truth, share, pulls, _("how hard it pulls")),
            Panel("paths", over_steps, truth, paths, _("step by step")),
        ],
        alt.format(
            start=short(start),
            steps=ngettext("{count} step", "{count} steps", steps).format(count=steps),
            rate=short(rate),
            first=ends[0],
            second=ends[1],
        ),
    )


def show(start: float = 0.001, *, dark: bool = False, live: bool | None = None):
    """Let a network unlearn a mistake by two distances; `start` is the probability of the truth."""
    texts = {
        "title": _("Two distances"),
        "question": _("Which of them helps a network out of a mistake?"),
        "hint": _(
            "drag the steps from 0 to 60. Then start closer to the truth: from where on does the "
            "squared distance keep up?"
        ),
        "dark": dark,
        "live": live,
    }
    if not (isinstance(start, numbers.Real) and 0 < start < 1):
        message = _(
            "The truth cannot have the probability {got} at first; give a number between 0 and 1, "
            "such as 0.001."
        )
        got = str(start) if isinstance(start, numbers.Real) else type(start).__name__
        return playground.refuse(UnsuitableInput(message.format(got=got)), **texts)
    first = 0 if shows_live(live) else 10  # a reader who can move it predicts the way
    moves = {
        "start": controls.steps(
            _("p of the truth at first"), float(start), sorted({*_STARTS, float(start)})
        ),
        "rate": controls.log_slider(_("learning rate"), 0.5, -2, 1),
        "steps": controls.slider(_("steps"), first, 0, MAX_STEPS, 1),
    }
    return playground.show(lambda: _picture, moves, **texts)

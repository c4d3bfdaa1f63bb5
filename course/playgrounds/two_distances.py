"""Two distances: cross-entropy against the squared Euclidean one, as a network unlearns."""

import numbers

import numpy as np
import scipy.special

from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import controls, playground
from course.playgrounds.inputs import UnsuitableInput

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

    `pull(p)` is how hard the loss pulls at each of them.
    """
    gaps = [scipy.special.logit(start)]  # the logit of the truth minus the other one
    for _step in range(steps):
        gaps.append(gaps[-1] + 2 * learning_rate * pull(scipy.special.expit(gaps[-1])))
    return scipy.special.expit(gaps)


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The two losses, their pulls, and how the probability of the truth recovers."""

    def __init__(self, figure, theme):
        self._losses = {
            "cross-entropy": (cross_entropy, pull_of_cross_entropy),
            "squared distance": (squared_distance, pull_of_squared_distance),
        }
        left, middle, right = figure.subplots(1, 3)
        p = np.linspace(0.001, 1, 400)
        styles = ((theme.training, "-", "o"), (theme.test, "--", "s"))
        self._now, self._path = {}, {}
        for (name, curves), (colour, dash, mark) in zip(self._losses.items(), styles, strict=True):
            self._now[name] = []
            for axes, curve in zip((left, middle), curves, strict=True):
                axes.plot(p, curve(p), dash, color=colour, linewidth=1.2)
                (dot,) = axes.plot([], [], mark, color=colour, markersize=8, animated=True)
                self._now[name].append(dot)
            (line,) = right.plot([], [], dash, color=colour, animated=True)
            (dot,) = right.plot([], [], mark, color=colour, markersize=8, animated=True)
            self._path[name] = line, dot
        left.text(0.22, 2.0, _("cross-entropy"), color=theme.training)
        left.text(0.06, 0.15, _("squared distance"), color=theme.test)
        left.set(title=_("the loss"), ylim=(-0.15, 5.6))
        middle.set(title=_("how hard it pulls"), ylim=(-0.03, 1.06))
        right.set(
            title=_("step by step"),
            xlabel=_("step"),
            ylabel=_("probability of the truth"),
            xlim=(-1, MAX_STEPS + 1),
            ylim=(-0.03, 1.06),
        )
        for axes in (left, middle):
            axes.set(xlabel=_("probability of the truth"), xlim=(-0.03, 1.03))

    def __call__(self, start, rate, steps):
        ends = []
        for name, (loss, pull) in self._losses.items():
            path = descent(pull, start, rate, steps)
            now = path[-1]
            for dot, curve in zip(self._now[name], (loss, pull), strict=True):
                dot.set(xdata=[now], ydata=[min(curve(now), 5.5)])
            line, dot = self._path[name]
            line.set(xdata=np.arange(steps + 1), ydata=path)
            dot.set(xdata=[steps], ydata=[now])
            ends.append(short(now))
        alt = _(
            "Three graphs. The network gives the truth a probability of {start} at first; it "
            "takes {steps} steps with a learning rate of {rate}. With the cross-entropy the "
            "probability is {first} then, with the squared distance {second}. Far from the truth, "
            "the cross-entropy is large and pulls with strength 1; the squared distance is at "
            "most 2 there, and hardly pulls."
        )
        return alt.format(
            start=short(start), steps=steps, rate=short(rate), first=ends[0], second=ends[1]
        )


def show(start: float = 0.001, *, dark: bool = False, live: bool | None = None):
    """Let a network unlearn a mistake by two distances; `start` is the probability of the truth."""
    texts = {
        "title": _("Two distances"),
        "question": _("Which of them helps a network out of a mistake?"),
        "hint": _(
            "pull the steps from 0 to 60. Then start closer to the truth: from where on does the "
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
    moves = {
        "start": controls.steps(
            _("p of the truth at first"), float(start), sorted({*_STARTS, float(start)})
        ),
        "rate": controls.log_slider(_("learning rate"), 0.5, -2, 1),
        "steps": controls.slider(_("steps"), 10, 0, MAX_STEPS, 1),
    }
    return playground.show(_Picture, moves, size=(9.0, 2.9), **texts)

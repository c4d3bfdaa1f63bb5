"""The pictures of lesson 3: fading gradients, starting weights, a saddle, curves of `fit`."""

from itertools import pairwise

import numpy as np

from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.drawing.palette import BLUE, INK, ORANGE, QUIET, RED, TEAL
from course.messages import _, labelled
from course.pictures.gradient_bars import draw_bars, gradient_sizes, listed
from course.pictures.picture import Picture, new_figure, styled

_LINES = ((RED, "-"), (BLUE, "--"), (TEAL, "-."), (INK, ":"))
_MIN_SHOWN = 1e-12


@styled
def fading(sigmoid_and_slope, network, examples, count=500) -> Picture:
    """Sigmoid with its slope, and the size of each layer's gradient in a network before a step."""
    canvas = new_figure(7.6, 3.1)
    left, right = canvas.subplots(1, 2)
    x = np.linspace(-8, 8, 161, dtype=np.float32)
    value, slope = (np.asarray(part) for part in sigmoid_and_slope(x))
    left.plot(x, value, color=BLUE, label=_("sigmoid"))
    left.plot(x, slope, color=ORANGE, linestyle="--", label=_("its slope"))
    left.axhline(0.25, color=QUIET, linewidth=0.9, linestyle=":")
    left.text(-8, 0.27, "0.25", va="bottom")
    left.set(title=_("sigmoid is flat at both ends"), xlabel="x", ylim=(-0.03, 1.05))
    left.legend(loc="center right")
    sizes = gradient_sizes(network, examples, count)
    draw_bars(right, sizes, _("typical slope with respect to a weight"))
    alt = _(
        "On the left sigmoid, which rises from 0 to 1, and its slope, a hill of height {top:.2f} "
        "at 0. On the right a bar for each layer's gradient, from the first to the last: {sizes}."
    )
    return Picture.from_figure(canvas, alt.format(top=slope.max(), sizes=listed(sizes)))


@styled
def signals(X, starts, seed=0) -> Picture:
    """How much each ReLU layer's activations differ, for ways to draw the starting weights.

    `X` (n, 784); `starts` maps labels to functions of (fan_in, fan_out, rng).
    """
    canvas = new_figure(7.6, 3.1)
    axes = canvas.add_subplot()
    layers = np.arange(len(WIDTHS))
    said = []
    for (label, draw), (colour, line) in zip(starts.items(), _LINES, strict=False):
        rng = np.random.default_rng(seed)
        values, spreads = np.asarray(X, np.float64), [float(np.std(X))]
        for fan_in, fan_out in pairwise(WIDTHS):
            values = np.maximum(values @ np.asarray(draw(fan_in, fan_out, rng), np.float64), 0)
            spreads.append(float(values.std()))
        shown = np.maximum(spreads, _MIN_SHOWN)
        axes.plot(layers, shown, color=colour, linestyle=line, marker="o", label=label)
        if not spreads[-1]:
            axes.annotate(
                _("exactly 0"),
                (layers[-1], _MIN_SHOWN),
                (0, 6),
                textcoords="offset points",
                ha="right",
            )
        said.append(labelled(label, f"{spreads[-1]:.2g}"))
    axes.set_yscale("log")
    axes.set_xticks(layers, [_("pixels"), *(_("layer {n}").format(n=n) for n in layers[1:])])
    axes.set(title=_("standard deviation of what comes out of each layer"))
    axes.grid(True)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    alt = _(
        "Lines for the spread of the activations from the pixels to the fifth layer. It starts at "
        "{start:.2g} and ends, for each way to draw the weights, at: {list}."
    )
    return Picture.from_figure(canvas, alt.format(start=float(np.std(X)), list=_("; ").join(said)))


@styled
def saddle(steps=30, rates=(0.1, 0.1), start=(-1.6, 0.0005)) -> Picture:
    """Two walks over a saddle, gradient descent and Adam, from the same place on its ridge."""
    canvas = new_figure(7.6, 3.3)
    axes = canvas.add_subplot()
    a, b = np.meshgrid(np.linspace(-2, 2, 121), np.linspace(-1.7, 1.7, 103))
    levels = np.linspace(-1.6, 4, 15)
    axes.contourf(a, b, _height(a, b), levels=levels, cmap="Blues", alpha=0.75, extend="both")
    walks = {
        _("gradient descent"): _descend(np.array(start), rates[0], steps),
        _("Adam"): _adam(np.array(start), rates[1], steps),
    }
    said = []
    for (label, walk), (colour, line) in zip(walks.items(), _LINES, strict=False):
        axes.plot(*walk.T, color=colour, linestyle=line, marker=".", label=label)
        where = _height(*walk[-1])
        said.append(_("{label} ends at the height {end:.2f}").format(label=label, end=where))
    axes.plot(*start, "s", color=INK, markersize=8)
    axes.plot(0, 0, "x", color=INK, markersize=9, markeredgewidth=2)
    axes.annotate(_("saddle point"), (0, 0), (8, -14), textcoords="offset points")
    axes.set(xlabel=_("one weight"), ylabel=_("another weight"), xlim=(-2, 2), ylim=(-1.7, 1.7))
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    alt = _(
        "A landscape seen from above with a saddle in its middle: to its left and right it goes "
        "up, ahead and behind it goes down. Two walks of {steps} steps from the same place on the "
        "left: {list}."
    )
    return Picture.from_figure(canvas, alt.format(steps=steps, list=_("; ").join(said)))


def _height(a, b):
    return a**2 - b**2 + b**4 / 4


def _slopes(place):
    a, b = place
    return np.array([2 * a, b**3 - 2 * b])


def _descend(place, rate, steps):
    walk = [place]
    for _step in range(steps):
        walk.append(walk[-1] - rate * _slopes(walk[-1]))
    return np.array(walk)


def _adam(place, rate, steps):
    walk, mean, square = [place], np.zeros(2), np.zeros(2)
    for step in range(1, steps + 1):
        slope = _slopes(walk[-1])
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        direction = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-7)
        walk.append(walk[-1] - rate * direction)
    return np.array(walk)


@styled
def curves(histories) -> Picture:
    """Loss and accuracy by epoch, thin on the training digits, thick on the validation digits.

    `histories` maps labels to what `fit` returned, the dict in its `history`.
    """
    canvas = new_figure(7.6, 3.0)
    panels = canvas.subplots(1, 2)
    said = []
    for (label, found), (colour, line) in zip(histories.items(), _LINES, strict=False):
        epochs = np.arange(1, len(found["loss"]) + 1)
        for axes, name in zip(panels, ("loss", "accuracy"), strict=True):
            look = {"color": colour, "linestyle": line}
            words = _("{label}, training").format(label=label)
            axes.plot(epochs, found[name], linewidth=0.9, label=words, **look)
            words = _("{label}, validation").format(label=label)
            axes.plot(epochs, found[f"val_{name}"], linewidth=2.2, label=words, **look)
        said.append(
            _(
                "{label}: the loss ends at {seen:.2f} on the training digits and at {unseen:.2f} "
                "on the validation digits, the accuracy at {right:.3f} and {unseen_right:.3f}"
            ).format(
                label=label,
                seen=found["loss"][-1],
                unseen=found["val_loss"][-1],
                right=found["accuracy"][-1],
                unseen_right=found["val_accuracy"][-1],
            )
        )
    panels[0].set(title=_("loss"), xlabel=_("epoch"))
    panels[0].set_ylim(bottom=0)
    panels[1].set(title=_("accuracy"), xlabel=_("epoch"))
    for axes in panels:
        axes.grid(True)
    panels[1].legend(loc="lower right")
    return Picture.from_figure(canvas, _("{said}.").format(said=_("; ").join(said)))

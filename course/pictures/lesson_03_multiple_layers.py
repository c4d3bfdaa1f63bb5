"""The pictures of lesson 3: fading gradients, starting weights, a saddle, and runs side by side."""

from itertools import pairwise

import numpy as np

from course.drawing.palette import BLUE, INK, ORANGE, QUIET, RED, TEAL
from course.messages import _
from course.pictures.picture import Picture, new_figure, styled

WIDTHS = (784, 200, 100, 60, 30, 10)
_LINES = ((RED, "-"), (BLUE, "--"), (TEAL, "-."), (INK, ":"))
_SMALLEST = 1e-12


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
    _bars(right, sizes, _("typical slope by a weight"))
    alt = _(
        "On the left sigmoid, which rises from 0 to 1, and its slope, a hill of height {top:.2f} "
        "at 0. On the right a bar for each layer's gradient, from the first to the last: {sizes}."
    )
    return Picture.from_figure(canvas, alt.format(top=slope.max(), sizes=_listed(sizes)))


@styled
def gradients(named_networks, examples, count=500) -> Picture:
    """The size of each layer's gradient before the first step: dict from label to network."""
    canvas = new_figure(7.6, 2.9)
    axes = canvas.subplots(1, len(named_networks), sharey=True, squeeze=False)[0]
    found = {
        label: gradient_sizes(network, examples, count) for label, network in named_networks.items()
    }
    every = np.concatenate(list(found.values()))
    for panel, (label, sizes) in zip(axes, found.items(), strict=True):
        _bars(panel, sizes, label)
        panel.set_ylim(max(every.min(), _SMALLEST) / 4, max(every.max(), _SMALLEST) * 6)
    said = [f"{label}: {_listed(sizes)}" for label, sizes in found.items()]
    axes[0].set_ylabel(_("typical slope by a weight"))
    alt = _("Bars for the size of each layer's gradient, from the first to the last. {list}.")
    return Picture.from_figure(canvas, alt.format(list="; ".join(said)))


def gradient_sizes(network, examples, count=500) -> np.ndarray:
    """Return the root mean square of the gradient of the mean loss in each layer, (layers,)."""
    from course.backend import tf

    X = examples.images[:count] / np.float32(255)
    labels = np.asarray(examples.labels[:count], np.int64)
    kernels = [weight for weight in network.trainable_variables if len(weight.shape) > 1]
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, network(X))
        loss = tf.reduce_mean(losses)
    slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
    return np.array([np.sqrt(np.mean(np.square(slope))) for slope in slopes])


def _bars(axes, sizes, title):
    shown = np.maximum(sizes, _SMALLEST)
    places = np.arange(1, len(sizes) + 1)
    axes.bar(places, shown, color=BLUE, width=0.6)
    axes.set_yscale("log")
    axes.set(title=title, xlabel=_("layer"), xticks=places)
    axes.set_ylim(shown.min() / 4, shown.max() * 6)
    for place, size in zip(places, sizes, strict=True):
        axes.annotate(
            f"{size:.0e}".replace("e-0", "e-"),
            (place, max(size, _SMALLEST)),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )


def _listed(sizes):
    return ", ".join(f"{size:.1g}" for size in sizes)


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
        shown = np.maximum(spreads, _SMALLEST)
        axes.plot(layers, shown, color=colour, linestyle=line, marker="o", label=label)
        if not spreads[-1]:
            axes.annotate(
                _("exactly 0"),
                (layers[-1], _SMALLEST),
                (0, 6),
                textcoords="offset points",
                ha="right",
            )
        said.append(f"{label}: {spreads[-1]:.2g}")
    axes.set_yscale("log")
    axes.set_xticks(layers, [_("pixels"), *(_("layer {n}").format(n=n) for n in layers[1:])])
    axes.set(title=_("standard deviation of what comes out of each layer"))
    axes.grid(True)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    alt = _(
        "Lines for the spread of the activations from the pixels to the fifth layer. It starts at "
        "{start:.2g} and ends, for each way to draw the weights, at: {list}."
    )
    return Picture.from_figure(canvas, alt.format(start=float(np.std(X)), list="; ".join(said)))


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
    return Picture.from_figure(canvas, alt.format(steps=steps, list="; ".join(said)))


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
def side_by_side(runs, lowest=0.0) -> Picture:
    """Test loss, and test accuracy from `lowest` on, of some runs against the step.

    `runs` maps labels to runs whose test digits were evaluated now and then.
    """
    canvas = new_figure(7.6, 3.0)
    left, right = canvas.subplots(1, 2)
    said = []
    for (label, run), (colour, line) in zip(runs.items(), _LINES, strict=False):
        test = run.history.test
        left.plot(test.steps, test.loss, color=colour, linestyle=line, label=label)
        right.plot(test.steps, test.accuracy, color=colour, linestyle=line, label=label)
        late = test.accuracy[len(test) // 2 :]
        said.append(
            _(
                "{label}: the loss ends at {loss:.2f}; in the second half the accuracy lies "
                "between {low:.3f} and {high:.3f}"
            ).format(label=label, loss=test.loss[-1], low=late.min(), high=late.max())
        )
    left.set(title=_("test loss"), xlabel=_("step"))
    left.set_ylim(bottom=0)
    right.set(title=_("test accuracy"), xlabel=_("step"), ylim=(lowest, 1))
    for axes in (left, right):
        axes.grid(True)
    right.legend(loc="best")
    return Picture.from_figure(canvas, "; ".join(said) + ".")

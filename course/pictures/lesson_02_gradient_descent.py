"""The pictures of lesson 2: two distances, slopes, a valley over two weights, sizes of batches."""

import time

import numpy as np
from matplotlib.colors import LogNorm

from course.messages import _
from course.pictures.picture import Picture, figure, styled
from course.pictures.valley import Valley

INK, BLUE, PALE, ORANGE, GREY = "#22303c", "#1f6fb2", "#bcd7ee", "#d1570a", "#8796a5"


@styled
def two_distances() -> Picture:
    """Squared Euclidean distance and cross-entropy, and how hard each pulls, for two classes."""
    p = np.linspace(0.004, 1, 400)
    canvas = figure(7.6, 2.9)
    left, right = canvas.subplots(1, 2)
    left.plot(p, -np.log(p), color=BLUE)
    left.plot(p, 2 * (1 - p) ** 2, color=ORANGE, linestyle="--")
    left.text(0.13, 2.6, _("cross-entropy"), color=BLUE)
    left.text(0.02, 1.35, _("Euclidean,\nsquared"), color=ORANGE, va="top")
    left.set(title=_("how wrong"), ylabel=_("loss of one example"), ylim=(-0.1, 5.6))
    right.plot(p, 1 - p, color=BLUE)
    right.plot(p, 4 * p * (1 - p) ** 2, color=ORANGE, linestyle="--")
    right.text(0.3, 0.78, _("cross-entropy"), color=BLUE)
    right.text(0.03, 0.1, _("Euclidean,\nsquared"), color=ORANGE)
    right.set(title=_("how hard it pulls"), ylabel=_("slope by the logit, upside down"))
    for axes in (left, right):
        axes.set_xlabel(_("probability of the true class"))
        axes.set_xlim(-0.01, 1.01)
    alt = _(
        "Two graphs against the probability of the true class. Left, the loss: the squared "
        "Euclidean distance never exceeds 2, the cross-entropy grows without end towards 0. "
        "Right, the pull on the logit: near 0 that of the cross-entropy is strongest, that of the "
        "squared distance falls to nothing."
    )
    return Picture(canvas, alt)


@styled
def race(runs, block=20) -> Picture:
    """Accuracy on the mini-batches of several runs, averaged over blocks of steps: name -> run."""
    canvas = figure(7.6, 2.7)
    axes = canvas.add_subplot()
    said = []
    for (name, run), colour, dash in zip(runs.items(), (BLUE, ORANGE), ("-", "--"), strict=False):
        accuracy = run.history.training.accuracy
        accuracy = accuracy[: len(accuracy) // block * block].reshape(-1, block).mean(axis=1)
        steps = block * (np.arange(len(accuracy)) + 1)
        axes.plot(steps, accuracy, color=colour, linestyle=dash, label=name)
        said.append(_("{name}: {share:.0%}").format(name=name, share=accuracy[-1]))
    axes.set(ylim=(0, 1), xlim=(0, None), xlabel=_("step"), ylabel=_("training accuracy"))
    axes.legend(loc="center right")
    alt = _("Accuracy on the training digits against the step. At the end {list}.")
    return Picture(canvas, alt.format(list="; ".join(said)))


@styled
def secants(h=0.7) -> Picture:
    """The slope of a curve from one side, and from both sides."""

    def curve(x):
        return 0.25 * x**2 + 0.08 * x**3 + 0.3

    x, at = np.linspace(-0.4, 2.4, 200), 1.0
    slope = 0.5 * at + 0.24 * at**2
    canvas = figure(7.6, 2.9)
    panels = canvas.subplots(1, 2, sharey=True)
    titles = (_("one side: (f(x + h) - f(x)) / h"), _("both: (f(x + h) - f(x - h)) / 2h"))
    for axes, title, start in zip(panels, titles, (at, at - h), strict=True):
        ends = np.array([start, at + h])
        rise = (curve(ends[1]) - curve(ends[0])) / (ends[1] - ends[0])
        axes.plot(x, curve(x), color=INK)
        reach = np.array([-0.2, 2.2])
        axes.plot(reach, curve(at) + slope * (reach - at), color=GREY, linewidth=1)
        axes.plot(reach, curve(start) + rise * (reach - start), color=ORANGE, linestyle="--")
        axes.plot(ends, curve(ends), "o", color=ORANGE)
        axes.plot(at, curve(at), "o", color=INK)
        axes.set(title=title, xticks=[at - h, at, at + h], yticks=[], ylim=(-0.4, 2.6))
        axes.set_xticklabels(["x - h", "x", "x + h"])
    panels[0].text(1.3, 0.42, _("grey: the true slope at x"), color="#5a6875")
    alt = _(
        "A curve, its true slope at x as a grey line, and dashed the line through two of its "
        "points. From x to x + h the line is too steep; from x - h to x + h it has almost the true "
        "slope."
    )
    return Picture(canvas, alt)


# The valley ---------------------------------------------------------------------------------------


@styled
def valley(data, W, b, descend, rates=(0.5, 25, 62, 160), pixels=(378, 406), digit=8, steps=40):
    """The loss over two weights of the network, with a path of `descend` for each learning rate.

    `data` is one split; W (784, 10) and b (10,) are those of the network. All weights but the two
    are held still.
    """
    images, labels = data
    X = np.reshape(images, (len(images), -1)) / 255
    over = Valley(X, labels, W, b, pixels, digit)
    bottom = over.lowest()
    start = bottom + np.array([-4.0, 5.0])
    paths = [_path(over, descend, start, rate, steps) for rate in rates]
    around = np.array([7.0, 7.0])
    grid = [np.linspace(c - r, c + r, 90) for c, r in zip(bottom, around, strict=True)]
    across, up = np.meshgrid(*grid)
    heights = over.loss(np.stack([across, up], axis=-1))
    levels = np.geomspace(heights.min(), heights.max(), 14)
    canvas = figure(7.6, 6.2)
    panels = canvas.subplots(2, 2, sharex=True, sharey=True)
    said = []
    for axes, path, rate in zip(panels.flat, paths, rates, strict=True):
        axes.contourf(across, up, heights, levels, cmap="Blues", norm=LogNorm(), alpha=0.75)
        axes.plot(*path.T, "o-", color=ORANGE, markersize=3, linewidth=1)
        axes.plot(*start, "s", color=INK, markersize=5)
        axes.plot(*bottom, "*", color=INK, markersize=9)
        first, last = over.loss(path[[0, -1]])
        title = _("rate {rate:g}: loss {first:.3f} → {last:.3f}")
        axes.set_title(title.format(rate=rate, first=first, last=last))
        axes.set(xlim=grid[0][[0, -1]], ylim=grid[1][[0, -1]])
        said.append(
            _("at rate {rate:g} the loss goes from {first:.3f} to {last:.3f}").format(
                rate=rate, first=first, last=last
            )
        )
    rows = [_("weight of pixel {pixel}").format(pixel=pixel) for pixel in pixels]
    for axes in panels[1]:
        axes.set_xlabel(rows[0])
    for axes in panels[:, 0]:
        axes.set_ylabel(rows[1])
    alt = _(
        "Four maps of the same valley: the loss over two weights of the neuron for {digit}, darker "
        "where it is higher, each with a path of {steps} steps from the same start. {list}; the "
        "bottom lies at {lowest:.3f}."
    )
    alt = alt.format(
        digit=digit, steps=steps, list="; ".join(said), lowest=float(over.loss(bottom))
    )
    return Picture(canvas, alt)


def _path(over, descend, start, rate, steps):
    path = [start]
    for _step in range(steps):
        moved = descend({"w": path[-1]}, {"w": over.gradient(path[-1])}, rate)
        path.append(np.asarray(moved["w"], np.float64))
    return np.array(path)


# Sizes of batches ---------------------------------------------------------------------------------


@styled
def batch_sizes(X, T, W, b, gradients, sizes=(1, 3, 10, 30, 100, 300, 1000), draws=30) -> Picture:
    """How far a mini-batch's gradient is off, and how long an epoch takes, against its size.

    `gradients(X, T, W, b)` gives (dW, db); it is timed on a few batches and reckoned up.
    """
    rng = np.random.default_rng(0)
    exact = np.asarray(gradients(X, T, W, b)[0])
    noise, seconds = [], []
    for size in sizes:
        batches = [rng.choice(len(X), size, replace=False) for _draw in range(draws)]
        found, begun = [], time.perf_counter()
        for chosen in batches:
            found.append(np.asarray(gradients(X[chosen], T[chosen], W, b)[0]))
        each = (time.perf_counter() - begun) / draws
        seconds.append(each * np.ceil(len(X) / size))
        noise.append(np.mean([np.linalg.norm(g - exact) for g in found]) / np.linalg.norm(exact))
    canvas = figure(7.6, 2.9)
    left, right = canvas.subplots(1, 2)
    left.loglog(sizes, noise, "o-", color=BLUE)
    left.set(title=_("noise of the gradient"), ylabel=_("error / true length"))
    right.loglog(sizes, seconds, "o-", color=BLUE)
    right.set(title=_("time for one epoch, here"), ylabel=_("seconds"))
    for axes in (left, right):
        axes.set_xlabel(_("batch size"))
        axes.grid(True)
    alt = _(
        "Two graphs against the batch size, both falling. The noise of the gradient, as a share of "
        "its length, falls from {noisy:.1f} with one example to {quiet:.2f} with {largest:,}; the "
        "time for an epoch falls, steeply at first, from {slow:.2g} to {quick:.2g} seconds."
    )
    alt = alt.format(
        noisy=noise[0], quiet=noise[-1], largest=sizes[-1], slow=seconds[0], quick=seconds[-1]
    )
    return Picture(canvas, alt)

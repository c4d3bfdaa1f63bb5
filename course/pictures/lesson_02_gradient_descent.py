"""The pictures of lesson 2: slopes, a valley over two weights, sizes of batches."""

import time

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.ticker import LogLocator

from course.drawing.palette import BLUE, INK, ORANGE, QUIET
from course.messages import _
from course.pictures.graph import draw_graph
from course.pictures.picture import Picture, blank_axes, new_figure, styled
from course.pictures.valley import Valley


@styled
def secants(h=0.7) -> Picture:
    """The slope of a curve from one side, and from both sides."""

    def curve(x):
        return 0.25 * x**2 + 0.08 * x**3 + 0.3

    x, at = np.linspace(-0.4, 2.4, 200), 1.0
    slope = 0.5 * at + 0.24 * at**2
    canvas = new_figure(7.6, 2.9)
    panels = canvas.subplots(1, 2, sharey=True)
    titles = (_("one side: (f(x + h) - f(x)) / h"), _("both: (f(x + h) - f(x - h)) / 2h"))
    for axes, title, start in zip(panels, titles, (at, at - h), strict=True):
        ends = np.array([start, at + h])
        rise = (curve(ends[1]) - curve(ends[0])) / (ends[1] - ends[0])
        axes.plot(x, curve(x), color=INK)
        reach = np.array([-0.2, 2.2])
        axes.plot(reach, curve(at) + slope * (reach - at), color=QUIET, linewidth=1)
        axes.plot(reach, curve(start) + rise * (reach - start), color=ORANGE, linestyle="--")
        axes.plot(ends, curve(ends), "o", color=ORANGE)
        axes.plot(at, curve(at), "o", color=INK)
        axes.set(title=title, xticks=[at - h, at, at + h], yticks=[], ylim=(-0.4, 2.6))
        axes.set_xticklabels(["x - h", "x", "x + h"])
        words = _("true slope {true:.2f}").format(true=slope)
        axes.text(0.98, 0.14, words, color=QUIET, transform=axes.transAxes, ha="right")
        words = _("measured {measured:.2f}").format(measured=rise)
        axes.text(0.98, 0.04, words, color=ORANGE, transform=axes.transAxes, ha="right")
    alt = _(
        "A curve, its true slope at x as a grey line, and dashed the line through two of its "
        "points. From x to x + h the line is too steep; from x - h to x + h it has almost the true "
        "slope."
    )
    return Picture.from_figure(canvas, alt)


@styled
def chain(w, x, b, target) -> Picture:
    """The chain w → z → L of z = w·x + b and L = (z - t)², with the derivative at each arrow."""
    z = w * x + b
    slope = 2 * (z - target)
    edges = {
        ("w", "sum"): (w, slope * x),
        ("b", "sum"): (b, slope),
        ("sum", "loss"): (z, slope),
        ("loss", "L"): ((z - target) ** 2, 1),
    }
    places = {"w": (0, 2), "b": (0, 0.4), "sum": (2.4, 1.2), "loss": (5, 1.2), "L": (7.2, 1.2)}
    signs = {"sum": "w·x + b", "loss": "(z - t)²"}
    canvas, axes = blank_axes(6.4, 2, (-0.5, 7.6), (0, 2.4))
    said = draw_graph(axes, edges, places, signs, {"sum": "z", "loss": "L"})
    return Picture.from_figure(canvas, said)


@styled
def valley(data, W, b, descend, rates=(0.5, 25, 40, 100), pixels=(378, 406), digit=8, steps=25):
    """The loss over two weights of the network, with a path of `descend` for each learning rate.

    `data` is one split; W (784, 10) and b (10,) are those of the network. All weights but the two
    are held fixed.
    """
    images, labels = data
    X = np.reshape(images, (len(images), -1)) / 255
    over = Valley(X, labels, W, b, pixels, digit)
    bottom = over.lowest()
    start = bottom + np.array([-4.0, 5.0])
    edges = [np.linspace(c - 7, c + 7, 60) for c in bottom]
    across, up = np.meshgrid(*edges)
    heights = over.loss(np.stack([across, up], axis=-1))
    levels = np.geomspace(heights.min(), heights.max(), 14)
    canvas = new_figure(7.6, 6.4)
    panels = canvas.subplots(2, 2, sharex=True, sharey=True)
    said = []
    for axes, rate in zip(panels.flat, rates, strict=True):
        path = _path(over, descend, start, rate, steps)
        axes.contourf(across, up, heights, levels, cmap="Blues", norm=LogNorm(), alpha=0.75)
        axes.plot(*path.T, "o-", color=ORANGE, markersize=3, linewidth=0.9)
        axes.plot(*start, "s", color=INK, markersize=6)
        axes.plot(*bottom, "*", color=INK, markersize=10)
        first, last = over.loss(path[[0, -1]])
        title = _("rate {rate:g}: loss {first:.3f} → {last:.3f}")
        axes.set_title(title.format(rate=rate, first=first, last=last))
        axes.set(xlim=edges[0][[0, -1]], ylim=edges[1][[0, -1]])
        if rate == rates[0]:
            axes.annotate(_("start"), start, (8, 4), textcoords="offset points", color=INK)
            axes.annotate(_("lowest"), bottom, (8, 4), textcoords="offset points", color=INK)
        said.append(
            _("at rate {rate:g} the loss goes from {first:.3f} to {last:.3f}").format(
                rate=rate, first=first, last=last
            )
        )
    names = [_("weight of pixel {pixel}").format(pixel=pixel) for pixel in pixels]
    for axes in panels[1]:
        axes.set_xlabel(names[0])
    for axes in panels[:, 0]:
        axes.set_ylabel(names[1])
    alt = _(
        "Four maps of the same valley: the loss over two weights of the neuron for {digit}, the "
        "stronger the colour, the higher, each with a path of {steps} steps from the same start. "
        "{list}; the bottom lies at {lowest:.3f}."
    )
    alt = alt.format(
        digit=digit, steps=steps, list=_("; ").join(said), lowest=float(over.loss(bottom))
    )
    return Picture.from_figure(canvas, alt)


def _path(over, descend, start, rate, steps):
    path = [start]
    for _step in range(steps):
        moved = descend({"w": path[-1]}, {"w": over.gradient(path[-1])}, rate)
        path.append(np.asarray(moved["w"], np.float64))
    return np.array(path)


@styled
def batch_sizes(X, T, W, b, gradients, sizes=(1, 4, 16, 64, 256, 1024), draws=30) -> Picture:
    """How far a mini-batch's gradient is off, and how long an epoch takes, against its size.

    `gradients(X, T, W, b)` returns (dW, db). It is computed at zero weights, and at W and b; the
    time of an epoch is estimated from the quickest of these few batches.
    """
    places = {_("at the start"): (0 * W, 0 * b), _("later in training"): (W, b)}
    canvas = new_figure(7.6, 2.9)
    left, right = canvas.subplots(1, 2)
    said = []
    for (name, place), look in zip(places.items(), ("o-", "s--"), strict=True):
        noise, seconds = _measured(X, T, *place, gradients, sizes, draws)
        left.loglog(sizes, noise, look, color=BLUE, label=name)
        sentence = _("{place} from {noisy:.1f} with one example to {quiet:.2f} with {largest:,}")
        words = {"noisy": noise[0], "quiet": noise[-1], "largest": sizes[-1]}
        said.append(sentence.format(place=name, **words))
    left.legend()
    left.set(title=_("noise of the gradient"), ylabel=_("error / true length"))
    right.loglog(sizes, seconds, "o-", color=BLUE)
    right.set(title=_("time for one epoch, here"), ylabel=_("seconds"))
    for axes in (left, right):
        axes.set_xlabel(_("batch size"))
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.grid(True)
    alt = _(
        "Two graphs against the batch size, both falling. The noise of the gradient, as a share of "
        "its true length, falls {list}; the time for an epoch falls, steeply at first, from "
        "{slow:.2g} to {quick:.2g} seconds."
    )
    return Picture.from_figure(
        canvas, alt.format(list=_("; ").join(said), slow=seconds[0], quick=seconds[-1])
    )


def _measured(X, T, W, b, gradients, sizes, draws):
    """Return the typical error of a mini-batch's dW over the true length, and epoch times.

    Both are lists with a number for each size; times are in seconds.
    """
    rng = np.random.default_rng(0)
    exact = np.asarray(gradients(X, T, W, b)[0])
    noise, seconds = [], []
    for size in sizes:
        repeats = draws * max(1, 8 // size)  # a single example says little
        batches = [rng.choice(len(X), size, replace=False) for _draw in range(repeats)]
        found, took = [], []
        for chosen in batches:
            begun = time.perf_counter()
            found.append(np.asarray(gradients(X[chosen], T[chosen], W, b)[0]))
            took.append(time.perf_counter() - begun)
        seconds.append(min(took) * np.ceil(len(X) / size))
        squares = [np.sum((gradient - exact) ** 2) for gradient in found]
        noise.append(np.sqrt(np.mean(squares)) / np.linalg.norm(exact))
    return noise, seconds

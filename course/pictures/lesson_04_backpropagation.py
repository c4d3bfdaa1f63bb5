"""The pictures of lesson 4: the graph of one neuron, and gradients that vanish or do not."""

import numpy as np

from course.check.references.lesson_04_backpropagation import neuron_gradients
from course.messages import _, labelled
from course.pictures.gradient_bars import MIN_SHOWN, draw_bars, gradient_sizes, listed
from course.pictures.graph import draw_graph
from course.pictures.picture import Picture, blank_axes, new_figure, styled

# The places of the nodes of a neuron with two inputs.
_PLACES = {
    "x1": (0, 5.4),
    "w1": (0, 3.9),
    "x2": (0, 2.1),
    "w2": (0, 0.6),
    "times 1": (1.9, 4.65),
    "times 2": (1.9, 1.35),
    "plus": (3.8, 3),
    "b": (3.8, 1),
    "ReLU": (5.5, 3),
    "loss": (7.4, 3),
    "t": (7.4, 1),
    "L": (8.9, 3),
}
_TIMES = "\N{MULTIPLICATION SIGN}"
_SIGNS = {"times 1": _TIMES, "times 2": _TIMES, "plus": "+", "loss": "(y - t)²"}
_NAMES = {"times 1": "x1·w1", "times 2": "x2·w2", "plus": "z", "ReLU": "y", "loss": "L"}


@styled
def neuron_graph(x, w, b, target, backward=False) -> Picture:
    """The computational graph of one ReLU neuron with two inputs and the loss (y - t)².

    The forward pass is written above the edges; with `backward`, the derivative of the loss with
    respect to each edge's value is written below it.
    """
    canvas, axes = blank_axes(7.6, 4.2, (-0.5, 9.4), (0, 6))
    edges = _edges(x, w, b, target)
    said = draw_graph(axes, edges, _PLACES, _SIGNS, _NAMES, backward)
    return Picture.from_figure(canvas, said)


def _edges(x, w, b, target):
    """Return what flows along each edge: (start, end) -> (value, derivative of the loss by it)."""
    total = float(np.dot(x, w)) + b
    output = max(0.0, total)
    slope = 2 * (output - target)
    dx, dw, db = neuron_gradients(x, w, b, slope)
    edges = {}
    for n in (1, 2):
        edges[f"x{n}", f"times {n}"] = x[n - 1], dx[n - 1]
        edges[f"w{n}", f"times {n}"] = w[n - 1], dw[n - 1]
        edges[f"times {n}", "plus"] = x[n - 1] * w[n - 1], db
    edges["b", "plus"] = b, db
    edges["plus", "ReLU"] = total, db
    edges["ReLU", "loss"] = output, slope
    edges["t", "loss"] = target, None
    edges["loss", "L"] = (output - target) ** 2, 1
    return edges


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
        draw_bars(panel, sizes, label)
        panel.set_ylim(max(every.min(), MIN_SHOWN) / 4, max(every.max(), MIN_SHOWN) * 6)
    said = [labelled(label, listed(sizes)) for label, sizes in found.items()]
    axes[0].set_ylabel(_("typical slope with respect to a weight"))
    alt = _("Bars for the size of each layer's gradient, from the first to the last. {list}.")
    return Picture.from_figure(canvas, alt.format(list=_("; ").join(said)))

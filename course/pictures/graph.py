"""A computational graph: each number above its edge, the derivative of the loss by it below."""

import numpy as np

from course.drawing.palette import BLUE, INK, ORANGE, PAPER
from course.messages import _, sentences


def draw_graph(axes, edges, places, signs, names, backward=True) -> str:
    """Draw the graph of a neuron, and return it in words.

    `edges` maps (start, end) to (value, derivative of the loss with respect to it, or None), and
    `places` each node to (x, y). `signs` is what stands in a node, `names` what comes out of it, if
    that is not the node's own name. Without `backward`, there are no derivatives.
    """
    look = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": INK}
    nodes = {
        node: axes.text(
            *place, signs.get(node, node), ha="center", va="center", color=INK, bbox=look
        )
        for node, place in places.items()
    }
    for (start, end), (value, slope) in edges.items():
        name = names.get(start, "")
        forwards = f"{name} = {value:g}" if len(name) == 1 else f"{value:g}"
        backwards = f"← {slope:g}" if backward and slope is not None else ""
        _draw_edge(axes, nodes[start], nodes[end], forwards, backwards)
    alt = _("The computational graph of a neuron. Forwards: {values}.")
    said = alt.format(values=_listed(edges, names, 0))
    if backward:
        alt = _("Backwards, the derivatives of the loss: {slopes}.")
        said = sentences(said, alt.format(slopes=_listed(edges, names, 1)))
    return said


def _draw_edge(axes, start, end, value, slope):
    """Draw an edge between two nodes, with the texts of both passes on its two sides."""
    boxes = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    arrow = {"arrowstyle": "->", "color": INK, "shrinkA": 3, "shrinkB": 3} | boxes
    start, end = start.get_position(), end.get_position()
    axes.annotate("", end, start, arrowprops=arrow)
    middle = np.add(start, np.multiply(0.45, np.subtract(end, start)))
    rise = float(np.sign(end[1] - start[1]))
    # The forward value goes above its edge: to the left where it rises, else to the right.
    for text, side, look in (
        (value, 1, {"color": BLUE, "weight": "bold"}),
        (slope, -1, {"color": ORANGE}),
    ):
        axes.annotate(
            text,
            middle,
            (-5 * side * rise, 3 * side),
            textcoords="offset points",
            ha={0: "center", 1: "right", -1: "left"}[side * rise],
            va="bottom" if side > 0 else "top",
            **look,
        )


def _listed(edges, names, place):
    """Name what flows along the edges: the values (place 0) or the derivatives (place 1)."""
    found = {names.get(start, start): pair[place] for (start, _end), pair in edges.items()}
    return ", ".join(f"{name} {value:g}" for name, value in found.items() if value is not None)

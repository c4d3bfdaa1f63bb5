"""Backpropagation on a graph: numbers flow forward and back along its edges, one at a time."""

from typing import NamedTuple

import numpy as np

from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import controls, playground
from course.playgrounds.moves import one_move
from course.playgrounds.scene import Axis, Panel, Scene, dots, segments, text

WEIGHTS = ("w1", "b1", "w2", "b2")
_START = {"x": 1.5, "w1": 0.8, "b1": -0.4, "w2": -1.2, "b2": 0.3, "t": 1.0}
_RATE = 0.1
_PLACES = 2  # decimal places of the sliders: the page rounds to them


class Node(NamedTuple):
    """A number of the graph: what it is computed from, how, and where it is drawn.

    `slopes` has, for each source, the derivative by it as a function of all values.
    """

    sources: tuple[str, ...]
    compute: object
    slopes: tuple
    formula: str
    place: tuple[float, float]


def _is_given(x, y):
    return Node((), None, (), "", (x, y))


NODES = {
    "x": _is_given(0, 2),
    "w1": _is_given(0, 0),
    "m1": Node(
        ("x", "w1"),
        lambda v: v["x"] * v["w1"],
        (lambda v: v["w1"], lambda v: v["x"]),
        "x · w1",
        (1, 1),
    ),
    "b1": _is_given(1, 3),
    "z": Node(("m1", "b1"), lambda v: v["m1"] + v["b1"], (lambda v: 1.0,) * 2, "m1 + b1", (2, 1.6)),
    "h": Node(("z",), lambda v: np.tanh(v["z"]), (lambda v: 1 - v["h"] ** 2,), "tanh z", (3, 1.6)),
    "w2": _is_given(3, 0),
    "m2": Node(
        ("h", "w2"),
        lambda v: v["h"] * v["w2"],
        (lambda v: v["w2"], lambda v: v["h"]),
        "h · w2",
        (4, 1),
    ),
    "b2": _is_given(4, 3),
    "y": Node(("m2", "b2"), lambda v: v["m2"] + v["b2"], (lambda v: 1.0,) * 2, "m2 + b2", (5, 1.6)),
    "t": _is_given(5, 0),
    "L": Node(
        ("y", "t"),
        lambda v: (v["y"] - v["t"]) ** 2,
        (lambda v: 2 * (v["y"] - v["t"]), lambda v: -2 * (v["y"] - v["t"])),
        "(y - t)²",
        (6, 1.3),
    ),
}
FORWARD = tuple(name for name, node in NODES.items() if node.sources)
# Gradients arrive from the loss backwards; the truth and the input are not parameters.
BACKWARD = ("L", "y", "m2", "b2", "h", "w2", "z", "m1", "b1", "w1")
LAST = len(FORWARD) + len(BACKWARD)


# What is computed ---------------------------------------------------------------------------------


def forward(given: dict[str, float]) -> dict[str, float]:
    """Return the value of every node, for those that are given."""
    values = dict(given)
    for name in FORWARD:
        values[name] = float(NODES[name].compute(values))
    return values


def backward(values: dict[str, float]) -> dict[str, float]:
    """Return the derivative of the loss with respect to every node, by the chain rule."""
    gradients = dict.fromkeys(NODES, 0.0)
    gradients["L"] = 1.0
    for name in reversed(FORWARD):
        node = NODES[name]
        for source, slope in zip(node.sources, node.slopes, strict=True):
            gradients[source] += gradients[name] * float(slope(values))
    return gradients


# What is drawn ------------------------------------------------------------------------------------


def _picture(step, again=0, descend=0, **given) -> Scene:
    """The graph after some steps: values in blue above the nodes, gradients in red below."""
    values = forward(given)
    gradients = backward(values)
    known = {*given, *FORWARD[:step]}
    returned = set(BACKWARD[: max(0, step - len(FORWARD))])
    now = (*FORWARD, *BACKWARD)[step - 1] if step else None
    goes_back = step > len(FORWARD)
    ends, colours, widths = [], [], []
    for name in FORWARD:
        for source in NODES[name].sources:
            ends.append([*NODES[source].place, *NODES[name].place])
            is_now = source == now if goes_back else name == now
            flows_back = source in returned
            colours.append("test" if flows_back else "training" if name in known else "grid")
            widths.append(4.5 if is_now else 2.0)
    marks = [segments(ends, colours, widths)]
    marks += [_dot(name, name in known, name == now) for name in NODES]
    for name, node in NODES.items():
        marks += _words(name, node, values, gradients, name in known, name in returned)
    sentence = _sentence(now, goes_back, values, gradients)
    alt = _(
        "A graph from the input x over a hidden neuron h to the output y and the loss L, step "
        "{step} of {last}. {sentence}"
    ).format(step=step, last=LAST, sentence=sentence)
    panel = Panel(
        "graph",
        Axis(-0.45, 6.45, ticks=()),
        Axis(-0.55, 3.75, ticks=()),
        marks,
        _("values in blue, gradients of the loss in red"),
        full_width=360,
        frame=False,
    )
    colour = "test" if goes_back else "training"
    return Scene([panel], alt, height=330, verdict=sentence, colour=colour if step else "ink")


def _dot(name, is_known, is_now):
    x, y = NODES[name].place
    edge = "ink" if is_now else "quiet"
    shape = "square" if name in WEIGHTS or name in ("x", "t") else "circle"
    fill = ("training", 0.25) if is_known else "paper"
    return dots([x], [y], [fill], 34, shape, edge=[edge])


def _words(name, node, values, gradients, is_known, is_returned):
    x, y = node.place
    marks = [text(x, y, name, bold=True, size=14)]
    above = {"base": "bottom", "over": True}
    if is_known:
        marks.append(text(x, y + 0.36, short(values[name]), "training", 13, **above))
    elif node.formula:
        marks.append(text(x, y + 0.36, node.formula, "quiet", 11, **above))
    if is_returned:
        below = {"base": "top", "over": True}
        marks.append(text(x, y - 0.34, short(gradients[name]), "test", 13, **below))
    return marks


def _sentence(now, goes_back, values, gradients):
    if now is None:
        return _("Drag “step”: the numbers flow forward first, then the gradients flow back.")
    node = NODES[now]
    if not goes_back:
        said = _("Forward: {name} = {formula} = {value}")
        return said.format(name=now, formula=node.formula, value=short(values[now]))
    if now == "L":
        return _("Back: ∂L/∂L = 1, where every gradient begins")
    user = next(name for name in FORWARD if now in NODES[name].sources)
    slope = NODES[user].slopes[NODES[user].sources.index(now)](values)
    said = _("Back: ∂L/∂{name} = ∂L/∂{user} · ∂{user}/∂{name} = {outer} · {inner} = {gradient}")
    return said.format(
        name=now,
        user=user,
        outer=short(gradients[user]),
        inner=short(float(slope)),
        gradient=short(gradients[now]),
    )


# What is played with ------------------------------------------------------------------------------


def show(*, dark: bool = False, live: bool | None = None):
    """Send numbers through a tiny network with one hidden neuron, and gradients back."""
    step = controls.slider(_("step"), 0, 0, LAST, 1)
    further = controls.button(_("one step"), tooltip=_("One number further"))
    descend = controls.button(
        _("descend"), tooltip=_("Move each weight against its gradient, with a rate of 0.1")
    )
    given = {
        name: controls.slider(
            label, _START[name], -3.0, 3.0, 10.0**-_PLACES, width=250, label_width="72px"
        )
        for name, label in (
            ("x", _("x, input")),
            ("w1", _("w1, weight")),
            ("b1", _("b1, bias")),
            ("w2", _("w2, weight")),
            ("b2", _("b2, bias")),
            ("t", _("t, truth")),
        )
    }

    def go_further(_button):
        step.value = (step.value + 1) % (LAST + 1)

    def go_down(_button):
        gradients = backward(forward({name: slider.value for name, slider in given.items()}))
        with one_move():
            step.value = LAST  # where all numbers are seen, and L among them
            for name in WEIGHTS:
                given[name].value = round(given[name].value - _RATE * gradients[name], _PLACES)

    further.on_click(go_further)
    descend.on_click(go_down)
    return playground.show(
        lambda: _picture,
        {"step": step, "again": further, "descend": descend, **given},
        arranged=controls.in_rows([[step, further, descend], given.values()]),
        title=_("Backpropagation"),
        question=_("How does each weight learn what it did to the loss?"),
        hint=_(
            "press “one step” and predict each number before it comes. On the way back every "
            "gradient is the one ahead of it, times the slope of one node. Then press “descend” "
            "a few times, and see what becomes of L. Which weight gets no gradient when x is 0?"
        ),
        dark=dark,
        live=live,
    )

"""What a playground shows: panels of marks, drawn live by the page and still by Matplotlib.

A colour is the name of a colour of the theme ("ink", "training", "finished" …), or a pair of such a
name and its share in 0..1, the rest being paper. Lengths of strokes, dots and letters are in
pixels of the page; places are in the numbers of the panel's axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Colour = str | tuple[str, float]
SIGNED = ("negative", "paper", "training")  # as in the pictures of the lessons
SHARE = ("paper", "training")
INK = ("paper", "ink")


@dataclass(frozen=True)
class Axis:
    """What a panel shows from `low` to `high`; a `low` above `high` turns the axis round.

    `ticks` are numbers, or pairs of a number and its label; None stands for round numbers.
    """

    low: float
    high: float
    label: str = ""
    ticks: Sequence | None = None
    log: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel: its marks are drawn in their order, from the back to the front.

    `weight` is its share of the width. In fewer than `full_width` pixels the page draws dots and
    letters a little smaller. Where `equal`, a unit is as wide as high. A panel with a
    `step` (across, up) can be pointed at; the arrow keys move by that from `at` (x, y).
    """

    name: str
    x: Axis
    y: Axis
    marks: Sequence[dict]
    title: str = ""
    note: str = ""
    weight: float = 1.0
    full_width: int = 1
    equal: bool = False
    frame: bool = True
    grid: bool = False
    step: tuple[float, float] | None = None
    at: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scene:
    """The panels side by side, `height` pixels high, and the same in words.

    The `verdict` is a line below them, in its `colour`.
    """

    panels: Sequence[Panel]
    alt: str
    height: int = 280
    verdict: str = ""
    colour: Colour = "ink"

    def __getitem__(self, name: str) -> Panel:
        """Return the panel of this name."""
        return next(panel for panel in self.panels if panel.name == name)


# Marks --------------------------------------------------------------------------------------------


def line(x, y, colour: Colour = "training", width=1.5, dash="", alpha=1.0, dots=0.0) -> dict:
    """A line through points; it is broken at NaN. `dash` is "", "dashed" or "dotted"."""
    places = {"x": _numbers(x), "y": _numbers(y)}
    return {"kind": "line", **places, **_stroke(colour, width, dash, alpha), "dots": dots}


def segments(ends, colour: Colour | list = "quiet", width=1.0, alpha=1.0) -> dict:
    """Straight lines (n, 4) from x, y to x, y; colour and width may differ from line to line."""
    return {"kind": "segments", "ends": _numbers(ends), **_stroke(colour, width, "", alpha)}


def dots(x, y, colour: Colour | list = "training", size=7, shape="circle", alpha=1.0, edge=None):
    """Dots of a diameter; a shape is a circle, square, diamond, bar, cross or star."""
    places = {"x": _numbers(x), "y": _numbers(y), "size": size, "shape": shape}
    return {"kind": "dots", **places, "colour": colour, "alpha": alpha, "edge": edge}


def bars(at, lengths, colour: Colour | list = "training", width=0.72, base=0.0, across=False):
    """Upright bars at some places; horizontal ones if `across`."""
    places = {"at": _numbers(at), "lengths": _numbers(lengths), "width": width, "base": base}
    return {"kind": "bars", **places, "colour": colour, "across": across}


def text(
    x,
    y,
    words,
    colour: Colour = "ink",
    size=11,
    bold=False,
    align="center",
    base="middle",
    over=False,
) -> dict:
    """Words at a place; `align` is left, center or right, `base` is top, middle or bottom.

    Lines that they stand `over` are broken around them.
    """
    place = {"x": float(x), "y": float(y), "text": str(words), "size": size, "bold": bold}
    return {"kind": "text", **place, "colour": colour, "align": align, "base": base, "over": over}


def image(values, extent, colours=INK, low=0.0, high=1.0, missing=None) -> dict:
    """Values (rows, columns) as colours; `extent` is x, y of the first corner and of the last.

    `colours` are those of the lowest and the highest value, and of what is between. NaN has the
    colour `missing`, or none.
    """
    places = {"values": _numbers(values), "extent": [float(end) for end in extent]}
    scale = {"colours": colours, "low": float(low), "high": float(high), "missing": missing}
    return {"kind": "image", **places, **scale}


def rect(
    x, y, width, height, edge: Colour | None = "quiet", fill=None, stroke=1.0, dash=""
) -> dict:
    """A rectangle from a corner."""
    place = [float(x), float(y), float(width), float(height)]
    look = {"edge": edge, "fill": fill, "width": stroke, "dash": dash}
    return {"kind": "rect", "place": place, **look}


def areas(corners, colours, shades=1.0, seamless=False) -> dict:
    """Filled polygons (n, corners, 2), with a shade in 0..1 each between two or three `colours`.

    Where `seamless`, each reaches a little beyond its edges, so that no paper is seen between them.
    """
    shades = np.broadcast_to(shades, len(corners))
    look = {"colours": colours, "shades": _numbers(shades), "seamless": seamless}
    return {"kind": "areas", "corners": _numbers(corners), **look}


def _stroke(colour, width, dash, alpha):
    if np.ndim(width):
        width = _numbers(width)
    return {"colour": colour, "width": width, "dash": dash, "alpha": alpha}


def _numbers(values) -> np.ndarray:
    return np.asarray(values, np.float32)


# For the page -------------------------------------------------------------------------------------


def for_page(scene: Scene) -> dict[str, Any]:
    """Return the scene as a widget sends it: plain values, and arrays as bytes."""
    head = {"height": scene.height, "verdict": str(scene.verdict), "colour": scene.colour}
    return head | {"panels": [_plain(vars(panel)) for panel in scene.panels]}


def _plain(value):
    if isinstance(value, np.ndarray):
        return {"f4": np.ascontiguousarray(value).tobytes(), "shape": list(value.shape)}
    if isinstance(value, Axis):
        ticks = None if value.ticks is None else list(value.ticks)
        return _plain(vars(value) | {"ticks": ticks})
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, str) else value

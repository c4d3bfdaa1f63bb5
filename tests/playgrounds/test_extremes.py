"""Every playground with its controls at their ends: nothing is blank, cut off, or beside itself."""

import itertools
import re

import ipywidgets as widgets
import numpy as np
import pytest

from course import playgrounds
from course.playgrounds.moves import one_move

from .test_every_playground import show

_WIDTH = 860  # pixels of all panels together
_SEEN = 0.6  # of the points of a line, at least, except where a descent leaves its map
_ALLOWED = {"softmax": r"→ NaN|would be NaN|∞ / ∞"}  # what the playground is about


def ends(control) -> list:
    """The first and the last value of a control; every one of a list."""
    if isinstance(control, widgets.Dropdown | widgets.SelectionSlider):
        values = [option[-1] if isinstance(option, tuple) else option for option in control.options]
        return values if isinstance(control, widgets.Dropdown) else [values[0], values[-1]]
    if isinstance(control, widgets.IntSlider | widgets.FloatSlider):
        return [control.min, control.max]
    return [False, True] if isinstance(control, widgets.Checkbox) else []


def settings(controls):
    """Yield settings: each control alone at its ends, all at their first ones, at their last."""
    found = {name: ends(control) for name, control in controls.items()}
    found = {name: values for name, values in found.items() if values}
    yield {}
    for name, values in found.items():
        for value in values:
            yield {name: value}
    for at in (0, -1):
        yield {name: values[at] for name, values in found.items()}


@pytest.mark.sampled(rarer=3)
@pytest.mark.parametrize("name", [name for name in playgrounds.NAMES if name != "build_network"])
def test_at_the_ends_of_all_controls_the_picture_is_whole(name, ladder):
    opened = show(name, ladder, live=True)
    opened.wait()
    controls = opened.controls
    start = {each: controls[each].value for each in controls if ends(controls[each])}
    faults = []
    for setting in settings(controls):
        with one_move():
            for each, value in (start | setting).items():
                controls[each].value = value
        assert "cannot be shown" not in opened.message, setting
        if not opened.message:
            faults += [f"{setting}: {fault}" for fault in faults_of(opened.scene, name)]
    opened.close()
    assert faults == []


def faults_of(scene, name):
    """Yield what is wrong with a scene."""
    words = [scene.alt, scene.verdict]
    shares = sum(panel.weight for panel in scene.panels)
    for panel in scene.panels:
        words += [panel.title, panel.note, panel.x.label, panel.y.label]
        words += [mark["text"] for mark in panel.marks if mark["kind"] == "text"]
        for fault in panel_faults(panel, _WIDTH * panel.weight / shares - 50, scene.height - 50):
            yield f"{panel.name}: {fault}"
    said = re.sub(_ALLOWED.get(name, "^$"), "", " | ".join(map(str, words)))
    yield from re.findall(r"(?i).{0,20}(?:\bnan\b|\binf\b|∞).{0,20}", said)
    yield from re.findall(r"(?<![\w.,])1 (?!as\b|has\b|is\b)[a-z]+s\b.{0,20}", said)  # 1 digits


def panel_faults(panel, width, height):
    """Yield what is wrong with a panel of this size in pixels."""
    spans = [abs(axis.high - axis.low) for axis in (panel.x, panel.y)]
    if min(spans) == 0:
        yield "an axis from and to the same number"
    if panel.equal:
        width, height = np.array(spans) * min(width / spans[0], height / spans[1])
    x, y = scale(panel.x, width), scale(panel.y, -height)
    for mark in panel.marks if panel.name != "map" else ():
        if mark["kind"] in ("line", "dots"):
            inside = is_between(x(mark["x"]), 0, width) & is_between(y(mark["y"]), -height, 0)
            if mark["kind"] == "dots" and not inside.all():
                yield f"{(~inside).sum()} of {len(inside)} dots outside"
            if mark["kind"] == "line" and len(inside) > 5 and inside.mean() <= _SEEN:
                yield f"a line of which {inside.mean():.0%} is to be seen"
    yield from text_faults(
        [box(mark, x, y) for mark in panel.marks if mark["kind"] == "text"], width, height
    )


def text_faults(boxes, width, height):
    """Yield which words leave the panel, or stand over each other."""
    for left, top, right, bottom, words in boxes:
        if left < -20 or right > width + 20 or top < -height - 4 or bottom > 4:
            yield f"{words!r} leaves the panel"
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        if min(across, down) > 2:
            yield f"{one[4]!r} over {other[4]!r}"


def scale(axis, length):
    """A function from the numbers of an axis to pixels from 0 to a length."""
    inner = np.log10 if axis.log else np.asarray
    low, high = inner(axis.low), inner(axis.high)
    return lambda values: (inner(values) - low) / (high - low) * length


def is_between(values, low, high):
    """Which values lie between two, or a pixel beyond."""
    return (values >= low - 1) & (values <= high + 1)


def box(mark, x, y):
    """About where a text stands, in pixels: left, top, right, bottom, and the text."""
    lines = mark["text"].split("\n")
    wide = 0.52 * mark["size"] * max(map(len, lines))
    high = 0.85 * mark["size"] * len(lines)
    left = x(mark["x"]) - wide * {"left": 0, "center": 0.5, "right": 1}[mark["align"]]
    top = y(mark["y"]) - high * {"top": 0, "middle": 0.5, "bottom": 1}[mark["base"]]
    return left, top, left + wide, top + high, mark["text"]

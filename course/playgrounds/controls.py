"""The controls of the playgrounds: ipywidgets that all look alike."""

from collections.abc import Iterable

import ipywidgets as widgets
import numpy as np

from course.drawing.number_format import short

_WIDTH = 340  # pixels: two fit side by side above a picture


def slider(label, value, low, high, step, *, width=_WIDTH, label_width="initial"):
    """Return a slider for a number; for whole numbers if all arguments are whole.

    Sliders of one `width` and one `label_width` are equally long.
    """
    is_whole = all(isinstance(number, int) for number in (value, low, high, step))
    kind = widgets.IntSlider if is_whole else widgets.FloatSlider
    readout_format = "d" if is_whole else ".3"  # as `short` writes a number in a picture
    limits = {"min": low, "max": high, "step": step}
    style = _style(label, width, label_width)
    return kind(value=value, **limits, readout_format=readout_format, **style)


_ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # in each power of ten


def log_slider(label, value, low, high, *, width=_WIDTH):
    """Return a slider over round numbers from 10**low to 10**high, all powers of ten equally wide.

    It shows the number itself, not its exponent.
    """
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    numbers = [float(f"{digits}e{power}") for power in powers for digits in _ROUND]
    found = [number for number in numbers if 10.0**low <= number * (1 + 1e-9) <= 10.0**high * 1.001]
    return steps(label, value, [(short(number), number) for number in found], width=width)


def steps(label, value, options, *, width=_WIDTH):
    """Return a slider over a list of values, or of (name, value)."""
    named = [
        (f"{one:,}".replace("-", "\N{MINUS SIGN}"), one) if isinstance(one, int) else one
        for one in options
    ]
    made = widgets.SelectionSlider(options=named, value=value, **_style(label, width))
    return made.add_class("dll-steps")  # on which the page lets nobody type


def choice(label, value, options, *, width=240):
    """Return a drop-down list of values, or of (name, value)."""
    return widgets.Dropdown(options=options, value=value, **_style(label, width))


def switch(label, value, *, width=240):
    """Return a box to tick, for something that is on or off."""
    return widgets.Checkbox(
        value=value, description=label, indent=False, layout={"width": f"{width}px"}
    )


def number(label, value, *, step=0.1, width=160):
    """Return a box to type a number into; it counts when Enter is pressed or the box is left."""
    return widgets.FloatText(
        value=value, step=step, continuous_update=False, **_style(label, width)
    )


def button(label, *, tooltip="", width=130):
    """Return a button; the picture is told how often it was pressed."""
    return widgets.Button(
        description=label, tooltip=tooltip or label, layout={"width": f"{width}px"}
    )


def in_rows(rows: Iterable[Iterable[widgets.Widget]]) -> widgets.VBox:
    """Return controls that begin a new line at each row, and wherever there is no more room."""
    wrapping = {"flex_flow": "row wrap"}
    return widgets.VBox([widgets.HBox(list(row), layout=wrapping) for row in rows])


def _style(label, width, label_width="initial"):
    return {
        "description": label,
        "layout": {"width": f"{width}px"},
        "style": {"description_width": label_width},
    }

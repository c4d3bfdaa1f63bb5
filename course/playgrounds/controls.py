"""The controls of the playgrounds: ipywidgets, all of one look."""

import ipywidgets as widgets

_WIDTH = 340  # pixels: two beside each other above a picture


def slider(label, value, low, high, step, *, width=_WIDTH, readout_format=".2f"):
    """A slider for a number; whole numbers if all that is given is whole."""
    whole = all(isinstance(number, int) for number in (value, low, high, step))
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format="d" if whole else readout_format,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def log_slider(label, value, low, high, *, step=0.05, width=_WIDTH, readout_format=".2g"):
    """A slider for a number from 10**low to 10**high, all powers of ten equally wide."""
    return widgets.FloatLogSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format=readout_format,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def steps(label, value, options, *, width=_WIDTH):
    """A slider over a list of values, or of (name, value)."""
    return widgets.SelectionSlider(
        options=options,
        value=value,
        description=label,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def choice(label, value, options, *, width=240):
    """A drop-down list of values, or of (name, value)."""
    return widgets.Dropdown(
        options=options,
        value=value,
        description=label,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def number(label, value, *, step=0.1, width=160):
    """A box into which a number is typed; it counts when Enter is pressed or the box is left."""
    return widgets.FloatText(
        value=value,
        step=step,
        description=label,
        continuous_update=False,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def tick(label, value=False, *, width=200):
    """A box to tick."""
    return widgets.Checkbox(
        value=value, description=label, indent=False, layout={"width": f"{width}px"}
    )


def button(label, *, tooltip="", width=130):
    """A button; its value in the picture is how often it was pressed."""
    return widgets.Button(
        description=label, tooltip=tooltip or label, layout={"width": f"{width}px"}
    )

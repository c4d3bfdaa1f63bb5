"""The dashboard's controls: buttons, lists and the sliders of the two settings."""

import math

import ipywidgets as widgets

from course.live.rate_slider import RateSlider
from course.messages import _
from course.panels.description import speed_words
from course.recording import can_save_mp4
from course.training import Run

_BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_SPEEDS = (1000.0, 100.0, 10.0, 1.0)  # steps a second


class Controls:
    """The widgets that a learner moves, for one run; they do nothing by themselves.

    `speed` is in steps a second, or None for as fast as it can; in its list, that is infinity. To
    ipywidgets, None as a value would mean that none is chosen.
    """

    def __init__(self, run: Run, speed: float | None):
        self._shows_settings = run.shows_settings
        self.play = _toggle("play", _("Train, and pause"), button_style="primary")
        self.one_step = _button("step-forward", _("One step"))
        self.restart = _button("undo", _("Start again from the same weights"))
        self.redraw_weights = _button("random", _("Start again from newly drawn weights"))
        self.pin = _toggle("thumb-tack", _("Keep these curves to compare with"))
        self.pin_more = _button("plus", _("Keep these curves as well"))
        self.pin_more.disabled = True
        self.view = widgets.Dropdown(
            options=_views(),
            description=_("show"),
            layout={"width": "210px"},
            style={"description_width": "40px"},
        )
        chosen = math.inf if speed is None else speed
        speeds = sorted({math.inf, *_SPEEDS, chosen}, reverse=True)
        self.speed = widgets.Dropdown(
            options=[(_speed_name(choice), choice) for choice in speeds],
            value=chosen,
            description=_("speed"),
            layout={"width": "180px"},
            style={"description_width": "45px"},
        )
        self.save = _button("camera", _("Save as PNG"))
        self.film = _toggle("video-camera", _("Film, until it is pressed again"))
        self.film_format = widgets.Dropdown(
            options=[*([("MP4", ".mp4")] if can_save_mp4() else []), ("GIF", ".gif")],
            tooltip=_("How the film is saved"),
            layout={"width": "70px"},
        )
        self.learning_rate = RateSlider(run.learning_rate)
        available = run.data["train"].size
        sizes = {size for size in _BATCH_SIZES if size < available}
        self.batch_size = widgets.SelectionSlider(
            options=[(f"{size:,}", size) for size in sorted(sizes | {available, run.batch_size})],
            value=run.batch_size,
            description=_("batch size"),
            layout={"width": "auto", "flex": "1 1 300px", "max_width": "560px"},
            style={"description_width": "110px"},
        ).add_class("dll-steps")

    def rows(self) -> list[widgets.Box]:
        """Return the controls in rows, which wrap where it is narrow."""
        buttons = [self.play, self.one_step, self.restart, self.redraw_weights]
        pins = [self.pin, self.pin_more]
        # In a box of their own: a row that wraps never leaves one of them alone.
        camera = widgets.Box([self.save, self.film, self.film_format], layout={"flex": "none"})
        rows = [[*buttons, *pins, self.view, self.speed, camera]]
        if self._shows_settings:
            rows.append([self.learning_rate, self.batch_size])
        layout = {"flex_flow": "row wrap", "align_items": "center"}
        return [widgets.Box(row, layout=layout) for row in rows]


def _button(icon: str, tooltip: str) -> widgets.Button:
    return widgets.Button(icon=icon, tooltip=tooltip, layout={"width": "36px"})


def _toggle(icon: str, tooltip: str, button_style: str = "") -> widgets.ToggleButton:
    return widgets.ToggleButton(
        icon=icon, tooltip=tooltip, layout={"width": "36px"}, button_style=button_style
    )


def _views() -> list[tuple[str, tuple[str, ...]]]:
    """What the view can show: a choice in words, and the panels of it, or none for all."""
    return [
        (_("all six"), ()),
        (_("accuracy"), ("accuracy",)),
        (_("loss"), ("loss",)),
        (_("accuracy and loss"), ("accuracy", "loss")),
        (_("weights"), ("weights",)),
        (_("biases"), ("biases",)),
        (_("weights and biases"), ("weights", "biases")),
        (_("training digits"), ("training digits",)),
        (_("test digits"), ("test digits",)),
        (_("training and test digits"), ("training digits", "test digits")),
    ]


def _speed_name(speed: float) -> str:
    return _("as fast as it can") if math.isinf(speed) else speed_words(speed)

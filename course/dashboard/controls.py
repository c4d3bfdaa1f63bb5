"""The dashboard's controls: buttons, lists and the sliders of the two settings."""

import math

import ipywidgets as widgets

from course.messages import _
from course.training import Run

_MIN_RATE, _MAX_RATE, _NOTCH = -5.0, 2.0, 0.05  # powers of ten
_BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_SPEEDS = (1000.0, 100.0, 10.0, 1.0)  # steps a second
_VIEWS = (
    ("all six", None),
    ("accuracy", ("accuracy",)),
    ("loss", ("loss",)),
    ("accuracy and loss", ("accuracy", "loss")),
    ("weights and biases", ("weights", "biases")),
    ("training digits", ("training digits",)),
    ("test digits", ("test digits",)),
    ("training and test digits", ("training digits", "test digits")),
)


class Controls:
    """The widgets that a learner moves, for one run; they do nothing by themselves.

    `speed` is the chosen speed in steps a second, or None for as fast as it can.
    """

    def __init__(self, run: Run, speed: float | None):
        self.play = _toggle("play", _("Train, and pause"), button_style="primary")
        self.one_step = _button("step-forward", _("One step"))
        self.restart = _button("undo", _("Start again from the same weights"))
        self.redraw_weights = _button("random", _("Start again from newly drawn weights"))
        self.pin = _toggle("thumb-tack", _("Keep these curves to compare with"))
        self.view = widgets.Dropdown(
            options=[(_(name), names) for name, names in _VIEWS],
            index=0,  # by default none is chosen, as the first one's value is None
            description=_("show"),
            layout={"width": "240px"},
            style={"description_width": "40px"},
        )
        speeds = sorted({*_SPEEDS, speed} - {None}, reverse=True)
        self.speed = widgets.Dropdown(
            options=[(_speed_name(choice), choice) for choice in (None, *speeds)],
            value=speed,
            description=_("speed"),
            layout={"width": "190px"},
            style={"description_width": "45px"},
        )
        self.save = _button("camera", _("Save as PNG"))
        self.film = _toggle("video-camera", _("Film, until it is pressed again"))
        self.film_format = widgets.Dropdown(
            options=[("MP4", ".mp4"), ("GIF", ".gif")],
            tooltip=_("How the film is saved"),
            layout={"width": "70px"},
        )
        self.learning_rate = RateSlider(run.learning_rate)
        available = run.data["train"].size
        sizes = {size for size in _BATCH_SIZES if size < available}
        self.batch_size = widgets.SelectionSlider(
            options=sorted(sizes | {available, run.batch_size}),
            value=run.batch_size,
            description=_("batch size"),
            layout={"width": "440px"},
            style={"description_width": "80px"},
        )

    def rows(self) -> list[widgets.HBox]:
        """Return the controls in the two rows in which they stand above the picture."""
        buttons = [self.play, self.one_step, self.restart, self.redraw_weights, self.pin]
        lists = [self.view, self.speed, self.save, self.film, self.film_format]
        return [
            widgets.HBox([*buttons, *lists]),
            widgets.HBox([self.learning_rate, self.batch_size]),
        ]


class RateSlider(widgets.FloatLogSlider):
    """A slider for the learning rate, with 20 notches to a power of ten."""

    def __init__(self, rate: float):
        power = math.log10(rate) if rate else _MIN_RATE
        super().__init__(
            value=rate,
            min=min(_MIN_RATE, math.floor(power)),
            max=max(_MAX_RATE, math.ceil(power)),
            step=_NOTCH,
            description=_("learning rate"),
            readout_format=".2g",
            layout={"width": "440px"},
            style={"description_width": "90px"},
        )
        self._notch = _nearest_notch(self.value)

    def was_moved(self) -> bool:
        """Return whether a hand moved the slider since it was last asked or followed a schedule.

        The page moves the slider to the nearest notch and reports that as well: it does not count.
        """
        before, self._notch = self._notch, _nearest_notch(self.value)
        return self._notch != before

    def follow(self, rate: float):
        """Move to the notch that is nearest to a rate that changes by itself."""
        self._notch = _nearest_notch(rate)
        self.value = 10 ** (self._notch * _NOTCH)


def _nearest_notch(rate: float) -> int:
    return round(math.log10(rate) / _NOTCH)


def _button(icon: str, tooltip: str) -> widgets.Button:
    return widgets.Button(icon=icon, tooltip=tooltip, layout={"width": "42px"})


def _toggle(icon: str, tooltip: str, button_style: str = "") -> widgets.ToggleButton:
    return widgets.ToggleButton(
        icon=icon, tooltip=tooltip, layout={"width": "42px"}, button_style=button_style
    )


def _speed_name(speed: float | None) -> str:
    return _("as fast as it can") if speed is None else _("{speed:g} steps/s").format(speed=speed)

"""The slider for the learning rate: round values, and the exact one where it is not round."""

import bisect
import threading
from collections.abc import Callable

import ipywidgets as widgets

from course.drawing.number_format import short
from course.messages import _

_POWERS = range(-5, 2)  # of ten, from 0.00001 up to the largest rate
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # between one power and the next
_MAX_RATE = 100.0


class RateSlider(widgets.SelectionSlider):
    """A slider for the learning rate; `rate` is the one that it starts with, whatever it is."""

    def __init__(self, rate: float):
        rounds = {float(f"{value}e{power}") for power in _POWERS for value in _ROUND}
        # None that is shown like the exact one: Keras keeps 0.003 as 0.003000000026.
        others = {choice for choice in rounds | {_MAX_RATE} if short(choice) != short(rate)}
        self._rates = sorted(others | {float(rate)})
        self._following: int | None = None  # the thread that moves the slider by itself
        super().__init__(
            options=[(short(choice), choice) for choice in self._rates],
            value=float(rate),
            continuous_update=True,
            style={"description_width": "110px"},
            layout={"width": "auto", "flex": "1 1 300px", "max_width": "560px"},
        )
        self.add_class("dll-steps")
        self._describe(rate)

    def on_move(self, act: Callable[[float], None]) -> None:
        """Call `act(rate)` whenever somebody moves the slider."""

        def moved(change):
            if self._following != threading.get_ident():
                self._describe(change.new)
                act(change.new)

        self.observe(moved, "value")

    def follow(self, rate: float) -> None:
        """Move to the value nearest to a rate that changes by itself."""
        place = bisect.bisect_left(self._rates, rate)
        near = self._rates[max(0, place - 1) : place + 1]
        self._following = threading.get_ident()
        try:
            self.value = min(near, key=lambda choice: abs(choice - rate))
        finally:
            self._following = None
        self._describe(rate)

    def _describe(self, rate: float) -> None:
        """Say whether the slider's value is the rate itself or only close to it."""
        is_exact = abs(self.value - rate) <= 1e-6 * rate
        self.description = _("learning rate") if is_exact else _("learning rate ≈")

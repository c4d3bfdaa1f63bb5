"""The pictures of lesson 7: the panels of a healthy network, and of each patient."""

import math

import numpy as np

from course import clinic
from course.drawing.palette import BLUE, QUIET
from course.messages import _
from course.panels import Panels
from course.pictures.picture import Picture, new_figure, styled

_STEPS, _EVERY = 100, 5  # enough to learn ten digits by heart; evaluated every few steps
_SHARPNESS = 2  # image pixels per screen pixel


def healthy() -> Picture:
    """The six panels of a network without a fault, after its training."""
    return _panels(clinic.train(clinic.healthy()))


def patient(number: int) -> Picture:
    """The six panels of patient 1 to 10, as it came."""
    return _panels(clinic.admit(number))


def treated(number: int, **change) -> Picture:
    """The six panels of a patient after a treatment, such as `hidden_layers=1`."""
    return _panels(clinic.treat(number, **change))


@styled
def ten_digits() -> Picture:
    """For each patient the training loss while it learns only ten digits, if it can."""
    canvas = new_figure(7.6, 3.2)
    axes = canvas.subplots(2, 5, sharex=True, sharey=True)
    said = []
    for number, place in enumerate(axes.flat, start=1):
        steps, losses = clinic.learn_by_heart(number, _STEPS, _EVERY)
        place.axhline(math.log(10), color=QUIET, linewidth=0.8, linestyle=":")
        place.plot(steps, np.clip(losses, None, 4), color=BLUE)
        place.set(title=_("patient {number}").format(number=number), ylim=(-0.1, 3.6))
        last = losses[-1]
        place.text(
            *(0.96, 0.1 if last > 2.6 else 0.9),  # where the curve is not
            _("nan") if np.isnan(last) else f"{last:.2f}",
            transform=place.transAxes,
            ha="right",
        )
        said.append(f"{number}: {last:.2f}")
    for place in axes[1]:
        place.set_xlabel(_("step"))
    for place in axes[:, 0]:
        place.set_ylabel(_("loss"))
    alt = _(
        "The training loss of ten patients, each trained on ten digits only. After {steps} steps "
        "it is, patient by patient: {losses}. Guessing costs 2.30."
    ).format(steps=_STEPS, losses="; ".join(said))
    return Picture.from_figure(canvas, alt)


def _panels(run) -> Picture:
    panels = Panels(run, width=_SHARPNESS * 960, height=_SHARPNESS * 540)
    try:
        return Picture.from_array(panels.update(), panels.describe(), _SHARPNESS)
    finally:
        panels.close()

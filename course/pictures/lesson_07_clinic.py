"""The picture of lesson 7: what the patients make of only ten digits."""

import math

import numpy as np

from course import clinic
from course.drawing.palette import BLUE, QUIET
from course.messages import _, labelled
from course.pictures.picture import Picture, new_figure, styled

_STEPS = 100  # enough to learn ten digits by heart


@styled
def ten_digits() -> Picture:
    """For each patient the training loss while it learns only ten digits, if it can."""
    canvas = new_figure(7.6, 3.2)
    axes = canvas.subplots(2, 5, sharex=True, sharey=True)
    said = []
    for number, place in enumerate(axes.flat, start=1):
        losses = clinic.learn_by_heart(number, _STEPS)
        place.axhline(math.log(10), color=QUIET, linewidth=0.8, linestyle=":")
        place.plot(np.clip(losses, None, 4), color=BLUE)
        place.set(title=_("patient {number}").format(number=number), ylim=(-0.1, 3.6))
        last = losses[-1]
        place.text(
            *(0.96, 0.1 if last > 2.6 else 0.9),  # where the curve is not
            _("nan") if np.isnan(last) else f"{last:.2f}",
            transform=place.transAxes,
            ha="right",
        )
        said.append(labelled(str(number), f"{last:.2f}"))
    for place in axes[1]:
        place.set_xlabel(_("step"))
    for place in axes[:, 0]:
        place.set_ylabel(_("loss"))
    alt = _(
        "The training loss of ten patients, each trained on ten digits only. After {steps} steps "
        "it is, patient by patient: {losses}. Guessing costs 2.30."
    ).format(steps=_STEPS, losses=_("; ").join(said))
    return Picture.from_figure(canvas, alt)

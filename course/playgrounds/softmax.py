"""Softmax: ten logits become ten probabilities; a temperature says how decided they are."""

import ipywidgets as widgets
import numpy as np

from course.check.references import lesson_01_softmax
from course.drawing.number_format import percent, round_up, short
from course.messages import _
from course.playgrounds import controls, playground
from course.playgrounds.live_figure import set_if_changed

# A digit that looks like a 3, and a little like an 8.
LOGITS = (-1.0, -2.0, 0.5, 4.0, -3.0, 2.0, -1.5, -0.5, 3.0, 1.0)
_SHIFTS = (-1000, -100, -10, 0, 10, 100, 1000)


# What is computed ---------------------------------------------------------------------------------


def softmax(logits, temperature=1.0):
    """The probabilities (k,) for logits (k,): e to the logits over the temperature, over the sum.

    The largest is taken off first, which changes nothing but keeps every power at 1 or below.
    """
    return lesson_01_softmax.softmax(np.asarray(logits, np.float64) / temperature)


def safe_powers(logits, temperature=1.0):
    """e to the power of (logits - the largest) / temperature, (k,): between 0 and 1."""
    logits = np.asarray(logits, np.float64)
    return np.exp((logits - logits.max()) / temperature)


def naive_softmax(logits, temperature=1.0):
    """The same as written in a textbook, in float32: powers beyond e^88 are infinite."""
    with np.errstate(all="ignore"):
        powers = np.exp(np.asarray(logits, np.float32) / np.float32(temperature))
        return powers / powers.sum()


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """Three bar charts: the logits, their powers, the probabilities."""

    def __init__(self, figure, theme):
        self._theme = theme
        names = ("logits", "powers", "probabilities")
        self._axes = dict(zip(names, figure.subplots(1, 3), strict=True))
        self._bars, self._words = {}, {}
        for name, axes in self._axes.items():
            self._bars[name] = axes.bar(range(10), np.zeros(10), width=0.72, animated=True)
            self._words[name] = axes.text(
                *(0.5, -0.15, ""),
                transform=axes.transAxes,
                ha="center",
                va="top",
                color=theme.quiet,
                animated=True,
            )
            axes.set_xticks(range(10))
            axes.tick_params(axis="x", length=0)
            axes.axhline(0, color=theme.quiet, linewidth=0.8)
        self._axes["logits"].set_title(_("1  logits"))
        self._axes["powers"].set_title(_("2  e to the power of (logit - largest) / T"))
        self._axes["probabilities"].set_title(_("3  probabilities: each over the sum"))
        for name in ("powers", "probabilities"):
            self._axes[name].set(ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])
        self._values = [
            self._axes["probabilities"].text(
                *(digit, 0, ""), ha="center", va="bottom", fontsize=7.5, animated=True
            )
            for digit in range(10)
        ]

    def __call__(self, temperature, shift, **logits):
        values = np.array([*logits.values()]) + shift
        powers, probabilities = safe_powers(values, temperature), softmax(values, temperature)
        naive = naive_softmax(values, temperature)
        first = int(values.argmax())
        theme = self._theme
        for name, heights in zip(self._bars, (values, powers, probabilities), strict=True):
            for digit, (bar, height) in enumerate(zip(self._bars[name], heights, strict=True)):
                bar.set_height(height)
                bar.set_facecolor(theme.test if digit == first else theme.training)
        low, high = min(values.min(), 0), max(values.max(), 0)
        reach = round_up(max(high, -low, 5))
        set_if_changed(
            self._axes["logits"], ylim=(-reach if low < 0 else 0, reach if high > 0 else 0)
        )
        for digit, (label, share) in enumerate(zip(self._values, probabilities, strict=True)):
            label.set(text=f"{100 * share:.0f}" if share >= 0.005 else "", y=share + 0.015)
            label.set_fontweight("bold" if digit == first else "normal")
        self._words["logits"].set_text(
            _("largest: {digit} with {logit}").format(digit=first, logit=short(values[first]))
        )
        fails = not np.isfinite(naive).all()
        if fails:
            without = _("without taking it off: {got} → NaN").format(
                got=_("∞ / ∞") if values.max() > 0 else _("0 / 0")
            )
        else:
            without = _("without taking it off: the same")
        self._words["powers"].set_text(without)
        self._words["powers"].set_color(theme.test if fails else theme.quiet)
        self._words["powers"].set_fontweight("bold" if fails else "normal")
        self._words["probabilities"].set_text(_("in percent; the sum is 100"))
        return self._say(values, probabilities, temperature, first, fails)

    def _say(self, values, probabilities, temperature, first, fails):
        second = int(np.argsort(values)[-2])
        alt = _(
            "Three bar charts over the digits 0 to 9: logits, their powers, probabilities. At "
            "temperature {temperature} the largest logit, {logit} for digit {first}, becomes a "
            "probability of {share}; the next, {next_logit} for {second}, becomes {next_share}. "
            "Without taking off the largest logit {result}."
        )
        return alt.format(
            temperature=short(temperature),
            logit=short(values[first]),
            first=first,
            share=percent(probabilities[first]),
            next_logit=short(values[second]),
            second=second,
            next_share=percent(probabilities[second]),
            result=_("the result would be NaN") if fails else _("the result is the same"),
        )


def show(logits=LOGITS, *, dark: bool = False, live: bool | None = None):
    """Play with ten logits, a temperature, and a number added to all of them."""
    sliders = [_vertical(str(digit), logit) for digit, logit in enumerate(logits)]
    temperature = controls.log_slider(_("temperature T"), 1.0, -1, 1)
    shift = controls.steps(_("add to all logits"), 0, _SHIFTS)
    return playground.show(
        _Picture,
        {
            "temperature": temperature,
            "shift": shift,
            **{f"logit_{digit}": control for digit, control in enumerate(sliders)},
        },
        arranged=widgets.VBox([widgets.HBox(sliders), widgets.HBox([temperature, shift])]),
        title=_("Softmax"),
        question=_("How do ten logits become ten probabilities?"),
        hint=_(
            "pull T down to 0.1: only the largest is left, that is the “max”; push it to 10: "
            "all get a share, that is the “soft”. Then add 100 to all logits: the probabilities "
            "stay as they are, but only because the largest logit is taken off first."
        ),
        size=(8.6, 3.0),
        dark=dark,
        live=live,
    )


def _vertical(label, value):
    return widgets.FloatSlider(
        value=value,
        min=-10,
        max=10,
        step=0.1,
        description=label,
        orientation="vertical",
        readout_format=".1f",
        layout={"width": "56px", "height": "150px"},
    )

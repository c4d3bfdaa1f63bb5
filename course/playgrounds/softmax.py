"""Softmax: ten logits become ten probabilities; a temperature makes them more or less decided."""

import ipywidgets as widgets
import numpy as np

from course.check.references import lesson_01_softmax
from course.drawing.number_format import percent, round_up, short
from course.messages import _
from course.playgrounds import controls, playground
from course.playgrounds.scene import Axis, Panel, Scene, bars, line, text

# A digit that looks like a 3, and a little like an 8.
LOGITS = (-1.0, -2.0, 0.5, 4.0, -3.0, 2.0, -1.5, -0.5, 3.0, 1.0)
_SHIFTS = (-1000, -100, -10, 0, 10, 100, 1000)


# What is computed ---------------------------------------------------------------------------------


def softmax(logits, temperature=1.0):
    """The probabilities (k,) for logits (k,): e to the logits over the temperature, over the sum.

    The largest is subtracted first, which changes nothing but keeps every power at 1 or below.
    """
    return lesson_01_softmax.softmax(np.asarray(logits, np.float64) / temperature)


def safe_powers(logits, temperature=1.0):
    """e to the power of (logits - the largest) / temperature, (k,): between 0 and 1."""
    logits = np.asarray(logits, np.float64)
    return np.exp((logits - logits.max()) / temperature)


def naive_softmax(logits, temperature=1.0):
    """Softmax as a textbook writes it, in float32: powers beyond e^88 are infinite."""
    with np.errstate(all="ignore"):
        powers = np.exp(np.asarray(logits, np.float32) / np.float32(temperature))
        return powers / powers.sum()


# What is drawn ------------------------------------------------------------------------------------


def _picture(temperature, shift, **logits) -> Scene:
    """Three bar charts: the logits, their powers, the probabilities."""
    values = np.array([*logits.values()]) + shift
    powers, probabilities = safe_powers(values, temperature), softmax(values, temperature)
    naive = naive_softmax(values, temperature)
    largest = values == values.max()
    low, high = min(values.min(), 0), max(values.max(), 0)
    reach = round_up(max(high, -low, 5))
    digits = Axis(-0.6, 9.6, ticks=range(10))
    share = Axis(0, 1.14, ticks=(0, 0.25, 0.5, 0.75, 1))
    labels = []
    for digit, part in enumerate(probabilities):
        if part >= 0.005:
            look = {"size": 11, "bold": bool(largest[digit]), "base": "bottom"}
            labels.append(text(digit, part + 0.01, f"{100 * part:.0f}", **look))
    named = ", ".join(map(str, np.flatnonzero(largest)))
    note = _("largest: {digit} with {logit}").format(digit=named, logit=short(values.max()))
    warning = []
    if not np.isfinite(naive).all():
        got = _("∞ / ∞") if values.max() > 0 else _("0 / 0")
        without = _("without subtracting it: {got} → NaN").format(got=got)
        warning = [text(4.5, 1.07, f"{got} → NaN", "test", size=12, bold=True)]
        result = _("the result would be NaN")
    elif np.allclose(naive, probabilities, atol=0.005):
        without, result = _("without subtracting it: the same"), _("the result is the same")
    else:  # the powers are at the edge of what float32 can hold
        without, result = _("without subtracting it: wrong"), _("the result would be wrong")
    return Scene(
        [
            Panel(
                "logits",
                digits,
                Axis(-reach if low < 0 else 0, reach if high > 0 or not low else 0),
                [_bars(values, largest), _base()],
                _("1  logits"),
                note,
            ),
            Panel(
                "powers",
                digits,
                share,
                [_bars(powers, largest), *warning],
                _("2  e^((logit - largest) / T)"),
                without,
            ),
            Panel(
                "probabilities",
                digits,
                share,
                [_bars(probabilities, largest), *labels],
                _("3  probabilities: each over the sum"),
                _("in percent; the sum is 100"),
            ),
        ],
        _say(values, probabilities, temperature, result),
        height=230,
    )


def _bars(heights, largest):
    colours = ["test" if is_largest else "training" for is_largest in largest]
    return bars(range(10), heights, colours)


def _base():
    return line([-0.6, 9.6], [0, 0], "quiet", width=1)


def _say(values, probabilities, temperature, result):
    first, second = np.argsort(-values, kind="stable")[:2]
    alt = _(
        "Three bar charts over the digits 0 to 9: logits, their powers, probabilities. At "
        "temperature {temperature} the largest logit, {logit} for digit {first}, becomes a "
        "probability of {share}; the next, {next_logit} for {second}, becomes {next_share}. "
        "Without subtracting the largest logit {result}."
    )
    return alt.format(
        temperature=short(temperature),
        logit=short(values[first]),
        first=first,
        share=percent(probabilities[first]),
        next_logit=short(values[second]),
        second=second,
        next_share=percent(probabilities[second]),
        result=result,
    )


def show(logits=LOGITS, *, dark: bool = False, live: bool | None = None):
    """Play with ten logits, a temperature, and a number added to all of them."""
    sliders = [_vertical(str(digit), logit) for digit, logit in enumerate(logits)]
    # Where it is narrow, the digits 0 to 4 stand above 5 to 9.
    fives = [
        widgets.HBox(five, layout={"max_width": "100%"}) for five in (sliders[:5], sliders[5:])
    ]
    temperature = controls.log_slider(_("temperature T"), 1.0, -1, 1)
    shift = controls.steps(_("add to all logits"), 0, _SHIFTS)
    return playground.show(
        lambda: _picture,
        {
            "temperature": temperature,
            "shift": shift,
            **{f"logit_{digit}": control for digit, control in enumerate(sliders)},
        },
        arranged=controls.in_rows([fives, [temperature, shift]]),
        title=_("Softmax"),
        question=_("How do ten logits become ten probabilities?"),
        hint=_(
            "drag T down to 0.1: only the largest is left, that is the “max”; drag it up to 10: "
            "all get a share, that is the “soft”. Then add 100 to all logits: the probabilities "
            "stay as they are, but only because the largest logit is subtracted first."
        ),
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
        tooltip=_("logit of digit {digit}").format(digit=label),
        orientation="vertical",
        readout_format=".1f",
        layout={"width": "56px", "min_width": "0", "height": "150px"},
    )

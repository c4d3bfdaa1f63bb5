"""The activations that survive dropout: whether each is divided by 1 - rate, or by what else."""

import contextlib

import numpy as np

from course.check.engine import environment
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import MAX_DECIMALS, Hint, cut_off_hint, hint, rounded
from course.check.engine.result import Result
from course.check.lesson_05_overfitting_dropout.dropout_hints import (
    by_rate_hint,
    mask_alone_hint,
    one_for_all_hint,
    rate_fixed_hint,
    share_kept_hint,
)
from course.messages import _

RATES = (0.2, 0.5, 0.75)  # at which an answer is asked in training
_NEARLY_ALL = 0.99  # of the numbers: float32 may round a few to the other side


def check_survivors(
    attempt: Attempt, activations: np.ndarray, rate: float, key: list
) -> tuple[Result, np.ndarray]:
    """Check that each value is 0 or divided by 1 - rate; return the call and what it silenced."""
    result, array = call_in_training(attempt, activations, rate, key)
    given = activations.astype(np.float64)
    survivors = given / (1 - rate)
    filled = _filled_with_a_number(array, survivors)
    right = np.where(filled | (array == 0), 0, survivors)
    demand = _("dropout must give 0 or, for a survivor, the activation divided by 1 - rate.")
    try:
        result.equals(right, demand)
    except CheckFailed:
        its_hint = hint("other-silence", _("what is silenced becomes 0, not another number."))
        with environment.diagnosing():
            if not (filled.any() or _fills_with_a_number(attempt, rate, key)):
                its_hint = number_hint(attempt, True, key) or _hint_for_scale(
                    attempt, activations, key
                )
        result.equals(right, demand, its_hint)
    return result, array == 0


def call_in_training(
    attempt: Attempt, activations: np.ndarray, rate: float, key: list
) -> tuple[Result, np.ndarray]:
    """Return the result of a call in training, and its array."""
    return _called(attempt, activations, rate, True, key)


def _called(attempt, activations, rate, training, key):
    generator = np.random.default_rng(key)
    result = attempt.call(activations=activations, rate=rate, training=training, rng=generator)
    return result, result.array(activations.shape, _("as many activations as it was given"))


def number_hint(attempt: Attempt, training: bool, key: list) -> Hint | None:
    """Return the hint for decimals that are cut off, or rounded, at each rate; or None."""
    # Not larger: beyond these numbers, one with all its decimals would look rounded to four places.
    activations = (0.5 + 20 * np.random.default_rng([*key, 3]).random((30, 30))).astype(np.float32)
    hints = [its_hint for its_hint, _value in _without_decimals(activations, 1)]
    possible, is_shown = set(range(len(hints))), False
    for rate in RATES:
        array = np.zeros_like(activations)
        with contextlib.suppress(CheckFailed):
            array = _called(attempt, activations, rate, training, key)[1]
        if not array.any():
            return None
        share = 1 - rate if training else 1
        is_alike = [
            np.isclose(array, np.where(array == 0, 0, value)).mean() > _NEARLY_ALL
            for _hint, value in _without_decimals(activations, share)
        ]
        possible &= set(np.flatnonzero(is_alike).tolist())
        is_shown |= not np.allclose(array, np.where(array == 0, 0, activations / share), rtol=1e-5)
    return hints[min(possible)] if possible and is_shown else None


def _without_decimals(activations, share):
    """What the survivors are if decimals are lost, each with its hint; `share` is 1 - rate."""
    given = activations.astype(np.float64)
    scaled = given / share
    return [
        (cut_off_hint(), np.trunc(scaled)),
        (cut_off_hint(), given // share),
        (cut_off_hint(), np.trunc(given) / share),
        (cut_off_hint(), given * np.trunc(1 / share)),
        *((rounded(), np.round(scaled, places)) for places in range(MAX_DECIMALS + 1)),
        (rounded(), np.round(given) / share),
    ]


def _fills_with_a_number(attempt, rate, key):
    """Whether all silenced activations get the same number: tried on 900, to silence several."""
    activations = np.arange(1, 901, dtype=np.float32).reshape(30, 30)
    _result, array = call_in_training(attempt, activations, rate, key)
    return _filled_with_a_number(array, activations.astype(np.float64) / (1 - rate)).any()


def _filled_with_a_number(array, survivors):
    """Where one number, other than 0, stands for all that is silenced; nowhere if it is none."""
    odd = ~np.isclose(array, survivors)
    is_one = 1 < odd.sum() < odd.size and array.all() and np.unique(array[odd]).size == 1
    return odd & is_one


def _hint_for_scale(attempt, activations, key):
    """The hint that explains what survives, at each rate at which anything does; or None."""
    found, is_whole, is_mixed = None, True, False
    for rate in RATES:
        _result, array = call_in_training(attempt, activations, rate, key)
        is_whole &= np.array_equal(array, activations)
        is_mixed |= np.unique(np.isclose(array, activations)[array != 0]).size > 1
        if array.any():
            explained = [
                its_hint
                for its_hint, value in _other_scales(array, activations, rate).items()
                if np.allclose(array, value, rtol=1e-4, atol=1e-6)
            ]
            found = [each for each in explained if found is None or each in found]
    if is_whole:
        if _silences_everything(attempt, activations, key):
            return one_for_all_hint()
        return hint(
            "never-drops",
            _("nothing is silenced: does your function get as far as drawing if training is True?"),
        )
    if found and found[0].id == "by-rate" and _keeps_the_rate(attempt, key):
        return share_kept_hint()
    found = [each for each in found or () if is_mixed or each.id != "two-draws"]
    return found[0] if found else None


def _keeps_the_rate(attempt, key):
    """Whether the share that survives is the rate."""
    activations = np.ones((60, 60), np.float32)
    return all(
        abs(np.count_nonzero(call_in_training(attempt, activations, rate, key)[1]) / 3600 - rate)
        < 0.1
        for rate in RATES
    )


def _silences_everything(attempt, activations, key):
    """Whether some of a few other generators silence all activations."""
    rate = RATES[-1]
    return any(
        not call_in_training(attempt, activations, rate, [*key, number])[1].any()
        for number in range(20)
    )


def _other_scales(array, activations, rate):
    """What the activations that are not 0 are by mistake, by hints."""
    silenced = array == 0
    given = activations.astype(np.float64)
    survivors = np.where(silenced, 0, given)
    products = [survivors * factor for factor in (1 - rate, 1 + rate, rate)]
    return _without_brackets(array, given, rate) | {
        hint(
            "no-scaling",
            _("the survivors must make up for the silenced: divide them by 1 - rate."),
        ): survivors,
        by_rate_hint(): survivors / rate,
        mask_alone_hint(): ~silenced / (1 - rate),
        hint("divided-twice", _("divide by 1 - rate once, not twice.")): (
            survivors / (1 - rate) ** 2
        ),
        hint(
            "by-survivors",
            _("divide by 1 - rate, the chance to survive, not by the share that did survive."),
        ): survivors / np.mean(~silenced),
        rate_fixed_hint(): survivors * 2,
        hint("two-draws", _("some survivors are not scaled: draw once, and use this mask.")): (
            np.where(np.isclose(array, given), given, survivors / (1 - rate))
        ),
        hint("multiplied", _("divide by 1 - rate: this multiplies instead.")): next(
            (value for value in products if np.allclose(array, value)), products[0]
        ),
    }


def _without_brackets(array, given, rate):
    """The hint for a division by 1, and the rate subtracted; only where something is silenced."""
    silenced = np.isclose(array, -rate) | (array == 0)
    if not silenced.any():
        return {}
    its_hint = hint(
        "no-brackets",
        _("`a / 1 - rate` divides by 1 and then subtracts the rate: put 1 - rate in brackets."),
    )
    return {its_hint: np.where(silenced, array, given - rate)}

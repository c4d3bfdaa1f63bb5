"""The check of dropout: survivors scaled up, the others 0, and a draw for each activation."""

import contextlib

import numpy as np

from course.check.engine import environment
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.properties import unfilled_hint
from course.check.lesson_05_overfitting_dropout.dropout_hints import (
    by_rate_hint,
    chance_hint,
    mask_alone_hint,
    rate_fixed_hint,
    share_kept_hint,
)
from course.check.lesson_05_overfitting_dropout.dropout_masks import check_masks
from course.check.lesson_05_overfitting_dropout.dropout_survivors import (
    RATES,
    call_in_training,
    check_survivors,
    number_hint,
)
from course.messages import _


def dropout(answer, seed=0):
    """activations (n, d), rate, training, rng -> survivors divided by 1 - rate, the others 0."""
    attempt = Attempt(answer, "dropout(activations, rate, training, rng)")
    rng = np.random.default_rng([44, seed])
    sizes = [(3, 7), (1, 1), (1, 7), (10, 10), (7, 3), tuple(map(int, rng.integers(11, 40, 2)))]
    for number, (n, d) in enumerate(sizes):
        activations = rng.normal(size=(n, d)).astype(np.float32)
        if number == 0:
            activations = np.arange(1, 22, dtype=np.float32).reshape(3, 7)
        for rate, training in ((0.2, False), (0.0, True), (0.5, False), (0.0, False)):
            _check_identity(attempt, activations, rate, training, [45, seed, number])
        for rate in (*RATES, float(rng.uniform(0.1, 0.9))):
            check_survivors(attempt, activations, rate, [46, seed, number])
    for rate in RATES:
        check_masks(attempt, rate, seed)


def _check_identity(attempt, activations, rate, training, key):
    """Check that nothing changes, at the rate 0 or outside training."""
    generator = np.random.default_rng(key)
    result = attempt.call(activations=activations, rate=rate, training=training, rng=generator)
    array = result.array(activations.shape, _("as many activations as it was given"))
    given = activations.astype(np.float64)
    is_right = np.allclose(array, given)
    with environment.diagnosing():
        lost_decimals = None if is_right else number_hint(attempt, training, key)
    if training:
        demand = _("dropout must change nothing when the rate is 0.")
        hints = _hints_at_rate_0(array, given)
        with contextlib.suppress(CheckFailed), environment.diagnosing():
            drawn = np.random.default_rng(key).random(given.shape)
            if _compares_activations(attempt, key):
                hints = _activations_compared()
            elif np.allclose(array, given * drawn):
                hints = _numbers_themselves()
        result.equals(given, demand, lost_decimals or hints)
        return
    hints = _hints_outside_training(array, given, rate)
    with contextlib.suppress(CheckFailed), environment.diagnosing():
        if np.any(array == 0) and _is_idle_in_training(attempt, activations, key):
            hints = hint(
                "training-reversed",
                _(
                    "the condition is the wrong way round: this silences outside training, and "
                    "changes nothing in it."
                ),
            )
    demand = _("dropout must change nothing outside training.")
    result.equals(given, demand, lost_decimals or hints)


def _compares_activations(attempt, key):
    """Whether what is silenced is what is below the rate, or what is above it, at each rate."""
    activations = np.random.default_rng([*key, 1]).normal(size=(30, 30)).astype(np.float32)
    silenced = [call_in_training(attempt, activations, rate, key)[1] == 0 for rate in RATES]
    return any(
        all(map(np.array_equal, silenced, [compared(activations, rate) for rate in RATES]))
        for compared in (np.less, np.greater)
    )


def _is_idle_in_training(attempt, activations, key):
    """Whether the answer changes nothing in training, at any rate."""
    return all(
        np.array_equal(call_in_training(attempt, activations, rate, key)[1], activations)
        for rate in RATES
    )


def _hints_at_rate_0(array, given):
    """The hint, or what each mistake gives in training at the rate 0, by its hint."""
    if np.isnan(array).all():  # 0 / 0: everything is silenced, and then divided
        return share_kept_hint()
    if not np.isfinite(array).any():
        return by_rate_hint()
    rate_0 = hint(
        "rate-0",
        _("with the rate 0 every activation survives; is the comparison the wrong way round?"),
    )
    zero = array == 0
    hints = {rate_0: 0 * given, rate_fixed_hint(): np.where(zero, 0, 2 * given)}
    hints |= (
        _negatives_lost(given) | _unfilled(array, given) | {mask_alone_hint(): np.ones_like(given)}
    )
    is_drawn = (zero != zero.all(axis=0)).any()  # not whole columns, as a loop leaves them
    # Not for their values.
    if np.all(zero | (array == given)) and given.min() > 0 and is_drawn:
        hints |= {chance_hint(): array}
    return hints


def _hints_outside_training(array, given, rate):
    """What each mistake gives outside training, by its hint."""
    drops = hint(
        "drops-outside-training",
        _("outside training no activation is silenced: look at `training` first."),
    )
    scales = hint(
        "scales-outside-training",
        _("outside training nothing is silenced, so there is nothing to make up for."),
    )
    hints = _negatives_lost(given)
    if any(np.allclose(array, given * factor) for factor in (1 - rate, 1 / (1 - rate), rate)):
        hints |= {scales: array}
    hints |= {drops: np.where(array == 0, 0, given / (1 - rate))}
    if np.all((array == 0) | (array == given)):
        return _unfilled(array, given) or hints | {drops: array}
    return hints


def _activations_compared():
    return hint(
        "activations-compared",
        _(
            "the activations themselves are compared with the rate: compare random numbers with "
            "it, rng.random(activations.shape)."
        ),
    )


def _numbers_themselves():
    return hint(
        "numbers-themselves",
        _(
            "this multiplies by the random numbers themselves: what survives is multiplied by 1, "
            "or by True, and then divided by 1 - rate."
        ),
    )


def _negatives_lost(given):
    text = _("negative activations survive as well: no ReLU here.")
    return {hint("relu", text): np.maximum(given, 0)}


def _unfilled(array, given):
    """The hint for what is given, with rows that are left at 0, and that value; or nothing."""
    its_hint = unfilled_hint(array)
    begins_right = np.array_equal(array[0], given[0]) or not np.ravel(array)[1:].any()
    return {its_hint: array} if its_hint and begins_right else {}

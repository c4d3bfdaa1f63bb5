"""The check of dropout: survivors scaled up, the others 0, and a draw for each activation."""

import contextlib
import itertools

import numpy as np

from course.check.engine import chances, environment
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import cut_off_hint, hint
from course.check.engine.properties import (
    generator_state,
    is_restless,
    same_again,
    source_hint,
    unfilled_hint,
)
from course.messages import _

_RATES = (0.2, 0.5, 0.75)
# Height and width differ, so that rows are not taken for columns. By bad luck, a right answer is
# off by five standard deviations with one of 40,000 seeds, and silences the same number in all
# four masks of a rate with one of 400,000.
_MASK, _MASKS = (90, 70), 4


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
        for rate in (*_RATES, float(rng.uniform(0.1, 0.9))):
            _check_survivors(attempt, activations, rate, [46, seed, number])
    for rate in _RATES:
        _check_masks(attempt, rate, seed)


def _check_identity(attempt, activations, rate, training, key):
    """Check that nothing changes, at the rate 0 or outside training."""
    generator = np.random.default_rng(key)
    result = attempt.call(activations=activations, rate=rate, training=training, rng=generator)
    array = result.array(activations.shape, _("as many activations as it was given"))
    given = activations.astype(np.float64)
    if training:
        demand = _("dropout must change nothing when the rate is 0.")
        hints = _hints_at_rate_0(array, given)
        with contextlib.suppress(CheckFailed), environment.diagnosing():
            drawn = np.random.default_rng(key).random(given.shape)
            if _compares_activations(attempt, key):
                hints = _activations_compared()
            elif np.allclose(array, given * drawn):
                hints = _numbers_themselves()
        result.equals(given, demand, hints)
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
    result.equals(given, _("dropout must change nothing outside training."), hints)


def _compares_activations(attempt, key):
    """Whether what is silenced is what is below the rate, or what is above it, at each rate."""
    activations = np.random.default_rng([*key, 1]).normal(size=(30, 30)).astype(np.float32)
    silenced = [_dropped(attempt, activations, rate, key)[1] == 0 for rate in _RATES]
    return any(
        all(map(np.array_equal, silenced, [compared(activations, rate) for rate in _RATES]))
        for compared in (np.less, np.greater)
    )


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


def _hints_at_rate_0(array, given):
    """The hint, or what each mistake gives in training at the rate 0, by its hint."""
    if np.isnan(array).all():  # 0 / 0: everything is silenced, and then divided
        return _share_kept()
    if not np.isfinite(array).any():
        return _by_rate()
    rate_0 = hint(
        "rate-0",
        _("with the rate 0 every activation survives; is the comparison the wrong way round?"),
    )
    zero = array == 0
    hints = {rate_0: 0 * given, _rate_fixed(): np.where(zero, 0, 2 * given)}
    hints |= _negatives_lost(given) | _unfilled(array, given) | {_mask_alone(): np.ones_like(given)}
    is_drawn = (zero != zero.all(axis=0)).any()  # not whole columns, as a loop leaves them
    # Not for their values.
    if np.all(zero | (array == given)) and given.min() > 0 and is_drawn:
        hints |= {_chance(): array}
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


def _negatives_lost(given):
    text = _("negative activations survive as well: no ReLU here.")
    return {hint("relu", text): np.maximum(given, 0)}


def _is_idle_in_training(attempt, activations, key):
    """Whether the answer changes nothing in training, at any rate."""
    return all(
        np.array_equal(_dropped(attempt, activations, rate, key)[1], activations) for rate in _RATES
    )


def _by_rate():
    return hint("by-rate", _("divide by 1 - rate, the share that survives, not by the rate."))


def _share_kept():
    return hint(
        "share-kept", _("`rate` is the share that is silenced, not the share that is kept.")
    )


def _rate_fixed():
    return hint("rate-fixed", _("the rate is an argument: 1 - rate, not a fixed number."))


def _mask_alone():
    return hint("mask-alone", _("this is only the mask: multiply the activations by it."))


def _chance():
    return hint(
        "chance",
        _("compare rng.random(activations.shape), which is uniform in 0..1, with rate."),
    )


def _unfilled(array, given):
    """The hint for what is given, with rows that are left at 0, and that value; or nothing."""
    its_hint = unfilled_hint(array)
    begins_right = np.array_equal(array[0], given[0]) or not np.ravel(array)[1:].any()
    return {its_hint: array} if its_hint and begins_right else {}


def _check_survivors(attempt, activations, rate, key):
    """Check that each value is 0 or divided by 1 - rate; return the call and what it silenced."""
    result, array = _dropped(attempt, activations, rate, key)
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
                its_hint = _hint_for_scale(attempt, activations, key)
        result.equals(right, demand, its_hint)
    return result, array == 0


def _fills_with_a_number(attempt, rate, key):
    """Whether all silenced activations get the same number: tried on 900, to silence several."""
    activations = np.arange(1, 901, dtype=np.float32).reshape(30, 30)
    _result, array = _dropped(attempt, activations, rate, key)
    return _filled_with_a_number(array, activations.astype(np.float64) / (1 - rate)).any()


def _filled_with_a_number(array, survivors):
    """Where one number, other than 0, stands for all that is silenced; nowhere if it is none."""
    odd = ~np.isclose(array, survivors)
    is_one = 1 < odd.sum() < odd.size and array.all() and np.unique(array[odd]).size == 1
    return odd & is_one


def _dropped(attempt, activations, rate, key):
    """A call in training, and its array."""
    generator = np.random.default_rng(key)
    result = attempt.call(activations=activations, rate=rate, training=True, rng=generator)
    return result, result.array(activations.shape, _("as many activations as it was given"))


def _hint_for_scale(attempt, activations, key):
    """The hint that explains what survives, at each rate at which anything does; or None."""
    found, is_whole = None, True
    for rate in _RATES:
        _result, array = _dropped(attempt, activations, rate, key)
        is_whole &= np.array_equal(array, activations)
        if array.any():
            explained = [
                its_hint
                for its_hint, value in _other_scales(array, activations, rate).items()
                if np.allclose(array, value, rtol=1e-4, atol=1e-6)
            ]
            found = [each for each in explained if found is None or each in found]
    if is_whole:
        if _silences_everything(attempt, activations, key):
            return _one_for_all()
        return hint(
            "never-drops",
            _("nothing is silenced: does your function get as far as drawing if training is True?"),
        )
    if found and found[0].id == "by-rate" and _keeps_the_rate(attempt, key):
        return _share_kept()
    return found[0] if found else None


def _keeps_the_rate(attempt, key):
    """Whether the share that survives is the rate."""
    activations = np.ones((60, 60), np.float32)
    return all(
        abs(np.count_nonzero(_dropped(attempt, activations, rate, key)[1]) / 3600 - rate) < 0.1
        for rate in _RATES
    )


def _one_for_all():
    return hint(
        "one-for-all",
        _(
            "one draw for the whole array silences all of it or nothing: draw n times d numbers, "
            "rng.random(activations.shape)."
        ),
    )


def _silences_everything(attempt, activations, key):
    """Whether some of a few other generators silence all activations."""
    rate = _RATES[-1]
    return any(
        not _dropped(attempt, activations, rate, [*key, number])[1].any() for number in range(20)
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
        _by_rate(): survivors / rate,
        cut_off_hint(): survivors // (1 - rate),
        _mask_alone(): ~silenced / (1 - rate),
        hint("divided-twice", _("divide by 1 - rate once, not twice.")): (
            survivors / (1 - rate) ** 2
        ),
        hint(
            "by-survivors",
            _("divide by 1 - rate, the chance to survive, not by the share that did survive."),
        ): survivors / np.mean(~silenced),
        _rate_fixed(): survivors * 2,
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


def _check_masks(attempt, rate, seed):
    """Check that each value of a mask has a draw of its own, with this chance."""
    masks = []
    for draw in range(_MASKS):
        key = [47, seed, int(rate * 100), draw]
        activations = 1 + np.random.default_rng([*key, 1]).random(_MASK, np.float32)
        activations *= np.where(np.random.default_rng([*key, 2]).random(_MASK) < 0.5, -1, 1)
        activations = activations.astype(np.float32)
        result, silenced = _check_survivors(attempt, activations, rate, key)
        masks.append(silenced)
    for silenced in masks:
        _check_draws_apart(result, silenced, rate, {mask.mean() for mask in masks})
        _check_chance(result, silenced, rate)
        _check_neighbours(result, silenced, rate)
    if any(chances.are_linked(*two, rate) for two in itertools.pairwise(masks)):
        result.fail(
            _("dropout must draw a new mask at every call."),
            got=_("two masks that are alike, from two different generators"),
            hint=same_again(),
        )
    if len({int(mask.sum()) for mask in masks}) == 1:
        result.fail(
            _("dropout must draw for each activation on its own."),
            got=_("exactly {count} of {all} silenced, every time").format(
                count=int(masks[0].sum()), all=masks[0].size
            ),
            hint=hint(
                "fixed-count",
                _(
                    "toss a coin for each activation, so that the number of the silenced varies: "
                    "compare rng.random(activations.shape) with the rate."
                ),
            ),
        )
    _check_source(attempt, result)


def _check_draws_apart(result, silenced, rate, shares):
    """Check that neither rows nor columns are silenced together; `shares` are of all masks."""
    its_hint = unfilled_hint(~silenced)
    if its_hint:
        result.fail(
            _("dropout must silence each activation with the chance `rate`."),
            got=_("whole rows silenced together"),
            hint=its_hint,
        )
    is_in_rows, is_in_columns = (chances.vary_together(silenced, axis, rate) for axis in (1, 0))
    if (is_in_rows or is_in_columns) and silenced.mean() in (0, 1):
        result.fail(
            _("dropout must draw for each activation on its own."),
            got=_("everything silenced") if silenced.all() else _("nothing silenced"),
            hint=_one_for_all() if shares == {0, 1} else None,
        )
    if is_in_rows:
        result.fail(
            _("dropout must draw a mask of its own for each column."),
            got=_("whole rows silenced together"),
            hint=hint("one-per-row", _("draw n times d numbers, not n.")),
        )
    if is_in_columns:
        result.fail(
            _("dropout must draw a mask of its own for each row, that is, each example."),
            got=_("whole columns silenced together"),
            hint=hint("one-per-column", _("draw n times d numbers, not d.")),
        )


def _check_chance(result, silenced, rate):
    share = silenced.mean()
    if chances.is_off(share, rate, silenced.size):
        is_swapped = not chances.is_off(share, 1 - rate, silenced.size)
        keep_and_drop = hint(
            "keep-and-drop",
            _(
                "silenced and surviving are exchanged: rng.random(...) is below the rate with the "
                "chance `rate`, and those are the silenced."
            ),
        )
        result.fail(
            _("dropout must silence each activation with the chance `rate`."),
            expected=_("a share of about {rate:.3f}").format(rate=rate),
            got=_("a share of {share:.3f}").format(share=share),
            hint=keep_and_drop if is_swapped else _chance(),
        )


def _check_neighbours(result, silenced, rate):
    """Check that values side by side, and one above the other, do not share a draw."""
    pairs = (silenced[:, 1:], silenced[:, :-1]), (silenced[1:], silenced[:-1])
    if any(chances.are_linked(*two, rate) for two in pairs):
        result.fail(
            _("dropout must draw for each activation on its own."),
            got=_("neighbours that are silenced together"),
            hint=hint(
                "neighbours", _("draw as many numbers as there are activations: activations.shape.")
            ),
        )


def _check_source(attempt, result):
    """Check that a mask depends on the state of rng: from the same one it comes again."""
    names = ("activations", "rate", "training", "rng")
    again = attempt.call(**{name: result.given(name) for name in names})
    states = [generator_state(rng) for rng in (result.given("rng"), result.afterwards["rng"])]
    is_unused = states[0] == states[1]
    if not is_unused and not is_restless(result, again):
        return
    other_generator = hint(
        "other-generator",
        _(
            "rng.random(activations.shape): neither NumPy's own np.random nor a ready-made dropout "
            "draws from rng."
        ),
    )
    result.fail(
        _("dropout must draw with the generator rng."),
        got=_("rng was not used") if is_unused else _("two masks from the same state of rng"),
        hint=source_hint(False, is_unused, other_generator),
    )

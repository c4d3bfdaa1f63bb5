"""The masks of dropout: whether each activation has a draw of its own, from rng."""

import itertools

import numpy as np

from course.check.engine import chances
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.properties import (
    generator_state,
    is_restless,
    same_again,
    source_hint,
    unfilled_hint,
)
from course.check.lesson_05_overfitting_dropout.dropout_hints import chance_hint, one_for_all_hint
from course.check.lesson_05_overfitting_dropout.dropout_survivors import (
    check_survivors,
)
from course.messages import _

# Height and width differ, so that rows are not taken for columns. By bad luck, a right answer is
# off by five standard deviations with one of 40,000 seeds, and silences the same number in all
# four masks of a rate with one of 400,000.
_MASK, _MASKS = (90, 70), 4


def check_masks(attempt: Attempt, rate: float, seed: int) -> None:
    """Check that each value of a mask has a draw of its own, with this chance."""
    masks = []
    for draw in range(_MASKS):
        key = [47, seed, int(rate * 100), draw]
        activations = 1 + np.random.default_rng([*key, 1]).random(_MASK, np.float32)
        activations *= np.where(np.random.default_rng([*key, 2]).random(_MASK) < 0.5, -1, 1)
        activations = activations.astype(np.float32)
        result, silenced = check_survivors(attempt, activations, rate, key)
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
            hint=one_for_all_hint() if shares == {0, 1} else None,
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
            hint=keep_and_drop if is_swapped else chance_hint(),
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

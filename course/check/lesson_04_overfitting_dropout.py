"""The checks of lesson 4: the validation split, dropout, early stopping, and curves with a name.

Each takes the learner's answer, and a seed for the random inputs that it is tried on. Random draws
are never compared with expected ones: their statistics may be five standard deviations off.
"""

import hashlib
import itertools
import math
from collections.abc import Mapping

import numpy as np

from course.check.engine import values, wording
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.properties import DEVIATIONS, generator_state, is_far
from course.check.references import lesson_04_overfitting_dropout as reference
from course.messages import _

CURVES = ("A", "B", "C", "D")
CURVE_NAMES = ("underfitting", "overfitting", "rate too high", "good fit")
_CURVE_DIGESTS = {
    "A": "fd6fe4f613fd9840",
    "B": "59f70885c57498a1",
    "C": "3273972ac9c450ac",
    "D": "0f1f8cd2f36c83ef",
}


# The split ----------------------------------------------------------------------------------------


def split_indices(answer, seed=0):
    """n, share, rng -> (training, validation): indices, disjoint, covering 0..n-1, at random."""
    attempt = Attempt(answer, "split_indices(n, validation_share, rng)")
    sizes = np.random.default_rng([41, seed])
    cases = [(4, 0.5), (10, 0.2), (10, 0.3), (7, 0.25), (2, 0.5), (100, 0.1), (1000, 0.15)]
    cases.append((int(sizes.integers(41, 400)), float(sizes.choice([0.2, 0.3, 0.75, 1 / 3]))))
    for number, (n, share) in enumerate(cases):
        rng = np.random.default_rng([42, seed, number])
        result = attempt.call(n=n, validation_share=share, rng=rng)
        _parts_of_a_split(result, n, share)
    _check_that_splits_are_random(attempt, seed)


def _parts_of_a_split(result, n, share) -> np.ndarray:
    """The validation indices of a result that is a split of n examples."""
    value = result.plain()
    if isinstance(value, np.ndarray) and value.shape == (2, n / 2):
        result.value = list(value)
    training, validation = result.parts("training", "validation")
    training, validation = _indices(training, n), _indices(validation, n)
    both = np.intersect1d(training, validation)
    if both.size:
        result.fail(
            _("split_indices must put every example into one part only."),
            got=_("index {index} is in the training and in the validation part").format(
                index=both[0]
            ),
            hint=hint(
                "overlap",
                _(
                    "shuffle all indices once and cut the row in two; two separate draws overlap, "
                    "and so does a slice that starts one place too early."
                ),
            ),
        )
    everything = np.concatenate([training, validation])
    missing = np.setdiff1d(np.arange(n), everything)
    if missing.size:
        result.fail(
            _("split_indices must return every index from 0 to n - 1; none may be lost."),
            got=_("index {index} is in neither part").format(index=missing[0]),
            hint=hint(
                "lost", _("the training part is everything that is not in the validation part.")
            ),
        )
    if everything.size != n:
        indices, counts = np.unique(everything, return_counts=True)
        result.fail(
            _("split_indices must give every index once."),
            got=_("index {index} comes {count} times").format(
                index=indices[counts > 1][0], count=counts.max()
            ),
            hint=hint("with-replacement", _("draw without replacement: rng.permutation does.")),
        )
    allowed = _allowed_counts(n, share)
    if validation.size not in allowed:
        result.fail(
            _("split_indices must give the validation part its share: n times validation_share."),
            expected=_("{count} validation indices").format(count=round(n * share)),
            got=_("{count} validation and {others} training indices").format(
                count=validation.size, others=training.size
            ),
            hint=(
                hint(
                    "exchanged-parts",
                    _("the parts are exchanged: training comes first, then validation."),
                )
                if training.size in allowed
                else hint(
                    "share",
                    _(
                        "the share alone decides how many there are; tossing a coin for each "
                        "example would give another count every time."
                    ),
                )
            ),
        )
    return validation


def _allowed_counts(n, share):
    """The sizes that rounding down, up or to the nearest give, from either part's share."""
    whole = {math.floor(n * share), math.ceil(n * share)}
    rest = {math.floor(n * (1 - share)), math.ceil(n * (1 - share))}
    return whole | {n - count for count in rest}


def _indices(part, n):
    """A part of the split as whole numbers in 0..n-1."""
    array = part.plain()
    if isinstance(array, np.ndarray) and array.shape == (0,):
        return array.astype(np.int64)
    if isinstance(array, np.ndarray) and array.ndim == 2 and 1 in array.shape:
        part.fail(
            _("split_indices must return each part as one row of indices."),
            got=_("an array of shape {shape}").format(shape=array.shape),
            hint=hint("column", _("np.argwhere gives a column; np.flatnonzero gives a row.")),
        )
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype.kind not in "iu":
        booleans = isinstance(array, np.ndarray) and array.dtype.kind == "b"
        fractions = isinstance(array, np.ndarray) and array.dtype.kind == "f"
        part.fail(
            _("split_indices must return each part as one row of indices, whole numbers."),
            expected=_("such as [3, 6]"),
            got=_("an array of {type}").format(type=array.dtype)
            if booleans or fractions
            else wording.kind_text(part.value),
            hint=hint(
                "booleans",
                _("True and False only mark the chosen ones: np.flatnonzero gives their indices."),
            )
            if booleans
            else hint(
                "fractions",
                _(
                    "indices have no decimal point. rng.permutation(n) gives whole numbers; "
                    "np.zeros, a division or an empty list gives others."
                ),
            )
            if fractions
            else None,
        )
    array = array.astype(np.int64)
    outside = array[(array < 0) | (array >= n)]
    if outside.size:
        part.fail(
            _("split_indices must give indices from 0 to n - 1."),
            got=_("the index {index}").format(index=outside[0]),
            hint=hint("index-range", _("rng.permutation(n) and np.arange(n) count from 0.")),
        )
    return array


def _check_that_splits_are_random(attempt, seed, n=600, share=0.25, draws=12):
    """Check that splits are scattered, and that no two are alike."""
    positions, runs, common = [], [], []
    before = None
    for draw in range(draws):
        rng = np.random.default_rng([43, seed, draw])
        state = generator_state(rng)
        result = attempt.call(n=n, validation_share=share, rng=rng)
        validation = _parts_of_a_split(result, n, share)
        chosen = np.zeros(n, bool)
        chosen[validation] = True
        positions.append(validation.mean())
        runs.append(1 + np.count_nonzero(chosen[1:] != chosen[:-1]))
        if before is not None:
            common.append(np.count_nonzero(chosen & before))
        before = chosen
        unused = generator_state(result.afterwards["rng"]) == state
    exact = validation.size
    kept = n - exact
    if is_far(common, exact**2 / n, (exact * kept / n) ** 2 / (n - 1)):
        same = min(common) == exact
        block = same and np.ptp(validation) == exact - 1
        result.fail(
            _("split_indices must draw a new split each time rng has moved on."),
            got=(
                _("the same validation part from {draws} different generators").format(draws=draws)
                if same
                else _("validation parts that are too much alike")
            ),
            hint=hint(
                "one-block",
                _(
                    "the last examples of a list are not a fair sample: shuffle first, with "
                    "rng.permutation."
                ),
            )
            if block
            else hint(
                "own-generator", _("draw from rng: do not make a new generator with its own seed.")
            )
            if same
            else hint(
                "alike",
                _(
                    "leave no blocks and no regular steps: shuffle all n indices with "
                    "rng.permutation."
                ),
            ),
        )
    middle, spread = (n - 1) / 2, kept * (n + 1) / (12 * exact)
    expected_runs = 2 * exact * kept / n + 1
    runs_spread = (expected_runs - 1) * (expected_runs - 2) / (n - 1)
    if is_far(positions, middle, spread) or is_far(runs, expected_runs, runs_spread):
        result.fail(
            _("split_indices must draw at random, each example with the same chance."),
            got=_("validation indices {indices}, …").format(
                indices=", ".join(str(index) for index in np.sort(validation)[:10])
            ),
            hint=hint(
                "not-random",
                _(
                    "leave no blocks, no regular steps and no part that is always left out: "
                    "shuffle all n indices."
                ),
            ),
        )
    if unused:
        result.fail(
            _("split_indices must draw with the generator rng."),
            got=_("rng was not used"),
            hint=hint("other-generator", _("rng.permutation(n), not np.random.permutation(n).")),
        )


# Dropout ------------------------------------------------------------------------------------------


def dropout(answer, seed=0):
    """activations (n, d), rate, training, rng -> survivors divided by 1 - rate, the others 0."""
    attempt = Attempt(answer, "dropout(activations, rate, training, rng)")
    rng = np.random.default_rng([44, seed])
    sizes = [(2, 5), (1, 1), (1, 7), (10, 10), (7, 3), tuple(map(int, rng.integers(11, 40, 2)))]
    for number, (n, d) in enumerate(sizes):
        activations = rng.normal(size=(n, d)).astype(np.float32)
        if number == 0:
            activations = np.arange(1, 11, dtype=np.float32).reshape(2, 5)
        for rate, training in ((0.5, False), (0.0, True), (0.2, False), (0.0, False)):
            _check_identity(attempt, activations, rate, training, [45, seed, number])
        for rate in (0.2, 0.5, 0.75, float(rng.uniform(0.1, 0.9))):
            generator = np.random.default_rng([46, seed, number])
            result = attempt.call(activations=activations, rate=rate, training=True, rng=generator)
            _check_survivors(result, activations, rate)
    for rate in (0.2, 0.5, 0.75):
        _check_masks(attempt, rate, seed)


def _check_identity(attempt, activations, rate, training, key):
    generator = np.random.default_rng(key)
    result = attempt.call(activations=activations, rate=rate, training=training, rng=generator)
    array = result.array(activations.shape, _("as many activations as it was given"))
    demand = (
        _("dropout must change nothing when the rate is 0.")
        if training
        else _("dropout must change nothing outside training.")
    )
    given = activations.astype(np.float64)
    if training:
        reversed_comparison = hint(
            "rate-0",
            _("with the rate 0 every activation survives; is the comparison the wrong way round?"),
        )
        hints = {reversed_comparison: 0 * given}
        if not np.isfinite(array).any():
            hints = hint(
                "by-rate", _("divide by 1 - rate, the share that survives, not by the rate.")
            )
    else:
        drops = hint(
            "drops-outside-training",
            _("outside training no activation is silenced: look at `training` first."),
        )
        less = hint(
            "scales-outside-training",
            _("the scaling is done in training; outside it, nothing is left to scale."),
        )
        hints = {
            less: given * (1 - rate),
            hint(
                "divides-outside-training", _("outside training nothing is missing: do not divide.")
            ): (given / (1 - rate)),
            hint(
                "rate-outside-training",
                _("outside training nothing is silenced and nothing is scaled."),
            ): given * rate,
            drops: np.where(array == 0, 0, given / (1 - rate)),
        }
        if (array[array != 0] == activations[array != 0]).all():
            hints[drops] = array
    result.equals(given, demand, hints)


def _check_survivors(result, activations, rate):
    """Check that each value is 0 or divided by 1 - rate; return which ones were silenced."""
    array = result.array(activations.shape, _("as many activations as it was given"))
    given = activations.astype(np.float64)
    silenced = array == 0
    survivors = np.where(silenced, 0, given)
    hints = {}
    if not silenced.all():
        hints = {
            hint(
                "no-scaling",
                _("the survivors must make up for the silenced: divide them by 1 - rate."),
            ): survivors,
            hint(
                "by-rate", _("divide by 1 - rate, the share that survives, not by the rate.")
            ): survivors / rate,
            hint("times-survival", _("divide by 1 - rate; this multiplies by it.")): survivors
            * (1 - rate),
            hint(
                "times-one-plus-rate", _("divide by 1 - rate; this multiplies by 1 + rate.")
            ): survivors * (1 + rate),
            hint("times-rate", _("divide by 1 - rate; this multiplies by the rate.")): survivors
            * rate,
            hint("divided-twice", _("divide by 1 - rate once, not twice.")): survivors
            / (1 - rate) ** 2,
            hint(
                "by-survivors",
                _("divide by 1 - rate, the chance to survive, not by the share that did survive."),
            ): (survivors / np.mean(~silenced)),
        }
    result.equals(
        survivors / (1 - rate),
        _("dropout must give 0 or, for a survivor, the activation divided by 1 - rate."),
        hints,
    )
    return silenced


def _check_masks(attempt, rate, seed, n=90, d=70, draws=4):
    """Check that each value of a mask has a draw of its own, with this chance."""
    masks = []
    for draw in range(draws):
        key = [47, seed, int(rate * 100), draw]
        activations = 1 + np.random.default_rng([*key, 1]).random((n, d), np.float32)
        activations *= np.where(np.random.default_rng([*key, 2]).random((n, d)) < 0.5, -1, 1)
        activations = activations.astype(np.float32)
        generator = np.random.default_rng(key)
        state = generator_state(generator)
        result = attempt.call(activations=activations, rate=rate, training=True, rng=generator)
        silenced = _check_survivors(result, activations, rate)
        _check_one_mask(result, silenced, rate)
        masks.append(silenced)
    variance = rate * (1 - rate)
    for first, second in itertools.pairwise(masks):
        agree = np.mean((first - rate) * (second - rate)) / variance
        if abs(agree) > DEVIATIONS / math.sqrt(n * d):
            result.fail(
                _("dropout must draw a new mask at every call."),
                got=_("two masks that are alike, from two different generators"),
                hint=hint(
                    "own-generator",
                    _("draw from rng; a generator with a fixed seed repeats itself."),
                ),
            )
    if len({int(mask.sum()) for mask in masks}) == 1:
        result.fail(
            _("dropout must draw for each activation on its own."),
            got=_("exactly {count} of {all} silenced, every time").format(
                count=int(masks[0].sum()), all=n * d
            ),
            hint=hint(
                "fixed-count",
                _(
                    "toss a coin for each activation, so that the number of the silenced varies: "
                    "compare rng.random(activations.shape) with the rate."
                ),
            ),
        )
    if generator_state(result.afterwards["rng"]) == state:
        result.fail(
            _("dropout must draw with the generator rng."),
            got=_("rng was not used"),
            hint=hint("other-generator", _("rng.random(activations.shape), not np.random.rand.")),
        )


def _check_one_mask(result, silenced, rate):
    n, d = silenced.shape
    share = silenced.mean()
    variance = rate * (1 - rate)
    rows, columns = silenced.mean(axis=1), silenced.mean(axis=0)
    for lines, size, demand, its_hint, got in (
        (
            rows,
            d,
            _("dropout must draw a mask of its own for each column."),
            hint("one-per-row", _("draw n times d numbers, not n.")),
            _("whole rows silenced together"),
        ),
        (
            columns,
            n,
            _("dropout must draw a mask of its own for each row, that is, each example."),
            hint("one-per-column", _("draw n times d numbers, not d.")),
            _("whole columns silenced together"),
        ),
    ):
        # The squares of the deviations, over their mean, follow chi-squared.
        squares = ((lines - rate) ** 2).sum() * size / variance
        spread = math.sqrt(2 * len(lines))
        own = ((lines - share) ** 2).sum() * size / variance
        if own > len(lines) + 2 * DEVIATIONS * spread or (
            share in (0, 1) and squares > len(lines) + DEVIATIONS * spread
        ):
            if share in (0, 1):
                demand = _("dropout must draw for each activation on its own.")
                its_hint = hint(
                    "one-for-all", _("one draw for the whole array silences all of it or nothing.")
                )
                got = _("everything silenced") if share else _("nothing silenced")
            result.fail(demand, got=got, hint=its_hint)
    if abs(share - rate) > DEVIATIONS * math.sqrt(variance / silenced.size):
        swapped = abs(share - (1 - rate)) < DEVIATIONS * math.sqrt(variance / silenced.size)
        result.fail(
            _("dropout must silence each activation with the chance `rate`."),
            expected=_("a share of about {rate:.3f}").format(rate=rate),
            got=_("a share of {share:.3f}").format(share=share),
            hint=(
                hint(
                    "keep-and-drop",
                    _(
                        "silenced and surviving are exchanged: rng.random(...) is below the rate "
                        "with the chance `rate`, and those are the silenced."
                    ),
                )
                if swapped
                else hint(
                    "chance",
                    _(
                        "compare rng.random(activations.shape), which is uniform in 0..1, with "
                        "rate."
                    ),
                )
            ),
        )
    # Values side by side, and one above the other, must not share a draw.
    for first, second in ((silenced[:, 1:], silenced[:, :-1]), (silenced[1:], silenced[:-1])):
        alike = np.mean((first - rate) * (second - rate)) / variance
        if abs(alike) > DEVIATIONS / math.sqrt(first.size):
            result.fail(
                _("dropout must draw for each activation on its own."),
                got=_("neighbours that are silenced together"),
                hint=hint(
                    "neighbours",
                    _("draw as many numbers as there are activations: activations.shape."),
                ),
            )


# Early stopping -----------------------------------------------------------------------------------


def early_stopping(answer, seed=0):
    """losses (m,), patience -> (the epoch at which to stop, the best epoch until then)."""
    attempt = Attempt(answer, "early_stopping(losses, patience)")
    rng = np.random.default_rng([48, seed])
    cases = [
        ([4, 2, 3, 2.5, 3.5, 4.5, 5, 1], 3),  # here every usual slip gives another answer
        ([4.5, 2.5, 3.5, 3, 2.75, 2.625, 1.5], 3),
        ([3, 2, 1], 1),
        ([3, 2, 2.5, 1.5, 1.75, 1.625, 1.875, 1], 2),
        ([2, 2, 2, 2], 2),
        ([3, 1, 2, 1.5, 1.25, 4, 0.5], 3),
        ([5, 4, 4.5, 3, 3.5, 2, 2.5], 2),
        ([1, 2, 3], 1),
        ([4], 1),
        ([4], 3),
        ([5, 6, 7], 3),
        ([5, 6, 7], 5),
        ([3, 2, 2, 1], 2),
        ([5e6, 4e6, 3e6], 2),
        ([1, 0.99999, 0.99998, 0.99997, 2, 2], 1),
        ([-1, -2, -1.5, -3], 2),
    ]
    for length, patience in ((10, 1), (30, 3), (60, 5), (int(rng.integers(20, 90)), 4)):
        for drop in (0.0, 0.15):
            steps = rng.normal(-drop, 1, length)
            cases.append((4 + 0.25 * np.cumsum(steps), patience))
            cases.append((rng.integers(1, 9, length) / 4, patience))
    for losses, patience in cases:
        losses = np.array(losses, np.float32)
        result = attempt.call(losses=losses, patience=patience)
        found = result.plain()
        if not isinstance(found, np.ndarray) or found.shape != (2,):
            stop, best = result.parts(_("stop"), _("best"))
            stop.array((), _("one epoch"))
            best.array((), _("one epoch"))
        expected = reference.early_stopping(losses, patience)
        if tuple(found.tolist()) != expected:
            mistakes = _stop_hints(losses, patience).items()
            result.fail(
                _early_stopping_demand(expected, losses),
                expected=expected,
                got=tuple(found.tolist()),
                hint=next((text for text, pair in mistakes if pair == tuple(found)), None),
            )


def _early_stopping_demand(expected, losses):
    if expected[0] == len(losses) - 1 and len(losses) > 1:
        return _(
            "early_stopping must return (stop, best); if patience never runs out, stop is the last "
            "epoch."
        )
    return _(
        "early_stopping must return (stop, best): stop after `patience` epochs in a row without a "
        "new minimum."
    )


def _stop_hints(losses, patience):
    stop, best = reference.early_stopping(losses, patience)
    last = len(losses) - 1
    rise = next((e for e in range(1, last + 1) if losses[e] > losses[e - 1]), last)
    hints = {
        hint("exchanged-parts", _("stop comes first, then the best epoch.")): (best, stop),
        hint("epochs-from-1", _("epochs count from 0.")): (stop + 1, best + 1),
        hint(
            "last-as-best",
            _("the best epoch is the one with the smallest loss so far, not the last one."),
        ): (
            stop,
            stop,
        ),
        hint(
            "one-before-stop",
            _("the best epoch is where the loss was smallest, `patience` epochs before the stop."),
        ): (
            stop,
            stop - 1,
        ),
        hint(
            "best-of-all",
            _("look at the epochs one by one: what comes after the stop is never seen."),
        ): (
            stop,
            int(losses.argmin()),
        ),
        hint(
            "looks-ahead",
            _("the smallest loss of all lies in the future: look at the epochs one by one."),
        ): (
            min(int(losses.argmin()) + patience, last),
            int(losses.argmin()),
        ),
        hint("loss-for-epoch", _("return the epoch of the smallest loss, not the loss.")): (
            stop,
            float(losses[best]),
        ),
        hint(
            "patience-first",
            _(
                "first ask whether this epoch is the new best, and only then whether patience has "
                "run out."
            ),
        ): (_simulate(losses, patience, patience_first=True)),
        hint(
            "starts-below-0",
            _("at first, the smallest loss so far is that of epoch 0; 0 is below every loss."),
        ): (
            min(patience - 1, last),
            0,
        ),
        hint("starts-at-0", _("at first, the smallest loss so far is that of epoch 0, not 0.")): (
            min(patience, last),
            0,
        ),
        hint(
            "first-rise",
            _("do not stop at the first rise: wait for `patience` epochs without a new minimum."),
        ): (
            rise,
            int(losses[: rise + 1].argmin()),
        ),
    }
    for text, mistake in (
        (
            hint(
                "tie",
                _("a tie is not an improvement: only a loss below the smallest so far counts."),
            ),
            _simulate(losses, patience, tie=True),
        ),
        (
            hint("not-reset", _("the count starts again from 0 after every new minimum.")),
            _simulate(losses, patience, reset=False),
        ),
        (
            hint(
                "epoch-before",
                _("compare with the smallest loss so far, not with the epoch before."),
            ),
            _simulate(losses, patience, neighbour=True),
        ),
        (
            hint(
                "one-later",
                _(
                    "one epoch too late: stop when the count reaches patience, not when it passes "
                    "it."
                ),
            ),
            _simulate(losses, patience + 1),
        ),
        (
            hint("one-earlier", _("one epoch too early: the count must reach patience.")),
            _simulate(losses, max(patience - 1, 1)),
        ),
        (
            hint(
                "stop-one-later",
                _("one epoch too late: return the epoch at which the count is full."),
            ),
            (stop + 1, best),
        ),
        (
            hint(
                "stop-one-earlier",
                _("one epoch too early: return the epoch at which the count is full."),
            ),
            (stop - 1, best),
        ),
        (hint("small-improvements", _("every improvement counts, however small.")), (last, best)),
    ):
        hints.setdefault(text, mistake)
    return hints


def _simulate(losses, patience, *, tie=False, reset=True, neighbour=False, patience_first=False):
    """What early stopping with one of these mistakes gives."""
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if patience_first and epoch - best == patience:
            return epoch, best
        standard = losses[epoch - 1] if neighbour else losses[best]
        improved = losses[epoch] <= standard if tie else losses[epoch] < standard
        if losses[epoch] < losses[best] or (tie and improved):
            best = epoch
        if improved:
            waited = 0 if reset else waited
        else:
            waited += 1
        if waited == patience and not patience_first:
            return epoch, best
    return epoch, best


# The curves ---------------------------------------------------------------------------------------


def name_the_curve(answer, seed=0):
    """picture "A" … "D" -> its name; says only whether all four are right."""
    names = curve_names(answer)
    if any(_digest(picture, name) != _CURVE_DIGESTS[picture] for picture, name in names.items()):
        raise CheckFailed(
            _("name_the_curve must give each of the four pictures its name."),
            exercise="name_the_curve",
            got=_("not all four of them right"),
            hint=hint(
                "curves",
                _(
                    "where does the training loss end, high or low? And how far from it is the "
                    "validation loss, and which way is it going?"
                ),
            ),
        )


def curve_names(answer) -> dict:
    """The name that an answer gives to each picture: a function, a dict, or a list in order."""
    if isinstance(answer, Mapping):
        by_picture = {str(picture).strip().upper(): name for picture, name in answer.items()}
        answer = by_picture.get
    elif values.is_sequence(answer) and len(answer) == len(CURVES):
        answer = dict(zip(CURVES, answer, strict=True)).get
    attempt = Attempt(answer, "name_the_curve(picture)")
    names = {}
    for picture in CURVES:
        result = attempt.call(picture=picture)
        name = result.value
        if name is None:
            result.fail(
                _("name_the_curve must return a name for every picture."),
                got=_("None"),
                hint=hint("no-name", _("return one of the four names, in quotation marks.")),
            )
        known = {_plain_name(one): one for one in CURVE_NAMES}
        known["learningratetoohigh"] = "rate too high"  # as lesson 6 calls it
        if not isinstance(name, str) or _plain_name(name) not in known:
            result.fail(
                _("name_the_curve must return one of these: {names}.").format(
                    names=", ".join(CURVE_NAMES)
                ),
                got=f"str {name!r}" if isinstance(name, str) else wording.kind_text(name),
            )
        names[picture] = known[_plain_name(name)]
    return names


def _plain_name(name):
    return "".join(character for character in name.lower() if character.isalpha())


def _digest(picture, name):
    return hashlib.sha256(f"curve {picture}, lesson 4: {name}".encode()).hexdigest()[:16]

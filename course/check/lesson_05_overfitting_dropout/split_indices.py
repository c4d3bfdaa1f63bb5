"""The check of split_indices: two parts of all indices, disjoint and drawn at random."""

import contextlib
import math

import numpy as np

from course.check.engine import environment, formatting
from course.check.engine.attempt import Attempt
from course.check.engine.diagnosis import memory_hint
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.properties import generator_state, is_far, never_chosen, same_again
from course.messages import _

# In each of the splits, three numbers must be within five standard deviations, and so must their
# means: by bad luck, a right answer fails with one of 45,000 seeds. With 12 splits, a mean is
# noticed that is off by one and a half deviations of a single split.
_MANY, _SHARE, _SPLITS = 600, 0.25, 12
# By bad luck, one of a few indices is in the same part of all halvings with one of 10^11 seeds.
_FEW, _HALVINGS = 6, 40
# Each share of these is a whole number of examples, and so is a hundredth of it.
_COUNTED, _SHARES = 1000, (0.1, 0.1, 0.6, 0.6)


def split_indices(answer, seed=0):
    """n, share, rng -> (training, validation): indices, disjoint, covering 0..n-1, at random."""
    attempt = Attempt(answer, "split_indices(n, validation_share, rng)")
    sizes = np.random.default_rng([41, seed])
    # First parts of unequal length, which are not the same by luck.
    cases = [(10, 0.2), (10, 0.3), (4, 0.5), (7, 0.25), (2, 0.5), (100, 0.1), (1000, 0.15)]
    cases.append((3, 0.1))  # rounded, no example at all may be left for validation
    cases.append((int(sizes.integers(41, 400)), float(sizes.choice([0.2, 0.3, 0.75, 1 / 3]))))
    for number, (n, share) in enumerate(cases):
        rng = np.random.default_rng([42, seed, number])
        result = attempt.call(n=n, validation_share=share, rng=rng)
        _parts_of_a_split(attempt, result, n, share)
    _check_that_splits_are_random(attempt, seed)
    _check_that_every_index_is_picked(attempt, seed)


def _parts_of_a_split(attempt, result, n, share) -> np.ndarray:
    """The validation indices of a result that is a split of n examples."""
    value = None if result.came_as else result.plain()
    if isinstance(value, np.ndarray) and value.shape == (2, n / 2):
        result.value = list(value)
    training, validation = result.parts("training", "validation")
    training, validation = _indices(training, n), _indices(validation, n)
    both = np.intersect1d(training, validation)
    if both.size and np.array_equal(training, validation):
        result.fail(
            _("split_indices must put every example into one part only."),
            got=_("the same indices in both parts"),
            hint=hint(
                "same-part", _("both parts are the same: is one name, or one slice, written twice?")
            ),
        )
    if both.size:
        result.fail(
            _("split_indices must put every example into one part only."),
            got=_("index {index} is in the training and in the validation part").format(
                index=both[0]
            ),
            hint=_with_replacement()
            if any(np.unique(part).size < part.size for part in (training, validation))
            else hint(
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
            hint=attempt.by_code(
                {
                    r"\b(permutation|arange|range|choice)\((1 *,|\w+ *- *1\b)": hint(
                        "too-few",
                        _(
                            "there are n indices, from 0 to n - 1, as rng.permutation(n) gives "
                            "them: is one of them left out?"
                        ),
                    )
                },
                hint(
                    "lost",
                    _(
                        "the training part is everything that is not in the validation part: of "
                        "two slices, one begins where the other ends."
                    ),
                ),
            ),
        )
    if everything.size != n:
        indices, counts = np.unique(everything, return_counts=True)
        result.fail(
            _("split_indices must give every index once."),
            got=_("index {index} comes {count} times").format(
                index=indices[counts > 1][0], count=counts.max()
            ),
            hint=_with_replacement(),
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
                if training.size in allowed and validation.size < n
                else hint(
                    "negative-slice",
                    _("if no index is to be taken, order[-0:] takes all: slice from the front."),
                )
                if 0 in allowed and validation.size == n
                else _count_hint(attempt, validation.size - round(n * share))
            ),
        )
    return validation


def _with_replacement():
    return hint("with-replacement", _("draw without replacement: rng.permutation does."))


def _no_pattern():
    return hint(
        "not-random",
        _(
            "leave no blocks, no regular steps and no part that is always left out: shuffle all n "
            "indices."
        ),
    )


def _allowed_counts(n, share):
    """The sizes that rounding down, up or to the nearest give, from either part's share."""
    whole = {math.floor(n * share), math.ceil(n * share)}
    rest = {math.floor(n * (1 - share)), math.ceil(n * (1 - share))}
    return whole | {n - count for count in rest}


def _count_hint(attempt, extra):
    """The hint for another number of validation indices, one call's `extra`; or None."""
    n, shares = _COUNTED, _SHARES
    with contextlib.suppress(CheckFailed), environment.diagnosing():
        parts = [_validation_part(attempt, n, share, number) for number, share in enumerate(shares)]
        counts = [np.size(part) for part in parts]
        if set(counts) == {n}:
            return hint(
                "divided-by-share",
                _(
                    "all examples are in the validation part: it takes n times validation_share, "
                    "not n divided by it."
                ),
            )
        if counts == [int(n * share / 100) for share in shares]:
            return hint(
                "percentage",
                _("validation_share is a share such as 0.2, not a percentage: no division by 100."),
            )
        if len(set(counts)) == 1 or counts[0] != counts[1]:
            return hint(
                "share",
                _(
                    "the share that is given decides how many there are, not a fixed number, and "
                    "not chance."
                ),
            )
        if all(
            np.unique(np.diff(np.sort(part))).size == 1 < np.diff(np.sort(part))[0]
            for part in parts
        ):
            return _no_pattern()
        off = {count - round(n * share) for count, share in zip(counts, shares, strict=True)}
        if off == {extra} and abs(extra) == 1:
            return hint("off-by-one", _("the count is off by one: int(n * validation_share)."))
    return None


def _validation_part(attempt, n, share, number):
    """What an answer gives as the validation part, with a generator of this number."""
    rng = np.random.default_rng([45, number])
    result = attempt.call(n=n, validation_share=share, rng=rng)
    return result.parts("training", "validation")[1].plain()


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
            else formatting.kind_text(part.value),
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
            hint=hint(
                "index-range",
                _("rng.permutation(n) and np.arange(n) give just these: n indices, from 0 on."),
            ),
        )
    return array


def _check_that_splits_are_random(attempt, seed):
    """Check that splits are scattered, and that no two are alike."""
    n, share = _MANY, _SHARE
    positions, runs, common, unused = [], [], [], []
    before = None
    for draw in range(_SPLITS):
        rng = np.random.default_rng([43, seed, draw])
        state = generator_state(rng)
        result = attempt.call(n=n, validation_share=share, rng=rng)
        validation = _parts_of_a_split(attempt, result, n, share)
        chosen = np.zeros(n, bool)
        chosen[validation] = True
        positions.append(validation.mean())
        runs.append(1 + np.count_nonzero(chosen[1:] != chosen[:-1]))
        if before is not None:
            common.append(np.count_nonzero(chosen & before))
        before = chosen
        unused.append(generator_state(result.afterwards["rng"]) == state)
    exact = validation.size
    kept = n - exact
    if min(common) == exact:
        is_block = np.ptp(validation) == exact - 1
        is_in_order = np.array_equal(validation, np.sort(validation))
        if not is_block:
            result.fail(
                _("split_indices must draw a new split each time rng has moved on."),
                got=_("the same validation part from {draws} different generators").format(
                    draws=_SPLITS
                ),
                hint=same_again(),
            )
        result.fail(
            _("split_indices must shuffle all n indices before it splits them."),
            got=_("always the indices {first} to {last} in the validation part").format(
                first=validation.min(), last=validation.max()
            ),
            hint=hint(
                "draw-not-kept",
                _(
                    "rng draws something here, but nothing of it is left: keep what "
                    "rng.permutation gives, which is a new array, and do not sort it before the "
                    "cut."
                ),
            )
            if is_in_order and not any(unused)
            else hint(
                "one-block",
                _(
                    "neighbours in a list are not a fair sample: shuffle all indices first, with "
                    "rng.permutation."
                ),
            ),
        )
    middle, spread = (n - 1) / 2, kept * (n + 1) / (12 * exact)
    expected_runs = 2 * exact * kept / n + 1
    runs_spread = (expected_runs - 1) * (expected_runs - 2) / (n - 1)
    if (
        is_far(common, exact**2 / n, (exact * kept / n) ** 2 / (n - 1))
        or is_far(positions, middle, spread)
        or is_far(runs, expected_runs, runs_spread)
    ):
        result.fail(
            _("split_indices must draw at random, each example with the same chance."),
            got=_("validation indices {indices}, …").format(
                indices=", ".join(str(index) for index in np.sort(validation)[:10])
            ),
            hint=_no_pattern(),
        )
    if unused[-1]:
        result.fail(
            _("split_indices must draw with the generator rng."),
            got=_("rng was not used"),
            hint=hint(
                "other-generator",
                _(
                    "draw with rng.permutation(n): np.random and `random` have generators of their "
                    "own."
                ),
            ),
        )


def _check_that_every_index_is_picked(attempt, seed):
    """Check that each index is now and then in either part."""
    n = _FEW
    chosen = np.zeros((_HALVINGS, n), bool)
    for draw in range(_HALVINGS):
        rng = np.random.default_rng([44, seed, draw])
        result = attempt.call(n=n, validation_share=0.5, rng=rng)
        chosen[draw, _parts_of_a_split(attempt, result, n, 0.5)] = True
    again = attempt.call(n=n, validation_share=0.5, rng=rng)
    kept = never_chosen(chosen)
    if kept:
        index, always = kept
        result.fail(
            _("split_indices must draw at random, each example with the same chance."),
            got=(
                _("index {index} always in the validation part")
                if always
                else _("index {index} never in the validation part")
            ).format(index=index),
            hint=hint(
                "never-moved",
                _("rng.permutation(n) mixes all n indices, the first and the last as well."),
            ),
        )
    same = set(_parts_of_a_split(attempt, again, n, 0.5)) == set(np.flatnonzero(chosen[-1]))
    if not same and not attempt.uses_tensorflow():
        again.fail(
            _("split_indices must draw with the generator rng."),
            got=_("two splits from the same state of rng"),
            hint=memory_hint(),
        )

"""The check of initial_weights: independent random numbers of mean 0 and variance 2 / fan_in."""

import numpy as np

from course.check.engine import hints
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.properties import DEVIATIONS, check_generator
from course.messages import _

_SMALL = [(2, 3), (3, 2), (1, 1)]
_LARGE = [(400, 60), (30, 400), (400, 30), (100, 100), (1, 9000), (9000, 1)]


def initial_weights(answer, seed=0):
    """fan_in, fan_out, rng -> (fan_in, fan_out) random numbers of mean 0 and variance 2/fan_in."""
    attempt = Attempt(answer, "initial_weights(fan_in, fan_out, rng)")
    sizes = [*_SMALL, *_LARGE, tuple(np.random.default_rng([33, seed]).integers(90, 200, 2))]
    drawn = [
        _draw(attempt, int(fan_in), int(fan_out), np.random.default_rng([33, seed, number]))
        for number, (fan_in, fan_out) in enumerate(sizes)
    ][len(_SMALL) :]
    for result, weights in drawn:
        _check_differences(result, weights, attempt.uses("normal"))
        _check_independence(result, weights)
        _check_mean(result, weights)
    _check_spread(drawn)
    check_generator(
        lambda rng: attempt.call(fan_in=4, fan_out=3, rng=rng),
        np.random.default_rng([34, seed]),
        _("initial_weights must draw from the rng that it is given."),
    )


def _draw(attempt, fan_in, fan_out, rng):
    result = attempt.call(fan_in=fan_in, fan_out=fan_out, rng=rng)
    meaning = _("one row for each input, one column for each neuron")
    found = result.plain()
    if isinstance(found, np.ndarray) and found.shape != (fan_in, fan_out):
        result.fail_shape(
            _("initial_weights must return {meaning}.").format(meaning=meaning),
            (fan_in, fan_out),
            found.shape,
            hint("size", _("draw with size=(fan_in, fan_out), in this order.")),
        )
    weights = result.array((fan_in, fan_out), meaning, "fraction").astype(np.float64)
    if not np.isfinite(weights).all():
        text = _("do not divide what you have drawn by its own deviation: that may be 0.")
        result.fail(
            _("initial_weights must give finite numbers."),
            got=weights,
            hint=hint("own-deviation", text) if result.attempt.uses("std") else None,
        )
    return result, weights


def _check_differences(result, weights, is_normal):
    if weights.var() < 1e-12 * 2 / len(weights):
        zero = hint(
            "zeros",
            _(
                "neurons that all start at 0 stay alike for ever. Is a deviation such as "
                "2 // fan_in rounded down to 0?"
            ),
        )
        result.fail(
            _("initial_weights must draw numbers that differ from one another."),
            got=_("{value:.4g} everywhere").format(value=weights.mean()),
            hint=_constant_hint(weights.mean() if is_normal else 0, 2 / len(weights))
            if weights.any()
            else zero,
        )


def _constant_hint(value, variance):
    """The hint for the same weight everywhere: perhaps the deviation, in place of the mean."""
    if np.isclose(value, (variance, np.sqrt(variance)), 1e-4).any():
        return _mean_first()
    return hint(
        "constant",
        _(
            "if all neurons of a layer start alike, they get the same gradient, and stay "
            "alike for ever."
        ),
    )


def _mean_first():
    text = _("rng.normal takes the mean first, then the standard deviation: rng.normal(0, …).")
    return hint("mean-first", text)


def _check_mean(result, weights):
    """Check for the mean 0, within sampling error."""
    mean, variance = weights.mean(), max(weights.var(), 2 / len(weights))
    error = DEVIATIONS * np.sqrt(variance / weights.size)
    if abs(mean) <= error:
        return
    one_sign = (weights >= 0).all() or (weights <= 0).all()
    its_hint = hint("mean", _("rng.normal(0, …) and rng.standard_normal(…) have the mean 0."))
    if one_sign:
        text = _("all weights have the same sign: half of them should be negative.")
        its_hint = hint("one-sign", text)
    elif np.isclose(mean, (2 / len(weights), np.sqrt(2 / len(weights))), 0, error).any():
        its_hint = _mean_first()
    result.fail(
        _("initial_weights must have the mean 0."),
        expected=_("a mean of about 0, among {count:,} weights").format(count=weights.size),
        got=f"{mean:.4g}",
        hint=its_hint,
    )


# The spread -------------------------------------------------------------------------------------


def _check_spread(drawn):
    """Check for the variance 2 / fan_in; a mistake is named if it explains all sizes."""
    spreads = [(*weights.shape, weights.var(), _luck(weights)) for _result, weights in drawn]
    for (result, _weights), (fan_in, _fan_out, spread, luck) in zip(drawn, spreads, strict=True):
        variance = 2 / fan_in
        if abs(spread / variance - 1) > luck:
            text = _("{variance:.4g} (a standard deviation of {deviation:.4g})")
            result.fail(
                _("initial_weights must have the variance 2 / fan_in."),
                expected=text.format(variance=variance, deviation=np.sqrt(variance)),
                got=text.format(variance=spread, deviation=np.sqrt(spread)),
                hint=_spread_hint(spreads)
                or (hints.rounded() if result.attempt.uses("round") else None),
            )


def _luck(weights):
    """How far a variance may be off by chance, as a share of it."""
    squares = (weights - weights.mean()) ** 2
    kurtosis = (squares**2).mean() / weights.var() ** 2
    return DEVIATIONS * max(np.sqrt(max(kurtosis - 1, 0.8) / weights.size), 1e-3)


def _spread_hint(spreads):
    for its_hint, variance_of in _spread_mistakes(first=spreads[0][2]).items():
        if all(
            abs(spread / variance_of(fan_in, fan_out) - 1) <= max(luck, 0.03)
            for fan_in, fan_out, spread, luck in spreads
        ):
            return its_hint
    return None


def _spread_mistakes(first):
    """The hint for each mistake, and the variance that it gives; `first` was the first found."""
    return {
        hint(
            "no-root", _("2 / fan_in is the variance; the standard deviation is its square root.")
        ): lambda fan_in, fan_out: (2 / fan_in) ** 2,
        hint(
            "truncated", _("cutting off the tails has made the spread smaller: scale it up again.")
        ): lambda fan_in, fan_out: 0.7737 * 2 / fan_in,
        hint("fan-out", _("divide by fan_in, the number of inputs of a neuron, not by fan_out.")): (
            lambda fan_in, fan_out: 2 / fan_out
        ),
        hint(
            "no-root-fan-out",
            _(
                "2 / fan_in is the variance; the standard deviation is its square root, and fan_in "
                "belongs there, not fan_out."
            ),
        ): lambda fan_in, fan_out: (2 / fan_out) ** 2,
        hint(
            "one-over-fan-in",
            _("this is 1 / fan_in: ReLU lets half of the signal through, hence the 2."),
        ): lambda fan_in, fan_out: 1 / fan_in,
        hint(
            "Glorot", _("only the number of inputs counts: 2 / fan_in, not 2 / (fan_in + fan_out).")
        ): lambda fan_in, fan_out: 2 / (fan_in + fan_out),
        hint("both-fans", _("only the number of inputs counts: divide by fan_in alone.")): (
            lambda fan_in, fan_out: 2 / (fan_in * fan_out)
        ),
        hint(
            "variance-1",
            _(
                "the variance is 1 here: multiply by the standard deviation, the square root of "
                "2 / fan_in."
            ),
        ): lambda fan_in, fan_out: 1.0,
        hint("variance-2", _("divide the 2 by the number of inputs.")): lambda fan_in, fan_out: 2.0,
        hint("upside-down", _("the fraction is upside down: 2 / fan_in, not fan_in / 2.")): (
            lambda fan_in, fan_out: fan_in / 2
        ),
        hint("root-of-2-only", _("the root is taken of the whole fraction: sqrt(2 / fan_in).")): (
            lambda fan_in, fan_out: 2 / fan_in**2
        ),
        hint("root-of-fan-in-only", _("the root is taken of the 2 as well: sqrt(2 / fan_in).")): (
            lambda fan_in, fan_out: 4 / fan_in
        ),
        hint("squared", _("take the square root of 2 / fan_in, not its square.")): (
            lambda fan_in, fan_out: (2 / fan_in) ** 4
        ),
        hint("uniform-square", _("a² is 6 / fan_in: a itself is the square root of that.")): (
            lambda fan_in, fan_out: (6 / fan_in) ** 2 / 3
        ),
        hint("times-fan-in", _("divide by the number of inputs; do not multiply by it.")): (
            lambda fan_in, fan_out: 2 * fan_in
        ),
        hint(
            "two-roots", _("this is the square root of the standard deviation; take one root only.")
        ): lambda fan_in, fan_out: np.sqrt(2 / fan_in),
        hint(
            "deviation-one-over-fan-in",
            _(
                "this has 1 / fan_in as the standard deviation. Was `** 1 / 2` meant as a root? "
                "It takes the power of 1, and then halves: ** 0.5 is the root."
            ),
        ): lambda fan_in, fan_out: 1 / fan_in**2,
        hint(
            "uniform-halved",
            _("`** 1 / 2` takes the power of 1, and then halves: ** 0.5 is the square root."),
        ): lambda fan_in, fan_out: 3 / fan_in**2,
        hint(
            "clipped", _("clipping the tails makes the spread smaller: leave it out.")
        ): lambda fan_in, fan_out: 0.5161 * 2 / fan_in,
        hint("halved", _("this is half the standard deviation, a quarter of the variance.")): (
            lambda fan_in, fan_out: 0.5 / fan_in
        ),
        hint("doubled", _("this is twice the standard deviation, four times the variance.")): (
            lambda fan_in, fan_out: 8 / fan_in
        ),
        hint(
            "uniform",
            _("numbers drawn evenly from -a to a have the variance a² / 3: a must be larger."),
        ): lambda fan_in, fan_out: 2 / fan_in / 3,
        hint(
            "uniform-no-root",
            _("numbers drawn evenly from -a to a have the variance a² / 3, not a."),
        ): lambda fan_in, fan_out: (2 / fan_in) ** 2 / 3,
        hint(
            "fixed-spread", _("a fixed spread does not know how many inputs there are: 2 / fan_in.")
        ): lambda fan_in, fan_out: first,
    }


# Independence -----------------------------------------------------------------------------------


def _check_independence(result, weights):
    """Check that every number was drawn by itself: rows, columns, neighbours and halves."""
    for axis in (0, 1):
        same = np.ptp(weights, axis=1 - axis) == 0
        if weights.shape[1 - axis] > 1 and same.any() and not same.all():
            place = int(np.flatnonzero(same)[0])
            value = weights.take(place, axis=axis).flat[0]
            result.fail(
                _("initial_weights must draw every weight by itself."),
                got=(
                    _("{value:.4g} everywhere in row {number}")
                    if axis == 0
                    else _("{value:.4g} everywhere in column {number}")
                ).format(value=value, number=place),
                hint=hint(
                    "part-not-drawn",
                    _("draw all of them: if there is a loop, does it end too early?"),
                ),
            )
    for axis, name in ((0, _("column")), (1, _("row"))):
        count, size = weights.shape[1 - axis], weights.shape[axis]
        if count < 20 or size < 2:
            continue
        means = weights.mean(axis=axis) - weights.mean()
        # Of independent numbers this is 1, with a deviation of the square root of 2 / count.
        ratio = (means**2).mean() * size / weights.var()
        if ratio > 1 + DEVIATIONS * 1.5 * np.sqrt(2 / count):
            result.fail(
                _("initial_weights must draw every weight by itself."),
                got=_("the same weights for every neuron")
                if axis == 1 and np.ptp(weights, axis=1).max() == 0
                else _("a {name} tends to hold numbers of one size or sign").format(name=name),
                hint=_in_one_go(),
            )
    for one, other in _pairs(weights):
        if one.size > 1 and abs(_correlation(one, other)) > DEVIATIONS * 1.2 / np.sqrt(one.size):
            result.fail(
                _("initial_weights must draw every weight by itself."),
                got=_("weights that resemble others of the layer"),
                hint=_in_one_go(),
            )


def _in_one_go():
    return hint("repeated", _("draw fan_in · fan_out numbers in one go: size=(fan_in, fan_out)."))


def _pairs(weights):
    """Parts that have nothing to do with each other: neighbours, and halves, mirrored as well."""
    yield weights[:-1], weights[1:]
    yield weights[:, :-1], weights[:, 1:]
    for matrix in (weights, weights.T):
        half = len(matrix) // 2
        yield matrix[:half], matrix[-half:]
        yield matrix[:half], matrix[::-1][:half]


def _correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]

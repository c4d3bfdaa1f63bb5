"""The check of minibatches: pairs of parts, shuffled, each example once."""

import itertools
from collections import Counter

import numpy as np

from course.check.engine import orders
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.properties import generator_state, source_hint
from course.check.lesson_02_gradient_descent.batch_hints import (
    batches_only_hint,
    shuffled_demand,
)
from course.check.lesson_02_gradient_descent.batch_pairs import (
    check_not_exchanged,
    check_several,
    pair_of,
    places_of,
)
from course.check.lesson_02_gradient_descent.batch_sizes import SIZES, check_sizes, max_batches
from course.messages import _

# The orders that are judged: `orders` says what random ones are like for these sizes.
_MANY, _BATCH_SIZE = 500, 7
_MAX_TOGETHER = 45  # pairs in one batch again: over six standard deviations more than at random


def minibatches(answer, seed=0):
    """X (n, …), y (n, …), batch_size, rng -> pairs of parts: shuffled, each example once."""
    attempt = Attempt(answer, "minibatches(X, y, batch_size, rng)")
    rng = np.random.default_rng([26, seed])
    sizes = [*SIZES, (int(rng.integers(40, 90)), int(rng.integers(6, 13)))]
    for number, (n, batch_size) in enumerate(sizes):
        X, y = _examples(number, rng.permutation(n))
        _order(attempt, X, y, batch_size, np.random.default_rng([27, seed, number]))
    _check_shuffling(attempt, seed)


def _examples(number, numbers):
    """Numbered examples: with labels, with one-hot targets, and images with labels, in turn."""
    if number % 3 == 0:
        return np.float32([[i, 10 * i] for i in numbers]), 100 + numbers
    if number % 3 == 1:
        return np.float32([[i, 1, 0] for i in numbers]), np.float32([[i, 0] for i in numbers])
    X = np.zeros((len(numbers), 28, 28), np.uint8)
    X[:, 0, 0] = numbers
    return X, numbers.astype(np.uint8)


def _order(attempt, X, y, batch_size, rng):
    """The order of the examples in pairs that hold each once, and the call that gave it."""
    at_most = max_batches(len(X), batch_size)
    result = attempt.call(at_most=at_most, X=X, y=y, batch_size=batch_size, rng=rng)
    check_several(result, X, y, batch_size)
    pairs = [pair_of(result, item) for item in result.value]
    check_sizes(attempt, result, [len(part) for part, _y in pairs], len(X), batch_size)
    check_not_exchanged(result, *pairs[0], X, y)
    order = list(places_of(result, pairs, X, y))
    if len(set(order)) < len(X):
        twice = Counter(order).most_common(1)[0][0]
        result.fail(
            _("minibatches must return each example exactly once."),
            got=_("X[{place}] comes twice, and others are missing").format(place=twice),
            hint=attempt.by_code(
                {
                    r"\.(integers|randint)\(|\.choice\((?!.*\breplace *=)": hint(
                        "drawn-with-repetition",
                        _(
                            "this draws some indices twice, and others never: rng.permutation "
                            "gives each once."
                        ),
                    )
                },
                hint(
                    "with-replacement",
                    _(
                        "draw one permutation of all n, before the loop, and cut it into batches: "
                        "a new draw for each batch brings some examples again."
                    ),
                ),
            ),
        )
    return np.array(order), result


# The order --------------------------------------------------------------------------------------


def _check_shuffling(attempt, seed):
    """Check that orders look random, that they come from `rng`, and that they never repeat."""
    X, y = np.arange(_MANY, dtype=np.float32)[:, np.newaxis] * [1, 2], np.arange(_MANY)
    first = rng = np.random.default_rng([28, seed])
    drawn = []
    for _pass in range(3):
        order, result = _order(attempt, X, y, _BATCH_SIZE, rng)
        rng = result.afterwards["rng"]
        drawn.append(order)
    _check_shuffled(attempt, result, drawn)
    again, another = (
        _order(attempt, X, y, _BATCH_SIZE, generator)[0]
        for generator in (first, np.random.default_rng([29, seed]))
    )
    is_unused = generator_state(rng) == generator_state(first)
    _check_source(result, [*drawn, again], another, is_unused)
    if not all(orders.is_mixed(order, _BATCH_SIZE) for order in drawn):
        result.fail(
            shuffled_demand(),
            got=_("an order in which many neighbours are still together"),
            hint=batches_only_hint(),
        )
    together = max(orders.pairs_together(*two, _BATCH_SIZE) for two in itertools.pairwise(drawn))
    if together > _MAX_TOGETHER:
        result.fail(
            _("minibatches must shuffle the examples again each time it is called."),
            got=_("{count} pairs of examples share a batch again").format(count=together),
            hint=hint(
                "same-batches",
                _("new batches each time, not the same ones in another order."),
            ),
        )
    stays = orders.never_moved(drawn)
    if stays:
        result.fail(
            _("minibatches must shuffle all examples."),
            got=_("X[{place}] in its own place, every time").format(place=stays[0]),
            hint=hint(
                "place-kept",
                _("rng.permutation(n) mixes all n indices, the first and the last as well."),
            ),
        )


def _check_shuffled(attempt, result, drawn):
    if not all(map(orders.has_equal_steps, drawn)):
        return
    result.fail(
        _("minibatches must shuffle the examples."),
        got=_("the examples in the order in which they were given")
        if drawn[0][0] == 0
        else _("the examples in reversed order"),
        hint=attempt.by_code(
            {
                r"\bsort(ed)?\(": hint(
                    "sorted-again",
                    _("sorting puts the shuffled order back: leave it as it is."),
                )
            },
            hint("not-shuffled", _("rng.permutation(n) gives 0, 1, …, n - 1 in a random order.")),
        ),
    )


def _check_source(result, drawn, another, is_unused):
    """Check that each order is a new one, and that it depends on the state of `rng` alone.

    The last is drawn from the same state as the first, and `another` one from another generator.
    """
    *drawn, again = drawn
    is_same = any(np.array_equal(*two) for two in itertools.pairwise(drawn))
    is_drawn_again = np.array_equal(again, drawn[0]) or result.attempt.uses_tensorflow()
    if not is_same and not is_unused and is_drawn_again:
        return
    is_copied = is_same and is_unused and not np.array_equal(another, drawn[0])
    own_generator = hint(
        "own-generator",
        _("use the rng that you are given: neither a new generator nor np.random.shuffle."),
    )
    result.fail(
        _("minibatches must draw a new order from rng each time it is called."),
        got=_("the same order twice")
        if is_same
        else _("a generator that was not used")
        if is_unused
        else _("two orders from the same state of rng"),
        hint=source_hint(is_same, is_unused, own_generator, is_copied),
    )

"""The check of minibatches: pairs of parts, shuffled, each example once."""

import itertools
from collections import Counter

import numpy as np

from course.check.engine import environment, orders, values, wording
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.properties import generator_state, listed, source_hint
from course.messages import _

_SIZES = [(5, 2), (4, 2), (1, 1), (3, 10), (6, 6), (7, 1), (10, 3), (100, 10), (23, 22)]
_SIZES += [(230, 40), (150, 70)]
# The orders that are judged: `orders` says what random ones are like for these sizes.
_MANY, _BATCH_SIZE = 500, 7
_MAX_TOGETHER = 45  # pairs in one batch again: over six standard deviations more than at random


def minibatches(answer, seed=0):
    """X (n, …), y (n, …), batch_size, rng -> pairs of parts: shuffled, each example once."""
    attempt = Attempt(answer, "minibatches(X, y, batch_size, rng)")
    rng = np.random.default_rng([26, seed])
    sizes = [*_SIZES, (int(rng.integers(40, 90)), int(rng.integers(6, 13)))]
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
    most = _most(len(X), batch_size)
    result = attempt.call(at_most=most, X=X, y=y, batch_size=batch_size, rng=rng)
    _check_several(result, X, y, batch_size)
    pairs = [_pair(result, item) for item in result.value]
    _check_sizes(attempt, result, [len(part) for part, _y in pairs], len(X), batch_size)
    _check_not_exchanged(result, *pairs[0], X, y)
    order = list(_places(result, pairs, X, y))
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


# The sizes of the batches -----------------------------------------------------------------------


def _sizes(n, size):
    return [min(size, n - start) for start in range(0, n, size)]


def _merged_at_the_end(n, size):
    """The sizes if what is left over makes the last full batch larger."""
    before = max(n // size - 1, 0)
    return [size] * before + [n - before * size]


def _lengths(n, count):
    """The lengths of this many nearly equal parts."""
    return [len(part) for part in np.array_split(range(n), count)]


def _most(n, batch_size):
    """How many batches to take from an answer: a few more than there should be."""
    return len(_sizes(n, batch_size)) + 3


def _size_mistakes():
    """The hint for each mistake, and the sizes of batches that it gives."""
    return {
        hint(
            "last-batch-dropped",
            _("the last, smaller batch is missing: those examples should be learned from, too."),
        ): [lambda n, size: [size] * (n // size)],
        hint(
            "one-batch-less", _("the last batch is missing, even if it is full: go on up to n.")
        ): [lambda n, size: _sizes(n, size)[:-1]],
        hint("small-batch-first", _("the smaller batch comes last: cut from the start on.")): [
            lambda n, size: _sizes(n, size)[::-1]
        ],
        hint(
            "empty-batch",
            _("if batch_size divides n, nothing is left over: range(0, n, batch_size)."),
        ): [lambda n, size: [size] * (n // size) + [n % size]],
        hint(
            "first-batch-dropped", _("the first batch is missing: start at 0, not at batch_size.")
        ): [lambda n, size: _sizes(n, size)[1:]],
        hint(
            "last-batch-filled",
            _(
                "every batch is full here, so that some examples come twice: cut one permutation "
                "at 0, batch_size, 2 · batch_size, …; the last batch may be smaller."
            ),
        ): [
            lambda n, size: [size] * len(_sizes(n, size)),
            lambda n, size: [min(size, n)] * len(_sizes(n, size)),
            lambda n, size: [min(size, 2 * n)] * len(_sizes(n, size)),
        ],
        hint(
            "last-batch-too-large", _("what is left over at the end is a smaller batch of its own.")
        ): [_merged_at_the_end],
        hint(
            "slice-too-long",
            _("each batch has one too many: a slice from start to start + batch_size fits."),
        ): [lambda n, size: [min(size + 1, n - start) for start in range(0, n, size)]],
        hint(
            "slice-too-short",
            _("each batch has one too few: a slice leaves out its end, start + batch_size."),
        ): [lambda n, size: [min(size - 1, n - start) for start in range(0, n, size)]],
        hint(
            "one-example-less",
            _(
                "one example is left out: rng.permutation(len(X)) gives all n indices, and the "
                "batches go from 0 up to n."
            ),
        ): [
            lambda n, size: _sizes(n - 1, size),
            lambda n, size: [min(size, n - start) for start in range(0, n - 1, size)],
            lambda n, size: [min(size, n - 1 - start) for start in range(0, n, size)],
        ],
        hint(
            "equal-parts",
            _("these parts are of nearly equal size: each batch has batch_size, but the last."),
        ): [
            lambda n, size: _lengths(n, -(-n // size)),
            lambda n, size: _lengths(n, max(n // size, 1)),
        ],
        hint(
            "number-of-batches",
            _("batch_size says how many examples a batch has, not how many batches there are."),
        ): [_lengths],
        hint("one-batch", _("everything is in one batch: cut it up after every batch_size.")): [
            lambda n, size: [n]
        ],
        hint("one-by-one", _("each batch has batch_size examples, not one.")): [
            lambda n, size: [1] * n
        ],
        hint(
            "first-batch-only",
            _("only the first batch comes: does `return` or `break` end the loop?"),
        ): [lambda n, size: _sizes(n, size)[:1]],
        hint(
            "last-batch-only",
            _("only the last batch is left: append each one to a list made before the loop."),
        ): [lambda n, size: _sizes(n, size)[-1:]],
        hint(
            "every-place",
            _("a batch begins at every example: range(0, n, batch_size) steps by batch_size."),
        ): [lambda n, size: [min(size, n - start) for start in range(n)]],
        hint(
            "whole-order",
            _("each batch takes a piece of the order: order[start : start + batch_size]."),
        ): [lambda n, size: [n] * len(_sizes(n, size))],
        hint(
            "end-of-slice",
            _("a slice goes from place to place: order[start : start + batch_size]."),
        ): [lambda n, size: [max(min(size, n) - start, 0) for start in range(0, n, size)]],
        hint(
            "start-multiplied",
            _("start is a place in the order already: order[start : start + batch_size]."),
        ): [lambda n, size: [max(min(size, n - start * size), 0) for start in range(0, n, size)]],
        hint(
            "not-emptied",
            _("this batch still holds the one before: begin each with an empty list."),
        ): [
            lambda n, size: [size * (i + 1) for i in range(n // size)],
            lambda n, size: [min(size * (i + 1), n) for i in range(len(_sizes(n, size)))],
        ],
        hint(
            "order-too-short",
            _("the order is too short: rng.permutation(len(X)) has a place for each example."),
        ): [
            lambda n, size: [1] + [0] * (len(_sizes(n, size)) - 1),
            lambda n, size: [size] + [0] * (len(_sizes(n, size)) - 1),
        ],
        hint(
            "inner-loop",
            _(
                "a batch comes again for each of its examples: hand it over once, after the inner "
                "loop."
            ),
        ): [
            lambda n, size: [count for count in _sizes(n, size) for _example in range(count)],
            lambda n, size: [1 + place for count in _sizes(n, size) for place in range(count)],
        ],
        hint("endless", _("more and more batches come: stop when each example has come once.")): [
            lambda n, size: _sizes(n, size) * 5,
            lambda n, size: [min(size, n)] * _most(n, size),
        ],
    }


def _check_sizes(attempt, result, lengths, n, batch_size):
    """Check the sizes of the batches; a mistake is named if it explains all numbers of examples."""
    wanted = _sizes(n, batch_size)
    if lengths == wanted:
        return
    with environment.diagnosing():
        its_hint = _size_hint(_all_lengths(attempt))
    result.fail(
        _size_demand(lengths, n, batch_size),
        expected=_("batches of {sizes}").format(sizes=listed(wanted)),
        got=_("batches of {sizes}").format(sizes=listed(lengths)),
        hint=its_hint,
    )


def _size_demand(lengths, n, batch_size):
    """The demand that batches of these sizes do not meet: lost examples come first."""
    if sum(lengths) < n and len(lengths) < _most(n, batch_size):
        return _("minibatches must return each example exactly once.")
    if 0 in lengths:
        return _("minibatches must not return an empty batch.")
    return _(
        "minibatches must return batches of batch_size examples; only the last may be smaller."
    )


def _all_lengths(attempt):
    """The sizes of the batches that an answer gives, for each n and batch_size."""
    seen = {}
    for n, batch_size in _SIZES:
        X, y, rng = np.arange(n, dtype=np.float32)[:, None], np.arange(n), np.random.default_rng(n)
        most = _most(n, batch_size)
        try:
            result = attempt.call(at_most=most, X=X, y=y, batch_size=batch_size, rng=rng)
            seen[n, batch_size] = [len(_pair(result, item)[0]) for item in result.value]
        except CheckFailed:
            continue
    return seen


def _size_hint(seen):
    """The hint of the mistake that explains all of these sizes, or None."""
    if not seen:
        return None
    for its_hint, mistakes in _size_mistakes().items():
        for mistake in mistakes:
            if all(mistake(*case)[: _most(*case)] == lengths for case, lengths in seen.items()):
                return its_hint
    if all(sorted(_sizes(*case)) == sorted(lengths) for case, lengths in seen.items()):
        return batches_only()
    fixed = {lengths[0] for (n, _size), lengths in seen.items() if lengths and n > lengths[0]}
    if len(fixed) == 1 and all(
        lengths == _sizes(n, *fixed)[: len(lengths)] for (n, _size), lengths in seen.items()
    ):
        return hint("batch-size-fixed", _("batch_size is an argument: do not use a fixed number."))
    return None


def batches_only():
    """The hint where whole batches are shuffled, or each within itself, instead of all examples."""
    return hint("batches-only", _("first shuffle all n indices, then cut them into batches."))


# The examples -----------------------------------------------------------------------------------


def _check_several(result, X, y, batch_size):
    """Check that these are several pairs, and not two lists or a single pair."""
    demand = _("minibatches must return something to loop over: pairs (X part, y part).")
    if not isinstance(result.value, list):
        result.fail(
            demand,
            got=wording.kind_text(result.value),
            hint=hint(
                "yield-pairs",
                _("`yield X[part], y[part]` in a loop, or append the pairs to a list."),
            ),
        )
    lists = [item for item in result.value if isinstance(item, list | tuple)]
    plain = [[values.to_plain(part) for part in item] for item in lists]
    axes = [{part.ndim if values.is_array(part) else None for part in item} for item in plain]
    if len(result.value) == 2 and axes == [{X.ndim}, {y.ndim}] and X.ndim != y.ndim:
        _fail_as_no_pair(result, result.value[0])
    parts = list(map(values.to_plain, result.value)) if len(result.value) == 2 else []
    shapes = [part.shape[1:] for part in parts if values.is_array(part)]
    is_pair = shapes == [X.shape[1:], y.shape[1:]] and X.ndim != y.ndim
    if is_pair and len(parts[0]) == batch_size:
        result.fail(
            demand,
            got=_("a single pair"),
            hint=hint(
                "return-in-loop",
                _(
                    "`return` inside the loop ends it with the first pair: `yield` goes on, or "
                    "append the pairs to a list and return that at the end."
                ),
            ),
        )


def _fail_as_no_pair(result, item):
    result.fail(
        _("minibatches must return pairs: an X part and a y part."),
        got=wording.kind_text(item),
        hint=_yield_pair(),
    )


def _yield_pair():
    return hint("yield-pair", _("each batch is one pair of arrays: `yield X[part], y[part]`."))


def _pair(result, item):
    """One batch as two arrays."""
    if not values.is_sequence(item) or len(item) != 2:
        _fail_as_no_pair(result, item)
    arrays = []
    for part, name in zip(item, ("X", "y"), strict=True):
        array = result.part(part).plain()
        if not isinstance(array, np.ndarray) or array.ndim == 0:
            one_index = hint(
                "one-index", _("the part must be several indices (a slice or an array), not one.")
            )
            result.fail(
                _("minibatches must return pairs of arrays: an X part and a y part."),
                got=_("{kind} as the {name} part").format(kind=wording.kind_text(part), name=name),
                hint=_yield_pair() if values.is_sequence(part) else one_index,
            )
        arrays.append(array)
    if len(arrays[0]) != len(arrays[1]):
        result.fail(
            _("minibatches must return as many labels as examples in each pair."),
            got=_("{X} examples with {y} labels").format(X=len(arrays[0]), y=len(arrays[1])),
            hint=hint("same-indices", _("use the same indices for X and y.")),
        )
    return arrays


def _check_shape_of_part(result, part, whole, name):
    wanted = (len(part), *whole.shape[1:])
    if part.shape != wanted:
        indices = hint("indices", _("these are indices: `yield X[part], y[part]` takes the rows."))
        result.fail_shape(
            _("minibatches must return each {name} part as rows of {name}.").format(name=name),
            wanted,
            part.shape,
            indices if part.ndim == 1 and part.dtype.kind in "iu" else None,
        )


def _check_not_exchanged(result, X_part, y_part, X, y):
    if X_part.shape[1:] == y.shape[1:] != X.shape[1:] == y_part.shape[1:]:
        result.fail(
            _("minibatches must return pairs: an X part and a y part."),
            got=_("the y part first"),
            hint=hint("exchanged-parts", _("X comes first, then y: `yield X[part], y[part]`.")),
        )


def _places(result, pairs, X, y):
    """The place in X of each example of some pairs; it must come with its own label."""
    places, labels = {row.tobytes(): place for place, row in enumerate(_rows(X))}, _rows(y)
    for X_part, y_part in pairs:
        _check_shape_of_part(result, X_part, X, "X")
        _check_shape_of_part(result, y_part, y, "y")
        for row, label in zip(_rows(X_part), _rows(y_part), strict=True):
            place = places.get(row.tobytes())
            if place is None:
                _fail_as_another(result, row, _rows(X))
            if label.tobytes() != labels[place].tobytes():
                result.fail(
                    _("minibatches must keep each example together with its own label."),
                    got=_("X[{place}] came with the label of another example").format(place=place),
                    hint=hint("two-orders", _("draw one order, and use it for both X and y.")),
                )
            yield place


def _fail_as_another(result, row, rows):
    is_mixed = (np.sort(row) == np.sort(rows, axis=1)).all(axis=1).any()
    columns_mixed = hint(
        "columns-mixed",
        _("the numbers within an example are mixed, too: only the order of the rows changes."),
    )
    result.fail(
        _("minibatches must return the examples as they are."),
        got=_("an example that is not in X"),
        hint=columns_mixed if is_mixed else None,
    )


def _rows(array):
    return np.ascontiguousarray(array.reshape(len(array), -1).astype(np.float64))


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
    again, _result = _order(attempt, X, y, _BATCH_SIZE, first)
    _check_source(result, drawn, again, generator_state(rng) == generator_state(first))
    if not all(orders.is_mixed(order, _BATCH_SIZE) for order in drawn):
        result.fail(
            _("minibatches must shuffle all examples, not only the batches, or only within them."),
            got=_("an order in which many neighbours are still together"),
            hint=batches_only(),
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


def _check_source(result, drawn, again, is_unused):
    """Check that each order is a new one, and that it depends on the state of `rng` alone."""
    is_same = any(np.array_equal(*two) for two in itertools.pairwise(drawn))
    if not is_same and not is_unused and np.array_equal(again, drawn[0]):
        return
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
        hint=source_hint(is_same, is_unused, own_generator),
    )

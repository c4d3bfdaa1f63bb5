"""The sizes of the batches that an answer to minibatches gives, and the mistakes behind them."""

import numpy as np

from course.check.engine import environment
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.properties import listed
from course.check.engine.result import Result
from course.check.lesson_02_gradient_descent.batch_hints import (
    batches_only_hint,
    shuffled_demand,
)
from course.check.lesson_02_gradient_descent.batch_pairs import pair_of
from course.messages import _

# The numbers of examples, with the sizes of their batches.
SIZES = [(5, 2), (4, 2), (1, 1), (3, 10), (6, 6), (7, 1), (10, 3), (100, 10), (23, 22)]
SIZES += [(230, 40), (150, 70)]


def max_batches(n: int, batch_size: int) -> int:
    """Return how many batches to take from an answer: a few more than there should be."""
    return len(_sizes(n, batch_size)) + 3


def check_sizes(
    attempt: Attempt, result: Result, lengths: list[int], n: int, batch_size: int
) -> None:
    """Check the sizes of the batches; a mistake is named if it explains all numbers of examples."""
    wanted = _sizes(n, batch_size)
    if lengths == wanted:
        return
    with environment.diagnosing():
        its_hint = _size_hint(_all_lengths(attempt))
    is_of_batches = bool(its_hint) and its_hint.id == batches_only_hint().id
    result.fail(
        shuffled_demand() if is_of_batches else _size_demand(lengths, n, batch_size),
        expected=_("batches of {sizes}").format(sizes=listed(wanted)),
        got=_("batches of {sizes}").format(sizes=listed(lengths)),
        hint=its_hint,
    )


def _size_demand(lengths, n, batch_size):
    """The demand that batches of these sizes do not meet: lost examples come first."""
    if sum(lengths) < n and len(lengths) < max_batches(n, batch_size):
        return _("minibatches must return each example exactly once.")
    if 0 in lengths:
        return _("minibatches must not return an empty batch.")
    return _(
        "minibatches must return batches of batch_size examples; only the last may be smaller."
    )


def _all_lengths(attempt):
    """The sizes of the batches that an answer gives, for each n and batch_size."""
    seen = {}
    for n, batch_size in SIZES:
        X, y, rng = np.arange(n, dtype=np.float32)[:, None], np.arange(n), np.random.default_rng(n)
        at_most = max_batches(n, batch_size)
        try:
            result = attempt.call(at_most=at_most, X=X, y=y, batch_size=batch_size, rng=rng)
            seen[n, batch_size] = [len(pair_of(result, item)[0]) for item in result.value]
        except CheckFailed:
            continue
    return seen


def _size_hint(seen):
    """The hint of the mistake that explains all of these sizes, or None."""
    if not seen:
        return None
    for its_hint, mistakes in _size_mistakes().items():
        for mistake in mistakes:
            if seen == {case: mistake(*case)[: max_batches(*case)] for case in seen}:
                return its_hint
    if all(sorted(_sizes(*case)) == sorted(lengths) for case, lengths in seen.items()):
        return batches_only_hint()
    fixed = {lengths[0] for (n, _size), lengths in seen.items() if lengths and n > lengths[0]}
    if len(fixed) == 1 and all(
        lengths == _sizes(n, *fixed)[: len(lengths)] for (n, _size), lengths in seen.items()
    ):
        return hint("batch-size-fixed", _("batch_size is an argument: do not use a fixed number."))
    return None


# The mistakes -----------------------------------------------------------------------------------


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
            _(
                "these parts are of nearly equal size: every batch but the last has batch_size "
                "examples."
            ),
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
            lambda n, size: [min(size, n)] * max_batches(n, size),
        ],
    }


def _sizes(n, size):
    return [min(size, n - start) for start in range(0, n, size)]


def _merged_at_the_end(n, size):
    """The sizes if what is left over makes the last full batch larger."""
    before = max(n // size - 1, 0)
    return [size] * before + [n - before * size]


def _lengths(n, count):
    """The lengths of this many nearly equal parts."""
    return [len(part) for part in np.array_split(range(n), count)]

"""The check of wrong_first: every index once, those of wrong predictions before the others."""

import numpy as np

from course.check.engine import values
from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint, translated
from course.check.engine.orders import is_permutation
from course.check.references import lesson_01_softmax as reference
from course.messages import _


def _cases(rng):
    cases = [
        ([7, 2, 1], [7, 3, 1]),
        ([4], [4]),
        ([4], [9]),
        ([1, 2, 3], [1, 2, 3]),
        ([5, 0, 9, 3], [3, 9, 0, 5]),
        ([3, 5, 3, 8, 8], [5, 5, 3, 3, 8]),
    ]
    for n in (10, 27, int(rng.integers(300, 1200))):
        labels = rng.integers(0, 10, n)
        cases.append((labels, np.where(rng.random(n) < 0.6, labels, rng.integers(0, 10, n))))
    kinds = (("uint8", "uint8"), ("int64", "int64"), ("uint8", "int64"))
    for number, (labels, predictions) in enumerate(cases):
        for kind in dict.fromkeys((kinds[0], kinds[number % len(kinds)])):
            yield {
                "labels": np.array(labels, kind[0]),
                "predictions": np.array(predictions, kind[1]),
            }


def _judge(result, labels, predictions):
    n, wrong = len(labels), labels != predictions
    count = int(wrong.sum())
    _check_one_row(result)
    found = result.plain()
    if isinstance(found, np.ndarray) and found.shape != (n,):
        result.fail_shape(
            _("wrong_first must return every index once: {n} of them, in one row.").format(n=n),
            (n,),
            found.shape,
            None if found.size else _hint_for_nothing(count),
        )
    order = result.array((n,), _("every index once"), "index").astype(np.int64)
    if not is_permutation(order, n):
        result.fail(
            _("wrong_first must return every index from 0 to n - 1 exactly once."),
            got=order,
            hint=translated(_FROM_1) if n > 1 and is_permutation(order - 1, n) else None,
        )
    if not wrong[order[:count]].all():
        expected = _("for example {order}").format(order=np.argsort(~wrong, kind="stable"))
        result.fail(
            _("wrong_first must put all wrong ones before all right ones."),
            expected=expected if n <= 24 else None,
            got=order if n <= 24 else None,
        )


def _hint_for_nothing(count):
    """The hint for no indices at all, where this many predictions are wrong."""
    if not count:
        return hint("none-wrong", _("where none is wrong, all the right ones still come."))
    text = _(
        "nothing was collected. np.append gives a new array; a list grows with order.append(i)."
    )
    return hint("empty", text)


def _check_one_row(result):
    """Check that all indices are in one row, not mistakes in one row and the rest in another."""
    is_pair = not result.came_as and values.is_sequence(result.value) and len(result.value) == 2
    if is_pair and all(np.ndim(values.to_plain(part)) == 1 for part in result.value):
        result.fail(
            _("wrong_first must return all indices in one row."),
            got=_("two rows"),
            hint=hint("two-rows", _("np.concatenate([wrong, right]) joins the two into one row.")),
        )
    if isinstance(result.value, list) and any(isinstance(item, list) for item in result.value):
        result.fail(
            _("wrong_first must return all indices in one row."),
            got=result.value,
            hint=hint(
                "list-in-list",
                _("a.append(b) puts the whole list b in one place of a: write a + b for both."),
            ),
        )


def _sorted_by(key):
    """All indices in the order of a key, by a stable sort or not."""
    return [
        lambda labels, predictions, kind=kind: np.argsort(key(labels, predictions), kind=kind)
        for kind in ("stable", "quicksort")
    ]


def _difference(labels, predictions):
    return labels.astype(int) - predictions.astype(int)


def _from_the_front(labels, predictions):
    """The wrong ones backwards, as insert(0, i) collects them, then the right ones."""
    wrong = np.flatnonzero(labels != predictions)[::-1]
    return np.append(wrong, np.flatnonzero(labels == predictions))


def _written_over(labels, predictions):
    wrong = np.flatnonzero(labels != predictions)
    return np.append(wrong, np.arange(len(wrong), len(labels)))


def _changed_in_its_loop(labels, predictions):
    """Each right one is moved to the end of the very list that the loop goes through."""
    order = list(range(len(labels)))
    for place in order:
        if labels[place] == predictions[place]:
            order.remove(place)
            order.append(place)
    return np.array(order)


def _without(index, order):
    return order[order != index]


def _backwards(functions):
    return [lambda labels, predictions, of=of: of(labels, predictions)[::-1] for of in functions]


_FROM_1 = hint("from-1", _("indices count from 0."))
_right = unguarded(reference.wrong_first)

wrong_first = Comparison(
    signature="wrong_first(labels, predictions)",
    summary="labels (n,), predictions (n,) -> a permutation of 0..n-1, wrong ones first.",
    right=_right,
    cases=_cases,
    demand="",
    judge=_judge,
    mistakes={
        hint(
            "changed-in-its-loop",
            _(
                "the loop changes the list that it goes through, and so it skips some places: loop "
                "over range(n), and collect the indices in other lists."
            ),
        ): _changed_in_its_loop,
        hint("right-first", _("here the right ones come first: False sorts before True.")): [
            *_sorted_by(lambda labels, predictions: labels != predictions),
            *_backwards(_sorted_by(lambda labels, predictions: labels == predictions)),
            lambda labels, predictions: np.append(
                np.flatnonzero(labels == predictions)[::-1], np.flatnonzero(labels != predictions)
            ),
        ],
        hint("wrong-ones-only", _("the right ones follow the wrong ones; none is left out.")): [
            lambda labels, predictions: np.flatnonzero(labels != predictions),
            lambda labels, predictions: np.flatnonzero(labels != predictions)[::-1],
            lambda labels, predictions: np.argsort(labels == predictions)[
                : np.count_nonzero(labels != predictions)
            ],
        ],
        hint(
            "first-wrong-only",
            _("only the first wrong one was brought to the front: go on to the others."),
        ): lambda labels, predictions: np.append(
            np.flatnonzero(labels != predictions)[:1],
            np.delete(np.arange(len(labels)), np.flatnonzero(labels != predictions)[:1]),
        ),
        hint("right-ones-only", _("these are only the right ones: the wrong ones come first.")): (
            lambda labels, predictions: np.flatnonzero(labels == predictions)
        ),
        hint(
            "row-of-indices",
            _(
                "np.where gives a tuple and np.argwhere a column; take the row of indices out of "
                "it."
            ),
        ): [
            lambda labels, predictions: (np.flatnonzero(labels != predictions),),
            lambda labels, predictions: np.argwhere(labels != predictions),
            lambda labels, predictions: _right(labels, predictions)[:, np.newaxis],
            lambda labels, predictions: np.argsort(labels == predictions)[:, np.newaxis],
            lambda labels, predictions: _right(labels, predictions)[np.newaxis],
        ],
        hint(
            "added", _("+ adds arrays number by number: np.concatenate([wrong, right]) joins them.")
        ): lambda labels, predictions: (
            np.flatnonzero(labels != predictions) + np.flatnonzero(labels == predictions)
        ),
        hint(
            "mask",
            _("True and False, or 1 and 0, only mark the wrong ones: return their indices."),
        ): [
            lambda labels, predictions: labels != predictions,
            lambda labels, predictions: np.where(labels != predictions, 0, 1),
            lambda labels, predictions: np.where(labels != predictions, 1, 0),
            lambda labels, predictions: np.append(labels != predictions, labels == predictions),
        ],
        hint("values-sorted", _("these are sorted values: np.argsort gives their places.")): [
            lambda labels, predictions: np.sort(labels == predictions),
            lambda labels, predictions: np.sort(labels != predictions),
            lambda labels, predictions: np.sort(labels != predictions)[::-1],
        ],
        hint("first-example-missing", _("the first example is left out: count from 0.")): [
            lambda labels, predictions: _without(0, _right(labels, predictions)),
            lambda labels, predictions: _without(0, _from_the_front(labels, predictions)),
            lambda labels, predictions: np.append(
                np.flatnonzero(labels != predictions),
                1 + np.flatnonzero(labels[1:] == predictions[1:]),
            ),
        ],
        hint(
            "last-example-missing",
            _("the last example is left out: range(n) goes through all n, and ends with n - 1."),
        ): [
            lambda labels, predictions: _without(len(labels) - 1, _right(labels, predictions)),
            lambda labels, predictions: _without(
                len(labels) - 1, _from_the_front(labels, predictions)
            ),
        ],
        hint(
            "one-index",
            _(
                "this is a single index: is `return` inside the loop? And `==` compares place by "
                "place, while `is` gives one True or False for both arrays together."
            ),
        ): lambda labels, predictions: np.zeros(1, int),
        hint(
            "digits-for-indices",
            _("return places in the arrays, not digits; np.argsort gives every place once."),
        ): [
            lambda labels, predictions: labels[_right(labels, predictions)],
            lambda labels, predictions: labels[np.argsort(labels == predictions)],
            lambda labels, predictions: predictions[_right(labels, predictions)],
        ],
        _FROM_1: (lambda labels, predictions: _right(labels, predictions) + 1),
        hint(
            "ranks",
            _(
                "these are ranks: where each example comes, not which example comes there. Sort "
                "once, with a single argsort."
            ),
        ): [
            lambda labels, predictions: np.argsort(_right(labels, predictions)),
            *[
                lambda labels, predictions, kind=kind: np.argsort(
                    np.argsort(labels == predictions, kind=kind), kind=kind
                )
                for kind in ("stable", "quicksort")
            ],
        ],
        hint(
            "signed-differences",
            _("differences can be negative: ask only whether the two are equal."),
        ): [
            wrong
            for key in (
                _difference,
                lambda labels, predictions: -_difference(labels, predictions),
            )
            for wrong in (*_sorted_by(key), *_backwards(_sorted_by(key)))
        ],
        hint(
            "uint8-wraps",
            _(
                "differences can be negative, or wrap around in uint8 (3 - 5 = 254): ask only "
                "whether the two are equal, labels == predictions."
            ),
        ): [
            wrong
            for key in (
                lambda labels, predictions: -np.abs(labels - predictions),
                lambda labels, predictions: -(labels - predictions),
                lambda labels, predictions: -(predictions - labels),
            )
            for wrong in (*_sorted_by(key), *_backwards(_sorted_by(key)))
        ],
        hint("smallest-first", _("right ones have the difference 0, and belong last.")): (
            _sorted_by(lambda labels, predictions: np.abs(_difference(labels, predictions)))
        ),
        hint(
            "one-sided",
            _("a wrong prediction can be too large or too small: compare with == or !=."),
        ): [
            *_sorted_by(lambda labels, predictions: labels >= predictions),
            *_sorted_by(lambda labels, predictions: labels <= predictions),
        ],
        hint(
            "unchanged",
            _(
                "this is the order in which they were given: are they compared with == or !=, and "
                "not with `is`, and sorted or collected by that?"
            ),
        ): (lambda labels, predictions: np.arange(len(labels))),
        hint("reversed", _("this is the order in which they were given, reversed.")): (
            lambda labels, predictions: np.arange(len(labels))[::-1]
        ),
        hint("sorted-by-digit", _("sort by whether they are wrong, not by the digits.")): [
            *_sorted_by(lambda labels, predictions: labels),
            *_sorted_by(lambda labels, predictions: predictions),
            lambda labels, predictions: np.lexsort((labels == predictions, labels)),
        ],
        hint("wrong-ones-twice", _("each index once: only the right ones follow.")): [
            lambda labels, predictions: np.concatenate(
                [np.flatnonzero(labels != predictions), np.arange(len(labels))]
            ),
            lambda labels, predictions: np.tile(np.flatnonzero(labels != predictions), 2),
        ],
        hint(
            "overwritten",
            _("each index once: the wrong ones are written over others, which are lost."),
        ): _written_over,
        hint(
            "first-of-equals",
            _("index finds only the first of equal digits: count the places with enumerate."),
        ): lambda labels, predictions: (
            [labels.tolist().index(digit) for digit in labels[_right(labels, predictions)]]
        ),
        hint("short-type", _("uint8 holds no index above 255: use a wider type.")): (
            lambda labels, predictions: _right(labels, predictions).astype(np.uint8)
        ),
    },
)

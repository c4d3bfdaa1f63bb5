"""The check of one_hot: a row for each label, with a 1 at the label's index."""

import itertools

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.hints import hint
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _


def _cases(rng):
    labels_and_sizes = [([2, 0], 3), ([6], None), ([1], 2), ([0, 2, 1], 3), ([0, 1, 2, 3], 6)]
    labels_and_sizes += [
        ([1, 2, 0], 3),
        ([0], 1),
        ([3, 1, 3], None),
        ([4, 11], 12),
        (rng.permutation(10), None),
    ]
    for n in (27, 27, int(rng.integers(30, 300))):
        labels_and_sizes += [(rng.integers(0, 10, n), None), (rng.integers(0, 5, n), 7)]
    types = itertools.cycle(rng.permutation(["uint8", "int64", "int32", "int8", "uint16"]))
    for (labels, num_classes), kind in zip(labels_and_sizes, types, strict=False):
        given = {"labels": np.array(labels, kind)}
        yield given if num_classes is None else given | {"num_classes": num_classes}


def _columns_of_every_row(labels, k=10):
    targets = np.zeros((len(labels), k))
    targets[:, labels] = 1
    return targets


def _in_a_square(labels, k=10):
    targets = np.zeros((k, k))
    targets[np.arange(len(labels)), labels] = 1
    return targets


one_hot = Comparison(
    signature="one_hot(labels, num_classes=10)",
    summary="labels (n,) -> (n, num_classes): a 1 at the index of each label.",
    right=reference.one_hot,
    cases=_cases,
    meaning=_("num_classes columns, and one row for each label"),
    demand=_("one_hot must give each row a 1 at the index of its label, and 0 elsewhere."),
    exact=True,
    mistakes={
        hint(
            "guessed-size",
            _("the largest label of a batch does not tell how many classes there are."),
        ): lambda labels, k=10: np.eye(labels.max() + 1)[labels],
        hint(
            "classes-that-occur",
            _("every class has a column, whether or not it occurs among these labels."),
        ): [
            lambda labels, k=10: np.eye(len(np.unique(labels)))[np.searchsorted(*_seen(labels))],
            lambda labels, k=10: np.eye(k)[np.searchsorted(*_seen(labels))],
        ],
        hint(
            "num-classes-ignored",
            _("num_classes says how many columns there are; 10 is only its default."),
        ): [
            lambda labels, k=10: np.eye(10)[labels],
            lambda labels, k=10: 1.0 * (labels[:, np.newaxis] == np.arange(10)),
        ],
        hint(
            "one-too-low", _("count from 0: the label 6 has its 1 at index 6, the seventh place.")
        ): [
            lambda labels, k=10: np.eye(k)[labels - 1],
            lambda labels, k=10: np.eye(k)[labels.astype(int) - 1],
            lambda labels, k=10: np.eye(k + 1)[labels][:, 1:],
            lambda labels, k=10: np.eye(k)[labels - labels.min()],
        ],
        hint(
            "one-too-high", _("the label 6 has its 1 at index 6; this is one place too far.")
        ): lambda labels, k=10: np.eye(k)[(labels + 1) % k],
        hint(
            "one-column-more", _("num_classes columns are enough: the labels count from 0.")
        ): lambda labels, k=10: np.eye(k + 1)[labels],
        hint(
            "one-column-less",
            _("a column is missing: range(num_classes) goes up to num_classes - 1 by itself."),
        ): lambda labels, k=10: np.eye(k)[labels][:, :-1],
        hint(
            "class-missing",
            _(
                "one class never gets its 1: the classes go from 0 to num_classes - 1, as "
                "range(num_classes) does."
            ),
        ): [
            lambda labels, k=10: np.eye(k)[labels] * (np.arange(k) > 0),
            lambda labels, k=10: np.eye(k)[labels] * (np.arange(k) < k - 1),
        ],
        hint(
            "backwards", _("the columns are in reversed order: the label 0 belongs at index 0.")
        ): lambda labels, k=10: np.eye(k)[::-1][labels],
        hint(
            "inverted", _("a 1 where the label is and 0 elsewhere; this is the other way round.")
        ): lambda labels, k=10: 1 - np.eye(k)[labels],
        hint(
            "diagonal",
            _("the ones run down the diagonal, whatever the labels are: choose rows by labels."),
        ): lambda labels, k=10: np.eye(len(labels), k),
        hint("minus-one", _("0 everywhere else, not -1.")): lambda labels, k=10: (
            2 * np.eye(k)[labels] - 1
        ),
        hint("label-itself", _("write a 1 at the label's place, not the label itself.")): (
            lambda labels, k=10: np.eye(k)[labels] * labels[:, np.newaxis]
        ),
        hint("up-to-the-label", _("a single 1 in each row, at the label's index alone.")): [
            lambda labels, k=10: 1.0 * (np.arange(k) <= labels[:, np.newaxis]),
            lambda labels, k=10: 1.0 * (np.arange(k) < labels[:, np.newaxis]),
            lambda labels, k=10: 1.0 * (np.arange(k) >= labels[:, np.newaxis]),
        ],
        hint(
            "columns-of-every-row",
            _(
                "every row got the ones of all labels. T[:, labels] means these columns of every "
                "row; give the rows too, T[np.arange(n), labels]."
            ),
        ): _columns_of_every_row,
        hint(
            "row-not-cleared",
            _("the ones of earlier rows are still there: start each row from zeros, in the loop."),
        ): lambda labels, k=10: np.maximum.accumulate(np.eye(k)[labels]),
        hint(
            "all-in-the-first-row",
            _("all ones are in the first row: give the rows as well, T[np.arange(n), labels]."),
        ): lambda labels, k=10: np.eye(len(labels))[:1].T * np.isin(np.arange(k), labels),
        hint(
            "a-row-for-each",
            _("each label has a row of its own: np.zeros((len(labels), num_classes))."),
        ): [
            lambda labels, k=10: 1.0 * np.isin(np.arange(k), labels),
            lambda labels, k=10: np.bincount(labels, minlength=k),
            _in_a_square,
        ],
        hint("first-label-only", _("this is only the first row: is `return` inside the loop?")): [
            lambda labels, k=10: np.eye(k)[labels[:1]],
            lambda labels, k=10: np.eye(k)[labels[0]],
        ],
        hint("other-default", _("num_classes is 10 if it is not given.")): [
            lambda labels, k=fixed: np.eye(k)[labels] for fixed in (9, 11)
        ],
        hint("smoothed", _("a whole 1 at the label, and exactly 0 elsewhere.")): [
            lambda labels, k=10, share=share: (1 - share) * np.eye(k)[labels] + share / k
            for share in (0.05, 0.1, 0.2)
        ],
        hint("sorted", _("the rows are in the order of the labels as given: do not sort.")): (
            lambda labels, k=10: np.eye(k)[np.sort(labels)]
        ),
        hint("exchanged-axes", _("rows and columns are exchanged: one row for each label.")): [
            lambda labels, k=10: np.eye(k)[labels].T,
            lambda labels, k=10: np.eye(k)[labels].T if len(labels) == k else np.eye(k)[labels],
        ],
        hint("not-from-zeros", _("0 everywhere else: start from np.zeros.")): [
            lambda labels, k=10: np.maximum(np.eye(k)[labels], 0.5),
            lambda labels, k=10: np.ones((len(labels), k)),
        ],
        hint(
            "all-zeros",
            _(
                "this is all zeros: write a 1 into each row, and return it. `=` writes, `==` only "
                "compares."
            ),
        ): (lambda labels, k=10: np.zeros((len(labels), k))),
    },
    by_code={
        "exchanged-axes": {
            r"\bone_hot\([^()]*\baxis *= *(0|-2)\b": hint(
                "classes-first",
                _("`axis` puts the classes first here: leave it out, and they are the columns."),
            ),
            r"\bstack\(.*\baxis *= *(1|-1)\b": hint(
                "stacked-as-columns",
                _("this stacks the rows as columns: leave `axis` out, and they stay rows."),
            ),
        },
        "columns-of-every-row": {
            r"append\(|\] *\* *\w": hint(
                "same-row-again",
                _(
                    "this is one row, several times, with the ones of all labels: make a new row "
                    "of zeros for each label, inside the loop."
                ),
            )
        },
    },
)


def _seen(labels):
    return np.unique(labels), labels

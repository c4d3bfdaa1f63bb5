"""The examinations of lesson 4: the visible checks, on other numbers, and the names themselves."""

from course import check
from course.check import CheckFailed
from course.check.lesson_04_overfitting_dropout import curve_names

_SEEDS = (0, 31_627, 77_543)
_CURVES = {"A": "rate too high", "B": "overfitting", "C": "good fit", "D": "underfitting"}


def _on_all_seeds(visible, answer):
    for seed in _SEEDS:
        visible(answer, seed)


def split_indices(answer):
    """n, share, rng -> (training, validation): disjoint, covering, random."""
    _on_all_seeds(check.split_indices, answer)


def dropout(answer):
    """activations (n, d), rate, training, rng -> survivors divided by 1 - rate, the others 0."""
    _on_all_seeds(check.dropout, answer)


def early_stopping(answer):
    """losses (m,), patience -> (the epoch at which to stop, the best epoch until then)."""
    _on_all_seeds(check.early_stopping, answer)


def name_the_curve(answer):
    """picture "A" … "D" -> its name."""
    check.name_the_curve(answer)
    names = curve_names(answer)
    right = sum(names[picture] == name for picture, name in _CURVES.items())
    if right < len(_CURVES):
        message = (
            "name_the_curve must name all four pictures.\n  got:      {right} of {count} right"
        )
        raise CheckFailed(message.format(right=right, count=len(_CURVES)))

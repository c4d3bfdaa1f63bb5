"""What is true of a wrong result in every case: that it is twice the right one, say, or reversed.

Such a fact is told, with a question, where no named mistake explains an answer. It must show in
several cases, and in numbers that cannot agree by chance.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from course.check.engine import values
from course.check.engine.hints import MAX_DECIMALS, Hint, cut_off_hint, hint, rounded
from course.messages import _, again, labelled

_MIN_CASES = 2  # in which a fact must show
_MIN_NUMBERS = 5  # different right ones, in all these cases together
_NEAR = 1e-4  # relative: one factor for all
_TINY = 1e-2  # relative: what is nearly right has other causes
_LEAST = 1e-4  # a smaller difference is one of rounding, or of an epsilon
_MAX_BELOW = 1000  # of a difference that is told as a fraction, such as 1/255

Pairs = Sequence[tuple[np.ndarray, np.ndarray]]  # of each case, what came and what is right


def fact_about(
    found: Sequence[Mapping],
    right: Sequence[Mapping],
    is_own: Callable[[str], bool] = lambda _part: True,
) -> Hint | None:
    """Return a fact about the results of several cases, by part; the first case is shown.

    Where several parts are wrong, it must be true of each of them. Of what is no array of the
    answer's own only a factor is told.
    """
    names = list(right[0])
    if any(set(names) != set(got) for got in found):
        return None
    pairs = {
        name: [(got[name], wanted[name]) for got, wanted in zip(found, right, strict=True)]
        for name in names
    }
    wrong = [name for name in names if not all(_is_alike(*pair) for pair in pairs[name])]
    facts = [(_fact if is_own(name) else _factor)(pairs[name]) for name in wrong]
    fact = facts[0] if facts else None
    if fact is None or any(other != fact for other in facts):
        return None
    if len(wrong) == len(names):
        return fact
    return Hint(labelled(", ".join(wrong), fact), fact.id)


def _fact(pairs: Pairs) -> Hint | None:
    """The first fact that is true of all pairs."""
    if not all(np.isfinite(wanted).all() for _got, wanted in pairs):
        return None
    for its_hint, changes in _CHANGED.items():
        if any(_is_changed(change, pairs) for change in changes):
            return hint(its_hint.id, again(its_hint))
    return _factor(pairs) or _difference(pairs) or _surplus(pairs) or _place(pairs)


def _is_alike(got, wanted):
    """Whether two arrays agree, as floats do that were added up in another order."""
    return got.shape == wanted.shape and not _wrong(got, wanted).any()


def _wrong(got, wanted):
    """Where two arrays of one shape differ."""
    if got.dtype == wanted.dtype == bool:
        return got != wanted
    slack = 1e-6 * np.abs(wanted).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        is_near = np.abs(got - wanted) <= values.allowed_distance(got, wanted, slack)
    return ~(is_near & np.isfinite(wanted))


def _is_enough(pairs):
    """Whether there are enough cases, with enough different numbers in them."""
    if len(pairs) < _MIN_CASES:
        return False
    numbers = np.concatenate([np.ravel(wanted).astype(np.float64) for _got, wanted in pairs])
    return len(np.unique(np.round(numbers, 9))) >= _MIN_NUMBERS


# The right numbers, changed -----------------------------------------------------------------------


def _is_changed(change, pairs):
    """Whether each result is the right one after this change, visibly in enough cases."""
    shown = []
    for got, wanted in pairs:
        with np.errstate(all="ignore"):
            changed = change(wanted.astype(np.float64), got.shape)
        if changed is None or not _is_alike(got, changed):
            return False
        if not _is_alike(changed, wanted):
            shown.append((got, wanted))
    return _is_enough(shown)


def _of_axes(change):
    """A change of the first axis, as a change of each of three axes."""

    def along(axis):
        def changed(right, _shape):
            if right.ndim <= axis:
                return None
            return np.moveaxis(change(np.moveaxis(right, axis, 0)), 0, axis)

        return changed

    return along(0), along(1), along(2)


def _first_of_rows(right, _shape):
    return right[0] if right.ndim and len(right) else None


def _exchanged(*axes):
    return lambda right, _shape: right.swapaxes(*axes) if right.ndim > max(axes) else None


def _by_columns(right, _shape):
    return right.T.reshape(right.shape) if right.ndim > 1 else None


def _last_column(right, _shape):
    return right[:, -1] if right.ndim == 2 else None


def _reshaped(right, shape):
    return right.reshape(shape) if right.ndim and right.size == np.prod(shape) else None


def _with_axis(right, shape):
    if not right.ndim:
        return None
    fits = any(
        size == 1 and shape[:at] + shape[at + 1 :] == right.shape for at, size in enumerate(shape)
    )
    return right.reshape(shape) if fits else None


_CHANGED: dict[Hint, Sequence[Callable]] = {
    hint(
        "axis-too-many",
        _("all numbers are right, but there is one axis too many, of length 1: leave it out."),
    ): [_with_axis],
    hint(
        "other-shape",
        _(
            "all numbers are right and in the right order, but their shape is not: which step "
            "changes it?"
        ),
    ): [_reshaped],
    hint(
        "transposed",
        _(
            "the numbers are right, but two axes are exchanged: is there one transpose too many, "
            "or is one missing?"
        ),
    ): [_exchanged(0, 1), _exchanged(1, 2)],
    hint(
        "by-columns",
        _(
            "the numbers are right, but one column comes after the other, in place of the rows: "
            "`reshape` does not exchange rows and columns, `.T` does."
        ),
    ): [_by_columns],
    hint(
        "order-reversed",
        _("the numbers are right, but along one axis in reverse order: the last comes first."),
    ): _of_axes(lambda right: right[::-1]),
    hint("sorted-numbers", _("the numbers are right, but sorted: each keeps its own place.")): (
        *_of_axes(lambda right: np.sort(right, axis=0)),
        *_of_axes(lambda right: np.sort(right, axis=0)[::-1]),
    ),
    hint(
        "first-alone",
        _("this is only the first: is `return` inside the loop, or is there an index [0]?"),
    ): (
        *_of_axes(lambda right: right[:1]),
        _first_of_rows,
    ),
    hint(
        "last-column-alone",
        _(
            "only the last column is left: does each turn of a loop overwrite those before? Make "
            "the whole array before the loop, and fill in result[:, j]."
        ),
    ): [_last_column],
    hint(
        "last-left-out",
        _("the last one is left out: range(n) goes through all n, and ends with n - 1."),
    ): _of_axes(lambda right: right[:-1]),
    hint("first-left-out", _("the first one is left out: count from 0.")): (
        _of_axes(lambda right: right[1:])
    ),
    hint(
        "last-everywhere", _("this is the last one, again and again: make a new one each time.")
    ): (_of_axes(lambda right: np.broadcast_to(right[-1:], right.shape))),
    hint("first-everywhere", _("this is the first one, again and again: go on to the others.")): (
        _of_axes(lambda right: np.broadcast_to(right[:1], right.shape))
    ),
    hint("signs-lost", _("the minus signs are lost: is there an absolute value?")): [
        lambda right, _shape: np.abs(right)
    ],
    rounded(): [
        lambda right, _shape, places=places: np.round(right, places)
        for places in range(MAX_DECIMALS + 1)
    ],
    cut_off_hint(): [lambda right, _shape: np.trunc(right)],
    hint("squares", _("these are the squares of the right numbers.")): [
        lambda right, _shape: right**2
    ],
    hint("upside-down-fraction", _("each number is 1 divided by the right one.")): [
        lambda right, _shape: 1 / right
    ],
    hint("one-minus", _("each number is 1 minus the right one.")): [
        lambda right, _shape: 1 - right
    ],
}


# One factor, one difference -----------------------------------------------------------------------


def _factor(pairs):
    """The hint for results that are the right ones times a number; or None."""
    if not _is_enough(pairs):
        return None
    factors, several = [], []
    for got, wanted in pairs:
        if got.shape != wanted.shape:
            return None
        place = np.unravel_index(np.abs(wanted).argmax(), wanted.shape) if wanted.size else ()
        factor = float(got[place] / wanted[place]) if wanted.size and wanted[place] else None
        if not _is_alike(got, (factor or 0.0) * wanted):
            return None
        factors += [] if factor is None else [factor]
        several += [(got, wanted)] if np.count_nonzero(wanted) > 1 else []
    shown = factors[0] if factors else 0.0
    if not shown or abs(shown - 1) <= _TINY or len(factors) < _MIN_CASES:
        return None
    if np.ptp(factors) <= _NEAR * abs(shown):
        if abs(shown + 1) <= _NEAR:
            text = _("each number has the wrong sign: what is subtracted from what?")
            return hint("wrong-sign", text)
        text = _("each number is {factor} times the right one: where does this factor come from?")
    elif _is_enough(several):  # a single number is always some multiple of the right one
        text = _(
            "all numbers are off by the same factor, here {factor}: what are they multiplied or "
            "divided by?"
        )
    else:
        return None
    return hint("factor", text.format(factor=_number_text(shown)))


def _difference(pairs):
    """The hint for results that all differ by the same number from the right ones; or None."""
    if not _is_enough(pairs) or not all(got.shape == wanted.shape for got, wanted in pairs):
        return None
    got, wanted = pairs[0]
    difference = float(np.mean(got - wanted)) if wanted.size else 0.0
    is_tiny = abs(difference) <= max(_LEAST, _TINY * np.abs(wanted).max(initial=0.0))
    if is_tiny or not all(_is_alike(got, wanted + difference) for got, wanted in pairs):
        return None
    if difference > 0:
        text = _("each number is too large by {difference}: what is added, or not subtracted?")
    else:
        text = _("each number is too small by {difference}: what is subtracted, or not added?")
    return hint("difference", text.format(difference=_number_text(abs(difference))))


def _number_text(number):
    """A number as 3, 0.25 or 1/255."""
    below = round(1 / number) if abs(number) < 0.1 else 0
    if 0 < abs(below) <= _MAX_BELOW and abs(below * number - 1) <= _NEAR:
        return f"1/{below}" if below > 0 else f"-1/{-below}"
    return f"{number:.4g}"


# Several in place of each ------------------------------------------------------------------------


def _surplus(pairs):
    """The hint for several times too many along an axis, of which only each last one is right."""
    for axis in range(3):
        if not all(_ends_right(got, wanted, axis) for got, wanted in pairs):
            continue
        several = [(got, wanted) for got, wanted in pairs if got.shape != wanted.shape]
        if sum(np.ptp(wanted) > 0 for _got, wanted in several) >= _MIN_CASES:
            count = several[0][0].shape[axis] // several[0][1].shape[axis]
            text = _(
                "of every {count} in a row, only the last belongs here: is `append` in an inner "
                "loop? It belongs after that loop."
            )
            return hint("appended-too-often", text.format(count=count))
    return None


def _ends_right(got, wanted, axis):
    """Whether each of the right ones stands along an axis at the end of equally many."""
    if got.ndim != wanted.ndim or wanted.ndim <= axis or not wanted.shape[axis]:
        return False
    count, rest = divmod(got.shape[axis], wanted.shape[axis])
    if rest or not count:
        return False
    got, wanted = (np.moveaxis(array, axis, 0) for array in (got, wanted))
    return _is_alike(got[count - 1 :: count], wanted)


# Right in some places -----------------------------------------------------------------------------

# The first and the last of the rows, columns, channels or numbers of an array, of how many axes it
# needs for that, and which of them are wrong.
_PLACES: dict[tuple[str, str], tuple[int, Callable]] = {
    ("result[0]", "result[-1]"): (1, lambda wrong: _any_along(wrong, 0)),
    ("result[:, 0]", "result[:, -1]"): (2, lambda wrong: _any_along(wrong, 1)),
    ("result[:, :, 0]", "result[:, :, -1]"): (3, lambda wrong: _any_along(wrong, 2)),
    ("result[0, 0]", "result[-1, -1]"): (2, np.ravel),
}
# What is told of them, given which places are wrong.
_FACTS: dict[str, tuple[str, Callable]] = {
    "only-first-right": (
        _(
            "only {first} is right: does a loop change an array that it still reads, or must "
            "something start again in each of its rounds?"
        ),
        lambda wrong: not wrong[0] and wrong[1:].all(),
    ),
    "last-wrong": (
        _("all but {last} are right: does the loop go on to the end? range(n) ends with n - 1."),
        lambda wrong: wrong[-1] and not wrong[:-1].any(),
    ),
    "first-wrong": (
        _("all but {first} are right: does the loop begin with 0?"),
        lambda wrong: wrong[0] and not wrong[1:].any(),
    ),
}


def _any_along(wrong, axis):
    """Which of the places along an axis are wrong anywhere."""
    others = tuple(other for other in range(wrong.ndim) if other != axis)
    return wrong.any(axis=others)


def _place(pairs):
    """The hint for results that are right in the first place only, or wrong in one; or None."""
    if not all(got.shape == wanted.shape and wanted.size for got, wanted in pairs):
        return None
    for (first, last), (axes, taken) in _PLACES.items():
        if any(wanted.ndim < axes for _got, wanted in pairs):
            continue
        wrong = [(taken(_wrong(got, wanted)), pair) for pair in pairs for got, wanted in [pair]]
        several = [(mask, pair) for mask, pair in wrong if len(mask) > 1]
        if not _is_enough([pair for _mask, pair in several]):
            continue
        for hint_id, (text, is_so) in _FACTS.items():
            if all(is_so(mask) for mask, _pair in several):
                return hint(hint_id, again(text).format(first=first, last=last))
    return None

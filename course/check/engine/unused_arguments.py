"""Whether a wrong result can come of an argument that an answer never uses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np


def can_be_behind(comparison: Any, cases: list, outcomes: Mapping, failed: int, place: int) -> bool:
    """Return whether the failed case can be wrong because the argument at this place is ignored.

    An answer that ignores it has some value in its place, and is right where this is given. So it
    explains nothing where the argument is not given, or where another case with the same value is
    right; and of two values, True and False, one must be right somewhere. It does explain what the
    right answer gives in all cases with one value.
    """
    given, names = cases[failed].given, max((list(case.given) for case in cases), key=len)
    if place >= len(names):
        return False
    name = names[place]
    if comparison.may_be_two and any(
        _is_always({name: value}, names, comparison, cases, outcomes)
        for value in _numbers(name, cases)
    ):
        return True
    right = [
        other
        for other in outcomes
        if comparison.is_same(comparison.right_value(cases[other]), outcomes[other], cases[other])
    ]
    if name not in given or (isinstance(given[name], bool | str) and not right):
        return False
    return not any(_are_equal(cases[other].given.get(name), given[name]) for other in right)


def _numbers(name, cases):
    """The numbers and strings that this argument is in some case."""
    given = [case.given.get(name) for case in cases]
    return {value for value in given if isinstance(value, float | int | str)}


def _is_always(fixed, names, comparison, cases, outcomes):
    """Whether the answer gives what is right if an argument always has this fixed value."""
    for place, found in outcomes.items():
        case = cases[place]
        given = {name: (case.given | fixed)[name] for name in names if name in case.given | fixed}
        if [*given] != names[: len(given)]:  # it is called by place, and one before it is missing
            return False
        right = comparison.value_of(comparison.right, replace(case, given=given))
        if not comparison.is_same(found, right, case):
            return False
    return True


def _are_equal(one, other):
    """Whether two arguments are the same number, string or array."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return isinstance(one, float | int | str) and type(one) is type(other) and one == other

"""Check random draws: not their values, but their statistics and their source.

A right answer fails a statistic by bad luck once in millions of draws: five standard deviations.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from course.check.engine.diagnosis import memory_hint
from course.check.engine.hints import Hint, first_row_only, hint, last_row_missing
from course.check.engine.result import Result
from course.messages import _

DEVIATIONS = 5
_ANOTHER = 9_001  # the seed of a generator that no check uses otherwise


def generator_state(rng: np.random.Generator) -> tuple:
    """Return the state of a generator: drawing from it and spawning from it both advance it."""
    spawned = getattr(rng.bit_generator.seed_seq, "n_children_spawned", 0)
    return repr(rng.bit_generator.state), spawned


def is_far(draws: ArrayLike, mean: float, variance: float) -> bool:
    """Return whether the mean of some draws is too far off, or one of the draws is."""
    draws = np.asarray(draws, np.float64)
    off = np.abs(draws - mean) / math.sqrt(variance)
    of_mean = abs(draws.mean() - mean) / math.sqrt(variance / len(draws))
    return bool(off.max() > DEVIATIONS or of_mean > DEVIATIONS)


def listed(numbers: list) -> str:
    """Return numbers as a learner reads them: not more than eight."""
    shown = [str(number) for number in numbers[:8]] + ["…"] * (len(numbers) > 8)
    return ", ".join(shown) if numbers else _("none")


def unfilled_hint(array: np.ndarray) -> Hint | None:
    """Return the hint for rows that are still 0: all but the first, or only the last."""
    is_filled, places = np.any(array, axis=1), np.arange(len(array))
    if len(array) < 3:  # too few to tell
        return None
    if np.array_equal(is_filled, places == 0):
        return first_row_only()
    return last_row_missing() if np.array_equal(is_filled, places < places[-1]) else None


def check_generator(draw: Callable, rng: np.random.Generator, demand: str) -> None:
    """Check that `draw(rng)`, a result, depends on the state of rng, and advances it."""
    first = draw(rng)
    advanced = first.afterwards["rng"]
    unused = generator_state(advanced) == generator_state(rng)
    second = draw(advanced)
    same = np.array_equal(first.plain(), second.plain())
    again = draw(rng)
    if not (same or unused or is_restless(first, again)):
        return
    another = np.random.default_rng(_ANOTHER)
    copied = same and unused and not np.array_equal(draw(another).plain(), first.plain())
    again.fail(
        demand,
        got=_("the same numbers twice")
        if same
        else _("a generator that was not used")
        if unused
        else _("other numbers from the same state of rng"),
        hint=source_hint(
            same,
            unused,
            hint("own-generator", _("use rng itself: neither a new generator nor np.random.")),
            copied,
        ),
    )


def source_hint(same: bool, unused: bool, elsewhere: Hint, copied: bool = False) -> Hint:
    """Return the hint for an answer that does not depend on the state of rng alone.

    It gives the `same` in the next call, or it leaves rng `unused`: then it draws `elsewhere`, or
    from what was `copied` from rng.
    """
    if copied:
        return copied_generator()
    if same:
        return same_again()
    return elsewhere if unused else memory_hint()


def copied_generator() -> Hint:
    """Return the hint for draws that follow the state of rng, and leave rng where it was."""
    return hint(
        "copied-generator",
        _(
            "use rng itself, and leave its state alone: a copy of it draws the same again, as rng "
            "does not move on."
        ),
    )


def same_again() -> Hint:
    """Return the hint for draws that are the same from another state of rng.

    Whether a generator has a seed of its own, or something was kept, perhaps when the check ran
    before, looks alike.
    """
    return hint(
        "same-again",
        _(
            "draw from rng itself in every call: a generator with a seed of its own gives the same "
            "again, and so does what is kept from an earlier call."
        ),
    )


def is_restless(first: Result, again: Result) -> bool:
    """Return whether two results from the same state of a generator differ.

    TensorFlow's generators go on by themselves from one call to the next, even with a seed from
    rng; so the results of an answer that uses TensorFlow may differ.
    """
    is_same = np.array_equal(first.plain(), again.plain())
    return not is_same and not first.attempt.uses_tensorflow()


def never_chosen(chosen: np.ndarray) -> tuple[int, bool] | None:
    """Return an outcome that occurs in none of the rows, or in all, and whether it is in all."""
    for always in (False, True):
        places = np.flatnonzero(np.all(chosen == always, axis=0))
        if places.size:
            return int(places[0]), always
    return None

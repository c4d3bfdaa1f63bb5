"""Choose the hint for a wrong answer: that of the named mistake that explains everything it did.

Where no single one does, two may: then that of the numbers that are shown. Mistakes are computed
only here, after a mismatch. No hint is better than a misleading one.
"""

import contextlib
import functools
from typing import Any

import numpy as np

from course.check.engine import environment, relations, values
from course.check.engine.code_hints import lost_value_hint, outside_hint
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import Hint, cut_off_hint, hint, rounded
from course.check.engine.two_mistakes import TwoMistakes, of_part
from course.check.engine.unused_arguments import can_be_behind
from course.messages import _, again
from course.silence import silence

_MIN_EVIDENCE = 2  # cases in which a mistake shows, before its hint is given
_NEAR = 0.05  # of the largest value: nearly right


class Diagnosis:
    """Searches for the mistake that explains an answer, by its results in all cases."""

    def __init__(self, comparison: Any, attempt: Any, cases: list, tried: list):
        """Take the cases, and the results of those that were tried; the last of them is wrong."""
        self._comparison, self._attempt, self._cases = comparison, attempt, cases
        self._failed, self._is_endless = len(tried) - 1, False
        self._outcomes = {place: self._read(result) for place, result in enumerate(tried)}
        self.is_of_two = False  # whether the hint is that of one of two mistakes
        # Short floats, such as bfloat16, have rounded all that was computed.
        self._near = 0.0
        with contextlib.suppress(Exception):
            step = max(values.step_of_floats(result.value) for result in tried)
            self._near = step if step > values.TOLERANCE else 0.0

    def hint(self) -> Hint | None:
        """Return the hint of the mistake that explains it all, or None."""
        if self._comparison.is_repeatable and any(
            map(self._gives_something_else, {0, self._failed})
        ):
            return memory_hint()
        for place in range(self._failed + 1, len(self._cases)):
            if self._cases[place].stage == self._cases[self._failed].stage:
                self._outcomes[place] = self._call(place)
            if self._is_endless:
                return None
        found = self._named() or self._one_of_two() or self._without_mistake()
        return self._by_code(found) if found else None

    def _named(self, part=""):
        """The hint of the mistake that explains it all, or all of a part; or None."""
        mistakes = self._comparison.wrong_answers()
        return next((told for told, wrong in mistakes if self._is_explained_by(wrong, part)), None)

    def _one_of_two(self):
        """The hint of the mistake behind what is shown, where there is another one; or None."""
        comparison = self._comparison
        if not comparison.may_be_two or comparison.judge:
            return None
        part, places = self._wrong_part, (self._cases, self._outcomes, self._failed)
        found = self._named(part) if part else None
        found = found or TwoMistakes(comparison, *places, part).hint()
        self.is_of_two = found is not None
        return found

    @functools.cached_property
    def _wrong_part(self):
        """The part that is shown as wrong, if there are several: other shapes come first."""
        if not self._comparison.may_be_two:  # its parts are judged in another order
            return ""
        case, found = self._cases[self._failed], self._outcomes[self._failed]
        right = self._comparison.right_value(case)
        if len(right) < 2 or not found or found.keys() != right.keys():
            return ""
        for name in right:
            if not _has_shape_of(found[name], right[name]):
                return name
        for name in right:
            parts = (of_part(name, found), of_part(name, right))
            if not self._comparison.is_same(*parts, case):
                return name
        return ""

    def _by_code(self, found):
        """The hint that was found, or the one that is told instead for code such as this."""
        if found and found.id in self._comparison.lost_steps:
            lost = lost_value_hint(self._attempt)
            if lost:
                return lost
        others = self._comparison.by_code.get(found.id if found else "", {})
        return self._attempt.by_code(others, found and hint(found.id, again(found)))

    def _without_mistake(self):
        """The hint that needs no named mistake, or None."""
        outcome = self._outcomes[self._failed]
        right = self._comparison.right_value(self._cases[self._failed])
        if not outcome or outcome.keys() != right.keys():
            return None
        if not all(map(_has_shape_of, outcome.values(), right.values())):
            return None
        if not all(np.isfinite(part).all() for part in outcome.values()):
            return self._comparison.overflow
        if all(map(_is_cut_off, outcome.values(), right.values())) or self._is_rounded_down():
            return cut_off_hint()
        if self._attempt.uses("round") and self._is_rounded():
            return rounded()
        its_hint = self._cases[self._failed].hint
        if its_hint is None and self._is_nearly_right():
            return self._comparison.nearly
        return its_hint

    def code_hint(self) -> Hint | None:
        """Return a hint on the code alone, if what it names can be behind what is wrong."""
        if found := self._by_code(None):
            return found
        seen = (self._comparison, self._cases, self._outcomes, self._failed)
        return outside_hint(self._attempt, functools.partial(can_be_behind, *seen))

    def fact(self) -> Hint | None:
        """Return a fact about the results in all of these cases, or None."""
        places = [self._failed, *(place for place in self._outcomes if place != self._failed)]
        found = [self._outcomes[place] for place in places]
        if self._comparison.judge or self._is_endless or not all(found):
            return None
        right = [self._comparison.right_value(self._cases[place]) for place in places]
        return relations.fact_about(found, right, self._comparison.is_own)

    def _call(self, place):
        try:
            return self._read(self._comparison.tried(self._attempt, self._cases[place]))
        except CheckFailed as failure:
            self._is_endless = failure.hint_id.endswith("/endless")
            return None

    def _read(self, result):
        with contextlib.suppress(Exception), silence():
            return self._comparison.by_part(result.value)
        return {}

    def _gives_something_else(self, place):
        """Whether the answer now gives a different result for the same arguments."""
        before, after = self._outcomes[place], self._call(place)
        return bool(before and after) and not values.are_alike(after, before)

    def _is_explained_by(self, wrong, part=""):
        """Whether a mistake gives what the answer gave, and shows in enough of these cases.

        Of the case that is shown, it must explain what is wrong there. With a `part`, the others
        may have a mistake of their own.
        """
        shown = 0
        for place in sorted(self._outcomes, key=lambda place: place != self._failed):
            case, comparison = self._cases[place], self._comparison
            outcome = self._outcomes[place]
            value = comparison.value_of(wrong, case, outcome, self._near)
            if part and self._spoils_others(part, value, place):
                return False
            outcome, value = of_part(part, outcome), of_part(part, value)
            if not comparison.is_same(outcome, value, case, self._near):
                return False
            if place == self._failed and value and not self._is_what_is_wrong(value):
                return False
            right = of_part(part, comparison.right_value(case))
            shown += not (
                comparison.is_same(right, value, case) if part else comparison.is_right(value, case)
            )
        return shown >= _MIN_EVIDENCE

    def _spoils_others(self, part, value, place):
        """Whether a mistake makes another part wrong that is right in the answer's result."""
        found, case = self._outcomes[place], self._cases[place]
        right = self._comparison.right_value(case)
        for name in value.keys() & right.keys() - {part} if value and found else ():
            wanted, its, would_be = (of_part(name, each) for each in (right, found, value))
            if self._comparison.is_same(wanted, its, case) and not self._comparison.is_same(
                wanted, would_be, case
            ):
                return True
        return False

    def _is_what_is_wrong(self, value):
        """Whether these results of a mistake, in the case that is shown, have what is wrong."""
        return not self._wrong_part or self._wrong_part in value

    def _is_rounded_down(self):
        """Whether the answer is always the right one rounded down, in several cases visibly."""
        shown = 0
        for place, outcome in self._outcomes.items():
            right = self._comparison.right_value(self._cases[place])
            if not values.are_alike(
                outcome, {name: np.floor(part) for name, part in right.items()}
            ):
                return False
            shown += any(part.any() for part in outcome.values()) and not values.are_alike(
                outcome, right
            )
        return shown >= _MIN_EVIDENCE

    def _is_rounded(self):
        """Whether all results are fractions, off by a few percent of the largest at most."""
        pairs: dict[str, list] = {}
        for place, outcome in self._outcomes.items():
            right = self._comparison.right_value(self._cases[place])
            if not outcome or outcome.keys() != right.keys():
                return False
            for name, part in right.items():
                pairs.setdefault(name, []).append((outcome[name], part))
        for several in pairs.values():
            if not all(map(_has_shape_of, *zip(*several, strict=True))):
                return False
            got, right = (
                np.concatenate(list(map(np.ravel, side))) for side in zip(*several, strict=True)
            )
            most = _NEAR * np.abs(right).max(initial=0.0)
            if not (right % 1).any() or not (np.abs(got - right) <= most).all():
                return False
        return True

    def _is_nearly_right(self):
        """Whether the answer is a few percent off at most, in all of these cases."""
        return all(
            bool(outcome)
            and values.are_alike(
                outcome, self._comparison.right_value(self._cases[place]), near=_NEAR
            )
            for place, outcome in self._outcomes.items()
        )


def hint_for_error(comparison: Any, attempt: Any, cases: list) -> Hint | None:
    """Return the hint of the mistake that stops in the same cases, and agrees in all others."""

    def outcome(case):
        with contextlib.suppress(CheckFailed):
            return comparison.by_part(comparison.tried(attempt, case).value)
        return None

    with environment.diagnosing():
        found = list(map(outcome, cases))
    for its_hint, wrong in comparison.named_mistakes() if any(found) else ():
        would_be = [comparison.value_of(wrong, case) for case in cases]
        if all(map(comparison.is_same, found, would_be, cases)):
            others = comparison.by_code.get(its_hint.id, {})
            return attempt.by_code(others, hint(its_hint.id, again(its_hint)))
    return None


def _is_cut_off(array, right):
    """Whether these are whole numbers close to larger fractions, as an integer type makes them."""
    is_whole = array.dtype.kind in "iu" and right.dtype.kind == "f"
    return is_whole and bool(np.abs(right).max() > 2 and (np.abs(array - right) <= 1).all())


def _has_shape_of(array, other):
    return array.shape == other.shape


def memory_hint() -> Hint:
    """Return the hint for an answer that gives a different result when it is called again."""
    return hint(
        "remembers",
        _(
            "called again with the same arguments, it gives another result: is something left over "
            "from an earlier call, in a global variable or a default argument? Or is something "
            "drawn at random, as the weights of a new layer are?"
        ),
    )

"""Find the mistake behind a wrong result where an answer holds two named mistakes at once."""

from collections.abc import Callable, Mapping
from typing import Any

from course.check.engine.hints import Hint

_MIN_EVIDENCE = 2  # cases in which either mistake shows by itself


def of_part(part: str | None, found: Mapping | None) -> Any:
    """Return this part of a result alone, in a dict; all of it without the name of a part."""
    return {name: found[name] for name in (part,) if name in found} if part and found else found


class TwoMistakes:
    """Two mistakes in one answer, known by its results; the case that is shown is at `failed`.

    Where only one of them shows, the answer gave what this one gives; where none does, the right
    result. What becomes of both at once is not known.
    """

    def __init__(self, comparison: Any, cases: list, outcomes: Mapping, failed: int, part: str):
        """Take the results by their places among the cases; with a `part`, only this one counts."""
        self._comparison, self._cases, self._part = comparison, cases, part
        self._outcomes = {place: of_part(part, found) for place, found in outcomes.items()}
        self._failed = failed
        self._known: dict[tuple[Callable, int], Any] = {}

    def hint(self) -> Hint | None:
        """Return the hint of the mistake that shows in the failed case; None if several could."""
        named = self._comparison.named_mistakes()
        seen: dict[Hint, int] = {}
        for its_hint, first in named:
            count = self._cases_of(first)
            is_one = count and any(self._are_both(first, second) for _hint, second in named)
            seen[its_hint] = max(seen.get(its_hint, 0), count if is_one else 0)
        most = max(seen.values(), default=0)
        best = [its_hint for its_hint in seen if seen[its_hint] == most]
        return best[0] if most and len(best) == 1 else None

    def _cases_of(self, first):
        """In how many cases the answer has this mistake; 0 if they are not enough."""
        if not self._is_given_by(first, self._failed):
            return 0
        found = [place for place in self._outcomes if self._is_given_by(first, place)]
        count = sum(self._shows(first, place) for place in found)
        return count if count >= _MIN_EVIDENCE else 0

    def _are_both(self, first, second):
        """Whether a second mistake shows in just those cases that the first does not explain."""
        alone = 0
        for place in self._outcomes:
            is_explained = self._is_given_by(first, place)
            if self._shows(second, place) == is_explained:
                return False
            if not is_explained and not self._shows(first, place):
                if not self._is_given_by(second, place):
                    return False
                alone += 1
        return alone >= _MIN_EVIDENCE

    def _is_given_by(self, wrong, place):
        case = self._cases[place]
        return self._comparison.is_same(self._outcomes[place], self._value(wrong, place), case)

    def _shows(self, wrong, place):
        right = self._value(self._comparison.right, place)
        return not self._comparison.is_same(right, self._value(wrong, place), self._cases[place])

    def _value(self, answer: Callable, place: int) -> Any:
        """What an answer gives in a case; it is computed once. A part that it leaves out is right.

        None if it stops.
        """
        if (answer, place) not in self._known:
            case = self._cases[place]
            found = self._comparison.value_of(answer, case)
            if found and self._part and self._part not in found:
                found = self._comparison.right_value(case)
            self._known[answer, place] = of_part(self._part, found)
        return self._known[answer, place]

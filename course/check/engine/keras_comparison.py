"""The check of an exercise that takes or returns Keras objects, compared by what they do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from course.check.engine import environment, formatting
from course.check.engine.attempt import Attempt
from course.check.engine.comparison import Case, Comparison
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import Hint, hint
from course.check.engine.result import Result
from course.messages import _
from course.silence import silence

_MEASURED = {"outputs", "steps", "weights"}


@dataclass(kw_only=True)
class KerasComparison(Comparison):
    """A check like Comparison, of an answer whose result or arguments are Keras objects.

    observe    a function: what an answer returned, and its arguments afterwards, as one result ->
               numbers by name, in the order in which they are compared; it may ask for weights,
               outputs, steps of training. A failure of its own says what is of another kind. As a
               generator of pairs it is asked no further than a mistake is like the answer
    simulated  whether the right answer and the mistakes are functions that calculate what is
               observed, all of it or a part, from the descriptions of Keras objects, None where
               an answer stops. Otherwise they are answers themselves, which get Keras objects,
               and are observed in the same way
    """

    is_repeatable: ClassVar[bool] = False  # training shuffles
    may_be_two: ClassVar[bool] = False  # one wrong part leads to others, and each model costs time
    observe: Callable[[Result], Mapping[str, Any] | Iterable[tuple[str, Any]]]
    simulated: bool = False
    slack: Callable = lambda *_arguments: 1e-5  # Keras computes with float32
    _known: list[tuple[Case, dict]] = field(default_factory=list, init=False)

    def __call__(self, answer: Any, seed: int = 0) -> None:
        """Check an answer; CheckFailed says what is wrong with it."""
        self._known.clear()
        super().__call__(answer, seed)

    def cases_of(self, seed: int) -> list[Case]:
        """Return the cases that belong to a seed, made in silence: some train a model."""
        with silence():
            return super().cases_of(seed)

    def tried(
        self, attempt: Attempt, case: Case, like: dict | None = None, near: float = 0.0
    ) -> Result:
        """Return what is observed of an answer in a case: only as far as it is `like` another's."""
        result, found = attempt.call(**case.given), {}
        try:
            with silence():
                observed = self.observe(result)
                pairs = observed.items() if isinstance(observed, Mapping) else observed
                for name, value in pairs:
                    found[name] = value
                    if like and not self.is_same(like, self.by_part(found), case, near):
                        break
            result.value = found
        except CheckFailed:
            raise
        except Exception as error:
            result.fail(
                _("{name} must return an object that works.").format(name=self.name),
                got=formatting.error_text(error),
            )
        return result

    def right_value(self, case: Case) -> dict:
        """Return the right result of a case, by part; it is found once."""
        for known, value in self._known:
            if known is case:
                return value
        self._known.append((case, super().right_value(case)))
        return self._known[-1][1]

    def value_of(
        self, function: Callable, case: Case, like: dict | None = None, near: float = 0.0
    ) -> dict | None:
        """Return what is observed of another answer in a case, by part; None if it stops."""
        if self.simulated:
            value = function(*case.given.values())
            return None if value is None else self.by_part(value)
        try:
            with environment.here():
                attempt = Attempt(function, self.signature)
                return self.by_part(self.tried(attempt, case, like, near).value)
        except CheckFailed:
            return None

    def is_same(self, got: dict | None, other: dict | None, case: Case, near: float = 0.0) -> bool:
        """Return whether two results of a case are alike, in all that the other says."""
        if got and other and other.keys() <= got.keys():
            got = {name: got[name] for name in other}
        return super().is_same(got, other, case, near)

    def _judge(self, result, case):
        """Check what was observed, one part after the other."""
        expected, slack = self.right_value(case), self.slack_of(case)
        for name, part in result.entries(*expected).items():
            demand = self._demand_of(name, None)
            wanted, got = expected[name].shape, np.shape(part.plain())
            if got != wanted:
                part.fail_shape(demand, wanted, got)
            text = self.shown.get(name)
            if text and np.array_equal(part.plain(), expected[name]):
                continue
            if text:
                part.fail(demand, expected=text(expected[name]), got=text(part.plain()))
            meaning = self._meaning_of(name)
            part.equals(expected[name], demand, meaning=meaning, slack=slack, remark=meaning)

    def is_own(self, part: str) -> bool:
        """Return whether a part is an array of the answer's own, not one measured on a model."""
        return part not in _MEASURED

    def wrong_answers(self) -> list[tuple[Hint, Callable]]:
        """Return each mistake with its hint."""
        return self.named_mistakes()


def check_kind(result: Result, kind: str, demand: str, its_hint: str | None = None) -> None:
    """Check that a result is a Keras object of this kind: "model", "history" …"""
    if environment.kind_of(result.value) == kind:
        return
    if result.value is None or (result.came_as and kind != "dataset"):
        result.array((), "")  # says that it returns nothing, or an iterator
    got = result.came_as or formatting.kind_text(result.value)
    result.fail(demand, got=got, hint=its_hint)


def hint_for_history(value: Any) -> Hint:
    """Return the hint for something else than the History that `fit` returns."""
    if isinstance(value, Mapping):
        text = _("its `history` is a dict with only the curves: return all that `fit` returns.")
        return hint("curves-alone", text)
    return hint("return-history", _("`model.fit(…)` returns it: return that."))

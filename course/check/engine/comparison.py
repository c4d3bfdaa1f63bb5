"""The check of an exercise whose answer is compared with the right one, case by case.

A declaration names the exercise's cases, its right answer and its named mistakes: wrong answers, as
functions, each with the hint that it deserves. They are computed only after a mismatch, and a hint
is shown only if its mistake explains everything that the answer did.
"""

import contextlib
import copy
import functools
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from course.check.engine import environment, values
from course.check.engine.attempt import Attempt
from course.check.engine.diagnosis import Diagnosis, hint_for_error, memory_hint
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import unguarded
from course.check.engine.hints import (
    MAX_DECIMALS,
    Hint,
    cut_off_hint,
    first_row_missing,
    first_row_only,
    in_one_row,
    last_row_missing,
    last_row_only,
    rounded,
    translated,
)
from course.check.engine.result import Result
from course.check.engine.result_hints import OF_SHAPES
from course.messages import english
from course.silence import silence

ANY = "*"  # in by_code: whatever else would be told
# What is told where nothing else is known, and gives way to a fact about all results.
_OUTSIDE = {"array-of-notebook", "unused-argument"}
_LAST_RESORT = {"", *_OUTSIDE, *OF_SHAPES}


@dataclass(frozen=True)
class Case:
    """Arguments to try an answer on.

    given    the arguments by name, in order
    demand   the demand of this case, or of some of the parts, if it is not that of the check
    stage    cases of a later stage are no evidence of a mistake that shows in an earlier one: put
             extreme numbers into a stage of their own
    hint     for a finite result here that no named mistake explains; given only where, with all
             earlier stages right, there is a single possible cause
    """

    given: dict[str, Any]
    demand: str | Mapping[str, str] = ""
    stage: int = 0
    hint: Hint | None = None


@dataclass(kw_only=True)
class Comparison:
    """A check: call it with an answer, and a seed for the random cases.

    signature  how the answer is called, "softmax(logits)"
    summary    the exercise in a line
    right      the right answer; a tuple has the names `parts`, a dict has keys
    cases      a function: random generator -> cases, or dicts of their arguments; smallest first
    demand     the property, a sentence; or one for each part, or a function of what was got
    mistakes   hint -> the wrong answer that it is for, or several; a dict of some of the parts
               says nothing of the others
    by_code    the id of a hint -> {a pattern: the hint that is told instead if the answer's own
               code fits it}; the id "" stands for no named mistake, and ANY for all there is
    lost_steps  the ids of hints for a step that is missing: that its result is lost is told instead
               where the answer's own code has a line that computes something and keeps it nowhere
    meaning    what the result is, such as "one number"; or one for each part
    kind       what its numbers are: "number", "fraction" or "index"
    slack      arguments -> how far a value may be off in absolute terms; or one for each part
    exact      whether the right value can be computed without any loss
    nearly     the hint for an answer that is nearly right everywhere, and explained by no mistake
    finite     the demand that the result is finite
    overflow   the hint for a result that is not, and explained by no mistake
    shown      a part's name -> the text of its numbers, where these alone say little
    explains_errors  whether a mistake may also explain an answer that stops: it stops in the same
               cases, and gives the same in all others
    judge      a function (result, **arguments) that judges a result where many are right
    afterwards functions (attempt, seed) that check further properties
    """

    signature: str
    summary: str
    right: Callable
    cases: Callable[[np.random.Generator], Iterable[Case | dict[str, Any]]]
    demand: str | Mapping[str, str] | Callable
    mistakes: Mapping[Hint, Callable | Sequence[Callable]]
    by_code: Mapping[str, Mapping[str, Hint]] = field(default_factory=dict)
    lost_steps: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    meaning: str | Mapping[str, str] = ""
    kind: str = "number"
    slack: Callable | None = None
    exact: bool = False
    nearly: Hint | None = None
    finite: str = ""
    overflow: Hint | None = None
    shown: Mapping[str, Callable[[np.ndarray], str]] = field(default_factory=dict)
    explains_errors: bool = False
    judge: Callable | None = None
    afterwards: tuple[Callable, ...] = ()
    name: str = field(init=False)
    is_repeatable: ClassVar[bool] = True  # another result for the same arguments is a mistake
    may_be_two: ClassVar[bool] = True  # mistakes are looked for in pairs, too

    def __post_init__(self):
        """Give the check the name and the docstring of its exercise."""
        self.name = self.__name__ = self.signature.split("(")[0]
        self.__doc__ = self.summary
        self.right = unguarded(self.right)
        self._labels = {str(english(part)): part for part in self.parts}
        self.parts = tuple(self._labels)  # in English, whatever the reader's language at import

    def __call__(self, answer: Any, seed: int = 0) -> None:
        """Check an answer; CheckFailed says what is wrong with it."""
        cases = self.cases_of(seed)
        with silence():
            attempt = self.check_cases(answer, cases)
            for check in self.afterwards:
                check(attempt, seed)
            if self.is_repeatable:
                self._judge_again(attempt, cases[0])

    def check_cases(self, answer: Any, cases: list[Case]) -> Attempt:
        """Check an answer in these cases only; CheckFailed says what is wrong with it."""
        attempt = Attempt(answer, self.signature, self.right)
        tried: list[Result] = []
        for case in cases:
            try:
                tried.append(self.tried(attempt, case))
            except CheckFailed as failure:
                is_error = self.explains_errors and failure.error
                found = hint_for_error(self, attempt, cases) if is_error else None
                found = attempt.by_code(self.by_code.get(ANY, {}), found)
                raise failure.with_hint(found) if found else failure from None
            try:
                self._judge(tried[-1], case)
            except CheckFailed as failure:
                with environment.diagnosing():
                    diagnosis = Diagnosis(self, attempt, cases, tried)
                    found, told = diagnosis.hint(), failure.hint_id.rpartition("/")[2]
                    if not found and told in _LAST_RESORT:
                        found = diagnosis.fact() or diagnosis.code_hint()
                    found = attempt.by_code(self.by_code.get(ANY, {}), found)
                if not found and told in _OUTSIDE:  # it explains nothing
                    found = Hint("")
                is_of_two = diagnosis.is_of_two
                raise failure if found is None else failure.with_hint(found, is_of_two) from None
        return attempt

    def tried(self, attempt: Attempt, case: Case) -> Result:
        """Return what an answer gives in a case."""
        return attempt.call(**case.given)

    def cases_of(self, seed: int) -> list[Case]:
        """Return the cases that belong to a seed."""
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), seed])
        return [case if isinstance(case, Case) else Case(case) for case in self.cases(rng)]

    def wrong_answers(self) -> list[tuple[Hint, Callable]]:
        """Return each mistake with its hint, those of any exercise last."""
        return self.named_mistakes() + _mistakes_of_any_exercise(self.right)

    def named_mistakes(self) -> list[tuple[Hint, Callable]]:
        """Return each mistake of this exercise with its hint."""
        found: list[tuple[Hint, Callable]] = []
        for its_hint, wrong in self.mistakes.items():
            found += [(its_hint, each) for each in ([wrong] if callable(wrong) else wrong)]
        return found

    def right_value(self, case: Case) -> dict[str, np.ndarray]:
        """Return the right result of a case, by part."""
        value = self.value_of(self.right, case)
        assert value is not None, f"the right answer to {self.name} stops"
        return value

    def value_of(
        self, function: Callable, case: Case, like: dict | None = None, near: float = 0.0
    ) -> dict[str, np.ndarray] | None:
        """Return what a function gives for a case's exact arguments, by part; None if it stops.

        Where it takes long, it may be left unfinished once it is not `like` another result.
        """
        given = values.to_exact(copy.deepcopy(case.given))
        with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            return self.by_part(function(*given.values()))
        return None

    def by_part(self, value: Any) -> dict[str, np.ndarray]:
        """Return the arrays of a result by the names of its parts; none if it is something else."""
        if isinstance(value, Mapping):
            found = {str(key): values.to_plain(item) for key, item in value.items()}
        elif self.parts:
            if not values.is_sequence(value):
                array = values.to_plain(value)
                # First its length: as a list, some arrays take more than there is memory for.
                is_fit = values.is_array(array) and array.shape[:1] == (len(self.parts),)
                value = list(array) if is_fit else value
            if not values.is_sequence(value) or len(value) != len(self.parts):
                return {}
            found = dict(zip(self.parts, map(values.to_plain, value), strict=True))
        else:
            found = {"": values.to_plain(value)}
        return found if all(map(values.is_array, found.values())) else {}

    def is_own(self, part: str) -> bool:
        """Return whether the answer built this part itself: a message may name places in it."""
        return True

    def is_right(self, value: dict | None, case: Case) -> bool:
        """Return whether this is a right result of a case."""
        if not value or not self.judge:
            return self.is_same(self.right_value(case), value, case)
        try:
            nobody = Attempt(self.right, self.signature)
            self.judge(Result(nobody, case.given, value=value[""]), **case.given)
        except CheckFailed:
            return False
        return True

    def is_same(self, got: dict | None, other: dict | None, case: Case, near: float = 0.0) -> bool:
        """Return whether two results of a case are alike; None stands for one that stopped."""
        if got is None or other is None:
            return got is other
        if not got or not other:  # a dict without keys, as if no name had been right
            return not got and not other
        if self.parts and other.keys() <= got.keys():  # a mistake in some of the parts
            got = {name: got[name] for name in other}
        return values.are_alike(got, other, self.slack_of(case), near)

    def slack_of(self, case: Case) -> Any:
        """Return how far the values of a case may be off, in absolute terms: overall or by part."""
        if self.slack is None:
            return 0.0
        return self.slack(*values.to_exact(copy.deepcopy(case.given)).values())

    def _judge(self, result, case):
        """Check one result: its parts, their shapes, and then their values."""
        if self.judge:
            self.judge(result, **case.given)
            return
        expected = self.right_value(case)
        slack = self.slack_of(case)
        found = self._parts_of(result, expected)
        arrays = {
            name: part.array(expected[name].shape, self._meaning_of(name), self.kind)
            for name, part in found.items()
        }
        for name, part in found.items():
            own = case.demand.get(name) if isinstance(case.demand, Mapping) else case.demand
            demand = own or self._demand_of(name, arrays[name])
            if self.finite and not np.isfinite(arrays[name]).all():
                demand = translated(self.finite)
            part.equals(
                expected[name],
                demand,
                kind=self.kind,
                meaning=self._meaning_of(name),
                slack=_of(slack, name),
                exact=self.exact,
                remark=self._label_of(name) if own and own is case.demand else "",
                text=self.shown.get(name),
            )

    def _demand_of(self, name, array):
        demand = self.demand(array) if callable(self.demand) else _of(self.demand, name)
        return translated(demand).format(name=self._label_of(name))

    def _meaning_of(self, name):
        return translated(_of(self.meaning, name)).format(name=self._label_of(name))

    def _label_of(self, name):
        return translated(self._labels[name]) if name in self._labels else name

    def _parts_of(self, result, expected):
        if self.parts:
            if not result.came_as:
                result = result.part(
                    _as_parts(result, [value.shape for value in expected.values()])
                )
            found = result.parts(*map(self._label_of, self.parts))
            return dict(zip(self.parts, found, strict=True))
        return result.entries(*expected) if "" not in expected else {"": result}

    def _judge_again(self, attempt, case):
        """Check that the first case still gives what it gave, after all the others."""
        result = self.tried(attempt, case)
        try:
            self._judge(result, case)
        except CheckFailed as failure:
            raise failure.with_hint(memory_hint()) from None


def _as_list(value, count):
    """An array of this many numbers as a list; anything else unchanged."""
    array = values.to_plain(value)
    return list(array) if values.is_array(array) and array.shape == (count,) else value


def _as_parts(result, shapes):
    """A list of the parts of a result that is one array of them all; anything else unchanged."""
    if not any(shapes):
        return _as_list(result.plain(), len(shapes))
    if values.is_sequence(result.value) or len(set(shapes)) > 1:
        return result.value
    array = result.plain()
    is_stack = values.is_array(array) and array.shape == (len(shapes), *shapes[0])
    return list(array) if is_stack else result.value


def _of(setting, name):
    """A setting of one part: all parts share it unless it is a dict by part."""
    return setting[name] if isinstance(setting, Mapping) else setting


def _mistakes_of_any_exercise(right):
    """Mistakes that can be made with every right answer."""

    def changed(change):
        def wrong(*arguments):
            value = right(*arguments)
            if isinstance(value, Mapping):
                return {key: change(item) for key, item in value.items()}
            return tuple(map(change, value)) if isinstance(value, tuple) else change(value)

        return wrong

    found = [
        (rounded(), changed(functools.partial(np.round, decimals=places)))
        for places in range(MAX_DECIMALS + 1)
    ]
    return [
        *found,
        (cut_off_hint(), changed(np.trunc)),
        (first_row_only(), changed(functools.partial(_only, place=slice(1)))),
        (first_row_only(), changed(functools.partial(_only, place=np.s_[:1, :1]))),
        (first_row_only(), changed(functools.partial(_only, place=np.s_[:1, :1, :1]))),
        (last_row_missing(), changed(functools.partial(_only, place=slice(-1)))),
        (last_row_missing(), changed(functools.partial(_only, place=np.s_[:-1, :-1]))),
        (last_row_missing(), changed(functools.partial(_only_flat, place=slice(-1)))),
        (first_row_missing(), changed(functools.partial(_only, place=slice(1, None)))),
        (first_row_missing(), changed(functools.partial(_only_flat, place=slice(1, None)))),
        (last_row_only(), changed(_last)),
        (last_row_only(), changed(_last_number)),
        (in_one_row(), changed(_in_one_row)),
    ]


def _last(value):
    """The last row of an array; a number stays as it is."""
    return np.asarray(value)[-1] if np.ndim(value) else value


def _last_number(value):
    """The last number of an array; a number stays as it is."""
    return np.ravel(value)[-1]


def _in_one_row(value):
    """All numbers of an array in one row; a number stays as it is."""
    return np.ravel(value) if np.ndim(value) else value


def _only_flat(value, place):
    """An array that is filled in only at a place of all its numbers, one after the other."""
    return _only(np.ravel(value), place).reshape(np.shape(value)) if np.ndim(value) else value


def _only(value, place):
    """An array that is filled in only at a place, and still 0 elsewhere."""
    value = np.asarray(value)
    filled = np.zeros_like(value)
    if value.ndim:
        place = place if isinstance(place, tuple) else (place,)
        filled[place[: value.ndim]] = value[place[: value.ndim]]
    return filled if value.ndim else value

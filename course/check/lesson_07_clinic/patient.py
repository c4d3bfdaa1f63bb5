"""The check of a patient: is there a name from the list, and does the treatment work?

An answer is a function without arguments, which returns the name of the fault and the one argument
to change, such as ("learning rate too high", {"learning_rate": 0.2}).
"""

import contextlib
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course import clinic
from course.check.engine import values
from course.check.engine.attempt import Attempt
from course.check.engine.failures import PartlyRight
from course.check.engine.hints import Hint, hint, translated
from course.check.engine.result import Result
from course.messages import _, in_all_languages, sentences

_CLEARLY = 0.1  # of the validation digits: more, or fewer, are recognised


@dataclass
class Patient:
    """A check: call it with an answer, and the seed of the treated network.

    number        which patient it is, from 1
    fault_digest  the name of its fault, so that nobody reads it by accident
    signs         each fault's name -> how that fault shows
    treated_by    each fault's name -> the arguments that treat it
    words         a function: each fault's name -> what it is called in the learner's language
    other_words   likewise, what else it is called
    """

    number: int
    fault_digest: str
    signs: Mapping[str, str]
    treated_by: Mapping[str, set[str]]
    words: Callable[[], dict[str, str]]
    other_words: Callable[[], dict[str, str]] = dict

    def __post_init__(self):
        """Give the check the name and the docstring of its exercise."""
        self.__name__ = f"case_{self.number}"
        self.__doc__ = f"() -> (the fault of patient {self.number}, a dict with the one change)."

    def __call__(self, answer: Any, seed: int = 0) -> PartlyRight | None:
        """Check the treatment; return what is still missing if only the name is wrong."""
        name = self.examine(answer, seed)
        if self.is_named(name):
            return None
        message = _("Patient {number} is healed, but its fault is not “{name}”: {sign}")
        sign, name = translated(self.signs[name]), self.words()[name]
        return PartlyRight(message.format(number=self.number, name=name, sign=sign), share=1 / 2)

    def is_named(self, name: str) -> bool:
        """Return whether this is the name of the fault."""
        text = f"patient {self.number}: {name}"
        return hashlib.sha256(text.encode()).hexdigest()[:16] == self.fault_digest

    def examine(self, answer: Any, *seeds: int) -> str:
        """Check for a name from the list and a change that heals; return the name as listed."""
        result = Attempt(answer, f"{self.__name__}()").call()
        if values.is_sequence(result.value) and list(map(type, result.value)) == [str] * 3:
            name, *argument_and_value = result.value
            result.value = name, tuple(argument_and_value)  # a pair in place of the dict
        name, change = (part.value for part in result.parts("name", "change"))
        fault = self._listed_name(result, name)
        change = self._plain_change(result, change)
        self._check_change(result, fault, change)
        for seed in seeds:
            self._check_proof(result, fault, change, seed)
            self._check_removal(result, change)
        return fault

    def _fail(self, result: Result, demand: str, **fields: Any) -> None:
        result.fail(demand.format(case=self.__name__), **fields)

    def _listed_name(self, result: Result, name: Any) -> str:
        """Check for a name from the list, in any language of the course, whichever it is."""
        known = in_all_languages(self.other_words) | in_all_languages(self.words)
        plain = {_plain(words): fault for words, fault in known.items()}
        fault = plain.get(_plain(name)) if isinstance(name, str) else None
        if fault is None:
            self._fail(
                result,
                _("{case} must name one of the ten faults."),
                expected=_("one of: {names}").format(names=_("; ").join(self._listed())),
                got=repr(name)[:100],
                hint=hint("exchanged", _("the name comes first, then the dict."))
                if isinstance(name, Mapping)
                else hint(
                    "unknown-name",
                    _("copy the name from the table “The ten faults” in the lesson."),
                ),
            )
        return fault

    def _listed(self) -> list[str]:
        """The names from the list, each with what it is called in the learner's language."""
        return [
            fault if words == fault else _("{fault} ({words})").format(fault=fault, words=words)
            for fault, words in self.words().items()
        ]

    def _plain_change(self, result: Result, change: Any) -> dict[str, Any]:
        """Check for a dict with one argument; return it with a plain number or text as value.

        A text may have capitals, as the names of faults may.
        """
        is_dict = isinstance(change, Mapping)
        if not is_dict or len(change) != 1:
            self._fail(
                result,
                _("{case} must change exactly one argument.")
                if is_dict
                else _("{case} must return the change as a dict."),
                expected=_("a dict with one entry, such as {example}").format(
                    example="{'hidden_layers': 1}"
                ),
                got=repr(change)[:100],
                hint=None
                if is_dict
                else hint(
                    "no-dict",
                    _(
                        "a dict has curly brackets, and a colon between the argument and its new "
                        "value."
                    ),
                ),
            )
        ((argument, value),) = change.items()
        plain = values.to_plain(value)
        plain = plain.item() if values.is_array(plain) and not plain.shape else value
        return {argument: _plain(plain) if isinstance(plain, str) else plain}

    def _check_change(self, result: Result, fault: str, change: dict[str, Any]) -> None:
        """Check for an argument that can be changed, and for a value that it may have."""
        ((argument, value),) = change.items()
        if argument not in clinic.ARGUMENTS:
            self._check_sides_of_colon(result, argument, value)
            said = "_".join(str(argument).lower().split())
            near = [own for own in clinic.ARGUMENTS if said in own or own in said]
            near += [  # what it is called in Keras
                own
                for own, known in clinic.ARGUMENTS.items()
                if any(said.replace("_", " ") in str(value) for value in known)
            ]
            self._fail(
                result,
                _("{case} must change one of the ten arguments."),
                expected=_("one of: {names}").format(names=", ".join(clinic.ARGUMENTS)),
                got=repr(argument)[:100],
                hint=hint("near-argument", _("did you mean {name}?").format(name=near[0]))
                if near and len(str(argument)) > 2
                else None,
            )
        try:
            changes = clinic.changes_patient(self.number, **change)
        except clinic.TreatmentError as error:
            self._fail(
                result,
                _("{case} must change an argument to a value that it may have."),
                got=str(error),
                hint=hint(
                    "number-in-quotes",
                    _("write a number without quotation marks: {value}.").format(value=value),
                )
                if isinstance(value, str) and _is_number(value)
                else hint("function", _("write its name in quotation marks: it is a string here."))
                if callable(value)
                else None,
            )
        if not changes:
            self._fail(
                result,
                _("{case} must change something: the patient has this value already."),
                got=repr(change),
                hint=self._another_argument(fault, argument)
                if argument not in self.treated_by[fault]
                else hint(
                    "healthy-value",
                    _(
                        "a healthy network has this value, too: look for another argument, or "
                        "another fault."
                    ),
                )
                if clinic.has_healthy(argument, value)
                else hint(
                    "same-value",
                    _("the patient came with this value, and a healthy network has another one."),
                ),
            )

    def _check_sides_of_colon(self, result: Result, key: Any, value: Any) -> None:
        """Check that a value of an argument does not come before the colon."""
        key = _plain(str(key))
        of_key = [name for name, known in clinic.ARGUMENTS.items() if key in known]
        if _is_number(key) and isinstance(value, str) and value in clinic.ARGUMENTS:
            of_key = [value]
        if not of_key:
            return
        text = _(
            "`{argument}` is the argument: it comes before the colon, and its new value after it."
        )
        self._fail(
            result,
            _("{case} must change one of the ten arguments."),
            expected=_("one of: {names}").format(names=", ".join(clinic.ARGUMENTS)),
            got=repr(key),
            hint=hint(
                "value-for-argument",
                text.format(argument=value if value in of_key else of_key[0]),
            ),
        )

    def _check_proof(self, result: Result, fault: str, change: dict[str, Any], seed: int) -> None:
        """Check that the treated network learns, with this seed."""
        run = clinic.treat(self.number, seed=seed, **change)
        if clinic.is_healthy(run):
            return
        its_hint = self._hint_of_proof(fault, change, run)
        if run.state == "diverged":
            got = _("the run diverged at step {step}").format(step=run.diverged_at)
        else:
            share = run.history.validation.accuracy[-1]
            loss = run.history.training.loss[-20:].mean()
            got = _("{share:.0%}, and a loss of {loss:.2f}").format(share=share, loss=loss)
            if share >= clinic.HEALTHY and its_hint.id == "not-cured":
                its_hint = hint(
                    "loss-too-high",
                    _(
                        "this many digits are enough, but the loss is not: where does it come to "
                        "rest, and can it go lower?"
                    ),
                )
        self._fail(
            result,
            _("{case} must make the network learn."),
            expected=_(
                "at least {share:.0%} of the validation digits after {steps} steps, and a training "
                "loss below {loss:g}"
            ).format(share=clinic.HEALTHY, steps=clinic.STEPS, loss=clinic.LOW_LOSS),
            got=got,
            hint=its_hint,
        )

    def _hint_of_proof(self, fault: str, change: dict[str, Any], run: Any) -> Hint:
        ((argument, value),) = change.items()
        gained = _recognised(run) - _recognised(clinic.untreated(self.number))
        if argument == "learning_rate":
            return self._hint_of_rate(value, gained > _CLEARLY)
        if argument in ("output", "loss") and not clinic.fits_loss(self.number, **change):
            text = _(
                "output and loss do not fit each other: does this loss take logits, or "
                "probabilities? And which of them does it get?"
            )
            return hint("output-and-loss", text)
        if clinic.goes_halfway(self.number, **change):
            return hint("not-far-enough", _("this is the right way, but not far enough."))
        if clinic.goes_away(self.number, **change):
            return hint("wrong-way", _("this is the wrong way: try the other direction."))
        if argument not in self.treated_by[fault]:
            return self._another_argument(fault, argument)
        if gained < -_CLEARLY:
            return hint("worse", _("this makes it worse than no treatment."))
        text = _(
            "look at the panels again: the loss at the start, whether the weights move, whether "
            "the training digits are recognised, and how far behind the validation digits are."
        )
        return hint("not-cured", text)

    def _another_argument(self, fault: str, argument: str) -> Hint:
        text = _("`{argument}` does not treat “{name}” here: which argument is about that?")
        name = self.words()[fault]
        return hint("another-argument", text.format(argument=argument, name=name))

    def _hint_of_rate(self, rate: float, is_better: bool) -> Hint:
        if not clinic.may_cure("learning_rate", self.number):
            text = _("the learning rate is not what is wrong.")
            if is_better:
                text = _("the learning rate is not what is wrong, even if changing it helps.")
            return hint("not-the-rate", text)
        healthy = _("Healthy networks have a rate of {rate:g}.").format(rate=clinic.HEALTHY_RATE)
        if rate > clinic.HEALTHY_RATE:
            return hint(
                "rate-too-high", sentences(_("with this rate the steps are too long."), healthy)
            )
        return hint(
            "rate-too-low", sentences(_("with this rate the steps are too short."), healthy)
        )

    def _check_removal(self, result: Result, change: dict[str, Any]) -> None:
        """Check that a treatment that works has removed the fault, and not only hidden it."""
        ((argument, value),) = change.items()
        demand, found = _("{case} must remove the fault, not only its effects."), None
        if argument == "learning_rate" and not clinic.may_cure(argument, self.number):
            found = self._hint_of_rate(value, True)
        elif not clinic.may_cure(argument, self.number):
            found = hint(
                "symptom",
                _("the network learns in spite of the fault: what was wrong is still there."),
            )
        elif (argument, value) == ("activation", "none"):
            demand = _("{case} must remove the fault, and keep an activation function.")
            found = hint(
                "no-activation",
                _("without any activation, all the layers together can do no more than one."),
            )
        elif argument == "training_digits" and value < clinic.ENOUGH_DIGITS:
            found = hint(
                "few-digits",
                _(
                    "better, but still too few: it knows its own digits far better than others. "
                    "Give it {count:,} or more."
                ).format(count=clinic.ENOUGH_DIGITS),
            )
        if found:
            self._fail(result, demand, got=repr(change), hint=found)


def _recognised(run: Any) -> float:
    """The share of the validation digits that a run recognises; none if it diverged."""
    return 0.0 if run.state == "diverged" else float(run.history.validation.accuracy[-1])


def _is_number(text: str) -> bool:
    """Whether a text is a number, such as "0.2"."""
    with contextlib.suppress(ValueError):
        return math.isfinite(float(text))
    return False


def _plain(name: str) -> str:
    """A name without capitals and needless blanks."""
    return " ".join(name.lower().split())

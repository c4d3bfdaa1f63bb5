"""The exceptions of a check: fields that say what is wrong, and the text that a learner reads."""

import textwrap
from dataclasses import dataclass
from typing import Any

from course.check.engine.hints import Hint
from course.messages import _, english

_WIDTH = 88  # fits beside the prompt of a notebook on a small screen
TEXTS = ("demand", "exercise", "error", "place", "expected", "got", "hint", "hint_id")

# Hints on a wrong helper, and on what the code says: no other hint takes their place.
_OF_CODE = {"helper", "always-true", "truth-as-text", "misspelt-attribute"}


class CheckFailed(AssertionError):
    """An answer lacks a property. Its text shows these fields; an unknown one is "".

    demand         the property that the answer lacks, a sentence
    exercise       the name of the exercise
    arguments      what the answer was called with, as it is shown: name -> text
    error, place   of an answer that stopped: the error, and the line in which it was raised
    expected, got  what a right answer gives, and what this one gave
    hint, hint_id  one hint, and its id, which is the same in every language: "softmax/axis"
    """

    def __init__(
        self,
        demand: str,
        *,
        exercise: str = "",
        arguments: dict[str, str] | None = None,
        error: str = "",
        place: str = "",
        expected: str = "",
        got: str = "",
        hint: str | None = None,
        hint_id: str = "",
    ):
        """Take the fields; the hint's id is made from the hint, unless it is given."""
        self.demand, self.exercise, self.arguments = demand, exercise, arguments or {}
        self.error, self.place = error, place
        self.expected, self.got = expected, got
        self.hint, self.hint_id = hint or "", hint_id
        if hint and not hint_id:
            self.hint_id = f"{exercise}/{Hint(hint).id}" if exercise else Hint(hint).id
        super().__init__(_text(self))

    @property
    def english(self) -> str:
        """The demand in English, whatever the language."""
        return str(english(self.demand))

    @property
    def given(self) -> str:
        """The arguments as a learner reads them, one in each line."""
        return _arguments_text(self.arguments)

    @classmethod
    def from_fields(cls, fields: dict) -> "CheckFailed":
        """Rebuild a failure from its fields; unknown ones are left out."""
        return cls(**{name: fields[name] for name in (*TEXTS, "arguments") if name in fields})

    def with_hint(self, hint: str, is_of_two: bool = False) -> "CheckFailed":
        """Return the same failure with another hint, but for one on what is wrong in any code.

        Where that is one of two mistakes, and the other one explains what is shown, it gives way.
        """
        told = self.hint_id.rpartition("/")[2]
        if told == "helper" or (told in _OF_CODE and not is_of_two):
            return self
        fields = {name: getattr(self, name) for name in (*TEXTS, "arguments")}
        return type(self)(**(fields | {"hint": hint, "hint_id": ""}))

    def fields(self) -> dict:
        """Return all fields as texts, and the arguments as a dict of texts: what JSON can hold."""
        texts = {name: str(getattr(self, name)) for name in TEXTS} | {"english": self.english}
        arguments = {str(name): str(text) for name, text in self.arguments.items()}
        return texts | {"arguments": arguments, "given": self.given}

    def _render_traceback_(self):
        """What IPython shows in place of the traceback: the message, its first line in bold."""
        return _rendered(str(self))


class Unsolved(CheckFailed):
    """The exercise has not been attempted yet."""

    def __init__(self, exercise: str, demand: str = "", **fields: Any):
        """Take the exercise; without a `demand`, the message is that it is not solved yet."""
        if not demand:
            demand = _("{name} is not solved yet.").format(name=exercise)
            text = _(
                "replace `raise NotImplementedError()` with your own lines, run that cell, then "
                "its check."
            )
            fields["hint"] = Hint(text, "unsolved")
        super().__init__(demand, exercise=exercise, **fields)


class OutOfMemory(CheckFailed):
    """The answer asked for more memory than there is."""


@dataclass(frozen=True, repr=False)
class PartlyRight:
    """What a check returns for an answer that earns only a share of its points, in 0..1."""

    missing: str
    share: float

    def __repr__(self):
        return self.missing


# The text -----------------------------------------------------------------------------------------


def _text(failure: CheckFailed) -> str:
    """Return the text of a failure: the demand, the smallest example, and a hint."""
    parts = [failure.demand, example_text(failure)]
    if failure.hint:
        parts.append(_("Hint: {hint}").format(hint=failure.hint))
    return "\n".join(filter(None, parts))


def example_text(failure: Any) -> str:
    """Return the smallest example of what a failure says, without the demand and the hint.

    A failure has the fields of CheckFailed.
    """
    lines = [f"  {line}" for line in _argument_lines(failure.arguments)]
    lines += [f"  {text}" for text in (failure.error, failure.place) if text]
    if failure.expected:
        lines.append(_("  expected: {expected}").format(expected=failure.expected))
    if failure.got:
        lines.append(_("  got:      {got}").format(got=failure.got))
    return "\n".join(lines)


def _arguments_text(arguments: dict[str, str]) -> str:
    """Return what an answer was called with, one argument in each line."""
    return "\n".join(_argument_lines(arguments))


def _argument_lines(arguments):
    return [f"{name} = {text}" for name, text in arguments.items()]


def _rendered(text: str) -> list[str]:
    """Return the lines in which IPython shows a message: the first in bold, all wrapped."""
    first, *rest = text.splitlines() or [""]
    wrapped = [textwrap.fill(line, _WIDTH, subsequent_indent="      ") for line in rest]
    return [f"\x1b[1m{textwrap.fill(first, _WIDTH)}\x1b[0m", *wrapped]

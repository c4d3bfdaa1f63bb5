"""The message for an answer that stopped with an error: the error, its line, the likely cause."""

import difflib
import re
from typing import Any

from course.check.engine import environment, wording
from course.check.engine.error_hints import error_hints
from course.check.engine.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.engine.hints import Hint, hint
from course.messages import _

# Names that the first cells of the lessons import.
_IMPORTED = {"check", "data", "digits", "keras", "layers", "networks", "np", "pictures", "tf"}
# Texts that exercises ask for: words and letters that can mean nothing else.
_TEXTS = {"overfitting", "underfitting", "adam", "relu", "same", "valid", "regression", "binary"}
_NO_TEXTS = {"True", "False", "None", "nan", "inf"}
_MODULES = {"collections", "functools", "itertools", "math", "os", "statistics", "time"}
_PICTURES = {"A", "B", "C", "D"}


def crash_failure(attempt: Any, arguments: dict[str, str], error: BaseException) -> CheckFailed:
    """What to raise when an answer raised an error: with the learner's own line, if known."""
    frames = environment.frames_of(error)
    own = [frame for frame in frames if frame.is_learners]
    helper = _helper_among(own, attempt.name)
    if isinstance(error, NotImplementedError) and (not error.args or frames[-1:] == own[-1:]):
        return _unsolved_helper(attempt.name, helper) if helper else Unsolved(attempt.name)
    kind = OutOfMemory if isinstance(error, MemoryError) else CheckFailed
    return kind(
        _("{name} stopped with an error.").format(name=attempt.name),
        exercise=attempt.name,
        arguments=arguments,
        error=wording.error_text(error),
        place=_place(own[-1], helper) if own else "",
        hint=attempt.helper_hint() or _hint_for(error, frames, attempt.signature, arguments),
    )


def _helper_among(own, exercise):
    """The function in which an error came up, if it is not the answer itself."""
    names = [frame.function for frame in own if not frame.function.startswith("<")]
    return names[-1] if names and names[-1] not in (exercise, own[0].function) else None


def _unsolved_helper(exercise, helper):
    return CheckFailed(
        _("{name} calls {helper}, which is not solved yet.").format(name=exercise, helper=helper),
        exercise=exercise,
        hint=hint(
            "unsolved-helper",
            _("solve {helper} first, and run its cell; then this one.").format(helper=helper),
        ),
    )


def _place(frame, helper):
    place = (
        _("in line {number} of the cell with {helper}: {source}")
        if helper
        else _("in line {number} of its cell: {source}")
    )
    return place.format(number=frame.number, helper=helper, source=frame.line.strip() or "…")


def _hint_for(
    error: BaseException, frames: list, signature: str, arguments: dict[str, str]
) -> Hint | None:
    """A hint for an error, by its text; or None."""
    if isinstance(error, TypeError) and not frames:
        usage = _("it is called as {signature}; keep the number and order of the arguments.")
        return hint("call", usage.format(signature=signature))
    text = wording.first_line(error)
    unknown = re.search(r"name '(\w+)' is not defined", text)
    if isinstance(error, NameError) and unknown:
        return _name_hint(unknown[1], arguments)
    unknown_layer = re.match(r"No such layer: (\w+)", text)
    if isinstance(error, KeyError) or unknown_layer:
        key = unknown_layer[1] if unknown_layer else text.strip("'")
        value = arguments.get(key, "")
        if value.isidentifier() and value not in _NO_TEXTS:  # a text: is it the key that is meant?
            usage = _("{key} in quotation marks is a text: without them, it is the argument.")
            return hint("quoted-argument", usage.format(key=key))
    if isinstance(error, KeyError):
        usage = _("this dict has no key {key}: use the keys that are there, `for name in …`.")
        return hint("unknown-key", usage.format(key=text))
    if isinstance(error, RecursionError):
        return hint("recursion", _("it calls itself again and again: when does it stop?"))
    text += "".join(f"\n{frame.line}" for frame in frames if frame.is_learners)
    return next((hint for pattern, hint in error_hints().items() if re.search(pattern, text)), None)


def _name_hint(name, arguments):
    near = difflib.get_close_matches(name, arguments, n=1, cutoff=0.85)
    if near:
        return hint("near-name", _("did you mean {name}, the argument?").format(name=near[0]))
    if name in _IMPORTED:
        text = _("{name} comes from the first cell of the notebook: run that one again.")
        return hint("first-cell", text.format(name=name))
    if name in _MODULES:
        return hint("import", _("a module has to be imported: import {name}.").format(name=name))
    if name in (_TEXTS | _PICTURES if "picture" in arguments else _TEXTS):
        text = _('is {name} a text? Texts stand in quotation marks: "{name}".')
        return hint("quotation-marks", text.format(name=name))
    text = _("is {name} spelled as where it is defined, and has that cell been run?")
    return hint("unknown-name", text.format(name=name))

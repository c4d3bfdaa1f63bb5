"""The message for an answer that stopped with an error: the error, its line, the likely cause."""

import difflib
import importlib
import math
import re
import sys
from typing import Any

import numpy as np

from course.check.engine import environment, wording
from course.check.engine.error_hints import error_hints
from course.check.engine.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.engine.hints import Hint, hint, nothing_watched
from course.messages import _

# Names that the first cells of the notebooks make, with the numbers of the lessons that have them.
FIRST_CELLS = {
    "check": "01234567",
    "dashboard": "0234567",
    "data": "23467",
    "digits": "01234567",
    "keras": "234567",
    "layers": "3567",
    "networks": "12345",
    "np": "123456",
    "pictures": "01234567",
    "playgrounds": "0156",
    "tf": "1234567",
}
# Texts that exercises ask for: words and letters that can mean nothing else.
_TEXTS = {"overfitting", "underfitting", "adam", "relu", "same", "valid", "regression", "binary"}
_NO_TEXTS = {"True", "False", "None", "nan", "inf"}
_MODULES = ("collections", "functools", "itertools", "keras", "math", "os", "statistics", "time")
_IMPORTS = {name: f"import {name}" for name in _MODULES} | {
    "layers": "from keras import layers",
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
}
_ARGUMENTS_OF_PATIENTS = {"activation", "hidden_layers", "initial_weights", "output", "loss"}
_ARGUMENTS_OF_PATIENTS |= {"pixels", "order", "labels", "training_digits", "learning_rate"}
_PICTURES = {"A", "B", "C", "D"}
# Arguments by the names that they have in NumPy and Keras, which learners misspell.
_ARGUMENTS = (
    *("activation", "batch_size", "epochs", "from_logits", "keepdims", "learning_rate"),
    *("loss", "metrics", "optimizer", "padding", "strides", "validation_data"),
)
_OTHER_NAMES = {"lr": "learning_rate", "rate": "learning_rate", "logits": "from_logits"}
_OTHER_NAMES |= {"mean": "loc", "std": "scale", "stddev": "scale", "deviation": "scale"}
_PARTS_OF_KERAS = ("losses", "metrics", "optimizers", "callbacks", "models", "regularizers")


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
        hint=attempt.helper_hint() or _hint_for(error, frames, attempt, arguments),
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
    error: BaseException, frames: list, attempt: Any, arguments: dict[str, str]
) -> Hint | None:
    """A hint for an error, by its text; or None."""
    if isinstance(error, TypeError) and not frames:
        usage = _("it is called as {signature}; keep the number and order of the arguments.")
        return hint("call", usage.format(signature=attempt.signature))
    text = wording.first_line(error)
    unknown = re.search(r"name '(\w+)' is not defined", text)
    if isinstance(error, NameError) and unknown:
        is_called = bool(frames) and f"{unknown[1]}(" in frames[-1].line
        return _name_hint(unknown[1], attempt.name, arguments, is_called)
    unknown_layer = re.match(r"No such layer: (\w+)", text)
    if isinstance(error, KeyError) or unknown_layer:
        key = unknown_layer[1] if unknown_layer else text.strip("'")
        value = arguments.get(key, "")
        if value.isidentifier() and value not in _NO_TEXTS:  # a text: is it the key that is meant?
            usage = _("{key} in quotation marks is a text: without them, it is the argument.")
            return hint("quoted-argument", usage.format(key=key))
    if isinstance(error, KeyError) and key != text and key in arguments.values():
        usage = _("your dict has no entry for {key}: add it, spelled as in the text.")
        return hint("missing-entry", usage.format(key=text))
    if isinstance(error, KeyError):
        usage = _("this dict has no key {key}: use the keys that are there, `for name in …`.")
        return hint("unknown-key", usage.format(key=text))
    if isinstance(error, RecursionError):
        return hint("recursion", _("it calls itself again and again: when does it stop?"))
    if near := _near_argument(text) or _near_attribute(text):
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    unknown = re.search(r"module '(\w+)[\w.]*' has no attribute '(\w+)'", text)
    full = unknown and _full_name(unknown[2], _lesson_of(attempt.name), unknown[1])
    if full:
        return hint("another-module", _("it is in another module: {name}(…).").format(name=full))
    text += "".join(f"\n{frame.line}" for frame in frames if frame.is_learners)
    found = next(
        (hint for pattern, hint in error_hints().items() if re.search(pattern, text)), None
    )
    is_none = found is not None and found.id in ("nothing-returned", "none-for-numbers")
    return nothing_watched() if is_none and attempt.uses("GradientTape") else found


def _near_argument(text):
    """The argument that an unknown one is likely to be, or None."""
    unknown = re.search(
        r"(unexpected keyword argument |not recognized: \{|arguments passed to \w+: \{)'(\w+)'",
        text,
    )
    if not unknown or unknown[2] in _ARGUMENTS:
        return None
    near = difflib.get_close_matches(unknown[2], _ARGUMENTS, n=1, cutoff=0.75)
    return _OTHER_NAMES.get(unknown[2], near[0] if near else None)


def _near_attribute(text):
    """What an unknown name of a module is likely to be, or None."""
    unknown = re.search(r"module '([\w.]+)' has no attribute '(\w+)'", text)
    if not unknown:
        return None
    known = {name.lower(): name for name in dir(sys.modules.get(unknown[1])) if name[0] != "_"}
    modules = [unknown[2] + end for end in ("s", "es") if unknown[2] + end in known.values()]
    if modules:  # keras.losses, not keras.Loss, if it is keras.loss
        return modules[0]
    near = [f"reduce_{unknown[2]}"] if f"reduce_{unknown[2]}" in known else []
    near = near or difflib.get_close_matches(unknown[2].lower(), known, n=1, cutoff=0.85)
    return known[near[0]] if near else None


def _name_hint(name, exercise, arguments, is_called):
    if name in arguments:
        text = _("the first line of your function gives {name} another name: use one of the two.")
        return hint("renamed-argument", text.format(name=name))
    near = difflib.get_close_matches(name, arguments, n=1, cutoff=0.85)
    if near:
        return hint("near-name", _("did you mean {name}, the argument?").format(name=near[0]))
    if _lesson_of(exercise) in FIRST_CELLS.get(name, ""):
        text = _("{name} comes from the first cell of the notebook: run that one again.")
        return hint("first-cell", text.format(name=name))
    if name in _IMPORTS:
        text = _("it has to be imported first: {line}")
        return hint("import", text.format(line=_IMPORTS[name]))
    if _lesson_of(name).strip() not in ("", _lesson_of(exercise)):
        text = _("{name} is in the notebook of another lesson: copy its cell into this one.")
        return hint("another-notebook", text.format(name=name))
    if name == "e":
        return hint("power-of-e", _("e to the power of x is np.exp(x)."))
    full = _full_name(name, _lesson_of(exercise)) if is_called else None
    if full:
        text = _("it belongs to a module, whose name stands in front: {name}(…).")
        return hint("module-in-front", text.format(name=full))
    texts = _TEXTS | (_PICTURES if "picture" in arguments else set())
    if name in texts or (exercise.startswith("case_") and name in _ARGUMENTS_OF_PATIENTS):
        text = _('is {name} a text? Texts stand in quotation marks: "{name}".')
        return hint("quotation-marks", text.format(name=name))
    text = _("is {name} spelled as where it is defined, and has that cell been run?")
    return hint("unknown-name", text.format(name=name))


def _full_name(name, lesson, package=""):
    """A function or class of this name with its module in front, as the lesson has it, or None.

    The same package is the first choice.
    """
    modules = {"math": math}
    if lesson in FIRST_CELLS["np"]:
        modules = {"np": np}
    if lesson in FIRST_CELLS["tf"]:
        from course.backend import keras, tf

        modules |= {"tf": tf, "tf.nn": tf.nn, "tf.math": tf.math}
        modules |= {"layers": keras.layers, "keras": keras}
        modules |= {f"keras.{part}": getattr(keras, part) for part in _PARTS_OF_KERAS}
    found = [short for short in modules if callable(getattr(modules[short], name, None))]
    other = {short: modules[short].__name__.split(".")[0] != package for short in found}
    short = min(found, key=lambda short: other[short], default="")
    return f"{short}.{name}" if short else None


def _lesson_of(exercise):
    """The number of the lesson that an exercise belongs to; a blank if it belongs to none."""
    lesson = importlib.import_module("course.check").LESSON_OF.get(exercise, "lesson_  ")
    return lesson[len("lesson_0")]

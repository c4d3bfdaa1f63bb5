"""Hints for unknown names: of variables, arguments, methods and modules, with what is meant."""

import difflib
import math
import re
import sys
from typing import Any

import numpy as np

from course.check.engine.hints import Hint, hint
from course.check.engine.set_up_names import FIRST_CELLS, IMPORTS, MODULES
from course.check.exercises import lesson_number
from course.messages import _, sentences

# Texts that exercises ask for: words and letters that can mean nothing else.
_TEXTS = {"overfitting", "underfitting", "adam", "relu", "same", "valid", "regression", "binary"}
_TEXTS |= {"accuracy", "softmax", "sigmoid", "linear", "he_normal"}
_SHORT_NAMES = {"numpy": "np", "tensorflow": "tf"}
_ARGUMENTS_OF_PATIENTS = {"activation", "hidden_layers", "initial_weights", "output", "loss"}
_ARGUMENTS_OF_PATIENTS |= {"pixels", "order", "labels", "training_digits", "learning_rate"}
_PICTURES = {"A", "B", "C", "D"}
# Arguments by the names that they have in NumPy and Keras, which learners misspell.
_ARGUMENTS = (
    *("activation", "batch_size", "epochs", "from_logits", "keepdims", "learning_rate"),
    *("loss", "metrics", "optimizer", "padding", "strides", "thresholds", "validation_data"),
)
_OTHER_NAMES = {  # by what the error says where they are the names of something else
    r"^Argument\(s\) not recognized": {"lr": "learning_rate", "rate": "learning_rate"},
    r"entropy(\.__init__)?\(\) got": {"logits": "from_logits"},
    r"^normal\(\) got": dict.fromkeys(("std", "stddev", "deviation"), "scale") | {"mean": "loc"},
}
# What NumPy, TensorFlow or math are often asked for, but Python or TensorFlow has.
_OF_PYTHON = {"abs", "len", "max", "min", "print", "round", "sorted", "sum", "zip"}
_TYPES_OF_PYTHON = {"int", "float", "str", "object"}
_OF_TENSORFLOW = {
    "array": "tf.constant",
    "clip": "tf.clip_by_value",
    "concatenate": "tf.concat",
    "dot": "tf.matmul",
    "power": "tf.pow",
}
_PARTS_OF_KERAS = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "callbacks",
    "models",
    "regularizers",
)


def name_hint(
    name: str, attempt: Any, arguments: dict[str, str], line: str, helper: str | None
) -> Hint:
    """Return the hint for a name that is not defined."""
    exercise, lesson = attempt.name, lesson_number(attempt.name)
    is_called = _is_called(name, line)
    if name in arguments and helper:
        text = _("{helper} does not get {name}: pass it as an argument.")
        return hint("argument-of-helper", text.format(helper=helper, name=name))
    if name in arguments:
        text = _("the first line of your function gives {name} another name: use one of the two.")
        return hint("renamed-argument", text.format(name=name))
    near = difflib.get_close_matches(name, arguments, n=1, cutoff=0.85)
    near += [own for own in arguments if own.lower() == name.lower()]
    if near:
        return hint("near-name", _("did you mean {name}, the argument?").format(name=near[0]))
    if lesson in FIRST_CELLS.get(name, ()):
        text = _("{name} comes from the first cell of the notebook: run that one again.")
        return hint("first-cell", _or_argument(text.format(name=name), attempt))
    if name in IMPORTS:
        text = _("it has to be imported first: {line}")
        return hint("import", text.format(line=IMPORTS[name]))
    its_lesson = lesson_number(name)
    if is_called and its_lesson not in (None, lesson) and name != "dropout":  # or layers.Dropout
        text = _("{name} is in the notebook of another lesson: copy its cell into this one.")
        return hint("another-notebook", text.format(name=name))
    if re.search(r"\be *\*\*", line) and name == "e":
        return hint("power-of-e", _("e to the power of x is np.exp(x)."))
    package = "tensorflow" if attempt.uses("tf") else ""
    full = _full_name(name, lesson, package) if is_called and its_lesson is None else None
    if full:
        text = _("it belongs to a module, whose name goes in front: {name}(…).")
        return hint("module-in-front", text.format(name=full))
    texts = _TEXTS | (_PICTURES if "picture" in arguments else set())
    is_text = name in texts and not is_called
    is_text &= its_lesson is None or lesson in FIRST_CELLS["layers"]  # softmax, say
    if is_text or (exercise.startswith("case_") and name in _ARGUMENTS_OF_PATIENTS):
        text = _('is {name} meant as a string? Strings are written in quotation marks: "{name}".')
        return hint("quotation-marks", text.format(name=name))
    text = _("is {name} spelled as in its definition, and has that cell been run?")
    return _module_hint(name, line, lesson) or hint(
        "unknown-name", _or_argument(text.format(name=name), attempt)
    )


def _or_argument(text, attempt):
    """A sentence about an unknown name; and a question, if the code leaves an argument unused."""
    argument = attempt.unused_argument()
    if not argument:
        return text
    question = _("Or is the argument {argument} meant, which your code never uses?")
    return sentences(text, question.format(argument=argument))


def tape_hint(name: str, attempt: Any, line: str) -> Hint | None:
    """Return the hint for a tape that was opened without a name, or None."""
    if not attempt.uses("GradientTape") or not re.search(rf"\b{name}\.(gradient|watch)\(", line):
        return None
    text = _("a tape gets its name where it opens: `with tf.GradientTape() as {name}:`.")
    return hint("name-of-tape", text.format(name=name))


def spelling_hint(text: str, line: str, attempt: Any) -> Hint | None:
    """Return the hint for a misspelt name of an argument, a method or a function; or None."""
    if near := _near_argument(text, line):
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    unknown = re.search(r"'(?:[\w.]+\.)?(\w+)' object has no attribute '(\w+)'", text)
    if unknown and (near := _near_method(unknown[1], unknown[2])):
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    unknown = re.search(r"module '([\w.]+)' has no attribute '(\w+)'", text)
    return _attribute_hint(unknown[1], unknown[2], line, attempt.name) if unknown else None


def _near_argument(text, line):
    """The argument that an unknown one is likely to be, or None."""
    unknown = re.search(
        r"(unexpected keyword argument |not recognized: \{|arguments passed to \w+: \{)'(\w+)'",
        text,
    )
    function = re.match(r"(?:\S*\.)?(\w+)\(\)", text)
    is_own = function is not None and _is_called(function[1], line)
    if not unknown or unknown[2] in _ARGUMENTS or is_own:
        return None
    for pattern, names in _OTHER_NAMES.items():
        if unknown[2] in names and re.search(pattern, text):
            return names[unknown[2]]
    near = difflib.get_close_matches(unknown[2], _ARGUMENTS, n=1, cutoff=0.75)
    return near[0] if near else None


def _is_called(name, line):
    """Whether a line calls this name, with no module in front."""
    return bool(re.search(rf"(?<![\w.]){name}\(", line))


def _near_method(kind, name):
    """What an unknown method of an object of this kind is likely to be, or None."""
    known = {"ndarray": np.ndarray, "Generator": np.random.Generator, "list": list}.get(kind)
    if kind in ("GradientTape", "Sequential"):
        from course.backend import keras, tf

        known = {"GradientTape": tf.GradientTape, "Sequential": keras.Sequential}[kind]
    methods = [own for own in dir(known) if own[0] != "_"] if known else []
    near = difflib.get_close_matches(name.lower(), methods, n=1, cutoff=0.9)
    return near[0] if near else None


def _attribute_hint(module, name, line, exercise):
    """A hint for an unknown name of a module, or None."""
    package = module.split(".")[0]
    if package in ("numpy", "tensorflow") and name in _TYPES_OF_PYTHON:
        text = _(
            "`int`, `float` and `str` are Python's own, with nothing in front; TensorFlow has "
            "tf.int64 and tf.float32."
        )
        return hint("python-type", text)
    near = _near_attribute(module, name, line)
    if name in _OF_PYTHON and (package in ("math", "numpy") or not near):
        text = _("Python has {name}(…) of its own, without a module in front.")
        return hint("without-module", text.format(name=name))
    if near:
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    full = name != exercise and _full_name(name, lesson_number(exercise), package)
    if full:
        return hint("another-module", _("it is in another module: {name}(…).").format(name=full))
    return None


def _near_attribute(module, name, line):
    """What an unknown name of a module is likely to be, or None."""
    if module.endswith("metrics") and name == "accuracy":  # Accuracy compares labels with labels
        return "SparseCategoricalAccuracy"
    known = {own.lower(): own for own in dir(sys.modules.get(module)) if own[0] != "_"}
    is_called = re.search(rf"\.{name}\(", line)
    # keras.losses, not keras.Loss, if it is keras.loss; but keras.Model(…) if it is keras.model(…)
    likely = [] if is_called else [f"{name}s", f"{name}es"]
    likely += [name.lower(), f"reduce_{name}", f"{name.lower()}2d"]
    near = [own for own in likely if own in known]
    alike = difflib.get_close_matches(name.lower(), known, cutoff=0.85)
    is_of_keras = "keras" in module
    near += sorted(alike, key=lambda own: is_of_keras and "2d" not in own)  # of 1D, 2D and 3D
    return known[near[0]] if near else None


def _module_hint(name, line, lesson):
    """The hint for a module that the notebook knows by another name, such as np; or None."""
    known = [own for own, lessons in FIRST_CELLS.items() if lesson in lessons]
    near = difflib.get_close_matches(name, [*known, *MODULES], n=1)
    meant = _SHORT_NAMES.get(name) or next(iter(near), "")
    if not meant or not re.search(rf"\b{name}\.", line):
        return None
    text = _("the notebook has nothing of this name: did you mean {name}?")
    return hint("name-of-module", text.format(name=meant))


def _full_name(name, lesson, package=""):
    """A function or class of this name, with a module in front that the lesson imports, or None.

    `package` is where it was looked for. TensorFlow and Keras cannot do with NumPy's functions,
    which leave no trace on a tape.
    """
    if name in ("load", "save"):  # a model, or an array?
        return None
    if package == "tensorflow" and name in _OF_TENSORFLOW:
        return _OF_TENSORFLOW[name]
    modules = {}
    if package not in ("keras", "tensorflow"):
        is_whole = name in ("ceil", "floor") and lesson in FIRST_CELLS["math"]
        has_numpy = lesson in FIRST_CELLS["np"] and not is_whole
        modules = {"np": np} if has_numpy else {"math": math}
    if lesson in FIRST_CELLS["tf"] and not any(hasattr(each, name) for each in modules.values()):
        from course.backend import keras, tf

        if package != "keras":
            modules |= {"tf": tf, "tf.nn": tf.nn, "tf.math": tf.math}
        if package == "keras" or lesson in FIRST_CELLS["layers"]:
            modules |= {"layers": keras.layers}
        if package == "keras" or lesson in FIRST_CELLS["keras"]:
            modules |= {"keras": keras}
            modules |= {f"keras.{part}": getattr(keras, part) for part in _PARTS_OF_KERAS}
    found = (short for short in modules if callable(getattr(modules[short], name, None)))
    short = next(found, "")
    return f"{short}.{name}" if short else None

"""The message for an answer that stopped with an error: the error, its line, the likely cause."""

import difflib
import importlib
import math
import re
import sys
from typing import Any

import numpy as np

from course.check.engine import environment, overwritten, wording
from course.check.engine.error_hints import ERROR_HINTS
from course.check.engine.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.engine.hints import (
    NUMPY_IN_TAPE,
    WAYS_TO_NONE,
    Hint,
    hint,
    nothing_watched,
    numpy_in_tape,
    translated,
)
from course.messages import _, sentences

# Names that the first cells of the notebooks make, with the numbers of the lessons that have them.
FIRST_CELLS: dict[str, set[int]] = {
    "check": {0, 1, 2, 3, 4, 5, 6, 7},
    "dashboard": {0, 2, 3, 4, 5, 6, 7},
    "data": {2, 3, 4, 6, 7},
    "digits": {0, 1, 2, 3, 4, 5, 6, 7},
    "keras": {2, 3, 4, 5, 6, 7},
    "layers": {3, 5, 6, 7},
    "math": {6},
    "networks": {1, 2, 3, 4, 5},
    "np": {1, 2, 3, 4, 5, 6},
    "Path": {6},
    "pictures": {0, 1, 2, 3, 4, 5, 6, 7},
    "playgrounds": {0, 1, 3, 4, 5, 6},
    "tempfile": {6, 7},
    "tf": {1, 2, 3, 4, 5, 6, 7},
}
# Texts that exercises ask for: words and letters that can mean nothing else.
_TEXTS = {"overfitting", "underfitting", "adam", "relu", "same", "valid", "regression", "binary"}
_TEXTS |= {"accuracy", "softmax", "sigmoid", "linear", "he_normal"}
_NO_TEXTS = {"True", "False", "None", "nan", "inf"}
_MODULES = ("collections", "functools", "itertools", "keras", "math", "os", "statistics", "time")
_IMPORTS = {name: f"import {name}" for name in _MODULES} | {
    "layers": "from keras import layers",
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
}
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
# Hints for errors of shapes and keys: what is given is wrong, or what is done with it.
_OF_SIZES = {"axis-from-0", "broadcasting", "index", "indices-in-pairs", "matrix-and-vector"}
_OF_SIZES |= {"matrix-shapes", "number-of-axes", "other-count", "other-sizes", "size-of-digits"}
_OF_SIZES |= {"is-transposed"}
_DRAWS = ("random", "uniform", "binomial")  # methods that draw in a given shape
_UNNAMED_TAPE = r"^ *with .*GradientTape\([^()]*\) *:"
_MADE_LAYER = r"(keras\.)?(layers\.)?(Dense|\w*Conv\w*\dD|BatchNormalization)\("
_PARTS_OF_KERAS = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "callbacks",
    "models",
    "regularizers",
)


def error_failure(attempt: Any, arguments: dict[str, str], error: BaseException) -> CheckFailed:
    """Return what to raise for an answer's error: with the learner's own line, if known."""
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
        hint=_overwritten_hint(error, own, attempt.name)
        or attempt.helper_hint()
        or _hint_for(error, frames, attempt, arguments),
        place=_place(own, attempt.name, helper) if own else "",
    )


def _overwritten_hint(error, own, exercise):
    """A hint for a name in the learner's last line that now means something else; or None."""
    text, lesson = wording.first_line(error), _lesson_of(exercise)
    for name, kind in own[-1].kinds.items() if own else ():
        is_called = overwritten.cannot_be_called(kind, text)
        is_wrong = (
            is_called
            or overwritten.has_no_such_attribute(kind, text)
            or overwritten.lacks_what_is_standard(name, text, own[-1].line)
        )
        if is_wrong and lesson in FIRST_CELLS.get(name, ()):
            return hint("overwritten", overwritten.about_first_cells(name, kind))
        if is_wrong and name in _IMPORTS:
            return hint("overwritten", overwritten.about_import(name, kind, _IMPORTS[name]))
        if is_called and overwritten.is_of_python(name):
            return hint("overwritten", overwritten.about_python(name, kind))
        if is_called and _lesson_of(name) is not None:
            return hint("overwritten", overwritten.about_answer(name, kind))
    return None


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


def _place(own, exercise, helper):
    """The learner's line that failed; if it is a helper's, also the line that called it."""
    values = {"number": own[-1].number, "source": own[-1].line.strip() or "…"}
    if not helper:
        return _("in line {number} of its cell: {source}").format(**values)
    place = _("in line {number} of the cell with {helper}: {source}")
    place = place.format(helper=helper, **values)
    called = _("called in line {number} of the cell with {helper}: {source}").format(
        number=own[0].number, helper=exercise, source=own[0].line.strip() or "…"
    )
    return f"{place}\n  {called}"


def _hint_for(
    error: BaseException, frames: list, attempt: Any, arguments: dict[str, str]
) -> Hint | None:
    """A hint for an error, by its text; or None."""
    if isinstance(error, TypeError) and not frames:
        usage = _("it is called as {signature}; keep the number and order of the arguments.")
        return hint("call", usage.format(signature=attempt.signature))
    text = wording.first_line(error)
    own = [frame for frame in frames if frame.is_learners]
    lines = [frame.line for frame in own]
    line = lines[-1] if lines else ""
    unknown = re.search(r"name '(\w+)' is not defined", text)
    helper = _helper_among(own, attempt.name)
    if isinstance(error, NameError) and unknown:
        return _tape_hint(unknown[1], attempt, line) or _name_hint(
            unknown[1], attempt, arguments, line, helper
        )
    unknown_layer = re.match(r"No such layer: (\w+)", text)
    quoted = _quoted_argument(unknown_layer[1] if unknown_layer else text.strip("'"), arguments)
    if quoted and (isinstance(error, KeyError) or unknown_layer):
        return quoted
    if isinstance(error, KeyError):
        return _key_hint(text, attempt, arguments, line, helper)
    if isinstance(error, RecursionError):
        return hint("recursion", _("it calls itself again and again: when does it stop?"))
    unbound = re.search(r"local variable '(\w+)'", text)
    if unbound and _is_skipped(unbound[1], own, attempt):
        usage = _(
            "{name} gets a value only inside an `if` or a loop, and for these arguments that "
            "line did not run: compare the conditions with the arguments above."
        )
        return hint("no-branch", usage.format(name=unbound[1]))
    its_hint = _near_hint(text, line, attempt)
    if not its_hint and isinstance(error, IndexError) and not helper:
        its_hint = _hint_for_places(text, line, attempt, arguments)
    if its_hint:
        return its_hint
    found = _usual_hint("\n".join([text, *lines]), attempt)
    if found and found.id not in _OF_SIZES:
        return found
    its_hint = _hint_for_helper(helper) if helper else attempt.outside_hint()
    # Something else stands in the place of an argument.
    is_fixed = bool(unknown_layer) or (
        found is not None and found.id in ("other-count", "size-of-digits")
    )
    is_told = its_hint and (is_fixed or its_hint.id != "unused-argument")
    return its_hint if is_told else found


def _near_hint(text, line, attempt):
    """The hint for a name of an argument, a method or a function that is spelled otherwise."""
    if near := _near_argument(text, line):
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    unknown = re.search(r"'(?:[\w.]+\.)?(\w+)' object has no attribute '(\w+)'", text)
    if unknown and (near := _near_method(unknown[1], unknown[2])):
        return hint("near-spelling", _("did you mean {name}?").format(name=near))
    unknown = re.search(r"module '([\w.]+)' has no attribute '(\w+)'", text)
    return unknown and _attribute_hint(unknown[1], unknown[2], line, attempt.name)


def _hint_for_helper(helper):
    """The hint for an error inside the answer to another exercise, which is called; or None."""
    if _lesson_of(helper) is None:
        return None
    text = _(
        "the error comes up inside {helper}: are the arguments in the order of its first line, "
        "and does each have the shape, or the keys, that it takes?"
    )
    return hint("given-to-helper", text.format(helper=helper))


def _hint_for_places(error, line, attempt, arguments):
    """The hint for places in a list that are written out, or values of an array that are none."""
    fixed = re.search(r"(?<![\w.])(\w+)\[-?\d+\]", line)
    if "list index" in error and fixed and fixed[1] in arguments:
        text = _(
            "{name} may hold one item or ten: loop over it, and over two lists at once with zip."
        )
        return hint("fixed-places", text.format(name=fixed[1]))
    index = re.search(r"(\w+)\[(\w+)\]", line)
    array = attempt.values_for_places(index[2]) if index else ""
    if not index or not array or ("out of bounds" in error and array != index[1]):
        return None
    name, text = (
        index[2],
        _(
            "`for {name} in {array}` goes through the values of {array}, not through places: "
            "range(len({array})) gives places, and so does np.ndindex({array}.shape)."
        ),
    )
    return hint("values-for-places", text.format(name=name, array=array))


def _is_skipped(name, own, attempt):
    """Whether the answer itself lacks a value that it gives only inside an `if` or a loop."""
    is_answers = bool(own) and own[-1].function == own[0].function
    return is_answers and attempt.skips(name, own[-1].number)


def _quoted_argument(key, arguments):
    """The hint for a key that is an argument's name in quotation marks, or None."""
    value = arguments.get(key, "")
    if not value.isidentifier() or value in _NO_TEXTS:  # a text: is it the key that is meant?
        return None
    usage = _("{key} in quotation marks is a string: without them, it is the argument.")
    return hint("quoted-argument", usage.format(key=key))


def _key_hint(text, attempt, arguments, line, helper):
    """A hint for a key that a dict does not have."""
    key = text.strip("'")
    if key != text and key in arguments.values():
        usage = _(
            "{key} is not among the keys of your dict, which come before the colons: spell it as "
            "in the text."
        )
        return hint("missing-entry", usage.format(key=text))
    is_curve = re.fullmatch(r"'(val_)?(loss|acc\w*)'", text)
    if is_curve and ("history" in line or attempt.uses("history")):
        usage = _(
            'a History has "loss", and a curve for each of the metrics that the model was compiled '
            'with; those with "val_" in front need validation_data. Which curve is asked for?'
        )
        return hint("no-such-curve", usage)
    its_hint = helper and _hint_for_helper(helper)
    if its_hint:
        return its_hint
    usage = _("this dict has no key {key}: use the keys that are there, `for name in …`.")
    return hint("unknown-key", usage.format(key=text))


def _usual_hint(text, attempt):
    """The first of the hints that fits the text of an error with the learner's lines, or None."""
    found = next((hint for pattern, hint in ERROR_HINTS.items() if re.search(pattern, text)), None)
    is_none = found is not None and found.id in ("nothing-returned", "none-for-numbers")
    if is_none and attempt.uses("GradientTape"):
        return attempt.by_code(WAYS_TO_NONE, nothing_watched(attempt.uses))
    if found is not None and found.id == "no-tensor" and attempt.says(NUMPY_IN_TAPE):
        return numpy_in_tape()
    if found is not None and found.id == "gradient-once" and attempt.says(_UNNAMED_TAPE):
        text = _("ask the tape of the `with` block itself: `with tf.GradientTape() as tape:`.")
        return hint("another-tape", text)
    if found is not None and found.id == "layer-used-twice":
        return _hint_for_width(text, attempt, found)
    is_drawn = any(map(attempt.uses, _DRAWS)) and not attempt.uses("permutation")
    if found is not None and found.id == "broadcasting" and is_drawn:
        usage = _("draw one number for each place: rng.random(x.shape) has the shape of x.")
        return hint("shape-of-draws", usage)
    if found is not None and found.id == "not-a-variable" and attempt.uses("watch"):
        text = _(
            "ask for the gradient of the tensor that the tape watches, not of the array that it "
            "was made from."
        )
        return hint("watched-tensor", text)
    if found is not None and found.id == "not-a-variable" and attempt.uses("Variable"):
        text = _(
            "one of these is an array: make each a tf.Variable before the `with`, and ask for the "
            "gradients of these variables."
        )
        return hint("array-among-variables", text)
    if found is not None and found.id == "other-input" and attempt.uses("reshape"):
        text = _(
            "the model takes arrays of another shape: does a `reshape` in your code change it? A "
            "batch of images goes in as it is; one image alone needs a batch axis, x[tf.newaxis]."
        )
        return hint("reshaped-input", text)
    return found and translated(found)


def _hint_for_width(text, attempt, usual):
    """The hint for a layer that gets another width than before: whose layer is it? Or None."""
    called = re.findall(r"\b(\w+)\(", text.splitlines()[-1])
    if not re.search(r"\b(model|base)\b", attempt.signature):
        return translated(usual) if attempt.says(_MADE_LAYER) else None
    if any(attempt.says(rf"\b{name} *= *{_MADE_LAYER}") for name in called):
        return translated(usual)
    text = _(
        "in the model that you were given, each layer takes what the layer before it gives; here "
        "one gets something else. They are connected already: layer.output is what a layer gives. "
        "In a loop, pass on what came out of the layer before: x = layer(x)."
    )
    return hint("layer-of-model", text)


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
    full = name != exercise and _full_name(name, _lesson_of(exercise), package)
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


def _near_method(kind, name):
    """What an unknown method of an object of this kind is likely to be, or None."""
    known = {"ndarray": np.ndarray, "Generator": np.random.Generator, "list": list}.get(kind)
    if kind in ("GradientTape", "Sequential"):
        from course.backend import keras, tf

        known = {"GradientTape": tf.GradientTape, "Sequential": keras.Sequential}[kind]
    methods = [own for own in dir(known) if own[0] != "_"] if known else []
    near = difflib.get_close_matches(name.lower(), methods, n=1, cutoff=0.9)
    return near[0] if near else None


def _tape_hint(name, attempt, line):
    """The hint for a tape that was opened without a name, or None."""
    if not attempt.uses("GradientTape") or not re.search(rf"\b{name}\.(gradient|watch)\(", line):
        return None
    text = _("a tape gets its name where it opens: `with tf.GradientTape() as {name}:`.")
    return hint("name-of-tape", text.format(name=name))


def _name_hint(name, attempt, arguments, line, helper):
    exercise, lesson = attempt.name, _lesson_of(attempt.name)
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
    if name in _IMPORTS:
        text = _("it has to be imported first: {line}")
        return hint("import", text.format(line=_IMPORTS[name]))
    its_lesson = _lesson_of(name)
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


def _module_hint(name, line, lesson):
    """The hint for a module that the notebook knows by another name, such as np; or None."""
    known = [own for own, lessons in FIRST_CELLS.items() if lesson in lessons]
    near = difflib.get_close_matches(name, [*known, *_MODULES], n=1)
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


def _lesson_of(exercise: str) -> int | None:
    """The number of the lesson that an exercise belongs to; None if it belongs to none."""
    lesson = importlib.import_module("course.check").LESSON_OF.get(exercise)
    return int(lesson.split("_")[1]) if lesson else None

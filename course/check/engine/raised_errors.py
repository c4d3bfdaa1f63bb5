"""The message for an answer that stopped with an error: the error, its line, the likely cause."""

import re
from typing import Any

from course.check.engine import environment, formatting, overwritten
from course.check.engine.code_hints import helper_hint, outside_hint
from course.check.engine.error_hints import ERROR_HINTS
from course.check.engine.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.engine.hints import (
    NUMPY_IN_TAPE,
    SLICED_TWICE,
    WAYS_TO_NONE,
    Hint,
    hint,
    nothing_watched,
    numpy_in_tape,
    rows_twice,
    translated,
)
from course.check.engine.set_up_names import FIRST_CELLS, IMPORTS
from course.check.engine.unknown_names import name_hint, spelling_hint, tape_hint
from course.check.exercises import lesson_number
from course.messages import _

# Hints for errors of shapes and keys: what is given is wrong, or what is done with it.
_OF_SIZES = {"axis-from-0", "broadcasting", "index", "indices-in-pairs", "matrix-and-vector"}
_OF_SIZES |= {"matrix-shapes", "number-of-axes", "other-count", "other-sizes", "size-of-digits"}
_OF_SIZES |= {"is-transposed"}
# What NumPy and TensorFlow say of arrays that are cut out too small, or with other axes.
_CUT_OUT_WRONGLY = r"broadcast|shape-mismatch for sum|inhomogeneous|zero-size|Incompatible shapes"
_NO_TEXTS = {"True", "False", "None", "nan", "inf"}
_DRAWS = ("random", "uniform", "binomial")  # methods that draw in a given shape
_UNNAMED_TAPE = r"^ *with .*GradientTape\([^()]*\) *:"
_MADE_LAYER = r"(keras\.)?(layers\.)?(Dense|\w*Conv\w*\dD|BatchNormalization)\("


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
        error=formatting.error_text(error),
        hint=_overwritten_hint(error, own, attempt.name)
        or helper_hint(attempt)
        or _hint_for(error, frames, attempt, arguments),
        place=_place(own, attempt.name, helper) if own else "",
    )


def _overwritten_hint(error, own, exercise):
    """A hint for a name in the learner's last line that now means something else; or None."""
    text, lesson = formatting.first_line(error), lesson_number(exercise)
    for name, kind in own[-1].kinds.items() if own else ():
        is_called = overwritten.cannot_be_called(kind, text)
        is_wrong = (
            is_called
            or overwritten.has_no_such_attribute(kind, text)
            or overwritten.lacks_what_is_standard(name, text, own[-1].line)
        )
        if is_wrong and lesson in FIRST_CELLS.get(name, ()):
            return hint("overwritten", overwritten.about_first_cells(name, kind))
        if is_wrong and name in IMPORTS:
            return hint("overwritten", overwritten.about_import(name, kind, IMPORTS[name]))
        if is_called and overwritten.is_of_python(name):
            return hint("overwritten", overwritten.about_python(name, kind))
        if is_called and lesson_number(name) is not None:
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
            _("solve {helper} first, and run its cell; then this check again.").format(
                helper=helper
            ),
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
    text = formatting.first_line(error)
    own = [frame for frame in frames if frame.is_learners]
    lines = [frame.line for frame in own]
    line = lines[-1] if lines else ""
    unknown = re.search(r"name '(\w+)' is not defined", text)
    helper = _helper_among(own, attempt.name)
    if isinstance(error, NameError) and unknown:
        return tape_hint(unknown[1], attempt, line) or name_hint(
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
    its_hint = spelling_hint(text, line, attempt) or _rows_twice_hint(text, lines)
    if not its_hint and isinstance(error, IndexError) and not helper:
        its_hint = _hint_for_places(text, line, attempt, arguments)
    if its_hint:
        return its_hint
    found = _usual_hint("\n".join([text, *lines]), attempt)
    if found and found.id not in _OF_SIZES:
        return found
    its_hint = _hint_for_helper(helper) if helper else outside_hint(attempt)
    # Something else stands in the place of an argument.
    is_fixed = bool(unknown_layer) or (
        found is not None and found.id in ("other-count", "size-of-digits")
    )
    # Another array gives other sizes, but no error of another kind.
    unlikely = {"unused-argument"} if found else {"unused-argument", "array-of-notebook"}
    is_told = its_hint and (is_fixed or its_hint.id not in unlikely)
    return its_hint if is_told else found


def _hint_for_helper(helper):
    """The hint for an error inside the answer to another exercise, which is called; or None."""
    if lesson_number(helper) is None:
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
            "range(len({array})) gives places; along several axes, np.ndindex({array}.shape) does."
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


def _rows_twice_hint(text, lines):
    """A hint for arrays that do not fit because a slice of a slice was cut out; or None."""
    is_of_sizes = re.search(_CUT_OUT_WRONGLY, text)
    is_sliced_twice = any(re.search(SLICED_TWICE, line) for line in lines)
    return rows_twice() if is_of_sizes and is_sliced_twice else None


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
        usage = _(
            "ask for the gradient of the tensor that the tape watches, not of the array that it "
            "was made from."
        )
        return hint("watched-tensor", usage)
    is_of_images = attempt.name == "input_gradients"
    if found is not None and found.id == "not-a-variable" and is_of_images:
        usage = _(
            "a tape does not watch arrays. Turn the images into a tensor, x = tf.constant(images); "
            "inside the `with`, call tape.watch(x) first; then ask for the gradient of x."
        )
        return hint("images-as-tensor", usage)
    if found is not None and found.id == "not-a-variable" and attempt.uses("Variable"):
        usage = _(
            "one of these is an array: make each a tf.Variable before the `with`, and ask for the "
            "gradients of these variables."
        )
        return hint("array-among-variables", usage)
    if found is not None and found.id == "other-input" and attempt.uses("reshape"):
        usage = _(
            "the model takes arrays of another shape: does a `reshape` in your code change it? A "
            "batch of images goes in as it is; one image alone needs a batch axis, x[tf.newaxis]."
        )
        return hint("reshaped-input", usage)
    return found and (_hint_for_argument(found, text) or translated(found))


def _hint_for_argument(found, text):
    """The hint for an argument that a function does not have, with its name; or None."""
    named = re.search(r"argument '(\w+)'|\{'(\w+)': [^,{}]*\}", text)
    if found.id != "argument-name" or not named:
        return None
    usage = _("this function has no argument `{name}`: `help` shows which it has.")
    return hint("argument-name", usage.format(name=named[1] or named[2]))


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

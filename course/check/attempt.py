"""Call a learner's answer as a check needs it: with copies, in silence, trusting nothing."""

import copy
import itertools
import linecache
import numbers
import sysconfig
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from course.check.crashes import hint_for
from course.check.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.helpers import failing_helper
from course.check.own import examining
from course.messages import _
from course.silence import silence

_TOLERANCE = 1e-4
_SHORT_STEP = 3e-6  # the step of numbers for which a slack is meant
_MOST_SHOWN = 24
_LONGEST = 200  # characters of a value's text
_MOST_DRAINED = 10_000  # values of an iterator
_LIBRARIES = (
    *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    str(Path(__file__).parent),
    "<frozen",
    "<__array_function__",
)


class Attempt:
    """A learner's answer to one exercise: `signature` is how it is called, "softmax(logits)"."""

    def __init__(self, function, signature: str):
        self.signature = signature
        self.name = signature.split("(")[0]
        self._function = function
        if not callable(function):
            message = _(
                "{name} must be a function, called as {signature}.\n"
                "  got: {got}\n"
                "Hint: run the cell that defines it again; was its name given to something else?"
            )
            raise CheckFailed(
                message.format(name=self.name, signature=signature, got=_kind(function))
            )

    def call(self, *, at_most: int | None = None, **arguments) -> "Result":
        """Call the answer with copies of the arguments, in order; they must come back as given.

        Arrays and dicts of arrays are compared afterwards; a random generator may have advanced.
        An iterator is drained into a list; with `at_most`, any other iterable as well.
        """
        given = copy.deepcopy(arguments)
        result = Result(self, arguments)
        result.afterwards = given
        try:
            with silence(), examining(self.name):
                value = self._function(*given.values())
                if isinstance(value, Iterable if at_most is not None else Iterator):
                    value = list(itertools.islice(value, at_most or _MOST_DRAINED))
                result.value = value
        except CheckFailed:  # it called one of the course's own functions
            raise
        except (Exception, SystemExit) as error:
            raise self._crash(result, error) from error
        for name, before in arguments.items():
            if not _same(before, given[name]):
                result.fail(
                    _("{name} must not change its argument {argument}.").format(
                        name=self.name, argument=name
                    ),
                    got=_changed(name, before, given[name]),
                    hint=_(
                        "a copied dict holds the very same arrays: make a new array for each key, "
                        "where yours writes into the one that it was given (-=, x[...] = ...)."
                    )
                    if isinstance(before, dict)
                    else _(
                        "make a new array (such as x = x / 2) where yours writes into the one that "
                        "it was given (x /= 2, x[...] = ...)."
                    ),
                )
        return result

    def failing_helper(self) -> str | None:
        """Another exercise whose answer this one calls, although it does not pass its check."""
        return failing_helper(self._function)

    def _crash(self, result, error):
        """What to raise when the answer raised an error: with the learner's own line, if known."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames[1:] if not _is_library(frame.filename)]
        helper = self._helper_among(own)
        if isinstance(error, NotImplementedError) and (not error.args or frames[-1] in own):
            return _unsolved_helper(self.name, helper) if helper else Unsolved(self.name)
        lines = [
            _("{name} stopped with an error.").format(name=self.name),
            *result.lines(),
            f"  {type(error).__name__}: {_first_line(error)}",
        ]
        hint = hint_for(error, _first_line(error))
        if own:
            source = (own[-1].line or linecache.getline(own[-1].filename, own[-1].lineno)).strip()
            place = (
                _("  in line {number} of the cell with {helper}: {source}")
                if helper
                else _("  in line {number} of its cell: {source}")
            )
            lines.append(place.format(number=own[-1].lineno, helper=helper, source=source or "…"))
        elif isinstance(error, TypeError) and len(frames) == 1:
            hint = _("it is called as {signature}; keep the number and order of the arguments.")
            hint = hint.format(signature=self.signature)
        if failing := self.failing_helper():
            hint = _mend_first(self.name, failing)
        if hint:
            lines.append(_("Hint: {hint}").format(hint=hint))
        kind = OutOfMemory if isinstance(error, MemoryError) else CheckFailed
        return kind("\n".join(lines))

    def _helper_among(self, frames) -> str | None:
        """The function in which an error came up, if it is another one than the answer itself."""
        names = [frame.name for frame in frames if not frame.name.startswith("<")]
        return names[-1] if names and names[-1] not in (self.name, frames[0].name) else None


class Result:
    """What an answer returned for some arguments, and the demands that can be made of it."""

    def __init__(self, attempt: Attempt, arguments: dict, value=None, part: str | None = None):
        self._attempt = attempt
        self._arguments = arguments
        self._part = part  # the name of the part that this is, such as "dW"
        self.value = value  # as it came
        self.afterwards = {}  # the arguments as the answer left them: did a generator advance?

    @property
    def exercise(self) -> str:
        """The name of the exercise."""
        return self._attempt.name

    def parts(self, *names: str) -> list["Result"]:
        """The parts of a result that must be a tuple or list of this many, such as dW and db."""
        found = self.value
        if not isinstance(found, tuple | list) or len(found) != len(names):
            count = _("{count} of them").format(count=len(found)) if _is_list(found) else ""
            self.fail(
                _("{name} must return {parts}, in this order.").format(
                    name=self._attempt.name, parts=", ".join(names)
                ),
                got=f"{_kind(found)} {count}".strip(),
                hint=_("end with `return {parts}`.").format(parts=", ".join(names)),
            )
        return [
            Result(self._attempt, self._arguments, value, name)
            for value, name in zip(found, names, strict=True)
        ]

    def entries(self, *keys: str) -> dict[str, "Result"]:
        """The entries of a result that must be a dict with exactly these keys."""
        found = self.value
        if not isinstance(found, dict) or set(found) != set(keys):
            got = (
                _("the keys {keys}").format(keys=", ".join(map(str, found)))
                if isinstance(found, dict)
                else _kind(found)
            )
            self.fail(
                _("{name} must return a dict with the keys {keys}.").format(
                    name=self._attempt.name, keys=", ".join(keys)
                ),
                got=got,
            )
        return {key: Result(self._attempt, self._arguments, found[key], key) for key in keys}

    def lines(self) -> list[str]:
        """The call as a learner reads it: every argument with its values or, if long, its shape."""
        return [f"  {name} = {_show(value)}" for name, value in self._arguments.items()]

    def fail(self, demand: str, *, expected=None, got=None, hint: str | None = None):
        """Raise CheckFailed: the property that failed, the example, a hint."""
        lines = [demand, *self.lines()]
        if expected is not None:
            lines.append(_("  expected: {expected}").format(expected=_show(expected)))
        if got is not None:
            lines.append(_("  got:      {got}").format(got=_show(got)))
        if failing := self._attempt.failing_helper():
            hint = _mend_first(self._attempt.name, failing)
        if hint:
            lines.append(_("Hint: {hint}").format(hint=hint))
        raise CheckFailed("\n".join(lines))

    def plain(self):
        """The result as an array of its own if it means numbers, else as it is."""
        try:
            with silence(), examining(self._attempt.name):
                return _plain(self.value)
        except (Exception, SystemExit) as error:
            raise self._attempt._crash(self, error) from error

    def array(self, shape: tuple, meaning: str, kind: str = "number") -> np.ndarray:
        """The result as an array of this shape; `kind` is "number", "fraction" or "index".

        Lists, tuples, TensorFlow and NumPy values of any type are taken for what they mean, but
        fractions must have a type for fractions and indices one for whole numbers.
        """
        name = self._attempt.name
        must_be = _("{name} must return {meaning}.").format(name=name, meaning=meaning)
        if self._part:
            name = _("{name}: {part}").format(name=name, part=self._part)
            must_be = _("{name} must be {meaning}.").format(name=name, meaning=meaning)
        array = self.plain()
        if array is None and not self._part:
            self.fail(
                _("{name} must return its result.").format(name=name),
                got=_("None"),
                hint=_("does it end in a line with `return`?"),
            )
        if array is None:
            self.fail(
                must_be,
                expected=_shape(shape),
                got=_("None"),
                hint=_("was {part} given a value, by a function that ends in `return`?").format(
                    part=self._part
                ),
            )
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            self.fail(must_be, expected=_shape(shape), got=_kind(array))
        if array.shape != shape:
            found = _shape(array.shape)
            self.fail(
                must_be,
                expected=_shape(shape),
                got=found if array.shape else _("one number, {number}").format(number=array),
                hint=self._shape_hint(array.shape, shape),
            )
        if kind == "fraction" and array.dtype.kind != "f":
            self.fail(
                _("{name} must return fractions, numbers with a decimal point.").format(name=name),
                expected=_("a type such as float32"),
                got=array.dtype,
                hint=_("convert the whole numbers before you divide, and do not round."),
            )
        if kind == "index" and array.dtype.kind not in "iu":
            self.fail(
                _("{name} must return whole numbers that can be used as indices.").format(
                    name=name
                ),
                expected=_("a type such as int64"),
                got=array.dtype,
                hint=_("an array of True and False, or an empty list, has another type."),
            )
        return array

    def equals(self, expected, demand: str, hint=None, *, kind="number", meaning=None, slack=0.0):
        """Demand this value, up to a relative 1e-4 and an absolute `slack`.

        `hint` is a sentence, or a dict from sentences to the value that such a mistake gives.
        """
        expected = np.asarray(expected, np.float64)
        array = self.array(expected.shape, meaning or _("its result"), kind)
        got = array.astype(np.float64)
        distance = _allowed(array, expected, slack)
        wrong = ~(np.abs(got - expected) <= distance)  # so that NaN is wrong
        if wrong.any() and (step := _coarsest_step(self.value)) > _TOLERANCE:
            # Short floats, such as bfloat16: every part of a sum was rounded to their steps.
            distance = distance + 2 * step * np.abs(expected) + slack * step / _SHORT_STEP
            wrong = ~(np.abs(got - expected) <= distance)
        if not wrong.any():
            return
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        if isinstance(hint, dict):
            near = np.maximum(distance, 1e-6)
            hint = next(
                (
                    text
                    for text, value in hint.items()
                    if _matches(got, value, near) and not _matches(expected, value, near)
                ),
                None,
            )
        if expected.size > _MOST_SHOWN:
            at = "[{}]".format(", ".join(map(str, place)))
            shown, wanted = f"{got[place]:.6g}", f"{expected[place]:.6g}"
            self.fail(
                demand,
                expected=_("{value} at {place}").format(value=wanted, place=at),
                got=_("{value} at {place}").format(value=shown, place=at),
                hint=hint,
            )
        self.fail(demand, expected=expected, got=got, hint=hint)

    def _shape_hint(self, got, expected):
        if got == expected[::-1] and len(got) == 2:
            return _("rows and columns are exchanged: one row for each example.")
        if not expected:
            return _("one number for the whole batch, such as a mean.")
        if got == ():
            return _("a sum or mean without an axis gives one number for everything.")
        if len(got) != len(expected):
            return _("print the shape of every step; which one gains or loses an axis?")
        return _("print the shape of every step and compare it with what the text says.")


# Values -------------------------------------------------------------------------------------------


def _plain(value):
    """Return what an answer gave as an array of its own if it means numbers, else as it is."""
    if value is None or isinstance(value, str | bytes | dict):
        return value
    if callable(getattr(value, "numpy", None)):  # TensorFlow and Keras
        value = value.numpy()
    elif callable(getattr(value, "as_list", None)):  # TensorFlow's shapes
        value = value.as_list()
    elif isinstance(value, Sequence):
        value = [_plain(item) for item in value]
    elif not isinstance(value, numbers.Number | np.ndarray | np.generic) and not hasattr(
        value, "__array__"
    ):
        return value
    try:
        array = np.array(value)
        if array.dtype.kind not in "biuf":
            # Fractions, and number types that NumPy does not know by itself (bfloat16).
            if array.dtype.kind in "cSUMm":
                return value
            array = array.astype(np.float32 if array.dtype.kind == "V" else np.float64)
    except (TypeError, ValueError, OverflowError):
        return value
    return np.array(array, order="C", subok=False)


def _allowed(array, expected, slack):
    """How far each value may be off: by the precision of the answer's own number type."""
    limits = np.finfo(array.dtype if array.dtype.kind == "f" else np.float64)
    relative = max(_TOLERANCE, 2 * float(limits.eps))
    smallest = max(float(limits.tiny), float(np.finfo(np.float32).tiny))
    return relative * np.abs(expected) + slack + smallest


def _coarsest_step(value):
    """The step from 1 to the next number, in the coarsest float type of what an answer gave."""
    if isinstance(value, list | tuple):
        return max(map(_coarsest_step, value), default=0.0)
    if callable(getattr(value, "numpy", None)):
        value = value.numpy()
    kind = getattr(value, "dtype", None)
    if not isinstance(kind, np.dtype) or kind.kind not in "fV" or kind.names:
        return 0.0
    step = 1.0
    while np.array(1 + step / 2, kind) != 1:
        step /= 2
    return step


def _matches(got, mistake, distance):
    """Whether this is what a mistake gives, NaN and infinities included."""
    mistake = np.asarray(mistake, np.float64)
    if mistake.shape != got.shape:
        return False
    same = np.abs(got - mistake) <= distance
    return bool((same | (np.isnan(got) & np.isnan(mistake)) | (got == mistake)).all())


def _same(before, after):
    """Whether an argument is as it was, to the last bit; of float64, to the last digit."""
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(
            _same(value, after[key]) for key, value in before.items()
        )
    if not isinstance(before, np.ndarray):
        return True
    return (
        isinstance(after, np.ndarray)
        and before.shape == after.shape
        and before.dtype == after.dtype
        and (before.tobytes() == after.tobytes() or _moved_back(before, after))
    )


def _moved_back(before, after):
    """Whether float64 is off by a last digit only, as after x += h, x -= 2 * h, x += h."""
    return before.dtype == np.float64 and np.allclose(after, before, rtol=1e-15, atol=0)


# Words --------------------------------------------------------------------------------------------


def _show(value) -> str:
    """A value as a learner reads it: in full if it is short, otherwise its type and shape."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, np.random.Generator):
        return _("a random generator")
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if not isinstance(value, np.ndarray):
        if isinstance(value, str):
            return value
        text = " ".join(_text(value).split())
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if value.size > _MOST_SHOWN:
        return _("{type} array of shape {shape}").format(type=value.dtype, shape=value.shape)
    numbers = value + 0.0 if value.dtype.kind == "f" else value  # no minus before a zero
    text = np.array2string(numbers, precision=5, separator=", ", suppress_small=False)
    return " ".join(text.split())


def _changed(name, before, after) -> str:
    """How an argument came back: in full if it is short, otherwise the first value that changed."""
    if isinstance(before, np.ndarray) and before.size > _MOST_SHOWN and before.shape == after.shape:
        for place in np.argwhere(before != after)[:1].tolist():
            place = tuple(place)
            message = _("{name}{place} is {after} afterwards, and was {before}")
            return message.format(
                name=name, place=list(place), after=after[place], before=before[place]
            )
    return _("{argument} afterwards: {value}").format(argument=name, value=_show(after))


def _is_list(value) -> bool:
    return isinstance(value, tuple | list)


def _shape(shape) -> str:
    return _("an array of shape {shape}").format(shape=shape) if shape else _("a number")


def _kind(value) -> str:
    """What sort of thing a value is, with the value itself where that is short."""
    name, text, shape = type(value).__name__, _text(value), getattr(value, "shape", None)
    if "\n" not in text and len(text) <= 60:
        return f"{name} {text}"
    if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
        return _("{type} of shape {shape}").format(type=name, shape=shape)
    return name


def _unsolved_helper(name, helper) -> CheckFailed:
    message = _(
        "{name} calls {helper}, which is not solved yet.\n"
        "Hint: solve {helper} first, and run its cell; then this one."
    )
    return CheckFailed(message.format(name=name, helper=helper))


def _mend_first(name, helper) -> str:
    message = _("{name} calls your {helper}, which does not pass its own check: mend that first.")
    return message.format(name=name, helper=helper)


def _first_line(value) -> str:
    """The first line of a value's text, cut to fit."""
    first = (_text(value).splitlines() or [""])[0]
    return first if len(first) <= _LONGEST else first[:_LONGEST] + "…"


def _text(value) -> str:
    """A value's text; learners' objects may fail at this, too."""
    try:
        return str(value).strip()
    except Exception:
        return type(value).__name__


def _is_library(filename: str) -> bool:
    return filename.startswith(_LIBRARIES)

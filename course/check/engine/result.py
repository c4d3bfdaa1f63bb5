"""What an answer returned for some arguments, and the demands that a check can make of it."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from course.check.engine import hints, values, wording
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import examining
from course.check.engine.raised_errors import error_failure
from course.messages import _, english, ngettext
from course.silence import silence

# The hints for a wrong shape, which say only how it differs from the right one.
OF_SHAPES = {"axis-count", "exchanged-axes", "no-axis", "one-number", "shape"}
# Methods that give nothing, but are often returned.
_GIVE_NONE = (
    *("append", "extend", "sort", "resize", "shuffle", "fill", "apply", "apply_gradients"),
    *("add", "build", "compile", "save", "summary", "load_weights", "set_weights"),
)
# A line that returns what a method gave, or the name that it was given, unless that has changed.
_GIVEN_BACK = (
    r"\breturn\b{method}|"
    r"^\s*(\w+) *={method}((?!\n *\1 *=)(.|\n))*\n *return +\1 *(#.*)?$"
)


class Result:
    """What an answer returned: `value` is as it came, `afterwards` the arguments as it left them.

    A demand that is not met raises CheckFailed, with this call as its example.
    """

    def __init__(
        self,
        attempt: Any,
        arguments: dict,
        *,
        value: Any = None,
        name: str = "",
        afterwards: dict | None = None,
    ):
        """Take what an attempt was called with; `name` is that of a part, such as "dW"."""
        self.value = value
        self.came_as = ""  # the type of an iterator that was drained into the value
        self.afterwards = afterwards or {}
        self._attempt, self._arguments, self._name = attempt, arguments, name

    @property
    def exercise(self) -> str:
        """The name of the exercise."""
        return self._attempt.name

    @property
    def attempt(self) -> Any:
        """The answer that was called, which knows about its code."""
        return self._attempt

    def given(self, name: str) -> Any:
        """An argument as it was given; a Keras object by its description."""
        return self._arguments[name]

    def shown_arguments(self) -> dict[str, str]:
        """The arguments as a learner reads them: each with its values or, if long, its shape."""
        return {name: wording.value_text(value) for name, value in self._arguments.items()}

    def fail(
        self, demand: str, *, expected: object = None, got: object = None, hint: str | None = None
    ) -> NoReturn:
        """Raise CheckFailed: the property that failed, this call, and a hint.

        `expected` and `got` are texts, or values that are shown as a learner reads them.
        """
        raise CheckFailed(
            demand,
            exercise=self.exercise,
            arguments=self.shown_arguments(),
            expected="" if expected is None else wording.value_text(expected),
            got="" if got is None else wording.value_text(got),
            hint=self._attempt.helper_hint()
            or self._attempt.code_hint()
            or hint
            or self._attempt.outside_hint()
            or "",
        )

    def fail_shape(
        self, demand: str, shape: tuple, got: tuple, hint: str | None = None
    ) -> NoReturn:
        """Raise CheckFailed for an array of another shape."""
        self.fail(
            demand, expected=wording.shape_text(shape), got=wording.shape_text(got), hint=hint
        )

    # Parts ----------------------------------------------------------------------------------------

    def part(self, value: object, name: str = "") -> "Result":
        """A part of the result, with the call that it came from."""
        return Result(self._attempt, self._arguments, value=value, name=name)

    def parts(self, *names: str) -> list["Result"]:
        """The parts of a result that must be a tuple or list of this many, such as dW and db."""
        found = self.value
        if not values.is_sequence(found) or len(found) != len(names):
            code = f"return {', '.join(str(english(name)) for name in names)}"
            self.fail(
                _("{name} must return {parts}, in this order.").format(
                    name=self.exercise, parts=", ".join(names)
                ),
                got=wording.kind_text(found),
                hint=self._hint_for_none()
                or hints.hint("return-parts", _("end with `{code}`.").format(code=code)),
            )
        return [self.part(value, name) for value, name in zip(found, names, strict=True)]

    def entries(self, *keys: str) -> dict[str, "Result"]:
        """The entries of a result that must be a dict with exactly these keys."""
        found = self.value
        if found is None:
            self._fail_without_result()
        if not isinstance(found, Mapping) or set(found) != set(keys):
            got = (
                _("the keys {keys}").format(keys=", ".join(map(str, found)))
                if isinstance(found, Mapping)
                else wording.kind_text(found)
            )
            self.fail(
                _("{name} must return a dict with the keys {keys}.").format(
                    name=self.exercise, keys=", ".join(keys)
                ),
                got=got,
                hint=_dict_hint(found, keys),
            )
        return {key: self.part(found[key], key) for key in keys}

    # Values ---------------------------------------------------------------------------------------

    def plain(self):
        """The result as a new array if it means numbers, else unchanged."""
        if self.came_as:
            self._fail_as_iterator()
        try:
            with silence(), examining(self.exercise):
                return values.to_plain(self.value)
        except (Exception, SystemExit) as error:
            raise error_failure(self._attempt, self.shown_arguments(), error) from error

    def _fail_as_iterator(self):
        self.fail(
            _("{name} must return its result as a whole.").format(name=self.exercise),
            got=self.came_as,
            hint=hints.hint(
                "iterator",
                _(
                    "use `return`, not `yield`, and make a list or an array from what map, zip or "
                    "a generator gives: they are used up after one look."
                ),
            ),
        )

    def array(self, shape: tuple, meaning: str, kind: str = "number") -> np.ndarray:
        """The result as an array of this shape; `kind` is "number", "fraction" or "index".

        Lists, tuples, TensorFlow and NumPy values of any type are taken for what they mean, but
        fractions must have a type for fractions and indices one for whole numbers.
        """
        array = self.plain()
        self._check_shape(array, shape, meaning)
        self._check_kind(array, kind)
        return array

    def equals(
        self,
        expected: ArrayLike,
        demand: str,
        hint: Any = None,
        *,
        kind: str = "number",
        meaning: str | None = None,
        slack: ArrayLike = 0.0,
        exact: bool = False,
        remark: str = "",
        text: Callable[[np.ndarray], str] | None = None,
    ) -> None:
        """Check that this is the value, up to a relative 1e-4 and an absolute `slack`.

        `hint` is a sentence, or a dict from hints to the value that such a mistake gives. Of an
        `exact` value, a short type of float may lose no more than the value's own last digit. A
        `remark` says what is expected: the name of a part, say. `text` makes a text of an array.
        """
        wanted = np.asarray(expected)
        expected = wanted.astype(np.float64)
        array = self.array(expected.shape, meaning or _("its result"), kind)
        got = array.astype(np.float64)
        distance = (
            values.distance_of_rounding(self.value, expected)
            if exact
            else values.allowed_distance(array, expected, slack)
        )
        wrong = ~(np.abs(got - expected) <= distance)  # so that NaN is wrong
        if wrong.any() and not exact:
            distance = distance + values.distance_of_short_floats(self.value, expected, slack)
            wrong = ~(np.abs(got - expected) <= distance)
        if not wrong.any():
            return
        if isinstance(hint, dict):
            hint = _hint_of_mistake(hint, got, expected, np.maximum(distance, 1e-6))
        place = tuple(np.argwhere(wrong)[0].tolist())
        wanted_text, found_text = (
            (text(wanted), text(array)) if text else wording.pair_texts(wanted, array, place)
        )
        if remark:
            wanted_text = _("{value} ({remark})").format(value=wanted_text, remark=remark)
        self.fail(demand, expected=wanted_text, got=found_text, hint=hint)

    def _check_shape(self, array, shape, meaning):
        """Check that there is a result, that it means numbers, and that it has this shape."""
        if self._name:
            name = self._name_of_part()
            must_be = _("{name} must be {meaning}.").format(name=name, meaning=meaning)
        else:
            must_be = _("{name} must return {meaning}.").format(name=self.exercise, meaning=meaning)
        if array is None:
            self._fail_without_value(must_be, shape)
        expected = wording.shape_text(shape)
        if not values.is_array(array):
            its_hint = self._kind_hint(shape)
            if values.is_sequence(self.value) and len(shape) == 1:
                expected = ngettext("{count} number", "{count} numbers", shape[0]).format(
                    count=shape[0]
                )
            self.fail(must_be, expected=expected, got=wording.kind_text(self.value), hint=its_hint)
        if array.shape == () != shape:
            self.fail(
                must_be,
                expected=expected,
                got=_("one number, {number}").format(number=array),
                hint=_shape_hint((), shape),
            )
        if array.shape != shape:
            its_hint = self._kind_hint(shape) or _shape_hint(array.shape, shape)
            self.fail_shape(must_be, shape, array.shape, its_hint)

    def _kind_hint(self, shape):
        """The likely cause if this is a string, or several things that make no array together."""
        if isinstance(self.value, str) and self._name:
            text = _(
                "this is a string, not a number: leave out the quotation marks, and from a dict "
                "take d[key], not the key."
            )
            return hints.hint("key-for-value", text)
        if _holds_texts(self.value):
            return hints.hint("text", _("return numbers, not a string."))
        several = self.value if isinstance(self.value, list | tuple) else ()
        found = [self.part(item).plain() for item in several if isinstance(self.value, tuple)]
        if any(values.is_array(item) and item.shape == shape for item in found):
            if len(found) == 1:
                text = _("a comma at the end makes a tuple of one: return what is in it.")
                return hints.hint("tuple-of-one", text)
            return hints.hint("others", _("one result is asked for: return it without the others."))
        if _is_set(self.value):
            text = _("a set keeps no order, and equal numbers only once: make a list or an array.")
            return hints.hint("set", text)
        if any(item is None for item in several):
            text = _("None is not a number: leave it out, or put a number in its place.")
            return hints.hint("none-inside", text)
        argument = next((name for name, its in self.afterwards.items() if its is self.value), "")
        if argument and callable(self.value):
            text = _("this is the argument `{name}` itself: return what calling it gave.")
            return hints.hint("argument-itself", text.format(name=argument))
        if callable(self.value):
            text = _(
                "this is something to call, not its result: what it takes goes in round brackets "
                "after it. A loss or a layer of Keras is made first, then called: "
                "layers.Flatten()(x)."
            )
            return hints.hint("not-called", text)
        return None

    def _fail_without_value(self, must_be, shape):
        if self._name:
            self.fail(
                must_be,
                expected=wording.shape_text(shape),
                got=_("None"),
                hint=self._attempt.by_code(
                    hints.WAYS_TO_NONE, hints.nothing_watched(self._attempt.uses)
                )
                if self._attempt.uses("GradientTape")
                else hints.hint(
                    "part-without-value",
                    _("was {part} given a value, by a function that ends in `return`?").format(
                        part=self._name
                    ),
                ),
            )
        self._fail_without_result()

    def _fail_without_result(self):
        self.fail(
            _("{name} must return its result.").format(name=self.exercise),
            got=_("None"),
            hint=self._hint_for_none() or self._no_return(),
        )

    def _no_return(self):
        """The hint for an answer that may have no `return`, or one of what gives None."""
        if self._attempt.returns_nothing() and not self._attempt.returns_something():
            text = _("no result is returned: end with `return` and the result.")
            return hints.hint("no-return", text)
        for name in _GIVE_NONE:
            if self._attempt.says(_GIVEN_BACK.format(method=rf".*\.{name}\(")):
                text = _(
                    "`{name}` does something, and gives None: call it on a line of its own, and "
                    "return the thing itself."
                )
                return hints.hint("no-return", text.format(name=name))
        text = _(
            "what it returns is None: some functions do something, and give None. Return the thing "
            "itself."
        )
        return hints.hint("no-return", text)

    def _hint_for_none(self):
        """The hint for a result that is missing, though the answer's code returns one; or None."""
        if self.value is not None:
            return None
        if self._attempt.only_prints():
            return hints.printed()
        if not self._attempt.returns_something():
            return None
        if its_hint := self._attempt.near_text(self._arguments):
            return its_hint
        if self._attempt.returns_nothing():
            return hints.hint(
                "no-return-here",
                _("here nothing is returned: is there a `return` with a result for every case?"),
            )
        if self._attempt.uses("GradientTape") and self._attempt.uses("gradient"):
            return hints.hint(
                "tape-gave-none",
                _(
                    "the tape gave None as a whole: it takes the loss first, then the variables "
                    "in a list, tape.gradient(loss, [W, b])."
                ),
            )
        return None

    def _check_kind(self, array, kind):
        """Check that an array of fractions or of indices has a type that can hold them."""
        name = self._name_of_part() if self._name else self.exercise
        if kind == "fraction" and array.dtype.kind != "f":
            self.fail(
                _("{name} must return floats, numbers with a decimal point.").format(name=name),
                expected=_("a type such as float32"),
                got=array.dtype,
                hint=hints.hint(
                    "fractions",
                    _("convert the whole numbers before you divide, and do not round."),
                ),
            )
        if kind == "index" and array.dtype.kind not in "iu":
            self.fail(
                _("{name} must return whole numbers that can be used as indices.").format(
                    name=name
                ),
                expected=_("a type such as int64"),
                got=array.dtype,
                hint=_index_hint(array.dtype.kind),
            )

    def _name_of_part(self):
        return _("{name}: {part}").format(name=self.exercise, part=self._name)


def _holds_texts(value):
    """Whether this is a string, an array of strings, or a list that begins with one."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "U"
    if type(value).__name__ == "ndarray":  # in an examination, it stands for the student's
        return "'" in str(value)
    return isinstance(value, str)


def _is_set(value):
    """Whether this is a set, or stands for a student's in an examination: by the type's name."""
    return type(value).__name__ in ("set", "frozenset")


def _hint_of_mistake(mistakes, got, expected, distance):
    """The first hint whose mistake gives what was got, and not what was expected."""
    return next(
        (
            hint
            for hint, value in mistakes.items()
            if values.matches(got, value, distance)
            and not values.matches(expected, value, distance)
        ),
        None,
    )


def _dict_hint(found, keys):
    """The likely cause of something else than a dict with these keys."""
    if _is_set(found):
        return hints.set_for_dict()
    if not isinstance(found, Mapping):
        return hints.hint("return-dict", _("end with a dict that has these keys."))
    is_text = all(isinstance(key, str) and not isinstance(found[key], Mapping) for key in found)
    if len(found) == 1 < len(keys) and not set(found) & set(keys) and is_text:
        return hints.hint(
            "quoted-name",
            _(
                "everything came under one key: in quotation marks it is always the same string; "
                "d[name], without them, is each name in turn."
            ),
        )
    return None


def _index_hint(kind):
    """The likely cause of an array that cannot be used as indices."""
    if kind == "b":
        return hints.hint(
            "mask", _("True and False only mark places: np.flatnonzero gives their indices.")
        )
    return hints.hint(
        "indices",
        _(
            "an array made by np.zeros or np.empty, or from an empty list, holds floats unless "
            "you pass dtype=int; np.sort gives values, np.argsort indices."
        ),
    )


def _shape_hint(got, expected):
    """The likely cause of a wrong shape."""
    if got == expected[::-1] and len(got) == 2:
        return hints.hint(
            "exchanged-axes", _("rows and columns are exchanged: compare the two shapes.")
        )
    if not expected:
        return hints.hint("one-number", _("one number is asked for, not an array of them."))
    if got == ():
        return hints.hint(
            "no-axis",
            _(
                "an array is asked for, not one number. If there is a sum, a mean or an arg max: "
                "without an axis it gives one number for everything."
            ),
        )
    if len(got) != len(expected):
        return hints.hint(
            "axis-count", _("print the shape of every step; which one gains or loses an axis?")
        )
    return hints.hint(
        "shape", _("print the shape of every step and compare it with what the text says.")
    )

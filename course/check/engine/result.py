"""What an answer returned for some arguments, and the demands that a check can make of it."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from course.check.engine import code_hints, formatting, hints, result_hints, values
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import examining
from course.check.engine.raised_errors import error_failure
from course.messages import _, english, ngettext
from course.silence import silence


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
        self.name = name
        self._attempt, self._arguments = attempt, arguments

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
        return {name: formatting.value_text(value) for name, value in self._arguments.items()}

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
            expected="" if expected is None else formatting.value_text(expected),
            got="" if got is None else formatting.value_text(got),
            hint=code_hints.helper_hint(self._attempt)
            or code_hints.code_hint(self._attempt)
            or hint
            or code_hints.outside_hint(self._attempt)
            or "",
        )

    def fail_shape(
        self, demand: str, shape: tuple, got: tuple, hint: str | None = None
    ) -> NoReturn:
        """Raise CheckFailed for an array of another shape."""
        self.fail(
            demand, expected=formatting.shape_text(shape), got=formatting.shape_text(got), hint=hint
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
                got=formatting.kind_text(found),
                hint=self._none_hint()
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
                else formatting.kind_text(found)
            )
            self.fail(
                _("{name} must return a dict with the keys {keys}.").format(
                    name=self.exercise, keys=", ".join(keys)
                ),
                got=got,
                hint=result_hints.dict_hint(found, keys),
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
            (text(wanted), text(array)) if text else formatting.pair_texts(wanted, array, place)
        )
        if remark:
            wanted_text = _("{value} ({remark})").format(value=wanted_text, remark=remark)
        self.fail(demand, expected=wanted_text, got=found_text, hint=hint)

    def _check_shape(self, array, shape, meaning):
        """Check that there is a result, that it means numbers, and that it has this shape."""
        if self.name:
            name = self._name_of_part()
            must_be = _("{name} must be {meaning}.").format(name=name, meaning=meaning)
        else:
            must_be = _("{name} must return {meaning}.").format(name=self.exercise, meaning=meaning)
        if array is None:
            self._fail_without_value(must_be, shape)
        expected = formatting.shape_text(shape)
        if not values.is_array(array):
            its_hint = result_hints.kind_hint(self, shape)
            if values.is_sequence(self.value) and len(shape) == 1:
                expected = ngettext("{count} number", "{count} numbers", shape[0]).format(
                    count=shape[0]
                )
            self.fail(
                must_be, expected=expected, got=formatting.kind_text(self.value), hint=its_hint
            )
        if array.shape == () != shape:
            self.fail(
                must_be,
                expected=expected,
                got=_("one number, {number}").format(number=array),
                hint=result_hints.shape_hint((), shape),
            )
        if array.shape != shape:
            its_hint = result_hints.kind_hint(self, shape)
            its_hint = its_hint or result_hints.shape_hint(array.shape, shape)
            self.fail_shape(must_be, shape, array.shape, its_hint)

    def _fail_without_value(self, must_be, shape):
        if self.name:
            self.fail(
                must_be,
                expected=formatting.shape_text(shape),
                got=_("None"),
                hint=self._attempt.by_code(
                    hints.WAYS_TO_NONE, hints.nothing_watched(self._attempt.uses)
                )
                if self._attempt.uses("GradientTape")
                else hints.hint(
                    "part-without-value",
                    _("was {part} given a value, by a function that ends in `return`?").format(
                        part=self.name
                    ),
                ),
            )
        self._fail_without_result()

    def _none_hint(self):
        """The hint for a missing result where the answer's code returns one; or None."""
        if self.value is not None:
            return None
        return result_hints.none_hint(self._attempt, self._arguments)

    def _fail_without_result(self):
        self.fail(
            _("{name} must return its result.").format(name=self.exercise),
            got=_("None"),
            hint=self._none_hint() or result_hints.no_return_hint(self._attempt),
        )

    def _check_kind(self, array, kind):
        """Check that an array of fractions or of indices has a type that can hold them."""
        name = self._name_of_part() if self.name else self.exercise
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
                hint=result_hints.index_hint(array.dtype.kind),
            )

    def _name_of_part(self):
        return _("{name}: {part}").format(name=self.exercise, part=self.name)


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

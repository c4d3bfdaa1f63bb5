"""Call a learner's answer as a check needs it: silently, with copies, trusting nothing."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.check.engine import environment, values, wording
from course.check.engine.environment import StillRunning
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import examining
from course.check.engine.hints import Hint, hint
from course.check.engine.keras_objects import KerasObject
from course.check.engine.raised_errors import error_failure
from course.check.engine.result import Result
from course.check.engine.wrong_helper import find_wrong_helper
from course.messages import _, again
from course.silence import silence

_MAX_DRAINED = 10_000  # values of an iterator
_MAX_LINE = 80  # characters of an answer's own code that a hint quotes
_ITEM = r"(?:[^()\[\],]|\[[^\]]*\]|\([^()]*\))+"  # one of several in the brackets of a call
# By what the code of an answer says that changes an argument.
_CHANGES = {
    r"\.shape *=[^=]": hint(
        "changed-shape",
        _(
            "x.shape = … changes the shape of the array that you were given: x.reshape(…) gives a "
            "new one."
        ),
    ),
    rf"\bmaximum\({_ITEM},{_ITEM},(?! *out\b){_ITEM}\)": hint(
        "changed-by-maximum",
        _(
            "np.maximum(a, b, c) compares only a and b, and writes into c: np.max([a, b, c], "
            "axis=0) compares three."
        ),
    ),
}


class Attempt:
    """A learner's answer to one exercise: `signature` is how it is called, "softmax(logits)"."""

    def __init__(self, function: Any, signature: str, right: Any = None):
        """Take the answer, and the right one if it is known; CheckFailed if it cannot be called."""
        self.signature = signature
        self.name = signature.split("(")[0]
        self._function, self._right = function, right
        if not callable(function):
            raise CheckFailed(
                _("{name} must be a function, called as {signature}.").format(
                    name=self.name, signature=signature
                ),
                exercise=self.name,
                got=wording.kind_text(function),
                hint=hint(
                    "no-function",
                    _("run the cell that defines it again; was its name given to something else?"),
                ),
            )

    def call(self, *, at_most: int | None = None, **arguments: Any) -> Result:
        """Call the answer with copies of the arguments, in order; they must come back as given.

        Arrays and dicts or lists of arrays are compared afterwards; a random generator may have
        advanced. A description of a Keras object, by itself or in a list, is replaced by the
        object, made on the answer's side. Of a list, an answer gets a copy, to change as it
        likes, unless it holds arrays alone.
        An iterator is drained into a list; with `at_most`, any other iterable as well.
        """
        given = _given(arguments)
        result = Result(self, arguments, afterwards=given)
        parts = {name: _parts(part) for name, part in given.items()}
        try:
            quiet = np.errstate(all="warn", under="ignore")  # NumPy's own, whatever a learner set
            with silence(), quiet, examining(self.name), environment.calling():
                value = self._function(*map(_own_list, given.values()))
                if isinstance(value, Iterator) or (
                    at_most is not None and values.is_iterable(value)
                ):
                    result.came_as = type(value).__name__ if at_most is None else ""
                    value = list(itertools.islice(iter(value), at_most or _MAX_DRAINED))
                result.value = value
        except CheckFailed:  # it called one of the course's own functions
            raise
        except StillRunning as stopped:
            result.fail(
                _("{name} is still running after {seconds:.0f} s.").format(
                    name=self.name, seconds=stopped.seconds
                ),
                hint=hint("endless", _("is there an endless loop?")),
            )
        except (Exception, SystemExit) as error:
            raise error_failure(self, result.shown_arguments(), error) from error
        for name, before in arguments.items():
            if not values.is_unchanged(before, given[name]):
                result.fail(
                    _("{name} must not change its argument {argument}.").format(
                        name=self.name, argument=name
                    ),
                    got=wording.change_text(name, before, given[name]),
                    hint=self._second_name_hint(list(arguments).index(name), given[name])
                    or self.by_code(_CHANGES, _change_hint(parts[name], given[name])),
                )
        return result

    def uses(self, name: str) -> bool:
        """Return whether the answer's own code names something, such as GradientTape."""
        return bool(environment.about_code("uses", self._function, name))

    def says(self, pattern: str) -> bool:
        """Return whether its own code has a place that fits a regular expression."""
        return bool(environment.about_code("says", self._function, pattern))

    def by_code(self, others: Mapping[str, Hint], usual: Hint | None = None) -> Hint | None:
        """Return the first declared hint whose pattern fits its own code; else the usual one."""
        found = next((its_hint for code, its_hint in others.items() if self.says(code)), None)
        return hint(found.id, again(found)) if found else usual

    def only_prints(self) -> bool:
        """Return whether its own code prints something, and returns nothing in any case."""
        return self.uses("print") and self.returns_nothing() and not self.returns_something()

    def skips(self, name: str, number: int) -> bool:
        """Return whether a name gets its value only in an `if` or loop above line `number`."""
        return bool(environment.about_code("skips", self._function, name, number))

    def returns_something(self) -> bool:
        """Return whether its own code returns something other than None in some place."""
        return bool(environment.about_code("returns_something", self._function))

    def returns_nothing(self) -> bool:
        """Return whether its own code ends without a result in some place."""
        return bool(environment.about_code("returns_nothing", self._function))

    def code_hint(self) -> Hint | None:
        """Return a hint for what is wrong in any code, as an always true condition; or None."""
        for truth in ("True", "False"):
            if self.has_text(truth):
                usage = _("“{text}” in quotation marks is a string: without them, it is the value.")
                return hint("truth-as-text", usage.format(text=truth))
        if near := environment.about_code("misspelt_attribute", self._function):
            return hint("misspelt-attribute", _("did you mean {name}?").format(name=near))
        if not environment.about_code("holds_always", self._function):
            return None
        text = _(
            '`x == "a" or "b"` is always true, as "b" alone counts as True: write '
            '`x in ("a", "b")`.'
        )
        return hint("always-true", text)

    def has_text(self, text: str) -> bool:
        """Return whether its own code has this text, or names an argument so in a call."""
        return bool(environment.about_code("has_text", self._function, text))

    def near_text(self, arguments: dict) -> Hint | None:
        """Return a hint if an argument is a string that the answer spells otherwise; or None."""
        for text in (value for value in arguments.values() if isinstance(value, str)):
            if near := environment.about_code("near_text", self._function, text):
                usage = _('the argument is "{text}" here, and your code has "{near}".')
                return hint("near-text", usage.format(text=text, near=near))
        return None

    def lost_value_hint(self) -> Hint | None:
        """Return a hint if its own code computes something on a line by itself; or None."""
        line = str(environment.about_code("lost_value", self._function) or "")
        if not line or len(line) > _MAX_LINE:
            return None
        name, is_named, value = line.rpartition(" = ")
        if is_named:
            text = _("`{value}` on a line by itself is lost: write `{name} = {value}`.")
        else:
            text = _(
                "the result of `{value}` is lost on a line by itself: give it a name, and go on "
                "with that."
            )
        return hint("lost-value", text.format(name=name, value=value))

    def outside_hint(self) -> Hint | None:
        """Return a hint if the answer loses a value, ignores an argument or reads another array."""
        lost = self.lost_value_hint() or self._flat_take_hint()
        if lost:
            return lost
        unused = self._unused_arguments()
        array = environment.about_code("array_of_notebook", self._function)
        if array:
            named = {"array": array, "argument": next(iter(unused.values()), "")}
            if unused:
                text = _(
                    "your code never uses its argument {argument}, but reads {array}, which the "
                    "notebook made: is {argument} meant?"
                )
            else:
                text = _(
                    "your code reads {array}, which the notebook made: does an argument belong "
                    "there?"
                )
            return hint("array-of-notebook", text.format(**named))
        argument = self.unused_argument()
        if not argument:
            return None
        text = _("your code never uses its argument {argument}: what does it use instead?")
        return hint("unused-argument", text.format(argument=argument))

    def unused_argument(self) -> str:
        """Return the first argument that its own code never uses, and the right answer does."""
        if self._right is None:
            return ""
        found = self._unused_arguments().items()
        return next((name for place, name in found if not self._unused(self._right, place)), "")

    def _unused_arguments(self):
        """The arguments that its own code never uses, by their places."""
        places = range(self.signature.count(",") + 1)
        unused = {place: self._unused(self._function, place) for place in places}
        return {place: name for place, name in unused.items() if name}

    def _flat_take_hint(self):
        """A hint if its own code takes numbers as if from one long row; or None."""
        call = str(environment.about_code("flat_take", self._function) or "")
        if not call or len(call) > _MAX_LINE:
            return None
        text = _(
            "without an axis, `{call}` counts through all the numbers of a matrix as one long row: "
            "axis=0 takes whole rows, and M[np.arange(n), places] one number of each row."
        )
        return hint("flat-take", text.format(call=call))

    def _second_name_hint(self, place, argument):
        """A hint if its code writes into this array, an argument, by a second name; or None."""
        line = environment.about_code("second_name", self._function, place)
        if not line or not values.is_array(argument):
            return None
        text = _(
            "`{line}` makes no copy: it is a second name for the same array, and what is written "
            "into one is in the other as well. A copy is made by `{line}.copy()`."
        )
        return hint("second-name", text.format(line=line))

    @staticmethod
    def _unused(function, place):
        return environment.about_code("unused_argument", function, place)

    def values_for_places(self, name: str) -> str:
        """Return the array whose values a loop of its own code calls by this name, or ""."""
        return str(environment.about_code("values_for_places", self._function, name) or "")

    def helper_hint(self) -> Hint | None:
        """Return a hint if the answer calls that of another exercise, which fails its check."""
        with environment.diagnosing():
            helper = find_wrong_helper(self._function)
        if helper is None:
            return None
        text = _(
            "{name} calls your {helper}, which does not pass its own check: fix {helper} first."
        )
        return hint("helper", text.format(name=self.name, helper=helper))


def _given(arguments):
    """Copies of the arguments, and the Keras objects that are described among them."""
    given = copy.deepcopy(arguments)
    described = [
        value
        for argument in given.values()
        for value in (argument if isinstance(argument, list) else [argument])
        if isinstance(value, KerasObject)
    ]
    if not described:
        return given
    with silence():
        made = iter(environment.make([value.plain() for value in described]))
    return {name: _with_made(value, made) for name, value in given.items()}


def _with_made(value, made):
    """An argument with the next of the objects in place of each description."""
    if isinstance(value, list):
        return [_with_made(item, made) for item in value]
    return next(made) if isinstance(value, KerasObject) else value


def _own_list(value):
    """A list with the same items; a list of arrays, or anything else, as it is."""
    is_list = isinstance(value, list) and not all(isinstance(item, np.ndarray) for item in value)
    return list(value) if is_list else value


def _parts(argument):
    """What a dict or a list holds."""
    if isinstance(argument, dict):
        return list(argument.values())
    return list(argument) if isinstance(argument, list) else []


def _change_hint(parts, argument):
    """How to leave an argument of this kind as it is; `parts` is what it held before."""
    has_others = list(map(id, parts)) != list(map(id, _parts(argument)))
    if isinstance(argument, dict):
        if has_others:
            return hint(
                "changed-entries",
                _(
                    "make a new dict, such as {name: … for name in d}: d[name] = … and d.pop(name) "
                    "change the one that you were given."
                ),
            )
        return hint(
            "changed-dict",
            _(
                "a copied dict holds the very same arrays: make a new array for each key instead "
                "of writing into the one that you were given (-=, x[...] = ...)."
            ),
        )
    if isinstance(argument, list) and has_others:
        return hint(
            "changed-list",
            _(
                "go through the list with a loop, and leave it as it is: pop, append, reverse and "
                "x[i] = … change the one that you were given."
            ),
        )
    new_array = _(
        "make a new array (such as x = x / 2) instead of writing into the one that you were "
        "given (x /= 2, x[...] = ...). x[i] and x[:] are parts of it, not copies."
    )
    return hint("changed-argument", new_array)

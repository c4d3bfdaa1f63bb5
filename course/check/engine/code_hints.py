"""Hints that an answer's own code gives, whatever the exercise is."""

from collections.abc import Callable
from typing import Any

from course.check.engine import environment, values
from course.check.engine.hints import Hint, hint
from course.check.engine.wrong_helper import find_wrong_helper
from course.messages import _

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


def helper_hint(attempt: Any) -> Hint | None:
    """Return a hint if the answer calls that of another exercise, which fails its check."""
    with environment.diagnosing():
        helper = find_wrong_helper(attempt.function)
    if helper is None:
        return None
    text = _("{name} calls your {helper}, which does not pass its own check: fix {helper} first.")
    return hint("helper", text.format(name=attempt.name, helper=helper))


def code_hint(attempt: Any) -> Hint | None:
    """Return a hint for what is wrong in any code, as an always true condition; or None."""
    for truth in ("True", "False"):
        if attempt.has_text(truth):
            usage = _("“{text}” in quotation marks is a string: without them, it is the value.")
            return hint("truth-as-text", usage.format(text=truth))
    if near := attempt.about_code("misspelt_attribute"):
        return hint("misspelt-attribute", _("did you mean {name}?").format(name=near))
    if not attempt.about_code("holds_always"):
        return None
    text = _(
        '`x == "a" or "b"` is always true, as "b" alone counts as True: write `x in ("a", "b")`.'
    )
    return hint("always-true", text)


def near_text_hint(attempt: Any, arguments: dict) -> Hint | None:
    """Return a hint if an argument is a string that the answer spells otherwise; or None."""
    for text in (value for value in arguments.values() if isinstance(value, str)):
        if near := attempt.about_code("near_text", text):
            usage = _('the argument is "{text}" here, and your code has "{near}".')
            return hint("near-text", usage.format(text=text, near=near))
    return None


def lost_value_hint(attempt: Any) -> Hint | None:
    """Return a hint if its own code computes something on a line by itself; or None."""
    line = str(attempt.about_code("lost_value") or "")
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


def outside_hint(
    attempt: Any, can_be_behind: Callable[[int], bool] = lambda _place: True
) -> Hint | None:
    """Return a hint if the answer loses a value, ignores an argument or reads another array.

    `can_be_behind` says whether an argument that is ignored, by its place, explains what is wrong.
    """
    lost = lost_value_hint(attempt) or _flat_take_hint(attempt)
    if lost:
        return lost
    unused = {
        place: name for place, name in attempt.unused_arguments().items() if can_be_behind(place)
    }
    array = attempt.about_code("array_of_notebook")
    if array:
        named = {"array": array, "argument": next(iter(unused.values()), "")}
        if unused:
            text = _(
                "your code never uses its argument {argument}, but reads {array}, which the "
                "notebook made: is {argument} meant?"
            )
        else:
            text = _(
                "your code reads {array}, which the notebook made: does an argument belong there?"
            )
        return hint("array-of-notebook", text.format(**named))
    argument = next((name for place, name in unused.items() if attempt.needs(place)), "")
    if not argument:
        return None
    text = _("your code never uses its argument {argument}: what does it use instead?")
    return hint("unused-argument", text.format(argument=argument))


def _flat_take_hint(attempt):
    """A hint if its own code takes numbers as if from one long row; or None."""
    call = str(attempt.about_code("flat_take") or "")
    if not call or len(call) > _MAX_LINE:
        return None
    text = _(
        "without an axis, `{call}` counts through all the numbers of a matrix as one long row: "
        "axis=0 takes whole rows, and M[np.arange(n), places] one number of each row."
    )
    return hint("flat-take", text.format(call=call))


# Changed arguments --------------------------------------------------------------------------------


def parts_of(argument: Any) -> list:
    """Return what a dict or a list holds; of anything else, nothing."""
    if isinstance(argument, dict):
        return list(argument.values())
    return list(argument) if isinstance(argument, list) else []


def changed_argument_hint(attempt: Any, place: int, before: list, argument: Any) -> Hint | None:
    """Return how to leave the argument at this place as it was.

    `before` is what it held before the call, by `parts_of`.
    """
    return _second_name_hint(attempt, place, argument) or attempt.by_code(
        _CHANGES, _change_hint(before, argument)
    )


def _second_name_hint(attempt, place, argument):
    """A hint if its code writes into this array, an argument, by a second name; or None."""
    line = attempt.about_code("second_name", place)
    if not line or not values.is_array(argument):
        return None
    text = _(
        "`{line}` makes no copy: it is a second name for the same array, and what is written "
        "into one is in the other as well. A copy is made by `{line}.copy()`."
    )
    return hint("second-name", text.format(line=line))


def _change_hint(parts, argument):
    """How to leave an argument of this kind as it is; `parts` is what it held before."""
    has_others = list(map(id, parts)) != list(map(id, parts_of(argument)))
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

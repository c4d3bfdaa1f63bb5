"""Hints, each with an id that stays the same in every language and wording."""

import re
from collections.abc import Callable

from course.messages import _, again

MAX_DECIMALS = 4  # of a result that counts as rounded

_MAX_WORDS = 6  # of an id made from a hint's words


class Hint(str):
    """The text of a hint, with its `id`: a word or two, unique within the exercise."""

    __slots__ = ("id", "source")
    id: str
    source: str

    def __new__(cls, text: str, id: str = "") -> "Hint":
        """Return the hint with this text; without an id it gets one made from its words."""
        made = super().__new__(cls, text)
        made.source = getattr(text, "source", text)
        made.id = id or getattr(text, "id", "") or _slug(made.source)
        return made


def hint(id: str, text: str) -> Hint:
    """Return a hint with an id, such as hint("axis", _("sum along each row."))."""
    return Hint(text, id)


def first_row_only() -> Hint:
    """Return the hint for an array with only its beginning filled in."""
    return hint(
        "first-row-only",
        _("only the first is filled in, the others are still 0: is `return` inside the loop?"),
    )


def first_row_missing() -> Hint:
    """Return the hint for an array with all but its beginning filled in."""
    return hint("first-row-missing", _("the first is still 0: count from 0."))


def last_row_only() -> Hint:
    """Return the hint for the last row in place of them all."""
    return hint(
        "last-row-only",
        _("this is only the last one: collect them all, in a list that is made before the loop."),
    )


def last_row_missing() -> Hint:
    """Return the hint for an array with all but its end filled in."""
    return hint(
        "last-row-missing",
        _("the last is still 0: range(n) goes through all n, and ends with n - 1."),
    )


def rounded() -> Hint:
    """Return the hint for a result that was rounded."""
    return hint("rounded", _("do not round: return the number with all its digits."))


def cut_off_hint() -> Hint:
    """Return the hint for numbers whose decimals are cut off."""
    return hint(
        "whole-numbers",
        _("the decimals are cut off: is it / or //, and can the type of the result hold decimals?"),
    )


def printed() -> Hint:
    """Return the hint for an answer that prints its result and returns nothing."""
    return hint("printed", _("`print` only shows the result; hand it over with `return`."))


def in_one_row() -> Hint:
    """Return the hint for the right numbers in one row, without the shape that was asked for."""
    return hint(
        "in-one-row",
        _("all numbers are right, but in one long row: give them their shape, with reshape."),
    )


def nothing_watched(uses: Callable[[str], bool] | None = None) -> Hint:
    """Return the hint for None where a tape should have given a gradient.

    `uses` says whether the answer's own code names something, where that is known.
    """
    text = _(
        "a tape gives None for what it has not watched. It watches each "
        "tf.Variable, and what tape.watch is given; and it sees only what is "
        "computed from them inside the `with`, by TensorFlow."
    )
    if uses and uses("predict"):
        text = _("`predict` leaves no trace on the tape: call the model itself, model(x).")
    elif uses and uses("watch"):
        text = _(
            "a tape follows the very tensor that tape.watch is given: watch it inside the `with`, "
            "before it goes into the model, and ask for the gradient of that one."
        )
    elif uses and not uses("Variable") and not uses("trainable_variables"):
        text = _(
            "a tape watches each tf.Variable by itself, but a tensor only if you say so: "
            "tape.watch(x), inside the `with`, before anything is computed from x."
        )
    return hint("nothing-watched", text)


# A line inside the `with` block of a tape that calculates with NumPy.
NUMPY_IN_TAPE = (
    r"^( *)with .*GradientTape.*:\n(\1 .*\n|\n)*?\1 .*"
    r"(\bnp\.(?!arange|eye|zeros|ones|float|int)\w+\(|\.numpy\(\))"
)


def numpy_in_tape() -> Hint:
    """Return the hint for NumPy inside the `with` block of a tape that gives None or an error."""
    return hint(
        "numpy-in-tape",
        _(
            "NumPy leaves no trace on the tape: inside the `with`, take TensorFlow's functions, "
            "tf.reduce_mean, tf.exp …, and no .numpy()."
        ),
    )


# A value that goes to tape.gradient, but was computed behind the `with` block of the tape.
_BEHIND_TAPE = (
    r"^( *)with .*GradientTape.*:\n(?:.*\n)*?"
    r"(?:\1(\w+) *=(?!=)(?:.*\n)+?.*\.gradient\( *(?:target *= *)?\2\b|"
    r"\1\S.*\.gradient\( *(?:target *= *)?(?:[\w.]+\(|\w+ *[-+*/]))"
)

# By what the answer's own code says, where a tape gives None.
WAYS_TO_NONE = {
    r"tf\.Variable\(.*trainable *= *False": hint(
        "not-trainable",
        _("a tape watches only trainable variables by itself: leave out trainable=False."),
    ),
    NUMPY_IN_TAPE: numpy_in_tape(),
    _BEHIND_TAPE: hint(
        "behind-tape",
        _(
            "the value that tape.gradient is given is computed after the `with` block, where the "
            "tape does not look: compute it inside."
        ),
    ),
}


def set_for_dict() -> Hint:
    """Return the hint for braces without names, which make a set."""
    return hint(
        "set-for-dict",
        _("braces alone make a set; in a dict, a name and a colon come first: {name: …}."),
    )


def elementwise() -> Hint:
    """Return the hint for a product number by number where a matrix product belongs."""
    return hint(
        "element-wise",
        _("`*` multiplies number by number; the matrix product, rows times columns, is `@`."),
    )


def rows_for_columns() -> Hint:
    """Return the hint for columns that are counted, or found, as if they were rows."""
    return hint(
        "rows-for-columns",
        _(
            "the columns follow the rows here. Look at each line that counts columns, or slices "
            "along them: is a name in it that belongs to the rows?"
        ),
    )


# A slice of a slice, x[a:b][c:d], in an answer's own code. Of one axis, x[a:][:n] and x[::-1][:n]
# are well meant.
SLICED_TWICE = r"\w(?!\[[^][,:\n]+:\]\[:)(?!\[::-1\])\[[^][,\n]*:[^][,\n]*\]\[[^][,\n]*:[^][,\n]*\]"


def rows_twice() -> Hint:
    """Return the hint for a slice of a slice where rows and columns are meant."""
    return hint(
        "rows-twice",
        _(
            "x[a:b][c:d] slices the rows twice: rows and columns go into one pair of brackets, "
            "x[a:b, c:d]."
        ),
    )


def translated(text: str) -> str:
    """Return a declared sentence in the current language; it must not hold any values."""
    message = again(text)
    return Hint(message, text.id) if isinstance(text, Hint) else message


def _slug(text):
    """An id from the first words of a hint, in English."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:_MAX_WORDS])

"""Hints for errors of indices, axes and counts: places that an array, list or loop lacks."""

from course.check.engine.hints import Hint, hint
from course.messages import _

_SLICES = r"[^][,:]*:[^][,]*(,[^][,:]*:[^][,]*|, *\.\.\.)*"

HINTS: dict[str, Hint] = {
    r"^kth\(=\d+\) out of bounds": hint(
        "kth-place",
        _(
            "np.partition and np.argpartition divide at a place from 0 to n - 1, and this one does "
            "not exist: are all on one side here? A sort needs no such place."
        ),
    ),
    r"values to unpack(.*\n)*.*\bfor .* in [(\[]? *[\w.]+ *, *[\w.]+ *[\])]? *[])}:].*$": hint(
        "two-at-once", _("to go through two lists at once, write `for a, b in zip(A, B)`.")
    ),
    r"values to unpack(.*\n)*.*\bfor .* in [\w.]+ *[])}:].*$": hint(
        "pairs-of-loop",
        _(
            "each item of the loop must hold as many values as there are names before `in`: write "
            "`in d.items()` for the names and values of a dict, `in zip(A, B)` for two lists."
        ),
    ),
    r"values to unpack(.*\n)*.*\.shape\b.*$": hint(
        "names-for-shape", _("a shape has as many numbers as the array has axes: print it.")
    ),
    r"values to unpack": hint(
        "number-of-names",
        _("there are more names on the left, or fewer, than values on the right: print them."),
    ),
    r"too many indices for|invalid index to scalar|tuple index out of": hint(
        "number-of-axes",
        _(
            "the array has another number of axes here, or it is one number, without any. "
            "np.ndindex(x.shape) goes through all places of any shape; x.shape[0] and len(x) "
            "give the length of the first axis."
        ),
    ),
    r"^(list|string|tuple) indices must be integers.* not '?tuple": hint(
        "one-place",
        _("a list or a tuple takes one number, rows[i][j]; an array, np.array(rows), several."),
    ),
    r"^(list|string|tuple) indices must be integers(?!.* not '?float)": hint(
        "place-by-number",
        _(
            "a list or a string is indexed with a number, counted from 0; only a dict, {…}, is "
            "indexed with a string."
        ),
    ),
    r"array split does not result in an equal division": hint(
        "places-of-cuts",
        _(
            "np.split cuts into equal parts, or at places that you name: np.split(x, [k]) cuts "
            "once, before place k, and range(size, n, size) names a place after every `size`."
        ),
    ),
    r"is out of bounds for axis(.*\n)*.*\[ *(\w+) *, *\2 *\] *=[^=]": hint(
        "same-place-twice",
        _(
            "one number is used for both the row and the column here: `for i, label in "
            "enumerate(labels)` gives the place of each label and the label itself."
        ),
    ),
    r"is out of bounds for axis(.*\n)*.*\[ *(labels\b[^]]*|label *, *\w+ *)\] *=[^=]": hint(
        "rows-first",
        _(
            "the row comes first, then the column: T[np.arange(n), labels], or T[i, label] in a "
            "loop."
        ),
    ),
    r"is out of bounds for axis(.*\n)*.*"
    # No place is read there, only slices, which may be too long.
    rf"\w\[ *[a-z]\w* *, *[a-z]\w* *(,[^]]*)?\] *[-+*/]?=[^=](?!.*\[(?!{_SLICES}\])).*$": hint(
        "place-written-to",
        _(
            "the array that is written to has no such place: print its shape and the index. Are "
            "two indices in the wrong order? Does a loop go along another axis, or in steps, "
            "range(0, n, stride)? The places of the result count one by one."
        ),
    ),
    r"is out of bounds for axis|indices\[.*\] = .* is not in": hint(
        "index",
        _(
            "indices count from 0, and there are as many as the axis is long: print the shape "
            "and the index. Are rows and columns exchanged, or is a size fixed that should come "
            "from the shape?"
        ),
    ),
    r"float\d*' object cannot be interpreted as an int(.*\n)*.*\brange\(.*[^/]/[^/]": hint(
        "range-by-steps",
        _(
            "a / b is a float in Python even where it divides evenly: a // b rounds down. Where a "
            "last, smaller part counts as well, range(0, n, size) takes it, too: it goes on by "
            "`size` each time."
        ),
    ),
    r"slice indices must be integers(.*\n)*.*\[.*//.*$": hint(
        "floor-of-fraction",
        _(
            "// gives a whole number only of two whole numbers: 4 // 0.5 is 8.0. And a share of n "
            "is n times the share, not n divided by it."
        ),
    ),
    r"slice indices must be integers|float\d*' object cannot be interpreted as an int|"
    r"^Cannot convert '.*\.\d.*' to a shape": hint(
        "whole-number",
        _("a count must be a whole number: round(…) or int(…) turns a float into one."),
    ),
    r"^'(int|float)' object is not subscriptable": hint(
        "number-in-brackets",
        _("a single number cannot be indexed: no square brackets after it."),
    ),
    r"'(numpy\.)?(u?int|float|bool)\d*_?' object does not support item assignment": hint(
        "no-places",
        _(
            "a single number cannot be indexed: first make an array that is large enough, "
            "np.zeros(n), or np.zeros((n, k)) for two axes."
        ),
    ),
    r"'tuple' object cannot be interpreted as an int": hint(
        "whole-shape",
        _("a shape is a tuple, with the length of each axis: x.shape[0], or len(x), is the first."),
    ),
    r"only integer scalar arrays can be|'list' object cannot be interpreted as an int": hint(
        "one-whole-number",
        _(
            "one whole number belongs here, not several: len(x) says how many there are, and "
            "x[i] is one of them. A list takes one at a time: np.array(rows)[order] takes many."
        ),
    ),
    r"^Only integers, slices.* got (array|range|\[|<tf\.Tensor: shape=\(\d)": hint(
        "places-of-tensor",
        _(
            "a tensor is not indexed with arrays: np.asarray(x)[…] is, and "
            "tf.gather(x, i, batch_dims=1) takes one place in each row."
        ),
    ),
    r"arrays used as indices must be|^only integers, slices|"
    r"^(list|string|tuple) indices must be integers": hint(
        "whole-indices",
        _(
            "indices are whole numbers: // cuts decimals off, and so does x.astype(int). Of "
            "one-hot rows, argmax along each row gives the labels."
        ),
    ),
    r"'(numpy\.)?(u?int|float)\d*' object is not iterable": hint(
        "single-number",
        _(
            "this is a single number: range(n) counts from 0 to n - 1, and sum, max and zip "
            "take a list or an array."
        ),
    ),
    r"(out of bounds for array of dim|Invalid reduction dim|^Expected dimension in the range)"
    r"(.*\n)*.*(\bargmax\( *labels *,|\blabels\.argmax\()": hint(
        "argmax-of-labels",
        _("labels are the numbers of classes already: argmax is only for the probabilities."),
    ),
    r"is out of bounds for array of dimension|Invalid reduction dimension": hint(
        "axis-from-0",
        _(
            "axes count from 0: an array with two axes has axis 0 and axis 1, and a single "
            "number has none. Print its shape."
        ),
    ),
}

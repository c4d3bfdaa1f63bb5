"""Hints for errors of arithmetic: types that do not mix, and results that no number holds."""

from course.check.engine.hints import Hint, hint
from course.messages import _

HINTS: dict[str, Hint] = {
    r"parameter '(begin|size|multiples|paddings)' has DataType float": hint(
        "whole-shifts",
        _("whole numbers are needed here: rng.uniform draws them with dtype=tf.int32."),
    ),
    r"Value for attr 'Tindices' of": hint(
        "type-of-indices",
        _("TensorFlow takes int32 or int64 as indices: convert them with tf.cast."),
    ),
    r"Value for attr 'T' of bool(.*\n)*.*"
    r"(?:[=!<>]=|[<>]|\b(not_)?equal\(|\b(greater|less)|\[True|\[False).*$": hint(
        "mean-of-booleans",
        _(
            "TensorFlow cannot calculate with True and False: tf.cast(…, tf.float32) turns them "
            "into 1 and 0."
        ),
    ),
    r"Value for attr 'T' of bool|tensor but is a bool tensor|EagerTensor of dtype bool|"
    r"same dtype, got .*tf\.bool": hint(
        "number-times-truth",
        _(
            "there are True and False where numbers belong. In TensorFlow even a number times a "
            "comparison, d * (x > 0), gives True or False: tf.where(x > 0, d, 0) keeps the "
            "numbers, and so does d * tf.cast(x > 0, d.dtype)."
        ),
    ),
    r"Value for attr 'T' of u?int": hint(
        "fractions-first",
        _("this takes floats only: first convert whole numbers to floats, with tf.cast."),
    ),
    r"for \^=?: |bitwise_xor|Value for attr 'T' of (float|double)(.*\n)*.*[\w)\]] *\^": hint(
        "power", _("`^` does not raise to a power: x to the power of 2 is x**2.")
    ),
    r"Cannot cast ufunc '.*' output from": hint(
        "in-place-type",
        _(
            "`/=` and the like keep the array's own type, here whole numbers, and write into "
            "the array that was given: write x = x / 255, say."
        ),
    ),
    r"math range error|Numerical result out of range": hint(
        "exp-too-large",
        _(
            "math.exp overflows above 709, and ** just as soon: no larger number fits. Write the "
            "formula so that exp gets no large positive number: exp(-t) goes to 0."
        ),
    ),
    r"was expected to be a \w+ tensor but is a|must have the same dtype": hint(
        "mixed-types",
        _("TensorFlow does not mix types: cast both to the same one with tf.cast."),
    ),
    r"only (length-1|0-dimensional|size-1) arrays can be converted": hint(
        "whole-arrays",
        _("math.exp and float(…) take one number; np.exp, np.log … take whole arrays."),
    ),
    r"division by zero": hint(
        "by-zero",
        _(
            "what is below the fraction bar is 0 for the arguments above: is the fraction upside "
            "down, or a count still 0?"
        ),
    ),
    r"math domain error": hint(
        "not-positive",
        _("math.log takes numbers above 0 only, and math.sqrt none below 0."),
    ),
}

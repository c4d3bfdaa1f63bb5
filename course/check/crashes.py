"""What is behind an error that an answer stopped with, where its text tells."""

import re

from course.messages import _

# Names that the first cells of the lessons import.
_IMPORTED = {"check", "data", "digits", "keras", "layers", "networks", "np", "pictures", "tf"}

# How the text of an error begins, or what it holds, and what is behind it.
_HINTS = {
    r"Cannot interpret '.*' as a data type": _(
        "a shape goes into brackets of its own: np.zeros((n, k)), np.ones((n, k)) …"
    ),
    r"only (length-1|0-dimensional|size-1) arrays can be converted": _(
        "math.exp and float(…) take one number; np.exp, np.log … take whole arrays."
    ),
    r"operands could not be broadcast together|Incompatible shapes|must be broadcastable": _(
        "print the shapes of both sides. axis=1 gives one result for each row, axis=0 one for "
        "each column; the axis is lost unless you say keepdims=True."
    ),
    r"mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned": _(
        "print the shapes of both factors: rows of the second must be as many as columns of the "
        "first. A.T is A with rows and columns exchanged."
    ),
    r"is out of bounds for axis|indices\[.*\] = .* is not in": _(
        "indices count from 0. T[labels] takes whole rows; one place in each row is "
        "T[np.arange(n), labels]."
    ),
    r"slice indices must be integers|cannot be interpreted as an integer": _(
        "a count of things must be a whole number: round(…) or int(…) makes one of a fraction."
    ),
    r"object does not support item assignment": _(
        "a tensor of TensorFlow's cannot be changed in place: start from a NumPy array."
    ),
    r"expected min_ndim=4, found ndim=3": _(
        "a convolution needs an axis for the channels: grey images are (28, 28, 1)."
    ),
    r"Could not interpret activation function|Unknown activation function": _(
        'names of activations are written in small letters: "relu", "sigmoid", "softmax".'
    ),
}


def hint_for(error, text: str) -> str | None:
    """A hint for an error with this text, or None."""
    unknown = re.search(r"name '(\w+)' is not defined", text)
    if isinstance(error, NameError) and unknown:
        name = unknown[1]
        if name in _IMPORTED:
            hint = _("{name} comes from the first cell of the notebook: run that one again.")
        else:
            hint = _("is {name} spelled as where it is defined, and has that cell been run?")
        return hint.format(name=name)
    return next((hint for begin, hint in _HINTS.items() if re.search(begin, text)), None)

"""Hints for errors of None, or no value at all, where something else is meant."""

from course.check.engine.hints import Hint, hint
from course.messages import _

HINTS: dict[str, Hint] = {
    r"Attempt to convert a value \(None\)": hint(
        "none-for-numbers",
        _(
            "there is a None where a number belongs. Does every function that is called here "
            "`return` something? And does `fit` get the images and the labels one by one, but the "
            "validation data as a pair of both?"
        ),
    ),
    r"'NoneType' object (is not callable|has no attribute 'apply)(.*\n)*.*"
    r"\bmodel\.(loss|optimizer)\b": hint(
        "uncompiled",
        _(
            "a model that is not compiled has neither a loss nor an optimiser: take those "
            "that are given."
        ),
    ),
    r"not NoneType(.*\n)*.*\bload_model\(": hint(
        "save-gives-none",
        _("load_model is given None, which is what model.save returns: load from the path."),
    ),
    r"'NoneType' object|NoneType'|not NoneType|values \(None\)": hint(
        "nothing-returned",
        _(
            "something is None. A function without `return` gives None; so do list.sort, "
            "model.add and rng.shuffle, which change what is there already: rng.permutation "
            "gives a new array."
        ),
    ),
    r"^None values not supported(.*\n)*.*\.fit\(": hint(
        "pair-to-fit",
        _(
            "the labels are missing: `fit` takes the images and the labels one after the "
            "other, not as a pair; validation_data is a pair of both."
        ),
    ),
    r"cannot access (local|free) variable": hint(
        "own-name",
        _(
            "a name that gets a value anywhere in a function is local to it: give it a value "
            "there before you use it, whichever branch of an `if` runs."
        ),
    ),
}

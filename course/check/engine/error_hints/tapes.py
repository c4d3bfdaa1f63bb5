"""Hints for errors of tapes: what they watch, their gradients, and the step of an optimiser."""

from course.check.engine.hints import Hint, hint
from course.messages import _

HINTS: dict[str, Hint] = {
    r"Input to reshape(.*\n)*.*\.gradient\(\w+, *\w+, *\w+\)": hint(
        "gradient-list",
        _("the variables go to tape.gradient in a list: tape.gradient(loss, [W, b])."),
    ),
    r"has no attribute '_id'\n(.*\n)*.*get_weights\(": hint(
        "get-weights",
        _(
            "get_weights gives arrays, copies of the values: the variables themselves are in "
            "model.trainable_variables."
        ),
    ),
    r"'numpy.ndarray' object has no attribute '_id'": hint(
        "not-a-variable",
        _(
            "a tape gives gradients with respect to what it watches, and it does not watch "
            "arrays: turn each into a tf.Variable, W = tf.Variable(W), before the `with`."
        ),
    ),
    r"^'\w+(entropy|Error|Loss)' object has no attribute '_id'": hint(
        "loss-function",
        _("this is the loss function itself: tape.gradient takes the number that it gave."),
    ),
    r"^'(?!None)[A-Z]\w*' object has no attribute '_id'": hint(
        "variables-of-model",
        _(
            "tape.gradient takes the loss, then variables: those of a model are "
            "model.trainable_variables."
        ),
    ),
    r"has no attribute '_id'|convert the argument `type_value`: [^<]|"
    r"^'(float|int)' object has no attribute 'dtype'(.*\n)*.*\.gradient\(": hint(
        "no-tensor",
        _(
            "a plain number leaves no trace on the tape: give tape.gradient the tensor that "
            "TensorFlow computed inside the `with`, without `float` or `.numpy()`, and then the "
            "variables."
        ),
    ),
    r"^Passed in object": hint(
        "watched-array",
        _("a tape watches tensors: turn the array into one, x = tf.constant(x), and watch that."),
    ),
    r"Variable' object has no attribute '(assign|sub|add|minus|update)": hint(
        "methods-of-variable",
        _("a variable has the methods assign, assign_add and assign_sub."),
    ),
    r"does not support item assignment(.*\n)*.*\.numpy\(\)\[": hint(
        "copy-of-variable",
        _("x.numpy() is a copy of what is in the box: x.assign and x.assign_sub change the box."),
    ),
    r"(?<!'NoneType') object has no attribute 'assign": hint(
        "assigned-to-no-variable",
        _(
            "only a tf.Variable can be assigned to: not a list of them, not an array, and not "
            "the plain tensor that is called w after `w = w - step`."
        ),
    ),
    r"non-persistent GradientTape can only": hint(
        "gradient-once",
        _("ask the tape once, for all variables in a list: tape.gradient(loss, [W, b])."),
    ),
    r"only supports singleton tf\.Variables": hint(
        "made-inside",
        _(
            "TensorFlow runs this function more than once, and a variable or a generator "
            "may be made only once: make it before, outside of the function."
        ),
    ),
    r"only be called for the variables it was originally built with": hint(
        "optimizer-of-another",
        _(
            "an optimiser belongs to the model that it was built for, and cannot train a copy: "
            "train `model` itself."
        ),
    ),
    r"No gradients provided for any variable": hint(
        "no-gradients",
        _(
            "the tape has not seen how the loss comes from the variables: call the model, "
            "model(images), and the loss, both inside the `with` block. `predict` and NumPy "
            "leave no trace on the tape."
        ),
    ),
    r"'NoneType' object has no attribute '_tape'": hint(
        "watch-inside",
        _("tape.watch belongs inside the `with` of this very tape, before anything is computed."),
    ),
    r"'?NoneType'? (object is not iterable|has no len)(.*\n)*.*\b(apply|apply_gradients)\(|"
    r"unpack non-iterable NoneType(.*\n)*.*\.gradient\(": hint(
        "tape-gave-none",
        _(
            "the tape gave None as a whole: it takes the loss first, then the variables "
            "in a list, tape.gradient(loss, [W, b])."
        ),
    ),
    r"^Unknown variable: <tf\.Variable": hint(
        "copied-variables",
        _(
            "the optimiser moves the variables of the model itself, model.trainable_variables: a "
            "tf.Variable made from one of them is a copy."
        ),
    ),
    r"apply_gradients\(\) takes|has no attribute '_unique_id'|"
    r"must match `optimizer\.variables` one|"
    r"values to unpack(.*\n)*.*apply_gradients\(": hint(
        "apply",
        _(
            "optimizer.apply takes two lists, the gradients first: "
            "optimizer.apply(gradients, variables). The older apply_gradients takes pairs: "
            "zip(gradients, variables)."
        ),
    ),
    r"type 'zip' has no len(.*\n)*.*\.apply\(": hint(
        "zip",
        _("optimizer.apply takes the two lists themselves, without `zip`, the gradients first."),
    ),
    r"type 'zip' has no len": hint(
        "length-of-zip",
        _("`zip` gives pairs one after the other, and has no length: list(zip(…)) has one."),
    ),
}

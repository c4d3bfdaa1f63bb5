"""Hints for errors of what a value does not have: a method, an operator, a truth value."""

from course.check.engine.hints import Hint, hint, set_for_dict
from course.messages import _

# Not of a container, a number or None, which lack `data.train`, say, for another reason.
_OF_PYTORCH = (
    r"^'(?!(list|tuple|dict|set|str|int|float|bool|NoneType|numpy\.\w+)')[\w.]+' "
    r"object has no attribute "
)

HINTS: dict[str, Hint] = {
    r"(?<!'NoneType') object has no attribute '"
    r"(permutation|permuted|shuffle|normal|uniform|standard_normal|integers|choice)'": hint(
        "no-generator",
        _(
            "this is not a random generator: are the arguments in the order of the function's "
            "first line? And np.random.default_rng(seed) makes a generator."
        ),
    ),
    r"has no attribute 'minimize'": hint(
        "minimize",
        _(
            "optimisers no longer have `minimize`: tape.gradient gives the gradients, and "
            "optimizer.apply takes the step."
        ),
    ),
    r"unhashable type(.*\n)*.*\{[^{}:]* for [^{}]*\}": set_for_dict(),
    r"object is not callable(.*\n)*.*\.(T|shape|size|ndim|dtype)\(\)": hint(
        "no-brackets", _("x.T, x.shape and x.size are not functions: no brackets after them.")
    ),
    r"'(numpy\.)?(u?int|float)\d*' object is not callable": hint(
        "missing-times",
        _(
            "there is a number before round brackets: is a * missing there, or does a number have "
            "the name of a function, such as sum?"
        ),
    ),
    r"Generator' object is not callable": hint(
        "method-of-rng",
        _("a generator draws by its methods: rng.permutation(n), rng.normal(…) and others."),
    ),
    r"'(numpy\.ndarray|list|tuple|dict|.*Tensor|.*Variable)' object is not callable": hint(
        "round-brackets",
        _(
            "round brackets call a function: is a * missing before them? Square brackets index "
            "arrays and dicts. Or does an array have the name of a function, such as sum?"
        ),
    ),
    r"Generator' object has no attribute '(rand|randn|randint|random_sample|seed)'": hint(
        "old-generator",
        _(
            "rand, randn and randint belong to np.random; a generator has random, "
            "standard_normal and integers."
        ),
    ),
    r"\bGenerator' object has no attribute": hint(
        "methods-of-generator",
        _(
            "a generator has no such method: rng.permutation(n) gives 0 to n - 1 in random order, "
            "rng.random(shape) numbers from 0 to 1, rng.normal(…) normal ones."
        ),
    ),
    r"Iterating over a symbolic": hint(
        "tensor-in-parts",
        _(
            "inside `map` and tf.function, `a, b = x` and list comprehensions cannot take a tensor "
            "apart: x[0] and x[1] are its parts."
        ),
    ),
    r"SymbolicTensor' object (has no attribute|cannot be)|symbolic `?tf\.Tensor|"
    r"not '?SymbolicTensor": hint(
        "no-numbers-yet",
        _(
            "inside `map` and tf.function there are no numbers yet, only a plan of the "
            "computation: use TensorFlow's own functions there, such as tf.pad and "
            "tf.reduce_mean, not NumPy or .numpy()."
        ),
    ),
    r"KerasTensor'? object has no attribute|KerasTensor cannot be used": hint(
        "layers-only",
        _(
            "while a model is being built there are no numbers yet, only a plan of the "
            "computation: go on with Keras's layers."
        ),
    ),
    r"(Tensor|Variable)'? object has no attribute '(all|any|max|mean|min|prod|std|sum|var)'": hint(
        "reduce",
        _(
            "a TensorFlow tensor has no such method: tf.reduce_mean(x), tf.reduce_sum(x), "
            "tf.reduce_max(x) … are functions."
        ),
    ),
    rf"{_OF_PYTORCH}'(backward|zero_grad|requires_grad_?|grad|step)'": hint(
        "backward-of-pytorch",
        _(
            "that is PyTorch's way. Here a tape records: model and loss inside "
            "`with tf.GradientTape() as tape:`, then tape.gradient(value, variables), and the "
            "optimiser's apply(gradients, variables)."
        ),
    ),
    rf"{_OF_PYTORCH}'(parameters|named_parameters|state_dict|load_state_dict)'": hint(
        "parameters-of-pytorch",
        _(
            "that is PyTorch's name. In Keras they are model.trainable_variables, and their values "
            "model.get_weights()."
        ),
    ),
    rf"{_OF_PYTORCH}'(eval|train|forward)'": hint(
        "modes-of-pytorch",
        _("that is PyTorch's way. Keras takes it in the call: model(images, training=True)."),
    ),
    r"(Tensor|Variable)'? object has no attribute '(detach|item|cpu|tolist)'": hint(
        "value-of-tensor", _("x.numpy() gives the values of a TensorFlow tensor x.")
    ),
    r"(Tensor|Variable)'? object has no attribute '(view|unsqueeze|squeeze|permute|flatten)'": hint(
        "shape-of-tensor",
        _(
            "a TensorFlow tensor has no such method: tf.reshape, tf.expand_dims, tf.squeeze and "
            "tf.transpose are functions."
        ),
    ),
    r"(Tensor|Variable)'? object has no attribute": hint(
        "tensor-attribute",
        _(
            "a TensorFlow tensor has no such method: np.asarray(x) turns it into a NumPy array, "
            "and tf.transpose, tf.cast, tf.reshape … are TensorFlow's own."
        ),
    ),
    r"'numpy\.\w+' object has no attribute 'numpy'": hint(
        "numpy-already", _("this is one of NumPy's arrays or numbers already: no .numpy().")
    ),
    r"'numpy\.ndarray' object has no attribute": hint(
        "array-attribute",
        _(
            "an array has no such method: append and index belong to lists, and list(x) makes "
            "one. For arrays, look for a function: np.… or tf.…"
        ),
    ),
    r"'(list|tuple|float|int)' object has no attribute '(shape|ndim|dtype|T|astype|reshape|"
    r"mean|sum|max|min|argmax)'": hint(
        "no-array", _("this is not an array: np.array(…) turns it into one.")
    ),
    r"unsupported operand type\(s\) for .*'dict'": hint(
        "whole-dict",
        _("you cannot calculate with a dict: go through its names, `for name in …`."),
    ),
    r"unsupported operand type\(s\) for .*'(list|tuple|str)'|multiply sequence by non-int|"
    r"dtype\('<U": hint(
        "plain-list",
        _(
            "you cannot calculate with a list, a tuple or a string (such as a dict's key), only "
            "repeat it a whole number of times: np.array(…) makes an array of its numbers; go "
            "through several arrays one by one; and round(…) or int(…) makes a count a whole "
            "number."
        ),
    ),
    r"truth value of an array(.*\n)*.*\bndindex\(\w+\).*$": hint(
        "shape-for-ndindex", _("np.ndindex takes a shape: np.ndindex(x.shape).")
    ),
    r"truth value of an array(.*\n)*.*\bif \(?(?!x\b)\w+ *[<>]=? *-?[\d.]+\)?( else\b|:).*$": hint(
        "sum-or-where",
        _(
            "should this be one number? Then a sum is missing: w·x is np.sum(w * x), or w @ x. "
            "To choose number by number in an array, there is np.where."
        ),
    ),
    r"(Expected bool for argument 'transpose|truth value of an array)(.*\n)*.*\bmatmul\(": hint(
        "third-of-matmul",
        _(
            "tf.matmul multiplies two matrices; its third argument is transpose_a. Add what is to "
            "be added afterwards, with +."
        ),
    ),
    r"truth value of an array": hint(
        "truth-value",
        _(
            "`if`, `and`, `or`, `not`, `in`, `a < x < b` and Python's max, min and sorted need "
            "one True or False, not a whole array: compare one number at a time, or use what "
            "takes arrays: np.max, np.maximum, np.where, `&` and `|`."
        ),
    ),
    r"'(float|int|numpy\.(float|u?int)\d+)' object has no attribute "
    r"'(ceil|floor|round|sqrt|exp|log|abs)'": hint(
        "method-of-number",
        _(
            "a number has no such method: it goes into the brackets of a function, math.ceil(x) or "
            "round(x)."
        ),
    ),
    r"has no attribute 'ln'": hint(
        "natural-logarithm", _("the natural logarithm is np.log or tf.math.log.")
    ),
    r"'(builtin_function_or_method|method|function)'|has 0, gufunc(.*\n)*.*\.transpose\b(?!\()|"
    r"convert a value \(<(\w*Loss|function|bound|built-in)": hint(
        "brackets-of-a-call",
        _("to call something, write round brackets after it, as in x.copy() or loss(T, Y)."),
    ),
    r"'dict' object has no attribute '(iter\w+|item)'": hint(
        "items-of-dict", _("`for name, value in d.items()` goes through the whole dict.")
    ),
    r"'dict' object has no attribute '(shape|ndim|size|T|dtype|astype|mean|sum|max|min)'": hint(
        "whole-dict",
        _("you cannot calculate with a dict: go through its names, `for name in …`."),
    ),
    r"'dict' object has no attribute": hint(
        "entry-of-dict",
        _("entries of a dict are read and written in square brackets: d[name]."),
    ),
    r"'range' object does not support item assignment": hint(
        "immutable-range",
        _("a range cannot be changed: list(range(n)) can, and rng.permutation(n) is new."),
    ),
    r"'tuple' object does not support item assignment": hint(
        "immutable-tuple",
        _("a tuple cannot be changed: make a new list each time, list(…), or an array."),
    ),
    r"(Tensor|Variable)' object does not support item assignment": hint(
        "immutable-tensor",
        _("a TensorFlow tensor cannot be changed in place: start from a NumPy array."),
    ),
}

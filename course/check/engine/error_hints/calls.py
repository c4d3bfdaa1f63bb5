"""Hints for errors of calls: arguments too many, missing, misnamed or in the wrong place."""

from course.check.engine.hints import Hint, hint
from course.messages import _

# The first argument of a call, then a second one that is neither an axis nor a word for one.
_FIRST = r"(?:[^][(),]|\((?:[^()]|\([^()]*\))*\)|\[(?:[^][]|\[[^][]*\])*\])*"
_NO_AXIS = rf"\({_FIRST},(?! *((axis|axes|keepdims)\b|-?\d+ *[,)]|[\[(] *-?\d))"
# What NumPy and TensorFlow say where an axis is expected.
_WANTS_AXIS = (
    r"(float\d*' object cannot be interp|^integer argument expected, got float|"
    r"only integer scalar arrays can be|has no attribute '__index__'|"
    r"attr 'Tidx' of (float|double)|^Cannot convert .* to EagerTensor of dtype int)(.*\n)*.*"
)

HINTS: dict[str, Hint] = {
    r"(Cannot interpret 'True' as a|return arrays must be)(.*\n)*.*"
    r"\b(sum|mean|max|min)\(.*True": hint(
        "keepdims-by-name", _("write this argument by name: keepdims=True.")
    ),
    r"Cannot interpret '\d+' as a data(.*\n)*.*\b(zeros|ones|empty|full)\(|"
    r"^Cannot convert '\d+' to a shape|order must be str(.*\n)*.*\breshape\(|"
    r"^(zeros|ones|reshape)\(\) takes from|"
    r"^Too many arguments were given(.*\n)*.*\breshape\(": hint(
        "shape-in-brackets",
        _(
            "a shape goes into brackets of its own: np.zeros((n, k)), keras.Input((28, 28)); "
            "a shape of one number has a comma, (784,)."
        ),
    ),
    r"Cannot interpret '-?[\d.]+' as a data(.*\n)*.*\barray\([^[(]": hint(
        "one-list", _("np.array takes all numbers in one list: np.array([a, b]).")
    ),
    r"^(maximum|minimum)\(\) takes from .* but 1 ": hint(
        "largest-of-rows",
        _("np.maximum compares two arrays; np.max(x, axis=1) finds the largest of each row."),
    ),
    r"^(maximum|minimum)\(\) takes from|"
    r"return arrays must be(.*\n)*.*\.(maximum|minimum)\(": hint(
        "two-arrays",
        _("np.maximum compares two arrays: np.max([a, b, c], axis=0) takes more of them."),
    ),
    r"^(normal|uniform|standard_normal|random|integers)\(\) takes at most": hint(
        "size-in-brackets",
        _("several sizes go into brackets of their own: size=(rows, columns)."),
    ),
    # A number has no axis: where it stands first, the larger of two is meant.
    rf"{_WANTS_AXIS}\b(np\.a?|reduce_)(max|min){_NO_AXIS}.*$|"
    r"(^'list' object cannot be interp|out of bounds for array of dim|Invalid reduction dim)"
    r"(.*\n)*.*\b(np\.a?|reduce_)(max|min)\( *-?\d[\d.]* *,.*$": hint(
        "larger-of-two",
        _(
            "np.max and np.min take one array, and an axis second: np.maximum and np.minimum "
            "compare two, and so do tf.maximum and tf.minimum; Python's max compares numbers."
        ),
    ),
    rf"{_WANTS_AXIS}\b(np\.|reduce_)(sum|mean|prod|arg\w+|sort|std|var){_NO_AXIS}.*$": hint(
        "axis-second",
        _(
            "np.sum, np.mean, np.argsort … take one array, and an axis second: first make one "
            "array from the two, such as a * b."
        ),
    ),
    r"fit\(\) got multiple values for argument '(batch_size|epochs)'": hint(
        "third-of-fit",
        _(
            "the third argument of `fit` is batch_size, the fourth epochs: write epochs=… and "
            "validation_data=… by name."
        ),
    ),
    r"(attribute|argument|arguments .*:) \{?'\w*(regular|[Nn]ormal|initial|optim)is": hint(
        "american-spelling",
        _("Keras writes a z: regularizers, initializers, optimizers, BatchNormalization."),
    ),
    r"Received: <keras\S*regularizers": hint(
        "regularizer-for-layer",
        _(
            "a regulariser is not a layer: a layer takes it by name, "
            "layers.Dense(…, kernel_regularizer=…)."
        ),
    ),
    r"regularizer identifier: [\d.]": hint(
        "regularizer",
        _("a regulariser is an object, made from the number: keras.regularizers.L2(number)."),
    ),
    r"has no attribute 'removeprefix'": hint(
        "monitor-first",
        _("the first argument of EarlyStopping is the name of a curve: write patience=… by name."),
    ),
    r"optimizer identifier: <class|set_model\(\) missing|Received: <class|"
    r"'type' object does not support the context manager": hint(
        "class-for-object",
        _("this is a class: call it, with brackets after it, for an object."),
    ),
    r"optimizer identifier: .*([Ll]oss|entropy)": hint(
        "optimizer-first",
        _("`compile` takes the optimiser first, then the loss."),
    ),
    r"MeanSquaredError.*unexpected keyword argument 'from_logits'": hint(
        "no-logits",
        _("a regression ends in the number itself: MeanSquaredError knows of no logits."),
    ),
    r"(Argument `name` must|Expected `trainable` to|not iterable)(.*\n)*.*"
    r"Sequential\((?! *[\[*])|"
    r"Sequential\.__init__\(\) takes": hint(
        "layers-in-a-list",
        _("keras.Sequential takes its layers in one list: keras.Sequential([…, …])."),
    ),
    r"Received: (?!inputs=)\w+=<[Kk]eras[Tt]ensor": hint(
        "layer-then-call",
        _(
            "first make the layer, then call it: layers.Flatten()(x). Its settings go into "
            "the first brackets."
        ),
    ),
    r"should be passed as a keyword argument: (True|False) ": hint(
        "training-by-name", _("write this argument by name: model(images, training=True).")
    ),
    r"should be passed as a keyword argument: <(?!class)": hint(
        "layer-for-tensor",
        _(
            "here a layer is given another layer: is a comma missing between the two, or a call "
            "that turns one of them into a tensor, layers.Dense(…)(x)?"
        ),
    ),
    r"(argument |not recognized: \{)'from_logits'": hint(
        "setting-of-the-loss",
        _("from_logits is a setting of the loss: make it as an object, and set it there."),
    ),
    r"compile\(\) got an unexpected keyword argument '(lr|learning_rate)'": hint(
        "setting-of-the-optimizer",
        _(
            "the learning rate is a setting of the optimiser: "
            "keras.optimizers.Adam(learning_rate=…)."
        ),
    ),
    r"return arrays must be of ArrayType": hint(
        "one-array",
        _(
            "np.sqrt, np.exp, np.log … take one array: calculate that first, np.sqrt(a / b). "
            "np.log has the base e, np.log2 the base 2."
        ),
    ),
    r"^(sum|max|min)\(\) got an unexpected keyword argument '(axis|keepdims)'|"
    r"^'(axis|keepdims)' is an invalid keyword argument for (sum|max|min)": hint(
        "python-function",
        _("this is Python's own sum, max or min: np.sum, np.max … take axis and keepdims."),
    ),
    r"^(relu6?|sigmoid|tanh|softmax|linear|[gs]?elu|soft\w+)\(\) missing"
    r"(.*\n)*.*(activation=|Dense\()": hint(
        "activation-called",
        _('an activation is named, not called: activation="relu", without brackets after it.'),
    ),
    r"^\w*(crossentropy|error)\(\) missing \d+ required positional": hint(
        "loss-class",
        _(
            "in lower case this is a function of targets and outputs: an object is made by the "
            "class of the same name, such as keras.losses.MeanSquaredError()."
        ),
    ),
    r"^(add|subtract|multiply|divide|exp)\(\) got an unexpected keyword argument "
    r"'(axis|keepdims)'": hint(
        "keepdims-of-mean",
        _("axis and keepdims go into the brackets of the sum, the mean or the maximum itself."),
    ),
    r"'str' object cannot be interpreted as an int(.*\n)*.*\baxis *= *['\"]": hint(
        "axis-by-number",
        _("an axis is a number: axis=0 goes down the columns, axis=1 along the rows."),
    ),
    r"depth must be a scalar(.*\n)*.*one_hot\(": hint(
        "order-of-one-hot", _("tf.one_hot takes the labels first, then the number of classes.")
    ),
    r"output array is not acceptable(.*\n)*.*\bdot\(": hint(
        "third-of-dot",
        _("np.dot multiplies two arrays: what is added to the product follows after it, with +."),
    ),
    r"invalid number of arguments(.*\n)*.*np\.gradient\(": hint(
        "np-gradient",
        _("np.gradient takes many values of a function: here you measure f on both sides of x."),
    ),
    r"^f\(\) takes 1 positional argument": hint(
        "one-argument-of-f", _("f takes the whole array as one argument: f(x), without a star.")
    ),
    r"[Mm]issing (\d+ )?required positional argument": hint(
        "argument-missing",
        _("an argument is missing in this call: `help` shows which arguments it takes."),
    ),
    r"unexpected keyword argument|keyword arguments passed to|^Argument\(s\) not recog": hint(
        "argument-name",
        _("this function has no argument of this name: `help` shows which it has."),
    ),
    r"^The `factor` argument should be a number(.*\n)*.*\bRandomTranslation\(": hint(
        "factor-of-size",
        _(
            "such a factor is a share of the size, not a number of pixels; and the layer moves "
            "images by fractions of a pixel. A window of a padded image moves by whole ones."
        ),
    ),
    r"'tuple' object cannot be interp(.*\n)*.*\b(eye|identity|rand|randn|range)\(\(": hint(
        "inner-brackets",
        _("np.eye, range … take their numbers without inner brackets: np.eye(3, 4)."),
    ),
    r"only integer scalar arrays can be(.*\n)*.*(concatenate|stack)\((?![\[(])": hint(
        "arrays-in-a-list",
        _("the arrays go into a list of their own: np.concatenate([a, b])."),
    ),
    rf"'list' object cannot be interpreted as an int(.*\n)*.*(axis=|\({_FIRST}, *)\[": hint(
        "axes-in-brackets",
        _("several axes go in round brackets: axis=(0, 1)."),
    ),
    r"list.append\(\) takes exactly one argument \((?!0)": hint(
        "pair-to-append",
        _("append takes one thing: put a pair in brackets, append((a, b))."),
    ),
    r"expected a sequence of integers or a single integer(.*\n)*.*\b(normal|uniform)\(": hint(
        "size-last",
        _("the size comes last: rng.normal(mean, deviation, size)."),
    ),
}

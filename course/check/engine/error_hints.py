"""Hints for errors by their texts, as Python, NumPy, TensorFlow and Keras put them."""

from course.check.engine.hints import Hint, elementwise, hint, set_for_dict
from course.messages import _


def _as_many_axes(*counts):
    """A pattern for two shapes that do not fit, though both have this many axes."""
    two = (rf"\(\d+(,\d+){{{n - 1}}}\) \(\d+(,\d+){{{n - 1}}}\)" for n in counts)
    as_tensors = (rf"\[\d+(,\d+){{{n - 1}}}\] vs\. \[\d+(,\d+){{{n - 1}}}\]" for n in counts)
    return rf"together with shapes ({'|'.join(two)})|Incompatible shapes: ({'|'.join(as_tensors)})"


# The first argument of a call, then a second one that is neither an axis nor a word for one.
_FIRST = r"(?:[^][(),]|\((?:[^()]|\([^()]*\))*\)|\[(?:[^][]|\[[^][]*\])*\])*"
_NO_AXIS = rf"\({_FIRST},(?! *((axis|axes|keepdims)\b|-?\d+ *[,)]|[\[(] *-?\d))"
_SLICES = r"[^][,:]*:[^][,]*(,[^][,:]*:[^][,]*|, *\.\.\.)*"
# What NumPy and TensorFlow say where an axis is expected.
_WANTS_AXIS = (
    r"(float\d*' object cannot be interp|^integer argument expected, got float|"
    r"only integer scalar arrays can be|has no attribute '__index__'|"
    r"attr 'Tidx' of (float|double)|^Cannot convert .* to EagerTensor of dtype int)(.*\n)*.*"
)

# Not of a container, a number or None, which lack `data.train`, say, for another reason.
_OF_PYTORCH = (
    r"^'(?!(list|tuple|dict|set|str|int|float|bool|NoneType|numpy\.\w+)')[\w.]+' "
    r"object has no attribute "
)

# Patterns for the text of an error, which the learner's own lines that led to it follow. The first
# that fits counts, so what is more special stands first. Show the hints with `hints.translated`.
ERROR_HINTS: dict[str, Hint] = {
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
    r"non-broadcastable output operand": hint(
        "in-place-shape",
        _(
            "`+=` and the like write into the array on their left, whose shape stays as it "
            "is: write b = b + …, or give the result a name of its own."
        ),
    ),
    r"label value of .* outside the valid range": hint(
        "label-out-of-range",
        _(
            "a sparse cross-entropy takes labels from 0 to one less than the number of outputs. Is "
            "this the loss for these labels? A model that is compiled already needs no `compile`."
        ),
    ),
    r"not sufficient to split": hint(
        "validation-data",
        _("there are validation digits already: pass them to `fit` as validation_data."),
    ),
    r"Input to reshape(.*\n)*.*\.gradient\(\w+, *\w+, *\w+\)": hint(
        "gradient-list",
        _("the variables go to tape.gradient in a list: tape.gradient(loss, [W, b])."),
    ),
    r"(cannot reshape array of size|Input to reshape is a tensor with)(.*\n)*.*"
    r"reshape\(.*(-1|len\(\w+\)|shape\[0\]), *(784|28, *28)\b.*$": hint(
        "size-of-digits",
        _(
            "784, or 28 and 28, is the size of the digits, and these images have another: a model "
            "takes them as they are, and anywhere else the sizes come from x.shape."
        ),
    ),
    r"cannot reshape array of size|Input to reshape is a tensor with": hint(
        "other-count",
        _(
            "a new shape must hold just as many numbers: take its sizes from the array, "
            "len(x) or x.shape; -1 stands for the one that follows from the others."
        ),
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
            "a plain number leaves no trace on the tape. tape.gradient takes the loss as the "
            "tensor that TensorFlow computed inside the `with`, without `float` or `.numpy()`, "
            "and then a tf.Variable, a list of them, or tensors that the tape watches."
        ),
    ),
    r"^Passed in object": hint(
        "watched-array",
        _("a tape watches tensors: turn the array into one, x = tf.constant(x), and watch that."),
    ),
    r"Variable' object has no attribute '(assign|sub|add|minus|update)": hint(
        "methods-of-box",
        _("a variable has the methods assign, assign_add and assign_sub."),
    ),
    r"does not support item assignment(.*\n)*.*\.numpy\(\)\[": hint(
        "copy-of-the-box",
        _("x.numpy() is a copy of what is in the box: x.assign and x.assign_sub change the box."),
    ),
    r"(?<!'NoneType') object has no attribute '"
    r"(permutation|permuted|shuffle|normal|uniform|standard_normal|integers|choice)'": hint(
        "no-generator",
        _(
            "this is not a random generator: are the arguments in the order of the function's "
            "first line? And np.random.default_rng(seed) makes a generator."
        ),
    ),
    r"(?<!'NoneType') object has no attribute 'assign": hint(
        "not-a-box",
        _(
            "only a tf.Variable can be assigned to: not a list of them, not an array, and not "
            "the plain tensor that is called w after `w = w - step`."
        ),
    ),
    r"non-persistent GradientTape can only": hint(
        "gradient-once",
        _(
            "ask the tape once, for all variables in a list: tape.gradient(loss, [W, b]). And "
            "it must be the tape of the `with` block: `with tf.GradientTape() as tape:`."
        ),
    ),
    r"only supports singleton tf\.Variables": hint(
        "made-inside",
        _(
            "TensorFlow runs this function more than once, and a variable or a generator "
            "may be made only once: make it before, outside of the function."
        ),
    ),
    r"thus has no defined output(?!(.*\n)*.*\bget_layer\()(.*\n)*.*\bmodel\.output\b": hint(
        "output-of-the-whole",
        _(
            "model.output would be that of the whole model, which has `outputs`, with an s, "
            "until it is called. A single layer has an `output` of its own."
        ),
    ),
    r"has never been called and thus has no defined": hint(
        "inputs",
        _(
            "a model that has not been called yet has `inputs` and `outputs`, with an s: "
            "model.inputs. Its layers have `output`."
        ),
    ),
    r"cannot add a different Input layer|"
    r"^too many positional arguments(.*\n)*.*= \w+\(\w+\)": hint(
        "input-layer",
        _("the first of these layers is an InputLayer, which computes nothing: leave it out."),
    ),
    r"EarlyStopping callback received monitor=": hint(
        "monitor",
        _("EarlyStopping watches val_loss unless you say otherwise: leave monitor out."),
    ),
    r"File not found: filepath=": hint(
        "not-saved-yet",
        _(
            "there is no model at this path: save it there as a whole, model.save(path), before "
            "you load it."
        ),
    ),
    r"The filename must end in `.weights.h5`": hint(
        "weights-alone",
        _("the weights alone are not the whole model: model.save(path) saves all of it."),
    ),
    r"has no attribute 'load(_model)?'": hint(
        "load-function", _("load_model is a function in keras.models, not a model's method.")
    ),
    r"Invalid filepath extension(.*\n)*.*['\"]path['\"]": hint(
        "quoted-argument",
        _("path in quotation marks is a string: without them, it is the argument."),
    ),
    r"^No such layer: (.*\n)*.*get_layer\(['\"]": hint(
        "fixed-name", _("layer_name says which layer is meant: do not use a fixed name.")
    ),
    r"Invalid filepath extension(.*\n)*.*\bsave_model\( *(path|\w*file\w*|['\"])": hint(
        "model-first", _("save_model takes the model first, and then the path.")
    ),
    r"SavedModel file does not exist": hint(
        "other-loader", _("a file that ends in .keras is read by keras.models.load_model.")
    ),
    r"module 'keras\S*' has no attribute 'save'": hint(
        "save-method", _("save is a method of the model: model.save(path).")
    ),
    r"property 'trainable_\w+' of .* has no setter": hint(
        "trainable-itself",
        _("this list cannot be set: it follows from `trainable`, which is True or False."),
    ),
    r"expected axis -1 of input shape(.*\n)*.*"
    r"(\bget_layer\([^()]*\)|\blayer)\( *model\.inputs?\b": hint(
        "layer-without-those-before",
        _(
            "this calls the layer on the images, without the layers before it. Its output in "
            "the model is there already: layer.output."
        ),
    ),
    r"expected shape=.*, found shape=(.*\n)*.*\breturn .*\.predict\(": hint(
        "model-without-images",
        _(
            "the model takes images of another shape. Is a model asked for? Then return the "
            "model itself, and run it in another cell."
        ),
    ),
    r"depth must be evenly divisible by number of groups": hint(
        "channels-of-filters",
        _(
            "the image has another number of channels than the filters take. Was it padded? "
            "np.pad(image, 1) puts zeros around the channels, too: their pair is (0, 0)."
        ),
    ),
    r"argument must be a tuple of \d integers(.*\n)*.*"
    r"\b(strides|kernel_size|dilation_rate)=['\"]\d": hint(
        "number-in-quotation-marks",
        _("write a number without quotation marks, as in strides=2."),
    ),
    # The same length for the rows and the columns of a window.
    r"(shape-mismatch for sum|broadcast together|Incompatible shapes)(.*\n)*.*"
    r"\+ *([a-z]\w*) *,[^],]*\+ *\3 *\]": hint(
        "square-window",
        _(
            "print the shapes of both. A window has kh rows and kw columns, as the filter has, "
            "and here the same length is used for both. And at the edge of an array it is cut "
            "short: pad the image first."
        ),
    ),
    r"`(inputs|outputs)` values must be KerasTensors": hint(
        "layer-for-output",
        _("keras.Model takes tensors, such as model.inputs and layer.output, not layers or names."),
    ),
    r"'(Sequential|Functional)' object is not subscriptable|"
    r"list indices must be integers.* not str(.*\n)*.*\.layers\[|"
    r"between instances of '(int|str)'(.*\n)*.*\bget_layer\(index=": hint(
        "get-layer", _("model.get_layer(name) finds a layer by its name.")
    ),
    r"'Functional' object has no attribute 'add'": hint(
        "add-to-functional",
        _("only a Sequential has `add`: go on from the model's output, or stack both in one."),
    ),
    r"\bConv2D\.__init__\(\) got multiple values|"
    r"The `padding` argument must be .* Received: (relu|sigmoid|tanh|softmax)": hint(
        "fourth-of-convolution",
        _(
            "padding is the fourth argument of Conv2D, after the strides: write activation=… by "
            "name."
        ),
    ),
    r"Kernel shape must have the same length as input": hint(
        "one-image-in",
        _("keras.Input takes the shape of one image, without the batch axis: (28, 28, 1)."),
    ),
    r"^'(int|tuple|list)' object has no attribute 'lower'(.*\n)*.*\bpadding *=": hint(
        "padding-in-words",
        _('padding is "same" or "valid", in words: Keras works out how many zeros that takes.'),
    ),
    r"weight list of length \d+, but the layer was expecting": hint(
        "arrays-of-layer",
        _(
            "set_weights takes as many arrays as get_weights gives: the weights, then the biases; "
            "with use_bias=False a layer has none."
        ),
    ),
    r"only be called for the variables it was originally built with": hint(
        "optimizer-of-another",
        _(
            "an optimiser belongs to the model that it was built for, and cannot train a copy: "
            "train `model` itself."
        ),
    ),
    r"non-rectangular Python sequence(.*\n)*.*from_tensor_slices\(": hint(
        "pair-of-arrays",
        _(
            "arrays of different shapes go in as a pair, in round brackets: "
            "from_tensor_slices((images, labels)); a list would become one array."
        ),
    ),
    r"parameter '(begin|size|multiples|paddings)' has DataType float": hint(
        "whole-shifts",
        _("whole numbers are needed here: rng.uniform draws them with dtype=tf.int32."),
    ),
    r"The `strides` argument must be .* Received strides=[a-z]": hint(
        "third-of-convolution",
        _("strides belong in this place: write padding=… and activation=… by name."),
    ),
    r"`inputs` argument cannot be empty": hint(
        "no-inputs",
        _("an InputLayer has no input of its own: model.inputs is what the model takes."),
    ),
    r"Shape must be rank 3 but is rank 4 for .*Pad": hint(
        "whole-batch",
        _(
            "what is padded has one axis more than there are pairs of numbers. After `batch`, "
            "`map` gets whole batches: put `map` before it. And it is from_tensor_slices that "
            "gives the examples one by one, not from_tensors."
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
    r"type 'zip' has no len": hint(
        "zip",
        _(
            "`zip` gives pairs one after the other, and has no length: list(zip(…)) has one. "
            "optimizer.apply takes the two lists themselves, the gradients first."
        ),
    ),
    r"`target` and `output` must have the same rank": hint(
        "one-hot-targets",
        _(
            "this loss wants targets in the shape of the outputs, such as one-hot ones; "
            "sparse_categorical_crossentropy takes labels that are whole numbers."
        ),
    ),
    r"target\.shape=(\(\d+,\)), output\.shape=\1": hint(
        "winner-only",
        _("this loss takes one number for each class, as the model gives them: no arg max."),
    ),
    r"`output` must have rank \(ndim\) `target.ndim - 1`|`labels.shape.rank` must equal": hint(
        "targets-first",
        _(
            "a loss takes the targets first, then the outputs; and a sparse one takes labels "
            "that are whole numbers, one for each example."
        ),
    ),
    r"logits and labels must be broadcastable|`target` and `output` must have the same shape": hint(
        "columns-of-targets",
        _("targets have a column for each logit: take the number of classes from the shape."),
    ),
    r"(Crossentropy|Error|Huber)\.__init__\(\) (got multiple values|takes)": hint(
        "made-then-called",
        _(
            "this makes a loss: its settings go into these brackets, targets and outputs into "
            "those after them, keras.losses.MeanSquaredError()(targets, outputs)."
        ),
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
    r"^Expected an instance of list, got": hint(
        "list-of-targets",
        _(
            "a loss takes targets and outputs as arrays or tensors, not one of them as a list: "
            "np.array([label]), or labels[i : i + 1]."
        ),
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
    r"'NoneType' object|NoneType'|values \(None\)": hint(
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
    r"has no attribute 'minimize'": hint(
        "minimize",
        _(
            "optimisers no longer have `minimize`: tape.gradient gives the gradients, and "
            "optimizer.apply takes the step."
        ),
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
    r"unhashable type(.*\n)*.*\{[^{}:]* for [^{}]*\}": set_for_dict(),
    r"[Mm]issing (\d+ )?required positional argument": hint(
        "argument-missing",
        _("an argument is missing in this call: `help` shows which arguments it takes."),
    ),
    r"unexpected keyword argument|keyword arguments passed to|^Argument\(s\) not recog": hint(
        "argument-name",
        _("this function has no argument of this name: `help` shows which it has."),
    ),
    r"math range error|Numerical result out of range": hint(
        "exp-too-large",
        _(
            "math.exp overflows above 709, and ** just as soon: no larger number fits. Write the "
            "formula so that exp gets no large positive number: exp(-t) goes to 0."
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
    r"inhomogeneous shape": hint(
        "other-shapes",
        _(
            "all that goes into one array must have the same shape. Several results are "
            "returned side by side: return a, b."
        ),
    ),
    r"setting an array element with a sequence": hint(
        "one-number-each",
        _("each place of an array takes one number: print what you write there."),
    ),
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
    r"SymbolicTensor' object has no attribute|symbolic tf\.Tensor|not '?SymbolicTensor": hint(
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
    r"array split does not result in an equal division": hint(
        "places-of-cuts",
        _(
            "np.split cuts into equal parts, or at places that you name: np.split(x, [k]) cuts "
            "once, before place k, and range(size, n, size) names a place after every `size`."
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
    r"must match exactly(.*\n)*.*\bwhere\([^,()]*\)(?!\[)": hint(
        "tuple-of-where",
        _("np.where gives a tuple with one array for each axis: np.where(…)[0] is the first."),
    ),
    r"can't contain negative values|Paddings must be non-negative": hint(
        "negative-padding",
        _("where the number of zeros comes out below 0, none are needed: max(number, 0)."),
    ),
    r"^The `factor` argument should be a number(.*\n)*.*\bRandomTranslation\(": hint(
        "factor-of-size",
        _(
            "such a factor is a share of the size, not a number of pixels; and the layer moves "
            "images by fractions of a pixel. A window of a padded image moves by whole ones."
        ),
    ),
    r"shape-mismatch for sum": hint(
        "window-shape",
        _(
            "print both shapes. Has the window kh rows and kw columns, where filters.shape is "
            "(kh, kw, in, out)? With too few zeros it is cut short at the edge. And tensordot sums "
            "over two axes unless you say how many: the last of the first array, and the first of "
            "the second."
        ),
    ),
    r"In\[0\] and In\[1\] has different ndims": hint(
        "matrix-and-vector",
        _(
            "TensorFlow multiplies a matrix by a matrix, and one of these two has another "
            "number of axes: print both shapes."
        ),
    ),
    # Shapes that a matrix product would take, in a line that does no more than multiply.
    r"(together with shapes \(\d+,(\d+)\) \(\2,\d+\)|"
    r"Incompatible shapes: \[\d+,(\d+)\] vs\. \[\3,\d+\])(.*\n)*"
    r"(?!.*([-@]|rate|decay|momentum|beta|\d \*)).*\w \* [A-Za-z].*$": elementwise(),
    # The same, where one factor is transposed: only a matrix product can be meant.
    r"(together with shapes \(\d+,(\d+)\) \(\2,\d+\)|"
    r"Incompatible shapes: \[\d+,(\d+)\] vs\. \[\3,\d+\])(.*\n)*"
    r".*(\w \* [A-Za-z]\w*\.T\b|\w\.T \* [A-Za-z]).*$": elementwise(),
    _as_many_axes(3, 4): hint(
        "smaller-patch",
        _(
            "print the shapes of both sides. What is cut out at the edge of an image may be "
            "smaller than the rest: in a convolution, pad the image first."
        ),
    ),
    _as_many_axes(2): hint(
        "other-sizes",
        _(
            "print the shapes of both sides: in each axis they must be equally long, or one of "
            "them 1. `.T` exchanges rows and columns."
        ),
    ),
    r"^shape mismatch: indexing arrays": hint(
        "indices-in-pairs",
        _(
            "indices in brackets go in pairs, a row and a column: both arrays must be equally "
            "long, np.arange(n) with n = len(labels)."
        ),
    ),
    r"(could not be broadcast together|Incompatible shapes|must be broadcastable)(.*\n)*.*"
    r"(\blabels *\*(?!\*)|[^*]\* *labels\b)": hint(
        "labels-as-one-hot",
        _(
            "labels are the numbers of the classes here, not one-hot rows: they say which column "
            "of each row counts."
        ),
    ),
    r"operands could not be broadcast together|Incompatible shapes|must be broadcastable": hint(
        "broadcasting",
        _(
            "print the shapes of both sides. axis=1 gives one result for each row, axis=0 one "
            "for each column; the axis is lost unless you say keepdims=True."
        ),
    ),
    r"(mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned)"
    r"(.*\n)*.*\bdense_backward\(": hint(
        "order-of-helper",
        _(
            "dense_backward takes the inputs of a layer, its weights and the gradient with respect "
            "to its sums, and gives dX, dW, db, in this order. Print the shapes of what goes in: "
            "is each of them what its name says?"
        ),
    ),
    r"Matrix size-incompatible(.*\n)*.*\btranspose_[ab]\b": hint(
        "transpose-of-matmul",
        _(
            "print the shapes of both factors. tf.matmul transposes the first one with "
            "transpose_a=True, the second one with transpose_b=True."
        ),
    ),
    r"(mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned)"
    r"(.*\n)*.*(\w\.T\b|\btranspose\().*$": hint(
        "is-transposed",
        _(
            "print the shapes of both factors: the second must have as many rows as the first has "
            "columns. Which of the two has to be transposed, if any?"
        ),
    ),
    r"^all the input array(s must have same| dimensions)": hint(
        "parts-of-other-shapes",
        _(
            "print the shapes of the parts: they must differ only along the axis on which they are "
            "joined. np.where gives a tuple: its [0] is the array of indices."
        ),
    ),
    r"data_format.*Received: data_format=(relu|sigmoid|tanh|softmax|elu|gelu|linear)": hint(
        "place-of-data-format",
        _('this place is not that of the activation: give its name, as in activation="relu".'),
    ),
    r"mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned": hint(
        "matrix-shapes",
        _(
            "print the shapes of both factors: the second must have as many rows as the first "
            "has columns. `.T` exchanges rows and columns."
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
    r"(float' object is not subscriptable|non-iterable float)(.*\n)*.*"
    r"\b(evaluate|(train|test)_on_batch)\(": hint(
        "loss-alone",
        _(
            "the loss comes alone, as one number, where the model has no metrics: no [0] after "
            "it; return_dict=True gives a dict, with or without metrics."
        ),
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
    r"'tuple' object cannot be interp(.*\n)*.*\b(eye|identity|rand|randn|range)\(\(": hint(
        "inner-brackets",
        _("np.eye, range … take their numbers without inner brackets: np.eye(3, 4)."),
    ),
    r"'tuple' object cannot be interpreted as an int": hint(
        "whole-shape",
        _("a shape is a tuple, with the length of each axis: x.shape[0], or len(x), is the first."),
    ),
    r"only integer scalar arrays can be(.*\n)*.*(concatenate|stack)\((?![\[(])": hint(
        "arrays-in-a-list",
        _("the arrays go into a list of their own: np.concatenate([a, b])."),
    ),
    rf"'list' object cannot be interpreted as an int(.*\n)*.*(axis=|\({_FIRST}, *)\[": hint(
        "axes-in-brackets",
        _("several axes go in round brackets: axis=(0, 1)."),
    ),
    r"only integer scalar arrays can be|'list' object cannot be interpreted as an int": hint(
        "one-whole-number",
        _(
            "one whole number belongs here, not several: len(x) says how many there are, and "
            "x[i] is one of them. A list takes one at a time: np.array(rows)[order] takes many."
        ),
    ),
    r"^Only integers, slices.* got (array|\[|<tf\.Tensor: shape=\(\d)": hint(
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
    r"list.append\(\) takes exactly one argument \((?!0)": hint(
        "pair-to-append",
        _("append takes one thing: put a pair in brackets, append((a, b))."),
    ),
    r"cannot access (local|free) variable": hint(
        "own-name",
        _(
            "a name that gets a value anywhere in a function is local to it: give it a value "
            "there before you use it, whichever branch of an `if` runs."
        ),
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
    r"must be (4-dimensional|rank 4)|must have 2 spatial|expected ndim=4, found": hint(
        "batch-axis",
        _(
            "TensorFlow takes a batch of images, (n, height, width, channels): give it "
            "image[tf.newaxis], and take the first of what comes back, [0]."
        ),
    ),
    r"^Data cardinality is ambiguous": hint(
        "as-many-labels",
        _("there must be as many labels as images: are both from the same pair?"),
    ),
    r"expected min_ndim=4, found ndim=2": hint(
        "flat-images",
        _(
            "a convolution takes images, with height, width and channels, and it gets rows of "
            "numbers here: is there a Flatten before it, in a loop, say?"
        ),
    ),
    r"expected min_ndim=4, found ndim=3": hint(
        "channel-axis",
        _("a convolution needs an axis for the channels: grey images have the shape (28, 28, 1)."),
    ),
    r"expected axis -1 of input shape.*received input with shape \(None"
    r"(?!(.*\n)*.*\.(fit|predict|evaluate)\()": hint(
        "layer-used-twice",
        _(
            "a layer keeps the input width that it met first: for another width make a new "
            "layer, layers.Dense(…)."
        ),
    ),
    r"Expected shape \(None, (.+)\), but input has incompatible shape \(\1\)": hint(
        "single-image",
        _("a model takes a batch: a single image needs a batch axis, image[tf.newaxis]."),
    ),
    r"Invalid input shape for input|expected axis -1 of input shape": hint(
        "other-input",
        _(
            "the model takes arrays of another shape: is this an argument of the function, or "
            "an array of another cell?"
        ),
    ),
    r"expected a sequence of integers or a single integer(.*\n)*.*\b(normal|uniform)\(": hint(
        "size-last",
        _("the size comes last: rng.normal(mean, deviation, size)."),
    ),
    r"activation function.*: '?[Nn]one\b": hint(
        "none-as-text",
        _("None in quotation marks is a string: leave the marks out, or the whole argument."),
    ),
    r"Could not interpret activation function|Unknown activation function": hint(
        "activation-name",
        _('names of activations are written in lower case: "relu", "sigmoid", "softmax".'),
    ),
}

"""Hints for errors of Keras models: their layers, inputs and files."""

from course.check.engine.hints import Hint, hint
from course.messages import _

HINTS: dict[str, Hint] = {
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
    r"argument must be a tuple of \d integers(.*\n)*.*"
    r"\b(strides|kernel_size|dilation_rate)=['\"]\d": hint(
        "number-in-quotation-marks",
        _("write a number without quotation marks, as in strides=2."),
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
    r"The `strides` argument must be .* Received strides=[a-z]": hint(
        "third-of-convolution",
        _("strides belong in this place: write padding=… and activation=… by name."),
    ),
    r"`inputs` argument cannot be empty": hint(
        "no-inputs",
        _("an InputLayer has no input of its own: model.inputs is what the model takes."),
    ),
    r"data_format.*Received: data_format=(relu|sigmoid|tanh|softmax|elu|gelu|linear)": hint(
        "place-of-data-format",
        _('this place is not that of the activation: give its name, as in activation="relu".'),
    ),
    r"must be (4-dim|4 or 5-dim|rank 4)|must have 2 spatial|expected ndim=4, found": hint(
        "batch-axis",
        _(
            "TensorFlow takes a batch of images, (n, height, width, channels): give it "
            "image[tf.newaxis], and take the first of what comes back, [0]."
        ),
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
    r"activation function.*: '?[Nn]one\b": hint(
        "none-as-text",
        _("None in quotation marks is a string: leave the marks out, or the whole argument."),
    ),
    r"Could not interpret activation function|Unknown activation function": hint(
        "activation-name",
        _('names of activations are written in lower case: "relu", "sigmoid", "softmax".'),
    ),
}

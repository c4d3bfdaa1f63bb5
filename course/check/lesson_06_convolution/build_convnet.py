"""The check of build_convnet: its layers, and what it computes with weights that are known.

Whatever weights it comes with, it is given others, of which the result is known, and its own are
put back. A mistake is a network as well: its hint is shown if it gives what the answer gave.
"""

import numpy as np
import scipy.special

from course.backend import tf
from course.check.engine import wording
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.networks import (
    check_built,
    check_own_network,
    known_weights,
    layers_of,
    no_model,
)
from course.check.engine.properties import DEVIATIONS
from course.messages import _
from course.silence import silence

_STRIDES = (1, 2, 2)
_RATE = 0.25
_HIGH = 20.0


def build_convnet(answer, seed=0):
    """Nothing -> a Keras model, (n, 28, 28, 1) in and (n, 10) out, with 244,076 parameters."""
    attempt = Attempt(answer, "build_convnet()")
    result = attempt.call()
    model = result.value
    check_own_network(result, model, "convolutional-dropout")
    _check_model(result, model)
    rng = np.random.default_rng([5, seed])
    images = rng.uniform(size=(2, 28, 28, 1)).astype(np.float32)
    Y = _output(result, model, images)
    if Y.shape != (2, 10):
        result.fail(
            _("build_convnet must return a model with ten outputs for each image."),
            expected=_("shape {shape} for 2 images").format(shape=(2, 10)),
            got=_("shape {shape}").format(shape=Y.shape),
            hint=hint(
                "ten-outputs",
                _("Flatten stands before the dense layers, and the last one has 10 neurons."),
            ),
        )
    _check_layers(result, model, images, Y)
    _check_shapes(result, model)
    with known_weights(model):
        _check_outputs(result, model, images, rng)
        _check_dropout(result, model)


def _check_model(result, model):
    """Check for a Keras model that has its weights and takes digits."""
    if model is None:
        result.array((), "")  # says that nothing was returned
    if not callable(model) or not hasattr(model, "count_params") or isinstance(model, type):
        result.fail(
            _("build_convnet must return a Keras model."),
            expected=_("a model such as keras.Sequential([...]), when called as build_convnet()"),
            got=wording.kind_text(model),
            hint=no_model(model),
        )
    check_built(result, model, 244076, "(28, 28, 1)")
    shape = _input_shape(model)
    if shape and shape[1:] not in ((28, 28, 1), (None, None, 1)):
        result.fail(
            _("build_convnet must return a model that takes images of shape (28, 28, 1)."),
            got=_("{shape} in").format(shape=shape[1:]),
            hint=hint("input", _("start with keras.Input((28, 28, 1)).")),
        )


def _output(result, model, images, training=False):
    """What the model gives for the images, as an array; an error in it becomes a message."""
    try:
        with silence():
            return np.asarray(model(images, training=training), np.float64)
    except Exception as error:
        result.fail(
            _("build_convnet must return a model that takes images of shape (28, 28, 1)."),
            got=wording.error_text(error),
            hint=hint("input", _("start with keras.Input((28, 28, 1))."))
            if _input_shape(model)[:1] != (None,)  # else it starts so, and the error is another
            else None,
        )


def _input_shape(model):
    """The shape that a model takes; empty if it does not say, as a class of one's own need not."""
    try:
        return tuple(model.input_shape)
    except Exception:
        return ()


# The layers -------------------------------------------------------------------------------------


def _layers():
    """Of each layer with parameters: its name, the shape of its weights, that of its output."""
    return (
        (_("convolution 1"), (6, 6, 1, 6), (28, 28, 6)),
        (_("convolution 2"), (5, 5, 6, 12), (14, 14, 12)),
        (_("convolution 3"), (4, 4, 12, 24), (7, 7, 24)),
        (_("dense layer 1"), (1176, 200), (200,)),
        (_("dense layer 2"), (200, 10), (10,)),
    )


def _check_layers(result, model, images, Y):
    """Send images through the layers and check each one's shapes.

    If the layers do not simply follow one another, so that Y does not come out, nothing is said.
    """
    found, x, is_pooled = [], images, False
    try:
        with silence():
            for layer in layers_of(model):
                has_weights = len(getattr(layer, "weights", ())) > 0
                x = _through(layer, x)
                is_pooled |= _is_pooling(layer)
                if has_weights:
                    found.append(type(layer).__name__)
                    _check_layer(result, len(found), layer, tuple(x.shape[1:]), is_pooled)
            in_line = np.allclose(x, Y, atol=1e-4)
    except CheckFailed:
        raise
    except Exception:
        in_line = False
    if len(found) == len(_layers()) or not in_line:
        return
    result.fail(
        _("build_convnet must return a model with five layers that have parameters."),
        expected=_("3 convolutions and 2 dense layers"),
        got=", ".join(found) or _("none"),
    )


def _through(layer, x):
    """What a layer makes of x when the network is not training."""
    kind = type(layer).__name__
    if (
        "Dropout" in kind
        or kind.startswith("Random")
        or kind in ("BatchNormalization", "GaussianNoise")
    ):
        return layer(x, training=False)
    return layer(x)


def _is_pooling(layer):
    return "Pooling" in type(layer).__name__


def _check_layer(result, number, layer, shape, is_pooled):
    """Check the weights and the output of the layer with this number, from 1 on."""
    got = [tuple(weight.shape) for weight in layer.weights]
    if number > len(_layers()):
        result.fail(
            _("build_convnet must return a model with five layers that have parameters."),
            got=_("one more: {kind} with {shape}").format(kind=type(layer).__name__, shape=got[0]),
        )
    name, weights, output = _layers()[number - 1]
    expected = [weights, weights[-1:]]
    if shape != output and weights == got[0]:
        result.fail(
            _("build_convnet: {layer} must give the right shape.").format(layer=name),
            expected=_("an output of shape {shape}").format(shape=output),
            got=_("an output of shape {shape}").format(shape=shape),
            hint=_output_hint(shape, output, is_pooled),
        )
    if got != expected:
        bias = _("; biases {shape}").format(shape=weights[-1:])
        result.fail(
            _("build_convnet: {layer} must have the right weights.").format(layer=name),
            expected=_("weights {shape}").format(shape=weights) + bias,
            got=_("{kind} with {shapes}").format(
                kind=type(layer).__name__, shapes="; ".join(map(str, got))
            ),
            hint=_weights_hint(got, expected, layer),
        )


def _output_hint(shape, output, is_pooled):
    """What is behind another shape of an output, if it is one of a convolution."""
    if not len(shape) == len(output) == 3:
        return None
    if shape[0] < output[0] and not is_pooled:
        return hint("padding", _('padding="same" keeps the edges; the strides are 1, 2 and 2.'))
    return _without_pooling()


def _without_pooling():
    return hint(
        "strides", _("the second and third convolution step by strides=2, without pooling.")
    )


def _weights_hint(got, expected, layer):
    """What is behind other weights, if their shapes tell."""
    kind = type(layer).__name__
    if kind != "Conv2D" and "Conv" in kind:
        text = _("the text asks for Conv2D: {kind} computes something else.")
        return hint("kind-of-convolution", text.format(kind=kind))
    if got == expected[:1]:
        return hint("no-biases", _("the biases are missing: leave use_bias as it is."))
    if kind == "BatchNormalization":
        return hint(
            "batch-norm", _("this network comes without batch norm; your challenge may have it.")
        )
    if len(expected[0]) == 2 and len(got[0]) == 4:
        return hint(
            "three-convolutions",
            _("after three convolutions come Flatten and the dense layers."),
        )
    if len(expected[0]) == 2 and len(got[0]) == 2 and got[0][1] == expected[0][1]:
        return hint(
            "flattened-size",
            _(
                "Flatten comes straight after the third convolution, without pooling, and hands "
                "over 7 * 7 * 24 = 1,176 numbers."
            ),
        )
    if len(got[0]) == 4 and got[0][:2] == (expected[0][3],) * 2 and got[0][3] in expected[0][:2]:
        return hint(
            "filters-first",
            _("Conv2D takes the number of filters first, and then their size: Conv2D(12, 5)."),
        )
    if len(got[0]) == 4 and got[0][:2] != expected[0][:2]:
        return hint("kernels", _("the filters are 6x6, then 5x5, then 4x4 pixels."))
    return hint("table", _("6, 12 and 24 filters; then 200 neurons, then 10."))


def _check_shapes(result, model):
    """Check for the weights of the table, and for no others."""
    got = sorted(tuple(weight.shape) for weight in model.weights)
    expected = sorted(
        shape for _name, weights, _out in _layers() for shape in (weights, weights[-1:])
    )
    if got != expected:
        result.fail(
            _("build_convnet must return a model with the weights of the table."),
            expected=_("244,076 parameters: {shapes}").format(shapes="; ".join(map(str, expected))),
            got="; ".join(map(str, got)),
            hint=hint(
                "summary", _("`build_convnet().summary()` shows the parameters of every layer.")
            ),
        )


# What it computes -------------------------------------------------------------------------------


def _set(model, kernels, biases):
    """Give the model these kernels and biases, whatever the order of its layers."""
    by_shape = {np.shape(value): value for value in (*kernels, *biases)}
    model.set_weights([by_shape[tuple(weight.shape)] for weight in model.weights])


def _forward(
    images, kernels, biases, *, activations=(tf.nn.relu,) * 4, dilations=(1, 1, 1), after=None
):
    """The ten sums of the network for these images; other activations make a mistake of it."""
    x = tf.constant(images)
    for kernel, bias, stride, activation, dilation in zip(
        kernels[:3], biases[:3], _STRIDES, activations[:3], dilations, strict=True
    ):
        x = activation(tf.nn.conv2d(x, kernel, stride, "SAME", dilations=dilation) + bias)
    x = activations[3](tf.reshape(x, (len(images), -1)) @ kernels[3] + biases[3])
    sums = np.asarray(x @ kernels[4] + biases[4], np.float64)
    return after(sums) if after else sums


def _softmax(sums):
    return scipy.special.softmax(sums, axis=-1)


_ENDINGS = (lambda sums: sums, _softmax)


def _check_outputs(result, model, images, rng):
    """Check that the network gives the sums of the table's, or their softmax.

    The second time, a neuron of each hidden layer is far from 0, where a ReLU may be cut off.
    """
    shapes = [weights for _name, weights, _output in _layers()]
    tries = []
    for high in (0, _HIGH):
        kernels = [
            rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype(np.float32)
            for shape in shapes
        ]
        biases = [rng.normal(0, 0.3, shape[-1:]).astype(np.float32) for shape in shapes]
        for bias in biases[:4]:
            bias[0] += high
        kernels[4] /= 1 + high  # so that softmax has no clear winner
        _set(model, kernels, biases)
        tries.append((_output(result, model, images), images, (kernels, biases)))
    again = _output(result, model, images)
    if not np.allclose(tries[-1][0], again, atol=1e-6):
        result.fail(
            _("build_convnet must return a model that always gives the same when not training."),
            hint=hint(
                "always-dropping", _("do not call a dropout layer with training=True yourself.")
            ),
        )

    def gives(**changes):
        return any(
            all(
                _is_close(got, _forward(scale * x, *weights, **changes))
                for got, x, weights in tries
            )
            for scale in (1, 1 / 255)  # a Rescaling may come first
        )

    if any(gives(after=ending) for ending in _ENDINGS):
        return
    likely = _ENDINGS[int(np.allclose(tries[0][0].sum(axis=1), 1, atol=1e-3))]
    demand, found, got = _mistake_of(gives, likely)
    if not demand and not found and any(map(_is_pooling, layers_of(model))):
        found = _without_pooling()
    wanted, shown = _first_difference(tries, likely)
    result.fail(
        demand
        or _(
            "build_convnet must return a model that computes what the table says, with "
            'activation="relu" after each hidden layer.'
        ),
        expected=None if demand else wanted,
        got=got or shown,
        hint=found,
    )


def _first_difference(tries, ending):
    """The ten numbers that are expected for an image and those that came, where they differ."""
    return next(
        wording.pair_texts(wanted, came, ())
        for got, images, weights in tries
        for wanted, came in zip(ending(_forward(images, *weights)), got, strict=True)
        if not _is_close(came, wanted)
    )


def _is_close(got, expected):
    return np.allclose(got, expected, rtol=1e-3, atol=1e-4)


def _mistake_of(gives, likely):
    """The demand, the hint and the words for what a network gives: three of None if unknown.

    `likely` is what seems to follow the ten sums: softmax, or nothing.
    """
    for ending, its_hint in _other_endings().items():
        if gives(after=ending):
            return (
                _("build_convnet must end in ten logits, or in a single softmax."),
                its_hint,
                None,
            )
    for dilations in ((2, 1, 1), (3, 1, 1)):
        if gives(dilations=dilations, after=likely):
            return None, hint("dilation", _("leave dilation_rate as it is.")), None
    curves = _other_curves()
    for name, curve in curves.items():
        for places in ((0, 1, 2, 3), (0, 1, 2), (3,), (0,), (1,), (2,)):
            chosen = tuple(curve if place in places else tf.nn.relu for place in range(4))
            if gives(activations=chosen, after=likely):
                layer = _layers()[places[0]][0]
                if name == "linear":
                    return (
                        _("build_convnet: {layer} must be followed by an activation.").format(
                            layer=layer
                        ),
                        hint("no-activation", _('activation="relu": a layer has none by itself.')),
                        _("none: two such layers in a row are worth a single one"),
                    )
                return (
                    _("build_convnet: {layer} must be followed by ReLU.").format(layer=layer),
                    hint("not-ReLU", _('activation="relu" in every hidden layer.')),
                    name,
                )
    return None, None, None


def _other_endings():
    """What may follow the ten sums by mistake, with its hint."""
    twice = hint(
        "softmax-twice",
        _("two softmax in a row make all ten nearly equal: take one of them away."),
    )
    return {
        lambda sums: _softmax(_softmax(sums)): twice,
        lambda sums: _softmax(scipy.special.expit(sums)): hint(
            "softmax-of-sigmoid", _("take the sigmoid before softmax away.")
        ),
        lambda sums: _softmax(np.maximum(sums, 0)): hint(
            "softmax-of-ReLU", _("take the ReLU before softmax away.")
        ),
        lambda sums: np.maximum(sums, 0): hint(
            "ReLU-at-end", _("ReLU at the end loses every negative sum: leave it out.")
        ),
        scipy.special.expit: hint(
            "sigmoid-at-end",
            _("leave the sigmoid at the end out: it is for yes or no, not for one of ten."),
        ),
        np.tanh: hint("tanh-at-end", _("tanh is at the end: leave it out.")),
    }


def _other_curves():
    """Activations that are not ReLU, by name."""
    return {
        "linear": lambda x: x,
        "tanh": tf.tanh,
        "sigmoid": tf.sigmoid,
        "leaky ReLU": tf.nn.leaky_relu,
        "leaky_relu": lambda x: tf.nn.leaky_relu(x, 0.3),
        "leaky ReLU of 0.01": lambda x: tf.nn.leaky_relu(x, 0.01),
        "leaky ReLU of 0.1": lambda x: tf.nn.leaky_relu(x, 0.1),
        "elu": tf.nn.elu,
        "selu": tf.nn.selu,
        "gelu": tf.nn.gelu,
        "gelu, approximately": lambda x: tf.nn.gelu(x, approximate=True),
        "swish": tf.nn.swish,
        "relu6": tf.nn.relu6,
        "softplus": tf.nn.softplus,
        "softsign": tf.nn.softsign,
        "abs": tf.abs,
        "softmax": tf.nn.softmax,
    }


# Dropout ----------------------------------------------------------------------------------------


def _check_dropout(result, model):
    """Check that a quarter of the 200 activations is silenced while training, and nothing else.

    With these weights each hidden neuron has the same value; output j shows neuron j alone, and the
    last output nothing, so that the others can be compared with it behind a softmax as well. The
    first convolution gives its biases alone: what changes the images before it is not seen, but in
    the list of layers.
    """
    shapes = [weights for _name, weights, _output in _layers()]
    kernels = [np.full(shape, 1 / np.prod(shape[:-1]), np.float32) for shape in shapes]
    kernels[0] *= 0
    kernels[4] = np.eye(200, 10, dtype=np.float32) * (np.arange(10) < 9)
    biases = [np.zeros(shape[-1:], np.float32) for shape in shapes]
    biases[0] += 1
    biases[4] += 5
    _set(model, kernels, biases)
    if _drops_pixels(model):
        _fail_elsewhere(result, model)
    images = np.ones((400, 28, 28, 1), np.float32)
    seen = _output(result, model, images, training=True)
    plain = _forward(images[:1], kernels, biases)
    value = plain[0, 0] - 5
    if np.isfinite(seen).all() and np.ptp(seen, axis=0).max() < 1e-6:
        result.fail(
            _("build_convnet must return a model with dropout while it is training."),
            expected=_("with training=True, another result each time"),
            got=_("the same result for 400 equal images"),
            hint=hint("no-dropout", _("Dropout(0.25) stands after the layer of 200 neurons.")),
        )
    if np.allclose(seen.sum(axis=1), 1, atol=1e-3):
        seen = np.log(np.maximum(seen, 1e-30))
    shown = (seen[:, :9] - seen[:, 9:]) / value
    silenced = np.abs(shown) < 1e-3
    share = float(silenced.mean())
    scale = np.median(shown[~silenced]) if not silenced.all() else np.nan
    two_values = np.abs(shown - np.where(silenced, 0, scale)).max() < 0.01 * abs(scale)
    if not two_values or abs(scale * (1 - share) - 1) > 0.2:
        _fail_elsewhere(result, model)
    if abs(share - _RATE) > DEVIATIONS * np.sqrt(_RATE * (1 - _RATE) / shown.size):
        result.fail(
            _("build_convnet must have the dropout of the table."),
            expected=_("a rate of 0.25: a quarter is silenced"),
            got=_("a rate of about {rate:.2f}").format(rate=_told_rate(share, scale, shown.size)),
            hint=hint(
                "share-kept",
                _("the rate is the share that is silenced, not the share that is kept."),
            )
            if abs(share - 0.75) < 0.03
            else hint("rate", _("Dropout(0.25), as in the table.")),
        )


def _told_rate(share, scale, count):
    """The rate that the learner wrote, if what is left is scaled up for it; else the share."""
    written = 1 - 1 / scale
    luck = DEVIATIONS * np.sqrt(share * (1 - share) / count)
    return written if abs(written - share) <= luck else share


def _drops_pixels(model):
    """Whether a layer of dropout comes before any layer with weights, as far as can be told."""
    if type(model).__name__ not in ("Sequential", "Functional"):
        return False  # a class of one's own lists its layers in any order
    for layer in layers_of(model):
        if "Dropout" in type(layer).__name__ or len(getattr(layer, "weights", ())) > 0:
            return "Dropout" in type(layer).__name__
    return False


def _fail_elsewhere(result, model):
    """Say where dropout stands in place of the hidden layer, if the layers tell."""
    kinds = [type(layer).__name__ for layer in layers_of(model)]
    dense = [place for place, kind in enumerate(kinds) if kind == "Dense"]
    dropouts = [place for place, kind in enumerate(kinds) if kind == "Dropout"]
    others = [kind for kind in kinds if "Dropout" in kind and kind != "Dropout"]
    found, got = None, _("another kind of noise, or noise elsewhere")
    if others:
        got = others[0]
        text = _("layers.Dropout silences; {kind} does something else.")
        found = hint("kind-of-dropout", text.format(kind=got))
    elif len(dense) == 2 and dropouts and dropouts[-1] > dense[1]:
        got = _("dropout after the last layer")
        found = hint(
            "dropout-at-end", _("dropout on the outputs silences the right answer as well.")
        )
    elif len(dense) == 2 and len(dropouts) > 1:
        got = _("{count} layers of dropout").format(count=len(dropouts))
        found = hint("one-dropout", _("one Dropout, between the two dense layers."))
    elif len(dense) == 2 and dropouts and not dense[0] < dropouts[0] < dense[1]:
        got = _("dropout elsewhere only")
        found = hint("dropout-elsewhere", _("it belongs between the two dense layers."))
    result.fail(
        _("build_convnet must have dropout between the two dense layers, and nowhere else."),
        expected=_("each of the 200 activations 0, or divided by 0.75, while training"),
        got=got,
        hint=found,
    )

"""The check of build_convnet: its layers, and what it computes with weights that are known.

Whatever weights it comes with, it is given others, whose result is known, and its own are put
back. A mistake is a network as well: its hint is shown if it gives what the answer gave.
"""

import numpy as np
from scipy.special import expit

from course.check.engine import formatting
from course.check.engine.attempt import Attempt
from course.check.engine.chances import Silencing, is_off
from course.check.engine.hints import hint
from course.check.engine.returned_models import (
    check_built,
    check_own_network,
    is_pooling,
    known_weights,
    layers_of,
    no_model,
)
from course.check.lesson_06_convolution import convnet
from course.check.lesson_06_convolution.convnet_layers import (
    check_layers,
    check_shapes,
    layer_names,
    without_pooling_hint,
)
from course.check.references.lesson_01_softmax import softmax
from course.messages import _
from course.silence import silence

_RATE = 0.25
_HIGH = 20.0  # above 0, where a ReLU may be cut off


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
                _("Flatten comes before the dense layers, and the last one has 10 neurons."),
            ),
        )
    check_layers(result, model, images, Y)
    check_shapes(result, model)
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
            got=formatting.kind_text(model),
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
            got=formatting.error_text(error),
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


# What it computes -------------------------------------------------------------------------------


_ENDINGS = (lambda sums: sums, softmax)


def _check_outputs(result, model, images, rng):
    """Check that the network gives the sums of the table's, or their softmax."""
    tries = []
    for high in (0, _HIGH):
        weights = convnet.random_weights(rng, high)
        convnet.give(model, weights)
        tries.append((_output(result, model, images), images, weights))
    again = _output(result, model, images)
    if not np.allclose(tries[-1][0], again, atol=1e-6):
        result.fail(
            _("build_convnet must return a model that always gives the same when not training."),
            hint=hint(
                "always-dropping", _("do not call a dropout layer with training=True yourself.")
            ),
        )

    def gives(ending, **changes):
        return any(
            all(
                _is_close(got, ending(convnet.logits(scale * x, weights, **changes)))
                for got, x, weights in tries
            )
            for scale in (1, 1 / 255)  # a Rescaling may come first
        )

    if any(map(gives, _ENDINGS)):
        return
    likely = _ENDINGS[int(np.allclose(tries[0][0].sum(axis=1), 1, atol=1e-3))]
    demand, found, got = _mistake_of(gives, likely)
    if not demand and not found and any(map(is_pooling, layers_of(model))):
        found = without_pooling_hint()
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
        formatting.pair_texts(wanted, came, ())
        for got, images, weights in tries
        for wanted, came in zip(ending(convnet.logits(images, weights)), got, strict=True)
        if not _is_close(came, wanted)
    )


def _is_close(got, expected):
    return np.allclose(got, expected, rtol=1e-3, atol=1e-4)


def _mistake_of(gives, likely):
    """The demand, the hint and the words for what a network gives: three of None if unknown.

    `likely` is what seems to follow the ten sums: softmax, or nothing.
    """
    for its_hint, ending in _other_endings().items():
        if gives(ending):
            demand = _("build_convnet must end in ten logits, or in a single softmax.")
            return demand, its_hint, None
    for dilations in ((2, 1, 1), (3, 1, 1)):
        if gives(likely, dilations=dilations):
            return None, hint("dilation", _("leave dilation_rate as it is.")), None
    for name, curve in convnet.OTHER_CURVES.items():
        for places in ((0, 1, 2, 3), (0, 1, 2), (3,), (0,), (1,), (2,)):
            if gives(likely, activations=convnet.with_curve(curve, places)):
                return _other_curve(name, layer_names()[places[0]])
    return None, None, None


def _other_curve(name, layer):
    if name == "linear":
        return (
            _("build_convnet: {layer} must be followed by an activation.").format(layer=layer),
            hint("no-activation", _('activation="relu": a layer has none by itself.')),
            _("none: two such layers in a row are worth a single one"),
        )
    return (
        _("build_convnet: {layer} must be followed by ReLU.").format(layer=layer),
        hint("not-ReLU", _('activation="relu" in every hidden layer.')),
        name,
    )


def _other_endings():
    """What may follow the ten sums by mistake, by its hint."""
    return {
        hint(
            "softmax-twice",
            _("two softmaxes in a row make all ten nearly equal: take one of them away."),
        ): lambda sums: softmax(softmax(sums)),
        hint("softmax-of-sigmoid", _("take the sigmoid before softmax away.")): (
            lambda sums: softmax(expit(sums))
        ),
        hint("softmax-of-ReLU", _("take the ReLU before softmax away.")): (
            lambda sums: softmax(np.maximum(sums, 0))
        ),
        hint("ReLU-at-end", _("ReLU at the end loses every negative sum: leave it out.")): (
            lambda sums: np.maximum(sums, 0)
        ),
        hint(
            "sigmoid-at-end",
            _("leave the sigmoid at the end out: it is for yes or no, not for one of ten."),
        ): expit,
        hint("tanh-at-end", _("tanh is at the end: leave it out.")): np.tanh,
    }


# Dropout ----------------------------------------------------------------------------------------


def _check_dropout(result, model):
    """Check that a quarter of the 200 activations is silenced while training, and nothing else.

    What changes the images before the first convolution is seen in the list of layers alone.
    """
    weights = convnet.transparent_weights()
    convnet.give(model, weights)
    if _drops_pixels(model):
        _fail_elsewhere(result, model)
    images = np.ones((400, 28, 28, 1), np.float32)
    seen = _output(result, model, images, training=True)
    value = convnet.logits(images[:1], weights)[0, 0] - 5
    if np.isfinite(seen).all() and np.ptp(seen, axis=0).max() < 1e-6:
        result.fail(
            _("build_convnet must return a model with dropout while it is training."),
            expected=_("with training=True, a different result each time"),
            got=_("the same result for 400 equal images"),
            hint=hint("no-dropout", _("Dropout(0.25) comes after the layer of 200 neurons.")),
        )
    if np.allclose(seen.sum(axis=1), 1, atol=1e-3):
        seen = np.log(np.maximum(seen, 1e-30))
    silencing = Silencing.of((seen[:, :9] - seen[:, 9:]) / value)
    if silencing is None:
        _fail_elsewhere(result, model)
    if is_off(silencing.share, _RATE, silencing.count):
        share_kept = hint(
            "share-kept", _("the rate is the share that is silenced, not the share that is kept.")
        )
        result.fail(
            _("build_convnet must have the dropout of the table."),
            expected=_("a rate of 0.25: a quarter is silenced"),
            got=_("a rate of about {rate:.2f}").format(rate=silencing.rate),
            hint=share_kept
            if abs(silencing.share - 0.75) < 0.03
            else hint("rate", _("Dropout(0.25), as in the table.")),
        )


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

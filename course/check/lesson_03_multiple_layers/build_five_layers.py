"""The check of build_five_layers: its layers, that they bend, and that it ends in logits.

However the network was built, it is given weights whose result is known; its own are put back
afterwards.
"""

import numpy as np
from scipy.special import expit

from course.check.engine import formatting
from course.check.engine.attempt import Attempt
from course.check.engine.compiled import takes_logits
from course.check.engine.dense_chain import DenseChain
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.returned_models import (
    activations_of,
    check_built,
    known_weights,
    layers_of,
    no_model,
    settings_of,
    shares_weights,
)
from course.check.lesson_03_multiple_layers.five_layers_weights import check_weights
from course.check.references.lesson_01_softmax import softmax
from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.messages import _
from course.silence import silence

_SHAPES = ((784,), (28, 28), (28, 28, 1))
_MIN_SCALE = 0.1  # by which a Rescaling may multiply the pixels


def build_five_layers(answer, seed=0):
    """Nothing -> a Keras model, digits in and ten logits out, with 185,300 parameters."""
    attempt = Attempt(answer, "build_five_layers()")
    rng = np.random.default_rng([37, seed])
    result, network = _network(attempt, rng)
    check_weights(result, network)
    try:
        with silence(), known_weights(network.model):
            _check_nothing_silenced_at_the_end(result, network, rng)
            _check_ending(result, network, rng)
            for number in network.hidden:
                _check_neurons_apart(result, network, number)
            for number in network.hidden:
                _check_bend(result, network, number)
    except CheckFailed:
        raise
    except Exception as error:
        result.fail(
            _("build_five_layers must return a model that can be asked again and again."),
            got=formatting.error_text(error),
        )
    _check_loss(result, network.model)
    _check_scale(result, network.model)
    _check_new(result, network.model, attempt.call().value)


# A model of digits ------------------------------------------------------------------------------


def _network(attempt, rng):
    """The model that the answer returns, with images of a shape that it takes."""
    X = rng.uniform(size=(7, 784))
    result = attempt.call()
    shapes = _check_model(result)
    others = []  # that did not give ten outputs
    for number, shape in enumerate(shapes):
        if number:
            result = attempt.call()
            _check_model(result)
        network = DenseChain(result.value, shape, WIDTHS)
        try:
            found = network(X).shape
        except Exception as error:
            found = error
        if found == (7, 10):
            return result, network
        others.append((result, found))
    result, found = next((one for one in others if isinstance(one[1], tuple)), others[0])
    if isinstance(found, Exception):
        result.fail(
            _("build_five_layers must return a model that takes digits of shape (28, 28)."),
            got=formatting.error_text(found),
            hint=_input() if len(shapes) > 1 else None,  # else the model says which it takes
        )
    return result.fail(
        _("build_five_layers must return a model with ten outputs for each digit."),
        expected=_("shape {shape} for 7 digits").format(shape=(7, 10)),
        got=_("shape {shape}").format(shape=found),
        hint=hint("ten-outputs", _("the last layer has 10 neurons, one for each digit."))
        if len(found) == 2
        else hint("flatten-first", _("put Flatten before the dense layers.")),
    )


def _check_model(result):
    """Check that it is a model; the shapes of images to try."""
    model = result.value
    if model is None:
        result.array((), "")  # says that nothing was returned
    if not callable(model) or not hasattr(model, "get_weights") or isinstance(model, type):
        result.fail(
            _("build_five_layers must return a Keras model."),
            expected=_("keras.Sequential([...]) or the like, when called as build_five_layers()"),
            got=formatting.kind_text(model),
            hint=no_model(model),
        )
    check_built(result, model, 185300, "(28, 28)")
    return _shapes(result, model)


def _shapes(result, model):
    """The shapes of images to try: the one that the model declares, or all."""
    try:
        declared = model.input_shape
    except Exception:
        return _SHAPES
    if declared is None:
        return _SHAPES
    if isinstance(declared, list | tuple) and len(declared) == 1:
        declared = declared[0]
    declared = tuple(declared)[1:] if isinstance(declared, list | tuple) else declared
    if declared in _SHAPES:
        return (declared,)
    if isinstance(declared, tuple) and None in declared:
        return _SHAPES
    return result.fail(
        _("build_five_layers must return a model that takes digits of shape (28, 28)."),
        expected=_("(28, 28) in; or (784,), or (28, 28, 1)"),
        got=_("{shape} in").format(shape=declared),
        hint=_input(),
    )


def _input():
    return hint("input", _("start with keras.Input((28, 28)) and Flatten."))


# What it computes -------------------------------------------------------------------------------


def _check_nothing_silenced_at_the_end(result, network, rng):
    """Check that no logit becomes 0 in training, as dropout after the output would make it."""
    near = [value + rng.normal(0, 0.1, value.shape) for value in network.start]
    network.model.set_weights(near)
    X = rng.uniform(size=(60, 784))
    silenced = (network(X, training=True) == 0) & (network(X) != 0)
    if (silenced.any(axis=1) & ~silenced.all(axis=1)).any():
        result.fail(
            _("build_five_layers must end in ten logits, in training as well."),
            got=_("logits that are 0 in training, different ones each time"),
            hint=hint("dropout-at-end", _("dropout may follow a hidden layer, not the output.")),
        )


def _other_endings():
    """What may follow the last sums by mistake, by its hint."""
    return {
        hint(
            "softmax-at-end",
            _(
                "softmax is at the end: leave it out, as in Dense(10). The loss computes softmax "
                "itself, with from_logits=True."
            ),
        ): softmax,
        hint(
            "log-softmax-at-end",
            _("log_softmax is at the end: leave it out, as in Dense(10). The loss takes logits."),
        ): lambda sums: np.log(softmax(sums)),
        hint(
            "softmax-twice",
            _("softmax is taken twice, and logits need none at all: the last layer is Dense(10)."),
        ): lambda sums: softmax(softmax(sums)),
        hint(
            "softmax-along-batch",
            _("softmax runs along the batch here; leave it out, the last layer is Dense(10)."),
        ): lambda sums: np.full(10, 1 / 3),
        hint("sigmoid-at-end", _("sigmoid is at the end: leave it out, as in Dense(10).")): expit,
        hint(
            "ReLU-at-end",
            _("ReLU at the end loses every negative sum; leave it out, as in Dense(10)."),
        ): lambda sums: np.maximum(sums, 0),
        hint(
            "tanh-at-end",
            _("tanh at the end keeps every logit between -1 and 1; leave it out, as in Dense(10)."),
        ): np.tanh,
        hint(
            "softmax-of-ReLU", _("softmax of ReLU is at the end: leave both out, as in Dense(10).")
        ): lambda sums: softmax(np.maximum(sums, 0)),
        hint(
            "softmax-of-sigmoid",
            _("softmax of sigmoid is at the end: leave both out, as in Dense(10)."),
        ): lambda sums: softmax(expit(sums)),
    }


def _check_ending(result, network, rng):
    """Check that the last ten sums come out as they are."""
    asked = [np.round(rng.normal(0, scale, 10), 2) for scale in (1.0, 4.0)]
    answers = [network.ending(sums) for sums in asked]
    differences = [
        formatting.pair_texts(sums, row, ())
        for Y, sums in zip(answers, asked, strict=True)
        for row in Y
        if not np.allclose(row, sums, 2e-3, 2e-4)
    ]
    if not differences:
        return

    def all_are(ending):
        pairs = zip(answers, map(ending, asked), strict=True)
        return all(np.allclose(Y, value, 2e-3, 2e-4) for Y, value in pairs)

    expected, got = differences[0]
    result.fail(
        _("build_five_layers must end in ten logits: the sums of the last layer as they are."),
        expected=expected,
        got=got,
        hint=next((text for text, ending in _other_endings().items() if all_are(ending)), None),
    )


def _check_neurons_apart(result, network, number):
    if network.has_neurons_apart(number):
        return
    inside = {"softmax", "log_softmax"} & set(activations_of(network.model)[:-1])
    softmax_inside = hint(
        "softmax-inside",
        _(
            "softmax makes neurons compete for a sum of 1, and hardly anything gets through. A "
            'hidden layer has an activation such as "relu".'
        ),
    )
    result.fail(
        _("build_five_layers: the neurons of layer {number} must act by themselves.").format(
            number=number
        ),
        got=_("the activation of one neuron depends on the sums of the others"),
        hint=softmax_inside if inside else None,
    )


def _check_bend(result, network, number):
    bends = network.bends(number)
    if bends is None:
        result.fail(
            _("build_five_layers: what layer {number} computes must reach the outputs.").format(
                number=number
            ),
            got=_("the same outputs, whatever the sums of its neurons are"),
        )
    if not bends:
        result.fail(
            _("build_five_layers: layer {number} must be followed by an activation.").format(
                number=number
            ),
            expected=_('activation="relu", or another that bends'),
            got=_("none: two such layers in a row are worth a single one"),
            hint=hint("no-activation", _("Dense has no activation unless you ask for one.")),
        )


# What else it comes with ------------------------------------------------------------------------


def _check_loss(result, model):
    """Check that a model that comes compiled has a loss that takes its outputs for logits."""
    if takes_logits(model) is False:
        result.fail(
            _("build_five_layers must not be compiled with a loss that wants probabilities."),
            got=_("logits at the end, and a loss that takes them for probabilities"),
            hint=hint(
                "loss-from-logits",
                _(
                    "compile it with keras.losses.SparseCategoricalCrossentropy(from_logits=True), "
                    "or return it without compiling."
                ),
            ),
        )


def _check_scale(result, model):
    """Check that no Rescaling makes the pixels so small that the network hardly learns."""
    for layer in layers_of(model):
        scale = settings_of(layer).get("scale") if type(layer).__name__ == "Rescaling" else None
        if isinstance(scale, dict):  # as Keras writes an array or a tensor
            scale = scale["config"]["value"]
        if scale is not None and np.abs(scale).max() < _MIN_SCALE:
            result.fail(
                _("build_five_layers must take the pixels as they are: between 0 and 1."),
                got=_("pixels that are multiplied by {scale:.4g} first").format(
                    scale=float(np.max(scale))
                ),
                hint=hint(
                    "scaled-again",
                    _("the pixels have been divided by 255 already: leave the Rescaling out."),
                ),
            )


def _check_new(result, model, other):
    """Check that a second model is another one, with weights of its own."""
    with silence():
        are_shared = shares_weights(model, other)
    if are_shared:
        result.fail(
            _("build_five_layers must return a new model each time that it is called."),
            got=_("a model that shares its layers with the one before"),
            hint=hint(
                "shared-layers",
                _(
                    "what it returns was made before the function was called, so all of its models "
                    "share their weights: make the model and its layers inside the function."
                ),
            ),
        )

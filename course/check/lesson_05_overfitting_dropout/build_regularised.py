"""The check of build_regularised: what it computes, its penalty, and its dropout.

The model is given weights whose result is known; its own are put back afterwards.
"""

import contextlib
import itertools

import numpy as np
import scipy.special

from course.check.engine import formatting
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.engine.returned_models import check_built, known_weights, layers_of, no_model
from course.check.references.lesson_01_softmax import softmax
from course.messages import _

_SHAPES = ((784, 200), (200,), (200, 100), (100,), (100, 10), (10,))
_PARAMETERS = 178_110
_DRAWS = 3_000  # images whose dropout is looked at: a rate is then known to 0.01
_TWO_SIZES = np.array([0.25, 0.75])  # of weights whose penalty is looked at
_AS_L1 = np.mean(_TWO_SIZES) / np.mean(_TWO_SIZES**2)  # their sum, over that of their squares
_OF_HIDDEN_BIASES = 300 / 310  # of the penalty of all biases
_SIZE_SLACK = 0.2  # five standard deviations


def _cases(rng):
    """Rates in tenths, so that they can be told from one another."""
    for rate in (0.2, 0.6):
        yield Case({"rate": rate, "weight_decay": float(np.round(rng.uniform(0.001, 0.1), 4))})
    yield Case({"rate": 0.0, "weight_decay": 0.0}, stage=1)


def _observe(result):
    """Of known weights: the outputs, the penalty of each kind, and the rates of dropout."""
    check_kind(
        result,
        "model",
        _("build_regularised must return a Keras model."),
        no_model(result.value),
    )
    model = result.value
    check_built(result, model, _PARAMETERS, "(28, 28)")
    shapes = [tuple(np.shape(value)) for value in model.get_weights()]
    if shapes != list(_SHAPES):
        result.fail(
            _("build_regularised must return a model with dense layers of 200, 100, 10 neurons."),
            expected=_("178,110 parameters: {shapes}").format(shapes=_listed(_SHAPES)),
            got=_listed(shapes) or _("none"),
            hint=hint(
                "layers",
                _(
                    "Flatten, then three Dense layers of 200, 100 and 10 neurons, in this order, "
                    "with their biases."
                ),
            ),
        )
    with known_weights(model):
        outputs = _outputs(result, model)
        _check_penalised(result, model)
        return {"outputs": outputs, "penalty": _penalties(model)} | _dropout(model)


def _listed(shapes):
    return "; ".join(map(str, shapes))


def _outputs(result, model):
    rng = np.random.default_rng(9)
    model.set_weights([rng.normal(0, 0.1, shape) for shape in _SHAPES])
    X = rng.normal(size=(3, 28, 28)).astype(np.float32)
    try:
        outputs = np.asarray(model(X, training=False))
    except Exception as error:
        result.fail(
            _("build_regularised must return a model that takes digits of shape (28, 28)."),
            got=formatting.error_text(error),
            hint=hint("input", _("start with keras.Input((28, 28)) and Flatten.")),
        )
    try:
        unasked = np.asarray(model(X))
    except Exception:  # a class of one's own may want to be told whether it is training
        unasked = outputs
    if not np.allclose(outputs, unasked, atol=1e-6):
        result.fail(
            _("build_regularised must return a model that silences nothing when not training."),
            hint=hint(
                "always-dropping", _("do not call a dropout layer with training=True yourself.")
            ),
        )
    return outputs


def _check_penalised(result, model):
    """Check that no layer's outputs are penalised: they are even where all weights are 0."""
    model.set_weights([np.zeros(shape) for shape in _SHAPES])
    if sum(map(float, model.losses)) > 0 and any(map(_penalises_outputs, layers_of(model))):
        result.fail(
            _penalty_demand(),
            got=_("a penalty, even where all weights are 0"),
            hint=hint(
                "activities",
                _(
                    "activity_regularizer penalises what a layer gives; weight decay is for its "
                    "kernel: kernel_regularizer."
                ),
            ),
        )


def _penalises_outputs(layer):
    with contextlib.suppress(Exception):  # a class of one's own may not know its settings
        return bool(layer.get_config().get("activity_regularizer"))
    return False


def _penalty_demand():
    return _(
        "build_regularised must add weight_decay times the square of each kernel's weights to "
        "the loss, and nothing for the biases."
    )


def _penalties(model):
    """What is added to the loss if one kernel alone is not 0, for each of them; then the biases.

    It is divided by the sum of the squares of the weights.
    """
    found = []
    for chosen in ((0,), (2,), (4,), (1, 3, 5)):
        values = [np.resize(_TWO_SIZES * (k in chosen), shape) for k, shape in enumerate(_SHAPES)]
        model.set_weights(values)
        squares = sum(np.sum(value**2) for value in values)
        found.append(sum(map(float, model.losses)) / squares)
    return np.array(found)


def _dropout(model):
    """What dropout does, seen from the outputs: each of the first nine has a neuron of its own.

    rates    the share silenced in the first and in the second hidden layer, in tenths
    outputs  whether the tenth output, which has the neuron of the ninth, is silenced by itself
    size     that of what comes through, 1 on average; 0 if it varies, as it does if pixels are
             silenced: all of them go into one neuron
    """
    kernels = [np.zeros(shape) for shape in _SHAPES]
    kernels[0][:, 0] = 1 / 784
    kernels[2][0, :9] = 1
    kernels[4][:9, :9] = np.eye(9)
    kernels[4][8, 9] = 1
    model.set_weights(kernels)
    Y = np.asarray(model(np.ones((_DRAWS, 28, 28), np.float32), training=True), np.float64)
    heard = np.abs(Y) > 1e-6
    reached = heard[:, :9].any(axis=1)
    first, second = 1 - reached.mean(), 1 - heard[reached, :9].mean() if reached.any() else 1.0
    size = 0.0
    if heard.any() and np.ptp(Y[heard]) < 1e-3 * Y[heard].max():
        size = Y[heard].mean() * (1 - first) * (1 - second)
        size = 1.0 if abs(size - 1) < _SIZE_SLACK else round(size, 1)
    alone = np.any(heard[:, 8] != heard[:, 9])
    rates = np.array([_tenths(first), _tenths(second)])
    return {"rates": rates, "silenced outputs": alone, "size": size}


def _tenths(share):
    """A share in tenths; 0.01 for one that is hardly more than 0."""
    return round(share, 1) or 0.01 * (share > 2e-4)  # one in 3,000 shows


# What is observed, calculated with NumPy --------------------------------------------------------


def _relu(x):
    return np.maximum(x, 0)


def _linear(x):
    return x


def _simulated(
    *,
    penalty=lambda decay: [decay, decay, decay, 0],
    rate=lambda rate: rate,
    places=(1, 2),
    activations=(_relu, _relu),
    ending=_linear,
):
    """What is observed of a model with other parts.

    penalty  weight_decay -> that of the three kernels and of the biases
    places   the dense layers that dropout follows, from 1; 0 for the pixels
    """

    def simulate(given, weight_decay):
        return {
            "outputs": _known_outputs(activations, ending),
            "penalty": penalty(weight_decay),
        } | _expected_dropout(1 - rate(given), places)

    return simulate


def _changed(**parts):
    """What is observed with another penalty, activation or ending, whatever the dropout is."""

    def simulate(rate, weight_decay):
        found = _simulated(**parts)(rate, weight_decay)
        return {name: found[name] for name in ("outputs", "penalty")}

    return simulate


def _noisy(rate, weight_decay):
    """What is observed with GaussianDropout: ReLU silences what noise below 0 has turned."""
    silenced = scipy.special.ndtr(-np.sqrt((1 - rate) / rate)) if rate else 0.0
    size = 0.0 if rate else 1.0
    return _simulated()(rate, weight_decay) | {"rates": [_tenths(silenced), 0], "size": size}


def _known_outputs(activations, ending):
    """What the network gives for the weights and the images of `_outputs`."""
    rng = np.random.default_rng(9)
    W1, b1, W2, b2, W3, b3 = (rng.normal(0, 0.1, shape) for shape in _SHAPES)
    X = rng.normal(size=(3, 28, 28)).reshape(3, -1)
    first, second = activations
    return ending(second(first(X @ W1 + b1) @ W2 + b2) @ W3 + b3)


def _expected_dropout(kept, places):
    """What `_dropout` finds if each dropout leaves this share."""
    silences = kept < 1
    through = kept ** ((2 in places) + (3 in places))  # of the neurons behind the outputs
    reached = 1 - (1 - through) ** 9  # at least one of nine
    first = 1 - kept ** (1 in places) * reached
    second = 1 - through / reached if reached else 1.0
    size = 0.0 if silences and 0 in places else 1.0
    rates = [_tenths(first), _tenths(second)]
    return {"rates": rates, "silenced outputs": silences and 3 in places, "size": size}


build_regularised = KerasComparison(
    signature="build_regularised(rate, weight_decay)",
    summary="Two numbers -> a Keras model with dropout and L2, (n, 28, 28) in, (n, 10) out.",
    right=_simulated(),
    simulated=True,
    cases=_cases,
    observe=_observe,
    demand={
        "outputs": _(
            "build_regularised must compute what the printed network does, when not training."
        ),
        "penalty": _penalty_demand(),
        "rates": _(
            "build_regularised must silence the share `rate` of both hidden layers, while training."
        ),
        "silenced outputs": _("build_regularised must not silence its outputs."),
        "size": _("build_regularised must silence neurons of the hidden layers, and no pixels."),
    },
    meaning={
        "outputs": _("ten logits for each digit"),
        "penalty": _("the penalty of the three kernels, and of the biases"),
        "rates": _("the shares silenced in the first and in the second hidden layer"),
        "silenced outputs": _("1 if outputs are silenced, otherwise 0"),
        "size": _("the size of what comes through, 0 if it varies"),
    },
    mistakes={
        hint("no-dropout", _("nothing is silenced: Dropout is a layer of its own.")): _simulated(
            places=()
        ),
        hint(
            "dropout-at-end",
            _("there is dropout after the last layer: it silences the right answer as well."),
        ): [_simulated(places=places) for places in ((1, 2, 3), (1, 3), (2, 3))],
        hint(
            "noise",
            _(
                "what comes through is multiplied by noise, and nothing is silenced: the text asks "
                "for Dropout, not for GaussianDropout."
            ),
        ): _noisy,
        hint("dropout-of-pixels", _("pixels are silenced: dropout follows each hidden layer.")): [
            _simulated(places=places) for places in ((0,), (0, 1), (0, 2), (0, 1, 2))
        ],
        hint("one-dropout", _("dropout follows only one of the two hidden layers.")): [
            _simulated(places=places) for places in ((1,), (2,))
        ],
        hint(
            "share-kept", _("`rate` is the share that is silenced, not the share that is kept.")
        ): (_simulated(rate=lambda rate: 1 - rate)),
        hint(
            "hardly-any-dropout",
            _("hardly anything is silenced: Dropout takes `rate` as it is, a share such as 0.2."),
        ): _simulated(rate=lambda rate: rate / 100),
        hint(
            "rate-fixed",
            _("the rate of dropout is an argument, `rate`: do not use a fixed number."),
        ): [_simulated(rate=lambda rate, fixed=fixed: fixed) for fixed in (0.3, 0.4, 0.5)],
        hint("penalty-fixed", _("the factor of the penalty is an argument, `weight_decay`.")): [
            _changed(penalty=lambda decay, fixed=fixed: [fixed] * 3 + [0]) for fixed in (1e-4, 1e-3)
        ],
        hint("biases", _("the biases are penalised as well: weight decay is for kernels.")): [
            _changed(penalty=lambda decay, share=share: [decay] * 3 + [share * decay])
            for share in (1, _OF_HIDDEN_BIASES)
        ],
        hint(
            "biases-only", _("the biases are penalised, not the kernels: use kernel_regularizer.")
        ): _changed(penalty=lambda decay: [0, 0, 0, decay]),
        hint(
            "no-penalty",
            _("nothing is added to the loss: Dense takes it by name, kernel_regularizer=…."),
        ): (_changed(penalty=lambda decay: [0] * 4)),
        hint("some-kernels", _("each of the three dense layers has a kernel, so each needs L2.")): [
            _changed(penalty=lambda decay, has=has: [decay * one for one in has] + [0])
            for has in itertools.product((0, 1), repeat=3)
            if 0 < sum(has) < 3
        ],
        hint(
            "L1",
            _("L1, the sum of the absolute values, is in it: the text asks for L2, their squares."),
        ): [
            _changed(penalty=lambda decay, factor=factor: [factor * decay] * 3 + [0])
            for factor in (_AS_L1, _AS_L1 / 2, _AS_L1 + 1)
        ],
        hint(
            "usual-penalty",
            _("given a name or a class alone, Keras takes L2(0.01): write L2(weight_decay)."),
        ): _changed(penalty=lambda decay: [0.01] * 3 + [0]),
        hint(
            "other-factor",
            _("the squares are multiplied by `weight_decay` itself, not by half or twice of it."),
        ): [
            _changed(penalty=lambda decay, factor=factor: [factor * decay] * 3 + [0])
            for factor in (0.5, 2)
        ],
        hint(
            "exchanged",
            _(
                "the factor of the penalty is `rate`, the share for dropout: it should be "
                "`weight_decay`."
            ),
        ): (lambda rate, weight_decay: _changed()(weight_decay, rate)),
        hint(
            "activation-at-end",
            _("the last layer has an activation, such as softmax; logits have none."),
        ): [_changed(ending=ending) for ending in (softmax, _relu, np.tanh, scipy.special.expit)],
        hint("not-ReLU", _("each of the two hidden layers needs ReLU, and no other activation.")): [
            _changed(activations=activations)
            for activations in (
                *((_linear, _linear), (_relu, _linear), (_linear, _relu)),
                *((np.tanh, np.tanh), (scipy.special.expit, scipy.special.expit)),
            )
        ],
    },
    by_code={
        "no-penalty": {
            r"\.kernel_regularizer *=[^=]": hint(
                "set-too-late",
                _(
                    "a kernel_regularizer that is set after a layer was built does nothing: give "
                    "it to Dense when you make the layer."
                ),
            )
        }
    },
)

"""The check of build_regularised: what it computes, its penalty, and its dropout.

The model is given weights of which the result is known; its own are put back afterwards.
"""

import contextlib

import numpy as np
import scipy.special

from course.check.engine import wording
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.engine.networks import check_built, known_weights, layers_of, no_model
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
            hint=hint("layers", _("Flatten, then three Dense layers, with their biases.")),
        )
    with known_weights(model):
        outputs = _outputs(result, model)
        _check_penalised(result, model)
        return {"outputs": outputs, "penalty": _penalties(model), "dropout": _rates(model)}


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
            got=wording.error_text(error),
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


def _rates(model):
    """What dropout does, seen from the outputs, of which nine have a neuron of their own.

    The share silenced in the first and in the second hidden layer, in tenths; the size of what
    comes through, 1 on average; and whether the tenth output, which has the neuron of the ninth, is
    silenced by itself. All pixels go into one neuron, so that the size varies if some are silenced.
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
    size = np.nan
    if heard.any() and np.ptp(Y[heard]) < 1e-3 * Y[heard].max():
        size = Y[heard].mean() * (1 - first) * (1 - second)
        size = 1.0 if abs(size - 1) < _SIZE_SLACK else round(size, 1)
    alone = np.any(heard[:, 8] != heard[:, 9])
    return np.array([round(first, 1), round(second, 1), size, alone])


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
            "dropout": _expected_rates(1 - rate(given), places),
        }

    return simulate


def _changed(**parts):
    """What is observed with other activations or endings, but for what they make of dropout."""

    def simulate(rate, weight_decay):
        found = _simulated(**parts)(rate, weight_decay)
        return {name: found[name] for name in ("outputs", "penalty")}

    return simulate


def _noisy(rate, weight_decay):
    """What is observed with GaussianDropout: ReLU silences what noise below 0 has turned."""
    silenced = scipy.special.ndtr(-np.sqrt((1 - rate) / rate)) if rate else 0.0
    size = np.nan if rate else 1.0
    return _simulated()(rate, weight_decay) | {"dropout": [round(silenced, 1), 0, size, 0]}


def _known_outputs(activations, ending):
    """What the network gives for the weights and the images of `_outputs`."""
    rng = np.random.default_rng(9)
    W1, b1, W2, b2, W3, b3 = (rng.normal(0, 0.1, shape) for shape in _SHAPES)
    X = rng.normal(size=(3, 28, 28)).reshape(3, -1)
    first, second = activations
    return ending(second(first(X @ W1 + b1) @ W2 + b2) @ W3 + b3)


def _expected_rates(kept, places):
    """What `_rates` finds if each dropout leaves this share."""
    silences = kept < 1
    through = kept ** ((2 in places) + (3 in places))  # of the neurons behind the outputs
    reached = 1 - (1 - through) ** 9  # at least one of nine
    first = 1 - kept ** (1 in places) * reached
    second = 1 - through / reached if reached else 1.0
    size = np.nan if silences and 0 in places else 1.0
    return [round(first, 1), round(second, 1), size, silences and 3 in places]


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
        "dropout": _(
            "build_regularised must silence the share `rate` of both hidden layers, while training."
        ),
    },
    meaning={
        "outputs": _("ten logits for each digit"),
        "penalty": _("the penalty of the three kernels, and of the biases"),
        "dropout": _(
            "the shares silenced in both hidden layers, the size of what comes through, and "
            "whether outputs are silenced"
        ),
    },
    mistakes={
        hint("no-dropout", _("nothing is silenced: Dropout is a layer of its own.")): _simulated(
            places=()
        ),
        hint(
            "dropout-at-end",
            _("there is dropout after the last layer: it silences the right answer as well."),
        ): [_simulated(places=(1, 2, 3)), _simulated(places=(1, 3)), _simulated(places=(2, 3))],
        hint(
            "pixels-only", _("only the pixels are silenced: dropout follows each hidden layer.")
        ): _simulated(places=(0,)),
        hint(
            "noise",
            _(
                "what comes through is multiplied by noise, and nothing is silenced: the text asks "
                "for Dropout, not for GaussianDropout."
            ),
        ): _noisy,
        hint(
            "dropout-of-pixels", _("the pixels are silenced too: dropout follows hidden layers.")
        ): [_simulated(places=(0, 1, 2)), _simulated(places=(0, 1)), _simulated(places=(0, 2))],
        hint("first-only", _("dropout follows the first hidden layer only.")): _simulated(
            places=(1,)
        ),
        hint("second-only", _("dropout follows the second hidden layer only.")): _simulated(
            places=(2,)
        ),
        hint(
            "share-kept", _("`rate` is the share that is silenced, not the share that is kept.")
        ): (_simulated(rate=lambda rate: 1 - rate)),
        hint("rate-fixed", _("the rate of dropout is an argument, `rate`: no fixed number.")): [
            _simulated(rate=lambda rate, fixed=fixed: fixed) for fixed in (0.3, 0.4, 0.5)
        ],
        hint("penalty-fixed", _("the factor of the penalty is an argument, `weight_decay`.")): [
            _simulated(penalty=lambda decay, fixed=fixed: [fixed] * 3 + [0])
            for fixed in (1e-4, 1e-3)
        ],
        hint("biases", _("the biases are penalised as well: weight decay is for kernels.")): [
            _simulated(penalty=lambda decay, share=share: [decay] * 3 + [share * decay])
            for share in (1, _OF_HIDDEN_BIASES)
        ],
        hint(
            "biases-only", _("the biases are penalised, not the kernels: use kernel_regularizer.")
        ): _simulated(penalty=lambda decay: [0, 0, 0, decay]),
        hint(
            "no-penalty",
            _("nothing is added to the loss: Dense takes it by name, kernel_regularizer=…."),
        ): (_simulated(penalty=lambda decay: [0] * 4)),
        hint("last-kernel", _("the last layer has a kernel too, and no penalty here.")): _simulated(
            penalty=lambda decay: [decay, decay, 0, 0]
        ),
        hint("first-kernel", _("only the first kernel has a penalty.")): (
            _simulated(penalty=lambda decay: [decay, 0, 0, 0])
        ),
        hint("last-kernel-only", _("only the last kernel has a penalty.")): (
            _simulated(penalty=lambda decay: [0, 0, decay, 0])
        ),
        hint("L1", _("this is L1, the sum of absolute values; L2 takes their squares.")): (
            [
                _simulated(penalty=lambda decay, half=half: [_AS_L1 * half * decay] * 3 + [0])
                for half in (1, 0.5)
            ]
        ),
        hint(
            "usual-penalty",
            _("this is L2(0.01), which Keras takes for a name or a class alone: use weight_decay."),
        ): _simulated(penalty=lambda decay: [0.01] * 3 + [0]),
        hint("halved", _("this is half of the penalty.")): _simulated(
            penalty=lambda decay: [decay / 2] * 3 + [0]
        ),
        hint("exchanged", _("`rate` and `weight_decay` have changed places.")): (
            lambda rate, weight_decay: _changed()(weight_decay, rate)
        ),
        hint("softmax-at-end", _("softmax is at the end; the text asks for logits.")): (
            _changed(ending=softmax)
        ),
        hint("activation-at-end", _("the last layer has an activation; logits have none.")): [
            _changed(ending=ending) for ending in (_relu, np.tanh, scipy.special.expit)
        ],
        hint("no-activation", _("the hidden layers have no activation.")): (
            _changed(activations=(_linear, _linear))
        ),
        hint("one-activation", _("one of the two hidden layers has no activation.")): [
            _changed(activations=(_relu, _linear)),
            _changed(activations=(_linear, _relu)),
        ],
        hint("not-ReLU", _("the hidden layers have another activation than ReLU.")): [
            _changed(activations=(other, other)) for other in (np.tanh, scipy.special.expit)
        ],
    },
)

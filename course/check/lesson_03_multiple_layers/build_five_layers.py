"""The check of build_five_layers: its layers, that they bend, and that it ends in logits.

The network is given weights of which the result is known, however it was built; its own are put
back afterwards.
"""

import itertools

import numpy as np
import scipy.special

from course.check.engine import wording
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.networks import (
    activations_of,
    check_built,
    check_own_network,
    known_weights,
    layers_of,
    no_model,
)
from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.messages import _
from course.silence import silence

# The network --------------------------------------------------------------------------------------

_PARAMETERS = sum((inputs + 1) * units for inputs, units in itertools.pairwise(WIDTHS))
_MIN_SCALE = 0.1  # by which a Rescaling may multiply the pixels
_SHAPES = ((784,), (28, 28), (28, 28, 1))
_PROBES = np.array([-6.0, -4.0, -2.5, -1.0, -0.3, 0.3, 1.0, 2.5, 4.0, 6.0])


def build_five_layers(answer, seed=0):
    """Nothing -> a Keras model, digits in and ten logits out, with 185,300 parameters."""
    attempt = Attempt(answer, "build_five_layers()")
    rng = np.random.default_rng([37, seed])
    result, network = _network(attempt, rng)
    check_own_network(
        result, network.model, *(f"five-layers-{kind}" for kind in ("sigmoid", "relu", "dropout"))
    )
    count = network.model.count_params()
    if count != _PARAMETERS:
        result.fail(
            _("build_five_layers must return a model with 185,300 parameters."),
            expected="185,300",
            got=f"{count:,}",
            hint=_parameters_hint(count, network.weights()),
        )
    start = network.weights()
    places = _places(result, start)
    for number in range(1, len(WIDTHS) - 1):
        kernel = start[places[0][number - 1]]
        if np.ptp(kernel) == 0:
            result.fail(
                _("build_five_layers: the weights of layer {number} must start at random.").format(
                    number=number
                ),
                got=_("{value:g} everywhere").format(value=float(kernel.flat[0])),
                hint=hint(
                    "constant-start",
                    _("neurons that start alike stay alike; leave kernel_initializer as it is."),
                ),
            )
    try:
        with silence(), known_weights(network.model):
            _check_nothing_silenced_at_the_end(result, network, start, rng)
            probe = _Probe(network, start, places)
            _check_ending(result, probe, rng)
            for number in range(1, len(WIDTHS) - 1):
                _check_neurons_apart(result, probe, number)
            for number in range(1, len(WIDTHS) - 1):
                _check_bend(result, probe, number)
    except CheckFailed:
        raise
    except Exception as error:
        result.fail(
            _("build_five_layers must return a model that can be asked again and again."),
            got=wording.error_text(error),
        )
    _check_loss_takes_logits(result, network.model)
    _check_scale(result, network.model)
    _check_new(result, network.model, attempt.call().value)


def _check_scale(result, model):
    """Check that no Rescaling makes the pixels so small that the network hardly learns."""
    for layer in layers_of(model):
        scale = getattr(layer, "scale", None) if type(layer).__name__ == "Rescaling" else None
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
    demand = _("build_five_layers must return a new model each time that it is called.")
    if other is model:
        result.fail(demand, got=_("the model that it returned before"), hint=_new_model())
    with silence(), known_weights(model):
        before = other.get_weights()
        model.set_weights([value + 1 for value in model.get_weights()])
        is_moved = not all(map(np.array_equal, before, other.get_weights()))
    if is_moved:
        text = _(
            "its layers were there before the function was called, so all of its models share "
            "their weights: make the layers inside the function."
        )
        result.fail(
            demand,
            got=_("a model that shares its layers with the one before"),
            hint=hint("shared-layers", text),
        )


def _new_model():
    return hint(
        "new-model",
        _(
            "this model was there before the function was called, with all that it has learned: "
            "make a new one inside the function."
        ),
    )


def _check_nothing_silenced_at_the_end(result, network, start, rng):
    """Check that no logit becomes 0 in training, as dropout after the output would make it."""
    network.model.set_weights([value + rng.normal(0, 0.1, value.shape) for value in start])
    X = rng.uniform(size=(60, 784))
    silenced = (network(X, training=True) == 0) & (network(X) != 0)
    if (silenced.any(axis=1) & ~silenced.all(axis=1)).any():
        result.fail(
            _("build_five_layers must end in ten logits, in training as well."),
            got=_("logits that are 0 in training, now these, now those"),
            hint=hint("dropout-at-end", _("dropout may follow a hidden layer, not the output.")),
        )


class _Network:
    """A model, and the shape of the images that it takes."""

    def __init__(self, model, shape):
        self.model, self.shape = model, shape

    def __call__(self, X, training=False):
        """What it gives for X (n, 784), as a rule when it is not training."""
        images = X.reshape(len(X), *self.shape).astype(np.float32)
        with silence():
            return np.asarray(self.model(images, training=training), np.float64)

    def weights(self):
        with silence():
            return [np.array(value) for value in self.model.get_weights()]


def _network(attempt, rng):
    """The model that the answer returns, with images of a shape that it takes."""
    X = rng.uniform(size=(7, 784))
    failures = []
    shapes = None
    for number in range(len(_SHAPES)):
        if shapes and number >= len(shapes):
            break
        result = attempt.call()
        model = result.value
        if model is None:
            result.array((), "")  # says that nothing was returned
        if not callable(model) or not hasattr(model, "get_weights") or isinstance(model, type):
            result.fail(
                _("build_five_layers must return a Keras model."),
                expected=_(
                    "keras.Sequential([...]) or the like, when called as build_five_layers()"
                ),
                got=wording.kind_text(model),
                hint=no_model(model),
            )
        check_built(result, model, 185300, "(28, 28)")
        shapes = shapes or _shapes(result, model)
        network = _Network(model, shapes[number])
        try:
            Y = network(X)
        except Exception as error:
            failures.append((result, network, error))
            continue
        if Y.shape == (7, 10):
            return result, network
        failures.append((result, network, Y.shape))
    result, network, wrong = next(
        (item for item in failures if isinstance(item[2], tuple)), failures[0]
    )
    if isinstance(wrong, Exception):
        result.fail(
            _("build_five_layers must return a model that takes digits of shape (28, 28)."),
            got=wording.error_text(wrong),
            hint=hint("input", _("start with keras.Input((28, 28)) and Flatten."))
            if len(shapes) > 1  # the model does not say which it takes
            else None,
        )
    return result.fail(
        _("build_five_layers must return a model with ten outputs for each digit."),
        expected=_("shape {shape} for 7 digits").format(shape=(7, 10)),
        got=_("shape {shape}").format(shape=wrong),
        hint=hint("ten-outputs", _("the last layer has 10 neurons, one for each digit."))
        if len(wrong) == 2
        else hint("flatten-first", _("put Flatten before the dense layers.")),
    )


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
        hint=hint("input", _("start with keras.Input((28, 28)) and Flatten.")),
    )


def _parameters_hint(count, weights):
    sizes = list(itertools.pairwise(WIDTHS))
    kernels = [value.shape for value in weights if value.ndim == 2]
    found = [units for _inputs, units in kernels]
    if found == [784, *WIDTHS[1:]]:
        text = _(
            "the input layer computes nothing, so it is no Dense of its own: after Flatten comes "
            "the layer of 200 neurons."
        )
        return hint("input-as-layer", text)
    if found[0] == 10 and len(found) > 5 and tuple(found[-5:]) == WIDTHS[1:]:
        return _new_model()
    if found == list(WIDTHS[1:]) and kernels[0][0] != 784:
        text = _(
            "the widths are right, but {count} numbers of a digit reach the first layer, not 784: "
            "put Flatten before it."
        )
        return hint("not-flat", text.format(count=kernels[0][0]))
    if found != list(WIDTHS[1:]) and sorted(found) == sorted(WIDTHS[1:]):
        text = _("the order of the layers is another: 200 neurons first, then 100, 60, 30 and 10.")
        return hint("order-of-layers", text)
    some = [chosen for k in range(1, 6) for chosen in itertools.combinations(WIDTHS[1:], k)]
    if _PARAMETERS - count in map(sum, some):
        return hint("no-biases", _("the biases are missing: leave use_bias as it is."))
    for number, (inputs, units) in enumerate(sizes[:-1], start=2):
        after = WIDTHS[number]
        without = _PARAMETERS - (inputs + 1) * units - (units + 1) * after + (inputs + 1) * after
        if count == without:
            return hint(
                "layer-missing",
                _(
                    "the layer of {units} neurons is missing, or nothing takes what it gives."
                ).format(units=units),
            )
    if count == 7850:
        return hint(
            "single-layer", _("this is the single layer; four hidden layers come before it.")
        )
    if len(found) < 5 and set(found) <= set(WIDTHS[1:]) and kernels[0][0] == 784:
        text = _(
            "only the layers of {units} neurons lie on the way from the pixels to the logits: does "
            "each layer take the result of the one before, x = layer(x)?"
        )
        return hint("layers-bypassed", text.format(units=", ".join(map(str, found))))
    return hint(
        "parameters",
        _(
            "five Dense layers, with 200, 100, 60, 30 and 10 neurons; "
            "`build_five_layers().summary()` shows the parameters of each."
        ),
    )


def _places(result, weights):
    """Where each layer's kernel and biases stand in the list of weights: two lists, in order."""
    sizes = [value.size for value in weights]
    kernels, biases = [], []
    for inputs, units in itertools.pairwise(WIDTHS):
        kernel = [i for i, value in enumerate(weights) if sorted(value.shape) == [units, inputs]]
        bias = [i for i, size in enumerate(sizes) if size == units]
        kernels += kernel[:1]
        biases += bias[:1]
        if len(kernel) != 1 or len(bias) != 1:
            break
    if len(weights) != 10 or len(kernels) != 5 or len(biases) != 5:
        result.fail(
            _("build_five_layers must return a model with layers of 200, 100, 60, 30, 10 neurons."),
            expected="; ".join(
                f"({inputs}, {units})" for inputs, units in itertools.pairwise(WIDTHS)
            ),
            got="; ".join(str(tuple(value.shape)) for value in weights if value.ndim > 1)
            or _("none"),
        )
    return kernels, biases


class _Probe:
    """A network that is given weights made up for a question; all others are 0."""

    def __init__(self, network, start, places):
        self._network, self._start, self._places = network, start, places

    @property
    def model(self):
        return self._network.model

    def ask(self, X, kernels=(), biases=()):
        """The outputs for X (n, 784) with these kernels and biases, dicts by layer, 1 to 5."""
        weights = [np.zeros_like(value) for value in self._start]
        for kind, given in enumerate((dict(kernels), dict(biases))):
            for number, value in given.items():
                place = self._places[kind][number - 1]
                shape = weights[place].shape
                value = np.asarray(value, np.float32)
                if kind == 0 and shape != value.shape:  # a kernel of one's own, the other way round
                    value = value.T
                weights[place] = value.reshape(shape).astype(weights[place].dtype)
        self._network.model.set_weights(weights)
        return self._network(X)


def _diagonal(number, size, value=1.0):
    """A kernel of this layer that hands the first neurons on to the first neurons."""
    kernel = np.zeros((WIDTHS[number - 1], WIDTHS[number]))
    kernel[np.arange(size), np.arange(size)] = value
    return kernel


def _onwards(number, size, calm, first, more):
    """Kernels and biases that carry small changes behind this layer on to the outputs."""
    kernels = {
        later: _diagonal(later, size, first if later == number + 1 else more)
        for later in range(number + 1, 6)
    }
    biases = {later: np.full(WIDTHS[later], calm) for later in range(number + 1, 5)}
    return kernels, biases


def _softmax(sums):
    return scipy.special.softmax(sums, axis=-1)


def _check_ending(result, probe, rng):
    """Check that the last ten sums come out as they are."""
    asked = [np.round(rng.normal(0, scale, 10), 2) for scale in (1.0, 4.0)]
    answers = [probe.ask(np.zeros((3, 784)), biases={5: sums}) for sums in asked]

    def all_are(ending):
        pairs = zip(answers, map(ending, asked), strict=True)
        return all(np.allclose(Y, value, 2e-3, 2e-4) for Y, value in pairs)

    differences = [
        wording.pair_texts(sums, row, ())
        for Y, sums in zip(answers, asked, strict=True)
        for row in Y
        if not np.allclose(row, sums, 2e-3, 2e-4)
    ]
    if not differences:
        return
    wrong = {
        hint(
            "softmax-at-end",
            _(
                "softmax is at the end: leave it out, as in Dense(10). The loss computes softmax "
                "itself, with from_logits=True."
            ),
        ): _softmax,
        hint(
            "log-softmax-at-end",
            _("log_softmax is at the end: leave it out, as in Dense(10). The loss takes logits."),
        ): lambda sums: np.log(_softmax(sums)),
        hint(
            "softmax-twice",
            _("softmax is taken twice, and logits need none at all: the last layer is Dense(10)."),
        ): lambda sums: _softmax(_softmax(sums)),
        hint(
            "softmax-along-batch",
            _("softmax runs along the batch here; leave it out, the last layer is Dense(10)."),
        ): lambda sums: np.full(10, 1 / 3),
        hint("sigmoid-at-end", _("sigmoid is at the end: leave it out, as in Dense(10).")): (
            scipy.special.expit
        ),
        hint(
            "ReLU-at-end",
            _("ReLU at the end loses every negative sum; leave it out, as in Dense(10)."),
        ): lambda sums: np.maximum(sums, 0),
        hint(
            "tanh-at-end",
            _("tanh at the end keeps every logit between -1 and 1; leave it out, as in Dense(10)."),
        ): np.tanh,
        hint(
            "softmax-of-ReLU",
            _("softmax of ReLU is at the end: leave both out, as in Dense(10)."),
        ): lambda sums: _softmax(np.maximum(sums, 0)),
        hint(
            "softmax-of-sigmoid",
            _("softmax of sigmoid is at the end: leave both out, as in Dense(10)."),
        ): lambda sums: _softmax(scipy.special.expit(sums)),
    }
    told = next((text for text, ending in wrong.items() if all_are(ending)), None)
    expected, got = differences[0]
    result.fail(
        _("build_five_layers must end in ten logits: the sums of the last layer as they are."),
        expected=expected,
        got=got,
        hint=told,
    )


def _check_neurons_apart(result, probe, number):
    """Check that a neuron of this hidden layer does not hear of what its neighbours sum up."""
    levels = np.linspace(0, 1, 5)
    X = np.zeros((len(levels), 784))
    X[:, 0] = levels
    for more in (20.0, 0.3):
        kernels, biases = _onwards(number, 1, calm=0.6, first=20.0, more=more)
        for earlier in range(1, number):
            kernels[earlier] = _diagonal(earlier, 1)
            biases[earlier] = np.full(WIDTHS[earlier], 0.3)
        kernels[number] = np.zeros((WIDTHS[number - 1], WIDTHS[number]))
        kernels[number][0, 1:] = -4.0
        biases[number] = np.full(WIDTHS[number], 0.5)
        Y = probe.ask(X, kernels, biases)
        heard = Y[:, 0] - Y[:, 1]
        if not np.ptp(heard) > 1e-6 * max(1.0, np.abs(heard).max()):
            continue
        result.fail(
            _("build_five_layers: the neurons of layer {number} must act by themselves.").format(
                number=number
            ),
            got=_("the activation of one neuron depends on the sums of the others"),
            hint=_hint_of_company(probe.model),
        )


def _hint_of_company(model):
    """Why a neuron hears of its neighbours, if the layers themselves tell."""
    if {"softmax", "log_softmax"} & set(activations_of(model)[:-1]):
        return hint(
            "softmax-inside",
            _(
                "softmax makes neurons compete for a sum of 1, and hardly anything gets through. A "
                'hidden layer has an activation such as "relu".'
            ),
        )
    return None


def _check_bend(result, probe, number):
    """Check that what a neuron of this hidden layer makes of its sum is not a straight line."""
    # Sums at which the usual activations are open, not saturated: each kind has its own.
    for calm, more in ((0.6, 0.3), (0.6, 1.0), (0.0, 1.0), (0.0, 2.0), (-1.0, 0.3)):
        kernels, biases = _onwards(number, 10, calm, first=0.001, more=more)
        biases[number] = np.zeros(WIDTHS[number])
        biases[number][:10] = _PROBES
        answers = probe.ask(np.zeros((1, 784)), kernels, biases)[0]
        answers = answers - answers.mean()
        if not np.isfinite(answers).all() or np.ptp(answers) < 4e-6:
            continue
        line = np.polyval(np.polyfit(_PROBES, answers, 1), _PROBES)
        if np.abs(answers - line).max() > 0.01 * np.ptp(answers):
            return
        result.fail(
            _("build_five_layers: layer {number} must be followed by an activation.").format(
                number=number
            ),
            expected=_('activation="relu", or another that bends'),
            got=_("none: two such layers in a row are worth a single one"),
            hint=hint("no-activation", _("Dense has no activation unless you ask for one.")),
        )
    result.fail(
        _("build_five_layers: what layer {number} says must reach the outputs.").format(
            number=number
        ),
        got=_("the same outputs, whatever the sums of its neurons are"),
    )


def _check_loss_takes_logits(result, model):
    """Check that a model that comes compiled has a loss that takes its outputs for logits."""
    if _from_logits(_compiled_loss(model)) is False:
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


def _compiled_loss(model):
    """The loss that a model was compiled with, as Keras writes it down, or None."""
    try:
        with silence():
            settings = model.get_compile_config()
    except Exception:
        return None
    return settings.get("loss") if isinstance(settings, dict) else None


def _from_logits(loss):
    """True for a loss from logits, False for one from probabilities, None if that is not known."""
    if isinstance(loss, list | tuple):
        loss = loss[0] if len(loss) == 1 else None
    if isinstance(loss, str):
        if "logits" in loss:
            return True
        return False if "crossentropy" in loss.lower() else None
    if not isinstance(loss, dict):
        return None
    settings = loss.get("config")
    if isinstance(settings, dict) and "from_logits" in settings:
        return bool(settings["from_logits"])
    name = settings if isinstance(settings, str) else str(loss.get("class_name"))
    if str(loss.get("module")).split(".")[0] == "keras":
        return None
    if "logit" in name.lower() or name == "__lambda__":
        return True
    return not name.lower().endswith("categorical_crossentropy")

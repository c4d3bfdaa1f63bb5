"""The weights of a model that build_five_layers returned: how many they are, and their start."""

import itertools

import numpy as np

from course.check.engine.dense_chain import DenseChain
from course.check.engine.hints import Hint, hint
from course.check.engine.result import Result
from course.check.engine.returned_models import check_own_network
from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.messages import _

_LAYERS = list(itertools.pairwise(WIDTHS))  # inputs and neurons of each
_PARAMETERS = sum((inputs + 1) * units for inputs, units in _LAYERS)


def check_weights(result: Result, network: DenseChain) -> None:
    """Check for the layers' weights, which start at random."""
    kinds = ("sigmoid", "relu", "dropout")
    check_own_network(result, network.model, *(f"five-layers-{kind}" for kind in kinds))
    count = network.model.count_params()
    if count != _PARAMETERS:
        result.fail(
            _("build_five_layers must return a model with 185,300 parameters."),
            expected="185,300",
            got=f"{count:,}",
            hint=_parameters_hint(count, network.start),
        )
    if network.places is None:
        kernels = [str(tuple(value.shape)) for value in network.start if value.ndim > 1]
        result.fail(
            _("build_five_layers must return a model with layers of 200, 100, 60, 30, 10 neurons."),
            expected="; ".join(map(str, _LAYERS)),
            got="; ".join(kernels) or _("none"),
        )
    for number in network.hidden:
        kernel = network.kernel(number)
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


def _parameters_hint(count, weights):
    """What is behind another number of parameters."""
    kernels = [value.shape for value in weights if value.ndim == 2]
    found = [units for _inputs, units in kernels]
    if len(found) > 5:
        return _hint_for_more_layers(found)
    if found == list(WIDTHS[1:]) and kernels[0][0] != 784:
        text = _(
            "the widths are right, but {count} numbers of a digit reach the first layer, not 784: "
            "put Flatten before it."
        )
        return hint("not-flat", text.format(count=kernels[0][0]))
    if found != list(WIDTHS[1:]) and sorted(found) == sorted(WIDTHS[1:]):
        text = _("the layers are in a different order: 200 neurons first, then 100, 60, 30 and 10.")
        return hint("order-of-layers", text)
    some = [chosen for k in range(1, 6) for chosen in itertools.combinations(WIDTHS[1:], k)]
    if _PARAMETERS - count in map(sum, some):
        return hint("no-biases", _("the biases are missing: leave use_bias as it is."))
    for number, (inputs, units) in enumerate(_LAYERS[:-1], start=2):
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


def _hint_for_more_layers(found):
    """What is behind more than five layers, with these numbers of neurons."""
    if found == [784, *WIDTHS[1:]]:
        text = _(
            "the input layer computes nothing, so it is not one of the Dense layers: after "
            "Flatten comes the layer of 200 neurons."
        )
        return hint("input-as-layer", text)
    if found[0] == 10 and tuple(found[-5:]) == WIDTHS[1:]:
        return _new_model()
    text = _(
        "the model has {count} Dense layers, not five, with {units} neurons. Is one of them added "
        "more than once, say in a loop?"
    )
    units = ", ".join(map(str, found))
    return hint("layers-too-many", text.format(count=len(found), units=units))


def _new_model() -> Hint:
    """Return the hint for a model that was made before the function was called."""
    return hint(
        "new-model",
        _(
            "this model was there before the function was called, with all that it has learned: "
            "make a new one inside the function."
        ),
    )

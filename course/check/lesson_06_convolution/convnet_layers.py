"""The layers of a model that build_convnet returned: the shapes of their weights and outputs."""

from typing import Any

import numpy as np

from course.check.engine.failures import CheckFailed
from course.check.engine.hints import Hint, hint
from course.check.engine.result import Result
from course.check.engine.returned_models import is_pooling, layers_of, through
from course.check.lesson_06_convolution import convnet
from course.messages import _
from course.silence import silence


def check_layers(result: Result, model: Any, images: np.ndarray, Y: np.ndarray) -> None:
    """Send images through the layers and check each one's shapes.

    If the layers do not simply follow one another, so that Y does not come out, nothing is said.
    """
    found, x, is_pooled = [], images, False
    try:
        with silence():
            for layer in layers_of(model):
                has_weights = len(getattr(layer, "weights", ())) > 0
                x = through(layer, x)
                is_pooled |= is_pooling(layer)
                if has_weights:
                    found.append(type(layer).__name__)
                    _check_layer(result, len(found), layer, tuple(x.shape[1:]), is_pooled)
            in_line = np.allclose(x, Y, atol=1e-4)
    except CheckFailed:
        raise
    except Exception:
        in_line = False
    if len(found) == len(convnet.KERNELS) or not in_line:
        return
    result.fail(
        _("build_convnet must return a model with five layers that have parameters."),
        expected=_("3 convolutions and 2 dense layers"),
        got=", ".join(found) or _("none"),
    )


def _check_layer(result, number, layer, shape, is_pooled):
    """Check the weights and the output of the layer with this number, from 1 on."""
    got = [tuple(weight.shape) for weight in layer.weights]
    if number > len(convnet.KERNELS):
        result.fail(
            _("build_convnet must return a model with five layers that have parameters."),
            got=_("one more: {kind} with {shape}").format(kind=type(layer).__name__, shape=got[0]),
        )
    name, weights = layer_names()[number - 1], convnet.KERNELS[number - 1]
    output = convnet.OUTPUTS[number - 1]
    expected = [weights, weights[-1:]]
    if shape != output and weights == got[0]:
        result.fail(
            _("build_convnet: {layer} must give the right shape.").format(layer=name),
            expected=_("an output of shape {shape}").format(shape=output),
            got=_("an output of shape {shape}").format(shape=shape),
            hint=_output_hint(shape, output, is_pooled, layer),
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


def _output_hint(shape, output, is_pooled, layer):
    """What is behind another shape of an output, if it is one of a convolution."""
    if not len(shape) == len(output) == 3:
        return None
    is_padded = getattr(layer, "padding", "") == "same"
    if shape[0] < output[0] and not is_pooled and not is_padded:
        return hint("padding", _('padding="same" keeps the edges; the strides are 1, 2 and 2.'))
    return without_pooling_hint()


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
                "Flatten comes straight after the third convolution, without pooling, and passes "
                "on 7 * 7 * 24 = 1,176 numbers."
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


def check_shapes(result: Result, model: Any) -> None:
    """Check for the weights of the table, and for no others."""
    got = sorted(tuple(weight.shape) for weight in model.weights)
    expected = sorted(shape for kernel in convnet.KERNELS for shape in (kernel, kernel[-1:]))
    if got != expected:
        result.fail(
            _("build_convnet must return a model with the weights of the table."),
            expected=_("244,076 parameters: {shapes}").format(shapes="; ".join(map(str, expected))),
            got="; ".join(map(str, got)),
            hint=hint(
                "summary", _("`build_convnet().summary()` shows the parameters of every layer.")
            ),
        )


def without_pooling_hint() -> Hint:
    """Return the hint for pooling in place of strides."""
    return hint(
        "strides",
        _("only strides=2 makes the image smaller, in the second and the third convolution."),
    )


def layer_names() -> tuple[str, ...]:
    """Return the names of the five layers that have parameters."""
    return (
        _("convolution 1"),
        _("convolution 2"),
        _("convolution 3"),
        _("dense layer 1"),
        _("dense layer 2"),
    )

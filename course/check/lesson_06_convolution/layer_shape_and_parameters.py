"""The check of layer_shape_and_parameters: how large an output is, and how many weights make it."""

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_06_convolution as reference
from course.messages import _

_NAMES = ("height", "width", "in_channels", "kernel", "out_channels", "stride", "padding")


def _cases(rng):
    cases = [
        (1, 1, 1, 1, 1, 1, "same"),
        (5, 5, 1, 3, 1, 1, "valid"),
        (5, 5, 2, 3, 4, 1, "same"),
        (9, 9, 1, 5, 2, 2, "same"),
        (8, 8, 1, 3, 2, 2, "valid"),
        (7, 7, 1, 2, 2, 3, "valid"),
        (9, 6, 3, 2, 5, 2, "valid"),
        (6, 9, 3, 2, 5, 2, "same"),
        (3, 4, 2, 3, 2, 2, "valid"),
        (8, 5, 1, 3, 2, 3, "same"),
        (28, 28, 1, 6, 6, 1, "same"),
        (28, 28, 6, 5, 12, 2, "same"),
        (14, 14, 12, 4, 24, 2, "same"),
        (3, 2, 4, 6, 3, 2, "same"),
        (32, 50, 3, 7, 64, 4, "valid"),
        (224, 225, 48, 11, 1000, 4, "same"),
    ]
    for index in range(6):
        kernel = int(rng.integers(1, 8))
        height, width = (int(size) for size in rng.integers(kernel, 60, 2))
        channels, out, stride = (int(size) for size in rng.integers(1, 30, 3))
        padding = ("same", "valid")[index % 2]
        cases.append((height, width, channels, kernel, out, 1 + stride % 5, padding))
    return [dict(zip(_NAMES, case, strict=True)) for case in cases]


def _shape(of):
    """A mistake in the shape; `of` makes it of the right shape and all arguments."""

    def answer(*given):
        return {"shape": np.array(of(_right(*given)[0], *given), float)}

    return answer


def _sides(of_same, of_valid):
    """A mistake in height and width, by padding: functions of side, kernel and stride."""
    return _shape(
        lambda shape, h, w, c, kernel, out, stride, padding: (
            *(
                (of_same if padding == "same" else of_valid)(side, kernel, stride)
                for side in (h, w)
            ),
            out,
        )
    )


def _count(of):
    """A mistake in the number of parameters: `of` the sizes; the shape is right."""

    def answer(*given):
        h, w, c, kernel, out, _stride, _padding = given
        (rows, columns, _out), _number = _right(*given)
        return _right(*given)[0], of(kernel, c, out, rows, columns, h, w)

    return answer


def _up(number, by):
    return -(-number // by)


def _same(side, kernel, stride):
    return _up(side, stride)


def _valid(side, kernel, stride):
    return _up(side - kernel + 1, stride)


def _shape_text(shape):
    return "({})".format(", ".join(f"{size:g}" for size in shape))


_right = unguarded(reference.layer_shape_and_parameters)

layer_shape_and_parameters = Comparison(
    signature=f"layer_shape_and_parameters({', '.join(_NAMES)})",
    summary='whole numbers and "same" or "valid" -> ((height, width, channels), parameters).',
    right=_right,
    cases=_cases,
    parts=(_("shape"), _("parameters")),
    meaning={
        "shape": _("three numbers: height, width and channels"),
        "parameters": _("one number, how many parameters"),
    },
    demand={
        "shape": _(
            "layer_shape_and_parameters must give the height, width and channels of the output."
        ),
        "parameters": _("layer_shape_and_parameters must count all weights and biases."),
    },
    shown={"shape": _shape_text},
    exact=True,
    lost_steps=("no-biases",),
    mistakes={
        hint(
            "exchanged-parts", _("the shape comes first, and then the number of parameters.")
        ): lambda *given: _right(*given)[::-1],
        hint("height-and-width", _("height comes first, then width.")): (
            _shape(lambda shape, *given: (shape[1], shape[0], shape[2]))
        ),
        hint("channels-first", _("the channels come last.")): (
            _shape(lambda shape, *given: (shape[2], shape[0], shape[1]))
        ),
        hint("no-channels", _("the channels belong to the shape: (height, width, channels).")): (
            _shape(lambda shape, *given: shape[:2])
        ),
        hint("batch-axis", _("one image has three axes: height, width and channels.")): (
            _shape(lambda shape, *given: (1, *shape))
        ),
        hint("input-channels", _("each filter makes one output channel.")): (
            _shape(lambda shape, h, w, c, *others: (*shape[:2], c))
        ),
        hint("channels-multiplied", _("each filter makes one output channel, of all inputs.")): (
            _shape(lambda shape, h, w, c, kernel, out, *others: (*shape[:2], c * out))
        ),
        hint("stride-ignored", _("the stride makes the output smaller: one place per step.")): (
            _sides(
                lambda side, kernel, stride: side, lambda side, kernel, stride: side - kernel + 1
            )
        ),
        hint("stride-ignored-same", _('with "same", too, the stride makes the output smaller.')): (
            _sides(lambda side, kernel, stride: side, _valid)
        ),
        hint(
            "stride-ignored-valid", _('with "valid", too, the stride makes the output smaller.')
        ): (_sides(_same, lambda side, kernel, stride: side - kernel + 1)),
        hint("height-twice", _("the width need not be the same as the height.")): [
            wrong
            for side in (0, 1)
            for wrong in (
                _shape(lambda shape, *given, side=side: (shape[side], shape[side], shape[2])),
                *[
                    _shape(
                        lambda shape, *given, side=side, padding=padding: (
                            (shape[side], shape[side], shape[2]) if given[-1] == padding else shape
                        )
                    )
                    for padding in ("same", "valid")
                ],
            )
        ],
        hint(
            "brackets",
            _("`//` comes before `-`: put `height - kernel` in brackets, and the width."),
        ): _sides(_same, lambda side, kernel, stride: side - kernel // stride + 1),
        hint("always-one-more", _('with "same", add no place where the stride divides evenly.')): (
            _sides(lambda side, kernel, stride: side // stride + 1, _valid)
        ),
        hint("to-the-nearest", _("round up, not to the nearest: math.ceil.")): [
            _sides(lambda side, kernel, stride: round(side / stride), _valid),
            _sides(_same, lambda side, kernel, stride: round((side - kernel + 1) / stride)),
            _sides(
                lambda side, kernel, stride: round(side / stride),
                lambda side, kernel, stride: round((side - kernel + 1) / stride),
            ),
            _sides(
                lambda side, kernel, stride: round(side / stride),
                lambda side, kernel, stride: round((side - kernel) / stride) + 1,
            ),
        ],
        hint("input-shape", _("this is the shape of the input; the stride makes it smaller.")): (
            _shape(lambda shape, h, w, c, kernel, out, *others: (h, w, out))
        ),
        hint(
            "rounded-down",
            _("round up, math.ceil: a last, incomplete step of the stride still starts somewhere."),
        ): [
            _sides(
                lambda side, kernel, stride: side // stride,
                lambda side, kernel, stride: (side - kernel + 1) // stride,
            ),
            _sides(_same, lambda side, kernel, stride: (side - kernel + 1) // stride),
        ],
        hint(
            "rounded-down-same",
            _('with "same", round up, math.ceil, where the stride does not divide evenly.'),
        ): [
            _sides(lambda side, kernel, stride: side // stride, _valid),
            _sides(lambda side, kernel, stride: side / stride, _valid),
            _sides(
                lambda side, kernel, stride: side / stride,
                lambda side, kernel, stride: (side - kernel) / stride + 1,
            ),
        ],
        hint("half-a-row", _("a picture has a whole number of rows: round up, math.ceil.")): (
            _sides(
                lambda side, kernel, stride: side / stride,
                lambda side, kernel, stride: (side - kernel + 1) / stride,
            )
        ),
        hint("rounded-up", _('with "valid" only whole windows count: divide with //.')): (
            _sides(_same, lambda side, kernel, stride: _up(side - kernel, stride) + 1)
        ),
        hint("steps-between", _("count the places, not the steps between them: one more.")): [
            _sides(_same, lambda side, kernel, stride: (side - kernel) // stride),
            _sides(_same, lambda side, kernel, stride: _up(side - kernel, stride)),
        ],
        hint("one-too-many", _("one place too many: a window starts at the first pixel.")): (
            _sides(_same, lambda side, kernel, stride: (side - kernel) // stride + 2)
        ),
        hint(
            "half-a-place",
            _("there is no such thing as half a place: only whole steps that still fit count."),
        ): [
            _sides(_same, lambda side, kernel, stride: (side - kernel) / stride + 1),
        ],
        hint("padded", _('with "valid" nothing is padded: the window must fit inside.')): (
            _sides(_same, _same)
        ),
        hint(
            "not-padded",
            _(
                'with "same" zeros are padded, so that no place is lost. (The string is in lower '
                "case.)"
            ),
        ): (_sides(_valid, _valid)),
        hint(
            "neither-padding",
            _('no side has been calculated: `padding` is "same" or "valid", in lower case.'),
        ): _sides(lambda side, kernel, stride: 0, lambda side, kernel, stride: 0),
        hint("paddings-exchanged", _('"same" and "valid" are exchanged: "same" pads zeros.')): (
            _sides(_valid, _same)
        ),
        hint(
            "stride-first",
            _("first find the places where the window fits, then count every stride-th of them."),
        ): [
            _sides(_same, lambda side, kernel, stride: _up(side, stride) - kernel + 1),
            _sides(_same, lambda side, kernel, stride: side // stride - kernel + 1),
        ],
        hint(
            "parameters-by-stride",
            _("the stride changes how many places there are, not how many weights."),
        ): [
            lambda *given: (_right(*given)[0], _right(*given)[1] // given[5]),
            lambda *given: (_right(*given)[0], _right(*given)[1] / given[5]),
        ],
        hint("no-biases", _("the biases are missing: one for each filter.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * out)
        ),
        hint("one-bias", _("each filter has a bias of its own.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * out + 1)
        ),
        hint(
            "bias-per-input-channel", _("one bias for each filter, not for each input channel.")
        ): [
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * out + c),
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * out + c + out),
            _count(lambda kernel, c, out, *sizes: (kernel**2 + 1) * c * out),
        ],
        hint(
            "bias-per-weight",
            _("each filter has a single bias, not one for each of its kernel x kernel places."),
        ): _count(lambda kernel, c, out, *sizes: kernel**2 * (c + 1) * out),
        hint(
            "zeros-on-each-side",
            _(
                'with "same", there are ⌈height / stride⌉ places; as many zeros on each side give '
                "that only for an odd window."
            ),
        ): [
            _sides(
                lambda side, kernel, stride: (side + 2 * (kernel // 2) - kernel) // stride + 1,
                _valid,
            ),
            _sides(
                lambda side, kernel, stride: (
                    (side + 2 * ((kernel - 1) // 2) - kernel) // stride + 1
                ),
                _valid,
            ),
        ],
        hint("flat-kernel", _("a filter is kernel x kernel pixels large.")): [
            _count(lambda kernel, c, out, *sizes: kernel * c * out + out),
            _count(lambda kernel, c, out, *sizes: 2 * kernel * c * out + out),
        ],
        hint(
            "power",
            _("a power is written with two stars, kernel ** 2; `^` does not raise to a power."),
        ): (_count(lambda kernel, c, out, *sizes: (kernel ^ 2) * c * out + out)),
        hint("no-input-channels", _("a filter has weights for every input channel.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * out + out)
        ),
        hint(
            "channels-twice",
            _("a weight leads from each input channel to each output channel: multiply these two."),
        ): [
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * c + out),
            _count(lambda kernel, c, out, *sizes: kernel**2 * c * c + c),
            _count(lambda kernel, c, out, *sizes: kernel**2 * out * out + out),
        ],
        hint("shared-weights", _("every filter has weights of its own.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * c + out)
        ),
        hint("channels-added", _("every filter has weights for every channel: multiply.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * (c + out) + out)
        ),
        hint("one-filter", _("this is one filter; there are out_channels of them.")): (
            _count(lambda kernel, c, out, *sizes: kernel**2 * c + 1)
        ),
        hint("every-place", _("all places share the same weights: count them once.")): [
            _count(
                lambda kernel, c, out, rows, columns, *sizes: (
                    (kernel**2 * c + 1) * out * rows * columns
                )
            ),
            _count(
                lambda kernel, c, out, rows, columns, *sizes: (
                    kernel**2 * c * out * rows * columns + out
                )
            ),
        ],
        hint("biases-at-every-place", _("the biases are shared by all places, too.")): (
            _count(
                lambda kernel, c, out, rows, columns, *sizes: (
                    kernel**2 * c * out + rows * columns * out
                )
            )
        ),
        hint("dense", _("this is a dense layer; here a filter sees kernel x kernel pixels.")): (
            _count(lambda kernel, c, out, rows, columns, h, w: (h * w * c + 1) * out)
        ),
    },
)

"""The check of convolve: what each filter sees at each place, with zeros around the image."""

import functools
import math

import numpy as np

from course.check.engine.attempt import Attempt
from course.check.engine.comparison import Case, Comparison
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import SLICED_TWICE, hint, rows_for_columns, rows_twice
from course.check.engine.values import is_square
from course.check.lesson_06_convolution import wrong_convolutions as wrong
from course.check.lesson_06_convolution.rows_for_columns import (
    as_many_columns_as_rows,
    windows_of_rows,
)
from course.check.lesson_06_convolution.wrong_convolutions import right
from course.check.references import lesson_06_convolution as reference
from course.messages import _


def _cases(rng):
    numbered = np.arange(1, 10).reshape(3, 3, 1, 1)
    spot = np.zeros((3, 3, 1))
    spot[1, 1] = 1
    cases = [
        (np.full((1, 1, 1), 2), np.full((1, 1, 1, 1), 3), None),
        (spot, numbered, None),
        (np.arange(1, 5).reshape(2, 2, 1), np.ones((3, 3, 1, 1)), 1),
        (np.arange(1, 5).reshape(1, 4, 1), np.ones((1, 2, 1, 1)), 1),
        (np.arange(1, 7).reshape(1, 6, 1), np.array([1, 10, 100]).reshape(1, 3, 1, 1), 2),
    ]
    sizes = [
        ((1, 1, 1), (3, 3, 4), 1),
        ((4, 4, 2), (3, 3, 1), 1),
        ((5, 7, 1), (3, 3, 2), 1),
        ((6, 5, 3), (2, 4, 3), 1),
        ((5, 6, 2), (5, 3, 4), 2),
        ((8, 8, 3), (3, 3, 3), 2),
        ((7, 9, 2), (4, 4, 3), 2),
        ((9, 4, 1), (1, 2, 2), 3),
        ((3, 2, 2), (6, 5, 2), 1),
        ((6, 10, 1), (4, 4, 2), 2),
        ((28, 28, 1), (6, 6, 2), 2),
    ]
    h, w = rng.integers(6, 14, 2)
    sizes.append(((h, w, 2), (*rng.integers(2, 6, 2), 3), int(rng.integers(1, 4))))
    for shape, (kh, kw, out), stride in sizes:
        cases.append((rng.normal(size=shape), rng.normal(size=(kh, kw, shape[2], out)), stride))
    for image, filters, stride in cases:
        given = {"image": image.astype(np.float32), "filters": filters.astype(np.float32)}
        yield Case(given if stride is None else given | {"stride": stride})


def _check_whole_numbers(attempt, seed):
    """Check for fractions from an image of whole numbers, unless the answer takes no such image."""
    try:
        result = attempt.call(
            image=np.arange(1, 4, dtype=np.int64).reshape(1, 3, 1),
            filters=np.full((1, 1, 1, 1), 0.5, np.float32),
        )
    except CheckFailed as failure:
        if failure.__cause__:  # an error in the answer: TensorFlow wants fractions
            return
        raise
    result.equals(
        np.arange(1, 4).reshape(1, 3, 1) / 2,
        _("convolve must give floats for an image of whole numbers, too."),
        hint(
            "dtype",
            _("somewhere the image's own dtype cuts decimals off: calculate with float32."),
        ),
    )


class _Convolution(Comparison):
    """A check that first refuses an image without a batch: `conv2d` may end Python for it."""

    def check_cases(self, answer, cases):
        """Check an answer in these cases only; CheckFailed says what is wrong with it."""
        attempt = Attempt(answer, self.signature)
        if attempt.uses("conv2d") or attempt.uses("convolution"):
            _refuse_one_image(attempt, cases[0])
        return super().check_cases(answer, cases)


def _refuse_one_image(attempt, case):
    """Call an answer where TensorFlow looks at shapes alone; nothing but the batch matters here."""
    from course.backend import tf

    try:
        with tf.Graph().as_default():
            attempt.call(**case.given)
    except CheckFailed as failure:
        if failure.hint_id.endswith("batch-axis"):
            raise


# Zeros that are worked out with a size of the other axis, and what becomes of windows without them.
_ZEROS_OF_OTHER_AXIS = (
    lambda *given: wrong.zeros_of(*given)[::-1],
    lambda lengths, sizes, stride: wrong.zeros_of(lengths, sizes[::-1], stride),
    lambda lengths, sizes, stride: wrong.zeros_of(lengths, sizes[:1] * 2, stride),
    lambda lengths, sizes, stride: wrong.zeros_of(lengths, sizes[1:] * 2, stride),
)
_CUT_SHORT = (
    wrong.cut_short,
    wrong.filter_cut_short,
    functools.partial(wrong.filter_cut_short, is_repeated=True),
)

convolve = _Convolution(
    signature="convolve(image, filters, stride=1)",
    explains_errors=True,
    summary="image (h, w, in), filters (kh, kw, in, out) -> (ceil(h/s), ceil(w/s), out).",
    right=right,
    cases=_cases,
    meaning=_("one value for each place and each filter"),
    demand=_(
        "convolve must give, at each place, the sum of the window's pixels times the filter's "
        "weights, with zeros around the image."
    ),
    slack=lambda image, filters, stride=1: 1e-5 * right(np.abs(image), np.abs(filters), stride),
    afterwards=(_check_whole_numbers,),
    by_code={
        "": {SLICED_TWICE: rows_twice()},
        "padding-of-stride-1": {
            r"\bconv2d\(": hint(
                "stride-to-conv2d",
                _(
                    "these places are shifted: with a stride there is less to pad. Give the stride "
                    "to tf.nn.conv2d itself."
                ),
            )
        },
    },
    mistakes={
        hint(
            "flipped",
            _(
                "the filter is flipped: multiply the top left pixel of the window by the top left "
                "weight, as it stands."
            ),
        ): [
            wrong.of_filters(wrong.turned),
            lambda image, filters, stride=1: wrong.odd_zero_first(
                image, wrong.turned(filters), stride
            ),
        ],
        hint("flipped-rows", _("the filter is flipped upside down: use it as it stands.")): (
            wrong.of_filters(lambda filters: filters[::-1])
        ),
        hint("flipped-columns", _("the filter is mirrored: use it as it stands.")): (
            wrong.of_filters(lambda filters: filters[:, ::-1])
        ),
        hint("filter-transposed", _("rows and columns of the filter are exchanged.")): (
            wrong.of_filters(lambda filters: filters.transpose(1, 0, 2, 3))
        ),
        hint(
            "window-transposed",
            _("the window is kh pixels high and kw wide, not the other way round."),
        ): wrong.window_transposed,
        hint(
            "one-channel",
            _("a filter looks at all input channels: add them up, each with its own weights."),
        ): [
            wrong.of(lambda image, filters, stride: (image[:, :, :1], filters[:, :, :1], stride)),
            wrong.of(lambda image, filters, stride: (image[:, :, -1:], filters[:, :, -1:], stride)),
            wrong.channel_by_channel,
        ],
        hint("mean-of-channels", _("add the input channels up; do not take their mean.")): (
            wrong.of(lambda image, filters, stride: (image / image.shape[2], filters, stride))
        ),
        hint("mean", _("add the products up; do not take their mean.")): [
            wrong.of_filters(lambda filters: filters / np.prod(filters.shape[:2])),
            wrong.of_filters(lambda filters: filters / np.prod(filters.shape[:3])),
        ],
        hint("ReLU", _("leave negative values as they are: ReLU comes after this.")): (
            wrong.result(lambda found: np.maximum(found, 0))
        ),
        hint("first-filter-only", _("every filter gives a channel, not only the first.")): [
            wrong.result(lambda found: found[:, :, :1]),
            wrong.result(lambda found: found[:, :, 0]),
        ],
        hint(
            "last-filter-everywhere",
            _(
                "all channels hold the sums of a single filter: those of filter o, "
                "filters[:, :, :, o], belong in result[r, c, o] alone."
            ),
        ): [
            wrong.of_filters(lambda filters: wrong.repeated(filters, -1)),
            wrong.of_filters(lambda filters: wrong.repeated(filters, 0)),
        ],
        hint("filters-added", _("each filter gives a channel of its own: do not add them up.")): [
            wrong.of_filters(
                lambda filters: wrong.repeated(
                    filters.sum(axis=3, keepdims=True), 0, filters.shape[3]
                )
            ),
            wrong.result(lambda found: found.sum(axis=2)),
            wrong.result(lambda found: found.sum(axis=2, keepdims=True)),
        ],
        hint(
            "channels-exchanged",
            _("filters[:, :, i, o] leads from input channel i to output channel o."),
        ): wrong.of_filters(
            lambda filters: filters.transpose(0, 1, 3, 2) if is_square(filters[0, 0]) else filters
        ),
        hint("no-stride", _("the stride is not used: step that many pixels at a time.")): (
            wrong.after(lambda found, stride: found)
        ),
        hint(
            "padding-of-stride-1",
            _(
                "these places are shifted: with a stride there is less to pad. The padding needed "
                "is (ceil(h / stride) - 1) * stride + kh - h zeros in all."
            ),
        ): wrong.after(lambda found, stride: found[::stride, ::stride]),
        hint(
            "late-start",
            _("the padding is right, but the steps are off: start at the first place."),
        ): wrong.after(lambda found, stride: found[stride - 1 :: stride, stride - 1 :: stride]),
        hint("cut-off", _("this is stride 1, cut off; the next place is `stride` pixels on.")): (
            wrong.after(wrong.beginning)
        ),
        hint(
            "one-pixel-steps",
            _(
                "the windows move by one pixel here, down or across: the next place is `stride` "
                "pixels on."
            ),
        ): [wrong.padded(one_step=axes) for axes in ((0, 1), (0,), (1,))],
        rows_for_columns(): [
            wrong.zeros_for_as_many_columns_as_rows,
            wrong.result(as_many_columns_as_rows),
            wrong.result(windows_of_rows),
        ],
        hint("one-way-stride", _("the stride is for both directions: down and across.")): [
            wrong.strided(lambda stride: (stride, 1)),
            wrong.strided(lambda stride: (1, stride)),
            wrong.after(lambda found, stride: found[::stride]),
            wrong.after(lambda found, stride: found[:, ::stride]),
        ],
        hint(
            "dilated",
            _("dilations spread the filter out; the stride is how far the window moves."),
        ): wrong.of(lambda image, filters, stride: (image, wrong.spread(filters, stride), 1)),
        hint(
            "rounded-down",
            _("round up, math.ceil: a last, incomplete step of the stride still starts somewhere."),
        ): [
            lambda image, filters, stride=1: right(image, filters, stride)[
                : len(image) // stride, : image.shape[1] // stride
            ],
            wrong.padded(zeros=wrong.fewer_zeros, round_places=math.floor),
        ],
        hint(
            "no-padding",
            _("SAME padding surrounds the image with zeros, so that no place is lost."),
        ): [
            answer
            for valid in (wrong.valid, wrong.valid_or_stop(0), wrong.valid_or_stop(1))
            for answer in (valid, wrong.without_stride(valid))
        ],
        hint(
            "places-at-0",
            _("where the window does not fit, the values are still 0: pad the image first."),
        ): wrong.unfilled,
        hint(
            "all-zeros-first",
            _("half of the zeros go after the pixels: at the bottom and on the right."),
        ): wrong.padded(zeros=lambda *sizes: (wrong.all_zeros(*sizes), 0)),
        hint(
            "all-zeros-behind",
            _("half of the zeros go before the pixels: at the top and on the left."),
        ): (wrong.padded(zeros=lambda *sizes: (0, wrong.all_zeros(*sizes)))),
        hint(
            "zeros-of-other-axis",
            _(
                "the zeros do not fit the filter: their number down comes from h and kh, that "
                "across from w and kw. Is a name of the other axis left in one of the two lines?"
            ),
        ): [convolved(zeros) for zeros in _ZEROS_OF_OTHER_AXIS for convolved in _CUT_SHORT],
        hint(
            "no-zeros-behind",
            _("zeros are missing at the bottom and on the right: half of them go there."),
        ): wrong.cut_short(
            lambda *given: [(before, 0) for before, _behind in wrong.zeros_of(*given)]
        ),
        hint("height-and-width", _("height and width of the result are exchanged.")): (
            wrong.result(lambda found: found.transpose(1, 0, 2))
        ),
        hint("biased", _("add no bias: the sum of the products is all.")): (
            wrong.result(lambda found: found + 1)
        ),
        hint("edge-padding", _("the padding is zeros, not a copy of the pixels at the edge.")): (
            wrong.padded("edge")
        ),
        hint("other-number", _("the padding is zeros, no other number.")): (
            wrong.padded(constant_values=1)
        ),
        hint("mirror-padding", _("the padding is zeros, not a mirror image of the edge.")): [
            wrong.padded("reflect"),
            wrong.padded("symmetric"),
        ],
        hint("wrapped-padding", _("the padding is zeros, not the pixels of the other side.")): (
            wrong.padded("wrap")
        ),
        hint(
            "odd-zero-first",
            _(
                "when the zeros cannot be shared evenly, the odd one goes to the bottom and the "
                "right."
            ),
        ): [
            wrong.odd_zero_first,
            wrong.padded(zeros=lambda *sizes: reference.zeros_around(*sizes)[::-1]),
        ],
        hint(
            "half-a-filter-each-side",
            _(
                "half a filter on each side is too much with a stride or an even filter: "
                "(ceil(h / stride) - 1) * stride + kh - h zeros are needed in all."
            ),
        ): wrong.padded(zeros=lambda length, size, stride: (size // 2, size // 2)),
        hint(
            "filter-axis",
            _("keep the last axis, one entry for each filter, even if there is only one."),
        ): wrong.result(lambda found: found[:, :, 0] if found.shape[2] == 1 else found),
        hint(
            "batch-axis", _("one image has three axes; take the batch axis away again, with [0].")
        ): wrong.result(lambda found: found[np.newaxis]),
        hint("channels-first", _("the channels come last.")): (
            wrong.result(lambda found: found.transpose(2, 0, 1))
        ),
    },
)

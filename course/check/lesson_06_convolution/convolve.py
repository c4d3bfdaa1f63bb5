"""The check of convolve: what each filter sees at each place, with zeros around the image."""

import contextlib
import math

import numpy as np

from course.check.engine import environment
from course.check.engine.attempt import Attempt
from course.check.engine.comparison import Case, Comparison
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint, rows_for_columns
from course.check.engine.values import is_square
from course.check.lesson_06_convolution.rows_for_columns import (
    as_many_columns_as_rows,
    windows_of_rows,
)
from course.check.references import lesson_06_convolution as reference
from course.messages import _, again


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


def _of(change):
    """The convolution after change(image, filters, stride) of all three."""
    return lambda image, filters, stride=1: _right(*change(image, filters, stride))


def _of_filters(change):
    """The convolution with change(filters)."""
    return _of(lambda image, filters, stride: (image, change(filters), stride))


def _result(change):
    """What change(result) makes of the convolution."""
    return lambda image, filters, stride=1: change(_right(image, filters, stride))


def _after(change):
    """What change(result, stride) makes of the convolution with stride 1."""
    return lambda image, filters, stride=1: change(_right(image, filters, 1), stride)


def _beginning(found, stride):
    """As many places as there are steps of the stride."""
    rows, columns = (math.ceil(length / stride) for length in found.shape[:2])
    return found[:rows, :columns]


def _sums(padded, filters, down, across):
    """The sums of all windows of an image that is padded already."""
    seen = reference.windows(padded, filters.shape[:2], 1, "valid")[::down, ::across]
    return np.einsum("rcikl,klio->rco", seen, filters, optimize=True)


def _padded(
    mode="constant", one_step=(), zeros=reference.zeros_around, round_places=math.ceil, **settings
):
    """The convolution padded otherwise, with steps of a pixel along some axes, or fewer places."""

    def convolve(image, filters, stride=1):
        rows, columns = (round_places(length / stride) for length in image.shape[:2])
        margins = [
            zeros(*sizes, stride) for sizes in zip(image.shape[:2], filters.shape[:2], strict=True)
        ]
        padded = np.pad(image, (*margins, (0, 0)), mode=mode, **settings)
        strides = (1 if axis in one_step else stride for axis in (0, 1))
        return _sums(padded, filters, *strides)[:rows, :columns]

    return convolve


def _cut_short(margins_of):
    """The convolution with other zeros around; it stops if a window is cut short by the edge."""

    def convolve(image, filters, stride=1):
        margins = margins_of(image.shape[:2], filters.shape[:2], stride)
        places = tuple(math.ceil(length / stride) for length in image.shape[:2])
        found = _sums(np.pad(image, (*margins, (0, 0))), filters, stride, stride)
        found = found[: places[0], : places[1]]
        if found.shape[:2] != places:
            raise ValueError("shape-mismatch for sum")  # as tensordot says it
        return found

    return convolve


def _zeros(lengths, sizes, stride):
    """The zeros around for these lengths of the image, and these sizes of the filters."""
    return [reference.zeros_around(*each, stride) for each in zip(lengths, sizes, strict=True)]


def _all_zeros(length, size, stride):
    return sum(reference.zeros_around(length, size, stride))


def _fewer_zeros(length, size, stride):
    """The zeros around as many places as whole steps of the stride."""
    total = max((length // stride - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def _strided(strides_of):
    """The convolution with a stride down and another one across: strides_of(stride)."""

    def convolve(image, filters, stride=1):
        strides = strides_of(stride)
        sizes = zip(image.shape[:2], filters.shape[:2], strides, strict=True)
        margins = [reference.zeros_around(*each) for each in sizes]
        return _sums(np.pad(image, (*margins, (0, 0))), filters, *strides)

    return convolve


def _valid(image, filters, stride=1):
    """Only the places where the whole window fits."""
    places = [
        max(-(-(size - kernel + 1) // stride), 0)
        for size, kernel in zip(image.shape[:2], filters.shape[:2], strict=True)
    ]
    if 0 in places:
        return np.zeros((*places, filters.shape[3]))
    return _sums(image, filters, stride, stride)


def _valid_or_stop(most):
    """As TensorFlow does it: an error where the window is larger than the image by more."""

    def convolve(image, filters, stride=1):
        sizes = zip(image.shape[:2], filters.shape[:2], strict=True)
        if any(size + most < kernel for size, kernel in sizes):
            raise ValueError
        return _valid(image, filters, stride)

    return convolve


def _as_many_columns_as_rows(image, filters, stride=1):
    """As many columns as rows, and the zeros for so many."""
    rows = math.ceil(len(image) / stride)
    total = max((rows - 1) * stride + filters.shape[1] - image.shape[1], 0)
    margins = [
        reference.zeros_around(len(image), len(filters), stride),
        (total // 2, total - total // 2),
    ]
    padded = np.pad(image, (*margins, (0, 0)))
    return _sums(padded, filters, stride, stride)[:rows, :rows]


def _unfilled(image, filters, stride=1):
    """Only the places where the whole window fits, in an array that is 0 elsewhere."""
    found, filled = np.zeros_like(_right(image, filters, stride)), _valid(image, filters, stride)
    found[: filled.shape[0], : filled.shape[1]] = filled
    return found


def _turned(image):
    return image[::-1, ::-1]


def _odd_zero_first(image, filters, stride=1):
    return _turned(_right(_turned(image), _turned(filters), stride))


def _repeated(filters, which, count=None):
    """One of the filters, in place of each of them."""
    return np.repeat(filters[..., which, np.newaxis], count or filters.shape[3], axis=3)


def _channel_by_channel(image, filters, stride=1):
    """Each input channel filtered by itself; the results side by side."""
    places = range(image.shape[2])
    found = [_right(image[:, :, [i]], filters[:, :, [i]], stride) for i in places]
    return np.concatenate(found, axis=2)


def _spread(filters, stride):
    """The filters with zeros between their weights, as dilations make them."""
    size = [(length - 1) * stride + 1 for length in filters.shape[:2]]
    spread = np.zeros((*size, *filters.shape[2:]))
    spread[::stride, ::stride] = filters
    return spread


def _window_transposed(image, filters, stride=1):
    """A window of kw x kh pixels, times the filter, is stretched to fit where one of them is 1."""
    kh, kw = filters.shape[:2]
    if 1 not in (kh, kw):
        return _right(image, filters, stride)
    summed = np.broadcast_to(filters.sum(axis=(0, 1)), (kw, kh, *filters.shape[2:]))
    return _right(image, summed, stride)


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
        _("convolve must give fractions for an image of whole numbers, too."),
        hint(
            "dtype",
            _("somewhere the image's own dtype cuts fractions off: calculate with float32."),
        ),
    )


class _Convolution(Comparison):
    """A check that first refuses an image without a batch: `conv2d` may end Python for it.

    Where an answer stops, a mistake explains it that stops in the same cases, and gives the same in
    all others.
    """

    def check_cases(self, answer, cases):
        """Check an answer in these cases only; CheckFailed says what is wrong with it."""
        attempt = Attempt(answer, self.signature)
        if attempt.uses("conv2d") or attempt.uses("convolution"):
            _refuse_one_image(attempt, cases[0])
        try:
            return super().check_cases(answer, cases)
        except CheckFailed as failure:
            found = self._hint_for_error(attempt, cases) if failure.error else None
            if not found:
                raise
            raise failure.with_hint(found) from None

    def _hint_for_error(self, attempt, cases):
        with environment.diagnosing():
            found = [self._outcome(attempt, case) for case in cases]
        for its_hint, wrong in self.named_mistakes() if any(found) else ():
            wrong_ones = [self.value_of(wrong, case) for case in cases]
            if all(map(self.is_same, found, wrong_ones, cases)):
                return hint(its_hint.id, again(its_hint))
        return None

    def _outcome(self, attempt, case):
        """What an answer gives in a case; None if it stops."""
        with contextlib.suppress(CheckFailed):
            return self.by_part(self.tried(attempt, case).value)
        return None


def _refuse_one_image(attempt, case):
    """Call an answer where TensorFlow looks at shapes alone; nothing but the batch matters here."""
    from course.backend import tf

    try:
        with tf.Graph().as_default():
            attempt.call(**case.given)
    except CheckFailed as failure:
        if failure.hint_id.endswith("batch-axis"):
            raise


_right = unguarded(reference.convolve)

convolve = _Convolution(
    signature="convolve(image, filters, stride=1)",
    summary="image (h, w, in), filters (kh, kw, in, out) -> (ceil(h/s), ceil(w/s), out).",
    right=_right,
    cases=_cases,
    meaning=_("one value for each place and each filter"),
    demand=_(
        "convolve must give, at each place, the sum of the window's pixels times the filter's "
        "weights, with zeros around the image."
    ),
    slack=lambda image, filters, stride=1: 1e-5 * _right(np.abs(image), np.abs(filters), stride),
    afterwards=(_check_whole_numbers,),
    mistakes={
        hint(
            "flipped",
            _(
                "the filter is flipped: multiply the top left pixel of the window by the top left "
                "weight, as it stands."
            ),
        ): [
            _of_filters(_turned),
            lambda image, filters, stride=1: _odd_zero_first(image, _turned(filters), stride),
        ],
        hint("flipped-rows", _("the filter is flipped upside down: use it as it stands.")): (
            _of_filters(lambda filters: filters[::-1])
        ),
        hint("flipped-columns", _("the filter is mirrored: use it as it stands.")): (
            _of_filters(lambda filters: filters[:, ::-1])
        ),
        hint("filter-transposed", _("rows and columns of the filter are exchanged.")): (
            _of_filters(lambda filters: filters.transpose(1, 0, 2, 3))
        ),
        hint(
            "window-transposed",
            _("the window is kh pixels high and kw wide, not the other way round."),
        ): _window_transposed,
        hint(
            "one-channel",
            _("a filter looks at all input channels: add them up, each with its own weights."),
        ): [
            _of(lambda image, filters, stride: (image[:, :, :1], filters[:, :, :1], stride)),
            _of(lambda image, filters, stride: (image[:, :, -1:], filters[:, :, -1:], stride)),
            _channel_by_channel,
        ],
        hint("mean-of-channels", _("add the input channels up; do not take their mean.")): (
            _of(lambda image, filters, stride: (image / image.shape[2], filters, stride))
        ),
        hint("mean", _("add the products up; do not take their mean.")): [
            _of_filters(lambda filters: filters / np.prod(filters.shape[:2])),
            _of_filters(lambda filters: filters / np.prod(filters.shape[:3])),
        ],
        hint("ReLU", _("leave negative values as they are: ReLU comes after this.")): (
            _result(lambda found: np.maximum(found, 0))
        ),
        hint("first-filter-only", _("every filter gives a channel, not only the first.")): [
            _result(lambda found: found[:, :, :1]),
            _result(lambda found: found[:, :, 0]),
        ],
        hint(
            "last-filter-everywhere",
            _(
                "all channels hold the sums of a single filter: those of filter o, "
                "filters[:, :, :, o], belong into result[r, c, o] alone."
            ),
        ): [
            _of_filters(lambda filters: _repeated(filters, -1)),
            _of_filters(lambda filters: _repeated(filters, 0)),
        ],
        hint("filters-added", _("each filter gives a channel of its own: do not add them up.")): [
            _of_filters(
                lambda filters: _repeated(filters.sum(axis=3, keepdims=True), 0, filters.shape[3])
            ),
            _result(lambda found: found.sum(axis=2)),
            _result(lambda found: found.sum(axis=2, keepdims=True)),
        ],
        hint(
            "channels-exchanged",
            _("filters[:, :, i, o] leads from input channel i to output channel o."),
        ): _of_filters(
            lambda filters: filters.transpose(0, 1, 3, 2) if is_square(filters[0, 0]) else filters
        ),
        hint("no-stride", _("the stride is not used: step that many pixels at a time.")): (
            _after(lambda found, stride: found)
        ),
        hint(
            "padding-of-stride-1",
            _(
                "these places are shifted: with a stride there is less to pad. The padding needed "
                "is (ceil(h / stride) - 1) * stride + kh - h zeros in all."
            ),
        ): _after(lambda found, stride: found[::stride, ::stride]),
        hint(
            "late-start",
            _("the padding is right, but the steps are off: start at the first place."),
        ): _after(lambda found, stride: found[stride - 1 :: stride, stride - 1 :: stride]),
        hint("cut-off", _("this is stride 1, cut off; the next place is `stride` pixels on.")): (
            _after(_beginning)
        ),
        hint(
            "one-pixel-steps",
            _(
                "the windows move by one pixel here, down or across: the next place is `stride` "
                "pixels on."
            ),
        ): [_padded(one_step=axes) for axes in ((0, 1), (0,), (1,))],
        rows_for_columns(): [
            _as_many_columns_as_rows,
            _result(as_many_columns_as_rows),
            _result(windows_of_rows),
        ],
        hint("one-way-stride", _("the stride is for both directions: down and across.")): [
            _strided(lambda stride: (stride, 1)),
            _strided(lambda stride: (1, stride)),
            _after(lambda found, stride: found[::stride]),
            _after(lambda found, stride: found[:, ::stride]),
        ],
        hint(
            "dilated",
            _("dilations spread the filter out; the stride is how far the window moves."),
        ): _of(lambda image, filters, stride: (image, _spread(filters, stride), 1)),
        hint(
            "rounded-down",
            _("round up, math.ceil: a last, incomplete step of the stride still starts somewhere."),
        ): [
            lambda image, filters, stride=1: _right(image, filters, stride)[
                : len(image) // stride, : image.shape[1] // stride
            ],
            _padded(zeros=_fewer_zeros, round_places=math.floor),
        ],
        hint(
            "no-padding",
            _("SAME padding surrounds the image with zeros, so that no place is lost."),
        ): [_valid, _valid_or_stop(0), _valid_or_stop(1)],
        hint(
            "places-at-0",
            _("where the window does not fit, the values are still 0: pad the image first."),
        ): _unfilled,
        hint(
            "all-zeros-first", _("half of the zeros go behind: at the bottom and on the right.")
        ): _padded(zeros=lambda *sizes: (_all_zeros(*sizes), 0)),
        hint("all-zeros-behind", _("half of the zeros go in front: at the top and on the left.")): (
            _padded(zeros=lambda *sizes: (0, _all_zeros(*sizes)))
        ),
        hint(
            "zeros-of-other-axis",
            _(
                "the zeros do not fit the filter: their number down comes from h and kh, that "
                "across from w and kw. Is a name of the other axis left in one of the two lines?"
            ),
        ): [
            _cut_short(lambda *given: _zeros(*given)[::-1]),
            _cut_short(lambda lengths, sizes, stride: _zeros(lengths, sizes[::-1], stride)),
            _cut_short(lambda lengths, sizes, stride: _zeros(lengths, sizes[:1] * 2, stride)),
            _cut_short(lambda lengths, sizes, stride: _zeros(lengths, sizes[1:] * 2, stride)),
        ],
        hint(
            "no-zeros-behind",
            _("zeros are missing at the bottom and on the right: half of them go behind."),
        ): _cut_short(lambda *given: [(before, 0) for before, _after in _zeros(*given)]),
        hint("height-and-width", _("height and width of the result are exchanged.")): (
            _result(lambda found: found.transpose(1, 0, 2))
        ),
        hint("biased", _("add no bias: the sum of the products is all.")): (
            _result(lambda found: found + 1)
        ),
        hint("edge-padding", _("the padding is zeros, not a copy of the pixels at the edge.")): (
            _padded("edge")
        ),
        hint("other-number", _("the padding is zeros, no other number.")): (
            _padded(constant_values=1)
        ),
        hint("mirror-padding", _("the padding is zeros, not a mirror image of the edge.")): [
            _padded("reflect"),
            _padded("symmetric"),
        ],
        hint("wrapped-padding", _("the padding is zeros, not the pixels of the other side.")): (
            _padded("wrap")
        ),
        hint(
            "odd-zero-first",
            _(
                "when the zeros cannot be shared evenly, the odd one goes to the bottom and the "
                "right."
            ),
        ): [
            _odd_zero_first,
            _padded(zeros=lambda *sizes: reference.zeros_around(*sizes)[::-1]),
        ],
        hint(
            "half-a-filter-each-side",
            _(
                "half a filter on each side is too much with a stride or an even filter: "
                "(ceil(h / stride) - 1) * stride + kh - h zeros are needed in all."
            ),
        ): _padded(zeros=lambda length, size, stride: (size // 2, size // 2)),
        hint(
            "filter-axis",
            _("keep the last axis, one entry for each filter, even if there is only one."),
        ): _result(lambda found: found[:, :, 0] if found.shape[2] == 1 else found),
        hint(
            "batch-axis", _("one image has three axes; take the batch axis away again, with [0].")
        ): _result(lambda found: found[np.newaxis]),
        hint("channels-first", _("the channels come last.")): (
            _result(lambda found: found.transpose(2, 0, 1))
        ),
    },
)

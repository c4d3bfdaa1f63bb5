"""What comes of a convolution that goes wrong: constructors of the mistakes of convolve."""

import math

import numpy as np

from course.check.engine.guard import unguarded
from course.check.references import lesson_06_convolution as reference

right = unguarded(reference.convolve)


def of(change):
    """The convolution after change(image, filters, stride) of all three."""
    return lambda image, filters, stride=1: right(*change(image, filters, stride))


def of_filters(change):
    """The convolution with change(filters)."""
    return of(lambda image, filters, stride: (image, change(filters), stride))


def result(change):
    """What change(result) makes of the convolution."""
    return lambda image, filters, stride=1: change(right(image, filters, stride))


def after(change):
    """What change(result, stride) makes of the convolution with stride 1."""
    return lambda image, filters, stride=1: change(right(image, filters, 1), stride)


def beginning(found, stride):
    """As many places as there are steps of the stride."""
    rows, columns = (math.ceil(length / stride) for length in found.shape[:2])
    return found[:rows, :columns]


def _sums(wide, filters, down, across):
    """The sums of all windows of an image that is padded already."""
    seen = reference.windows(wide, filters.shape[:2], 1, "valid")[::down, ::across]
    return np.einsum("rcikl,klio->rco", seen, filters, optimize=True)


def padded(
    mode="constant", one_step=(), zeros=reference.zeros_around, round_places=math.ceil, **settings
):
    """The convolution padded otherwise, with steps of a pixel along some axes, or fewer places."""

    def convolve(image, filters, stride=1):
        rows, columns = (round_places(length / stride) for length in image.shape[:2])
        margins = [
            zeros(*sizes, stride) for sizes in zip(image.shape[:2], filters.shape[:2], strict=True)
        ]
        wide = np.pad(image, (*margins, (0, 0)), mode=mode, **settings)
        strides = (1 if axis in one_step else stride for axis in (0, 1))
        return _sums(wide, filters, *strides)[:rows, :columns]

    return convolve


def cut_short(margins_of):
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


def filter_cut_short(margins_of, is_repeated=False):
    """The convolution with other zeros around; at the edge a window is cut short, and the filter.

    is_repeated  a window of one row or column is stretched to the filter instead, as NumPy does it,
                 and any other that is cut short stops it
    """

    def convolve(image, filters, stride=1):
        margins = margins_of(image.shape[:2], filters.shape[:2], stride)
        wide = np.pad(image, (*margins, (0, 0)))
        found = np.zeros((*(math.ceil(n / stride) for n in image.shape[:2]), filters.shape[3]))
        for i, j in np.ndindex(found.shape[:2]):
            rows, columns = (
                slice(n * stride, n * stride + size)
                for n, size in zip((i, j), filters.shape[:2], strict=True)
            )
            window = wide[rows, columns]
            used = filters if is_repeated else filters[: window.shape[0], : window.shape[1]]
            found[i, j] = (window[..., np.newaxis] * used).sum((0, 1, 2))
        return found

    return convolve


def zeros_of(lengths, sizes, stride):
    """The zeros around for these lengths of the image, and these sizes of the filters."""
    return [reference.zeros_around(*each, stride) for each in zip(lengths, sizes, strict=True)]


def all_zeros(length, size, stride):
    """The number of zeros around, on both sides together."""
    return sum(reference.zeros_around(length, size, stride))


def fewer_zeros(length, size, stride):
    """The zeros around as many places as whole steps of the stride."""
    total = max((length // stride - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def strided(strides_of):
    """The convolution with a stride down and another one across: strides_of(stride)."""

    def convolve(image, filters, stride=1):
        strides = strides_of(stride)
        sizes = zip(image.shape[:2], filters.shape[:2], strides, strict=True)
        margins = [reference.zeros_around(*each) for each in sizes]
        return _sums(np.pad(image, (*margins, (0, 0))), filters, *strides)

    return convolve


def valid(image, filters, stride=1):
    """Only the places where the whole window fits."""
    places = [
        max(-(-(size - kernel + 1) // stride), 0)
        for size, kernel in zip(image.shape[:2], filters.shape[:2], strict=True)
    ]
    if 0 in places:
        return np.zeros((*places, filters.shape[3]))
    return _sums(image, filters, stride, stride)


def valid_or_stop(most):
    """As TensorFlow does it: an error where the window is larger than the image by more."""

    def convolve(image, filters, stride=1):
        sizes = zip(image.shape[:2], filters.shape[:2], strict=True)
        if any(size + most < kernel for size, kernel in sizes):
            raise ValueError
        return valid(image, filters, stride)

    return convolve


def without_stride(convolve):
    """The same answer where the stride is not used."""
    return lambda image, filters, _stride=1: convolve(image, filters)


def zeros_for_as_many_columns_as_rows(image, filters, stride=1):
    """As many columns as rows, and the zeros for that many."""
    rows = math.ceil(len(image) / stride)
    total = max((rows - 1) * stride + filters.shape[1] - image.shape[1], 0)
    margins = [
        reference.zeros_around(len(image), len(filters), stride),
        (total // 2, total - total // 2),
    ]
    wide = np.pad(image, (*margins, (0, 0)))
    return _sums(wide, filters, stride, stride)[:rows, :rows]


def unfilled(image, filters, stride=1):
    """Only the places where the whole window fits, in an array that is 0 elsewhere."""
    found, filled = np.zeros_like(right(image, filters, stride)), valid(image, filters, stride)
    found[: filled.shape[0], : filled.shape[1]] = filled
    return found


def turned(image):
    """An image, or filters, turned by half a circle."""
    return image[::-1, ::-1]


def odd_zero_first(image, filters, stride=1):
    """The convolution with the odd zero at the top and on the left."""
    return turned(right(turned(image), turned(filters), stride))


def repeated(filters, which, count=None):
    """One of the filters, in place of each of them."""
    return np.repeat(filters[..., which, np.newaxis], count or filters.shape[3], axis=3)


def channel_by_channel(image, filters, stride=1):
    """Each input channel filtered by itself; the results side by side."""
    places = range(image.shape[2])
    found = [right(image[:, :, [i]], filters[:, :, [i]], stride) for i in places]
    return np.concatenate(found, axis=2)


def spread(filters, stride):
    """The filters with zeros between their weights, as dilations make them."""
    size = [(length - 1) * stride + 1 for length in filters.shape[:2]]
    spread = np.zeros((*size, *filters.shape[2:]))
    spread[::stride, ::stride] = filters
    return spread


def window_transposed(image, filters, stride=1):
    """A window of kw x kh pixels, times the filter, is stretched to fit where one of them is 1."""
    kh, kw = filters.shape[:2]
    if 1 not in (kh, kw):
        return right(image, filters, stride)
    summed = np.broadcast_to(filters.sum(axis=(0, 1)), (kw, kh, *filters.shape[2:]))
    return right(image, summed, stride)

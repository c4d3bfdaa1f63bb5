"""The check of augmented: each batch is read back as images of the given ones, and their shifts."""

import itertools

import numpy as np

from course.check.engine import formatting
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import check_kind
from course.check.engine.orders import is_permutation, kept_neighbours
from course.check.engine.properties import DEVIATIONS, listed
from course.check.engine.shifted_copies import ShiftedCopies
from course.messages import _
from course.silence import silence

_FARTHEST = 2
_MANY, _BATCH = 120, 32
_UNLIKE = "Shapes are: "  # in TensorFlow's errors of images of several sizes in one batch
_MAX_NEIGHBOURS = 12  # of a random order keep each other, once in ten million times


def augmented(answer, seed=0):
    """(n, 28, 28, 1), (n,), two numbers -> a tf.data.Dataset of shuffled, moved batches."""
    attempt = Attempt(answer, "augmented(images, labels, batch_size, seed)")
    rng = np.random.default_rng([43, seed])
    for count, batch_size in ((8, 3), (1, 3)):
        given = _Given(rng, count, batch_size, np.uint8)
        given.read(given.ask(attempt))
    given = _Given(rng, _MANY, _BATCH, np.float32)
    result = given.ask(attempt)
    order, shifts = given.read(result)
    _check_order(result, order)
    _check_shifts(result, shifts)
    order_later, shifts_later = given.read(result)
    _check_other_shifts(result, shifts[np.argsort(order)], shifts_later[np.argsort(order_later)])
    _check_seed(given, attempt, order, shifts)


class _Given:
    """What an answer is given, and the reading of its data set."""

    def __init__(self, rng, count, batch_size, kind):
        pixels = rng.uniform(0.1, 1, (count, 28, 28, 1))
        self.images = (pixels * (255 if kind == np.uint8 else 1)).astype(kind)
        self.labels = rng.integers(0, 10, count)
        self.batch_size = batch_size
        self.seed = int(rng.integers(1000))
        self._copies = ShiftedCopies(self.images, _FARTHEST)

    def ask(self, attempt, more=0):
        """The result, which must be a data set; with another seed if there is `more`."""
        result = attempt.call(
            images=self.images,
            labels=self.labels,
            batch_size=self.batch_size,
            seed=self.seed + more,
        )
        check_kind(
            result,
            "dataset",
            _("augmented must return a tf.data.Dataset."),
            hint("return-data-set", _("from_tensor_slices turns a pair of arrays into one.")),
        )
        return result

    def read(self, result):
        """An epoch: the places of its images among those given, and how far each was moved."""
        batches = self._batches(result)
        for x, y in batches:
            self._check_batch(result, x, y)
        self._check_sizes(result, [len(y) for _x, y in batches])
        x, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        order, shifts, is_copy = self._copies.found(x)
        _check_copies(result, self.images, x, is_copy)
        self._check_types(result, x, y)
        if not is_permutation(order, len(self.images)):
            result.fail(
                _("augmented must give each image once in an epoch."),
                got=_("{count} of {total} images").format(
                    count=len(set(order.tolist())), total=len(self.images)
                ),
            )
        if not np.array_equal(y, self.labels[order]):
            result.fail(
                _("augmented must leave each label with its image."),
                got=_("{count} of {total} labels with another image").format(
                    count=np.count_nonzero(y != self.labels[order]), total=len(y)
                ),
                hint=hint("labels-apart", _("images and labels go through `shuffle` as pairs.")),
            )
        return order, shifts

    def _batches(self, result):
        """The elements of an epoch; a few more than there should be if it does not end."""
        most = len(self.images) // self.batch_size + 3
        try:
            with silence():
                found = list(itertools.islice(iter(result.value), most))
        except Exception as error:
            result.fail(
                _("augmented must return a data set that can be read."),
                got=formatting.error_text(error),
                hint=_too_small() if _UNLIKE in str(error) else None,
            )
        pairs = [item for item in found if isinstance(item, tuple | list) and len(item) == 2]
        if len(pairs) < len(found):
            result.fail(
                _("augmented must give batches that are pairs: images, labels."),
                got=formatting.kind_text(np.asarray(found[0])),
                hint=hint(
                    "both",
                    _(
                        "from_tensor_slices takes the pair of both, and what `map` calls returns "
                        "both, the image and its label."
                    ),
                ),
            )
        return [tuple(map(np.asarray, pair)) for pair in pairs]

    def _check_batch(self, result, x, y):
        count = len(y) if y.ndim else 0
        shape = (count, *self.images.shape[1:])
        if y.ndim > 1:
            result.fail_shape(
                _("augmented must give each label as it came in, one number for each image."),
                (len(y),),
                y.shape,
            )
        if x.shape != shape or y.ndim != 1:
            result.fail_shape(
                _("augmented must give batches of images, of the shape that they came in."),
                shape if count else (self.batch_size, *shape[1:]),
                x.shape,
                hint("not-batched", _("`batch` puts several examples together."))
                if y.ndim == 0
                else _shape_hint(x.shape, shape),
            )

    def _check_types(self, result, x, y):
        for name, array, given in (("images", x, self.images), ("labels", y, self.labels)):
            if array.dtype != given.dtype:
                result.fail(
                    _("augmented must leave the type of the {name} as it is.").format(name=name),
                    expected=given.dtype,
                    got=array.dtype,
                    hint=hint(
                        "fractions",
                        _(
                            "Keras's layers, and a division, give float32: "
                            "tf.cast(moved, image.dtype) brings the type of the image back."
                        ),
                    )
                    if name == "images" and array.dtype.kind == "f"
                    else None,
                )

    def _check_sizes(self, result, sizes):
        count, size = len(self.images), self.batch_size
        expected = [size] * (count // size) + [count % size] * (count % size > 0)
        if sizes == expected:
            return
        its_hint = None
        if sizes == expected[: count // size]:
            its_hint = hint("tail-dropped", _("the last, smaller batch is missing: keep it."))
        elif sum(sizes) > count:
            its_hint = hint(
                "repeated",
                _("an epoch holds each example once: leave `repeat` out, and add no copies."),
            )
        elif sorted(sizes) == sorted(expected):
            its_hint = _shuffled_late()
        elif sum(sizes) == count and len(set(sizes[:-1])) < 2:
            its_hint = hint(
                "other-size", _("`batch` takes the argument batch_size, and no other number.")
            )
        result.fail(
            _("augmented must give all examples, in batches of batch_size, the last one smaller."),
            expected=", ".join(map(str, expected)),
            got=", ".join(map(str, sizes)) or _("none"),
            hint=its_hint,
        )


def _shape_hint(got, shape):
    """What is behind another shape of a batch of images, if it tells."""
    if got == shape[:-1]:
        return hint("shape-kept", _("the last axis, of length 1, stays as well."))
    if len(got) != len(shape):
        return None
    if got[:-1] == shape[:-1]:
        return hint(
            "channels-padded",
            _("the last axis, of length 1, gets no zeros: its pair in tf.pad is [0, 0]."),
        )
    if got[1] > shape[1] and got[2] > shape[2]:
        return hint(
            "not-cropped",
            _("with the zeros around it the image is larger: cut 28 x 28 pixels out of it."),
        )
    if got[1] <= shape[1] and got[2] <= shape[2]:
        return _too_small()
    return None


def _too_small():
    return hint(
        "too-small",
        _(
            "what is cut out is too small: from the image with zeros around it, take the rows from "
            "`top` to `top + 28`, where `top` is 0 to 4, and the columns likewise."
        ),
    )


def _darker():
    return hint(
        "darker",
        _("all pixels are smaller than they came in: only move them, and do not divide."),
    )


def _check_copies(result, images, x, is_copy):
    if not is_copy.all():
        result.fail(
            _(
                "augmented must move each image by whole pixels, two at most in each direction, "
                "with zeros coming in."
            ),
            got=_("{count} of {total} images that are not such copies").format(
                count=np.count_nonzero(~is_copy), total=len(x)
            ),
            hint=_hint_for_copies(images, x, is_copy),
        )


def _hint_for_copies(images, x, is_copy):
    """The hint for another way to change images, if it explains all that are no copies."""
    if x.max() < images.min():
        return _darker()
    fractions = hint(
        "fractions-of-a-pixel",
        _(
            "neighbouring pixels are mixed: the images are moved by fractions of a pixel, as by "
            "RandomTranslation. A window of a padded image moves by whole ones."
        ),
    )
    wraps = hint(
        "wraps",
        _("what leaves the image at one side comes in at the other: pad with zeros."),
    )
    not_zeros = hint("not-zeros", _("the image itself comes in at its edge: zeros should come in."))
    other_number = hint(
        "other-number",
        _("a number other than 0 comes in at the edge: the background of a digit is 0."),
    )
    too_far = hint("too-far", _("some are moved by more than two pixels."))
    mirrored = hint(
        "mirrored",
        _("some are mirrored or turned: that makes another digit, or none. Only move them."),
    )
    for its_hint, mode, farthest in (
        (fractions, "constant", _FARTHEST),
        (wraps, "wrap", _FARTHEST),
        *((not_zeros, mode, _FARTHEST) for mode in ("symmetric", "reflect", "edge")),
        *((other_number, float(end), _FARTHEST) for end in (x.min(), x.max())),
        (too_far, "constant", 2 * _FARTHEST),
    ):
        if ShiftedCopies(images, farthest, mode).are_mixed(x):
            return its_hint
    turned = images.swapaxes(1, 2)
    for changed in (
        *(images[:, ::-1], images[:, :, ::-1], images[:, ::-1, ::-1]),
        *(turned[:, ::-1], turned[:, :, ::-1]),
    ):
        if ShiftedCopies(changed, _FARTHEST).are_mixed(x[~is_copy]):
            return mirrored
    return None


# Order and shifts -------------------------------------------------------------------------------


def _shuffled_late():
    return hint("whole-batches", _("shuffle examples, not batches: before `batch`."))


def _check_order(result, order):
    places = np.arange(len(order))
    demand = _("augmented must shuffle the examples.")
    if np.array_equal(order, places):
        result.fail(
            demand,
            got=_("the order in which they were given"),
            hint=hint("not-shuffled", _("`shuffle` comes before `batch`.")),
        )
    if (order - places).max() < len(order) / 2:
        result.fail(
            _("augmented must shuffle over all examples."),
            got=_("a first batch that holds only the first {count} examples").format(
                count=int(order[:_BATCH].max()) + 1
            ),
            hint=hint(
                "small-buffer",
                _("`shuffle` chooses among as many as its buffer holds: give it all of them."),
            ),
        )
    if kept_neighbours(order, places) > _MAX_NEIGHBOURS:
        result.fail(
            demand,
            got=_("neighbours that stay together"),
            hint=_shuffled_late(),
        )


def _check_shifts(result, shifts):
    demand = _("augmented must move each image at random, by -2 to 2 pixels down and across.")
    if not np.any(shifts):
        result.fail(
            demand,
            got=_("images as they were"),
            hint=hint(
                "not-moved",
                _("nothing is moved. `map` gives a new data set: is that one returned?"),
            ),
        )
    parts = np.split(shifts, range(_BATCH, len(shifts), _BATCH))
    if all(np.ptp(part, axis=0).max() == 0 for part in parts):
        result.fail(
            _("augmented must move each image by itself."),
            got=_("one shift for all images of a batch")
            if np.ptp(shifts, axis=0).any()
            else _("one shift for all images"),
            hint=hint("one-shift", _("draw a shift for each image: map before `batch`."))
            if np.ptp(shifts, axis=0).any()
            else hint(
                "drawn-once",
                _(
                    "`map` runs your function's Python once: what NumPy draws in it stays the "
                    "same, and so does what is drawn from one seed again and again. Make a "
                    "tf.random.Generator before `map`, and draw from that."
                ),
            ),
        )
    low, high = shifts.min(axis=0), shifts.max(axis=0)
    if low.max() > -_FARTHEST or high.min() < _FARTHEST:
        lacks_one = any(
            np.all(low == down) and np.all(high == up) for down, up in ((-2, 1), (-1, 2))
        )
        result.fail(
            demand,
            got=_("{low} to {high} down, {left} to {right} across").format(
                low=low[0], high=high[0], left=low[1], right=high[1]
            ),
            hint=hint(
                "upper-end",
                _("one end never comes: whole numbers are drawn below the upper end, without it."),
            )
            if lacks_one
            else None,
        )
    steps = np.arange(-_FARTHEST, _FARTHEST + 1)
    if not all(np.isin(steps, shifts[:, axis]).all() for axis in (0, 1)):
        down, across = (listed(list(np.unique(part))) for part in shifts.T)
        result.fail(
            demand,
            got=_("{down} down, {across} across, and nothing else").format(
                down=down, across=across
            ),
            hint=hint("left-out", _("-2, -1, 0, 1 and 2 can all come, down as well as across.")),
        )
    if abs(np.corrcoef(shifts.T)[0, 1]) > DEVIATIONS / np.sqrt(len(shifts)):
        result.fail(
            demand,
            got=_("shifts down and across that depend on one another"),
            hint=hint("two-draws", _("draw two numbers for each image, one for each direction.")),
        )


def _check_other_shifts(result, shifts, later):
    same = np.mean(np.all(shifts == later, axis=1))
    if same > 0.5:
        result.fail(
            _("augmented must move the images differently in each epoch."),
            got=_("{share:.0%} of the images moved as in the epoch before").format(share=same),
            hint=hint(
                "same-shifts",
                _(
                    "these are drawn once and kept: shifts that are drawn inside `map`, without "
                    "`cache` behind it, are new in each epoch."
                ),
            ),
        )


def _check_seed(given, attempt, order, shifts):
    demand = _("augmented must derive all randomness from `seed`.")
    use = hint("seed", _("`shuffle` takes a seed, and so does the generator of the shifts."))
    again = given.ask(attempt)
    order_again, shifts_again = given.read(again)
    if not np.array_equal(order, order_again) or not np.array_equal(
        np.sort(np.ravel(shifts)), np.sort(np.ravel(shifts_again))
    ):
        again.fail(demand, got=_("another epoch from the same seed"), hint=use)
    other = given.ask(attempt, more=1)
    if np.array_equal(order, given.read(other)[0]):
        other.fail(
            demand,
            got=_("the same order from another seed"),
            hint=hint("fixed-seed", _("`seed` is an argument: do not use a fixed number.")),
        )

"""Pooling and batch norm: from a feature map to a smaller one, and what a shift does to both."""

import numpy as np

from course import digits
from course.check.references.lesson_06_convolution import batch_norm, windows
from course.drawing.number_format import percent, short
from course.messages import _
from course.playgrounds import controls, playground, scene
from course.playgrounds.feature_maps import feature_map
from course.playgrounds.inputs import UnsuitableInput, digit_image
from course.playgrounds.moves import one_move
from course.playgrounds.scene import Axis, Panel, Scene, bars, line, rect, text
from course.training.examples import SIDE, scale_pixels

EDGES = ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1))  # the filter: left and right edges
MAXIMUM, MEAN = "max", "mean"

_BATCH = 64  # digits whose values batch norm sees
_DIGIT = 5
_BINS = np.linspace(-4, 4, 41)


# What is computed ---------------------------------------------------------------------------------


def pool(feature, size: int, kind: str) -> np.ndarray:
    """Return the largest value, or the mean, of each block: (h, w) -> (h // size, w // size).

    What is left over at the right and at the bottom is ignored.
    """
    blocks = windows(np.asarray(feature), (size, size), size, "valid")
    return blocks.max(axis=(2, 3)) if kind == MAXIMUM else blocks.mean(axis=(2, 3))


def normalise(maps, gamma: float, beta: float) -> np.ndarray:
    """Return maps (n, h, w) with mean `beta` and deviation `gamma` over the whole batch."""
    values = np.reshape(maps, (-1, 1))
    ones = np.ones(1)
    done, _mean, _variance = batch_norm(values, gamma * ones, beta * ones, 0 * ones, ones, True)
    return np.reshape(done, np.shape(maps))


def shifted(image, right: int) -> np.ndarray:
    """Return the image moved to the right by some pixels; zeros come in at the left."""
    moved = np.zeros_like(image)
    moved[:, right:] = image[:, : image.shape[1] - right]
    return moved


def changed(before, after) -> float:
    """Return how much two maps differ, as a share of what is in them, 0..1."""
    whole = np.abs(before).sum() + np.abs(after).sum()
    return float(np.abs(after - before).sum() / whole) if whole else 0.0


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The normalised feature map, the values of a batch, and the pooled map after ReLU."""

    def __init__(self, image):
        self._image = image
        others = scale_pixels(digits.load("embedded").test.images[: _BATCH - 1])
        self._others = np.stack([feature_map(other, EDGES) for other in others])

    def _maps(self, image, gamma, beta):
        """Return the map of this image and those of the batch, before and after batch norm."""
        before = np.concatenate([feature_map(image, EDGES)[np.newaxis], self._others])
        return before, normalise(before, gamma, beta)

    def __call__(self, kind, size, shift, gamma, beta, row, column) -> Scene:
        before, after = self._maps(shifted(self._image, shift), gamma, beta)
        unmoved = np.maximum(self._maps(self._image, gamma, beta)[1][0], 0)
        feature = np.maximum(after[0], 0)
        pooled = pool(feature, size, kind)
        block = feature[row * size : (row + 1) * size, column * size : (column + 1) * size]
        moved = changed(unmoved, feature), changed(pool(unmoved, size, kind), pooled)
        reach = max(np.abs(after[0]).max(), 1e-9)
        panels = [
            _map(after[0], reach, row, column, size),
            _values(before, after),
            _pooled(pooled, reach, row, column),
        ]
        verdict = ""
        if shift:
            verdict = _(
                "moved by {shift}: after ReLU, the map changes by {fine}, the pooled map by "
                "{coarse}"
            )
            shares = {"fine": percent(moved[0]), "coarse": percent(moved[1])}
            verdict = verdict.format(shift=shift, **shares)
        alt = _(
            "A feature map of 28 x 28 values, after batch norm with scale {gamma} and shift "
            "{beta}, becomes a pooled map of {rows} x {rows}: of each block of {size} x {size}, "
            "{what}. At row {row}, column {column} the block holds {block}, which gives {value}. "
            "{verdict}"
        ).format(
            gamma=short(gamma),
            beta=short(beta),
            rows=len(pooled),
            size=size,
            what=_("the largest value") if kind == MAXIMUM else _("the mean"),
            row=row,
            column=column,
            block=_listed(block.ravel()),
            value=_two_decimals(pooled[row, column]),
            verdict=_("{said}.").format(said=verdict) if verdict else _("The digit is not moved."),
        )
        return Scene(panels, alt, height=290, verdict=verdict)


def _listed(values):
    """List a few numbers one by one; of many, only the smallest and the largest."""
    if len(values) > 9:
        said = _("values from {low} to {high}")
        return said.format(low=_two_decimals(values.min()), high=_two_decimals(values.max()))
    return ", ".join(map(_two_decimals, values))


def _two_decimals(value):
    return short(round(float(value), 2))


def _map(values, reach, row, column, size):
    marks = [
        scene.image(values, (0, 0, SIDE, SIDE), scene.SIGNED, -reach, reach),
        rect(0, 0, SIDE, SIDE),
        rect(column * size, row * size, size, size, "ink", stroke=3),
    ]
    ends = Axis(-0.3, SIDE + 0.3, ticks=()), Axis(SIDE + 0.3, -0.3, ticks=())
    at = (column + 0.5) * size, (row + 0.5) * size
    look = {"equal": True, "frame": False, "step": (size, size), "at": at}
    note = _("ReLU lets only blue (above 0) through")
    return Panel("map", *ends, marks, _("1  feature map, after batch norm"), note, **look)


def _values(before, after):
    """Return the values of the whole batch as two histograms, over a scale by powers of ten."""
    marks = []
    middles = (_BINS[1:] + _BINS[:-1]) / 2
    top = 0.0
    for values, colour, look in ((before, ("quiet", 0.5), "bars"), (after, "training", "line")):
        counts = np.histogram(np.clip(values, _BINS[0], _BINS[-1]), _BINS)[0]
        heights = np.log10(1 + counts)
        top = max(top, heights.max())
        if look == "bars":
            marks.append(bars(middles, heights, colour, width=0.19))
        else:
            marks.append(line(middles, heights, colour, 2.5))
    marks.append(line([0, 0], [0, 1.1 * top], "quiet", 1, "dotted"))
    words = _("deviation {before:.2f} (grey), {after:.2f} (blue)")
    note = words.format(before=float(before.std()), after=float(after.std()))
    ticks = [(power, f"{10**power:,}") for power in range(0, int(top) + 1)]
    title = _("2  batch norm, before and after")
    label = _("values of {count} digits").format(count=len(before))
    low, high = _BINS[[0, -1]]
    ends = (low, f"≤ {short(low)}"), -2, 0, 2, (high, f"≥ {short(high)}")
    across = Axis(low, high, label, ends)
    return Panel("values", across, Axis(0, 1.1 * top, ticks=ticks), marks, title, note)


def _pooled(pooled, reach, row, column):
    side = len(pooled)
    marks = [
        scene.image(pooled, (0, 0, side, side), scene.SHARE, 0, reach),
        rect(0, 0, side, side),
        rect(column, row, 1, 1, "ink", stroke=3),
    ]
    if side <= 10:
        for (down, across), value in np.ndenumerate(pooled):
            colour = "paper" if value > 0.6 * reach else "ink"
            marks.append(text(across + 0.5, down + 0.5, f"{value:.1f}", colour, size=9))
    ends = Axis(-0.02 * side, 1.02 * side, ticks=()), Axis(1.02 * side, -0.02 * side, ticks=())
    look = {"equal": True, "frame": False, "step": (1, 1), "at": (column + 0.5, row + 0.5)}
    note = _("{side} x {side} values").format(side=side)
    return Panel("pooled", *ends, marks, _("3  after ReLU and pooling"), note, **look)


# What is played with ------------------------------------------------------------------------------


def show(image=None, *, dark: bool = False, live: bool | None = None):
    """Play with pooling and batch norm; point at a place to see its block.

    `image` (28, 28) is uint8 or in 0..1; without one, a digit of the embedded sample.
    """
    texts = {
        "title": _("Pooling and batch norm"),
        "question": _("What is lost when a feature map shrinks, and what no longer matters?"),
        "hint": _(
            "move the digit by one pixel: which of the two maps changes less? Make the blocks "
            "larger and compare again. Then drag the shift of batch norm down: fewer and fewer "
            "values get through ReLU."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        image = digit_image(image, otherwise=_DIGIT)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    kinds = [(_("largest value"), MAXIMUM), (_("mean"), MEAN)]
    sizes = [(f"{size} x {size}", size) for size in (2, 3, 4, 7)]
    moves = {
        "kind": controls.choice(_("pooling"), MAXIMUM, kinds, width=200),
        "size": controls.choice(_("blocks"), 2, sizes, width=150),
        "shift": controls.slider(_("digit moved by"), 0, 0, 4, 1, width=240),
        "gamma": controls.slider(_("scale, gamma"), 1.0, 0.1, 3.0, 0.1, width=240),
        "beta": controls.slider(_("shift, beta"), 0.0, -2.0, 2.0, 0.1, width=240),
        "row": controls.slider(_("row"), 5, 0, 13, 1, width=200),
        "column": controls.slider(_("column"), 4, 0, 13, 1, width=200),
    }

    def limit_places(change):
        with one_move():
            moves["row"].max = moves["column"].max = SIDE // change.new - 1

    # Connected before the playground, so that it draws when the places are counted.
    moves["size"].observe(limit_places, "value")

    def pointed(name, x, y):
        size = moves["size"].value
        if name == "map":
            x, y = x / size, y / size
        if name != "values":
            last = SIDE // size - 1
            with one_move():
                moves["column"].value, moves["row"].value = (
                    int(np.clip(at, 0, last)) for at in (x, y)
                )

    rows = [("kind", "size", "shift"), ("gamma", "beta"), ("row", "column")]
    arranged = controls.in_rows([moves[name] for name in row] for row in rows)
    return playground.show(
        lambda: _Picture(image), moves, pointed=pointed, arranged=arranged, **texts
    )

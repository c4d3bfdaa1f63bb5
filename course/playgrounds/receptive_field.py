"""Receptive field: what one value of a feature map looks at, and the numbers that it is made of."""

import numpy as np

from course.drawing.number_format import short
from course.messages import _, sentences
from course.playgrounds import controls, playground, scene
from course.playgrounds.convolution_picture import sum_of_products
from course.playgrounds.inputs import UnsuitableInput, digit_image
from course.playgrounds.moves import one_move
from course.playgrounds.network_maps import ConvolutionMaps, convolutions, edges_corners_and_bends
from course.playgrounds.scene import Axis, Panel, Scene, rect
from course.training.examples import SIDE

_DIGIT = 18  # a 0, with edges, corners and bends of all kinds
_FAINT = 0.3  # of the ink that is left outside the receptive field


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """A map with a marked place, its receptive field in the digit, and what adds up there."""

    def __init__(self, image, chain):
        self._image, self._chain = image, chain
        reach = [_reach(field, count) for each in chain for field, count in _fields(each)]
        self._margin = max(reach) + 0.6

    def __call__(self, layer, channel, row, column) -> Scene:
        """Return the scene for a layer and a place, counted from 0, and a channel, from 1."""
        found = self._chain[layer]
        seen, weights = found.behind(row, column, channel - 1)
        added = (seen * weights).sum(axis=(0, 1))
        corner = found.across.begin(column), found.down.begin(row)
        frame = *corner, found.across.length, found.down.length
        value = found.maps[row, column, channel - 1]
        verdict = _verdict(added.sum(), found.bias[channel - 1], found.activation, value)
        numbers = _sums(added, layer)
        if len(added) == 1:
            numbers = sum_of_products(seen[..., 0], weights[..., 0])
        panels = [
            _map(found.maps[..., channel - 1], row, column, channel),
            self._digit(frame, (found.across.jump, found.down.jump)),
            numbers,
        ]
        alt = sentences(
            _("Map {number} of layer {layer}.").format(number=channel, layer=layer + 1),
            _describe(found.maps.shape, row, column, value, frame),
            _("What makes the value: {said}.").format(said=verdict),
        )
        return Scene(panels, alt, height=290, verdict=verdict)

    def _digit(self, frame, step):
        left, top, width, height = frame
        rows, columns = np.indices(self._image.shape)
        is_seen = (
            (top <= rows) & (rows < top + height) & (left <= columns) & (columns < left + width)
        )
        marks = [
            scene.image(np.where(is_seen, self._image, _FAINT * self._image), (0, 0, SIDE, SIDE)),
            rect(0, 0, SIDE, SIDE),
            rect(*frame, "test", stroke=3),
        ]
        ends = -self._margin, SIDE + self._margin
        across, down = Axis(*ends, ticks=()), Axis(*ends[::-1], ticks=())
        at = left + width / 2, top + height / 2
        look = {"equal": True, "frame": False, "step": step, "at": at}
        title = _("receptive field {h} x {w}").format(h=height, w=width)
        note = _("what lies beyond the edges is padding") if is_seen.sum() < width * height else ""
        return Panel("digit", across, down, marks, title, note, **look)


def _fields(convolution: ConvolutionMaps):
    """Return the fields down and across, each with the number of places."""
    rows, columns = convolution.maps.shape[:2]
    return (convolution.down, rows), (convolution.across, columns)


def _reach(field, count):
    """How many pixels the first or the last place sees beyond the edges of the digit."""
    return max(0, -field.start, field.begin(count - 1) + field.length - SIDE)


def _map(values, row, column, channel):
    rows, columns = values.shape
    reach = np.abs(values).max() or 1
    marks = [
        scene.image(values, (0, 0, columns, rows), scene.SIGNED, -reach, reach),
        rect(0, 0, columns, rows),
        rect(column, row, 1, 1, "test", stroke=3),
    ]
    across = Axis(-0.02 * columns, 1.02 * columns, ticks=())
    down = Axis(1.02 * rows, -0.02 * rows, ticks=())
    look = {"equal": True, "frame": False, "step": (1, 1), "at": (column + 0.5, row + 0.5)}
    title = _("map {number}: {value:.2f}").format(number=channel, value=values[row, column])
    note = _("{rows} x {columns} values").format(rows=rows, columns=columns)
    return Panel("map", across, down, marks, title, note, **look)


def _sums(added, layer):
    """Draw what each map of the layer before contributes to the sum."""
    at = np.arange(1, len(added) + 1)
    colours = ["training" if value >= 0 else "negative" for value in added]
    marks = [
        scene.bars(at, added, colours),
        scene.line([0.4, len(added) + 0.6], [0, 0], "quiet", 1),
    ]
    low, high = min(added.min(), 0), max(added.max(), 0)
    room = 0.08 * (high - low) or 1
    every = -(-len(added) // 12)
    across = Axis(
        0.4, len(added) + 0.6, _("map of layer {number}").format(number=layer), at[::every]
    )
    up = Axis(low - room, high + room)
    return Panel("sum", across, up, marks, _("what each map adds"))


# What is said -------------------------------------------------------------------------------------


def _verdict(total, bias, activation, value):
    """Say how the sum of the products becomes the value."""
    if activation == "relu":
        said = _("sum {total} + bias {bias} = {sum}, after ReLU: {value}")
    elif activation == "linear":
        said = _("sum {total} + bias {bias} = {sum}")
    else:
        said = _("sum {total} + bias {bias} = {sum}, after {activation}: {value}")
    numbers = {"total": total, "bias": bias, "sum": total + bias, "value": value}
    return said.format(activation=activation, **{name: _tidy(n) for name, n in numbers.items()})


def _describe(size, row, column, value, frame):
    left, top, width, height = frame
    return _(
        "A feature map of {rows} x {columns} values with the place in row {row}, column {column} "
        "marked, where it is {value:.2f}. In the digit a frame of {h} x {w} pixels, from row {top} "
        "and column {left} on, is all that this value depends on."
    ).format(
        rows=size[0],
        columns=size[1],
        row=row,
        column=column,
        value=value,
        h=height,
        w=width,
        top=top,
        left=left,
    )


def _tidy(value):
    return short(round(float(value), 3))


# What is played with ------------------------------------------------------------------------------


def show(network=None, image=None, *, dark: bool = False, live: bool | None = None):
    """Point at a place of a feature map: what it looks at lights up in the digit.

    `network` is a Keras model that begins with convolutions, such as the learner's own; without
    one, it has filters made by hand. `image` (28, 28) is uint8 or in 0..1; without one, a digit of
    the embedded sample.
    """
    texts = {
        "title": _("Receptive field"),
        "question": _("What does one value of a feature map look at?"),
        "hint": _(
            "click on the strongest blue of the map: which part of the digit is it about? Then "
            "choose a later layer. By how much does the lit part grow, and how far does it move "
            "when the place moves by one?"
        ),
        "dark": dark,
        "live": live,
    }
    try:
        image = digit_image(image, otherwise=_DIGIT)
        chain = convolutions(edges_corners_and_bends() if network is None else network, image)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    rows, columns, count = chain[0].maps.shape
    row, column = np.unravel_index(chain[0].maps[..., 0].argmax(), (rows, columns))
    moves = {
        "layer": controls.choice(_("layer"), 0, _layers(chain), width=190),
        "channel": controls.slider(_("map"), 1, 1, count, 1, width=190),
        "row": controls.slider(_("row"), int(row), 0, rows - 1, 1, width=190),
        "column": controls.slider(_("column"), int(column), 0, columns - 1, 1, width=200),
    }

    def look_at(x, y):
        """Move to the place that looks at a point of the digit."""
        found = chain[moves["layer"].value]
        with one_move():
            moves["column"].value, moves["row"].value = _clipped(
                found, found.across.nearest(x), found.down.nearest(y)
            )

    def change_layer(change):
        before, found = chain[change.old], chain[change.new]
        x = before.across.begin(moves["column"].value) + before.across.length / 2
        y = before.down.begin(moves["row"].value) + before.down.length / 2
        rows, columns, count = found.maps.shape
        with one_move():
            moves["channel"].max = count
            moves["row"].max, moves["column"].max = rows - 1, columns - 1
            look_at(x, y)

    # Connected before the playground, so that it draws when the places are counted.
    moves["layer"].observe(change_layer, "value")

    def pointed(name, x, y):
        if name == "digit":
            look_at(x, y)
        elif name == "map":
            with one_move():
                moves["column"].value, moves["row"].value = _clipped(
                    chain[moves["layer"].value], int(x), int(y)
                )

    return playground.show(lambda: _Picture(image, chain), moves, pointed=pointed, **texts)


def _layers(chain):
    """Return (label, number) of each layer."""
    label = _("{number}: {rows} x {columns} x {maps}")
    return [
        (label.format(number=at + 1, rows=rows, columns=columns, maps=maps), at)
        for at, (rows, columns, maps) in enumerate(each.maps.shape for each in chain)
    ]


def _clipped(convolution, column, row):
    """Return the place of the map that is nearest to this one."""
    rows, columns = convolution.maps.shape[:2]
    return int(np.clip(column, 0, columns - 1)), int(np.clip(row, 0, rows - 1))

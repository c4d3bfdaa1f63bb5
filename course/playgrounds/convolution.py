"""Convolution: a filter slides over a digit, and its feature map grows."""

import ipywidgets as widgets
import numpy as np

from course.check.references.lesson_06_convolution import windows, zeros_around
from course.messages import _
from course.playgrounds import controls, playground
from course.playgrounds.convolution_controls import FilterEditor, LearnedFilters, PlaceSlider
from course.playgrounds.convolution_picture import ConvolutionPicture, corner_of
from course.playgrounds.inputs import UnsuitableInput, digit_image
from course.playgrounds.moves import on_kernel_thread
from course.playgrounds.trained_ladder import LADDER, TrainedLadder
from course.training.examples import SIDE

_DIGIT = 34  # a 2
_FIRST_PLACE = 17 * SIDE + 6  # at the left edge of a stroke


def ready_filters() -> dict[str, list[list[float]]]:
    """Return well-known filters of 3 x 3 numbers, by what they find."""
    return {
        _("left and right edges"): [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
        _("upper and lower edges"): [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        _("outline"): [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        _("blur"): [[0.11, 0.11, 0.11], [0.11, 0.11, 0.11], [0.11, 0.11, 0.11]],
        _("sharpen"): [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    }


def show(
    image=None,
    network=None,
    *,
    dark: bool = False,
    live: bool | None = None,
    ladder: TrainedLadder = LADDER,
):
    """Let a filter slide over a digit; change its weights, its stride and the zeros around.

    `image` (28, 28) is uint8 or in 0..1; without one, a digit of the embedded sample. The learned
    filters are those of `network`, a Keras model, or of a small convolutional network that the
    `ladder` trains for a few seconds when they are first chosen.
    """
    texts = {
        "title": _("Convolution"),
        "question": _("What does a filter look for?"),
        "hint": _(
            "press play, or click on the digit or the map. Predict the sign of the sum on the left "
            "and on the right side of a stroke; then choose stride 2, and change single weights."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        image = digit_image(image, otherwise=_DIGIT)
        learned = LearnedFilters(network, ladder)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    editor = FilterEditor(ready_filters() | learned.ready())
    step = controls.choice(_("stride and padding"), (1, "same"), _steps(), width=360)
    place = PlaceSlider(SIDE * SIDE, _FIRST_PLACE)

    def count_places(_change=None):
        size = np.shape(editor.value)
        if len(size) == 2:
            rows, columns = windows(image, size, *step.value).shape[:2]
            place.set_count(rows * columns)

    def pointed(name, x, y):
        size, (stride, padding) = np.shape(editor.value), step.value
        rows, columns = windows(image, size, stride, padding).shape[:2]
        if name == "digit":  # the frame's middle comes to where the click was
            above, left = (zeros_around(SIDE, extent, stride, padding)[0] for extent in size)
            y = (y + above - size[0] / 2) / stride + 0.5
            x = (x + left - size[1] / 2) / stride + 0.5
        elif name == "map":
            right, down = corner_of((rows, columns))
            x, y = x - right, y - down
        if name != "sum":
            row, column = np.clip(np.floor([y, x]), 0, [rows - 1, columns - 1]).astype(int)
            place.value = int(row * columns + column)

    # Connected before the playground, so that it draws when the places are counted.
    editor.observe(count_places, "value")
    step.observe(count_places, "value")
    left = widgets.VBox([step, place])
    shown = playground.show(
        lambda: ConvolutionPicture(image, learned.progress),
        {"filter": editor, "step": step, "place": place},
        arranged=widgets.HBox([editor, left], layout={"flex_flow": "row wrap"}),
        pointed=pointed,
        closing=learned.stop,
        **texts,
    )
    learned.arrived = on_kernel_thread(lambda: (editor.refresh(), shown.redraw()))
    return shown


def _steps():
    return [
        (_("stride 1, zeros around (same)"), (1, "same")),
        (_("stride 2, zeros around (same)"), (2, "same")),
        (_("stride 1, no zeros (valid)"), (1, "valid")),
        (_("stride 2, no zeros (valid)"), (2, "valid")),
    ]

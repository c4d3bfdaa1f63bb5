"""A pad to draw on with mouse, finger or arrow keys: strokes, kept as points, and their ink."""

from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image, ImageDraw

from course.drawing.palette import page_colours
from course.live.page import page_side
from course.messages import _

SIDE = 280  # units across and down the pad: pixels of the page, where there is room
PEN = 22  # the width of a stroke: about as thick as MNIST's, when a digit fills the pad
_FINE = 2  # points of the ink for one unit of the pad
_HERE = Path(__file__).parent


def draw_strokes(strokes, pen: float = PEN) -> np.ndarray:
    """Draw strokes, each a sequence of (x, y), with a round pen; uint8 (560, 560), 0 = paper."""
    picture = Image.new("L", (_FINE * SIDE, _FINE * SIDE))
    draw = ImageDraw.Draw(picture)
    radius = _FINE * pen / 2
    for stroke in strokes:
        points = [(_FINE * x, _FINE * y) for x, y in stroke]
        if len(points) > 1:
            draw.line(points, fill=255, width=max(1, round(2 * radius)))
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture)


class Sheet(anywidget.AnyWidget):
    """What is drawn on: `strokes` are lists of points [x, y] in 0..280, sent while they grow."""

    _esm = page_side("pad.js", folder=_HERE)
    _css = page_side("stage.css", folder=_HERE)
    words = traitlets.Dict().tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    pen = traitlets.Int(PEN).tag(sync=True)

    def __init__(self, **traits):
        words = {
            "pad": _("A pad to draw a digit on."),
            "keys": _(
                "Keys: the arrows move the pen, with Shift a little; space puts it down and lifts "
                "it; Delete clears the pad."
            ),
            "down": _("drawing, at {x} across and {y} down"),
            "up": _("pen lifted, at {x} across and {y} down"),
            "cleared": _("the pad is empty"),
        }
        super().__init__(words=words, colours=page_colours(), **traits)


class Pad(widgets.VBox):
    """The sheet, the button that clears it, and the thickness of the pen.

    `value` is (strokes, pen), where strokes are tuples of points (x, y) in 0..280. It changes
    several times a second while a stroke is being drawn, and when it is done.
    """

    value = traitlets.Tuple()

    def __init__(self, strokes=(), pen=PEN):
        self.sheet = Sheet(strokes=[[list(point) for point in each] for each in strokes], pen=pen)
        self.clear_button = widgets.Button(
            description=_("Clear"), icon="eraser", layout={"width": "84px"}
        )
        self.pen = widgets.IntSlider(
            pen, 6, 48, description=_("pen"), layout={"width": "192px"}, readout=False
        )
        self.pen.style.description_width = "30px"
        wrapping = {"flex_flow": "row wrap", "max_width": "100%"}
        row = widgets.HBox([self.clear_button, self.pen], layout=wrapping)
        super().__init__([self.sheet, row])
        self.clear_button.on_click(lambda _button: self.clear())
        traitlets.dlink((self.pen, "value"), (self.sheet, "pen"))
        self.sheet.observe(self._change_value, ["strokes", "pen"])
        self._change_value()

    def clear(self):
        """Start again on an empty pad."""
        self.sheet.strokes = []

    def _change_value(self, _change=None):
        strokes = tuple(
            tuple((float(x), float(y)) for x, y in stroke) for stroke in self.sheet.strokes
        )
        self.value = strokes, self.sheet.pen

"""A pad to draw on with mouse or finger: strokes, kept as points, and their ink."""

import time

import ipycanvas
import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image, ImageDraw

from course.drawing.palette import PAPER, QUIET
from course.messages import _

SIDE = 280  # pixels of the page
PEN = 22  # the width of a stroke: about as thick as MNIST's, when a digit fills the pad
_FINE = 2  # points of the ink for one pixel of the page
_PAUSE = 0.05  # seconds, at least, between two answers to a stroke that is being drawn
_INK, _PAPER = "black", PAPER


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


class Pad(widgets.VBox):
    """The pad, the button that clears it, and the thickness of the pen.

    `value` is (strokes, pen), where strokes are tuples of points (x, y) in 0..280. It changes
    several times a second while a stroke is being drawn, and when it is done.
    """

    value = traitlets.Tuple()

    def __init__(self, strokes=(), pen=PEN):
        self._strokes = [list(stroke) for stroke in strokes]
        self._pen_is_down, self._next_change = False, 0.0
        size = f"{SIDE}px"
        self.canvas = ipycanvas.Canvas(
            width=SIDE,
            height=SIDE,
            layout={"width": size, "height": size, "border": f"1px solid {QUIET}"},
        )
        self.clear_button = widgets.Button(
            description=_("Clear"), icon="eraser", layout={"width": "84px"}
        )
        self.pen = widgets.IntSlider(
            pen, 6, 48, description=_("pen"), layout={"width": "192px"}, readout=False
        )
        self.pen.style.description_width = "30px"
        row = widgets.HBox([self.clear_button, self.pen])
        super().__init__([self.canvas, row])
        self._connect()
        self._paint()
        self._change_value()

    def _connect(self):
        canvas = self.canvas
        canvas.on_mouse_down(self.begin)
        canvas.on_mouse_move(self.move)
        canvas.on_mouse_up(self.end)
        canvas.on_mouse_out(self.end)
        canvas.on_touch_start(lambda touches: self.begin(*touches[0]))
        canvas.on_touch_move(lambda touches: self.move(*touches[0]))
        canvas.on_touch_end(lambda _touches: self.end())
        canvas.on_touch_cancel(lambda _touches: self.end())
        canvas.on_client_ready(self._paint)
        self.clear_button.on_click(lambda _button: self.clear())
        self.pen.observe(self._change_pen, "value")

    # What the hand does ---------------------------------------------------------------------------

    def begin(self, x, y):
        """Put the pen down at this place of the page."""
        self._pen_is_down = True
        self._strokes.append([(x, y)])
        self._line(x, y, x, y)

    def move(self, x, y):
        """Draw a line to this place, if the pen is down."""
        if not self._pen_is_down:
            return
        last = self._strokes[-1][-1]
        self._strokes[-1].append((x, y))
        self._line(*last, x, y)
        begun = time.monotonic()
        if begun > self._next_change:
            self._change_value()
            # As long again for the hand: so the line keeps up with it on a busy machine, too.
            now = time.monotonic()
            self._next_change = now + max(_PAUSE, now - begun)

    def end(self, *_place):
        """Lift the pen."""
        if self._pen_is_down:
            self._pen_is_down = False
            self._change_value()

    def clear(self):
        """Start again on an empty pad."""
        self._strokes, self._pen_is_down = [], False
        self._paint()
        self._change_value()

    # What is shown ---------------------------------------------------------------------------

    def _change_pen(self, _change):
        self._paint()
        self._change_value()

    def _paint(self):
        with ipycanvas.hold_canvas():
            self.canvas.fill_style = _PAPER
            self.canvas.fill_rect(0, 0, SIDE, SIDE)
            self.canvas.stroke_style = _INK
            self.canvas.line_cap = self.canvas.line_join = "round"
            self.canvas.line_width = self.pen.value
            for stroke in self._strokes:
                self.canvas.stroke_lines(np.array([*stroke, stroke[-1]], float))

    def _line(self, *ends):
        self.canvas.stroke_line(*ends)

    def _change_value(self):
        self.value = tuple(map(tuple, self._strokes)), self.pen.value

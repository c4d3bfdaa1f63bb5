"""What all playgrounds share: controls above a picture that answers every move, words around it.

A playground is a call of `show` with
- `picture(figure, theme)`: draws once what does not move into the empty Matplotlib figure, and
  returns `update(**values)`, which moves the rest and returns the sentence for those who cannot see
  the picture; it is called with the values of the controls, by their names. Artists that move
  are made with `animated=True`: as long as only they change, nothing else is drawn anew;
- `controls`: name -> widget, made by `course.playgrounds.controls` (a widget without a value is
  shown, but not passed on; a button's value is how often it was pressed).

`update` runs to its end before the next move is taken, and JupyterLab sends only the latest
position of a slider once the kernel is idle again: the latest move wins, and nothing queues up.
"""

import asyncio
import base64
import html
import io
import threading
import weakref
from contextlib import contextmanager
from functools import cache

import ipywidgets as widgets
import numpy as np
from ipyevents import Event
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from threadpoolctl import ThreadpoolController

from course import front_end
from course.drawing.palette import DARK, LIGHT
from course.drawing.style import course_style
from course.messages import _
from course.pictures.picture import Picture, TextAlternative, text_only

_SHARPNESS = 1.5  # pixels of the picture for one of the page

_in_cells = weakref.WeakValueDictionary()  # the playgrounds of each cell
_held = None  # while several controls move as one: the playgrounds to draw afterwards


class Unsuitable(ValueError):
    """What was given cannot be shown; the message tells the learner why, calmly."""


def show(
    picture,
    controls,
    *,
    title: str,
    question: str,
    hint: str,
    size=(7.6, 3.4),
    clicked=None,
    arranged=None,
    beside: bool = False,
    closing=None,
    dark: bool = False,
    live: bool | None = None,
):
    """Return the Playground, or its still Picture where there is nobody to move it.

    `question` is what it answers and `hint` says what to try; both are short sentences. `size` is
    in hundreds of pixels of the page. `clicked(name, x, y)` is told where the picture was clicked:
    the label of the axes, and the place in their data. `arranged` is a widget that holds the
    controls, if a row of them will not do; `beside` puts them left of the picture. `closing()`
    is called when the playground is closed. `live` decides by hand whether there is an audience.
    """
    if not (front_end.has_audience() if live is None else live):
        if text_only():
            _close(controls)
            return TextAlternative(f"{title}: {question}")
        return _still(picture, controls, size, dark)
    place = front_end.cell_id(), title
    if place in _in_cells:
        _in_cells[place].close()
    shown = Playground(
        picture,
        controls,
        title=title,
        question=question,
        hint=hint,
        size=size,
        clicked=clicked,
        arranged=arranged,
        beside=beside,
        closing=closing,
        dark=dark,
    )
    if place[0] is not None:
        _in_cells[place] = shown
    return shown


def fit(axes, **properties):
    """Set limits and ticks of axes, unless they are so already: what stays is not drawn anew."""
    for name, value in properties.items():
        if not np.array_equal(getattr(axes, f"get_{name}")(), value):
            axes.set(**{name: value})


def refuse(error: Unsuitable, **words):
    """Show why there is nothing to play with: for what is found out before there are controls.

    `words` are those of `show`: title, question, hint, dark, live.
    """

    def picture(_figure, _theme):
        raise error

    return show(picture, {}, **words)


def in_time(act):
    """A function for other threads: it lets `act` be done where the controls are heard.

    That is between two cells, so that nothing is drawn by two threads at once. Calls that come
    before it is done are one.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # no notebook: nobody else is drawing
        return act
    waiting = threading.Event()

    def now():
        waiting.clear()
        act()

    def soon():
        if not waiting.is_set():
            waiting.set()
            loop.call_soon_threadsafe(now)

    return soon


@contextmanager
def one_move():
    """Change several controls, and draw once when all are changed."""
    global _held
    if _held is not None:  # within another move
        yield
        return
    _held = {}
    try:
        yield
    finally:
        held, _held = _held, None
        for shown in held.values():
            shown.redraw()


class Playground:
    """The widgets of a playground; made by `show`. `close()` takes them away.

    `alt` is the sentence that says what the picture shows now; `message` is what is said in place
    of a picture that cannot be drawn, or "".
    """

    def __init__(
        self,
        picture,
        controls,
        *,
        title,
        question,
        hint,
        size,
        clicked,
        arranged,
        beside,
        closing,
        dark,
    ):
        self.controls = controls
        self._drawing = _Drawing(picture, size, DARK if dark else LIGHT)
        self._pressed = {}
        self._clicked, self._closing = clicked, closing
        self.alt, self.message = "", ""
        width = f"{round(100 * size[0])}px"
        self._size = [round(100 * length) for length in size]
        self._head = widgets.HTML(
            f"<b>{html.escape(title)}</b> &middot; {html.escape(question)}",
        )
        self._words = widgets.HTML()
        self._picture = widgets.HTML(layout={"width": width, "max_width": "100%", "margin": "0"})
        try_this = html.escape(_("Try:"))
        self._hint = widgets.HTML(
            f'<div style="max-width: {width}; line-height: 1.4"><b>{try_this}</b> '
            f"{html.escape(hint)}</div>"
        )
        row = arranged or widgets.HBox(
            list(controls.values()), layout={"flex_flow": "row wrap", "max_width": "100%"}
        )
        shown = [row, self._words, self._picture]
        if beside:
            row.layout.flex = "0 0 auto"
            right = widgets.VBox(shown[1:], layout={"flex": "0 1 auto", "max_width": "100%"})
            shown = [widgets.HBox([row, right], layout={"flex_flow": "row wrap"})]
        self._box = widgets.VBox([self._head, *shown, self._hint])
        self._connect()
        self.redraw()

    def _connect(self):
        for name, control in self.controls.items():
            if isinstance(control, widgets.Button):
                self._pressed[name] = 0
                control.on_click(lambda _button, name=name: self._press(name))
            elif control.has_trait("value"):
                control.observe(self._changed, "value")
        self._event = None
        if self._clicked is not None:
            self._event = Event(
                source=self._picture, watched_events=["click"], prevent_default_action=True
            )
            self._event.on_dom_event(self._on_event)

    def _press(self, name):
        self._pressed[name] += 1
        self._changed()

    def _changed(self, _change=None):
        if _held is None:
            self.redraw()
        else:
            _held[id(self)] = self

    def _on_event(self, event):
        width, height = event["boundingRectWidth"], event["boundingRectHeight"]
        if width and height:
            self.click(event["relativeX"] / width, event["relativeY"] / height)

    def click(self, right: float, down: float):
        """Click at this place of the picture, in shares of its width and height."""
        where = self._drawing.where(right, down)
        if where is not None:
            self._attempt(lambda: self._clicked(*where))

    def values(self) -> dict:
        """The values of the controls by their names, as the picture is told them."""
        return _values(self.controls, self._pressed)

    def redraw(self):
        """Draw the picture for the present values of the controls."""
        self._attempt(self._draw)

    def _draw(self):
        self.alt = self._drawing.update(self.values())
        self._say("")
        self._picture.value = self._image(self._drawing.png(), self.alt)

    def _attempt(self, act):
        try:
            with np.errstate(all="ignore"), _one_core():
                act()
        except Unsuitable as error:
            self._say(str(error))
        except Exception as error:  # a traceback would go where no learner looks
            message = _("This cannot be shown: {kind}: {error}")
            self._say(message.format(kind=type(error).__name__, error=error))

    def _say(self, message):
        if message == self.message:
            return
        self.message = message
        self._words.value = message and f'<div role="status">{html.escape(message)}</div>'
        if message:
            self.alt = message
            if self._picture.value:  # what stands below keeps its place
                self._picture.value = f'<div style="height: {self._size[1]}px"></div>'

    def _image(self, png, alt):
        data = base64.b64encode(png).decode()
        width, height = self._size
        cursor = "crosshair" if self._clicked else "default"
        return (  # decoded at once: the new picture takes the old one's place without a flash
            f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" decoding="sync" '
            f'width="{width}" height="{height}" draggable="false" '
            f'style="display: block; width: 100%; height: auto; cursor: {cursor}">'
        )

    def close(self):
        """Let go of the widgets and of the figure."""
        if self._closing is not None:
            self._closing()
        if self._event is not None:
            self._event.close()
        front_end.close_widget(self._box)
        self._drawing.close()

    def _ipython_display_(self):
        display(self._box)

    def __repr__(self):
        return f"<Playground: {self.message or self.alt}>"


def _one_core():
    """Keep NumPy's small products on one core: waiting for a busy second one takes far longer."""
    return _pools().limit(limits=1, user_api="blas")


@cache
def _pools():
    return ThreadpoolController()


class _Drawing:
    """One figure, drawn again for each set of values."""

    def __init__(self, picture, size, theme):
        self._picture, self._size, self._theme = picture, size, theme
        self._update, self._laid_out = None, False
        self._still, self._moving = None, []  # what stays when only animated artists move
        self.figure = Figure(figsize=size, dpi=100 * _SHARPNESS, layout="constrained")
        self._canvas = FigureCanvasAgg(self.figure)

    def update(self, values) -> str:
        """Draw for these values; returns the sentence that says what is to be seen."""
        with course_style(self._theme):
            if self._update is None:
                self.figure.clear()  # of what a failed attempt has left
                self.figure.set_facecolor(self._theme.paper)
                self._update = self._picture(self.figure, self._theme)
            alt = self._update(**values)
            if not self._laid_out:  # what was placed once stays where it is, and costs no time
                self._canvas.draw()
                self.figure.set_layout_engine("none")
                self._laid_out, self._still = True, None
            self._paint()
        return alt

    def _paint(self):
        """Draw what is animated on a copy of the rest, which is drawn anew when it has changed."""
        if self._still is None or self.figure.stale:
            self._canvas.draw()
            self._still = self._canvas.copy_from_bbox(self.figure.bbox)
            moving = self.figure.findobj(lambda artist: artist.get_animated())
            self._moving = sorted(moving, key=lambda artist: artist.get_zorder())
        else:
            self._canvas.restore_region(self._still)
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)

    def png(self) -> bytes:
        """The picture as it was drawn last."""
        file = io.BytesIO()
        image = Image.fromarray(np.asarray(self._canvas.buffer_rgba())[..., :3])
        image.save(file, "png", compress_level=1)
        return file.getvalue()

    def where(self, right, down):
        """The label and the data's (x, y) of flat axes at these shares of the picture, or None."""
        width, height = self._canvas.get_width_height()
        point = right * width, (1 - down) * height
        for axes in self.figure.axes:
            if axes.name == "rectilinear" and axes.bbox.contains(*point):
                x, y = axes.transData.inverted().transform(point)
                return axes.get_label(), float(x), float(y)
        return None

    def close(self):
        self.figure.clear()
        self._update, self._still, self._moving = None, None, []


def _values(controls, pressed):
    return {
        name: pressed.get(name, 0) if isinstance(control, widgets.Button) else control.value
        for name, control in controls.items()
        if isinstance(control, widgets.Button) or control.has_trait("value")
    }


def _still(picture, controls, size, dark) -> Picture:
    """What a reader sees who cannot move anything: the picture for the first values."""
    theme = DARK if dark else LIGHT
    drawing = _Drawing(picture, size, theme)
    try:
        with np.errstate(all="ignore"), _one_core():
            alt = drawing.update(_values(controls, {}))
        return Picture.from_figure(drawing.figure, alt)
    except Unsuitable as error:
        figure = Figure(figsize=(size[0], 0.6), facecolor=theme.paper)
        figure.text(0.02, 0.5, str(error), va="center", wrap=True, color=theme.ink)
        return Picture.from_figure(figure, str(error))
    finally:
        drawing.close()
        _close(controls)


def _close(controls):
    for control in controls.values():
        front_end.close_widget(control)

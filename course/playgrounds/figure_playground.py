"""What all playgrounds share: controls above a picture that answers each move, and texts around it.

A playground is a call of `show` with
- `picture(figure, theme)`: draws once what does not move into the empty Matplotlib figure, and
  returns `update(**values)`, which moves the rest and returns the text alternative of the picture.
  It is called with the values of the controls, by their names. Artists that move are made with
  `animated=True`: as long as only they change, nothing else is redrawn;
- `controls`: name -> widget, made by `course.playgrounds.controls`. A widget without a value is
  shown, but not passed on; the value of a button is how often it was pressed.

`update` runs to its end before the next move is taken, and JupyterLab sends only the latest
position of a slider once the kernel is idle again: the latest move wins, and nothing queues up.
"""

import base64
import contextlib
import functools
import html

import ipywidgets as widgets
import numpy as np
from ipyevents import Event
from IPython.display import display
from matplotlib.figure import Figure
from threadpoolctl import ThreadpoolController

from course.drawing.palette import DARK, LIGHT
from course.front_end import ShownInCells, close_widget, has_audience
from course.messages import _
from course.pictures.picture import Picture, TextAlternative, text_only
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.live_figure import LiveFigure
from course.playgrounds.moves import redraw_after_move

_playgrounds = ShownInCells()


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
    """Return the Playground, or a still Picture of it where nobody can move it.

    `question` is what it answers and `hint` says what to try; both are short sentences. `size` is
    in hundreds of pixels of the page. `clicked(name, x, y)` is called with the place where the
    picture was clicked: the label of the axes, and the coordinates in their data. `arranged` is a
    widget that holds the controls, in place of a plain row; `beside` puts them left of the picture.
    `closing()` is called when the playground is closed. `live` overrides whether there is an
    audience.
    """
    if not (has_audience() if live is None else live):
        if text_only():
            _close(controls)
            return TextAlternative(f"{title}: {question}")
        return _still_picture(picture, controls, size, dark)
    texts = {"title": title, "question": question, "hint": hint}
    events = {"clicked": clicked, "closing": closing}
    theme = DARK if dark else LIGHT

    def make():
        drawing = LiveFigure(picture, size, theme)
        return Playground(drawing, controls, size, **texts, **events, row=arranged, beside=beside)

    return _playgrounds.show(make, title)


def refuse(error: UnsuitableInput, **texts):
    """Show why there is nothing to play with, where that is known before there are controls.

    `texts` are those of `show`: title, question, hint, dark, live.
    """

    def picture(_figure, _theme):
        raise error

    return show(picture, {}, **texts)


class Playground:
    """The widgets of a playground; made by `show`. `close()` takes them away.

    `alt` is the text alternative of the picture as it is now; `message` is what is said in place of
    a picture that cannot be drawn, or "". `picture` and `notice` are the widgets that show them,
    and `figure` is the Matplotlib figure.
    """

    def __init__(
        self,
        drawing: LiveFigure,
        controls,
        size,
        *,
        title,
        question,
        hint,
        clicked,
        closing,
        row,
        beside,
    ):
        self.controls = controls
        self.figure = drawing.figure
        self.alt, self.message = "", ""
        self._drawing = drawing
        self._presses, self._observed = {}, []
        self._clicked, self._closing = clicked, closing
        self._size = [round(100 * length) for length in size]
        width = f"{self._size[0]}px"
        head = widgets.HTML(f"<b>{html.escape(title)}</b> &middot; {html.escape(question)}")
        self.notice = widgets.HTML()
        self.picture = widgets.HTML(layout={"width": width, "max_width": "100%", "margin": "0"})
        foot = widgets.HTML(
            f'<div style="max-width: {width}; line-height: 1.4">'
            f"<b>{html.escape(_('Try:'))}</b> {html.escape(hint)}</div>"
        )
        row = row or widgets.HBox(
            list(controls.values()), layout={"flex_flow": "row wrap", "max_width": "100%"}
        )
        middle = [row, self.notice, self.picture]
        if beside:
            row.layout.flex = "0 0 auto"
            right = widgets.VBox(middle[1:], layout={"flex": "0 1 auto", "max_width": "100%"})
            middle = [widgets.HBox([row, right], layout={"flex_flow": "row wrap"})]
        self._box = widgets.VBox([head, *middle, foot])
        self._connect()
        self.redraw()

    def _connect(self):
        for name, control in self.controls.items():
            if isinstance(control, widgets.Button):
                self._presses[name] = 0
                control.on_click(lambda _button, name=name: self._on_press(name))
            elif control.has_trait("value"):
                control.observe(self._on_move, "value")
                self._observed.append(control)
        self._event = None
        if self._clicked is not None:
            self._event = Event(
                source=self.picture, watched_events=["click"], prevent_default_action=True
            )
            self._event.on_dom_event(self._on_click)

    def _on_press(self, name):
        self._presses[name] += 1
        self._on_move()

    def _on_move(self, _change=None):
        redraw_after_move(self.redraw)

    def _on_click(self, event):
        width, height = event["boundingRectWidth"], event["boundingRectHeight"]
        if width and height:
            self.click(event["relativeX"] / width, event["relativeY"] / height)

    def click(self, right: float, down: float):
        """Click at this place of the picture, in shares of its width and height."""
        place = self._drawing.locate(right, down)
        if place is not None:
            self._attempt(lambda: self._clicked(*place))

    def redraw(self):
        """Draw the picture for the present values of the controls."""
        self._attempt(self._draw)

    def _draw(self):
        self.alt = self._drawing.update(_values(self.controls, self._presses))
        self._say("")
        self.picture.value = self._image(self._drawing.png(), self.alt)

    def _attempt(self, act):
        try:
            with _calmly():
                act()
        except UnsuitableInput as error:
            self._say(str(error))
        except Exception as error:  # a traceback would go where no learner looks
            message = _("This cannot be shown: {kind}: {error}")
            self._say(message.format(kind=type(error).__name__, error=error))

    def _say(self, message):
        if message == self.message:
            return
        self.message = message
        self.notice.value = message and f'<div role="status">{html.escape(message)}</div>'
        if message:
            self.alt = message
            if self.picture.value:  # what stands below keeps its place
                self.picture.value = f'<div style="height: {self._size[1]}px"></div>'

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
        for control in self._observed:  # a library that keeps a control then keeps no figure
            control.unobserve(self._on_move, "value")
        close_widget(self._box)
        self._drawing.close()

    def _ipython_display_(self):
        display(self._box)

    def __repr__(self) -> str:
        """Say what is shown."""
        return f"<Playground: {self.message or self.alt}>"


@contextlib.contextmanager
def _calmly():
    """Compute without warnings, and on one core: waiting for a busy second one takes far longer."""
    with np.errstate(all="ignore"), _thread_pools().limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _thread_pools():
    return ThreadpoolController()


def _values(controls, presses) -> dict:
    """Return the values of the controls by their names, as the picture is given them."""
    return {
        name: presses.get(name, 0) if isinstance(control, widgets.Button) else control.value
        for name, control in controls.items()
        if isinstance(control, widgets.Button) or control.has_trait("value")
    }


def _still_picture(picture, controls, size, dark) -> Picture:
    """Return the picture for the first values, for readers who cannot move anything."""
    theme = DARK if dark else LIGHT
    drawing = LiveFigure(picture, size, theme)
    try:
        with _calmly():
            alt = drawing.update(_values(controls, {}))
        return Picture.from_figure(drawing.figure, alt)
    except UnsuitableInput as error:
        figure = Figure(figsize=(size[0], 0.6), facecolor=theme.paper)
        figure.text(0.02, 0.5, str(error), va="center", wrap=True, color=theme.ink)
        return Picture.from_figure(figure, str(error))
    finally:
        drawing.close()
        _close(controls)


def _close(controls):
    for control in controls.values():
        close_widget(control)

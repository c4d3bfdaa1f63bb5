"""What all playgrounds share: controls above a stage that answers each move, and texts around it.

A playground is a call of `show` with
- `make()`: does once what takes time, such as a training, and returns `picture(**values)`, which
  returns the Scene for the values of the controls, by their names. Both may raise UnsuitableInput;
- `controls`: name -> widget, made by `course.playgrounds.controls`. A widget without a value is
  shown, but not passed on; the value of a button is how often it was pressed.

`picture` runs to its end before the next move is taken, and JupyterLab sends only the latest
position of a slider once the kernel is idle again: the latest move wins, and nothing queues up.
The page draws the scene. Where `make` takes long, `waiting` tells the learner what is being done:
the frame is there at once, and the rest happens in the background. It is also shown before a
SlowPicture draws something slow.
"""

import contextlib
import functools
import html
import threading
from typing import Any, Protocol, runtime_checkable

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from threadpoolctl import ThreadpoolController

from course.drawing.palette import DARK, LIGHT
from course.front_end import close_widget, show_in_cell, shows_live
from course.live.in_words import DescribedBox
from course.live.last_picture import LastPicture
from course.messages import _, labelled, sentences
from course.pictures.picture import Picture, TextAlternative, new_figure, text_only
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import on_kernel_thread, redraw_after_move
from course.playgrounds.scene import Scene
from course.playgrounds.stage import Stage
from course.playgrounds.still_scene import still_picture

_WIDTH = 860  # pixels of a still picture


@runtime_checkable
class SlowPicture(Protocol):
    """A picture that knows for which values it takes long, as it trains a network first, say."""

    def takes_long(self, **values: Any) -> bool:
        """Return whether drawing for these values will take long."""


def show(
    make,
    controls,
    *,
    title: str,
    question: str,
    dark: bool = False,
    live: bool | None = None,
    **settings,
):
    """Return the Playground with these settings, or a still Picture where nobody can move it.

    `dark` is for still pictures: live ones have the theme of the page. `live` overrides whether
    there is an audience.
    """
    if not shows_live(live):
        if text_only():
            _close(controls)
            return TextAlternative(labelled(title, question))
        return _still(make, controls, DARK if dark else LIGHT)
    settings |= {"title": title, "question": question}
    return show_in_cell(lambda name: Playground(make, controls, name=name, **settings))


def refuse(error: UnsuitableInput, **texts):
    """Show why there is nothing to play with, if that is known before there are controls.

    `texts` are those of `show`: title, question, dark, live; and the hint.
    """

    def make():
        raise error

    return show(make, {}, **texts)


class Playground:
    """The widgets of a playground; made by `show`. `close()` takes them away.

    `alt` is what is to be seen, in words; `message` is what is said in its place, or "". `scene` is
    what the `stage` shows, or None. `hint` says what to try, and how to point. A page knows the
    playground by its `name`.
    """

    def __init__(
        self,
        make,
        controls,
        *,
        name: str,
        title: str,
        question: str,
        hint: str,
        waiting: str = "",
        pointed=None,
        arranged=None,
        beside: bool = False,
        closing=None,
    ):
        """Show the controls, and texts around them.

        `question` is what it answers and `hint` says what to try; both are short sentences.
        `pointed(panel, x, y)` is called with the place that is pointed at, by mouse, finger or
        arrow keys. `arranged` is a widget that holds the controls, in place of a plain row;
        `beside` puts them to the left of the stage. `closing()` is called when it is closed.
        """
        self.controls = controls
        self.scene: Scene | None = None
        self._picture, self._failure = None, None
        self._waiting = waiting
        self._pointed, self._closing = pointed, closing
        self._presses, self._observed = {}, []
        self._last = LastPicture(name)
        self.stage = Stage(self.point, title=title, hiding=self._last.hiding)
        head = widgets.HTML(f"<b>{html.escape(title)}</b> &middot; {html.escape(question)}")
        invitation = _("Try:")
        if pointed is not None:
            pointing = _(
                "Click on a panel or tap it, or press Tab to reach it and use the arrow keys."
            )
            hint = sentences(hint, pointing)
        self.hint = hint
        foot = widgets.HTML(
            '<div style="max-width: 860px">'
            f"<b>{html.escape(invitation)}</b> {html.escape(hint)}</div>"
        )
        wrapping = {"flex_flow": "row wrap", "max_width": "100%", "overflow": "hidden"}
        arranged = arranged or widgets.HBox(list(controls.values()), layout=wrapping)
        middle = [arranged, self.stage]
        if beside:
            arranged.layout.flex, self.stage.layout.flex = "0 0 auto", "1 1 300px"
            arranged.layout.max_width = "100%"
            middle = [widgets.HBox(middle, layout=wrapping)]
        self._box = DescribedBox([head, *middle, foot], labelled(title, question), name)
        self._connect()
        self._preparing: threading.Thread | None = None
        if waiting:
            self._prepare_in_background(make, waiting)
        else:
            self._prepare(make)
            self.redraw()

    @property
    def alt(self) -> str:
        """What is to be seen, in words."""
        return self.stage.alt

    @property
    def message(self) -> str:
        """The message in place of a scene, or ""."""
        return self.stage.message

    def wait(self):
        """Return when the slow preparation is done."""
        if self._preparing is not None:
            self._preparing.join()

    # What happens ---------------------------------------------------------------------------------

    def _prepare_in_background(self, make, waiting):
        self.stage.say(waiting)
        redraw = on_kernel_thread(self.redraw)

        def prepare():
            self._prepare(make)
            redraw()

        self._preparing = threading.Thread(target=prepare, daemon=True, name="playground")
        self._preparing.start()

    def _prepare(self, make):
        try:
            with _calmly():
                self._picture = make()
        except Exception as error:  # said at each redrawing, where the learner looks
            self._failure = error

    def _connect(self):
        for name, control in self.controls.items():
            if isinstance(control, widgets.Button):
                self._presses[name] = 0
                control.on_click(lambda _button, name=name: self._on_press(name))
            elif control.has_trait("value"):
                control.observe(self._on_move, "value")
                self._observed.append(control)

    def _on_press(self, name):
        self._presses[name] += 1
        self._on_move()

    def _on_move(self, _change=None):
        redraw_after_move(self.redraw)

    def point(self, panel: str, x: float, y: float):
        """Point at a place of a panel, in the numbers of its axes."""
        if self._pointed is not None:
            self._attempt(lambda: self._pointed(panel, x, y))

    def redraw(self):
        """Draw the scene for the current values of the controls."""
        if self._picture is not None or self._failure is not None:
            self._attempt(self._draw)

    def _draw(self):
        if self._failure is not None:
            raise self._failure
        values = _values(self.controls, self._presses)
        if isinstance(self._picture, SlowPicture) and self._picture.takes_long(**values):
            self.stage.say(self._waiting)
        self.scene = self._picture(**values)
        self.stage.show(self.scene)
        scene = self.scene
        self._last.keep(lambda: still_picture(scene, _WIDTH, LIGHT))

    def _attempt(self, act):
        try:
            with _calmly():
                act()
        except UnsuitableInput as error:
            self.stage.say(error)
        except Exception as error:  # a traceback would go where no learner looks
            message = _("This cannot be shown: {kind}: {error}")
            self.stage.say(message.format(kind=type(error).__name__, error=error))

    def close(self):
        """Release the widgets and what was computed for them."""
        self._last.cancel()
        if self._closing is not None:
            self._closing()
        for control in self._observed:  # a library that keeps a control then keeps no playground
            control.unobserve(self._on_move, "value")
        close_widget(self._box)
        self._picture, self._failure = None, None

    def _ipython_display_(self):
        display(self._box)
        self._last.show(self.alt)
        if self.scene is not None:
            scene = self.scene
            self._last.keep(lambda: still_picture(scene, _WIDTH, LIGHT))

    def __repr__(self) -> str:
        """Say what is shown."""
        return f"<Playground: {self.alt}>"


@contextlib.contextmanager
def _calmly():
    """Compute without warnings and on one core: waiting for a second, busy one takes far longer."""
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


def _still(make, controls, theme) -> Picture:
    """Return the picture for the first values, for readers who cannot move anything."""
    try:
        with _calmly():
            scene = make()(**_values(controls, {}))
        return still_picture(scene, _WIDTH, theme)
    except UnsuitableInput as error:
        figure = new_figure(_WIDTH / 100, 0.6)
        figure.set_facecolor(theme.paper)
        figure.text(0.02, 0.5, str(error), va="center", wrap=True, color=theme.ink)
        return Picture.from_figure(figure, str(error))
    finally:
        _close(controls)


def _close(controls):
    for control in controls.values():
        close_widget(control)

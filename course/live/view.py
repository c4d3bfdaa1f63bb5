"""The live view: a widget whose page side draws the six panels from the numbers it is sent."""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

from course.drawing.palette import page_colours
from course.live.page import page_side
from course.live.stream import Stream, curve_rows, packed
from course.live.words import view_words
from course.messages import _
from course.panels.snapshot import Snapshot

# The files of the page side, in order: each uses only what is ahead of it.
MODULES = (
    "store.js",
    "connection.js",
    "time_panel.js",
    "curve_panel.js",
    "band_panel.js",
    "atlas.js",
    "digit_panels.js",
    "digit_dialog.js",
    "header.js",
    "view.js",
)


class Pinned(NamedTuple):
    """Curves that stay visible behind those of the run."""

    name: str
    snapshot: Snapshot


# From a panel, an index and pixels uint8 to the probabilities (k,) of that picture.
Probabilities = Callable[[str, int, np.ndarray], np.ndarray]


class View(anywidget.AnyWidget):
    """Six panels in the page: `update(snapshot)` sends what is new since the last one.

    `probabilities(panel, index, pixels)` gives those of one picture when it is shown large;
    `play` is the button that the space key presses. Methods may be called from any thread.
    """

    _esm = page_side(*MODULES)
    _css = page_side("view.css")
    words = traitlets.Dict().tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    focus = traitlets.List().tag(sync=True)  # the names of the panels on show; all, if empty
    titles = traitlets.Dict().tag(sync=True)  # of panels that show something unusual
    missing = traitlets.Dict().tag(sync=True)  # why a panel does not apply
    hiding = traitlets.Unicode().tag(sync=True)  # the style rule that hides its last picture
    note = traitlets.Unicode().tag(sync=True)  # a line above the panels

    def __init__(
        self,
        probabilities: Probabilities | None = None,
        play: widgets.ToggleButton | None = None,
        **traits: Any,
    ):
        super().__init__(words=view_words(), colours=page_colours(), **traits)
        self._pages: set[str] = set()  # that have said that they are there
        self.heard = 0  # messages of pages
        self._answered: Callable[[], None] | None = None
        self.probabilities = probabilities
        self._play = play
        self._sending = threading.RLock()
        self._stream = Stream()
        self.snapshot: Snapshot | None = None  # the latest one
        self.pinned: list[Pinned] = []
        self.on_msg(self.hear)

    def update(self, snapshot: Snapshot) -> None:
        """Send what is new since the last snapshot."""
        with self._sending:
            self.snapshot = snapshot
            self.send(*self._stream.message(snapshot))

    def call(self, answered: Callable[[], None] | None = None) -> None:
        """Have the pages that are there say something, which counts in `heard`.

        `answered()` is called when the first of them has.
        """
        self._answered = answered
        self.send({"kind": "call"})

    def pin(self, snapshot: Snapshot, name: str) -> None:
        """Overlay the curves of a snapshot faintly from now on, under this name."""
        with self._sending:
            self.pinned.append(Pinned(self._own_name(name), snapshot))
            self._send_pinned()

    def unpin(self) -> None:
        """Remove all overlaid curves."""
        with self._sending:
            self.pinned.clear()
            self._send_pinned()

    def _own_name(self, name):
        """Add a number to a name that another pinned run has."""
        taken = {run.name for run in self.pinned}
        own, number = name, 1
        while own in taken:
            number += 1
            own = _("{name} ({number})").format(name=name, number=number)
        return own

    def _send_pinned(self):
        content = {"kind": "pinned", "pinned": [run.name for run in self.pinned]}
        arrays = {
            f"pinned_{place}_{curve}": np.ascontiguousarray(
                curve_rows(getattr(run.snapshot, curve)).T
            )
            for place, run in enumerate(self.pinned)
            for curve in ("training", "test")
        }
        self.send(*packed(content, arrays))

    def hear(self, _widget: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what a page asks for."""
        self.heard += 1
        if content["kind"] == "here":
            self.greet(content["page"], content.get("has", -1))
        elif content["kind"] == "answer":
            answered, self._answered = self._answered, None
            if answered is not None:
                answered()
        elif content["kind"] == "probabilities":
            self._answer(content, buffers)
        elif content["kind"] == "space" and self._play is not None and not self._play.disabled:
            self._play.value = not self._play.value

    def greet(self, page: str, has: int = -1) -> None:
        """Send everything to a page that has just been opened; it may have greeted several times.

        `has` is the number of the last frame that the page has, if it has missed none before that.
        """
        with self._sending:
            if page in self._pages:
                return
            self._pages.add(page)
            self.send({"kind": "welcome"})
            if 0 <= has == self._stream.count - 1:
                return
            self._stream = Stream()
            if self.snapshot is not None:
                self.update(self.snapshot)
            if self.pinned:
                self._send_pinned()

    def _answer(self, content, buffers):
        answer = {"kind": "digit", "number": content["number"]}
        pixels = np.frombuffer(buffers[0], np.uint8).reshape(content["shape"])
        try:
            shares = self.probabilities(content["panel"], content["index"], pixels)
            answer["probabilities"] = [float(share) for share in shares]
        except Exception as error:  # of a learner's own network
            message = _("The network gave no answer: {error}")
            answer["sentence"] = message.format(error=f"{type(error).__name__}: {error}")
        self.send(answer)

"""The stage: a widget whose page side draws a scene, and reports where the learner points."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course.drawing.palette import page_colours
from course.live.page import page_side
from course.messages import _
from course.playgrounds.scene import Scene, for_page

_HERE = Path(__file__).parent
# The files of the page side, in order: each uses only what is ahead of it.
MODULES = ("marks.js", "stage_panel.js", "stage.js")


class Stage(anywidget.AnyWidget):
    """Panels in the page, drawn from the numbers of a scene.

    `pointed(panel, x, y)` is called with the panel's name and the place in its axes, when it is
    clicked, dragged over or moved on by the arrow keys.
    """

    _esm = page_side(*MODULES, folder=_HERE)
    _css = page_side("stage.css", folder=_HERE)
    words = traitlets.Dict().tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)  # the scene in words
    message = traitlets.Unicode().tag(sync=True)  # what is said in place of the scene
    heard = traitlets.Float().tag(sync=True)  # when the last place that was answered was sent
    hiding = traitlets.Unicode().tag(sync=True)  # the style rule that hides its last picture

    def __init__(self, pointed: Callable[[str, float, float], None] | None = None, **traits: Any):
        words = {
            "keys": _("The arrow keys move the place in this panel."),
            "disconnected": _("The kernel was restarted: run this cell to go on."),
            "icons": {"fa-play": _("play"), "fa-pause": _("pause"), "fa-stop": _("stop")},
        }
        super().__init__(words=words, colours=page_colours(), **traits)
        self._pointed = pointed
        self._hearing = threading.Lock()
        self.on_msg(self._hear)

    def show(self, scene: Scene) -> None:
        """Draw a scene in place of the one before."""
        with self.hold_sync():
            self.message, self.alt, self.scene = "", str(scene.alt), for_page(scene)

    def say(self, message: str) -> None:
        """Show this message in place of the scene."""
        with self.hold_sync():
            self.message = self.alt = str(message)

    def _hear(self, _widget, content, _buffers):
        if content["kind"] != "point":
            return
        # The first messages go to the kernel's own thread and the next ones to that of a subshell:
        # one may overtake another, and the latest place counts.
        with self._hearing:
            if content["sent"] < self.heard:
                return
            if self._pointed is not None:
                self._pointed(content["panel"], content["x"], content["y"])
            self.heard = content["sent"]

"""What is on the screen during a `fit`: the view and its controls, or one still picture."""

import sys
import threading
import time

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import display

from course.front_end import close_widget
from course.live.comms import OpenReplies
from course.live.in_words import DescribedBox, PictureInWords
from course.live.last_picture import LastPicture, still_picture
from course.live.rate_slider import RateSlider
from course.live.view import Probabilities, View
from course.messages import _
from course.panels import Snapshot
from course.panels.description import describe, status_line

PATIENCE = 8.0  # seconds without a message from the page before the learner is told
SECONDS_A_LINE = 3.0  # seconds from one line in a terminal to the next


class Requests:
    """What the controls ask of a `fit`; set from any thread, read between two steps."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget all that was asked of an earlier `fit`."""
        self.is_paused = self.is_stopped = self._step = False
        self._rate: float | None = None
        self._new = threading.Event()

    @property
    def any(self) -> bool:
        """Whether there is something to do before the next step."""
        return self.is_paused or self._new.is_set()

    def pause(self, is_paused: bool) -> None:
        """Ask to pause, or to go on."""
        self.is_paused = is_paused
        self._new.set()

    def step(self) -> None:
        """Ask for one step, and then to pause."""
        self.is_paused = self._step = True
        self._new.set()

    def stop(self) -> None:
        """Ask to end this `fit`."""
        self.is_stopped = True
        self._new.set()

    def set_rate(self, rate: float) -> None:
        """Ask for another learning rate."""
        self._rate = rate
        self._new.set()

    def take_rate(self) -> float | None:
        """Return the learning rate that was asked for since the last call, if there was one."""
        self._new.clear()  # first: what is asked from now on is seen the next time
        rate, self._rate = self._rate, None
        return rate

    def take_step(self) -> bool:
        """Return whether one step was asked for since the last call."""
        step, self._step = self._step, False
        return step

    def wait(self) -> None:
        """Return when something was asked since the last `take_rate`; Ctrl-C ends it."""
        while not self._new.wait(0.2):
            pass


class FitScreen:
    """The view of a `fit`, with a slider for the learning rate and buttons above it.

    A page knows it by its `name`; by default, a new one.
    """

    def __init__(self, rate: float, probabilities: Probabilities, name: str = ""):
        self.requests = Requests()
        self._replies = OpenReplies()
        self._last = LastPicture(name)
        self._replies.run(self._make, rate, probabilities, name)
        self._began = time.monotonic()
        self._is_deaf = False  # whether no message arrives while a cell is running
        self._heard_before = 0
        self._shown_in: object = None

    def _make(self, rate, probabilities, name):
        width = {"width": "36px"}
        self.play = widgets.ToggleButton(
            icon="pause", value=True, tooltip=_("Pause, and go on"), button_style="primary",
            layout=width,
        )  # fmt: skip
        self.view = View(probabilities, self.play, hiding=self._last.hiding)
        self.words = PictureInWords()
        self.one_step = widgets.Button(
            icon="step-forward", tooltip=_("One step, and pause"), layout=width
        )
        self.stop = widgets.Button(icon="stop", tooltip=_("End this fit"), layout=width)
        self.learning_rate = RateSlider(rate)
        self.play.observe(self._on_play, "value")
        self.one_step.on_click(self._on_step)
        self.stop.on_click(lambda _button: self.requests.stop())
        self.learning_rate.on_move(self.requests.set_rate)
        controls = [self.play, self.one_step, self.stop, self.learning_rate]
        row = widgets.Box(controls, layout={"flex_flow": "row wrap", "align_items": "center"})
        parts = [row, self.view, self.words]
        self._box = DescribedBox(parts, _("Live view of the training"), name)

    @property
    def is_closed(self) -> bool:
        """Whether the widgets are gone, so that nothing can be shown."""
        return self._box.comm is None

    def begin(self, snapshot: Snapshot, cell: object, can_set_rate: bool) -> None:
        """Show the view, unless this cell shows it already, and let the controls act."""
        self.requests.restart()
        self._began, self._heard_before = time.monotonic(), self.view.heard
        self._replies.run(self.view.call)
        self._replies.run(self._enable, True)
        self._replies.run(setattr, self.learning_rate, "disabled", not can_set_rate)
        visibility = "visible" if snapshot.shows_settings else "hidden"
        self._replies.run(setattr, self.learning_rate.layout, "visibility", visibility)
        self.follow_rate(snapshot.learning_rate)
        if cell != self._shown_in:
            self._shown_in = cell
            display(self._box)
            self._last = LastPicture(self._last.name)
            self._last.show(describe(snapshot))

    def update(self, snapshot: Snapshot) -> None:
        """Show the current state."""
        self._replies.run(self._update, snapshot)

    def pin(self, snapshot: Snapshot) -> None:
        """Keep the curves of another model's fit, faintly."""
        self._replies.run(self.view.pin, snapshot, snapshot.name)

    def follow_rate(self, rate: float) -> None:
        """Move the slider to a rate that something else has changed."""
        self._replies.run(self.learning_rate.follow, rate)

    def explain(self, titles: dict[str, str], missing: dict[str, str]) -> None:
        """Say what the panels show, and why some of them show nothing."""

        def set_traits():
            self.view.titles, self.view.missing = titles, missing

        self._replies.run(set_traits)

    def finish(self, snapshot: Snapshot, note: str = "") -> None:
        """Show the last state, and leave a picture of it in the notebook."""
        self._replies.run(self._enable, False)
        self.update(snapshot)
        self._replies.run(setattr, self.view, "note", note)
        self._keep(snapshot)

    def correct(self, snapshot: Snapshot) -> None:
        """Show a last state that has changed since it was shown."""
        self._replies.run(self.view.update, snapshot)
        self._keep(snapshot)

    def close(self) -> None:
        """Release the widgets."""
        self._last.cancel()
        close_widget(self._box)

    def _keep(self, snapshot):
        """Leave the last state in words and as a picture."""
        self._replies.run(self.words.tell, snapshot)
        self._last.show(describe(snapshot))  # at once: the first picture of a kernel takes seconds
        self._last.keep(lambda: still_picture(snapshot))

    def _update(self, snapshot):
        self.view.update(snapshot)
        if self.requests.is_paused:
            self.words.tell(snapshot)
        is_running = snapshot.state != "paused"
        if self.play.value != is_running and not (self.play.disabled or self.requests.any):
            self.play.value = is_running
        if self.view.heard > self._heard_before:
            self._is_deaf = False
        elif time.monotonic() - self._began > PATIENCE:
            self._is_deaf = True
        note = _(
            "Here the slider and the buttons cannot act while a cell is running. Choose the "
            "learning rate in model.compile."
        )
        self.view.note = note if self._is_deaf else ""

    def _enable(self, is_enabled):
        for control in (self.play, self.one_step, self.stop, self.learning_rate):
            control.disabled = not is_enabled
        self.play.value = is_enabled

    def _on_play(self, change):
        self.play.icon = "pause" if change.new else "play"
        if change.new == self.requests.is_paused and not self.play.disabled:
            self.requests.pause(not change.new)

    def _on_step(self, _button):
        self.requests.step()
        self.play.value = False


class NoScreen:
    """The screen without widgets: one still picture at the end, or a line in a script.

    In a terminal there are lines also while it trains.
    """

    is_closed = False

    def __init__(self) -> None:
        self.requests = Requests()
        self._next_line = 0.0

    def begin(self, snapshot: Snapshot, cell: object, can_set_rate: bool) -> None:
        """Show nothing yet."""
        self._next_line = time.monotonic() + SECONDS_A_LINE

    def update(self, snapshot: Snapshot) -> None:
        """Say now and then in a terminal how it is going."""
        if time.monotonic() >= self._next_line and sys.stdout.isatty():
            self._next_line = time.monotonic() + SECONDS_A_LINE
            # From its beginning: Keras may have drawn a progress bar in this line.
            print(f"\r{status_line(snapshot)}", flush=True)

    def pin(self, snapshot: Snapshot) -> None:
        """Show nothing: there is one picture for each fit."""

    def follow_rate(self, rate: float) -> None:
        """Show nothing: there is no slider."""

    def explain(self, titles: dict[str, str], missing: dict[str, str]) -> None:
        """Show nothing: a still picture has no room for it."""

    def finish(self, snapshot: Snapshot, note: str = "") -> None:
        """Show the last state."""
        if get_ipython() is None:
            print(describe(snapshot))
        else:
            display(still_picture(snapshot))

    def correct(self, snapshot: Snapshot) -> None:
        """Show nothing: there is one picture for each fit."""

    def close(self) -> None:
        """Do nothing: there are no widgets."""

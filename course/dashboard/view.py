"""The dashboard: what its controls do to the run, and what its view and texts show."""

import contextlib
import html
import itertools
import math
import threading
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from course.dashboard.controls import Controls
from course.dashboard.message import MessageLine, link_to
from course.dashboard.player import Player
from course.drawing.number_format import short
from course.front_end import close_widget
from course.live.comms import OpenReplies
from course.live.in_words import DescribedBox, PictureInWords
from course.live.last_picture import LastPicture, still_picture
from course.live.view import View
from course.messages import _
from course.panels import Panels, Snapshot
from course.panels.changes import values_in_turn
from course.panels.description import describe, training_digits_title
from course.recording import Recording
from course.training import Run


class Dashboard:
    """The live panels of a run above its controls; made by `show`.

    `close()` ends the training and removes the widgets. The run itself stays as it is, and can be
    used in other cells. `last` is where the last picture stays when the dashboard is gone; by
    default, below it. A page knows the dashboard by its `name`; by default, a new one.
    """

    def __init__(
        self,
        run: Run,
        *,
        speed: float | None = 100,
        dark: bool = False,
        last: LastPicture | None = None,
        name: str = "",
    ):
        self.run = run
        self._last = last or LastPicture(name)
        self._dark = dark
        self._is_paused_by_page = self._shows_playing = False
        self._drawing = threading.RLock()  # frames come from two threads
        self._recording: Recording | None = None
        self._film: Panels | None = None
        self._replies = OpenReplies()
        self._player = Player(run, lambda: self._replies.run(self._draw), self._show_error)
        self._player.speed = speed
        run.evaluate()
        self._replies.run(self._build, speed, name)

    @property
    def is_playing(self) -> bool:
        """Whether the run is being trained."""
        return self._player.is_playing

    @property
    def widget(self) -> widgets.Widget:
        """All of it as one widget, to be shown among others."""
        return self._box

    def close(self):
        """End the training, and release the widgets."""
        self._player.stop()
        with self._drawing:
            self._save_film()
            self._last.cancel()
        close_widget(self._box)

    def _build(self, speed, name):
        self.controls = Controls(self.run, speed)
        # Kernel and page count the places where the view is displayed.
        self.view = View(
            self._probabilities, self.controls.play, _view_count=0, hiding=self._last.hiding
        )
        if self.run.shows_activations:
            self.view.titles |= {"biases": _("Largest activations")}
        if not self.run.loss_is_cross_entropy:
            self.view.titles |= {"loss": _("Loss")}
        self.progress = widgets.FloatProgress(
            min=0,
            max=1,
            description=_("steps done"),
            style={"description_width": "initial"},
            layout={"width": "auto", "max_width": "380px"},
        )
        self.words = PictureInWords()
        self.message = MessageLine()
        parts = [*self.controls.rows(), self.view, self.progress, self.words, self.message]
        self._box = DescribedBox(parts, _("Live view of the training"), name)
        self._connect()
        self._draw()

    def _connect(self):
        controls = self.controls
        controls.play.observe(self._on_play, "value")
        controls.one_step.on_click(self._on_step)
        controls.restart.on_click(lambda _button: self._reset(same_weights=True))
        controls.redraw_weights.on_click(lambda _button: self._reset(same_weights=False))
        controls.pin.observe(self._on_pin, "value")
        controls.pin_more.on_click(lambda _button: self._pin())
        controls.view.observe(self._on_view, "value")
        controls.speed.observe(self._on_speed, "value")
        controls.save.on_click(self._on_save)
        controls.film.observe(self._on_film, "value")
        controls.learning_rate.on_move(self._on_rate)
        controls.batch_size.observe(self._on_batch_size, "value")
        self.view.observe(self._on_view_count, "_view_count")
        self.view.observe(self._on_focus, "focus")

    # What the controls do -------------------------------------------------------------------------

    def _on_play(self, change):
        with self._drawing:  # or a frame that is being drawn could turn the button back
            if change.new == self._shows_playing:  # the button followed the player
                return
            self._shows_playing = change.new
        self.message.value = ""
        if change.new:
            self._player.play()
        else:
            self._player.pause()
        self._draw()

    def _on_step(self, _button):
        self._player.stop()
        if self.run.state in ("finished", "diverged"):
            return
        try:
            self.run.advance(1)
        except Exception as error:
            self._show_error(error)
        self._draw()

    def _reset(self, same_weights):
        self._player.stop()
        try:
            self.run.reset(same_weights=same_weights)
            self.message.value = ""
            self.run.evaluate()
        except Exception as error:
            self._show_error(error)
        self._draw()

    def _on_pin(self, change):
        self._show_pins()
        if change.new:
            self._pin()
        else:
            self.view.unpin()

    def _pin(self):
        snapshot = Snapshot.of(self.run)
        name = snapshot.name
        if snapshot.shows_settings:
            used = self.run.last_settings  # a slider may have been moved since
            rate, size = used[:2] if used else (snapshot.learning_rate, snapshot.batch_size)
            name = _("{name}, rate {rate}, batch {size}").format(
                name=snapshot.name,
                rate=values_in_turn(snapshot.changes, "learning_rate", rate, short),
                size=values_in_turn(snapshot.changes, "batch_size", size, "{:,.0f}".format),
            )
        self.view.pin(snapshot, name)

    def _on_view(self, change):
        self.view.focus = list(change.new)

    def _on_focus(self, change):
        """Let the list of views follow the keys that were pressed in the page."""
        self.controls.view.value = tuple(change.new)

    def _on_speed(self, change):
        self._player.speed = None if math.isinf(change.new) else change.new

    def _on_save(self, _button):
        path = _unused_path(f"{self.run.name}-step-{self.run.steps}", ".png")
        self._say(_("Saving…"))
        with self._saving(path), contextlib.closing(self._panels()) as panels:
            panels.save(path)
            self._say_saved(path)

    def _panels(self):
        """Return still panels that show what the view shows."""
        panels = Panels(self.run, dark=self._dark)
        panels.focus(tuple(self.view.focus) or None)
        if self.view.pinned:
            panels.pin(self.view.pinned[-1].snapshot)
        return panels

    def _on_film(self, change):
        with self._drawing:
            if change.new:
                self._begin_film()
            else:
                self._save_film()
        is_filming = self._recording is not None
        self.controls.film.value = is_filming
        self.controls.film.button_style = "danger" if is_filming else ""
        self.controls.film_format.disabled = is_filming

    def _begin_film(self):
        path = _unused_path(f"{self.run.name}-film", self.controls.film_format.value)
        with self._saving(path):
            path.touch()  # or only the end would show that nothing can be written here
            self._film, self._recording = self._panels(), Recording(path)
            self._say(_("● Filming. Press the camera again to save the film."))

    def _save_film(self):
        """Save what was filmed, if anything was."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        self._say(_("Saving…"))
        with self._saving(recording.path):
            with recording:
                recording.add(self._film.update())
            self._say_saved(recording.path)
        self._film.close()

    @contextlib.contextmanager
    def _saving(self, path):
        """Say why a file cannot be written: a traceback would go where no learner looks."""
        try:
            yield
        except OSError as error:
            message = _("{path} cannot be written: {error}.")
            self._say(message.format(path=path.absolute(), error=error.strerror or error))

    def _on_rate(self, rate):
        self.run.learning_rate = rate
        self._draw_if_paused()

    def _on_batch_size(self, change):
        self.run.batch_size = change.new
        self._draw_if_paused()

    def _on_view_count(self, change):
        """Pause when the output is cleared or the notebook closed; go on when it is back."""
        if change.new == 0 and self.is_playing:
            self._is_paused_by_page = True
            self._player.pause()
        elif change.new and self._is_paused_by_page:
            self._is_paused_by_page = self._shows_playing = False
            self._player.play()
            self._draw()

    # What is shown --------------------------------------------------------------------------------

    def _draw_if_paused(self):
        if not self.is_playing:
            self._draw()

    def _draw(self):
        with self._drawing:
            if self._recording is not None:
                with self._saving(self._recording.path):
                    self._recording.add(self._film.update())
            is_playing = self.is_playing
            self._snapshot = self._take_snapshot(is_playing)
            self.view.update(self._snapshot)
            self._show_state(is_playing)

    def _take_snapshot(self, is_playing):
        """Return the run as it is now; everything shown of its state is read from this."""
        snapshot = Snapshot.of(self.run)
        if is_playing and snapshot.state in ("ready", "paused"):  # its thread is about to begin
            snapshot = replace(snapshot, state="running")
        elif not is_playing and snapshot.state == "running":
            # By another cell or dashboard: no frame of this one would tell when that ends.
            snapshot = replace(snapshot, state="paused" if snapshot.steps else "ready")
        if not is_playing or self._player.speed is not None:
            snapshot = replace(snapshot, steps_per_second=None)
        return snapshot

    def _probabilities(self, _panel, _index, pixels):
        return self.run.probabilities(pixels[np.newaxis])[0]

    def _show_state(self, is_playing):
        snapshot = self._snapshot
        self._show_controls(is_playing)
        share = snapshot.steps / snapshot.total_steps if snapshot.total_steps else 0.0
        self.progress.value = round(share, 2)  # each change is a message to the page
        self.view.titles = self.view.titles | {"training digits": training_digits_title(snapshot)}
        bar_styles = {"finished": "success", "diverged": "danger"}
        self.progress.bar_style = bar_styles.get(snapshot.state, "")
        if not is_playing:
            self.words.tell(snapshot)
            self._last.keep(partial(still_picture, snapshot))
        welcome = _(
            "Press ▶ to train. The panels will show accuracy, loss, weights and biases over the "
            "steps; the digits are what the network is trained and tested on."
        )
        self.view.note = welcome if snapshot.state == "ready" else ""

    def _show_controls(self, is_playing):
        run, controls = self.run, self.controls
        if run.schedule is not None and run.learning_rate > 0:  # a hand may just have ended it
            controls.learning_rate.follow(run.learning_rate)
        self._shows_playing = is_playing
        controls.play.value = is_playing
        controls.play.icon = "pause" if is_playing else "play"
        is_over = self._snapshot.state in ("finished", "diverged")
        controls.play.disabled = controls.one_step.disabled = is_over
        self._show_pins()

    def _show_pins(self):
        """Let only curves be pinned that are there, and pinned ones always be removed."""
        pin, has_curves = self.controls.pin, self._snapshot.steps > 0
        pin.disabled = not (has_curves or pin.value)
        self.controls.pin_more.disabled = not (has_curves and pin.value)

    def _say(self, text):
        self.message.value = html.escape(text)

    def _say_saved(self, path):
        self.message.value = html.escape(_("Saved as {path}.")).format(path=link_to(path))

    def _show_error(self, error):
        """Show an exception of a learner's own function below the picture, with its traceback."""
        lines = traceback.format_exception(error)
        first = html.escape(f"{type(error).__name__}: {error}")
        said, where = _("Training stopped with an error."), _("where")
        self.message.value = (
            f'<div role="alert"><b>{html.escape(said)}</b> '
            f"<code>{first}</code><details><summary>{html.escape(where)}</summary>"
            f"<pre>{html.escape(''.join(lines))}</pre></details></div>"
        )

    def _ipython_display_(self):
        display(self._box)
        self._last.show(describe(self._snapshot))

    def __repr__(self) -> str:
        """Say which run is shown."""
        return f"<Dashboard of {self.run!r}>"


def _unused_path(name, suffix):
    """Return a path in the notebook's folder, of this name, that no file has yet."""
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    paths = (Path(f"{name}{ending}{suffix}") for ending in endings)
    return next(path for path in paths if not path.exists())

"""The widgets around a run and its panels, and what they do."""

import html
import io
import math
import threading
import traceback
import weakref
from pathlib import Path

import ipywidgets as widgets
from IPython.display import display
from PIL import Image

from course.dashboard import stage
from course.dashboard.player import Player
from course.messages import _
from course.panels import Panels, Snapshot
from course.panels.description import describe
from course.pictures.picture import Picture, TextAlternative, text_only
from course.recording import Recording

_STILL_STEPS = 200  # under grading: enough to see something, and soon over
_LOWEST_RATE, _HIGHEST_RATE, _NOTCH = -5.0, 2.0, 0.05  # powers of ten
_BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_SPEEDS = (None, 1000.0, 100.0, 10.0, 1.0)  # steps a second
_VIEWS = (
    ("all six", None),
    ("accuracy", ("accuracy",)),
    ("loss", ("loss",)),
    ("accuracy and loss", ("accuracy", "loss")),
    ("weights and biases", ("weights", "biases")),
    ("training digits", ("training digits",)),
    ("test digits", ("test digits",)),
    ("training and test digits", ("training digits", "test digits")),
)

_in_cells = weakref.WeakValueDictionary()  # the dashboard of each cell


def show(
    run,
    steps: int = 1000,
    *,
    speed: float | None = 100,
    dark: bool = False,
    live: bool | None = None,
):
    """Show a run on the dashboard, ready to train `steps` more steps.

    In a notebook it returns the Dashboard, live; the cell may be run again at any time. Under
    grading, or where nobody looks, it trains a little and returns a still picture. `live` decides
    this by hand. `speed` is the most steps a second, so that there is something to see; None is as
    fast as it can. `dark` draws the panels for a dark page.
    """
    run.total_steps = run.steps + steps
    if not (stage.has_audience() if live is None else live):
        return _still(run, steps, dark)
    cell = stage.cell_id()
    if cell in _in_cells:
        _in_cells[cell].close()
    dashboard = Dashboard(run, speed=speed, dark=dark)
    if cell is not None:
        _in_cells[cell] = dashboard
    stage.pause_when_interrupted()
    return dashboard


def _still(run, steps, dark) -> Picture:
    todo = min(steps, _STILL_STEPS)
    for piece in range(10):
        if run.state not in ("finished", "diverged"):
            run.advance(max(1, todo * (piece + 1) // 10 - todo * piece // 10))
    if text_only():
        return TextAlternative(describe(Snapshot.of(run)))
    panels = Panels(run, dark=dark)
    try:
        return Picture.from_array(panels.update(), panels.describe())
    finally:
        panels.close()


class Dashboard:
    """The live panels of a run, with its two sliders; made by `show`.

    `close()` ends the training and takes the widgets away. The run itself stays as it is, and can
    be used in other cells.
    """

    def __init__(self, run, *, speed: float | None = 100, dark: bool = False):
        self.run = run
        self._panels = Panels(run, dark=dark)
        self._player = Player(run, self._draw, self._say_error)
        self._player.speed = speed
        self._auto_paused = False
        self._drawing = threading.RLock()  # pictures come from two threads, a film from both
        self._recording = None
        self._make_controls()
        self._make_stage()
        self._connect()
        run.evaluate()
        self._draw()

    # The widgets ----------------------------------------------------------------------------------

    def _make_controls(self):
        narrow = {"width": "42px"}
        self.play = widgets.ToggleButton(
            icon="play", tooltip=_("Train, and pause"), layout=narrow, button_style="primary"
        )
        self.one_step = widgets.Button(icon="step-forward", tooltip=_("One step"), layout=narrow)
        self.again = widgets.Button(
            icon="undo", tooltip=_("Start again from the same weights"), layout=narrow
        )
        self.new_draw = widgets.Button(
            icon="random", tooltip=_("Start again from newly drawn weights"), layout=narrow
        )
        self.pin = widgets.ToggleButton(
            icon="thumb-tack", tooltip=_("Keep these curves to compare with"), layout=narrow
        )
        self.view = widgets.Dropdown(
            options=[(_(name), names) for name, names in _VIEWS],
            index=0,  # by default none is chosen, as the first one's value is None
            description=_("show"),
            layout={"width": "240px"},
            style={"description_width": "40px"},
        )
        self.speed = widgets.Dropdown(
            options=[(_speed_name(speed), speed) for speed in self._speeds()],
            value=self._player.speed,
            description=_("speed"),
            layout={"width": "190px"},
            style={"description_width": "45px"},
        )
        self.save = widgets.Button(icon="camera", tooltip=_("Save as PNG"), layout=narrow)
        self.film = widgets.ToggleButton(
            icon="video-camera", tooltip=_("Film, until it is pressed again"), layout=narrow
        )
        self.film_format = widgets.Dropdown(
            options=[("MP4", ".mp4"), ("GIF", ".gif")],
            tooltip=_("How the film is saved"),
            layout={"width": "70px"},
        )
        rate = self.run.learning_rate
        self.learning_rate = widgets.FloatLogSlider(
            value=rate,
            min=min(_LOWEST_RATE, math.floor(math.log10(rate)) if rate else _LOWEST_RATE),
            max=max(_HIGHEST_RATE, math.ceil(math.log10(rate)) if rate else _HIGHEST_RATE),
            step=_NOTCH,
            description=_("learning rate"),
            readout_format=".2g",
            layout={"width": "440px"},
            style={"description_width": "90px"},
        )
        most = self.run.data["train"].size
        sizes = {size for size in _BATCH_SIZES if size < most} | {most, self.run.batch_size}
        self.batch_size = widgets.SelectionSlider(
            options=sorted(sizes),
            value=self.run.batch_size,
            description=_("batch size"),
            layout={"width": "440px"},
            style={"description_width": "80px"},
        )

    def _speeds(self):
        """The speeds to choose from, the one that was asked for among them; the fastest first."""
        speeds = {*_SPEEDS, self._player.speed} - {None}
        return [None, *sorted(speeds, reverse=True)]

    def _make_stage(self):
        self.picture = widgets.Image(format="jpeg", width=960, height=540)
        self.picture.layout.max_width = "100%"
        self.picture.layout.height = "auto"
        # Kernel and page count the places where the picture is on show.
        self.picture._view_count = 0
        self.progress = widgets.FloatProgress(min=0, max=1, layout={"width": "300px"})
        self.state = widgets.Label()
        self.words = widgets.HTML()
        self.message = widgets.HTML()
        buttons = [self.play, self.one_step, self.again, self.new_draw, self.pin]
        self._box = widgets.VBox(
            [
                widgets.HBox(
                    [*buttons, self.view, self.speed, self.save, self.film, self.film_format]
                ),
                widgets.HBox([self.learning_rate, self.batch_size]),
                self.picture,
                widgets.HBox([self.progress, self.state]),
                self.words,
                self.message,
            ]
        )

    def _connect(self):
        self._notch = _notch(self.learning_rate.value)
        self._shown_playing = False
        self.play.observe(self._on_play, "value")
        self.one_step.on_click(self._on_step)
        self.again.on_click(lambda _button: self._reset(same_weights=True))
        self.new_draw.on_click(lambda _button: self._reset(same_weights=False))
        self.pin.observe(self._on_pin, "value")
        self.view.observe(self._on_view, "value")
        self.speed.observe(self._on_speed, "value")
        self.save.on_click(self._on_save)
        self.film.observe(self._on_film, "value")
        self.learning_rate.observe(self._on_rate, "value")
        self.batch_size.observe(self._on_batch_size, "value")
        self.picture.observe(self._on_views, "_view_count")

    # What they do ---------------------------------------------------------------------------------

    def _on_play(self, change):
        if change.new == self._shown_playing:
            return
        self._shown_playing = change.new
        self.message.value = ""
        if change.new:
            self._player.play()
        else:
            self._player.pause()
        self._show_state()

    def _on_step(self, _button):
        self._player.wait()
        if self.run.state in ("finished", "diverged"):
            return
        try:
            self.run.advance(1)
        except Exception as error:
            self._say_error(error)
        self._draw()

    def _reset(self, same_weights):
        self._player.wait()
        try:
            self.run.reset(same_weights=same_weights)
            self.message.value = ""
            self.run.evaluate()
        except Exception as error:
            self._say_error(error)
        self._draw()

    def _on_pin(self, change):
        if change.new:
            self._panels.pin()
        else:
            self._panels.unpin()
        self._draw()

    def _on_view(self, change):
        self._panels.focus(change.new)
        self._draw()

    def _on_speed(self, change):
        self._player.speed = change.new

    def _on_save(self, _button):
        path = self._new_path(".png")
        self._panels.save(path)
        self._say(_("Saved as {path}.").format(path=path))

    def _on_film(self, change):
        with self._drawing:
            if change.new:
                self._recording = Recording(self._new_path(self.film_format.value))
                self._say(_("Filming. Press the camera again to save the film."))
            else:
                self._end_film()
        self.film_format.disabled = change.new

    def _end_film(self):
        """Save what was filmed, if anything was."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        with recording:
            recording.add(self._panels.update())
        self._say(_("Saved as {path}.").format(path=recording.path))

    def _new_path(self, suffix):
        """A name that no file has yet, in the folder of the notebook."""
        name = getattr(self.run.network, "name", "run")
        return _free_name(Path(f"{name}-step-{self.run.steps}{suffix}"))

    def _say(self, text):
        self.message.value = html.escape(text)

    def _on_rate(self, change):
        # The page moves the slider to the nearest notch and says so: that was nobody's hand.
        if _notch(change.new) != self._notch:
            self._notch = _notch(change.new)
            self.run.learning_rate = change.new
            self._draw_if_paused()

    def _on_batch_size(self, change):
        self.run.batch_size = change.new
        self._draw_if_paused()

    def _on_views(self, change):
        """Pause when the output was cleared or the notebook closed, go on when it is back."""
        if change.new == 0 and self._player.is_playing:
            self._auto_paused = True
            self._player.pause()
        elif change.new and self._auto_paused:
            self._auto_paused = False
            self._player.play()
            self._show_state()

    # What they show -------------------------------------------------------------------------------

    def _draw_if_paused(self):
        if not self._player.is_playing:
            self._draw()

    def _draw(self):
        with self._drawing:
            frame = self._panels.update()
            if self._recording is not None:
                self._recording.add(frame)
            file = io.BytesIO()
            Image.fromarray(frame).save(file, "jpeg", quality=85)
            self.picture.value = file.getvalue()
        self._show_state()

    def _show_state(self):
        run, playing = self.run, self._player.is_playing
        if run.schedule is not None and run.learning_rate > 0:
            self._notch = _notch(run.learning_rate)
            self.learning_rate.value = _rate_at(self._notch)
        self._shown_playing = playing
        self.play.value = playing
        self.play.icon = "pause" if playing else "play"
        over = run.state in ("finished", "diverged")
        self.play.disabled = self.one_step.disabled = over
        self.progress.value = run.steps / run.total_steps if run.total_steps else 0.0
        styles = {"finished": "success", "diverged": "danger"}
        self.progress.bar_style = styles.get(run.state, "")
        state = _("running") if playing else _(run.state)
        text = _("{state}: step {step:,} of {total:,}").format(
            state=state, step=run.steps, total=run.total_steps or run.steps
        )
        speed = run.steps_per_second
        if speed and playing and self._player.speed is None:
            text += _(", {speed:,.0f} steps/s").format(speed=speed)
        self.state.value = text
        if not playing:
            summary, words = _("The picture in words"), self._panels.describe()
            self.words.value = (
                f"<details><summary>{html.escape(summary)}</summary>{html.escape(words)}</details>"
            )

    def _say_error(self, error):
        """Show an exception of a learner's own function below the picture, with its lines."""
        lines = traceback.format_exception(error)
        first = html.escape(f"{type(error).__name__}: {error}")
        self.message.value = (
            f'<div role="alert"><b>{html.escape(_("Training stopped with an error."))}</b> '
            f"<code>{first}</code><details><summary>{html.escape(_('where'))}</summary>"
            f"<pre>{html.escape(''.join(lines))}</pre></details></div>"
        )

    def close(self):
        """End the training, and let go of widgets and figure."""
        self._player.wait()
        with self._drawing:
            self._end_film()
        self._panels.close()
        stage.close(self._box)

    def _ipython_display_(self):
        display(self._box)

    def __repr__(self):
        return f"<Dashboard of {self.run!r}>"


def _notch(rate):
    """The number of the slider's notch that is nearest to this learning rate."""
    return round(math.log10(rate) / _NOTCH)


def _rate_at(notch):
    return 10 ** (notch * _NOTCH)


def _speed_name(speed):
    return _("as fast as it can") if speed is None else _("{speed:g} steps/s").format(speed=speed)


def _free_name(path: Path) -> Path:
    """The path, with a number added if there is such a file: nothing is overwritten."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free

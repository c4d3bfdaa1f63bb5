"""Train a run in a background thread, where sliders reach it, and draw it in another."""

import threading
import time
from collections.abc import Callable

from course.training import Run

FRAMES_PER_SECOND = 30
_PIECE = 0.03  # seconds of training between two checks of the settings

_playing: "Player | None" = None  # one at a time: two would only slow each other down
_changing = threading.Lock()


class Player:
    """Plays and pauses a run. There are threads only while it plays.

    `on_frame()` is called several times a second and once at the end; `on_error(error)` is called
    when training or drawing has failed; both from a thread. `speed` is the number of steps a
    second, or None for as fast as possible.
    """

    def __init__(
        self,
        run: Run,
        on_frame: Callable[[], None],
        on_error: Callable[[Exception], None],
        frames_per_second: float = FRAMES_PER_SECOND,
    ):
        self.run = run
        self.speed: float | None = None
        self._frame = 1 / frames_per_second
        self._on_frame, self._on_error = on_frame, on_error
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def is_playing(self) -> bool:
        """Whether the thread is training, and has not been asked to stop."""
        thread = self._thread
        return thread is not None and thread.is_alive() and not self._stop.is_set()

    def play(self):
        """Start training; if another player is playing, pause it first."""
        global _playing
        with _changing:
            if self.is_playing or self.run.state in ("finished", "diverged"):
                return
            if _playing is not None:
                _playing.pause()
            self.join()
            _playing = self
            self._stop.clear()
            self._thread = threading.Thread(target=self._train, daemon=True, name="training")
            self._thread.start()

    def pause(self):
        """Stop training as soon as the present piece is done."""
        self._stop.set()
        self.run.halt()

    def stop(self):
        """Pause, and return when the threads have ended."""
        self.pause()
        self.join()

    def join(self):
        """Return when the run has finished or is paused, and the threads have ended."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _train(self):
        global _playing
        # While one core draws, the others train: a picture costs the training next to nothing.
        drawing = threading.Thread(target=self._draw, daemon=True, name="drawing")
        drawing.start()
        try:
            self._advance()
        except Exception as error:
            self._on_error(error)
        finally:
            self._stop.set()
            drawing.join()
            if _playing is self:
                _playing = None
            self._on_frame()

    def _advance(self):
        run, owed, last = self.run, 0.0, time.monotonic()
        with run.playing():
            while not self._stop.is_set() and run.state == "running":
                now = time.monotonic()
                steps = run.steps_for(_PIECE)
                if self.speed:
                    owed = min(owed + self.speed * (now - last), max(1.0, self.speed * 0.1))
                    steps = min(steps, int(owed))
                    owed -= steps
                last = now
                if steps:
                    run.advance(steps, evaluate="auto")
                else:
                    self._stop.wait(0.01)
        tested = run.history.test.steps
        if run.state != "diverged" and not (len(tested) and tested[-1] == run.steps):
            run.evaluate()

    def _draw(self):
        # As urgent as training: a less urgent thread that is put off while it holds the
        # interpreter's lock would keep training and sliders waiting.
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = time.monotonic() + self._frame
            try:
                self._on_frame()
            except Exception as error:
                self._on_error(error)
                self.pause()


def is_anything_playing() -> bool:
    """Return whether a run is playing, for work that can wait a little."""
    player = _playing
    return player is not None and player.is_playing


def pause_all():
    """Pause whatever is playing, as an interrupted kernel does."""
    player = _playing
    if player is not None:
        player.pause()

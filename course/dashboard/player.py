"""Trains a run in a background thread, so that sliders reach it while it trains."""

import threading
import time

FRAMES_PER_SECOND = 15
_PIECE = 0.025  # seconds of training between two looks at the settings

_playing = None  # one player at a time: they would only slow each other down
_changing = threading.Lock()


class Player:
    """Plays and pauses a run. There is a thread only while it plays.

    `on_frame()` is called about fifteen times a second and once at the end, `on_error(error)` when
    training raised one; both from the thread. `speed` is the most steps a second, or None.
    """

    def __init__(self, run, on_frame, on_error):
        self.run = run
        self.speed: float | None = None
        self._on_frame, self._on_error = on_frame, on_error
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def is_playing(self) -> bool:
        """Whether the thread is training, and was not asked to stop."""
        thread = self._thread
        return thread is not None and thread.is_alive() and not self._stop.is_set()

    def play(self):
        """Start to train; another player that is playing is paused first."""
        global _playing
        with _changing:
            if self.is_playing or self.run.state in ("finished", "diverged"):
                return
            if _playing is not None:
                _playing.pause()
            self._join()
            _playing = self
            self._stop.clear()
            self._thread = threading.Thread(target=self._train, daemon=True, name="training")
            self._thread.start()

    def pause(self):
        """Stop to train as soon as the present piece is done."""
        self._stop.set()
        self.run.halt()

    def wait(self):
        """Pause, and return when the thread is gone."""
        self.pause()
        self._join()

    def _join(self):
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _train(self):
        global _playing
        run, shown, owed = self.run, 0.0, 0.0
        last = time.monotonic()
        try:
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
                    if time.monotonic() - shown >= 1 / FRAMES_PER_SECOND:
                        shown = time.monotonic()
                        self._on_frame()
            if run.state != "diverged":
                run.evaluate()
        except Exception as error:
            self._on_error(error)
        finally:
            self._stop.set()
            if _playing is self:
                _playing = None
            self._on_frame()


def pause_all():
    """Pause whatever is playing, as an interrupted kernel does."""
    player = _playing
    if player is not None:
        player.pause()

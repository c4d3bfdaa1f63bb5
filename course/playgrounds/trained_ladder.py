"""The networks of the ladder, each trained for a few seconds on the embedded sample."""

import threading
import time
from collections.abc import Callable, Iterable

import numpy as np

from course import digits, networks
from course.dashboard.player import is_anything_playing
from course.live.record import is_fitting
from course.training import Run, exponential_decay, start

# Steps with mini-batches of 100: enough for a network that is good to play with, and soon over.
STEPS = {
    "softmax": 300,
    "five-layers-sigmoid": 600,
    "five-layers-relu": 300,
    "five-layers-dropout": 300,
    "convolutional": 400,
    "convolutional-dropout": 400,
    "batch-norm": 100,
}
_PIECE = 0.05  # seconds of training between two checks of what else is going on
_REPORT = 0.2  # seconds, at least, between two reports from the background
_REST = 3 * _PIECE  # seconds after each piece, while something else trains


class TrainedLadder:
    """The networks of the ladder, each trained once, when it is first asked for, and kept.

    `steps` is name -> number of steps.
    """

    def __init__(self, steps: dict[str, int] = STEPS):
        self.names = tuple(steps)
        self._steps = steps
        self._trained, self._compiled = {}, {}
        self._training = threading.Lock()  # one at a time: two would only slow each other down

    def trained(self, name: str):
        """Return the trained network of this name, or None if it is not trained yet."""
        return self._trained.get(name)

    def compiled(self, name: str):
        """Return the same as a function of images (n, 28, 28) that answers within milliseconds."""
        return self._compiled.get(name)

    def train(
        self,
        name: str,
        report: Callable[[float], None] | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ):
        """Return the trained network of this name; it is trained if it is not trained yet.

        `report(share)` is called now and then with the share that is done. If `go_on()` returns
        False, the training ends and None is returned.
        """
        data = digits.load("embedded")
        if name in self._trained:  # another one may be in training for long
            return self._trained[name]
        with self._training:
            if name not in self._trained:
                run = self._start(name, data)
                while run.state != "finished":
                    if not go_on():
                        return None
                    run.advance(run.steps_for(_PIECE), evaluate=False)
                    if report is not None:
                        report(run.steps / run.total_steps)
                    time.sleep(0)  # a thread that draws meanwhile comes first
                self._compiled[name] = _compile(run.network)
                self._trained[name] = run.network
        return self._trained[name]

    def in_background(self, names: Iterable[str]) -> "BackgroundTraining":
        """Return the training of some networks in the background; it is not started yet."""
        return BackgroundTraining(self, names)

    def _start(self, name, data) -> Run:
        """Begin a short run: where the rate decays, it does so within these few steps."""
        steps, rung, settings = self._steps[name], networks.LADDER[name], {}
        if rung.decay:
            rate = exponential_decay(rung.learning_rate, rung.lowest, steps / 4)
            settings["learning_rate"] = rate
        return start(name, data, total_steps=steps, **settings)


def _compile(network):
    """Return the network as a function that is quick from its first call on."""
    from course.backend import tf

    shape = tf.TensorSpec([None, 28, 28], tf.float32)
    answer = tf.function(lambda images: network(images, training=False), [shape])
    answer(np.zeros((1, 28, 28), np.float32))  # traced now, when nobody waits for it
    return answer


class BackgroundTraining:
    """The training of some networks of a ladder in a thread, one after the other.

    While a dashboard plays, or a `fit` with `Live` trains, it leaves that most of the time.
    """

    def __init__(self, ladder: TrainedLadder, names: Iterable[str]):
        self.error: Exception | None = None
        self._ladder, self._names = ladder, tuple(names)
        self._shares = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, changed: Callable[[], None]):
        """Begin, once, unless all are trained; the thread calls `changed()` now and then."""
        if self._thread is None and not all(map(self._ladder.trained, self._names)):
            digits.load("embedded")  # here, where its messages appear in the right place
            self._thread = threading.Thread(
                target=self._train, args=(changed,), daemon=True, name="ladder"
            )
            self._thread.start()

    def share(self, name: str) -> float:
        """Return the share of the training that is done, 0..1."""
        return 1.0 if self._ladder.trained(name) else self._shares.get(name, 0.0)

    @property
    def number(self) -> int:
        """Which of the networks is in training, counted from 1; 0 if there is none to train."""
        done = sum(map(bool, map(self._ladder.trained, self._names)))
        return 0 if self.error or done == len(self._names) else done + 1

    def stop(self):
        """End the training soon; what is trained already stays trained."""
        self._stop.set()

    def wait(self):
        """Return when the thread has ended."""
        if self._thread is not None:
            self._thread.join()

    def _train(self, changed):
        told = 0.0

        def report(share):
            nonlocal told
            self._shares[name] = share
            if time.monotonic() - told > _REPORT:
                changed()
                told = time.monotonic()
            if is_anything_playing() or is_fitting():
                self._stop.wait(_REST)

        try:
            for name in self._names:
                self._ladder.train(name, report, lambda: not self._stop.is_set())
                if self._stop.is_set():
                    return
                changed()
        except Exception as error:  # shown where the learner looks, not in a thread's traceback
            self.error = error
            changed()


LADDER = TrainedLadder()

"""The networks of the ladder, trained for a few seconds each on the embedded sample."""

import threading
import time

from course import digits, networks, training
from course.training import exponential_decay

# Steps of 100 digits: enough for a network that is good to play with, and soon over.
STEPS = {
    "softmax": 300,
    "five-layers-sigmoid": 600,
    "five-layers-relu": 300,
    "five-layers-dropout": 300,
    "convolutional": 400,
    "convolutional-dropout": 400,
    "batch-norm": 100,
}
_PIECE = 0.2  # seconds of training between two reports

_trained = {}
_asked = {}
_training = threading.Lock()  # one at a time: they would only slow each other down


def known(name: str):
    """The trained network of this name, or None if it was not trained yet."""
    return _trained.get(name)


def asked(name: str):
    """The same as a function of images (n, 28, 28): compiled, to answer within milliseconds."""
    if name in _trained and name not in _asked:
        from course.backend import tf

        network = _trained[name]
        shape = tf.TensorSpec([None, 28, 28], tf.float32)
        _asked[name] = tf.function(lambda images: network(images, training=False), [shape])
    return _asked.get(name)


def train(name: str, report=None, go_on=lambda: True):
    """Return the trained network of this name; it is trained once, and kept.

    `report(share)` is told now and then how much is done, and `go_on()` asked: when it says no, the
    training ends and None is returned.
    """
    data = digits.load("embedded")
    with _training:
        if name not in _trained:
            run = _run(name, data)
            while run.state != "finished":
                if not go_on():
                    return None
                run.advance(run.steps_for(_PIECE), evaluate=False)
                if report is not None:
                    report(run.steps / run.total_steps)
                time.sleep(0)  # whoever draws meanwhile comes first
            _trained[name] = run.network
    return _trained[name]


def _run(name, data):
    """A short run: where the rate decays, it does so within these few steps."""
    rung, settings = networks.LADDER[name], {}
    if rung.decay:
        decay = STEPS[name] / 4
        settings["learning_rate"] = exponential_decay(rung.learning_rate, rung.lowest, decay)
    return training.start(name, data, total_steps=STEPS[name], **settings)


class Training:
    """Trains some of the networks in the background, one after the other."""

    def __init__(self, names):
        self._names, self._changed = tuple(names), None
        self._shares = {}
        self._stop = threading.Event()
        self._thread = None
        self.error = None

    def start(self, changed):
        """Begin, once, unless all are trained; a thread calls `changed()` now and then."""
        if self._thread is None and not all(known(name) for name in self._names):
            digits.load("embedded")  # here, where what it says has its place
            self._changed = changed
            self._thread = threading.Thread(target=self._train, daemon=True, name="rungs")
            self._thread.start()

    def share(self, name) -> float:
        """How much of the training is done, 0..1."""
        return 1.0 if known(name) else self._shares.get(name, 0.0)

    def stop(self):
        """End the training soon; what was trained stays trained."""
        self._stop.set()

    def wait(self):
        """Return when the thread is gone."""
        if self._thread is not None:
            self._thread.join()

    def _train(self):
        try:
            for name in self._names:
                train(name, lambda share, name=name: self._report(name, share), self._goes_on)
                if self._stop.is_set():
                    return
                self._changed()
        except Exception as error:  # said where the learner looks, not on a thread's traceback
            self.error = error
            self._changed()

    def _goes_on(self):
        return not self._stop.is_set()

    def _report(self, name, share):
        self._shares[name] = share
        self._changed()

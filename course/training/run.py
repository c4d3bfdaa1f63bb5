"""A run: one network in training, with two settings that may change while it goes on."""

import contextlib
import numbers
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course.messages import _
from course.training.examples import Split, splits
from course.training.history import Change, History
from course.training.order import Order
from course.training.schedules import exponential_decay, rates

_DEFAULT_RATE = 0.5  # for softmax with plain gradient descent on a mean loss
_GLANCE = 0.25  # seconds after which a long advance looks up, so that it can be interrupted
_MOST_INDICES = 2_000_000
_SHARE = 0.02  # of the time that passes, which evaluating and looking at weights may cost
# Keys that keep the draws for the shuffle and for the network independent of each other.
_SHUFFLE, _NETWORK = 1, 2


class Batch(NamedTuple):
    """The last mini-batch: images (n, 28, 28), labels (n,), and what the network took them for."""

    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray


class Run:
    """Trains a network on digits, some steps at a time, and remembers what it saw.

    `network` is a Keras model with ten outputs, or an object with `predict(images)` and
    `step(images, labels, learning_rate)`. `data` is what `course.digits.load()` gives.
    `learning_rate` is a number, or a function from the step to the rate. Without one, the
    optimiser's own counts, else 0.5. `optimizer` is a name or a Keras optimiser (it is copied);
    without one, the one that the model was compiled with, else "sgd". With `total_steps` the run
    finishes there. With `shuffle=False` the digits come in the order in which they lie. The same
    seed gives the same run: shuffles, dropout and new draws follow from it (starting weights come
    with the network). A ValueError says what does not fit.
    """

    def __init__(
        self,
        network,
        data,
        learning_rate: float | Callable[[int], float] | None = None,
        batch_size: int = 100,
        seed: int = 0,
        *,
        optimizer=None,
        loss=None,
        total_steps: int | None = None,
        shuffle: bool = True,
    ):
        self.data = splits(data)
        self.network = network
        self.seed = _whole(seed, _("The seed"), at_least=0)
        self._draw = 0
        self._shuffle = shuffle
        self._learner = _learner(network, self.data["train"], optimizer, loss, self._key(_NETWORK))
        if loss is None and getattr(network, "compiled", False):
            loss = network.loss
        self.loss_is_cross_entropy = _is_cross_entropy(loss)
        self._lock = threading.RLock()  # held while training or resetting
        self._settings = threading.Lock()  # held for a moment only: sliders never wait for steps
        self._schedule = None
        self._rate = _DEFAULT_RATE
        self._batch_size = 0
        self._inside = self._playing = False
        self._halt = threading.Event()
        self.total_steps = total_steps
        if learning_rate is None:
            compiled = optimizer is not None or getattr(network, "compiled", False)
            learning_rate = self._learner.schedule or (
                self._learner.own_rate if compiled and self._learner.own_rate else _DEFAULT_RATE
            )
        self._speed = None  # steps per second, lately
        self._evaluation_seconds = self._looking_seconds = 0.0
        self._begin()
        self.learning_rate = learning_rate
        self.batch_size = batch_size

    def _begin(self):
        """Forget all that happened: what a new run and a reset share."""
        self.history = History()
        self.steps = 0
        self.diverged_at: int | None = None
        self.seconds = 0.0
        self._shown = 0
        self._used = None
        self._last_evaluation = self._last_look = time.perf_counter()
        self._order = Order(len(self.data["train"]), self._key(_SHUFFLE), self._shuffle)
        # Indices and predictions in one attribute: another thread never sees half of a change.
        self._last_batch = self._order.take(1, 100)[0], None
        self.test_predictions: np.ndarray | None = None
        self._evaluated_at = -1

    # The two settings

    @property
    def learning_rate(self) -> float:
        """The rate of the next step; set a number (which ends a schedule), or a new schedule."""
        with self._settings:
            if self._schedule is None:
                return self._rate
            return float(rates(self._schedule, self.steps, 1)[0])

    @learning_rate.setter
    def learning_rate(self, value):
        if callable(value):
            rates(value, 0, 1)
            with self._settings:
                self._schedule = value
            return
        good = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not good or not np.isfinite(value) or value <= 0:
            message = _(
                "The learning rate is {got}; expected a number above 0, such as 0.5 for softmax "
                "or 0.003 with Adam."
            )
            raise ValueError(message.format(got=repr(value)))
        with self._settings:
            self._schedule, self._rate = None, float(value)

    @property
    def schedule(self) -> Callable[[int], float] | None:
        """The function that drives the learning rate, or None when it is set by hand."""
        return self._schedule

    @property
    def batch_size(self) -> int:
        """How many digits the next step looks at."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, value):
        value = _whole(value, _("The batch size"), at_least=1)
        available = len(self.data["train"])
        if value > available:
            message = _(
                "The batch size is {got}; expected at most {most}, as there are no more training "
                "digits. Choose a smaller batch, or load more digits."
            )
            raise ValueError(message.format(got=value, most=available))
        with self._settings:
            self._batch_size = value

    # State

    @property
    def state(self) -> str:
        """One of "ready", "running", "paused", "finished" and "diverged"."""
        if self.diverged_at is not None:
            return "diverged"
        if self.total_steps is not None and self.steps >= self.total_steps:
            return "finished"
        if self._inside or self._playing:
            return "running"
        return "paused" if self.steps else "ready"

    @property
    def total_steps(self) -> int | None:
        """The step at which the run is finished, or None; may be changed at any time."""
        return self._total_steps

    @total_steps.setter
    def total_steps(self, value):
        if value is not None:
            value = _whole(value, _("The number of steps"), at_least=1)
        self._total_steps = value

    @property
    def epoch(self) -> float:
        """How many times every training digit was shown, on average."""
        return self._shown / len(self.data["train"])

    @property
    def traces(self) -> int:
        """How often a graph was compiled; it does not grow when a setting changes."""
        return getattr(self._learner, "traces", 0)

    @property
    def shows_activations(self) -> bool:
        """Whether the network has batch normalisation, and its activations are recorded."""
        return self._learner.shows_activations

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        model = getattr(self.network, "trainable_variables", None)
        if model is not None:
            return int(sum(np.prod(array.shape) for array in model))
        return sum(array.size for arrays in self._learner.weights() for array in arrays)

    @property
    def steps_per_second(self) -> float | None:
        """The speed of training alone, without compiling, evaluating and drawing."""
        return self.steps / self.seconds if self.seconds else None

    @property
    def batch(self) -> Batch:
        """The last mini-batch as the network saw it before its step; before any, the first one."""
        train = self.data["train"]
        indices, predictions = self._last_batch
        if predictions is None:
            predictions = self._learner.predictions(train.images[indices])
        return Batch(train.images[indices], train.labels[indices], predictions)

    def steps_for(self, seconds: float) -> int:
        """How many steps fit into this time, by the speed so far; one if it is not yet known."""
        return max(1, int(self._speed * seconds)) if self._speed else 1

    @contextlib.contextmanager
    def playing(self):
        """Stay "running" between the advances inside this block, as an animation does."""
        self._playing = True
        try:
            yield self
        finally:
            self._playing = False

    # Training

    def advance(self, steps: int = 1, evaluate: bool | str = True) -> int:
        """Train for that many steps and return how many were done.

        Fewer are done when the run finishes, diverges or is halted. Settings changed since the last
        call act from here on and are marked in the history. Afterwards the test and the validation
        digits are evaluated: always, never (False), or (`"auto"`) when that costs little of the
        time; `"auto"` looks at the weights as seldom, too. An exception in a learner's own function
        is passed on; the run can go on after it.
        """
        steps = _whole(steps, _("The number of steps"), at_least=1)
        with self._lock:
            if self.diverged_at is not None:
                message = _(
                    "The run diverged at step {step}: its weights or its loss are no longer finite "
                    "numbers. Lower the learning rate, or look for a log of 0, and call reset()."
                )
                raise RuntimeError(message.format(step=self.diverged_at))
            self._halt.clear()
            self._inside = True
            try:
                return self._advance(steps, evaluate)
            finally:
                self._inside = False

    def halt(self):
        """Ask an advance in another thread to return as soon as it can."""
        self._halt.set()

    def evaluate(self):
        """Look at all test and validation digits now, and add the result to the history."""
        with self._lock:
            self._learner.warm_up(self.data["test"])  # compiling is no part of what it costs
            begun = time.perf_counter()
            for name in ("test", "validation"):
                if name in self.data:
                    loss, accuracy, predictions = self._learner.evaluate(self.data[name])
                    curve = getattr(self.history, name)
                    if self._evaluated_at != self.steps:
                        curve.extend([self.steps], [loss], [accuracy])
                    if name == "test":
                        self.test_predictions = predictions
                        best = self.history.best_test_accuracy
                        if self.diverged_at is None:
                            self.history.best_test_accuracy = max(accuracy, best or 0.0)
            self._evaluated_at = self.steps
            self._last_evaluation = time.perf_counter()
            self._evaluation_seconds = self._last_evaluation - begun

    def reset(self, same_weights: bool = True):
        """Start over, from the same weights or from a new draw; the settings stay as they are.

        The history is a new one, so that nothing is drawn onto the curves of the run before.
        """
        with self._lock:
            self._draw = self._draw if same_weights else self._draw + 1
            self._learner.reset(self._key(_NETWORK), same_weights)
            self._begin()

    def _advance(self, steps, evaluate):
        if self._total_steps is not None:
            steps = min(steps, self._total_steps - self.steps)
        if steps <= 0:
            return 0
        first = self.steps
        with self._settings:
            schedule, rate, batch_size = self._schedule, self._rate, self._batch_size
        self._learner.warm_up(self.data["test"])
        if first == 0:
            self._look_at_weights()
            if evaluate and self._evaluated_at < 0:
                self.evaluate()
        try:
            while (left := steps - (self.steps - first)) > 0 and self.diverged_at is None:
                if self._halt.is_set():
                    break
                count = min(left, self._chunk(batch_size))
                chosen = (
                    np.full(count, rate, np.float32)
                    if schedule is None
                    else rates(schedule, self.steps, count)
                )
                first_rate, last_rate = map(float, chosen[[0, -1]]) if schedule else (rate, rate)
                self._mark_changes(first_rate, batch_size, schedule)
                self._train(chosen, batch_size)
                self._used = last_rate, batch_size, schedule
        finally:
            over = self.state in ("finished", "diverged")
            due = over or _is_due(self._last_look, self._looking_seconds)
            if self.steps > first and (evaluate != "auto" or due):
                self._look_at_weights()
        due = over or _is_due(self._last_evaluation, self._evaluation_seconds)
        if evaluate is True or (evaluate and due):
            self.evaluate()
        return self.steps - first

    def _chunk(self, batch_size):
        """How many steps to do in one call: about a glance's worth, one at first."""
        return max(1, min(self.steps_for(_GLANCE), _MOST_INDICES // batch_size))

    def _train(self, chosen_rates, batch_size):
        indices, offsets = self._order.take(len(chosen_rates), batch_size)
        begun = time.perf_counter()
        outcome = self._learner.train(indices, offsets, chosen_rates)
        seconds = time.perf_counter() - begun
        done = outcome.steps
        if done:
            self._speed = self._blend(done / max(seconds, 1e-9))
            self._last_batch = indices[offsets[done - 1] : offsets[done]], outcome.predictions
            self.history.training.extend(
                np.arange(self.steps + 1, self.steps + len(outcome.losses) + 1),
                outcome.losses,
                outcome.accuracies,
            )
        self.steps += done
        self.seconds += seconds
        self._shown += int(offsets[done])
        if outcome.diverged:
            self.diverged_at = self.steps
        if outcome.error is not None:
            self._order.put_back(indices[offsets[done] :])
            raise outcome.error

    def _blend(self, speed):
        return speed if self._speed is None else 0.5 * (self._speed + speed)

    def _mark_changes(self, rate, batch_size, schedule):
        """Write into the history what is not as it was at the step before."""
        if self._used is not None:
            old_rate, old_size, old_schedule = self._used
            driven = schedule is not None and schedule is old_schedule
            rate32, old32 = np.float32(rate), np.float32(old_rate)
            if rate32 != old32 and not driven:
                change = Change(self.steps, "learning_rate", old_rate, rate)
                self.history.changes.append(change)
            if batch_size != old_size:
                self.history.changes.append(Change(self.steps, "batch_size", old_size, batch_size))

    def _look_at_weights(self):
        begun = time.perf_counter()
        weights, biases = self._learner.weights()
        self.history.weights.append(self.steps, weights)
        self.history.biases.append(self.steps, biases)
        if self.shows_activations:
            largest = self._learner.activations(self.data["train"].images[self._last_batch[0]])
            self.history.activations.append(self.steps, largest)
        self._last_look = time.perf_counter()
        self._looking_seconds = self._last_look - begun

    def _key(self, purpose):
        return [self.seed, self._draw, purpose]

    def __repr__(self):
        name = getattr(self.network, "name", None) or type(self.network).__name__
        return f"<Run of {name}: {self.state} at step {self.steps}>"


def start(name: str, data, seed: int = 0, **settings) -> Run:
    """Begin a run of a network of the ladder, with the optimiser and the rate that suit it.

    `settings` are those of `Run`, such as `learning_rate` or `batch_size`, and have precedence.
    """
    from course import networks

    network = networks.build(name, seed=seed)
    rung = networks.LADDER[name]
    rate = rung.learning_rate
    if rung.decay:
        rate = exponential_decay(rung.learning_rate, rung.lowest, rung.decay)
    settings = {"optimizer": rung.optimizer, "learning_rate": rate} | settings
    return Run(network, data, seed=seed, **settings)


def _learner(network, train: Split, optimizer, loss, key):
    """Choose how to train this network, by what it can do."""
    if hasattr(network, "trainable_variables") and callable(network):
        from course.training.keras_learner import KerasLearner

        return KerasLearner(network, train, optimizer, loss, key)
    if callable(getattr(network, "predict", None)) and callable(getattr(network, "step", None)):
        from course.training.own_learner import OwnLearner

        return OwnLearner(network, train)
    message = _(
        "The network is {got}; expected a Keras model, or an object with predict(images) and "
        "step(images, labels, learning_rate). Give the model itself, not the function that builds "
        "it."
    )
    raise ValueError(message.format(got=f"a {type(network).__name__}"))


def _is_due(last, cost):
    """Whether enough time has passed since `last` that `cost` seconds are a small share of it."""
    return (time.perf_counter() - last) * _SHARE >= cost


def _is_cross_entropy(loss):
    """Whether a loss goes by this name, which Keras spells in several ways; it is the default."""
    if loss is None:
        return True
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    return "crossentropy" in str(name).lower().replace("_", "").replace("-", "")


def _whole(value, what, at_least):
    """Return the value as an int; what is no whole number from `at_least` on is a ValueError."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < at_least:
        message = _("{what} is {got}; expected a whole number, {least} or larger.")
        raise ValueError(message.format(what=what, got=repr(value), least=at_least))
    return int(value)

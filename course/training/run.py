"""A run: one network in training, with two settings that may change while it goes on."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from course.messages import _
from course.training.early_tests import EarlyTests
from course.training.examples import Split, read_splits
from course.training.history import History
from course.training.learner import EvaluationReport, GoesOn, Learner, StepReport, are_probabilities
from course.training.mini_batches import MiniBatches
from course.training.settings import (
    DEFAULT_RATE,
    Schedule,
    Settings,
    SettingValues,
    changes_between,
    whole_number,
)
from course.training.time_budget import TimeBudget

State = Literal["ready", "running", "paused", "finished", "diverged"]

_MAX_SECONDS = 0.25  # of training between two chances to interrupt it
_MAX_INDICES = 2_000_000  # in one call of the learner
_FIRST_BATCH = 100  # digits to show before the first step
# Keys that keep the draws for the shuffle and for the network independent of each other.
_SHUFFLE, _NETWORK = 1, 2


class Batch(NamedTuple):
    """The last mini-batch: images (n, 28, 28), labels (n,), and what the network took them for."""

    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray


class Run:
    """A network that trains on digits, some steps at a time, with what happened so far.

    `network` is a Keras model with ten outputs, or an object with `predict(images)` and
    `step(images, labels, learning_rate)`. `data` is what `course.digits.load()` returns.
    `learning_rate` is a number, or a function from the step to the rate; the default is the
    optimiser's own, else 0.5. `optimizer` is a name or a Keras optimiser (it is copied); the
    default is the one that the model was compiled with, else "sgd". With `total_steps` the run
    finishes there. With `shuffle=False` the digits come in the order in which they are given. The
    same seed gives the same run: shuffles, dropout and new draws follow from it (the first weights
    come with the network). With `shows_settings=False` no view shows learning rate and batch size.
    Raise ValueError for arguments that do not fit.
    """

    def __init__(
        self,
        network: Any,
        data: Any,
        learning_rate: float | Schedule | None = None,
        batch_size: int = 100,
        seed: int = 0,
        *,
        optimizer: Any = None,
        loss: Any = None,
        total_steps: int | None = None,
        shuffle: bool = True,
        shows_settings: bool = True,
    ):
        self.data = read_splits(data)
        self.network = network
        self.seed = whole_number(seed, _("The seed"), at_least=0)
        self._draw = 0
        self._shuffle = shuffle
        self.shows_settings = shows_settings
        train = self.data["train"]
        self._learner = _choose_learner(network, train, optimizer, loss, self._key(_NETWORK))
        self._lock = threading.RLock()  # held while training or resetting
        self._settings = Settings(max_batch_size=train.size)
        self._is_advancing = self._is_playing = False
        self._halt = threading.Event()
        self.total_steps = total_steps
        self._speed: float | None = None  # steps per second, lately
        self._evaluating, self._measuring = TimeBudget(), TimeBudget()
        self._early_tests = EarlyTests()
        self._begin()
        if learning_rate is None:
            has_optimizer = optimizer is not None or getattr(network, "compiled", False)
            own_rate = self._learner.own_rate if has_optimizer else None
            learning_rate = self._learner.schedule or own_rate or DEFAULT_RATE
        self.learning_rate = learning_rate
        self.batch_size = batch_size

    def _begin(self) -> None:
        """Forget everything that happened: what a new run and a reset share."""
        self.history = History()
        self.steps = 0
        self.diverged_at: int | None = None
        self.seconds = 0.0
        self._digits_shown = 0
        self._used: SettingValues | None = None  # by the last step
        self._chosen: SettingValues | None = None  # when it last went on
        self._evaluating.restart()
        self._measuring.restart()
        self._early_tests.restart()
        order = self._key(_SHUFFLE)
        self._mini_batches = MiniBatches(self.data["train"].size, order, self._shuffle)
        # Indices and predictions in one attribute: another thread never sees half of a change.
        first, _offsets = self._mini_batches.take(1, _FIRST_BATCH)
        self._last_batch: tuple[np.ndarray, np.ndarray | None] = first, None
        self.test_predictions: np.ndarray | None = None
        self._evaluated_at = self._measured_at = -1

    # The two settings -----------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """The rate of the next step; set a number (which ends a schedule), or a new schedule."""
        values = self._settings.values
        return values.rate if values.schedule is None else float(values.rates(self.steps, 1)[0])

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        self._settings.set_learning_rate(value)

    @property
    def schedule(self) -> Schedule | None:
        """The function that drives the learning rate, or None when it is set by hand."""
        return self._settings.values.schedule

    @property
    def batch_size(self) -> int:
        """How many digits the next step trains on."""
        return self._settings.values.batch_size

    @batch_size.setter
    def batch_size(self, value: int) -> None:
        self._settings.set_batch_size(value)

    # State ----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What the network is called; for an object without a name, its class."""
        return str(getattr(self.network, "name", None) or type(self.network).__name__)

    @property
    def state(self) -> State:
        """Where the run is: ready, running, paused, finished or diverged."""
        if self.diverged_at is not None:
            return "diverged"
        if self.total_steps is not None and self.steps >= self.total_steps:
            return "finished"
        if self._is_advancing or self._is_playing:
            return "running"
        return "paused" if self.steps else "ready"

    @property
    def total_steps(self) -> int | None:
        """The step at which the run is finished, or None; may be changed at any time."""
        return self._total_steps

    @total_steps.setter
    def total_steps(self, value: int | None) -> None:
        if value is not None:
            value = whole_number(value, _("The number of steps"), at_least=1)
        self._total_steps = value

    @property
    def epoch(self) -> float:
        """How many times the network was trained on each digit, on average."""
        return self._digits_shown / self.data["train"].size

    @property
    def traces(self) -> int:
        """How often TensorFlow traced a graph; it does not grow when a setting changes."""
        return self._learner.traces

    @property
    def last_settings(self) -> SettingValues | None:
        """The settings of the last step; None before the first one."""
        return self._used

    @property
    def shows_activations(self) -> bool:
        """Whether the network has batch normalisation, and its activations are recorded."""
        return self._learner.shows_activations

    @property
    def loss_is_cross_entropy(self) -> bool:
        """Whether the loss is the cross-entropy, as it is unless another one was asked for."""
        return self._learner.loss_is_cross_entropy

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
            predictions = self._learner.predict(train.images[indices])
        return Batch(train.images[indices], train.labels[indices], predictions)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return what the network takes images (n, 28, 28) for: (n, 10), the sum of each row is 1.

        They are as in the data: uint8, or float32 in 0..1. Of logits the softmax is returned.
        """
        outputs = np.asarray(self._learner.outputs(images), np.float64)
        if are_probabilities(outputs):
            return outputs
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def steps_for(self, seconds: float) -> int:
        """Return how many steps fit into this time at the latest speed; 1 if it is not known."""
        return max(1, int(self._speed * seconds)) if self._speed else 1

    @contextlib.contextmanager
    def playing(self) -> Iterator["Run"]:
        """Stay "running" between the advances inside this block, as an animation does."""
        self._is_playing = True
        try:
            yield self
        finally:
            self._is_playing = False

    # Training -------------------------------------------------------------------------------------

    def advance(self, steps: int = 1, evaluate: bool | Literal["auto"] = True) -> int:
        """Train for this many steps and return how many were done.

        Fewer are done when the run finishes, diverges or is halted. Settings changed since the last
        call act from here on and are marked in the history. Afterwards the test and the validation
        digits are evaluated: always, never (False), or (`"auto"`) when that costs little of the
        time, and at some of the first steps even if it costs more; `"auto"` measures the weights
        just as seldom. An exception in a learner's own function is passed on, and the run can be
        continued after it. Raise RuntimeError after a divergence.
        """
        steps = whole_number(steps, _("The number of steps"), at_least=1)
        with self._lock:
            if self.diverged_at is not None:
                message = _(
                    "The run diverged at step {step}: its weights or its loss are no longer finite "
                    "numbers. Lower the learning rate, or look for a log of 0, and call reset()."
                )
                raise RuntimeError(message.format(step=self.diverged_at))
            self._halt.clear()
            self._is_advancing = True
            try:
                return self._advance(steps, evaluate)
            finally:
                self._is_advancing = False

    def halt(self) -> None:
        """Ask an advance in another thread to return as soon as it can."""
        self._halt.set()

    def evaluate(self, gives_way: bool = False) -> None:
        """Test all test and validation digits now, and add the results to the history.

        It may give way to a setting that is changed meanwhile, which is to act at once: then there
        are no results.
        """
        with self._lock:
            before = self._settings.values
            results = self._evaluate(lambda: not gives_way or self._settings.values == before)
            if results is None:
                return
            for name, (loss, accuracy, _predictions) in results.items():
                if self._evaluated_at != self.steps:
                    getattr(self.history, name).extend([self.steps], [loss], [accuracy])
            self._evaluated_at = self.steps
            self.test_predictions = results["test"].predictions
            if self.diverged_at is None:
                best = self.history.best_test_accuracy or 0.0
                self.history.best_test_accuracy = max(results["test"].accuracy, best)

    def reset(self, same_weights: bool = True) -> None:
        """Start over, from the same weights or from a new draw; the settings stay as they are.

        The history is a new one, so nothing is drawn onto the curves of the run before.
        """
        with self._lock:
            self._draw = self._draw if same_weights else self._draw + 1
            self._learner.reset(self._key(_NETWORK), same_weights)
            self._begin()

    def _advance(self, steps: int, evaluate: bool | Literal["auto"]) -> int:
        if self._total_steps is not None:
            steps = min(steps, self._total_steps - self.steps)
        if steps <= 0:
            return 0
        first = self.steps
        settings = self._settings.values
        if settings != self._chosen:
            if self._chosen is not None:
                self._early_tests.begin_again(first)
            self._chosen = settings
        self._learner.warm_up(self.data["test"])
        if first == 0:
            self._measure_weights()
            if evaluate and self._evaluated_at < 0:
                self.evaluate()
        try:
            if evaluate == "auto":
                self._train_with_early_tests(first + steps, settings)
            self._train_until(first + steps, settings)
        finally:
            is_over = self.state in ("finished", "diverged")
            if self.steps > first and (evaluate != "auto" or is_over or self._measuring.is_due):
                self._measure_weights()
        self._evaluate_if(evaluate)
        return self.steps - first

    def _evaluate_if(self, evaluate: bool | Literal["auto"]) -> None:
        """Evaluate what an advance has reached, as it was asked to."""
        if not evaluate or (evaluate == "auto" and self._evaluated_at == self.steps):
            return
        if evaluate is True or self.state in ("finished", "diverged"):
            self.evaluate()
        elif self._evaluating.is_due:
            self.evaluate(gives_way=True)

    def _train_with_early_tests(self, end: int, settings: SettingValues) -> None:
        """Train up to the last early test before this step, and make those on the way."""
        while (step := self._early_tests.next) <= end:
            self._train_until(int(step), settings)
            if self.steps < step or self.diverged_at is not None:
                return  # it was halted, or there is nothing to test any more
            self._measure_weights()
            self.evaluate(gives_way=True)
            cost = self._evaluating.latest + self._measuring.latest
            self._early_tests.passed(self.steps, cost)

    def _train_until(self, end: int, settings: SettingValues) -> None:
        """Train up to this step, in calls short enough to be interrupted."""
        while self.steps < end and self.diverged_at is None and not self._halt.is_set():
            steps = min(end - self.steps, self._steps_per_call(settings.batch_size))
            rates = settings.rates(self.steps, steps)
            first, last = settings, settings
            if settings.schedule is not None:
                first, last = (settings._replace(rate=float(rate)) for rate in rates[[0, -1]])
            if self._used is not None:
                self.history.changes += changes_between(self._used, first, self.steps)
            self._train(rates, settings.batch_size)
            self._used = last

    def _steps_per_call(self, batch_size: int) -> int:
        return max(1, min(self.steps_for(_MAX_SECONDS), _MAX_INDICES // batch_size))

    def _train(self, rates: np.ndarray, batch_size: int) -> None:
        indices, offsets = self._mini_batches.take(len(rates), batch_size)
        began = time.perf_counter()
        report = self._learner.train(indices, offsets, rates)
        self._record(report, indices, offsets, time.perf_counter() - began)
        if report.error is not None:
            self._mini_batches.put_back(indices[offsets[report.steps] :])
            raise report.error

    def _record(
        self, report: StepReport, indices: np.ndarray, offsets: np.ndarray, seconds: float
    ) -> None:
        done = report.steps
        if done:
            speed = done / max(seconds, 1e-9)
            self._speed = speed if self._speed is None else 0.5 * (self._speed + speed)
            self._last_batch = indices[offsets[done - 1] : offsets[done]], report.predictions
            self.history.training.extend(
                np.arange(self.steps + 1, self.steps + done + 1), report.losses, report.accuracies
            )
        self.steps += done
        self.seconds += seconds
        self._digits_shown += int(offsets[done])
        if report.diverged:
            self.diverged_at = self.steps

    def _evaluate(self, goes_on: GoesOn) -> dict[str, EvaluationReport] | None:
        self._learner.warm_up(self.data["test"])  # compiling is not part of what it costs
        results: dict[str, EvaluationReport] = {}
        with self._evaluating.spend() as give_up:
            for name in ("test", "validation"):
                if name in self.data:
                    evaluation = self._learner.evaluate(self.data[name], goes_on)
                    if evaluation is None:
                        give_up()
                        return None
                    results[name] = evaluation
        return results

    def _measure_weights(self) -> None:
        if self._measured_at == self.steps:
            return
        with self._measuring.spend():
            weights, biases = self._learner.weights()
            self.history.weights.append(self.steps, weights)
            self.history.biases.append(self.steps, biases)
            if self.shows_activations:
                images = self.data["train"].images[self._last_batch[0]]
                self.history.activations.append(self.steps, self._learner.activations(images))
        self._measured_at = self.steps

    def _key(self, purpose: int) -> list[int]:
        return [self.seed, self._draw, purpose]

    def __repr__(self) -> str:
        """Say what is trained, and where it is."""
        return f"<Run of {self.name}: {self.state} at step {self.steps}>"


def _choose_learner(
    network: Any, train: Split, optimizer: Any, loss: Any, seed: list[int]
) -> Learner:
    """Choose how to train this network, by what it can do."""
    if hasattr(network, "trainable_variables") and callable(network):
        from course.training.keras_learner import KerasLearner

        return KerasLearner(network, train, optimizer, loss, seed)
    if callable(getattr(network, "predict", None)) and callable(getattr(network, "step", None)):
        from course.training.own_learner import OwnLearner

        return OwnLearner(network, train)
    message = _(
        "The network is of type {got}; expected a Keras model, or an object with predict(images) "
        "and step(images, labels, learning_rate). Give the model itself, not the function that "
        "builds it."
    )
    raise ValueError(message.format(got=type(network).__name__))

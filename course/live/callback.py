"""The live panels around a learner's own `model.fit`, as a Keras callback."""

import math
import threading
import time
from typing import Any

import numpy as np
from IPython import get_ipython

from course.backend import keras
from course.front_end import show_in_cell, shows_live, this_execution
from course.live.evaluation import Evaluation
from course.live.examples import read_examples
from course.live.optimizer_rate import RateControl
from course.live.record import FitRecord
from course.live.screen import FitScreen, NoScreen
from course.messages import _
from course.panels.snapshot import PredictedDigits, Snapshot
from course.training.early_tests import EarlyTests
from course.training.keras_model import hidden_activations, is_cross_entropy, kernels_and_biases
from course.training.time_budget import TimeBudget

FRAME = 0.04  # seconds between two frames, where they take little of the time
_RATE = 0.2  # seconds between two checks of a rate that may change by itself
# Shares of the time, for frames, for the test and for the weights.
DRAWING, TESTING, MEASURING = 0.012, 0.006, 0.003


class Live(keras.callbacks.Callback):
    """Six live panels while `fit` runs: `model.fit(…, callbacks=[dashboard.Live(data)])`.

    `data` is what `course.digits.load()` returns, or a pair (inputs, labels) to test on, or (train,
    test) as such pairs. Pixels that are whole numbers are divided by 255, as everywhere in the
    course, unless the model scales them; of many examples a part is tested. The slider for the
    learning rate and the buttons pause, step and stop act between two steps. Several fits of one
    model go on in one view; the curves of another model stay as faint lines. `name`, if set before
    a fit, is shown for a new model in place of its own name. Under grading, or where nobody
    watches, there is one still picture at the end; in a script one line of words, and in a terminal
    one every few seconds. `live` overrides that choice. Raise ValueError for data that do not fit.
    """

    def __init__(self, data: Any, *, live: bool | None = None):
        super().__init__()
        self._data = read_examples(data)
        self._live = live
        self.name = None  # of the next model on the screen; None stands for the model's own
        self.screen = None  # what is on the screen, from the first fit on
        self._record = self._recorded = None
        self._is_fitting = False
        self._last_iterations: int | None = None

    def snapshot(self) -> Snapshot:
        """Return all that the panels show, as numbers. Raise RuntimeError before the first fit."""
        if self._record is None:
            message = _("Nothing was trained yet: give this callback to model.fit first.")
            raise RuntimeError(message)
        return self._record.snapshot()

    # What Keras calls -----------------------------------------------------------------------------

    def on_train_begin(self, logs=None):
        """Open the view, or go on in it if this is not the first `fit`."""
        if self._is_fitting:  # the last fit has ended in an error, in this very cell
            self._rate.release()
        self._rate = RateControl(self.model)
        _build_optimizer(self.model)
        if self.screen is None or self.screen.is_closed:
            self.screen = self._open_screen()
        self._open_record()
        record = self._record
        has_loss = self.model.loss is not None  # if not, only a `train_step` knows it
        record.loss_is_cross_entropy = has_loss and is_cross_entropy(self.model, None)
        record.shows_settings = self._rate.is_known
        record.begin_fit()
        record.set_rate(self._rate.rate, self._rate.follows_schedule, mark=True)
        self._accuracy_name = self._full_batch = self._evaluation = None
        self._means_to_check = 2  # the first value is its own mean
        self._is_fitting, self._epochs_before = True, None
        self._next_rate_check = time.perf_counter() + _RATE
        self._watch_for_end_of_cell()
        self.screen.begin(record.snapshot(), this_execution(), self._rate.is_settable)
        if self.model.built:
            self._prepare()
        self._frame()

    def on_epoch_begin(self, epoch, logs=None):
        """Start new running means, as Keras does; count how many steps there will be."""
        record, steps = self._record, self.params.get("steps")
        record.begin_epoch()
        self._done = 0
        if self._epochs_before is None:
            self._epochs_before = record.epochs - epoch
            if steps:
                record.total_steps = record.steps + (self.params["epochs"] - epoch) * steps
        self._epoch = epoch
        self._is_new_epoch = True

    def on_train_batch_begin(self, batch, logs=None):
        """Do what the learner asks for: another rate, a pause, a step, the end."""
        if self._is_new_epoch:  # by now, schedulers and their like have set the rate
            self._is_new_epoch = False
            self._note_rate(mark=True)
        if self.screen.requests.any:
            self._serve_requests()

    def on_train_batch_end(self, batch, logs=None):
        """Add the mini-batches since the last call to the curves; send a frame if one is due."""
        record, done = self._record, self._steps_done(batch + 1)
        logs = logs or {}
        if self._accuracy_name is None:
            self._accuracy_name = _accuracy_name(logs)
        loss, accuracy = _number(logs, "loss"), _number(logs, self._accuracy_name)
        if self._means_to_check:
            self._check_means(loss, accuracy)
        record.add_batches(done - self._done, done, loss, accuracy, self._last_share(done))
        self._done = done
        if self._evaluation is None:
            self._prepare()
        share = done / self.params["steps"] if self.params.get("steps") else 0.0
        record.epochs = self._epochs_before + self._epoch + share
        if record.steps >= self._early_tests.next:
            self._test_early()
        if time.perf_counter() >= self._next_frame:
            self._test_if_due()
            self._frame()
        self._stop_if_asked()

    def on_epoch_end(self, epoch, logs=None):
        """Add Keras's results on the validation data."""
        self._stop_if_asked()
        record, logs = self._record, logs or {}
        if self._done >= (self.params.get("steps") or 0):  # else it was stopped before the end
            record.epochs = self._epochs_before + epoch + 1
        if "val_loss" in logs:
            accuracy = logs.get(f"val_{self._accuracy_name}", math.nan)
            record.history.validation.extend([record.steps], [logs["val_loss"]], [accuracy])

    def on_train_end(self, logs=None):
        """Test once more, and show the last frame."""
        self._end("finished")

    # Beginning and end ----------------------------------------------------------------------------

    def _open_record(self):
        """Continue the record of this model; another model gets a new one."""
        if self._recorded is self.model:
            return
        if self._record is not None and self._record.steps:
            self.screen.pin(self._record.snapshot())
        name, self.name = self.name or self.model.name, None
        self._recorded, self._record = self.model, FitRecord(name)
        self._early_tests = EarlyTests()
        self._testing, self._measuring = TimeBudget(share=TESTING), TimeBudget(share=MEASURING)

    def _prepare(self):
        """Evaluate for the first time: only a built model knows its input shape."""
        record, data = self._record, self._data
        self._evaluation = Evaluation(self.model, data)
        record.loss_is_cross_entropy &= not self._evaluation.adds_losses
        self._activations = None
        self._pictures = self._sample_pictures = None
        if not self._evaluation.reason:
            self._activations = hidden_activations(self.model)
            self._pictures = data.test.pictures()
            self._sample_pictures = None if data.sample is None else data.sample.pictures()
        record.shows_activations = self._activations is not None
        self._explain()
        self._test_early()

    def _open_screen(self):
        if not shows_live(self._live):
            return NoScreen()
        return show_in_cell(lambda name: FitScreen(self._rate.rate, self._probabilities, name))

    def _explain(self):
        """Say which panels show something unusual, and why some show nothing."""
        record, reason = self._record, self._evaluation.reason
        titles, missing = {}, {}
        if not record.loss_is_cross_entropy:
            titles["loss"] = _("Loss")
        if record.shows_activations:
            titles["biases"] = _("Largest activations")
        is_digits = self._pictures is not None and self._pictures.shape[1:] == (28, 28)
        titles["training digits"] = _("Training examples (a sample)")
        if is_digits:
            titles["training digits"] = _("Training digits (a sample)")
        test = self._data.test
        if len(test.labels) < test.count:
            title = _("Test examples ({shown} of {count})")
            if is_digits:
                title = _("Test digits ({shown} of {count})")
            shown, count = f"{len(test.labels):,}", f"{test.count:,}"
            titles["test digits"] = title.format(shown=shown, count=count)
        elif not is_digits:
            titles["test digits"] = _("Test examples")
        no_images = _("The inputs are not images: there is nothing to draw.")
        if self._pictures is None:
            missing["test digits"] = reason or no_images
        if self._data.sample is None:
            missing["training digits"] = _(
                "Live was given test examples only. Give it (train, test) to see some training "
                "examples here."
            )
        elif self._sample_pictures is None:
            missing["training digits"] = reason or no_images
        self.screen.explain(titles, missing)

    def _watch_for_end_of_cell(self):
        """Have the end of this cell noticed; it says nothing of a `fit` in another thread."""
        shell = get_ipython()
        if shell is not None and threading.current_thread() is threading.main_thread():
            shell.events.register("post_run_cell", self._after_cell)

    def _after_cell(self, _result):
        """End a `fit` that Keras does not end, after an interrupt; else look at the weights again.

        A callback behind this one may have restored others, as EarlyStopping does. What the cell
        has trained on without Live is not of this `fit`.
        """
        get_ipython().events.unregister("post_run_cell", self._after_cell)
        if self._is_fitting:
            self._end("paused", _("fit was interrupted."))
        elif self._evaluation is not None and self._iterations() == self._last_iterations:
            weights = self._record.history.weights
            before = weights.edges
            self._measure_weights()
            if not np.array_equal(before, weights.edges):
                self._test()
                self.screen.correct(self._record.snapshot())

    def _iterations(self):
        """Return how many steps the model's optimiser has taken; None if it has no optimiser."""
        optimizer = self.model.optimizer
        return None if optimizer is None else int(optimizer.iterations)

    def _end(self, state, note=""):
        self._is_fitting = False
        self._last_iterations = self._iterations()
        record = self._record
        record.state = state
        if self.screen.requests.is_stopped:
            note = _("fit was stopped by hand.")
        if self._evaluation is not None:
            self._measure_weights()
            self._test()
        self._note_rate(mark=False)
        self._rate.release()
        self.screen.finish(record.snapshot(), note)

    # What the learner asks for --------------------------------------------------------------------

    def _serve_requests(self):
        """Do what the controls ask for; while paused, wait for the next request."""
        record, requests = self._record, self.screen.requests
        while True:
            rate = requests.take_rate()
            if rate is not None:
                self._rate.rate = rate
                self._note_rate(mark=True)
                self._early_tests.begin_again(record.steps)
            if requests.is_stopped or not requests.is_paused or requests.take_step():
                break
            if record.state != "paused":
                self._measure_weights()
                self._test()
                record.state = "paused"
            self._frame()
            requests.wait()
        record.state = "running"

    def _stop_if_asked(self):
        if self.screen.requests.is_stopped:
            self.model.stop_training = True

    def _probabilities(self, panel, index, _pixels):
        return self._evaluation.probabilities(panel, index)

    # What it shows --------------------------------------------------------------------------------

    def _frame(self):
        began = time.perf_counter()
        if began >= self._next_rate_check:
            self._note_rate(mark=False)
        self.screen.update(self._record.snapshot())
        ended = time.perf_counter()
        self._next_frame = ended + max(FRAME, (ended - began) / DRAWING)

    def _note_rate(self, mark):
        """Note the rate of the next step: slider, callback or schedule may have changed it."""
        record, before = self._record, self._record.rate
        follows = self._rate.follows_schedule
        record.set_rate(self._rate.rate, follows, mark=mark and not follows)
        if record.rate != before:
            self.screen.follow_rate(record.rate)
        self._next_rate_check = time.perf_counter() + _RATE

    def _test_early(self):
        """Test, and count the cost towards the time that early tests may take together."""
        self._measure_weights()
        self._test()
        self._early_tests.passed(self._record.steps, self._testing.latest + self._measuring.latest)

    def _test_if_due(self):
        """Look at the weights and test, each if its share of the time allows it."""
        if self._measuring.is_due:
            self._measure_weights()
        if self._testing.is_due:
            self._test()

    def _measure_weights(self):
        """Add the spread of the weights and the biases, and the largest activations."""
        with self._measuring.spend():
            record, history = self._record, self._record.history
            weights, biases = kernels_and_biases(self.model)
            history.weights.append(record.steps, weights)
            history.biases.append(record.steps, biases)
            if self._activations is not None:
                largest = self._evaluation.largest_activations(self._activations)
                history.activations.append(record.steps, largest)

    def _test(self):
        """Evaluate the model on the test examples, and show its answers."""
        if self._evaluation.reason:
            return
        with self._testing.spend():
            record, data = self._record, self._data
            result = self._evaluation.test()
            record.add_test(result.loss, result.accuracy)
            if self._pictures is not None:
                labels = data.test.labels
                record.test_digits = PredictedDigits(self._pictures, labels, result.answers)
            if self._sample_pictures is not None:
                record.sample = PredictedDigits(
                    self._sample_pictures, data.sample.labels, result.sample_answers
                )

    def _steps_done(self, done):
        """Return how many steps there were: Keras says `done`, though the last may be fewer."""
        steps = self.params.get("steps")
        if not steps and done - self._done > 1 and self._full_batch:
            steps = math.ceil(self._examples_seen() / self._full_batch - 1e-6)
        return max(min(done, steps or done), self._done + 1)

    def _check_means(self, loss, accuracy):
        """See whether Keras reports its running means, or what the learner's `train_step` made."""
        self._means_to_check -= 1
        record, means = self._record, self.model.get_metrics_result()
        if not _is_close(loss, means.get("loss")):
            record.loss_is_mean = False
        if not _is_close(accuracy, means.get(self._accuracy_name)):
            record.accuracy_is_mean = False

    def _last_share(self, done):
        """Return how many examples the latest mini-batch holds, as a share of the others."""
        if self._full_batch is None:
            self._full_batch = self._examples_seen() / done
            # A learner's own `train_step` may count mini-batches, or nothing.
            is_known = self._full_batch > 1 or not _has_own_step(self.model)
            self._record.batch_size = round(self._full_batch) if is_known else 0
        if done != self.params.get("steps") or not self._full_batch:
            return 1.0
        share = self._examples_seen() / self._full_batch - (done - 1)
        return share if 0 < share <= 1 else 1.0

    def _examples_seen(self):
        """Return how many examples Keras has counted in this epoch."""
        losses = [metric for metric in self.model.metrics if metric.name == "loss"]
        return float(getattr(losses[0], "count", 0.0)) if losses else 0.0


def _number(logs, name):
    """Return one of Keras's numbers, or None: a learner's `train_step` may return anything."""
    value = logs.get(name)
    return value if isinstance(value, float) else None


def _is_close(value, other):
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=1e-6) or math.isnan(value)


def _build_optimizer(model):
    """Make the optimiser's variables now: made in the first step, they have it traced twice."""
    optimizer = model.optimizer
    if model.built and optimizer and not optimizer.built and not _has_own_step(model):
        optimizer.build(model.trainable_variables)


def _has_own_step(model):
    return getattr(model.train_step, "__func__", None) is not keras.Model.train_step


def _accuracy_name(logs):
    """Return what Keras calls the accuracy in its logs; "accuracy" if there is none."""
    names = (name for name in logs if "acc" in name and not name.endswith("loss"))
    return next(names, "accuracy")

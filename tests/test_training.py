"""The engine: a run trains, remembers, changes its settings live, and says what went wrong."""

import threading
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from course import networks, training
from course.training import Run, history, time_budget
from course.training.early_tests import EarlyTests
from course.training.keras_model import schedule_of
from course.training.mini_batches import MiniBatches
from course.training.time_budget import SHARE, TimeBudget

from .numpy_network import NumpySoftmax
from .waiting import until

CODES = np.random.default_rng(7).integers(0, 2, (10, 28, 28)) * 180


def examples(n, seed):
    """Noisy copies of ten patterns: learned within some dozen steps."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    images = CODES[labels] + rng.integers(0, 75, (n, 28, 28))
    return images.astype(np.uint8), labels


@pytest.fixture(scope="module")
def data():
    return examples(350, 0), examples(50, 1), examples(100, 2)


def small(dropout=0.0):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(16, "relu", kernel_initializer=keras.initializers.HeNormal(seed=1)),
            layers.Dropout(dropout),
            layers.Dense(10, kernel_initializer=keras.initializers.HeNormal(seed=2)),
        ]
    )


def softmax_run(data, **settings):
    return Run(networks.softmax(), data, **({"learning_rate": 0.02} | settings))


# Learning


def test_it_learns_and_remembers(data):
    run = softmax_run(data)
    assert run.state == "ready"
    assert run.advance(40) == 40
    assert run.state == "paused"
    assert run.steps == 40
    assert run.epoch == pytest.approx(10)

    past = run.history
    assert list(past.training.steps) == list(range(1, 41))
    assert past.training.loss[0] == pytest.approx(np.log(10), rel=1e-4)
    assert past.training.accuracy[-1] > 0.9
    assert list(past.test.steps) == [0, 40]
    assert list(past.validation.steps) == [0, 40]
    assert past.test.loss[1] < past.test.loss[0]
    assert past.best_test_accuracy == past.test.accuracy.max() > 0.9
    assert run.test_predictions.shape == (100,)
    assert np.mean(run.test_predictions == data[2][1]) == past.test.accuracy[-1]
    W, b = run.network.get_weights()
    assert past.weights.edges[-1, 0] == pytest.approx(W.min())
    assert past.weights.edges[-1, -1] == pytest.approx(W.max())
    assert past.biases.edges[-1, -1] == pytest.approx(b.max())
    assert (np.diff(past.weights.edges, axis=1) >= 0).all()


def test_the_step_is_gradient_descent(data):
    """Against the same arithmetic in NumPy, over epochs with a smaller last batch."""
    run = softmax_run(data, learning_rate=0.05, batch_size=64)
    own = Run(NumpySoftmax(), data, learning_rate=0.05, batch_size=64)
    run.advance(15)
    own.advance(15)
    W, b = run.network.get_weights()
    assert np.allclose(W, own.network.W, atol=1e-4)
    assert np.allclose(b, own.network.b, atol=1e-4)
    assert np.allclose(run.history.training.loss, own.history.training.loss, atol=1e-4)
    assert np.allclose(run.history.test.loss, own.history.test.loss, atol=1e-4)
    assert own.parameters == run.parameters == 7850


def test_the_batch_is_what_the_network_saw(data):
    run = softmax_run(data, batch_size=30)
    assert len(run.batch.predictions) == len(run.batch.images)
    run.advance(3)
    images, labels, predictions = run.batch
    assert images.shape == (30, 28, 28)
    assert np.mean(labels == predictions) == pytest.approx(run.history.training.accuracy[-1])


@pytest.mark.parametrize("dropout", [0, 0.5])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_the_same_seed_gives_the_same_run(data, dropout):
    one, other, third = (
        Run(small(dropout), data, 0.003, 20, seed, optimizer="adam") for seed in (5, 5, 6)
    )
    one.advance(20)
    other.advance(7)
    other.advance(13)  # cut differently: no difference
    third.advance(20)
    for a, b in zip(one.network.get_weights(), other.network.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-6)
    assert np.allclose(one.history.training.loss, other.history.training.loss, atol=1e-6)
    assert not np.allclose(one.history.training.loss, third.history.training.loss, atol=1e-3)


def test_every_epoch_shows_each_example_once_in_a_fresh_order():
    batches = MiniBatches(10, seed=0)
    indices, offsets = batches.take(8, 3)
    assert list(np.diff(offsets)) == [3, 3, 3, 1, 3, 3, 3, 1]
    assert sorted(indices[:10]) == sorted(indices[10:]) == list(range(10))
    assert list(indices[:10]) != list(indices[10:])


def test_an_epoch_survives_new_batch_sizes_and_calls():
    batches = MiniBatches(50, seed=1)
    parts = [batches.take(2, 7)[0], batches.take(1, 30)[0], batches.take(3, 2)[0]]
    assert sorted(np.concatenate(parts)) == list(range(50))


# The two settings


def test_the_graph_that_tests_is_compiled_only_where_there_are_many_tests(data):
    """Compiling takes as long as some fifty tests of a small network, and finds the same."""
    seldom, often = softmax_run(data), softmax_run(data)
    for run, tests in ((seldom, 1), (often, 20)):
        run.advance(1)
        for _ in range(tests):
            run.evaluate()
    assert (seldom.traces, often.traces) == (1, 2)
    losses = [run.history.test.loss[-1] for run in (seldom, often)]
    assert np.isclose(*losses, rtol=1e-5)


def test_settings_change_live_without_compiling_again(data):
    run = softmax_run(data)
    run.advance(5)
    traces = run.traces
    before = run.network.get_weights()[0]
    run.learning_rate = 1e-30
    run.batch_size = 33
    assert run.learning_rate == 1e-30
    run.advance(2)
    assert np.allclose(before, run.network.get_weights()[0], atol=1e-12)
    run.batch_size = 350
    run.learning_rate = 0.05
    run.advance(1)
    assert run.traces == traces
    assert run.history.changes == [
        (5, "learning_rate", 0.02, 1e-30),
        (5, "batch_size", 100, 33),
        (7, "learning_rate", 1e-30, 0.05),
        (7, "batch_size", 33, 350),
    ]


def test_a_setting_moved_back_before_the_next_step_leaves_no_mark(data):
    run = softmax_run(data)
    run.learning_rate = 0.1  # before the first step: no change during the run
    run.advance(1)
    run.learning_rate = 0.5
    run.learning_rate = 0.1
    run.advance(1)
    assert run.history.changes == []


def test_a_schedule_drives_the_rate_until_it_is_set_by_hand(data):
    schedule = training.exponential_decay(0.5, 0.1, 10)
    assert schedule(0) == 0.5
    assert schedule(10) == pytest.approx(0.1 + 0.4 / np.e)
    run = softmax_run(data, learning_rate=schedule)
    run.advance(10)
    assert run.learning_rate == pytest.approx(schedule(10))
    assert run.history.changes == []
    run.learning_rate = 0.3
    assert run.schedule is None
    run.advance(1)
    assert run.learning_rate == 0.3
    (change,) = run.history.changes
    assert change.step == 10
    assert change.old == pytest.approx(schedule(9))
    assert change.new == 0.3


def test_every_step_has_its_own_rate_of_the_schedule(data):
    seen = []

    class Watcher(NumpySoftmax):
        def step(self, images, labels, learning_rate):
            seen.append(learning_rate)

    Run(Watcher(), data, learning_rate=lambda step: 1 / (1 + step)).advance(4)
    assert seen == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])


@pytest.mark.slow
def test_keras_schedules_and_optimisers_are_taken_as_they_are(data):
    decay = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.5)
    optimizer = keras.optimizers.Adam(decay, beta_1=0.8)
    run = Run(small(), data, optimizer=optimizer)
    run.advance(100, evaluate=False)
    assert run.learning_rate == pytest.approx(0.005)
    assert not optimizer.built  # the run works with a copy
    assert Run(small(), data, optimizer=keras.optimizers.Adam(0.007)).learning_rate == (
        pytest.approx(0.007)
    )


def test_a_schedule_that_cannot_be_saved_drives_the_rate(data):
    class Warm(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.01 * (keras.ops.cast(step, "float32") + 1)

    optimizer = keras.optimizers.SGD(schedule := Warm())
    run = Run(small(), data, optimizer=optimizer)
    run.advance(2, evaluate=False)
    assert run.learning_rate == pytest.approx(0.03)
    assert schedule_of(optimizer) is schedule


@pytest.mark.slow
def test_another_thread_may_set_the_settings_during_a_step(data):
    run = softmax_run(data)
    failures, is_changed = [], threading.Event()

    def train():
        try:
            run.advance(2, evaluate="auto")
            is_changed.wait(60)
            for _ in range(39):
                run.advance(2, evaluate="auto")
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    rng = np.random.default_rng(0)
    while thread.is_alive():
        run.learning_rate = float(rng.uniform(0.001, 0.1))
        run.batch_size = int(rng.integers(1, 300))
        is_changed.set()
        assert run.state in ("ready", "running", "paused")
    thread.join()
    assert not failures
    assert run.steps == 80
    assert run.history.changes


class Clock:
    """A clock that stands still between the moves of the test."""

    now = 0.0

    def __call__(self):
        """Return the time in seconds."""
        return self.now


def test_work_is_due_when_it_costs_a_small_share_of_the_time_that_passes():
    clock = Clock()
    budget = TimeBudget(clock)
    assert budget.is_due, "what it costs is not known yet"
    for _ in range(2):
        with budget.spend():
            clock.now += 3 * SHARE
    clock.now += 2.9
    assert not budget.is_due
    clock.now += 0.2
    assert budget.is_due
    budget.restart()
    assert not budget.is_due
    clock.now += 3.1
    with budget.spend():
        clock.now += SHARE / 10
    assert not budget.is_due
    clock.now += 0.2
    assert budget.is_due, "the latest cost counts if it is less"
    for _ in range(9):
        with budget.spend():
            clock.now += SHARE
    clock.now += 0.9
    assert not budget.is_due, "nor does one of long ago count"


@pytest.mark.parametrize("slow", [0, 1, 2])
def test_one_time_that_happens_to_be_slow_does_not_make_work_rare(slow):
    clock = Clock()
    budget = TimeBudget(clock)
    for turn in range(3):
        with budget.spend():
            clock.now += 100 * SHARE if turn == slow else SHARE
        clock.now += 1.1
        assert budget.is_due, turn


def test_work_that_was_given_up_tells_nothing_of_its_cost():
    clock = Clock()
    budget = TimeBudget(clock)
    for _ in range(2):
        with budget.spend():
            clock.now += SHARE
    with budget.spend() as give_up:
        clock.now += SHARE / 100
        give_up()
    clock.now += 0.9
    assert not budget.is_due
    assert budget.latest == pytest.approx(SHARE)


def test_other_programs_on_the_machine_make_no_work_seem_expensive():
    wall, own = Clock(), Clock()
    budget = TimeBudget(wall, own)
    for _ in range(2):
        with budget.spend():
            wall.now += 1
            own.now += SHARE
    assert budget.latest == pytest.approx(SHARE)
    wall.now += 10
    own.now += 0.9
    assert not budget.is_due
    own.now += 0.2
    assert budget.is_due


@pytest.fixture
def clock(monkeypatch):
    """The clock by which a run knows what its tests cost."""
    clock = Clock()
    monkeypatch.setattr(time_budget, "CLOCKS", (clock,))
    return clock


def test_one_slow_test_early_in_a_run_leaves_no_gap_in_the_curve(data, clock):
    class SlowOnce(NumpySoftmax):
        is_slow = False

        def predict(self, images):
            if len(images) >= 50:  # all digits of a split
                clock.now += 0.5 if self.is_slow else 0.001
                self.is_slow = False
            return super().predict(images)

    run = Run(SlowOnce(), data, learning_rate=0.02, batch_size=20)
    run.evaluate()
    run.network.is_slow = True
    for _ in range(200):
        run.advance(1, evaluate="auto")
        clock.now += 0.005
    assert np.diff([*run.history.test.steps, run.steps]).max() < 100


def test_a_slow_run_is_evaluated_again_after_one_evaluation_that_took_long(data, clock):
    class SlowAtFirst(NumpySoftmax):
        is_slow = True

        def predict(self, images):
            clock.now += 0.02 if self.is_slow else 0
            return super().predict(images)

    run = Run(SlowAtFirst(), data, learning_rate=0.02)
    run.advance(100, evaluate="auto")  # past the early tests
    run.network.is_slow = False
    before = len(run.history.test)
    for _ in range(300):
        run.advance(1, evaluate="auto")
        clock.now += 0.02  # as in a run that is watched step by step
    assert len(run.history.test) > before + 100, "for now it costs nothing"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, [1, 2, 3, 4, 6, 9, 13, 19, 28, 42, 63, 94, 141, 211, 316, 474]),  # and so on
        (0.031, [1, 2, 3, 4, 12, 36, 108, 324, 972, 2916]),
        (0.061, [1, 2, 6, 18, 54]),
        (0.2, [1, 3]),
        (9, [1]),
    ],
)
def test_early_tests_are_fewer_where_a_test_takes_long(seconds, expected):
    early, steps = EarlyTests(), []
    while early.next < np.inf and len(steps) < 16:
        steps.append(early.next)
        early.passed(early.next, seconds)
    assert steps == expected


def test_early_tests_begin_again_after_a_change_unless_they_cost_too_much():
    now = 0.0
    early = EarlyTests(clock=lambda: now)
    early.passed(1, 0.4)
    assert early.next == np.inf
    now = 9.0
    early.begin_again(100)
    assert early.next == 101
    early.passed(100, 0.0)  # the one before the change is none of them
    steps = []
    while len(steps) < 5:
        steps.append(early.next)
        early.passed(early.next, 0.01)
    assert steps == [101, 102, 103, 104, 106]
    now = 9.5
    early.begin_again(107)  # a slider that is dragged
    assert early.next == 109


def test_a_run_is_tested_soon_after_a_change(data):
    run = Run(NumpySoftmax(), data, learning_rate=0.02)
    run.advance(200, evaluate="auto")
    deadline = time.monotonic() + 60
    is_tested = False
    while not is_tested:
        before = run.steps
        run.learning_rate *= 0.9
        run.advance(3, evaluate="auto")
        is_tested = {before + 1, before + 2} <= set(run.history.test.steps)
        assert time.monotonic() < deadline, before
        time.sleep(0.2)


def test_the_first_steps_are_tested_also_on_a_slow_machine_and_in_one_long_advance(data, clock):
    class Slow(NumpySoftmax):
        def predict(self, images):
            if len(images) >= 50:  # all digits of a split
                clock.now += 0.1
            return super().predict(images)

    run = Run(Slow(), data, learning_rate=0.02, batch_size=20)
    for _ in range(2):
        run.advance(50, evaluate="auto")
        assert list(run.history.test.steps[:3]) == [0, 1, 3]
        assert set(run.history.test.steps) <= set(run.history.weights.steps)
        assert (np.diff(run.history.weights.steps) > 0).all()
        run.reset()


def test_a_test_gives_way_to_a_changed_setting(data):
    """A slow network's test may take longer than a slider may."""
    train, validation, _test = data
    tested = []

    class Dragged(NumpySoftmax):
        """Somebody moves the slider while digits are tested."""

        is_dragged = True

        def predict(self, images):
            if len(images) > 20:
                tested.append(run.steps)
                run.learning_rate *= 0.99 if self.is_dragged else 1
            return super().predict(images)

    run = Run(Dragged(), (train, validation, examples(1000, 2)), learning_rate=0.02, batch_size=20)
    run.advance(1, evaluate="auto")  # the test before the first step gives way to nothing
    assert tested == [0] * 5 + [1]
    assert list(run.history.test.steps) == [0] == list(run.history.validation.steps)
    run.network.is_dragged = False
    tested.clear()
    run.advance(1, evaluate="auto")
    assert tested == [2] * 5
    assert list(run.history.test.steps) == [0, 2] == list(run.history.validation.steps)
    assert len(run.test_predictions) == 1000


# States


def test_a_run_finishes_and_can_be_made_longer(data):
    run = softmax_run(data, total_steps=5)
    assert run.advance(100) == 5
    assert run.state == "finished"
    assert run.advance(1) == 0
    run.total_steps = 7
    assert run.state == "paused"
    assert run.advance(100) == 2


def test_it_stays_running_between_the_frames_of_an_animation(data):
    run = softmax_run(data)
    with run.playing():
        assert run.state == "running"
        run.advance(1)
        assert run.state == "running"
    assert run.state == "paused"


@pytest.mark.slow
def test_divergence_is_caught_at_its_step(data):
    def rate(step):
        return 3e38 if step >= 6 else 0.01

    run = Run(small(), data, learning_rate=rate)
    run.advance(100)
    assert run.state == "diverged"
    own = Run(small(), data, learning_rate=rate)
    while own.state != "diverged":
        own.advance(1)
    assert run.steps == run.diverged_at == own.diverged_at
    assert 7 <= run.diverged_at <= 8
    with pytest.raises(RuntimeError, match=f"diverged at step {run.diverged_at}.*reset"):
        run.advance(1)
    run.learning_rate = 0.01
    run.reset()
    assert run.state == "ready"
    run.advance(10)
    assert np.isfinite(run.history.training.loss).all()


def test_a_loss_that_is_nan_from_the_first_step(data):
    def naive(labels, outputs):
        probabilities = tf.nn.softmax(outputs * 1e4)
        return -tf.reduce_sum(labels * tf.math.log(probabilities), axis=1)

    run = Run(small(), data, loss=naive)
    run.advance(10)
    assert run.diverged_at == 1


def test_halt_ends_a_long_advance(data):
    run = Run(NumpySoftmax(), data)
    thread = threading.Thread(target=run.advance, args=(10_000_000, False))
    thread.start()
    until(lambda: run.steps)
    run.halt()
    thread.join(20)
    assert not thread.is_alive()
    assert run.state == "paused"


# Resets


def test_reset_to_the_same_weights_replays_the_run(data):
    run = Run(small(0.5), data, 0.003, 20, optimizer="adam")
    start = run.network.get_weights()
    run.advance(10)
    first = run.history
    run.reset()
    assert run.steps == len(run.history.training) == 0
    assert run.history is not first
    assert all(np.array_equal(a, b) for a, b in zip(start, run.network.get_weights(), strict=True))
    run.advance(10)
    assert np.allclose(first.training.loss, run.history.training.loss, atol=1e-6)


def test_reset_to_a_new_draw(data):
    run = Run(small(), data, 0.003, 20, optimizer="adam")
    kernel, bias, *_ = run.network.get_weights()
    run.advance(5)
    run.reset(same_weights=False)
    drawn, new_bias, *_ = run.network.get_weights()
    assert np.array_equal(bias, new_bias)
    assert abs(np.corrcoef(kernel.ravel(), drawn.ravel())[0, 1]) < 0.1
    assert drawn.std() == pytest.approx(kernel.std(), rel=0.1)
    run.reset()
    assert np.array_equal(kernel, run.network.get_weights()[0])


# Any network


class OwnLayer(keras.layers.Layer):
    """A softmax layer of the learner's."""

    def build(self, shape):
        """Draw the weights."""
        self.w = self.add_weight(shape=(shape[-1], 10), initializer="glorot_uniform")

    def call(self, x):
        """Return ten probabilities."""
        return tf.nn.softmax(x @ self.w)


@pytest.mark.parametrize(
    "layers",
    [
        [keras.Input((784,)), keras.layers.Dense(10)],
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")],
        [keras.layers.Dense(10)],
        [keras.layers.Flatten(), OwnLayer()],
    ],
    ids=["flat", "channel, probabilities", "unbuilt", "own layer"],
)
def test_keras_models_of_all_sorts(data, layers):
    run = Run(keras.Sequential(layers), data, learning_rate=0.02)
    run.advance(40)
    assert run.history.test.accuracy[-1] > 0.8
    kernel = run.network.get_weights()[0]
    run.reset(same_weights=False)
    assert not np.allclose(kernel, run.network.get_weights()[0])


def test_a_compiled_model_keeps_its_loss_and_optimiser(data):
    model = small()
    model.compile(keras.optimizers.Adam(0.004), loss="mse")
    run = Run(model, data)
    assert run.learning_rate == pytest.approx(0.004)
    outputs = np.asarray(model(data[2][0].astype(np.float32) / 255))
    run.advance(1)
    expected = np.mean((outputs - np.eye(10)[data[2][1]]) ** 2)
    assert run.history.test.loss[0] == pytest.approx(expected, rel=1e-3)
    assert not run.loss_is_cross_entropy


def test_batch_normalisation_measures_and_shows_its_activations(data):
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, use_bias=False),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.ReLU(),
            keras.layers.Dense(10),
        ]
    )
    run = Run(model, data, optimizer="adam", learning_rate=0.01)
    run.advance(60)
    assert run.shows_activations
    assert len(run.history.activations) == 2
    assert run.history.activations.edges.min() >= 0
    moving_mean = model.layers[2].moving_mean.numpy()
    assert np.abs(moving_mean).min() > 0
    assert run.history.test.accuracy[-1] > 0.8


def test_penalties_count_in_the_step_but_not_in_the_curve(data):
    def build(strength):
        penalty = keras.regularizers.L2(strength)
        return keras.Sequential(
            [
                keras.Input((784,)),
                keras.layers.Dense(
                    10,
                    kernel_initializer=keras.initializers.HeNormal(seed=1),
                    kernel_regularizer=penalty,
                ),
            ]
        )

    free, held = (Run(build(strength), data, learning_rate=0.02) for strength in (0, 10))
    free.advance(1)
    held.advance(1)
    assert free.history.training.loss[0] == pytest.approx(held.history.training.loss[0])
    sizes = [np.abs(run.network.get_weights()[0]).sum() for run in (free, held)]
    assert sizes[1] < 0.8 * sizes[0]


# A learner's own object


def test_own_functions_may_use_tensorflow(data):
    class Own:
        def __init__(self):
            self.parameters = {"W": tf.Variable(tf.zeros((784, 10)))}

        def predict(self, images):
            return tf.reshape(images, (-1, 784)) @ self.parameters["W"]  # logits

        def step(self, images, labels, learning_rate):
            W = self.parameters["W"]
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.predict(images))
                )
            W.assign_sub(learning_rate * tape.gradient(loss, W))

    run = Run(Own(), data, learning_rate=0.02)
    run.advance(30)
    assert run.history.test.accuracy[-1] > 0.9
    assert len(run.history.weights) == 2
    run.reset()
    assert not run.network.parameters["W"].numpy().any()
    run.advance(2)


def test_an_exception_of_an_own_function_is_passed_on_and_the_run_stays_sane(data):
    class Tired(NumpySoftmax):
        calls = 0

        def step(self, images, labels, learning_rate):
            self.calls += 1
            if self.calls == 4:
                raise ZeroDivisionError("tired")
            super().step(images, labels, learning_rate)

    run = Run(Tired(), data)
    with pytest.raises(ZeroDivisionError, match="tired"):
        run.advance(10)
    assert run.state == "paused"
    assert run.steps == len(run.history.training) == 3
    run.advance(7)
    assert run.steps == 10


def test_own_weights_that_break_are_divergence(data):
    class Breaks(NumpySoftmax):
        def step(self, images, labels, learning_rate):
            super().step(images, labels, learning_rate)
            if learning_rate > 0.5:
                self.b[3] = np.nan

    run = Run(Breaks(), data, learning_rate=lambda step: 1.0 if step == 4 else 0.1)
    run.advance(20)
    assert run.diverged_at == run.steps == 5

    hidden = Breaks()
    outside = SimpleNamespace(
        predict=lambda images: hidden.predict(images), step=lambda *given: hidden.step(*given)
    )
    run = Run(outside, data, learning_rate=lambda step: 1.0 if step == 4 else 0.1)
    run.advance(20)
    assert run.diverged_at == 5
    with pytest.raises(ValueError, match=r"cannot be reset.*attributes"):
        run.reset()


def test_own_resets(data):
    run = Run(NumpySoftmax(), data, learning_rate=0.02)
    run.advance(3)
    run.reset()
    assert not run.network.W.any()

    class Knows(NumpySoftmax):
        def reset(self, seed):
            self.seed = seed

    run = Run(Knows(), data)
    run.reset(same_weights=False)
    assert run.network.seed


# What does not fit


@pytest.mark.parametrize(
    "rate", [0, -0.1, float("nan"), float("inf"), "fast", True, None, np.array([0.1, 0.2])]
)
def test_bad_learning_rates(data, rate):
    run = softmax_run(data)
    with pytest.raises(ValueError, match=r"learning rate is .*; expected a number above 0"):
        run.learning_rate = rate
    assert run.learning_rate == 0.02


@pytest.mark.parametrize("size", [0, -5, 2.5, "many", True, None, float("nan")])
def test_bad_batch_sizes(data, size):
    run = softmax_run(data)
    with pytest.raises(ValueError, match=r"batch size is .*; expected a whole number, 1 or"):
        run.batch_size = size
    assert run.batch_size == 100


def test_a_batch_larger_than_the_data(data):
    with pytest.raises(ValueError, match="batch size is 351; expected at most 350"):
        softmax_run(data, batch_size=351)


@pytest.mark.parametrize("steps", [0, -1, 1.5])
def test_bad_numbers_of_steps(data, steps):
    with pytest.raises(ValueError, match="number of steps"):
        softmax_run(data).advance(steps)


def test_a_schedule_that_goes_wrong(data):
    run = softmax_run(data, learning_rate=lambda step: 0.1 if step < 3 else -1)
    with pytest.raises(ValueError, match=r"schedule gave -1\.0 at step 3"):
        run.advance(10)
    assert run.state == "paused"


def test_weights_that_are_nan(data):
    model = networks.softmax()
    W, b = model.get_weights()
    W[3, 4] = np.nan
    model.set_weights([W, b])
    with pytest.raises(ValueError, match="hold values that are NaN"):
        Run(model, data)


def dense(units, shape=(28, 28)):
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(units)])


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda: dense(9), r"outputs of the shape \(4, 9\).*expected \(4, 10\)"),
        (lambda: dense(10, (32, 32)), r"inputs of the shape \(32, 32\)"),
        (
            lambda: keras.Sequential([keras.Input((28, 28)), keras.layers.Dense(10)]),
            r"shape \(4, 28, 10\).*Flatten",
        ),
        (lambda: networks.softmax, "not the function that builds it"),
        (lambda: "softmax", "expected a Keras model, or an object with predict"),
        (lambda: SimpleNamespace(predict=lambda x: x, step=print), r"predict\(images\) gave"),
        (
            lambda: SimpleNamespace(predict=lambda x: np.full((len(x), 10), np.nan), step=print),
            "NaN or infinite before the first step",
        ),
    ],
)
def test_networks_that_do_not_fit(data, network, message):
    with pytest.raises(ValueError, match=message):
        Run(network(), data)


@pytest.mark.parametrize("optimizer", ["adamm", 3])
def test_an_unknown_optimiser_is_refused(data, optimizer):
    with pytest.raises(ValueError, match=f"optimiser is {optimizer!r}; expected a name such as"):
        Run(dense(10), data, optimizer=optimizer)


@pytest.mark.parametrize(
    ("loss", "is_one"),
    [
        (None, True),
        ("sparse_categorical_crossentropy", True),
        (keras.losses.CategoricalCrossentropy(from_logits=True), True),
        (keras.losses.sparse_categorical_crossentropy, True),
        ("mse", False),
        (lambda labels, logits: labels, False),
    ],
)
def test_whether_a_loss_is_the_cross_entropy(data, loss, is_one):
    assert Run(dense(10), data, loss=loss).loss_is_cross_entropy == is_one


def bad(images=(20, 28, 28), labels=20, **kinds):
    dtype = kinds.get("dtype", np.uint8)
    return np.zeros(images, dtype) + kinds.get("value", 0), np.zeros(labels, int)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (bad((0, 28, 28), 0), "no train digits"),
        (bad((20, 32, 32)), r"shape \(20, 32, 32\); expected \(n, 28, 28\)"),
        (bad(labels=19), r"labels have the shape \(19,\); expected \(20,\)"),
        (bad(labels=(20, 10)), "Undo a one-hot"),
        (bad(dtype=float, value=255.0), "Divide by 255"),
        (bad(dtype=float, value=np.nan), "Divide by 255"),
        ((np.zeros((5, 28, 28), np.uint8), np.arange(7, 12)), "contain 10; expected integers"),
        (None, "expected a pair"),
    ],
)
def test_data_that_do_not_fit(data, train, message):
    with pytest.raises(ValueError, match=message):
        softmax_run((train, data[2]))


def test_data_of_another_kind(data):
    with pytest.raises(ValueError, match="expected digits with train, validation and test"):
        softmax_run(42)
    floats = [(images / 255, labels) for images, labels in data]
    run = softmax_run((floats[0], data[2]))  # mixed kinds, no validation
    run.advance(40)
    assert run.history.test.accuracy[-1] > 0.9
    assert len(run.history.validation) == 0


# History


def test_a_long_run_is_thinned():
    curve = history.Curve()
    for first in range(0, 20_000, 100):
        steps = np.arange(first, first + 100)
        curve.extend(steps, steps * 2.0, steps / 20_000)
    assert len(curve) <= history.MAX_ROWS + 1
    assert curve.steps[0] == 0
    assert curve.steps[-1] == 19_999
    assert np.array_equal(curve.loss, curve.steps * 2.0)
    assert set(np.diff(curve.steps[:-1])) == {8}


@pytest.mark.slow
def test_what_is_measured_anew_at_a_step_replaces_what_was_measured_there():
    curve, bands = history.Curve(), history.Bands()
    for step in range(history.MAX_ROWS + 2):
        for value in (step, 2.0 * step):
            curve.extend([step], [value], [0.5])
            bands.append(step, [np.array([value])])
    assert (np.diff(curve.steps) > 0).all()
    assert curve.steps[-1] == history.MAX_ROWS + 1
    assert np.array_equal(curve.loss, 2 * curve.steps)
    assert np.array_equal(bands.edges[:, 0], 2 * bands.steps)


def test_bands_hold_equally_many_values():
    values = np.random.default_rng(0).normal(size=70_000)
    bands = history.Bands()
    bands.append(3, [values[:50_000], values[50_000:]])
    counts, _ = np.histogram(values, bands.edges[0])
    assert np.allclose(counts, 10_000, rtol=0.1)
    bands.append(4, [])
    bands.append(5, [np.array([np.nan])])
    assert list(bands.steps) == [3]


@pytest.mark.parametrize("name", ["softmax", "five-layers-dropout", "convolutional"])
@pytest.mark.slow
def test_the_ladder_starts_with_its_own_settings(data, name):
    run = training.start(name, data, batch_size=50)
    rung = networks.LADDER[name]
    assert run.learning_rate == pytest.approx(rung.learning_rate)
    assert (run.schedule is None) == (rung.decay is None)
    run.advance(2)
    assert run.steps_per_second > 0

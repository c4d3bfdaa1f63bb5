"""`dashboard.Live` inside `model.fit`: what it records, what its controls do, what it leaves."""

import io
import re
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from IPython.core.events import EventManager
from PIL import Image

from course import dashboard, digits
from course.backend import keras, tf
from course.live.examples import read_examples
from course.live.record import is_fitting
from course.panels.description import describe
from course.pictures.picture import Picture
from course.training.keras_model import schedule_of
from tests.left_behind import assert_nothing_is_left
from tests.open_widgets import open_widgets
from tests.pretended_cell import pretended_cell
from tests.waiting import until

SCHEDULES = keras.optimizers.schedules


@pytest.fixture(scope="module")
def data():
    return digits.load("embedded")


@pytest.fixture(scope="module")
def examples(data):
    """Inputs and labels to fit: fifteen and a half mini-batches of 32."""
    images, labels = data.train
    return images[:496] / np.float32(255), labels[:496]


LAYERS = keras.layers


def softmax(optimizer="sgd", loss=None, metrics=("accuracy",), **settings):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((28, 28)), LAYERS.Flatten(), LAYERS.Dense(10)])
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=list(metrics), **settings)
    return model


@pytest.fixture
def live(data):
    live = dashboard.Live(data, live=True)
    yield live
    if live.screen is not None:
        live.screen.close()


def fit(model, examples, *callbacks, epochs=1, **settings):
    images, labels = examples
    settings = {"batch_size": 32, "verbose": 0} | settings
    return model.fit(images, labels, epochs=epochs, callbacks=list(callbacks), **settings)


class EachBatch(keras.callbacks.Callback):
    """Calls a function with the number of each mini-batch of an epoch, when it begins."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def on_train_batch_begin(self, batch, logs=None):
        """Call it."""
        self.act(batch)


class Logs(keras.callbacks.Callback):
    """Keeps what Keras tells of each mini-batch."""

    def on_train_begin(self, logs=None):
        """Begin anew."""
        self.all = []

    def on_train_batch_end(self, batch, logs=None):
        """Keep it."""
        self.all.append(dict(logs))


# What it records ----------------------------------------------------------------------------------


def test_fit_goes_as_it_goes_without(examples, live):
    with_dropout = [keras.Input((28, 28)), LAYERS.Flatten(), LAYERS.Dropout(0.2)]
    with_dropout += [LAYERS.Dense(10, kernel_regularizer="l2", activity_regularizer="l2")]
    weights = []
    for callbacks in ([live], []):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.deserialize(keras.layers.serialize(layer))
                                  if isinstance(layer, keras.Layer) else layer
                                  for layer in with_dropout])  # fmt: skip
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        fit(model, examples, *callbacks, epochs=2)
        weights.append(model.get_weights())
    for with_live, without in zip(*weights, strict=True):
        np.testing.assert_array_equal(with_live, without)


@pytest.mark.slow
def test_the_curves_are_those_of_the_mini_batches(examples, live):
    model = softmax()
    before = model.get_weights()
    fit(model, examples, live, epochs=2, shuffle=False)
    snapshot = live.snapshot()
    assert snapshot.steps == 32
    assert snapshot.total_steps == 32
    assert snapshot.epoch == pytest.approx(2)
    assert snapshot.batch_size == 32
    assert snapshot.state == "finished"
    np.testing.assert_array_equal(snapshot.training.steps, np.arange(1, 33))
    model.set_weights(before)
    losses, accuracies = [], []
    for _epoch in range(2):
        for start in range(0, 496, 32):
            batch = slice(start, start + 32)  # the last one of an epoch is half as long
            loss, accuracy = model.train_on_batch(examples[0][batch], examples[1][batch])
            losses.append(loss)
            accuracies.append(accuracy)
            model.reset_metrics()
    np.testing.assert_allclose(snapshot.training.loss, losses, atol=1e-3)
    np.testing.assert_allclose(snapshot.training.accuracy, accuracies, atol=1e-3)


@pytest.mark.slow
def test_it_tests_often_at_the_start_and_at_the_end(examples, live, data):
    model = softmax()
    fit(model, examples, live, epochs=3)
    test = live.snapshot().test
    assert list(test.steps[:2]) == [0, 1]  # however busy the machine is
    assert test.steps[-1] == 48
    images, labels = data.test
    loss, accuracy = model.evaluate(images / np.float32(255), labels, verbose=0)
    assert test.loss[-1] == pytest.approx(loss, rel=1e-4)
    assert test.accuracy[-1] == pytest.approx(accuracy)
    assert live.snapshot().best_test_accuracy == pytest.approx(test.accuracy.max())
    assert live.snapshot().test_digits.mistakes == round((1 - accuracy) * len(labels))


class Slow(keras.layers.Layer):
    """What a test on a busy machine is like; `fit` calls it only while it draws the graph."""

    def call(self, inputs):
        """Take a while."""
        time.sleep(0.15)
        return inputs


def test_it_tests_at_the_start_also_on_a_busy_machine(examples, live):
    layers = [keras.Input((28, 28)), LAYERS.Flatten(), Slow(), LAYERS.Dense(10)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    fit(model, examples, live, epochs=2)
    assert {0, 1} <= set(live.snapshot().test.steps)


def test_the_step_is_traced_only_once(examples, live):
    traced = []

    class Noting(keras.layers.Layer):
        """Notes when Python runs through it in training."""

        def call(self, inputs, training=False):
            if training:
                traced.append(inputs)
            return inputs

    model = keras.Sequential([keras.Input((28, 28)), Noting(), LAYERS.Flatten(), LAYERS.Dense(10)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    traced.clear()
    fit(model, examples, live)
    assert len(traced) == 1


def test_weights_and_biases_are_measured(examples, live):
    model = softmax()
    fit(model, examples, live)
    snapshot = live.snapshot()
    kernel, bias = model.get_weights()
    assert snapshot.weights.steps[0] == snapshot.biases.steps[0] == 0
    np.testing.assert_allclose(snapshot.weights.edges[-1][[0, -1]], [kernel.min(), kernel.max()])
    np.testing.assert_allclose(snapshot.biases.edges[-1][[0, -1]], [bias.min(), bias.max()])


@pytest.mark.weekly
def test_batch_norm_shows_its_activations(examples, live):
    layers = [LAYERS.Flatten(), LAYERS.Dense(20), LAYERS.BatchNormalization()]
    layers += [LAYERS.Activation("relu"), LAYERS.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit(model, examples, live)
    snapshot = live.snapshot()
    assert snapshot.shows_activations
    assert len(snapshot.activations.steps) > 1
    assert live.screen.view.titles["biases"] == "Largest activations"


@pytest.mark.slow
def test_validation_is_drawn_where_keras_made_it(examples, live):
    history = fit(softmax(), examples, live, epochs=3, validation_split=0.2).history
    validation = live.snapshot().validation
    np.testing.assert_array_equal(validation.steps, [13, 26, 39])
    np.testing.assert_allclose(validation.loss, history["val_loss"], rtol=1e-5)
    np.testing.assert_allclose(validation.accuracy, history["val_accuracy"], rtol=1e-5)


@pytest.mark.slow
def test_several_steps_per_execution(examples, live):
    fit(softmax(steps_per_execution=4), examples, live, epochs=2)
    snapshot = live.snapshot()
    assert snapshot.steps == 32
    np.testing.assert_array_equal(snapshot.training.steps, np.arange(4, 33, 4))
    assert np.isfinite(snapshot.training.loss).all()


@pytest.mark.parametrize("steps", [5, 100])
@pytest.mark.slow
@pytest.mark.sampled(rarer=4)
def test_steps_per_execution_need_not_divide_the_steps(examples, live, steps):
    fit(softmax(steps_per_execution=steps), examples, live, epochs=2, validation_split=0.2)
    snapshot = live.snapshot()
    assert (snapshot.steps, snapshot.total_steps) == (26, 26)
    assert snapshot.epoch == pytest.approx(2)
    np.testing.assert_array_equal(snapshot.validation.steps, [13, 26])
    if steps == 5:
        np.testing.assert_array_equal(snapshot.training.steps, [5, 10, 13, 18, 23, 26])
        assert snapshot.batch_size == 32


@pytest.mark.weekly
def test_several_steps_per_execution_of_a_generator_of_unknown_length(examples, live):
    images, labels = examples
    parts = [(images[i : i + 50], labels[i : i + 50]) for i in range(0, 350, 50)]
    model = softmax(steps_per_execution=3)
    model.fit((part for part in parts), epochs=1, verbose=0, callbacks=[live])
    assert (live.snapshot().steps, live.snapshot().batch_size) == (7, 50)


class OwnStep(keras.Sequential):
    """Takes its steps itself, and returns what `reported` makes of a loss."""

    def train_step(self, data):
        """Take one."""
        images, labels = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=labels, y_pred=self(images, training=True))
        weights = self.trainable_variables
        optimizer = self.optimizer or self.own_optimizer
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return self.reported(loss)


def with_own_step(reported):
    model = OwnStep([keras.Input((28, 28)), LAYERS.Flatten(), LAYERS.Dense(10)])
    model.reported = lambda loss: reported(model, loss)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    return model


def mean_so_far(model, loss):
    """What Keras's guide does: the mean of the mini-batches, whatever their sizes."""
    (tracker,) = (metric for metric in model.metrics if metric.name == "loss")
    tracker.update_state(loss)
    return {"loss": tracker.result()}


@pytest.mark.parametrize("reported", [lambda _model, loss: {"loss": loss}, mean_so_far])
def test_what_an_own_train_step_returns_is_drawn_as_it_is(examples, live, reported):
    losses = []

    def kept(model, loss):
        tf.py_function(lambda value: losses.append(float(value)), [loss], [])
        return reported(model, loss)

    fit(with_own_step(kept), examples, live, epochs=2)
    snapshot = live.snapshot()
    np.testing.assert_allclose(snapshot.training.loss, losses, atol=1e-4)
    assert snapshot.batch_size == 0  # not known
    assert "batch size" not in describe(snapshot)


@pytest.mark.parametrize("result", [{"d_loss": 1.0, "accuracy": 0.5}, {"loss": [1.0, 2.0]}])
def test_a_train_step_that_tells_no_loss_has_not_diverged(examples, live, result):
    fit(with_own_step(lambda _model, _loss: result), examples, live)
    snapshot = live.snapshot()
    assert (snapshot.state, snapshot.steps) == ("finished", 16)
    assert np.isnan(snapshot.training.loss).all()
    accuracy = result.get("accuracy", np.nan)
    np.testing.assert_allclose(snapshot.training.accuracy, np.full(16, accuracy))


def test_a_generator_of_unknown_length(examples, live):
    images, labels = examples
    parts = [(images[i : i + 50], labels[i : i + 50]) for i in range(0, 200, 50)]
    softmax().fit((part for part in parts), epochs=1, verbose=0, callbacks=[live])
    snapshot = live.snapshot()
    assert (snapshot.steps, snapshot.total_steps, snapshot.batch_size) == (4, None, 50)


@pytest.mark.slow
def test_class_weights_count_in_the_loss_of_training_alone(examples, live):
    weights = dict.fromkeys(range(10), 5.0)
    fit(softmax(), examples, live, class_weight=weights)
    snapshot = live.snapshot()
    assert snapshot.training.loss[0] > 4 * snapshot.test.loss[0]


@pytest.mark.slow
def test_several_fits_of_one_model_go_on_and_keep_their_step(examples, live):
    model = softmax()
    fit(model, examples, live)
    fit(model, examples, live, epochs=5, initial_epoch=3)
    snapshot = live.snapshot()
    assert (snapshot.steps, snapshot.total_steps) == (48, 48)
    assert snapshot.epoch == pytest.approx(3)
    assert (np.diff(snapshot.test.steps) > 0).all()


@pytest.mark.weekly
def test_another_model_begins_anew_beside_the_curves_of_the_first(examples, live):
    first, second = softmax(), softmax("adam")
    fit(first, examples, live)
    live.name = "with Adam"
    fit(second, examples, live)
    assert live.snapshot().steps == 16
    assert live.snapshot().name == "with Adam"
    assert live.screen.learning_rate.value == 0.001  # Adam's, not the first one's
    assert [run.name for run in live.screen.view.pinned] == [first.name]


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("kind", ["early stopping", "plateau", "scheduler"])
def test_it_composes_with_keras_own_callbacks(examples, live, kind):
    model = softmax(keras.optimizers.SGD(0.1))
    other = {
        "early stopping": keras.callbacks.EarlyStopping("loss", min_delta=100, patience=1),
        "plateau": keras.callbacks.ReduceLROnPlateau("loss", min_delta=100, patience=1, factor=0.5),
        "scheduler": keras.callbacks.LearningRateScheduler(lambda epoch, _: 0.1 / 2**epoch),
    }[kind]
    fit(model, examples, live, other, epochs=3)
    snapshot = live.snapshot()
    if kind == "early stopping":
        assert (snapshot.steps, snapshot.state) == (32, "finished")
        return
    changes = [(change.step, change.setting, change.new) for change in snapshot.changes]
    expected = [(16, "learning_rate", 0.05), (32, "learning_rate", 0.025)]
    if kind == "plateau":
        expected = [(32, "learning_rate", 0.05)]
    assert [change[:2] for change in changes[: len(expected)]] == [e[:2] for e in expected]
    np.testing.assert_allclose([c[2] for c in changes[: len(expected)]], [e[2] for e in expected])
    assert live.screen.learning_rate.value == pytest.approx(snapshot.learning_rate)


def test_a_loss_that_is_not_finite_is_a_divergence(examples, live):
    fit(softmax(keras.optimizers.SGD(1e38)), examples, live, epochs=2)
    snapshot = live.snapshot()
    assert snapshot.state == "diverged"
    assert 1 <= snapshot.diverged_at <= 3


@pytest.mark.slow
def test_a_model_that_is_put_right_after_a_divergence_trains_like_any_other(examples, live):
    model = softmax(keras.optimizers.SGD(1e38))
    start = model.get_weights()
    fit(model, examples, live)
    assert live.snapshot().state == "diverged"
    model.set_weights(start)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model, examples, live)
    assert (live.snapshot().state, live.snapshot().diverged_at) == ("finished", None)


# Any classifier -----------------------------------------------------------------------------------


def made_examples(shape, classes, count=60):
    rng = np.random.default_rng(seed=0)
    return rng.random((count, *shape), dtype=np.float32), rng.integers(classes, size=count)


def classifier(shape, *layers, loss="sparse_categorical_crossentropy"):
    model = keras.Sequential([keras.Input(shape), LAYERS.Flatten(), *layers])
    model.compile("sgd", loss, metrics=["accuracy"])
    return model


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("shape", [(8, 8), (8, 10, 1), (32, 32, 3), (784,)])
def test_images_of_any_size_and_colour(shape):
    images, labels = made_examples(shape, 12)
    live = dashboard.Live(((images, labels), (images[:50], labels[:50])), live=True)
    model = classifier(shape, LAYERS.Dense(12, activation="softmax"))
    fit(model, (images, labels), live)
    snapshot = live.snapshot()
    assert len(snapshot.test_digits.labels) == 50
    assert snapshot.test_digits.images.dtype == np.uint8
    assert snapshot.test_digits.mistakes is not None
    assert snapshot.batch.mistakes is not None
    assert not live.screen.view.missing
    live.screen.close()


def test_vectors_have_no_pictures_and_it_is_said():
    vectors, labels = made_examples((5,), 3)
    live = dashboard.Live((vectors, labels), live=True)
    fit(classifier((5,), LAYERS.Dense(3, activation="softmax")), (vectors, labels), live)
    assert len(live.snapshot().test.steps) > 1
    missing = live.screen.view.missing
    assert "not images" in missing["test digits"]
    assert "(train, test)" in missing["training digits"]
    live.screen.close()


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("last", ["sigmoid", "logits"])
@pytest.mark.weekly
def test_two_classes_from_one_output(last):
    vectors, labels = made_examples((5,), 2)
    live = dashboard.Live((vectors, labels), live=True)
    loss = keras.losses.BinaryCrossentropy(from_logits=last == "logits")
    activation = None if last == "logits" else last
    model = classifier((5,), LAYERS.Dense(1, activation=activation), loss=loss)
    fit(model, (vectors, labels), live, epochs=3)
    loss, _accuracy = model.evaluate(vectors, labels, verbose=0)
    answers = model.predict(vectors, verbose=0)[:, 0] > (0 if last == "logits" else 0.5)
    test = live.snapshot().test
    assert test.loss[-1] == pytest.approx(loss, rel=1e-4)
    assert test.accuracy[-1] == pytest.approx(np.mean(answers == labels))
    live.screen.close()


@pytest.mark.parametrize("from_logits", [True, False])
def test_whether_one_output_is_a_logit_does_not_depend_on_the_example(from_logits):
    vectors, labels = made_examples((5,), 2)
    live = dashboard.Live((vectors, labels), live=True)
    bias = keras.initializers.Constant(0.3)
    last = LAYERS.Dense(1, kernel_initializer="zeros", bias_initializer=bias, trainable=False)
    model = classifier((5,), last, loss=keras.losses.BinaryCrossentropy(from_logits=from_logits))
    fit(model, (vectors, labels), live)
    answer, share = (1, 1 / (1 + np.exp(-0.3))) if from_logits else (0, 0.3)
    for index in (0, 1):
        shares = live.screen.view.probabilities("test digits", index, None)
        np.testing.assert_allclose(shares, [1 - share, share], rtol=1e-5)
    assert live.snapshot().test.accuracy[-1] == pytest.approx(np.mean(labels == answer))
    live.screen.close()


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mse", "cosine_similarity"])
@pytest.mark.slow
def test_one_hot_labels_and_losses_that_take_them(data, examples, loss):
    images, labels = examples
    live = dashboard.Live((images, np.eye(10)[labels]), live=True)
    model = classifier((28, 28), LAYERS.Dense(10, activation="softmax"), loss=loss)
    fit(model, (images, np.eye(10)[labels]), live)
    expected, _accuracy = model.evaluate(images, np.eye(10)[labels], verbose=0)
    assert live.snapshot().test.loss[-1] == pytest.approx(expected, rel=1e-4)
    assert np.sign(live.snapshot().training.loss[-1]) == np.sign(expected)
    assert ("loss" in live.screen.view.titles) == (loss != "categorical_crossentropy")
    live.screen.close()


def test_a_model_that_is_no_classifier_trains_on_and_it_is_said_why():
    images, labels = made_examples((8, 8), 3)
    live = dashboard.Live((images, labels), live=True)
    model = keras.Sequential([keras.Input((8, 8)), LAYERS.Dense(8)])
    model.compile("sgd", "mse")
    model.fit(images, images, verbose=0, callbacks=[live])
    snapshot = live.snapshot()
    assert (snapshot.steps, len(snapshot.test.steps)) == (2, 0)
    assert np.isfinite(snapshot.training.loss).all()
    assert "outputs of the shape (8, 8)" in live.screen.view.missing["test digits"]
    live.screen.close()


def test_of_several_outputs_an_accuracy_is_drawn_and_it_is_said_what_is_not():
    images, labels = made_examples((8, 8), 3)
    inputs = keras.Input((8, 8))
    flat = LAYERS.Flatten()(inputs)
    outputs = [LAYERS.Dense(3, name=name)(flat) for name in ("accent", "place")]
    model = keras.Model(inputs, outputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", [loss, loss], metrics={"place": ["accuracy"]})
    live = dashboard.Live((images, labels), live=True)
    history = model.fit(images, [labels, labels], 60, verbose=0, callbacks=[live]).history
    snapshot = live.snapshot()
    assert snapshot.training.accuracy[-1] == pytest.approx(history["place_accuracy"][0])
    assert "2 outputs" in live.screen.view.missing["test digits"]
    live.screen.close()


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (np.linspace(-0.25, 1, 16), "such as -0.25, are not classes"),
        (np.array([[0.5, -2]] * 16), "such as [ 0.5 -2. ], are not classes"),
        (np.array([[1, 1, 0], [0, 1, 0]] * 8), "such as [1. 1. 0.], are not classes"),
        (np.arange(16) % 10, "the labels go up to 9: it does not choose between classes"),
    ],
)
@pytest.mark.sampled(rarer=3)
def test_of_a_regression_the_curve_of_the_loss_is_drawn_and_it_is_said_what_is_not(labels, told):
    examples = np.random.default_rng(0).random((16, 4), np.float32), labels
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(np.shape(labels[:1])[-1])])
    model.compile("sgd", "mse")
    live = dashboard.Live((examples, examples), live=True)
    history = model.fit(*examples, 4, validation_data=examples, verbose=0, callbacks=[live]).history
    snapshot = live.snapshot()
    assert snapshot.training.loss.mean() == pytest.approx(history["loss"][0], rel=1e-3)
    assert snapshot.validation.loss == pytest.approx(history["val_loss"])
    assert len(snapshot.test.steps) == 0
    assert live.screen.view.titles["loss"] == "Loss"
    for panel in ("training digits", "test digits"):
        assert told in live.screen.view.missing[panel]
    live.screen.close()


def test_labels_may_be_boolean():
    labels = read_examples((np.zeros((3, 4)), np.array([[True], [False], [True]]))).test.labels
    assert labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize("loss", [["mse"], {"classes": "mse"}])
@pytest.mark.sampled(rarer=3)
def test_the_loss_of_the_only_output_may_be_given_by_its_place_or_name(loss):
    images, labels = made_examples((8, 8), 3)
    live = dashboard.Live((images, labels), live=True)
    inputs = keras.Input((8, 8))
    model = keras.Model(inputs, LAYERS.Dense(3, name="classes")(LAYERS.Flatten()(inputs)))
    model.compile("sgd", loss, metrics=["accuracy"])
    fit(model, (images, np.eye(3)[labels]), live)
    expected, _accuracy = model.evaluate(images, np.eye(3)[labels], verbose=0)
    assert live.snapshot().test.loss[-1] == pytest.approx(expected, rel=1e-4)
    live.screen.close()


def test_of_a_model_with_two_inputs_it_is_said_that_examples_are_not_shown():
    images, labels = made_examples((8, 8), 3)
    inputs = [keras.Input((8, 8)), keras.Input((8, 8))]
    both = LAYERS.Flatten()(LAYERS.Concatenate()(inputs))
    model = keras.Model(inputs, LAYERS.Dense(3, activation="softmax")(both))
    model.compile("sgd", "sparse_categorical_crossentropy")
    live = dashboard.Live((images, labels), live=True)
    fit(model, ((images, images), labels), live)
    assert "2 inputs" in live.screen.view.missing["test digits"]
    live.screen.close()


@pytest.mark.parametrize("penalty", [{"kernel_regularizer": "l2"}, {"activity_regularizer": "l2"}])
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_the_test_loss_has_the_penalties_that_fit_adds(penalty):
    images, labels = made_examples((8, 8), 3, count=32)
    live = dashboard.Live((images, labels), live=True)
    model = classifier((8, 8), LAYERS.Dense(3, activation="softmax", **penalty))
    fit(model, (images, labels), live)
    loss, _accuracy = model.evaluate(images, labels, verbose=0)
    assert live.snapshot().test.loss[-1] == pytest.approx(loss, rel=1e-5)
    assert live.screen.view.titles["loss"] == "Loss"
    live.screen.close()


def test_of_many_examples_a_part_from_everywhere_is_tested_and_it_is_said():
    images, labels = made_examples((8, 8), 10, count=5000)
    labels.sort()
    live = dashboard.Live(((images, labels), (images, labels)), live=True)
    fit(classifier((8, 8), LAYERS.Dense(10)), (images[:32], labels[:32]), live)
    snapshot = live.snapshot()
    for shown, count in ((snapshot.batch, 100), (snapshot.test_digits, 1000)):
        assert len(shown.labels) == count
        assert set(shown.labels) == set(range(10))
    assert live.screen.view.titles["test digits"] == "Test examples (1,000 of 5,000)"
    live.screen.close()


def test_huge_examples_are_evaluated_only_as_far_as_memory_goes():
    films = np.zeros((30, 1000, 1000), np.uint8)
    assert len(read_examples((films, np.zeros(30))).test.labels) == 10


@pytest.mark.weekly
def test_half_precision(data, examples):
    layers = [LAYERS.Flatten(), LAYERS.Dense(10, activation="softmax", dtype="mixed_float16")]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    live = dashboard.Live(data, live=True)
    fit(model, examples, live)
    assert np.isfinite(live.snapshot().test.loss).all()
    (shares,) = np.asarray(model(examples[0][:1]), np.float32)
    np.testing.assert_array_equal(
        live.screen.view.probabilities("training digits", 0, None), shares
    )
    live.screen.close()


def test_examples_that_the_model_does_not_take(examples):
    live = dashboard.Live(made_examples((5,), 3), live=True)
    fit(softmax(), examples, live)
    assert "(5,), and the model takes (28, 28)" in live.screen.view.missing["test digits"]
    assert live.snapshot().steps == 16
    live.screen.close()


@pytest.mark.slow
def test_a_model_that_is_built_only_by_fit(data, examples):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = LAYERS.Conv2D(2, 5), LAYERS.BatchNormalization()
            self.bend, self.flat = LAYERS.ReLU(), LAYERS.Flatten()
            self.out = LAYERS.Dense(10)

        def call(self, images):
            return self.out(self.flat(self.bend(self.norm(self.conv(images)))))

    model = Own()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    live = dashboard.Live(data, live=True)
    fit(model, (examples[0][..., np.newaxis], examples[1]), live)
    snapshot = live.snapshot()
    assert len(snapshot.test.steps) > 1
    assert np.isnan(snapshot.training.accuracy).all()  # no metric was compiled
    assert not snapshot.shows_activations  # they cannot be reached from outside
    live.screen.close()


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_whole_numbers_are_divided_by_255_unless_the_model_does_it(data, is_nested):
    images, labels = data.train[0][:320], data.train[1][:320]
    scaled = LAYERS.Rescaling(1 / 255)
    if is_nested:
        scaled = keras.Sequential([keras.Input((28, 28)), LAYERS.Reshape((28, 28, 1)), scaled])
    model = keras.Sequential([keras.Input((28, 28)), scaled, LAYERS.Flatten(), LAYERS.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    live = dashboard.Live((images, labels), live=True)
    fit(model, (images, labels), live)
    expected, _accuracy = model.evaluate(images, labels, verbose=0)
    assert live.snapshot().test.loss[-1] == pytest.approx(expected, rel=1e-4)
    live.screen.close()


@pytest.mark.weekly
def test_the_numbers_of_words_are_left_as_they_are():
    rng = np.random.default_rng(seed=0)
    words, labels = rng.integers(200, size=(60, 7), dtype=np.uint8), rng.integers(3, size=60)
    live = dashboard.Live((words, labels), live=True)
    layers = [keras.Input((7,), dtype="uint8"), LAYERS.Embedding(200, 4), LAYERS.Flatten()]
    model = keras.Sequential([*layers, LAYERS.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit(model, (words, labels), live)
    expected, _accuracy = model.evaluate(words, labels, verbose=0)
    assert live.snapshot().test.loss[-1] == pytest.approx(expected, rel=1e-4)
    live.screen.close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1, 2, 3], "of type list"),
        (5, "of type int"),
        ((np.zeros((3, 4)), np.zeros(2)), "(2,); expected (3,)"),
        ((np.zeros(3), np.zeros(3)), "(3,); expected (n, …)"),
        ((np.zeros((3, 4)), np.array(["a", "b", "c"])), "whole numbers from 0"),
        ((np.zeros((0, 4)), np.zeros(0)), "at least one"),
    ],
)
def test_data_that_do_not_fit_are_refused_at_once(given, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        dashboard.Live(given)


# What the controls do -----------------------------------------------------------------------------


def test_the_slider_acts_on_the_next_step_and_leaves_a_mark(examples, live):
    model = softmax(keras.optimizers.SGD(0.1))
    rates = []

    def move(batch):
        rates.append(float(model.optimizer.learning_rate))
        if batch == 5:
            live.screen.learning_rate.value = 0.02

    fit(model, examples, EachBatch(move), live)
    np.testing.assert_allclose(rates, [0.1] * 6 + [0.02] * 10)
    (change,) = live.snapshot().changes
    assert (change.step, change.setting) == (5, "learning_rate")
    assert (change.old, change.new) == pytest.approx((0.1, 0.02))


@pytest.mark.slow
def test_it_tests_soon_after_the_slider_was_moved(examples, live):
    def move(batch):
        if batch == 9:
            time.sleep(10)  # of which the tests so far are a small share
            live.screen.learning_rate.value = 0.02

    fit(softmax(), examples, EachBatch(move), live)
    assert {11, 12} & set(live.snapshot().test.steps)


def test_other_training_can_tell_that_a_fit_is_going_on(examples, live):
    seen = []
    fit(softmax(), examples, live, EachBatch(lambda _batch: seen.append(is_fitting())))
    assert set(seen) == {True}
    assert not is_fitting()


def test_pause_step_and_stop(examples, live):
    """A reader's clicks come from another thread, as the messages of a page do."""
    seen = []

    def read():
        screen = live.screen
        until(lambda: live.snapshot().state == "paused")
        first = live.snapshot().steps
        screen.one_step.click()
        until(lambda: live.snapshot().steps == first + 1)
        until(lambda: live.snapshot().state == "paused")
        seen.append((first, screen.play.value, screen.play.icon, live.snapshot().test.steps[-1]))
        screen.play.value = True
        until(lambda: live.snapshot().steps > first + 3)
        screen.stop.click()

    reader = threading.Thread(target=read)

    def pause(batch):
        if batch == 4 and not reader.ident:
            live.screen.play.value = False
            reader.start()

    model = softmax()
    fit(model, examples, EachBatch(pause), live, epochs=1000)
    reader.join()
    assert seen == [(4, False, "play", 5)]
    snapshot = live.snapshot()
    assert (snapshot.state, model.stop_training) == ("finished", True)
    assert snapshot.steps < 16_000
    assert snapshot.epoch == pytest.approx(snapshot.steps / 16)  # stopped in the midst of one
    assert live.screen.view.note == "fit was stopped by hand."
    assert live.screen.play.disabled


@pytest.mark.slow
def test_stop_while_keras_validates_begins_no_other_epoch(examples, live):
    stop = keras.callbacks.LambdaCallback(
        on_test_batch_begin=lambda batch, logs: live.screen.stop.click()
    )
    fit(softmax(), examples, stop, live, epochs=3, validation_split=0.2)
    assert live.snapshot().steps == 13
    assert live.screen.view.note == "fit was stopped by hand."


@pytest.mark.slow
def test_where_no_page_answers_during_a_fit_it_is_said_that_the_controls_wait(
    examples, live, monkeypatch
):
    monkeypatch.setattr("course.live.screen.PATIENCE", 0)
    model, notes = softmax(), []

    def look(_batch):
        live.screen.update(live.snapshot())
        notes.append(live.screen.view.note)

    def answer(_batch):
        live.screen.view.hear(None, {"kind": "answer"}, [])

    fit(model, examples, live)
    live.screen.view.hear(None, {"kind": "here", "page": "1"}, [])  # when the cell has ended
    fit(model, examples, live, EachBatch(look))
    assert "cannot act while a cell is running" in notes[-1]
    fit(model, examples, live, EachBatch(answer), EachBatch(look))
    assert notes[-1] == ""


@pytest.mark.slow
def test_a_schedule_drives_the_rate_until_a_hand_overrides_it(examples, live, tmp_path):
    schedule = SCHEDULES.ExponentialDecay(0.1, decay_steps=16, decay_rate=0.5)
    model = softmax(keras.optimizers.SGD(schedule))
    fit(model, examples, live)
    snapshot = live.snapshot()
    assert snapshot.follows_schedule
    assert snapshot.learning_rate == pytest.approx(0.05)
    assert not snapshot.changes
    moved = EachBatch(lambda batch: batch == 3 and setattr(live.screen.learning_rate, "value", 0.5))
    before = model.get_weights()
    fit(model, examples, moved, live)
    (change,) = live.snapshot().changes
    assert (change.step, change.new) == (19, 0.5)
    # After the fit the schedule is the optimiser's again, and the same weights go the same way.
    assert float(model.optimizer.learning_rate) == pytest.approx(0.025)
    plain = softmax(keras.optimizers.SGD(schedule))
    for each in (model, plain):
        each.set_weights(before)
        each.optimizer.iterations.assign(16)
        fit(each, examples, shuffle=False)
    for some, others in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(some, others)


@pytest.mark.slow
def test_after_an_error_the_next_fit_of_the_cell_has_the_schedule_that_was_given(examples, live):
    schedule = SCHEDULES.ExponentialDecay(0.1, decay_steps=16, decay_rate=0.5)
    model = softmax(keras.optimizers.SGD(schedule))
    with pytest.raises(ZeroDivisionError):
        fit(model, examples, live, EachBatch(lambda batch: 1 / (batch - 3)))
    fit(model, examples, live)
    assert schedule_of(model.optimizer) is schedule


class Warm(SCHEDULES.LearningRateSchedule):
    """A schedule like that of the Transformer's tutorial: it can be called, and no more."""

    def __call__(self, step):
        """Climb."""
        return 0.01 * (keras.ops.cast(step, "float32") + 1)


@pytest.mark.slow
def test_a_schedule_that_cannot_be_saved_drives_the_rate(examples, live):
    schedule = Warm()
    model = softmax(keras.optimizers.SGD(schedule))
    fit(model, examples, live)
    assert live.snapshot().learning_rate == pytest.approx(0.17)
    assert schedule_of(model.optimizer) is schedule


@pytest.mark.slow
def test_a_rate_that_is_a_function_is_shown_and_left_alone(examples, live):
    seen = []
    look = EachBatch(lambda _batch: seen.append(live.screen.learning_rate.disabled))
    fit(softmax(keras.optimizers.SGD(lambda: 0.03)), examples, look, live)
    assert live.snapshot().learning_rate == pytest.approx(0.03)
    assert all(seen)
    fit(softmax(keras.optimizers.SGD(0.03)), examples, look, live)
    assert seen[-1] is False


def test_a_model_may_keep_its_optimiser_to_itself(examples, live):
    model = with_own_step(lambda _model, loss: {"loss": loss})
    model.own_optimizer = model.optimizer
    model.compile(None, model.loss)
    fit(model, examples, live)
    snapshot = live.snapshot()
    assert (snapshot.state, snapshot.steps) == ("finished", 16)
    assert not snapshot.shows_settings
    assert live.screen.learning_rate.layout.visibility == "hidden"


@pytest.mark.slow
def test_a_model_saved_during_fit_has_its_own_schedule(examples, live, tmp_path):
    schedule = SCHEDULES.ExponentialDecay(0.1, decay_steps=16, decay_rate=0.5)
    saving = keras.callbacks.ModelCheckpoint(tmp_path / "model.keras")
    fit(softmax(keras.optimizers.SGD(schedule)), examples, live, saving)
    with zipfile.ZipFile(tmp_path / "model.keras") as saved:
        assert b"course" not in saved.read("config.json")  # where it is loaded there may be none
    optimizer = keras.models.load_model(tmp_path / "model.keras").optimizer
    assert type(schedule_of(optimizer)) is SCHEDULES.ExponentialDecay
    assert float(optimizer.learning_rate) == np.float32(0.05)


@pytest.mark.slow
def test_a_digit_on_show_has_its_probabilities(data, examples, live):
    model = softmax()
    fit(model, examples, live)
    images = data.test.images[7:8] / np.float32(255)
    logits = model(images)
    shares = live.screen.view.probabilities("test digits", 7, data.test.images[7])
    np.testing.assert_allclose(shares, keras.ops.softmax(logits[0]), rtol=1e-5)
    shares = live.screen.view.probabilities("training digits", 2, data.train.images[2])
    assert shares.sum() == pytest.approx(1)


# Ends ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_where_nobody_watches_there_are_no_widgets(data, examples, capsys):
    before = open_widgets()
    live = dashboard.Live(data)
    fit(softmax(), examples, live)
    assert open_widgets() <= before
    line = capsys.readouterr().out.strip()
    assert line.startswith("Training of ")
    assert "at step 16 " in line


@pytest.mark.slow
def test_in_a_terminal_a_line_says_now_and_then_how_it_is_going(
    data, examples, capsys, monkeypatch
):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("course.live.screen.SECONDS_A_LINE", 0)
    monkeypatch.setattr("course.live.callback.FRAME", 0)
    monkeypatch.setattr("course.live.callback.DRAWING", 1)
    fit(softmax(metrics=()), examples, dashboard.Live(data))
    *lines, last = capsys.readouterr().out.replace("\r", "").splitlines()
    assert last.startswith("Training of ")
    assert lines[0].startswith("step      0  epoch    0.00  training   nan% loss    nan  test ")
    assert all(line.startswith("step ") for line in lines)


@pytest.mark.slow
def test_what_the_view_shows_is_said_in_words_at_a_pause_and_at_the_end(examples, live, capsys):
    told = []

    def press_space():
        live.screen.view.hear(None, {"kind": "space"}, [])

    def go_on():
        until(lambda: live.screen.words.value)
        press_space()

    def look(batch):
        told.append(live.screen.words.value)
        if batch == 3:
            press_space()
            threading.Thread(target=go_on).start()

    fit(softmax(), examples, EachBatch(look), live)
    assert told[:4] == [""] * 4
    assert "is paused, at step 3 " in told[-1]
    assert "has finished, at step 16 " in live.screen.words.value
    assert capsys.readouterr().out.splitlines() == ["Live view of the training"]  # no widgets here
    press_space()
    assert (live.screen.play.value, live.screen.play.icon) == (False, "play")  # it is over


@pytest.mark.slow
def test_a_view_that_its_cell_has_replaced_is_opened_anew_in_the_next_fit(data, examples):
    one, other = (dashboard.Live(data, live=True) for _ in range(2))
    model = softmax()
    with pretended_cell("cell"):
        fit(model, examples, one)
    closed = one.screen
    with pretended_cell("cell"):
        fit(model, examples, other)
    assert closed.is_closed
    with pretended_cell("another cell"):
        fit(softmax(), examples, one)
    assert not one.screen.is_closed
    assert [run.name for run in one.screen.view.pinned] == [model.name]
    for each in (one, other):
        each.screen.close()


@pytest.fixture
def end_cell(monkeypatch):
    """A function that ends a cell, as IPython does."""
    events = EventManager(None, {"post_run_cell": lambda _result: None})
    shell = SimpleNamespace(events=events)
    monkeypatch.setattr("course.live.callback.get_ipython", lambda: shell)
    return lambda: events.trigger("post_run_cell", None)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_weights_that_keras_restores_at_the_end_are_shown(data, examples, live, end_cell, is_first):
    worst = {"monitor": "loss", "mode": "max", "restore_best_weights": True}
    stopping = keras.callbacks.EarlyStopping(**worst)
    model = softmax(keras.optimizers.SGD(0.1))
    fit(model, examples, *([live, stopping] if is_first else [stopping, live]), epochs=3)
    end_cell()
    images, labels = data.test
    loss, accuracy = model.evaluate(images / np.float32(255), labels, verbose=0)
    shown = live.screen.view.snapshot
    assert shown.test.steps[-1] == shown.weights.steps[-1] == 32
    assert shown.test.loss[-1] == pytest.approx(loss, rel=1e-4)
    assert shown.test_digits.mistakes == round((1 - accuracy) * len(labels))
    assert shown.weights.edges[-1][0] == pytest.approx(model.get_weights()[0].min())
    assert (np.diff(shown.test.steps) > 0).all()


def test_a_fit_in_another_thread_goes_on_when_the_cell_ends(examples, live, end_cell):
    began, ended = threading.Event(), threading.Event()
    wait = EachBatch(lambda _batch: began.set() or ended.wait(60))
    training = threading.Thread(target=fit, args=(softmax(), examples, live, wait))
    training.start()
    assert began.wait(60)
    end_cell()
    state = live.snapshot().state
    ended.set()
    training.join()
    assert state == "running"
    assert live.snapshot().state == "finished"


INTERRUPTED = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_cell('''
from course import dashboard, digits
from course.backend import keras, tf
import numpy as np

class Interrupt(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 5:
            raise KeyboardInterrupt

data = digits.load("embedded")
live = dashboard.Live(data, live={live})
model = keras.Sequential([keras.Input((28, 28)), keras.layers.Rescaling(1 / 255),
                          keras.layers.Flatten(), keras.layers.Dense(10)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
''')
shell.run_cell("model.fit(*data.train, verbose=0, callbacks=[live, Interrupt()])")
shell.run_cell("print('then', live.snapshot().state, live.snapshot().steps)")
shell.run_cell("print('note', getattr(getattr(live.screen, 'view', None), 'note', None))")
shell.run_cell("history = model.fit(*data.train, verbose=0, callbacks=[live])")
shell.run_cell("print('again', live.snapshot().state, live.snapshot().steps)")
"""


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.weekly
def test_an_interrupted_fit_leaves_its_last_picture_and_goes_on_with_the_next(live):
    code = INTERRUPTED.replace("{live}", str(live))
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    lines = answer.stdout.splitlines()
    assert "then paused 5" in lines, answer.stdout + answer.stderr
    assert "again finished 115" in lines
    if live:
        assert "note fit was interrupted." in lines
        assert "run this cell to go on." in answer.stdout
    else:
        assert answer.stdout.count("Training of sequential") == 2  # the text of a picture


@pytest.mark.weekly
def test_twenty_fits_leave_nothing_behind(data, examples):
    model = softmax()

    def fit_one():
        live = dashboard.Live(data, live=True)
        fit(model, examples, live)
        live.screen.close()
        return [live.screen, live]

    assert_nothing_is_left(fit_one, times=20, slack=20)


def grey(picture):
    """A picture's shades (height, width), 255 = white."""
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), float)


@pytest.mark.weekly
def test_the_last_picture_can_be_drawn_of_any_images(monkeypatch):
    from course.live.last_picture import still_picture

    images, labels = made_examples((8, 8, 3), 12)
    live = dashboard.Live((images, labels), live=True)
    fit(classifier((8, 8, 3), LAYERS.Dense(12, activation="softmax")), (images, labels), live)
    picture = still_picture(live.snapshot())
    assert isinstance(picture, Picture)
    assert picture.png.startswith(b"\x89PNG")
    shown = live.snapshot().test_digits
    pools = (shown._replace(images=np.full_like(shown.images, value)) for value in (0, 255))
    dark, light = (replace(live.snapshot(), test_digits=pool) for pool in pools)
    assert grey(still_picture(dark)).mean() < grey(still_picture(light)).mean()
    vectors = dashboard.Live(made_examples((5,), 3), live=True)
    fit(classifier((5,), LAYERS.Dense(3)), made_examples((5,), 3), vectors)
    assert still_picture(vectors.snapshot()).png.startswith(b"\x89PNG")
    monkeypatch.setenv("COURSE_PICTURES", "words")
    assert still_picture(live.snapshot()).png == b""
    for each in (live, vectors):
        each.screen.close()

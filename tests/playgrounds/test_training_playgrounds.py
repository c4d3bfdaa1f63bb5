"""The playgrounds about training: what they compute, what a move does, and what they refuse."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special

from course import digits
from course.playgrounds import (
    activations,
    batch_size,
    learning_rate,
    loss_surface,
    softmax,
    softmax_layer,
)
from course.playgrounds.inputs import UnsuitableInput

WITH_DIGITS = (loss_surface, batch_size, learning_rate, activations)
WITH_WEIGHTS = (loss_surface, batch_size)


@pytest.fixture(scope="module")
def one_digit(data):
    """A sample of threes."""

    def threes(split):
        return digits.Examples(*(part[split.labels == 3] for part in split))

    return digits.Digits(*map(threes, data), source="threes")


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("playground", WITH_DIGITS)
def test_a_sample_of_one_digit_is_refused_calmly(playground, one_digit):
    shown = playground.show(one_digit, live=True)
    assert "all of them 3s" in shown.message
    shown.close()
    assert "all of them 3s" in playground.show(one_digit, live=False).alt


@pytest.mark.parametrize("playground", WITH_WEIGHTS)
@pytest.mark.parametrize(
    ("W", "b", "words"),
    [
        (np.full((784, 10), np.nan), np.zeros(10), "7,840 of the 7,850"),
        (np.zeros((784, 10)), np.full(10, np.inf), "10 of the 7,850"),
        (np.zeros((10, 784)), np.zeros(10), "(784, 10)"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_calmly(playground, data, W, b, words):
    shown = playground.show(data, W, b, live=True)
    assert words in shown.message
    shown.close()


def test_images_without_as_many_labels_are_refused(data):
    with pytest.raises(UnsuitableInput, match="labels"):
        softmax_layer.read_examples((data.test.images, data.test.labels[:5]))


@pytest.mark.parametrize(
    ("count", "words"), [(0, "There are no digits here."), (1, "There is 1 digit here, a ")]
)
def test_what_is_missing_is_said_of_any_number_of_digits(data, count, words):
    with pytest.raises(UnsuitableInput, match=f"^{words}"):
        softmax_layer.read_examples((data.test.images[:count], data.test.labels[:count]))


def test_one_weight_that_cannot_be_used_is_told_as_one():
    W = np.zeros((784, 10))
    W[3, 4] = np.nan
    with pytest.raises(UnsuitableInput, match=r"^1 of the 7,850 weights and biases is not"):
        softmax_layer.check_layer(W, np.zeros(10))


# Softmax ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.1, 1, 10])
def test_softmax_agrees_with_scipy(temperature):
    logits = np.random.default_rng(0).normal(size=10)
    expected = scipy.special.softmax(logits / temperature)
    np.testing.assert_allclose(softmax.softmax(logits, temperature), expected)
    np.testing.assert_allclose(softmax.naive_softmax(logits, temperature), expected, rtol=1e-4)


def test_only_the_naive_softmax_fails_on_large_logits():
    logits = np.arange(10.0)
    np.testing.assert_allclose(softmax.softmax(logits + 1000), softmax.softmax(logits))
    assert np.isnan(softmax.naive_softmax(logits + 1000)).any()
    assert np.isnan(softmax.naive_softmax(logits - 1000)).all()


def test_the_shift_is_named_on_screen():
    shown = softmax.show(live=True)
    probabilities = shown.alt.split("becomes")[1]
    shown.controls["shift"].value = 100
    assert "NaN" in shown.alt
    assert shown.alt.split("becomes")[1].startswith(probabilities.split(";")[0])
    shown.close()


def test_equal_logits_share_the_first_place():
    shown = softmax.show([2, 0, 4, 0, 0, 4, 0, 0, 0, 0], live=True)
    assert "4 for digit 2, becomes" in shown.alt
    assert "the next, 4 for 5" in shown.alt
    assert "2, 5 with 4" in shown.scene["logits"].note
    shown.close()
    shown = softmax.show([0.0] * 10, live=True)
    assert shown.scene["logits"].y.high > 0
    shown.close()


@pytest.mark.parametrize(
    ("logits", "temperature", "shift", "words"),
    [
        (range(10), 1.0, 0, "the result is the same"),
        (range(-10, 0), 1.0, -100, "would be wrong"),  # most powers have vanished, not all
        ([8.8] * 10, 0.1, 0, "would be wrong"),  # the powers are finite, their sum is not
        (range(10), 1.0, 1000, "would be NaN"),
    ],
)
def test_it_is_said_what_becomes_of_the_naive_softmax(logits, temperature, shift, words):
    shown = softmax.show(list(logits), live=True)
    shown.controls["temperature"].value = temperature
    shown.controls["shift"].value = shift
    assert words in shown.alt
    shown.close()


@pytest.mark.parametrize(("shift", "told"), [(1000, "∞ / ∞ → NaN"), (-1000, "0 / 0 → NaN")])
def test_what_stands_in_the_narrow_panel_of_the_powers_is_short(shift, told):
    shown = softmax.show(live=True)
    shown.controls["shift"].value = shift
    panel = shown.scene["powers"]
    assert [mark["text"] for mark in panel.marks if mark["kind"] == "text"] == [told]
    assert panel.note == f"without subtracting it: {told}"
    shown.close()


# The softmax layer in NumPy -----------------------------------------------------------------------


def test_the_layer_has_the_right_gradient(data):
    X, labels = softmax_layer.read_examples(data, 50)
    rng = np.random.default_rng(0)
    layer = softmax_layer.Layer(rng.normal(size=(784, 10)), rng.normal(size=10))
    found = softmax_layer.gradient(layer, X.astype(float), softmax_layer.one_hot(labels))

    def loss_at(b):
        return softmax_layer.loss(layer._replace(b=b), X.astype(float), labels)

    np.testing.assert_allclose(
        found.b, scipy.optimize.approx_fprime(layer.b, loss_at, 1e-6), atol=1e-5
    )
    np.testing.assert_allclose(found.W.sum(axis=1), 0, atol=1e-9)


def test_the_layer_learns(data):
    X, labels = softmax_layer.read_examples(data)
    layer = softmax_layer.train_layer(X, labels)
    X, labels = softmax_layer.read_examples(data.test)
    assert (softmax_layer.probabilities(layer, X).argmax(axis=1) == labels).mean() > 0.87


# Loss surface -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def valley(data):
    return loss_surface.valley_of(data)


def test_the_valley_is_the_loss_over_two_weights_of_the_layer(data):
    X, labels = softmax_layer.read_examples(data, 300)
    layer = softmax_layer.train_layer(X, labels)
    over = loss_surface.Valley(X, labels, *layer, (378, 406), 8)
    W = layer.W.copy()
    W[[378, 406], 8] = 1.5, -2
    expected = softmax_layer.loss(softmax_layer.Layer(W, layer.b), X, labels)
    assert over.loss([1.5, -2]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_the_valley_has_the_right_slopes(valley):
    at = np.array([1.0, -2.0])
    expected = scipy.optimize.approx_fprime(at, valley.loss, 1e-6)
    np.testing.assert_allclose(valley.gradient(at), expected, atol=1e-5)
    np.testing.assert_allclose(valley.gradient(valley.lowest()), 0, atol=1e-5)


@pytest.mark.parametrize(
    ("rate", "name"),
    [(0.02, "crawling"), (0.5, "arriving"), (1.9, "zigzag"), (2.1, "divergence")],
)
def test_regimes_of_a_round_bowl(rate, name):
    """Half of x² + y²: at rate 1 one step arrives, at 2 it jumps across for ever."""
    points = loss_surface.descent(lambda at: at, (1, 1), rate)
    assert loss_surface.regime(points, 0.5 * (points**2).sum(axis=1), 0) == name


def test_a_descent_from_the_bottom_has_arrived():
    points = np.zeros((61, 2))
    losses = 0.14 + np.random.default_rng(0).uniform(0, 1e-7, 61)
    assert loss_surface.regime(points, losses, 0.14) == "arriving"


@pytest.mark.slow
def test_every_regime_is_named_on_screen(data):
    shown = loss_surface.show(data, live=True)
    named = set()
    for rate in (0.1, 25, 60, 1000):
        shown.controls["rate"].value = rate
        named.add(shown.alt.split("Verdict: ")[1].split(":")[0].split()[0])
    assert named == {"crawling", "arriving", "zigzag", "divergence"}
    shown.close()


def test_the_descent_starts_where_it_is_pointed_at_or_typed(data):
    shown = loss_surface.show(data, live=True)
    plane = shown.scene["map"]
    middle = [(axis.low + axis.high) / 2 for axis in (plane.x, plane.y)]
    shown.point("map", *middle)
    chosen = [shown.controls[name].value for name in ("across", "up")]
    np.testing.assert_allclose(chosen, middle, atol=0.05)
    shown.controls["across"].value = 3
    assert "From (3, " in shown.alt
    shown.controls["across"].value = 1e6
    assert "outside the map" in shown.message
    shown.controls["across"].value = 3
    assert shown.message == ""
    shown.close()


def test_a_digit_or_a_pixel_that_is_not_there_is_said(data):
    some = data.train.labels != 8
    without = digits.Examples(data.train.images[some], data.train.labels[some])
    assert "no 8" in loss_surface.show(without, live=False).alt
    assert "white in every digit" in loss_surface.show(data, pixels=(0, 378), live=False).alt


# Batch size ---------------------------------------------------------------------------------------


def test_batches_of_equal_digits_agree_with_the_whole(data):
    X, labels = softmax_layer.read_examples(data, 5)[0][:1].repeat(20, axis=0), np.full(20, 4)
    layer = softmax_layer.zero_layer()
    full = softmax_layer.gradient(layer, X, softmax_layer.one_hot(labels))
    draws = batch_size.compare(layer, X, labels, full, 5, 7, np.random.default_rng(0))
    np.testing.assert_allclose(draws.angles, 0, atol=0.1)
    np.testing.assert_allclose(draws.lengths, 1, rtol=1e-4)
    np.testing.assert_allclose(draws.losses, np.log(10), rtol=1e-5)
    assert draws.seconds > 0


def test_larger_batches_are_less_far_off(data):
    X, labels = softmax_layer.read_examples(data)
    layer = softmax_layer.zero_layer()
    full = softmax_layer.gradient(layer, X, softmax_layer.one_hot(labels))
    angles = []
    for size in (1, 10, 100):
        draws = batch_size.compare(layer, X, labels, full, size, 40, np.random.default_rng(0))
        angles.append(draws.angles.mean())
        # What is off stands upright on the full gradient: the length along it stays 1.
        assert draws.lengths.mean() == pytest.approx(1 / np.cos(np.radians(angles[-1])), rel=0.2)
    assert angles[0] > angles[1] + 5 > angles[2] + 10


def test_there_are_fewer_draws_of_larger_batches():
    assert [batch_size.draw_count(size) for size in (1, 100, 1000)] == [60, 60, 10]


# Learning rate ------------------------------------------------------------------------------------


def test_the_rate_decays_from_the_highest_towards_the_lowest():
    rates = learning_rate.decayed([0, 100, 1e6], lowest=0.1, highest=1.1, decay=100)
    np.testing.assert_allclose(rates, [1.1, 0.1 + 1 / np.e, 0.1])


def test_a_run_is_judged_as_its_layers_are(data):
    training = softmax_layer.read_examples(data.train, 500)
    validation = softmax_layer.read_examples(data.validation, 100)
    run = learning_rate.train(training, validation, np.full(20, 0.1))
    X, labels = training
    layer, T = softmax_layer.zero_layer(), softmax_layer.one_hot(labels)
    for step in range(15):
        part = slice(32 * step, 32 * step + 32)
        if part.stop <= len(X):
            layer = softmax_layer.step(layer, softmax_layer.gradient(layer, X[part], T[part]), 0.1)
        if step == 9:
            right = softmax_layer.probabilities(layer, validation[0]).argmax(axis=1)
            assert run.losses[0] == pytest.approx(softmax_layer.loss(layer, *validation), rel=1e-4)
            assert run.accuracies[0] == pytest.approx((right == validation[1]).mean())
    np.testing.assert_array_equal(run.steps, [10, 20])


def test_decay_calms_a_run_down(data):
    training = softmax_layer.read_examples(data.train)
    validation = softmax_layer.read_examples(data.validation)
    steps = np.arange(learning_rate.STEPS)
    calm = learning_rate.train(training, validation, learning_rate.decayed(steps, 0.03, 3, 60))
    wild = learning_rate.train(training, validation, np.full(len(steps), 3))
    assert calm.losses[-10:].std() < 0.2 * wild.losses[-10:].std()
    assert calm.losses[-1] < wild.losses[-1]


def test_the_sweep_starts_at_ln_10_falls_and_explodes(data):
    losses = learning_rate.sweep(softmax_layer.read_examples(data.train))
    assert losses[0] == pytest.approx(np.log(10), rel=0.05)
    assert losses.min() < 1.5
    assert losses[-1] > 50


def test_one_split_alone_is_not_enough_for_a_run(data):
    assert "all splits" in learning_rate.show(data.train, live=False).alt


def test_a_lowest_rate_above_the_highest_is_said(data):
    shown = learning_rate.show(data, live=True)
    shown.wait()
    shown.controls["lowest"].value = 10
    assert "above the highest" in shown.message
    shown.controls["lowest"].value = 0.01
    assert shown.message == ""
    shown.close()


# Activations --------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
def test_gradients_agree_with_differences(activation):
    rng = np.random.default_rng(0)
    X, labels = rng.random((6, 784)), rng.integers(10, size=6)
    layers = [W.astype(float) for W in activations.weights("Glorot")]
    gradients = activations.propagate(X, labels, layers, activation).gradients

    def loss():
        logits = activations.propagate(X, labels, layers, activation).activations[-1]
        return -scipy.special.log_softmax(logits, axis=1)[range(6), labels].mean()

    for W, slopes in zip(layers, gradients, strict=True):
        for place in ((3, 4), (20, 7)):
            h, was, losses = 1e-5, W[place], []
            for moved in (was + h, was - h):
                W[place] = moved
                losses.append(loss())
            W[place] = was
            assert slopes[place] == pytest.approx((losses[0] - losses[1]) / (2 * h), abs=1e-7)


@pytest.mark.parametrize(
    ("start", "activation", "name"),
    [
        ("zeros", "sigmoid", "still"),
        ("zeros", "ReLU", "still"),
        ("0.1", "sigmoid", "fading"),
        ("He", "sigmoid", "fading"),
        ("0.01", "tanh", "fading"),
        ("0.01", "ReLU", "fading"),
        ("1", "ReLU", "exploding"),
        ("1", "tanh", "saturated"),
        ("1", "sigmoid", "saturated"),
        ("Glorot", "tanh", "healthy"),
        ("He", "ReLU", "healthy"),
    ],
)
def test_what_becomes_of_signals_is_named(data, start, activation, name):
    X, labels = softmax_layer.read_examples(data, 200)
    for seed in range(3):
        layers = activations.weights(start, seed)
        signals = activations.propagate(X, labels, layers, activation)
        assert activations.diagnose(signals, activation) == name


def test_starts_have_the_deviations_that_they_promise():
    for start, expected in (("He", np.sqrt(2 / 784)), ("Glorot", np.sqrt(2 / 984)), ("0.1", 0.1)):
        assert activations.weights(start)[0].std() == pytest.approx(expected, rel=0.02)

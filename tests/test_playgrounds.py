"""The playgrounds without a browser: what they compute, what a move does, what stays behind."""

import gc
import io
import threading
import weakref

import ipywidgets
import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.colors import to_rgb
from PIL import Image

from course import digits, playgrounds
from course.dashboard import stage
from course.drawing.palette import DARK
from course.pictures.picture import Picture
from course.playgrounds import controls, playground, softmax_layer
from course.playgrounds.playground import Unsuitable

MINE = ("softmax", "loss_surface", "batch_size", "learning_rate", "activations")
WITH_DIGITS = MINE[1:]
WITH_WEIGHTS = ("loss_surface", "batch_size")

softmax, loss_surface, batch_size, learning_rate, activations = (
    getattr(playgrounds, name) for name in MINE
)


@pytest.fixture(scope="module")
def data():
    return digits.load("embedded")


@pytest.fixture(scope="module")
def one_digit(data):
    """A sample of threes."""

    def threes(split):
        return digits.Examples(*(part[split.labels == 3] for part in split))

    return digits.Digits(*map(threes, data), source="threes")


# The base -----------------------------------------------------------------------------------------


def line(figure, _theme):
    """A picture of a straight line whose slope can be moved."""
    axes = figure.add_subplot(label="plane")
    axes.set(xlim=(0, 1), ylim=(0, 10))
    (drawn,) = axes.plot([], [], animated=True)

    def update(slope, again=0):
        if slope > 9:
            raise Unsuitable("too steep")
        drawn.set_data([0, 1], [0, 1 / (slope - 5)])
        update.calls += 1
        return f"A line of slope {slope}, drawn anew {again} times."

    update.calls = 0
    line.update = update
    return update


WORDS = {"title": "Line", "question": "How steep?", "hint": "pull it up."}


@pytest.fixture
def moves():
    return {
        "slope": controls.slider("slope", 1, 0, 10, 1),
        "again": controls.button("again"),
    }


@pytest.fixture
def shown(moves):
    shown = playground.show(line, moves, live=True, **WORDS)
    yield shown
    shown.close()


def image(shown):
    """What stands in the picture's place, as HTML."""
    return shown._picture.value


def test_a_move_changes_picture_and_words(shown, moves):
    before = image(shown)
    assert shown.alt == "A line of slope 1, drawn anew 0 times."
    assert f'alt="{shown.alt}"' in before
    moves["slope"].value = 3
    assert shown.alt == "A line of slope 3, drawn anew 0 times."
    assert f'alt="{shown.alt}"' in image(shown)
    assert image(shown).split("alt=")[0] != before.split("alt=")[0]


def test_a_button_counts(shown, moves):
    moves["again"].click()
    moves["again"].click()
    assert shown.alt == "A line of slope 1, drawn anew 2 times."


def test_several_controls_can_move_as_one(shown, moves):
    calls = line.update.calls
    with playground.one_move():
        moves["slope"].value = 2
        moves["slope"].value = 4
        moves["again"].click()
    assert line.update.calls == calls + 1
    assert shown.alt == "A line of slope 4, drawn anew 1 times."


def test_what_does_not_move_is_not_drawn_anew(shown, moves):
    still = shown._drawing._still
    moves["slope"].value = 3
    assert shown._drawing._still is still
    playground.fit(shown._drawing.figure.axes[0], ylim=(0, 10))
    moves["slope"].value = 4
    assert shown._drawing._still is still
    playground.fit(shown._drawing.figure.axes[0], ylim=(0, 20))
    moves["slope"].value = 6
    assert shown._drawing._still is not still


def test_what_cannot_be_shown_is_said_calmly(shown, moves):
    moves["slope"].value = 10
    assert shown.message == shown.alt == "too steep"
    assert "too steep" in shown._words.value
    assert "<img" not in image(shown)
    moves["slope"].value = 5
    assert "ZeroDivisionError" in shown.message
    moves["slope"].value = 2
    assert shown.message == ""
    assert "<img" in image(shown)


def test_a_click_tells_the_place(moves):
    told = []
    shown = playground.show(
        line, moves, clicked=lambda *where: told.append(where), live=True, **WORDS
    )
    axes = shown._drawing.figure.axes[0].get_position()
    shown.click(axes.x0 + 0.25 * axes.width, 1 - (axes.y0 + 0.5 * axes.height))
    shown.click(0.001, 0.5)  # beside the axes
    ((name, x, y),) = told
    assert name == "plane"
    assert (x, y) == (pytest.approx(0.25, abs=0.01), pytest.approx(5, abs=0.05))
    shown.close()


def test_without_an_audience_there_is_a_still_picture(moves):
    still = playground.show(line, moves, **WORDS)
    assert isinstance(still, Picture)
    assert still.alt == "A line of slope 1, drawn anew 0 times."
    refused = playground.refuse(Unsuitable("nothing there"), **WORDS)
    assert isinstance(refused, Picture)
    assert refused.alt == "nothing there"


def test_where_a_class_is_graded_it_says_what_it_asks_and_draws_nothing(moves, monkeypatch):
    monkeypatch.setenv("COURSE_PICTURES", "words")
    still = playground.show(line, moves, **WORDS)
    assert (still.alt, still.png) == (f"{WORDS['title']}: {WORDS['question']}", b"")
    assert all(control.comm is None for control in moves.values())


def test_running_a_cell_again_closes_what_it_showed(monkeypatch):
    monkeypatch.setattr(stage, "cell_id", lambda: "cell")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("COURSE_STILL", raising=False)
    first = playground.show(line, {"slope": controls.slider("slope", 1, 0, 10, 1)}, **WORDS)
    second = playground.show(line, {"slope": controls.slider("slope", 1, 0, 10, 1)}, **WORDS)
    assert first._box.comm is None
    assert second._box.comm is not None
    second.close()


# All of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MINE)
def test_the_still_picture_carries_the_words(name):
    settings = dict(matplotlib.rcParams)
    still = getattr(playgrounds, name).show(live=False)
    assert isinstance(still, Picture)
    assert len(still.alt) > 80
    assert still.alt.endswith(".")
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize("name", MINE)
def test_in_the_dark_and_nothing_is_left_behind(name):
    threads = threading.active_count()
    before = set(ipywidgets.widgets.widget._instances)
    shown = getattr(playgrounds, name).show(live=True, dark=True)
    figure = weakref.ref(shown._drawing.figure)
    assert shown.message == ""
    corner = Image.open(io.BytesIO(shown._drawing.png())).getpixel((0, 0))
    np.testing.assert_allclose(corner, 255 * np.array(to_rgb(DARK.paper)), atol=1)
    shown.close()
    del shown
    gc.collect()
    assert set(ipywidgets.widgets.widget._instances) <= before
    assert figure() is None
    assert threading.active_count() == threads
    assert matplotlib.pyplot.get_fignums() == []


@pytest.mark.parametrize("name", WITH_DIGITS)
def test_a_sample_of_one_digit_is_refused_calmly(name, one_digit):
    shown = getattr(playgrounds, name).show(one_digit, live=True)
    assert "all are a 3" in shown.message
    shown.close()
    assert "all are a 3" in getattr(playgrounds, name).show(one_digit, live=False).alt


@pytest.mark.parametrize("name", WITH_WEIGHTS)
@pytest.mark.parametrize(
    ("W", "b", "words"),
    [
        (np.full((784, 10), np.nan), np.zeros(10), "7,840 of the 7,850"),
        (np.zeros((784, 10)), np.full(10, np.inf), "10 of the 7,850"),
        (np.zeros((10, 784)), np.zeros(10), "(784, 10)"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_calmly(name, data, W, b, words):
    shown = getattr(playgrounds, name).show(data, W, b, live=True)
    assert words in shown.message
    shown.close()


def test_images_without_as_many_labels_are_refused(data):
    with pytest.raises(Unsuitable, match="labels"):
        softmax_layer.examples((data.test.images, data.test.labels[:5]))
    with pytest.raises(Unsuitable, match="no kind"):
        softmax_layer.examples((data.test.images[:0], data.test.labels[:0]))


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


# The softmax layer in NumPy -----------------------------------------------------------------------


def test_the_layer_has_the_right_gradient(data):
    X, labels = softmax_layer.examples(data, 50)
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
    X, labels = softmax_layer.examples(data)
    layer = softmax_layer.trained(X, labels)
    X, labels = softmax_layer.examples(data.test)
    assert (softmax_layer.probabilities(layer, X).argmax(axis=1) == labels).mean() > 0.87


# Loss surface -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def valley(data):
    return loss_surface._valley(data, None, None, loss_surface.PIXELS, loss_surface.DIGIT)


def test_the_valley_is_the_loss_over_two_weights_of_the_layer(data):
    X, labels = softmax_layer.examples(data, 300)
    layer = softmax_layer.trained(X, labels)
    over = loss_surface.Valley(X, labels, *layer, (378, 406), 8)
    W = layer.W.copy()
    W[[378, 406], 8] = 1.5, -2
    expected = softmax_layer.loss(softmax_layer.Layer(W, layer.b), X, labels)
    assert over.loss([1.5, -2]) == pytest.approx(expected, rel=1e-5)


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


def test_every_regime_is_named_on_screen(data):
    shown = loss_surface.show(data, live=True)
    named = set()
    for rate in (0.1, 25, 65, 1000):
        shown.controls["rate"].value = rate
        named.add(shown.alt.split("Verdict: ")[1].split(":")[0].split()[0])
    assert named == {"crawling", "arriving", "zigzag", "divergence"}
    shown.close()


def test_the_descent_starts_where_it_is_clicked_or_typed(data):
    shown = loss_surface.show(data, live=True)
    axes = shown._drawing.figure.axes[0]
    place = axes.get_position()
    shown.click(place.x0 + place.width / 2, 1 - place.y0 - place.height / 2)
    middle = [np.mean(axes.get_xlim()), np.mean(axes.get_ylim())]
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
    X, labels = softmax_layer.examples(data, 5)[0][:1].repeat(20, axis=0), np.full(20, 4)
    layer = softmax_layer.start()
    full = softmax_layer.gradient(layer, X, softmax_layer.one_hot(labels))
    draws = batch_size.compare(layer, X, labels, full, 5, 7, np.random.default_rng(0))
    np.testing.assert_allclose(draws.angles, 0, atol=0.1)
    np.testing.assert_allclose(draws.lengths, 1, rtol=1e-4)
    np.testing.assert_allclose(draws.losses, np.log(10), rtol=1e-5)
    assert draws.seconds > 0


def test_larger_batches_are_less_far_off(data):
    X, labels = softmax_layer.examples(data)
    layer = softmax_layer.start()
    full = softmax_layer.gradient(layer, X, softmax_layer.one_hot(labels))
    angles = []
    for size in (1, 10, 100):
        draws = batch_size.compare(layer, X, labels, full, size, 40, np.random.default_rng(0))
        angles.append(draws.angles.mean())
        # What is off stands upright on the full gradient: the length along it stays 1.
        assert draws.lengths.mean() == pytest.approx(1 / np.cos(np.radians(angles[-1])), rel=0.2)
    assert angles[0] > angles[1] + 5 > angles[2] + 10


def test_there_are_fewer_draws_of_larger_batches():
    assert [batch_size.how_many(size) for size in (1, 100, 1000)] == [60, 60, 10]


# Learning rate ------------------------------------------------------------------------------------


def test_the_rate_decays_from_the_highest_towards_the_lowest():
    rates = learning_rate.decayed([0, 100, 1e6], lowest=0.1, highest=1.1, decay=100)
    np.testing.assert_allclose(rates, [1.1, 0.1 + 1 / np.e, 0.1])


def test_a_run_is_judged_as_its_layers_are(data):
    training = softmax_layer.examples(data.train, 500)
    validation = softmax_layer.examples(data.validation, 100)
    run = learning_rate.train(training, validation, np.full(20, 0.1))
    X, labels = training
    layer, T = softmax_layer.start(), softmax_layer.one_hot(labels)
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
    training = softmax_layer.examples(data.train)
    validation = softmax_layer.examples(data.validation)
    steps = np.arange(learning_rate.STEPS)
    calm = learning_rate.train(training, validation, learning_rate.decayed(steps, 0.03, 3, 60))
    wild = learning_rate.train(training, validation, np.full(len(steps), 3))
    assert calm.losses[-10:].std() < 0.2 * wild.losses[-10:].std()
    assert calm.losses[-1] < wild.losses[-1]


def test_the_sweep_starts_at_ln_10_falls_and_explodes(data):
    losses = learning_rate.sweep(softmax_layer.examples(data.train))
    assert losses[0] == pytest.approx(np.log(10), rel=0.05)
    assert losses.min() < 1.5
    assert losses[-1] > 50


def test_one_split_alone_is_not_enough_for_a_run(data):
    assert "all splits" in learning_rate.show(data.train, live=False).alt


def test_a_lowest_rate_above_the_highest_is_said(data):
    shown = learning_rate.show(data, live=True)
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
    gradients = activations.there_and_back(X, labels, layers, activation).gradients

    def loss():
        logits = activations.there_and_back(X, labels, layers, activation).activations[-1]
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
    X, labels = softmax_layer.examples(data, 200)
    for seed in range(3):
        layers = activations.weights(start, seed)
        passed = activations.there_and_back(X, labels, layers, activation)
        assert activations.state(passed, activation) == name


def test_starts_have_the_deviations_that_they_promise():
    for start, expected in (("He", np.sqrt(2 / 784)), ("Glorot", np.sqrt(2 / 984)), ("0.1", 0.1)):
        assert activations.weights(start)[0].std() == pytest.approx(expected, rel=0.02)

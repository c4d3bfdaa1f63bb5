"""The playgrounds with digits: what they compute, what they draw, and what they say calmly."""

import re
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from course import digits, networks, training
from course.backend import keras, tf
from course.dashboard.player import Player
from course.live.record import FitRecord
from course.playgrounds import confusion, convolution, draw, dropout
from course.playgrounds.convolution_controls import FilterEditor
from course.playgrounds.feature_maps import feature_map
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.pad import Pad, draw_strokes
from course.playgrounds.predictions import predict_probabilities
from course.playgrounds.trained_ladder import TrainedLadder
from tests.open_widgets import open_widgets

# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("playground", [dropout, convolution])
@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((27, 28)), r"(27, 28)"),
        (np.zeros((3, 28, 28), np.uint8), "(3, 28, 28)"),
        (np.full((28, 28), np.nan), "NaN"),
        ("seven", "()"),
    ],
)
def test_what_is_not_one_digit_is_refused_calmly(shown, playground, image, words):
    assert words in shown(playground, image).message


# What a network answers ---------------------------------------------------------------------------


def test_all_kinds_of_networks_answer_alike(data):
    images = data.test.images[:7]
    network = networks.build("five-layers-relu")
    rows = images.reshape(7, 784).astype(np.float32) / 255
    expected = tf.nn.softmax(network(images / np.float32(255))).numpy()
    run = training.Run(network, data)
    with_channel = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Reshape((28, 28))])
    with_channel.add(network)

    def of_rows(X):
        assert X.shape[1:] == (784,)
        return tf.nn.softmax(network(X.reshape(-1, 28, 28)))

    class Own:
        def predict(self, images):
            return network(images)

    for each in (network, run, with_channel, of_rows, Own(), lambda images: expected):
        np.testing.assert_allclose(predict_probabilities(each, images), expected, atol=1e-5)
    np.testing.assert_allclose(
        predict_probabilities(network, rows.reshape(7, 28, 28)), expected, atol=1e-5
    )


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (lambda images: np.full((len(images), 10), np.nan), "NaN"),
        (lambda images: np.full((len(images), 10), np.inf), "infinity"),
        (lambda images: np.zeros((len(images), 3)), r"\(2, 3\)"),
        (lambda images: images["x"], "indices"),
        (5, "of type int"),
    ],
)
def test_what_gives_no_answers_is_said(network, words):
    with pytest.raises(UnsuitableInput, match=words):
        predict_probabilities(network, np.zeros((2, 28, 28), np.uint8))


# The ladder in the background ---------------------------------------------------------------------


class WatchedLadder(TrainedLadder):
    """A ladder that keeps its background trainings, for the test to wait for."""

    def __init__(self, steps):
        super().__init__(steps)
        self.trainings = []

    def in_background(self, names):
        """Return and keep the training."""
        self.trainings.append(super().in_background(names))
        return self.trainings[-1]


def test_a_network_is_trained_once_and_tells_how_it_gets_on(data):
    ladder = TrainedLadder({"softmax": 100})
    assert ladder.trained("softmax") is None
    assert ladder.compiled("softmax") is None
    shares = []
    network = ladder.train("softmax", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert ladder.train("softmax") is ladder.trained("softmax") is network
    right = predict_probabilities(network, data.test.images).argmax(axis=1) == data.test.labels
    assert right.mean() > 0.8
    few = data.test.images[:5]
    quick = predict_probabilities(ladder.compiled("softmax"), few)
    np.testing.assert_allclose(quick, predict_probabilities(network, few), atol=1e-5)


def test_a_training_can_be_stopped():
    ladder = TrainedLadder({"softmax": 100, "five-layers-relu": 20})
    training = ladder.in_background(ladder.names)
    training.start(training.stop)  # as soon as something is reported
    training.wait()
    assert not ladder.trained("five-layers-relu")
    assert training.share("five-layers-relu") < 1


def test_a_training_that_fails_is_said_in_the_row(shown):
    class Failing(WatchedLadder):
        def train(self, name, *options):
            return super().train(name, *options) if name == "softmax" else 1 / 0

    ladder = Failing({"softmax": 5, "five-layers-relu": 5})
    opened = shown(draw, ladder=ladder)
    ladder.trainings[0].wait()
    opened.controls["pad"].value = draw.EXAMPLE, 22
    assert "could not be trained: division by zero" in opened.alt


@pytest.mark.slow
def test_it_is_said_which_network_is_in_training_until_all_are_trained(shown):
    may_train = threading.Event()

    class Waiting(WatchedLadder):
        def train(self, *options):
            may_train.wait(60)
            return super().train(*options)

    ladder = Waiting({"softmax": 5, "five-layers-relu": 5})
    opened = shown(draw, ladder=ladder)
    assert opened.scene["table"].note == "Training the networks… (1 of 2)"
    assert "Training the networks… (1 of 2)." in opened.alt
    may_train.set()
    ladder.trainings[0].wait()
    opened.redraw()
    assert opened.scene["table"].note == ""
    assert "Training" not in opened.alt


@contextmanager
def dashboard_that_plays(data):
    """A run that plays in a dashboard."""
    run = training.start("softmax", data, total_steps=10_000_000)
    player = Player(run, lambda: None, lambda error: None)
    player.speed = 10.0  # so that it leaves the processor to others, if they take it
    player.play()
    yield
    player.stop()


@contextmanager
def fit_with_live(_data):
    """A fit with `dashboard.Live` that takes no time."""
    record = FitRecord("a model")
    record.begin_fit()
    yield
    record.state = "finished"


@pytest.mark.parametrize("other_training", [dashboard_that_plays, fit_with_live])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_a_training_in_the_background_leaves_most_of_the_time_to_others(data, other_training):
    ladder = TrainedLadder({"five-layers-relu": 1_000_000})
    background = ladder.in_background(ladder.names)

    def seconds_of_training():
        """How much of a second the background takes."""
        before = background.share("five-layers-relu")
        time.sleep(1)
        return background.share("five-layers-relu") - before

    background.start(lambda: None)
    while background.share("five-layers-relu") < 5e-5:  # it has warmed up
        time.sleep(0.05)

    def is_slower_beside_another():
        alone = seconds_of_training()
        with other_training(data):
            return 0 < seconds_of_training() < 0.5 * alone

    # A busy machine may have had no time for the one that is alone.
    assert any(is_slower_beside_another() for _attempt in range(30))
    background.stop()
    background.wait()


# Draw your own digit ------------------------------------------------------------------------------


def test_ink_is_as_wide_as_the_pen_and_round():
    drawing = draw_strokes([((100, 140), (180, 140))], pen=20)
    rows, columns = np.flatnonzero(drawing.any(axis=1)), np.flatnonzero(drawing.any(axis=0))
    assert np.ptp(rows) / 2 == pytest.approx(20, abs=1)
    assert np.ptp(columns) / 2 == pytest.approx(100, abs=1)
    assert drawing[rows[0], columns[0]] == 0  # no corners
    assert draw_strokes([((140, 140),)], pen=20).any()
    assert not draw_strokes([]).any()


def draw_from_page(pad, strokes):
    """Send what the page sends while a stroke grows."""
    state = {"method": "update", "state": {"strokes": strokes}, "buffer_paths": []}
    pad.sheet.comm.handle_msg({"content": {"data": state}, "buffers": []})


def test_strokes_come_from_the_page_and_are_cleared():
    pad = Pad()
    assert pad.value == ((), 22)
    draw_from_page(pad, [[[20, 20], [30, 40.5]]])
    assert pad.value == ((((20, 20), (30, 40.5)),), 22)
    pad.pen.value = 30
    assert pad.value[1] == pad.sheet.pen == 30
    pad.clear_button.click()
    assert pad.value == ((), 30)
    assert pad.sheet.strokes == []


def test_a_drawing_stays_where_it_is_unless_it_is_centred():
    corner = (((20, 20), (40, 20), (25, 70)),)
    rows, columns = np.nonzero(draw.digit_of(corner, 10, centred=False))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 7, 1, 4)
    rows, columns = np.nonzero(draw.digit_of(corner, 10, centred=True))
    assert np.ptp(rows) + 1 == 20
    assert draw.digit_of((), centred=False) is None


@pytest.mark.slow
def test_centring_is_a_switch(shown, ladder):
    corner = (((20, 20), (40, 20), (25, 70)),), 10
    for centred in (True, False):
        opened = shown(draw, centred=centred, ladder=ladder)
        opened.controls["pad"].value = corner
        seen = [seen_by_the_networks(opened)]
        opened.controls["centred"].value = not centred
        seen.append(seen_by_the_networks(opened))
        assert [image[10:18, 10:18].any() for image in seen] == [centred, not centred]


def seen_by_the_networks(opened):
    """The pixels of the digit that is shown."""
    return opened.scene["seen"].marks[0]["values"]


@pytest.mark.slow
def test_the_networks_answer_while_a_digit_is_drawn(shown, ladder):
    opened = shown(draw, lambda images: np.eye(10)[[4] * len(images)], ladder=ladder)
    assert "pad is empty" in opened.alt
    pad = opened.controls["pad"]
    draw_from_page(pad, [[[84, 56], [196, 56]]])
    half = opened.alt
    assert "your network: 4 (100.0%)" in half
    draw_from_page(pad, [[[84, 56], [196, 56], [126, 224]]])
    assert opened.alt != half
    assert "softmax: 7" in opened.alt
    assert "five-layers-relu: " in opened.alt
    pad.clear()
    assert "pad is empty" in opened.alt


@pytest.mark.slow
def test_a_digit_in_a_corner_stays_there_unless_it_is_centred(shown, ladder):
    small = (((30, 30), (60, 30), (40, 90)),)
    rows, columns = np.nonzero(draw.digit_of(small, 8, centred=False))
    assert rows.max() < 12
    assert columns.max() < 8
    rows, columns = np.nonzero(draw.digit_of(small, 8))
    assert np.ptp(rows) >= 18
    assert 10 < columns.mean() < 18
    seen = []
    opened = shown(draw, lambda images: seen.append(images) or np.eye(10)[[4]], ladder=ladder)
    opened.controls["pad"].value = small, 8
    opened.controls["centred"].value = False
    expected = draw.digit_of(small, 8, centred=False)
    np.testing.assert_allclose(255 * seen[-1].reshape(28, 28), expected, atol=0.01)


def test_a_broken_network_is_said_in_its_row(shown, ladder):
    opened = shown(draw, lambda images: np.full((len(images), 10), np.nan), ladder=ladder)
    opened.controls["pad"].value = draw.EXAMPLE, 22
    assert "your network: The network answers NaN" in opened.alt
    assert "softmax: " in opened.alt
    assert opened.message == ""


@pytest.mark.slow
def test_the_ladder_is_trained_meanwhile(shown):
    ladder = WatchedLadder({"softmax": 5, "five-layers-relu": 5})
    opened = shown(draw, ladder=ladder)
    ladder.trainings[0].wait()
    opened.controls["pad"].value = draw.EXAMPLE, 22
    assert "%" in opened.alt.split("five-layers-relu: ")[1]


# Convolution --------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(3, 3), (2, 5), (6, 4), (1, 1)])
def test_the_feature_map_is_tensorflows(padding, stride, size):
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(28, 28)), rng.normal(size=size)
    expected = tf.nn.conv2d(
        image[np.newaxis, :, :, np.newaxis],
        kernel[:, :, np.newaxis, np.newaxis],
        stride,
        padding.upper(),
    )
    found = feature_map(image, kernel, stride, padding)
    np.testing.assert_allclose(found, expected[0, :, :, 0])


def test_the_sum_at_the_place_is_the_maps(shown, data):
    image = data.test.images[3]
    opened = shown(convolution, image)
    opened.controls["step"].value = 2, "valid"
    opened.controls["place"].value = 5 * 13 + 7
    sums = feature_map(image / 255, next(iter(convolution.ready_filters().values())), 2, "valid")
    assert sums.shape == (13, 13)
    words = f"row 5, column 7 of the feature map, pixel times weight adds up to {sums[5, 7]:.3g}"
    assert words.replace("-", "\N{MINUS SIGN}") in opened.alt
    assert "13 x 13" in opened.alt
    shown_map = opened.scene["map"].marks[0]["values"]
    assert np.isfinite(shown_map).sum() == 5 * 13 + 7 + 1
    opened.controls["step"].value = 1, "same"
    assert opened.controls["place"].slider.max == 783


def test_weights_can_be_typed(shown):
    opened = shown(convolution)
    chosen = opened.controls["filter"]
    before = opened.alt
    chosen.boxes[2][2].value = -7
    assert chosen.choice.label == "your own"
    assert chosen.value[2] == (-1, 0, -7)
    assert opened.alt != before
    chosen.choice.value = "outline"
    assert chosen.value == ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))
    chosen.boxes[0][0].value = float("nan")
    assert "not made of numbers" in opened.message
    chosen.choice.value = "blur"
    assert opened.message == ""


@pytest.mark.parametrize("name", ["digit", "map"])
def test_the_filter_goes_where_it_is_pointed_at(shown, name):
    opened = shown(convolution)
    opened.point(name, 14.1, 14.1)
    assert opened.controls["place"].value == 14 * 28 + 14
    at, step = opened.scene[name].at, opened.scene[name].step
    opened.point(name, at[0] + step[0], at[1])  # as an arrow key does
    assert opened.controls["place"].value == 14 * 28 + 15
    opened.point(name, at[0], at[1] - step[1])
    assert opened.controls["place"].value == 13 * 28 + 14


@pytest.mark.slow
def test_filters_of_a_trained_network_come_when_they_are_there(shown):
    may_train = threading.Event()

    class Waiting(WatchedLadder):
        def train(self, *options):
            may_train.wait(60)
            return super().train(*options)

    ladder = Waiting({"convolutional": 1})
    opened = shown(convolution, ladder=ladder)
    opened.controls["filter"].choice.value = "learned, filter 2"
    assert "being trained: 0%" in opened.message
    may_train.set()
    ladder.trainings[0].wait()
    assert opened.message == ""
    weights = ladder.trained("convolutional").layers[1].get_weights()[0][:, :, 0, 1]
    np.testing.assert_allclose(opened.controls["filter"].value, weights, atol=0.006)


def test_filters_of_a_learners_own_network(shown, data):
    network = networks.convolutional_dropout()
    opened = shown(convolution, data.test.images[0], network)
    names = [name for name, _value in opened.controls["filter"].choice.options]
    assert [name for name in names if "learned" in name][-1] == "learned, filter 6"
    opened.controls["filter"].choice.value = "learned, filter 6"
    assert np.shape(opened.controls["filter"].value) == (6, 6)
    assert opened.message == ""
    assert "no filters" in shown(convolution, network=networks.softmax()).message


def test_a_filter_closes_the_boxes_that_it_no_longer_needs():
    small, large = np.zeros((2, 2)), np.zeros((3, 4))
    chosen = FilterEditor({"small": small, "large": large})
    before = open_widgets()
    chosen.choice.value = "large"
    chosen.choice.value = "small"
    assert len(open_widgets()) == len(before)


# Dropout ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, 0.3, 0.9])
def test_survivors_are_scaled_so_that_the_average_stays(rate):
    numbers = np.random.default_rng(0).random((100_000, 12))
    scaled = dropout.factors(numbers, rate, dropout.SCALED)
    deviation = np.sqrt(rate / (1 - rate) / len(numbers))
    np.testing.assert_allclose(scaled.mean(axis=0), 1, atol=5 * deviation + 1e-12)
    plain = dropout.factors(numbers, rate, dropout.NOT_SCALED)
    np.testing.assert_allclose(plain, scaled * (1 - rate))
    assert (dropout.factors(numbers, rate, dropout.TEST) == 1).all()


def test_the_average_comes_close_to_test_mode_only_when_scaled(shown):
    opened = shown(dropout)
    assert opened.controls["masks"].value == 1, "the reader predicts first"

    def away(masks):
        opened.controls["masks"].value = masks
        return float(re.findall(r"\d+\.\d+", opened.alt)[-1])  # of one mask, or of the average

    one, many = away(1), away(400)
    assert many < 0.3 * one
    opened.controls["mode"].value = dropout.NOT_SCALED
    assert away(400) > 3 * many
    opened.controls["mode"].value = dropout.TEST
    assert "all 12 hidden neurons speak" in opened.alt
    opened.controls["mode"].value = dropout.SCALED
    opened.controls["rate"].value = 0.0
    assert away(40) == 0


def test_the_small_network_knows_most_digits(data):
    W1, b1, W2, b2 = dropout.small_network()
    hidden = np.maximum(data.test.images.reshape(-1, 784) / 255 @ W1 + b1, 0)
    assert ((hidden @ W2 + b2).argmax(axis=1) == data.test.labels).mean() > 0.8


# Where is it wrong? -------------------------------------------------------------------------------


def test_the_matrix_is_tensorflows():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(10, size=(2, 500))
    expected = tf.math.confusion_matrix(labels, predictions, 10)
    np.testing.assert_array_equal(confusion.confusion_matrix(labels, predictions), expected)


def test_the_worst_come_first():
    labels = np.array([1, 1, 1, 2, 1], np.uint8)
    shares = np.zeros((5, 10))
    shares[:, 1] = 0.4, 0.1, 0.7, 0.6, 0.2
    shares[:, 2] = 0.6, 0.9, 0.3, 0.4, 0.3
    shares[:, 3] = 0, 0, 0, 0, 0.5
    for cell, expected in {
        (1, 2): [1, 0],
        (1, 1): [2],
        (1, confusion.ANY): [1, 4, 0],
        (confusion.ANY, 1): [3],
        (confusion.ANY, confusion.ANY): [1, 4, 0, 3],
        (5, 5): [],
    }.items():
        assert confusion.worst_first(labels, shares, *cell).tolist() == expected


@pytest.mark.slow
def test_a_place_or_the_lists_choose_a_cell(shown, ladder):
    opened = shown(confusion, ladder=ladder)
    assert "All mistakes" in opened.alt
    assert "answer of softmax:" in opened.alt
    assert opened.scene["matrix"].title.startswith("softmax: ")
    opened.point("matrix", 4.2, 2.9)
    assert (opened.controls["truth"].value, opened.controls["answer"].value) == (3, 4)
    assert "Truth 3, answer 4" in opened.alt
    opened.controls["answer"].value = 3
    assert "3, recognised" in opened.alt
    assert "least sure first" in opened.alt
    opened.controls["truth"].value = confusion.ANY
    assert "Mistakes with the answer 3" in opened.alt


def test_a_perfect_network_and_a_single_digit_are_no_trouble(shown, data, ladder):
    labels = data.test.labels[:50]
    opened = shown(confusion, lambda images: np.eye(10)[labels], (data.test.images[:50], labels))
    assert "All mistakes: none" in opened.alt
    assert "answer of this function:" in opened.alt
    one = shown(confusion, ladder.trained("softmax"), (data.test.images[:1], labels[:1]))
    assert ", of one digit:" in one.alt
    fours = labels == 4
    of_fours = data.test.images[:50][fours], labels[fours]
    of_fours = shown(confusion, None, of_fours, ladder=ladder)
    assert of_fours.message == ""


@pytest.mark.parametrize(
    ("network", "data", "words"),
    [
        (lambda images: np.full((len(images), 10), np.nan), None, "NaN"),
        (None, (np.zeros((0, 28, 28)), np.zeros(0)), "no"),
        (None, (np.zeros((2, 28, 28)), np.zeros(3)), r"(3,)"),
        (None, 7, "pair"),
    ],
)
def test_what_cannot_be_judged_is_refused_calmly(shown, ladder, network, data, words):
    assert words in shown(confusion, network, data, ladder=ladder).message


def test_a_run_is_judged_on_its_own_test_digits(shown, data):
    few = digits.Digits(
        data.train, data.validation, digits.Examples(*(p[:30] for p in data.test)), ""
    )
    run = training.start("softmax", few)
    assert "of 30 digits" in shown(confusion, run).alt

"""The playground of the receptive field: a value depends on it and on nothing else."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from course import networks
from course.backend import keras, tf
from course.playgrounds import receptive_field
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.network_maps import convolutions

layers = keras.layers


@pytest.fixture(scope="module")
def convnet():
    """A network with all kinds of windows, and weights that cannot cancel."""
    network = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255)])
    for layer in (
        layers.RandomTranslation(0.1, 0.1),
        layers.Conv2D(2, 6, padding="same", activation="relu"),
        layers.Conv2D(3, (5, 3), strides=2, padding="same", use_bias=False),
        layers.MaxPooling2D((1, 2), strides=1),
        layers.ReLU(),
        layers.Conv2D(4, 4, strides=2, activation="leaky_relu"),
        layers.Flatten(),
        layers.Dense(10),
    ):
        network.add(layer)
    network.set_weights([np.abs(weights) + 0.01 for weights in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def image():
    """An image without a white pixel."""
    return np.random.default_rng(0).integers(1, 256, (28, 28), np.uint8)


@pytest.mark.parametrize(("depth", "row", "column"), [(0, 9, 20), (0, 0, 27), (1, 6, 7), (2, 3, 2)])
def test_a_place_depends_on_its_receptive_field_and_on_nothing_else(
    convnet, image, depth, row, column
):
    found = convolutions(convnet, image / 255)[depth]
    inputs = tf.constant(image[np.newaxis, :, :, np.newaxis] / 255, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        values, count = inputs, -1
        for layer in convnet.layers[2:]:
            if isinstance(layer, layers.MaxPooling2D):  # the maximum hides what else is seen
                layer = layers.AveragePooling2D(layer.pool_size, layer.strides)
            values = layer(values)
            count += isinstance(layer, layers.Conv2D)
            if count == depth:
                break
        value = values[0, row, column, 0]
    seen = np.abs(tape.gradient(value, inputs)[0, :, :, 0]) > 0
    top, left = found.down.begin(row), found.across.begin(column)
    expected = np.zeros((28, 28), bool)
    expected[max(top, 0) : top + found.down.length, max(left, 0) : left + found.across.length] = (
        True
    )
    np.testing.assert_array_equal(seen, expected)


def test_the_numbers_add_up_to_the_value(convnet, image):
    activations = {"relu": lambda x: max(x, 0), "linear": float, "leaky_relu": float}
    for found in convolutions(convnet, image / 255):
        for row, column, channel in ((0, 0, 0), (5, 3, 1)):
            window, weights = found.behind(row, column, channel)
            total = (window * weights).sum() + found.bias[channel]
            value = activations[found.activation](total)
            assert value == pytest.approx(found.maps[row, column, channel], rel=1e-4)


def test_a_part_of_a_network_and_a_run_have_the_same_maps(convnet, image):
    part = keras.Model(convnet.inputs, convnet.layers[3].output)
    part, whole = (
        convolutions(each, image / 255) for each in (part, SimpleNamespace(network=convnet))
    )
    assert (len(part), len(whole)) == (2, 3)
    np.testing.assert_allclose(part[1].maps, whole[1].maps, rtol=1e-5)


def branched():
    """A network in which two layers take what one gives."""
    image = keras.Input((28, 28, 1))
    left, right = (layers.Conv2D(1, 3, padding="same")(image) for _ in range(2))
    return keras.Model(image, layers.Concatenate()([left, right]))


def broken():
    """A network whose weights are NaN."""
    network = networks.convolutional()
    network.set_weights([weights * np.nan for weights in network.get_weights()])
    return network


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (branched, "no feature maps"),
        (networks.softmax, "no feature maps"),
        (lambda: keras.Sequential([layers.Conv2D(1, 3)]), "no feature maps"),
        (lambda: 5, "no feature maps"),
        (broken, "NaN"),
    ],
)
def test_what_has_no_maps_is_refused(make, words):
    with pytest.raises(UnsuitableInput, match=words):
        convolutions(make(), np.zeros((28, 28)))


def test_the_place_that_is_pointed_at_is_told_and_stays_where_it_looks(shown):
    opened = shown(receptive_field)
    opened.point("map", 10.5, 6.2)
    assert "row 6, column 10" in opened.alt
    assert "3 x 3 pixels, from row 5 and column 9 on" in opened.alt
    at, step = opened.scene["digit"].at, opened.scene["digit"].step
    opened.point("digit", at[0] + step[0], at[1])  # as an arrow key does
    assert "row 6, column 11" in opened.alt
    opened.controls["layer"].value = 2
    assert "map of 7 x 7" in opened.alt
    top, left = map(int, re.search(r"from row (-?\d+) and column (-?\d+) on", opened.alt).groups())
    assert abs(top + 5.5 - 6.5) <= 2
    assert abs(left + 5.5 - 11.5) <= 2
    opened.controls["row"].value = opened.controls["column"].value = 6
    assert opened.scene["digit"].note == "what lies beyond the edges is padding"
    assert len(opened.scene["sum"].marks[0]["at"]) == 4
    ticks = opened.stage.scene["panels"][2]["x"]["ticks"]
    assert ticks == [1, 2, 3, 4]  # one by one: the page knows no array here
    sums = opened.scene["sum"].marks[0]["lengths"]
    assert f"sum {sums.sum():.3g}".replace("-", "\N{MINUS SIGN}") in opened.scene.verdict


def test_a_learners_network_and_digit(shown, convnet, image):
    opened = shown(receptive_field, convnet, image)
    assert "6 x 6 pixels" in opened.alt
    opened.controls["layer"].value = 2
    assert "after leaky_relu" in opened.scene.verdict
    assert opened.controls["row"].max == 5
    assert "(27, 28)" in shown(receptive_field, convnet, np.zeros((27, 28))).message

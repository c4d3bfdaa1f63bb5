"""The numbers that the lessons tell, against those of a run: each claim stands in the text.

A lesson is executed with its own answers, its trainings in full, and the claims are looked at as
soon as the cell that they speak of has run.
"""

import json
import re
from typing import NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient

from tests.test_lessons import LESSONS, is_test, source

pytestmark = pytest.mark.timeout(1200)  # a lesson trains networks, on whatever machine this is


class Claim(NamedTuple):
    """Words of a lesson, and what must be true after a cell if they are."""

    cell: str
    words: str
    condition: str


SHIFT = """
from course.training.keras_model import hidden_activations

def share(network, step=0):
    moved = np.roll(X_validation, step, axis=2)
    return network.evaluate(moved, validation_labels, verbose=0)[1]

def answers_to(group):
    written = pictures.other_hands(sevens)[group] / np.float32(255)
    answered = np.argmax(convnet.predict(written[..., np.newaxis], verbose=0), axis=1)
    return np.bincount(answered, minlength=10) / len(answered)

def share_of_scrambled():
    keras.utils.set_random_seed(1)
    network = build_convnet()
    network.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    network.fit(noise.reshape(-1, 28, 28, 1), labels, 100, epochs=4, verbose=0)
    shape = -1, 28, 28, 1
    return network.evaluate(noise_validation.reshape(shape), validation_labels, verbose=0)[1]

def share_of_equal_neighbours(points):
    points = np.asarray(points)
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
    np.fill_diagonal(distances, np.inf)
    return np.mean(validation_labels[distances.argmin(axis=1)] == validation_labels)

def pooled_verdict(size):
    drawn = playgrounds.pooling._Picture(playgrounds.pooling.digit_image(None, otherwise=5))
    return drawn("max", size, 1, 1.0, 0.0, 0, 0).verdict
"""

CAPACITY = """
def learning(count):
    from course.playgrounds.softmax_layer import read_training_and

    training, test = read_training_and(digits.load("embedded"), "test", 2000, 500)
    return playgrounds.capacity.train(tuple(part[:count] for part in training), test, 64)
"""

STARTS = """
def after_epochs(build, start, rate, epochs=6):
    network = build()
    network.set_weights(start().get_weights())
    network.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
    network.fit(images, labels, batch_size=100, epochs=epochs, verbose=0)
    return network.evaluate(test_images, test_labels, verbose=0)[1]
"""

BUILT = """
def built(neurons):
    how = {"activation": "relu", "optimizer": "adam", "learning_rate": 0.003, "count": 3500}
    run = playgrounds.build_network.begin(data, layers=1, neurons=neurons, **how)
    run.advance(1000)
    return run.history.test.accuracy[-1]
"""

CONFUSED = """
import numpy as np

def most_confused(run):
    wrong = np.zeros((10, 10), int)
    answers = run.probabilities(data.test.images).argmax(axis=1)
    np.add.at(wrong, (data.test.labels, answers), 1)
    both = np.triu(wrong + wrong.T, 1)
    return [tuple(int(one) for one in divmod(place, 10)) for place in both.ravel().argsort()[::-1]]

def after(steps, rate=0.5, run=None):
    run = run or training.start("softmax", data)
    run.learning_rate = rate
    run.advance(steps)
    return run
"""

SOFTMAX_TWICE = """
import warnings

def first_loss(from_logits, loss=None):
    keras.utils.set_random_seed(1)
    ends_in_softmax = keras.Sequential(
        [keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")]
    )
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    ends_in_softmax.compile("sgd", loss)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        value = ends_in_softmax.train_on_batch(images[:100], labels[:100])
    return value, " ".join(str(one.message) for one in told)

def unseen(truth, outputs):
    truth = tf.cast(tf.reshape(truth, [-1]), tf.int64)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(truth, outputs)
"""

HALVED = """
def rate_halved_three_times():
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.08), "mse")
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    model.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=4, callbacks=[halve], verbose=0)
    return float(model.optimizer.learning_rate)
"""

WRONG_LABELS = """
def wrong_labels_by_heart():
    keras.utils.set_random_seed(1)
    hidden = [layers.Dense(300, "relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), *hidden, layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=["accuracy"])
    shuffled = keras.random.shuffle(labels, seed=1)
    fit = model.fit(images, shuffled, batch_size=100, epochs=60, verbose=0)
    return max(fit.history["accuracy"])
"""

TRAPS_OF_KERAS = """
import h5py

def running_mean_moves(is_frozen):
    base = keras.Sequential([keras.Input((2,)), layers.BatchNormalization()])
    base.layers[0].trainable = not is_frozen
    inputs = keras.Input((2,))
    model = keras.Model(inputs, layers.Dense(1)(base(inputs, training=False)))
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 2)), np.ones((8, 1)), verbose=0)
    return np.any(base.layers[0].moving_mean.numpy() != 0)

def optimiser_in_file_and_in_a_new_model():
    path = Path(tempfile.mkdtemp()) / "convnet.weights.h5"
    convnet.save_weights(path)
    new = build_convnet()
    new.compile("adam", loss)
    new.load_weights(path)
    assert all(map(np.array_equal, new.get_weights(), convnet.get_weights()))
    with h5py.File(path) as file:
        steps = int(file["optimizer"]["vars"]["0"][()])
    return steps, int(new.optimizer.iterations)
"""

MISSPELT_CURVE = """
def error_of_a_misspelt_curve(mode):
    stopping = keras.callbacks.EarlyStopping("val_acc", patience=1, mode=mode)
    try:
        few = final.fit(*held_out, epochs=3, validation_data=held_out, callbacks=[stopping])
        return len(few.epoch)
    except ValueError as error:
        return str(error)
"""

# What the conditions of a lesson need beside its own names.
HELPERS = {
    "00-first-look": CONFUSED,
    "03-multiple-layers": SOFTMAX_TWICE + STARTS + BUILT + HALVED,
    "04-backpropagation": "from course.pictures.gradient_bars import gradient_sizes",
    "05-overfitting-dropout": CAPACITY + MISSPELT_CURVE,
    "06-convolution": SHIFT + TRAPS_OF_KERAS,
    "07-clinic": WRONG_LABELS,
}

CLAIMS = {
    "00-first-look": [
        Claim("first-run", "the 3,500 from which the network", "len(data.train.labels) == 3500"),
        Claim("first-run", "just 1,000", "len(data.test.labels) == 1000"),
        Claim(
            "first-run",
            "first passes 80% after nine steps, and stays above it from the eighteenth on",
            "(at := [fresh.advance(1) and fresh.history.test.accuracy[-1] > 0.8"
            " for fresh in [training.start('softmax', data)] for _ in range(100)]).index(True) == 8"
            " and at[:17].count(False) and not at[16] and all(at[17:])",
        ),
        Claim(
            "play-confusion",
            "After 200 steps 2 and 3 lead, ahead of 7 and 9",
            "most_confused(after(200))[:2] == [(2, 3), (7, 9)]",
        ),
        Claim(
            "play-confusion",
            "after 1,000 steps it is 4 and 9",
            "most_confused(after(1000))[0] == (4, 9)",
        ),
        Claim(
            "show-weights",
            "biases lie within about -1.5 and 1.5",
            "1.2 < abs(after(1000).network.get_weights()[1]).max() < 1.7",
        ),
        Claim(
            "epochs",
            "After 1,000 steps each training digit has been shown 28.6 times, since an epoch has "
            "35 steps; after 200 steps, 5.7",
            "(one := steps(len(data.train.labels), run.batch_size)) == 35"
            " and round(1000 / one, 1) == 28.6 and round(200 / one, 1) == 5.7",
        ),
        Claim(
            "play",
            "after 1,000 steps the loss has only come down to about 1.55",
            "1.50 < after(1000, rate=0.001).history.test.loss[-1] < 1.60",
        ),
        Claim(
            "play",
            "the loss shoots up into the hundreds",
            "100 < max((wild := after(100, 50, after(300))).history.training.loss) < 1000",
        ),
        Claim(
            "play",
            "The *loss* does not: it stays around 8, where 0.36 would be normal",
            "0.87 < after(400, run=wild).history.test.accuracy[-1] < 0.91"
            " and 6.5 < wild.history.test.loss[-1] < 9.5"
            " and 0.34 < after(1000).history.test.loss[-1] < 0.38",
        ),
        Claim(
            "play",
            "The weights have grown beyond ±20",
            "abs(wild.network.get_weights()[0]).max() > 20",
        ),
    ],
    "01-softmax": [
        Claim("one-neuron", "+ 0.5 = 2.", "x @ w + 0.5 == 2"),
        Claim("training", "About nine digits in ten", "0.88 < measure(Y, test.labels) < 0.92"),
        Claim("show-mistakes", "Of the 106 mistakes", "(predictions != test.labels).sum() == 106"),
        Claim(
            "show-mistakes",
            "about a tenth are made with a confidence of 90% or more",
            "0.07 < (Y.max(axis=1) >= 0.9)[predictions != test.labels].mean() < 0.13",
        ),
        Claim(
            "confusion",
            "eight fives were read as eights, ahead of six nines that were read as fours",
            "(table := tf.math.confusion_matrix(test.labels, predictions).numpy())[5, 8] == 8"
            " and table[9, 4] == 6 and sorted((table * (1 - np.eye(10))).ravel())[-3] <= 6",
        ),
        Claim("show-doubts", "no confidence is above 56%", "0.55 < Y[order][:5].max() < 0.56"),
    ],
    "02-gradient-descent": [
        Claim(
            "measure-rules",
            "dL/dw = 4 · 2 = 8 and dL/db = 4: the measurement",
            "np.allclose(measured(squared_error, np.array([3.0, 1.0])), [8, 4])",
        ),
        Claim(
            "compare",
            "Practically zero",
            "np.abs(slopes - formula(few, T, W, b)[0]).max() < 1e-8",
        ),
        Claim(
            "show-distances",
            "after ten steps the truth has a probability of 0.89 with the cross-entropy, and 0.86"
            " with the squared distance",
            "[round(float(two_distances.descent(pull, 0.3, 0.5)[10]), 2) for pull in"
            " (two_distances.pull_of_cross_entropy, two_distances.pull_of_squared_distance)]"
            " == [0.89, 0.86]",
        ),
        Claim(
            "own-train",
            "gives `[[0.5, -0.5]]` for W and `[0.25, -0.25]` for b",
            "(small := fit(np.float32([[2]]), np.float32([[1, 0]]), np.zeros((1, 2), np.float32),"
            " np.zeros(2, np.float32), 0.5, 1, 1, rng)) and np.allclose(small[0], [[0.5, -0.5]])"
            " and np.allclose(small[1], [0.25, -0.25])",
        ),
        Claim(
            "live",
            "each of them stays 0.01 larger",
            "(starts := [OwnNetwork() for _ in range(2)])"
            " and setattr(starts[1], 'W', np.full((784, 10), 0.01, np.float32)) is None"
            " and all(Run(one, data, learning_rate=0.5).advance(100) for one in starts)"
            " and np.allclose(starts[1].W - starts[0].W, 0.01, atol=1e-5)",
        ),
        Claim("own-train", "About the same", "0.88 < np.mean(answers == data.test.labels) < 0.92"),
        Claim(
            "live",
            "it passes 50% within ten steps, and after 1,000 it is 79%",
            "(slow := Run(OwnNetwork(), data, learning_rate=0.001)) is not None"
            " and max([slow.advance(1) and slow.history.test.accuracy[-1] for _ in range(10)])"
            " > 0.5 and slow.advance(990) and 0.77 < slow.history.test.accuracy[-1] < 0.81",
        ),
        Claim("first-tape", "For w it is 8, as before", "float(dw) == 8 and dx is None"),
        Claim("first-tape", "from 3 to 2.2", "abs(float(w) - 2.2) < 1e-6"),
        Claim(
            "compare-tape",
            "They agree, up to the rounding",
            "np.abs(by_tape - by_formula).max() < 1e-6",
        ),
    ],
    "03-multiple-layers": [
        Claim("single", "7,850 in the dense layer", "model.count_params() == 7850"),
        Claim(
            "fit-single",
            "with metrics returns a list: the loss, and then the metrics",
            "isinstance(model.evaluate(test_images, test_labels, verbose=0), list)",
        ),
        Claim(
            "fit-single",
            "about 0.36, and then the accuracy, about 89%",
            "0.33 < (end := model.evaluate(test_images, test_labels, verbose=0))[0] < 0.39"
            " and 0.88 < end[1] < 0.905",
        ),
        Claim(
            "fit-single",
            "`predict` returns the outputs, a NumPy array of the shape `(n, 10)`",
            "isinstance(out := model.predict(images[:3], verbose=0), np.ndarray)"
            " and out.shape == (3, 10)",
        ),
        Claim(
            "fit-single",
            "`compile` changes no weights",
            "(old := model.get_weights()) and model.compile(keras.optimizers.SGD(0.5), loss,"
            " metrics=['accuracy']) is None"
            " and all(np.array_equal(*pair) for pair in zip(old, model.get_weights()))",
        ),
        Claim("slow-start", "185,300 parameters", "slow.count_params() == 185300"),
        Claim(
            "slow-start",
            "The loss lies flat at 2.30",
            "all(2.29 < loss < 2.33 for loss in history.history['loss'])",
        ),
        Claim(
            "train-relu",
            "above 90%, more than the single layer reached",
            "quick.evaluate(test_images, test_labels, verbose=0)[1] > 0.90",
        ),
        Claim(
            "train-relu",
            "From sigmoid's starting weights it would learn, too, only more slowly; the sigmoid"
            " network, in as many steps, learns little or nothing from either",
            "after_epochs(networks.five_layers_relu, networks.five_layers_sigmoid, 0.2) > 0.85"
            " and sum(after_epochs(networks.five_layers_relu, networks.five_layers_sigmoid, 0.2, 2)"
            " - after_epochs(networks.five_layers_relu, networks.five_layers_relu, 0.2, 2)"
            " for _ in range(5)) < 0"
            " and after_epochs(networks.five_layers_sigmoid, networks.five_layers_relu, 0.5) < 0.4"
            " and after_epochs(networks.five_layers_sigmoid, networks.five_layers_sigmoid, 0.5)"
            " < 0.2",
        ),
        Claim("infinite", "Infinite, for more than half", "np.isinf(losses).mean() > 0.5"),
        Claim(
            "endings",
            "Softmax of the two logits z and 0 gives",
            "np.allclose(tf.nn.softmax([1.5, 0.0]), [tf.sigmoid(1.5), 1 - tf.sigmoid(1.5)])",
        ),
        Claim(
            "endings",
            "The first three agree. The fourth",
            "np.ptp([float(own_loss(logits, truth)), float(chosen('multi-class')(truth, logits)),"
            " float(one_hot_loss(tf.one_hot(truth, 10), logits))]) < 0.01"
            " and 1 < float(forgetful(truth, logits)) < 20",
        ),
        Claim(
            "endings",
            "warns (*received `from_logits=True`, but the `output` argument was produced by a"
            " Softmax activation*), and takes the logits from before it",
            "(seen := first_loss(True)) and seen[0] == first_loss(False)[0]"
            " and 'but the `output` argument was produced by a Softmax activation' in seen[1]",
        ),
        Claim(
            "endings",
            "with a loss function of your own or with outputs that are plain arrays, softmax really"
            " is applied twice",
            "abs(first_loss(True)[0] - first_loss(True, unseen)[0]) > 0.01 and float(one_hot_loss("
            "np.eye(10), np.eye(10))) > 1.46",
        ),
        Claim(
            "show-signals",
            "should be close to 0.05",
            "0.049 < draw(800, 100, np.random.default_rng(0)).std() < 0.051",
        ),
        Claim("show-saddle", "v grows to 10·g", "abs(sum(0.9**k for k in range(200)) - 10) < 1e-6"),
        Claim(
            "show-saddle",
            "the one with 30 hidden neurons reads 91% or more, with 23,860 parameters",
            "built(30) > 0.9 and playgrounds.build_network.parameters(1, 30) == 23_860",
        ),
        Claim("show-saddle", "reads fewer digits than without", "built(5) < 0.88"),
        Claim(
            "rescue",
            "reads at least four test digits in five",
            "rescued.evaluate(test_images, test_labels, verbose=0)[1] > 0.78",
        ),
        Claim(
            "fit-own",
            "about 92% of the test digits",
            "0.90 < model.evaluate(new, test_labels, verbose=0)[1] < 0.945",
        ),
        Claim(
            "compare-rates",
            "usually ends lower. So does the training loss",
            "all(curves['decay'][name][-1] < curves['constant'][name][-1] + 0.05"
            " for name in ('val_loss', 'loss'))",
        ),
        Claim(
            "compare-rates",
            "A function with two arguments is given the epoch and the rate so far",
            "abs(rate_halved_three_times() - 0.01) < 1e-6",
        ),
    ],
    "04-backpropagation": [
        Claim(
            "measure-neuron",
            "-8 and 4, both times",
            "np.allclose(through(x, w, b, slope=-4.0)[1], [-8, 4])"
            " and np.allclose(lesson_2.numerical_gradient(loss_by_weights, w), [-8, 4])",
        ),
        Claim("gradient-check", "Nothing but rounding", "np.abs(by_hand - measured).max() < 1e-7"),
        Claim(
            "own-run",
            "It gets almost as far",
            "(own := Run(TwoLayers(), data, learning_rate=0.2)).advance(300)"
            " and 0.90 < own.history.test.accuracy[-1] < 0.935",
        ),
        Claim(
            "own-run",
            "After 100 steps the network reads about two test digits in ten",
            "(zeros := TwoLayers()) and [zeros.parameters[name].fill(0) for name in ('W1', 'W2')]"
            " and (own := Run(zeros, data, learning_rate=0.2)).advance(100)"
            " and 0.15 < own.history.test.accuracy[-1] < 0.3",
        ),
        Claim(
            "show-gradients",
            "the gradients of all layers are within a factor of ten",
            "max(sizes := gradient_sizes(both['ReLU'], data.train)) < 10 * min(sizes)"
            " and 1000 * (fading := gradient_sizes(both['sigmoid'], data.train))[0] < fading[-1]",
        ),
        Claim(
            "tape-neuron",
            "-4, -4, (-8, 4) and (-12, -4)",
            "[tape.gradient(L, one).numpy().tolist() for one in (z, b, w, x)]"
            " == [-4, -4, [-8, 4], [-12, -4]]",
        ),
        Claim(
            "tape",
            "Rounding again, now that of `float32`",
            "max(np.abs(taped[name] - by_hand[name]).max() for name in p) < 1e-5",
        ),
        Claim("own-loop", "35 steps", "len(losses) == 35"),
        Claim("own-loop", "the mean loss is near 0.1", "0.05 < float(np.mean(losses)) < 0.15"),
        Claim(
            "fit-again",
            "Close together, from the first epoch to the last",
            "abs(history.history['loss'][-1] - float(np.mean(losses))) < 0.04",
        ),
        Claim(
            "move-pixels",
            "after moves uphill, only one or two in ten",
            "0.05 < np.mean(answers == test_labels) < 0.25",
        ),
    ],
    "05-overfitting-dropout": [
        Claim("few", "makes no mistake on its own 300", "first.history['accuracy'][-1] == 1"),
        Claim(
            "few",
            "about five in six of the others",
            "0.80 < first.history['val_accuracy'][-1] < 0.86",
        ),
        Claim(
            "few",
            "**turns, and climbs**",
            "min(first.history['val_loss']) < 0.95 * first.history['val_loss'][-1]",
        ),
        Claim(
            "leak",
            "Half of the errors are gone",
            "0.35 < (1 - leaking[1]) / (1 - honest[1]) < 0.65",
        ),
        Claim("split-used", "only 8s and 9s", "set(last_fifth) == {8, 9}"),
        Claim(
            "by-person",
            "is honest, though with only 60 people luck can move the figure a little",
            "abs(said[1] - true[1]) < 0.08 and 0.80 < true[1] < 0.90",
        ),
        Claim(
            "choose",
            "more than twice as good as guessing",
            "best[:100].mean() > 0.2 and 0.05 < best[100:].mean() < 0.15",
        ),
        Claim(
            "capacity",
            "know their 20 digits perfectly, and read fewer than half of the test digits",
            "(few := learning(20)).train_accuracies[-1] == 1 and few.test_accuracies[-1] < 0.5",
        ),
        Claim(
            "capacity",
            "the gap is down to about five in a hundred",
            "0.03 < learning(2000).gap < 0.07",
        ),
        Claim(
            "stop-used",
            "stopped at epoch 10 and gone back to epoch 5",
            "3 <= best <= 8 and stop == best + 5",
        ),
        Claim(
            "dropped",
            "A quarter zeros, survivors of 1 / 0.75 = 1.33, a mean of about 1",
            "all(abs((one == 0).mean() - 0.25) < 0.02 and abs(one.max() - 4 / 3) < 1e-6"
            " and abs(one.mean() - 1) < 0.02 for one in (yours, of_keras))",
        ),
        Claim(
            "tries",
            "ends after about 8 of the 12 epochs, and takes the weights back to the lowest point "
            "of the loss, 0.53 instead of 0.62 at the end",
            "6 <= len(fits['early stopping'].epoch) <= 11"
            " and 0.50 < min(fits['early stopping'].history['val_loss']) < 0.56"
            " and 0.58 < fits['nothing'].history['val_loss'][-1] < 0.67",
        ),
        Claim(
            "tries",
            "they help more than everything else together",
            "(most := {name: max(fit.history['val_accuracy']) for name, fit in fits.items()})"
            " and max(most, key=most.get) == 'more digits'",
        ),
        Claim(
            "tries",
            "even the training loss stays near 2.30",
            "[keras.utils.set_random_seed(1), silenced := build(0.95, 0),"
            " silenced.compile(keras.optimizers.Adam(0.003), loss), silenced.fit(few_images,"
            " few_labels, batch_size=51, epochs=12, verbose=0)]"
            " and 2.2 < silenced.evaluate(few_images, few_labels, verbose=0) < 2.35",
        ),
        Claim("tested-once", "178,110 parameters", "final.count_params() == 178110"),
        Claim(
            "tested-once",
            "the test accuracy, about 93%",
            "0.915 < final.evaluate(test.images / np.float32(255), test.labels, verbose=0)[1]"
            " < 0.95",
        ),
        Claim(
            "tested-once",
            "Your `early_stopping` and the callback agree",
            "len(history.epoch) == int(by_hand[0]) + 1",
        ),
        Claim(
            "five",
            "`fit` stops with an error that asks for a `mode`. Correct the name instead: with a "
            "`mode`, Keras only warns, and never stops early",
            "'mode=' in error_of_a_misspelt_curve('auto')"
            " and error_of_a_misspelt_curve('max') == 3",
        ),
        Claim("five", "An accuracy of 92%", "0.905 < np.mean(says_five == is_five) < 0.935"),
        Claim("five", "about four in five of the 5s are missed", "0.1 < recall < 0.3"),
        Claim("five", "it is nearly always right", "precision > 0.8"),
        Claim(
            "five",
            "Recall rises from a fifth to some three fifths, precision falls from five sixths to "
            "little more than a half",
            "(often := detector.predict(X_validation, verbose=0)[:, 0] > -2) is not None"
            " and 0.5 < np.mean(often[is_five]) < 0.7 and 0.45 < np.mean(is_five[often]) < 0.65",
        ),
        Claim(
            "five",
            "the detector finds about half of the 5s",
            "[keras.utils.set_random_seed(1), weighted := prepare(keras.Sequential("
            "[keras.Input((28, 28)), layers.Flatten(), layers.Dense(1)])), weighted.fit("
            "few_images, few_labels == 5, epochs=20, class_weight={0: 1, 1: 9}, verbose=0)]"
            " and 0.35 < weighted.evaluate(X_validation, is_five, verbose=0)[2] < 0.65",
        ),
    ],
    "06-convolution": [
        Claim(
            "scramble",
            "it does as well as the other one does on the digits themselves",
            "abs(read[1] - share(single_layer(X))) < 0.04",
        ),
        Claim("scramble", "at four pixels, most are wrong", "share(single_layer(X), 4) < 0.5"),
        Claim(
            "scramble",
            "The single layer read about 90% of the validation digits",
            "0.87 < share(single_layer(X)) < 0.93",
        ),
        Claim("one-place", "27, 27, -27", "by_hand == [27, 27, -27]"),
        Claim(
            "show-pooled",
            "changes by 44%, after max pooling of 2 x 2 by 29%, of 4 x 4 by 23%",
            "'by 43.8%' in (two := pooled_verdict(2)) and 'by 29.1%' in two"
            " and 'by 22.7%' in pooled_verdict(4)",
        ),
        Claim(
            "show-pooled",
            "36 multiplications instead of 784, 22 times fewer, while the parameters are over "
            "16,000 times fewer",
            "round(784 / 6**2) == 22 and 785 * 4704 / 222 > 16_000",
        ),
        Claim(
            "train-normalised",
            "they read three digits in four, or more, after two epochs",
            "share(deep) > 0.65",
        ),
        Claim(
            "train-normalised",
            "Their largest activations stay below 20",
            "max(map(np.max, hidden_activations(deep)(X_validation[:100]).values())) < 20",
        ),
        Claim("train", "235,400 of the 244,076 parameters", "convnet.count_params() == 244076"),
        Claim("train", "About 96%, after four looks", "0.945 < share(convnet) < 0.975"),
        Claim(
            "train",
            "about 92% instead of 96%",
            "0.90 < share_of_scrambled() < 0.94",
        ),
        Claim("train", "far better than the single layer", "share(convnet, 1) > 0.9"),
        Claim(
            "show-errors",
            "For five or six digits in ten, the nearest neighbour in the plane is of the same"
            " class; among all 200 numbers, for 95 in a hundred",
            "0.45 < share_of_equal_neighbours(in_plane) < 0.65"
            " and 0.92 < share_of_equal_neighbours(hidden) < 0.98",
        ),
        Claim(
            "train-augmented",
            "a shift of two pixels costs next to nothing",
            "share(convnet, 2) > share(convnet) - 0.02",
        ),
        Claim(
            "show-outside",
            "A third or more of the crossed 7s are lost, nearly all of them to the 9s",
            "(shares := answers_to('C'))[7] <= 0.7 and shares[9] > 0.8 * (1 - shares[7])",
        ),
        Claim(
            "show-outside",
            "harder for this network: it reads a smaller share of it than of the validation digits."
            " Worst is the 1",
            "(printed_digits := pictures.draw_font_digits()) and (misread :="
            " pictures._answers(convnet, printed_digits[0]) != printed_digits[1]).mean()"
            " > 1 - share(convnet)"
            " and np.bincount(printed_digits[1][misread], minlength=10).argmax() == 1",
        ),
        Claim(
            "show-outside",
            "of all these it reads nine in ten",
            "all(answers_to(group)[7] >= 0.88 for group in 'ABD')",
        ),
        Claim(
            "show-outside",
            "a frozen `BatchNormalization` uses its running statistics even in training",
            "not running_mean_moves(is_frozen=True)",
        ),
        Claim(
            "show-outside",
            "in a functional model of Keras 3, `fit` overrides that",
            "running_mean_moves(is_frozen=False)",
        ),
        Claim(
            "show-outside",
            "the file also holds the state of its optimiser, but a newly built model does not "
            "take it",
            "(steps := optimiser_in_file_and_in_a_new_model())[0] > 0 and steps[1] == 0",
        ),
        Claim(
            "show-outside",
            "divided by 255 twice, this network does no better than guessing",
            "convnet.evaluate(X_validation / 255, validation_labels, verbose=0)[1] < 0.2",
        ),
        Claim(
            "show-outside",
            "of inverted digits this network reads about one in ten, and is nearly as sure as ever",
            "(said := tf.nn.softmax(convnet.predict(1 - X_validation, verbose=0)).numpy())"
            ".max(axis=1).mean() > 0.8"
            " and np.mean(said.argmax(axis=1) == validation_labels) < 0.25",
        ),
    ],
    "07-clinic": [
        Claim(
            "set-up",
            "near ln 10 = 2.30, and a tenth",
            "2.2 < (start := model.evaluate(images, labels, verbose=0))[0] < 2.8"
            " and 0.03 < start[1] < 0.2",
        ),
        Claim(
            "healthy",
            "all of about the same size",
            "max(norms := [float(tf.norm(one)) for one in gradients[::2]]) < 10 * min(norms)",
        ),
        Claim(
            "show-ten-digits", "knows its ten digits by heart after 60 steps", "losses[-1] < 0.1"
        ),
        Claim(
            "show-10",
            "Patient 10 starts at 3.35",
            "(first := [(run := clinic.patient(one)).advance(1) and run.history.training.loss[0]"
            " for one in range(1, 11)]) and round(float(first[9]), 2) == 3.35 and first[2] > 100"
            " and all(1.8 < loss < 2.8 for loss in first[:2] + first[3:9])",
        ),
        Claim(
            "show-ten-digits",
            "Patients 4, 5, 8 and 10 learn theirs perfectly, too",
            "[one for one in range(1, 11) if clinic.learn_by_heart(one, 60)[-1] < 0.1]"
            " == [4, 5, 8, 10]",
        ),
        Claim(
            "show-ten-digits",
            "the training accuracy creeps up, in a large network all the way to 100%",
            "wrong_labels_by_heart() > 0.99",
        ),
    ],
}


def in_one_line(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_is_looked_at_stands_in_the_text(lesson):
    cells = source(lesson).cells
    told = in_one_line("\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    ids = {cell.id for cell in cells if cell.cell_type == "code"}
    for claim in CLAIMS[lesson]:
        assert claim.words in told
        assert claim.cell in ids


@pytest.mark.weekly
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_run_shows_what_the_text_tells(lesson, tmp_path):
    notebook = source(lesson)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or is_test(cell) or cell.id == "train-challenger":
            continue
        cells.append(cell)
        for claim in CLAIMS[lesson]:
            if claim.cell == cell.id:
                text = f"{HELPERS.get(lesson, '')}\nassert {claim.condition}"
                cells.append(nbformat.v4.new_code_cell(text, metadata={"words": claim.words}))
    notebook.cells = cells
    NotebookClient(
        notebook, timeout=400, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    wrong = [
        (cell.metadata.get("words", cell.id), output.ename, output.evalue)
        for cell in cells
        for output in cell.outputs
        if output.output_type == "error"
    ]
    assert not wrong, json.dumps(wrong, indent=1)

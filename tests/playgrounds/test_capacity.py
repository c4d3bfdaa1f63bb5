"""The playground of capacity: it learns as Keras does, and overfitting appears and goes."""

import numpy as np
import pytest

from course.playgrounds import capacity, softmax_layer


@pytest.fixture(scope="module")
def splits(data):
    return softmax_layer.read_training_and(data, "test", 1000, 300)


def learn(splits, neurons, count):
    training, test = splits
    return capacity.train(tuple(part[:count] for part in training), test, neurons)


def test_it_starts_by_guessing_and_tells_how_it_learns(splits):
    found = learn(splits, 16, 500)
    assert found.steps[[0, -1]].tolist() == [0, capacity.STEPS]
    assert found.train_losses[0] == pytest.approx(np.log(10), rel=0.3)
    assert found.train_losses[-1] < 0.3 * found.train_losses[0]
    assert found.test_accuracies[-1] > 0.75


def test_the_same_start_gives_the_same_network(splits):
    np.testing.assert_array_equal(learn(splits, 4, 50), learn(splits, 4, 50))


def test_few_digits_are_learned_by_heart_and_more_are_not(splits):
    few, many = learn(splits, 32, 20), learn(splits, 32, 1000)
    assert few.train_accuracies[-1] == 1
    assert few.gap > 0.3 > 2 * many.gap
    assert few.test_losses[-1] > few.test_losses.min() + 0.3
    assert capacity.diagnose(few)[1] == "paused"


@pytest.mark.parametrize(
    ("gap", "words"),
    [(0.3, "overfitting"), (0.106, "11 percentage points"), (0.046, "nearly as well")],
)
def test_the_verdict_fits_the_gap(gap, words):
    ends = np.ones(1)
    found = capacity.Learning(ends, ends, ends, ends, ends - gap)
    assert words in capacity.diagnose(found)[0]


def test_a_single_neuron_is_too_small(splits):
    assert capacity.diagnose(learn(splits, 1, 1000))[1] == "diverged"


def test_what_was_tried_stays_in_the_table_and_can_be_pointed_at(shown, data):
    opened = shown(capacity, data)
    assert "64 hidden neurons, 50,890 parameters in all, trained on 20 digits" in opened.alt
    opened.controls["neurons"].value = 4
    gaps = opened.scene["table"].marks[0]["values"]
    assert np.isfinite(gaps).sum() == 2
    column, row = opened.scene["table"].at
    opened.point("table", column - 1, row + 1)
    assert (opened.controls["neurons"].value, opened.controls["count"].value) == (2, 50)
    assert "2 hidden neurons" in opened.alt


def test_each_training_is_told_while_it_lasts(shown, data):
    opened = shown(capacity, data)
    told = []
    opened.stage.observe(lambda change: told.append(change.new), "message")
    for neurons in (4, 64, 4):
        opened.controls["neurons"].value = neurons
    assert told == ["training…", ""], "the networks of before are known"
    opened.controls["count"].value = 50
    assert told[2:] == ["training…", ""]


def test_one_split_alone_is_not_enough(data):
    assert "all splits" in capacity.show(data.train, live=False).alt


def test_no_more_digits_are_offered_than_there_are():
    assert capacity.counts_for(70) == [20, 50, 70]

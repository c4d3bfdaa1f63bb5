"""What the checks measure: orders, turns, chances, a chain of dense layers."""

import numpy as np
import pytest

from course.backend import keras
from course.check.engine import chances, orders, turns
from course.check.engine.dense_chain import DenseChain
from course.check.references import lesson_02_gradient_descent as reference


def trained(rng, n=20, batch_size=1, epochs=1):
    """How far training moves the weights of each example."""
    settings = {"learning_rate": 1.0, "batch_size": batch_size, "epochs": epochs}
    W, _b = reference.train(**turns.examples_apart(n), **settings, rng=rng)
    return W[:, 0]


def test_weights_tell_the_turns_of_the_examples_in_two_epochs():
    rng = np.random.default_rng(1)
    first, second = rng.permutation(20), rng.permutation(20)
    moved = trained(np.random.default_rng(1))
    assert turns.order_of(moved).tolist() == first.tolist()
    np.testing.assert_allclose(turns.moves(first), moved, rtol=1e-5)
    moved = trained(np.random.default_rng(1), epochs=2)
    assert turns.second_order(moved, turns.moves(first)).tolist() == second.tolist()


def test_weights_tell_which_examples_share_a_mini_batch():
    order = np.random.default_rng(1).permutation(20)
    batches = turns.batches_of(trained(np.random.default_rng(1), batch_size=4))
    assert batches == {tuple(sorted(part)) for part in order.reshape(5, 4).tolist()}
    assert turns.neighbours_within({(0, 1, 2, 7), (3, 5, 9)}) == 2


def test_an_order_is_mixed_within_batches_and_across_them():
    rng, given = np.random.default_rng(1), np.arange(500)
    order = rng.permutation(500)
    batches = [given[start : start + 7] for start in range(0, 500, 7)]
    assert orders.is_mixed(order, 7)
    assert orders.is_permutation(order, 500)
    assert not orders.has_equal_steps(order)
    assert orders.has_equal_steps(given[::-1])
    assert not orders.is_mixed(np.concatenate([rng.permutation(part) for part in batches]), 7)
    rng.shuffle(batches)
    assert not orders.is_mixed(np.concatenate(batches), 7)
    assert orders.pairs_together(order, order[::-1], 5) == 1000
    assert orders.pairs_together(order, rng.permutation(500), 7) < 45
    assert orders.never_moved([given[::-1], [*given[:3], *given[3:][::-1]]]) == []
    assert orders.never_moved([np.array([0, 2, 1]), np.array([0, 1, 2])]) == [0]


def test_draws_have_a_chance_and_are_independent():
    rng = np.random.default_rng(1)
    draws, others = rng.random((2, 90, 70)) < 0.3
    assert not chances.is_off(draws.mean(), 0.3, draws.size)
    assert chances.is_off(draws.mean(), 0.4, draws.size)
    assert not chances.are_linked(draws, others, 0.3)
    assert chances.are_linked(draws, draws, 0.3)
    rows = np.repeat(draws[:, :1], 70, axis=1)
    assert [chances.vary_together(rows, axis, 0.3) for axis in (1, 0)] == [True, False]
    assert not any(chances.vary_together(draws, axis, 0.3) for axis in (1, 0))


def test_what_dropout_silenced_tells_its_rate():
    kept = np.random.default_rng(1).random((400, 9)) >= 0.25
    silencing = chances.Silencing.of(kept / 0.75)
    assert silencing.rate == pytest.approx(0.25)
    assert silencing.share == pytest.approx(1 - kept.mean())
    assert chances.Silencing.of(kept * 1.0) is None
    assert chances.Silencing.of(kept * np.linspace(1, 2, 9)) is None


@pytest.mark.parametrize(
    ("activation", "is_bent", "is_apart"),
    [("relu", True, True), ("linear", False, True), ("softmax", True, False)],
)
def test_a_chain_of_layers_tells_what_a_hidden_layer_does(activation, is_bent, is_apart):
    layers = keras.layers
    hidden = [layers.Dense(12, activation="relu"), layers.Dense(11, activation=activation)]
    model = keras.Sequential([keras.Input((4, 5)), layers.Flatten(), *hidden, layers.Dense(10)])
    chain = DenseChain(model, (4, 5), (20, 12, 11, 10))
    assert list(chain.hidden) == [1, 2]
    sums = np.arange(10.0)
    np.testing.assert_allclose(chain.ending(sums), [sums] * 3)
    assert [chain.has_neurons_apart(number) for number in chain.hidden] == [True, is_apart]
    assert [chain.bends(number) for number in chain.hidden] == [True, is_bent]
    other = DenseChain(model, (4, 5), (20, 12, 13, 10))
    assert other.places is None

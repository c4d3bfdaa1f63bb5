"""The quick steps are Keras's own steps, to rounding; everything else is left to Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course.training import fused


def variables():
    rng = np.random.default_rng(0)
    return [keras.Variable(rng.normal(size=shape).astype("float32")) for shape in ((3, 2), (2,))]


def gradients(step):
    rng = np.random.default_rng(step + 1)
    return [tf.constant(rng.normal(size=shape), tf.float32) for shape in ((3, 2), (2,))]


def after(apply, make, steps=5):
    """The variables after some steps, with a rate that changes on the way."""
    optimizer, trained = make(), variables()
    optimizer.build(trained)
    for step in range(steps):
        optimizer.learning_rate = 0.1 / (step + 1)
        apply(optimizer, gradients(step), trained)
    assert int(optimizer.iterations) == steps
    return [variable.numpy() for variable in trained]


def by_keras(optimizer, slopes, trained):
    optimizer.apply(slopes, trained)


@pytest.mark.parametrize(
    "make",
    [
        keras.optimizers.SGD,
        keras.optimizers.Adam,
        lambda: keras.optimizers.Adam(beta_1=0.5, beta_2=0.9, epsilon=0.1),
        lambda: keras.optimizers.Adam(amsgrad=True),
        lambda: keras.optimizers.Adam(weight_decay=0.1),
        lambda: keras.optimizers.Adam(global_clipnorm=0.5),
        lambda: keras.optimizers.SGD(momentum=0.9),
        lambda: keras.optimizers.SGD(clipvalue=0.1),
        keras.optimizers.RMSprop,
        keras.optimizers.Nadam,
    ],
)
def test_a_step_is_the_step_of_keras(make):
    for ours, theirs in zip(after(fused.apply, make), after(by_keras, make), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_constraint_is_kept():
    def constrained(apply):
        optimizer = keras.optimizers.SGD(1.0)
        trained = [keras.Variable(np.ones(2, "float32"))]
        trained[0].constraint = keras.constraints.NonNeg()
        optimizer.build(trained)
        apply(optimizer, [tf.constant([5.0, -5.0])], trained)
        return trained[0].numpy()

    np.testing.assert_allclose(constrained(fused.apply), constrained(by_keras))


def test_the_plain_optimisers_are_quick():
    """Otherwise the tests above compare Keras with itself."""
    for make, quick in (
        (keras.optimizers.SGD, True),
        (keras.optimizers.Adam, True),
        (keras.optimizers.RMSprop, False),
        (lambda: keras.optimizers.SGD(momentum=0.9), False),
    ):
        optimizer, trained = make(), variables()
        optimizer.build(trained)
        assert fused.is_fused(optimizer, gradients(0), trained) is quick

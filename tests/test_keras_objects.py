"""Keras objects as arguments: described by plain data, and made again from it."""

from dataclasses import replace

import numpy as np
import pytest

from course.backend import keras, tf
from course.check.engine import keras_objects
from course.check.engine.keras_objects import described, make, path_of


def trained_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        run_eagerly=True,
    )
    model.train_on_batch(np.ones((4, 3)), np.zeros(4))
    return model


def test_a_model_is_made_again_with_its_weights_and_the_state_of_its_optimizer():
    model = trained_model()
    (again,) = make([described(model).plain()])
    for each in (model, again):
        each.train_on_batch(np.eye(3), np.array([0, 1, 0]))
    assert again is not model
    assert again.optimizer.iterations == 2
    for first, second in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_fit_is_cut_short_and_its_history_says_how_long_it_was_to_be():
    (model,) = make([replace(described(trained_model()), max_epochs=2).plain()])
    digits = np.eye(3), np.array([0, 1, 0])
    for history in (model.fit(*digits, epochs=5, verbose=0), model.fit(*digits, 3, 5, 0)):
        assert len(history.epoch) == 2
        assert history.params["epochs"] == 5
    assert len(model.fit(*digits, verbose=0).epoch) == 1
    with pytest.raises(TypeError, match=r"fit\(\) got multiple values for argument 'batch_size'"):
        model.fit(*digits, 5, batch_size=3)


def test_a_model_that_is_not_compiled_stays_so():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    (again,) = make([described(model).plain()])
    assert not again.compiled


def test_an_optimizer_comes_built_for_the_model_beside_it():
    model, optimizer = trained_model(), keras.optimizers.SGD(0.3, momentum=0.9)
    made, again = make([described(model).plain(), described(optimizer).plain()])
    assert again.get_config() == optimizer.get_config()
    assert again.built
    again.apply([np.ones((3, 2), np.float32)], made.trainable_variables[:1])
    assert again.iterations == 1


def test_a_loss_keeps_its_settings():
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.2, reduction="none")
    (again,) = make([described(loss).plain()])
    assert again.get_config() == loss.get_config()


def test_a_variable_keeps_its_value_and_is_shown_with_it():
    description = described(tf.Variable([[1.5, -2.0]]))
    first, second = make([description.plain()] * 2)
    assert str(description) == "tf.Variable([[ 1.5, -2. ]])"
    first.assign_sub([[1.0, 1.0]])
    np.testing.assert_array_equal(first, np.float32([[0.5, -3.0]]))
    np.testing.assert_array_equal(second, np.float32([[1.5, -2.0]]))


def test_each_path_is_in_an_empty_folder_of_its_own():
    paths = make([path_of("model.keras").plain()] * 2)
    assert paths[0] != paths[1]
    assert all(path.endswith("model.keras") for path in paths)


def test_kinds_are_told_apart():
    model = trained_model()
    history = keras.callbacks.History()
    variable = tf.Variable(3.0)
    values = [model, model.layers[0], model.loss, model.optimizer, history, variable, 3]
    kinds = ["model", "layer", "loss", "optimizer", "history", "variable", ""]
    assert list(map(keras_objects.kind_of, values)) == kinds

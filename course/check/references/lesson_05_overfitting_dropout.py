"""The right answers of lesson 5: the validation split, dropout, early stopping."""

import numpy as np

from course.check.engine.guard import guarded


@guarded
def split_indices(n: int, validation_share: float, rng):
    """-> (training, validation): indices 0..n-1, disjoint, covering, at random."""
    validation, training = np.split(rng.permutation(n), [round(validation_share * n)])
    return training, validation


@guarded
def dropout(activations, rate: float, training: bool, rng):
    """(n, d) -> (n, d): in training, survivors divided by 1 - rate and the others 0."""
    if not training:
        return activations
    survives = rng.random(activations.shape) >= rate
    return np.where(survives, activations / (1 - rate), 0).astype(activations.dtype)


@guarded
def early_stopping(losses, patience: int) -> tuple[int, int]:
    """(m,) -> (stop, best): stop once `patience` epochs in a row brought no new minimum.

    If that never happens, stop is the last epoch. A tie is not an improvement.
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch == best + patience:
            break
    return epoch, best


@guarded
def build_regularised(rate: float, weight_decay: float):
    """A new Keras model: (n, 28, 28) -> logits (n, 10), with dropout and L2 on its kernels."""
    from course.backend import keras

    layers = keras.layers

    def dense(units, activation=None):
        return layers.Dense(
            units, activation, kernel_regularizer=keras.regularizers.L2(weight_decay)
        )

    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            dense(200, "relu"),
            layers.Dropout(rate),
            dense(100, "relu"),
            layers.Dropout(rate),
            dense(10),
        ]
    )


@guarded
def fit_with_early_stopping(model, train, validation, patience: int):
    """A compiled model, pairs, a number -> the History; the model has its best weights."""
    from course.backend import keras

    early = keras.callbacks.EarlyStopping("val_loss", 0, patience, restore_best_weights=True)
    return model.fit(*train, epochs=50, callbacks=[early], validation_data=validation, verbose=0)


@guarded
def compile_detector(model):
    """A model with one logit -> the same one, compiled to measure precision and recall."""
    from course.backend import keras

    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    metrics = [keras.metrics.Precision(0), keras.metrics.Recall(0)]
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=metrics)
    return model

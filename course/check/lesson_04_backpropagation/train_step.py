"""The check of train_step: one step of an optimiser, and the loss before it.

Batch normalisation makes the outputs while training others than when not, by no chance.
"""

import numpy as np

from course.backend import keras, tf
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights
from course.check.references import lesson_04_backpropagation as reference
from course.messages import _


def _cases(rng):
    optimizers = keras.optimizers
    for count, classes, optimizer, from_logits in (
        (3, 3, optimizers.SGD(0.5), True),
        (40, 4, optimizers.Adam(0.05), False),  # more than `fit` takes at once
        (5, 3, optimizers.SGD(0.1, momentum=0.9), False),
    ):
        model = keras.Sequential(
            [
                keras.Input((6,)),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(5, "tanh"),
                keras.layers.Dense(classes, None if from_logits else "softmax"),
                keras.layers.Rescaling(1.0),  # a loss from logits would look behind softmax
            ]
        )
        model.set_weights([rng.uniform(0.2, 1, value.shape) for value in model.get_weights()])
        yield Case(
            {
                "model": described(model),
                "loss": described(keras.losses.SparseCategoricalCrossentropy(from_logits)),
                "optimizer": described(optimizer),
                "images": rng.normal(size=(count, 6)).astype(np.float32),
                "labels": rng.integers(0, classes, count),
            }
        )


def _observe(result):
    """The loss that is returned, how many steps the optimiser took, and where they led."""
    loss = result.plain()
    is_row = isinstance(loss, np.ndarray) and not isinstance(result.value, list | tuple)
    shape = (1,) if is_row and loss.shape == (1,) else ()  # a tensor with one number
    loss = result.array(shape, _("one number, the loss"))
    return {
        "steps": result.afterwards["optimizer"].iterations,
        "loss": np.reshape(loss, ()),
        "weights": flat_weights(result.afterwards["model"]),
    }


# Mistakes ---------------------------------------------------------------------------------------


def _step(
    *,
    training=True,
    variables=lambda model: model.trainable_variables,
    value=lambda value, labels: value,
    gradients=lambda gradients: gradients,
    steps=1,
    applied=1,
    own_loss=None,
    own_optimizer=None,
    outputs=lambda outputs: outputs,
    is_after=False,
    inputs=lambda images: images,
):
    """An answer to train_step with other parts."""

    def train_step(model, loss, optimizer, images, labels):
        loss = own_loss or loss
        optimizer = own_optimizer() if own_optimizer else optimizer
        for _step in range(steps):
            with tf.GradientTape() as tape:
                found = loss(labels, outputs(model(inputs(images), training=training)))
                scaled = value(found, labels)
            slopes = gradients(tape.gradient(scaled, variables(model)))
            for _time in range(applied):
                optimizer.apply(slopes, variables(model))
        return loss(labels, model(images, training=training)) if is_after else scaled

    return train_step


def _not_training_beside(place):
    """An answer that returns the loss outside training: that before the step (0) or after (1)."""

    def train_step(model, loss, optimizer, images, labels):
        losses = [loss(labels, model(images, training=False))]
        _step()(model, loss, optimizer, images, labels)
        return [*losses, loss(labels, model(images, training=False))][place]

    return train_step


def _called_twice(model, loss, optimizer, images, labels):
    before = loss(labels, model(images, training=True))
    _step()(model, loss, optimizer, images, labels)
    return before


def _step_for_each(result):
    """An answer that takes a step for each image; `result` is made of their losses."""

    def train_step(model, loss, optimizer, images, labels):
        ones = [slice(place, place + 1) for place in range(len(images))]
        return result([_step()(model, loss, optimizer, images[i], labels[i]) for i in ones])

    return train_step


def _without_optimizer(model, loss, optimizer, images, labels):
    with tf.GradientTape() as tape:
        before = loss(labels, model(images, training=True))
    for variable, slope in zip(
        model.trainable_variables, tape.gradient(before, model.trainable_variables), strict=True
    ):
        variable.assign_sub(optimizer.learning_rate * slope)
    return before


train_step = KerasComparison(
    signature="train_step(model, loss, optimizer, images, labels)",
    summary="A model, a loss, an optimiser, a batch -> the loss before a step; the step is taken.",
    right=reference.train_step,
    cases=_cases,
    observe=_observe,
    demand={
        "steps": _("train_step must have the optimiser take one step."),
        "loss": _("train_step must return the loss as it was before the step, while training."),
        "weights": _("train_step must move all weights of the model by the optimiser's step."),
    },
    meaning={
        "steps": _("one number, the steps that the optimiser has taken"),
        "loss": _("one number, the loss"),
        "weights": _("the weights of the model"),
    },
    mistakes={
        hint(
            "not-applied",
            _(
                "the optimiser moves nothing: hand it the gradients and their variables, "
                "model.trainable_variables, by optimizer.apply."
            ),
        ): _step(applied=0),
        hint(
            "own-descent",
            _("the weights are moved by hand: optimizer.apply takes the step, as its kind asks."),
        ): _without_optimizer,
        hint("own-optimizer", _("this is another optimiser: use the `optimizer` that is given.")): [
            _step(own_optimizer=lambda rate=rate: keras.optimizers.Adam(rate))
            for rate in (0.001, 0.003)
        ],
        hint(
            "step-for-each",
            _("this takes a step for each image; the whole mini-batch makes one step."),
        ): [_step_for_each(lambda losses: losses[-1]), _step_for_each(np.mean)],
        hint(
            "scaled-again",
            _("this divides the images by 255; the model takes them as they are."),
        ): _step(inputs=lambda images: images / 255),
        hint("two-steps", _("the optimiser takes two steps here.")): [
            _step(applied=2),
            _step(steps=2),
            lambda *given: (_step()(*given), _step()(*given))[0],
        ],
        hint(
            "not-training",
            _(
                "the model is called as it is after training: batch normalisation and dropout need "
                "training=True."
            ),
        ): _step(training=False),
        hint(
            "loss-afterwards",
            _("this is the loss after the step: return the one that the tape has seen."),
        ): [_step(is_after=True), _not_training_beside(1)],
        hint(
            "loss-outside-training",
            _(
                "the loss comes from a call of its own, outside training: return the one that the "
                "tape has seen."
            ),
        ): _not_training_beside(0),
        hint(
            "called-twice",
            _("the model is called twice in training, which moves its batch normalisation twice."),
        ): _called_twice,
        hint(
            "softmax-added",
            _("`loss` takes what the model gives as it is: leave out the softmax between them."),
        ): _step(outputs=tf.nn.softmax),
        hint(
            "some-variables",
            _("only some of the weights have moved: take model.trainable_variables, all of them."),
        ): [
            _step(variables=lambda model: model.trainable_variables[-2:]),
            _step(variables=lambda model: model.trainable_variables[-1:]),
            _step(variables=lambda model: model.trainable_variables[:1]),
            _step(variables=lambda model: model.trainable_variables[:-1]),
            _step(variables=lambda model: model.layers[-2].trainable_variables[:1]),
            _step(
                variables=lambda model: [
                    value for value in model.trainable_variables if len(value.shape) > 1
                ]
            ),
            _step(variables=lambda model: model.trainable_variables[:2]),
            _step(variables=lambda model: model.trainable_variables[::2]),
        ],
        hint("uphill", _("this goes uphill: the optimiser itself subtracts.")): _step(
            gradients=lambda slopes: [-slope for slope in slopes]
        ),
        hint(
            "sum", _("this is the sum over the batch; the loss object gives the mean by itself.")
        ): _step(value=lambda value, labels: value * len(labels)),
        hint(
            "divided-again",
            _("this divides by the batch size; the loss object gives the mean by itself."),
        ): _step(value=lambda value, labels: value / len(labels)),
        hint(
            "own-loss",
            _("this is another loss: use the `loss` that is given, which may want probabilities."),
        ): _step(own_loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    },
)

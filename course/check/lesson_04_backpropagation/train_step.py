"""The check of train_step: one step of an optimiser, and the loss before it.

Batch normalisation makes the outputs while training others than when not, by no chance.
"""

from dataclasses import replace

import numpy as np

from course.backend import keras, tf
from course.check.engine import environment
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights
from course.check.references import lesson_04_backpropagation as reference
from course.messages import _

_TRAINABLE = [0, 1, -2, -1]  # of the arrays of weights: gamma and beta, the last layer's
_FROZEN = slice(4, -2)  # behind the moving averages: the frozen layer's, if there is one


def _cases(rng):
    """The first model is small; the others have a frozen layer, as in lesson 6."""
    layers, optimizers = keras.layers, keras.optimizers
    for count, classes, optimizer, from_logits in (
        (5, 3, optimizers.SGD(0.5), True),
        (40, 4, optimizers.Adam(0.05), False),  # more than `fit` takes at once
        (5, 3, optimizers.SGD(0.1, momentum=0.9), False),
    ):
        frozen = [] if from_logits else [layers.Dense(5, "tanh", trainable=False)]
        model = keras.Sequential(
            [
                keras.Input((6,)),
                layers.BatchNormalization(),
                *frozen,
                layers.Dense(classes, None if from_logits else "softmax"),
                *(
                    [] if from_logits else [layers.Rescaling(1.0)]
                ),  # a loss would look behind softmax
            ]
        )
        model.set_weights([rng.uniform(0.2, 1, value.shape) for value in model.get_weights()])
        model = described(model)
        text = model.text.replace("Dense,", "Dense (not trainable),", len(frozen))
        yield Case(
            {
                "model": replace(model, text=text),
                "loss": described(keras.losses.SparseCategoricalCrossentropy(from_logits)),
                "optimizer": described(optimizer),
                "images": rng.normal(size=(count, 6)).astype(np.float32),
                "labels": rng.integers(0, classes, count),
            }
        )


def _observe(result):
    """The loss that is returned, and where the step led; before that, who moved what."""
    if environment.kind_of(result.value) == "history":
        result.fail(
            _("train_step must return one number, the loss."),
            got=_("what `fit` returns"),
            hint=hint(
                "fit",
                _("write the step yourself: the tape, then optimizer.apply. Return the loss."),
            ),
        )
    loss = result.plain()
    is_row = isinstance(loss, np.ndarray) and not isinstance(result.value, list | tuple)
    shape = (1,) if is_row and loss.shape == (1,) else ()  # a tensor with one number
    loss = result.array(shape, _("one number, the loss"))
    before, model = result.given("model").weights, result.afterwards["model"]
    moved = [not np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True)]
    steps = int(np.asarray(result.afterwards["optimizer"].iterations))
    if steps != 1:
        result.fail(
            _("train_step must have the optimiser take one step."),
            expected=_("{count} (the steps that the optimiser has taken)").format(count=1),
            got=steps,
            hint=_hint_for_steps(result.attempt, steps, moved, len(result.given("labels"))),
        )
    _check_moved(result, moved)
    return {"loss": np.reshape(loss, ()), "weights": flat_weights(model)}


# By what the answer's own code says, where the optimiser that is given has taken no step.
_ANOTHER_OPTIMIZER = {
    r"from_config\(|copy\( *optimizer\b|type\(optimizer\)\(|\boptimizers\.\w+\(": hint(
        "another-optimizer",
        _(
            "another optimiser has taken the step, one that was made here: leave it to the "
            "`optimizer` that is given, which keeps what it knows of earlier steps."
        ),
    )
}


def _hint_for_steps(attempt, steps, moved, count):
    """The hint for another number of steps than one, on this many images."""
    if steps == count:
        text = _("this takes a step for each image; take one step for the whole mini-batch.")
        return hint("step-for-each", text)
    if steps:
        text = _(
            "take one step for the whole mini-batch: is there a second `apply`, a loop or `fit`?"
        )
        return hint("several-steps", text)
    if any(moved[place] for place in _TRAINABLE):
        text = _(
            "the weights have moved, but not by the `optimizer` that is given: let its `apply` "
            "take the step."
        )
        return attempt.by_code(_ANOTHER_OPTIMIZER, hint("by-hand", text))
    text = _(
        "the optimiser moves nothing: pass it the gradients and their variables, "
        "model.trainable_variables, in optimizer.apply."
    )
    return hint("not-applied", text)


def _check_moved(result, moved):
    """Check that all trainable weights have moved, and no frozen ones."""
    seen = _TRAINABLE[1:]  # of one image alone, gamma has a gradient of 0
    count = sum(moved[place] for place in seen)
    if any(moved[_FROZEN]):
        text = _("model.variables holds more than the trainable ones: take trainable_variables.")
        got, its_hint = _("a layer that is not trainable has moved"), hint("frozen-moved", text)
    elif count < len(seen):
        text = _(
            "only some of the weights have moved: model.trainable_variables are those of all "
            "layers."
        )
        got = _("some have stayed where they were")
        its_hint = hint("some-variables", text)
    else:
        return
    demand = _("train_step must move all trainable weights of the model, and no others.")
    result.fail(demand, got=got, hint=its_hint)


# Mistakes ---------------------------------------------------------------------------------------


def _step(
    *,
    training=True,
    value=lambda value, labels: value,
    gradients=lambda slopes, labels, rate: slopes,
    own_loss=None,
    outputs=lambda outputs: outputs,
    is_after=False,
    inputs=lambda images: images,
    part=slice(None),
):
    """An answer to train_step with other parts."""

    def train_step(model, loss, optimizer, images, labels):
        loss = own_loss or loss
        with tf.GradientTape() as tape:
            found = loss(labels[part], outputs(model(inputs(images[part]), training=training)))
            scaled = value(found, labels)
        weights = model.trainable_variables
        slopes = gradients(tape.gradient(scaled, weights), labels, optimizer.learning_rate)
        optimizer.apply(slopes, weights)
        return loss(labels, model(images, training=training)) if is_after else scaled

    return train_step


def _times(factor):
    """Answers with the value, or the gradients alone, times factor(the batch size)."""
    return (
        _step(value=lambda value, labels: value * factor(len(labels))),
        _step(
            gradients=lambda slopes, labels, rate: [slope * factor(len(labels)) for slope in slopes]
        ),
    )


def _not_training_beside(place):
    """An answer that returns the loss outside training: that before the step (0) or after (1)."""

    def train_step(model, loss, optimizer, images, labels):
        losses = [loss(labels, model(images, training=False))]
        _step()(model, loss, optimizer, images, labels)
        return [*losses, loss(labels, model(images, training=False))][place]

    return train_step


def _with_accuracy(model, loss, optimizer, images, labels):
    outputs = []

    def seen(labels, found):
        outputs.append(found)
        return loss(labels, found)

    _step(own_loss=seen)(model, loss, optimizer, images, labels)
    return np.mean(np.argmax(outputs[0], axis=1) == labels)


def _called_twice(model, loss, optimizer, images, labels):
    before = loss(labels, model(images, training=True))
    _step()(model, loss, optimizer, images, labels)
    return before


train_step = KerasComparison(
    signature="train_step(model, loss, optimizer, images, labels)",
    summary="A model, a loss, an optimiser, a batch -> the loss before a step; the step is taken.",
    right=reference.train_step,
    cases=_cases,
    observe=_observe,
    demand={
        "loss": _("train_step must return the loss as it was before the step, while training."),
        "weights": _("train_step must move the weights of the model by the optimiser's step."),
    },
    meaning={
        "loss": _("the loss"),
        "weights": _("the weights of the model"),
    },
    by_code={
        "": {
            r"\bclip_by_\w+\(": hint(
                "clipped",
                _("pass the gradients on as the tape gives them: do not clip them."),
            )
        }
    },
    mistakes={
        hint(
            "scaled-again",
            _("this divides the images by 255; the model takes them as they are."),
        ): _step(inputs=lambda images: images / 255),
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
        hint("first-image-only", _("all images of the batch count, not only the first.")): _step(
            part=slice(1)
        ),
        hint(
            "gradients-scaled",
            _("pass the gradients on as they are: the optimiser itself multiplies by its rate."),
        ): _step(gradients=lambda slopes, labels, rate: [rate * slope for slope in slopes]),
        hint("accuracy", _("this is the accuracy: return the loss.")): _with_accuracy,
        hint("uphill", _("this goes uphill: the optimiser itself subtracts.")): _step(
            gradients=lambda slopes, labels, rate: [-slope for slope in slopes]
        ),
        hint(
            "sum", _("this is the sum over the batch; the loss object gives the mean by itself.")
        ): _times(lambda n: n),
        hint(
            "divided-again",
            _("this divides by the batch size; the loss object gives the mean by itself."),
        ): _times(lambda n: 1 / n),
        hint(
            "own-loss",
            _("this is another loss: use the `loss` that is given, which may want probabilities."),
        ): _step(own_loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    },
)

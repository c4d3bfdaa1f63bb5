"""The check of input_gradients: the gradient of a loss with respect to the images themselves.

Batch normalisation makes the outputs while training others than when not, by no chance.
"""

import numpy as np

from course.backend import keras, tf
from course.check.engine import formatting, values
from course.check.engine.comparison import Case
from course.check.engine.hints import WAYS_TO_NONE, hint, nothing_watched
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights
from course.check.references import lesson_04_backpropagation as reference
from course.messages import _

_HEIGHT, _WIDTH = 2, 3
# The tape watches one name, and the model is called with another.
_ARRAY_INTO_MODEL = {
    r"\.watch\( *(\w+) *\)(?:.*\n)*.*\bmodel\( *(?!\1\b)\w+ *[,)]": hint(
        "array-into-model",
        _(
            "the tape watches one tensor, and the model gets another: call the model with the one "
            "that is watched."
        ),
    )
}


def _cases(rng):
    """Several classes and numbers of images; a part of the models end in probabilities."""
    for count, classes, from_logits in ((2, 3, True), (1, 2, False), (5, 4, False)):
        model = keras.Sequential(
            [
                keras.Input((_HEIGHT, _WIDTH)),
                keras.layers.Flatten(),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(classes, None if from_logits else "softmax"),
                keras.layers.Rescaling(1.0),  # a loss from logits would look behind softmax
            ]
        )
        model.set_weights([rng.uniform(0.2, 1, value.shape) for value in model.get_weights()])
        yield Case(
            {
                "model": described(model),
                "loss": described(keras.losses.SparseCategoricalCrossentropy(from_logits)),
                "images": np.round(rng.uniform(size=(count, _HEIGHT, _WIDTH)), 2).astype("float32"),
                "labels": rng.integers(0, classes, count),
            }
        )


def _observe(result):
    """The gradient, and the weights of the model, which stay as they were."""
    demand = _("input_gradients must return the gradient of the loss with respect to the images.")
    found, model = result.value, result.afterwards["model"]
    parts = list(found) if values.is_sequence(found) else []
    is_none = found is None and result.attempt.returns_something()
    if is_none or (len(parts) == 1 and parts[0] is None):
        usual = nothing_watched(result.attempt.uses)
        its_hint = result.attempt.by_code(WAYS_TO_NONE | _ARRAY_INTO_MODEL, usual)
        result.fail(demand, got=_("None"), hint=its_hint)
    shape, array = result.afterwards["images"].shape, result.plain()
    got = array.shape if values.is_array(array) else None
    is_row = parts and _shapes(parts) <= _shapes(model.get_weights())
    if is_row or (got != shape[:1] and got in _shapes(model.get_weights())):
        result.fail(
            demand,
            expected=formatting.shape_text(shape),
            got=_("one array for each array of weights") if is_row else formatting.shape_text(got),
            hint=hint(
                "by-weights",
                _(
                    "this asks the tape for the gradients of the weights: ask for the one of the "
                    "images."
                ),
            ),
        )
    if got in (shape[1:], shape[:1]):
        result.fail_shape(
            demand,
            shape,
            got,
            hint("for-each-image", _("each pixel of each image has its own: no sum, mean or [0].")),
        )
    if got and got != shape and np.prod(got) == np.prod(shape):
        text = _("there is a number for each pixel, but not in the images' shape: keep it.")
        result.fail_shape(demand, shape, got, hint("in-rows", text))
    gradient = result.array(shape, _("one number for each pixel of each image"))
    if not all(layer.trainable for layer in model.layers):
        result.fail(
            _("input_gradients must leave the model as it is."),
            got=_("a model that cannot be trained any more"),
            hint=hint(
                "untrainable",
                _("leave `trainable` alone: the tape gives the gradient that it is asked for."),
            ),
        )
    return {"gradient": gradient, "weights": flat_weights(model)}


def _shapes(arrays):
    return {np.shape(values.to_plain(array)) for array in arrays}


# Mistakes ---------------------------------------------------------------------------------------


def _gradient(
    *,
    training=False,
    value=lambda loss, labels, outputs: loss(labels, outputs),
    inputs=lambda images: images,
    after=lambda gradient: gradient,
):
    """An answer to input_gradients with another value, or that does more with the gradient."""

    def input_gradients(model, loss, images, labels):
        images = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(images)
            found = value(loss, labels, model(inputs(images), training=training))
        return after(tape.gradient(found, images))

    return input_gradients


def _of_truth(_loss, labels, outputs):
    """The output that belongs to each label."""
    return tf.gather(outputs, labels, batch_dims=1)


def _moved(by):
    """An answer that returns the images, moved along the gradient."""
    right = _gradient()
    return lambda model, loss, images, labels: images + by * right(model, loss, images, labels)


def _stepped(model, loss, images, labels):
    with tf.GradientTape(persistent=True) as tape:
        images = tf.constant(images)
        tape.watch(images)
        value = loss(labels, model(images, training=False))
    weights = model.trainable_variables
    keras.optimizers.SGD(0.1).apply(tape.gradient(value, weights), weights)
    return tape.gradient(value, images)


_own_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

input_gradients = KerasComparison(
    signature="input_gradients(model, loss, images, labels)",
    summary="A model, a loss, images (n, …), labels -> the gradient of the loss for the images.",
    right=reference.input_gradients,
    cases=_cases,
    observe=_observe,
    slack=lambda *_arguments: 1e-6,
    nearly=hint(
        "nearly",
        _("nearly right: return the gradient as it is, not rounded, of the images as they are."),
    ),
    demand={
        "gradient": _(
            "input_gradients must give the gradient of the loss with respect to each pixel."
        ),
        "weights": _("input_gradients must leave the weights of the model as they are."),
    },
    meaning={
        "gradient": _("one number for each pixel of each image"),
        "weights": _("the weights of the model"),
    },
    mistakes={
        hint(
            "training",
            _(
                "the model is called as in training: batch normalisation and dropout would act. "
                "Here it only answers: training=False."
            ),
        ): _gradient(training=True),
        hint(
            "sum",
            _(
                "this is the gradient of the sum over the images; the loss object gives the mean. "
                "If you take one image at a time, divide by n yourself."
            ),
        ): _gradient(after=lambda gradient: gradient * len(gradient)),
        hint(
            "divided-again",
            _("this divides by the number of images; the loss object gives the mean by itself."),
        ): _gradient(after=lambda gradient: gradient / len(gradient)),
        hint("downhill", _("this is the gradient with its sign reversed.")): _gradient(
            after=lambda gradient: -gradient
        ),
        hint(
            "absolute",
            _("keep the sign: it says whether more ink makes the loss larger or smaller."),
        ): _gradient(after=tf.abs),
        hint("stepped", _("return the gradient alone, without taking a step.")): [
            _moved(by) for by in (1, -1, 0.1, -0.1)
        ],
        hint("sign-only", _("this is only the sign of the gradient: return the gradient.")): (
            _gradient(after=tf.sign)
        ),
        hint(
            "normalised",
            _("the gradient is divided by its largest value or its length: return it as it is."),
        ): [
            _gradient(after=lambda gradient: gradient / tf.reduce_max(tf.abs(gradient))),
            _gradient(after=lambda gradient: gradient / tf.norm(gradient)),
        ],
        hint(
            "scaled-again",
            _("this divides the images by 255; the model takes them as they are."),
        ): [
            _gradient(inputs=lambda images: images / 255),
            lambda model, loss, images, labels: _gradient()(model, loss, images / 255, labels),
        ],
        hint(
            "own-labels",
            _("these are the model's own answers in place of the `labels`: use those."),
        ): _gradient(value=lambda loss, labels, outputs: loss(tf.argmax(outputs, 1), outputs)),
        hint("times-images", _("the gradient is multiplied by the images: return it alone.")): (
            lambda model, loss, images, labels: images * _gradient()(model, loss, images, labels)
        ),
        hint(
            "no-loss",
            _(
                "this is the gradient of the model's outputs: give tape.gradient the loss, not the "
                "outputs."
            ),
        ): _gradient(value=lambda loss, labels, outputs: outputs),
        hint(
            "softmax-added",
            _("`loss` takes what the model gives as it is: leave out the softmax between them."),
        ): _gradient(value=lambda loss, labels, outputs: loss(labels, tf.nn.softmax(outputs))),
        hint(
            "right-output",
            _("this is the gradient of the right class's output; the text asks for the loss's."),
        ): [
            _gradient(value=_of_truth),
            _gradient(value=lambda *parts: tf.reduce_mean(_of_truth(*parts))),
        ],
        hint(
            "own-loss",
            _("this is another loss: use the `loss` that is given, which may want probabilities."),
        ): _gradient(value=lambda loss, labels, outputs: _own_loss(labels, outputs)),
        hint(
            "weights-moved", _("the weights have taken a step: leave them as they are.")
        ): _stepped,
    },
)

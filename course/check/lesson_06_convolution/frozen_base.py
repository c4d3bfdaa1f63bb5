"""The check of frozen_base: what the new model gives, and which weights a step of training moves.

A new layer starts at random. So the check gives the new weights values of its own.
"""

import numpy as np

from course.backend import keras
from course.check.engine import formatting
from course.check.engine.comparison import Case
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint, translated
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.engine.keras_objects import described, take_step
from course.check.engine.returned_models import output_of
from course.check.references import lesson_06_convolution as reference
from course.messages import _

_SIDE = 6
_IMAGES = 2


def _cases(rng):
    """Two bases; the second one behaves otherwise while it trains."""
    layers = keras.layers
    plain = (layers.Flatten(name="row"), layers.Dense(7, "tanh", name="wide"))
    convolutional = (
        layers.Conv2D(4, 3, name="corners"),
        layers.BatchNormalization(name="norm"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dropout(0.5, name="drop"),
    )
    for stack, features, num_classes in ((plain, 5, 7), (convolutional, 3, 6)):
        x = images = keras.Input((_SIDE, _SIDE, 1))
        for layer in (*stack, layers.Dense(features, "tanh", name="narrow")):
            x = layer(x)
        base = keras.Model(images, x)
        base.set_weights([rng.uniform(0.1, 0.5, value.shape) for value in base.get_weights()])
        yield Case({"base": described(base), "num_classes": num_classes})


def _observe(result):
    """What the new model gives, before and after the weights of the base change; what a step moves.

    The weights that the base does not have are new. The check gives them values that it knows.
    """
    check_kind(
        result,
        "model",
        _("frozen_base must return a Keras model."),
        hint("return-model", _("keras.Model(…) makes one from an input and an output.")),
    )
    base, new = result.afterwards["base"], result.value
    images = np.random.default_rng(5).normal(size=(_IMAGES, _SIDE, _SIDE, 1)).astype(np.float32)
    _check_takes(result, new, images)
    is_new = _set_new_weights(base, new)
    _check_new_layer(result, base, new, is_new)
    outputs, features = output_of(new, images), output_of(base, images)
    yield "features", features
    yield "outputs", outputs
    base.set_weights([value * 0.7 for value in base.get_weights()])
    yield "shared", output_of(new, images)
    moved = _moved(new, images)
    _check_statistics(result, base, moved[~is_new])
    yield "base", moved[~is_new]
    yield "head", moved[is_new]


def _check_takes(result, new, images):
    """Check that the new model takes the images; one without an input is built by that."""
    try:
        output_of(new, images)
    except Exception as error:
        result.fail(
            _("frozen_base must return a model that takes the images that `base` takes."),
            got=formatting.error_text(error),
            hint=hint("same-input", _("its input is that of the base, `base.inputs`.")),
        )


def _set_new_weights(base, new):
    """Give those arrays of weights that the base does not have known values; say which they are."""
    own, found = base.get_weights(), new.get_weights()
    is_new = [not any(np.array_equal(value, known) for known in own) for value in found]
    rng = np.random.default_rng(6)
    for place in np.flatnonzero(is_new):
        values = rng.uniform(0.2, 1, np.shape(found[place]))  # above 0, as a variance is
        if values.ndim > 1:  # some logits are below 0
            values *= 3 * (-1) ** np.arange(values.shape[-1])
        found[place] = values
    new.set_weights(found)
    return np.array(is_new, bool)


def _check_new_layer(result, base, new, is_new):
    """Check that there is one new layer, with biases, and that the base is not left out."""
    found = new.get_weights()
    count, of_base = np.count_nonzero(is_new), np.count_nonzero(~is_new)
    its_hint = None
    if of_base == len(base.get_weights()) and count > 2:
        its_hint = hint(
            "several-layers",
            _("there is more than one new layer: the features go straight into the logits."),
        )
    elif of_base and count == 1:
        its_hint = hint("no-biases", _("the biases are missing: leave use_bias as it is."))
    elif not of_base and count == 2:
        its_hint = hint(
            "base-unused", _("the base is not in it: the new layer takes what `base` gives.")
        )
    if its_hint:
        shapes = [np.shape(value) for value, new_one in zip(found, is_new, strict=True) if new_one]
        result.fail(
            _(
                "frozen_base must put one new dense layer of `num_classes` logits on the whole "
                "base."
            ),
            got=_("new weights: {shapes}").format(shapes="; ".join(map(str, shapes))),
            hint=its_hint,
        )


def _moved(new, images):
    """Whether a step of training moves each array of weights, as 0 or 1."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(0.5)
    new.compile_from_config(
        {
            "loss": keras.losses.serialize(loss),
            "optimizer": keras.optimizers.serialize(optimizer),
        }
    )
    before = new.get_weights()
    take_step(new, images, np.zeros(len(images), int))
    pairs = zip(before, new.get_weights(), strict=True)
    return np.array([not np.allclose(old, value, atol=1e-5) for old, value in pairs], float)


def _check_statistics(result, base, moved):
    """Check that a step does not move running statistics alone, of a base without a gradient."""
    of_layers = [
        (type(layer).__name__ == "BatchNormalization", len(layer.get_weights()))
        for layer in base.layers
    ]
    is_statistic = [
        is_normalising and place >= count - 2
        for is_normalising, count in of_layers
        for place in range(count)
    ]
    if any(is_statistic) and np.array_equal(moved, is_statistic):
        result.fail(
            translated(frozen_base.demand["base"]),
            got=_("a step moves the running statistics of BatchNormalization"),
            hint=hint(
                "running-statistics",
                _(
                    "no gradient comes to the base, but its layers still count as trainable: set "
                    "base.trainable = False."
                ),
            ),
        )


def _arrays_text(moved):
    return _("{count} of {total} arrays of weights move in a step").format(
        count=np.count_nonzero(moved), total=len(moved)
    )


# Mistakes ---------------------------------------------------------------------------------------


def _built(
    *,
    kept=slice(None),
    frozen=lambda layers: layers,
    classes=lambda num_classes: num_classes,
    activation=None,
    freezes_head=False,
):
    """An answer that builds the new model in another way, of the layers that are kept."""

    def frozen_base(base, num_classes):
        own = [layer for layer in base.layers if type(layer).__name__ != "InputLayer"][kept]
        for layer in frozen(own):
            layer.trainable = False
        x = images = keras.Input(base.input_shape[1:])
        for layer in own:
            x = layer(x)
        head = keras.layers.Dense(classes(num_classes), activation, trainable=not freezes_head)
        return keras.Model(images, head(x))

    return frozen_base


def _copied(base, num_classes):
    copy = keras.models.clone_model(base)
    copy.set_weights(base.get_weights())
    return unguarded(reference.frozen_base)(copy, num_classes)


def _renewed(base, num_classes):
    return unguarded(reference.frozen_base)(keras.models.clone_model(base), num_classes)


def _only_frozen(base, num_classes):
    base.trainable = False
    return base


frozen_base = KerasComparison(
    signature="frozen_base(base, num_classes)",
    summary="A pretrained base, a number -> a model: the base, frozen, and a new layer of logits.",
    right=reference.frozen_base,
    cases=_cases,
    observe=_observe,
    demand={
        "features": _("frozen_base must leave what `base` computes as it is."),
        "outputs": _(
            "frozen_base must put one new dense layer of `num_classes` logits on the whole base."
        ),
        "shared": _("frozen_base must share the weights of `base`: when they change, so does it."),
        "base": _("frozen_base must freeze the base: training moves none of its weights."),
        "head": _("frozen_base must leave the new layer trainable."),
    },
    meaning={
        "features": _("what the base gives"),
        "outputs": _("`num_classes` logits for each image"),
        "shared": _("`num_classes` logits for each image"),
    },
    shown={"base": _arrays_text, "head": _arrays_text},
    mistakes={
        hint(
            "not-frozen",
            _(
                "the base goes on learning: is `trainable` set to False for all of it, with a "
                "single =, and not set back to True?"
            ),
        ): _built(frozen=lambda layers: []),
        hint(
            "wrong-one-frozen",
            _("the new layer is frozen, and the base is not: it should be the other way round."),
        ): _built(frozen=lambda layers: [], freezes_head=True),
        hint(
            "all-frozen",
            _("the new layer is frozen, too, so nothing can learn: freeze the base alone."),
        ): _built(freezes_head=True),
        hint(
            "partly-frozen",
            _("only some layers of the base are frozen: `trainable` of a model sets them all."),
        ): [
            _built(frozen=lambda layers: layers[:1]),
            _built(frozen=lambda layers: layers[:-1]),
            _built(frozen=lambda layers: layers[-1:]),
        ],
        hint(
            "base-cut",
            _("the last layer of the base is missing: the base ends in features, so keep it all."),
        ): _built(kept=slice(-1)),
        hint("softmax-at-end", _("softmax is at the end; the text asks for logits.")): _built(
            activation="softmax"
        ),
        hint("activation-at-end", _("the new layer has an activation; logits have none.")): [
            _built(activation="relu"),
            _built(activation="sigmoid"),
            _built(activation="tanh"),
        ],
        hint("number-of-logits", _("there is one logit for each class: no more, and no fewer.")): [
            _built(classes=lambda num_classes: num_classes + 1),
            _built(classes=lambda num_classes: num_classes - 1),
        ],
        hint("ten-classes", _("there are ten logits, whatever `num_classes` says.")): _built(
            classes=lambda num_classes: 10
        ),
        hint("no-head", _("there is no new layer: these are the features of the base.")): [
            lambda base, num_classes: base,
            _only_frozen,
        ],
        hint(
            "copied",
            _("the weights have been copied: use `base` itself, not a clone of it."),
        ): _copied,
        hint(
            "new-weights",
            _("the base has lost what it had learned: a new or cloned layer starts from scratch."),
        ): _renewed,
    },
)

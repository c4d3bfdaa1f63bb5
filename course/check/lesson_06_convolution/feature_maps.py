"""The check of feature_maps: what the new model gives, before and after the weights change."""

from dataclasses import replace

import numpy as np

from course.backend import keras
from course.check.engine import formatting
from course.check.engine.comparison import Case
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.engine.keras_objects import described
from course.check.engine.returned_models import output_of
from course.check.references import lesson_06_convolution as reference
from course.messages import _

_SIDE = 8


def _cases(rng):
    """The layers of two models; their names say nothing of the order, and one is part of others."""
    layers = keras.layers
    first = keras.Sequential(
        [
            keras.Input((_SIDE, _SIDE, 1)),
            layers.Conv2D(3, 3, name="corners_1"),
            layers.LeakyReLU(name="bend"),
            layers.Conv2D(4, 3, strides=2, activation="tanh", name="corners"),
            layers.Flatten(name="row"),
            layers.Dense(5, name="corners_in_all"),
        ]
    )
    x = images = keras.Input((_SIDE, _SIDE, 1), name="images")
    for layer in (
        layers.Conv2D(2, 3, padding="same", name="conv_1"),
        layers.BatchNormalization(name="norm"),
        layers.Dropout(0.5, name="drop"),
        layers.Conv2D(2, 3, padding="same", activation="relu", name="conv"),
        layers.Conv2D(2, 3, padding="same", name="conv_2"),
        layers.GlobalAveragePooling2D(name="conv_mean"),
    ):
        x = layer(x)
    for model, names in (
        (first, ("corners_1", "corners", "bend")),
        (keras.Model(images, x), ("conv_1", "drop", "conv", "conv_2", "conv_mean")),
    ):
        model.set_weights([rng.uniform(-0.5, 1, value.shape) ** 2 for value in model.get_weights()])
        for name in names:
            yield Case({"model": _with_names(model), "layer_name": name})


def _with_names(model):
    """The description of a model that shows what its layers are called."""
    names = ", ".join(layer.name for layer in model.layers)
    return replace(described(model), text=f"{type(model).__name__}: {names}")


def _images():
    return np.random.default_rng(5).normal(size=(2, _SIDE, _SIDE, 1)).astype(np.float32)


def _observe(result):
    """What the new model gives for some images, before and after the weights of `model` change."""
    check_kind(
        result,
        "model",
        _("feature_maps must return a Keras model."),
        hint("return-model", _("keras.Model(…) makes one from an input and an output.")),
    )
    model, maps = result.afterwards["model"], result.value
    images = _images()
    try:
        found = maps(images, training=False)
        count = len(found) if isinstance(found, list | tuple) else 1
        before = output_of(maps, images) if count == 1 else None
    except Exception as error:
        result.fail(
            _("feature_maps must return a model that takes the images that `model` takes."),
            got=formatting.error_text(error) if maps.layers else _("a model without layers"),
            hint=hint("same-input", _("its input is that of the whole model, `model.inputs`."))
            if maps.layers
            else hint(
                "no-layers",
                _("not a single layer is in it: the layer with that name belongs to it, too."),
            ),
        )
    if count != 1:
        result.fail(
            _("feature_maps must return a model with one output, that of the layer."),
            got=_("{count} outputs").format(count=count),
        )
    if not all(layer.get_config().get("trainable", True) for layer in model.layers):
        result.fail(
            _("feature_maps must leave `model` as it is."),
            got=_("a model that no longer learns"),
            hint=hint("frozen", _("leave `trainable` alone: nothing is to be frozen here.")),
        )
    _check_weights(result, model, maps)
    yield "maps", before
    yield "model", output_of(model, images)
    model.set_weights([value * 0.7 for value in model.get_weights()])
    yield "shared", output_of(maps, images)


def _check_weights(result, model, maps):
    """Check that the weights of the new model are those of `model`, or some of them."""
    own = model.get_weights()
    for value in maps.get_weights():
        if not any(np.array_equal(value, known) for known in own):
            result.fail(
                _("feature_maps must return a model with the weights of `model`."),
                got=_("weights of its own, of shape {shape}").format(shape=np.shape(value)),
                hint=hint(
                    "new-weights",
                    _(
                        "a new or cloned layer starts from scratch: model.get_layer gives the "
                        "trained one."
                    ),
                ),
            )


# Mistakes ---------------------------------------------------------------------------------------


def _neighbour(step, goes_round=False):
    """An answer that takes the output of another layer, `step` places behind the right one."""

    def feature_maps(model, layer_name):
        names = [layer.name for layer in model.layers]
        place = min(names.index(layer_name) + step, len(names) - 1)
        place = place if goes_round else max(place, 0)
        return keras.Model(model.inputs, model.layers[place].output)

    return feature_maps


def _where(is_found, which=0):
    """An answer that takes the first layer, or the last, -1, with is_found(its name, wanted)."""

    def feature_maps(model, layer_name):
        found = [layer for layer in model.layers if is_found(layer.name, layer_name)]
        return keras.Model(model.inputs, found[which].output)

    return feature_maps


def _cut_off(model, layer_name):
    """What `model` is without the layers behind this one."""
    for layer in reversed(list(model.layers)):
        if layer.name == layer_name:
            return model
        model.pop()


def _copied(model, layer_name):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return unguarded(reference.feature_maps)(copy, layer_name)


feature_maps = KerasComparison(
    signature="feature_maps(model, layer_name)",
    summary="A model, the name of a layer -> a model from the same input to that layer's output.",
    right=reference.feature_maps,
    cases=_cases,
    observe=_observe,
    demand={
        "maps": _("feature_maps must give the output of the layer with that name."),
        "model": _("feature_maps must leave `model` as it is."),
        "shared": _(
            "feature_maps must share the weights of `model`: when they change, so does it."
        ),
    },
    meaning={
        "maps": _("the output of that layer"),
        "model": _("the output of the whole model"),
        "shared": _("the output of that layer"),
    },
    mistakes={
        hint(
            "layer-after", _("this is the output of the layer after it, an activation, say.")
        ): _neighbour(1),
        hint("layer-before", _("this is what goes into that layer: take its output.")): [
            lambda model, name: keras.Model(model.inputs, model.get_layer(name).input),
            _neighbour(-1, goes_round=True),
        ],
        hint(
            "part-of-a-name",
            _("this also takes a name that is only a part of the other one: compare with ==."),
        ): [
            _where(lambda name, wanted: name in wanted),
            _where(lambda name, wanted: wanted in name),
            _where(lambda name, wanted: name in wanted, which=-1),
            _where(lambda name, wanted: wanted in name, which=-1),
        ],
        hint("whole-model", _("this is the output of the whole model.")): lambda model, name: (
            keras.Model(model.inputs, model.outputs)
        ),
        hint("first-layer", _("this is the output of the first layer, whatever the name.")): (
            _neighbour(-10)
        ),
        hint(
            "copied",
            _("the weights have been copied: use the layers of `model` themselves, not clones."),
        ): _copied,
        hint(
            "cut-off",
            _("model.pop() takes layers away from `model` itself: make a new one, keras.Model(…)."),
        ): _cut_off,
    },
)

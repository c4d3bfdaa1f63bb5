"""The check of compile_model: what the compiled model measures, and how its weights move."""

import numpy as np

from course.backend import keras, tf
from course.check.engine import compile_hints, formatting
from course.check.engine.comparison import Case
from course.check.engine.compiled import (
    check_adam,
    check_compiled,
    check_rate,
    compile_settings,
    hint_for_third_argument,
)
from course.check.engine.hints import hint, translated
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import (
    described,
    measured,
    moves_of_weights,
)
from course.check.references import lesson_03_multiple_layers as reference
from course.messages import _

_CLASSES = 4
_STEPS = 2
_RATE = 0.003
_DEMAND_OF_ADAM = _("compile_model must use Adam with a learning rate of 0.003.")


def _cases(rng):
    """Models that end in logits; in the second, those lie far apart, as no probabilities do."""
    for scale in (1.0, 4.0):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(_CLASSES)])
        weights = [rng.normal(0, scale, value.shape) for value in model.get_weights()]
        model.set_weights(weights)
        yield Case({"model": described(model)})


def _digits():
    """Data that an answer never sees: it only compiles."""
    rng = np.random.default_rng(8)
    return rng.normal(size=(101, 3)).astype(np.float32), rng.integers(0, _CLASSES, 101)


def _observe(result):
    """What the model measures on some data, and where steps on other data take its weights."""
    model = result.afterwards["model"]
    check_compiled(result, model)
    _check_untrained(result, model)
    X, y = _digits()
    outputs = np.asarray(model(X, training=False))
    yield "outputs", outputs
    found = _measured(result, model, X, y)
    check_rate(result, model, translated(_DEMAND_OF_ADAM))
    yield "loss", found.pop("loss")
    yield "accuracy", _nearest(found.values(), np.mean(outputs.argmax(axis=1) == y))
    check_adam(result, model, translated(_DEMAND_OF_ADAM), _RATE)
    yield "steps", _steps(result, model, X, y)


def _check_untrained(result, model):
    """Check that the weights are those that the model came with."""
    given, weights = result.given("model").weights, model.get_weights()
    if any(
        one.shape == other.shape and not np.allclose(one, other)
        for one, other in zip(given, weights, strict=False)
    ):
        result.fail(
            _("compile_model must leave the weights of the model as they are."),
            got=_("other weights than the model had before"),
            hint=hint("trained", _("only compile the model here: it is trained later, by `fit`.")),
        )


def _steps(result, model, X, y):
    """Where some steps take the weights."""
    try:
        return moves_of_weights(model, X, y, _STEPS)
    except Exception as error:
        if "Unknown variable" not in str(error):
            raise
        result.fail(
            _("compile_model must give each model an optimiser of its own."),
            got=_("an optimiser that has trained another model"),
            hint=hint(
                "shared-optimizer",
                _("an optimiser belongs to one model: make it inside the function."),
            ),
        )


def _measured(result, model, X, y):
    """The loss and the metrics for labels that are whole numbers."""
    try:
        found = measured(model, X, y)
    except Exception as error:
        loss = str(compile_settings(model).get("loss")).lower().replace("_", "")
        its_hint = next((text for part, text in _hints_of_losses().items() if part in loss), None)
        got = formatting.error_text(error)
        third = hint_for_third_argument(model)
        if third or "sparsecategorical" in loss:
            result.fail(
                _("compile_model must give the model a metric that works: its accuracy."),
                got=got,
                hint=third or _accuracy_by_name(),
            )
        result.fail(
            _("compile_model must give the model a loss for labels that are whole numbers."),
            got=got,
            hint=its_hint,
        )
    if len(found) == 1:
        result.fail(
            _("compile_model must give the model a metric: its accuracy."),
            got=_("the loss alone"),
            hint=hint_for_third_argument(model) or compile_hints.no_metric(),
        )
    return found


def _hints_of_losses():
    """A part of a loss's name, and what is wrong with this loss."""
    return {
        "categorical": compile_hints.loss_for_one_hot(),
        "binary": compile_hints.loss_for_yes_or_no(),
        "mean": compile_hints.loss_for_numbers(),
        "mse": compile_hints.loss_for_numbers(),
    }


def _accuracy_by_name():
    return hint("metric", _('write "accuracy": Keras chooses the kind that fits the loss.'))


def _nearest(found, wanted):
    """Of what several metrics give, the one nearest to the value."""
    return min(map(float, found), key=lambda value: abs(value - wanted))


# Mistakes ---------------------------------------------------------------------------------------

_cross_entropy = keras.losses.SparseCategoricalCrossentropy
_adam = keras.optimizers.Adam


def _of_softmax(labels, outputs):
    return _cross_entropy(from_logits=True)(labels, tf.nn.softmax(outputs))


def _compiled(optimizer=None, loss=None, metrics="accuracy"):
    """An answer that compiles with other parts: functions that make a new one each time."""

    def compile_model(model):
        model.compile(
            optimizer=optimizer() if optimizer else _adam(0.003),
            loss=loss() if loss else _cross_entropy(from_logits=True),
            metrics=[metrics],
        )
        return model

    return compile_model


def _with_softmax(model):
    model.add(keras.layers.Softmax())
    return _compiled(loss=_cross_entropy)(model)


compile_model = KerasComparison(
    signature="compile_model(model)",
    summary="A model that ends in logits -> the same model: Adam, cross-entropy, accuracy.",
    right=reference.compile_model,
    cases=_cases,
    observe=_observe,
    demand={
        "outputs": _("compile_model must leave the layers of the model as they are."),
        "loss": _("compile_model must use the cross-entropy of labels and logits as its loss."),
        "accuracy": _("compile_model must measure the accuracy: the share of right answers."),
        "steps": _DEMAND_OF_ADAM,
    },
    meaning={
        "outputs": _("the logits"),
        "loss": _("the loss"),
        "accuracy": _("the accuracy"),
        "steps": _("how far the weights have moved, after each of two steps"),
    },
    mistakes={
        compile_hints.layer_added(): _with_softmax,
        compile_hints.from_logits(): _compiled(loss=_cross_entropy),
        hint(
            "softmax-added", _("leave out the softmax: the loss from logits computes it itself.")
        ): (_compiled(loss=lambda: _of_softmax)),
        compile_hints.loss_summed(): _compiled(
            loss=lambda: _cross_entropy(from_logits=True, reduction="sum")
        ),
        _accuracy_by_name(): _compiled(metrics="categorical_accuracy"),
        compile_hints.gradient_descent(): _compiled(lambda: keras.optimizers.SGD(0.003)),
        hint(
            "momentum", _("this is still gradient descent with momentum; the text asks for Adam.")
        ): [
            _compiled(lambda rate=rate: keras.optimizers.SGD(rate, momentum=0.9))
            for rate in (0.1, 0.003)
        ],
        hint("RMSprop", _("this is RMSprop; the text asks for Adam.")): _compiled(
            lambda: keras.optimizers.RMSprop(0.003)
        ),
        hint("AdamW", _("this is AdamW, which shrinks the weights as well; take Adam.")): _compiled(
            lambda: keras.optimizers.AdamW(0.003)
        ),
        hint(
            "another-metric",
            _('the metric is the loss again: name the accuracy, metrics=["accuracy"].'),
        ): [
            _compiled(metrics="sparse_categorical_crossentropy"),
            _compiled(metrics=_cross_entropy(from_logits=True)),
        ],
    },
)

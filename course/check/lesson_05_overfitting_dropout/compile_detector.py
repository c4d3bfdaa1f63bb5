"""The check of compile_detector: what the compiled model measures, and how its weights move.

The model is linear, so the check can give it inputs of which it knows the logits.
"""

import itertools

import numpy as np

from course.backend import keras
from course.check.engine import compile_hints, wording
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import (
    KerasComparison,
    check_compiled,
    check_rate,
    compile_settings,
    hint_for_third_argument,
)
from course.check.engine.keras_objects import described, flat_weights, measured, moves_of_weights
from course.check.references import lesson_05_overfitting_dropout as reference
from course.messages import _

_STEPS = 3
# Precision, recall and accuracy are all different, and others with a threshold of 0.5 or 1.
_LOGITS_OF_YES = (3.0, 0.8, 0.4, 0.3, 0.1, -0.2, -0.9, -1.1, -2.0)
_LOGITS_OF_NO = (2.0, 0.2, -0.1, -0.3, -0.7, -1.3, -1.6, -2.2, -2.5, -3.0)
_PRECISION, _RECALL = 5 / 7, 5 / 9


def _cases(rng):
    for _model in range(2):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.set_weights([rng.uniform(0.5, 1.5, value.shape) for value in model.get_weights()])
        yield Case({"model": described(model)})


def _inputs(kernel, bias):
    """Inputs for which a linear model has these logits, and whether each is a yes."""
    logits = np.array([*_LOGITS_OF_YES, *_LOGITS_OF_NO])[:, np.newaxis]
    labels = np.arange(len(logits)) < len(_LOGITS_OF_YES)
    X = (logits - bias) * kernel.T / np.sum(np.square(kernel))
    return X.astype(np.float32), labels.astype(np.float32)


def _observe(result):
    """What the model measures for known logits, and where steps take its weights."""
    model = result.afterwards["model"]
    check_compiled(result, model)
    yield "weights", flat_weights(model)
    X, y = _inputs(*model.get_weights())
    yield "outputs", np.asarray(model(X, training=False))
    found = _measured(result, model, X, y)
    check_rate(result, model, _("compile_detector must use Adam with a learning rate of 0.003."))
    yield "loss", found.pop("loss")
    yield from zip(("precision", "recall"), _nearest([*map(float, found.values())]), strict=True)
    yield "steps", moves_of_weights(model, X, y, _STEPS)


def _measured(result, model, X, y):
    """The loss and the metrics for one logit each, and labels that are 0 or 1."""
    try:
        found = measured(model, X, y)
    except Exception as error:
        got = wording.error_text(error)
        third = hint_for_third_argument(model)
        if "slice index" in got:
            third = hint(
                "class-id", _("there is one output, and so no class 1: leave class_id out.")
            )
        if third or "binary" in str(compile_settings(model).get("loss")).lower():
            result.fail(
                _("compile_detector must give the model metrics that work: precision and recall."),
                got=got,
                hint=third
                or hint("metrics", _("they are objects: keras.metrics.Precision(…), and Recall.")),
            )
        result.fail(
            _("compile_detector must give the model a loss for one logit, and labels 0 and 1."),
            got=got,
            hint=hint("two-classes", _("the loss for two classes is the binary cross-entropy.")),
        )
    if len(found) == 1:
        result.fail(
            _("compile_detector must give the model two metrics: precision and recall."),
            got=_("the loss alone"),
            hint=hint_for_third_argument(model) or compile_hints.no_metric(),
        )
    return found


def _nearest(found):
    """Of what the metrics give, precision and recall: they come in any order, with others."""
    pairs = itertools.permutations(found, 2) if len(found) > 1 else [found * 2]
    return min(pairs, key=lambda pair: abs(pair[0] - _PRECISION) + abs(pair[1] - _RECALL))


# Mistakes ---------------------------------------------------------------------------------------

_adam = keras.optimizers.Adam
# With the rate of the text, and Adam's own, whose hint comes when all before it is right.
_OPTIMIZERS = (lambda: _adam(0.003), _adam)


def _compiled(
    *,
    optimizer=_OPTIMIZERS[0],
    loss=lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    thresholds=(0.0, 0.0),
    metrics=(keras.metrics.Precision, keras.metrics.Recall),
):
    """An answer that compiles with other parts."""

    def compile_detector(model):
        model.compile(
            optimizer=optimizer(),
            loss=loss(),
            metrics=[
                metric(thresholds=threshold)
                for metric, threshold in zip(metrics, thresholds, strict=False)
            ],
        )
        return model

    return compile_detector


def _measuring_accuracy(threshold, optimizer):
    def compile_detector(model):
        compiled = _compiled(optimizer=optimizer)(model)
        compiled.compile(
            compiled.optimizer,
            compiled.loss,
            metrics=[keras.metrics.BinaryAccuracy(threshold=threshold)],
        )
        return compiled

    return compile_detector


def _with_sigmoid(model):
    model.add(keras.layers.Activation("sigmoid"))
    loss = keras.losses.BinaryCrossentropy
    return _compiled(loss=loss, thresholds=(0.5, 0.5))(model)


compile_detector = KerasComparison(
    signature="compile_detector(model)",
    summary="A model that ends in one logit -> the same model: Adam, its loss, precision, recall.",
    right=reference.compile_detector,
    cases=_cases,
    observe=_observe,
    demand={
        "weights": _("compile_detector must leave the weights of the model as they are."),
        "outputs": _("compile_detector must leave the layers of the model as they are."),
        "loss": _("compile_detector must use the binary cross-entropy of labels and logits."),
        "precision": _(
            "compile_detector must measure the precision, with a yes where the logit is above 0."
        ),
        "recall": _(
            "compile_detector must measure the recall, with a yes where the logit is above 0."
        ),
        "steps": _("compile_detector must use Adam with a learning rate of 0.003."),
    },
    meaning={
        "weights": _("the weights of the model"),
        "outputs": _("the logits"),
        "loss": _("one number, the loss"),
        "precision": _("one number, the precision"),
        "recall": _("one number, the recall"),
        "steps": _("how far three steps move the weights"),
    },
    mistakes={
        compile_hints.layer_added(): _with_sigmoid,
        compile_hints.from_logits(): [
            _compiled(
                loss=keras.losses.BinaryCrossentropy,
                thresholds=(threshold,) * 2,
                optimizer=optimizer,
            )
            for threshold in (0.0, 0.5)
            for optimizer in _OPTIMIZERS
        ],
        compile_hints.loss_for_numbers(): _compiled(loss=keras.losses.MeanSquaredError),
        compile_hints.softmax_of_one_logit(): _compiled(
            loss=lambda: keras.losses.CategoricalCrossentropy(from_logits=True)
        ),
        hint(
            "usual-threshold",
            _(
                "a yes is what lies above 0.5 here, which is right for probabilities: a logit of 0 "
                "stands for one half. The metrics have a setting for that."
            ),
        ): [
            *(_compiled(thresholds=(0.5, 0.5), optimizer=optimizer) for optimizer in _OPTIMIZERS),
            _compiled(thresholds=(0.0, 0.5)),
            _compiled(thresholds=(0.5, 0.0)),
        ],
        hint(
            "accuracy", _("this is the accuracy; precision and recall are metrics of their own.")
        ): [
            _measuring_accuracy(threshold, optimizer)
            for threshold in (0.5, 0.0)
            for optimizer in _OPTIMIZERS
        ],
        hint("precision-alone", _("the recall is missing: `metrics` is a list of both.")): (
            _compiled(metrics=(keras.metrics.Precision,))
        ),
        hint("recall-alone", _("the precision is missing: `metrics` is a list of both.")): (
            _compiled(metrics=(keras.metrics.Recall,))
        ),
        compile_hints.default_rate(): _compiled(optimizer=_adam),
        compile_hints.rate_too_high(): _compiled(optimizer=lambda: _adam(0.03)),
        compile_hints.rate_too_low(): _compiled(optimizer=lambda: _adam(0.0003)),
        compile_hints.gradient_descent(): _compiled(optimizer=lambda: keras.optimizers.SGD(0.003)),
    },
)

"""The check of compile_detector: what the compiled model measures, and how its weights move.

The model is linear, so the check can give it inputs whose logits it knows.
"""

import itertools

import numpy as np
import scipy.special

from course.backend import keras
from course.check.engine import compile_hints, formatting
from course.check.engine.comparison import Case
from course.check.engine.compiled import (
    check_compiled,
    check_rate,
    compile_settings,
    hint_for_third_argument,
)
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights, measured, moves_of_weights
from course.messages import _

_STEPS = 3
# Precision, recall and accuracy are all different, and others with a threshold of 0.5 or 1.
_OF_YES = (3.0, 0.8, 0.4, 0.3, 0.1, -0.2, -0.9, -1.1, -2.0)
_OF_NO = (2.0, 0.2, -0.1, -0.3, -0.7, -1.3, -1.6, -2.2, -2.5, -3.0)
_LOGITS = np.array([*_OF_YES, *_OF_NO])
_SOME = slice(None, None, 6)  # of them: enough to show that they are changed
_LABELS = np.arange(len(_LOGITS)) < len(_OF_YES)
_LOSS = np.mean(np.logaddexp(0, _LOGITS) - _LABELS * _LOGITS)
_PRECISION, _RECALL = 5 / 7, 5 / 9


def _cases(rng):
    for _model in range(2):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.set_weights([rng.uniform(0.5, 1.5, value.shape) for value in model.get_weights()])
        yield Case({"model": described(model)})


def _inputs(kernel, bias):
    """Inputs for which a linear model has the known logits."""
    X = (_LOGITS[:, np.newaxis] - bias) * kernel.T / np.sum(np.square(kernel))
    return X.astype(np.float32)


def _observe(result):
    """What the model measures for known logits, and where steps take its weights."""
    model = result.afterwards["model"]
    check_compiled(result, model)
    yield "weights", flat_weights(model)
    X, y = _inputs(*model.get_weights()), _LABELS.astype(np.float32)
    yield "outputs", np.asarray(model(X, training=False))[_SOME]
    found, settings = _measured(result, model, X, y), compile_settings(model)
    check_rate(result, model, _demand_of_adam())
    loss = found.pop("loss")
    if not np.isclose(loss, _LOSS, atol=1e-4):
        _check_loss(result, settings)
    yield "loss", loss
    pair = _nearest([*map(float, found.values())])
    if not np.allclose(pair, (_PRECISION, _RECALL), atol=1e-4):
        _check_metrics(result, settings)
    yield from zip(("precision", "recall"), pair, strict=True)
    _check_optimizer(result, settings)
    moves = moves_of_weights(model, X, y, _STEPS)
    yield "rate", _first_step(moves)
    yield "steps", moves


def _measured(result, model, X, y):
    """The loss and the metrics for one logit each, and labels that are 0 or 1."""
    try:
        found = measured(model, X, y)
    except Exception as error:
        got = formatting.error_text(error)
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
    for name, value in found.items():
        if np.size(value) != 1:
            result.fail(
                _("compile_detector must give the model metrics of one number each."),
                got=_("{count} numbers for {name}").format(count=np.size(value), name=name),
                hint=hint(
                    "one-threshold",
                    _("each threshold in a list gives a number of its own: name one alone."),
                ),
            )
    return found


def _nearest(found):
    """Of what the metrics give, precision and recall: they come in any order, with others."""
    pairs = itertools.permutations(found, 2) if len(found) > 1 else [[*found] * 2]
    return min(pairs, key=lambda pair: abs(pair[0] - _PRECISION) + abs(pair[1] - _RECALL))


def _first_step(moves):
    """How far the first step moves a weight: with Adam, that is the learning rate."""
    return np.mean(np.abs(moves[0]))


def _demand_of_adam():
    return _("compile_detector must use Adam with a learning rate of 0.003.")


# What a model is compiled with, by the names that Keras gives it ---------------------------------


def _named(part):
    """The name of the class of a loss, metric or optimiser, and its settings."""
    if not isinstance(part, dict):
        return str(part), {}
    settings = part.get("config")
    return str(part.get("class_name")), settings if isinstance(settings, dict) else {}


def _check_loss(result, settings):
    """Check that a wrong loss is not another kind of binary cross-entropy."""
    name, own = _named(settings.get("loss"))
    smoothing = own.get("label_smoothing")
    if "focal" in name.lower() or smoothing:
        result.fail(
            _("compile_detector must use the binary cross-entropy of labels and logits."),
            got=f"label_smoothing={smoothing}" if smoothing else name,
            hint=hint(
                "plain-loss",
                _("take BinaryCrossentropy itself; it needs only one setting, the one for logits."),
            ),
        )


def _check_metrics(result, settings):
    """Check that wrong metrics have no odd settings."""
    metrics = settings.get("metrics")
    for part in metrics if isinstance(metrics, list) else ():
        name, own = _named(part)
        for setting, usual in (("thresholds", (None, 0, 0.5, [0], [0.5])), ("top_k", (None,))):
            if own.get(setting) not in usual:
                result.fail(
                    _("compile_detector must count a logit above 0 as a yes."),
                    got=f"{name}({setting}={own[setting]})",
                    hint=hint(
                        "other-setting",
                        _("the threshold is what a yes lies above: set it to 0, and nothing else."),
                    ),
                )


def _check_optimizer(result, settings):
    """Check that an optimiser of Keras is not another one than Adam."""
    part = settings.get("optimizer", "adam")
    name, _own = _named(part)
    is_own = isinstance(part, dict) and part.get("module") != "keras.optimizers"
    if name.lower() == "adam" or is_own:
        return
    relative = hint("other-optimizer", _("the text asks for Adam itself, not for a relative."))
    its_hint = compile_hints.gradient_descent() if name.lower() == "sgd" else relative
    result.fail(_demand_of_adam(), got=name, hint=its_hint)


# What is observed, calculated with NumPy ---------------------------------------------------------


def _right(model):
    moves = _moves(model, 0.003)
    return {
        "weights": _flat(model),
        "outputs": _LOGITS[_SOME, np.newaxis],
        "loss": _LOSS,
        "precision": _PRECISION,
        "recall": _RECALL,
        "rate": _first_step(moves),
        "steps": moves,
    }


def _flat(model):
    return np.concatenate([np.ravel(value) for value in model.weights]).astype(np.float64)


def _moves(model, rate):
    """How far the weights are from where they were, after each step of Adam."""
    X = np.column_stack([_inputs(*model.weights), np.ones(len(_LOGITS))])
    before = weights = _flat(model)
    mean = square = 0.0
    moves = []
    for step in range(_STEPS):
        part, labels = X[step::_STEPS], _LABELS[step::_STEPS]
        gradient = part.T @ (scipy.special.expit(part @ weights) - labels) / len(part)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        scale = np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        weights = weights - rate * scale * mean / (np.sqrt(square) + 1e-7)
        moves.append(weights - before)
    return np.array(moves)


# Mistakes: each says what it makes of a part, whatever the others are ----------------------------


def _with_loss(loss):
    return lambda model: {"loss": loss}


def _with_rate(rate):
    return lambda model: {"steps": _moves(model, rate)}


def _measuring(*found):
    return lambda model: dict(zip(("precision", "recall"), _nearest(found), strict=True))


def _metrics(threshold):
    """Precision, recall and accuracy with this threshold."""
    yes = threshold < _LOGITS
    hits = np.sum(yes & _LABELS)
    return hits / np.sum(yes), hits / np.sum(_LABELS), np.mean(yes == _LABELS)


_as_probabilities = np.clip(_LOGITS, 1e-7, 1 - np.float32(1e-7))
_p, _r, _a = _metrics(0)
_p_usual, _r_usual, _a_usual = _metrics(0.5)


compile_detector = KerasComparison(
    signature="compile_detector(model)",
    summary="A model that ends in one logit -> the same model: Adam, its loss, precision, recall.",
    right=_right,
    simulated=True,
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
        "rate": _demand_of_adam(),
        "steps": _demand_of_adam(),
    },
    meaning={
        "weights": _("the weights of the model"),
        "outputs": _("some of the logits"),
        "loss": _("the loss"),
        "precision": _("the precision"),
        "recall": _("the recall"),
        "rate": _("how far the first step moves each weight: by the learning rate"),
        "steps": _("how far three steps move the weights"),
    },
    mistakes={
        compile_hints.layer_added(): lambda model: {
            "outputs": scipy.special.expit(_LOGITS[_SOME])[:, np.newaxis]
        },
        compile_hints.from_logits(): _with_loss(
            -np.mean(np.log(np.where(_LABELS, _as_probabilities, 1 - _as_probabilities)))
        ),
        compile_hints.loss_for_numbers(): [
            _with_loss(np.mean((_LOGITS - _LABELS) ** 2)),
            _with_loss(np.mean(np.abs(_LOGITS - _LABELS))),
        ],
        compile_hints.softmax_of_one_logit(): _with_loss(0.0),
        hint(
            "usual-threshold",
            _(
                "a yes is what lies above 0.5 here, which is right for probabilities: a logit of 0 "
                "stands for one half. The metrics have a setting for that."
            ),
        ): [
            _measuring(_p_usual, _r_usual),
            _measuring(_p_usual, _r),
            _measuring(_p, _r_usual),
            _measuring(_p_usual),
            _measuring(_r_usual),
        ],
        hint(
            "accuracy",
            _("accuracy is another measure; precision and recall are metrics of their own."),
        ): [
            _measuring(accuracy, *others)
            for accuracy in (_a, _a_usual)
            for others in ((), (_p,), (_r,), (_p_usual,), (_r_usual,))
        ],
        hint(
            "loss-as-metric",
            _("the metric is the loss again: precision and recall are metrics of their own."),
        ): _measuring(_LOSS),
        hint("one-alone", _("one of the two metrics is missing: `metrics` is a list of both.")): [
            _measuring(_p),
            _measuring(_r),
        ],
        compile_hints.default_rate(): _with_rate(0.001),
        compile_hints.rate_too_high(): _with_rate(0.03),
        compile_hints.rate_too_low(): _with_rate(0.0003),
    },
)

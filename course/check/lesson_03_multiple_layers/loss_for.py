"""The check of loss_for: what the losses for four kinds of tasks give for some outputs."""

import numpy as np

from course.backend import keras
from course.check.engine import compile_hints, formatting
from course.check.engine.comparison import Case
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint, translated
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.references import lesson_03_multiple_layers as reference
from course.messages import _

_TASKS = ("regression", "binary", "multi-class", "multi-label")
_SIZES = (1, 4, 7)  # of the batches that a loss is called with
_CLASSES = 10


def _cases(_rng):
    """Each task twice, in a stage of its own: what is wrong for one may be right for the others."""
    for stage, task in enumerate(_TASKS):
        for _each in range(2):
            yield Case({"task": task}, stage=stage)


def _batch(task, size, rng):
    """Labels and outputs as the networks give them that end as the text's table says."""
    count = {"multi-class": _CLASSES, "multi-label": _CLASSES}.get(task, 1)
    outputs = rng.normal(0, 4, (size, count)).astype(np.float32)
    if task == "multi-class":
        return rng.integers(0, _CLASSES, size), outputs
    if task == "regression":
        return rng.normal(0, 4, (size, 1)).astype(np.float32), outputs
    return rng.integers(0, 2, (size, count)).astype(np.float32), outputs


def _observe(result):
    """What the loss gives for batches of several sizes, which an answer never sees."""
    task, loss = result.afterwards["task"], result.value
    kind = type(loss)
    is_metric = "metrics" in kind.__module__.split(".")
    its_hint = _METRIC if is_metric else _HINTS_OF_TYPES.get(kind.__name__)
    check_kind(
        result,
        "loss",
        _("loss_for must return a Keras loss object."),
        its_hint and translated(its_hint),
    )
    rng = np.random.default_rng(3)
    batches = [_batch(task, size, rng) for size in _SIZES]
    return {task: [_value(result, *batch) for batch in batches]}


def _value(result, labels, outputs):
    """What the loss gives for a batch."""
    try:
        value = result.value(labels, outputs)
    except Exception as error:
        demand = _(
            "loss_for must return a loss for labels of shape {labels} and outputs {outputs}."
        )
        its_hint = _HINTS_OF_ERRORS.get((result.afterwards["task"], type(result.value).__name__))
        result.fail(
            demand.format(labels=labels.shape, outputs=outputs.shape),
            got=formatting.error_text(error),
            hint=its_hint and its_hint(),
        )
    if np.ndim(value):
        result.fail(
            _("loss_for must return a loss that gives one number for a batch, the mean."),
            got=_("one number for each example"),
            hint=hint(
                "reduction",
                _("a loss object gives the mean by itself: leave `reduction` as it is."),
            ),
        )
    return result.part(value).array((), _("a loss that gives one number for a batch, the mean"))


def _one_of_several():
    return hint(
        "one-of-several",
        _(
            "this takes exactly one class to be right, by softmax. Here any of them may be: each "
            "logit answers yes or no by itself."
        ),
    )


def _for_numbers():
    return hint(
        "for-numbers",
        _(
            "this is the loss for a number; here the answer is a class: take a cross-entropy. Does "
            "a later `if` or `else` choose another loss in its place?"
        ),
    )


def _for_classes():
    return hint(
        "for-classes",
        _(
            "this is a loss for classes; here the answer is a number, and its squared error "
            "counts. Does a later `if` or `else` choose another loss in its place?"
        ),
    )


# Losses that stop with an error at the labels of a task.
_HINTS_OF_ERRORS = {
    ("regression", "SparseCategoricalCrossentropy"): _for_classes,
    ("binary", "SparseCategoricalCrossentropy"): compile_hints.softmax_of_one_logit,
    ("multi-class", "CategoricalCrossentropy"): compile_hints.loss_for_one_hot,
    ("multi-class", "BinaryCrossentropy"): compile_hints.loss_for_yes_or_no,
    ("multi-class", "MeanSquaredError"): _for_numbers,
    ("multi-label", "SparseCategoricalCrossentropy"): _one_of_several,
}
_METRIC = hint("metric", _("this is a metric: the losses are in keras.losses."))
_HINTS_OF_TYPES = {
    "dict": hint("whole-dict", _("this is the whole dict: return what it has for `task`.")),
    "type": hint("class", _("this is a class: call it, with brackets after it, for an object.")),
    "str": hint(
        "by-name",
        _(
            "this is the name of a loss: make an object of its class. Only there can you say that "
            "outputs are logits."
        ),
    ),
    "function": hint(
        "function",
        _("this is a function; the objects are made by classes such as MeanSquaredError."),
    ),
}


# Mistakes ---------------------------------------------------------------------------------------

_right = unguarded(reference.loss_for)
_losses = keras.losses


def _otherwise(task, loss, **settings):
    """An answer that has another loss for one of the tasks."""

    def loss_for(asked):
        return loss(**settings) if asked == task else _right(asked)

    return loss_for


def _summed(task):
    """An answer whose loss for one of the tasks gives the sum over a batch."""

    def loss_for(asked):
        loss = _right(asked)
        return type(loss).from_config(
            loss.get_config() | ({"reduction": "sum"} if asked == task else {})
        )

    return loss_for


loss_for = KerasComparison(
    signature="loss_for(task)",
    summary="One of four tasks, by name -> the Keras loss for it, from logits.",
    right=reference.loss_for,
    cases=_cases,
    observe=_observe,
    demand={
        "regression": _("loss_for must give the mean squared error for a regression."),
        "binary": _("loss_for must give the binary cross-entropy of one logit for yes or no."),
        "multi-class": _(
            "loss_for must give the cross-entropy of logits and whole-number labels for one of "
            "several classes."
        ),
        "multi-label": _(
            "loss_for must give the binary cross-entropy, logit by logit, where several classes "
            "may be right."
        ),
    },
    meaning=_("the loss of each of three batches"),
    mistakes={
        compile_hints.from_logits(): [
            _otherwise("binary", _losses.BinaryCrossentropy),
            _otherwise("multi-class", _losses.SparseCategoricalCrossentropy),
            _otherwise("multi-label", _losses.BinaryCrossentropy),
        ],
        compile_hints.loss_summed(): [_summed(task) for task in _TASKS],
        hint(
            "absolute", _("this is the mean absolute error; the text asks for the squared one.")
        ): (_otherwise("regression", _losses.MeanAbsoluteError)),
        hint(
            "not-for-numbers",
            _(
                "this is the binary cross-entropy; a regression takes the mean squared error. Does "
                "a later `if` or `else` choose another loss in its place?"
            ),
        ): [
            _otherwise("regression", _losses.BinaryCrossentropy, from_logits=from_logits)
            for from_logits in (True, False)
        ],
        _for_numbers(): [
            _otherwise(task, _losses.MeanSquaredError) for task in ("binary", "multi-label")
        ],
        _one_of_several(): _otherwise(
            "multi-label", _losses.CategoricalCrossentropy, from_logits=True
        ),
        compile_hints.softmax_of_one_logit(): _otherwise(
            "binary", _losses.CategoricalCrossentropy, from_logits=True
        ),
        hint(
            "focal",
            _(
                "this is the focal loss, which plays down easy examples; the text asks for the "
                "binary cross-entropy itself."
            ),
        ): [
            _otherwise(task, _losses.BinaryFocalCrossentropy, from_logits=from_logits)
            for task in ("binary", "multi-label")
            for from_logits in (True, False)
        ],
        hint("hinge", _("this is a hinge loss; the text asks for a cross-entropy.")): [
            _otherwise(task, loss)
            for task in ("binary", "multi-label")
            for loss in (_losses.Hinge, _losses.SquaredHinge, _losses.CategoricalHinge)
        ],
        hint("smoothed", _("leave label_smoothing out: the labels count as they are.")): [
            _otherwise(
                task, _losses.BinaryCrossentropy, from_logits=True, label_smoothing=smoothing
            )
            for task in ("binary", "multi-label")
            for smoothing in (0.1, 0.2)
        ],
    },
)

"""The check of overfit_one_batch: the steps, the weights that they lead to, and the losses.

In the first cases all examples are alike: then it is known where steps on parts of the batch lead,
in whatever order the parts come. In the later ones they are different, and parts give themselves
away; two batches are so large that a usual number of examples is only a part of them.
"""

import numpy as np

from course.backend import keras
from course.check.engine import environment, values, wording
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights
from course.check.references import lesson_07_clinic as reference
from course.messages import _

_CLASSES = 3
_PARTS = (1, 10, 20, 32, 50, 64, 100)  # how many examples an answer may use, whatever it is given


def _cases(rng):
    optimizers = keras.optimizers
    for is_alike, count, steps, optimizer, metrics in (
        (True, 40, 3, optimizers.SGD(0.5), []),
        (True, 70, 2, optimizers.Adam(0.1), ["accuracy"]),
        (False, 12, 4, optimizers.SGD(0.5), []),
        (False, 150, 3, optimizers.SGD(0.1, momentum=0.9), []),
        (False, 200, 2, optimizers.SGD(0.5), []),
    ):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(_CLASSES)])
        model.compile(
            optimizer,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=metrics,
            run_eagerly=True,
        )
        model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
        images, labels = rng.normal(size=(count, 2)), rng.integers(0, _CLASSES, count)
        if is_alike:
            images[:], labels[:] = images[0], labels[0]
        given = {"images": images.astype(np.float32), "labels": labels, "steps": steps}
        yield Case({"model": described(model)} | given, stage=0 if is_alike else 1)


def _observe(result):
    """How many steps were taken, where they led, and the losses that were returned."""
    losses = _losses(result)
    model = result.afterwards["model"]
    return {
        "steps": int(model.optimizer.iterations),
        "weights": flat_weights(model),
        "losses": losses,
    }


def _losses(result):
    """The result, a row of numbers, however many."""
    demand = _("overfit_one_batch must return a list of the losses, one for each step.")
    if environment.kind_of(result.value) == "history":
        result.fail(
            demand,
            got=wording.kind_text(result.value),
            hint=hint("history", _("its `history` is a dict, which holds the list as `loss`.")),
        )
    losses = result.plain()
    if not values.is_array(losses):
        result.array((result.afterwards["steps"],), _("a list of `steps` losses"))
    if losses.ndim == 0:
        result.fail(
            demand,
            got=_("one number, {number}").format(number=losses),
            hint=hint("one-loss", _("collect the losses in a list, and return it at the end.")),
        )
    if losses.ndim > 1:
        result.fail(
            demand,
            got=wording.shape_text(losses.shape),
            hint=hint(
                "with-metrics",
                _("a model with metrics gives them as well, behind its loss: keep the loss alone."),
            ),
        )
    return losses


# Mistakes ---------------------------------------------------------------------------------------


def _fitting(*, epochs=lambda steps: steps, batch_size=len, part=lambda images: slice(None)):
    """An answer by `fit`, which may train on a part of the batch."""

    def overfit_one_batch(model, images, labels, steps):
        chosen = part(images)
        images, labels = images[chosen], labels[chosen]
        fitted = model.fit(
            images,
            labels,
            batch_size=batch_size(labels),
            epochs=epochs(steps),
            shuffle=False,
            verbose=0,
        )
        return fitted.history["loss"]

    return overfit_one_batch


def _stepping(part):
    """An answer that takes each step on another part of the batch."""

    def overfit_one_batch(model, images, labels, steps):
        found = []
        for step in range(steps):
            chosen = part(step, steps)
            logs = model.train_on_batch(images[chosen], labels[chosen], return_dict=True)
            found.append(logs["loss"])
        return found

    return overfit_one_batch


def _loss_of(model, images, labels):
    return model.test_on_batch(images, labels, return_dict=True)["loss"]


def _only_measured(model, images, labels, steps):
    return [_loss_of(model, images, labels) for _step in range(steps)]


def _measured_afterwards(model, images, labels, steps):
    found = []
    for _step in range(steps):
        model.train_on_batch(images, labels)
        found.append(_loss_of(model, images, labels))
    return found


def _another_model(model, images, labels, steps):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile_from_config(model.get_compile_config())
    return _fitting()(copy, images, labels, steps)


overfit_one_batch = KerasComparison(
    signature="overfit_one_batch(model, images, labels, steps)",
    summary="A compiled model, a batch, a number -> the losses of that many steps on it.",
    right=reference.overfit_one_batch,
    cases=_cases,
    observe=_observe,
    demand={
        "steps": _("overfit_one_batch must train `model`: `steps` steps of its own optimizer."),
        "weights": _("overfit_one_batch must take each step on the whole batch."),
        "losses": _("overfit_one_batch must return the loss of each step, as it was before it."),
    },
    meaning={
        "steps": _("one number, the steps that the optimizer has taken"),
        "weights": _("the weights of the model"),
        "losses": _("a list of `steps` losses"),
    },
    mistakes={
        hint(
            "usual-batches",
            _(
                "`fit` trains in batches of 32 by default: with batch_size=len(images), one batch "
                "holds them all."
            ),
        ): _fitting(batch_size=lambda labels: 32),
        hint("one-example-a-step", _("each step is taken on a single example.")): [
            _fitting(batch_size=lambda labels: 1),
            _stepping(lambda step, steps: slice(step, step + 1)),
        ],
        hint("not-trained", _("the loss is measured, but no step is taken.")): (_only_measured),
        hint(
            "another-model",
            _("another model has been trained, a copy: `model` itself has to learn."),
        ): _another_model,
        hint("one-step-more", _("there is one step too many.")): _fitting(
            epochs=lambda steps: steps + 1
        ),
        hint("one-step-less", _("one step is missing: range(n) goes through n numbers.")): _fitting(
            epochs=lambda steps: steps - 1
        ),
        hint("one-step", _("there is one step only: `fit` runs for one epoch by default.")): (
            _fitting(epochs=lambda steps: 1)
        ),
        hint(
            "another-batch",
            _("each step has digits of its own: it has to be the same batch every time."),
        ): [
            _stepping(lambda step, steps: slice(step, None, steps)),
            _stepping(lambda step, steps: slice(3 * step, 3 * step + 3)),
        ],
        hint("part-of-the-batch", _("only a part of the batch is used: take all of it.")): [
            _fitting(part=lambda images: slice(len(images) // 2)),
            *(_fitting(part=lambda images, count=count: slice(count)) for count in _PARTS),
        ],
        hint(
            "loss-afterwards",
            _("these are the losses after each step; the first one shows where the model starts."),
        ): _measured_afterwards,
    },
)

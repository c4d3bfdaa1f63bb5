"""The check of overfit_one_batch: the steps, the weights that they lead to, and the losses.

In the first cases all examples are alike: then it is known where steps on parts of the batch lead,
in whatever order the parts come. A few examples come first, so that a step for each of them takes
no time. In the last cases the examples are different, so that parts give themselves away.
"""

from collections.abc import Mapping

import numpy as np

from course.backend import keras
from course.check.engine import environment, formatting, values
from course.check.engine.comparison import Case
from course.check.engine.compiled import compile_settings
from course.check.engine.hints import hint, translated
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described, flat_weights
from course.check.lesson_07_clinic.training_on_parts import (
    first,
    running_mean,
    shared_out,
    simulated,
    split,
    stepping,
    steps_in_parts,
    steps_times_steps,
    whole,
    with_a_loss_afterwards,
    with_a_loss_before,
    without_training,
)
from course.messages import _, ngettext

_CLASSES = 3
_SIZES = (10, 20, 50, 64, 100)  # how many examples an answer may take, whatever it is given

# What is taken for the size of a part if the steps are to share out a batch.
_SHARES = (
    lambda count, steps: count // steps,
    lambda count, steps: -(-count // steps),
    lambda count, steps: count // steps + 1,
)


def _cases(rng):
    optimizers = keras.optimizers
    for stage, count, steps, optimizer, metrics in (
        (0, 6, 3, optimizers.SGD(2.0), []),  # a loss that is nearly 0 is no reason to end
        (0, 5, 2, optimizers.SGD(0.2, momentum=0.5), ["accuracy"]),
        (1, 70, 2, optimizers.SGD(0.5), []),
        (1, 68, 2, optimizers.SGD(0.2, momentum=0.5), []),
        (2, 150, 3, optimizers.SGD(0.1, momentum=0.9), []),
        (2, 200, 2, optimizers.SGD(0.5), []),
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
        if stage < 2:
            images[:], labels[:] = images[0], labels[0]
        given = {"images": images.astype(np.float32), "labels": labels, "steps": steps}
        yield Case({"model": described(model)} | given, stage=stage)


def _observe(result):
    """How many steps were taken, where they led, and the losses that were returned."""
    losses = _losses(result)
    model = result.afterwards["model"]
    _check_optimizer(result, model)
    _check_trained(result, model, losses)
    _check_list(result, losses)
    return {
        "steps": int(model.optimizer.iterations),
        "weights": flat_weights(model),
        "losses": losses,
    }


def _check_optimizer(result, model):
    """Check that the model has the optimiser that it came with, and that no other trained it."""
    given = result.given("model")
    found = compile_settings(model).get("optimizer")
    if isinstance(found, dict) and _rule(found) != _rule(given.compiled["optimizer"]):
        expected, got = map(_rule_text, (given.compiled["optimizer"], found))
        result.fail(
            translated(overfit_one_batch.demand["weights"]),
            expected=expected,
            got=got,
            hint=hint(
                "compiled-anew",
                _(
                    "`model` is compiled already: leave its optimiser as it is, with its learning "
                    "rate, and train it."
                ),
            ),
        )
    start = np.concatenate([np.ravel(value) for value in given.weights])
    if int(model.optimizer.iterations) == 0 and not np.allclose(flat_weights(model), start):
        result.fail(
            translated(overfit_one_batch.demand["steps"]),
            got=_("other weights, but no step of its own optimiser"),
            hint=hint(
                "own-optimizer",
                _(
                    "the model is trained by other means: its own optimiser is model.optimizer, "
                    "which train_on_batch and `fit` use."
                ),
            ),
        )


def _check_trained(result, model, losses):
    """Check that the losses do not fall while `model` stays as it is."""
    if int(model.optimizer.iterations) == 0 and losses.size > 1 and losses[-1] < losses[0]:
        result.fail(
            translated(overfit_one_batch.demand["steps"]),
            got=_("losses that fall, but a model that has taken no step"),
            hint=hint(
                "another-model",
                _("another model has been trained, a copy: `model` itself has to learn."),
            ),
        )


def _check_list(result, losses):
    """Check that no losses of an earlier call come before the right ones, more in each call."""
    given = {name: result.given(name) for name in ("model", "images", "labels", "steps")}
    steps = given["steps"]
    if len(losses) == 1 < steps and result.attempt.has_text("steps_per_epoch"):
        result.fail_shape(
            translated(overfit_one_batch.demand["losses"]),
            (steps,),
            losses.shape,
            hint(
                "one-epoch",
                _("a History has one loss for each epoch: let each epoch be a single step."),
            ),
        )
    if len(losses) > steps and len(given["model"].weights) == 2:  # a model that can be simulated
        right = simulated(whole)(*given.values())["losses"]
        if values.matches(losses[-steps:], right, 1e-4) and _grows(result.attempt, given, losses):
            result.fail_shape(
                translated(overfit_one_batch.demand["losses"]),
                (steps,),
                losses.shape,
                hint(
                    "kept-losses",
                    _(
                        "the losses of an earlier call come first: make a new, empty list in each "
                        "call, inside the function."
                    ),
                ),
            )


def _grows(attempt, given, losses):
    """Whether there are more losses if the same is asked for again."""
    with environment.diagnosing():
        return len(_losses(attempt.call(**given))) > len(losses)


def _steps_text(steps):
    count = int(steps)
    return ngettext("{count} step", "{count} steps", count).format(count=count)


def _rule(optimizer):
    """What kind of optimiser the settings of a compiled model name, and its learning rate."""
    settings = optimizer.get("config")
    rate = settings.get("learning_rate") if isinstance(settings, dict) else None
    return optimizer.get("class_name"), rate


def _rule_text(optimizer):
    """The optimiser with its learning rate, as a learner reads it."""
    name, rate = _rule(optimizer)
    is_number = isinstance(rate, int | float)
    text = _("{name} with a learning rate of {rate:g}") if is_number else "{name}"
    return text.format(name=name, rate=rate)


def _is_of_one_step(value):
    """Whether it is a dict of numbers, as train_on_batch may give one."""
    return isinstance(value, Mapping) and np.ndim(value.get("loss", 0)) == 0


def _losses(result):
    """The result, a row of numbers, however many."""
    demand = _("overfit_one_batch must return a list of the losses, one for each step.")
    value = result.value
    if environment.kind_of(value) == "history" or isinstance(value, Mapping):
        result.fail(
            demand,
            got=formatting.kind_text(value),
            hint=None
            if _is_of_one_step(value)
            else hint(
                "history", _("the `history` of a fit is a dict, which holds the list as `loss`.")
            ),
        )
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        result.fail(
            demand,
            got=_("a list of dicts"),
            hint=hint("dicts", _('each of these dicts holds the number as "loss": take that.')),
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
            got=formatting.shape_text(losses.shape),
            hint=hint(
                "with-metrics",
                _("a model with metrics gives them as well, after its loss: keep the loss alone."),
            )
            if losses.shape == (result.afterwards["steps"], 2)
            else hint("list-each", _("each is a list of one number: collect the number in it."))
            if losses.shape == (result.afterwards["steps"], 1)
            else None,
        )
    return losses


def _check_training(attempt, seed):
    """Check a model that is another one in training, and has penalties in its loss."""
    rng = np.random.default_rng([71, seed])
    layers = keras.layers
    dense = layers.Dense(_CLASSES, kernel_regularizer=keras.regularizers.L2(0.1))
    model = keras.Sequential([keras.Input((4,)), layers.BatchNormalization(), dense])
    model.compile(
        keras.optimizers.SGD(0.5),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    model.set_weights([rng.uniform(0.5, 1.5, value.shape) for value in model.get_weights()])
    images = rng.normal(size=(7, 4)).astype(np.float32)
    labels = rng.integers(0, _CLASSES, len(images))
    result = attempt.call(model=described(model), images=images, labels=labels, steps=2)
    observed = _observe(result)
    measured, losses = [], []
    for _step in range(2):
        measured.append(np.ravel(model.test_on_batch(images, labels))[0])
        losses.append(np.ravel(model.train_on_batch(images, labels))[0])
    its_hint = hint(
        "as-in-training",
        _(
            "in training, batch normalisation and dropout are at work, and the penalties of weight "
            "decay belong to the loss: train_on_batch and `fit` see to both."
        ),
    )
    if values.matches(observed["losses"], measured, 1e-4):
        its_hint = hint(
            "measured-apart",
            _(
                "these losses are measured outside training, as `evaluate` does it, where batch "
                "normalisation and dropout work differently: return those that train_on_batch or "
                "`fit` gives."
            ),
        )
    remark = translated(overfit_one_batch.meaning["weights"])
    result.part(observed["weights"]).equals(
        flat_weights(model),
        _("overfit_one_batch must train `model` as `fit` would."),
        its_hint,
        slack=1e-5,
        remark=remark,
    )
    demand = translated(overfit_one_batch.demand["losses"])
    result.part(observed["losses"]).equals(losses, demand, its_hint, slack=1e-5)


overfit_one_batch = KerasComparison(
    signature="overfit_one_batch(model, images, labels, steps)",
    summary="A compiled model, a batch, a number -> the losses of that many steps on it.",
    right=simulated(whole),
    simulated=True,
    cases=_cases,
    observe=_observe,
    afterwards=(_check_training,),
    demand={
        "steps": _("overfit_one_batch must train `model`: `steps` steps of its own optimiser."),
        "weights": _(
            "overfit_one_batch must take each step on the whole batch, as the model is compiled."
        ),
        "losses": _("overfit_one_batch must return the loss of each step, as it was before it."),
    },
    meaning={
        "weights": _("the weights of the model"),
        "losses": _("a list of `steps` losses"),
    },
    shown={"steps": _steps_text},
    mistakes={
        hint(
            "usual-batches",
            _(
                "`fit` trains in batches of 32 by default: with batch_size=len(images), one batch "
                "holds them all."
            ),
        ): simulated(split(32)),
        hint("one-example-a-step", _("each step is taken on a single example.")): [
            simulated(split(1)),
            simulated(stepping(lambda step, steps: slice(step, step + 1))),
        ],
        hint("not-trained", _("the loss is measured, but no step is taken.")): without_training,
        hint(
            "other-images", _("the images are changed on the way: train on them as they are.")
        ): lambda model, images, labels, steps: simulated(whole)(
            model, images / 255, labels, steps
        ),
        hint(
            "running-mean", _("this is the mean of all losses so far: return each step's own.")
        ): running_mean,
        hint("fixed-steps", _("`steps` is an argument: do not use a fixed number.")): [
            simulated(lambda count, steps, fixed=fixed: whole(count, fixed))
            for fixed in (5, 10, 60, 100)
        ],
        hint("one-step-more", _("there is one step too many.")): simulated(
            lambda count, steps: whole(count, steps + 1)
        ),
        hint(
            "one-loss-more",
            _(
                "there is one loss too many: each step gives its own, the first one is the initial "
                "loss, and nothing else has to be measured."
            ),
        ): [with_a_loss_before, with_a_loss_afterwards],
        hint(
            "batch-shared-out",
            _(
                "the batch is shared out among the steps: each of them takes all of it, with "
                "batch_size=len(images) and epochs=steps."
            ),
        ): [
            simulated(shared_out(size_of, epochs=epochs))
            for size_of in _SHARES
            for epochs in (lambda _steps: 1, lambda steps: steps)
        ],
        hint(
            "steps-times-steps",
            _(
                "these are `steps` times as many steps as asked for: is there a loop around "
                "something that takes them all, such as `fit` with epochs=steps?"
            ),
        ): steps_times_steps,
        hint(
            "one-step-less",
            _(
                "a step is missing: range(n) goes through n numbers, range(1, n) through one "
                "fewer; or does a `break` end the loop before?"
            ),
        ): simulated(lambda count, steps: whole(count, steps - 1)),
        hint(
            "one-step",
            _(
                "there is one step only: `fit` runs for one epoch by default, and a `return` "
                "or `break` inside a loop ends it at once."
            ),
        ): simulated(lambda count, steps: whole(count, 1)),
        hint(
            "another-batch",
            _("each step has digits of its own: it has to be the same batch every time."),
        ): [
            simulated(stepping(lambda step, steps: slice(step, None, steps))),
            simulated(stepping(lambda step, steps: slice(2 * step, 2 * step + 2))),
        ],
        hint("part-of-the-batch", _("only a part of the batch is used: take all of it.")): [
            simulated(stepping(lambda step, steps, count=count: slice(count)))
            for count in (1, 32, *_SIZES)
        ]
        + [simulated(first(share)) for share in (0.5, 0.75, 0.8, 0.9)],
        hint(
            "batches-of-a-size",
            _(
                "the batch is taken in parts of a fixed size: batch_size=len(images) takes all of "
                "it at once."
            ),
        ): [
            *(simulated(split(size)) for size in _SIZES),
            steps_in_parts(max(_SIZES)),
        ],
        hint(
            "steps-as-size",
            _(
                "`steps` is not the size of a batch: with batch_size=len(images) an epoch is one "
                "step, and epochs=steps takes them all."
            ),
        ): [
            simulated(lambda count, steps: split(steps)(count, steps)),
            simulated(lambda count, steps: split(steps)(count, 1)),
        ],
        hint(
            "loss-afterwards",
            _("these are the losses after each step; the first one shows where the model starts."),
        ): simulated(whole, is_measured_afterwards=True),
    },
)

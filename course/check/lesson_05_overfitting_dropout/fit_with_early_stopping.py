"""The check of fit_with_early_stopping: when it stops, and the weights that are left.

There is one training example, and the model is linear: each epoch is one step, whatever the batch
size, and brings the error on it nearer to 0 by the same factor. So the validation loss is known,
first falling, then rising.
"""

from dataclasses import replace

import numpy as np

from course.backend import keras
from course.check.engine import values
from course.check.engine.comparison import Case
from course.check.engine.hints import hint, translated
from course.check.engine.keras_comparison import KerasComparison, check_kind, hint_for_history
from course.check.engine.keras_objects import described, flat_weights
from course.messages import _, ngettext

_MAX_EPOCHS = 50
_CUT_SHORT = 9  # the epochs after which the check ends a `fit` that should have stopped


def _cases(rng):
    """The validation loss rises and falls by turns in the first case; in the other it turns once.

    It is small from the start, so that small improvements are all there are.
    """
    for factor, patience, error in ((-0.8, 2, -0.45), (0.6, 4, 0.3)):
        x, scale, start = rng.uniform(0.5, 1), 0.01 * rng.uniform(1, 2), rng.normal(size=2)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        # Eagerly: for so few steps, a graph takes ten times as long to make as it saves.
        model.compile(
            keras.optimizers.SGD((1 - factor) / (2 * (x * x + 1))), "mse", run_eagerly=True
        )
        model.set_weights([start[:1, np.newaxis], start[1:]])
        y = start[0] * x + start[1] - scale
        yield Case(
            {
                "model": replace(described(model), max_epochs=_CUT_SHORT),
                "train": _pair(x, y, 1),
                "validation": _pair(x, y + error * scale, 2),
                "patience": patience,
            }
        )


def _pair(x, y, count):
    """A pair of `count` equal examples: images of one pair do not fit the labels of another."""
    return tuple(np.full((count, 1), value, np.float32) for value in (x, y))


def _observe(result):
    """How many epochs there were, what they measured, and the weights that are left."""
    check_kind(
        result,
        "history",
        _("fit_with_early_stopping must return the History that `fit` returns."),
        hint_for_history(result.value),
    )
    history = result.value
    if "val_loss" not in history.history:
        result.fail(
            _("fit_with_early_stopping must measure the loss on `validation` after each epoch."),
            got=", ".join(map(str, history.history)) or _("none"),
            hint=hint("no-validation", _("`fit` takes validation_data, a pair.")),
        )
    curve, model = history.history["val_loss"], result.afterwards["model"]
    steps = int(values.to_plain(model.optimizer.iterations))
    if steps > len(curve):  # each epoch is one step
        result.fail(
            _epochs_demand(),
            got=_("{count} epochs, in several calls").format(count=steps),
            hint=hint(
                "fit-in-a-loop",
                _(
                    "EarlyStopping starts over whenever `fit` is called: call it once, with the "
                    "number of epochs."
                ),
            )
            if result.attempt.says(r"\bEarlyStopping\(")
            else hint(
                "new-history",
                _(
                    "each `fit` returns a new History, with its own epochs alone: call it once, "
                    "for all the epochs, with a callback that stops it."
                ),
            ),
        )
    its_hint = _hint_of_code(result.attempt) if len(curve) == _CUT_SHORT else None
    if its_hint:
        result.fail(
            translated(fit_with_early_stopping.demand["epochs"]),
            got=_("{count} epochs, and it would go on").format(count=_CUT_SHORT),
            hint=its_hint,
        )
    return {
        "at_most": history.params["epochs"],
        "epochs": len(curve),
        "val_loss": curve,
        "weights": flat_weights(model),
    }


def _hint_of_code(attempt):
    """Why an answer that calls `fit` itself does not stop, as its code says; or None."""
    if attempt.uses("fit") and not attempt.has_text("callbacks"):
        return hint("no-callbacks", _("`fit` has to get the EarlyStopping: it takes `callbacks`."))
    if attempt.says(r"\bmonitor *= *['\"](?!val_loss\b)"):
        text = _("EarlyStopping watches val_loss unless you say otherwise: leave monitor out.")
        return hint("monitor", text)
    return None


def _epochs_text(epochs):
    count = int(epochs)
    return ngettext("{count} epoch", "{count} epochs", count).format(count=count)


def _epochs_demand():
    return _("fit_with_early_stopping must call `fit` once, for 50 epochs.")


# What is observed, calculated with NumPy --------------------------------------------------------


def _simulated(
    *,
    patience=lambda patience: patience,
    min_delta=lambda patience: 0,
    stops=True,
    at_most=_MAX_EPOCHS,
    restores=True,
    keeps=None,
    pairs=lambda train, validation: (train, validation),
    sign=1,
    begins=0,
):
    """What is observed of an answer that stops in this way.

    keeps   the epoch whose weights are left, of the losses; usually the best or the last one
    pairs   what it is trained on, and what the loss is measured on
    sign    -1 looks for the largest loss
    begins  the first epoch that is looked at
    """

    def simulate(model, train, validation, given):
        weights = np.array([np.ravel(value)[0] for value in model.weights], np.float64)
        rate = model.compiled["optimizer"]["config"]["learning_rate"]
        (x, y), (_x, wanted) = ([part[0, 0] for part in pair] for pair in pairs(train, validation))
        inputs, curve, path, best = np.array([x, 1.0]), [], [], begins
        for epoch in range(min(at_most, _CUT_SHORT)):
            weights = weights - 2 * rate * (weights @ inputs - y) * inputs
            path.append(weights)
            curve.append((weights @ inputs - wanted) ** 2)
            if epoch < begins:
                continue
            if sign * curve[epoch] < sign * curve[best] - min_delta(given):
                best = epoch
            if stops and best < epoch and epoch - best >= patience(given):
                break
        left = keeps(curve) if keeps else best if restores else -1
        return {
            "at_most": at_most,
            "epochs": len(curve),
            "val_loss": curve,
            "weights": path[left],
        }

    return simulate


# A call that brings weights back from a file, in the given model or in another one.
_LOADS = r"(?=[\s\S]*(\bload_weights\(|\bload_model\())"
_KEEPS_BEST = r"save_best_only *= *True"
# By the code of an answer that leaves the last weights, what it does with a checkpoint.
_CHECKPOINTS = {
    rf"\A(?![\s\S]*{_KEEPS_BEST}){_LOADS}[\s\S]*ModelCheckpoint\(": hint(
        "checkpoint-of-last",
        _(
            "the file holds the weights of the last epoch, which are loaded from it: "
            "ModelCheckpoint keeps the best ones only with save_best_only=True."
        ),
    ),
    rf"\A(?=[\s\S]*{_KEEPS_BEST})(?!{_LOADS})[\s\S]*ModelCheckpoint\(": hint(
        "checkpoint-not-loaded",
        _(
            "these are the weights of the last epoch. ModelCheckpoint keeps the best in a file: "
            "model.load_weights(path) brings them back, and EarlyStopping does so, too, if you "
            "tell it to."
        ),
    ),
    rf"\A(?=[\s\S]*{_KEEPS_BEST})(?![\s\S]*\b[sl]\w+_weights\()"
    r"(?=[\s\S]*\bload_model\()[\s\S]*ModelCheckpoint\(": hint(
        "another-model",
        _(
            "load_model makes another model, and `model` keeps the weights of the last epoch: "
            "model.load_weights(path) puts the best ones into it."
        ),
    ),
    rf"\A(?=[\s\S]*{_KEEPS_BEST})[\s\S]*ModelCheckpoint\([\s\S]*?['\"](loss|\w*acc\w*)['\"]": hint(
        "checkpoint-by-loss",
        _(
            "the file holds the weights of the last epoch: ModelCheckpoint watches another curve "
            "here, and val_loss unless you say otherwise. Leave monitor out."
        ),
    ),
}


fit_with_early_stopping = KerasComparison(
    signature="fit_with_early_stopping(model, train, validation, patience)",
    summary="A compiled model, two pairs, a number -> the History of a fit that stops in time.",
    right=_simulated(),
    simulated=True,
    cases=_cases,
    observe=_observe,
    demand={
        "at_most": _epochs_demand(),
        "epochs": _(
            "fit_with_early_stopping must stop once the validation loss has not improved for "
            "`patience` epochs in a row."
        ),
        "val_loss": _("fit_with_early_stopping must measure the loss on `validation`."),
        "weights": _("fit_with_early_stopping must leave the model with its best weights."),
    },
    meaning={
        "at_most": _("the epochs that `fit` is asked for"),
        "val_loss": _("one number for each epoch"),
        "weights": _("the weights of the model"),
    },
    shown={"epochs": _epochs_text},
    mistakes={
        hint(
            "last-weights",
            _(
                "these are the weights of the last epoch: EarlyStopping gives the best ones back "
                "only if it is told to."
            ),
        ): _simulated(restores=False),
        hint("largest-loss", _("it looks for the largest loss: leave mode out.")): [
            _simulated(sign=-1, restores=restores) for restores in (True, False)
        ]
        + [_simulated(keeps=np.argmax)],
        hint("one-epoch", _("this is one epoch: `fit` takes the number of epochs.")): (
            _simulated(at_most=1)
        ),
        hint("measured-on-train", _("validation_data is `train` here: it is `validation`.")): (
            _simulated(pairs=lambda train, validation: (train, train))
        ),
        hint("exchanged-pairs", _("`train` and `validation` have changed places in `fit`.")): (
            _simulated(pairs=lambda train, validation: (validation, train))
        ),
        hint(
            "never-stops",
            _(
                "it did not stop in time, so the check cut it short. Is EarlyStopping among the "
                "callbacks, with `patience`, and does it watch the loss on the validation digits, "
                "val_loss?"
            ),
        ): [_simulated(stops=False, restores=restores) for restores in (False, True)],
        hint(
            "no-patience",
            _("it stops at the first rise: EarlyStopping has no patience unless it is told."),
        ): [
            _simulated(patience=lambda patience: 1),
            _simulated(patience=lambda patience: 1, restores=False),
        ],
        hint(
            "min-delta",
            _(
                "it stops after two epochs, as if a much smaller loss were no better: the second "
                "argument of EarlyStopping is min_delta, so write patience=…."
            ),
        ): [
            _simulated(
                patience=lambda patience: 0, min_delta=lambda patience: patience, restores=restores
            )
            for restores in (True, False)
        ],
        hint(
            "small-improvements",
            _("every improvement counts, however small: leave min_delta out."),
        ): [
            _simulated(min_delta=lambda _patience, fixed=fixed: fixed, restores=restores)
            for fixed in (0.1, 0.01, 0.001, 1e-4)
            for restores in (True, False)
        ],
        hint(
            "late-start",
            _("it does not look at the first epochs: leave start_from_epoch out."),
        ): [_simulated(begins=begins) for begins in (3, 5)],
        hint("patience-fixed", _("`patience` is an argument: do not use a fixed number.")): [
            _simulated(patience=lambda _patience, fixed=fixed: fixed, restores=restores)
            for fixed in (3, 5)
            for restores in (True, False)
        ],
        hint("patience-too-long", _("it waits for one epoch more than `patience`.")): [
            _simulated(patience=lambda patience: patience + 1),
            _simulated(patience=lambda patience: patience + 1, restores=False),
        ],
        hint("patience-too-short", _("it waits for one epoch less than `patience`.")): [
            _simulated(patience=lambda patience: patience - 1),
        ],
    },
    by_code={
        "last-weights": _CHECKPOINTS
        | {
            r"\A(?![\s\S]*EarlyStopping\()[\s\S]*"
            r"= *(list\(|\[)?\*?(self\.)?model\.(trainable_)?(weights|variables)\b": hint(
                "variables-kept",
                _(
                    "these are the weights of the last epoch: `model.weights` are variables, which "
                    "go on changing. model.get_weights() gives a copy of their values."
                ),
            ),
        },
        "patience-fixed": {
            r"\A(?![\s\S]*EarlyStopping\()": hint(
                "callback-of-another-cell",
                _(
                    "the callback of another cell has a patience of its own: make a new "
                    "EarlyStopping here, with the `patience` that is given."
                ),
            )
        },
    },
)

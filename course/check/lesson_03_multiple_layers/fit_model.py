"""The check of fit_model: its steps, the weights that they lead to, and the curves of its History.

The training examples are all alike, so their order does not matter: the result is known exactly.
"""

from dataclasses import replace

import numpy as np

from course.backend import keras
from course.check.engine import values
from course.check.engine.comparison import Case
from course.check.engine.compiled import compile_settings
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison, check_kind, hint_for_history
from course.check.engine.keras_objects import described, flat_weights
from course.check.references.lesson_01_softmax import softmax
from course.messages import _

_RATE = 0.1
# By what the answer's own code says, where nothing is measured on `validation`.
_WITHOUT_VALIDATION = {
    r"\.fit\(\s*(?:\*\w+,|(?:[^=()*]*,){2})(?:[^=()]*,){2}[^=()]*\w\s*[,)]": hint(
        "fifth-of-fit",
        _("the fifth argument of `fit` is verbose: write validation_data=validation by name."),
    )
}
_SKIPPED = {
    r"\binitial_epoch\b": hint(
        "initial-epoch",
        _(
            "epochs are missing: `fit` counts them from 0, and begins with initial_epoch. Leave it "
            "out."
        ),
    )
}
_CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")


def _cases(rng):
    """Of all sizes, only batches of 100 take 3 steps for 201 examples and 2 for 199.

    And of none is the number of steps that of training on what is held out as well. A `fit` for
    more epochs is cut short: 100 of them, in batches of `epochs`, take minutes.
    """
    for count, epochs, held_out in ((201, 4, 330), (199, 2, 530)):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
        model.compile(
            keras.optimizers.SGD(_RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=False,
        )
        model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
        train = np.tile(rng.uniform(0.5, 1, 2), (count, 1)), np.full(count, rng.integers(2))
        validation = rng.normal(size=(held_out, 2)), rng.integers(0, 2, held_out)
        yield Case(
            {
                "model": replace(described(model), max_epochs=epochs),
                "train": (train[0].astype(np.float32), train[1]),
                "validation": (validation[0].astype(np.float32), validation[1]),
                "epochs": epochs,
            }
        )


def _observe(result):
    """How many steps were taken, where they led, and what the History says of them."""
    check_kind(
        result,
        "history",
        _("fit_model must return the History that `fit` returns."),
        hint_for_history(result.value),
    )
    curves = result.value.history
    missing = [name for name in _CURVES if name not in curves]
    if missing:
        result.fail(
            _("fit_model must return a History with a curve for each of {names}.").format(
                names=", ".join(_CURVES)
            ),
            got=", ".join(map(str, curves)) or _("none"),
            hint=result.attempt.by_code(
                _WITHOUT_VALIDATION,
                hint("no-validation", _("`fit` takes validation_data, a pair.")),
            )
            if {"val_loss", "val_accuracy"} == set(missing)
            else result.attempt.by_code({} if curves else _SKIPPED),
        )
    model = result.afterwards["model"]
    _check_compiled_as_before(result, model)
    _check_trained_to_the_end(result, model, curves)
    steps = {"steps": _steps(result, model), "weights": flat_weights(model)}
    return steps | {name: curves[name] for name in _CURVES}


def _check_compiled_as_before(result, model):
    """Check that the answer has not compiled the model once more, in another way."""
    before, now = result.given("model").compiled, compile_settings(model)
    if any(before[name] != now.get(name) for name in ("optimizer", "loss")):
        result.fail(
            _("fit_model must train the model as it is compiled, on `train` alone."),
            got=_("a model that was compiled again, in another way"),
            hint=hint("compiled-again", _("the model comes compiled: leave `compile` out.")),
        )


def _check_trained_to_the_end(result, model, curves):
    """Check that it is this model that was trained, in all epochs, each with its validation."""
    demand, epochs = _("fit_model must train the model for all epochs."), result.given("epochs")
    if int(values.to_plain(model.optimizer.iterations)) == 0:
        text = _(
            "the model that was given has not moved: call `fit` of this very model, not of a copy."
        )
        result.fail(demand, got=_("no step at all"), hint=hint("another-trained", text))
    measured = len(curves["loss"])
    if measured < epochs and getattr(model, "stop_training", False):
        text = _("a callback has stopped the training early: leave it out.")
        result.fail(demand, expected=epochs, got=measured, hint=hint("stopped-early", text))
    if len(curves["val_loss"]) < measured:
        result.fail(
            _("fit_model must measure the loss on `validation` after each epoch."),
            expected=measured,
            got=len(curves["val_loss"]),
            hint=hint("validation-freq", _("leave validation_freq out: it skips epochs.")),
        )


def _steps(result, model):
    """How many steps were taken, or would have been if `fit` had not been cut short."""
    steps, most = int(values.to_plain(model.optimizer.iterations)), result.given("epochs")
    asked = (getattr(result.value, "params", None) or {}).get("epochs", most)
    return steps * max(asked, most) // most


# What is observed, calculated with NumPy --------------------------------------------------------


def _simulated(
    batch_size=100,
    train=lambda train, validation: train,
    validation=lambda train, validation: validation,
    epochs=lambda epochs: epochs,
):
    """What is observed of an answer that fits in this way, on examples that are all alike."""

    def simulate(model, given, held_out, count):
        (X, y), measured = train(given, held_out), validation(given, held_out)
        W, b = (value.astype(np.float64) for value in model.weights)
        curves = {name: [] for name in _CURVES}
        steps = 0
        asked = epochs(count)
        for _epoch in range(min(asked, count)):
            before = []
            for first in range(0, len(X), batch_size):
                batch = X[first : first + batch_size], y[first : first + batch_size]
                before.append((len(batch[0]), *_measures(W, b, *batch)))
                error = softmax(batch[0] @ W + b)
                error[np.arange(len(error)), batch[1]] -= 1
                W = W - _RATE * batch[0].T @ error / len(error)
                b = b - _RATE * error.mean(axis=0)
                steps += 1
            sizes, *of_batches = zip(*before, strict=True)
            of_epoch = [np.average(values, weights=sizes) for values in of_batches]
            for name, value in zip(_CURVES, [*of_epoch, *_measures(W, b, *measured)], strict=True):
                curves[name].append(value)
        steps = steps * max(asked, count) // count
        return {"steps": steps, "weights": np.append(W, b)} | curves

    return simulate


def _measures(W, b, X, y):
    """The loss and the accuracy."""
    P = softmax(X @ W + b)
    return -np.log(P[np.arange(len(y)), y]).mean(), np.mean(P.argmax(axis=1) == y)


def _with_validation(model, train, validation, epochs):
    """How many steps are taken if the validation examples are trained on as well."""
    return {"steps": epochs * -(-(len(train[0]) + len(validation[0])) // 100)}


def _on_validation(model, train, validation, epochs):
    """How many steps are taken if the validation examples alone are trained on."""
    return {"steps": epochs * -(-len(validation[0]) // 100)}


def _several_times(times):
    """How many steps are taken if the model is trained for all epochs more than once."""
    return lambda model, train, validation, epochs: {
        "steps": times(epochs) * epochs * -(-len(train[0]) // 100)
    }


def _hundred_batches(size_of):
    """How many steps are taken if there are to be 100 in each epoch: by the size of a batch."""
    return lambda model, train, validation, epochs: {
        "steps": epochs * -(-len(train[0]) // size_of(len(train[0])))
    }


def _scaled(pair, _other=None):
    """A pair whose images are divided by 255."""
    return pair[0] / 255, pair[1]


def _exchanged(model, train, validation, epochs):
    """How many steps are taken if the number of epochs and the batch size change places."""
    return {"steps": 100 * -(-len(train[0]) // epochs)}


def _split_off(share):
    """What is observed if a share of `train` is kept for validation, or for nothing."""

    def parted(train):
        at = int(len(train[0]) * (1 - share))
        return [part[:at] for part in train], [part[at:] for part in train]

    def kept(train, _validation):
        return parted(train)[0]

    return [
        _simulated(train=kept, validation=lambda train, _validation: parted(train)[1]),
        _simulated(train=kept),
    ]


def _fewer_epochs(missing):
    """What is observed if this many epochs are missing; None where there are none left."""
    simulate = _simulated(epochs=lambda count: count - missing)
    return lambda *given: simulate(*given) if given[-1] > missing else None


def _last_of_several(*given):
    """What is observed if the History is that of the last of several fits, of one epoch each."""
    found = _simulated()(*given)
    return found | {name: found[name][-1:] for name in _CURVES}


fit_model = KerasComparison(
    signature="fit_model(model, train, validation, epochs)",
    summary="A compiled model, two pairs (images, labels), a number -> the History of its fit.",
    right=_simulated(),
    simulated=True,
    cases=_cases,
    observe=_observe,
    demand={
        "steps": _("fit_model must take a step for each batch of 100, in every epoch."),
        "weights": _("fit_model must train the model as it is compiled, on `train` alone."),
        "loss": _("fit_model must return the loss of each epoch."),
        "accuracy": _("fit_model must return the accuracy of each epoch."),
        "val_loss": _("fit_model must measure the loss on `validation` after each epoch."),
        "val_accuracy": _("fit_model must measure the accuracy on `validation` after each epoch."),
    },
    meaning={
        "steps": _("the steps that the optimiser has taken"),
        "weights": _("the weights of the model"),
    }
    | dict.fromkeys(_CURVES, _("one number for each epoch")),
    mistakes={
        hint(
            "usual-batches", _("these are batches of 32, which `fit` takes unless it is told.")
        ): _simulated(32),
        hint(
            "one-batch",
            _("an epoch is a single step here, on one batch; batches of 100 make several."),
        ): _simulated(1000),
        hint("fixed-epochs", _("epochs is an argument: do not use a fixed number.")): [
            _simulated(epochs=lambda count, fixed=fixed: fixed) for fixed in (*range(3, 11), 20)
        ],
        hint(
            "part-of-train",
            _(
                "learn from all of `train`, and measure on all of `validation`: validation_split "
                "would keep a part of `train` back."
            ),
        ): [wrong for share in (0.1, 0.15, 0.2, 0.25, 0.3) for wrong in _split_off(share)],
        hint(
            "last-of-several",
            _("a History knows only its own `fit`: train for all epochs in a single `fit`."),
        ): _last_of_several,
        hint(
            "loop-around-fit",
            _("`fit` goes through all epochs by itself: call it once, without a loop around it."),
        ): [_several_times(lambda epochs: epochs), _several_times(lambda epochs: 2)],
        hint(
            "hundred-batches",
            _(
                "batch_size=100 is how many examples a batch holds, not how many batches, or "
                "steps, an epoch has."
            ),
        ): [
            _hundred_batches(lambda count: count // 100),
            _hundred_batches(lambda count: -(-count // 100)),
        ],
        hint(
            "scaled-again",
            _("the images are ready as they come: do not divide them by 255 again."),
        ): [
            _simulated(train=_scaled),
            _simulated(train=_scaled, validation=lambda train, validation: _scaled(validation)),
        ],
        hint(
            "third-and-fourth",
            _(
                "these are 100 epochs, in batches of `epochs`: the third argument of `fit` is "
                "batch_size. Write both by name."
            ),
        ): _exchanged,
        hint("one-epoch", _("this is one epoch: `fit` takes the number of epochs.")): _simulated(
            epochs=lambda count: 1
        ),
        hint("another-epoch", _("this is one epoch too many.")): _simulated(
            epochs=lambda count: count + 1
        ),
        hint("one-epoch-less", _("this is one epoch too few.")): _simulated(
            epochs=lambda count: count - 1
        ),
        hint("epochs-less", _("these are fewer epochs than `epochs` says.")): [
            _fewer_epochs(missing) for missing in (2, 3)
        ],
        hint(
            "trained-on-validation",
            _("the model has been trained on the validation digits as well: keep them apart."),
        ): _with_validation,
        hint(
            "trained-on-validation-alone",
            _("the model has been trained on the validation digits: train it on `train`."),
        ): _on_validation,
        hint("measured-on-train", _("validation_data is `train` here: it is `validation`.")): (
            _simulated(validation=lambda train, validation: train)
        ),
        hint("tail-dropped", _("the last, smaller batch is missing: it is a step, too.")): (
            _simulated(
                train=lambda train, _held_out: [part[: len(part) // 100 * 100] for part in train]
            )
        ),
        hint("another-size", _("these are batches of another size: batch_size=100.")): [
            _simulated(size)
            for size in (
                *(1, 5, 8, 10, 12, 15, 16, 20, 22, 24, 25, 30, 40, 48, 50, 60, 64, 75, 80, 90),
                *(96, 99, 101, 110, 120, 128, 150, 160, 199),
            )
        ],
    },
    by_code={"one-epoch-less": _SKIPPED, "epochs-less": _SKIPPED},
)

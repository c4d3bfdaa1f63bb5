"""The patients of lesson 7: ten broken networks, and how to treat them.

Ten arguments describe a network and its training. `patient(3)` is a run of patient 3 as it arrived,
to be shown and trained on the dashboard; `treated(3, learning_rate=0.1)` has one argument changed,
and `treat` trains it as well.
"""

import base64
import functools
import json

import numpy as np

from course import digits
from course.backend import keras, tf
from course.messages import _
from course.training import Run

STEPS = 400
HEALTHY = 0.8  # a healthy network reaches this validation accuracy in these steps
LOW_LOSS = 1.0  # and a training loss below this
HEALTHY_RATE = 0.2
ENOUGH_DIGITS = 1000

# The values that each argument may have: all of them, or the smallest and the largest.
ARGUMENTS = {
    "activation": ("relu", "sigmoid", "none"),
    "hidden_layers": (0, 8),
    "initial_weights": ("he", "narrow", "zeros"),
    "output": ("logits", "softmax"),
    "loss": ("from logits", "from probabilities", "class by class"),
    "pixels": ("0 to 1", "0 to 255"),
    "order": ("shuffled", "sorted by class"),
    "labels": ("as written", "shuffled"),
    "training_digits": (10, 3500),
    "learning_rate": (1e-9, 1e4),
}
_HEALTHY = {
    "activation": "relu",
    "hidden_layers": 2,
    "initial_weights": "he",
    "output": "logits",
    "loss": "from logits",
    "pixels": "0 to 1",
    "order": "shuffled",
    "labels": "as written",
    "training_digits": 3500,
    "learning_rate": HEALTHY_RATE,
}
# Pairs of arguments that must fit each other: a change of either may cure.
_TOGETHER = ({"output", "loss"}, {"hidden_layers", "initial_weights"})
# Encoded, so that nobody reads the diagnosis by accident.
_FILES = (
    "eyJvdXRwdXQiOiAic29mdG1heCJ9",
    "eyJsZWFybmluZ19yYXRlIjogMWUtMDZ9",
    "eyJwaXhlbHMiOiAiMCB0byAyNTUifQ==",
    "eyJvcmRlciI6ICJzb3J0ZWQgYnkgY2xhc3MifQ==",
    "eyJ0cmFpbmluZ19kaWdpdHMiOiA2MH0=",
    "eyJpbml0aWFsX3dlaWdodHMiOiAiemVyb3MifQ==",
    "eyJsZWFybmluZ19yYXRlIjogMjAuMH0=",
    "eyJsYWJlbHMiOiAic2h1ZmZsZWQifQ==",
    "eyJhY3RpdmF0aW9uIjogInNpZ21vaWQiLCAiaGlkZGVuX2xheWVycyI6IDUsICJpbml0aWFsX3dlaWdodHMiOiAibmFycm93In0=",
    "eyJsb3NzIjogImNsYXNzIGJ5IGNsYXNzIn0=",
)


class TreatmentError(ValueError):
    """A treatment is not possible; the message says why and what may be changed."""


def patient(number: int, *, shows_settings: bool = False) -> Run:
    """Return the untrained run of patient `number`, 1 to 10, as it arrived.

    Its learning rate and batch size are not shown, as they may be the riddle.
    """
    return _run(_file(number), 0, f"patient_{number}", shows_settings)


def treated(number: int, seed: int = 0, **change: object) -> Run:
    """Return the untrained run of a patient with exactly one argument changed.

    `ARGUMENTS` has the arguments and their values; anything else is a TreatmentError.
    """
    name, value = _single_change(change)
    return _run(_file(number) | {name: value}, seed, f"patient_{number}_treated", False)


def treat(number: int, seed: int = 0, **change: object) -> Run:
    """Train a patient with exactly one argument changed, for 400 steps; return the run."""
    return _treat(number, seed, *_single_change(change))


def untreated(number: int) -> Run:
    """Train a patient as it arrived, for 400 steps; return the run."""
    return _treat(number, 0)


@functools.lru_cache(maxsize=128)
def _treat(number, seed, *change):
    """Return the run of a treatment, trained only once, as the same one gives the same run."""
    run = treated(number, seed, **dict([change])) if change else patient(number)
    run.advance(STEPS, evaluate=False)
    if run.state != "diverged":
        run.evaluate()
    return run


def learn_by_heart(number: int, steps: int) -> list[float]:
    """Train a patient on only ten of its digits; return the training loss before each step.

    It ends early where the loss is no longer a number. For so few steps a training loop of its own,
    like that of lesson 4, is quicker than a run.
    """
    settings = _file(number)
    images, labels = _training_digits(settings | {"training_digits": 10}, 0)
    X, targets = tf.constant(images / np.float32(255)), tf.one_hot(labels, 10)
    network, loss_of = _network(settings, 0, f"patient_{number}"), _LOSSES[settings["loss"]]
    weights, rate = network.trainable_variables, settings["learning_rate"]

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_of(targets, network(X)))
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(rate * gradient)
        return loss

    losses: list[float] = []
    while len(losses) < steps and np.isfinite(losses[-1:]).all():
        losses.append(float(step()))
    return losses


def is_healthy(run: Run) -> bool:
    """Return whether a run has learned: most validation digits are right, and the loss is low."""
    if run.state == "diverged":
        return False
    loss = run.history.training.loss[-20:].mean()
    return bool(run.history.validation.accuracy[-1] >= HEALTHY and loss < LOW_LOSS)


def changes_patient(number: int, **change: object) -> bool:
    """Return whether a treatment gives the patient another value than it arrived with."""
    name, value = _single_change(change)
    return _file(number)[name] != value


def has_healthy(name: str, value: object) -> bool:
    """Return whether a healthy network has this value of an argument."""
    return bool(_HEALTHY[name] == value)


def may_cure(name: str, number: int) -> bool:
    """Return whether an argument is involved in what is wrong with a patient."""
    ill = {argument for argument, value in _file(number).items() if value != _HEALTHY[argument]}
    return name in ill or any(name in pair and ill & pair for pair in _TOGETHER)


def fits_loss(number: int, **change: object) -> bool:
    """Return whether the loss then takes what the network gives: logits or probabilities."""
    settings = _file(number) | change
    return (settings["output"] == "softmax") == (settings["loss"] == "from probabilities")


def goes_halfway(number: int, **change: object) -> bool:
    """Return whether a treatment moves a number towards that of a healthy network, or up to it."""
    name, value = _single_change(change)
    ends = sorted([_file(number)[name], _HEALTHY[name]])
    return not isinstance(value, str) and ends[0] < ends[1] and ends[0] <= value <= ends[1]


def goes_away(number: int, **change: object) -> bool:
    """Return whether a treatment moves a wrong number even further from a healthy network's."""
    name, value = _single_change(change)
    ill, healthy = _file(number)[name], _HEALTHY[name]
    return not isinstance(value, str) and 0 < abs(ill - healthy) < abs(value - healthy)


def _single_change(change):
    """Return the argument and its new value; TreatmentError unless it is a single, possible one."""
    if len(change) != 1:
        message = _("The treatment changes {count} arguments; change exactly one.")
        raise TreatmentError(message.format(count=len(change)))
    ((name, value),) = change.items()
    if name not in ARGUMENTS:
        message = _("There is no argument {name}. The arguments are: {names}.")
        raise TreatmentError(message.format(name=repr(name), names=", ".join(ARGUMENTS)))
    return name, _allowed(name, value)


def _allowed(name, value):
    allowed = ARGUMENTS[name]
    if isinstance(allowed[0], str):
        if isinstance(value, str) and value in allowed:
            return value
        expected = ", ".join(map(repr, allowed))
        message = _("{name} is {got}; it may be one of: {expected}.")
    else:
        low, high = allowed
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        whole = isinstance(low, int)
        if number and low <= value <= high and (not whole or value == int(value)):
            return int(value) if whole else float(value)
        kind = _("a whole number") if whole else _("a number")
        expected = _("{kind} from {low:g} to {high:g}").format(kind=kind, low=low, high=high)
        message = _("{name} is {got}; it may be {expected}.")
    got = repr(float(value)) if isinstance(value, float) else repr(value)
    got = getattr(value, "__name__", got)  # of a function, without its address
    raise TreatmentError(message.format(name=name, got=got, expected=expected))


def _file(number: int) -> dict:
    if number not in range(1, len(_FILES) + 1):
        message = _("There is no patient {got}; the patients are 1 to {last}.")
        raise TreatmentError(message.format(got=repr(number), last=len(_FILES)))
    return _HEALTHY | json.loads(base64.b64decode(_FILES[number - 1]))


def _run(settings: dict, seed: int, name: str, shows_settings: bool) -> Run:
    images, labels = _training_digits(settings, seed)
    _train, validation, test = digits.load("embedded")
    return Run(
        _network(settings, seed, name),
        ((images, labels), validation, test),
        learning_rate=settings["learning_rate"],
        batch_size=min(100, len(labels)),
        seed=seed,
        loss=_LOSSES[settings["loss"]],
        shuffle=settings["order"] == "shuffled",
        shows_settings=shows_settings,
    )


def _training_digits(settings: dict, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the digits and labels that a network with these settings is trained on."""
    images, labels = (part[: settings["training_digits"]] for part in digits.load("embedded").train)
    if settings["labels"] == "shuffled":
        labels = np.random.default_rng([6, seed]).permutation(labels)
    if settings["order"] == "sorted by class":
        by_class = np.argsort(labels, kind="stable")
        images, labels = images[by_class], labels[by_class]
    return images, labels


def _network(settings, seed, name):
    layers = keras.layers
    activation = None if settings["activation"] == "none" else settings["activation"]
    scale = 255.0 if settings["pixels"] == "0 to 255" else 1.0
    model = keras.Sequential(
        [keras.Input((28, 28)), layers.Flatten(), layers.Rescaling(scale)], name=name
    )
    for layer in range(settings["hidden_layers"]):
        start = _START[settings["initial_weights"]](100 * seed + layer)
        model.add(layers.Dense(60, activation, kernel_initializer=start))
    start = _START[settings["initial_weights"]](100 * seed + 99)
    output = "softmax" if settings["output"] == "softmax" else None
    model.add(layers.Dense(10, output, kernel_initializer=start))
    return model


_START = {
    "he": lambda seed: keras.initializers.HeNormal(seed=seed),
    "narrow": lambda seed: keras.initializers.TruncatedNormal(stddev=0.1, seed=seed),
    "zeros": lambda seed: keras.initializers.Zeros(),
}


def _from_logits(targets, outputs):
    return tf.nn.softmax_cross_entropy_with_logits(targets, outputs)


def _from_probabilities(targets, outputs):
    """Treat the outputs as probabilities, clipped away from 0 as Keras does."""
    return -tf.reduce_sum(targets * tf.math.log(tf.clip_by_value(outputs, 1e-7, 1.0)), axis=1)


def _class_by_class(targets, outputs):
    """Apply softmax, then add up the binary cross-entropy of each class, without any clipping."""
    probabilities = tf.nn.softmax(outputs)
    return -tf.reduce_sum(
        targets * tf.math.log(probabilities) + (1 - targets) * tf.math.log(1 - probabilities),
        axis=1,
    )


_LOSSES = {
    "from logits": _from_logits,
    "from probabilities": _from_probabilities,
    "class by class": _class_by_class,
}

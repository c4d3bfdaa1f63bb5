"""The check of the challenge: it reads a saved network and says what it is worth.

The path is the answer; the network must be made of Keras's own layers, and small.
"""

import contextlib
import difflib
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import bdtr

from course import backend, digits
from course.check.engine import environment, formatting
from course.check.engine.attempt import Attempt
from course.check.engine.failures import Unsolved
from course.check.engine.hints import Hint, hint
from course.messages import _, sentences
from course.silence import silence

MAX_PARAMETERS = 250_000
# The accuracy from which on the challenge earns 1, 2, 3 and 4 points.
STEPS = (0.92, 0.94, 0.96, 0.975)

_MAX_FILE = 8_000_000  # bytes: 250,000 parameters with an optimiser's memory fit in twice
_MAX_CONFIG = 100_000  # characters: no constants hidden among a network's settings
_CLEARLY = 0.05  # more of the digits are read
_DOUBTFUL = 1e-3  # luck of this kind has one network in a thousand
_HARD_TO_EXCEED = 0.99  # of new digits, after learning from the course's own
_READING = 0.4  # of the digits are more than an untrained network reads by luck
_GUESSING = 0.2  # of the digits are hardly more than the tenth that luck reads
_KNOWING = 0.6  # of the digits, read under other names, are no luck
_SHAPES = (28, 28, 1), (28, 28)  # of a digit
_OUTSIDE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}


def challenge(answer, seed=0):
    """Nothing -> the path of a saved .keras file; prints what it is worth on validation digits."""
    model = saved_network(answer)
    images, labels = digits.load("embedded").validation
    plain, shifted = accuracies(model, images, labels)
    message = _(
        "A network with {count:,} parameters. It reads {plain:.1%} of the {n} validation digits, "
        "and {shifted:.1%} of them shifted by a pixel: on such digits, about {points} of {most} "
        "points; the grader uses others."
    )
    message = message.format(
        count=model.count_params(),
        plain=plain,
        n=len(labels),
        shifted=shifted,
        points=points_for(min(plain, shifted)),
        most=len(STEPS),
    )
    reason = reason_of_errors(model, images, labels, plain)
    if plain == 1:
        by_heart = _(
            "Getting all of them right is rare: if it has learned from these very digits, this "
            "says nothing about new ones."
        )
        message = sentences(message, by_heart)
    if about_tests := _about_tests(model, round((1 - plain) * len(labels)), len(labels)):
        message = sentences(message, about_tests)
    print(message)
    if reason:
        print(_("Hint: {hint}").format(hint=reason))


def saved_network(answer):
    """Return the network that the answer's path leads to, or the reason why it cannot be judged."""
    attempt = Attempt(answer, "challenge()")
    result = attempt.call()
    value = result.value
    if value is None:
        result.array((), "")  # says that nothing was returned
    try:
        path = Path(os.fsdecode(value))
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
        if path.is_file():
            path.open("rb").close()
    except PermissionError:
        result.fail(
            _("challenge must point to a file that you may read."),
            got=_("a path where reading is not permitted: {path}").format(path=path),
            hint=hint(
                "closed-file", _("save the network beside the notebook, and return that path.")
            ),
        )
    except Exception:  # it is no path, or the network itself, in bytes
        result.fail(
            _("challenge must return the path of a saved network."),
            expected=_('a path such as "challenge.keras", when called as challenge()'),
            got=formatting.kind_text(value),
            hint=hint(
                "path",
                _("train_challenger saves the network: return only the path of its file here."),
            ),
        )
    if not path.is_file():
        beside = _networks_beside(path)
        near = difflib.get_close_matches(path.name, beside, n=1)
        near = near or (beside if len(beside) == 1 else [])
        raise Unsolved(
            "challenge",
            _("challenge is not solved yet: there is no file where it points."),
            got=f"{type(value).__name__} {str(path)!r}",
            hint=hint(
                "other-file",
                _("there is a saved network of another name, {name}: is it this one?").format(
                    name=near[0]
                ),
            )
            if near
            else hint(
                "no-file",
                _(
                    "train_challenger trains a network and saves it with model.save: run the cell "
                    "that calls it, and hand the file in together with the notebook."
                ),
            ),
        )
    return _load(result, path)


def _networks_beside(path):
    """The names of the saved networks in the folder that a path leads to."""
    with contextlib.suppress(OSError, ValueError):
        return sorted(file.name for file in path.parent.glob("*.keras"))
    return []


def _load(result, path):
    refuse = result.fail
    if path.stat().st_size > _MAX_FILE:
        refuse(
            _("challenge must point to a file of at most 8 MB."),
            got=_("{size:.1f} MB").format(size=path.stat().st_size / 1e6),
            hint=hint(
                "large-file",
                _(
                    "250,000 parameters need 1 MB, three times that with their optimiser: this "
                    "one must have many more, as model.count_params() tells. Most of them are in "
                    "the first dense layer."
                ),
            ),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            is_small = unpacked < 2 * _MAX_FILE
            config = archive.read("config.json") if is_small else b""
            version = _saved_by(archive) if is_small else ""
        settings = json.loads(config)
        settings.pop("compile_config", None)  # of the training; it is loaded without
        foreign = _foreign(settings)
    except Exception:  # an archive, and what stands in it, can be damaged in many ways
        refuse(
            _("challenge must point to a network that Keras saved."),
            got=_("a file that holds no saved network, or is damaged: {name}").format(
                name=path.name
            ),
            hint=hint(
                "not-a-network", _("model.save(path) writes one; the name must end in .keras.")
            ),
        )
    if foreign or len(config) > _MAX_CONFIG:
        refuse(
            _("challenge must point to a network made of Keras's own layers alone."),
            got=foreign or _("settings with {size:,} characters").format(size=len(config)),
            hint=hint(
                "own-layers", _("no Lambda, no classes of your own, no tables of constants.")
            ),
        )
    try:
        with silence():
            model = environment.load_model(path)
    except Exception as error:
        if _numbers(version) > _numbers(backend.keras.__version__):
            refuse(
                _("challenge must point to a network that this Keras can load."),
                expected=_("saved by Keras {version} or older").format(
                    version=backend.keras.__version__
                ),
                got=_("saved by Keras {version}").format(version=version),
                hint=hint("newer-keras", _("save it again where the course is installed.")),
            )
        refuse(
            _("challenge must point to a network that Keras can load in safe mode."),
            got=formatting.error_text(error),
            hint=hint(
                "safe-mode",
                _("build it from Keras's own layers, without Lambda, and save the whole model."),
            ),
        )
    _check_digits(result, model)
    count = model.count_params()
    if count > MAX_PARAMETERS:
        refuse(
            _("challenge must point to a network with at most 250,000 parameters."),
            expected=_("at most {count:,}").format(count=MAX_PARAMETERS),
            got=f"{count:,}",
            hint=hint(
                "parameters",
                _("most of them are in the first dense layer: pass it fewer numbers."),
            ),
        )
    return model


def _saved_by(archive):
    """The version of Keras that a saved network names; empty if it names none."""
    try:
        found = json.loads(archive.read("metadata.json")).get("keras_version")
    except (KeyError, ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) and re.fullmatch(r"[\w.+-]{1,30}", found) else ""


def _numbers(version):
    """The numbers of a version, to compare it by: (3, 15, 0) for "3.15.0"."""
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version)[:3])


def _foreign(settings):
    """The first thing in a saved network's settings that is not Keras's own, or None."""
    if isinstance(settings, list):
        return next((found for item in settings if (found := _foreign(item))), None)
    if not isinstance(settings, dict):
        return None
    kind = settings.get("class_name")
    if "module" in settings and "config" in settings:
        module = settings["module"] or ""
        if kind in _OUTSIDE or module.split(".")[0] != "keras":
            return f"{kind} ({settings.get('registered_name') or module})"
    if kind in ("__lambda__", "__tensor__", "__numpy__"):
        return kind.strip("_")
    return next((found for item in settings.values() if (found := _foreign(item))), None)


def _check_digits(result, model):
    """Check that the network takes digits and gives ten values for each."""
    expected = _("(28, 28, 1) or (28, 28) in, 10 out")
    try:
        shapes = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    except (AttributeError, TypeError, ValueError, IndexError):
        shapes = None
    if not shapes or not _shape_for(shapes[0]) or shapes[1] != (10,):
        result.fail(
            _("challenge must point to a network that reads digits."),
            expected=expected,
            got=_("{input} in, {output} out").format(input=shapes[0], output=shapes[1])
            if shapes
            else _("no shapes at all"),
            hint=hint("ten-numbers", _("end with ten neurons, behind Flatten, for instance."))
            if shapes and _shape_for(shapes[0])
            else hint("input", _("start with keras.Input((28, 28, 1)).")),
        )


def _shape_for(taken):
    """The shape of a digit that a network takes; None in what it takes stands for any length."""
    for shape in _SHAPES:
        pairs = zip(taken, shape, strict=False)
        if len(taken) == len(shape) and all(length in (None, own) for length, own in pairs):
            return shape
    return None


def accuracies(model, images, labels):
    """Return the share read rightly: of these digits, and of their copies shifted by a pixel.

    images uint8 (n, 28, 28), labels (n,). The copies are shifted up, down, left and right.
    """
    plain = read_digits(model, images) == labels
    copies = [np.roll(images, step, axis) for axis in (1, 2) for step in (-1, 1)]
    shifted = [read_digits(model, copy) == labels for copy in copies]
    return float(plain.mean()), float(np.mean(shifted))


def _about_tests(model, mistakes, count):
    """What to say if a network may have learned the test digits; it misses some of `count` others.

    It is much better on the test digits, or better on both than others than these can teach it.
    """
    course = digits.load("embedded")
    images, labels = course.test
    fewer, both = int((read_digits(model, images) != labels).sum()), len(labels) + count
    if luck_of_fewer(mistakes, fewer, len(labels) / both) < _DOUBTFUL:
        return _(
            "It makes far fewer mistakes on the test digits: if it has learned from them, the "
            "grader gives it nothing."
        )
    if bdtr(fewer + mistakes, both, 1 - _HARD_TO_EXCEED) < _DOUBTFUL:
        text = _(
            "It reads {share:.1%} of the {n:,} test digits, too, and the other {others:,} rarely "
            "teach this much: if it has learned from the test digits, the grader gives nothing for "
            "that."
        )
        others = len(course.train.labels) + len(course.validation.labels)
        return text.format(share=1 - fewer / len(labels), n=len(labels), others=others)
    return ""


def luck_of_fewer(mistakes: int, fewer: int, share: float = 0.5) -> float:
    """Return how likely luck leaves so few of these mistakes, or fewer, to a share of the digits.

    That is the binomial distribution: of as many mistakes in all, each falls on the digits of that
    share with the probability `share`, if a network reads those as well as the others.
    """
    return float(bdtr(fewer, mistakes + fewer, share))


def reason_of_errors(
    model: Any, images: np.ndarray, labels: np.ndarray, accuracy: float
) -> Hint | None:
    """Return why a network earns nothing with these digits, if that can be told: a hint."""
    if accuracy >= STEPS[0]:
        return None
    others = (
        (
            "pixels-to-255",
            lambda X: 255 * X,
            _(
                "with pixels from 0 to 255 it would read {share:.1%} of them: train it on pixels "
                "from 0 to 1, as it gets them here, and without a Rescaling of its own."
            ),
        ),
        (
            "black-on-white",
            lambda X: 1 - X,
            _(
                "with black and white exchanged it would read {share:.1%} of them: train it on "
                "white digits on black, as it gets them here."
            ),
        ),
    )
    shares = [
        float((read_digits(model, images, change) == labels).mean())
        for _id, change, _text in others
    ]
    best = int(np.argmax(shares))
    if shares[best] > max(accuracy + _CLEARLY, _READING):
        hint_id, _change, text = others[best]
        return hint(hint_id, text.format(share=shares[best]))
    if accuracy < _GUESSING and (found := _other_labels(read_digits(model, images), labels)):
        return found
    if accuracy < _GUESSING:
        return hint(
            "guessing",
            _(
                "that is hardly more than by guessing: was it trained before it was saved, and "
                "with the right label for each image?"
            ),
        )
    return None


def _other_labels(answers, labels):
    """The hint for a network that knows the digits apart, by other names; or None."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, answers), 1)
    if counts.max(axis=0).sum() < _KNOWING * len(labels):
        return None
    np.fill_diagonal(counts, 0)
    label, answer = np.unravel_index(counts.argmax(), counts.shape)
    text = _(
        "it has learned, but from different labels: for a {label} it answers {answer}. What "
        "happened to the labels before the training?"
    )
    return hint("other-labels", text.format(label=label, answer=answer))


def read_digits(model, images, change=lambda X: X):
    """Return the digits (n,) that a network takes images uint8 (n, 28, 28) for, pixels changed."""
    X = images.reshape(-1, *_shape_for(model.input_shape[1:])).astype(np.float32) / 255
    X = change(X)
    with silence():
        answers = [
            np.asarray(model(X[start : start + 500], training=False))
            for start in range(0, len(X), 500)
        ]
    return np.concatenate(answers).argmax(axis=1)


def points_for(accuracy):
    """Return the points that this accuracy earns."""
    return sum(accuracy >= step for step in STEPS)

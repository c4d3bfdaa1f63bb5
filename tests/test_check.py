"""Checks and examinations against their banks: wrong answers refused, right ones taken."""

import importlib
import inspect
import math
import operator
import os
import re
import sys
import tracemalloc
import types
import warnings

import nbformat
import numpy as np
import pytest

from autograder import exam
from course import check, digits
from course.backend import keras, tf
from course.check import CheckFailed, tensors
from course.check.engine import keras_objects, set_up_names
from course.check.engine.guard import unguarded
from tests.banks import is_told
from tests.banks.any_exercise import GENERIC_WRONG, unsolved
from tests.conftest import ROOT, tried
from tests.pseudo_language import BEGIN, pseudo_language

BANKS = {lesson: importlib.import_module(f"tests.banks.{lesson}") for lesson in check.LESSONS}

# Exercises whose missing answers the course's own functions stand in for.
REFERENCES = [
    exercise
    for lesson, exercises in check.LESSONS.items()
    for exercise in exercises
    if exercise not in ("name_the_curve", "challenge") and not exercise.startswith("case_")
]


def reference(exercise):
    """The course's own right answer."""
    (lesson,) = (lesson for lesson, names in check.LESSONS.items() if exercise in names)
    return getattr(importlib.import_module(f"course.check.references.{lesson}"), exercise)


# Attempts at what trains a Keras model take seconds each, and what is wrong in the same way in all
# exercises is the affair of the engine: of these a small part is tried, of all exercises together,
# the same each time; of all others one in sixteen, and at least one of each exercise.
TRAINING = {"compile_model", "fit_model", "train_step", "build_regularised", "feature_maps"}
TRAINING |= {"fit_with_early_stopping", "augmented", "save_and_load", "challenge"}
TRAINING |= {"frozen_base", "compile_detector", "overfit_one_batch"}

# Exercises whose answers are given something, which they could remember.
WITH_ARGUMENTS = {name for name in REFERENCES if inspect.signature(reference(name)).parameters}
WITH_ARGUMENTS -= {"loss_for"}  # its check asks for all that it can be given
# Exercises whose answers draw at random, or build networks that start at random.
DRAWING = {name for name in REFERENCES if "rng" in inspect.signature(reference(name)).parameters}
DRAWING |= {"build_five_layers", "build_convnet"}

TO_REMEMBER = sorted(WITH_ARGUMENTS - TRAINING)
TO_REMEMBER += tried(sorted(WITH_ARGUMENTS & TRAINING), rarer=8)


def attempts(kind):
    """Attempts of this kind, each with its exercise."""
    found, rare, chosen = {}, [], []
    for lesson, bank in BANKS.items():
        for exercise in check.LESSONS[lesson]:
            is_costly = exercise in TRAINING or exercise.startswith("case_")
            own, shared = getattr(bank, kind)[exercise], GENERIC_WRONG if kind == "WRONG" else {}
            its = {f"{exercise}: {name}": entry for name, entry in (shared | own).items()}
            often = [] if is_costly else [f"{exercise}: {name}" for name in own]
            found |= {name: (exercise, entry) for name, entry in its.items()}
            chosen += tried(often, rarer=16) if often else []
            rare += its.keys() - set(often)
    names = [*chosen, *tried(sorted(rare), rarer=64)]
    return [pytest.param(*found[name], id=name) for name in names]


@pytest.mark.no_cover
@pytest.mark.parametrize(("exercise", "entry"), attempts("WRONG"))
def test_wrong_answers_are_refused_for_the_right_reason(exercise, entry, capfd):
    """By the check, with which all examinations begin, but that of the challenge."""
    for judge in (check, exam) if exercise == "challenge" else (check,):
        answer, expected = entry
        with pytest.raises(check.CheckFailed) as failure:
            getattr(judge, exercise)(answer)
        message, hint_id = str(failure.value), failure.value.hint_id
        assert failure.value.exercise == exercise
        assert exercise in failure.value.demand
        assert is_told(expected, exercise, message, hint_id), f"{hint_id}\n{message}"
        assert len(message.splitlines()) <= 12, message
        assert not failure.value.got or failure.value.got != failure.value.expected


def verdict(exercise, answer):
    """What the check says of an answer: nothing, or the kind of its failure and its hint."""
    try:
        getattr(check, exercise)(answer)
    except check.CheckFailed as failure:
        return type(failure).__name__, failure.hint_id


@pytest.mark.weekly
@pytest.mark.no_cover
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("exercise", sorted(DRAWING | TRAINING))
def test_an_attempt_gets_the_same_verdict_every_time(exercise):
    """Of what draws at random; a network is trained three times, not twenty."""
    (bank,) = (bank for bank in BANKS.values() if exercise in bank.WRONG)
    answers = {name: answer for name, (answer, _told) in bank.WRONG[exercise].items()}
    answers |= {f"right: {name}": answer for name, answer in bank.RIGHT[exercise].items()}
    times = 3 if exercise in TRAINING else 20
    verdicts = {
        name: {verdict(exercise, answer) for _time in range(times)}
        for name, answer in answers.items()
    }
    assert {name: found for name, found in verdicts.items() if len(found) > 1} == {}


def fingerprint(value):
    """What tells one argument from another, by what it holds."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, dict):
        return tuple((key, fingerprint(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return tuple(map(fingerprint, value))
    if kind := keras_objects.kind_of(value):
        if kind == "model":  # its layers are numbered through
            return tuple(map(fingerprint, value.get_weights()))
        if kind == "variable":
            return fingerprint(value.numpy())
        config = keras.saving.serialize_keras_object(value)["config"]
        return repr({name: setting for name, setting in config.items() if name != "name"})
    if isinstance(value, str):  # a path is new each time
        return os.path.basename(value)
    return getattr(value, "__qualname__", value)


def known_by_heart(exercise):
    """An answer that is right for all that the visible check asks, and knows nothing else."""
    (bank,) = (bank for bank in BANKS.values() if exercise in bank.RIGHT)
    right = next(iter(bank.RIGHT[exercise].values()))
    asked = set()

    def learning(*arguments):
        asked.add(tuple(map(fingerprint, arguments)))
        return right(*arguments)

    def answer(*arguments):
        return right(*arguments) if tuple(map(fingerprint, arguments)) in asked else None

    getattr(check, exercise)(learning)
    return answer


@pytest.mark.parametrize("exercise", TO_REMEMBER)
def test_an_answer_that_remembers_the_visible_inputs_fails_the_examination(exercise):
    answer = known_by_heart(exercise)
    assert getattr(check, exercise)(answer) is None
    with pytest.raises(check.CheckFailed, match=exercise):
        getattr(exam, exercise)(answer)


@pytest.mark.slow
def test_a_cure_under_a_wrong_name_passes_the_check_and_earns_half_of_the_points(capsys):
    def case_3():
        return "weights start at zero", {"pixels": "0 to 1"}

    assert "its fault is not “weights start at zero”" in repr(check.case_3(case_3))
    assert exam.case_3(case_3) == 1
    assert "the fault is not 'weights start at zero'" in capsys.readouterr().out


@pytest.mark.no_cover
@pytest.mark.parametrize(("exercise", "answer"), attempts("RIGHT"))
def test_unusual_right_answers_pass_in_silence(exercise, answer, capfd):
    """The examination begins with the visible check, but in the clinic and for the challenge."""

    def noisy(*arguments):
        """As TensorFlow does: on Python's standard error, on the descriptor, and as warnings."""
        print("noise", file=sys.stderr)
        os.write(2, b"noise\n")
        warnings.warn("noise", stacklevel=1)
        np.log(np.zeros(1))
        return answer(*arguments)

    digits.load("embedded")  # says once which digits are used
    capfd.readouterr()
    if exercise in exam.POINTS:
        assert getattr(check, exercise)(noisy) is None
        said = capfd.readouterr()
        assert said.err == ""
        assert ("points" in said.out) == (exercise == "challenge")
    points = getattr(exam, exercise)(noisy)
    said = capfd.readouterr()
    assert said.err == ""
    if exercise == "challenge":  # it always says how good the network is; see test_challenge.py
        assert 0 < points <= exam.POINTS[exercise]
        assert "points" in said.out
        return
    assert points == exam.POINTS.get(exercise)
    assert said.out == ""


@pytest.mark.parametrize("lesson", BANKS)
def test_banks_are_large_enough(lesson):
    for exercise in check.LESSONS[lesson]:
        assert len(BANKS[lesson].WRONG[exercise]) >= 6
        assert len(BANKS[lesson].RIGHT[exercise]) >= 3


def test_checks_and_examinations_are_found_by_name():
    for exercises in check.LESSONS.values():
        for exercise in exercises:
            assert exercise in dir(check)
            assert exercise in dir(exam)
            assert getattr(check, exercise).__doc__
            assert getattr(exam, exercise).__doc__
    with pytest.raises(AttributeError, match=r"called 'onehot'. Did you mean one_hot\?$"):
        check.onehot  # noqa: B018
    with pytest.raises(AttributeError, match=r"called 'nothing'. There are: .*softmax"):
        check.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="There is no examination 'sofmax'"):
        exam.sofmax  # noqa: B018


def test_the_message_shows_the_property_the_example_and_the_hint():
    with pytest.raises(check.CheckFailed) as failure:
        check.weighted_sums(lambda X, W, b: X @ W)
    assert str(failure.value).splitlines() == [
        "weighted_sums must give X·W + b: the pixels times their weights, plus the bias.",
        "  X = [[1., 2.]]",
        "  W = [[3.], [4.]]",
        "  b = [100.]",
        "  expected: [[111.]]",
        "  got:      [[11.]]",
        "Hint: the biases b are missing: one is added to each column.",
    ]


def refusal(exercise, answer):
    """What the check of this exercise finds wrong with an answer."""
    with pytest.raises(check.CheckFailed) as failure:
        getattr(check, exercise)(answer)
    assert type(failure.value) is check.CheckFailed
    return failure.value


def softmax_gradients(X, T, W, b):
    return -X.T @ T, T.sum(axis=0)


def test_an_array_in_place_of_several_parts_is_not_taken_apart():
    """As a list, it may take more than there is memory for."""
    long = np.empty((300_000, 0))
    tracemalloc.start()
    failure = refusal("softmax_gradients", lambda X, T, W, b: long)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure.hint_id.endswith("return-parts")
    assert most < 10_000_000


def calling(helper, **names):
    """An answer to train in a notebook where it and its helper stand in cells of their own."""
    notebook = {"np": np, helper.__name__: helper} | names
    exec(f"def train(X, T, *others):\n    return {helper.__name__}(X, T, *others)", notebook)
    return notebook["train"]


def test_an_error_in_the_answer_is_shown_with_its_line():
    def softmax(logits):
        shifted = logits - 1
        return shifted / undefined  # noqa: F821

    failure = refusal("softmax", softmax)
    assert failure.error == "NameError: name 'undefined' is not defined"
    assert "of its cell: return shifted / undefined" in failure.place
    assert str(failure).endswith(
        "Hint: is undefined spelled as in its definition, and has that cell been run?"
    )


def test_an_error_in_another_function_is_shown_with_its_name():
    def gradients(*arguments):
        return [number / 0 for number in (1, 2)]

    failure = refusal("train", calling(gradients))
    assert "of the cell with gradients: return [number / 0 for" in failure.place


def test_a_model_saved_under_the_name_alone_is_seen_in_the_current_folder(tmp_path, monkeypatch):
    def answer(model, path):
        name = os.path.basename(path)
        model.save(name)
        return keras.models.load_model(name)

    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed) as failure:
        check.save_and_load(answer)
    assert failure.value.hint_id == "save_and_load/file-name-alone"
    assert 'path = "/…/model.keras"' in str(failure.value)


def test_an_unsolved_function_that_an_answer_calls_is_named():
    def softmax_gradients(*arguments):
        raise NotImplementedError()

    failure = refusal("train", calling(softmax_gradients))
    assert failure.demand == "train calls softmax_gradients, which is not solved yet."
    assert failure.hint_id == "train/unsolved-helper"


def test_a_wrong_answer_that_another_one_calls_is_named():
    """Where the check of the other one fails; not where two call each other, or it is right."""
    notebook = {"softmax_gradients": softmax_gradients}
    exec("def train(X, T, W, b, *others):\n    return softmax_gradients(X, T, W, b)", notebook)
    failure = refusal("train", notebook["train"])
    assert failure.hint_id == "train/helper"
    assert "your softmax_gradients, which does not pass its own check" in failure.hint
    notebook["softmax_gradients"] = BANKS["lesson_02_gradient_descent"].RIGHT["softmax_gradients"][
        "TensorFlow"
    ]
    assert refusal("train", notebook["train"]).hint_id != "train/helper"
    exec("def softmax_gradients(X, T, W, b):\n    return train(X, T, W, b)", notebook)
    assert "RecursionError" in refusal("train", notebook["train"]).error


def given_to_a_model_for_three_inputs(x):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])(x)


def without_a_batch(text="convolution input must be 4-dimensional: [5,5,1]"):
    """Fail as `conv2d` does for one image, which ends Python where TensorFlow uses oneDNN."""
    raise tf.errors.InvalidArgumentError(None, None, text)


def gradient_of(source, times=1):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(source * 2)
    return [tape.gradient(loss, source) for _time in range(times)]


def test_a_line_of_compiled_code_is_not_shown_as_the_learners():
    failure = refusal("softmax", lambda x: np.random.default_rng(1).normal(0, 1, 2, 3))
    assert "numpy" not in failure.place


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda x: np.zeros(2, 3), "shape-in-brackets"),
        (lambda x: math.exp(np.zeros(2)), "whole-arrays"),
        (lambda x: float(np.zeros(2)), "whole-arrays"),
        (lambda x: np.zeros((2, 3)) - np.zeros(2), "broadcasting"),
        (lambda x: tf.zeros((2, 3)) - tf.zeros(2), "broadcasting"),
        (lambda x: np.zeros((2, 3)) @ np.zeros((2, 3)), "matrix-shapes"),
        (lambda x: tf.zeros((2, 3)) @ tf.zeros((2, 3)), "matrix-shapes"),
        (lambda x: np.zeros(2)[[5]], "index"),
        (lambda x: range("n"), ""),
        (lambda x: np.zeros((2, 3)) - np.zeros((3, 2)), "other-sizes"),
        (lambda x: tf.zeros((2, 3)) - tf.zeros((3, 2)), "other-sizes"),
        (lambda x: np.zeros((3, 2, 1)) * np.zeros((3, 3, 1)), "smaller-patch"),
        (lambda x: tf.zeros((3, 2, 1)) * tf.zeros((3, 3, 1)), "smaller-patch"),
        (lambda x: np.arange(4)[: len(x) / 2], "whole-number"),
        (lambda x: list(range(len(x) / 2)), "range-by-steps"),
        (lambda x: tf.zeros(2).__setitem__(0, 1), "tensor-attribute"),
        (lambda x: exec("t[0] = 1", {"t": tf.zeros(2)}), "immutable-tensor"),
        (lambda x: exec("t[0] = 1", {"t": tf.Variable([1.0])}), "immutable-tensor"),
        (lambda x: tf.function(lambda t: t.numpy())(tf.zeros(2)), "no-numbers-yet"),
        (lambda x: tf.function(lambda t: np.mean(t))(tf.zeros(2)), "no-numbers-yet"),
        (lambda x: tf.function(lambda t: float(t))(tf.zeros(())), "no-numbers-yet"),
        (lambda x: tf.function(lambda t: math.exp(t))(tf.zeros(())), "no-numbers-yet"),
        (lambda x: exec("t[0] = 1", {"t": (1, 2)}), "immutable-tuple"),
        (lambda x: exec("t[0][1] = 1", {"t": np.zeros(2)}), "no-places"),
        (lambda x: exec("t[0][1] = 1", {"t": [0, 0]}), "no-places"),
        (lambda x: keras.layers.Dense(3, activation="Relu"), "activation-name"),
        (lambda x: exec("np.zeros(2)", {}), "first-cell"),
        (lambda x: one_hot(2), "another-notebook"),  # noqa: F821
        (lambda x: e**x, "power-of-e"),  # noqa: F821
        (lambda x: tf.exp(1), "fractions-first"),
        (lambda x: x ^ 2, "power"),
        (lambda x: 2.0 ^ 2, "power"),
        (lambda x: tf.constant(2.0) ^ 2.0, "power"),
        (lambda x: argmax(x), "module-in-front"),  # noqa: F821
        (lambda x: reduce_sum(x), "module-in-front"),  # noqa: F821
        (lambda x: relu(x), "module-in-front"),  # noqa: F821
        (lambda x: x.max(axis=1, keepdim=True), "near-spelling"),
        (lambda x: keras.optimizers.Adam(lr=0.1), "near-spelling"),
        (lambda x: keras.layers.Dense(1, activations="relu"), "near-spelling"),
        (lambda x: keras.losses.BinaryCrossentropy(logits=True), "near-spelling"),
        (lambda x: keras.loss.MeanSquaredError(), "near-spelling"),
        (lambda x: keras.layers.Flatten(keras.Input((3,))), "layer-then-call"),
        (lambda x: keras.layers.Dense(keras.Input((3,))), "layer-then-call"),
        (lambda x: keras.layers.Dense(1)(keras.layers.Dense(1)), "layer-for-tensor"),
        (
            lambda x: keras.Sequential().compile("adam", "mse", from_logits=True),
            "setting-of-the-loss",
        ),
        (lambda x: np.sqrt(2, 3), "one-array"),
        (lambda x: np.arrange(3), "near-spelling"),
        (lambda x: keras.layers.dense(3), "near-spelling"),
        (lambda x: np.ln(x), "natural-logarithm"),
        (lambda x: tf.log(x), "another-module"),
        (lambda x: np.one_hot(x), "another-module"),
        (lambda x: keras.Dense(3), "another-module"),
        (lambda x: [].append(1, 2), "pair-to-append"),
        (lambda x: exec("def f():\n    W = W - 1\nf()", {"W": 1}), "own-name"),
        (lambda x: x.copy[0], "brackets-of-a-call"),
        (lambda x: list({}.items), "brackets-of-a-call"),
        (lambda x: tf.reduce_mean(keras.losses.MeanSquaredError()), "brackets-of-a-call"),
        (lambda x: tf.Variable(x).assign_minus(x), "methods-of-variable"),
        (lambda x: [1, 2][tf.Variable(1)], "place-by-number"),
        (lambda x: np.concatenate(x[0], x[0]), "arrays-in-a-list"),
        (lambda x: np.eye(x[0].astype(int)), "one-whole-number"),
        (lambda x: range([1]), "one-whole-number"),
        (lambda x: range(x.shape), "whole-shape"),
        (lambda x: list(len(x)), "single-number"),
        (lambda x: x.max(axis=2), "axis-from-0"),
        (lambda x: tf.reduce_max(x, axis=2), "axis-from-0"),
        (lambda x: np.max(x, 1e-7), "larger-of-two"),
        (lambda x: tf.reduce_max(x, 1e-7), "larger-of-two"),
        (lambda x: {}.name, "entry-of-dict"),
        (lambda x: list(np.ndindex(x)), "shape-for-ndindex"),
        (lambda x: tf.gather(x, np.uint16([0])), "type-of-indices"),
        (lambda x: np.random.default_rng(1)(3), "method-of-rng"),
        (lambda x: np.random.default_rng(1).shuffle(range(3)), "immutable-range"),
        (lambda x: x[len(x) / 2], "whole-indices"),
        (lambda x: x[np.float32([0])], "whole-indices"),
        (lambda x: keras.Sequential(x, x), "layers-in-a-list"),
        (lambda x: keras.Sequential(1, True, x), "layers-in-a-list"),
        (lambda x: keras.Sequential(x, x, x, x), "layers-in-a-list"),
        (lambda x: keras.Sequential([keras.layers.Flatten]), "class-for-object"),
        (lambda x: exec("with C: pass", {"C": tf.GradientTape}), "class-for-object"),
        (lambda x: keras.layers.Conv2D(6, 6, 1, "same", "relu"), "place-of-data-format"),
        (lambda x: keras.layers.InputSpec, "not-called"),
        (given_to_a_model_for_three_inputs, "other-input"),
        (lambda x: keras.Input(28, 28), "shape-in-brackets"),
        (lambda x: keras.losses.MeanSquaredError(x, x, x, x, x), "made-then-called"),
        (
            lambda x: keras.losses.SparseCategoricalCrossentropy(x, x, from_logits=True),
            "made-then-called",
        ),
        (lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(x, x[0]), "targets-first"),
        (
            lambda x: tf.nn.softmax_cross_entropy_with_logits(np.eye(10)[:2], x),
            "columns-of-targets",
        ),
        (lambda x: x.max, "not-called"),
        (lambda x: exec("np.zeros(2)[relu]", {"np": np}), "quotation-marks"),
        (lambda x: exec("logit", {}), "near-name"),
        (lambda x: exec("logits", {}), "renamed-argument"),
        (lambda x: np.reshape(x, -1, 4), "shape-in-brackets"),
        (lambda x: exec("math.exp(1)", {}), "import"),
        (lambda x: exec("overfitting", {}), "quotation-marks"),
        (lambda x: {}["W"], "unknown-key"),
        (lambda x: {"W": 1}["X"], "unknown-key"),
        (lambda x: {}["logits"], "unknown-key"),  # which is no text itself
        (lambda x: [1.0, 2.0] * 0.5, "plain-list"),
        (lambda x: operator.getitem([1, 2], "A"), "place-by-number"),
        (lambda x: operator.getitem("ab", "A"), "place-by-number"),
        (lambda x: x.astype(np.uint8).__itruediv__(255), "in-place-type"),
        (lambda x: np.random.default_rng(1).shuffle([1, 2])[0], "nothing-returned"),
        (lambda x: 1 + math.exp(1000), "exp-too-large"),
        (lambda x: [x[i, j, k] for i, j, k in [(0, 0, 0)]], "number-of-axes"),
        (lambda x: np.zeros(2).__setitem__(0, [1, 2]), "one-number-each"),
        (lambda x: x(0), "round-brackets"),
        (lambda x: x.tolist()(0), "round-brackets"),
        (lambda x: len(x)(0), "missing-times"),
        (lambda x: np.float64(0.5)(len(x)), "missing-times"),
        (lambda x: math(0.5), ""),
        (lambda x: keras.Input((1,)).numpy(), "layers-only"),
        (lambda x: tf.zeros(2).astype(int), "tensor-attribute"),
        (lambda x: tf.zeros((2, 2)) @ tf.zeros((2, 2), tf.float64), "mixed-types"),
        (lambda x: tf.constant([1, 2], tf.uint8) / 255.0, "mixed-types"),
        (lambda x: exec("def f(): return f()\nf()", {}), "recursion"),
        (lambda x: without_a_batch(), "batch-axis"),
        (lambda x: without_a_batch("Input must be 4 or 5-dimensional"), "batch-axis"),
        (lambda x: tf.nn.max_pool2d(tf.zeros((4, 4, 1)), 2, 2, "VALID"), "batch-axis"),
        (lambda x: tf.nn.avg_pool2d(tf.zeros((4, 4, 1)), 2, 2, "VALID"), "batch-axis"),
        (lambda x: np.random.default_rng(1).normal(0, 1, 2, 3), "size-in-brackets"),
        (lambda x: operator.iadd(np.zeros(2), np.zeros((3, 2))), "in-place-shape"),
        (lambda x: np.resize(x, 4).reshape(3, 5), "other-count"),
        (lambda x: tf.reshape(tf.zeros(4) + x[0, 0], (3, 5)), "other-count"),
        (lambda x: tf.reduce_mean(tf.constant([True])), "mean-of-booleans"),
        (lambda x: tf.convert_to_tensor(None), "none-for-numbers"),
        (lambda x: gradient_of(np.zeros(2)), "not-a-variable"),
        (lambda x: tf.GradientTape().watch(x), "watched-array"),
        (lambda x: (tf.Variable(x) - 1).assign_sub(x), "assigned-to-no-variable"),
        (lambda x: [tf.Variable(x)].assign_sub(x), "assigned-to-no-variable"),
        (lambda x: [a * b for a, b in ([1.0], [2.0])], "number-of-names"),
        (lambda x: [a for a, b in x[:1, :1]], "number-of-names"),
        (lambda x: np.float64(1)[0], "number-of-axes"),
        (lambda x: gradient_of(tf.Variable(1.0), times=2), "gradient-once"),
        (lambda x: keras.Sequential([keras.layers.Dense(1)]).layers[0].input, "inputs"),
        (lambda x: keras.Model([], keras.Input((1,))), "no-inputs"),
        (
            lambda x: keras.losses.CategoricalCrossentropy()(np.arange(2), tf.zeros((2, 3))),
            "one-hot-targets",
        ),
        (
            lambda x: keras.losses.SparseCategoricalCrossentropy()(tf.zeros((2, 3)), np.arange(2)),
            "targets-first",
        ),
    ],
)
def test_the_text_of_an_error_tells_what_is_behind_it(call, hint):
    assert refusal("softmax", call).hint_id == (f"softmax/{hint}" if hint else "")


SET_UP_CELLS = {
    lesson: next(
        cell.source
        for path in sorted((ROOT / "source").glob(f"{lesson[7:9]}-*/*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
    for lesson in check.LESSONS
}


@pytest.mark.parametrize("name", sorted({*set_up_names.FIRST_CELLS, "np", "tf", "keras", "layers"}))
def test_a_name_comes_from_the_first_cell_where_that_makes_it(name):
    made = {
        int(lesson.split("_")[1])
        for lesson, cell in SET_UP_CELLS.items()
        if re.search(rf"\b(import|as|,) {name}\b|^{name}\b.*=|^{name}, ", cell, re.MULTILINE)
    }
    assert set_up_names.FIRST_CELLS[name] == made


@pytest.mark.parametrize(
    ("exercise", "name", "told"),
    [
        ("steps_per_epoch", "np", "import numpy as np"),
        ("steps_per_epoch", "math", "import math"),
        ("overfit_one_batch", "np", "import numpy as np"),
        ("accuracy", "keras", "import keras"),
        ("tape_gradients", "layers", "from keras import layers"),
        ("train_step", "layers", "from keras import layers"),
        ("accuracy", "np", "first cell"),
        ("loss_for", "keras", "first cell"),
    ],
)
def test_a_name_that_no_first_cell_makes_has_to_be_imported(exercise, name, told):
    def answer(*_arguments):
        return eval(name, {})

    assert told in refusal(exercise, answer).hint


def test_lesson_10_does_not_have_the_first_cell_of_another_lesson(monkeypatch):
    assert check.accuracy
    monkeypatch.setitem(check.LESSON_OF, "accuracy", "lesson_10_more")

    def answer(*_arguments):
        return eval("digits", {})

    assert "first cell" not in refusal("accuracy", answer).hint


def mean_of_logits(logits):
    return np.mean(logits)


def flattened(images):
    return tf.reshape(images, [len(images), -1])


def summed(X, W, b):
    return sum(X)


def by_softmax(X, W, b):
    return softmax(X)  # noqa: F821


def by_math(logits):
    return math.exp(logits)


@pytest.mark.parametrize(
    ("check", "answer", "names", "told"),
    [
        (check.softmax, mean_of_logits, {"np": 3}, "run the first cells of the notebook again"),
        (check.prepare_images, flattened, {"tf": "x"}, "run the first cells of the notebook"),
        (check.softmax, by_math, {"math": [1.0]}, "run `import math` again"),
        (tensors.column_means, mean_of_logits, {"np": 3}, "run `import numpy as np` again"),
        (check.weighted_sums, summed, {"sum": 3}, "`del sum` brings Python's own back"),
        (check.prepare_images, flattened, {"tf": tf, "len": np.ones(2)}, "`del len` brings"),
        (check.weighted_sums, by_softmax, {"softmax": 0.5}, "run the cell that defines it again"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_name_that_now_means_something_else_is_told_before_all_other_hints(
    check, answer, names, told
):
    replaced = types.FunctionType(answer.__code__, names)
    with pytest.raises(CheckFailed) as failure:
        check(replaced)
    assert failure.value.hint_id.endswith("/overwritten")
    name, value = list(names.items())[-1]
    start = f"{name} is now something else, {type(value).__name__}: "
    assert failure.value.hint.startswith(start)
    assert told in failure.value.hint


def test_a_name_of_ones_own_is_not_blamed_for_another_error():
    answer = types.FunctionType(summed.__code__, {"sum": lambda X: 1 / 0, "np": 3})
    assert not refusal("weighted_sums", answer).hint_id.endswith("/overwritten")


def test_an_error_of_tensorflow_is_shown_without_the_name_of_its_operation():
    failure = refusal("one_hot", lambda labels, k=10: tf.one_hot(k, labels))
    assert failure.error.splitlines()[0].endswith("depth must be a scalar, but got: [2]")


def test_an_error_of_keras_is_shown_without_the_names_that_keras_made_up():
    def answer(model, layer_name):
        layer = model.get_layer(layer_name)
        return keras.Model(layer.input, layer.output)

    got = refusal("feature_maps", answer).got
    assert "Input 0 is incompatible with the layer" in got


def test_a_hint_at_the_scale_of_dropout_is_given_only_if_it_explains_all_rates():
    def dropout(activations, rate, training, rng):
        if not training:
            return activations
        kept = rng.random(activations.shape) >= rate
        return activations * kept * min(1 / (1 - rate), 2)

    failure = refusal("dropout", dropout)
    assert "rate = 0.75" in str(failure)
    assert failure.hint_id == ""


@pytest.mark.parametrize("values", [None, [], [[1], [1]], 3, "a", {"a": 1}])
def test_a_schedule_of_ones_own_may_call_anything_its_values(values):
    class Own(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.003

        def get_config(self):
            return {"values": values}

    def compile_model(model):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(Own()), loss, metrics=["accuracy"])
        return model

    failure = refusal("compile_model", compile_model)
    assert "a learning rate of 0.003" in failure.demand
    assert failure.got == "Own"


def test_whole_numbers_are_shown_as_such_where_their_type_says_so():
    failure = refusal("early_stopping", lambda losses, patience: (len(losses), 1))
    assert (failure.expected, failure.got) == ("4", "8")
    failure = refusal("early_stopping", lambda losses, patience: (float(len(losses)), 1))
    assert (failure.expected, failure.got) == ("4", "8.")


def test_a_part_of_several_is_named_beside_what_is_expected():
    failure = refusal("train", lambda X, T, W, b, *settings: (W, b))
    assert failure.expected.endswith("(W)")


def test_what_a_keras_object_does_is_told_in_words():
    build, _told = BANKS["lesson_05_overfitting_dropout"].WRONG["build_regularised"]["no dropout"]
    failure = refusal("build_regularised", build)
    assert "the shares silenced in the first and in the second hidden layer" in failure.expected


@pytest.mark.parametrize(
    ("exercise", "name"), [("wrong_first", "from one"), ("minibatches", "a fresh draw for each")]
)
def test_a_hint_is_told_in_the_language_of_the_moment(exercise, name):
    (bank,) = (bank for bank in BANKS.values() if exercise in bank.WRONG)
    with pseudo_language():
        failure = refusal(exercise, bank.WRONG[exercise][name][0])
    assert failure.hint.startswith(BEGIN)


def test_a_notebook_shows_the_message_without_a_traceback():
    failure = check.CheckFailed("first\nsecond")
    shown = failure._render_traceback_()
    assert "first" in shown[0]
    assert shown[1:] == ["second"]
    assert issubclass(check.Unsolved, check.CheckFailed)
    assert isinstance(failure, AssertionError)


def test_or_reference_takes_what_passes_and_replaces_the_rest(capsys):
    bank = BANKS["lesson_01_softmax"]
    own = bank.RIGHT["accuracy"]["NumPy"]
    accuracy, softmax, sums = check.or_reference(
        accuracy=own, softmax=unsolved, weighted_sums=lambda X, W, b: X @ W
    )
    assert accuracy is own
    assert capsys.readouterr().out.splitlines() == [
        "softmax is not solved yet: from here on the course's own version is used.",
        "weighted_sums does not pass its check: from here on the course's own version is used.",
    ]
    assert check.softmax(unguarded(softmax)) is None
    assert check.weighted_sums(unguarded(sums)) is None


@pytest.mark.sampled(rarer=4)
@pytest.mark.parametrize("exercise", REFERENCES)
def test_the_courses_own_functions_are_right_but_no_answer(exercise, capsys):
    own = check.or_reference(**{exercise: unsolved})
    judge = check if exercise in TRAINING else exam  # which begins with the check
    assert getattr(judge, exercise)(unguarded(own)) is None
    attributes = [getattr(own, name) for name in dir(own) if name != "__globals__"]
    cells = [cell.cell_contents for cell in own.__closure__]
    assert unguarded(own) not in [one for one in (*attributes, *cells) if callable(one)]
    for answer in (own, lambda *arguments: check.or_reference(**{exercise: unsolved})(*arguments)):
        with pytest.raises(check.CheckFailed, match="must be your own"):
            getattr(judge, exercise)(answer)

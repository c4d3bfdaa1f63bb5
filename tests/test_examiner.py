"""Across the channel the examiner judges every attempt of the banks as in one process.

That one process does so is what test_check.py says; here the same attempts are in another one.
"""

import importlib
import json
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import exam
from autograder.grading import verdict
from autograder.sandbox import Sandbox
from autograder.sandbox.examiner.link import Link
from autograder.sandbox.examiner.remote_environment import RemoteEnvironment
from autograder.sandbox.examiner.stand_ins import stand_in
from course import check
from tests.banks import is_told
from tests.banks.any_exercise import GENERIC_WRONG
from tests.conftest import ALL, missing_walls, tried
from tests.solved_lessons import in_brief

pytestmark = pytest.mark.xdist_group("examiner")  # they share a fork server

SOURCES = sorted((Path(__file__).parent.parent / "source").glob("*/*.ipynb"))
# Models, losses and optimisers cross the channel there. Others are graded with accidents.
WITH_MODELS = {"04-backpropagation"}
BANKS = {lesson: importlib.import_module(f"tests.banks.{lesson}") for lesson in check.LESSONS}

# An attempt is looked up by its name, in a copy of the banks that lies in the work folder.
LOOK_UP = """
import importlib

def attempt(lesson, kind, exercise, name):
    bank = importlib.import_module(f"banks.{lesson}")
    general = importlib.import_module("banks.any_exercise").GENERIC_WRONG
    if kind == "RIGHT":
        return bank.RIGHT[exercise][name]
    return (general | bank.WRONG[exercise])[name][0]
"""


def attempts_of(lesson):
    """Attempts of a lesson by their ids: (kind, exercise, name, what its failure holds)."""
    bank, found = BANKS[lesson], {}
    for exercise in check.LESSONS[lesson]:
        for name in bank.RIGHT[exercise]:
            found[f"{exercise}: right: {name}"] = "RIGHT", exercise, name, ""
        for name, (_, expected) in (GENERIC_WRONG | bank.WRONG[exercise]).items():
            found[f"{exercise}: wrong: {name}"] = "WRONG", exercise, name, expected
    return found


def examination(exercise, module="exam"):
    cell = new_code_cell(f"{module}.{exercise}({exercise})")
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "check"}
    return cell


def hint_without_code(lesson, exercise, name):
    """The id of the hint for an attempt whose code cannot be read: here, it stands in no cell."""
    attempt, _expected = (GENERIC_WRONG | BANKS[lesson].WRONG[exercise])[name]
    try:
        getattr(check, exercise)(lambda *given, **named: attempt(*given, **named))
    except check.CheckFailed as failure:
        return failure.hint_id
    return None


def problem(lesson, kind, expected, exercise, name, event):
    """What is not as the bank says, or nothing."""
    if kind == "WRONG":
        refused = event.error_name in ("CheckFailed", "Unsolved")
        its_hint = event.failure["hint_id"] if event.failure else ""
        told = refused and (
            is_told(expected, exercise, event.error_text, its_hint)
            or its_hint == hint_without_code(lesson, exercise, name)
        )
        return None if told else (event.status, event.error_name, event.error_text)
    if event.status != "ok":
        return event.error_name, event.error_text
    given = [output["data"]["text/plain"] for output in event.outputs if "data" in output]
    points = getattr(exam, "POINTS", {}).get(exercise)
    if exercise == "challenge":  # it has steps; see test_challenge.py
        return None
    return None if given in ([], [repr(points)]) else given


@pytest.fixture(scope="module")
def sandbox():
    """Without walls: these tests are of the channel."""
    with Sandbox(walls=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def walled():
    """With walls, as submissions are graded."""
    missing_walls()
    with Sandbox(walls=True) as sandbox:
        yield sandbox


@pytest.mark.slow
@pytest.mark.timeout(7500 if ALL else 1200)
@pytest.mark.parametrize("lesson", BANKS)
def test_every_attempt_of_the_banks_gets_the_same_verdict(sandbox, lesson):
    cells, expected = [new_code_cell(LOOK_UP)], {}
    attempts = attempts_of(lesson)
    a_right_one_each = {attempt[1]: name for name, attempt in attempts.items() if not attempt[3]}
    if not ALL:  # it trains networks; test_challenge.py examines one
        a_right_one_each.pop("challenge", None)
    # Right ones below wrong ones: a function that a value replaces would be put back.
    chosen = {*tried(attempts, rarer=480), *tried(a_right_one_each.values(), rarer=6)}
    for name in sorted(chosen, key=lambda name: attempts[name][0], reverse=True):
        kind, exercise, name, wanted = attempts[name]
        cells.append(new_code_cell(f"{exercise} = attempt{lesson, kind, exercise, name}"))
        if kind == "WRONG":  # its hint is that of the check, which comes first in every notebook
            expected[len(cells)] = kind, wanted, exercise, name
            cells.append(examination(exercise, "check"))
            wanted = "#*"
        expected[len(cells)] = kind, wanted, exercise, name
        cells.append(examination(exercise))
    notebook = new_notebook(cells=cells)
    seconds = 7000 if ALL else 1000
    outcome = sandbox.run(notebook, Path(__file__).parent, cell_timeout=100, timeout=seconds)
    assert outcome.end == "done", outcome.trouble
    different = {
        f"{exercise}: {name}": found
        for index, (*asked, exercise, name) in expected.items()
        if (found := problem(lesson, *asked, exercise, name, outcome.cells[index])) is not None
    }
    assert not different, f"{len(different)} of {len(expected)}"


@pytest.mark.weekly
@pytest.mark.timeout(600)
@pytest.mark.sampled
@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if ALL or path.parent.name in WITH_MODELS],
    ids=lambda path: path.parent.name,
)
def test_the_source_passes_here_as_in_a_kernel(walled, path):
    """That it does so in a kernel is what test_lessons.py says."""
    source = in_brief(nbformat.read(path, as_version=4))
    outcome = walled.run(source, path.parent, cell_timeout=300, timeout=1000)
    assert outcome.end == "done", outcome.trouble
    exercises = verdict.exercises(source, outcome)
    assert len(exercises) == len(check.LESSONS["lesson_" + path.parent.name.replace("-", "_")])
    assert all(
        result.status == "passed" and result.score == result.max_score
        for result in exercises.values()
    ), exercises


@pytest.mark.weekly
def test_streams_that_are_begun_anew_again_and_again_leave_threads_for_the_next(walled):
    source = nbformat.read(
        next(path for path in SOURCES if path.parent.name == "06-convolution"), as_version=4
    )
    kept = [cell for cell in source.cells if cell.id in ("set-up", "answer-augmented")]
    notebook = new_notebook(cells=[*kept, examination("augmented")])
    outcome = walled.run(notebook, Path(__file__).parent, cell_timeout=100, timeout=200)
    assert outcome.end == "done", outcome.trouble
    assert outcome.cells[2].status == "ok"


def outcome_of(sandbox, exercise, answer):
    """What the examination of an answer, the source of a cell, comes to."""
    notebook = new_notebook(cells=[new_code_cell(answer), examination(exercise)])
    outcome = sandbox.run(notebook, Path(__file__).parent, cell_timeout=60, timeout=100)
    assert outcome.end == "done", outcome.trouble
    return outcome.cells[1]


def test_a_failure_arrives_as_fields(sandbox):
    event = outcome_of(sandbox, "weighted_sums", "weighted_sums = lambda X, W, b: X @ W")
    with pytest.raises(check.CheckFailed) as failure:
        check.weighted_sums(lambda X, W, b: X @ W)
    assert event.error_name == "CheckFailed"
    assert event.error_text == str(failure.value)
    assert event.failure == json.loads(json.dumps(failure.value.fields()))
    assert event.failure["hint_id"] == "weighted_sums/no-bias"
    assert event.failure["arguments"]["b"] == "[100.]"


def test_a_test_that_passes_or_stops_otherwise_has_no_failure(sandbox):
    right = outcome_of(sandbox, "weighted_sums", "weighted_sums = lambda X, W, b: X @ W + b")
    assert right.status == "ok"
    assert right.failure is None
    assert outcome_of(sandbox, "weighted_sums", "").failure is None


def test_the_line_of_an_answer_that_stops_comes_from_its_cell(sandbox):
    answer = "def softmax(logits):\n    return logits / undefined"
    failure = outcome_of(sandbox, "softmax", answer).failure
    assert failure["error"] == "NameError: name 'undefined' is not defined"
    assert failure["place"] == "in line 2 of its cell: return logits / undefined"
    assert failure["hint_id"] == "softmax/unknown-name"


def test_an_overwritten_name_is_told_in_grading_too(sandbox):
    answer = "np = 3\ndef softmax(logits):\n    return np.mean(logits)"
    failure = outcome_of(sandbox, "softmax", answer).failure
    assert failure["hint_id"] == "softmax/overwritten"
    assert failure["hint"].startswith("np is now something else, int: ")


@pytest.mark.parametrize(
    ("exercise", "returned", "hint_id"),
    [
        ("weighted_sums", "{1.0, 2.0}", "weighted_sums/set"),
        ("weighted_sums", "frozenset({1.0})", "weighted_sums/set"),
        ("descend", "{'W', 'b'}", "descend/set-for-dict"),
        ("one_hot", "__import__('numpy').eye(3).astype(str)", "one_hot/text"),
        ("one_hot", "[['0', '1']]", "one_hot/text"),
    ],
)
def test_a_result_that_does_not_cross_the_channel_gets_its_hint(
    sandbox, exercise, returned, hint_id
):
    answer = f"def {exercise}(*_arguments):\n    return {returned}"
    assert outcome_of(sandbox, exercise, answer).failure["hint_id"] == hint_id


LAYERS_OF_FIVE = """
from keras import Input, Sequential, layers

def build_five_layers():
    hidden = [layers.Dense(neurons, "{activation}") for neurons in (200, 100, 60, 30)]
    return Sequential([Input((28, 28)), {first}layers.Flatten(), *hidden, layers.Dense(10)])
"""


@pytest.mark.parametrize(
    ("activation", "first", "hint_id"),
    [
        ("softmax", "", "build_five_layers/softmax-inside"),
        ("relu", "layers.Rescaling(1 / 255), ", "build_five_layers/scaled-again"),
    ],
)
def test_a_layer_is_asked_for_its_settings(sandbox, activation, first, hint_id):
    answer = LAYERS_OF_FIVE.format(activation=activation, first=first)
    assert outcome_of(sandbox, "build_five_layers", answer).failure["hint_id"] == hint_id


def test_an_error_in_a_keras_layer_is_told_without_what_keras_puts_before_it(sandbox):
    answer = """
    import tensorflow as tf

    def input_gradients(model, loss, images, labels):
        rows = tf.Variable(tf.reshape(images, (len(images), -1)))
        with tf.GradientTape() as tape:
            value = loss(labels, model(rows, training=False))
        return tape.gradient(value, rows)
    """
    failure = outcome_of(sandbox, "input_gradients", textwrap.dedent(answer)).failure
    assert "Exception encountered" not in failure["error"]
    assert failure["hint_id"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("import random as tf", "module 'random'"),
        ("from tensorflow import math as tf", "module 'tensorflow._api.v2.math'"),
        ("from tensorflow import keras as tf", "module 'keras._tf_keras.keras'"),
        ("class tf: pass", "type"),
    ],
)
def test_another_module_in_place_of_a_library_is_told(sandbox, line, kind):
    answer = f"{line}\ndef softmax(logits):\n    return tf.argsort(logits)"
    failure = outcome_of(sandbox, "softmax", answer).failure
    assert failure["hint_id"] == "softmax/overwritten"
    assert failure["hint"].startswith(f"tf is now something else, {kind}: ")
    misspelt = answer.replace("argsort(", "argsorted(")
    assert outcome_of(sandbox, "softmax", misspelt).failure["hint_id"] != "softmax/overwritten"


IN_A_BRANCH = """
def softmax(logits):
    if logits is None:
        total = 1
    return logits / total
"""
IN_SOME_CASES = """
def neuron_gradients(x, w, b, slope):
    if b > 1e9:
        return x, w, b
"""
OVER_AN_ARGUMENT = """
import numpy as np
def max_pool(image):
    return np.maximum(image[::2, ::2], 0, image[1::2, 1::2])
"""
OFF_THE_TAPE = """
import tensorflow as tf
def softmax(logits):
    x = tf.constant(logits)
    with tf.GradientTape() as tape:
        y = tf.square(x)
    return tape.gradient(y, x) * 1
"""


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("softmax", IN_A_BRANCH, "no-branch"),
        ("neuron_gradients", IN_SOME_CASES, "no-return-here"),
        ("max_pool", OVER_AN_ARGUMENT, "changed-by-maximum"),
        ("softmax", OFF_THE_TAPE, "nothing-watched"),
    ],
    ids=["skips", "returns", "uses", "uses a tape"],
)
def test_a_hint_that_needs_the_answers_own_code_is_told_in_grading_too(
    sandbox, exercise, answer, told
):
    assert outcome_of(sandbox, exercise, answer).failure["hint_id"] == f"{exercise}/{told}"


SEEDED_TENSORFLOW = """
import tensorflow as tf
def seed(rng):
    return int(rng.integers(2**31))
def normal(shape, stddev, rng):
    return tf.random.normal(shape, stddev=stddev, seed=seed(rng))
def initial_weights(fan_in, fan_out, rng):
    return normal((fan_in, fan_out), (2 / fan_in) ** 0.5, rng)
def dropout(activations, rate, training, rng):
    return tf.nn.dropout(activations, rate, seed=seed(rng)).numpy() if training else activations
"""
KEPT = """
import numpy as np
kept = []
def dropout(activations, rate, training, rng):
    if not training:
        return activations
    kept.append(rng.random(activations.shape))
    return activations * ((kept[-1] + 0.5 * len(kept)) % 1 >= rate) / (1 - rate)
"""


@pytest.mark.parametrize("exercise", ["initial_weights", "dropout"])
def test_draws_of_tensorflow_with_seeds_from_rng_are_right_in_the_notebook_and_graded(
    sandbox, exercise
):
    """TensorFlow goes on from call to call, also with a seed: the results may differ."""
    names = {}
    exec(SEEDED_TENSORFLOW, names)
    getattr(check, exercise)(names[exercise])
    assert outcome_of(sandbox, exercise, SEEDED_TENSORFLOW).status == "ok"


def test_other_draws_that_depend_on_earlier_calls_are_refused(sandbox):
    names = {}
    exec(KEPT, names)
    with pytest.raises(check.CheckFailed, match="two masks from the same state of rng"):
        check.dropout(names["dropout"])
    failure = outcome_of(sandbox, "dropout", KEPT).failure
    assert failure["got"] == "two masks from the same state of rng"


def test_an_answer_that_claims_to_have_code_is_asked_about_it_without_harm(sandbox):
    answer = (
        "class Odd:\n    __code__ = property(lambda self: 1 / 0)\n"
        "    def __call__(self, logits):\n        return None\n"
        "softmax = Odd()"
    )
    assert outcome_of(sandbox, "softmax", answer).failure["hint_id"] == "softmax/no-return"


DEEP = """
from course.backend import keras
def fitted(depth, model, train, **settings):
    return fitted(depth - 1, model, train, **settings) if depth else model.fit(*train, **settings)
def fit_with_early_stopping(model, train, validation, patience):
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    images, labels = train
    train = images, labels + 9  # a label that no case has by itself
    return fitted(200, model, train, validation_data=validation, epochs=50, callbacks=[stop])
"""


def test_a_hint_on_an_error_of_tensorflow_is_told_however_long_its_text(sandbox):
    """It lists all the functions on the way, and then says what is wrong."""
    failure = outcome_of(sandbox, "fit_with_early_stopping", DEEP).failure
    assert failure["hint_id"] == "fit_with_early_stopping/label-out-of-range"


def test_a_failure_of_the_courses_own_function_keeps_its_fields(sandbox):
    """It is raised in the student's process, where the function is called."""
    answer = (
        "from course import check\n"
        "def unsolved(logits):\n    raise NotImplementedError()\n"
        "softmax = check.or_reference(softmax=unsolved)"
    )
    failure = outcome_of(sandbox, "softmax", answer).failure
    assert failure["hint_id"] == "softmax/own"
    assert failure["demand"].startswith("softmax must be your own")


@pytest.mark.parametrize(
    "answer",
    [
        "def check_failed(*_):\n    raise CheckFailed('as I like it')\n"
        "class CheckFailed(Exception): pass",
        "from course.check import CheckFailed\n"
        "def check_failed(*_):\n    raise CheckFailed('as I like it' * 10_000)",
        "from course.check import CheckFailed\n"
        "class Mine(CheckFailed):\n    hint = property(lambda self: 1 / 0)\n"
        "    __init__ = lambda self: None\n    __str__ = lambda self: 'as I like it'\n"
        "def check_failed(*_):\n    raise Mine",
        "from course.check import CheckFailed\n"
        "class Mine(CheckFailed): pass\n"
        "def check_failed(*_):\n    raise Mine('as I like it')",
    ],
    ids=["of one's own", "the course's, very long", "without fields", "a kind of the course's"],
)
def test_what_an_answer_raises_as_a_failure_is_taken_for_one(sandbox, answer):
    event = outcome_of(sandbox, "softmax", f"{answer}\nsoftmax = check_failed")
    assert event.error_name == "CheckFailed"
    assert event.failure["demand"].startswith("as I like it")
    assert len(event.failure["demand"]) < 3_000


@pytest.mark.parametrize(
    "returned",
    ["[0.0] * 2_000_000", "open('/dev/null')", "Failing()", "tf.keras.Input((3,))"],
    ids=["too many values", "a file", "an array that cannot be read", "a symbolic tensor"],
)
@pytest.mark.slow
def test_a_message_never_quotes_the_examiner(sandbox, returned):
    """What cannot be handed over stops in the examiner's code, which no learner has written."""
    answer = (
        "import tensorflow as tf\n"
        "class Failing:\n"
        "    def __array__(self, dtype=None, copy=None):\n"
        "        raise ValueError('not today')\n"
        f"def softmax(logits):\n    return {returned}"
    )
    event = outcome_of(sandbox, "softmax", answer)
    assert event.error_name == "CheckFailed"
    assert event.failure["place"] == ""
    shown = event.error_text + str(event.failure)
    assert not [word for word in ("autograder", "sandbox", ".py", "in line") if word in shown]


def test_a_model_saved_elsewhere_is_not_loaded_by_the_examiner(tmp_path):
    """Only files that were handed in are read, and only in a process of their own."""
    loaded = []
    environment = RemoteEnvironment(Link(None, tmp_path, stand_in), loaded.append)
    inside = tmp_path / "file-0" / "challenge.keras"
    inside.parent.mkdir()
    inside.write_bytes(b"a network")
    environment.load_model(inside)
    assert loaded == [b"a network"]
    with pytest.raises(ValueError, match="not a file that was handed in"):
        environment.load_model(Path(__file__))


@pytest.mark.parametrize(
    "path",
    [
        '"/content/drive/MyDrive/{}"',
        r'r"C:\Users\ada\{}"',
        'Path("/home/ada/nets", "{}")',
        '"nets/{}"',
    ],
)
def test_a_path_of_the_students_own_machine_leads_to_the_file_that_was_handed_in(
    sandbox, tmp_path, path
):
    answer = "from pathlib import Path\ndef challenge():\n    return " + path.format("best.keras")
    notebook = new_notebook(cells=[new_code_cell(answer), examination("challenge")])

    def said():
        event = sandbox.run(notebook, tmp_path, cell_timeout=60, timeout=100).cells[1]
        assert event.error_name in ("CheckFailed", "Unsolved")
        return event.error_text

    assert "there is no file" in said()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "best.keras").write_bytes(b"not really")
    assert "a file that holds no saved network, or is damaged: " in said()
    (tmp_path / "hers").mkdir()
    (tmp_path / "hers" / "best.keras").write_bytes(b"another one")
    assert "there is no file" in said()  # which of the two?
    (tmp_path / "best.keras").write_bytes(b"beside the notebook")
    assert "is damaged" in said()


def test_what_an_answer_has_to_write_is_looked_for_only_where_it_has_to_write_it(sandbox):
    answer = (
        "import keras\ndef save_and_load(model, path):\n    model.save('model.keras')\n"
        "    return keras.models.load_model('model.keras')"
    )
    failure = outcome_of(sandbox, "save_and_load", answer).failure
    assert failure["hint_id"] == "save_and_load/unused-argument"


# Keras objects -----------------------------------------------------------------------------------


LYING = """
import keras

class Lying(keras.Model):
    def __init__(self, model):
        super().__init__()
        self.model = model
    def call(self, x): return self.model(x)
    def get_compile_config(self): return {"loss": "sparse_categorical_crossentropy"}
    compiled = True

def compile_model(model):
    return Lying(model)
"""

UNTRAINED = """
import keras

def fit_model(model, train, validation, epochs):
    history = keras.callbacks.History()
    names = "loss", "accuracy", "val_loss", "val_accuracy"
    history.history = {name: [0.1] * epochs for name in names}
    return history
"""

LISTED = """
def assign_step(variables, gradients, learning_rate):
    for place, gradient in enumerate(gradients):
        variables[place] = variables[place] - learning_rate * gradient
"""

ENDLESS = """
import tensorflow as tf

def augmented(images, labels, batch_size, seed):
    return tf.data.Dataset.from_tensor_slices((images, labels)).repeat().batch(batch_size)
"""

FOREIGN = """
import keras

def fit_model(model, train, validation, epochs):
    class History:
        history = {"loss": [1.0] * epochs}
    return History()
"""


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("compile_model", LYING, "compile_model/another-model"),
        ("fit_model", UNTRAINED, "fit_model/another-trained"),
        ("fit_model", FOREIGN, "fit_model/return-history"),
        ("augmented", ENDLESS, "augmented/repeated"),
        ("assign_step", LISTED, "assign_step/another-in-the-list"),
    ],
    ids=[
        *("a model that lies", "a History that lies", "no History", "a data set without an end"),
        "variables that only the list forgets",
    ],
)
def test_keras_objects_are_judged_by_what_they_do(sandbox, exercise, answer, told):
    event = outcome_of(sandbox, exercise, answer)
    assert event.error_name == "CheckFailed", event.error_text
    assert event.failure["hint_id"] == told


MAPPED = """
import tensorflow as tf

def augmented(images, labels, batch_size, seed):
    def shifted(image, label):
        top, left = tf.random.uniform((2,), 0, 5, tf.int32)
        return image[top:], label
    return tf.data.Dataset.from_tensor_slices((images, labels)).map(shifted).batch(batch_size)
"""


def test_an_error_in_a_mapped_function_has_its_own_line(sandbox):
    failure = outcome_of(sandbox, "augmented", MAPPED).failure
    assert failure["hint_id"] == "augmented/tensor-in-parts"
    inner, calling = failure["place"].splitlines()
    assert inner == (
        "in line 5 of the cell with shifted: top, left = tf.random.uniform((2,), 0, 5, tf.int32)"
    )
    assert calling.strip().startswith("called in line 7 of the cell with augmented: return tf.data")


def test_arrays_in_a_pair_must_not_change_either(sandbox):
    answer = (
        "def fit_model(model, train, validation, epochs):\n"
        "    train[0][:] = 0\n"
        "    return model.fit(*train, batch_size=100, epochs=epochs, validation_data=validation)"
    )
    failure = outcome_of(sandbox, "fit_model", answer).failure
    assert failure["demand"] == "fit_model must not change its argument train."


@pytest.mark.parametrize(
    "made",
    ["lambda descriptions: []", "lambda descriptions: [1] * len(descriptions)"],
    ids=["nothing", "numbers"],
)
def test_who_makes_other_objects_than_asked_for_earns_nothing(sandbox, made):
    answer = (
        "from course.check.engine import keras_objects\n"
        f"keras_objects.make = {made}\n"
        "compile_model = lambda model: model"
    )
    notebook = new_notebook(cells=[new_code_cell(answer), examination("compile_model")])
    outcome = sandbox.run(notebook, Path(__file__).parent, cell_timeout=60, timeout=100)
    assert outcome.cells[1].status in ("tampered", "error")

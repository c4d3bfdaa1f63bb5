"""What the checks are built on: failures as fields, hints with ids, the seams for an examiner."""

import functools
import itertools
import json
from collections import UserList, deque

import ml_dtypes
import numpy as np
import pytest

from course import check, messages
from course.backend import tf
from course.check.engine import environment, formatting, guard, own_code, properties, values
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed, OutOfMemory, Unsolved
from course.check.engine.hints import Hint, hint


def failure_of(answer, signature="softmax(logits)"):
    with pytest.raises(CheckFailed) as failure:
        Attempt(answer, signature).call(logits=np.zeros(2))
    return failure.value


# Failures -----------------------------------------------------------------------------------------


def test_a_failure_says_what_is_wrong_in_fields():
    result = Attempt(lambda logits: logits, "softmax(logits)").call(logits=np.arange(2.0))
    with pytest.raises(CheckFailed) as failure:
        result.equals([1.0, 2.0], "softmax must add one.", {hint("same", "add one"): [0, 1]})
    fields = failure.value.fields()
    assert fields == {
        "demand": "softmax must add one.",
        "exercise": "softmax",
        "arguments": {"logits": "[0., 1.]"},
        "given": "logits = [0., 1.]",
        "error": "",
        "place": "",
        "expected": "[1., 2.]",
        "got": "[0., 1.]",
        "hint": "add one",
        "hint_id": "softmax/same",
        "english": "softmax must add one.",
    }
    assert str(failure.value).splitlines() == [
        "softmax must add one.",
        "  logits = [0., 1.]",
        "  expected: [1., 2.]",
        "  got:      [0., 1.]",
        "Hint: add one",
    ]


def test_a_failure_can_be_made_again_from_its_fields():
    first = CheckFailed("demand", exercise="softmax", arguments={"x": "3"}, hint="h", got="4")
    again = CheckFailed.from_fields(json.loads(json.dumps(first.fields())))
    assert again.fields() == first.fields()
    assert str(again) == str(first)


def test_an_answer_that_stops_is_told_its_error_and_its_line():
    def softmax(logits):
        return logits + undefined  # noqa: F821

    failure = failure_of(softmax)
    assert failure.error == "NameError: name 'undefined' is not defined"
    assert failure.place.endswith("of its cell: return logits + undefined  # noqa: F821")
    assert failure.hint_id == "softmax/unknown-name"


def test_what_holds_no_answer_yet_and_what_needs_too_much_memory_are_kinds_of_failure():
    def too_large(logits):
        raise MemoryError

    assert isinstance(failure_of(too_large), OutOfMemory)
    assert check.Unsolved is Unsolved
    assert Unsolved("softmax").demand == "softmax is not solved yet."
    assert Unsolved("softmax").hint_id == "softmax/unsolved"
    again = Unsolved.from_fields(Unsolved("softmax", "no file", got="3").fields())
    assert (again.demand, again.got, again.hint_id) == ("no file", "3", "")


def test_an_object_that_only_claims_to_have_code_can_be_an_answer():
    class Odd:
        __code__ = "code"

        def __call__(self, logits):
            return None

    odd = Attempt(Odd(), "softmax(logits)")
    assert not odd.returns_something()
    assert not odd.returns_nothing()


# Hints --------------------------------------------------------------------------------------------


def test_a_hint_without_an_id_gets_one_from_its_english_words():
    class Backwards:
        def gettext(self, message):
            return "k yb ton ,selpmaxe eht, {n} yb edivid"

    before = messages.use(Backwards())
    try:
        text = messages._("divide by {n}, the number of examples, not by k.").format(n=3)
    finally:
        messages.use(before)
    assert text.endswith("3 yb edivid")
    assert Hint(text).id == "divide-by-n-the-number-of"
    assert Hint(hint("by-k", text)).id == "by-k"
    assert CheckFailed("demand", hint=text).hint_id == Hint(text).id


# Values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3, "int 3"),
        (np.zeros((3, 2)), "ndarray of shape (3, 2)"),
        ([np.zeros((3, 2))], "list of length 1"),
        ("x" * 100, "a string"),
        ("500 steps", "the string '500 steps'"),
        (None, "None"),
    ],
)
def test_values_are_described_in_full_or_by_their_kind(value, kind):
    assert formatting.kind_text(value) == kind


def test_a_value_of_several_lines_is_shown_in_one():
    assert formatting.value_text([np.eye(2)]) == "[[[1., 0.], [0., 1.]]]"
    assert formatting.value_text([np.zeros(200)]) == "[float64 array of shape (200,)]"
    assert formatting.value_text([{1, 2}] * 200).endswith("…")


def test_what_is_as_good_as_a_list():
    assert all(map(values.is_sequence, ([], (), deque(), UserList(), range(3), {}.values())))
    assert not any(map(values.is_sequence, ("ab", b"ab", {}, np.zeros(2), iter([]))))


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_a_short_type_excuses_its_own_rounding_and_8_bits_nothing(kind):
    dtype = np.dtype(getattr(ml_dtypes, kind, kind))

    def examine(got, wanted, form=list):
        answer = Attempt(lambda logits: form(logits.astype(dtype)), "softmax(logits)")
        answer.call(logits=got).equals(wanted, "softmax must return this.", slack=1e-6)

    exact = np.array([0.0, 0.5, 1.0, -1.5])
    examine(exact, exact)
    rounded = np.array([0.3, 0.7])
    if "8_" not in kind:
        examine(rounded, rounded)
        return
    for got, form in itertools.product((rounded, np.zeros(2)), (list, np.array)):
        with pytest.raises(CheckFailed, match="must return this"):
            examine(got, rounded, form)


def test_an_argument_in_float64_may_be_off_by_its_last_digit():
    x = np.array([0.1, 0.2])
    assert values.is_unchanged(x, x + 1e-17)
    assert values.is_unchanged({"x": x}, {"x": x.copy()})
    assert not values.is_unchanged(x, x + 1e-9)
    assert not values.is_unchanged(x.astype(np.float32), x)
    assert not values.is_unchanged({"x": x}, {"y": x})


def test_a_generator_moves_on_by_drawing_and_by_spawning():
    rng = np.random.default_rng(1)
    states = [properties.generator_state(rng)]
    rng.random()
    states.append(properties.generator_state(rng))
    rng.spawn(1)
    states.append(properties.generator_state(rng))
    assert len(set(states)) == 3
    assert properties.generator_state(np.random.default_rng(1)) == states[0]


# Seams --------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere():
    """An environment in which errors come from a line of its own, and models from a name."""

    class Elsewhere(environment.Environment):
        def load_model(self, path):
            return f"the model in {path}"

        def frames_of(self, error):
            return [environment.Frame("softmax", 7, "return nothing", is_learners=True)]

    before = environment.use(Elsewhere())
    yield
    environment.use(before)


def test_an_examiner_says_where_errors_come_from_and_loads_models(elsewhere):
    assert failure_of(lambda logits: 1 / 0).place == "in line 7 of its cell: return nothing"
    assert environment.load_model("challenge.keras") == "the model in challenge.keras"


def test_the_lines_of_the_course_and_of_libraries_are_nobodys_answer():
    assert environment.is_library(formatting.__file__)
    assert environment.is_library(np.__file__)
    assert not environment.is_library(__file__)


def test_the_courses_own_function_refuses_only_its_own_exercise():
    @guard.guarded
    def softmax(logits):
        return logits

    with guard.examining("train"):
        assert guard.being_examined() == ["train"]
        assert softmax(3) == 3
        with guard.examining("softmax"), pytest.raises(CheckFailed, match="must be your own"):
            softmax(3)
    assert guard.being_examined() == []


def test_hints_name_the_check_since_they_are_also_read_on_a_page():
    assert Unsolved("softmax").hint.endswith("run that cell, then its check.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("def answer(x): return tf.nn.relu(x)", True),
        ("def answer(x):\n    import tensorflow as own\n    return own.nn.relu(x)", True),
        ("def answer(x):\n    from keras import ops\n    return ops.relu(x)", True),
        ("from tensorflow.nn import relu\ndef answer(x): return relu(x)", True),
        ("def helper(x): return tf.nn.relu(x)\ndef answer(x): return helper(x)", True),
        ("@tf.function\ndef helper(x): return x\ndef answer(x): return helper(x)", True),
        ("answer = tf.function(lambda x: x + 1)", True),
        ("answer = tf.function(lambda x: tf.nn.relu(x))", True),
        ("answer = functools.partial(lambda y, x: tf.nn.relu(x), 1)", True),
        ("class Own:\n    def __call__(self, x): return tf.nn.relu(x)\nanswer = Own()", True),
        ("class Own:\n    def relu(self, x): return tf.nn.relu(x)\nanswer = Own().relu", True),
        ("def outer(f): return lambda x: f(x)\nanswer = outer(lambda x: tf.nn.relu(x))", True),
        ("def answer(x): return np.maximum(x, 0)", False),
        ("def answer(x): return answer(x) if x else helper(x)\ndef helper(x): answer(x)", False),
        ("answer = len", False),
        ("class Odd:\n    __getattr__ = lambda self, name: 1 / 0\nanswer = Odd()", False),
    ],
)
def test_whether_an_answer_uses_tensorflow_is_known_however_it_is_made(answer, expected):
    names = {"tf": tf, "np": np, "functools": functools}
    exec(answer, names)
    assert own_code.uses_tensorflow(names["answer"]) is expected

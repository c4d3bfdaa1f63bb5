"""Messages in another language: what is known stays the same, however it is worded."""

import ast
import gettext
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import exam
from course import check, messages
from tests.banks.any_exercise import GENERIC_WRONG
from tests.pseudo_language import BEGIN, END, Pseudo, in_english, pseudo_language
from tests.test_check import TRAINING


@pytest.fixture
def pseudo():
    with pseudo_language():
        yield


# Networks and runs take long to examine, and their failures are made in the same way.
LESSONS = [lesson for lesson in check.LESSONS if lesson[:9] not in ("lesson_06", "lesson_07")]
LONG = TRAINING | {"build_five_layers"}


def wrong_answers():
    """Attempts of the banks, at most some of each exercise, and all that fail at any exercise."""
    for lesson in LESSONS:
        bank = importlib.import_module(f"tests.banks.{lesson}")
        for exercise in [name for name in check.LESSONS[lesson] if name not in LONG]:
            entries = GENERIC_WRONG | bank.WRONG[exercise]
            for name, (answer, _expected) in list(entries.items())[::8]:
                yield pytest.param(exercise, answer, id=f"{exercise}: {name}")


def failure_of(exercise, answer):
    with pytest.raises(check.CheckFailed) as failure:
        getattr(check, exercise)(answer)
    return failure.value


def code_in(failure):
    """The code in what a failure says: names in it are those of Python."""
    return " ".join(re.findall("`([^`]+)`", f"{failure.demand} {failure.hint}"))


@pytest.mark.parametrize(
    ("exercise", "line"),
    [
        ("sigmoid_and_slope", "return value, slope"),
        ("layer_shape_and_parameters", "return shape, parameters"),
        ("early_stopping", "return stop, best"),
        ("split_indices", "return training, validation"),
        ("softmax_gradients", "return dW, db"),
    ],
)
def test_parts_have_one_name_in_code_in_all_languages(exercise, line, pseudo):
    failure = failure_of(exercise, lambda *arguments, **named: None)
    assert code_in(failure) == line


@pytest.mark.sampled(rarer=12)
@pytest.mark.parametrize(("exercise", "answer"), list(wrong_answers()))
def test_a_failure_has_the_same_fields_in_every_language(exercise, answer, request):
    english = failure_of(exercise, answer)
    request.getfixturevalue("pseudo")
    translated = failure_of(exercise, answer)
    assert type(translated) is type(english)
    assert translated.hint_id == english.hint_id
    assert translated.hint_id.startswith(f"{exercise}/") or not translated.hint
    assert translated.demand.startswith(BEGIN)
    assert not translated.hint or translated.hint.startswith(BEGIN)
    assert BEGIN not in code_in(translated)
    fields = {
        name: {key: in_english(text) for key, text in value.items()}
        if isinstance(value, dict)
        else in_english(value)
        for name, value in translated.fields().items()
    }
    assert fields == english.fields()


def test_an_unknown_check_or_examination_is_refused_in_every_language(pseudo):
    for room, name in ((check, "onehot"), (check, "nothing"), (exam, "nothing")):
        with pytest.raises(AttributeError, match=rf"^{BEGIN}There is no .* '{name}'.*{END}$"):
            getattr(room, name)


def test_a_message_keeps_the_english_that_it_was_written_as(pseudo):
    message = messages._("{count} of them").format(count=3)
    assert message == f"{BEGIN}3 of them{END}"
    assert message.source == "{count} of them"


def test_the_translation_in_use_can_be_put_back():
    first, second = Pseudo(), gettext.NullTranslations()
    before = messages.use(first)
    assert messages.use(second) is first
    assert messages._("as it is") == "as it is"
    assert messages.use(before) is second


@pytest.mark.weekly
def test_right_answers_pass_where_the_language_is_known_before_the_checks(root):
    """As in a notebook, whose first cell names its language; Keras models take too long here."""
    program = (
        "import importlib\n"
        "from course import check\n"
        "from course.check.engine.comparison import Comparison\n"
        "for lesson, names in check.LESSONS.items():\n"
        "    bank = importlib.import_module(f'tests.banks.{lesson}')\n"
        "    for name in names:\n"
        "        judge = getattr(check, name)\n"
        "        if type(judge.__wrapped__) is Comparison:\n"
        "            judge(next(iter(bank.RIGHT[name].values())))\n"
        "            print(name)\n"
    )
    environment = os.environ | {"COURSE_LANGUAGE": "zh_CN"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {"sigmoid_and_slope", "early_stopping"} <= set(done.stdout.split())


@pytest.mark.slow
def test_no_hint_is_a_text_with_an_open_place():
    """`hint("name", _("is it {name}?"))` would show the braces."""
    root = Path(check.__file__).parent
    for path in root.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "hint":
                for text in call.args[1:]:
                    is_plain = isinstance(text, ast.Call) and getattr(text.func, "id", "") == "_"
                    assert not (is_plain and re.search(r"\{\w+\}", text.args[0].value)), (
                        f"{path}, line {call.lineno}"
                    )

"""Checks and examinations against their banks: wrong answers refused, right ones taken."""

import importlib
import os
import sys
import warnings

import numpy as np
import pytest

from autograder import exam
from course import check, digits
from tests.banks.any_exercise import GENERIC_WRONG, unsolved

BANKS = {lesson: importlib.import_module(f"tests.banks.{lesson}") for lesson in check.LESSONS}

# The course's own functions, which stand in for missing answers.
OWN = [importlib.import_module(f"course.check.{lesson}").REFERENCES for lesson in check.LESSONS]


def attempts(kind):
    """All attempts of this kind, each with its exercise."""
    parameters = []
    for lesson, bank in BANKS.items():
        for exercise in check.LESSONS[lesson]:
            entries = getattr(bank, kind)[exercise]
            if kind == "WRONG":
                entries = GENERIC_WRONG | entries
            for name, entry in entries.items():
                parameters.append(pytest.param(exercise, entry, id=f"{exercise}: {name}"))
    return parameters


@pytest.mark.parametrize("judge", [check, exam], ids=["check", "exam"])
@pytest.mark.parametrize(("exercise", "attempt"), attempts("WRONG"))
def test_wrong_answers_are_refused_for_the_right_reason(judge, exercise, attempt, capfd):
    answer, reason = attempt
    with pytest.raises(check.CheckFailed) as failure:
        getattr(judge, exercise)(answer)
    message = str(failure.value)
    assert exercise in message
    assert reason in message, message
    assert len(message.splitlines()) <= 12, message


@pytest.mark.parametrize("judge", [check, exam], ids=["check", "exam"])
@pytest.mark.parametrize(("exercise", "answer"), attempts("RIGHT"))
def test_unusual_right_answers_pass_in_silence(judge, exercise, answer, capfd):
    def noisy(*arguments):
        """As TensorFlow does: on Python's standard error, on the descriptor, and as warnings."""
        print("noise", file=sys.stderr)
        os.write(2, b"noise\n")
        warnings.warn("noise", stacklevel=1)
        np.log(np.zeros(1))
        return answer(*arguments)

    digits.load("embedded")  # says once which digits are used
    capfd.readouterr()
    result = getattr(judge, exercise)(noisy)
    output = capfd.readouterr()
    assert output.err == ""
    if exercise == "challenge":  # it always says how good the network is; see test_challenge.py
        assert result is None or (judge is exam and 0 < result <= exam.POINTS[exercise])
        assert "points" in output.out
        return
    assert result is None or (judge is exam and result == exam.POINTS[exercise])
    assert output.out == ""


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
    with pytest.raises(AttributeError, match=r"There is no check called 'sofmax'.*softmax"):
        check.sofmax  # noqa: B018
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


def test_an_error_in_the_answer_is_shown_with_its_line():
    def softmax(logits):
        shifted = logits - 1
        return shifted / undefined  # noqa: F821

    with pytest.raises(check.CheckFailed) as failure:
        check.softmax(softmax)
    message = str(failure.value)
    assert "NameError: name 'undefined' is not defined" in message
    assert "return shifted / undefined" in message


def test_a_notebook_shows_the_message_without_a_traceback():
    failure = check.CheckFailed("first\nsecond")
    shown = failure._render_traceback_()
    assert "first" in shown[0]
    assert shown[1:] == ["second"]
    assert isinstance(check.Unsolved("softmax"), check.CheckFailed)
    assert isinstance(failure, AssertionError)


def test_or_reference_takes_what_passes_and_replaces_the_rest(capsys):
    bank = BANKS["lesson_01_softmax"]
    own = bank.RIGHT["accuracy"]["NumPy"]
    accuracy, softmax, sums = check.or_reference(
        accuracy=own, softmax=unsolved, weighted_sums=lambda X, W, b: X @ W
    )
    assert accuracy is own
    assert capsys.readouterr().out.splitlines() == [
        "softmax is not solved yet: from here on the course's own is used.",
        "weighted_sums does not pass its check: from here on the course's own is used.",
    ]
    assert check.softmax(softmax.__wrapped__) is None
    assert check.weighted_sums(sums.__wrapped__) is None


@pytest.mark.parametrize("exercise", [name for bank in OWN for name in bank])
@pytest.mark.parametrize("judge", [check, exam], ids=["check", "exam"])
def test_the_courses_own_functions_are_right_but_no_answer(judge, exercise, capsys):
    own = check.or_reference(**{exercise: unsolved})
    assert getattr(judge, exercise)(own.__wrapped__) is None
    for answer in (own, lambda *arguments: check.or_reference(**{exercise: unsolved})(*arguments)):
        with pytest.raises(check.CheckFailed, match="must be your own"):
            getattr(judge, exercise)(answer)

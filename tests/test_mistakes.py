"""Each named mistake, handed in as an answer, gets its own hint, and no other's."""

import ast
import copy
import importlib
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from course import check
from course.check.engine import values
from course.check.engine.comparison import Comparison
from course.check.engine.failures import CheckFailed
from course.check.engine.keras_comparison import KerasComparison
from tests.conftest import tried

COMPARISONS = {
    exercise: getattr(check, exercise).__wrapped__
    for exercises in check.LESSONS.values()
    for exercise in exercises
    if isinstance(getattr(check, exercise).__wrapped__, Comparison)
}


def shows(comparison, wrong):
    """Whether a mistake is one in more than one case."""
    cases = comparison.cases_of(0)
    right = [comparison.is_right(comparison.value_of(wrong, case), case) for case in cases]
    return right.count(False) > 1


def mistakes():
    """Some of the mistakes that can be made; of those that cost a Keras model, fewer."""
    for exercise, comparison in COMPARISONS.items():
        if getattr(comparison, "simulated", False) or not comparison.mistakes:
            continue  # by no answer: the banks hold such answers
        wrong_answers = {
            f"{exercise}: {its_hint.id} {number}": (its_hint, wrong)
            for number, (its_hint, wrong) in enumerate(comparison.wrong_answers())
        }
        is_costly = isinstance(comparison, KerasComparison)
        for name in tried(wrong_answers, rarer=24 if is_costly else 6):
            its_hint, wrong = wrong_answers[name]
            if its_hint in comparison.mistakes or shows(comparison, wrong):
                yield pytest.param(exercise, its_hint, wrong, id=name)


# Mistakes that no case tells apart: what is told of one of them is true of the other as well.
ALIKE = {
    "prepare_images": {frozenset({"black-and-white", "rounded"})},  # to no decimals
    "sigmoid_and_slope": {frozenset({"a-step", "rounded"})},  # to no decimals
    "learning_rate_at": {frozenset({"rounded", "whole-numbers"})},  # of rates below a half
}


def as_an_answer(comparison, wrong):
    """A mistake as a learner would make it: it calculates with float64, whatever it is given."""

    def answer(*arguments):
        exact = values.to_exact(dict(enumerate(arguments))).values()
        with np.errstate(all="ignore"):
            result = wrong(*exact)
            if comparison.parts and isinstance(result, dict):  # a mistake in some of the parts
                right = zip(comparison.parts, comparison.right(*exact), strict=True)
                return tuple(result.get(name, value) for name, value in right)
            return result

    return answer


@pytest.mark.no_cover
@pytest.mark.parametrize(("exercise", "its_hint", "wrong"), list(mistakes()))
def test_a_named_mistake_gets_its_own_hint(exercise, its_hint, wrong):
    with pytest.raises(check.CheckFailed) as failure:
        COMPARISONS[exercise](as_an_answer(COMPARISONS[exercise], wrong))
    told = failure.value.hint_id.removeprefix(f"{exercise}/")
    alike = {frozenset({told, its_hint.id})} & ALIKE.get(exercise, set())
    assert told == its_hint.id or alike, f"{told}\n{failure.value}"


CHECKS = Path(check.__file__).parent
FILES = [*sorted(CHECKS.glob("engine/**/*.py")), *sorted(CHECKS.glob("lesson_*/*.py"))]
# Files with parts of a check, and the exercises whose wrong answers are told their hints.
PARTS_OF = {
    "batch_hints": ["minibatches", "train"],
    "batch_pairs": ["minibatches"],
    "batch_sizes": ["minibatches"],
    "epoch_orders": ["train"],
    "five_layers_weights": ["build_five_layers"],
    "dropout_masks": ["dropout"],
    "dropout_survivors": ["dropout"],
    "dropout_hints": ["dropout"],
    "convnet_layers": ["build_convnet"],
    "patient": [f"case_{number}" for number in range(1, 11)],
}


def hint_ids(path):
    """The ids of the hints that stand in a file."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == "hint"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_hint_has_a_wrong_answer_that_is_told_it(path):
    """In the banks or in a test; a named mistake that is an answer is tried by itself, above."""
    told = "".join(test.read_text() for test in Path(__file__).parent.glob("test_*.py"))
    if CHECKS / "engine" in path.parents:
        told += "".join(bank.read_text() for bank in Path(__file__).parent.glob("banks/*.py"))
        texts = ('"#{}"', '/{}"', '"{}"')
        assert not {i for i in hint_ids(path) if not any(t.format(i) in told for t in texts)}
        return
    bank = importlib.import_module(f"tests.banks.{path.parent.name}")
    exercises = [path.stem] if path.stem in bank.WRONG else PARTS_OF.get(path.stem, [])
    reached = {
        expected.partition("#")[2]
        for exercise in exercises
        for _answer, expected in bank.WRONG[exercise].values()
    }
    comparison = COMPARISONS.get(path.stem)
    if comparison and not getattr(comparison, "simulated", False):
        reached |= {its_hint.id for its_hint in comparison.mistakes}
    assert not {i for i in hint_ids(path) - reached if f'"{path.stem}/{i}"' not in told}


@pytest.mark.sampled(rarer=16)
@pytest.mark.parametrize("exercise", COMPARISONS)
def test_every_pair_of_mistakes_is_told_apart_or_listed(exercise):
    """By at least two cases, or one if they cost Keras models; not those of one hint."""
    comparison = COMPARISONS[exercise]
    cases = comparison.cases_of(0)
    rights = [comparison.right_value(case) for case in cases]
    results: dict = {}
    for its_hint, wrong in comparison.wrong_answers():
        found = [comparison.value_of(wrong, copy.deepcopy(case)) for case in cases]
        same = map(comparison.is_same, rights, found, cases)
        if list(same).count(False) > 1 or (comparison.judge and shows(comparison, wrong)):
            results.setdefault(its_hint.id, []).append(found)
    names = list(results)
    differ = {
        frozenset({one, other}): min(
            list(map(comparison.is_same, first, second, cases)).count(False)
            for first in results[one]
            for second in results[other]
        )
        for place, one in enumerate(names)
        for other in names[:place]
    }
    assert {pair for pair in differ if differ[pair] == 0} == ALIKE.get(exercise, set())
    if not isinstance(comparison, KerasComparison):
        assert not {pair for pair in differ if differ[pair] == 1}


def test_the_steps_that_may_be_lost_are_those_of_named_mistakes():
    for comparison in COMPARISONS.values():
        ids = {its_hint.id for its_hint in comparison.mistakes}
        assert ids >= set(comparison.lost_steps), comparison.name


# Those whose results are compared with the right ones, by their distance.
BY_DISTANCE = {
    exercise: comparison
    for exercise, comparison in COMPARISONS.items()
    if not comparison.judge and not isinstance(comparison, KerasComparison)
}


@pytest.mark.parametrize("comparison", BY_DISTANCE.values(), ids=BY_DISTANCE)
def test_short_floats_excuse_no_zeros(comparison):
    for case in comparison.cases_of(0):
        right = comparison.right_value(case)
        if not any(part.any() for part in right.values()):
            continue
        zeros = {name: tf.zeros(part.shape, tf.bfloat16) for name, part in right.items()}
        value = zeros.get("", tuple(zeros.values()) if comparison.parts else zeros)
        with pytest.raises(CheckFailed):
            comparison.check_cases(lambda *_given, value=value: value, [case])

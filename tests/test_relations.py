"""Facts about a wrong result that hold in all cases, told where no named mistake explains it."""

import numpy as np
import pytest

from course.check.engine.relations import fact_about

RNG = np.random.default_rng(0)
MATRICES = [RNG.normal(size=shape) for shape in ((3, 2), (1, 4), (4, 4))]
CUBES = [RNG.normal(size=shape) for shape in ((2, 3, 2), (3, 4, 5))]


def told(change, rights=MATRICES):
    """The id of the fact about right results that were changed, or ""."""
    fact = fact_about([{"": change(right)} for right in rights], [{"": right} for right in rights])
    return fact.id if fact else ""


@pytest.mark.parametrize(
    ("fact", "change"),
    {
        "axis-too-many": lambda x: x[..., np.newaxis],
        "other-shape": lambda x: x.reshape(-1, 1, 1),
        "transposed": np.transpose,
        "by-columns": lambda x: x.T.reshape(x.shape),
        "order-reversed": lambda x: x[:, ::-1],
        "sorted-numbers": lambda x: np.sort(x, axis=1)[:, ::-1],
        "first-alone": lambda x: x[0],
        "last-column-alone": lambda x: x[:, -1],
        "last-left-out": lambda x: x[:, :-1],
        "first-left-out": lambda x: x[1:],
        "last-everywhere": lambda x: np.repeat(x[-1:], len(x), axis=0),
        "first-everywhere": lambda x: np.repeat(x[:, :1], x.shape[1], axis=1),
        "signs-lost": np.abs,
        "rounded": lambda x: np.round(x, 2),
        "squares": np.square,
        "upside-down-fraction": np.reciprocal,
        "one-minus": lambda x: 1 - x,
        "wrong-sign": np.negative,
        "factor": lambda x: x * x.shape[1],
        "difference": lambda x: x - 0.5,
        "only-first-right": lambda x: np.concatenate([x[:1], x[1:] + x[:1]]),
        "last-wrong": lambda x: np.concatenate([x[:-1], x[-1:] + 1]),
        "first-wrong": lambda x: np.concatenate([x[:1] * 3, x[1:]]),
        "appended-too-often": lambda x: np.cumsum(np.stack([0 * x, x], axis=1), axis=1).reshape(
            -1, x.shape[1]
        ),
    }.items(),
)
def test_a_fact_is_told_that_is_true_of_all_cases(fact, change):
    assert told(change) == fact


def test_facts_about_pictures_and_rows():
    assert told(lambda x: x[:, :, ::-1], CUBES) == "order-reversed"
    assert told(lambda x: x.transpose(0, 2, 1), CUBES) == "transposed"
    assert told(lambda x: x.T.reshape(x.shape), CUBES) == "by-columns"
    assert told(lambda x: np.repeat(x, 3, axis=2), CUBES) == "appended-too-often"
    assert told(lambda x: x * (np.arange(x.shape[2]) > 0), CUBES) == "first-wrong"
    assert told(lambda x: x[::-1], [MATRICES[0][0], MATRICES[2][0], MATRICES[1][0]])
    assert (
        told(lambda x: 1 / np.maximum(x, 0.1), [np.array([0.0, 1, 2]), np.array([3.0, 5, 8])]) == ""
    )


@pytest.mark.parametrize(
    "rights",
    [
        MATRICES[:1],  # seen once
        [np.array(0.5), np.array(0.25)],  # two numbers
        [np.zeros((3, 2)), np.ones((2, 2))],  # always the same ones
    ],
)
def test_nothing_is_told_of_what_may_agree_by_chance(rights):
    assert told(lambda x: 2 * x, rights) == ""


def test_of_single_numbers_one_factor_is_told_only_if_it_is_the_same_in_all_cases():
    numbers = [np.array(number) for number in (0.2, 0.5, 0.7, 0.9, 1.1)]
    assert told(lambda x: 3 * x, numbers) == "factor"
    assert told(lambda x: x**3 + 1, numbers) == ""


def test_a_factor_is_told_as_a_fraction_where_it_is_one():
    rights = [{"": right} for right in MATRICES]
    assert "1/255 times" in fact_about([{"": x / 255} for x in MATRICES], rights)
    assert "-1/3 times" not in fact_about([{"": x / 8} for x in MATRICES], rights)
    assert "0.125 times" in fact_about([{"": x / 8} for x in MATRICES], rights)
    assert "too large by 2:" in fact_about([{"": x + 2} for x in MATRICES], rights)


def test_of_several_parts_the_wrong_one_is_named():
    rights = [{"dW": right, "db": right[0]} for right in MATRICES]
    wrong = [{"dW": right["dW"], "db": 2 * right["db"]} for right in rights]
    assert fact_about(wrong, rights).startswith("db: each number is 2 times")
    both = [{"dW": 3 * right["dW"], "db": 2 * right["db"]} for right in rights]
    assert fact_about(both, rights) is None


def test_parts_that_are_true_or_false_are_compared_as_well():
    rights = [{"share": np.array(0.5), "is_silent": np.array(silent)} for silent in (True, False)]
    found = [right | {"share": np.array(0.1)} for right in rights]
    assert fact_about(found, rights) is None
    found = [right | {"is_silent": ~right["is_silent"]} for right in rights]
    assert fact_about(found, rights) is None


def test_what_an_epsilon_makes_is_no_difference_to_tell():
    assert told(lambda x: x + 3e-6, [np.zeros(5), np.arange(5.0)]) == ""
    assert told(lambda x: x + 0.01, [np.zeros(5), np.arange(5.0) / 10]) == "difference"

"""What names stood for is remembered, unless it is large; what is lost of it is known."""

import functools
import math
import types

import numpy as np
import pytest

from autograder.sandbox.inside import remembered_names
from autograder.sandbox.inside.remembered_names import RememberedNames
from course import check
from course.check.references import lesson_01_softmax


def square(x):
    return x * x


def after(*cells):
    """What is remembered, and the namespace, after cells that leave these names."""
    namespace = {"__name__": "__main__", "get_ipython": square}
    known = RememberedNames(namespace)
    for cell in cells:
        namespace.clear()
        namespace.update(cell)
        known.take(namespace)
    return known, namespace


SMALL = {
    "a function": square,
    "a class": RememberedNames,
    "a module": np,
    "a cached function": functools.cache(square),
    "a part of one": functools.partial(square, 3),
    "numbers": [784, 200, 10],
    "a dict": {"rate": 0.1, "sizes": (1, 2)},
    "weights": np.zeros((784, 10)),
    "a scalar": np.float32(1),
    "a generator of numbers": np.random.default_rng(0),
    "nothing": None,
}


@pytest.mark.parametrize("value", SMALL.values(), ids=SMALL)
def test_what_is_deleted_is_lost_and_known(value):
    known, namespace = after({"it": value}, {"other": 1})
    assert known.lost(namespace) == ["it"]
    assert known.value("it") is value


class Layer:
    """What Keras's models are."""

    __module__ = "keras.src.layers.layer"

    def __call__(self, x):
        return x


class Odd(type):
    """A class that cannot be asked anything."""

    @property
    def __mro__(cls):
        raise OSError


class Lying(type):
    """A class that says that it is any other one."""

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class Raising(type):
    """A class that cannot be compared."""

    def __eq__(cls, other):
        raise OSError

    __hash__ = type.__hash__


HALF = remembered_names.MAX_BYTES // 16 + 1  # of the most numbers that are kept
LARGE = {
    "a large array": np.zeros(remembered_names.MAX_BYTES // 8 + 1),
    "a long list": list(range(1000)),
    "a large part of a larger array": np.zeros(2 * HALF)[:HALF],
    "arrays that are large together": [np.zeros(HALF), np.zeros(HALF)],
    "an array of objects": np.array([types.SimpleNamespace()]),
    "a large array in a dict": {"X": np.zeros(remembered_names.MAX_BYTES // 8 + 1)},
    "lists in lists in lists": [[[1]]],
    "a model": Layer(),
    "an object": types.SimpleNamespace(),
    "an odd object": Odd("Thing", (), {})(),
    "an object of a class that lies": Lying("Thing", (), {})(),
    "an object of a class that cannot be compared": Raising("Thing", (), {})(),
}


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE)
def test_what_may_take_memory_is_not_kept(value):
    known, namespace = after({"it": 1}, {"it": value}, {"other": 1})
    assert known.lost(namespace) == []


@pytest.mark.parametrize(
    ("first", "second", "lost"),
    [
        (square, 5, True),
        (np, 5, True),
        (types, square, False),
        (square, types, False),
        (5, square, False),
        (5, "text", False),
    ],
)
def test_a_function_or_a_module_that_became_a_value_is_lost(first, second, lost):
    known, namespace = after({"it": first}, {"it": second})
    assert known.lost(namespace) == ["it"] * lost
    assert known.value("it") is (first if lost else second)


@pytest.mark.parametrize("second", [math, np.linalg, np.add, square, type("np", (), {}), 5, None])
def test_a_well_known_library_is_lost_behind_all_else(second):
    known, namespace = after({"np": np, "other": np}, {"np": second, "other": math})
    assert known.lost(namespace) == ["np"]
    assert known.value("np") is np
    known, namespace = after({"np": math}, {"np": np})
    assert known.lost(namespace) == []
    known, namespace = after({"keras": None, "np": second})
    assert known.lost(namespace) == []


def own_sum(values):
    return values


own_sum.__module__ = "__main__"


def test_pythons_own_functions_are_lost_behind_a_value_or_an_imported_function():
    known, namespace = after({"sum": 0, "max": np.max, "len": len, "print": own_sum})
    assert set(known.lost(namespace)) == {"max", "sum"}
    assert (known.value("sum"), known.value("max")) == (sum, max)
    namespace["print"] = 5
    known.take(namespace)
    assert "print" in known.lost(namespace)
    assert known.value("print") is own_sum
    del namespace["print"]
    assert "print" not in known.lost(namespace)


def test_an_imported_function_does_not_hide_one_of_the_notebooks_own():
    for first in (own_sum, type("mean", (), {"__module__": "__main__"})):
        known, namespace = after({"mean": first}, {"mean": np.mean})
        assert known.lost(namespace) == ["mean"]
        assert known.value("mean") is first
    for new in (check.softmax, lesson_01_softmax.softmax):  # `from course.check import *`
        known, namespace = after({"softmax": own_sum}, {"softmax": new})
        assert known.lost(namespace) == ["softmax"]
        assert known.value("softmax") is own_sum
    for new in (functools.partial(own_sum), RememberedNames, (5).__add__):
        known, namespace = after({"mean": own_sum}, {"mean": new})
        assert known.lost(namespace) == []
        assert known.value("mean") is new


def test_a_function_that_is_still_to_be_written_does_not_hide_one_that_is():
    def with_words():
        """To be written."""
        raise NotImplementedError()

    def in_part(x):
        if x:
            return x
        raise NotImplementedError

    for blank in (with_words, in_part):
        blank.__module__ = "__main__"
    assert after({"it": own_sum}, {"it": with_words})[0].value("it") is own_sum
    assert after({"it": own_sum}, {"it": in_part})[0].value("it") is in_part
    known, namespace = after({"it": with_words})
    assert known.lost(namespace) == []


def test_a_function_of_the_notebooks_own_is_known_before_its_cell_has_ended():
    known, namespace = after({"other": 1})
    for value in (own_sum, np.mean, 5):
        namespace["it"] = value
        known.take_own(namespace)
    known.take(namespace)
    assert known.lost(namespace) == ["it"]
    assert known.value("it") is own_sum


def test_of_a_small_part_of_a_large_array_only_the_part_is_kept():
    part = np.arange(HALF * 2)[:10]
    known, namespace = after({"it": part}, {"other": 1})
    assert known.lost(namespace) == ["it"]
    assert known.value("it").tolist() == list(range(10))
    assert known.value("it").base is None


def test_what_is_deleted_takes_little_memory_together():
    large = remembered_names.MAX_BYTES // 2 - 1
    cells = {f"held_{number}": np.zeros(large, np.uint8) for number in range(4)}
    gone = {f"gone_{number}": np.zeros(large, np.uint8) for number in range(4)}
    known, namespace = after(cells | gone | {"n": 1}, cells)
    assert known.lost(namespace) == ["gone_0", "gone_1", "n"]
    namespace.clear()
    assert set(known.lost(namespace)) == {"gone_0", "gone_1", "n", *cells}
    known.take(namespace)
    assert len(known.lost(namespace)) == 3


def test_a_value_that_was_shown_is_no_name_of_the_notebooks():
    for name in ("_", "__", "___"):
        known, namespace = after({name: np.ndarray}, {name: 5})
        assert known.lost(namespace) == []


def test_a_class_may_be_of_no_module_or_of_an_odd_one():
    for module in (np.ones(3), None):
        known, namespace = after({"it": type("it", (), {"__module__": module})}, {"other": 1})
        assert known.lost(namespace) == ["it"]


def test_a_name_that_is_no_text_is_left_alone():
    known, namespace = after({1: square, "it": 1}, {})
    assert known.lost(namespace) == ["it"]


def test_what_ipython_provides_is_there_again_after_each_cell():
    known, namespace = after({"it": 1})
    assert namespace["get_ipython"] is square
    assert namespace["__name__"] == "__main__"
    assert known.lost(namespace) == []

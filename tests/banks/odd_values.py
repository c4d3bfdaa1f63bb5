"""Right answers in odd types: each means what was asked for, so it is taken, here and across the
sandbox alike. And odd values that mean nothing of the kind, which both refuse.
"""

import array
import decimal
import enum
import inspect
import types
from collections import OrderedDict, UserDict, UserList, UserString, deque
from collections.abc import Mapping, Sequence
from fractions import Fraction

import keras
import ml_dtypes
import numpy as np
import pandas as pd
import scipy.special
import tensorflow as tf

from course.check.references import lesson_01_softmax, lesson_02_gradient_descent


def unguarded(module):
    """The course's own functions of a lesson, as if a learner had written them."""
    functions = {name: value for name, value in vars(module).items() if callable(value)}
    return types.SimpleNamespace(
        **{name: inspect.unwrap(function) for name, function in functions.items()}
    )


softmax_lesson = unguarded(lesson_01_softmax)
gradient_lesson = unguarded(lesson_02_gradient_descent)


class Rows(Sequence):
    """A sequence of one's own."""

    def __init__(self, rows):
        self.rows = list(rows)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, place):
        return self.rows[place]


class Table(Mapping):
    """A mapping of one's own."""

    def __init__(self, entries):
        self.entries = dict(entries)

    def __len__(self):
        return len(self.entries)

    def __iter__(self):
        return iter(self.entries)

    def __getitem__(self, key):
        return self.entries[key]


class Arraylike:
    """Gives itself as an array, and is nothing else."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class Numpylike:
    """Gives itself as a list, by the method that tensors have."""

    def __init__(self, values):
        self.values = values

    def numpy(self):
        return self.values.tolist()


class Floatlike:
    """Can be made a float, and is nothing else."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)


class Name(enum.StrEnum):
    """Keys that are texts, by another name."""

    W1, b1, W2, b2, W, b = "W1", "b1", "W2", "b2", "W", "b"


def sums(make):
    """An answer to weighted_sums that hands `make` an array of float64."""
    return lambda X, W, b: make(np.float64(X) @ np.float64(W) + b)


def share(make):
    """An answer to accuracy that hands `make` a number."""
    return lambda Y, labels: make(softmax_lesson.accuracy(Y, labels))


def order(make):
    """An answer to wrong_first that hands `make` an array of indices."""
    return lambda labels, predictions: make(softmax_lesson.wrong_first(labels, predictions))


def steps(make):
    """An answer to descend that hands `make` a dict."""
    return lambda *arguments: make(gradient_lesson.descend(*arguments))


def gradients(make):
    """An answer to softmax_gradients that hands `make` the pair."""
    return lambda *arguments: make(gradient_lesson.softmax_gradients(*arguments))


def batches(make):
    """An answer to minibatches that hands `make` a list of pairs."""
    return lambda *arguments: make(list(gradient_lesson.minibatches(*arguments)))


def line(x):
    """The places and values of a straight line that is near the sigmoid."""
    return enumerate(np.clip(x / 5 + 0.5, 0, 1))


def objects(values):
    """An array that holds Python's own numbers."""
    made = np.empty(values.shape, object)
    made[...] = values.tolist()
    return made


TAKEN = {
    "weighted_sums": {
        "a memoryview of rows": sums(lambda Z: memoryview(np.ascontiguousarray(Z))),
        "rows of array.array": sums(lambda Z: [array.array("d", row) for row in Z]),
        "a UserList of lists": sums(lambda Z: UserList(Z.tolist())),
        "a deque of UserLists": sums(lambda Z: deque(map(UserList, Z.tolist()))),
        "a sequence of one's own": sums(lambda Z: Rows(Rows(row) for row in Z.tolist())),
        "rows as memoryviews": sums(lambda Z: [memoryview(row.copy()) for row in Z]),
        "Fractions": sums(lambda Z: [[Fraction(value) for value in row] for row in Z]),
        "Decimals": sums(lambda Z: [[decimal.Decimal(value) for value in row] for row in Z]),
        "numbers that can be made floats": sums(
            lambda Z: [[Floatlike(value) for value in row] for row in Z]
        ),
        "an array of objects": sums(objects),
        "an array of tensors": sums(lambda Z: [tf.constant(row) for row in Z]),
        "a Keras variable": sums(keras.Variable),
        "a ragged tensor that is not": sums(
            lambda Z: tf.RaggedTensor.from_tensor(Z, ragged_rank=1)
        ),
        "a data frame": sums(pd.DataFrame),
        "a masked array": sums(np.ma.masked_array),
        "a matrix": sums(np.matrix),
        "long doubles": sums(np.longdouble),
        "the other byte order": sums(lambda Z: Z.astype(">f8")),
        "Fortran's order": sums(np.asfortranarray),
        "an object that gives an array": sums(Arraylike),
        "an object that gives a list as tensors do": sums(Numpylike),
    },
    "accuracy": {
        "a Fraction": share(Fraction),
        "a Decimal": share(decimal.Decimal),
        "what can be made a float": share(Floatlike),
        "an array without axes": share(np.array),
        "a tensor": share(tf.constant),
        "an object that gives an array": share(Arraylike),
    },
    "wrong_first": {
        "a bytearray": lambda labels, predictions: (
            bytearray(softmax_lesson.wrong_first(labels, predictions).tolist())
            if len(labels) < 256
            else softmax_lesson.wrong_first(labels, predictions)
        ),
        "an array.array": order(lambda found: array.array("q", found.tolist())),
        "a memoryview": order(lambda found: memoryview(found.copy())),
        "a series": order(pd.Series),
        "a range, where it is one": order(
            lambda found: range(len(found)) if (np.diff(found) == 1).all() else found
        ),
        "a tuple of NumPy's integers": order(tuple),
    },
    "descend": {
        "keys of type np.str_": steps(lambda step: {np.str_(key): step[key] for key in step}),
        "keys of an enumeration": steps(
            lambda step: {getattr(Name, key, key): value for key, value in step.items()}
        ),
        "an OrderedDict": steps(OrderedDict),
        "a UserDict": steps(UserDict),
        "a mapping of one's own": steps(Table),
        "a proxy of a dict": steps(types.MappingProxyType),
        "values as UserLists": steps(
            lambda step: {key: UserList(value.tolist()) for key, value in step.items()}
        ),
    },
    "softmax_gradients": {
        "a UserList": gradients(UserList),
        "a deque": gradients(deque),
        "a sequence of one's own": gradients(Rows),
        "the values of a dict": gradients(lambda pair: dict(zip("Wb", pair, strict=True)).values()),
    },
    "minibatches": {
        "pairs as UserLists": batches(lambda pairs: [UserList(pair) for pair in pairs]),
        "a sequence of one's own": batches(Rows),
        "the values of a dict": batches(lambda pairs: dict(enumerate(pairs)).values()),
        "a map": batches(lambda pairs: map(tuple, pairs)),
    },
    "one_hot": {
        "floats of 8 bits, which hold 0 and 1": lambda *arguments: gradient_lesson.one_hot(
            *arguments
        ).astype(ml_dtypes.float8_e5m2),
    },
    "name_the_curve": {
        "a mapping of one's own": Table(
            {"A": "rate too high", "B": "overfitting", "C": "good fit", "D": "underfitting"}
        ),
        "a UserDict with keys of type np.str_": UserDict(
            {
                np.str_("a"): "rate too high",
                np.str_("b"): "overfitting",
                np.str_("c"): np.str_("good fit"),
                np.str_("d"): "underfitting",
            }
        ),
        "a UserList in order": UserList(
            ["rate too high", "overfitting", "good fit", "underfitting"]
        ),
    },
    "case_2": {
        "the rate as a tensor": lambda: (
            "learning rate too low",
            {"learning_rate": tf.constant(0.1)},
        ),
        "a UserDict and a Fraction": lambda: UserList(
            ["learning rate too low", UserDict({np.str_("learning_rate"): Fraction(1, 10)})]
        ),
    },
}

REFUSED = {
    "weighted_sums": {
        "texts": sums(lambda Z: [[str(value) for value in row] for row in Z]),
        "a text": sums(str),
        "a UserString": sums(lambda Z: UserString(Z)),
        "a list that holds itself": sums(lambda Z: _holding_itself()),
        "a set": sums(lambda Z: set(Z.ravel().tolist())),
        "complex numbers": sums(lambda Z: Z + 0j),
        "a dict of rows": sums(lambda Z: dict(enumerate(Z.tolist()))),
        "a sparse tensor": sums(tf.sparse.from_dense),
        "floats of 8 bits": sums(lambda Z: Z.astype(ml_dtypes.float8_e4m3fn)),
        "floats of 8 bits, with a wide range": sums(lambda Z: Z.astype(ml_dtypes.float8_e5m2)),
    },
    "sigmoid_and_slope": {
        "a line in floats of 8 bits, and no slope": lambda x: (
            np.clip(x / 5 + 0.5, 0, 1).astype(ml_dtypes.float8_e4m3fn),
            np.zeros(x.shape, x.dtype),
        ),
        "no slope, in floats of 8 bits": lambda x: (
            scipy.special.expit(x),
            np.zeros(x.shape, ml_dtypes.float8_e5m2),
        ),
        "a line, of which one value has 8 bits": lambda x: (
            [ml_dtypes.float8_e4m3fn(value) if place == 0 else value for place, value in line(x)],
            scipy.special.expit(x) * scipy.special.expit(-x),
        ),
    },
    "accuracy": {
        "bytes": share(lambda found: str(found).encode()),
        "a tensor of text": share(lambda found: tf.constant(str(found))),
        "a function": share(lambda found: lambda: found),
    },
    "descend": {
        "keys as pairs": steps(lambda step: {(key, 0): value for key, value in step.items()}),
        "keys as bytes": steps(lambda step: {key.encode(): value for key, value in step.items()}),
        "a list of pairs": steps(lambda step: list(step.items())),
    },
    "softmax_gradients": {
        "a set of names": gradients(lambda pair: {"dW", "db"}),
        "a text of two": gradients(lambda pair: "Wb"),
    },
}


def _holding_itself():
    found = []
    found.append(found)
    return found

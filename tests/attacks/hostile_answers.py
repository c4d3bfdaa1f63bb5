"""Answers that fit no exercise at all, for the real examinations: each must be refused politely."""

SET_UP = """
import numpy as np
from course.check.references import lesson_01_softmax as reference
class Anything:
    dtype, shape, size, ndim = np.dtype("float32"), (2,), 2, 1
    __hash__ = None
    __eq__ = lambda self, other: True
    __ne__ = __lt__ = lambda self, other: False
    __call__ = __getitem__ = __sub__ = __add__ = __mul__ = __abs__ = lambda self, *_, **__: self
    __len__ = lambda self: 2
    __iter__ = lambda self: iter([self, self])
    __float__ = lambda self: 0.0
    __int__ = __index__ = lambda self: 0
class Bytes(bytes):
    __len__ = lambda self: 9
class Keys(dict):
    __iter__ = lambda self: iter("ab")
class Seeds(np.random.SeedSequence):
    entropy = property(lambda self: {"a": self})
"""
VALUES = [
    *("Anything()", "[Anything()] * 2", "{'W': Anything()}", "np.empty((0,) * 3)", "float('nan')"),
    *("10**1000", "'x' * 100_000", "np.array([None, object()])", "a", "print", "a[0].__class__"),
    *("np.ones((2**20, 0))", "[[], [[]], [[[]]]]", "np.ones(3_000_000)", "1 + 2j", "b'x'"),
    *("(np.inf, 2**70)", "np.datetime64('2020')", "slice(1), range(10**9), {1}", "True", "None"),
    # Nearly plain: keys that are not, seeds and axes that are too large, bytes that lie.
    *("{np.datetime64('2020'): 1}", "{np.complex64(1j): 1}", "{np.clongdouble(1): 1}"),
    *("{np.timedelta64(1, 's'): 1}", "np.ones((2**41, 0))", "Bytes(2)", "Keys({(1, 2): 1})"),
    "np.random.Generator(np.random.PCG64(np.random.SeedSequence(1, pool_size=100)))",
    "np.random.Generator(np.random.PCG64(Seeds(1)))",
]
ANSWERS = [f"def answer(*a, **k): return {value}" for value in VALUES]
ANSWERS += [
    "answer = 7",
    "answer = Anything()",
    "answer = Anything",
    "def answer(*a, **k): raise AssertionError('passed')",
    "def answer(*a, **k): raise SystemExit(0)",
]

"""What a student's code puts in place of functions of Python's and NumPy's: `np.array = f`.

That was done on purpose, so the student's code has to find them. But the grader's own code runs in
the same process, between parts of the student's, and its messages depend on what `len` and
`np.asarray` do. So the student's functions are there only while the student's code runs.
"""

import operator
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.sandbox.inside.remembered_names import is_used

# While a module has the student's functions, none of its own can be used by its name.
_all, _map, _is = all, map, operator.is_
_Generator = np.random.Generator


class Replacements:
    """The student's functions in some modules, which are in place, or set aside.

    Each block of the student's code runs within `in_place`, and each of the grader's code that it
    calls within `aside`. Setting them aside also finds those that have come since. All threads
    share them: one that runs beside such a block may spoil answers of its own.
    """

    def __init__(self) -> None:
        """Know no module yet."""
        self._modules: list[_Functions] = []
        self._are_in_place = False

    def note(self, modules: Iterable[types.ModuleType]) -> None:
        """Note the functions that are these modules' own. `builtins` has to be the first."""
        self._modules = [_Functions(vars(module)) for module in modules]

    def in_place(self) -> "_Block":
        """Return the context of a block of the student's code."""
        return _Block(self, in_place=True)

    def aside(self) -> "_Block":
        """Return the context of a block of the grader's code within one of the student's."""
        return _Block(self, in_place=False)

    def move(self, in_place: bool) -> bool:
        """Put them in place or set them aside, and return whether they were in place.

        They count as in place only while all are there: an alarm halfway through loses none.
        """
        were_in_place, self._are_in_place = self._are_in_place, False
        for functions in self._modules:
            if not in_place:
                functions.set_aside(were_in_place)
            elif not were_in_place:
                functions.put_in_place()
        self._are_in_place = in_place
        return were_in_place


class _Block:
    """A block with the student's functions in place or aside; after it they are as before.

    No generator, as leaving one takes functions of Python's that the block may have replaced.
    """

    def __init__(self, replacements: Replacements, in_place: bool):
        self._replacements, self._in_place = replacements, in_place

    def __enter__(self) -> None:
        self._were_in_place = self._replacements.move(self._in_place)

    def __exit__(self, *_error: object) -> None:
        self._replacements.move(self._were_in_place)


class _Functions:
    """The functions of one module: its own, and the student's in their places."""

    def __init__(self, namespace: dict[str, Any]):
        self._namespace = namespace
        self._own = {name: value for name, value in namespace.items() if is_used(value)}
        self._students: dict[str, Any] = {}

    def put_in_place(self) -> None:
        self._namespace.update(self._students)

    def set_aside(self, were_in_place: bool) -> None:
        """Put the module's own back, and keep what was there instead, if it may be a function."""
        namespace, own, students = self._namespace, self._own, self._students
        if were_in_place:
            students.clear()
        if _all(_map(_is, _map(namespace.get, own), own.values())):
            return
        for name in own:
            if name in namespace and namespace[name] is not own[name]:
                students[name] = namespace[name]
            namespace[name] = own[name]
        for name in [*students]:
            if not may_be_meant(students[name]):
                del students[name]


def may_be_meant(value: object) -> bool:
    """Return whether a value can take a function's place, or a generator that of np.random."""
    return is_used(value) or type(value) is _Generator

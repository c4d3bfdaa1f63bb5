"""Functions that a student's code puts in place of others are there for that code alone."""

import types

import pytest

from autograder.sandbox.inside.replacements import Replacements
from autograder.sandbox.inside.timer import TimeIsUp


def own():
    """A function of a library's."""


def students():
    """A function of the student's."""


@pytest.fixture
def library():
    module = types.ModuleType("library")
    module.first = module.second = own
    return module


@pytest.fixture
def replacements(library):
    found = Replacements()
    found.note([library])
    return found


def test_they_are_there_while_the_students_code_runs(library, replacements):
    with replacements.in_place():
        library.first = students
        with replacements.aside():  # a function of the grader's, which it calls
            assert library.first is own
        assert library.first is students
    assert library.first is own
    with replacements.in_place():
        assert (library.first, library.second) == (students, own)


def test_a_block_within_one_changes_nothing_for_the_outer_one(library, replacements):
    """As where a cell runs another one."""
    with replacements.in_place():
        library.first = students
        with replacements.in_place():
            assert library.first is students
            library.second = students
        assert (library.first, library.second) == (students, students)
    assert (library.first, library.second) == (own, own)


def test_what_the_students_code_has_put_back_stays_so(library, replacements):
    with replacements.in_place():
        library.first = students
    with replacements.in_place():
        library.first = own
    with replacements.in_place():
        assert library.first is own


def test_what_comes_while_they_are_set_aside_is_found_as_well(library, replacements):
    """As by a thread, or by a method that shows an object."""
    with replacements.in_place():
        library.first = students
    library.second = students
    replacements.move(in_place=False)
    assert (library.first, library.second) == (own, own)
    with replacements.in_place():
        assert (library.first, library.second) == (students, students)


def test_what_is_gone_or_no_function_is_put_back_for_good(library, replacements):
    with replacements.in_place():
        del library.first
        library.second = 42
    with replacements.in_place():
        assert (library.first, library.second) == (own, own)


def test_an_error_ends_a_block_like_any_end(library, replacements):
    def stop():
        with replacements.in_place():
            library.first = students
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop()
    assert library.first is own


def test_a_value_that_equals_everything_is_found(library, replacements):
    class Equal:
        def __eq__(self, other):
            return True

        __hash__ = None

    with replacements.in_place():
        library.first = Equal()
    assert library.first is own


class Alarm(dict):
    """The names of a module, which an alarm may keep from being changed."""

    is_due = False

    def update(self, others):
        if self.is_due:
            raise TimeIsUp
        super().update(others)


class WithAlarm:
    """A module with these names."""

    def __init__(self, names):
        self.names = names

    @property
    def __dict__(self):
        return self.names


@pytest.mark.parametrize("is_first", [True, False])
def test_none_is_lost_if_the_time_is_up_while_they_are_put_in_place(library, is_first):
    replacements, alarm = Replacements(), Alarm(first=own, second=own)
    modules = [library, WithAlarm(alarm)]
    replacements.note(modules[::-1] if is_first else modules)
    with replacements.in_place():
        library.first = alarm["second"] = students
    alarm.is_due = True
    with pytest.raises(TimeIsUp):
        replacements.move(in_place=True)
    alarm.is_due = False
    replacements.move(in_place=False)
    assert (library.first, alarm["second"]) == (own, own)
    with replacements.in_place():
        assert (library.first, alarm["second"]) == (students, students)

"""What ran out of time or memory beside other submissions is run again by itself."""

import threading
from dataclasses import replace

import pytest

from autograder import course_folder
from autograder.building import release
from autograder.grading import class_grading, worker
from autograder.grading.plan import RunSettings, Which
from autograder.grading.results import Status
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture
def course(tmp_path):
    """A class of four, of which bob's answers take whatever there is."""
    course = tiny_course.make_course(tmp_path)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for student in ("ada", "bob", "cleo", "dan"):
        double = "    return 3 * a" if student == "dan" else "    return 2 * a"
        tiny_course.submit(course, student, submission(released, double=double))
    return course_folder.find(course)


class Machine:
    """In the worker's place: too busy for bob and cleo while anybody else is on it."""

    def __init__(self, shortage, is_hopeless=False):
        self.shortage, self.is_hopeless = shortage, is_hopeless
        self.runs, self.most_at_once, self.now = [], {}, set()
        self.lock = threading.Lock()
        self.are_there = threading.Barrier(2)

    def grade(self, lesson, student, submission):
        with self.lock:
            self.now.add(student)
            self.runs.append(student)
            is_second = self.runs.count(student) > 1
        if not is_second:
            self.are_there.wait(100)
        self.most_at_once[student] = len(self.now)
        graded = tiny_course.quick(lesson, student, submission)
        if not is_second:
            self.are_there.wait(100)
        lacks = student in ("bob", "cleo") and (self.is_hopeless or not is_second)
        with self.lock:
            self.now.remove(student)
        return self.short(graded) if lacks else graded

    def short(self, graded):
        result = graded.result
        exercises = result.exercises | {
            "add": replace(result.exercises["add"], score=0.0, status=self.shortage)
        }
        return replace(graded, result=replace(result, exercises=exercises))


def graded(course, monkeypatch, machine, jobs=2, **how):
    monkeypatch.setattr(worker, "grade", machine.grade)
    results = class_grading.grade(course, LESSON, settings=RunSettings(jobs), **how)
    return {one.student: one for one in results}


@pytest.mark.slow
def test_what_is_gone_by_then_keeps_its_first_result(course, monkeypatch):
    class TidiedUp(Machine):
        def short(self, graded):
            if graded.result.student == "bob":
                (course.root / "submitted" / "bob" / LESSON / NAME).unlink(missing_ok=True)
            return super().short(graded)

    results = graded(course, monkeypatch, TidiedUp(Status.TIMED_OUT))
    assert results["bob"].exercises["add"].status == Status.TIMED_OUT
    assert results["bob"].exercises["double"].score > 0
    assert results["cleo"].exercises["add"].status == Status.PASSED


@pytest.mark.parametrize(
    ("shortage", "what"), [(Status.TIMED_OUT, "time"), (Status.OUT_OF_MEMORY, "memory")]
)
@pytest.mark.slow
def test_a_neighbour_who_takes_all_costs_nobody_a_point(course, monkeypatch, shortage, what):
    machine = Machine(shortage)
    results = graded(course, monkeypatch, machine)
    assert {name: one.score for name, one in results.items()} == {
        **{"ada": 5, "bob": 5, "cleo": 5, "dan": 2}
    }
    assert sorted(machine.runs[4:]) == ["bob", "cleo"], "whatever else failed, failed by itself"
    assert machine.most_at_once == {"ada": 2, "bob": 1, "cleo": 1, "dan": 2}
    (note,) = results["bob"].notes
    assert (note.kind, note.facts) == ("run_again", {"shortage": str(shortage)})
    assert f"ran out of {what} beside other submissions" in note.text
    assert not results["dan"].notes


@pytest.mark.slow
def test_what_takes_too_much_by_itself_is_kept(course, monkeypatch):
    machine = Machine(Status.TIMED_OUT, is_hopeless=True)
    first = graded(course, monkeypatch, machine)
    assert first["bob"].score == 3
    assert len(machine.runs) == 6
    (note,) = first["bob"].notes
    assert note.text == "It ran out of time, even when it was run by itself."
    assert graded(course, monkeypatch, machine) == first
    assert len(machine.runs) == 6, "the second run's result stands"
    assert graded(course, monkeypatch, machine, which=Which(force=True)) == first
    assert sorted(machine.runs[6:]) == ["ada", "bob", "cleo", "dan"], "what is known is run once"
    assert machine.most_at_once["bob"] == machine.most_at_once["cleo"] == 1
    machine.is_hopeless = False
    assert not graded(course, monkeypatch, machine, which=Which(force=True))["bob"].notes


@pytest.mark.slow
def test_what_was_alone_is_not_run_again(course, monkeypatch):
    machine = Machine(Status.TIMED_OUT, is_hopeless=True)
    machine.are_there = threading.Barrier(1)
    results = graded(course, monkeypatch, machine, jobs=1)
    assert len(machine.runs) == 4
    assert not results["bob"].notes

"""Cells as learners leave them: attempts below a check, other names, experiments that go on."""

import copy
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.building import release
from autograder.grading import worker
from autograder.grading.lesson import prepared_for_grading
from autograder.grading.parsing import Submission
from autograder.sandbox import Limits
from autograder.sandbox.outside import pool
from tests.tiny_course import answer, cell_of
from tests.tiny_course import test_cell as graded_cell

pytestmark = pytest.mark.xdist_group("second-attempts")  # all in one sandbox

ANSWER = "def steps_per_epoch(examples, batch_size):\n    "
WRONG, RIGHT = (ANSWER + f"return {value}" for value in ("1", "-(-examples // batch_size)"))
CHECK = "check.steps_per_epoch(steps_per_epoch)"
HIDDEN = "\n### BEGIN HIDDEN TESTS\nfrom autograder import exam\n\nexam.steps_per_epoch({})\n"
HIDDEN = HIDDEN.format("steps_per_epoch") + "### END HIDDEN TESTS"


def source():
    solution = ANSWER + "### BEGIN SOLUTION\n    return 0\n    ### END SOLUTION"
    cells = [
        new_markdown_cell("# Steps", id="title"),
        new_code_cell("from course import check", id="set-up"),
        answer("steps_per_epoch", solution),
        graded_cell("check_steps_per_epoch", CHECK + HIDDEN, 2),
    ]
    notebook = new_notebook(cells=cells)
    notebook.nbformat_minor = 5
    return notebook


def handed_in(*cells, in_the_cell=WRONG, check=CHECK, above=(), between=()):
    """The lesson with this in the cell of its answer, and cells of the student's own."""
    notebook = release.cleared(source())
    cell_of(notebook, "steps_per_epoch").source = in_the_cell
    cell_of(notebook, "check_steps_per_epoch").source = check
    notebook.cells[3:3] = map(new_code_cell, between)
    notebook.cells[2:2] = map(new_code_cell, above)
    notebook.cells += map(new_code_cell, cells)
    return notebook


def graded(notebook, source=None, cell_timeout=20, timeout=200):
    source = source or globals()["source"]()
    lesson = worker.LessonToGrade(
        name="00-steps",
        notebook_name="steps.ipynb",
        source=nbformat.writes(prepared_for_grading(source)),
        released=nbformat.writes(release.cleared(source)),
        cell_timeout=cell_timeout,
        timeout=timeout,
        limits=Limits(),
        walls=False,
    )
    return worker.grade(lesson, "ada", Submission(nbformat.writes(notebook).encode())).result


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    yield
    pool.stop()


def found(result):
    (exercise,) = result.exercises.values()
    return exercise.status, result.status, {note.kind: note.facts for note in result.notes}


HELPED = ANSWER + "return rounded(examples / batch_size)"
ROUNDED = "def rounded(x):\n    return -int(-x // 1)"
BELOW = {
    "below its check": handed_in(RIGHT),
    "below its check, which is typed again": handed_in(RIGHT, CHECK),
    "below others that are wrong": handed_in(WRONG, "1 / 0", RIGHT),
    "below one that never ends": handed_in(RIGHT, in_the_cell=ANSWER + "while True: pass"),
    "below one that ends the process": handed_in(
        RIGHT, in_the_cell=ANSWER + "import os; os._exit(1)"
    ),
    "by its helper": handed_in(
        ROUNDED, in_the_cell=HELPED, above=["def rounded(x):\n    return x"]
    ),
}


@pytest.mark.parametrize("notebook", BELOW.values(), ids=BELOW)
def test_what_is_put_right_below_a_check_counts(notebook):
    result = graded(notebook, cell_timeout=3)
    (exercise,) = result.exercises.values()
    assert (exercise.status, exercise.score) == ("passed", 2)
    (late,) = (note.facts for note in result.notes if note.kind == "late")
    assert late["names"] == (["rounded"] if "rounded" in str(notebook) else ["steps_per_epoch"])


def test_an_answer_that_ends_the_process_twice_takes_no_second_attempt_from_others():
    ends = "def first():\n    import os; os._exit({})"
    lesson = source()
    solution = "def first():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    lesson.cells[2:2] = [answer("first", solution), graded_cell("check_first", "first()", 1)]
    notebook = release.cleared(copy.deepcopy(lesson))
    cell_of(notebook, "first").source = ends.format(1)
    cell_of(notebook, "steps_per_epoch").source = WRONG
    notebook.cells += [new_code_cell(RIGHT), new_code_cell(ends.format(2))]
    exercises = graded(notebook, lesson).exercises
    assert {name: its.status for name, its in exercises.items()} == {
        "first": "crashed",
        "steps_per_epoch": "passed",
    }


@pytest.mark.parametrize(
    ("notebook", "status"),
    [
        (handed_in(WRONG, in_the_cell=RIGHT), "passed"),
        (handed_in(WRONG + " + 0"), "failed"),
        (handed_in("steps_per_epoch = check.steps_per_epoch"), "failed"),
        (handed_in("from course.check.references import steps_per_epoch"), "failed"),
    ],
)
def test_what_stands_below_takes_nothing_away_and_has_to_be_right(notebook, status):
    result = graded(notebook)
    (exercise,) = result.exercises.values()
    assert exercise.status == status
    assert not [note for note in result.notes if note.kind in ("late", "called")]


@pytest.mark.parametrize(("above", "below", "points"), [(1, 2, 2), (2, 1, 2), (1, 0, 1), (1, 9, 1)])
def test_of_points_that_a_test_returns_the_most_count(above, below, points):
    lesson = source()
    cell_of(lesson, "check_steps_per_epoch").source = "steps_per_epoch(10, 5)"
    answers = [ANSWER + f"return {value}" for value in (above, below)]
    notebook = handed_in(answers[1], in_the_cell=answers[0], check="steps_per_epoch(10, 5)")
    (exercise,) = graded(notebook, lesson).exercises.values()
    assert exercise.score == points


SECOND = RIGHT.replace("steps_per_epoch", "steps_2")
CHECK_2 = CHECK.replace("(steps_per_epoch)", "(steps_2)")


@pytest.mark.parametrize(
    "notebook",
    [
        handed_in(in_the_cell=SECOND, check=CHECK_2),
        handed_in(above=[SECOND], check=CHECK_2),
        handed_in(above=[SECOND], check=f"ok = {CHECK_2}\nok"),
        handed_in(above=[SECOND], check=f"%time {CHECK_2}"),
        handed_in(SECOND, CHECK_2),
        handed_in(f"{SECOND}\n\n{CHECK_2}", in_the_cell=ANSWER + "while True: pass"),
    ],
)
def test_a_function_counts_by_the_name_that_its_check_was_called_with(notebook):
    result = graded(notebook, cell_timeout=3)
    (exercise,) = result.exercises.values()
    assert (exercise.status, exercise.score) == ("passed", 2)
    (facts,) = (note.facts for note in result.notes if note.kind == "called")
    assert facts == {"exercise": "steps_per_epoch", "names": ["steps_2"]}
    assert result.status != "tampered"


@pytest.mark.parametrize(
    "notebook",
    [
        handed_in(above=["steps_2 = check.steps_per_epoch"], check=CHECK_2),
        handed_in(
            above=["from course.check.references import steps_per_epoch as steps_2"], check=CHECK_2
        ),
        handed_in(above=["steps_2 = lambda *a: 0"], check=CHECK_2),
        handed_in(check=CHECK_2),
        handed_in(check="check.steps_per_epoch(check)"),
        handed_in(check="check.steps_per_epoch(exam)"),
    ],
)
def test_what_a_check_was_called_with_has_to_be_right_as_well(notebook):
    (exercise,) = graded(notebook).exercises.values()
    assert (exercise.status, exercise.score) == ("failed", 0)


@pytest.mark.slow
def test_what_does_not_end_is_not_examined_again():
    """Neither the answer nor what its check was called with: their time is up once for each."""
    endless = "def {}(*arguments):\n    later()\n    while True: pass"
    notebook = handed_in(
        "def later(): pass\nx = 2",
        in_the_cell=endless.format("steps_per_epoch"),
        above=["def later(): pass\nx = 1", endless.format("steps_2")],
        check=CHECK_2,
    )
    result = graded(notebook, cell_timeout=6)
    assert found(result)[0] == "timed_out"
    assert result.exercise_seconds["steps_per_epoch"] < 17, "of which each takes 6"


@pytest.mark.parametrize("names", ["steps_per_epoch", "*"])
def test_a_check_that_is_imported_over_its_answer_does_not_hide_it(names):
    notebook = handed_in(in_the_cell=RIGHT, between=[f"from course.check import {names}"])
    (exercise,) = graded(notebook).exercises.values()
    assert exercise.status == "passed"


@pytest.mark.parametrize(
    ("in_the_cell", "version", "is_told"),
    [
        (RIGHT.replace(":", " if:"), "3.99.1", True),
        ("from itertools import none_such\n" + WRONG, "3.99", True),
        (WRONG, "3.99.1", False),  # it runs, and is wrong
        ("from itertools import none_such\n" + RIGHT, "3.99", False),  # it is right
        ("import math; math.none_such\n" + WRONG, "3.99", True),
        ("None.none_such\n" + WRONG, "3.99", False),
        (RIGHT.replace(":", " if:"), "3.9.1", False),
        (RIGHT.replace(":", " if:"), "3.x", False),
        (RIGHT.replace(":", " if:"), "3.12x", False),
        (RIGHT.replace(":", " if:"), "3.13+", False),
        (RIGHT.replace(":", " if:"), None, False),
    ],
)
def test_what_a_newer_python_may_run_is_for_a_person_to_look_at(in_the_cell, version, is_told):
    notebook = handed_in(in_the_cell=in_the_cell)
    notebook.metadata["language_info"] = {"name": "python", "version": version}
    result = graded(notebook)
    told = [note.facts for note in result.notes if note.kind == "newer_python"]
    ours = ".".join(map(str, sys.version_info[:2]))
    assert told == [{"theirs": "3.99", "ours": ours}] * is_told
    looks = [note for note in result.notes if note.kind == "look"]
    assert len(looks) == (not is_told and result.score == 0)  # no two notes for the same


@pytest.mark.slow
def test_experiments_leave_time_for_the_tests():
    endless = ["import time; time.sleep(600)"] * 2
    result = graded(handed_in(in_the_cell=RIGHT, above=endless), cell_timeout=12, timeout=24)
    (exercise,) = result.exercises.values()
    assert (exercise.status, exercise.score) == ("passed", 2)
    stops = [note.facts["error"] for note in result.notes if note.kind == "stopped"]
    assert stops[0] == "it did not finish within 12 s"
    assert len(stops) == 2

"""Across the channel the examiner judges every attempt of the banks as in one process.

That one process does so is what test_check.py says; here the same attempts are in another one.
"""

import importlib
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import exam, verdict
from autograder.sandbox import Sandbox
from course import check
from tests.banks.any_exercise import GENERIC_WRONG
from tests.conftest import sample

SOURCES = sorted((Path(__file__).parent.parent / "source").glob("*/*.ipynb"))
BANKS = {lesson: importlib.import_module(f"tests.banks.{lesson}") for lesson in check.LESSONS}

# An attempt is looked up by its name, in a copy of the banks that lies in the work folder.
LOOK_UP = """
import importlib

def attempt(lesson, kind, exercise, name):
    bank = importlib.import_module(f"banks.{lesson}")
    general = importlib.import_module("banks.any_exercise").GENERIC_WRONG
    if kind == "RIGHT":
        return bank.RIGHT[exercise][name]
    return (general | bank.WRONG[exercise])[name][0]
"""


# All 2,226 attempts take minutes: COURSE_TEST_ATTEMPTS=all takes them, else it is one in twelve.
ONE_IN = 1 if os.environ.get("COURSE_TEST_ATTEMPTS") == "all" else 12


def attempts_of(lesson):
    """Attempts of a lesson by their ids: (kind, exercise, name, reason for which it is refused)."""
    bank, found = BANKS[lesson], {}
    for exercise in check.LESSONS[lesson]:
        for name in bank.RIGHT[exercise]:
            found[f"{exercise}: right: {name}"] = "RIGHT", exercise, name, ""
        for name, (_, reason) in (GENERIC_WRONG | bank.WRONG[exercise]).items():
            found[f"{exercise}: wrong: {name}"] = "WRONG", exercise, name, reason
    return found


def examination(exercise):
    cell = new_code_cell(f"exam.{exercise}({exercise})")
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "check"}
    return cell


def problem(kind, exercise, reason, event):
    """What is not as the bank says, or nothing."""
    if kind == "WRONG":
        refused = event["ename"] in ("CheckFailed", "Unsolved")
        told = exercise in event["evalue"] and reason in event["evalue"]
        return None if refused and told else (event["status"], event["ename"], event["evalue"])
    if event["status"] != "ok":
        return event["ename"], event["evalue"]
    given = [output["data"]["text/plain"] for output in event["outputs"] if "data" in output]
    points = getattr(exam, "POINTS", {}).get(exercise)
    if exercise == "challenge":  # it has steps; see test_challenge.py
        return None
    return None if given in ([], [repr(points)]) else given


@pytest.fixture(scope="module")
def sandbox():
    """Without walls: these tests are of the channel."""
    with Sandbox(walls=False) as sandbox:
        yield sandbox


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lesson", BANKS)
def test_every_attempt_of_the_banks_gets_the_same_verdict(sandbox, lesson):
    cells, expected = [new_code_cell(LOOK_UP)], {}
    attempts = attempts_of(lesson)
    for kind, exercise, name, reason in map(attempts.get, sample(attempts, ONE_IN)):
        cells.append(new_code_cell(f"{exercise} = attempt{lesson, kind, exercise, name}"))
        expected[len(cells)] = kind, exercise, reason, name
        cells.append(examination(exercise))
    notebook = new_notebook(cells=cells)
    outcome = sandbox.run(notebook, Path(__file__).parent, cell_timeout=100, timeout=1000)
    assert outcome.end == "done", outcome.trouble
    different = {
        f"{exercise}: {name}": found
        for index, (kind, exercise, reason, name) in expected.items()
        if (found := problem(kind, exercise, reason, outcome.cells[index])) is not None
    }
    assert not different, f"{len(different)} of {len(expected)}"


@pytest.mark.timeout(600)
@pytest.mark.sampled
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.parent.name)
def test_the_source_passes_here_as_in_a_kernel(sandbox, path):
    """That it does so in a kernel is what test_lessons.py says."""
    source = nbformat.read(path, as_version=4)
    outcome = sandbox.run(source, path.parent, cell_timeout=200, timeout=500)
    assert outcome.end == "done", outcome.trouble
    exercises = verdict.exercises(source, outcome)
    assert len(exercises) == len(check.LESSONS["lesson_" + path.parent.name.replace("-", "_")])
    assert all(
        result["status"] == "passed" and result["score"] == result["max_score"]
        for result in exercises.values()
    ), exercises

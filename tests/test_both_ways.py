"""`course check` and grading say the same: of odd values, attempts of the banks, and accidents.

What a learner's own machine takes must never be refused by the grader. Of accidents grading may say
more: it finds again what `course check` runs as it stands.
"""

import importlib
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import worker
from autograder.grading.parsing import Submission
from autograder.sandbox import Limits
from autograder.sandbox.outside import pool
from course import check
from course.workbook.errors import WorkbookError
from course.workbook.notebook_check import check_notebook
from tests.attacks import accidents, case, lesson
from tests.banks import odd_values
from tests.banks.any_exercise import GENERIC_WRONG
from tests.conftest import ROOT, missing_walls, sample, tried

pytestmark = [pytest.mark.xdist_group("both-ways"), pytest.mark.timeout(1_500)]

# An answer is looked up by its names, in a copy of the banks beside the notebook.
LOOK_UP = """
import importlib
from course import check

def answer(bank, kind, exercise, name):
    entries = getattr(importlib.import_module(f"banks.{bank}"), kind)
    found = entries[name] if kind == "GENERIC_WRONG" else entries[exercise][name]
    return found[0] if "WRONG" in kind else found
"""
ONE_IN = 300  # attempts: each is asked about in both ways, one after the other


def of_the_banks():
    """Attempts by what they are called: where they stand, and whether they are right."""
    found = {}
    for bank, exercises in check.LESSONS.items():
        entries = importlib.import_module(f"tests.banks.{bank}")
        for exercise in exercises:
            if exercise == "challenge":  # which earns points in steps
                continue
            for kind in ("RIGHT", "WRONG"):
                for name in getattr(entries, kind)[exercise]:
                    found[f"{exercise}: {name}"] = bank, kind, exercise, name
            for name in GENERIC_WRONG:
                found[f"{exercise}: {name}"] = "any_exercise", "GENERIC_WRONG", exercise, name
    return {name: found[name] for name in sample(found, ONE_IN)}


def of_odd_types():
    """The same of odd values."""
    found = {
        f"{exercise}: {name}": ("odd_values", kind, exercise, name)
        for kind in ("TAKEN", "REFUSED")
        for exercise, entries in getattr(odd_values, kind).items()
        for name in entries
    }
    return {name: found[name] for name in tried(found, rarer=15)}


def notebook_of(answers, examined_by):
    """A notebook in which each answer is followed by its test: a check, or an examination."""
    cells = [new_code_cell(LOOK_UP)]
    for number, (bank, kind, exercise, name) in enumerate(answers.values()):
        cells.append(new_code_cell(f"{exercise} = answer{bank, kind, exercise, name}"))
        test = new_code_cell(f"{examined_by}.{exercise}({exercise})")
        marks = {"grade": True, "solution": False, "locked": True, "points": 1}
        test.metadata["nbgrader"] = marks | {"grade_id": f"check_{number}", "schema_version": 3}
        test.metadata["tags"] = ["raises-exception"]
        cells.append(test)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def verdicts(tmp_path, answers):
    """The names of the errors with which each answer is refused, by `course check` and grading."""
    missing_walls()
    shutil.copytree(ROOT / "tests" / "banks", tmp_path / "banks")
    nbformat.write(notebook_of(answers, "check"), tmp_path / "answers.ipynb")
    checked = check_notebook(tmp_path / "answers.ipynb").exercises
    sandbox = pool.sandbox(True, Limits())  # the one of worker.grade, below
    notebook = notebook_of(answers, "exam")
    outcome = sandbox.run(notebook, tmp_path, cell_timeout=200, timeout=1_200)
    assert outcome.end == "done", outcome.trouble
    assert len(checked) == len(answers)
    ours = ["" if one.passed else one.error["ename"] for one in checked]
    theirs = [outcome.cells[2 * place + 2].error_name for place in range(len(answers))]
    return dict(zip(answers, zip(ours, theirs, strict=True), strict=True))


@pytest.mark.weekly
def test_an_answer_is_taken_in_both_ways_or_in_none(tmp_path):
    answers = of_odd_types() | of_the_banks()
    refusals = {"CheckFailed", "Unsolved"}
    expected = {
        name: {""} if kind in ("RIGHT", "TAKEN") else refusals
        for name, (_, kind, _, _) in answers.items()
    }
    found = verdicts(tmp_path, answers)
    assert not {name: both for name, both in found.items() if not set(both) <= expected[name]}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(accidents.CASES, one_in=64))
@pytest.mark.sampled(rarer=64)
def test_what_passes_here_after_an_accident_is_paid_there(tmp_path, name):
    missing_walls()
    content = case.submitted(accidents.CASES[name], lesson.released())
    (tmp_path / "extra.txt").write_text("beside the lesson")
    (tmp_path / "doubles.ipynb").write_bytes(content)
    graded = worker.grade(
        worker.LessonToGrade(
            name="01-doubles",
            notebook_name="doubles.ipynb",
            source=nbformat.writes(lesson.prepared()),
            released=nbformat.writes(lesson.released()),
            cell_timeout=60,
            timeout=200,
            files={"extra.txt": b"beside the lesson"},
        ),
        name,
        Submission(content),
    )
    paid = {one for one, its in graded.result.exercises.items() if its.status == "passed"}
    try:
        checked = check_notebook(tmp_path / "doubles.ipynb").exercises
    except WorkbookError:  # no marks are left, and the lesson is none of the released ones
        checked = []
    passed = {one.exercise.name for one in checked if one.passed}
    assert passed <= paid == set(lesson.POINTS)
    if not graded.result.notes:  # nothing had to be found again, or done without
        assert passed == paid

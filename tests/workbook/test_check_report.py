"""What a learner is told about a run: one test for each sentence, from made-up facts."""

from pathlib import Path

import pytest

from course.workbook import check_report
from course.workbook.execution import Execution
from course.workbook.lessons import ReleasedLesson
from course.workbook.notebook_check import CheckedExercise, NotebookCheck, Reason
from course.workbook.notebooks import GradedExercise
from tests.workbook.made_notebooks import code

LESSON = ReleasedLesson("01-numbers", Path("01-numbers/numbers.ipynb"), "Numbers", [])


def stopped(name, value):
    return {"ename": name, "evalue": value}


@pytest.mark.parametrize(
    ("reason", "facts", "expected"),
    [
        (None, {}, "passed"),
        (Reason.NO_CHECK_CELL, {}, "its check cell is missing: copy it back from release/"),
        (Reason.TIMED_OUT, {"seconds": 30}, "it did not finish within 30 seconds"),
        (Reason.NOT_FINISHED, {}, "its check cell did not finish"),
        (
            Reason.ANSWER_STOPPED,
            {"error": stopped("SyntaxError", "invalid syntax (4096.py, line 2)")},
            "its answer cell stopped with SyntaxError: invalid syntax (line 2)",
        ),
        (
            Reason.CHECK_FAILED,
            {"error": stopped("CheckFailed", "four: too small\nHint")},
            "four: too small",
        ),
        (
            Reason.CHECK_FAILED,
            {"error": stopped("NameError", "name 'x' is not defined")},
            "NameError: name 'x' is not defined",
        ),
    ],
)
def test_the_outcome_of_an_exercise(reason, facts, expected):
    checked = CheckedExercise(GradedExercise("four", 1), reason, **facts)
    assert check_report.outcome(checked) == expected


def test_the_challenge_is_not_called_passed():
    assert "passed" not in check_report.outcome(CheckedExercise(GradedExercise("challenge", 4)))


def remarks(*cells, name="numbers.ipynb", lesson=None, changed=(), undefined=None, **facts):
    execution = Execution(list(cells), **facts)
    check = NotebookCheck(Path(name), [], execution, lesson, list(changed), undefined)
    return list(check_report.remarks(check))


def failing(source, name="ValueError", value="no"):
    cell = code(source)
    cell.outputs = [{"output_type": "error", **stopped(name, value)}]
    return cell


def test_an_ordinary_run_needs_no_remark():
    assert remarks(code("1"), lesson=LESSON) == []


def test_cells_that_did_not_finish():
    cells = [code("import numpy"), code("  first()\nmore"), code("x" * 99)]
    assert remarks(*cells, setup=0, timed_out={1: 7}) == [
        "The cell “first()” ran for more than 7 seconds and was stopped. Look for a loop that "
        "never ends."
    ]
    (line,) = remarks(*cells, setup=0, timed_out={0: 7, 1: 7}, died_in=0)
    assert line.startswith("The first code cell, “import numpy”, ran for more than 7 seconds")
    assert "--timeout" in line
    (line,) = remarks(*cells, died_in=2)
    assert line.startswith(f"Python crashed in the cell “{'x' * 60}”")
    (line,) = remarks(*cells, exited_in=1, died_in=2)
    assert line.startswith("The cell “first()” ended Python")
    assert "exit()" in line
    assert remarks(*cells, timed_out={1: 7}, died_in=1)[1:] == ["The cells below it were not run."]


def test_only_the_first_cell_that_failed_is_named():
    cells = [code("1"), failing("first.step()"), failing("second.step()")]
    assert remarks(*cells) == ["The cell “first.step()” stopped with ValueError: no"]


def test_differences_from_the_lesson():
    (line,) = remarks(changed=["one", "two"])
    assert line.startswith("The check cells of one, two have been changed")
    (line,) = remarks(name="my numbers.ipynb", lesson=LESSON)
    assert "graded under the name numbers.ipynb" in line
    (line,) = remarks(lesson=LESSON, undefined="np")
    assert line.startswith("np is defined in the first code cell of the lesson")
    assert "release/01-numbers/numbers.ipynb" in line

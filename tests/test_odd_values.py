"""Answers of odd types: the check in a notebook and the examination take and refuse the same."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Sandbox
from course import check
from tests.banks import odd_values
from tests.test_examiner import examination

LOOK_UP = "from banks import odd_values"


def answers(kind):
    return [
        pytest.param(exercise, answer, id=f"{exercise}: {name}")
        for exercise, entries in getattr(odd_values, kind).items()
        for name, answer in entries.items()
    ]


@pytest.mark.parametrize(("exercise", "answer"), answers("TAKEN"))
def test_what_means_the_right_thing_is_taken(exercise, answer):
    getattr(check, exercise)(answer)


@pytest.mark.parametrize(("exercise", "answer"), answers("REFUSED"))
def test_what_means_something_else_is_refused(exercise, answer):
    with pytest.raises(check.CheckFailed):
        getattr(check, exercise)(answer)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "name"), [("TAKEN", ""), ("REFUSED", "CheckFailed")])
def test_the_examination_takes_and_refuses_the_same(kind, name):
    cells, answered = [new_code_cell(LOOK_UP)], {}
    for exercise, entries in getattr(odd_values, kind).items():
        for entry in entries:
            cells.append(new_code_cell(f"{exercise} = odd_values.{kind}[{exercise!r}][{entry!r}]"))
            answered[len(cells)] = f"{exercise}: {entry}"
            cells.append(examination(exercise))
    notebook = new_notebook(cells=cells)
    with Sandbox(walls=False) as sandbox:
        outcome = sandbox.run(notebook, Path(__file__).parent, cell_timeout=100, timeout=500)
    assert outcome.end == "done", outcome.trouble
    assert outcome.cells[0].error_text == ""
    different = {
        entry: (outcome.cells[index].error_name, outcome.cells[index].error_text)
        for index, entry in answered.items()
        if outcome.cells[index].error_name != name
    }
    assert not different

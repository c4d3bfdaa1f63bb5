"""From what a test cell left to points: all, none, or what it returned."""

import pytest
from nbformat.v4 import new_notebook

from autograder import verdict
from autograder.sandbox.outcome import Outcome

from .tiny_course import test_cell as graded_cell

EVENT = {"status": "ok", "ename": "", "evalue": "", "execution_count": 1, "outputs": []}


def returned(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


@pytest.mark.parametrize(
    ("outputs", "score", "status", "message"),
    [
        ([], 4, "passed", ""),
        ([printed("hello")], 4, "passed", ""),
        ([returned("4")], 4, "passed", ""),
        ([returned("2.5")], 2.5, "failed", "2.5 of 4 points."),
        ([printed("96% of the digits\n"), returned("3")], 3, "failed", "96% of the digits"),
        ([returned("0")], 0, "failed", "0 of 4 points."),
        ([returned("5")], 0, "error", "The test returned 5; expected 0 to 4 points."),
        ([returned("-1")], 0, "error", "The test returned -1; expected 0 to 4 points."),
        ([returned("nan")], 0, "error", "The test returned nan; expected 0 to 4 points."),
        ([returned("'well done'")], 0, "error", "The test returned 'well done'; expected 0 to 4"),
        ([returned("4"), {"output_type": "error"}], 0, "error", "showed an error"),
    ],
)
def test_points_in_steps(outputs, score, status, message):
    notebook = new_notebook(cells=[graded_cell("check_challenge", "exam()", 4)])
    outcome = Outcome(cells={0: EVENT | {"outputs": outputs}}, end="done")
    (result,) = verdict.exercises(notebook, outcome).values()
    assert (result["score"], result["max_score"], result["status"]) == (score, 4, status)
    assert message in result["message"]

"""One slip is charged once: an answer that calls a wrong one is examined with the right one."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import notes, verdict
from autograder.grading.placing import Placed
from autograder.sandbox import Limits, Sandbox
from tests.conftest import missing_walls
from tests.tiny_course import answer
from tests.tiny_course import test_cell as graded_cell

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("habits")]

CHECK_MINE = "assert one_hot(np.array([1]), 2).tolist() == [[0, 1]]"
CHECK_LATER = "assert float(cross_entropy(np.array([[0.5, 0.5]]), [1])) == np.log(2)"
RIGHT = "def cross_entropy(Y, labels):\n    return -np.log((Y * {}(labels, 2)).sum(1)).mean()"
HELPER = "def targets(*given):\n    return one_hot(*given)"
SLIPS = {
    "missing": "",
    "blank": "def one_hot(labels, k):\n    raise NotImplementedError",
    "wrong": "def one_hot(labels, k):\n    return np.eye(k)[labels - 1]",
    "stopped": "def one_hot(labels, k):\n    return numpie.eye(k)[labels]",
    "endless": "def one_hot(labels, k):\n    while True: pass",
}


@pytest.fixture(scope="module")
def sandbox():
    missing_walls()
    with Sandbox(limits=Limits(grace=1.0)) as sandbox:
        yield sandbox


def graded(sandbox, mine, later, more="", last="print(one_hot)", called=()):
    """The points of both exercises, the texts of the notes, and the outcome."""
    cells = [
        new_code_cell("import numpy as np"),
        answer("one_hot", mine),
        graded_cell("check_one_hot", CHECK_MINE, points=1),
        new_code_cell(more),
        answer("cross_entropy", later),
        graded_cell("check_cross_entropy", CHECK_LATER, points=2),
        new_code_cell(last),
    ]
    cells[2].metadata["called"] = list(called)
    notebook = new_notebook(cells=cells)
    outcome = sandbox.run(notebook, None, cell_timeout=2, timeout=60)
    assert outcome.end == "done", outcome.trouble
    results = verdict.exercises(notebook, outcome)
    made = notes.of_run(Placed(notebook), outcome, results)
    scores = {name: result.score for name, result in results.items()}
    return scores, [note for note in made if note.kind == "lent"], outcome


@pytest.mark.parametrize("slip", SLIPS)
def test_what_calls_a_wrong_answer_is_examined_with_the_right_one(sandbox, slip):
    scores, (note,), outcome = graded(sandbox, SLIPS[slip], RIGHT.format("one_hot"))
    assert scores == {"one_hot": 0, "cross_entropy": 2}
    assert note.facts == {"exercise": "cross_entropy", "own": ["one_hot"]}
    assert note.text.startswith("cross_entropy calls one_hot, which had not passed by then: ")
    last = outcome.cells[6]
    what = last.error_name or last.outputs[0]["text"]
    assert what == "NameError" if slip == "missing" else "<function one_hot" in what
    assert "lent" not in what


@pytest.mark.parametrize("slip", ["blank", "endless"])
def test_what_calls_an_answer_that_passes_by_another_name_gets_the_right_one(sandbox, slip):
    """And one without an end costs its time once."""
    mine = SLIPS[slip] + "\n\n\ndef one_hot_2(labels, k):\n    return np.eye(k)[labels]"
    right = RIGHT.format("one_hot")
    scores, (note,), outcome = graded(sandbox, mine, right, called=["one_hot_2"])
    assert scores == {"one_hot": 1, "cross_entropy": 2}
    assert note.facts == {"exercise": "cross_entropy", "own": ["one_hot"]}
    assert outcome.cells[2].called == ["one_hot_2"]


def test_a_function_without_an_end_costs_its_time_once(sandbox):
    """It is not called again: not by another answer, and not by a cell of the lesson's."""
    calls = "def cross_entropy(Y, labels):\n    return one_hot(labels, 2)"
    scores, _, outcome = graded(sandbox, SLIPS["endless"], calls, last="one_hot([1], 2)")
    assert scores == {"one_hot": 0, "cross_entropy": 0}
    assert [outcome.cells[place].status for place in (2, 5, 6)] == ["timed_out", "error", "error"]
    assert "one_hot did not end when it was examined" in outcome.cells[6].error_text


def test_so_it_does_where_a_name_is_lost(sandbox):
    mine = f"sum = 0  # no function any more\n{SLIPS['endless']}"
    _, _, outcome = graded(sandbox, mine, RIGHT.format("np.eye(2)[labels] #"))
    assert outcome.cells[2].status == "timed_out"
    assert outcome.cells[2].seconds < 4, "twice the time that a cell has here"


@pytest.mark.slow
def test_an_answer_without_an_end_that_calls_a_wrong_one_costs_only_itself(sandbox):
    """It is run to the end of its time twice, which is no reason to end everything."""
    calls = "def cross_entropy(Y, labels):\n    one_hot(np.array(labels), 2)\n    while True: pass"
    scores, _, outcome = graded(sandbox, SLIPS["wrong"], calls, last="1")
    assert scores == {"one_hot": 0, "cross_entropy": 0}
    assert [outcome.cells[place].status for place in (2, 5, 6)] == ["error", "timed_out", "ok"]


def test_of_two_wrong_ones_it_may_call_either(sandbox):
    """The names stand in its text; only one of them is called."""
    cells = [
        new_code_cell("import numpy as np"),
        *(answer("softmax", ""), graded_cell("check_softmax", "softmax([1])", points=1)),
        *(answer("one_hot", ""), graded_cell("check_one_hot", CHECK_MINE, points=1)),
        answer("cross_entropy", f"{RIGHT.format('one_hot')}  # of a softmax"),
        graded_cell("check_cross_entropy", CHECK_LATER, points=2),
    ]
    outcome = sandbox.run(new_notebook(cells=cells), None, cell_timeout=2, timeout=60)
    assert (outcome.cells[6].status, outcome.cells[6].lent) == ("ok", ["one_hot"])


def test_so_it_is_if_it_is_called_by_a_function_of_the_students_own(sandbox):
    scores, (note,), _ = graded(sandbox, SLIPS["wrong"], RIGHT.format("targets"), HELPER)
    assert scores == {"one_hot": 0, "cross_entropy": 2}
    assert note.facts["own"] == ["one_hot"]


def test_nothing_stands_for_an_answer_that_comes_late(sandbox):
    """It is missing at first, and wrong in the end."""
    scores, found, _ = graded(sandbox, "", RIGHT.format("np.eye(2)[labels] #"), last=SLIPS["wrong"])
    assert scores == {"one_hot": 0, "cross_entropy": 0}
    assert not found


def test_what_is_right_only_now_and_then_gets_nothing_by_a_lost_name(sandbox):
    """It is examined with that name once more; then it is right without it, too."""
    lost = ("sum = 0", "sum  # is lost\n{}")
    for more, text in (("", "{}"), lost):
        later = text.format(WRONG["sometimes right"].replace("one_hot", "pow"))
        scores, _, _ = graded(sandbox, SLIPS["wrong"], later, more)
        assert scores == {"one_hot": 0, "cross_entropy": 0}
    right = "def cross_entropy(Y, labels):\n    return np.log(sum([1, 1]))"
    scores, _, outcome = graded(sandbox, SLIPS["wrong"], right, lost[0])
    assert scores == {"one_hot": 0, "cross_entropy": 2}
    assert outcome.cells[5].restored == ["sum"]


def test_what_an_answer_keeps_from_its_examination_with_help_costs_it_nothing(sandbox):
    """It is examined without help before, not afterwards: there it would be right by its cache."""
    keeps = "import functools\n@functools.cache\ndef total():\n    return sum([1, 1])\n"
    later = f"{keeps}def cross_entropy(Y, labels):\n    return np.log(total())"
    scores, _, outcome = graded(sandbox, SLIPS["wrong"], later, "sum = 0")
    assert scores == {"one_hot": 0, "cross_entropy": 2}
    assert outcome.cells[5].restored == ["sum"]


WRONG = {
    "wrong itself": RIGHT.format("2 * one_hot"),
    "wrong, and calls nothing": "one_hot\ndef cross_entropy(Y, labels): return 0",
    "the course's own": "from course.check.fallback import reference_for\n"
    "one_hot\ncross_entropy = reference_for('cross_entropy')",
    "sometimes right": "one_hot; calls = []\ndef cross_entropy(Y, labels):\n"
    "    calls.append(1)\n    return np.log(2) if len(calls) > 1 else 0",
    "sometimes right, and calls another": "calls = []\ndef cross_entropy(Y, labels):\n"
    "    one_hot(np.array(labels), 2)\n    calls.append(1)\n"
    "    return np.log(2) if len(calls) > 1 else 0",
    "deletes itself to be examined again": "calls = []\ndef cross_entropy(Y, labels):\n"
    "    globals().pop('cross_entropy')\n    calls.append(1)\n"
    "    return np.log(2) if len(calls) > 1 else 0",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_gets_nothing_by_it(sandbox, name):
    scores, found, _ = graded(sandbox, SLIPS["wrong"], WRONG[name])
    assert scores == {"one_hot": 0, "cross_entropy": 0}
    assert not found

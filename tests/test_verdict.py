"""From what a test cell left to points: all, none, or what it returned."""

import math
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import code_text, notes, verdict
from autograder.grading.placing import Placed
from autograder.grading.results import WITHOUT_POINTS, Status, SubmissionResult
from autograder.pages import status_words
from autograder.pages.feedback_page import trouble_words
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.events import CellEnded

from .tiny_course import answer
from .tiny_course import test_cell as graded_cell

EVENT = CellEnded("ok", execution_count=1)


def returned(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


@pytest.mark.parametrize(
    ("outputs", "points", "score", "status", "message"),
    [
        ([], None, 4, "passed", ""),
        ([printed("hello")], None, 4, "passed", ""),
        ([returned("4")], 4, 4, "passed", ""),
        ([returned("2.5")], 2.5, 2.5, "failed", "2.5 of 4 points."),
        ([printed("96% of the digits\n"), returned("3")], 3, 3, "failed", "96% of the digits"),
        ([returned("0")], 0, 0, "failed", "0 of 4 points."),
        ([returned("5")], 5, 0, "error", "The test returned 5; expected 0 to 4 points."),
        ([returned("-1")], -1, 0, "error", "The test returned -1; expected 0 to 4 points."),
        ([returned("nan")], math.nan, 0, "error", "The test returned nan; expected 0 to 4 points."),
        (
            [returned("'well done'")],
            math.nan,
            0,
            "error",
            "The test returned 'well done'; expected 0 to 4",
        ),
        ([returned("4"), {"output_type": "error"}], 4, 0, "error", "showed an error"),
    ],
)
def test_points_in_steps(outputs, points, score, status, message):
    notebook = new_notebook(cells=[graded_cell("check_challenge", "exam()", 4)])
    outcome = Outcome(cells={0: replace(EVENT, outputs=outputs, points=points)}, end="done")
    (result,) = verdict.exercises(notebook, outcome).values()
    assert (result.score, result.max_score, result.status) == (score, 4, status)
    assert message in result.message


# What the answer cell itself raised ---------------------------------------------------------------

CELL = "# mine\ndef add(a, b):\n    retrun a + b"
MISSING = CellEnded("error", "NameError", "name 'add' is not defined", execution_count=1)


def raised(name, text, line, status="error"):
    """The event of an answer cell, as IPython shows an error that came up in one of its lines."""
    shown = f"\x1b[36mCell In[3]\x1b[39m\x1b[32m, line {line}\x1b[39m\n    retrun a + b"
    output = {"output_type": "error", "ename": name, "evalue": text, "traceback": [shown]}
    return replace(EVENT, status=status, error_name=name, error_text=text, outputs=[output])


@pytest.mark.parametrize(
    ("event", "status", "message"),
    [
        (
            raised("SyntaxError", "invalid syntax (3914824371.py, line 3)", 3),
            "error",
            "The answer cell stopped with SyntaxError: invalid syntax\n"
            "  in line 3 of the cell: retrun a + b",
        ),
        (
            raised("ImportError", "cannot import name 'x' from 'y'", 1),
            "error",
            "The answer cell stopped with ImportError: cannot import name 'x' from 'y'\n"
            "  in line 1 of the cell: # mine",
        ),
        (
            raised("ImportError", "cannot import name 'x' from 'y' (/home/z/y.py)", 99),
            "error",
            "The answer cell stopped with ImportError: cannot import name 'x' from 'y'",
        ),
        (raised("Odd", "", 99), "error", "The answer cell stopped with Odd"),
        (
            raised("MemoryError", "", 1),
            "out_of_memory",
            "The answer cell took too much memory.",
        ),
        (
            replace(EVENT, status="timed_out", error_text="it did not finish within 120 s"),
            "timed_out",
            "The answer cell took too long: it did not finish within 120 s.",
        ),
        (raised("NotImplementedError", "", 3), "unsolved", "Not solved yet."),
        (EVENT, "error", "NameError: name 'add' is not defined"),
        (None, "error", "NameError: name 'add' is not defined"),
    ],
)
def test_a_test_without_an_answer_tells_what_stopped_the_answer_cell(event, status, message):
    notebook = new_notebook(cells=[answer("add", CELL), graded_cell("check_add", "exam()", 4)])
    cells = {1: MISSING} | ({0: event} if event else {})
    (result,) = verdict.exercises(notebook, Outcome(cells, end="done")).values()
    assert (result.status, result.message) == (status, message)


def test_an_error_below_the_definition_changes_no_verdict():
    notebook = new_notebook(cells=[answer("add", CELL), graded_cell("check_add", "exam()", 4)])
    wrong = replace(EVENT, status="error", error_name="CheckFailed", error_text="must add")
    for test, status, message in ((EVENT, "passed", ""), (wrong, "failed", "must add")):
        outcome = Outcome({0: raised("ValueError", "", 3), 1: test}, end="done")
        (result,) = verdict.exercises(notebook, outcome).values()
        assert (result.status, result.message) == (status, message)


READS = "rows = read('mine.csv')\nOFFSET = rows[0]"
NO_FILE = "No such file or directory: 'mine.csv'"
USES = "def add(a, b):\n    return a + b + OFFSET"
FAILS = replace(
    EVENT,
    status="error",
    error_name="CheckFailed",
    error_text="add stops with an error.",
    failure={"demand": "add stops", "error": "NameError: name 'OFFSET' is not defined"},
)
NO_OFFSET = raised("NameError", "name 'OFFSET' is not defined", 1)
ITS_OWN = (
    f"The answer cell stopped with FileNotFoundError: {NO_FILE}\n"
    "  in line 1 of the cell: rows = read('mine.csv')"
)
OF_ANOTHER = (
    "OFFSET is missing, because the cell “rows = read('mine.csv')” stopped: "
    f"FileNotFoundError: {NO_FILE}.\n  in line 1 of the cell: rows = read('mine.csv')"
)


@pytest.mark.parametrize(
    ("cells", "events", "status", "message"),
    [
        # The answer's own cell, which defines the function all the same: below, or above.
        ([answer("add", f"{READS}\n{USES}")], ["no file"], "error", ITS_OWN),
        (
            [answer("add", f"{USES}\n{READS}")],
            [raised("FileNotFoundError", NO_FILE, 3)],
            "error",
            ITS_OWN.replace("line 1", "line 3"),
        ),
        # A cell of the student's: beside the answer, or one that such a cell needs.
        ([new_code_cell(READS), answer("add", USES)], ["no file", EVENT], "failed", OF_ANOTHER),
        (
            [
                new_code_cell(READS.replace("OFFSET", "FIRST")),
                new_code_cell("OFFSET = FIRST + 1"),
                answer("add", USES),
            ],
            ["no file", raised("NameError", "name 'FIRST' is not defined", 1), EVENT],
            "failed",
            OF_ANOTHER.replace("OFFSET", "FIRST"),
        ),
        (
            [new_code_cell("OFFSET = train()"), answer("add", USES)],
            [replace(EVENT, status="timed_out", error_text="it did not finish within 3 s"), EVENT],
            "failed",
            "OFFSET is missing, because the cell “OFFSET = train()” stopped: "
            "it did not finish within 3 s.",
        ),
        (
            [new_code_cell("OFFSET = OFFSET + 1"), answer("add", USES)],
            [NO_OFFSET, EVENT],
            "failed",
            "OFFSET is missing, because the cell “OFFSET = OFFSET + 1” stopped: NameError: ",
        ),
        # Nothing that stopped would define it: what the test found.
        (
            [new_code_cell("other = 1"), answer("add", USES)],
            ["no file", EVENT],
            "failed",
            "add stops",
        ),
    ],
)
def test_a_test_without_a_name_tells_what_stopped_the_cell_that_would_define_it(
    cells, events, status, message
):
    no_file = raised("FileNotFoundError", NO_FILE, 1)
    events = [no_file if event == "no file" else event for event in events]
    notebook = new_notebook(cells=[*cells, graded_cell("check_add", "exam()", 4)])
    outcome = Outcome(dict(enumerate([*events, FAILS])), end="done")
    (result,) = verdict.exercises(notebook, outcome).values()
    assert (result.status, result.failure is None) == (status, message != "add stops")
    assert result.message.startswith(message)


def test_a_long_error_of_another_cell_is_told_in_two_short_lines():
    notebook = new_notebook(
        cells=[new_code_cell(READS), answer("add", USES), graded_cell("check_add", "exam()", 4)]
    )
    long = raised("InvalidArgumentError", "defined at line 1\n" * 500, 1)
    outcome = Outcome(dict(enumerate([long, EVENT, FAILS])), end="done")
    (result,) = verdict.exercises(notebook, outcome).values()
    assert result.message.count("\n") == 1
    assert len(result.message) < 600


def test_each_cell_that_stopped_is_read_once(monkeypatch):
    """However many needed each other; long texts are not cached."""
    read, parse = [], code_text.parse
    monkeypatch.setattr(code_text, "parse", lambda text: read.append(text) or parse(text))
    count, events = 10, []
    cells = [new_code_cell(f"a{i} = a{i + 1}\n{'x = 1; ' * 2_000}") for i in range(count)]
    for number in range(count):
        events.append(raised("NameError", f"name 'a{number + 1}' is not defined", 1))
    failed = replace(EVENT, status="error", error_name="NameError")
    for number in range(3):
        cells.append(graded_cell(f"check_{number}", "exam()", 4))
        events.append(replace(failed, error_text="name 'a0' is not defined"))
    outcome = Outcome(dict(enumerate(events)), end="done")
    results = verdict.exercises(new_notebook(cells=cells), outcome)
    assert [result.message.partition(" ")[0] for result in results.values()] == ["a9"] * 3
    assert len(read) == count


def test_the_time_of_an_exercise_is_that_of_its_answer_and_its_test():
    notebook = new_notebook(cells=[answer("add", CELL), graded_cell("check_add", "exam()", 4)])
    cells = {0: replace(EVENT, seconds=1.25), 1: replace(EVENT, seconds=0.5)}
    assert verdict.seconds(notebook, Outcome(cells, end="done")) == {"add": 1.75}
    assert verdict.seconds(notebook, Outcome({}, end="died")) == {}


# What stands above a student's page ---------------------------------------------------------------

WRONG = replace(EVENT, status="error", error_name="CheckFailed", error_text="must add\nHint: add")
SLOW = replace(EVENT, status="timed_out", error_text="it did not finish within 3 s")
LIES = replace(EVENT, status="tampered", error_text="a message that nobody asked for")
ALL_RUN, NOT_ALL = "All tests were run anyway.", "Not every exercise was reached."
CHANGED = "A test cell had been changed; the original one was run in its place."


@pytest.mark.parametrize(
    ("first", "second", "end", "changed", "said", "not_said"),
    [
        (SLOW, EVENT, "done", (), ["took too long", ALL_RUN], [NOT_ALL]),
        (SLOW, None, "stuck", (), ["took too long", NOT_ALL], [ALL_RUN]),
        (
            replace(EVENT, status="died"),
            None,
            "died",
            (),
            ["ended the process", NOT_ALL],
            [ALL_RUN],
        ),
        (EVENT, EVENT, "done", ["check_add"], [CHANGED], [NOT_ALL, ALL_RUN, "A cell interfered"]),
        (WRONG, EVENT, "done", ["check_add"], [CHANGED], [NOT_ALL, ALL_RUN, "A cell interfered"]),
        (LIES, None, "tampered", (), ["A cell interfered", NOT_ALL], [CHANGED, ALL_RUN]),
        (LIES, None, "tampered", ["check_twice"], [CHANGED, "A cell interfered", NOT_ALL], []),
    ],
)
def test_the_banner_of_a_page_is_true(first, second, end, changed, said, not_said):
    cells = [graded_cell("check_add", "exam()", 4), graded_cell("check_twice", "exam()", 4)]
    outcome = Outcome({0: first} | ({1: second} if second else {}), end=end)
    results = verdict.exercises(new_notebook(cells=cells), outcome, changed_tests=changed)
    status = verdict.overall(results, outcome, changed)
    result = SubmissionResult("ada", "01-sums", status, results)
    meaning = trouble_words(result)["meaning"]
    assert all(words in meaning for words in said), meaning
    assert not any(words in meaning for words in not_said), meaning
    assert ("is kept" in meaning) == (NOT_ALL in said and result.score > 0)


@pytest.mark.parametrize("last", [SLOW, replace(EVENT, status="died")])
def test_who_has_all_points_is_not_alarmed_by_a_cell_below(last):
    """It is said which cell it was."""
    tests = [graded_cell("check_add", "exam()", 4), new_code_cell("while True: pass")]
    for end in ("done", "stuck"):
        outcome = Outcome({0: EVENT, 1: last}, end=end)
        results = verdict.exercises(new_notebook(cells=tests), outcome)
        made = tuple(notes.of_run(Placed(new_notebook(cells=tests)), outcome, results))
        status = verdict.overall(results, outcome)
        result = SubmissionResult("ada", "01-sums", status, results, notes=made)
        assert replace(result, status=Status.TAMPERED).shown_as == Status.TAMPERED
        assert result.shown_as == "passed" != result.status
        assert trouble_words(result)["kind"] == "good"
        assert "The cell “while True: pass” " in made[0].text
        less = replace(results["add"], score=3.0)
        assert replace(result, exercises={"add": less}).shown_as == result.status


def test_a_changed_test_is_known_even_if_the_original_passed():
    notebook = new_notebook(cells=[graded_cell("check_add", "exam()", 4)])
    for event in (EVENT, WRONG):
        outcome = Outcome({0: event}, end="done")
        (result,) = verdict.exercises(notebook, outcome, changed_tests=["check_add"]).values()
        assert result.test_was_changed
        assert result.message == event.error_text


def test_every_status_that_is_no_grade_is_known():
    assert all(status_words.status(name).meaning for name in WITHOUT_POINTS)

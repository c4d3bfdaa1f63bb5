"""Which exercises of a notebook pass: what a run shows, and that it changes nothing."""

import nbformat
import pytest

from course.workbook.errors import WorkbookError
from course.workbook.execution import TimeLimits
from course.workbook.notebook_check import Reason, check_notebook
from tests.workbook.made_notebooks import (
    code,
    exercise_cells,
    not_run,
    released_cells,
    save,
    solved_cells,
    without_marks,
)


@pytest.fixture
def work(kit):
    """Where the learner's copy of the lesson is."""
    return kit / "work/01-numbers/numbers.ipynb"


def reasons(check):
    """Why each exercise does not pass; None where it does."""
    return {one.exercise.name: one.reason for one in check.exercises}


# Exercises ----------------------------------------------------------------------------------------


def test_each_exercise_passes_or_has_a_reason(work):
    path = save(
        work,
        code("import os\nassert os.environ['NBGRADER_EXECUTION'] == 'validate'"),
        *exercise_cells("one", "return int(open('table.txt').read()[0])"),
        *exercise_cells("two", "return 3", expected=2, points=3),
        *exercise_cells("three", "return 1 +"),
        code("open('table.txt', 'w').write('9')\nopen('new.txt', 'w').write('9')"),
    )
    (path.parent / "table.txt").write_text("1 2 3")
    before = path.read_bytes()
    check = check_notebook(path)
    assert reasons(check) == {
        "one": None,
        "two": Reason.CHECK_FAILED,
        "three": Reason.ANSWER_STOPPED,
    }
    assert [one.exercise.points for one in check.exercises] == [2, 3, 2]
    assert [one.error and one.error["ename"] for one in check.exercises] == [
        None,
        "AssertionError",
        "SyntaxError",
    ]
    assert path.read_bytes() == before
    assert sorted(item.name for item in path.parent.iterdir()) == ["numbers.ipynb", "table.txt"]
    assert (path.parent / "table.txt").read_text() == "1 2 3"


def test_only_what_was_run_counts(work):
    """Saved outputs, cells that are skipped or emptied, and test cells taken out."""
    one, check_one, two, check_two = solved_cells(two="return 3")
    check_one.metadata.tags.append("skip-execution")
    check_one.execution_count = 1
    check_two.source, check_two.execution_count = "pass", 2
    check = check_notebook(save(work, one, check_one, two, check_two))
    assert reasons(check) == {"one": Reason.NOT_FINISHED, "two": Reason.CHECK_FAILED}
    assert check.changed == ["two"]


@pytest.mark.parametrize(
    "name", ["work/01-numbers/numbers.ipynb", "work/my numbers.ipynb", "../elsewhere/numbers.ipynb"]
)
def test_a_check_cell_that_is_missing_is_noticed(name, kit):
    """Whatever the notebook's name and folder are, it is compared with the released lesson."""
    check = check_notebook(save(kit / name, *solved_cells()[:3]), execute=not_run)
    assert check.lesson.name == "01-numbers"
    assert check.exercises[1].exercise == ("two", 3)
    assert check.exercises[1].reason is Reason.NO_CHECK_CELL


@pytest.mark.parametrize(
    ("name", "with_ids"),
    [("work/01-numbers/numbers.ipynb", True), ("../elsewhere/numbers.ipynb", False)],
)
def test_what_has_lost_its_marks_is_checked_as_it_is_graded(name, kit, with_ids):
    released = kit / "release/01-numbers/numbers.ipynb"
    notebook = without_marks(nbformat.read(released, as_version=4), with_ids)
    notebook.cells[1].source = "def one():\n    return 1"
    if with_ids:
        notebook.cells[2].source = "pass"
    check = check_notebook(save(kit / name, *notebook.cells))
    assert check.lesson.name == "01-numbers"
    assert reasons(check) == {"one": None, "two": Reason.CHECK_FAILED}
    assert check.changed == (["one"] if with_ids else [])


def test_a_notebook_with_marks_of_its_own_is_not_taken_for_a_lesson(kit):
    path = save(kit / "work/own.ipynb", *exercise_cells("mine", "return 1"))
    check = check_notebook(path, execute=not_run)
    assert check.lesson is None
    assert [one.exercise.name for one in check.exercises] == ["mine"]


def test_a_missing_check_cell_is_noticed_without_a_release(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = save(tmp_path / "mine.ipynb", *solved_cells()[:3])
    check = check_notebook(path, execute=not_run)
    assert check.lesson is None
    assert check.exercises[1].exercise == ("two", 0)
    assert check.exercises[1].reason is Reason.NO_CHECK_CELL


def test_a_name_from_the_lessons_first_cell_is_noticed(kit, work):
    save(kit / "release/01-numbers/numbers.ipynb", code("import math as m"), *released_cells())
    check = check_notebook(save(work, *solved_cells(one="return m.floor(1)")))
    assert reasons(check) == {"one": Reason.CHECK_FAILED, "two": None}
    assert check.undefined == "m"


def test_a_notebook_without_exercises_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match="no exercises"):
        check_notebook(save(tmp_path / "mine.ipynb"))


def test_a_file_that_keeps_the_kernel_from_starting_is_named(work):
    def kernel_died(*_arguments):
        raise RuntimeError("Kernel died before replying to kernel_info")

    path = save(work, *solved_cells())
    with pytest.raises(WorkbookError, match="cannot be run here: Kernel died"):
        check_notebook(path, execute=kernel_died)
    (work.parent / "fnmatch.py").write_text("")
    with pytest.raises(WorkbookError, match="hides the module fnmatch"):
        check_notebook(path, execute=kernel_died)


# Cells that do not end ----------------------------------------------------------------------------


def short_for(name, seconds, to_stop):
    """That many seconds for the cell that calls `name`, as long as it takes for any other."""

    class Limits(TimeLimits):
        def seconds_for(self, cell, has_timed_out):
            return seconds if f"assert {name}()" in cell["source"] else 200

    return Limits(to_stop=to_stop)


def test_a_cell_has_less_time_after_one_that_was_stopped():
    assert TimeLimits().seconds_for({}, False) == 120
    assert TimeLimits().seconds_for({}, True) == 30
    assert TimeLimits(cell=5).seconds_for({}, True) == 5


@pytest.mark.slow
def test_the_run_goes_on_after_a_cell_that_does_not_end(work):
    cells = [code("import time"), *solved_cells(one="\n    while True: time.sleep(0.01)")]
    check = check_notebook(save(work, *cells), short_for("one", seconds=1, to_stop=60))
    assert reasons(check) == {"one": Reason.TIMED_OUT, "two": None}
    assert check.exercises[0].seconds == 1
    assert check.execution.timed_out == {2: 1}
    assert check.execution.died_in is None


@pytest.mark.slow
def test_a_cell_that_ignores_one_interrupt_gets_another(work):
    answer = """
    import signal, time
    usual = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, usual))
    while True: time.sleep(0.01)"""
    path = save(work, code("1"), *solved_cells(one=answer))
    check = check_notebook(path, short_for("one", seconds=3, to_stop=10))
    assert reasons(check) == {"one": Reason.TIMED_OUT, "two": None}
    assert check.execution.died_in is None


@pytest.mark.slow
def test_the_run_ends_with_a_cell_that_cannot_be_stopped(work):
    answer = """
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: pass"""
    cells = [code("1"), *solved_cells(two=answer)]
    check = check_notebook(save(work, *cells), short_for("two", seconds=1, to_stop=1))
    assert reasons(check) == {"one": None, "two": Reason.TIMED_OUT}
    assert check.execution.died_in == 4


def test_nothing_is_run_after_imports_that_take_too_long(work):
    cells = [code("import time\ntime.sleep(60)"), *solved_cells()]
    check = check_notebook(save(work, *cells), TimeLimits(cell=1))
    assert set(reasons(check).values()) == {Reason.NOT_FINISHED}
    assert check.execution.setup == 0
    assert check.execution.timed_out == {0: 1}


# Cells that end Python ----------------------------------------------------------------------------


def test_a_cell_that_calls_exit_is_found(work):
    check = check_notebook(save(work, *solved_cells(one="exit()")))
    assert reasons(check)["one"] is not None
    assert check.execution.exited_in == 1


def test_an_answer_that_ends_the_kernel_is_found(work):
    answer = "\n    import os\n    os._exit(0)"
    check = check_notebook(save(work, *solved_cells(two=answer)))
    assert reasons(check) == {"one": None, "two": Reason.NOT_FINISHED}
    assert check.execution.died_in == 3


def test_a_cell_that_ends_the_kernel_is_found(work):
    *first, last = solved_cells()
    check = check_notebook(save(work, *first, code("import os\nos._exit(1)"), last))
    assert reasons(check) == {"one": None, "two": Reason.NOT_FINISHED}
    assert check.execution.died_in == 3

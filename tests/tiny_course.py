"""A course folder with one small lesson, without TensorFlow, for the tests of the grader."""

import contextlib
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.cli import main
from autograder.grading import parsing, placing, plain_files, verdict, worker
from autograder.grading.plan import RunSettings
from autograder.grading.results import SubmissionResult
from autograder.sandbox.outside import pool
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.events import CellEnded

ROOT = Path(__file__).parent.parent
LESSON = "01-sums"
NAME = "sums.ipynb"
ALONE = RunSettings(jobs=1)

SET_UP = "import os, time"
ADD = "def add(a, b):\n    ### BEGIN SOLUTION\n    return sum([a, b])\n    ### END SOLUTION"
CHECK_ADD = (
    "assert add(1, 2) == 3, 'add(1, 2) must be 3'\n"
    "### BEGIN HIDDEN TESTS\n"
    "assert add(-7, 0.5) == -6.5, 'not right for fractions'\n"
    "### END HIDDEN TESTS"
)
DOUBLE = (
    "def double(a):\n    ### BEGIN SOLUTION\n    return float(a) + float(a)\n    ### END SOLUTION"
)
CHECK_DOUBLE = (
    "assert double(4) == 8, 'double(4) must be 8'\n"
    "### BEGIN HIDDEN TESTS\n"
    "assert double(0.25) == 0.5, 'secret_of_double'\n"
    "### END HIDDEN TESTS"
)


def answer(name, source):
    """An answer cell, as the instructor writes it."""
    settings = {"grade": False, "locked": False, "solution": True}
    return _marked(name, source, settings)


def test_cell(name, source, points):
    """A test cell, as the instructor writes it."""
    cell = _marked(name, source, {"grade": True, "locked": True, "solution": False})
    cell.metadata.nbgrader["points"] = points
    cell.metadata["tags"] = ["raises-exception"]
    return cell


test_cell.__test__ = False


def _marked(name, source, settings):
    cell = new_code_cell(source, id=name.replace("_", "-"))
    cell.metadata["nbgrader"] = nbformat.from_dict(
        {"grade_id": name, "schema_version": 3, "task": False, **settings}
    )
    return cell


def source_notebook():
    """The instructor's notebook: two exercises, of 2 and 3 points."""
    cells = [
        new_markdown_cell("# Sums: $a < b$", id="title"),
        new_code_cell(SET_UP, id="set-up"),
        answer("add", ADD),
        test_cell("check_add", CHECK_ADD, 2),
        answer("double", DOUBLE),
        test_cell("check_double", CHECK_DOUBLE, 3),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    notebook.nbformat_minor = 5
    return notebook


def make_course(folder, notebook=None, cell_timeout=3):
    """Write a course with the project's own configuration, but little time for a cell."""
    config = (ROOT / "nbgrader_config.py").read_text()
    config += f"\nc.Execute.timeout = {cell_timeout}\n"
    if not hasattr(os, "memfd_create"):  # as on macOS, which has no walls either
        config += "c.Grade.sandbox = False\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(config)
    write(notebook or source_notebook(), folder / "source" / LESSON / NAME)
    return folder


def start_quickly(course):
    """Let other processes that read the course's settings start fork servers without imports."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("from autograder.sandbox.outside import server_handle\n")
        config.write("server_handle.WARM_MODULES = ()\n")


def with_free_text(notebook):
    """The same with two things that a person marks: a text (4 points) and a task (1 point)."""
    text = new_markdown_cell("Why? YOUR ANSWER HERE", id="why")
    text.metadata["nbgrader"] = {"grade": True, "locked": False, "solution": True, "task": False}
    task = new_markdown_cell("Draw it below.", id="draw")
    task.metadata["nbgrader"] = {"grade": False, "locked": True, "solution": False, "task": True}
    for cell, points in ((text, 4), (task, 1)):
        cell.metadata.nbgrader |= {"grade_id": cell.id, "schema_version": 3, "points": points}
    notebook.cells += [text, task]
    return notebook


def submission(released, add="    return a + b", double="    return 2 * a"):
    """The released notebook with these bodies as answers; None leaves an exercise blank."""
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        body = {"add": add, "double": double}.get(grade_id(cell))
        if body is not None:
            head = cell.source.splitlines()[0]
            cell.source = f"{head}\n{body}"
    return notebook


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def write(notebook, path):
    """Write a notebook, or text in the place of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    path.write_text(text)


def submit(course, student, notebook):
    """Put a submission where nbgrader looks for it."""
    write(notebook, course / "submitted" / student / LESSON / NAME)


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)


def quick(lesson, student, submission):
    """In the worker's place: no process is started, and the answers decide the points."""
    content = submission.notebook
    if submission.refusal:
        return worker.refused(lesson, student, submission.refusal)
    source = nbformat.reads(lesson.source, as_version=4)
    try:
        notebook = placing.place(parsing.read_notebook(content), source).notebook
    except plain_files.Unreadable as error:
        return worker.refused(lesson, student, str(error))
    cells = {
        index: CellEnded(
            "ok" if b"2 * a" in content or "add" in cell.source else "error",
            error_name="AssertionError",
            error_text=student,
            execution_count=1,
        )
        for index, cell in enumerate(notebook.cells)
    }
    outcome = Outcome(cells, end="done")
    exercises = verdict.exercises(notebook, outcome)
    exercises = verdict.with_marked_by_hand(exercises, notebook, source)
    notebook = verdict.graded_notebook(notebook, outcome, exercises)
    status = verdict.overall(exercises, outcome)
    result = SubmissionResult(student, lesson.name, status, exercises)
    return worker.graded(result, notebook, keep=True)


@contextlib.contextmanager
def quick_worker():
    """No sandbox within this: `quick` is the worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "grade", quick)
        patch.setattr(pool, "warm_up", lambda *settings: None)
        yield


def run(course, *command, code=0, **options):
    """Run a command of autograder in this process, and return what it printed."""
    answer = CliRunner().invoke(main, [*command, "--course", str(course)], **options)
    assert answer.exit_code == code, answer.output
    return answer.output


def words_of(page):
    """A page's words without its markup."""
    return " ".join(re.sub("<[^>]*>", " ", page).split())


@contextlib.contextmanager
def ordinary_user():
    """Root may read everything: within this, the tests are somebody who may not."""
    if os.getuid():
        yield
        return
    os.setresuid(65534, 65534, 0)  # the last is the way back
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


if __name__ == "__main__":  # the command in a process of its own
    with quick_worker():
        main()

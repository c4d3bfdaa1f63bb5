"""What the names in a test stand for: the answers, the lesson's own functions, or modules."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.building import release
from autograder.grading import worker
from autograder.grading.lesson import prepared_for_grading
from autograder.grading.parsing import Submission
from tests.conftest import missing_walls
from tests.tiny_course import answer, cell_of
from tests.tiny_course import test_cell as graded_cell

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("grade")]


def locked(source):
    """A cell that students can read, and not change."""
    cell = answer("given", source)
    cell.metadata.nbgrader |= {"solution": False, "locked": True}
    return cell


def exercise(head, body):
    return f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"


def graded(*cells, change=lambda notebook: notebook):
    """The status of each exercise: solved as in the lesson, but for what is changed."""
    missing_walls()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    text = new_notebook(cells=list(cells), metadata={"kernelspec": kernel})
    text.nbformat_minor = 5
    solved, source, released = (copy.deepcopy(text) for _ in range(3))
    lesson = worker.LessonToGrade(
        name="01-names",
        notebook_name="names.ipynb",
        source=nbformat.writes(prepared_for_grading(source)),
        released=nbformat.writes(release.cleared(released)),
        cell_timeout=10,
        timeout=60,
    )
    submission = Submission(nbformat.writes(change(solved)).encode())
    result = worker.grade(lesson, "ada", submission).result
    return {name: one.status for name, one in result.exercises.items()}


def stub(name):
    """The exercise as it was released."""

    def changed(notebook):
        cell = cell_of(notebook, name)
        cell.source = cell.source.splitlines()[0] + "\n    raise NotImplementedError"
        return notebook

    return changed


def gone(name):
    def changed(notebook):
        notebook.cells.remove(cell_of(notebook, name))
        return notebook

    return changed


NAMED_LIKE_OTHERS = {
    "sum": (exercise("def sum(xs):", "return float(np.sum(xs))"), "assert sum([1, 2.5]) == 3.5"),
    "pow": (exercise("def pow(x, n):", "return x**n"), "assert pow(2, 3) == 8"),
    "digits": (exercise("def digits(n):", "return len(str(n))"), "assert digits(407) == 3"),
    "math": (exercise("def math(n):", "return n + 1"), "assert math(4) == 5"),
    "whole": (
        "### BEGIN SOLUTION\ndef min(xs):\n    return sorted(xs)[0]\n### END SOLUTION",
        "assert min([3, 1, 2]) == 1",
    ),
    "first": (exercise("def max(xs):", "return sorted(xs)[-1]"), "assert max([1, 3, 2]) == 3"),
}


def lesson_of(name):
    """The cells of a lesson with this answer alone."""
    text, check = NAMED_LIKE_OTHERS[name]
    return [
        new_code_cell("import numpy as np", id="i"),
        answer(name, text),
        graded_cell(f"check_{name}", check, 1),
    ]


@pytest.mark.parametrize("name", NAMED_LIKE_OTHERS)
def test_an_answer_is_meant_though_pythons_or_the_examiners_own_has_its_name(name):
    cells = lesson_of(name)
    assert graded(*cells) == {name: "passed"}
    assert graded(*cells, change=stub(name))[name] != "passed"
    assert graded(*cells, change=gone(name))[name] != "passed"


@pytest.mark.parametrize("name", ["sum", "math"])
def test_an_answer_with_such_a_name_may_be_put_right_below_its_check(name):
    cells = lesson_of(name)

    def put_right_below(notebook):
        right = cell_of(notebook, name).source
        cell_of(notebook, name).source = f"def {name}(x):\n    return 0"
        notebook.cells.append(new_code_cell(right))
        return notebook

    assert graded(*cells, change=put_right_below) == {name: "passed"}


ADD = exercise("def add(a, b):", "return a + b")
# What a locked cell below a test defines, and a test that uses it.
BELOW = {
    "on its own": ("def near(a, b):\n    return abs(a - b) < 1e-9", "assert near(add(1, 2), 3)"),
    "with a module": (
        "def near(a, b):\n    return np.allclose(a, b)",
        "assert near(add(np.ones(2), 2), 3)",
    ),
    "with a module in its head": ("def turn(a=np.pi):\n    return a", "assert add(turn(), 1) > 4"),
    "with the answer": ("def thrice(a):\n    return add(a, add(a, a))", "assert thrice(2) == 6"),
}


@pytest.mark.parametrize("what", BELOW)
def test_a_locked_cell_below_a_test_changes_nothing_in_the_next(what):
    helper, check = BELOW[what]
    cells = [
        new_code_cell("import numpy as np", id="i"),
        answer("add", ADD),
        graded_cell("check_add", "assert add(1, 2) == 3", 1),
        locked(helper),
        graded_cell("check_again", f"{check}\nassert add(2, 2) == 4", 1),
    ]
    assert graded(*cells) == {"add": "passed", "again": "passed"}
    wrong = graded(*cells, change=stub("add"))
    assert "passed" not in wrong.values()

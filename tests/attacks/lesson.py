"""A lesson for the corpus: an array, a function as an argument, an iterator; and its submission.

It has two cells with names that answers may need: one on top, one below the first exercise.
"""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.building import release
from autograder.grading.lesson import prepared_for_grading
from tests.tiny_course import answer, cell_of
from tests.tiny_course import test_cell as graded

MARK = "hidden-from-students"  # stands in the hidden tests, and in what else must not be read

RIGHT = {
    "double": ("def double(x):", "    return 2 * x"),
    "tally": ("def tally(f, n):", "    return [f(i) for i in range(n)]"),
    "pairs": ("def pairs(x):", "    return zip(x, x[1:])"),
}
POINTS = {"double": 3, "tally": 2, "pairs": 1}

LATER = "import math\nstart = 7\ndef counted(n):\n    return range(n)"

_CHECKS = {
    "double": """
from course.check.engine.attempt import Attempt
def examine(x):
    result = Attempt(double, "double(x)").call(x=np.array(x, np.float32))
    result.equals(2 * np.array(x, np.float64), "double must double.")
examine([1, 2.5])
### BEGIN HIDDEN TESTS
marker_name = {number}
examine([[0, -7], [3, marker_name]])  # {mark}
### END HIDDEN TESTS""",
    "tally": """
from course.check.engine.attempt import Attempt
def examine(n):
    result = Attempt(tally, "tally(f, n)").call(f=lambda i: float(np.sum(3 * i + 1)), n=n)
    result.equals(3.0 * np.arange(n) + 1, "tally must call f for each number.")
examine(4)
### BEGIN HIDDEN TESTS
examine(7)  # {mark}
### END HIDDEN TESTS""",
    "pairs": """
from course.check.engine.attempt import Attempt
def examine(x):
    result = Attempt(pairs, "pairs(x)").call(at_most=len(x) + 2, x=x)
    if [tuple(pair) for pair in result.value] != list(zip(x, x[1:])):
        result.fail("pairs must give neighbours.")
examine([1, 2, 3])
### BEGIN HIDDEN TESTS
examine([5, 6, 7, 8])  # {mark}
### END HIDDEN TESTS""",
}


def source():
    """The instructor's notebook."""
    cells = [
        new_markdown_cell("# Doubles", id="title"),
        new_code_cell("import numpy as np", id="i"),
    ]
    for name, (head, body) in RIGHT.items():
        solution = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        check = _CHECKS[name].strip().replace("{mark}", MARK).replace("{number}", "0.125")
        cells += [answer(name, solution), graded(f"check_{name}", check, POINTS[name])]
        if name == "double":  # the set-up goes on below the first exercise
            cells += [new_markdown_cell("## Counting"), new_code_cell(LATER, id="later")]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    notebook.nbformat_minor = 5
    return notebook


def prepared():
    """The instructor's notebook as the grader knows it."""
    return prepared_for_grading(source())


def released():
    """The notebook that students get."""
    return release.cleared(source())


def submission(answers: dict, first, last, base):
    """A student's notebook, with cells of their own above and below the answers."""
    notebook = copy.deepcopy(base)
    for name, text in answers.items():
        cell_of(notebook, name).source = text
    if first:
        notebook.cells.insert(2, new_code_cell(first))
    if last:
        notebook.cells.append(new_code_cell(last))
    return notebook

"""A learner meets lesson 1 in a real JupyterLab: a wrong answer, a right one, Validate."""

import nbformat
import pytest
from playwright.sync_api import expect

from tests.solved_lessons import released

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTEBOOK = "softmax.ipynb"
GIVEN = {"set-up", "load-digits", "show-pixels"}
NAIVE_SOFTMAX = """
def softmax(logits):
    exponentials = tf.exp(logits)
    return exponentials / tf.reduce_sum(exponentials, axis=1, keepdims=True)
"""


@pytest.fixture(scope="module")
def cells(root):
    """The graded cells of the source notebook by their grade_id."""
    notebook = nbformat.read(root / "source" / "01-softmax" / NOTEBOOK, as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


@pytest.fixture
def lesson(opened):
    """The released notebook open in JupyterLab: its text, its first cells and its exercises.

    The other given cells are run by tests/test_lessons.py.
    """
    notebook = released("01-softmax")
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or cell.id in GIVEN or "nbgrader" in cell.metadata
    ]
    with opened(NOTEBOOK, notebook) as shown:
        yield shown


@pytest.mark.slow
def test_wrong_answer_right_answer_validate(lesson, cells, tmp_path):
    answer, check = cells["softmax"], cells["check_softmax"]

    lesson.run_all_above(check.id)
    lesson.run(check.id)
    expect(lesson.output(check.id)).to_contain_text("not solved yet")

    lesson.write(answer.id, NAIVE_SOFTMAX)
    lesson.run(answer.id)
    lesson.run(check.id)
    message = lesson.output(check.id).inner_text()
    assert "softmax" in message
    assert "finite" in message
    assert "Traceback" not in message
    lesson.page.screenshot(path=tmp_path / "wrong.png")

    lesson.write(answer.id, answer.source)
    lesson.run(answer.id)
    lesson.run(check.id)
    expect(lesson.output(check.id)).to_have_text("✓ softmax is right: 1 of 5 solved.")

    for name, cell in cells.items():
        if cell.metadata.nbgrader.solution:
            lesson.write(cells[name].id, cell.source)
    assert "Success! Your notebook passes all the tests." in lesson.validate()
    lesson.page.screenshot(path=tmp_path / "validated.png")

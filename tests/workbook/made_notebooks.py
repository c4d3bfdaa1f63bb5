"""Small notebooks with exercises, as nbgrader marks them; they need no check of the course."""

import nbformat

from course.workbook.execution import Execution


def markdown(text):
    return nbformat.v4.new_markdown_cell(text)


def code(text, **metadata):
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def exercise_cells(name, answer="raise NotImplementedError()", expected=1, points=2):
    """An answer cell and its test cell."""
    common = {"schema_version": 3, "task": False}
    solution = {"grade_id": name, "solution": True, "grade": False, "locked": False}
    grade = {"grade_id": f"check_{name}", "solution": False, "grade": True, "locked": True}
    return [
        code(f"def {name}():\n    {answer}", nbgrader=solution | common),
        code(
            f"assert {name}() == {expected}, 'wanted {expected}\\nand a hint'",
            nbgrader=grade | common | {"points": points},
            tags=["raises-exception"],
        ),
    ]


def released_cells():
    """A lesson with the exercises `one`, 2 points, and `two`, 3 points."""
    return [
        markdown("# One and two"),
        *exercise_cells("one"),
        *exercise_cells("two", expected=2, points=3),
    ]


def solved_cells(one="return 1", two="return 2"):
    """The exercises of that lesson with answers."""
    return [*exercise_cells("one", one), *exercise_cells("two", two, expected=2, points=3)]


def without_marks(notebook, with_ids):
    """The notebook as some hosts save it: without metadata, and perhaps with new cell ids."""
    for place, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({})
        cell.id = cell.id if with_ids else f"new-{place}"
    return notebook


def save(path, *cells):
    """Write a notebook with these cells; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def not_run(notebook, *_) -> Execution:
    """In the place of an execution, which takes seconds: no cell was run."""
    return Execution([nbformat.from_dict(cell) for cell in notebook["cells"]])

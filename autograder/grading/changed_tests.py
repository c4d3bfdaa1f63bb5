"""Find the tests that were taken out of a submission; `placing` puts the real ones in."""

from nbformat import NotebookNode

from autograder.grading import code_text
from autograder.nbgrader_metadata import exercise_of, grade_id_of, is_locked
from course.workbook.notebooks import nbgrader_settings


def find(submitted: NotebookNode, released: NotebookNode) -> list[str]:
    """Return the grade ids of the test cells from which a student removed the test.

    Only where that is certain: the cell must still claim, by its checksum, to be the released one,
    so that an older release is not mistaken for it. Adding to a test is no offence, nor is timing
    it, keeping its result, emptying its cell, moving it to another cell, typing the answer over it,
    or calling its check, or another one, with anything but a function written on the spot.
    """
    original = {
        grade_id_of(cell): cell for cell in released.cells if grade_id_of(cell) and is_locked(cell)
    }
    whole, changed = set(), {}
    for cell in submitted.cells:
        grade_id = grade_id_of(cell)
        if grade_id not in original:
            continue
        checksum = nbgrader_settings(original[grade_id]).get("checksum", "")
        wanted = original[grade_id].source
        code = cell.source.replace("\0", "")  # which a damaged disk adds, and Python cannot parse
        if _holds(code, wanted):
            whole.add(grade_id)
        elif nbgrader_settings(cell).get("checksum") == checksum and not _may_be_a_slip(
            code, wanted, exercise_of(grade_id)
        ):
            changed[grade_id] = True
    removed = [grade_id for grade_id in changed if grade_id not in whole]
    cells = [cell for cell in submitted.cells if removed and cell.cell_type == "code"]
    codes = code_text.read_all(cell.source for cell in cells)
    return [
        grade_id
        for grade_id in removed
        if not any(code.holds(code_text.read(original[grade_id].source)) for code in codes)
    ]


def _holds(code, wanted) -> bool:
    """Whether a text has all statements of another, whatever the layout.

    What is only commented out does not count as removed.
    """
    found, searched = code_text.read(code), code_text.read(wanted)
    return found.has_lines_of(searched) or found.holds(searched)


def _may_be_a_slip(code, wanted, exercise) -> bool:
    """Whether the text of a test cell may be what somebody honest has left there."""
    code = code[: code_text.MAX_READ]
    found = code_text.read(code)
    is_empty = all(not line or line.startswith("#") for line in map(str.strip, code.splitlines()))
    if is_empty or exercise in found.defines or code_text.checks_something(code):
        return True
    calls = code_text.calls_in(wanted)
    return bool(calls) and all(call in code_text.without_blanks(code) for call in calls)

"""What nbgrader's metadata say about a cell."""

from course.workbook.notebooks import nbgrader_settings


def exercise_of(grade_id: str) -> str:
    """Return the exercise that a test cell examines."""
    return grade_id.removeprefix("check_")


def grade_id_of(cell) -> str:
    """Return the grade id of a cell; "" if it has none."""
    return nbgrader_settings(cell).get("grade_id", "")


def is_answer(cell) -> bool:
    """Return whether a cell is where a student's answer belongs."""
    return bool(nbgrader_settings(cell).get("solution"))


def checksums_of_answers(notebook) -> dict[str, str]:
    """Return the checksum of each answer cell, by its grade id."""
    from nbgrader.utils import compute_checksum  # imported late: it takes long

    return {grade_id_of(cell): compute_checksum(cell) for cell in notebook.cells if is_answer(cell)}


def is_locked(cell) -> bool:
    """Return whether a marked cell belongs to the instructor alone: a test, or a read-only cell."""
    settings = nbgrader_settings(cell)
    return bool(not settings.get("solution") and (settings.get("grade") or settings.get("locked")))


def is_test(cell) -> bool:
    """Return whether a cell is a test that gives points."""
    settings = nbgrader_settings(cell)
    return bool(settings.get("grade")) and not settings.get("solution")


def is_prose(cell) -> bool:
    """Return whether a cell is text that nobody grades."""
    return cell.cell_type != "code" and not nbgrader_settings(cell)

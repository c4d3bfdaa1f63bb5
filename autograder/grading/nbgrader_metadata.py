"""Read nbgrader's metadata of a cell."""


def exercise_of(grade_id: str) -> str:
    """The exercise that a test cell examines."""
    return grade_id.removeprefix("check_")


def grade_id_of(cell) -> str | None:
    """The grade id of a cell."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_locked(cell) -> bool:
    """Whether a marked cell belongs to the instructor alone: a test, or a read-only cell."""
    settings = cell.metadata.nbgrader
    return bool(not settings.get("solution") and (settings.get("grade") or settings.get("locked")))


def is_test(cell) -> bool:
    """Whether a cell is a test that gives points."""
    settings = cell.metadata.get("nbgrader", {})
    return bool(settings.get("grade")) and not settings.get("solution")


def is_prose(cell) -> bool:
    """Whether a cell is text that nobody grades."""
    return cell.cell_type != "code" and not cell.metadata.get("nbgrader")

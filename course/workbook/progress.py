"""How far a learner has got, as the saved notebooks in work/ show it."""

from pathlib import Path

from course.workbook import notebooks
from course.workbook.lessons import ReleasedLesson


def exercises_passed(root: Path, lesson: ReleasedLesson) -> int | None:
    """Return how many exercises pass in the saved work; None for a lesson that was not started.

    It counts the test cells that ran without an error before the notebook was last saved. Raises
    WorkbookError where that cannot be read.
    """
    path = root / "work" / lesson.notebook
    if not path.exists():
        return None
    cells = notebooks.read(path)["cells"]
    untouched = notebooks.read(root / "release" / lesson.notebook)["cells"]
    if not any(map(notebooks.was_run, cells)) and _texts(cells) == _texts(untouched):
        return None
    passed = {
        exercise.name
        for cell in cells
        if (exercise := notebooks.exercise_of(cell))
        and notebooks.was_run(cell)
        and notebooks.error_of(cell) is None
    }
    return len(passed & {exercise.name for exercise in lesson.exercises})


def _texts(cells: list[dict]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in cells]

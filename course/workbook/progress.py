"""How far a learner has got, according to the saved notebooks in work/."""

from dataclasses import dataclass
from pathlib import Path

from course.messages import _, labelled
from course.shadowing import beside_notebooks
from course.workbook import notebooks
from course.workbook.editions import Edition, find_edition, find_root
from course.workbook.errors import WorkbookError
from course.workbook.lessons import ReleasedLesson, released


@dataclass(frozen=True)
class Progress:
    """The lessons, each with how far the learner has got; a notebook shows a table of them."""

    rows: list[tuple[ReleasedLesson, str]]

    def _repr_markdown_(self) -> str:
        heads = _("lesson"), _("your progress")
        lines = [f"| {' | '.join(heads)} |", "| --- | --- |"]
        for lesson, words in self.rows:
            link = f"[{lesson.title or lesson.name}]({lesson.notebook.as_posix()})"
            lines.append(f"| {link} | {words} |")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """List the lessons as plain text."""
        return "\n".join(labelled(lesson.name, words) for lesson, words in self.rows)


def show() -> Progress | None:
    """Return the learner's progress in the course whose folder they work in.

    It first prints which files there hide a package that the lessons need.
    Outside any course it prints a sentence that says so.
    """
    try:
        here = find_edition(find_root(Path.cwd()))
        for said in beside_notebooks(here.work):
            print(said)
        return Progress([(lesson, progress_words(here, lesson)) for lesson in released(here)])
    except WorkbookError as error:
        print(error)
        return None


def progress_words(edition: Edition, lesson: ReleasedLesson) -> str:
    """Say how far the learner has got in a lesson, as in "3 of 5 exercises passed"."""
    try:
        passed = exercises_passed(edition, lesson)
    except WorkbookError:
        return _("cannot be read: try course check {lesson}").format(lesson=lesson.name)
    if passed is None:
        return _("not started")
    if not lesson.exercises:
        return _("started")
    return _("{passed} of {count} exercises passed").format(
        passed=passed, count=len(lesson.exercises)
    )


def exercises_passed(edition: Edition, lesson: ReleasedLesson) -> int | None:
    """Return how many exercises pass in the saved work; None for a lesson that was not started.

    It counts the test cells that ran without an error before the notebook was last saved. Raises
    WorkbookError where that cannot be read.
    """
    path = edition.work / lesson.notebook
    if not path.exists():
        return None
    cells = notebooks.read(path)["cells"]
    untouched = notebooks.read(edition.release / lesson.notebook)["cells"]
    cells = notebooks.with_lost_marks(cells, untouched)
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

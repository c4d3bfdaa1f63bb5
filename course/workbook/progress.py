"""How far a learner has got, according to the saved notebooks in work/."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course.messages import _, labelled
from course.shadowing import beside_notebooks
from course.workbook import notebooks
from course.workbook.editions import Edition, find_edition, find_root
from course.workbook.errors import WorkbookError
from course.workbook.lessons import ReleasedLesson, released
from course.workbook.notebooks import Standing


@dataclass(frozen=True)
class Progress:
    """The lessons, each with how far the learner had got at a time; a notebook shows a table."""

    rows: list[tuple[ReleasedLesson, str]]
    time: datetime

    def _repr_markdown_(self) -> str:
        heads = _("lesson"), _("your progress")
        lines = [f"| {' | '.join(heads)} |", "| --- | --- |"]
        for lesson, words in self.rows:
            link = f"[{lesson.title or lesson.name}]({lesson.notebook.as_posix()})"
            lines.append(f"| {link} | {words} |")
        # A saved notebook shows the table of another day.
        said = _("Your progress as of {time}. Run this cell again to update it.")
        return "\n".join([*lines, "", said.format(time=f"{self.time:%Y-%m-%d %H:%M}")])

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
        rows = [(lesson, progress_words(here, lesson)) for lesson in released(here)]
        return Progress(rows, datetime.now())
    except WorkbookError as error:
        print(error)
        return None


def progress_words(edition: Edition, lesson: ReleasedLesson) -> str:
    """Say how far the learner has got in a lesson, as in "3 of 5 exercises passed"."""
    try:
        found = standings(edition, lesson)
    except WorkbookError:
        return _("cannot be read: try course check {lesson}").format(lesson=lesson.name)
    if found is None:
        return _("not started")
    if not lesson.exercises:
        return _("started")
    passed, count = [*found.values()].count(Standing.PASSED), len(lesson.exercises)
    if changed := [name for name, its in found.items() if its is Standing.CHANGED]:
        said = _("{passed} of {count} exercises passed; changed since their check: {names}")
        return said.format(passed=passed, count=count, names=", ".join(changed))
    return _("{passed} of {count} exercises passed").format(passed=passed, count=count)


def standings(edition: Edition, lesson: ReleasedLesson) -> dict[str, Standing] | None:
    """Return how each exercise stands in the saved work; None for a lesson that was not started.

    It passes if its test cell ran without an error before the notebook was last saved, and if its
    answer was not changed since. Raises WorkbookError where that cannot be read.
    """
    path = edition.work / lesson.notebook
    if not path.exists():
        return None
    cells = notebooks.read(path)["cells"]
    untouched = notebooks.read(edition.release / lesson.notebook)["cells"]
    cells = notebooks.with_lost_marks(cells, untouched)
    if not any(map(notebooks.was_run, cells)) and _texts(cells) == _texts(untouched):
        return None
    found = {exercise.name: Standing.OPEN for exercise in lesson.exercises}
    for place, cell in enumerate(cells):
        exercise = notebooks.exercise_of(cell)
        if exercise and exercise.name in found and found[exercise.name] is not Standing.PASSED:
            found[exercise.name] = notebooks.standing(cells, place, exercise.name)
    return found


def _texts(cells: list[dict]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in cells]

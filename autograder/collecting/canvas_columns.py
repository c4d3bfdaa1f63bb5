"""What each lesson's assignment is called in the header of Canvas's gradebook.

canvas_columns.csv keeps that; the instructor may add what is not certain.
"""

import re
from pathlib import Path

from autograder.collecting.class_lists import squeezed
from autograder.course_folder import CourseFolder
from autograder.grading.tables import csv_text, read_rows, read_table, write_table
from autograder.messages import _

NAME = "canvas_columns.csv"
_COLUMNS = ["lesson", "column"]
_ASSIGNMENT = re.compile(r"(?P<title>.+) \(\d+\)")


def read_columns(course: CourseFolder) -> dict[str, str]:
    """Return the column of each lesson for which it is known. Raises CourseError."""
    path = course.root / NAME
    if not path.exists():
        return {}
    rows = read_rows(path, _COLUMNS)
    # A title may hold a comma, without quotation marks if somebody wrote it by hand.
    return {
        row[0].strip(): column
        for row in rows
        if row and (column := ",".join(row[1:]).strip().rstrip(",").rstrip())
    }


def keep_column(course: CourseFolder, lesson: str, gradebook: Path) -> str:
    """Keep a lesson's column in this gradebook of Canvas's; return a sentence if it may be wrong.

    It is certain by its name; if the gradebook has only one assignment, that one is taken.
    """
    known = read_columns(course)
    everything = {
        cell: found["title"]
        for cell in map(str.strip, read_table(gradebook)[0])
        if (found := _ASSIGNMENT.fullmatch(cell))
    }
    titles = {cell: title for cell, title in everything.items() if cell not in known.values()}
    if lesson in known or not titles:
        return ""
    names = _names(course, lesson)
    called_so = [cell for cell, title in titles.items() if squeezed(title) in names]
    of_others = {name for one in course.lessons() if one != lesson for name in _names(course, one)}
    alone = [cell for cell, title in titles.items() if squeezed(title) not in of_others]
    taken = called_so or (alone if len(everything) == 1 else [])
    if len(taken) != 1:
        said = _(
            "It is not certain which assignment of Canvas's gradebook is {lesson}. For "
            "`autograder export`, write it into {file}: below the line {line}, such a line as "
            "{example}."
        )
        example = csv_text([[lesson, next(iter(titles))]]).rstrip()
        facts = {"lesson": lesson, "file": NAME, "line": ",".join(_COLUMNS), "example": example}
        return said.format(**facts)
    write_table(course.root / NAME, [_COLUMNS, *{**known, lesson: taken[0]}.items()])
    if called_so:
        return ""
    said = _(
        "{lesson} is taken to be {column}, the only assignment in Canvas's gradebook. If it is "
        "another one, change {file} before you export."
    )
    return said.format(lesson=lesson, column=taken[0], file=NAME)


def _names(course, lesson):
    """What people call a lesson, as letters and digits."""
    number, _line, topic = lesson.partition("-")
    of_number = f"lesson {int(number)}" if number.isdecimal() else ""
    notebooks = (path.stem for path in (course.root / "source" / lesson).glob("*.ipynb"))
    called = (lesson, topic, *notebooks, of_number)
    return {squeezed(name) for name in called} - {""}

"""Individual due dates for some students, from extensions.csv in the course's folder."""

from datetime import datetime

from autograder.course_folder import CourseError, CourseFolder
from autograder.grading.submission_time import examples, parse_time
from autograder.grading.tables import read_rows
from autograder.messages import _
from autograder.names import shown

NAME = "extensions.csv"
_COLUMNS = ["student", "lesson", "due"]


def read_extensions(
    course: CourseFolder, lesson: str, time_zone: str = "UTC"
) -> dict[str, datetime] | None:
    """When a lesson is due for each of these students (UTC); None if there is no such file.

    Raises CourseError for anything in the file that could be read in two ways.
    """
    path = course.root / NAME
    if not path.exists():
        return None
    rows = read_rows(path, _COLUMNS)
    found = {}
    known = course.lessons()
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(_COLUMNS) or cells[1] not in known:
            said = _(
                "{path}, line {number}: expected a student, a lesson of {names}, and a time; got "
                "{got}."
            )
            got, names = shown(",".join(row)), ", ".join(known)
            raise CourseError(said.format(path=path, number=number, names=names, got=got))
        student, its_lesson, due = cells
        try:
            when = parse_time(due, time_zone)
        except ValueError as error:
            said = _("{path}, line {number}: expected a time such as {example}; got {got}.")
            raise CourseError(
                said.format(path=path, number=number, example=examples(), got=shown(due))
            ) from error
        if its_lesson == lesson:
            found[student] = when
    return found

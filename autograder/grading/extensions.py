"""Individual due dates for some students, from extensions.csv in the course's folder."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook
from autograder.grading.submissions import no_such_students
from autograder.grading.tables import numbered, read_rows
from autograder.grading.time_formats import examples, parse_time
from autograder.messages import _
from autograder.names import composed, shown

NAME = "extensions.csv"
_COLUMNS = ["student", "lesson", "due"]


def read_extensions(course: CourseFolder, lesson: str) -> dict[str, datetime] | None:
    """Return when a lesson is due for each of these students (UTC); None if there is no such file.

    The ids are composed, so that they match however a system writes the folder's name.
    Raises CourseError for anything in the file that could be read in two ways.
    """
    path = course.root / NAME
    if not path.exists():
        return None
    rows = read_rows(path, _COLUMNS)
    time_zone = course.config().Exchange.get("timezone", "UTC")
    found, lines = {}, {}
    known = course.lessons()
    for number, cells in numbered(rows):
        if len(cells) != len(_COLUMNS) or cells[1] not in known:
            said = _(
                "{path}, line {number}: expected a student, a lesson of {names}, and a time; got "
                "{got}."
            )
            got, names = shown(",".join(cells)), ", ".join(known)
            raise CourseError(said.format(path=path, number=number, names=names, got=got))
        student, its_lesson, due = cells
        try:
            when = parse_time(due, time_zone)
        except ValueError as error:
            said = _("{path}, line {number}: expected a time such as {example}; got {got}.")
            raise CourseError(
                said.format(path=path, number=number, example=examples(), got=shown(due))
            ) from error
        first = lines.setdefault((composed(student), its_lesson), number)
        if first != number:
            said = _("{path}, line {number}: line {first} has {student} and {lesson} as well.")
            facts = {"student": shown(student), "lesson": its_lesson, "first": first}
            raise CourseError(said.format(path=path, number=number, **facts))
        if its_lesson == lesson:
            found[composed(student)] = when
    return found


def apply(
    course: CourseFolder, lesson: str, due: dict[str, datetime] | None, students: Collection[str]
) -> None:
    """Write the due dates of extensions.csv, if there is one, and these students' penalties."""
    if due is not None:
        gradebook.write_extensions(course, lesson, due)
    gradebook.assign_late_penalties(course, lesson, students)


def about_strangers(
    course: CourseFolder, due: Collection[str], known: Collection[str], submitted: Path
) -> str:
    """Return a sentence that names who has a due date and is not known; "" if there are none."""
    if strangers := {*due} - {*map(composed, known)}:
        reason = no_such_students(strangers, submitted)
        return _("{path}: {reason}").format(path=course.root / NAME, reason=reason)
    return ""

"""Export all scores as CSV files: for people, and in the forms that Canvas and Moodle import."""

import random
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from autograder.collecting.platforms import CANVAS, MOODLE
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook
from autograder.grading.file_modes import keeps_private
from autograder.grading.results import ClassResult
from autograder.grading.tables import BOM, csv_text
from autograder.names import shown
from autograder.pages.rounding import rounded
from course.files import write_atomically

STUDENT_COLUMNS = (
    *("student", "name", "lesson", "score", "max_score", "status"),
    *("late_penalty", "score_after_penalty", "submitted_at", "needs_review", "notes", "section"),
)
EXERCISE_COLUMNS = (
    *("student", "lesson", "exercise", "score", "max_score", "status", "message", "by_hand"),
)
# The first columns of Canvas's gradebook: it finds a student by ID, else by SIS Login ID.
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# The columns by which Moodle can find a user; one of them is chosen on import.
MOODLE_COLUMNS = ("Username", "ID number", "Email address")
# A spreadsheet takes the wide forms of these signs, which Asian keyboards give, as formulas too.
_FORMULA = re.compile(r"(^|[;\t\r\n])((?:[^\S\t\r\n]|\")*[=+\-@|%\uff1d\uff0b\uff0d\uff20])")
_NO_GRADE = {CANVAS: "", MOODLE: "-"}


@keeps_private
def write_exports(
    course: CourseFolder,
    classes: list[ClassResult],
    section_of: Mapping[str, str],
    platforms: Mapping[str, Collection[str]] = MappingProxyType({}),
    canvas_columns: Mapping[str, str] = MappingProxyType({}),
) -> list[Path]:
    """Write grades, exercises, canvas and moodle (.csv) into reports/; return their paths.

    Students who are known to be on some `platforms` only, by id, are left out of the other's file.
    `canvas_columns` has the names of lessons in Canvas, where they differ.
    """
    people = gradebook.people(course)
    of_canvas = _those_of(CANVAS, people, platforms)
    return [
        *_for_people(course.reports, "", people, section_of, classes),
        write_csv(
            course.reports / "canvas.csv", *canvas(of_canvas, classes, section_of, canvas_columns)
        ),
        write_csv(
            course.reports / "moodle.csv", *moodle(_those_of(MOODLE, people, platforms), classes)
        ),
    ]


def from_elsewhere(platforms: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Return the students who are left out of each platform's file, being on another one."""
    return {
        platform: [who for who, theirs in platforms.items() if theirs and platform not in theirs]
        for platform in (CANVAS, MOODLE)
    }


def _those_of(platform, people, platforms):
    """All people except those known to be on other platforms only."""
    others = from_elsewhere(platforms)[platform]
    return {student: person for student, person in people.items() if student not in others}


@keeps_private
def write_anonymous(course: CourseFolder, classes: list[ClassResult]) -> list[Path]:
    """Write grades and exercises without names, ids, times or what students wrote.

    Students get numbers in a new random order each time.
    """
    students = sorted({result.student for its in classes for result in its})
    random.SystemRandom().shuffle(students)
    digits = len(str(len(students)))
    number_of = {who: f"{number:0{digits}}" for number, who in enumerate(students, start=1)}
    anonymous = [
        replace(
            its,
            submissions=sorted(
                (_anonymous(result, number_of[result.student]) for result in its),
                key=lambda result: result.student,
            ),
        )
        for its in classes
    ]
    return _for_people(course.reports, "anonymous-", {}, {}, anonymous)


def _anonymous(result, number):
    exercises = {
        name: replace(its, message="", failure=None) for name, its in result.exercises.items()
    }
    return replace(result, student=number, exercises=exercises, notes=(), submitted_at="")


def _for_people(reports, prefix, people, section_of, classes):
    """Write grades.csv and exercises.csv; return their paths."""
    results = [result for its in classes for result in its]
    students = [_of_student(result, people, section_of) for result in results]
    exercises = [
        [shown(result.student), result.lesson, name]
        + [getattr(exercise, column) for column in EXERCISE_COLUMNS[3:]]
        for result in results
        for name, exercise in result.exercises.items()
    ]
    return [
        write_csv(reports / f"{prefix}grades.csv", STUDENT_COLUMNS, students, start=BOM),
        write_csv(reports / f"{prefix}exercises.csv", EXERCISE_COLUMNS, exercises, start=BOM),
    ]


def _of_student(result, people, section_of):
    """The columns of a result; its notes are one text, first why there is no verdict, if so."""
    person = people.get(result.student)
    about = dict.fromkeys([result.refusal, *(note.text for note in result.notes)])
    texts = {
        "student": shown(result.student),
        "name": shown(person.name) if person and person.name != result.student else "",
        "notes": " ".join(filter(None, about)),
        "section": shown(section_of.get(result.student, "")),
    }
    return [texts[key] if key in texts else getattr(result, key) for key in STUDENT_COLUMNS]


def canvas(
    people: Mapping[str, gradebook.Enrolled],
    classes: list[ClassResult],
    section_of: Mapping[str, str] = MappingProxyType({}),
    columns: Mapping[str, str] = MappingProxyType({}),
):
    """Return head and rows of a file for Canvas: Grades, Import; a lesson is an assignment.

    The second row says how many points each is worth. Without a score there is no grade. An id is
    written as it is shown: if a blank at its end were lost, it could be somebody else's.
    """
    lessons = _lessons(classes)
    worth = ["Points Possible", "", "", "", "", *(rounded(points) for points in lessons.values())]
    rows = [
        [shown(one.name), one.lms_id, "", shown(one.id), shown(section_of.get(one.id, "")), *grades]
        for one, grades in _table(people, classes, _NO_GRADE[CANVAS])
    ]
    return (*CANVAS_COLUMNS, *(columns.get(name, name) for name in lessons)), [worth, *rows]


def moodle(people: Mapping[str, gradebook.Enrolled], classes: list[ClassResult]):
    """Return head and rows of a file for Moodle: Grades, Import, CSV file; a lesson is an item."""
    lessons = _lessons(classes)
    rows = [
        [shown(one.id), one.lms_id, one.email, *grades]
        for one, grades in _table(people, classes, _NO_GRADE[MOODLE])
    ]
    return (*MOODLE_COLUMNS, *lessons), rows


def _lessons(classes):
    """The lessons in which somebody has a score, with the points that each is worth.

    An older result lacks exercises that came into its lesson later.
    """
    return {
        its.lesson: max(result.max_score for result in its.graded) for its in classes if its.graded
    }


def _table(people, classes, no_grade):
    """Each student with their grades, in the order of the lessons."""
    lessons = _lessons(classes)
    grades = {}
    for result in (result for its in classes for result in its.graded):
        grades.setdefault(result.student, {})[result.lesson] = rounded(result.score_after_penalty)
    for student, person in people.items():
        mine = grades.get(student, {})
        yield person, [mine.get(lesson, no_grade) for lesson in lessons]


def write_csv(
    path: Path, columns: Iterable[str], rows: Iterable[Iterable], start: str = ""
) -> Path:
    """Write a CSV file in which no text is a formula for a spreadsheet; return its path.

    It starts with BOM for people; importers of platforms want none.
    """
    harmless = ([_harmless(value) for value in row] for row in rows)
    return write_atomically(path, start + csv_text([columns, *harmless]))


def _harmless(value):
    """A value; text that a spreadsheet would take for a formula gets an apostrophe in front.

    A spreadsheet may begin a cell at each semicolon, tab or line break as well.
    """
    if not isinstance(value, str) or value == _NO_GRADE[MOODLE] or _is_number(value):
        return value
    return _FORMULA.sub(r"\1'\2", value.replace("\0", ""))


def _is_number(value):
    try:
        float(value)
    except ValueError:
        return False
    return True

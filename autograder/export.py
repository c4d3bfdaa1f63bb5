"""All marks as CSV files: a line per student and lesson, and a line per exercise."""

import csv
from pathlib import Path

from autograder.course_folder import CourseFolder

STUDENT_COLUMNS = (
    *("student", "lesson", "score", "max_score", "status"),
    *("late_penalty", "score_after_penalty", "submitted_at"),
)
EXERCISE_COLUMNS = ("student", "lesson", "exercise", "score", "max_score", "status", "message")


def export(course: CourseFolder, results: list[dict]) -> list[Path]:
    """Write reports/grades.csv and reports/exercises.csv; return their paths."""
    course.reports.mkdir(exist_ok=True)
    students = [[result[name] for name in STUDENT_COLUMNS] for result in results]
    exercises = [
        [result["student"], result["lesson"], name]
        + [exercise[column] for column in EXERCISE_COLUMNS[3:]]
        for result in results
        for name, exercise in result["exercises"].items()
    ]
    return [
        _write(course.reports / "grades.csv", STUDENT_COLUMNS, students),
        _write(course.reports / "exercises.csv", EXERCISE_COLUMNS, exercises),
    ]


def _write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_harmless(value) for value in row] for row in rows)
    return path


def _harmless(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@"):
        return "'" + value
    return value

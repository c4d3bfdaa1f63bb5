"""Recurring comments to choose from, in comments.csv in the course's folder."""

import os

from autograder.course_folder import CalledWrongly, CourseError, CourseFolder
from autograder.grading.tables import numbered, read_rows
from autograder.messages import _
from autograder.names import shown

NAME = "comments.csv"
_COLUMNS = ["lesson", "key", "text"]
_EVERY_LESSON = "all"


def read_comments(course: CourseFolder, lesson: str) -> dict[str, str]:
    """Return the comments for a lesson, by their keys. Raises CourseError."""
    path = course.root / NAME
    if not os.path.lexists(path):
        said = _("There is no {name} in {folder}. Its first line has to be {line}.")
        line = ",".join(_COLUMNS)
        raise CourseError(said.format(name=NAME, folder=course.root, line=line))
    rows = read_rows(path, _COLUMNS)
    found = {}
    known = (*course.lessons(), _EVERY_LESSON)
    for _number, cells in numbered(rows):
        if len(cells) != len(_COLUMNS) or not all(cells) or cells[0] not in known:
            said = _("{path}: expected one of {names}, a key and a text; got {row}.")
            names = ", ".join(known)
            raise CourseError(said.format(path=path, names=names, row=shown(",".join(cells))))
        its_lesson, key, text = cells
        if its_lesson not in (lesson, _EVERY_LESSON):
            continue
        if key in found:
            said = _("{path} has two comments {key!r} for {lesson}.")
            raise CourseError(said.format(path=path, key=key, lesson=lesson))
        found[key] = text.replace("\r\n", "\n")
    return found


def comment(course: CourseFolder, lesson: str, key: str) -> str:
    """Return the text of one comment. Raises CalledWrongly if none has this key."""
    known = read_comments(course, lesson)
    if key not in known:
        said = _("There is no comment {key!r} for {lesson} in {file}. The keys are: {names}.")
        names = ", ".join(known) or "-"
        raise CalledWrongly(said.format(key=key, lesson=lesson, file=NAME, names=names))
    return known[key]

"""Read points that a person gives in a table for the gradebook: each row strictly."""

import math
from dataclasses import dataclass
from pathlib import Path

from autograder.course_folder import CourseError
from autograder.grading.tables import numbered, read_table
from autograder.messages import _
from autograder.names import shown

_COLUMNS = ["student", "exercise", "points"]
_COMMENT = "comment"  # a column that may be left out


@dataclass(frozen=True)
class GivenPoints:
    """What a row gives to a student for an exercise."""

    student: str
    exercise: str
    points: float
    comment: str = ""


def read_points(path: Path) -> list[GivenPoints]:
    """Return the rows of a table with the columns student, exercise, points, and maybe comment.

    Raises CourseError for rows that could be read in two ways, or if there is nothing to give.
    """
    head, rows = read_table(path)
    names = [cell.strip().casefold() for cell in head]
    if not {*_COLUMNS} <= {*names} or len({*names}) != len(names):
        said = _("{path} has to begin with the line {line}.")
        raise CourseError(said.format(path=path, line=",".join([*_COLUMNS, _COMMENT])))
    found, wrong = {}, []
    for number, row in numbered(rows):
        cells = dict.fromkeys(names, "") | dict(zip(names, row, strict=False))
        if not any(cells.values()):  # such as a remark beside the table
            continue
        points = _number(cells["points"])
        key = cells["student"], cells["exercise"]
        comment = cells.get(_COMMENT, "").replace("\r\n", "\n")
        is_split = comment.isdecimal()  # 1,5 without quotation marks: is the 5 a comment?
        if len(row) > len(names) or not all(key) or points is None or key in found or is_split:
            said = _(
                "{path}, line {number}: expected a student, an exercise and points, each exercise "
                "of a student once; got {got}."
            )
            got = shown(",".join(row))
            wrong.append(said.format(path=path, number=number, got=got))
            continue
        found[key] = GivenPoints(*key, points, comment)
    if wrong:
        raise CourseError("\n".join(wrong))
    if not found:
        raise CourseError(_("{path} gives no points.").format(path=path))
    return [*found.values()]


def _number(text):
    """The points in a cell, with either decimal separator; or None."""
    try:
        points = float(text.replace(",", ".").replace("_", "x"))  # people do not write 1_5
    except ValueError:
        return None
    return points if math.isfinite(points) and points >= 0 else None

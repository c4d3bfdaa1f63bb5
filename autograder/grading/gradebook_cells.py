"""Fit the gradebook to a lesson that has lost or gained exercises while it is being graded.

nbgrader refuses that, and removing the lesson would cost all points that people gave. So cells
come and go here one by one; points given by hand for what goes are kept in a file.
"""

import csv
import io
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook

from autograder.grading import plain_files
from course.files import write_atomically

DROPPED = "dropped_scores.csv"
_COLUMNS = ("lesson", "grade_id", "student", "points", "comment")
_GRADED, _COMMENTED = ("grade", "task"), ("solution", "task")  # kinds of cells


def fit(gradebook: Gradebook, lesson: str, name: str, notebook, kept_in: Path) -> list[str]:
    """Add and remove cells so that those of the notebook are there; return what has gone.

    Points and comments that people gave for it are added to the file `kept_in`.
    """
    try:
        known = gradebook.find_notebook(name, lesson)
    except MissingEntry:
        return []
    if not known.submissions:
        return []
    wanted, gone = _cells_of(notebook), []
    dropped = []
    for kind, cells in wanted.items():
        old = {cell.name: cell for cell in getattr(known, f"{kind}_cells")}
        for grade_id in old.keys() - cells.keys():
            dropped += _remove(gradebook, lesson, old[grade_id])
            gone += [grade_id] if kind in _GRADED else []
        for grade_id in cells.keys() - old.keys():
            make = getattr(gradebook, f"update_or_create_{kind}_cell")
            make(grade_id, name, lesson, **cells[grade_id])
    _keep(kept_in, dropped)
    gradebook.db.flush()
    gradebook.db.expire(known)
    _fill(gradebook, known)
    gradebook.db.commit()
    return gone


def _cells_of(notebook):
    """The cells that nbgrader has by kind, each with what it has to know of one."""
    found = {"grade": {}, "solution": {}, "task": {}, "source": {}}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        kinds = [kind for kind in ("grade", "solution", "task") if settings.get(kind)]
        for kind in kinds:
            facts = {}
            if kind in _GRADED:
                facts = {"max_score": float(settings["points"]), "cell_type": cell.cell_type}
            found[kind][settings["grade_id"]] = facts
        if kinds or settings.get("locked"):
            facts = {"cell_type": cell.cell_type, "source": cell.source, "checksum": None}
            found["source"][settings["grade_id"]] = facts
    return found


def _fill(gradebook, notebook):
    """Give every submission a grade and a comment for each cell for which it has none yet."""
    for entry, kinds in ((Grade, _GRADED), (Comment, _COMMENTED)):
        found = gradebook.db.query(entry.cell_id, entry.notebook_id).join(SubmittedNotebook)
        there = set(map(tuple, found.filter(SubmittedNotebook.notebook_id == notebook.id)))
        cells = [cell.id for kind in kinds for cell in getattr(notebook, f"{kind}_cells")]
        wanted = {(cell, each.id) for cell in cells for each in notebook.submissions}
        gradebook.db.add_all(
            entry(cell_id=cell, notebook_id=submission) for cell, submission in wanted - there
        )


def _remove(gradebook, lesson, cell):
    """Remove a cell, and return what people gave for it."""
    given = []
    for entry in [*getattr(cell, "grades", []), *getattr(cell, "comments", [])]:
        points = _points_by_hand(entry)
        comment = getattr(entry, "manual_comment", None)
        if points is not None or comment:
            given.append((lesson, cell.name, entry.notebook.student.id, points, comment))
        gradebook.db.delete(entry)
    gradebook.db.delete(cell)
    return given


def _points_by_hand(entry):
    """What a person gave in points, extra credit with it; None if that is nothing."""
    points, extra = (getattr(entry, name, None) for name in ("manual_score", "extra_credit"))
    return points if not extra else (points or 0) + extra


def _keep(path, dropped):
    """Add rows to the file, whichever program saved it last."""
    if not dropped:
        return
    before = [*plain_files.table(path.read_bytes())] if path.exists() else []
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*(before or [_COLUMNS]), *dropped])
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, text.getvalue())

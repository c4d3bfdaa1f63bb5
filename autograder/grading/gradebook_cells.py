"""Fit the gradebook to a lesson that has lost or gained exercises while it is being graded.

nbgrader refuses that, and removing the lesson would cost all points that people gave. So cells
come and go here one by one; points given by hand for what goes are kept in a file.
"""

import csv
import io
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry

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
            _add(gradebook, lesson, known, kind, grade_id, cells[grade_id])
    _keep(kept_in, dropped)
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


def _add(gradebook, lesson, notebook, kind, grade_id, facts):
    make = getattr(gradebook, f"update_or_create_{kind}_cell")
    cell = make(grade_id, notebook.name, lesson, **facts)
    for submission in notebook.submissions:
        if kind in _GRADED:
            gradebook.db.add(Grade(cell_id=cell.id, notebook=submission))
        if kind in _COMMENTED:
            gradebook.db.add(Comment(cell_id=cell.id, notebook=submission))


def _remove(gradebook, lesson, cell):
    """Remove a cell, and return what people gave for it."""
    given = []
    for entry in [*getattr(cell, "grades", []), *getattr(cell, "comments", [])]:
        points = getattr(entry, "manual_score", None)
        comment = getattr(entry, "manual_comment", None)
        if points is not None or comment:
            given.append((lesson, cell.name, entry.notebook.student.id, points, comment))
        gradebook.db.delete(entry)
    gradebook.db.delete(cell)
    return given


def _keep(path, dropped):
    if not dropped:
        return
    text = io.StringIO(newline="")
    if not path.exists():
        csv.writer(text).writerow(_COLUMNS)
    csv.writer(text).writerows(dropped)
    before = path.read_text("utf-8") if path.exists() else ""
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, before + text.getvalue())

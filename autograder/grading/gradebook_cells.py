"""Fit the gradebook to a lesson whose notebook or exercises have changed while it is being graded.

nbgrader refuses that, and removing the lesson would cost all points that people gave. So cells
are added and removed here one by one, and a renamed cell keeps what people gave for it. Points
given by hand for a removed cell are kept in a file, and restored if its exercise comes back.
"""

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
    TaskCell,
)

from autograder.course_folder import CourseFolder
from autograder.grading import renamed_exercises, renamed_files
from autograder.grading.results import LessonChanges
from autograder.grading.tables import read_table, write_table
from autograder.nbgrader_metadata import exercise_of
from course.workbook.notebooks import nbgrader_settings

DROPPED = "dropped_scores.csv"
# `points` hold extra credit as well; `manual_score` is empty if a person gave nothing else.
_COLUMNS = ("lesson", "grade_id", "student", "points", "comment", "manual_score")
_GRADED, _COMMENTED = ("grade", "task"), ("solution", "task")  # kinds of cells
_CELLS = {"grade": GradeCell, "solution": SolutionCell, "task": TaskCell, "source": SourceCell}


def fit(gradebook: Gradebook, course: CourseFolder, lesson: str, notebook) -> LessonChanges:
    """Give the gradebook the name and the cells of a lesson's notebook; return what changed.

    Points and comments that people gave for removed cells are added to a file in reports/, before
    the gradebook loses them.
    """
    former_name = _rename_notebook(gradebook, course, lesson)
    name = course.notebook(lesson).stem
    try:
        known = gradebook.find_notebook(name, lesson)
    except MissingEntry:
        return LessonChanges()
    if not known.submissions:
        return LessonChanges(former_name=former_name)
    new_names, grade_ids = _renamed(course, lesson, known, notebook)
    wanted, gone, dropped = _cells_of(notebook), [], []
    new_points = _new_points(known, wanted, grade_ids)
    for kind, cells in wanted.items():
        for cell in _left_out(known, kind, cells, grade_ids):
            # The name of a removed cell may belong to another one by now.
            its_name = f"{cell.name} (dropped)" if cell.name in cells else cell.name
            dropped += _remove(gradebook, lesson, cell, its_name)
            gone += [its_name] if kind in _GRADED else []
        gradebook.db.flush()
        gradebook.db.expire(known)
        _rename(gradebook, known, kind, grade_ids)
        there = {cell.name for cell in getattr(known, f"{kind}_cells")}
        for grade_id in cells.keys() - there:
            # nbgrader's own way would commit before what is dropped is in the file.
            gradebook.db.add(_CELLS[kind](name=grade_id, notebook=known, **cells[grade_id]))
    gradebook.db.flush()
    gradebook.db.expire(known)
    _fill(gradebook, known)
    gradebook.db.flush()
    gradebook.db.expire_all()
    path = course.reports / DROPPED
    kept = _kept(path)
    restored, left = _restore(known, lesson, kept)
    if dropped:
        _write_kept(path, [*kept, *dropped])
    gradebook.db.commit()
    if new_names:
        renamed_files.rename_exercises(course, lesson, name, new_names, grade_ids)
    if restored:
        _write_kept(path, [*left, *dropped])
    return LessonChanges(tuple(gone), new_names, tuple(restored), former_name, new_points)


def fits(gradebook: Gradebook, course: CourseFolder, lesson: str, notebook) -> bool:
    """Return whether the gradebook has a notebook's name and cells, or nothing handed in yet."""
    try:
        notebooks = gradebook.find_assignment(lesson).notebooks
    except MissingEntry:
        return True
    return all(
        known.name == course.notebook(lesson).stem
        and all(
            cells.keys() == {cell.name for cell in getattr(known, f"{kind}_cells")}
            for kind, cells in _cells_of(notebook).items()
        )
        for known in notebooks
        if known.submissions
    )


# New names ----------------------------------------------------------------------------------------


def _rename_notebook(gradebook, course, lesson):
    """Give the only notebook of a lesson its current name; return the former one, or ""."""
    new = course.notebook(lesson).stem
    notebooks = gradebook.find_assignment(lesson).notebooks
    if len(notebooks) != 1 or notebooks[0].name == new:
        return ""
    old = notebooks[0].name
    renamed_files.rename_notebook(course, lesson, old, new)
    notebooks[0].name = new
    gradebook.db.commit()
    return old


def _renamed(course, lesson, known, notebook):
    """The new names of exercises, and the new grade ids of their cells, by the old ones."""
    old, new = renamed_exercises.in_gradebook(known), renamed_exercises.in_notebook(notebook)
    if old.keys() - new.keys() or new.keys() - old.keys():
        graded = renamed_files.graded_notebooks(course, lesson, known.name)
        renamed_exercises.remember(old, graded)
    new_names = renamed_exercises.find(old, new)
    grade_ids = {
        grade_id: new[now].grade_ids[kind]
        for before, now in new_names.items()
        for kind, grade_id in old[before].grade_ids.items()
    }
    return new_names, grade_ids


def _new_points(known, wanted, grade_ids):
    """What exercises were worth, and are worth now, where that has changed."""
    cells = {
        cell.name: cell.max_score for kind in _GRADED for cell in getattr(known, f"{kind}_cells")
    }
    now = {name: facts["max_score"] for kind in _GRADED for name, facts in wanted[kind].items()}
    return {
        exercise_of(name): (before, now[name])
        for name, before in ((grade_ids.get(old, old), points) for old, points in cells.items())
        if now.get(name, before) != before
    }


def _left_out(known, kind, cells, grade_ids):
    """The cells that no longer exist, or whose name another cell has taken."""
    taken = set(grade_ids.values())
    return [
        cell
        for cell in getattr(known, f"{kind}_cells")
        if cell.name not in grade_ids and (cell.name not in cells or cell.name in taken)
    ]


def _rename(gradebook, known, kind, grade_ids):
    """Give cells their new grade ids, using temporary ones first: two may have been swapped."""
    cells = [cell for cell in getattr(known, f"{kind}_cells") if cell.name in grade_ids]
    new = [grade_ids[cell.name] for cell in cells]
    for names in (map("renamed {}".format, range(len(cells))), new):
        for cell, name in zip(cells, names, strict=True):
            cell.name = name
        gradebook.db.flush()


# Cells --------------------------------------------------------------------------------------------


def _cells_of(notebook):
    """The cells by nbgrader's kinds, each with the facts that its table needs."""
    found = {"grade": {}, "solution": {}, "task": {}, "source": {}}
    for cell in notebook.cells:
        settings = nbgrader_settings(cell)
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
    """Give every submission a grade and a comment for each cell for which it has none yet.

    What a person marks waits for that; a test that was not run gives no points.
    """
    by_hand = {cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)}
    tests = {cell.id for cell in notebook.grade_cells if cell.name not in by_hand}
    for entry, kinds in ((Grade, _GRADED), (Comment, _COMMENTED)):
        found = gradebook.db.query(entry.cell_id, entry.notebook_id).join(SubmittedNotebook)
        there = set(map(tuple, found.filter(SubmittedNotebook.notebook_id == notebook.id)))
        cells = [cell.id for kind in kinds for cell in getattr(notebook, f"{kind}_cells")]
        wanted = {(cell, each.id) for cell in cells for each in notebook.submissions}
        for cell, submission in wanted - there:
            facts = {}
            if entry is Grade and cell in tests:
                facts = {"auto_score": 0.0, "needs_manual_grade": False}
            gradebook.db.add(entry(cell_id=cell, notebook_id=submission, **facts))


def _remove(gradebook, lesson, cell, its_name):
    """Remove a cell, and return what people gave for it, under this name."""
    given = []
    for entry in [*getattr(cell, "grades", []), *getattr(cell, "comments", [])]:
        points = _points_by_hand(entry)
        comment = getattr(entry, "manual_comment", None)
        if points is not None or comment:
            manual = getattr(entry, "manual_score", None)
            given.append((lesson, its_name, entry.notebook.student.id, points, comment, manual))
        gradebook.db.delete(entry)
    gradebook.db.delete(cell)
    return given


def _points_by_hand(entry):
    """The points that a person gave, with extra credit; None if nobody gave any."""
    points, extra = (getattr(entry, name, None) for name in ("manual_score", "extra_credit"))
    return points if not extra else (points or 0) + extra


# The file of what is dropped ----------------------------------------------------------------------


def _kept(path) -> list[list[str]]:
    """The rows of the file without its head, whichever program saved it; old rows are extended."""
    if not path.exists():
        return []
    head, rows = read_table(path)
    is_old = _COLUMNS[-1] not in head  # then, all points were plain ones
    full = [[*row, *[""] * len(_COLUMNS)] for row in rows if row]
    return [[*row[:5], row[3] if is_old else row[5]] for row in full]


def _write_kept(path, rows):
    write_table(path, [_COLUMNS, *rows])


def _restore(known, lesson, rows):
    """Restore what the lesson has again; return (exercise, student) pairs, and the rows left."""
    submissions = {each.student.id: each for each in known.submissions}
    restored, left = [], []
    for row in rows:
        its_lesson, name, student = row[:3]
        submission = submissions.get(student) if its_lesson == lesson else None
        if submission and _give_back(submission, name, *row[3:]):
            restored.append((exercise_of(name), student))
        else:
            left.append(row)
    return sorted(set(restored)), left


def _give_back(submission, name, points, comment, manual) -> bool:
    """Enter one row, which has points or a comment, unless there is a value already."""
    exercise = exercise_of(name)
    entries = submission.grades if points else submission.comments
    names = (name, f"check_{exercise}") if points else (name, exercise)
    entry = next((one for wanted in names for one in entries if one.name == wanted), None)
    if entry is None:
        return False
    if not points:
        is_free = not entry.manual_comment
        entry.manual_comment = entry.manual_comment or comment
        return is_free
    try:
        total, given = (float(number.replace(",", ".")) for number in (points, manual or "0"))
    except ValueError:
        return False
    if entry.manual_score is not None or entry.extra_credit:
        return False
    entry.manual_score = given if manual else None
    entry.extra_credit = total - given or None
    entry.needs_manual_grade = False
    return True

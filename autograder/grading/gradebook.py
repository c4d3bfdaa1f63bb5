"""Read and write nbgrader's gradebook, from one process in which no student's code runs."""

import contextlib
import copy
import functools
import logging
import os
import sqlite3
import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy
import sqlalchemy.exc
from nbformat.v4 import new_notebook
from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import SaveCells
from sqlalchemy.orm import selectinload, undefer

from autograder import systems
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook_cells
from autograder.grading.file_modes import keeps_private, narrow_gradebook
from autograder.grading.gradebook_damages import damages, missing_column
from autograder.grading.late_penalty import LatePenalties
from autograder.grading.results import ExerciseResult, LessonChanges, Status
from autograder.messages import _
from autograder.names import composed
from autograder.nbgrader_metadata import checksums_of_answers, exercise_of

NO_RESPONSE = "No response."  # nbgrader's comment on an answer that is as it was handed out
PATIENCE = 60  # seconds for which another program may hold the gradebook
_log = logging.getLogger("autograder")
_locked = set()  # the courses that this process has locked

# nbgrader's own way of adding a submission makes SQLAlchemy warn, to no effect.
warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)


def url(path: Path) -> sqlalchemy.URL:
    """Return the address of a gradebook for SQLAlchemy, whatever characters are in the path."""
    return sqlalchemy.URL.create("sqlite", database=str(path), query={"timeout": str(PATIENCE)})


@contextlib.contextmanager
def clear_errors(course: CourseFolder):
    """Raise CourseError, with a sentence, where the database of a course fails."""
    try:
        yield
    except (sqlalchemy.exc.StatementError, InvalidEntry) as error:
        why, *_more = str(getattr(error, "orig", error)).splitlines()
        raise CourseError(_of_older_nbgrader(course) or _cannot_be_used(course, why)) from error
    except (AttributeError, TypeError, ValueError) as error:
        if said := _of_older_nbgrader(course):
            raise CourseError(said) from error
        if why := next(damages(course.gradebook), ""):
            raise CourseError(_cannot_be_used(course, why)) from error
        raise  # no fault of the gradebook's


def _cannot_be_used(course, reason):
    said = _(
        "The gradebook {path} cannot be used: {reason}. What was written to it before is kept: "
        "fix this, and run the same command again."
    )
    return said.format(path=course.gradebook, reason=reason)


def _of_older_nbgrader(course):
    """A sentence that says how to upgrade the gradebook if an older nbgrader made it, or ""."""
    missing = missing_column(course.gradebook)
    said = _(
        "The gradebook {path} was made by an older nbgrader: it has no {column}. Make a copy of "
        "it, run `nbgrader db upgrade` in the folder of the course, and the same command again."
    )
    return said.format(path=course.gradebook, column=missing) if missing else ""


def is_lost(course: CourseFolder) -> bool:
    """Return whether the gradebook is missing or empty, although earlier runs have results."""
    path = course.gradebook
    has_none = not path.exists() or (path.is_file() and path.stat().st_size == 0)
    return has_none and any((course.root / "autograded").glob("*/*/*.ipynb"))


def _warn_if_lost(course):
    if is_lost(course):
        said = _(
            "There was no gradebook {path}, or it was empty, so a new one is made; but autograded/ "
            "holds earlier results. Points and comments given by hand, due dates and names were "
            "in the old one: if you have a copy, put it back and run the same command again."
        )
        _log.warning("%s", said.format(path=course.gradebook))


@contextlib.contextmanager
def opened(course: CourseFolder):
    """Open the course's gradebook in a block; make it if there is none yet. Raises CourseError."""
    course_id = course.config().CourseDirectory.course_id or "default_course"
    with clear_errors(course):
        _warn_if_lost(course)
        if not course.gradebook.exists():
            _make(course, course_id)
        file = course.gradebook.stat()
        its = course.gradebook, course_id, file.st_ino, file.st_size == 0
        with _gradebook(*its) as gradebook:
            yield gradebook


@functools.lru_cache(4)
def _gradebook(path, course_id, _number, _is_empty):
    """Make nbgrader's object once for each file: it has no open connection while it is closed.

    What stays is how SQLAlchemy compiled each statement, half the time of writing a submission.
    """
    return Gradebook(url(path), course_id)


@contextlib.contextmanager
def opened_to_write(course: CourseFolder):
    """Open the gradebook for writing, once it is certain that it can be written.

    If nbgrader found out that it is not, it would print a traceback.
    """
    with alone(course), opened(course) as gradebook:
        narrow_gradebook(course)
        with gradebook.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.rollback()
        yield gradebook


@keeps_private
def _make(course, course_id):
    """Make the gradebook under another name first, so that it exists completely or not at all."""
    with alone(course):
        if not course.gradebook.exists():
            new = course.gradebook.with_name("gradebook.db.new")
            new.unlink(missing_ok=True)
            new.touch()  # with its mode: SQLite's own would not let a group write
            _note_schema_version(new)
            Gradebook(url(new), course_id).close()
            os.replace(new, course.gradebook)


def _note_schema_version(path):
    """Write nbgrader's schema version into a new gradebook, for `nbgrader db upgrade`.

    nbgrader would do so by another program, which takes seconds to start.
    """
    from alembic.script import ScriptDirectory

    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", [version])


@contextlib.contextmanager
def alone(course: CourseFolder):
    """Wait until no other process that grades this course is writing. Raises CourseError."""
    if course.root in _locked:
        yield
        return
    systems.check_can_grade()
    import fcntl

    with (course.root / ".writing.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _locked.add(course.root)
        try:
            yield
        finally:
            _locked.remove(course.root)


def students(course: CourseFolder) -> list[str]:
    """Return the ids of all students in the gradebook."""
    with opened(course) as gradebook:
        return [student.id for student in gradebook.students]


@dataclass(frozen=True)
class Enrolled:
    """What the gradebook knows of a student; all but the id may be empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""  # the platform's number

    @property
    def name(self) -> str:
        """The name as "Last, First"; the id if it is not known."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.id


def people(course: CourseFolder) -> dict[str, Enrolled]:
    """Return what the gradebook knows of each student, by id.

    That comes from lists, or from `nbgrader db student add` or `import`.
    """
    with opened(course) as gradebook:
        return {
            student.id: Enrolled(
                student.id,
                student.first_name or "",
                student.last_name or "",
                student.email or "",
                student.lms_user_id or "",
            )
            for student in sorted(gradebook.students, key=lambda student: student.id)
        }


def students_with_scores(course: CourseFolder, lesson: str) -> set[str]:
    """Return the ids of the students for whom the gradebook holds scores for a lesson."""
    with opened(course) as gradebook:
        return {submission.student_id for submission in gradebook.assignment_submissions(lesson)}


def add_student(course: CourseFolder, student: str) -> None:
    """Enter a student, unless the gradebook knows them already."""
    with opened_to_write(course) as gradebook:
        gradebook.update_or_create_student(student)


def enter(course: CourseFolder, people: Iterable[Enrolled]) -> None:
    """Enter students, with names and addresses where the gradebook has none.

    A whole name that was entered as a last name is split if the parts are known.
    """
    with opened_to_write(course) as gradebook:
        for student in people:
            entry = gradebook.update_or_create_student(student.id)
            whole = f"{student.first_name} {student.last_name}".split()
            if not entry.first_name and sorted((entry.last_name or "").split()) == sorted(whole):
                entry.last_name = None  # it was the whole name
            entry.first_name = entry.first_name or student.first_name or None
            entry.last_name = entry.last_name or student.last_name or None
            entry.email = entry.email or student.email or None
            entry.lms_user_id = entry.lms_user_id or student.lms_id or None
        gradebook.db.commit()


def remove_student(course: CourseFolder, student: str) -> None:
    """Delete a student with all scores, without traces in the file."""
    with opened_to_write(course) as gradebook:
        gradebook.remove_student(student)
    try:
        with contextlib.closing(sqlite3.connect(course.gradebook, timeout=PATIENCE)) as connection:
            connection.execute("VACUUM")  # else deleted rows would stay until overwritten
    except sqlite3.Error as error:
        said = _(
            "The scores are deleted, but {path} cannot be rewritten ({reason}), so traces stay in "
            "the file. Close whatever else uses it, run `sqlite3 gradebook.db VACUUM`, and the "
            "same command again for the folders."
        )
        raise CourseError(said.format(path=course.gradebook, reason=error)) from error


def due_date(course: CourseFolder, lesson: str) -> datetime | None:
    """Return when a lesson is due (UTC), if the gradebook knows."""
    with opened(course) as gradebook:
        try:
            return gradebook.find_assignment(lesson).duedate
        except MissingEntry:
            return None


@dataclass(frozen=True)
class SubmissionScores:
    """The gradebook's scores for one submission; a person may have changed them."""

    scores: dict[str, float]  # by exercise
    late_penalty: float
    submitted_at: str  # UTC, or empty if it is not known
    by_hand: dict[str, float] = field(default_factory=dict)  # what a person gave
    by_test: dict[str, float] = field(default_factory=dict)  # what the tests gave
    to_mark: frozenset[str] = frozenset()  # exercises that wait for a person
    max_scores: dict[str, float] = field(default_factory=dict)  # what exercises are worth now
    above_maximum: frozenset[str] = frozenset()  # of more points, extra credit not counted


def submission_scores(course: CourseFolder, lesson: str) -> dict[str, SubmissionScores | None]:
    """Return the scores of a lesson by student, None for those who submitted nothing."""
    with opened(course) as gradebook:
        grades = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
        submissions = (
            gradebook.db.query(SubmittedAssignment)
            .join(Assignment)
            .filter(Assignment.name == lesson)
            .options(undefer(SubmittedAssignment.late_submission_penalty))
            .options(grades.joinedload(Grade.cell))
        )
        scores = {submission.student_id: _scores_of(submission) for submission in submissions}
        return {
            student: scores.get(student) for student in sorted(s.id for s in gradebook.students)
        }


def scores_at(address: str, lesson: str, student: str) -> SubmissionScores:
    """Return the scores of one submission in the gradebook at this URL. Raises MissingEntry."""
    with Gradebook(address) as gradebook:
        return _scores_of(gradebook.find_submission(lesson, student))


def _scores_of(submission):
    grades = {
        exercise_of(grade.name): grade
        for notebook in submission.notebooks
        for grade in notebook.grades
    }
    by_person = {name for name, its in grades.items() if its.manual_score is not None}
    when = submission.timestamp
    return SubmissionScores(
        scores={name: grade.score for name, grade in grades.items()},
        late_penalty=submission.late_submission_penalty or 0.0,
        submitted_at=f"{when.isoformat(' ', 'seconds')} UTC" if when else "",
        by_hand={
            name: grade.score
            for name, grade in grades.items()
            if name in by_person or grade.extra_credit
        },
        by_test={
            name: grade.auto_score for name, grade in grades.items() if grade.auto_score is not None
        },
        to_mark=frozenset(
            name
            for name, grade in grades.items()
            if grade.auto_score is None and name not in by_person
        ),
        max_scores={name: grade.cell.max_score for name, grade in grades.items()},
        above_maximum=frozenset(
            name
            for name, grade in grades.items()
            if (grade.auto_score or 0.0 if grade.manual_score is None else grade.manual_score)
            > grade.cell.max_score
        ),
    )


def fits(course: CourseFolder, lesson: str, notebook) -> bool:
    """Return whether nbgrader would accept this notebook; once graded, only with the same cells."""
    with opened(course) as gradebook:
        return gradebook_cells.fits(gradebook, course, lesson, notebook)


def register_lesson(course: CourseFolder, lesson: str, notebook) -> LessonChanges:
    """Enter the lesson, its exercises and their points, like `nbgrader generate_assignment`.

    The notebook may have a new name, and exercises may have been added, removed or renamed:
    returns what changed. What people gave for removed exercises is kept in reports/.
    Raises CourseError.
    """
    with alone(course):
        with opened_to_write(course) as gradebook:
            gradebook.update_or_create_assignment(lesson)
            changes = gradebook_cells.fit(gradebook, course, lesson, notebook)
        try:
            with clear_errors(course):
                SaveCells().preprocess(copy.deepcopy(notebook), _resources(course, lesson))
        except RuntimeError as error:
            raise CourseError(_("nbgrader refuses it: {reason}.").format(reason=error)) from error
    return changes


def write(
    course: CourseFolder,
    lesson: str,
    student: str,
    answers: dict[str, str],
    results: dict[str, ExerciseResult],
    released,
    submitted_at: datetime | None,
) -> None:
    """Write the scores of one submission.

    `answers` are the checksums of its answers, `results` its exercises, `released` the notebook as
    it was handed out, `submitted_at` the time in UTC, or None if it is not known: not late then.
    """
    resources = _resources(course, lesson, student)
    name = resources["nbgrader"]["notebook"]
    with opened_to_write(course) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(lesson, student, timestamp=submitted_at)
        submission = gradebook.find_submission_notebook(name, lesson, student)
        for grade in submission.grades:
            result = results.get(exercise_of(grade.name))
            waits = result is not None and result.status == Status.NEEDS_MARKING
            grade.auto_score = None if waits else result.score if result else 0.0
            # A score that a person gave stays, and is shown for review.
            grade.needs_manual_grade = waits or grade.manual_score is not None
        blank = checksums_of_answers(released)
        for comment in submission.comments:
            same = answers.get(comment.name) == blank.get(comment.name)
            comment.auto_comment = NO_RESPONSE if same else None
        gradebook.db.commit()
        late = _is_or_was_late(gradebook, gradebook.find_submission(lesson, student))
    if late:
        _assign_late_penalties(course, lesson, [student])


def assign_late_penalties(course: CourseFolder, lesson: str, students: Collection[str]) -> None:
    """Write these students' late penalties, by the current due date and rule."""
    with opened(course) as gradebook:
        submissions = gradebook.db.query(SubmittedAssignment).join(Assignment)
        submissions = submissions.options(undefer(SubmittedAssignment.late_submission_penalty))
        late = [
            submission.student_id
            for submission in submissions.filter(Assignment.name == lesson)
            if submission.student_id in students and _is_or_was_late(gradebook, submission)
        ]
    if late:
        _assign_late_penalties(course, lesson, late)


def write_time(
    course: CourseFolder, lesson: str, student: str, submitted_at: datetime | None
) -> None:
    """Write when something was handed in (UTC), and nothing else."""
    with opened_to_write(course) as gradebook:
        gradebook.update_or_create_submission(lesson, student, timestamp=submitted_at)


def write_extensions(course: CourseFolder, lesson: str, due: dict[str, datetime]) -> None:
    """Give students these due dates (UTC, by composed id), and everybody else the common one."""
    of_all = due_date(course, lesson)
    with opened_to_write(course) as gradebook:
        for submission in gradebook.assignment_submissions(lesson):
            own = due.get(composed(submission.student_id))
            submission.extension = own - of_all if own and of_all else None
        gradebook.db.commit()


def _is_or_was_late(gradebook, submission):
    if submission.extension is not None and submission.assignment.duedate is None:
        submission.extension = None  # nbgrader would fail to add it to a due date that is gone
        gradebook.db.commit()
    return submission.total_seconds_late > 0 or submission.late_submission_penalty


def _assign_late_penalties(course, lesson, students):
    """Let nbgrader write the penalties, using the course's plugin.

    Where the lesson's notebook was renamed, they stay as they are until it is graded again.
    """
    config = course.config()
    with alone(course), clear_errors(course):
        for student in students:
            resources = _resources(course, lesson, student)
            with contextlib.suppress(MissingEntry):  # the lesson's notebook has a new name
                LatePenalties(config=config).preprocess(new_notebook(), resources)


def _resources(course, lesson, student="") -> dict:
    return {
        "nbgrader": {
            "student": student,
            "assignment": lesson,
            "notebook": course.notebook(lesson).stem,
            "db_url": url(course.gradebook),
        }
    }

"""Write results into nbgrader's gradebook, from one process in which no student's code runs."""

import contextlib
import copy
import os
import warnings

import sqlalchemy.exc
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import compute_checksum, parse_utc

from autograder import systems
from autograder.course_folder import CourseError, CourseFolder

# nbgrader's own way of adding a submission makes SQLAlchemy warn, to no effect.
warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)


def opened(course: CourseFolder) -> Gradebook:
    """The course's gradebook, as a context; made if there is none yet."""
    course_id = course.config().CourseDirectory.course_id or "default_course"
    path = course.root / "gradebook.db"
    if not path.exists():  # made elsewhere, so that it is there as a whole or not at all
        new = path.with_name("gradebook.db.new")
        new.unlink(missing_ok=True)
        Gradebook(f"sqlite:///{new}", course_id).close()
        os.replace(new, path)
    return Gradebook(course.gradebook_url, course_id)


@contextlib.contextmanager
def alone(course: CourseFolder):
    """Wait until no other process that grades this course is writing. Raises CourseError."""
    if trouble := systems.no_grading():
        raise CourseError(trouble)
    import fcntl

    with (course.root / ".writing.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def students(course: CourseFolder) -> list[str]:
    """The ids of the students that the gradebook knows."""
    with opened(course) as gradebook:
        return [student.id for student in gradebook.students]


def people(course: CourseFolder) -> dict:
    """What the gradebook knows of each student, by id: `name`, `email` and `lms_id`, or empty.

    These come from `nbgrader db student add` or `import`; a name is written as "Last, First".
    """
    with opened(course) as gradebook:
        return {
            student.id: {
                "name": ", ".join(filter(None, (student.last_name, student.first_name)))
                or student.id,
                "email": student.email or "",
                "lms_id": student.lms_user_id or "",
            }
            for student in sorted(gradebook.students, key=lambda student: student.id)
        }


def graded(course: CourseFolder, lesson: str) -> set[str]:
    """The ids of the students of whom the gradebook holds marks for a lesson."""
    with opened(course) as gradebook:
        return {submission.student_id for submission in gradebook.assignment_submissions(lesson)}


def add_student(course: CourseFolder, student: str) -> None:
    """Make a student known, if that is not so yet."""
    with opened(course) as gradebook:
        gradebook.update_or_create_student(student)


def marks(course: CourseFolder, lesson: str) -> dict:
    """The marks of a lesson by student, None for those who submitted nothing."""
    found = {}
    with opened(course) as gradebook:
        for student in sorted(gradebook.students, key=lambda student: student.id):
            try:
                submission = gradebook.find_submission(lesson, student.id)
            except MissingEntry:
                found[student.id] = None
                continue
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            when = submission.timestamp
            found[student.id] = {
                "scores": {grade.name.removeprefix("check_"): grade.score for grade in grades},
                "late_penalty": submission.late_submission_penalty or 0.0,
                "submitted_at": f"{when.isoformat(' ', 'seconds')} UTC" if when else "",
            }
    return found


def register_lesson(course: CourseFolder, lesson: str, notebook) -> None:
    """Make the lesson, its exercises and their points known, as `nbgrader generate_assignment`.

    Raises CourseError if cells came or went although there are submissions.
    """
    with opened(course) as gradebook:
        gradebook.update_or_create_assignment(lesson)
    try:
        SaveCells().preprocess(copy.deepcopy(notebook), _resources(course, lesson))
    except RuntimeError as error:
        raise CourseError(
            f"{error}. Remove the lesson from the gradebook first "
            f"(nbgrader db assignment remove {lesson} --force), then grade with --force."
        ) from error


def write(course: CourseFolder, lesson: str, student: str, graded, results, released, timestamp):
    """Write the marks of one submission.

    `graded` is the notebook that was graded, `results` its exercises, `released` the notebook as
    it was handed out, `timestamp` the text of nbgrader's timestamp.txt or None.
    """
    resources = _resources(course, lesson, student)
    name = resources["nbgrader"]["notebook"]
    when = _when(timestamp)
    with opened(course) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(lesson, student, **when)
        submission = gradebook.find_submission_notebook(name, lesson, student)
        for grade in submission.grades:
            result = results.get(grade.name.removeprefix("check_"))
            grade.auto_score = result["score"] if result else 0.0
            # A mark that a person gave stays, and is shown for review.
            grade.needs_manual_grade = grade.manual_score is not None
        blank = _answers(released)
        answers = _answers(graded)
        for comment in submission.comments:
            same = answers.get(comment.name) == blank.get(comment.name)
            comment.auto_comment = "No response." if same else None
        gradebook.db.commit()
    AssignLatePenalties(config=course.config()).preprocess(graded, resources)


def _when(timestamp):
    """When it was submitted, if that is known: a damaged timestamp.txt stops nobody's marks."""
    try:
        return {"timestamp": parse_utc(timestamp.strip())} if timestamp else {}
    except (ValueError, OverflowError):
        return {}


def _answers(notebook) -> dict:
    """The checksum of each answer cell."""
    return {
        cell.metadata.nbgrader.grade_id: compute_checksum(cell)
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def _resources(course, lesson, student="") -> dict:
    return {
        "nbgrader": {
            "student": student,
            "assignment": lesson,
            "notebook": course.notebook(lesson).stem,
            "db_url": course.gradebook_url,
        }
    }

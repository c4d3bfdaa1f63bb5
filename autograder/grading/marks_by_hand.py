"""What a person gives by hand, in place of the tests or besides: points and comments."""

from collections.abc import Iterable

from nbgrader.api import MissingEntry

from autograder.course_folder import CalledWrongly, CourseError, CourseFolder, of_each
from autograder.grading import gradebook, submissions
from autograder.grading.file_modes import keeps_private
from autograder.grading.points_table import GivenPoints
from autograder.grading.results import ScoreChange
from autograder.messages import _
from autograder.names import shown
from autograder.nbgrader_metadata import exercise_of


def changes_by_points(
    course: CourseFolder, lesson: str, given: Iterable[GivenPoints], extra: bool = False
) -> list[ScoreChange]:
    """Return the changes that these points would make; rows that change nothing are left out.

    More than the maximum is for `extra` credit. Raises CourseError if something cannot be given.
    """
    with gradebook.opened(course) as book:
        return [
            ScoreChange(row.student, row.exercise, grade.score, row.points, grade.manual_score)
            for row, grade in _grades_for(book, course, lesson, given, extra)
            if grade.score != row.points or grade.manual_score is None
        ]


@keeps_private
def give_points(
    course: CourseFolder, lesson: str, given: Iterable[GivenPoints], extra: bool = False
) -> None:
    """Write points and comments like the formgrader, so that grading again leaves them alone.

    Points above the maximum are written as extra credit. Raises CourseError, with nothing written,
    if something cannot be given.
    """
    given = list(given)
    with gradebook.opened_to_write(course) as book:
        for row, grade in _grades_for(book, course, lesson, given, extra):
            most = grade.cell.max_score
            grade.manual_score = min(row.points, most)
            grade.extra_credit = row.points - most if row.points > most else None
            grade.needs_manual_grade = False
        book.db.commit()
    for row in given:
        if row.comment:
            add_comment(course, lesson, row.exercise, [row.student], row.comment)


def _grades_for(book, course, lesson, given, extra):
    """Each row of a table with its entry. Raises CourseError."""
    return of_each(given, lambda row: (row, _grade_for(book, course, lesson, row, extra)))


def _nothing_graded(book, course, lesson, student):
    """Why a student has no entry: there is no such student, or nothing of them is graded."""
    if student not in _everybody(book, course, lesson):
        return submissions.no_such_students([student], course.submissions)
    said = _("{student} has nothing graded in {lesson}: run `autograder grade {lesson}` first.")
    return said.format(student=shown(student), lesson=lesson)


def _everybody(book, course, lesson):
    """All students, whether the gradebook has them or only submitted/."""
    return {one.id for one in book.students} | submissions.students(course.submissions, lesson)


def _grade_for(book, course, lesson, row, extra):
    """The entry for a row of a table; CourseError if there is none, or if it gives too much."""
    facts = {"exercise": row.exercise, "student": shown(row.student), "lesson": lesson}
    try:
        submission = book.find_submission_notebook(
            course.notebook(lesson).stem, lesson, row.student
        )
    except MissingEntry as error:
        raise CourseError(_nothing_graded(book, course, lesson, row.student)) from error
    found = {exercise_of(grade.name): grade for grade in submission.grades}
    commented = {comment.name for comment in submission.comments}
    if row.exercise not in found or (row.comment and row.exercise not in commented):
        said = _("There is no exercise {exercise!r} in {lesson}. The exercises are: {names}.")
        raise CourseError(said.format(**facts, names=", ".join(found)))
    most = found[row.exercise].cell.max_score
    if row.points > most and not extra:
        said = _(
            "{points:g} points for {student} are more than {exercise} is worth, which is {most:g}: "
            "give fewer, or pass --extra for extra credit."
        )
        raise CourseError(said.format(**facts, points=row.points, most=most))
    return found[row.exercise]


@keeps_private
def add_comment(
    course: CourseFolder, lesson: str, exercise: str, students: Iterable[str], text: str
) -> list[str]:
    """Add a comment to an answer of some students, below what a person has written there.

    Returns those who did not have it yet. Raises CourseError, with nothing written, if there is no
    such answer of one of them.
    """
    changed = []
    with gradebook.opened_to_write(course) as book:
        for student, entry in of_each(
            students,
            lambda student: (student, _comment_for(book, course, lesson, exercise, student)),
        ):
            before = (entry.manual_comment or "").replace("\r\n", "\n")
            if f"\n\n{text}\n\n" not in f"\n\n{before}\n\n":
                entry.manual_comment = f"{before}\n\n{text}" if before.strip() else text
                changed.append(student)
        book.db.commit()
    return changed


def _comment_for(book, course, lesson, exercise, student):
    """The entry for comments on an answer of a student; CourseError if there is none."""
    try:
        return book.find_comment(exercise, course.notebook(lesson).stem, lesson, student)
    except MissingEntry as error:
        if student not in {one.id for one in book.students}:
            kind = CourseError if student in _everybody(book, course, lesson) else CalledWrongly
            raise kind(_nothing_graded(book, course, lesson, student)) from error
        said = _("The gradebook has no answer to {exercise!r} by {student} in {lesson}.")
        facts = {"exercise": exercise, "student": shown(student), "lesson": lesson}
        kind = CourseError if _has(book, course, lesson, exercise) else CalledWrongly
        raise kind(said.format(**facts)) from error


def _has(book, course, lesson, exercise):
    """Whether a lesson has an exercise, as far as the gradebook knows the lesson."""
    try:
        notebook = book.find_notebook(course.notebook(lesson).stem, lesson)
    except MissingEntry:
        return True
    return exercise in {cell.name for cell in notebook.solution_cells}

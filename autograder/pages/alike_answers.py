"""Find answers that are equal apart from layout and names: a hint to the instructor, on request."""

from collections import defaultdict
from dataclasses import dataclass

from autograder.building import release
from autograder.course_folder import CourseFolder
from autograder.grading import submissions
from autograder.grading.results import ClassResult
from autograder.nbgrader_metadata import grade_id_of, is_answer
from autograder.pages import normal_form

# How long an answer has to be: shorter ones are the same for everybody.
MIN_NODES = 50  # of the syntax tree, beyond what was given: some three lines
MIN_WORDS = 25
# An answer that more students than this wrote is simply the usual one.
MAX_STUDENTS = 3
MAX_SHARE = 0.1  # in a large class


@dataclass(frozen=True)
class SameAnswer:
    """An answer that several students wrote; the example is the first student's."""

    exercise: str
    students: tuple[str, ...]
    example: str


def is_wanted(course: CourseFolder) -> bool:
    """Return whether the course's settings ask for equal answers: c.Report.alike."""
    return bool(course.config().Report.get("alike", False))


def most_students(results: ClassResult) -> int:
    """Return how many students may have written an answer that is not simply the usual one."""
    return max(MAX_STUDENTS, int(MAX_SHARE * len(results.graded)))


def same_answers(course: CourseFolder, results: ClassResult) -> list[SameAnswer]:
    """Return the long answers that a few students wrote alike, in the order of the lesson."""
    notebook = course.notebook(results.lesson)
    given = {name: _form(cell) for name, cell in _answers(release.release_notebook(notebook))}
    found = {name: defaultdict(list) for name in given}
    for result in results.graded:
        for name, cell in _graded_answers(course, result.student, results.lesson):
            form = _form(cell)
            if form and name in found and _is_long(form, given[name], cell):
                found[name][form.text].append((result.student, cell.source))
    return [
        SameAnswer(name, tuple(student for student, _source in written), written[0][1])
        for name, by_form in found.items()
        for written in by_form.values()
        if 1 < len(written) <= most_students(results)
    ]


def _graded_answers(course, student, lesson):
    """The answers in a graded notebook; none if it is missing or damaged."""
    if not submissions.can_name_a_folder(student):  # the gradebook takes any id
        return []
    path = course.autograded(student, lesson) / course.notebook(lesson).name
    try:
        return list(_answers(release.from_text(path.read_text("utf-8"))))
    except (OSError, ValueError, AttributeError, KeyError):
        return []


def _answers(notebook):
    for cell in notebook.cells:
        if is_answer(cell):
            yield grade_id_of(cell), cell


def _form(cell):
    is_code = cell.cell_type == "code"
    return normal_form.of_code(cell.source) if is_code else normal_form.of_prose(cell.source)


def _is_long(form, given, cell):
    least = MIN_NODES if cell.cell_type == "code" else MIN_WORDS
    return form.size - (given.size if given else 0) >= least

"""Begin a new lesson: a notebook that can be built, handed out and graded as it is."""

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.building import release
from autograder.building.questions import Question, read_questions
from autograder.course_folder import CalledWrongly, CourseError, CourseFolder
from autograder.messages import _
from course.files import write_atomically
from course.messages import speaking

_NAME = re.compile(r"(?P<number>\d\d)-(?P<stem>[a-z0-9]+(-[a-z0-9]+)*)")
_ANSWER = '''def area(width, height):
    """Two numbers -> the area of a rectangle."""
    ### BEGIN SOLUTION
    return width * height
    ### END SOLUTION'''
_TEST = """assert area(2, 3) == 6, "area(2, 3) must be 6"
### BEGIN HIDDEN TESTS
assert area(0.5, 4) == 2, "area must be right for fractions, too"
### END HIDDEN TESTS"""
_POINTS = 3  # for an answer that is marked by hand


def begin_lesson(course: CourseFolder, name: str, asked: str = "") -> Path:
    """Write source/NAME/ and return the path of its notebook. Raises CourseError.

    It holds an exercise of each kind; or, as free texts, the questions to think about of the
    lesson `asked`. Its texts are in the course's language.
    """
    found = _NAME.fullmatch(name)
    if not found:
        said = _(
            "{name!r} cannot be the name of a lesson: expected a two-digit number, a hyphen and "
            "words in lower case, such as 08-mine."
        )
        raise CalledWrongly(said.format(name=name))
    path = course.root / "source" / name / f"{found['stem'].replace('-', '_')}.ipynb"
    if path.parent.exists():
        said = _("{folder} already exists: choose another name, or edit that lesson.")
        raise CourseError(said.format(folder=path.parent))
    taken = [lesson for lesson in course.lessons() if lesson[:2] == found["number"]]
    if taken:
        said = _("{lesson} has the number {number}: choose another one.")
        raise CourseError(said.format(lesson=taken[0], number=found["number"]))
    questions = read_questions(course, asked) if asked else []
    title = found["stem"].replace("-", " ").capitalize()
    with speaking(course.language):
        heading = _("# Lesson {number}: {title}").format(number=int(found["number"]), title=title)
        cells = [new_markdown_cell(heading, id="title")]
        if questions:
            cells += _of_questions(questions, asked, course.notebook(asked).stem)
        else:
            cells += _one_of_each_kind()
    write_atomically(path, release.to_text(_notebook(cells)))
    return path


def _one_of_each_kind() -> list[NotebookNode]:
    solution = {"grade": False, "locked": False, "solution": True, "task": False}
    test = {"grade": True, "locked": True, "solution": False, "task": False, "points": 2}
    told = _("## Exercise 1\n\nWrite `area(width, height)`. For example, `area(2, 3)` is `6`.")
    asked = _("## Exercise 2\n\nIn a sentence or two: why is it a product?")
    cells = [
        new_markdown_cell(told, id="area-task"),
        _marked(new_code_cell(_ANSWER, id="area"), "area", solution),
        _marked(new_code_cell(_TEST, id="check-area"), "check_area", test),
        new_markdown_cell(asked, id="why-a-product-task"),
        _free_text(_("Because …"), "why_a_product"),
    ]
    cells[2].metadata["tags"] = ["raises-exception"]
    return cells


def _of_questions(questions: list[Question], lesson: str, stem: str) -> list[NotebookNode]:
    """A free text for each question; the lesson's answers do not go out to students."""
    said = _(
        "These are the questions at the end of `{lesson}`. Answer each in a few sentences of your "
        "own, where it says YOUR ANSWER HERE."
    )
    cells = [new_markdown_cell(said.format(lesson=lesson), id="questions")]
    of_lesson = re.sub(r"\W+", "_", stem, flags=re.ASCII)[:40]
    for number, (text, answer) in enumerate(questions, start=1):
        heading = _("## Question {number}").format(number=number)
        solution = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells += [
            new_markdown_cell(f"{heading}\n\n{text}", id=f"question-{number}-task"),
            _free_text(solution, f"{of_lesson}_question_{number}".lstrip("_")),
        ]
    return cells


def _notebook(cells) -> NotebookNode:
    metadata = {"kernelspec": release.KERNELSPEC, "language_info": release.LANGUAGE_INFO}
    notebook = new_notebook(cells=cells, metadata=metadata)
    notebook.nbformat_minor = 5
    return notebook


def _free_text(text, grade_id):
    by_hand = {"grade": True, "locked": False, "solution": True, "task": False, "points": _POINTS}
    cell = new_markdown_cell(text, id=grade_id.replace("_", "-"))
    return _marked(cell, grade_id, by_hand)


def _marked(cell, grade_id, settings):
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **settings}
    return cell

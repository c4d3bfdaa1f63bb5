"""Begin a lesson of one's own: a notebook that can be built, handed out and graded as it is."""

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.building import release
from autograder.course_folder import CourseError, CourseFolder
from autograder.messages import _
from course.files import write_atomically

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


def begin_lesson(course: CourseFolder, name: str) -> Path:
    """Write source/NAME/ and return the path of its notebook. Raises CourseError."""
    found = _NAME.fullmatch(name)
    if not found:
        said = _(
            "{name!r} cannot be the name of a lesson: expected a number of two digits, a hyphen "
            "and words in small letters, such as 08-mine."
        )
        raise CourseError(said.format(name=name))
    path = course.root / "source" / name / f"{found['stem'].replace('-', '_')}.ipynb"
    if path.parent.exists():
        said = _("{folder} is there already: choose another name, or edit that.")
        raise CourseError(said.format(folder=path.parent))
    taken = [lesson for lesson in course.lessons() if lesson[:2] == found["number"]]
    if taken:
        said = _("{lesson} has the number {number}: choose another one.")
        raise CourseError(said.format(lesson=taken[0], number=found["number"]))
    title = found["stem"].replace("-", " ").capitalize()
    write_atomically(path, release.to_text(_notebook(int(found["number"]), title)))
    return path


def _notebook(number, title) -> NotebookNode:
    solution = {"grade": False, "locked": False, "solution": True, "task": False}
    test = {"grade": True, "locked": True, "solution": False, "task": False, "points": 2}
    by_hand = {"grade": True, "locked": False, "solution": True, "task": False, "points": 3}
    heading = _("# Lesson {number}: {title}").format(number=number, title=title)
    told = _("## Exercise 1\n\nWrite `area(width, height)`. For example, `area(2, 3)` is `6`.")
    asked = _("## Exercise 2\n\nIn a sentence or two: why is it a product?")
    cells = [
        new_markdown_cell(heading, id="title"),
        new_markdown_cell(told, id="area-task"),
        _marked(new_code_cell(_ANSWER, id="area"), "area", solution),
        _marked(new_code_cell(_TEST, id="check-area"), "check_area", test),
        new_markdown_cell(asked, id="why-a-product-task"),
        _marked(new_markdown_cell(_("Because …"), id="why-a-product"), "why_a_product", by_hand),
    ]
    cells[3].metadata["tags"] = ["raises-exception"]
    metadata = {"kernelspec": release.KERNELSPEC, "language_info": release.LANGUAGE_INFO}
    notebook = new_notebook(cells=cells, metadata=metadata)
    notebook.nbformat_minor = 5
    return notebook


def _marked(cell, grade_id, settings):
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **settings}
    return cell

"""The pages that students get: their marks, no hidden test, nothing that a browser executes."""

import html
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_output

from autograder import build
from autograder.cli import main
from autograder.harmless_outputs import HarmlessOutputs, harmless_html, markdown2html
from autograder.hide_hidden_tests import HideHiddenTests
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, cell_of, submission

pytestmark = [
    pytest.mark.xdist_group("feedback"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

MISCHIEF = """
import base64
from IPython.display import HTML, Javascript, Markdown, SVG, display
evil = "<script>alert('evil')</script>"
print(evil)
display(HTML(evil), Javascript("alert('evil')"), Markdown(evil), SVG(f"<svg>{evil}</svg>"))
display({"image/png": f'x">{evil}<img src="', "text/plain": "a picture"}, raw=True)
"""
QUOTING = "print(In)\nprint(repr(In))"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of which two submissions are graded: one fails the hidden tests, one is nasty."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    released = build.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, double="    return int(2 * a)"))
    nasty = submission(released, double="    return undefined_name")
    nasty.cells[0].source += "\n\n<script>alert('evil')</script> <img src=x onerror=\"evil()\">"
    nasty.cells[1].source += MISCHIEF
    nasty.cells.append(nbformat.v4.new_code_cell(QUOTING))
    nasty.metadata["title"] = "<script>alert('evil')</script>"
    tiny_course.submit(course, "nasty", nasty)
    answer = CliRunner().invoke(main, ["grade", LESSON, "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    return course


def pages(course):
    return {
        student: (course / "feedback" / student / LESSON / "sums.html").read_text()
        for student in ("ada", "nasty")
    }


@pytest.fixture(scope="module", params=["autograder", "nbgrader"])
def written(course, request):
    """The pages as either command writes them."""
    tiny_course.empty(course / "feedback")
    if request.param == "autograder":
        answer = CliRunner().invoke(main, ["feedback", LESSON, "--course", str(course)])
        assert answer.exit_code == 0, answer.output
        assert str(course / "feedback" / "ada" / LESSON / "sums.html") in answer.output
    else:
        command = [Path(sys.executable).parent / "nbgrader", "generate_feedback", LESSON]
        answer = subprocess.run(command, cwd=course, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
    return pages(course)


def text_of(page):
    """What a reader sees of the page, and also what stands in its tags."""
    return html.unescape(re.sub(r"</?span[^>]*>", "", page))


def test_hidden_tests_are_not_in_the_pages(written):
    for page in written.values():
        assert "assert add(1, 2) == 3" in text_of(page)  # the visible part is
        for hidden in ("HIDDEN TESTS", "-7, 0.5", "0.25"):
            assert hidden not in text_of(page)


def test_marks_and_messages_are_in_the_pages(written):
    assert "(Score: 2.0 / 5.0)" in written["ada"]
    assert "secret_of_double" in written["ada"]  # the message of the test that failed
    assert "undefined_name" in written["nasty"]


def test_nothing_of_a_student_is_executed(written):
    page = written["nasty"]
    assert "evil" in page  # shown, as text
    scripts = re.findall(r"<script.*?</script>", page, flags=re.S)
    assert not [script for script in scripts if "evil" in script]
    assert not re.search(r"<[^>]*onerror", page)
    assert "<svg" not in page


def test_nothing_but_pages_is_handed_out(course, written):
    assert [path.name for path in (course / "feedback" / "ada" / LESSON).iterdir()] == ["sums.html"]


def test_without_graded_submissions_there_is_a_clear_error(tmp_path):
    course = tiny_course.make_course(tmp_path)
    answer = CliRunner().invoke(main, ["feedback", LESSON, "--course", str(course)])
    assert answer.exit_code == 1
    assert f"autograder grade {LESSON}" in answer.output


# The two filters by themselves --------------------------------------------------------------------


def hidden_from(*outputs):
    """These outputs of a test cell, as a student may see them."""
    notebook = tiny_course.source_notebook()
    cell_of(notebook, "check_add").outputs = list(outputs)
    notebook, _ = HideHiddenTests().preprocess(notebook, {})
    return cell_of(notebook, "check_add").outputs


def test_a_traceback_that_quotes_a_hidden_test_is_shortened():
    line = "assert \x1b[0madd(-7, \x1b[32m0.5) == -6.5, 'not right for fractions'"
    (output,) = hidden_from(new_output("error", ename="E", evalue="why", traceback=["a", line]))
    assert output.traceback == ["E: why"]


def test_a_traceback_that_quotes_none_stays():
    (output,) = hidden_from(new_output("error", ename="E", evalue="why", traceback=["a", "b"]))
    assert output.traceback == ["a", "b"]


def test_a_hidden_region_without_an_end_takes_the_rest():
    notebook = tiny_course.source_notebook()
    cell = cell_of(notebook, "check_add")
    cell.source = cell.source.replace("### END HIDDEN TESTS", "")
    HideHiddenTests().preprocess(notebook, {})
    assert cell.source == "assert add(1, 2) == 3, 'add(1, 2) must be 3'"


def test_pictures_stay_and_other_forms_go():
    notebook = tiny_course.source_notebook()
    notebook.cells[1].outputs = [
        new_output("display_data", {"image/png": "iVBORw0K\n", "image/svg+xml": "<svg/>"}),
        new_output("display_data", {"image/svg+xml": "<svg/>"}),
    ]
    HarmlessOutputs().preprocess(notebook, {})
    first, second = notebook.cells[1].outputs
    assert first.data == {"image/png": "iVBORw0K"}
    assert list(second.data) == ["text/plain"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<img src="data:image/png;base64,iVBORw0K" alt="a 7" width="60">', True),
        ("<table><tr><td>1</td></tr></table>", True),
        ("<style>p { color: red }</style>", ""),
        ("<b onclick='evil()'>x</b>", "<b>x</b>"),
        ('<img src="https://example.org/seen.png">', "<img>"),
        ('<img src="//example.org/seen.png">', "<img>"),
        ('<img src="data:image/svg+xml;base64,iVBORw0K">', "<img>"),
        ('<a href="data:text/html,evil">x</a>', "<a>x</a>"),
        ('<iframe src="https://example.org"></iframe>', ""),
    ],
)
def test_html_outputs_are_cleaned(text, kept):
    cleaned = harmless_html(text).replace("<tbody>", "").replace("</tbody>", "")
    assert cleaned == (text if kept is True else kept)


def test_a_picture_of_the_course_stays():
    from matplotlib.figure import Figure

    from course.pictures.picture import Picture

    data = Picture(Figure(figsize=(1, 1)), "an empty square")._repr_mimebundle_()
    assert harmless_html(data["text/html"]) == data["text/html"]


def test_markdown_keeps_what_prose_needs():
    shown = markdown2html(
        "# Title\n\n`a < b` and $x < y$\n\n<details><summary>Hint</summary>yes</details>\n\n"
        "[bad](javascript:evil())\n"
    )
    assert "<h1" in shown
    assert "<details><summary>Hint</summary>" in shown
    assert "javascript:" not in re.sub(r">[^<]*<", "><", shown)

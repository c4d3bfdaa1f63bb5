"""Answers that are the same apart from layout and names: in the instructor's report alone."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from autograder.building import release
from autograder.cli import main
from autograder.pages import normal_form
from tests import tiny_course
from tests.conftest import ROOT
from tests.tiny_course import LESSON, NAME, submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

LONG = """    total = 0  # so far
    a, b = b, a
    for part in [a, b, 0, 0.0]:
        if part:
            total = total + part
        else:
            total = total + 0
    return total if total else sum([0, 0])"""
RENAMED = LONG.replace("total", "s").replace("part", "x").replace("  # so far", "\n\n")
OTHER = LONG.replace("sum([0, 0])", "sum([0, 1])")


@pytest.mark.parametrize(("one", "other", "is_same"), [
    ("def f(a):\n    'Why.'\n    b = a\n    return b", "def f(x): # !\n  y = x\n  return y", True),
    ("def f(a):\n    b = a\n    return b", "def f(a):\n    b = a\n    return a", False),
    ("def f(a): return g(a)", "def f(a): return h(a)", False),  # other functions
    ("def f(a): return a.b", "def f(a): return a.c", False),
    ("def f(a): return 1", "def g(a): return 1", False),
    ("def f(a):\n    global n\n    n = a", "def f(b):\n    global m\n    m = b", False),
    ("def f(a):\n    def g(b): return a + b\n    return g",
     "def f(x):\n    def h(y): return x + y\n    return h", True),
    ("f = lambda a: [b for b in a]", "f = lambda x: [y for y in x]", True),
    ("class F:\n    def g(self): return self.a", "class F:\n    def g(me): return me.a", True),
    ("try: f()\nexcept E: pass", "try: f()\nexcept E as e: pass", False),
    ("rate = 0.1", "speed = 0.1", False),  # names that other cells use
])  # fmt: skip
def test_layout_comments_and_local_names_make_no_difference(one, other, is_same):
    assert (normal_form.of_code(one) == normal_form.of_code(other)) is is_same


@pytest.mark.parametrize("text", ["def f(:", "x" * 200_000, "(" * 5_000, "-" * 50_000 + "1", "\0"])
def test_what_cannot_be_read_has_no_form(text):
    assert normal_form.of_code(text) is None


DOUBTED = r"""
from autograder.grading import code_text
from autograder.pages import normal_form
text = 'def f():\n    "$\\sigma$"\n    return 1'
assert set(code_text.read(text).definitions) == {"f"}
assert normal_form.of_code(text)
"""


def test_nothing_is_said_of_texts_that_python_doubts():
    doubts = ("-W", "always::SyntaxWarning", "-W", "always::DeprecationWarning")
    said = subprocess.run(
        [sys.executable, *doubts, "-c", DOUBTED], cwd=ROOT, capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")


@pytest.fixture
def report(tmp_path):
    """Grade these answers to `add` and return the text of the report, and that of all pages."""
    course = tiny_course.make_course(
        tmp_path, tiny_course.with_free_text(tiny_course.source_notebook())
    )
    released = release.release_notebook(course / "source" / LESSON / NAME)

    def write(answers, *options, settings="", text=None):
        for student, body in answers.items():
            notebook = submission(released, add=body)
            tiny_course.cell_of(notebook, "why").source = text or f"I am {student}. " + "Why? " * 30
            tiny_course.submit(course, student, notebook)
        (course / "course_settings.py").write_text(f"c = get_config()\n{settings}\n")
        with tiny_course.quick_worker():
            for command in (["grade", LESSON, "--jobs", "1"], ["feedback", LESSON]):
                CliRunner().invoke(main, [*command, "--course", str(course)])
        answer = CliRunner().invoke(main, ["report", LESSON, *options, "--course", str(course)])
        assert answer.exit_code == 0, answer.output
        pages = "".join(path.read_text() for path in (course / "feedback").rglob("*.html"))
        return (course / "reports" / f"{LESSON}.html").read_text(), pages

    return write


THREE = {"ada": LONG, "bob": RENAMED, "eve": OTHER}


def found(text):
    """Who wrote the same, by the lines of the report's list."""
    start = text.index('id="same"')
    items = text[start : text.index('id="time"')].split("<li>")[1:]
    return [[name for name in "abcdefgh" if f"<bdi>{name}" in item] for item in items]


@pytest.mark.slow
def test_nobody_is_compared_unless_the_instructor_asks(report):
    text, pages = report(THREE)
    assert 'id="same"' not in text
    text, pages = report(THREE, "--alike")
    assert found(text) == [["a", "b"]]
    assert "may be good reasons" in text
    text, _pages = report(THREE, settings="c.Report.alike = True")
    assert found(text) == [["a", "b"]]
    assert pages
    assert "good reasons" not in pages


@pytest.mark.slow
def test_short_blank_and_usual_answers_are_left_out(report):
    short = {"ada": "    return a + b", "bob": "    return a + b", "eve": None, "fay": None}
    text, _pages = report(short, "--alike")
    assert "There are none." in text
    usual = dict.fromkeys(["ada", "bob", "eve", "fay"], LONG)  # of four students, all
    text, _pages = report(usual, "--alike")
    assert "There are none." in text


@pytest.mark.slow
def test_a_text_is_compared_by_its_words(report):
    text, _pages = report({"ada": None, "bob": None}, "--alike", text="Because of <b>. \n" * 10)
    assert found(text) == [["a", "b"]]
    assert "Because of &lt;b&gt;" in text

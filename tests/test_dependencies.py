"""A lesson is graded anew when its own checks change, and not when those of another lesson do."""

import ast
import json
from pathlib import Path

import pytest

from autograder.grading import dependencies

ROOT = Path(__file__).parent.parent
ALL = {f"0{number}" for number in range(8)}
SOURCES = {path.parent.name: path for path in (ROOT / "source").glob("*/*.ipynb")}


@pytest.fixture(scope="module")
def code():
    """The cells of code of each lesson."""
    return {
        lesson: [
            "".join(cell["source"])
            for cell in json.loads(path.read_text())["cells"]
            if cell["cell_type"] == "code"
        ]
        for lesson, path in SOURCES.items()
    }


@pytest.fixture(scope="module")
def versions(code):
    return {lesson: dependencies.version_for(cells) for lesson, cells in code.items()}


@pytest.fixture
def edited(monkeypatch):
    """A function that makes a file read as if somebody had edited it."""
    read = dependencies.read_source

    def edit(name):
        path = ROOT / name
        assert path.is_file(), name
        monkeypatch.setattr(
            dependencies,
            "read_source",
            lambda one: read(one)._replace(digest=b"edited") if one == path else read(one),
        )

    return edit


@pytest.mark.parametrize(("name", "stale"), [
    ("course/check/lesson_04_backpropagation/dense_backward.py", {"04"}),
    ("autograder/exam/lesson_06_convolution.py", {"06"}),
    ("autograder/exam/hidden_digits.npz", {"06"}),
    ("course/pictures/lesson_02_gradient_descent.py", {"02"}),
    ("course/clinic.py", {"07"}),
    ("course/check/engine/comparison.py", ALL),
    ("autograder/grading/verdict.py", ALL),
    ("autograder/building/release.py", ALL),  # which reads the notebook that is placed and run
    ("autograder/pages/class_report.py", set()),
    ("course/workbook/progress.py", set()),
])  # fmt: skip
def test_which_lessons_a_change_makes_stale(code, versions, edited, name, stale):
    version_of_all = dependencies.version_of_all()
    edited(name)
    if stale:  # a worker whose files differ is noticed, whichever lesson it grades
        assert dependencies.version_of_all() != version_of_all
    changed = {
        one for one, cells in code.items() if dependencies.version_for(cells) != versions[one]
    }
    assert {lesson[:2] for lesson in changed} == stale


def test_a_check_that_a_lesson_borrows_counts_too(edited):
    cell = "softmax = check.or_reference(softmax=softmax)\n%time train()\ncheck.train(train)"
    before = dependencies.version_for([cell])
    edited("course/check/references/lesson_01_softmax.py")
    assert dependencies.version_for([cell]) != before


def test_packages_of_the_course_count_for_a_lesson_that_imports_them(tmp_path):
    (tmp_path / "tools").mkdir()
    code = {"uses": ["from tools.plots import draw"], "does not": ["import toolbox"]}

    def versions(text):
        (tmp_path / "tools" / "plots.py").write_text(text)
        (tmp_path / ".git").mkdir(exist_ok=True)
        (tmp_path / ".git" / "index").write_text(text)  # which any command of git writes anew
        return {
            lesson: dependencies.version_of_packages(cells, [str(tmp_path)])
            for lesson, cells in code.items()
        }

    before, after = versions("draw = 1"), versions("draw = 2")
    (tmp_path / ".git" / "index").write_text("fetched")
    assert dependencies.version_of_packages(code["uses"], [str(tmp_path)]) == after["uses"]
    assert [lesson for lesson in code if before[lesson] != after[lesson]] == ["uses"]


def test_plain_asserts_depend_on_the_grader_alone(edited):
    before = dependencies.version_for(["assert add(1, 2) == 3"])
    edited("course/check/lesson_01_softmax/softmax.py")
    assert dependencies.version_for(["assert add(1, 2) == 3"]) == before
    edited("course/check/engine/failures.py")
    assert dependencies.version_for(["assert add(1, 2) == 3"]) != before


@pytest.mark.slow
def test_every_import_of_a_file_is_found_without_parsing_all_of_it():
    for folder in ("autograder", "course"):
        for path in (Path(__file__).parents[1] / folder).rglob("*.py"):
            text = path.read_text()
            parsed = ast.parse(text)
            expected = {
                *(one.module for one in ast.walk(parsed) if isinstance(one, ast.ImportFrom)),
                *(
                    alias.name
                    for one in ast.walk(parsed)
                    if isinstance(one, ast.Import)
                    for alias in one.names
                ),
            }
            of_project = {
                name for name in expected if name and name.split(".")[0] in ("autograder", "course")
            }
            assert of_project <= dependencies.imports_in(text), path

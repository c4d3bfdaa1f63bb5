"""A class in two languages: each submission is answered in its own; one gradebook takes both."""

import json
import re

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import course_folder
from autograder.building import release, translation
from autograder.cli import main
from autograder.grading import class_results
from autograder.pages import class_report
from autograder.pages.harmless_outputs import HarmlessOutputs
from autograder.pages.hide_hidden_tests import without_hidden
from course.messages import speaking
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, answer, grade_id

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("languages_in_grading"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

RIGHT = {
    "steps_per_epoch": ("n, b", "-(-n // b)"),
    "weighted_sums": ("X, W, b", "X @ W + b"),
    "softmax": ("logits", "np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)"),
    "accuracy": ("Y, labels", "np.mean(np.argmax(Y, axis=1) == labels)"),
}
WRONG = {
    "steps_per_epoch": "n // b",
    "weighted_sums": "X @ W",
    "softmax": "np.exp(logits) / np.sum(np.exp(logits))",
}
HINTS = {"steps_per_epoch": "leftover", "weighted_sums": "no-bias", "softmax": "whole-batch"}


def source_notebook():
    """Exercises of the course that need no TensorFlow."""
    cells = [
        new_markdown_cell("# Layers", id="title"),
        new_code_cell("import numpy as np\nfrom course import check", id="set-up"),
    ]
    for name, (arguments, right) in RIGHT.items():
        solution = f"    ### BEGIN SOLUTION\n    return {right}\n    ### END SOLUTION"
        cells.append(answer(name, f'def {name}({arguments}):\n    """Return it."""\n{solution}'))
        cells.append(tiny_course.test_cell(f"check_{name}", f"check.{name}({name})", 1))
    notebook = new_notebook(cells=cells)
    notebook.nbformat_minor = 5
    return notebook


def handed_in(course, language):
    """What is handed out in a language, with three wrong answers and a right one."""
    path = course.release(language) / LESSON / NAME
    notebook = release.from_text(path.read_text(encoding="utf-8"))
    for cell in notebook.cells:
        if (name := grade_id(cell)) in RIGHT:
            code = f"return {WRONG.get(name, RIGHT[name][1])}"
            cell.source = cell.source.replace("raise NotImplementedError()", code)
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course that was graded: somebody worked in English, somebody in Chinese."""
    folder = tiny_course.make_course(
        tmp_path_factory.mktemp("course"), source_notebook(), cell_timeout=60
    )
    course = course_folder.find(folder)
    catalogue = translation.read_catalogue(folder / "translations" / "zh_CN" / f"{LESSON}.po")
    catalogue.add("# Layers", "# 层", context="title")
    catalogue.add("Return it.", "返回结果。", context="weighted-sums")
    translation.write_catalogue(folder / "translations" / "zh_CN" / f"{LESSON}.po", catalogue)
    release.build(course, LESSON)
    tiny_course.submit(folder, "ada", handed_in(course, "en"))
    tiny_course.submit(folder, "ming", handed_in(course, "zh_CN"))
    # Some programs keep nothing of a notebook but its cells.
    bare = handed_in(course, "zh_CN")
    del bare.metadata["course"]
    tiny_course.submit(folder, "bare", bare)
    for command in ("grade", "feedback"):
        done = CliRunner().invoke(main, [command, LESSON, "--course", str(folder)])
        assert done.exit_code == 0, done.output
    return course


@pytest.fixture(scope="module")
def results(course):
    return {result.student: result for result in class_results.results(course, LESSON)}


def page_of(course, student):
    page = course.feedback(student, LESSON) / f"{NAME.removesuffix('.ipynb')}.html"
    return page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_translated_notebook_differs_in_its_texts_alone(course):
    english = release.from_text((course.release("en") / LESSON / NAME).read_text("utf-8"))
    chinese = release.from_text((course.release("zh_CN") / LESSON / NAME).read_text("utf-8"))
    assert chinese.metadata.course.language == "zh_CN"
    assert [cell.id for cell in chinese.cells] == [cell.id for cell in english.cells]
    texts = {cell.id: cell.source for cell in chinese.cells}
    assert texts["title"] == "# 层"
    assert texts["set-up"].startswith('import course\n\ncourse.use_language("zh_CN")\n')
    assert texts["weighted-sums"].startswith('def weighted_sums(X, W, b):\n    """返回结果。"""\n')
    assert '"""Return it."""' in texts["accuracy"]  # which nobody has translated


@pytest.mark.parametrize("student", ["ada", "ming", "bare"])
def test_points_and_hints_are_the_same_in_every_language(results, student):
    result = results[student]
    assert result.score == 1
    hints = {name: its.failure.hint_id for name, its in result.exercises.items() if its.failure}
    assert hints == {name: f"{name}/{hint}" for name, hint in HINTS.items()}


def test_each_submission_is_answered_in_its_language(results):
    assert {name: result.language for name, result in results.items()} == {
        "ada": "en",
        "ming": "zh_CN",
        "bare": "zh_CN",
    }
    english, chinese = (
        results[name].exercises["weighted_sums"].failure for name in ("ada", "ming")
    )
    assert english.demand == english.english == chinese.english
    for text in (chinese.demand, chinese.hint):
        assert re.search("[一-鿿]", text)


def test_a_page_is_in_the_language_of_its_notebook(course):
    english, chinese = page_of(course, "ada"), page_of(course, "ming")
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in chinese
    assert not re.search("[一-鿿]", english)
    assert "<h1>层</h1>" in chinese
    words = re.sub("<style>.*?</style>|<pre>.*?</pre>|<[^>]*>", " ", chinese, flags=re.DOTALL)
    assert "1 of 4" in english
    for left_over in ("not right yet", "solved", "exercise", "Hint", "points", "Your"):
        assert left_over not in words


def test_what_stands_in_the_place_of_an_output_is_in_the_language_of_the_page():
    widget = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})
    notebook = new_notebook(cells=[new_code_cell(outputs=[widget])])
    with speaking("zh_CN"):
        HarmlessOutputs().preprocess(notebook, {})
        for said in (widget.data["text/plain"], without_hidden("assert secret", {"secret"})):
            assert re.search("[\u4e00-\u9fff]", said)


def test_a_report_counts_a_mistake_once_whatever_its_language(course):
    found = class_results.results(course, LESSON)
    with speaking("en"):
        assert class_report.page(found).count("<b>3") == len(WRONG)


def test_the_json_says_the_language(course, tmp_path):
    path = tmp_path / "results.json"
    command = ["grade", LESSON, "--course", str(course.root), "--json", str(path)]
    assert CliRunner().invoke(main, command).exit_code == 0
    languages = {one["student"]: one["language"] for one in json.loads(path.read_text("utf-8"))}
    assert languages == {"ada": "en", "bare": "zh_CN", "ming": "zh_CN"}

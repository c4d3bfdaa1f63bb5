"""Every lesson, executed: the blank form runs through and scores 0, the source scores 100%.

Both in Chinese: its code is the same by a test. Where all cases run (`COURSE_TEST_ATTEMPTS=all`,
each week), both do so in both languages; elsewhere than in .ci/run, one lesson in each language.
"""

import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from autograder import course_folder
from autograder.building.release import editions, release_notebook, to_text
from autograder.building.translation import read_source
from course import check
from tests.conftest import ALL, STRICT, tried
from tests.solved_lessons import in_brief

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "source").glob("*/*.ipynb"))
LESSONS = [path.parent.name for path in SOURCES]
REPETITIONS = int(os.environ.get("COURSE_TEST_REPETITIONS", 10 if ALL else 1))

pytestmark = pytest.mark.timeout(1200)  # a lesson trains networks, on whatever machine this is

every_lesson = pytest.mark.parametrize("lesson", LESSONS)

FORMS = tried([f"{lesson} zh_CN" for lesson in LESSONS], rarer=1 if STRICT else 8)
if ALL or not STRICT:
    FORMS += tried([f"{lesson} en" for lesson in LESSONS], rarer=64)
each_form = pytest.mark.parametrize(
    ("lesson", "language"), [form.split() for form in FORMS], ids=FORMS
)

COURSE = course_folder.find(ROOT)

MAKES_AN_ANSWER = {"train-challenger"}  # a given cell that trains the network to be handed in
FEWER_POINTS = set() if ALL else {"challenge"}  # for a network that was trained in brief


def source(lesson, language="en"):
    path = SOURCES[LESSONS.index(lesson)]
    notebook = read_source(path, editions(COURSE, path)[language])
    return nbformat.reads(json.dumps(notebook), as_version=4)


def released(lesson, language="en"):
    (path,) = (COURSE.release(language) / lesson).glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def exercises(lesson):
    module = "lesson_" + lesson.replace("-", "_")
    return check.LESSONS[module]


def is_test(cell):
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def execute(notebook, folder):
    """Run a notebook as Run All does; an error in a cell not tagged for it is an error here."""
    client = NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return notebook


def scores(cells):
    """What nbgrader gives for each test: the name of its exercise, the score, and the most."""
    return [
        (cell.metadata.nbgrader.grade_id.removeprefix("check_"), *determine_grade(cell))
        for cell in cells
        if is_test(cell)
    ]


@each_form
def test_the_blank_notebook_scores_nothing_and_the_source_everything(lesson, language, tmp_path):
    """One below the other in one kernel, which loads TensorFlow once.

    The source's test cells stand there several times: so a check that sometimes fails is found.
    Its given cells, which have just run, run once more each week only.
    """
    notebook = in_brief(released(lesson, language), part=1_000)
    blank, solved = notebook.cells, []
    for cell in in_brief(source(lesson, language)).cells:
        if ALL or "nbgrader" in cell.metadata or cell.id in MAKES_AN_ANSWER:
            for number in range(REPETITIONS if is_test(cell) else 1):
                again = nbformat.from_dict(cell)
                again.id = f"{cell.id}-solved-{number}"
                solved.append(again)
    between = [nbformat.v4.new_code_cell("%reset -f")] if ALL else []
    status = nbformat.v4.new_code_cell("print(open('/proc/self/status').read())")
    notebook.cells = [*blank, *between, *solved, status]
    execute(notebook, tmp_path)
    assert [name for name, *_ in scores(blank)] == list(exercises(lesson))
    assert all(score == 0 and most > 0 for _, score, most in scores(blank)), scores(blank)
    assert len(scores(solved)) == REPETITIONS * len(exercises(lesson))
    enough = [
        score == most or (name in FEWER_POINTS and score > 0)
        for name, score, most in scores(solved)
    ]
    assert all(enough), scores(solved)
    assert standard_error(notebook) == []
    assert all('alt=""' not in html for html in pictures(notebook))
    assert all("alt=" in html for html in pictures(notebook))
    peak = re.search(r"VmHWM:\s*(\d+) kB", status.outputs[0].text)[1]
    assert int(peak) < 1_500_000, "too much for a machine of 2 GB"


def standard_error(notebook):
    return [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


def pictures(notebook):
    """The images that a notebook shows, as HTML; a PNG has no text alternative in JupyterLab."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            assert "image/png" not in data or "text/html" in data, cell.id
            if "<img" in data.get("text/html", ""):
                found.append(data["text/html"])
    return found


@every_lesson
def test_the_release_is_in_step_with_the_source(lesson):
    path = SOURCES[LESSONS.index(lesson)]
    committed = (ROOT / "release" / lesson / path.name).read_text()
    assert to_text(release_notebook(path)) == committed, "run `make release`"


@every_lesson
def test_every_exercise_has_its_answer_and_its_test(lesson):
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in source(lesson).cells
        if "nbgrader" in cell.metadata
    }
    assert set(cells) == {*exercises(lesson), *(f"check_{name}" for name in exercises(lesson))}
    for name in exercises(lesson):
        test = cells[f"check_{name}"]
        assert test.source.splitlines()[0] == f"check.{name}({name})"
        assert f"exam.{name}({name})" in test.source
        assert "raises-exception" in test.metadata.tags
        assert cells[name].metadata.nbgrader.solution

"""Accidents that befall real lessons, graded by the command: every point is given, and it is said.

The cells that only show something are left out, which saves time, and is an accident itself.
"""

import copy
import html
import json
import shutil

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.cli import main
from tests.conftest import ROOT, tried
from tests.solved_lessons import released, solved
from tests.tiny_course import grade_id

pytestmark = [
    pytest.mark.xdist_group("accidents"),  # a whole class in one fixture
    pytest.mark.timeout(1500),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

LESSONS = ("01-softmax", "02-gradient-descent", "03-multiple-layers")


def short(notebook):
    """The set-up, the exercises and the text."""
    first = set_up(notebook)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell is first or grade_id(cell) or cell.cell_type == "markdown"
    ]
    return notebook


def set_up(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


# The accidents: each changes a short notebook and returns it; what the note on it begins with. ----


def a_missing_package(notebook):
    set_up(notebook).source = f"import seaborn as sns\n{set_up(notebook).source}"
    return notebook


def a_front_end_that_is_not_there(notebook):
    set_up(notebook).source = f"%matplotlib widget\n{set_up(notebook).source}"
    return notebook


def a_hosted_set_up(notebook):
    lines = "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive\n"
    set_up(notebook).source = lines + set_up(notebook).source
    return notebook


def no_set_up(notebook):
    notebook.cells.remove(set_up(notebook))
    return notebook


def an_empty_set_up(notebook):
    set_up(notebook).source = ""
    return notebook


def a_set_up_of_comments(notebook):
    lines = set_up(notebook).source.splitlines()
    set_up(notebook).source = "\n".join(f"# {line}" for line in lines)
    return notebook


def a_set_up_as_text(notebook):
    cell = set_up(notebook)
    at = notebook.cells.index(cell)
    notebook.cells[at] = new_markdown_cell(cell.source, id=cell.id)
    return notebook


def a_set_up_at_the_end(notebook):
    cell = set_up(notebook)
    notebook.cells.remove(cell)
    notebook.cells.append(cell)
    return notebook


def half_a_set_up(notebook):
    set_up(notebook).source = "\n".join(set_up(notebook).source.splitlines()[:2])
    return notebook


def a_set_up_with_a_slip(notebook):
    set_up(notebook).source = set_up(notebook).source.replace("import numpy as np", "import nunpy")
    return notebook


def a_broken_set_up(notebook):
    set_up(notebook).source = set_up(notebook).source.replace("import", "imports")
    return notebook


def lost_grade_ids(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def hosted(notebook):
    for number, cell in enumerate(lost_grade_ids(notebook).cells):
        cell.id = f"Hosted_{number}"
        cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
    return notebook


def lost_grade_ids_and_tests(notebook):
    notebook.cells = [c for c in notebook.cells if not (grade_id(c) or "").startswith("check_")]
    return hosted(notebook)


def lost_grade_ids_and_set_up(notebook):
    return hosted(no_set_up(notebook))


def all_in_one_cell(notebook):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return new_notebook(cells=[new_code_cell("\n\n".join(code))], metadata=notebook.metadata)


def answers_in_one_cell(notebook):
    answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    first, *others = answers
    first.source = "\n\n".join(cell.source for cell in answers)
    notebook.cells = [cell for cell in notebook.cells if not any(cell is one for one in others)]
    return notebook


def answers_in_new_cells_at_the_end(notebook):
    """The cells that were meant for them are as they were handed out."""
    blank = {grade_id(cell): cell.source for cell in released(notebook.lesson).cells}
    for cell in list(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            notebook.cells.append(new_code_cell(cell.source))
            cell.source = blank[grade_id(cell)]
    return notebook


def marks_of_answers_turned_round(notebook):
    answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    marks = [cell.metadata for cell in answers]
    for cell, metadata in zip(answers, reversed(marks), strict=True):
        cell.metadata = metadata
    return notebook


def answers_as_text(notebook):
    for at, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            notebook.cells[at] = new_markdown_cell(cell.source, metadata=cell.metadata, id=cell.id)
    return notebook


def text_as_code(notebook):
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            notebook.cells[at] = new_code_cell(cell.source, id=cell.id)
    return notebook


def in_reverse_order(notebook):
    notebook.cells.reverse()
    return notebook


def as_an_unmarked_script_in_pieces(notebook):
    """Each statement of the code in a cell of its own."""
    import ast

    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            for node in ast.parse(cell.source).body:
                start = min(part.lineno for part in (node, *getattr(node, "decorator_list", [])))
                cells.append(new_code_cell("\n".join(lines[start - 1 : node.end_lineno])))
    return new_notebook(cells=cells, metadata=notebook.metadata)


def a_reset_halfway(notebook):
    notebook.cells.insert(len(notebook.cells) // 2, new_code_cell("%reset -f"))
    return notebook


def results_named_like_functions(notebook):
    """Above the last answer, the functions of the others are gone: `accuracy = accuracy(…)`."""
    marked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    *others, last = marked
    names = [grade_id(cell) for cell in others]
    notebook.cells.insert(
        notebook.cells.index(last), new_code_cell("\n".join(f"{name} = 0.97" for name in names))
    )
    return notebook


def another_precision(notebook):
    policy = "import keras\nkeras.mixed_precision.set_global_policy('mixed_float16')"
    notebook.cells.insert(notebook.cells.index(set_up(notebook)) + 1, new_code_cell(policy))
    return notebook


_STOPPED = "The cell “"
_OWN = "The lesson's cell “from course import"
_BY_NAME = "The answers to these exercises were found in other cells than their own: "
ACCIDENTS = {
    a_missing_package: _STOPPED,
    a_front_end_that_is_not_there: "",  # which is passed over
    a_hosted_set_up: _STOPPED,
    no_set_up: _OWN,
    an_empty_set_up: _OWN,
    a_set_up_of_comments: _OWN,
    a_set_up_as_text: "The cell “from course import",
    a_set_up_at_the_end: _OWN,
    half_a_set_up: _OWN,
    a_set_up_with_a_slip: _OWN,
    a_broken_set_up: _OWN,
    lost_grade_ids: "These answers had lost their grade ids, and were found by their cell ids: ",
    hosted: _BY_NAME,
    lost_grade_ids_and_tests: _BY_NAME,
    lost_grade_ids_and_set_up: _BY_NAME,
    all_in_one_cell: _BY_NAME,
    answers_in_one_cell: _BY_NAME,
    answers_in_new_cells_at_the_end: _BY_NAME,
    marks_of_answers_turned_round: _BY_NAME,
    answers_as_text: "The cell “def ",
    text_as_code: "",
    in_reverse_order: "",
    as_an_unmarked_script_in_pieces: _BY_NAME,
    a_reset_halfway: "The notebook redefines or deletes ",
    results_named_like_functions: "",
    another_precision: "",
}
ALL_CASES = {
    f"{lesson}: {accident.__name__}": (lesson, accident)
    for lesson in LESSONS
    for accident in ACCIDENTS
}
# Half of the accidents befall the first lesson. The same code finds things again in the others: a
# few of theirs show that nothing hangs on the lesson.
OTHERS = [name for name in ALL_CASES if not name.startswith(LESSONS[0])]
CHOSEN = tried(ALL_CASES.keys() - set(OTHERS), rarer=2) + tried(OTHERS, rarer=16)
CASES = [case for name, case in ALL_CASES.items() if name in CHOSEN]


def with_gaps(notebook):
    """The whole lesson, without some cells on which others build."""
    gone = ("from course import", "train, validation, test", "prepare, sums, soft")
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith(gone)]
    return notebook


def submit(course, lesson, student, notebook):
    (path,) = (ROOT / "source" / lesson).glob("*.ipynb")
    place = course / "submitted" / student / lesson / path.name
    place.parent.mkdir(parents=True)
    nbformat.write(notebook, place)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The results by lesson and student, and what the command showed of each lesson."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for lesson in LESSONS:
        shutil.copytree(ROOT / "source" / lesson, course / "source" / lesson)
    for lesson, accident in CASES:
        notebook = short(copy.deepcopy(solved(lesson)))
        notebook.lesson = lesson
        notebook = accident(notebook)
        notebook.pop("lesson", None)
        submit(course, lesson, accident.__name__, notebook)
    submit(course, LESSONS[0], "gaps", with_gaps(solved(LESSONS[0])))
    submit(course, LESSONS[0], "other", hosted(short(solved(LESSONS[1]))))
    submit(course, LESSONS[0], "blank", hosted(short(released(LESSONS[0]))))
    renamed = hosted(short(solved(LESSONS[0])))
    for cell in renamed.cells:
        cell.source = cell.source.replace("def ", "def my_").replace("check.", "# check.")
    submit(course, LESSONS[0], "renamed", renamed)
    found = {}
    for lesson in dict.fromkeys(lesson for lesson, _ in [*CASES, (LESSONS[0], None)]):
        path = course / f"{lesson}.json"
        for _again in range(2):  # for the grader's own trouble, on a busy machine
            answer = CliRunner().invoke(
                main, ["grade", lesson, "--json", str(path), "--course", str(course)]
            )
        assert path.exists(), answer.output
        results = {result["student"]: result for result in json.loads(path.read_text())}
        found[lesson] = results, answer.output
    return course, found


@pytest.mark.parametrize(("lesson", "accident"), CASES)
def test_every_point_is_given_and_it_is_said(graded, lesson, accident):
    result = graded[1][lesson][0][accident.__name__]
    assert result["score"] == result["max_score"], json.dumps(result, indent=1)
    texts = [note["text"] for note in result["notes"]]
    assert not ACCIDENTS[accident] or any(t.startswith(ACCIDENTS[accident]) for t in texts), texts
    assert not result["needs_review"]


@pytest.mark.parametrize("lesson", dict.fromkeys([LESSONS[0], *(case[0] for case in CASES)]))
def test_what_is_to_be_known_stands_above_the_table(graded, lesson):
    results, shown = graded[1][lesson]
    above = shown.partition("\nstudent ")[0]
    texts = {note["text"] for result in results.values() for note in result["notes"]}
    said = [text for text in texts if text in above]
    assert len(said) == min(len(texts), 20)


def test_cells_on_which_others_build_are_run_again(graded):
    result = graded[1][LESSONS[0]][0]["gaps"]
    assert result["status"] == "passed"
    own = [note for note in result["notes"] if note["kind"] == "lessons_own"]
    assert [note["id"] for note in own] == ["set-up", "load-digits", "network"]
    assert {note["reason"] for note in own} == {"missing"}
    assert own == result["notes"]  # nothing stopped


def test_the_notebook_of_another_lesson_is_called_so(graded):
    results, shown = graded[1][LESSONS[0]]
    sentence = f"This is the notebook of lesson {LESSONS[1]}, handed in for lesson {LESSONS[0]}."
    assert results["other"]["status"] == "error"
    (note,) = results["other"]["notes"]
    assert (note["text"], note["other"]) == (sentence, LESSONS[1])
    assert results["other"]["needs_review"]
    assert {one["message"] for one in results["other"]["exercises"].values()} == {sentence}
    assert f"{sentence} (other)" in shown


def test_a_blank_notebook_without_marks_is_just_unsolved(graded):
    result = graded[1][LESSONS[0]][0]["blank"]
    assert result["status"] == "unsolved"
    assert not result["needs_review"]


def test_where_nothing_was_found_a_person_has_to_look(graded):
    result = graded[1][LESSONS[0]][0]["renamed"]
    assert result["score"] == 0
    assert result["needs_review"]
    assert [note["kind"] for note in result["notes"]] == ["not_found", "look"]


def test_it_is_said_on_every_page(graded):
    course = graded[0]
    for command in ("feedback", "report"):
        answer = CliRunner().invoke(main, [command, LESSONS[0], "--course", str(course)])
        assert answer.exit_code == 0, answer.output
    report = html.unescape((course / "reports" / f"{LESSONS[0]}.html").read_text())
    words = "The lesson's cell “from course import check, digits, networks, playgrounds” is"
    assert words in report.partition('<h2 id="points">')[0]
    assert report.count('<span class="status trouble">look at it</span>') == 2
    path = course / "feedback" / "gaps" / LESSONS[0] / "softmax.html"
    page = html.unescape(path.read_text())
    assert words in page.partition('<table class="summary">')[0]
    assert page.count("The lesson's original of a cell") == 3

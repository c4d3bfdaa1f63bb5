"""Which cell is which, whatever was done to the grade ids; and where the lesson's own cells go."""

import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.building import release
from autograder.grading import parsing, placing, verdict
from autograder.grading.lesson import prepared_for_grading
from tests.attacks import lesson
from tests.tiny_course import answer, cell_of, grade_id, source_notebook, with_free_text

IN_ORDER = ["double", "check_double", "tally", "check_tally", "pairs", "check_pairs"]
LATER = lesson.LATER.splitlines()[0]


@pytest.fixture
def submission():
    answers = {name: "\n".join(both) for name, both in lesson.RIGHT.items()}
    return lesson.submission(answers, "", "", lesson.released())


def place(notebook):
    """As a worker does it, from the file on."""
    submitted = parsing.read_notebook(json.dumps(notebook).encode())
    return placing.place(submitted, lesson.prepared())


def grade_ids(placed):
    return [grade_id(cell) for cell in placed.notebook.cells if grade_id(cell)]


def own(placed):
    """The lesson's own forms of cells: their first lines, and the names that they are there for."""
    return {
        cell.source.splitlines()[0]: cell.metadata.lessons_own["needed"]
        for cell in placed.notebook.cells
        if "lessons_own" in cell.metadata
    }


def without_marks(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"new-{number}"
    return notebook


def test_a_notebook_as_it_was_handed_out_stays_as_it_is(submission):
    placed = place(submission)
    sources = [cell.source for cell in placed.notebook.cells]
    tests = {cell.source for cell in lesson.prepared().cells if "examine" in cell.source}
    assert len(sources) == len(submission.cells)
    changed = [(new, cell.source) for new, cell in zip(sources, submission.cells, strict=True)]
    assert all(new in tests for new, old in changed if new != old)
    assert placed.found_by == dict.fromkeys(lesson.RIGHT, "grade_id")
    assert placed.not_found == []
    assert own(placed) == {}


def test_without_marks_cells_are_found_by_ids_else_by_names(submission):
    for cell in submission.cells:
        cell.metadata = {}
    assert place(submission).found_by == dict.fromkeys(lesson.RIGHT, "id")
    placed = place(without_marks(submission))
    assert placed.found_by == dict.fromkeys(lesson.RIGHT, "name")
    assert grade_ids(placed) == IN_ORDER
    assert len(placed.notebook.cells) == len(submission.cells)  # the student's tests are known


def test_a_test_stays_below_what_stood_above_it(submission):
    """A helper between an answer and its test is there when it is examined."""
    tests = submission.cells.index(cell_of(submission, "check_double"))
    submission.cells.insert(tests, new_code_cell("def helper(): pass"))
    for notebook in (copy.deepcopy(submission), without_marks(copy.deepcopy(submission))):
        cells = place(notebook).notebook.cells
        at = cells.index(cell_of(place(notebook).notebook, "check_double"))
        assert cells[at - 1].source == "def helper(): pass"
    del submission.cells[tests + 1]
    cells = place(submission).notebook.cells
    assert [grade_id(cell) for cell in cells[tests - 1 : tests + 2]] == [
        "double",
        None,
        "check_double",
    ]


def test_the_definition_that_counts_is_the_last_above_the_test(submission):
    cell = cell_of(submission, "double")
    at = submission.cells.index(cell)
    old = "def double(x):\n    return x"
    submission.cells.insert(at, new_code_cell(old))
    submission.cells.append(new_code_cell(old))
    for notebook in (submission, without_marks(copy.deepcopy(submission))):
        placed = place(notebook)
        assert grade_ids(placed) == IN_ORDER
        assert cell_of(placed.notebook, "double").source == cell.source


def test_what_was_handed_out_takes_nothing_away(submission):
    cell = cell_of(submission, "double")
    at = submission.cells.index(cell)
    submission.cells.insert(at, new_code_cell(cell.source))
    cell.source = cell_of(lesson.released(), "double").source
    placed = place(submission)
    above, below = placed.notebook.cells[at : at + 2]
    assert (grade_id(above), below.source) == ("double", cell.source)
    assert below.metadata.keep == ["double"]


def test_without_any_answer_a_test_goes_to_the_end(submission):
    del submission.cells[submission.cells.index(cell_of(submission, "double"))]
    test = cell_of(submission, "check_double")
    test.source, test.id, test.metadata = "# gone", "new", {}
    submission.cells.append(new_code_cell("from mine import *"))
    placed = place(submission)
    assert placed.not_found == ["double"]
    assert grade_ids(placed)[-1] == "check_double"
    assert grade_id(placed.notebook.cells[-1]) == "check_double"


def test_one_cell_may_hold_several_answers(submission):
    double, pairs = cell_of(submission, "double"), cell_of(submission, "pairs")
    double.source += f"\n\n{pairs.source}"
    submission.cells = [cell for cell in submission.cells if cell is not pairs]
    cell = cell_of(place(submission).notebook, "double")
    assert cell.metadata.answers == ["double", "pairs"]


@pytest.mark.parametrize(
    "added",
    [
        "tried = True",
        "from helpers import *",
        "%run helpers.py",
        "sys.path.insert(0, 'mine')",
        "known['W'] = 1",
        "del start",
    ],
)
def test_what_was_added_to_a_test_stays_if_cells_below_may_need_it(submission, added):
    cell = cell_of(submission, "check_double")
    cell.source = f"{added}\n{cell.source}"
    cells = place(submission).notebook.cells
    assert len(cells) == len(submission.cells) + 1
    test = next(cell for cell in cells if grade_id(cell) == "check_double")
    assert cells[cells.index(test) - 1].source == cell.source


def test_what_only_shows_something_below_a_test_does_not_stay(submission):
    cell = cell_of(submission, "check_double")
    checked = "check.double(double, 2)"  # as the lesson had it before
    for added in ("print('tried')", "display(x)", "double", "'why?'", "assert double(1)", checked):
        cell.source += f"\n{added}"
    assert len(place(submission).notebook.cells) == len(submission.cells)


# What a person marks -----------------------------------------------------------------------------


def in_the_stub(notebook):
    cell_of(notebook, "why").source = "Because of that."
    return notebook


def as_a_heading(notebook):
    cell_of(notebook, "why").source = "# Because of that."
    return notebook


def below_the_stub(notebook):
    at = notebook.cells.index(cell_of(notebook, "why"))
    notebook.cells.insert(at + 1, new_markdown_cell("Because of that."))
    return notebook


def below_the_emptied_stub(notebook):
    cell_of(notebook, "why").source = ""
    return below_the_stub(notebook)


def above_a_blank_copy(notebook):
    at = notebook.cells.index(cell_of(notebook, "why"))
    notebook.cells.insert(at + 1, copy.deepcopy(notebook.cells[at]))
    return in_the_stub(notebook)


def in_a_code_cell(notebook):
    at = notebook.cells.index(cell_of(notebook, "why"))
    notebook.cells.insert(at + 1, new_code_cell("Because of that."))
    return notebook


def without_marks_or_ids(notebook):
    return without_marks(in_the_stub(notebook))


def blank(notebook):
    notebook.cells.insert(0, new_markdown_cell("My notebook"))
    notebook.cells.append(new_markdown_cell("The end"))
    return notebook


def blank_without_marks(notebook):
    return without_marks(notebook)


def with_code_of_its_own(notebook):
    at = notebook.cells.index(cell_of(notebook, "why"))
    notebook.cells.insert(at + 1, new_code_cell("scratch = 1"))
    return notebook


@pytest.mark.parametrize(
    ("change", "is_there"),
    [
        *((one, True) for one in (in_the_stub, below_the_stub, above_a_blank_copy)),
        *((one, True) for one in (in_a_code_cell, without_marks_or_ids, as_a_heading)),
        (below_the_emptied_stub, True),
        *((one, False) for one in (blank, blank_without_marks, with_code_of_its_own)),
    ],
)
def test_what_was_written_for_a_person_waits_for_one_wherever_it_is(change, is_there):
    submitted = change(release.cleared(with_free_text(source_notebook())))
    submitted = parsing.read_notebook(json.dumps(submitted).encode())
    prepared = prepared_for_grading(with_free_text(source_notebook()))
    placed = placing.place(submitted, prepared)
    found = verdict.with_marked_by_hand({}, placed.notebook, prepared)["why"]
    assert (found.status, found.score) == ("needs_marking" if is_there else "unsolved", 0)
    if is_there:  # the form for points stands below it
        assert cell_of(placed.notebook, "why").source.lstrip("# ") == "Because of that."
    assert grade_ids(placed).count("why") <= 1


@pytest.mark.parametrize(
    ("cell", "is_there"),
    [(new_code_cell("plot(3)"), True), (new_markdown_cell("import os; os.remove('mine')"), False)],
)
def test_prose_beside_a_blank_code_answer_that_a_person_marks_is_never_run(cell, is_there):
    def with_drawing():
        notebook = with_free_text(source_notebook())
        drawing = answer("plotted", "# YOUR CODE HERE")
        drawing.metadata.nbgrader |= {"grade": True, "points": 2}
        notebook.cells.append(drawing)
        return notebook

    submitted = release.cleared(with_drawing())
    submitted.cells.append(cell)
    submitted = parsing.read_notebook(json.dumps(submitted).encode())
    placed = placing.place(submitted, prepared_for_grading(with_drawing())).notebook
    assert (cell_of(placed, "plotted").source == cell.source) == is_there
    assert not any("was_prose" in cell.metadata for cell in placed.cells)


@pytest.mark.parametrize("add", [lambda text: f"{text}\n\nMy drawing", lambda _text: "My drawing"])
def test_what_was_written_into_a_task_stays(add):
    submitted = release.cleared(with_free_text(source_notebook()))
    task = cell_of(submitted, "draw")
    written = task.source = add(task.source)
    submitted = parsing.read_notebook(json.dumps(submitted).encode())
    placed = placing.place(submitted, prepared_for_grading(with_free_text(source_notebook())))
    assert [cell.source for cell in placed.notebook.cells[-2:]] == [written, "Draw it below."]
    assert [grade_id(cell) for cell in placed.notebook.cells[-2:]] == [None, "draw"]
    ids = [cell.id for cell in placed.notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("has_marks", [True, False])
def test_a_task_with_a_mark_scheme_is_there_once(has_marks):
    def with_scheme():
        notebook = with_free_text(source_notebook())
        scheme = "=== BEGIN MARK SCHEME ===\n1 point for a line\n=== END MARK SCHEME ==="
        cell_of(notebook, "draw").source += f"\n\n{scheme}"
        return notebook

    submitted = release.cleared(with_scheme())
    submitted = submitted if has_marks else without_marks(submitted)
    count = len(submitted.cells)
    submitted = parsing.read_notebook(json.dumps(submitted).encode())
    placed = placing.place(submitted, prepared_for_grading(with_scheme()))
    assert len(placed.notebook.cells) == count
    assert grade_id(placed.notebook.cells[-1]) == "draw"


@pytest.mark.parametrize(
    "magic",
    ["script false", "bash", "writefile mine.py", "file mine.py", "python3", "!cat", "html"],
)
def test_what_is_switched_off_is_no_answer(submission, magic):
    """Here or below, it is neither the answer that counts nor a copy of a test or a given cell."""
    at = submission.cells.index(cell_of(submission, "double"))
    for place_of in (at, len(submission.cells)):
        text = f"%%{magic}\ndef double(x):\n    return None"
        submission.cells.insert(place_of, new_code_cell(text))
    cells = place(submission).notebook.cells
    assert cell_of(place(submission).notebook, "double").source.startswith("def double")
    assert "defined_below" not in cell_of(place(submission).notebook, "check_double").metadata
    assert len(cells) == len(submission.cells)
    cell_of(submission, "check_tally").source = f"%%{magic}\nprint('mine')"
    assert len(place(submission).notebook.cells) == len(cells) + 1


@pytest.mark.parametrize("magic", ["time", "timeit -n 1", "capture", "prun", "nonesuch", "R"])
def test_what_a_magic_runs_in_the_notebook_is_an_answer(submission, magic):
    cell = cell_of(submission, "double")
    cell.source = f"%%{magic}\n{cell.source}"
    placed = place(without_marks(submission))
    assert cell_of(placed.notebook, "double").source == cell.source


# The lesson's own cells ---------------------------------------------------------------------------


def remove(notebook, first_line):
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith(first_line)]
    return notebook


def test_the_lessons_own_is_there_only_for_what_is_used(submission):
    assert own(place(remove(submission, LATER))) == {}
    submission.cells.append(new_code_cell("print(math.pi, start)"))
    assert own(place(submission)) == {LATER: ["math", "start"]}
    submission.cells.insert(-1, new_code_cell("import math\nif True:\n    start = 1"))
    assert own(place(submission)) == {LATER: ["start"]}  # it may not have got its value


def test_the_lessons_own_stands_where_the_lesson_has_it(submission):
    cell_of(submission, "pairs").source += "\nmath, np"
    cells = place(remove(remove(submission, LATER), "import numpy")).notebook.cells
    names = [grade_id(cell) or cell.source.splitlines()[0] for cell in cells]
    assert names[:4] == ["# Doubles", "import numpy as np", "double", "check_double"]
    assert names[4:7] == ["## Counting", LATER, "tally"]


def test_only_what_an_answer_needs_makes_its_test_wait_for_the_end(submission):
    cell_of(submission, "double").source = "def double(x):\n    return mine(x)"
    cell_of(submission, "tally").source += "\nprint(scratch)"
    for text in ("def mine(x):\n    return FACTOR * x", "scratch = 1", "FACTOR = 2"):
        submission.cells.append(new_code_cell(text))
    below = {grade_id(c): c.metadata.get("defined_below") for c in place(submission).notebook.cells}
    assert below["check_double"] == ["FACTOR", "mine"]
    assert below["check_tally"] == ["scratch"]
    assert below["check_pairs"] is None


def test_the_lessons_own_stands_below_what_a_student_made_of_it(submission):
    cell_of(submission, "pairs").source += "\nmath, start, counted"
    (later,) = (cell for cell in submission.cells if cell.source.startswith(LATER))
    later.source = "import maths\nstart = 3\nhelper = 1\n" + later.source.splitlines()[2]
    placed = place(submission)
    (at,) = (i for i, cell in enumerate(placed.notebook.cells) if "lessons_own" in cell.metadata)
    cell = placed.notebook.cells[at]
    assert placed.notebook.cells[at - 1].source == later.source
    assert cell.metadata.lessons_own == {
        "cell": "later",
        "needed": ["counted", "math", "start"],
        "students": at - 1,
    }
    assert cell.metadata.keep == ["counted", "start"]  # the student's; of `math` there is none


def test_the_lessons_own_never_gives_a_value_to_an_exercise():
    source = lesson.prepared()
    (later,) = (cell for cell in source.cells if cell.source.startswith(LATER))
    later.source += "\ndouble = None"
    submitted = parsing.read_notebook(json.dumps(lesson.released()).encode())
    submitted.cells[1].source = "helper = 1"
    submitted.cells.append(new_code_cell("double(start)"))
    cells = placing.place(remove(submitted, LATER), source).notebook.cells
    (own,) = (cell for cell in cells if cell.source == later.source)
    assert own.metadata.keep == ["double"]


def test_code_that_became_prose_is_code_again_if_it_is_used(submission):
    for place_of, cell in enumerate(submission.cells):
        if cell.source.startswith(LATER):
            submission.cells[place_of] = new_markdown_cell(cell.source, id=cell.id)
    kinds = [cell.cell_type for cell in place(submission).notebook.cells]
    assert kinds.count("markdown") == 3
    submission.cells.append(new_code_cell("start"))
    (cell,) = (cell for cell in place(submission).notebook.cells if cell.source.startswith(LATER))
    assert (cell.cell_type, cell.metadata.was_prose) == ("code", True)


@pytest.mark.slow
def test_every_lesson_as_handed_out_needs_nothing_of_its_own(root):
    for path in sorted((root / "source").glob("*/*.ipynb")):
        prepared = prepared_for_grading(nbformat.read(path, as_version=4))
        placed = placing.place(release.release_notebook(path), prepared)
        assert own(placed) == {}
        assert "id" not in placed.found_by.values()
        assert "name" not in placed.found_by.values()


# What is not of this lesson, or cannot be found ---------------------------------------------------

OTHERS = {
    "02-sums": ["add", "subtract", "divide"],
    "03-one": ["steps"],
    "04-double-and-more": ["double", "treble", "quadruple", "halve"],
}

BOTH = [f"def {name}(x): ..." for name in OTHERS["04-double-and-more"]]


def other(*sources):
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell(source) for source in sources])
    submitted = parsing.read_notebook(json.dumps(notebook).encode())
    return placing.other_lesson(submitted, lesson.prepared(), OTHERS)


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        (["def add(a, b): ...", "def subtract(a, b): ..."], "02-sums"),
        (["check.add(add)", "check.divide(divide)"], "02-sums"),
        (["def add(a, b): ..."], ""),  # a third of it may be a coincidence
        (["def steps(): ..."], "03-one"),
        (["def steps(): ...", "def double(x): ..."], ""),
        (["def double(x): ...", "def treble(x): ...", "def halve(x): ..."], "04-double-and-more"),
        (["def double(x): ...\ndef tally(f, n): ...\ndef pairs(x): ...", *BOTH], ""),
        (["def double(x): ...\ndef tally(f, n): ...", *BOTH], "04-double-and-more"),
        (["print('add subtract divide')"], ""),
        ([], ""),
    ],
)
def test_the_notebook_of_another_lesson_is_known_by_its_exercises(sources, name):
    assert other(*sources) == name


def test_a_lesson_without_answers_is_told_from_another_one():
    submitted = nbformat.v4.new_notebook(cells=[new_code_cell("check.add(add); check.divide(add)")])
    source = nbformat.v4.new_notebook(cells=[new_markdown_cell("# To read")])
    assert placing.other_lesson(submitted, source, OTHERS) == "02-sums"


def test_an_answer_in_prose_is_noticed():
    text = "My answer, with repairs, 见tally:\n\n```python\ndef double(x):\n    return 2 * x\n```"
    notebook = nbformat.v4.new_notebook(cells=[new_markdown_cell(text)])
    placed = place(notebook)
    assert placed.not_found == ["double", "tally", "pairs"]
    assert placed.speaks_of == ["double"]
    assert placed.absent == ["pairs"]
    assert not placed.own_code


def test_code_in_which_nothing_was_found_is_noticed():
    notebook = nbformat.v4.new_notebook(
        cells=[new_code_cell("def verdopple(x):\n    return 2 * x")]
    )
    placed = place(notebook)
    assert placed.found_by == {}
    assert placed.own_code

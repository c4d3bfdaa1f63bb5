"""The notebooks beside the lessons: start page, tensors, glossary, playgrounds."""

import re
from pathlib import Path
from typing import NamedTuple

import keras
import nbformat
import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from nbclient import NotebookClient

from autograder.building.release import release_notebook, to_text
from course.check import CheckFailed, tensors
from course.workbook import progress

PLACES = [*"01234567", "tensors", "start"]
ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "source").glob("*.ipynb"))
LESSONS = {path.parent.name[:2]: path for path in (ROOT / "source").glob("*/*.ipynb")}


def read(name):
    return nbformat.read(ROOT / "source" / f"{name}.ipynb", as_version=4)


def text_of(path):
    """All texts of a notebook, in one line, in lower case and without marks."""
    notebook = nbformat.read(path, as_version=4)
    whole = " ".join(cell.source for cell in notebook.cells)
    return " ".join(re.sub(r"[*`]", "", whole).lower().split())


# Their form ---------------------------------------------------------------------------------------


def test_there_are_these():
    assert [path.stem for path in SOURCES] == ["glossary", "playgrounds", "start", "tensors"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_it_is_released_as_it_is_and_holds_no_outputs(path):
    released = (ROOT / "release" / path.name).read_text()
    assert to_text(release_notebook(path)) == released, "run `make release`"
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell.id)


@pytest.mark.parametrize("name", ["start", "tensors"])
@pytest.mark.slow
def test_it_runs_through_in_silence(name, tmp_path):
    notebook = read(name)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output


@pytest.mark.slow
def test_a_translated_notebook_answers_in_its_language(tmp_path):
    path = ROOT / "translations/zh_CN/release/tensors.ipynb"
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.evalue for output in outputs if output.output_type == "error"]
    assert len(said) == 4
    assert all(re.search("[\u4e00-\u9fff]{4}", text) for text in said)


# The start page -----------------------------------------------------------------------------------


def test_the_map_names_every_lesson_with_its_time():
    (page,) = (cell.source for cell in read("start").cells if cell.id == "map")
    rows = {
        target: int(minutes) for target, minutes in re.findall(r"\]\(([^)]+)\) \| (\d+) \|", page)
    }
    for path in [*LESSONS.values(), ROOT / "source" / "tensors.ipynb"]:
        title = nbformat.read(path, as_version=4).cells[0].source
        (minutes,) = re.findall(r"\*Allow (\d+) minutes", title)
        assert rows[path.relative_to(ROOT / "source").as_posix()] == int(minutes)


def test_the_progress_is_a_table_of_links(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    shown = progress.show()
    table = shown._repr_markdown_().splitlines()
    assert table[-2] == ""
    assert re.match(r"Your progress as of \d{4}-\d\d-\d\d \d\d:\d\d. Run ", table[-1])
    assert len(table[:-2]) == 2 + len(LESSONS)
    assert table[2].startswith("| [Lesson 0: a first look](00-first-look/first_look.ipynb) | ")
    assert repr(shown).startswith("00-first-look: ")


def test_outside_of_a_course_there_is_a_sentence_in_place_of_progress(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    assert progress.show() is None
    assert "no folder release/" in capsys.readouterr().out


# Tensors ------------------------------------------------------------------------------------------


def answers_in_the_text():
    """Each exercise with the answers that its fold-out gives, as functions."""
    cells = read("tensors").cells
    for cell in cells:
        for name in tensors.EXERCISES:
            if f"`{name}`" in cell.source and "<summary>Answer</summary>" in cell.source:
                answer = cell.source.split("<summary>Answer</summary>")[1]
                (head,) = (c.source for c in cells if c.source.startswith(f"def {name}("))
                for line in re.findall(r"`return ([^`]+)`", answer):
                    yield name, head.splitlines()[0], line


def test_the_answers_that_unfold_pass_their_checks():
    found = list(answers_in_the_text())
    assert {name for name, _head, _line in found} == set(tensors.EXERCISES)
    assert len(found) >= 7
    for name, head, line in found:
        room = {}
        exec(f"import numpy as np, tensorflow as tf\n{head}\n    return {line}", room)
        getattr(tensors, name)(room[name])


@pytest.mark.parametrize("name", tensors.EXERCISES)
def test_each_named_mistake_gets_its_hint(name):
    comparison = getattr(tensors, name).__wrapped__
    for its_hint, wrong in comparison.wrong_answers():
        if its_hint in comparison.mistakes:
            with pytest.raises(CheckFailed) as failure:
                comparison(wrong)
            assert failure.value.hint_id == f"{name}/{its_hint.id}"


def centred_in_the_type_of_X(X):
    result = np.zeros_like(X)
    for place in range(len(X)):
        result[place] = X[place] - X[place].mean()
    return result


def centred_in_a_copy(X):
    result = X.copy()
    result -= X.mean(axis=1, keepdims=True)
    return result


@pytest.mark.parametrize(
    ("answer", "hint_id"),
    [
        (centred_in_the_type_of_X, "whole-numbers"),
        (centred_in_a_copy, "in-place-type"),
    ],
)
def test_fractions_are_kept_where_the_numbers_are_whole(answer, hint_id):
    with pytest.raises(CheckFailed) as failure:
        tensors.centred_rows(answer)
    assert failure.value.hint_id == f"centred_rows/{hint_id}"


@pytest.mark.parametrize(
    "answer",
    [
        lambda X: X - tf.reduce_mean(X, axis=1, keepdims=True),
        lambda X: X - keras.ops.mean(X, axis=1, keepdims=True),
        lambda X: tf.stack([row - tf.reduce_mean(row) for row in X]),
        lambda X: [row - row.mean() for row in X],
        lambda X: (tf.constant(X) - tf.reduce_mean(X, 1, True)).numpy(),
        lambda X: scipy.signal.detrend(X, type="constant"),
        lambda X: [[x - sum(row) / len(row) for x in row] for row in X.tolist()],
    ],
)
def test_rows_are_centred_by_any_library(answer):
    tensors.centred_rows(answer)


def pictures_by_a_transpose(X, height, width):
    return X.reshape(len(X), width, height).transpose(0, 2, 1)


def pictures_in_the_order_of_columns(X, height, width):
    return np.array([x.reshape(height, width, order="F") for x in X])


def pictures_by_columns(X, height, width):
    places = np.arange(height * width).reshape(height, width)
    return X[:, places // width + places % width * height]


@pytest.mark.parametrize(
    ("answer", "hint_id"),
    [
        (pictures_by_a_transpose, "transposed-after"),
        (pictures_in_the_order_of_columns, "order-of-columns"),
        (pictures_by_columns, "columns-first"),
    ],
)
def test_what_fills_a_picture_by_columns_is_named(answer, hint_id):
    with pytest.raises(CheckFailed) as failure:
        tensors.as_pictures(answer)
    assert failure.value.hint_id == f"as_pictures/{hint_id}"


def centred_for_nothing(X):
    for row in X:
        row - row.mean()
    return X


def test_a_value_on_a_line_by_itself_is_told_in_place_of_a_step_that_is_missing():
    with pytest.raises(CheckFailed) as failure:
        tensors.centred_rows(centred_for_nothing)
    assert failure.value.hint_id == "centred_rows/lost-value"
    assert "the result of `row - row.mean()` is lost" in str(failure.value)


# The glossary -------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A row of the glossary; `forms` are the term, and other forms of it in brackets behind it."""

    forms: list[str]
    meaning: str
    lesson: str


def glossary():
    """The rows of the glossary."""
    for cell in read("glossary").cells:
        if cell.id.startswith("terms-"):
            for line in cell.source.splitlines():
                if line.startswith("| **"):
                    head, meaning, lesson, _symbol = line.strip("|").split("|")
                    term, others = re.fullmatch(r" \*\*([^*]+)\*\*(?: \((.+)\))? ", head).groups()
                    forms = [term, *re.split(", ", others or "")]
                    yield Entry([form for form in forms if form], meaning.strip(), lesson.strip())


def test_each_term_has_one_row_in_order_and_a_meaning_in_one_sentence():
    rows = list(glossary())
    terms = [row.forms[0] for row in rows]
    assert len(terms) >= 250
    assert terms == sorted(terms, key=lambda term: term.lower().lstrip("."))
    assert len({term.lower() for term in terms}) == len(terms)
    for row in rows:
        assert re.fullmatch(r"[A-Z0-9].+\.", row.meaning), row
        assert row.lesson in PLACES, row


def path_of(place):
    return LESSONS[f"0{place}"] if place.isdigit() else ROOT / "source" / f"{place}.ipynb"


@pytest.mark.parametrize("lesson", PLACES)
def test_each_term_occurs_in_the_lesson_that_introduces_it(lesson):
    text = text_of(path_of(lesson))
    missing = [
        row.forms[0]
        for row in glossary()
        if row.lesson == lesson and not any(_occurs(form, text) for form in row.forms)
    ]
    assert not missing, ", ".join(missing)


# As learners read them; the start page comes last, for what it explains goes beyond the lessons.
IN_ORDER = ["0", "tensors", *"1234567", "start"]
# Bold in the lessons for another reason: each **Predict**, and a word that has a row of its own.
OTHERWISE_BOLD = {"predict", "variance"}


def test_a_term_stands_under_the_first_lesson_that_sets_it_in_bold_and_explains_it():
    first = {}
    for place in IN_ORDER:
        for words in _in_bold(place):
            first.setdefault(words, place)
    late = {}
    for row in glossary():
        for form in {form.lower() for form in row.forms} - OTHERWISE_BOLD:
            found = first.get(form) or first.get(f"{form}s") or row.lesson
            if IN_ORDER.index(found) < IN_ORDER.index(row.lesson):
                late[form] = f"{row.lesson}, but bold in {found}"
    assert not late


def _in_bold(place):
    cells = nbformat.read(path_of(place), as_version=4).cells
    whole = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for words in re.findall(r"\*\*(.+?)\*\*", " ".join(whole.split())):
        yield re.sub(r"[*`]", "", words).lower()


def _occurs(form, text):
    """Whether a form of a term occurs, or its plural or past, with hyphens or spaces."""
    words = r"[- _]".join(map(re.escape, re.split("[- _]", form.lower())))
    begin = r"(?<![a-z_])" if form[0].isalpha() else ""
    return re.search(rf"{begin}{words}(?:e?s|e?d)?(?![a-z_])", text) is not None


def cheat_sheet():
    """The rows of the cheat sheet: symptom, tool, line of Keras, lesson."""
    (sheet,) = (cell.source for cell in read("glossary").cells if cell.id == "cheat-sheet")
    rows = [line.strip("| ").split(" | ") for line in sheet.splitlines() if line.startswith("| ")]
    return [row for row in rows if len(row) == 4][2:]


def test_the_cheat_sheet_has_a_tool_and_a_line_of_keras_for_each_symptom():
    rows = cheat_sheet()
    assert len(rows) >= 15
    assert all("`" in keras and tool for _symptom, tool, keras, _lesson in rows)


@pytest.mark.slow
def test_each_line_of_the_cheat_sheet_runs_after_the_cell_below_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # one of them saves a model
    (set_up,) = (cell.source for cell in read("glossary").cells if cell.id == "set-up")
    for _symptom, _tool, lines, _lesson in cheat_sheet():
        room = {}
        exec(set_up, room)
        for line in re.findall(r"`([^`]+)`", lines):
            assert re.match(r"with |[\w.]+(\(| = )", line), f"{line} is a part of a line"
            exec(re.sub(r"epochs=\d+", "epochs=1", line), room)

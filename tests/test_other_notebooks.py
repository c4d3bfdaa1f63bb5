"""The notebooks beside the lessons: start page, tensors, glossary, playgrounds."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.building.release import release_notebook, to_text
from course.check import CheckFailed, tensors
from course.workbook import progress

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
def test_it_runs_through_in_silence(name, tmp_path):
    notebook = read(name)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output


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
    assert len(table) == 2 + len(LESSONS)
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


WRONG = {
    "column_means": (lambda X: X.mean(axis=1), "rows"),
    "centred_rows": (lambda X: X - X.mean(axis=0), "columns"),
    "as_pictures": (lambda X, height, width: X.reshape(-1, width, height), "axes"),
    "dot_products": (lambda A, B: (A * B).sum(axis=1), "only-pairs"),
}


@pytest.mark.parametrize("name", tensors.EXERCISES)
def test_a_wrong_answer_gets_its_hint(name):
    answer, hint = WRONG[name]
    with pytest.raises(CheckFailed) as failure:
        getattr(tensors, name)(answer)
    assert failure.value.hint_id == f"{name}/{hint}"


# The glossary -------------------------------------------------------------------------------------


def glossary():
    """The rows of the glossary: (term, meaning, lesson, symbol and shape)."""
    for cell in read("glossary").cells:
        if cell.id.startswith("terms-"):
            for line in cell.source.splitlines():
                if line.startswith("| **"):
                    yield [part.strip() for part in line.strip("|").split("|")]


def test_each_term_has_one_row_in_order_and_a_meaning_in_one_sentence():
    rows = list(glossary())
    terms = [row[0].strip("*") for row in rows]
    assert len(terms) >= 250
    assert terms == sorted(terms, key=lambda term: term.lower().lstrip("."))
    assert len({term.lower() for term in terms}) == len(terms)
    for term, meaning, lesson, _symbol in rows:
        assert re.fullmatch(r"[A-Z0-9].+\.", meaning), term
        assert lesson in {*"01234567", "tensors", "start"}, term


@pytest.mark.parametrize("lesson", [*"01234567", "tensors", "start"])
def test_each_term_occurs_in_the_lesson_that_introduces_it(lesson):
    path = LESSONS[f"0{lesson}"] if lesson.isdigit() else ROOT / "source" / f"{lesson}.ipynb"
    text = text_of(path)
    missing = [
        term.strip("*")
        for term, _meaning, place, _symbol in glossary()
        if place == lesson and not _occurs(term.strip("*"), text)
    ]
    assert not missing, ", ".join(missing)


def _occurs(term, text):
    """Whether a term occurs, in the singular or plural, with hyphens or spaces."""
    words = re.sub(
        r"[- ]+", "[- ]", re.escape(term.lower()).replace(r"\ ", " ").replace(r"\-", "-")
    )
    return re.search(rf"(?<![a-z_]){words}(?:e?s)?(?![a-z_])", text) is not None


def test_the_cheat_sheet_has_a_tool_and_a_line_of_keras_for_each_symptom():
    (sheet,) = (cell.source for cell in read("glossary").cells if cell.id == "cheat-sheet")
    rows = [line.split(" | ") for line in sheet.splitlines() if line.startswith("| ")]
    symptoms = [row for row in rows if len(row) == 4][2:]
    assert len(symptoms) >= 15
    assert all("`" in keras and tool for _symptom, tool, keras, _lesson in symptoms)

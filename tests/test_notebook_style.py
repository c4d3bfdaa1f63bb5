"""Every notebook's form, in source and release, without running it: the figures of the style."""

import ast
import re
import statistics
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
LESSONS = sorted(
    path.relative_to(ROOT)
    for folder in ("source", "release")
    for path in (ROOT / folder).glob("*/*.ipynb")
)
NOTEBOOKS = LESSONS + sorted(
    path.relative_to(ROOT)
    for folder in ("source", "release")
    for path in (ROOT / folder).glob("*.ipynb")
)
LIBRARIES = {"course", "keras", "matplotlib", "numpy", "tensorflow"} | sys.stdlib_module_names
MACHINERY = {"IPython", "ipywidgets", "os", "subprocess", "sys", "threading", "traitlets"}

LAST_HEADINGS = ("Questions to think about", "Go further", "Sources")

every_notebook = pytest.mark.parametrize("path", LESSONS, ids=str)


@cache
def read(path):
    return nbformat.read(ROOT / path, as_version=4)


def code(path):
    """The code cells, without what students never see."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    hidden = re.compile(r"### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS\n?", re.DOTALL)
    return [(cell, hidden.sub("", cell.source).strip()) for cell in cells]


def prose(path):
    return [cell for cell in read(path).cells if cell.cell_type == "markdown"]


def is_answer(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def exercises(path):
    return [cell.metadata.nbgrader.grade_id for cell, _text in code(path) if is_answer(cell)]


def test_all_lessons_are_looked_at():
    assert len(LESSONS) >= 12
    assert len({path.parts[1:] for path in LESSONS}) * 2 == len(LESSONS)


@every_notebook
def test_it_is_short_enough_to_read(path):
    assert 25 <= len(read(path).cells) <= 45
    lengths = [len(text.splitlines()) for _cell, text in code(path)]
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 25
    for cell, text in code(path):
        assert all(len(line) <= 79 for line in text.splitlines()), cell.id


@every_notebook
def test_it_holds_no_outputs_and_its_cells_keep_their_ids(path):
    for cell, _text in code(path):
        assert not cell.outputs, cell.id
        assert cell.execution_count is None, cell.id
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell_id) for cell_id in ids)
    # A name that somebody gave, not one that was drawn: it tells what stands in the cell.
    assert not [cell_id for cell_id in ids if re.fullmatch(r"[0-9a-f]{8,}", cell_id)]


def test_source_and_release_have_the_same_cells():
    for path in LESSONS:
        if path.parts[0] == "source":
            released = Path("release", *path.parts[1:])
            assert [c.id for c in read(path).cells] == [c.id for c in read(released).cells]


@every_notebook
def test_it_imports_only_the_course_and_public_libraries(path):
    for cell, text in code(path):
        for node in ast.walk(ast.parse(text)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            roots = {name.split(".")[0] for name in names}
            assert roots <= LIBRARIES - MACHINERY, cell.id
            assert not any(part.startswith("_") for name in names for part in name.split("."))


@every_notebook
def test_its_cells_hold_ideas_not_machinery(path):
    """Outside the answers a definition is rare, short, and stands for something in the text."""
    defined = 0
    for cell, text in code(path):
        tree = ast.parse(text)
        assert "%" not in {line.lstrip()[:1] for line in text.splitlines()}, cell.id
        if is_answer(cell):
            continue
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Global | ast.AsyncFunctionDef), cell.id
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node in tree.body:
                defined += 1
                assert node.end_lineno - node.lineno < 25, cell.id
    assert defined <= 4


@every_notebook
def test_every_exercise_has_its_task_an_example_and_hints_that_unfold(path):
    texts = [cell.source for cell in prose(path)]
    assert exercises(path)
    for name in exercises(path):
        places = [text for text in texts if f"`{name}`" in text]
        assert places, f"{name} is not explained"
        task = next((text for text in places if "<details>" in text), None)
        assert task, f"{name} has no hint"
        assert task.count("<details>") >= 2, f"{name} has too few hints"
    for cell, text in code(path):
        if is_answer(cell):
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef):
                    assert ast.get_docstring(node), f"{cell.id}: {node.name}"
    whole = "\n".join(texts)
    assert whole.count("<details>") == whole.count("</details>") == whole.count("<summary>")


@every_notebook
def test_its_story_has_all_its_parts(path):
    texts = [cell.source for cell in prose(path)]
    whole = "\n".join(texts)
    assert re.fullmatch(r"# Lesson \d: .+", texts[0].splitlines()[0])
    assert re.search(r"\*Allow \d+ minutes", texts[0])
    headings = [f"\n## {name}\n" for name in ("Summary", *LAST_HEADINGS)]
    for heading in headings:
        assert whole.count(heading) == 1, heading
    places = [whole.index(heading) for heading in headings]
    assert places == sorted(places)
    assert re.search(r"[Yy]ou (will )?learn\b", texts[0])
    assert "*Example" in whole
    assert len(re.findall(r"\*\*Predict\b", whole)) >= 2
    assert read(path).cells[-1].cell_type == "markdown"


def numbered(text):
    """The numbers of a text's list items: "1. What is …" gives 1."""
    return [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]


def check_that_each_is_answered(text):
    """Each numbered question outside a fold-out has its number, or its fold-out, among answers."""
    fold_outs = re.findall(r"<details>.*?</details>", text, re.DOTALL)
    asked = numbered(re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL))
    assert asked == list(range(1, len(asked) + 1))
    answered = [number for fold_out in fold_outs for number in numbered(fold_out)]
    assert answered == asked or len(fold_outs) == len(asked)
    return asked


@every_notebook
def test_it_opens_with_five_recall_questions(path):
    if path.parts[1].startswith("00"):
        return  # there is no lesson before it
    cells = read(path).cells
    (place,) = (place for place, cell in enumerate(cells) if cell.id == "recall")
    assert place <= 2
    assert cells[place].cell_type == "markdown"
    assert len(check_that_each_is_answered(cells[place].source)) == 5


@every_notebook
def test_every_question_to_think_about_is_answered(path):
    whole = "\n".join(cell.source for cell in prose(path))
    begin, end = (whole.index(f"\n## {name}\n") for name in LAST_HEADINGS[:2])
    assert len(check_that_each_is_answered(whole[begin:end])) >= 3


@every_notebook
def test_every_prediction_is_answered_in_the_text_that_follows_its_cell(path):
    """The next text goes on with what happened, before any heading; or it is there to unfold."""
    cells = read(path).cells
    for place, cell in enumerate(cells):
        if cell.cell_type != "markdown" or "**Predict" not in cell.source:
            continue
        asked = cell.source.rindex("**Predict")
        later = [after.source for after in cells[place + 1 :] if after.cell_type == "markdown"]
        is_told = later and not later[0].startswith(("#", "**Predict"))
        assert is_told or "<details>" in cell.source[asked:], cell.id


def links_of(notebook):
    """The links of a notebook's texts, as (text, target); code and formulas hold none."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"`[^`]*`|\$[^$]*\$", "", cell.source)
            yield from re.findall(r"\[([^\]]*)\]\(([^)]*)\)", text)
            bare = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
            assert not re.search(r"https?://|www\.", bare), f"{cell.id}: a link without a text"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_its_links_have_a_text_and_an_address_of_the_right_form(path):
    for text, target in links_of(read(path)):
        assert text.strip()
        if target.startswith("https://"):
            assert re.fullmatch(r"https://[\w.-]+\.[a-z]{2,}(/[\w./~%#?=&+-]*)?", target), target
        else:
            assert ((ROOT / path).parent / target).is_file(), target


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_it_speaks_of_nothing_that_a_kit_lacks(path):
    """Learners have no documents of the project and no Makefile; or they are told where."""
    lacking = re.compile(r"\bdocs/|\bmake [a-z]+`|\bsource/|autograder|\bscripts\b")
    for cell in prose(path):
        for paragraph in cell.source.split("\n\n"):
            is_told = "repository" in paragraph
            assert is_told or not lacking.search(paragraph), f"{cell.id}: {paragraph}"


@every_notebook
def test_it_names_its_sources(path):
    _before, heading, sources = prose(path)[-1].source.partition("## Sources\n")
    assert heading, "the last text has no Sources"
    assert re.search(r"\b1[89]\d\d|\b20[0-2]\d", sources), "no year"
    assert len(re.findall(r"\]\(https://", sources)) >= 2


@every_notebook
def test_pictures_in_the_text_have_a_text_alternative(path):
    for cell in prose(path):
        assert "![](" not in cell.source, cell.id
        for tag in re.findall(r"<img\b[^>]*>", cell.source):
            assert re.search(r'alt="[^"]+"', tag), cell.id
        assert not cell.get("attachments"), cell.id


# What students run themselves, over the whole course: calls and names in code cells.
RUN_BY_STUDENTS = {
    r"\.fit\(": 8,
    r"\.compile\(": 6,
    r"callbacks=": 8,
    r"\btf\.data\.|\.prefetch\(|\.batch\(": 3,
    r"GradientTape\(": 5,
    r"\.summary\(": 3,
    r"\.save\(|load_model\(": 2,
    r"keras\.Model\(": 2,
    r"TensorBoard\(": 1,
}


@pytest.mark.parametrize("words", RUN_BY_STUDENTS)
def test_students_run_what_tensorflow_courses_run(words):
    """In the cells of the solved lessons, as students have them when they are done."""
    found = [
        f"{path.parts[1]}: {cell.id}"
        for path in LESSONS
        if path.parts[0] == "source"
        for cell, text in code(path)
        for _each in re.findall(words, text)
    ]
    assert len(found) >= RUN_BY_STUDENTS[words], found


# The shares of the full MNIST's test digits that a lesson tells, and the ladder's networks.
FIVE = "five-layers-"
MEASURED = {
    ("01", r"read ([\d.]+)% of the 10,000 test"): ["softmax"],
    ("03", r"measured ([\d.]+)% and ([\d.]+)% of"): [f"{FIVE}sigmoid", f"{FIVE}relu"],
    ("05", r"([\d.]+)% without dropout and ([\d.]+)% with"): [f"{FIVE}relu", f"{FIVE}dropout"],
    ("06", r"was ([\d.]+)%\. With 6, .* was ([\d.]+)%"): ["convolutional", "convolutional-dropout"],
}


@pytest.mark.parametrize(("lesson", "words"), MEASURED)
def test_the_numbers_of_real_mnist_stand_in_the_ladder(lesson, words):
    (path,) = (path for path in LESSONS if str(path).startswith(f"source/{lesson}"))
    text = " ".join("\n".join(cell.source for cell in prose(path)).split())
    rows = (ROOT / "docs/ladder.md").read_text().splitlines()
    for name, told in zip(MEASURED[lesson, words], re.search(words, text).groups(), strict=True):
        (row,) = (row for row in rows if row.startswith(f"| {name} |"))
        chosen = row.split(" | ")[4]
        assert told == f"{float(chosen.split('%')[0]):.1f}", name


def test_the_numbers_of_convolution_stand_in_the_ladder_and_the_challenge():
    (path,) = (path for path in LESSONS if str(path).startswith("source/06"))
    further = prose(path)[-1].source.split("## Go further")[1]
    lines = (ROOT / "docs/ladder.md").read_text().splitlines()
    rows = [line.split(" | ") for line in lines if "-shifted | " in line]
    page = (ROOT / "docs/challenge.md").read_text()
    measured = [row[4].split("%")[0] for row in rows]
    measured.append(re.search(r"reaches ([\d.]+)% on average", page)[1])
    assert re.findall(r"(\d+\.\d+)%", further) == measured
    (parameters,) = re.findall(r"([\d,]+) parameters", further)
    assert f"| {parameters} | 0 |" in page

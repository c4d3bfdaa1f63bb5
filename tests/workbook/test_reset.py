"""`course reset`: one exercise begins again, and nothing that was written is lost."""

import json

import nbformat
import pytest

from tests.command import course, words
from tests.workbook.made_notebooks import code, markdown, save, without_marks

NAME = "01-numbers/numbers.ipynb"


@pytest.fixture
def mine(kit):
    """The learner's copy, with both answers written."""
    path = kit / "work" / NAME
    path.parent.mkdir(parents=True)
    text = (kit / "release" / NAME).read_text()
    path.write_text(text.replace("raise NotImplementedError()", "return 1"))
    return path


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def original(kit):
    return sources(kit / "release" / NAME)


def test_one_exercise_begins_again_and_the_others_stay(kit, mine):
    before = sources(mine)
    result = course("reset", "numbers", "one")
    assert result.exit_code == 0
    assert words(result)[0] == "one is as it was at the start."
    after = sources(mine)
    assert after[1] == original(kit)[1]
    assert after[:1] + after[2:] == before[:1] + before[2:]
    kept = mine.with_name("numbers-one-1.py.txt")
    assert str(kept) in result.stdout
    assert kept.read_text() == before[1] + "\n"


def test_a_second_reset_overwrites_no_copy(kit, mine):
    course("reset", mine, "one")
    text = mine.read_text()
    mine.write_text(text.replace("raise NotImplementedError()", "return 'ä'"))
    course("reset", mine, "one")
    assert "return 1" in mine.with_name("numbers-one-1.py.txt").read_text()
    assert "return 'ä'" in mine.with_name("numbers-one-2.py.txt").read_text()
    result = course("reset", mine, "one")
    assert "kept" not in result.stdout
    assert not mine.with_name("numbers-one-3.py.txt").exists()


@pytest.mark.parametrize("deleted", [[1], [2], [1, 2], [0, 1, 2, 3, 4]])
def test_deleted_cells_come_back_where_they_were(kit, mine, deleted):
    notebook = nbformat.read(mine, as_version=4)
    left = [cell for place, cell in enumerate(notebook.cells) if place not in deleted]
    notebook.cells = [*left, markdown("a note of my own")]
    nbformat.write(notebook, mine)
    course("reset", mine, "one")
    cells = sources(mine)
    place = cells.index(original(kit)[1])
    assert cells[place + 1] == original(kit)[2]
    assert "a note of my own" in cells
    if len(deleted) < 5:
        assert place == 1


def test_copies_of_an_answer_and_a_changed_test_go_and_are_kept(kit, mine):
    notebook = nbformat.read(mine, as_version=4)
    copied = nbformat.from_dict(notebook.cells[1])
    copied.id, copied.source = "copied", "def one():\n    return 'a second try'"
    notebook.cells[2].source = "print(one())"
    notebook.cells.insert(2, copied)
    nbformat.write(notebook, mine)
    course("reset", mine, "one")
    assert sources(mine)[:3] == original(kit)[:3]
    kept = mine.with_name("numbers-one-1.py.txt").read_text()
    for text in ("return 1", "a second try", "print(one())"):
        assert text in kept


@pytest.mark.parametrize("with_ids", [True, False])
def test_an_exercise_whose_marks_a_host_dropped_begins_again_too(kit, mine, with_ids):
    notebook = without_marks(nbformat.read(mine, as_version=4), with_ids)
    notebook.cells.append(code("def one():\n    return 'a second try'"))
    nbformat.write(notebook, mine)
    before = sources(mine)
    course("reset", mine, "one")
    assert sources(mine) == [*original(kit)[:3], *before[3:-1]]
    kept = mine.with_name("numbers-one-1.py.txt").read_text()
    assert kept == f"{before[1]}\n\n\n{before[-1]}\n"


def test_what_is_put_back_is_a_valid_notebook_that_was_not_run(kit, mine):
    notebook = nbformat.read(mine, as_version=4)
    notebook.cells[1].execution_count = 3
    nbformat.write(notebook, mine)
    course("reset", mine, "one")
    read = json.loads(mine.read_text())
    nbformat.validate(read)
    assert read["cells"][1]["execution_count"] is None


@pytest.mark.parametrize("name", ["three", "check_one", ""])
def test_an_exercise_that_is_not_there(kit, mine, name):
    before = mine.read_bytes()
    result = course("reset", "numbers", name)
    assert result.exit_code == 1
    assert "its exercises are one, two" in result.stderr
    assert mine.read_bytes() == before


def test_a_notebook_that_is_no_lesson(kit):
    path = save(kit / "mine.ipynb", markdown("# Mine"), code("1"))
    result = course("reset", path, "one")
    assert result.exit_code == 1
    assert "not a lesson of this course" in result.stderr


def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(kit, mine, monkeypatch):
    before = mine.read_bytes()

    def full(path, _data):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("course.workbook.reset.write_atomically", full)
    result = course("reset", mine, "one")
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    assert mine.read_bytes() == before

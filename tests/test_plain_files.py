"""Files as they are handed in: what is read, what is refused, and what is taken along."""

import contextlib
import os
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.grading import files_beside, notes, plain_files, submissions


def test_a_plain_file_is_read(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"{}")
    assert plain_files.content(tmp_path / "a.ipynb") == b"{}"


def test_links_are_not_followed(tmp_path):
    """They could lead to the submission of somebody else."""
    (tmp_path / "other.ipynb").write_text("{}")
    (tmp_path / "a.ipynb").symlink_to(tmp_path / "other.ipynb")
    with pytest.raises(plain_files.Unreadable, match="only a link"):
        plain_files.content(tmp_path / "a.ipynb")


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("pipe.ipynb", "folder.ipynb", "missing.ipynb"):
        with pytest.raises(plain_files.Unreadable):
            plain_files.content(tmp_path / name)
    with pytest.raises(plain_files.Unreadable, match="device"):
        plain_files.content(type(tmp_path)("/dev/zero"))


def test_a_giant_file_is_refused_without_being_read(tmp_path):
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(10 * plain_files.MAX_BYTES)
    with pytest.raises(plain_files.Unreadable, match="larger than"):
        plain_files.content(tmp_path / "a.ipynb")


def test_files_beside_a_notebook_are_taken_along_but_no_links_and_no_masses(tmp_path, monkeypatch):
    monkeypatch.setattr(files_beside, "MAX_BYTES_BESIDE", 10)
    (tmp_path / "parts").mkdir()
    (tmp_path / "elsewhere").write_bytes(b"hers")
    for name, size in {"a.keras": 4, "parts/b.npz": 5, "large": 6, "sums.ipynb": 1}.items():
        (tmp_path / name).write_bytes(size * b"x")
    for name in (".hidden", "timestamp.txt", "other.ipynb"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "elsewhere").rename(tmp_path.parent / "elsewhere")
    (tmp_path / "link").symlink_to(tmp_path.parent / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    found = files_beside.read(tmp_path / "sums.ipynb")
    assert found == {"a.keras": b"xxxx", "parts/b.npz": b"xxxxx"}


def test_folders_nested_without_end_are_not_looked_into(tmp_path):
    notebook, depth = tmp_path / "a.ipynb", sys.getrecursionlimit() + 100
    notebook.write_text("{}")
    with contextlib.chdir(tmp_path):
        for _ in range(depth):
            os.mkdir("a")
            os.chdir("a")
            Path("b").touch()
        found = files_beside.find(notebook).taken
        for _ in range(depth):
            Path("b").unlink()
            os.chdir("..")
            os.rmdir("a")
    assert len(found) == plain_files.MAX_DEPTH


def test_a_notebook_that_is_run_by_another_is_taken_along(tmp_path):
    names = ["utils.ipynb", "sums (1).ipynb", "scratch.ipynb"]
    notebook = naming(tmp_path, *names[:2])
    for name in names:
        (tmp_path / name).write_text("{}")
    (tmp_path / "link.ipynb").symlink_to("scratch.ipynb")
    found = files_beside.find(notebook)
    assert list(found.taken) == ["utils.ipynb"]
    assert set(found.notebooks) == {*names, "link.ipynb"}


def test_a_saved_network_is_never_left_out_for_the_sake_of_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(files_beside, "MAX_FILES_BESIDE", 5)
    (tmp_path / "challenge.keras").write_bytes(bytes(1_000))
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(bytes(number))
    found = files_beside.find(tmp_path / "sums.ipynb")
    assert list(found.taken) == ["challenge.keras", "0.png", "1.png", "2.png", "3.png"]
    assert found.left_out == ["4.png", "5.png", "6.png", "7.png"]
    (note,) = notes.of_files(found, {})
    assert note.facts == {"files": found.left_out}
    assert "left out" in note.text


HELPER, PACKAGE = {"helper.py"}, {"tools/__init__.py", "tools/part.py"}
USES = {
    **dict.fromkeys(["import helper", "from helper import accuracy"], HELPER),
    **dict.fromkeys(["import numpy as np, helper as h", "x = 1\nimport helper"], HELPER),
    **dict.fromkeys(["%run helper.py", "# mine\n%run -i helper", "!python helper.py"], HELPER),
    **dict.fromkeys(["if True:\n\timport helper", "import_module('helper')"], HELPER),
    **dict.fromkeys(["import tools.part", "from tools import part"], PACKAGE),
    **dict.fromkeys(["!python -m tools.part", "sys.path.append('tools')\nimport part"], PACKAGE),
}


@pytest.mark.parametrize("code", USES)
def test_a_python_file_that_the_notebook_uses_comes_right_after_saved_networks(
    tmp_path, monkeypatch, code
):
    monkeypatch.setattr(files_beside, "MAX_FILES_BESIDE", 6)
    (tmp_path / "tools").mkdir()
    for name in ("challenge.keras", *HELPER, *PACKAGE):
        (tmp_path / name).write_bytes(bytes(1_000))
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(bytes(number))
        (tmp_path / f"_{number}.py").write_bytes(bytes(number))
    cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "sums.ipynb")
    first, *others = files_beside.find(tmp_path / "sums.ipynb").taken
    assert first == "challenge.keras"
    assert {*others[: len(USES[code])]} == USES[code]
    assert not [name for name in others if name.endswith(".png")]


def test_of_files_that_are_left_out_those_that_the_notebook_names_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr(files_beside, "MAX_BYTES_BESIDE", 10)
    notebook = naming(tmp_path, "large.npz")
    for name, size in {"a.png": 9, "b.png": 9, "large.npz": 20, "utils.ipynb": 1}.items():
        (tmp_path / name).write_bytes(bytes(size))
    assert files_beside.find(notebook).left_out == ["large.npz", "b.png"]


def test_a_notebook_that_is_run_has_room_among_masses_of_files(tmp_path, monkeypatch):
    monkeypatch.setattr(files_beside, "MAX_FILES_BESIDE", 3)
    notebook = naming(tmp_path, "utils.ipynb")
    for name in ("utils.ipynb", *(f"{number}.png" for number in range(5))):
        (tmp_path / name).write_text("{}")
    found = files_beside.find(notebook)
    assert list(found.taken) == ["utils.ipynb", "0.png", "1.png"]


def test_a_network_behind_masses_of_files_is_found_and_what_is_too_much_is_told(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(files_beside, "MAX_LISTED", 3)
    names = {*(f"{number}.txt" for number in range(5)), "models/challenge.keras"}
    for name in (*names, "env/pyvenv.cfg", "env/lib/a.py", "env/bin/python"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    found = files_beside.find(naming(tmp_path))
    assert next(iter(found.taken)) == "models/challenge.keras"
    assert {*found.taken, *found.left_out} == names
    assert len(found.left_out) == 2


OF_OTHER_SYSTEMS = [
    *("Copy of challenge", "challenge (1)", "challenge(12)", "challenge-Copy1", "challenge - Copy"),
    *("challenge copy", "challenge copy 2", "challenge - Kopie", "challenge_1", "challenge-2"),
    *("challenge - 副本", "challenge - 副本 (2)", "challenge副本", "“challenge.keras”的副本"),
    *("Challenge", "challenge.keras"),
]


def naming(tmp_path, *names):
    """The path of a notebook whose code has these names."""
    path = tmp_path / "sums.ipynb"
    cell = nbformat.v4.new_code_cell("\n".join(f'Path("{name}").exists()' for name in names))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.mark.parametrize("stem", OF_OTHER_SYSTEMS)
def test_a_file_that_was_renamed_stands_for_the_one_that_is_not_there(tmp_path, stem):
    notebook = naming(tmp_path, "mine/challenge.keras", "net.keras")
    name = f"mine/{stem}.keras"
    (tmp_path / "mine").mkdir()
    (tmp_path / name).write_bytes(b"new")
    (tmp_path / "challenge.keras").write_bytes(b"another one")
    found = files_beside.find(notebook)
    assert found.renamed == {"mine/challenge.keras": name}
    assert files_beside.read(notebook)["mine/challenge.keras"] == b"new"
    (note,) = notes.of_files(found, {})
    assert note.text.startswith(f"The file “{name}” was taken for mine/challenge.keras")
    (tmp_path / "mine" / "challenge.keras").write_bytes(b"its own")
    assert files_beside.read(notebook)["mine/challenge.keras"] == b"its own"
    assert not files_beside.find(notebook).renamed


def test_a_notebook_is_not_searched_for_the_names_of_files_that_are_in_their_places(
    tmp_path, monkeypatch
):
    """That takes 0.1 s for each MB of it, in the grader's own process."""
    notebook = naming(tmp_path, "challenge.keras", "pictures/1.png")
    (tmp_path / "pictures").mkdir()
    for name in ("challenge.keras", "pictures/1.png"):
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr(plain_files, "content", lambda path: pytest.fail(f"{path} was read"))
    found = files_beside.find(notebook)
    assert list(found.taken) == ["challenge.keras", "pictures/1.png"]
    assert not found.renamed


def test_a_network_in_a_folder_stands_for_the_one_that_is_not_beside_the_notebook(tmp_path):
    notebook = naming(tmp_path, "challenge.keras")
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "challenge (1).keras").write_bytes(b"trained")
    assert files_beside.read(notebook)["challenge.keras"] == b"trained"
    (tmp_path / "challenge.keras").write_bytes(b"its own")
    assert files_beside.read(notebook)["challenge.keras"] == b"its own"


def test_what_the_notebook_does_not_name_stands_for_nothing(tmp_path):
    notebook = naming(tmp_path, "run_{number}.png", "data.npz")
    (tmp_path / "data").mkdir()
    for name in ("run_1.png", "run_2.png", "net-1.keras", "data/data.npz"):
        (tmp_path / name).write_bytes(b"x")
    assert not files_beside.find(notebook).renamed


def test_what_stands_in_takes_no_room_without_an_end(tmp_path):
    """However many names a notebook has for it."""
    names = ["a.keras", *(f"a{' (1)' * count}.keras" for count in range(1, 40))]
    names += ["A.keras", "A.KERAS", "a.Keras"]
    notebook = naming(tmp_path, *names)
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / f"a{' (1)' * 40}.keras").write_bytes(b"x")
    assert len(files_beside.read(notebook)) == 3


def test_the_network_that_the_notebook_names_comes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(files_beside, "MAX_BYTES_BESIDE", 30)
    notebook = naming(tmp_path, "challenge.keras", "a.png")
    for number in range(12):
        (tmp_path / f"epoch {number}.keras").write_bytes(bytes(3))
    (tmp_path / "a.png").write_bytes(bytes(9))
    (tmp_path / "challenge-1.keras").write_bytes(bytes(4))
    found = files_beside.find(notebook)
    assert next(iter(found.taken)) == "challenge-1.keras"
    assert found.renamed == {"challenge.keras": "challenge-1.keras"}
    assert "a.png" in found.left_out


def test_of_several_such_files_the_newest_counts(tmp_path):
    for number, when in ((1, 30), (2, 50), (3, 40)):
        path = tmp_path / f"challenge ({number}).keras"
        path.write_bytes(b"%d" % number)
        os.utime(path, (when, when))
    assert files_beside.read(tmp_path / "sums.ipynb")["challenge.keras"] == b"2"


@pytest.mark.parametrize(
    ("there", "named"),
    [
        ([".ipynb_checkpoints/sums-checkpoint.ipynb"], ".ipynb_checkpoints/sums-checkpoint.ipynb"),
        (["._sums.ipynb", ".DS_Store"], "._sums.ipynb"),
        (["._sums.ipynb", "mine/sums.ipynb", "mine/._sums.ipynb"], "mine/sums.ipynb"),
        ([".ipynb_checkpoints/sums-checkpoint.ipynb", "sums.pdf"], "sums.pdf"),
        ([".DS_Store", ".git/a.ipynb", "timestamp.txt"], ""),
    ],
)
def test_a_hidden_notebook_is_named_if_nothing_else_is_there(tmp_path, there, named):
    for name in there:
        (tmp_path / "ada" / "1" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ada" / "1" / name).touch()
    place = submissions.find(tmp_path, "ada", "1", "sums.ipynb")
    but = f", but {named}: expected the notebook, in the folder itself." if named else "."
    but = ", only sums.pdf: ask for the notebook." if named == "sums.pdf" else but
    assert place.holds_others == (named != "" or "timestamp.txt" in there)
    assert place.missing == f"There is no sums.ipynb{but}"


def test_a_notebook_that_is_still_in_icloud_is_to_be_downloaded(tmp_path):
    for name in (".sums.ipynb.icloud", ".notes.txt.icloud", "sums.pdf"):
        (tmp_path / "ada" / "1" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ada" / "1" / name).touch()
    place = submissions.find(tmp_path, "ada", "1", "sums.ipynb")
    assert place.why_not_gradable == (
        "There is no sums.ipynb, but .sums.ipynb.icloud: the file itself is still in iCloud. "
        "Download it there, and hand in the downloaded one."
    )

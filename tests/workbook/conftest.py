"""A home of its own, and a small course to work on."""

import pytest

from course.workbook import jupyterlab
from tests.workbook.made_notebooks import code, markdown, released_cells, save


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """An empty home, for Jupyter too."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "KERAS_HOME", "XDG_CACHE_HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(folder / name))


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A course's folder as an unpacked kit has it; it is the current one."""
    folder = tmp_path / "kit"
    save(folder / "release/01-numbers/numbers.ipynb", *released_cells())
    save(folder / "release/02-reading/reading.ipynb", markdown("## Words\n\n# Reading"), code("1"))
    (folder / "release/01-numbers/table.txt").write_text("1 2 3")
    (folder / "release/01-numbers/.ipynb_checkpoints").mkdir()
    (folder / "release/01-numbers/.ipynb_checkpoints/numbers-checkpoint.ipynb").write_text("{}")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def opened(monkeypatch):
    """JupyterLab is not started: a list of the folder, notebook and options that it would get."""
    calls = []
    monkeypatch.setattr(jupyterlab, "become", lambda *arguments: calls.append(arguments))
    return calls

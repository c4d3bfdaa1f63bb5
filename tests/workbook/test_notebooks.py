"""Reading notebooks: what is not one is refused in words, odd metadata are no obstacle."""

import json

import nbformat
import pytest

from course.workbook import notebooks
from course.workbook.errors import WorkbookError
from tests.workbook.made_notebooks import code, released_cells, save


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not valid JSON"),
        ('{"cells": [', "not valid JSON"),
        ("<<<<<<< mine", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a notebook"),
        ("3", "not a notebook"),
        ("null", "not a notebook"),
        ('{"cells": null}', "not a notebook"),
        ('{"nbformat": 3, "worksheets": [1]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "sum", "source": ""}]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [1]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "not a notebook"),
        ('{"nbformat": 4, "cells": {"a": "b"}}', "not a notebook"),
    ],
)
def test_anything_else_is_refused_in_one_line(content, reason, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WorkbookError) as error:
        notebooks.read(path)
    message = str(error.value)
    assert str(path) in message
    assert reason in message
    assert len(message.splitlines()) == 1


def test_what_grading_takes_is_taken(tmp_path):
    """Each of these changes is made by some program."""
    path = save(tmp_path / "mine.ipynb", *released_cells())
    text = path.read_text()
    sparse = json.loads(text)
    for cell in sparse["cells"]:
        for name in {"outputs", "execution_count", "id"} & cell.keys():
            del cell[name]
    del sparse["cells"][0]["metadata"], sparse["metadata"], sparse["nbformat"]
    half = json.loads(text)
    half["cells"][0]["source"] += "\n\ud83d"
    versions = {
        "a mark of the encoding": text.encode("utf-8-sig"),
        "UTF-16": text.encode("utf-16"),
        "format 3": nbformat.writes(nbformat.read(path, as_version=3), version=3).encode(),
        "cells that lack something": json.dumps(sparse).encode(),
        "half a character": json.dumps(half).encode(),
    }
    for name, content in versions.items():
        path.write_bytes(content)
        cells = notebooks.read(path)["cells"]
        assert notebooks.title(cells) == "One and two", name
        ids = [notebooks.nbgrader_settings(cell).get("grade_id") for cell in cells]
        assert ids == [None, "one", "check_one", "two", "check_two"], name
        assert not any(map(notebooks.was_run, cells)), name
        "".join(cell["source"] for cell in cells).encode()
        assert all(notebooks.error_of(cell) is None for cell in cells if "outputs" in cell), name


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match=r"mine\.ipynb cannot be read: No such file"):
        notebooks.read(tmp_path / "mine.ipynb")


def test_a_notebook_has_a_title_and_exercises(tmp_path):
    cells = notebooks.read(save(tmp_path / "mine.ipynb", *released_cells()))["cells"]
    assert notebooks.title(cells) == "One and two"
    assert notebooks.exercises(cells) == [("one", 2), ("two", 3)]


@pytest.mark.parametrize(
    "settings", [3, {}, {"grade": True}, {"grade": True, "points": "many", "grade_id": None}]
)
def test_odd_metadata_are_no_obstacle(settings, tmp_path):
    path = save(tmp_path / "mine.ipynb", code("1"))
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["metadata"]["nbgrader"] = settings
    path.write_text(json.dumps(notebook))
    found = notebooks.exercises(notebooks.read(path)["cells"])
    assert len(found) == (isinstance(settings, dict) and "grade" in settings)
    assert all(exercise.points == 0 for exercise in found)

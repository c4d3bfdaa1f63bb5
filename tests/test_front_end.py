"""Which front ends show widgets: each is recognised by what it sends, or says, or not at all."""

from types import SimpleNamespace

import pytest

from course import front_end


@pytest.fixture
def sent(monkeypatch):
    """A function that lets a kernel receive a cell with this metadata, as if nobody graded it."""
    for name in ("NBGRADER_EXECUTION", "COURSE_STILL", "SERVER_SOFTWARE", "VOILA_PREHEAT"):
        monkeypatch.delenv(name, raising=False)

    def send(metadata):
        kernel = SimpleNamespace(get_parent=lambda _channel: {"metadata": metadata})
        monkeypatch.setattr(front_end, "get_ipython", lambda: SimpleNamespace(kernel=kernel))

    return send


@pytest.mark.parametrize(
    ("metadata", "cell"),
    [
        ({"cellId": "a1"}, "a1"),  # JupyterLab, Notebook 7, VS Code
        ({"colab": {"cell_id": "b2"}}, "b2"),
        ({}, None),  # programs that execute notebooks
    ],
)
def test_front_ends_for_readers_tell_the_cell(sent, metadata, cell):
    sent(metadata)
    assert front_end.cell_id() == cell
    assert front_end.has_audience() == (cell is not None)


@pytest.mark.parametrize(
    ("name", "value"), [("SERVER_SOFTWARE", "voila/0.5.8"), ("VOILA_PREHEAT", "True")]
)
def test_voila_is_recognised_by_the_environment(sent, monkeypatch, name, value):
    sent({})
    monkeypatch.setenv(name, value)
    assert front_end.has_audience()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert not front_end.has_audience()


def test_where_nothing_is_live_one_line_says_so(sent, monkeypatch, capsys):
    monkeypatch.setattr(front_end, "_has_said", False)
    sent({})
    front_end.say_still()
    front_end.say_still()
    (said,) = capsys.readouterr().out.splitlines()
    assert "no live pictures" in said


@pytest.mark.parametrize(
    ("name", "value"), [("NBGRADER_EXECUTION", "autograde"), ("COURSE_STILL", "1")]
)
def test_nothing_is_said_where_stills_are_asked_for(sent, monkeypatch, capsys, name, value):
    monkeypatch.setattr(front_end, "_has_said", False)
    sent({})
    monkeypatch.setenv(name, value)
    front_end.say_still()
    assert capsys.readouterr().out == ""

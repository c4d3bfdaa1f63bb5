"""Which front ends show widgets: each is recognised by what it sends, or says, or not at all."""

from types import SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel

from course import front_end
from tests.conftest import ROOT
from tests.pretended_cell import pretended_cell


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
    monkeypatch.setattr(front_end, "has_explained", False)
    sent({})
    assert not front_end.shows_live(None)
    assert not front_end.shows_live(None)
    assert front_end.shows_live(True)
    (said,) = capsys.readouterr().out.splitlines()
    assert "cannot show live pictures" in said


@pytest.mark.parametrize(
    ("name", "value"), [("NBGRADER_EXECUTION", "autograde"), ("COURSE_STILL", "1")]
)
def test_nothing_is_said_where_stills_are_asked_for(sent, monkeypatch, capsys, name, value):
    monkeypatch.setattr(front_end, "has_explained", False)
    sent({})
    monkeypatch.setenv(name, value)
    assert not front_end.shows_live(None)
    assert capsys.readouterr().out == ""


class Shown:
    """Something that a cell shows; it notes that it was closed."""

    def __init__(self, name):
        self.name, self.is_closed = name, False

    def close(self):
        self.is_closed = True


def test_a_cell_that_is_executed_again_shows_the_next_under_the_same_name():
    def shown_twice(cell):
        with pretended_cell(cell):
            return [front_end.show_in_cell(Shown) for _time in range(2)]

    before, other, after = map(shown_twice, ["one", "other", "one"])
    assert [made.is_closed for made in (*before, *other, *after)] == [True] * 2 + [False] * 4
    assert [made.name for made in after] == [made.name for made in before]
    assert len({made.name for made in (*after, *other)}) == 4
    assert front_end.show_in_cell(Shown).name != front_end.show_in_cell(Shown).name


# A kernel that is asked as they ask ---------------------------------------------------------------

SHOW = """
from course import dashboard, digits, training
dashboard.show(training.start("softmax", digits.load("embedded")), steps=10)
"""
AS_VOILA = "import os; os.environ['SERVER_SOFTWARE'] = 'voila/0.5.8'"


@pytest.fixture(scope="module")
def kernel():
    """A client of a kernel that starts as those for readers do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COURSE_STILL", raising=False)
        patch.setenv("PYTHONPATH", str(ROOT))
        manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def shown(client, metadata, code=SHOW):
    """What a cell shows: the kinds of its outputs, and the text that it prints."""
    content = {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True}
    request = client.session.msg("execute_request", content, metadata=metadata)
    client.shell_channel.send(request)
    kinds, text, state = set(), "", None
    while state != "idle":
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
            continue
        kinds |= set(message["content"].get("data", {}))
        text += message["content"].get("text", "")
        state = message["content"].get("execution_state", state)
        assert message["msg_type"] != "error", message
    return kinds, text


@pytest.mark.slow
def test_a_kernel_is_live_for_vs_code_colab_and_voila_and_still_for_others(kernel):
    widget = "application/vnd.jupyter.widget-view+json"
    for metadata in (
        {"cellId": "vscode-notebook-cell:/home/ada/softmax.ipynb#W0sZmlsZQ%3D%3D"},
        {"colab": {"cell_id": "b2"}},
    ):
        kinds, text = shown(kernel, metadata)
        assert widget in kinds, metadata
        assert "cannot show live pictures" not in text
    kinds, text = shown(kernel, {})
    assert widget not in kinds
    assert any(kind.startswith(("image/", "text/html")) for kind in kinds)
    assert "cannot show live pictures" in text
    shown(kernel, {}, AS_VOILA)
    assert widget in shown(kernel, {})[0]

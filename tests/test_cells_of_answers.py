"""A check in a real kernel knows which cell its answer comes from, and what ended the kernel."""

import time

import pytest
from jupyter_client.manager import KernelManager

from course.code_key import code_key

RIGHT = "def steps_per_epoch(examples, batch_size):\n    return -(-examples // batch_size)"
CHECK = "check.steps_per_epoch(steps_per_epoch)"
SUCCESS = "✓ steps_per_epoch is right: 1 of 1 solved. Lesson passed!"
EARLIER = "steps_per_epoch is still the function from an earlier run of its cell."
OVERWRITTEN = "is now something else, {}: run the first cells of the notebook again."


class Notebook:
    """A kernel to which cells are sent as JupyterLab sends them, with their ids."""

    def __init__(self, folder):
        self._manager = KernelManager()
        self._manager.start_kernel(cwd=str(folder))
        self._connect()

    def _connect(self):
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)

    def run(self, cell, text):
        """What a cell prints, and the message of its error."""
        return self.run_and_keep(cell, text)[0]

    def run_and_keep(self, cell, text):
        """The same, and what the lines keep in the notebook."""
        request, printed, kept = self._send(cell, text), [], []
        while True:
            message = self._client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] == "display_data":
                printed.append(content["data"]["text/plain"] + "\n")
                kept.append(content["metadata"])
            elif message["msg_type"] == "error":
                printed.append(f"{content['ename']}: {content['evalue']}\n")
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(printed), kept

    def _send(self, cell, text):
        content = {"code": text, "silent": False, "store_history": True, "stop_on_error": True}
        request = self._client.session.msg("execute_request", content, metadata={"cellId": cell})
        self._client.shell_channel.send(request)
        return request["header"]["msg_id"]

    def run_and_die(self, cell, text):
        """Run a cell that ends Python as a failing library does; then start the kernel again."""
        self._send(cell, text)
        while self._manager.is_alive():
            time.sleep(0.05)
        self._client.stop_channels()
        self._manager.restart_kernel(now=True)
        self._connect()

    def close(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    notebook = Notebook(tmp_path_factory.mktemp("notebook"))
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(kernel):
    kernel.run("clear", "%reset -f")
    assert kernel.run("set-up", "from course import check, digits") == ""
    return kernel


def test_an_answer_that_was_never_run_is_asked_for(notebook):
    said = notebook.run("check", CHECK)
    assert said.splitlines()[0] == "NameError: name 'steps_per_epoch' is not defined"
    assert "is it called steps_per_epoch in its cell, and was that cell run?" in said


@pytest.mark.parametrize(
    "rerun",
    [
        RIGHT.replace("steps_per_epoch", "steps_an_epoch"),
        RIGHT.replace("):", ")"),
        "1 / 0\n" + RIGHT,
        "# def the_answer(): ...",
    ],
    ids=["another name", "a syntax error", "an error before it", "a cell without it"],
)
def test_the_function_of_an_earlier_run_is_not_taken_for_the_answer(notebook, rerun):
    notebook.run("answer", RIGHT)
    assert SUCCESS in notebook.run("check", CHECK)
    notebook.run("answer", rerun)
    said = notebook.run("check", CHECK)
    assert EARLIER in said
    assert "is it still called steps_per_epoch there?" in said
    assert "✓" not in said
    notebook.run("answer", RIGHT)
    assert SUCCESS in notebook.run("check", CHECK)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("scratch", "1 / 0"), ("scratch", "steps_per_epoch(1, 1 / 0)"), ("answer", RIGHT)],
    ids=["an error elsewhere", "a call of it that stops", "the same again"],
)
def test_what_stops_elsewhere_makes_no_answer_old(notebook, cell, text):
    notebook.run("answer", RIGHT)
    notebook.run(cell, text)
    assert SUCCESS in notebook.run("check", CHECK)


@pytest.mark.parametrize(
    ("name", "own", "kind", "cell"),
    [
        ("check", "check = 5", "int", CHECK),
        ("data", "data = [1, 2, 3]", "list", "data.train.images"),
        ("train", "train = (1, 2)", "tuple", "train.images"),
        ("np", "np = 3", "int", CHECK),  # the answer needs it
        ("np", "import math as np", "module 'math'", "np.ones(3)"),
        ("X", "X = 'x'", "str", "X[0].shape"),
        ("Examples", "def Examples(): ...", "function", "Examples(1, 2)"),
    ],
)
def test_a_name_of_the_first_cells_that_was_given_away_is_told(notebook, name, own, kind, cell):
    set_up = """
from course import check
from course.digits import Digits, Examples
import numpy as np
X = np.zeros((2, 28, 28))
train = Examples(X, np.zeros(2))
data, lr = Digits(train, train, train, "none"), 0.1"""
    assert notebook.run("set-up", set_up) == ""
    notebook.run("answer", RIGHT.replace("-(-examples", "int(np.e) - 2 - (-examples"))
    assert SUCCESS in notebook.run("check", CHECK)
    notebook.run("own", f"{own}\nlr = 'small'")
    told = f"{name} {OVERWRITTEN.format(kind)}"
    if (name, cell) == ("np", CHECK):  # the lesson of this exercise does not import it itself
        told = told.replace("the first cells of the notebook", "`import numpy as np`")
    assert told in notebook.run("elsewhere", cell)
    assert "something else" not in notebook.run("own", "1 / 0"), "it has nothing to do with them"
    assert "something else" not in notebook.run("own", "lr / 2"), "a learner may replace it"


def test_a_line_of_success_keeps_which_code_passed(notebook):
    notebook.run("answer", RIGHT)
    passed = {"course": {"exercise": "steps_per_epoch", "passed": True, "answer": code_key(RIGHT)}}
    assert notebook.run_and_keep("check", CHECK) == (f"{SUCCESS}\n", [passed])


SUMS = "def weighted_sums(X, W, b):\n    return X @ W + b"
SHARE = "def accuracy(P, labels):\n    return (P.argmax(axis=1) == labels).mean()"


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        (SUMS, 2),
        (SUMS.replace("):", "): # the logits\n\n"), 2),
        (SUMS.replace(" + b", ""), 1),
        (SUMS.replace("):", ")"), 1),
        (SUMS.replace("weighted", "other"), 1),
    ],
)
def test_an_answer_that_was_changed_after_its_check_is_not_counted(notebook, changed, count):
    notebook.run("sums", SUMS)
    assert "1 of 5 solved" in notebook.run("check sums", "check.weighted_sums(weighted_sums)")
    notebook.run("share", SHARE)
    assert "2 of 5 solved" in notebook.run("check share", "check.accuracy(accuracy)")
    notebook.run("sums", changed)
    assert f"{count} of 5 solved" in notebook.run("check share", "check.accuracy(accuracy)")


MEANS = "def column_means(X):\n    return np.mean(X, axis=0)"


@pytest.fixture
def on_tensors(notebook):
    set_up = "from course.check import tensors as check\nimport numpy as np"
    assert notebook.run("set-up", set_up) == ""
    return notebook


@pytest.mark.slow
def test_so_it_is_in_the_notebook_on_tensors(on_tensors):
    said = on_tensors.run("check", "check.column_means(column_means)")
    assert "is it called column_means in its cell, and was that cell run?" in said
    on_tensors.run("answer", MEANS)
    assert "✓" in on_tensors.run("check", "check.column_means(column_means)")
    on_tensors.run("answer", MEANS.replace("column_means", "means_of_columns"))
    said = on_tensors.run("check", "check.column_means(column_means)")
    assert "column_means is still the function from an earlier run of its cell." in said


@pytest.mark.slow
def test_a_check_tells_of_an_overwritten_name_once(on_tensors):
    on_tensors.run("answer", MEANS)
    on_tensors.run("own", "np = 3")
    said = on_tensors.run("check", "check.column_means(column_means)")
    assert said.count("something else") == 1
    assert "np.array" not in said


def test_a_name_of_python_that_was_given_away_is_told_in_any_cell(notebook):
    notebook.run("own", "sum = 3")
    said = notebook.run("elsewhere", "sum([1, 2])")
    assert "sum is now something else, int: `del sum` brings Python's own back." in said
    assert "something else" not in notebook.run("elsewhere", "sum.real, 1 / 0")
    assert notebook.run("elsewhere", "del sum\nsum([1, 2])") == ""


def test_a_kernel_that_ended_in_a_check_says_so_after_the_restart(notebook):
    notebook.run("answer", "import os\ndef steps_per_epoch(examples, batch_size): os.abort()")
    notebook.run_and_die("check", CHECK)
    said = notebook.run("set-up", "from course import check")
    assert "The kernel ended while steps_per_epoch was being checked." in said
    assert notebook.run("set-up", "from course import check") == ""

"""What works in JupyterLab works inside, and what needs another machine costs nothing."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Sandbox
from tests.conftest import missing_walls
from tests.tiny_course import test_cell as graded_cell

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("habits")]

# Each cell, and what it shows; none of them stops.
CELLS = {
    "%cd /usr\nimport os\nprint(os.getcwd())": "/usr",
    "kept = [1, 2]\n%store kept\ndel kept\n%store -r kept\nprint(kept)": "[1, 2]",
    "%bookmark here\n%bookmark -l": "here -> /usr",
    "%matplotlib qt\nprint('below')": "%matplotlib inline is used here",
    "%matplotlib widget\nprint('below')": "%matplotlib inline is used here",
    "%gui tk\nprint('below')": "below",
    "def magic():\n    %nonesuch\n    return 5\nprint(magic())": "no magic %nonesuch here",
    "import asyncio\nasync def five(): return 5\ntask = asyncio.create_task(five())": "",
    "print(task.result())": "5",
    "print(await five(), asyncio.get_running_loop().is_running())": "5 True",
    "%%time\nlater = asyncio.create_task(five())": "Wall time",
    "%%capture\nlatest = asyncio.create_task(five())": "",
    "print(await later + await latest)": "10",
}
FUNCTION = """
import asyncio
def answer():
    %matplotlib tk
    %nonesuch
    return asyncio.run(five())
"""


def run(*cells, seconds=60):
    missing_walls()
    tests = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    with Sandbox() as sandbox:
        return sandbox.run(new_notebook(cells=tests), None, cell_timeout=seconds, timeout=120)


def shown(event):
    return "".join(output.get("text", "") for output in event.outputs)


@pytest.mark.slow
def test_nothing_stops_that_works_elsewhere():
    outcome = run(*CELLS, FUNCTION, graded_cell("check", "assert answer() == 5", points=1))
    for index, (cell, text) in enumerate(CELLS.items()):
        event = outcome.cells[index]
        assert (event.status, event.error_text) == ("ok", ""), cell
        assert text in shown(event), cell
    assert outcome.cells[len(CELLS) + 1].status == "ok"


@pytest.mark.slow
def test_a_wait_without_an_end_takes_its_own_cell_alone():
    waits = ["import asyncio\nwhile True: await asyncio.sleep(0)", "await asyncio.sleep(600)"]
    outcome = run(*waits, "x = 1\nawait asyncio.sleep(0)\nprint(x)", seconds=2)
    assert [outcome.cells[place].status for place in range(3)] == ["timed_out", "timed_out", "ok"]
    assert shown(outcome.cells[2]) == "1\n"


def test_an_answer_without_eager_execution_is_told_so():
    """In TensorFlow's place: a module that says what it would say."""
    cells = [
        "import sys, types\nsys.modules['tensorflow'] = types.ModuleType('tensorflow')",
        "sys.modules['tensorflow'].executing_eagerly = lambda: False\ndef answer(): return 5",
    ]
    outcome = run(*cells, graded_cell("check", "assert answer() == 5", points=1))
    assert "take the line `tf.compat.v1.disable_eager" in outcome.cells[2].error_text

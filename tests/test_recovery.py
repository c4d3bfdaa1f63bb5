"""Cells that stop: what stands below the line that failed is run, unless it was on purpose."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import verdict
from autograder.sandbox import Sandbox

# A cell; which of `x` and `y` have a value afterwards; the line that is told.
CELLS = {
    "nothing_fails": ("x = 1\ny = 2", "xy", 0),
    "a_missing_package": ("import seaborn as sns\nx = 1\ny = 2", "xy", 1),
    "several_errors": ("x = 1\n1 / 0\nnone\nimport seaborn\ny = 2", "xy", 2),
    "on_one_line": ("é = 'ü'; import seaborn; x = 1; 1 / 0; y = 2", "xy", 1),
    "an_extension": ("\n\n%load_ext nonesuch\nx = 1\ny = 2", "xy", 3),
    "a_backend": ("import matplotlib\nmatplotlib.use('Qt')\nx = 1\ny = 2", "xy", 2),
    "a_cell_magic": ("%%nonesuch\nx = 1\ny = 2", "xy", 0),
    "a_timed_cell": ("%%time\nx = 1\nimport seaborn\ny = 2", "xy", 0),
    "a_timed_cell_that_does_not_parse": ("%%time\nx = 1\nprint(\ny = 2", "xy", 0),
    "a_captured_cell": ("%%capture\nx = 1\nimport seaborn\ny = 2", "xy", 0),
    "a_captured_cell_with_an_open_bracket": ("%%capture\nx = 1\ny = 2\nprint(len('a')", "xy", 0),
    "a_script": ("%%bash\nexit 1\nx = 1", "", 0),
    "a_loop": ("for i in range(3):\n    x = i\n    none\ny = 2", "xy", 3),
    "a_function_that_is_called": ("def f():\n    none\n\nx = 1\nf()\ny = 2", "xy", 5),
    "a_decorator": ("@none\n@none\ndef f():\n    pass\nx = 1\ny = 2", "xy", 1),
    "a_decorator_and_hints_that_are_missing": (
        "import fast\n@fast.way(1)\n@str\ndef x(a: fast.Array, *b: 'none') -> fast.Array | None:\n"
        "    return a\n@str\ndef y(c: nonesuch = 1, /, *, d: int): pass",
        *("xy", 1),
    ),
    "a_decorator_and_a_hint_that_a_module_lacks": (
        "import os\n@os.nonesuch(1)\ndef x(): pass\ndef y(a: os.nonesuch): pass",
        *("xy", 2),
    ),
    "a_name_that_is_missing_in_a_default": ("def x(a=none): pass\ny = 2", "y", 1),
    "a_decorator_below": ("none\nx = 1\n@str\ndef f():\n    pass\ny = 2", "xy", 1),
    "a_statement_of_many_lines": ("x = 1\nprint(\n    1,\n    none,\n)\ny = 2", "xy", 4),
    "a_wait": ("import asyncio\nnone\nx = 1\nawait asyncio.sleep(0)\ny = 2", "xy", 2),
    "indented": ("    none\n    x = 1\n    y = 2", "xy", 1),
    "an_error_from_a_text": ("exec('1 +')\nx = 1\ny = 2", "xy", 1),
    "no_python": ("x = 1\ndef f(:\n    return 3\n\ny = 2", "xy", 2),
    "no_python_below_a_decorator": ("x = 1\n@str\ndef f(:\n    return 3\ny = 2", "xy", 3),
    "an_open_bracket": ("x = 1\nprint('a'\n\ny = 2", "xy", 2),
    "an_open_text": ("x = 1\ny = 2\nprint('a)", "xy", 3),
    "a_return": ("x = 1\nreturn x\ny = 2", "xy", 2),
    "an_else_alone": ("x = 1\nelse:\n    z = 3\ny = 2", "y", 2),
    "blanks_of_a_web_page": ("x = 1\nif x:\n\u00a0\u00a0\u00a0 y\u00a0=\u00a02\u200b", "xy", 3),
    "full_width_signs": ("x\uff1d1\ny = len(\u201cab\u201d\uff09", "xy", 1),
    "chinese_quotes_in_a_text": (
        'def x\uff08a\uff09\uff1a\n    """\u8fd4\u56de\u201c\u4e24\u500d\u201d\u3002"""\n'
        '    return a\nassert x(1) == 1\ny\uff1d"\u5f97\u5230\u201c3\u201d\uff0c"',
        *("xy", 1),
    ),
    "chinese_quotes_around_and_in_texts": (
        'x = [\u201ca\u201d\uff0c "\u201cb\u201d"]\nx.append(\u2018c\u2019)\ny = 2',
        *("xy", 1),
    ),
    "a_sign_behind_chinese_words": (
        'z = "\u4e2d\u6587\u201c\u201d"; x = ["\u4e2d\u6587"\uff0c 1]\ny = 2',
        *("xy", 1),
    ),
    "other_chinese_signs": (
        "import math\nx = \u3010math\u3002pi\u3001 2 \u2014 1\u3011\n"
        "y = 2 if x[0] \u300b 3 else none",
        *("xy", 2),
    ),
    "nothing_that_parses": ("def (", "", 1),
    "raise": ("x = 1\nraise ValueError('no further')\ny = 2", "x", 2),
    "an_assertion_that_cannot_be_tried": ("x = 1\nassert none == 2\ny = 2", "xy", 2),
    "a_flood_of_text": ("x = 1\nfor y in range(30_000): print('x' * 100)", "xy", 0),
    "shown_values_that_are_forgotten": ("x = 1\n%reset -f out\ny = 2", "xy", 0),
    "assert": ("x = 1\nassert not x\ny = 2", "x", 2),
    "exit_by_sys": ("import sys\nx = 1\nsys.exit()\ny = 2", "x", 0),
    "out_of_memory": ("x = 1\nb'x' * 10**18\ny = 2", "x", 2),
}
ENDLESS = {
    "out_of_time": ("x = 1\nwhile True: pass\ny = 2", "x", 0),
    "out_of_time_further_down": ("x = 1\nnone\nwhile True: pass\ny = 2", "x", 0),
    "every_error_is_caught": (
        "x = 1\nwhile True:\n    try:\n        n = int(input())\n        break\n"
        "    except:\n        z = 'a number, please'\ny = 2",
        *("x", 0),
    ),
    "every_error_is_caught_inside": (
        "import contextlib, time\nx = 1\ndef f():\n    while True:\n"
        "        with contextlib.suppress(BaseException): time.sleep(60)\nf()\ny = 2",
        *("x", 0),
    ),
    "what_with_and_finally_put_right": (
        "class Tidy:\n    def __enter__(self): pass\n    def __exit__(self, *_):\n"
        "        global left\n        left = 1\n"
        "try:\n    with Tidy():\n        while True: pass\nexcept:\n    x = left\n"
        "finally:\n    y = x",
        *("xy", 0),
    ),
}
PROBE = "print(*(name for name in 'xy' if globals().pop(name, None) is not None))"


pytestmark = pytest.mark.xdist_group("recovery")  # its notebooks are run once


@pytest.fixture(scope="module")
def ran(quick_start):
    """The event of each cell, and what the probe below it printed."""
    found = {}
    with Sandbox(walls=False) as sandbox:
        for some, seconds in ((CELLS, 60), (ENDLESS, 2)):
            texts = [text for source, *_ in some.values() for text in (source, PROBE)]
            notebook = new_notebook(cells=[new_code_cell(text) for text in texts])
            outcome = sandbox.run(notebook, None, cell_timeout=seconds, timeout=200)
            assert outcome.end == "done", outcome.trouble
            events = [outcome.cells[index] for index in range(len(texts))]
            found |= zip(some, zip(events[::2], events[1::2], strict=True), strict=True)
    return found


@pytest.mark.parametrize("name", CELLS | ENDLESS)
def test_what_stands_below_is_run(ran, name):
    source, defined, line = (CELLS | ENDLESS)[name]
    event, probe = ran[name]
    printed = "".join(output["text"] for output in probe.outputs)
    assert "".join(printed.split()) == defined
    stop = verdict.stop(source, event) or {"line": 0}
    assert stop["line"] == line


def test_the_first_error_is_told_and_all_are_shown(ran):
    event, _ = ran["several_errors"]
    assert (event.status, event.error_name) == ("error", "ZeroDivisionError")
    shown = [output["ename"] for output in event.outputs]
    assert shown == ["ZeroDivisionError", "NameError", "ModuleNotFoundError"]
    told = ["\n".join(output["traceback"]) for output in event.outputs]
    assert all(f"line {number}" in text for number, text in zip((2, 3, 4), told, strict=True))


def test_cells_are_counted_as_in_a_notebook(ran):
    counts = [event.execution_count for name in CELLS for event in ran[name]]
    assert counts == [count and number for number, count in enumerate(counts, start=1)]


def test_a_cell_that_takes_too_long_says_so(ran):
    for name in ENDLESS:
        assert ran[name][0].status == "timed_out"
        assert ran[name][0].execution_count

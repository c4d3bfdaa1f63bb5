"""What honest students do: none of it may cost a point."""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from tests.attacks import lesson
from tests.attacks.case import Case, right
from tests.tiny_course import cell_of, grade_id

# What is done to the file. Each of these changes a notebook and returns it. -----------------------


def _given(notebook, first_line):
    """The place of a cell that the lesson gives."""
    return next(
        place for place, cell in enumerate(notebook.cells) if cell.source.startswith(first_line)
    )


def _set_up(change, first_line="import numpy"):
    """Something done to a cell that the lesson gives: its new text, or a cell, or None."""

    def changed(notebook):
        place = _given(notebook, first_line)
        cell = notebook.cells[place]
        new = change(cell.source)
        if new is None:
            del notebook.cells[place]
        elif isinstance(new, str):
            cell.source = new
        else:
            new.id = cell.id
            notebook.cells[place] = new
        return notebook

    return changed


def _above(text):
    return _set_up(lambda source: f"{text}\n{source}")


def _later(change):
    return _set_up(change, "import math")


def _moved(first_line, where):
    def changed(notebook):
        cell = notebook.cells.pop(_given(notebook, first_line))
        notebook.cells.insert(where % (len(notebook.cells) + 1), cell)
        return notebook

    return changed


def _without_marks(notebook):
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def _without_marks_and_ids(notebook):
    for number, cell in enumerate(_without_marks(notebook).cells):
        cell.id = f"a0b1c2d3-{number}"
    return notebook


def _as_hosted(notebook):
    """As a hosted notebook is downloaded: its own ids, and nothing of nbgrader's."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata = {"id": f"Xy{number}", "colab": {"base_uri": "https://localhost:8080/"}}
        cell.id = f"Xy{number}"
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    return notebook


def _tests_lost(notebook):
    """And the marks of the answers."""
    notebook.cells = [cell for cell in notebook.cells if "check" not in (grade_id(cell) or "")]
    return _without_marks_and_ids(notebook)


def _every_second_mark_lost(notebook):
    for cell in notebook.cells[::2]:
        cell.metadata = {}
    return notebook


def _marks_exchanged(one, other):
    def changed(notebook):
        first, second = cell_of(notebook, one), cell_of(notebook, other)
        first.metadata, second.metadata = second.metadata, first.metadata
        return notebook

    return changed


def _stub(name):
    head, _ = lesson.RIGHT[name]
    stub = cell_of(lesson.released(), name).source
    assert stub.startswith(head)
    return stub


def _answered_in_a_new_cell(where):
    """The stub stays in its cell; the answer stands at another place, or right below a cell."""

    def changed(notebook):
        cell = cell_of(notebook, "double")
        answer, cell.source = cell.source, _stub("double")
        place = where
        if isinstance(where, str):
            place = notebook.cells.index(cell_of(notebook, where)) + 1
        notebook.cells.insert(place, new_code_cell(answer))
        return notebook

    return changed


def _moved_to_a_new_cell(notebook):
    """Cut and pasted: the marked cell is left empty."""
    cell = cell_of(notebook, "double")
    place = notebook.cells.index(cell)
    notebook.cells.insert(place + 1, new_code_cell(cell.source))
    cell.source = ""
    return notebook


def _split(notebook):
    """As JupyterLab splits a cell: both parts have its mark, and new ids."""
    cell = cell_of(notebook, "double")
    below = copy.deepcopy(cell)
    cell.source, cell.id, below.id = "factor = 2", "upper", "lower"
    below.source = "def double(x):\n    return factor * x"
    notebook.cells.insert(notebook.cells.index(cell) + 1, below)
    return notebook


def _joined(*names, marks_of):
    """Cells joined into one, which keeps the marks of one of them."""

    def changed(notebook):
        cells = [cell_of(notebook, name) for name in names]
        kept = cell_of(notebook, marks_of)
        source = "\n\n".join(cell.source for cell in cells)
        others = [cell for cell in cells if cell is not kept]
        notebook.cells = [cell for cell in notebook.cells if not any(cell is o for o in others)]
        kept.source = source
        return notebook

    return changed


def _all_in_one(notebook):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [new_code_cell("\n\n".join(code))]
    return notebook


def _turned_into(new_cell, *names):
    """Cells that are no code any more."""

    def changed(notebook):
        for place, cell in enumerate(notebook.cells):
            if grade_id(cell) in names or (not names and cell.cell_type == "code"):
                new = new_cell(cell.source, metadata=cell.metadata, id=cell.id)
                notebook.cells[place] = new
        return notebook

    return changed


def _prose_as_code(notebook):
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            notebook.cells[place] = new_code_cell(cell.source, id=cell.id)
    return notebook


def _twice(notebook):
    """A solved copy of the notebook, and a blank one below it."""
    notebook.cells += [copy.deepcopy(cell) for cell in lesson.released().cells]
    return notebook


def _old_attempt_below(notebook):
    """A copy of the answer below, by which the answer's name gets another meaning at the end."""
    notebook.cells.append(new_code_cell("def double(x):\n    return None"))
    return notebook


def _put_right(where):
    """A wrong attempt stays in its cell; the right one stands at another place, or below a cell."""

    def changed(notebook):
        notebook = _answered_in_a_new_cell(where)(notebook)
        cell_of(notebook, "double").source = "def double(x):\n    return None"
        return notebook

    return changed


def _append(notebook, name, text):
    cell_of(notebook, name).source += text
    return notebook


def _test_moved_to_its_answer(notebook):
    """And its own cell is used to try the answer out."""
    test = cell_of(notebook, "check_double")
    _append(notebook, "double", f"\n\n{test.source}")
    test.source = "print(double(3))"
    return notebook


def _reversed(notebook):
    notebook.cells[2:] = notebook.cells[:1:-1]
    return notebook


def _then(*changes):
    def changed(notebook):
        for change in changes:
            notebook = change(notebook)
        return notebook

    return changed


_DRIVE = (
    "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive\n"
    "!pip install -q --no-index seaborn\n%tensorflow_version 2.x"
)
_MINE = "    return mine(x)"  # an answer by a function that the student wrote into the set-up

# Cells that the lesson gives, and what a machine without this or that makes of them.
GIVEN = {
    "a_package_that_is_missing": _above("import seaborn as sns"),
    "a_package_that_is_missing_on_the_same_line": _above("import seaborn; import os"),
    "a_magic_for_another_machine": _above("%matplotlib widget"),
    "a_magic_that_is_not_installed": _above("%load_ext tensorboard\n%nonesuch"),
    "a_cell_magic_that_is_not_installed": _above("%%nonesuch"),
    "a_timed_set_up_that_stops": _above("%%time\nimport seaborn"),
    "a_hosted_notebooks_first_lines": _above(_DRIVE),
    "a_setting_that_fails": _above("open('/content/drive/settings.json')"),
    "a_stop_on_purpose": _above("raise SystemExit('no need to run this twice')"),
    "an_assertion": _above("import sys\nassert sys.version_info < (3,), 'old'"),
    "an_exit": _above("import sys\nsys.exit()"),
    "a_set_up_that_does_not_parse": _above("def ("),
    "a_bracket_that_is_not_closed": _above("print('start'"),
    "a_set_up_that_is_misspelt": _set_up(lambda source: "import nunpy as np"),
    "no_set_up": _set_up(lambda source: None),
    "an_empty_set_up": _set_up(lambda source: " \n"),
    "a_set_up_of_comments": _set_up(lambda source: f"# {source}"),
    "another_set_up": _set_up(lambda source: "import os"),
    "a_set_up_as_markdown": _set_up(new_markdown_cell),
    "a_set_up_as_raw_text": _set_up(new_raw_cell),
    "a_set_up_at_the_end": _moved("import numpy", -1),
    "no_later_cell": _later(lambda source: None),
    "half_of_the_later_cell": _later(lambda source: "import math"),
    "a_later_cell_that_does_not_parse": _later(lambda source: source.replace(":", "")),
    "a_later_cell_with_a_missing_package": _later(lambda source: f"import seaborn\n{source}"),
    "a_later_cell_at_the_end": _moved("import math", -1),
    "neither_set_up_nor_later_cell": _then(
        _set_up(lambda source: None), _later(lambda source: None)
    ),
    "all_given_cells_broken": _then(_above("def ("), _later(lambda source: "def (")),
}
# Answers that use what is given, and what it has to be.
_USING = {
    "double": "    return np.multiply(2, x)",
    "tally": "    return [f(i) for i in counted(n)] if start == 7 else None",
    "pairs": "    return [(x[math.floor(i)], x[i + 1]) for i in range(len(x) - 1)]",
}


def _halfway(text):
    """A cell of the student's own in the middle, above the second answer."""

    def changed(notebook):
        place = notebook.cells.index(cell_of(notebook, "tally"))
        notebook.cells.insert(place, new_code_cell(text))
        return notebook

    return changed


# The answers below the middle use another answer, its helper, a constant and Python's own `sum`.
_TOGETHER = {
    "double": "FACTOR = 2\ndef mine(x):\n    return FACTOR * x\ndef double(x):\n    return mine(x)",
    "tally": "    return [f(int(double(i) / sum([1, 1]))) for i in counted(n)]",
    "pairs": "    n = len(tally(int, len(x) - 1))\n"
    "    return [(x[math.floor(i)], x[i + 1]) for i in range(n)]",
}
# What takes names away halfway, or gives them another meaning.
HALFWAY = {
    "a_reset": "%reset -f",
    "a_soft_reset": "%reset -sf",
    "an_aggressive_reset": "%reset -f --aggressive",
    "a_selective_reset": "%reset_selective -f .",
    "a_cleared_namespace": "globals().clear()",
    "a_loop_that_deletes_everything": (
        "for name in list(globals()):\n    if not name.startswith('_'): del globals()[name]"
    ),
    "a_librarys_functions_over_an_answer": "from numpy import *",  # it has a `double`
    "answers_that_are_deleted": "del double, mine, FACTOR, counted",
    "an_answer_that_is_named_like_its_result": "double = double(np.ones(2))",
    "functions_of_pythons_that_are_numbers": "sum = 0\nfor len in range(3): sum += len\nint = 5",
    "functions_of_pythons_that_are_numbers_everywhere": "import builtins\nbuiltins.sum = 0",
    "functions_of_pythons_that_are_others": "from numpy import ndarray as int, sqrt as sum",
    "a_reset_and_a_new_start": "%reset -f\nimport numpy as np\nimport math",
}

# Marks, ids and cells that are not where they were.
MARKS = {
    "no_marks": _without_marks,
    "no_marks_and_no_ids": _without_marks_and_ids,
    "a_hosted_notebook": _as_hosted,
    "no_marks_and_no_tests": _tests_lost,
    "every_second_mark_lost": _every_second_mark_lost,
    "no_marks_in_reverse_order": _then(_without_marks_and_ids, _reversed),
    "marks_of_two_answers_exchanged": _marks_exchanged("double", "pairs"),
    "marks_of_two_tests_exchanged": _marks_exchanged("check_double", "check_tally"),
    "marks_of_an_answer_and_another_test_exchanged": _marks_exchanged("double", "check_tally"),
    "an_answer_in_the_cell_below": _answered_in_a_new_cell("double"),
    "an_answer_in_the_cell_below_the_test": _answered_in_a_new_cell("check_double"),
    "an_answer_at_the_end": _answered_in_a_new_cell(99),
    "an_answer_above_its_cell": _answered_in_a_new_cell(2),
    "an_answer_above_its_cell_and_no_marks": _then(
        _answered_in_a_new_cell(2), _without_marks_and_ids
    ),
    "an_answer_at_the_end_and_no_marks": _then(_answered_in_a_new_cell(99), _without_marks_and_ids),
    "an_answer_cut_and_pasted": _moved_to_a_new_cell,
    "an_answer_cut_and_pasted_and_no_marks": _then(_moved_to_a_new_cell, _without_marks_and_ids),
    "a_cell_that_was_split": _split,
    "a_cell_that_was_split_and_no_marks": _then(_split, _without_marks_and_ids),
    "two_answers_in_one_cell": _joined("double", "pairs", marks_of="double"),
    "two_answers_in_the_lower_cell": _joined("double", "pairs", marks_of="pairs"),
    "two_answers_in_one_cell_and_no_marks": _then(
        _joined("double", "tally", marks_of="double"), _without_marks_and_ids
    ),
    "an_answer_and_its_test_in_one_cell": _joined("double", "check_double", marks_of="double"),
    "an_answer_in_its_test": _joined("double", "check_double", marks_of="check_double"),
    "an_answer_below_the_test_of_another": _joined("check_double", "tally", marks_of="tally"),
    "an_answer_in_the_test_of_another": _joined("check_double", "tally", marks_of="check_double"),
    "all_in_one_cell": _all_in_one,
    "answers_as_markdown": _turned_into(new_markdown_cell, "double", "pairs"),
    "an_answer_as_raw_text_without_a_mark": _then(
        _turned_into(new_raw_cell, "double"), _without_marks_and_ids
    ),
    "all_code_as_markdown": _turned_into(new_markdown_cell),
    "prose_as_code": _prose_as_code,
    "prose_as_code_and_no_marks": _then(_prose_as_code, _without_marks_and_ids),
    "a_blank_copy_below": _twice,
    "a_blank_copy_below_and_no_marks": _then(_twice, _without_marks_and_ids),
    "a_wrong_attempt_above_the_right_one": _put_right("double"),
    "a_wrong_attempt_above_its_test": _put_right("check_double"),
    "a_wrong_attempt_above_its_test_and_no_marks": _then(
        _put_right("check_double"), _without_marks_and_ids
    ),
    "a_wrong_attempt_and_the_right_one_at_the_end": _put_right(99),
    "an_old_attempt_below": _old_attempt_below,
    "an_old_attempt_below_and_no_marks": _then(_old_attempt_below, _without_marks_and_ids),
}

_DOUBLE = "def double(x):\n    return 2 * x"

CASES = {
    "prints_everywhere": right(
        "print('start')",
        answers={"double": "    print('x is', x)\n    return 2 * x"},
        last="print(double(np.ones(2)))",
    ),
    "warns": right(
        "import logging, sys, warnings\nwarnings.warn('careful')\nlogging.warning('careful')\n"
        "print('careful', file=sys.stderr)",
        answers={
            "double": "    import os, warnings; warnings.warn('careful'); os.write(2, b'careful')\n"
            "    np.float64(1) / 0\n    return x * 2"
        },
    ),
    "draws": right(
        "import matplotlib.pyplot as plt\n%matplotlib inline\n"
        "plt.plot([1, 2]); plt.show()\nfig, ax = plt.subplots()",
        shown="image/png",
    ),
    "widgets": right(
        "import ipywidgets as widgets\nfrom IPython.display import display\n"
        "slider = widgets.IntSlider(); display(slider)\nslider.value = 7\n"
        "widgets.interact(lambda a: print(a), a=(0, 3))"
    ),
    "progress_bars": right(
        "import time\nfrom tqdm import tqdm\nfrom tqdm.auto import trange\n"
        "for _ in tqdm(range(50)): pass\nfor _ in trange(3): pass"
    ),
    "magics": right(
        "%timeit -n1 -r1 1 + 1\n%time 1 + 1\n%pwd\n%who\n!echo hello\nfiles = !ls\n%env\n%lsmagic"
    ),
    "magic_above_an_answer": right(answers={"double": "%%time\ndef double(x):\n    return 2 * x"}),
    "a_cell_of_shell": right("%%bash\necho hello\nls"),
    "installs_what_is_there": right("%pip install -q numpy", shown=""),
    "asks_for_input": right("name = input('Your name? ')"),
    "asks_for_input_between": right(last="input()"),
    "an_error_in_a_scratch_cell": right("1 / 0", last="undefined_name"),
    "a_scratch_cell_that_does_not_parse": right("def (:", last="for"),
    "exits": right("exit()", last="quit()"),
    "exits_by_sys": right("import sys; sys.exit()"),
    "waits": right("import asyncio\nawait asyncio.sleep(0.01)"),
    "forks_helpers": right(
        "import multiprocessing\n"
        "def square(i): return i * i\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(square, range(4)))",
        shown="[0, 1, 4, 9]",
    ),
    "writes_files_beside_it": right(
        "np.save('mine.npy', np.ones(3)); open('notes.txt', 'w').write('x')\n"
        "import tempfile; tempfile.mkdtemp()",
        last="print(np.load('mine.npy'))",
        shown="[1. 1. 1.]",
    ),
    "reads_the_lessons_files": right("print(open('extra.txt').read())", shown="beside the lesson"),
    "reads_a_file_that_is_not_there": right("open('/content/drive/my.csv')"),
    "a_module_with_a_well_known_name": right(
        "%%writefile random.py\nx = 1", last="import random; print(random)"
    ),
    "renames_elsewhere": right(last="def helper(): pass\ndouble = None; del tally"),
    "redefines_between": right("x = f = n = 3; check = exam = 'mine'; result = Attempt = None"),
    "a_helper_function": right(
        "def helper(a):\n    return a + a", answers={"double": "    return helper(x)"}
    ),
    "own_imports": right(
        "from functools import lru_cache, partial\nfrom itertools import pairwise",
        answers={"pairs": "    return pairwise(x)"},
    ),
    "a_lambda": right(answers={"double": "double = lambda x: x + x"}),
    "a_partial": right(
        "from functools import partial", answers={"double": "double = partial(np.multiply, 2)"}
    ),
    "an_object_that_is_called": right(
        answers={
            "double": "class Double:\n    def __init__(self): self.calls = 0\n"
            "    def __call__(self, x):\n        self.calls += 1\n        return 2 * x\n"
            "double = Double()"
        }
    ),
    "a_class_as_an_answer": right(
        answers={
            "pairs": "class pairs:\n    def __init__(self, x): self.x, self.i = x, 0\n"
            "    def __iter__(self): return self\n"
            "    def __next__(self):\n        self.i += 1\n"
            "        if self.i >= len(self.x): raise StopIteration\n"
            "        return self.x[self.i - 1], self.x[self.i]"
        }
    ),
    "a_closure_with_state": right(
        "log = []",
        answers={
            "double": "    log.append(x.shape)\n    global last\n    last = x\n    return 2 * x"
        },
        last="print(len(log))",
        shown="2",
    ),
    "the_value_of_the_cell_above": right(
        "2", answers={"double": "factor = _\ndef double(x):\n    return factor * x"}
    ),
    "values_by_their_numbers": right(
        "2", answers={"double": "factor = Out[2] * _2 / 2\ndef double(x):\n    return factor * x"}
    ),
    "a_value_by_its_number_below_a_test": right(
        answers={
            "tally": "def tally(f, n):\n    return [f(i) for i in range(n)]\n1",
            "pairs": "one = _5\ndef pairs(x):\n    return zip(x, x[one:])",
        }
    ),
    "a_cached_function": right(
        "from functools import lru_cache",
        answers={
            "double": "@lru_cache\ndef twice(a): return 2 * a\n"
            "def double(x):\n    return np.vectorize(twice)(x)"
        },
    ),
    "a_list": right(answers={"double": "    return (2 * x).tolist()"}),
    "a_tuple_of_arrays": right(answers={"double": "    return tuple(2 * x)"}),
    "fractions": right(
        "from fractions import Fraction",
        answers={
            "double": "    fractions = [Fraction(2 * float(number)) for number in x.ravel()]\n"
            "    return np.array(fractions, object).reshape(x.shape)"
        },
    ),
    "a_matrix": right(
        answers={"double": "    return np.asarray(2 * x) if x.ndim < 2 else np.matrix(2 * x)"}
    ),
    "a_masked_array": right(answers={"double": "    return np.ma.masked_invalid(2 * x)"}),
    "float16": right(answers={"double": "    return (2 * x).astype(np.float16)"}),
    "long_double": right(answers={"double": "    return 2 * x.astype(np.longdouble)"}),
    "column_order": right(answers={"double": "    return np.asfortranarray(2 * x)"}),
    "another_byte_order": right(answers={"double": "    return (2 * x).astype('>f4')"}),
    "a_view_of_a_view": right(
        answers={"double": "    return (4 * np.repeat(x, 2, -1))[..., ::2] / 2"}
    ),
    "a_generator_function": right(
        answers={"pairs": "    for pair in zip(x, x[1:]):\n        print(pair)\n        yield pair"}
    ),
    "tensorflow_in_all_forms": right(
        "import tensorflow as tf\nprint(tf.constant(1.0) + 1)\n"
        "@tf.function\ndef twice(a): return a + a\n"
        "kinds = [tf.Variable, twice, lambda a: tf.cast(2 * a, tf.bfloat16), tf.convert_to_tensor]",
        answers={
            "double": "    y = kinds[x.ndim % 2](2 * x if x.ndim % 2 == 0 else x)\n    return y",
            "pairs": "    return tf.data.Dataset.from_tensor_slices((x[:-1], x[1:]))"
            ".as_numpy_iterator()",
        },
    ),
    "bfloat16": right(
        "import tensorflow as tf",
        answers={"double": "    return tf.cast(2 * x, tf.bfloat16)"},
    ),
    "nothing_but_the_answers": Case(),
    # What the student's own cells need, although a line above it failed.
    "a_package_that_is_missing_in_an_answer": right(
        answers={"double": "import seaborn as sns\n\ndef double(x):\n    return 2 * x"}
    ),
    "a_magic_that_is_missing_in_an_answer": right(
        answers={"double": "%load_ext lab_black\n%nonesuch 3\ndef double(x):\n    return 2 * x"}
    ),
    "a_cell_magic_that_is_missing_in_an_answer": right(
        answers={"double": "%%nonesuch\ndef double(x):\n    return 2 * x"}
    ),
    "a_recursion_without_end_above_an_answer": right(
        answers={"double": "def f(n):\n    return f(n)\nf(1)\ndef double(x):\n    return 2 * x"},
        seconds=10,
    ),
    "a_recursion_without_end_behind_another_error": right(
        answers={
            "double": "def f(n):\n    return f(n)\ntry:\n    f(1)\nexcept RecursionError as e:\n"
            "    raise ValueError from e\ndef double(x):\n    return 2 * x"
        },
        seconds=10,
    ),
    "a_line_that_does_not_parse_below_an_answer": right(
        answers={"double": "def double(x):\n    return 2 * x\n\nprint(double(np.ones(2))"}
    ),
    "a_call_that_fails_above_an_answer": right(
        answers={"double": "print(double_of_before(3))\n\ndef double(x):\n    return 2 * x"}
    ),
    "an_assertion_above_an_answer": right(
        answers={"double": "assert double(1) == 2\ndef double(x):\n    return 2 * x"}
    ),
    # What the rest of an answer's own cell does to its name.
    **{
        f"{name}_in_its_cell": right(answers={"double": f"{_DOUBLE}\n{line}"})
        for name, line in {
            "a_librarys_functions_over_an_answer": "from numpy import *",
            "an_answer_that_is_named_like_its_result": "double = double(np.ones(2))",
            "an_answer_that_is_deleted": "del double",
            "an_answer_above_the_blank": "def double(x):\n    raise NotImplementedError()",
        }.items()
    },
    "a_decorator_that_is_missing": right(
        answers={"double": "from numba import njit\n@njit\ndef double(x):\n    return 2 * x"}
    ),
    "a_kernel_that_is_restarted": right("import os\nos.kill(os.getpid(), 9)", status="crashed"),
    "a_kernel_that_is_restarted_by_the_set_up": right(change=_above("import os; os._exit(0)")),
    "a_loop_in_native_code_in_a_scratch_cell": right("sum(iter(int, 1))", seconds=2),
    "an_answer_below_which_the_kernel_dies": right(
        answers={"double": "def double(x):\n    return 2 * x\nimport ctypes; ctypes.string_at(0)"},
        expected={"double": "crashed"},
    ),
    "a_question_until_it_is_answered": right(
        "while True:\n    try:\n        n = int(input('n? '))\n        break\n"
        "    except:\n        print('a number, please')",
        status="timed_out",
        seconds=2,
    ),
    "no_stream_to_print_to": right(
        "import sys\nsys.stdout = sys.stderr = None", last="print('again')", shown="again"
    ),
    "a_breakpoint": right(
        "breakpoint()",
        answers={"double": "    breakpoint()\n    import pdb; pdb.set_trace()\n    return 2 * x"},
    ),
    "warnings_that_are_errors": right(
        "import warnings\nwarnings.simplefilter('error')\nclass Old:\n"
        "    def __init__(self, array): self.array = array\n"
        "    def __array__(self, dtype=None): return self.array",
        answers={"double": "    return Old(2 * x)"},
    ),
    # Cells in another order, and what happens to names in between.
    "a_helper_and_an_import_below": right(
        answers={"double": "    return mine(x)", "pairs": "    return itertools.pairwise(x)"},
        last="import itertools\ndef mine(x):\n    return FACTOR * x\nFACTOR = 2",
    ),
    "modules_that_are_numbers": right("np = 5\nfor math in range(3): pass", answers=_USING),
    **{
        f"modules_that_are_{kind}": right(first, answers=_USING)
        for kind, first in {
            "others": "import math as np, cmath as math",
            "their_own_parts": "import numpy.linalg as np",
            "functions": "def np(n, p):\n    return n * p",
            "classes": "class np: pass\nfrom operator import add as math",
            "taken_in_a_loop": "import sys\nfor np in [sys, sys.modules['builtins']]: pass",
        }.items()
    },
    "a_module_that_is_another_in_the_cell_of_an_answer": right(
        answers=_USING | {"double": f"import math as np\n{_DOUBLE} * np.ones(1)"}
    ),
    "another_module_that_is_used_above_and_below_what_stops": right(
        "import operator as np",
        answers={
            "double": "    return np.mul(2, x)",
            "pairs": "    return zip(x, x[np.index(1) :])",
        },
        change=_later(lambda source: f"{source}\nprint(np.array([7]))"),
        shown="[7]",
    ),
    "a_value_named_like_a_module_beside_what_stops": right(
        "from numpy import random\nrandom = random.default_rng(0)",
        answers={"double": "    return 2 * x + 0 * random.integers(1, 2)"},
        last="random.nothing",
    ),
    "a_helper_below_the_answer_that_ends_the_process": right(
        answers={"double": "    return mine(x)", "pairs": "    import os; os._exit(0)"},
        last="def mine(x):\n    return 2 * x",
        expected={"pairs": "crashed"},
        status="crashed",
    ),
    "names_that_are_deleted": right("%reset -f", answers={"double": "    return np.add(x, x)"}),
    "a_function_named_like_a_module": right(
        "import numpy\ndef np(x):\n    return numpy.add(x, x)",
        answers={"double": "    return np(x)"},
        last="undefined_name",
    ),
    **{
        name: right(answers=_TOGETHER, change=_halfway(text), last="print(tally(float, 2))")
        for name, text in HALFWAY.items()
    },
    # Settings of the whole process.
    **{
        f"{name}_of_keras": right(
            f"import keras\nkeras.{call}",
            answers={
                "double": "    return keras.layers.Rescaling(200_000)(x).numpy() / 100_000",
                "tally": "    scale = keras.ops.full((), 1e6)\n"
                "    return [f(i) * float(scale / 1e6) for i in range(n)]",
            },
        )
        for name, call in {
            "half_precision": "backend.set_floatx('float16')",
            "double_precision": "config.set_floatx('float64')",
            "mixed_precision": "mixed_precision.set_global_policy('mixed_float16')",
        }.items()
    },
    "a_second_keras": right(
        "import keras\nkeras.config.set_backend('tensorflow')",
        answers={
            "double": "    layer = keras.layers.Rescaling(2.0)\n"
            "    return type(layer).from_config(layer.get_config())(x)"
        },
    ),
    "floating_point_errors_that_are_raised": right(
        "np.seterr(all='raise')", answers={"double": "    np.exp(-1e9)\n    return 2 * x"}
    ),
    "infinity_that_is_an_error": right(
        "import tensorflow as tf\ntf.debugging.enable_check_numerics()",
        answers={"double": "    tf.math.log(tf.zeros(1))\n    return tf.add(x, x)"},
    ),
    "another_promotion_of_types": right(
        "import tensorflow as tf\n"
        "tf.experimental.numpy.experimental_enable_numpy_behavior(dtype_conversion_mode='safe')",
        answers={
            "double": "    assert (tf.ones(1) * np.float64(2)).dtype == 'float32'\n    return 2 * x"
        },
    ),
    "random_numbers_that_need_a_seed": right(
        "import tensorflow as tf\ntf.config.experimental.enable_op_determinism()",
        answers={"double": "    return 2 * x + 0 * tf.random.uniform([])"},
    ),
    "what_python_needs": right(
        "import builtins, gc, inspect, sys\ndel builtins.zip\ngc.disable()\n"
        "sys.setrecursionlimit(len(inspect.stack()) + 40)",
        answers={"double": "    assert gc.isenabled()\n    return 2 * x"},
    ),
    "a_stream_that_is_closed": right(
        "import sys\nwith open('log.txt', 'w') as sys.stdout:\n    print('x')",
        last="print('again')",
        shown="again",
    ),
    "streams_that_cannot_tell_whether_they_are_closed": right(
        "import io, sys\nclass Tee:\n    def write(self, text): return len(text)\n"
        "    def flush(self): pass\n    def __getattr__(self, name): return getattr(self, name)\n"
        "sys.stderr, sys.stdout = Tee(), io.TextIOWrapper(io.BytesIO())\nsys.stdout.detach()",
        last="print('again')",
        shown="again",
    ),
    "eager_execution_switched_off": right(
        "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()\ngraph = tf.ones(3)",
        answers={"double": "    return tf.add(x, x)"},
    ),
    **{
        f"{name}_that_is_left_open": right(
            f"import keras\nimport tensorflow as tf\n{text}",
            answers={"double": "    return tf.function(keras.ops.add)(x, tf.Variable(x))"},
        )
        for name, text in {
            "a_graph": "left = tf.Graph().as_default()\nleft.__enter__()",
            "a_session": "left = tf.compat.v1.Session()\nleft.__enter__()",
            "a_graph_of_the_old_kind": (
                "tf.compat.v1.disable_eager_execution()\n"
                "left = tf.Graph().as_default()\nleft.__enter__()"
            ),
        }.items()
    },
    "what_libraries_do_replaced_by_values": right(
        "import random\nimport matplotlib.pyplot as plt\nnp.random.seed = random.seed = 42\n"
        "plt.title = 'Loss'\nnp.array = np.array([1, 2])",
        answers={
            "double": "plt.title('Loss')\nnp.random.seed(random.seed(42))\n"
            "def double(x):\n    return np.array(2 * x)"
        },
    ),
    **{
        f"another_function_in_place_{number}": right(
            f"import builtins, functools\n{line}",
            answers={} if "np" in line else {"double": f"    {line}\n    return 2 * x"},
            status="passed",
        )
        for number, line in enumerate(
            (
                "np.array = functools.partial(np.array, dtype=np.float32)",
                "np.array = np.asarray",
                "import builtins; builtins.isinstance = builtins.callable = lambda *a: True",
                "import builtins; builtins.len = lambda x: 3; builtins.all = lambda x: True",
                "import builtins; builtins.next = builtins.type = builtins.vars = lambda *a: 1 / 0",
            )
        )
    },
    "functions_that_fail_in_place_while_answers_run": right(
        "import builtins\n"
        "def break_them(*a, **o):\n"
        "    np.array = np.asarray = builtins.len = builtins.vars = lambda *a, **o: 1 / 0",
        answers={
            "double": "    break_them()\n    return 2 * x",
            "tally": "    break_them()\n    return [f(np.float32(i)) for i in range(n)]",
            "pairs": "    for k in range(x.__len__() - 1):\n        break_them()\n"
            "        yield np.float32(x[k]), np.float32(x[k + 1])",
        },
        status="passed",
    ),
    "functions_put_back_by_their_cell": right(
        "kept = np.array\nnp.array = lambda *a, **o: 1 / 0",
        answers={"double": "np.array = kept\ndef double(x):\n    return np.array([2.0]) * x"},
        status="passed",
    ),
    "an_array_in_place_of_a_function": right("import builtins\nbuiltins.sum = np.array([1, 2])"),
    "functions_that_fail_in_place": right(
        "import builtins\nnp.array = np.asarray = lambda *a, **o: 1 / 0\nbuiltins.all = np.array",
        status="passed",
    ),
    "another_function_in_place_for_answers": right(
        "import builtins\nnp.array = lambda x: np.asarray(x) + 1\nbuiltins.len = lambda x: 7",
        answers={
            "double": "    return np.array(2 * x - 1)",
            "tally": "    return [f(i + len([]) - 7) for i in range(n)]",
            "pairs": "    for k in range(len(x) * 0 + x.__len__() - 1):\n"
            "        yield (x[k + len(x) - 7], x[k + 1])",
        },
    ),
    "an_answer_that_is_timed": right(
        answers={"double": "%%timeit -n 1 -r 1 two = 2\ndef double(x, by=two):\n    return by * x"}
    ),
    "signs_that_cannot_be_seen": right(
        answers={"double": "\ufeffdef double(x):\r\n    y = 2 * x  # \x00\x0c\r\n    return y"}
    ),
    "an_interrupt_that_is_left_over": right(
        "import _thread, threading\nready = threading.Event()\n"
        "def interrupt():\n    ready.wait()\n    _thread.interrupt_main()\n"
        "late = threading.Thread(target=interrupt, daemon=True)\nlate.start()",
        answers={"double": "    ready.set()\n    late.join()\n    return 2 * x"},
        last="try:\n    _thread.interrupt_main()\n    while True: pass\n"
        "except KeyboardInterrupt: print('stopped')",
        shown="stopped",
    ),
    "an_alarm_of_ones_own": right(
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.alarm(1)",
        answers={"double": "    import time; time.sleep(1.2)\n    return 2 * x"},
    ),
    # Signs from elsewhere.
    "blanks_of_a_word_processor": right(
        answers={"double": "    y\u00a0=\u00a02 * x\n\u00a0   return\u200b y"}
    ),
    "tabs_and_blanks": right(answers={"double": "    y = 2 * x\n\treturn y"}),
    "full_width_signs": right(
        answers={
            "double": "def double\uff08x\uff09\uff1a\n    print(\u201cx\u201d\uff0c x)\n"
            "    return 3 * x \u2212 x"
        }
    ),
    # An answer that ends the process when it is called.
    "an_answer_that_ends_the_process": right(
        answers={
            "double": "    import os; os._exit(0)",
            "tally": "    try: double(n)\n    except TimeoutError: return [f(i) for i in range(n)]",
        },
        expected={"double": "crashed"},
        status="crashed",
    ),
    "files_that_are_left_open": right(
        "files = []\ntry:\n    while True: files.append(open('/dev/null'))\nexcept OSError: pass"
    ),
    "a_helper_below_a_line_that_fails": right(
        "import seaborn as sns\nsns.set_theme()\ndef mine(x):\n    return 2 * x",
        answers={"double": _MINE},
    ),
    "a_helper_in_a_set_up_that_stops": right(
        answers={"double": _MINE},
        change=_above("import seaborn\ndef mine(x):\n    return 2 * x"),
    ),
    "a_helper_in_a_set_up_that_does_not_parse": right(
        answers={"double": _MINE},
        change=_set_up(lambda _: "def mine(x):\n    return 2 * x\n\nimport numpy as"),
    ),
    "a_helper_in_a_set_up_as_markdown": right(
        answers={"double": _MINE},
        change=_set_up(
            lambda source: new_markdown_cell(f"{source}\ndef mine(x):\n    return 2 * x")
        ),
    ),
    "what_was_changed_in_a_later_cell_that_stops": right(
        answers={"tally": "    return [f(i + start - 3) for i in counted(n)]"},
        change=_later(lambda source: "start = 3\nimport maths\nstart\n"),
    ),
    "tests_of_ones_own_in_a_test": right(
        answers={"tally": "    return [f(i) for i in range(n)] if tried else None"},
        change=lambda notebook: _append(notebook, "check_double", "\ntried = True"),
    ),
    "a_test_moved_to_its_answer": right(change=_test_moved_to_its_answer, status="passed"),
    **{
        name: right(answers=answers, change=change)
        for kind, answers in ((GIVEN, _USING), (MARKS, {}))
        for name, change in kind.items()
    },
    **{
        f"{name}_and_cells_that_are_used": right(answers=_USING, change=change)
        for name, change in MARKS.items()
        if name not in ("all_code_as_markdown", "no_marks_in_reverse_order")
    },
}

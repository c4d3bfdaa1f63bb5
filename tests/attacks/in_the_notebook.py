"""What is done to the file: by pranksters, by other editors, by accident."""

import copy
import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.attacks.case import Case, right, wrong
from tests.tiny_course import cell_of, grade_id

_WRONG = {"double": "    return 0 * x"}


def _change(function, **more):
    return right(change=function, **more)


def _cheat(function, **more):
    """A wrong answer to `double`, with something done to the notebook that should help."""
    expected = {"double": {"failed", "error", "unsolved"}}
    return Case(answers=_WRONG, change=function, expected=expected, **more)


def duplicated_test(notebook):
    notebook.cells.insert(2, copy.deepcopy(cell_of(notebook, "check_double")))
    return notebook


def copied_answer(notebook):
    """Copy and paste, then an old attempt above the answer."""
    attempt = copy.deepcopy(cell_of(notebook, "double"))
    attempt.source = "def double(x):\n    return None"
    notebook.cells.insert(2, attempt)
    return notebook


def no_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if "check" not in (grade_id(cell) or "")]
    return notebook


def no_marks_at_all(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def no_set_up(notebook):
    del notebook.cells[1]
    return no_marks_at_all(notebook)


def wrong_in_many_cells(notebook):
    """Above and below the test; among them what was handed out, and prose."""
    wrong = "def double(x):\n    return 0 * x"
    for place in (1, 3, 5, len(notebook.cells)):
        notebook.cells.insert(place, new_code_cell(wrong))
    cell_of(notebook, "double").source = "def double(x):\n    raise NotImplementedError()"
    notebook.cells.append(new_markdown_cell("def double(x):\n    return 2 * x"))
    return notebook


def forged_placing(notebook):
    """As if a cell were the lesson's own, several answers, or one whose names are kept."""
    own = {"cell": "double", "needed": [], "students": 0}
    for cell in notebook.cells:
        cell.metadata |= {"lessons_own": own, "keep": ["double", "np"], "answers": ["double"] * 9}
        cell.metadata["was_prose"] = True
    return notebook


def reversed_cells(notebook):
    notebook.cells = [notebook.cells[1], *reversed(notebook.cells[2:])]
    return notebook


def tests_say_pass(notebook):
    cell_of(notebook, "check_double").source = "pass"
    return notebook


def test_with_more_in_it(notebook):
    cell = cell_of(notebook, "check_double")
    cell.source = "%%time\n" + cell.source + "\nprint('tried')  # mine"
    return notebook


def older_release(notebook):
    """The instructor has fixed a test since: the student's is the old one, and says so."""
    cell = cell_of(notebook, "check_double")
    cell.source = "assert double(1) == 2"
    cell.metadata.nbgrader.checksum = "0" * 32
    return notebook


def points_and_tags(notebook):
    for cell in notebook.cells:
        if grade_id(cell):
            cell.metadata.nbgrader.update(points=1e9, locked=False, schema_version=1)
            cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
    return notebook


def marks_exchanged(notebook):
    first, second = cell_of(notebook, "double"), cell_of(notebook, "check_double")
    first.metadata, second.metadata = second.metadata, first.metadata
    return notebook


def tests_as_markdown(notebook):
    for cell in notebook.cells:
        if (grade_id(cell) or "").startswith("check_"):
            cell.cell_type = "markdown"
            del cell["outputs"], cell["execution_count"]
    return notebook


def answer_marked_as_test(notebook):
    settings = cell_of(notebook, "double").metadata.nbgrader
    settings.update(grade=True, solution=False, locked=True, points=100)
    notebook.cells.append(new_code_cell("100", metadata={"nbgrader": dict(settings)}))
    notebook.cells[-1].metadata["nbgrader"]["grade_id"] = "bonus"
    return notebook


def marks_that_are_none(notebook):
    odd = [7, [], {"grade_id": ["double"]}, {"grade_id": None}, {"grade_id": "x" * 10_000}, "x"]
    for settings in odd:
        notebook.cells.append(new_code_cell("1", metadata={"nbgrader": settings}))
    return notebook


def _file(change):
    """Change the file's JSON, not the notebook."""

    def write(notebook):
        return json.dumps(change(json.loads(nbformat.writes(notebook)))).encode()

    return write


def _version_3(notebook):
    """As an old editor would save it; it knows no cell ids."""
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        old["input" if cell["cell_type"] == "code" else "source"] = cell["source"]
        if cell["cell_type"] == "code":
            old |= {"language": "python", "outputs": [], "prompt_number": 1, "collapsed": False}
        cells.append(old)
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


def _version_4_0(notebook):
    for cell in notebook["cells"]:
        del cell["id"]
    return notebook | {"nbformat_minor": 0}


def _another_kernel(notebook):
    kernel = {"name": "../../evil", "display_name": "R", "language": "R"}
    return notebook | {"metadata": {"kernelspec": kernel, "language_info": 3, "widgets": [[]]}}


def _ids_twice(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "same"
    return notebook


def _sources_as_lines(notebook):
    for cell in notebook["cells"]:
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        cell["source"] = text.replace("\n", "\r\n").splitlines(keepends=True)
    return notebook


def _odd_characters(notebook):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 10**30}
    texts = ["\ud800", "print('\u202e\x00')", "\udcff = 1", "x = '\U0001f600'"]
    notebook["cells"] += [cell | {"source": text} for text in texts]
    notebook["cells"].append({"cell_type": "markdown", "source": "\ud800 \x00", "metadata": {}})
    return notebook


def _odd_cells(notebook):
    odd = [None, 7, [], {}, {"cell_type": "code"}, {"cell_type": ["code"], "source": 1}]
    odd.append({"cell_type": "code", "source": [1, None], "metadata": [], "outputs": "none"})
    notebook["cells"] += odd
    return notebook


def _deep_metadata(notebook):
    deep = []
    for _ in range(300):
        deep = [deep]
    notebook["cells"][1]["metadata"] = {"deep": deep, "nbgrader": {"grade_id": deep}}
    notebook["metadata"]["deep"] = deep
    return notebook


def _large_outputs(notebook):
    text = {"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}
    notebook["cells"][1]["outputs"] = [text]
    return notebook


def with_attachments(notebook):
    cell = new_markdown_cell("![my drawing](attachment:a.png)")
    cell["attachments"] = {"a.png": {"image/png": "aaaa"}}
    notebook.cells.insert(0, cell)
    return notebook


def byte_order_mark(notebook):
    return b"\xef\xbb\xbf" + nbformat.writes(notebook).encode()


def other_encoding(notebook):
    return nbformat.writes(notebook).encode("utf-16")


def split_answer(notebook):
    """The answer in a cell of its own, and the marked cell empty."""
    cell = cell_of(notebook, "double")
    place = notebook.cells.index(cell)
    notebook.cells.insert(place, new_code_cell(cell.source))
    cell.source = "# see above"
    return notebook


def a_very_long_cell(notebook):
    notebook.cells.insert(1, new_code_cell("# " + "x" * 3_000_000))
    return notebook


CASES = {
    "a_duplicated_test": _change(duplicated_test),
    "a_duplicated_test_and_a_wrong_answer": _cheat(duplicated_test),
    "a_copied_answer": _change(copied_answer),
    "no_test_cells": _change(no_tests),
    "no_test_cells_and_a_wrong_answer": _cheat(no_tests),
    "no_marks_at_all": _change(no_marks_at_all, status="passed"),
    "no_marks_at_all_and_a_wrong_answer": _cheat(no_marks_at_all),
    "no_marks_no_set_up_and_a_wrong_answer": _cheat(no_set_up),
    "a_wrong_answer_in_many_cells": _cheat(wrong_in_many_cells),
    "what_the_grader_writes_into_a_notebook": _cheat(forged_placing),
    "cells_in_reverse_order": _change(reversed_cells),
    "tests_that_say_pass": _cheat(tests_say_pass, status="tampered"),
    "a_test_with_more_in_it": _change(test_with_more_in_it, status="passed"),
    "the_test_of_an_older_release": _change(older_release, status="passed"),
    "other_points_and_tags": _cheat(points_and_tags),
    "other_points_and_tags_by_an_editor": _change(points_and_tags),
    "marks_exchanged": Case(
        answers=_WRONG, change=marks_exchanged, expected={"double": {"failed", "error"}}
    ),
    "tests_as_markdown": _change(tests_as_markdown),
    "tests_as_markdown_and_a_wrong_answer": _cheat(tests_as_markdown),
    "an_answer_marked_as_a_test": _cheat(answer_marked_as_test),
    "marks_that_are_none": _change(marks_that_are_none),
    "the_third_format": _change(_file(_version_3)),
    "the_fourth_format_without_ids": _change(_file(_version_4_0)),
    "another_kernel": _change(_file(_another_kernel)),
    "one_id_for_all_cells": _change(_file(_ids_twice)),
    "lines_ended_as_on_windows": _change(_file(_sources_as_lines)),
    "odd_characters": _change(_file(_odd_characters)),
    "odd_cells": _change(_file(_odd_cells)),
    "deep_metadata": _change(_file(_deep_metadata)),
    "large_outputs": _change(_file(_large_outputs)),
    "an_attached_picture": _change(with_attachments),
    "a_byte_order_mark": _change(byte_order_mark),
    "saved_as_utf_16": _change(other_encoding),
    "an_answer_in_the_cell_above": _change(split_answer),
    "a_very_long_cell": _change(a_very_long_cell),
    "wrong_with_a_value_below": wrong("    return None", last="3"),
}

"""What is called a changed test, and what is only a slip."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.grading import changed_tests

TEST = "check.softmax(softmax)\nassert softmax"


def changed(source, checksum="1" * 32, more=()):
    settings = {"grade_id": "check_softmax", "grade": True, "locked": True, "solution": False}
    settings["checksum"] = "1" * 32

    def cell(text, its_checksum):
        its = settings | {"checksum": its_checksum}
        return new_code_cell(text, metadata=nbformat.from_dict({"nbgrader": its}))

    released = new_notebook(cells=[cell(TEST, "1" * 32)])
    submitted = new_notebook(cells=[cell(source, checksum), *more])
    return changed_tests.find(submitted, released)


@pytest.mark.parametrize(
    "source",
    [
        TEST,
        TEST + "\nprint('mine')",
        "%%time\n" + TEST,
        "check.softmax(\n    softmax\n)\nassert    softmax",
        "# a note\n\n" + TEST.replace("\n", "\n\n"),
        "# check.softmax(softmax)\n#assert softmax",
        "try:\n    check.softmax(softmax)\n    assert softmax\nexcept: pass",
        "%time check.softmax(softmax)\nassert softmax",
        "ok = check.softmax( softmax )",
        "print(check.softmax(\n    softmax))",
        TEST + "\0",
        TEST.replace("softmax", "\0softmax"),
    ],
)
def test_what_still_holds_the_test_is_not_called_changed(source):
    assert changed(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        " \n\n",
        "# done",
        "def softmax(x):\n    return x",
        "softmax = mine",
        "import numpy as np\n\ndef softmax(x:\n    return x",
        "check.softmax(softmax_2)",
        "%timeit check.softmax(softmax_2)",
        "check.softmax(answer=softmax_2)",
        *("check.sofmax(softmax)", "check.accuracy(accuracy)", "check.softmax(tf.nn.softmax)"),
        *("check.softmax(softmax(X))", "check.softmax('softmax')", "check.softmax(softmax"),
        *("check.softmax(-softmax)", "check.softmax(*answers)", "check.softmax()"),
        "check.softmax(  # mine\n    softmax_2)",
        *("Check.softmax(softmax)", "chekc.softmax(softmax)", "check,softmax(softmax)"),
        *("checksoftmax(softmax)", "check_softmax(softmax)", "jjkcheck.softmax(softmax)"),
        *("cehck.softmax(softmax)", "chck.softmax(softmax)", "check(softmax)"),
        *("help(check.softmax)", "check.softmax?", "??check.softmax", "check.softmax"),
        "from course import check as c\nc.softmax(softmax)",
        "from course.check import softmax as test\ntest(softmax)",
    ],
)
def test_a_slip_is_not_called_tampering(source):
    """An emptied test is as one that was deleted, which is no offence either."""
    assert changed(source) == []


@pytest.mark.parametrize(
    "source",
    [
        *("pass", "print('passed')", "check.softmax( lambda x: x)", "assert softmax", "("),
        *("softmax", "Check.softmax(lambda x: x)", "check.softmax = print", "del check.softmax"),
        *("def check_softmax(x):\n    pass", "setattr(check, name, print)", "np.exp(softmax(x))"),
    ],
)
def test_a_test_that_was_taken_out_is_called_changed(source):
    assert changed(source) == ["check_softmax"]
    assert changed(source, checksum="of an older release") == []


@pytest.mark.parametrize("before", ["", "def softmax(x):\n    return x\n\n", "%time x = 1\n"])
def test_a_test_that_was_typed_into_another_cell_was_not_taken_out(before):
    assert changed("softmax(3)", more=[new_code_cell(before + TEST)]) == []
    for other in (new_markdown_cell(TEST), new_code_cell("check.softmax(lambda x: x)")):
        assert changed("softmax(3)", more=[other]) == ["check_softmax"]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "-" * 100_000 + "1",
        "a" + ".b" * 50_000,
        "1" + "+1" * 50_000,
        "[" * 90 + "]" * 90,
    ],
    ids=["brackets", "signs", "dots", "sums", "lists"],
)
def test_code_that_no_parser_likes_is_survived(source):
    assert changed(source) == ["check_softmax"]

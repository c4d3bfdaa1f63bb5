"""The key of code: the same for another layout and other comments, and for nothing else."""

import pytest

from course.code_key import code_key

CODE = "def square(x):\n    return x * x"


@pytest.mark.parametrize(
    "same",
    [
        CODE + "\n\n",
        "# mine\n" + CODE.replace("):", "):  # of a number"),
        CODE.replace("    ", "\t").replace(" * ", "*"),
        CODE.replace("(x)", "(\n    x\n)").replace("\n    return", "\n\n    return"),
        CODE.replace("\n", "\r\n"),
    ],
)
def test_layout_and_comments_make_no_difference(same):
    assert code_key(same) == code_key(CODE)


@pytest.mark.parametrize(
    "other",
    [
        "",
        CODE.replace("x * x", "x ** 2"),
        CODE.replace("return", "# return"),
        CODE.replace("\n    ", ' "a # b"\n    '),
        "def square(x):\n    if x:\n        x += 1\n    return x",
        "def square(x):\n    if x:\n        x += 1\n        return x",
    ],
)
def test_other_code_has_another_key(other):
    texts = {CODE, "def square(x):\n    if x:\n        x += 1\n    return x"} - {other}
    assert code_key(other) not in map(code_key, texts)


@pytest.mark.parametrize("text", ["def f(:", "%%time\nf()", "!ls 'a", "(", "\ud83d", "\0", '"""'])
def test_what_is_not_python_has_a_key_as_well(text):
    assert code_key(text) == code_key(f"{text}  ")
    assert code_key(text) != code_key(f"{text} other")

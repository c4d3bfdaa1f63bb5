"""What is handed in to harm the grader is read within limits, in a process beside it."""

import ast
import gzip
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import time

import nbformat
import pytest

from autograder import course_folder
from autograder.building import release
from autograder.grading import (
    changed_tests,
    class_grading,
    code_text,
    parsing,
    submissions,
    verdict,
    worker,
)
from autograder.grading.plain_files import Unreadable
from autograder.pages import exports, harmless_outputs
from autograder.sandbox.outside import pool
from tests import tiny_course
from tests.conftest import ROOT, missing_walls
from tests.tiny_course import LESSON, NAME, submission

MB = 1_000_000


def notebook(*cells, **more):
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


OLD = b'{"nbformat": 3, "worksheets": [{"cells": ['
LARGE = {
    "cells": lambda: notebook(*[code("1")] * 20_000),
    "old cells": lambda: OLD + b'{"cell_type": "code"},' * 20_000 + b"{}]}]}",
    "depth": lambda: b'{"cells": ' + b"[" * (3 * MB),
    "code": lambda: notebook(code("0," * (6 * MB))),
    "dicts of an old format": lambda: OLD + b"{}," * (3 * MB) + b"{}]}]}",
    "zeros": lambda: bytes(10 * MB),
    "lists": lambda: b'{"cells": [], "x": [' + b"[]," * (8 * MB) + b"[]]}",
}

# With one such character, Python keeps four bytes for each of a text.
WIDE = f"#{'x' * 990_000}\N{GRINNING FACE}\n"
JSON = "from IPython.display import display\ndisplay({'application/json': [[]] * 90_000}, raw=True)"
GREEDY = {
    "code and outputs": [*[WIDE] * 5, *["print('x' * 1_990_000)"] * 15],
    "short lines": ["print('x\\n' * 990_000)"] * 15,
    "shown lists": [JSON] * 15,
}

GRADE_ALL = """
from pathlib import Path
from tests.quick_start import main
try:
    main(standalone_mode=False)
finally:
    status = Path("/proc/self/status").read_text()  # getrusage counts what was before exec
    print(status.partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
def test_what_is_too_much_is_refused_and_takes_no_memory_here(tmp_path):
    """Parsed here, the last of these files alone would take 650 MB.

    Nor does a notebook that is not refused, and holds and shows as much as it may.
    """
    missing_walls()
    course = tiny_course.make_course(tmp_path, cell_timeout=60)
    for student, make in LARGE.items():
        path = course / "submitted" / student / LESSON / NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(make())
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for student, codes in GREEDY.items():
        notebook = submission(released)
        notebook.cells += map(nbformat.v4.new_code_cell, codes)
        tiny_course.submit(course, student, notebook)
    command = [sys.executable, "-c", GRADE_ALL, "grade", LESSON, "--json", "results.json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    results = json.loads((course / "results.json").read_text())
    said = {one["student"]: one["exercises"]["add"]["message"] for one in results}
    assert {said.pop(student) for student in GREEDY} == {""}
    assert said.keys() == LARGE.keys()
    refusals = "The file ", "The notebook ", "Reading "
    assert all(one.startswith(refusals) for one in said.values()), said
    assert int(done.stdout.splitlines()[-1]) < 300_000, done


@pytest.mark.parametrize("name", ["cells", "old cells"])
def test_cells_are_counted_first(name):
    with pytest.raises(Unreadable, match="more than 2,000 cells"):
        parsing.parse(LARGE[name]())


@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": [' + b"[" * 200_000,
        b'{"cells": [], "x": ' + b"9" * 10_000 + b"}",
        b'{"cells": [' + b"{}," * 5_000 + b"{}]}",
        b'{"worksheets": [{"cells": [{"cell_type": "code", "input": 3}]}]}',
        b'{"worksheets": 3}',
        b'{"worksheets": [3]}',
        b"PK\x03\x04 a zip archive",
        b"\x00" * 1_000,
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"[" * 100_000,
        b"null",
    ],
    ids=[
        *("deep", "digits", "many", "old", "older", "oldest", "zip", "zeros"),
        *("empty", "UTF-16", "list", "lists", "null"),
    ],
)
def test_odd_files_are_refused_with_a_sentence(content):
    with pytest.raises(Unreadable, match=r"The (file|notebook).*\."):
        parsing.read_notebook(content)


def test_an_honest_notebook_full_of_pictures_is_read_as_a_small_one_is(tmp_path):
    course = tiny_course.make_course(tmp_path)
    plain = submission(release.release_notebook(course / "source" / LESSON / NAME))
    heavy = nbformat.from_dict(plain)
    picture = {"image/png": "iVBOR" * MB}
    heavy.cells[1].outputs = [nbformat.v4.new_output("display_data", data=picture)]
    heavy.cells.append(nbformat.v4.new_markdown_cell(f"![me](data:image/png;base64,{'A' * MB})"))
    content = nbformat.writes(heavy).encode()
    assert len(content) > 5 * MB
    slimmed = parsing.slimmed(content)
    assert len(slimmed) < MB / 2
    for form in (content, slimmed):
        read = parsing.read_notebook(form)
        *same, last = read.cells
        assert same == parsing.read_notebook(nbformat.writes(plain).encode()).cells
        assert last.source.endswith(" …")


TEXTS = [
    '"outputs": [',
    'a "quoted" \\\\" \\',
    "]}",
    "zwölf\n" * 40,
    '{"widgets": {',
]


def with_outputs(size=MB):
    """A notebook with texts that look like JSON, and with all that grading does not need."""
    stream = {"output_type": "stream", "name": "stdout"}
    shown = [stream | {"text": [text, "x" * size]} for text in TEXTS]
    cells = [code(text, outputs=shown, attachments={"a": {"b": [text]}}) for text in TEXTS]
    return notebook(*cells, metadata={"widgets": {"state": TEXTS}, "course": {"language": "zh_CN"}})


def test_outputs_are_left_out_of_a_file_before_it_is_parsed():
    content = with_outputs()
    short = parsing.without_outputs(content)
    assert len(short) < 20_000 < len(content) / 100
    assert json.loads(short)["metadata"] == {"widgets": {}, "course": {"language": "zh_CN"}}
    assert parsing.parse(short) == parsing.parse(content)
    assert [cell["source"] for cell in parsing.parse(short)["cells"]] == TEXTS


def shown(exercise, passed=True, answer="0123456789abcdef"):
    """The output of a check, as a notebook keeps it."""
    facts = {"exercise": exercise, "passed": passed, "answer": answer}
    output = {"output_type": "display_data", "data": {"text/plain": "✓"}}
    return output | {"metadata": {"course": facts}}


def test_a_notebook_says_which_checks_had_passed_when_it_was_saved():
    error = {"output_type": "error", "ename": "CheckFailed", "evalue": "", "traceback": []}
    cells = [
        code("check.add(add)", outputs=[shown("add", answer="1st")]),
        code("check.add(add)", outputs=[shown("add", answer="2nd")]),
        code("check.double(double)", outputs=[shown("double", passed=False)]),
        code("check.half(half); 1 / 0", outputs=[shown("half"), error]),
        code(
            "odd",
            outputs=[3, {"metadata": 3}, {"metadata": {"course": 3}}, shown([]), shown("x", 1)],
        ),
        *[code("odder", outputs=outputs) for outputs in ({"metadata": 3}, 1, True, 2.5, "x")],
        *[code("many", outputs=[shown(f"a{number}")]) for number in range(200)],
    ]
    content = notebook(*cells)
    found = parsing.read_notebook(content).metadata.course.passed
    assert found["add"] == "2nd"
    assert not {"double", "half", "x"} & {*found}
    assert len(found) == 100
    assert parsing.parse(json.dumps(parsing.parse(content)).encode())["passed"] == found
    assert parsing.parse(parsing.without_outputs(content))["passed"] == {}


@pytest.mark.parametrize("end", [b'"', b'"\\', b'{"outputs": [', b'{"outputs": ["'])
def test_what_is_cut_off_is_refused_in_one_go(end):
    started = time.process_time()
    with pytest.raises(Unreadable, match="The file is damaged in line 1,"):
        parsing.parse(parsing.without_outputs(b'{"cells": ' + end + b'\\"' * MB))
    assert time.process_time() - started < 5


GOOD = notebook(code("1"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n<!DOCTYPE html>\n<html>", "a web page, not a notebook. On GitHub, use “Download raw"),
        (b"<html><body>", "a web page"),
        (gzip.compress(GOOD, mtime=0), "is compressed"),
        (b"{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> mine\n}", "Git's conflict marks"),
        (b'{"cells": [\n],\n}', "damaged in line 3, and cannot be opened. Open your own copy"),
        (GOOD[:-9], "damaged in line 1,"),
        (b"[" * 100_000, "The file is damaged, and cannot be opened."),
    ],
)
def test_what_is_not_json_says_what_it_is_and_what_to_do(content, said):
    with pytest.raises(Unreadable, match=re.escape(said)):
        parsing.parse(content)


def sparse(path, size):
    """A file of zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)


def test_a_notebook_with_huge_outputs_is_graded_as_if_it_had_none(tmp_path, monkeypatch):
    monkeypatch.setattr(parsing, "MAX_BYTES", MB)
    path = tmp_path / "a.ipynb"
    path.write_bytes(with_outputs())
    notebook = submissions.read(path).notebook
    assert len(notebook) < 20_000
    assert [cell.source for cell in parsing.read_notebook(notebook).cells] == TEXTS


def test_whether_a_huge_notebook_has_changed_is_known_without_parsing_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    path = tmp_path / "a.ipynb"
    sparse(path, 60 * MB)
    before = submissions.digest(path)
    assert submissions.digest(path) == before
    path.write_bytes(b"{}")
    assert submissions.digest(path) == hashlib.sha256(b"{}").hexdigest() != before
    (tmp_path / "challenge.keras").write_bytes(b"1")
    assert submissions.digest(path) != hashlib.sha256(b"{}").hexdigest()


@pytest.mark.parametrize("size", [MB, 60 * MB])
def test_a_process_that_cannot_be_started_is_no_fault_of_the_notebook(tmp_path, monkeypatch, size):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    path = tmp_path / "a.ipynb"
    sparse(path, size)
    trouble = submissions.read(path).trouble
    assert trouble.startswith("The process that reads notebooks cannot be started")


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        ("kill -KILL $$", parsing.CannotParse, "did not finish .ended by SIGKILL."),
        ("exit 1", parsing.CannotParse, "did not finish .ended with exit code 1."),
        ("kill -XCPU $$", Unreadable, "more than 600 MB of memory or 30 s"),
    ],
)
def test_only_limits_of_its_own_are_the_fault_of_a_file(tmp_path, monkeypatch, end, kind, words):
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{end}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(kind, match=words):
        parsing.parse(notebook(code("1" * MB)))


@pytest.mark.slow
def test_what_this_machine_does_not_allow_is_not_the_fault_of_a_file(tmp_path, monkeypatch):
    """It would be read within the parser's own limits, and is not within those around it."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nulimit -d 400000\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    content = LARGE["lists"]()
    with pytest.raises(Unreadable, match="more than 600 MB"):
        parsing.parse(content)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(parsing.CannotParse, match="ended with exit code 1"):
        parsing.parse(content)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.slow
def test_what_is_not_the_fault_of_a_file_is_tried_again(tmp_path, monkeypatch):
    """And it costs the others nothing."""
    course = tiny_course.make_course(tmp_path)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for student, prose in (("ada", ""), ("bob", "x" * MB)):
        notebook = submission(released)
        notebook.cells.append(nbformat.v4.new_raw_cell(prose))
        tiny_course.submit(course, student, notebook)

    def quick(lesson, student, read, files):
        return tiny_course.quick(lesson, student, parsing.Submission(json.dumps(read).encode()))

    def graded():
        return class_grading.grade(course_folder.find(course), LESSON)

    monkeypatch.setattr(worker, "grade_notebook", quick)
    monkeypatch.setattr(pool, "warm_up", lambda *settings: None)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        ada, bob = graded()
    assert (ada.status, bob.status) == ("passed", "error")
    assert bob.refusal.startswith(
        "The grader could not prepare it: The process that reads notebooks cannot be started"
    )
    again = graded()
    assert [one.status for one in again] == ["passed", "passed"]
    assert again.why_graded == {"bob": "trouble"}


@pytest.mark.slow
def test_what_is_too_large_even_so_is_refused(tmp_path):
    path = tmp_path / "a.ipynb"
    for size, said in (
        (300 * MB, "The notebook is larger than 50 MB, even without its outputs."),
        (2_000 * MB, "The file is larger than 1000 MB."),
    ):
        sparse(path, size)
        assert submissions.read(path) == parsing.Submission(refusal=said)


def test_an_old_format_is_read_the_same_when_it_is_large():
    cell = {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "outputs": [{"text": "x" * MB}]}
    heading = {"cell_type": "heading", "level": 2, "source": "Sums"}
    old = {"worksheets": [{"cells": [heading, cell]}], "nbformat": 3, "metadata": {}}
    large = parsing.read_notebook(json.dumps(old).encode())
    cell["outputs"] = []
    small = parsing.read_notebook(json.dumps(old).encode())
    for read in (large, small):
        assert [one.source for one in read.cells] == ["## Sums", "a = 1\nb = 2"]


def test_a_changed_test_of_any_length_is_compared_in_one_go(monkeypatch):
    """Nothing of it is parsed: a parser takes hundreds of bytes for each character."""

    def with_test(source):
        settings = {"grade_id": "check_add", "grade": True, "locked": True, "checksum": "1" * 32}
        cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": settings})
        return nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell)])

    released = with_test("assert add(1, 2) == 3\nassert add")
    more = "0," * MB
    assert changed_tests.find(with_test(more), released) == ["check_add"]
    whole = f"{more}\nassert add(1, 2) == 3\n  assert add"
    assert changed_tests.find(with_test(whole), released) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("title", "\xe9t\xe9 à Noël").encode("cp1252"),
        lambda text: text.replace("title", "标题").encode("gb18030"),
        lambda text: text.replace("    b", "\tb").encode(),
        lambda text: text.encode("utf-16"),
    ],
    ids=["Latin 1", "Chinese", "raw tabs", "UTF-16"],
)
def test_another_encoding_or_a_raw_tab_costs_no_cell(change):
    text = json.dumps({"cells": [code("# title\nif a:\n    b")]}, ensure_ascii=False)
    (cell,) = parsing.read_notebook(change(text)).cells
    assert ast.dump(ast.parse(cell.source)) == ast.dump(ast.parse("if a: b"))


def calls_of(function, *arguments):
    """How many functions a call of this one calls, in Python and in C: its work, on any machine."""
    count = 0

    def profile(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (lambda count: "import " + "a," * count + "a", 500),
        (lambda count: "if 1:\n" + " import a\n" * count, 500),
    ],
    ids=["many names", "many imports"],
)
def test_what_is_twice_as_long_takes_twice_the_work(text, count):
    once, twice = (calls_of(code_text.read, text(times * count)) for times in (1, 2))
    assert once > count / 2
    assert twice < 2.2 * once, "more, if each part is read with all others"


@pytest.mark.parametrize(
    "text",
    ["x\n" + " " * 48_000 + "y" * 48_000 + "(", "def f(): " + "x;" * 40_000],
    ids=["a line that is no magic", "a long function"],
)
@pytest.mark.slow
def test_code_that_is_made_to_take_long_does_not(text):
    started = time.process_time()
    code_text.read(text)
    assert time.process_time() - started < 6.5, "twice as long takes four times as long"


# What may stand in front of a long run in a cell, an error, or an output; and what it may be of.
BEGINNINGS = ["", "check.a(", "check.a(x", "check.a(x=", "def ", "a:", "a =", " (", "\x1b["]
RUNS = [" ", "\t", "\n", "a", "1", "(", "[", '"', "\\", "=", "?", "%", "#", ", line 1", "check."]


@pytest.mark.parametrize("module", [code_text, parsing, verdict, harmless_outputs, exports])
def test_no_pattern_takes_long_for_a_long_run(module):
    patterns = [one for one in vars(module).values() if isinstance(one, re.Pattern)]
    assert patterns
    for pattern, start, run in itertools.product(patterns, BEGINNINGS, RUNS):
        text = start + run * 20_000
        started = time.process_time()
        pattern.sub(
            pattern.pattern[:0], text if isinstance(pattern.pattern, str) else text.encode()
        )
        taken = time.process_time() - started
        assert taken < 0.5, f"{pattern.pattern} needs {taken:.1f} s for {start!r}, {run!r}, ..."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("check.a(b)", {"a": "b"}),
        ("check.a( answer = b , )", {"a": "b"}),
        ("check.a(\n    b,\n)", {"a": "b"}),
        ("check.a(b, c)", {}),
        ("check.a(1)", {}),
        ("check.a(x" + " " * 100_000, {}),
        ("check.a(" + "x" * 100_000, {}),
    ],
    ids=["plain", "named", "lines", "two", "a number", "blanks", "letters"],
)
def test_what_a_check_is_called_with_is_read(text, found):
    assert code_text.checked_in(text) == found

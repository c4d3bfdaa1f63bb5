"""The learner's command: which digits, which lessons, copies for the work, which exercises pass."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner

from course import digits
from course.cli import main
from course.digits import embedded
from course.digits.download import DownloadError
from course.workbook import execution, lessons


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """A home of its own, and no digits by path."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "KERAS_HOME", "XDG_CACHE_HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.delenv("COURSE_DIGITS", raising=False)
    loader = digits.Loader(fetch=no_network, parse=parse_once)
    monkeypatch.setattr(digits, "load", loader.load)
    return folder


def no_network():
    raise DownloadError("no network in a test")


parse_once = functools.cache(embedded.parse)


def markdown(text):
    return nbformat.v4.new_markdown_cell(text)


def code(text, **metadata):
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def exercise_cells(name, answer="raise NotImplementedError()", expected=1, points=2):
    """An answer cell and its test cell, as nbgrader marks them; no check of the course needed."""
    common = {"schema_version": 3, "task": False}
    solution = {"grade_id": name, "solution": True, "grade": False, "locked": False}
    grade = {"grade_id": f"check_{name}", "solution": False, "grade": True, "locked": True}
    return [
        code(f"def {name}():\n    {answer}", nbgrader=solution | common),
        code(
            f"assert {name}() == {expected}, 'wanted {expected}\\nand a hint'",
            nbgrader=grade | common | {"points": points},
            tags=["raises-exception"],
        ),
    ]


def save(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def released_cells():
    return [
        markdown("# One and two"),
        *exercise_cells("one"),
        *exercise_cells("two", expected=2, points=3),
    ]


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A course's folder as an unpacked kit has it, and the current one."""
    folder = tmp_path / "kit"
    save(folder / "release/01-numbers/numbers.ipynb", *released_cells())
    save(folder / "release/02-reading/reading.ipynb", markdown("## Words\n\n# Reading"), code("1"))
    (folder / "release/01-numbers/table.txt").write_text("1 2 3")
    (folder / "release/01-numbers/.ipynb_checkpoints").mkdir()
    (folder / "release/01-numbers/.ipynb_checkpoints/numbers-checkpoint.ipynb").write_text("{}")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def course():
    """Run the command; returns the result, after a look that nothing went wrong unforeseen."""

    def run(*arguments):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def words(result):
    """The output without its columns."""
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


# course data --------------------------------------------------------------------------------------


def test_data_shows_source_path_and_counts(course, home):
    result = course("data", "--source", "embedded")
    assert result.exit_code == 0
    assert "the embedded sample of MNIST (3,500 training, 500 valid" in result.stdout
    assert f"Read from {digits.load('embedded').path}" in result.stdout
    lines = words(result)
    assert "digit training validation test" in lines
    assert "7 350 50 100" in lines
    assert lines[-1] == "all 3,500 500 1,000"
    assert result.stderr == ""


def test_data_counts_a_file_of_ones_own(course, tmp_path, monkeypatch):
    labels = np.array([3] * 12 + [8] * 6)
    images = np.zeros((18, 28, 28), np.uint8)
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.setenv("COURSE_DIGITS", str(path))
    lines = words(course("data"))
    assert f"Read from {path}" in lines
    assert "3 10 2 12" in lines
    assert "8 5 1 6" in lines
    assert "0 0 0 0" in lines


def test_data_without_network_says_which_digits_are_used(course):
    result = course("data")
    assert result.exit_code == 0
    assert "could not be downloaded" in result.stdout
    assert "the embedded sample is used" in result.stdout


@pytest.mark.parametrize("source", ["mnits", "no/such/file.npz"])
def test_data_that_cannot_be_had(source, course):
    result = course("data", "--source", source)
    assert result.exit_code == 1
    assert source in result.stderr
    assert result.stdout == ""


# course lab ---------------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch):
    """JupyterLab is not started: returns the folder, the lesson and the options it would have."""
    calls = []
    monkeypatch.setattr(lessons, "run_jupyterlab", lambda *arguments: calls.append(arguments))
    return calls


def test_lab_copies_all_lessons_and_opens_the_work_folder(kit, course, opened):
    result = course("lab")
    assert result.exit_code == 0
    assert words(result) == [
        "New in work/: 01-numbers/numbers.ipynb",
        "New in work/: 01-numbers/table.txt",
        "New in work/: 02-reading/reading.ipynb",
    ]
    for name in ("01-numbers/numbers.ipynb", "01-numbers/table.txt", "02-reading/reading.ipynb"):
        assert (kit / "work" / name).read_bytes() == (kit / "release" / name).read_bytes()
    assert not list((kit / "work").rglob("*checkpoint*"))
    assert opened == [(kit / "work", None, ())]


@pytest.mark.parametrize("name", ["01-numbers", "01", "1", "numbers", "numb"])
def test_lab_opens_a_lesson_by_its_name_or_number(name, kit, course, opened):
    course("lab", name)
    ((_, lesson, _),) = opened
    assert lesson.notebook == Path("01-numbers/numbers.ipynb")


def test_lab_opens_a_notebook_that_is_no_lesson(kit, course, opened):
    save(kit / "release/toys.ipynb", markdown("# Toys"), code("1"))
    assert "New in work/: toys.ipynb" in words(course("lab", "toys"))
    ((_, lesson, _),) = opened
    assert lesson.notebook == Path("toys.ipynb")
    assert words(course("lessons"))[-2] == "Toys, without exercises: course lab toys"


@pytest.mark.parametrize("name", ["07", "0", "ing, numbers", "n"])
def test_lab_without_such_a_lesson(name, kit, course, opened):
    result = course("lab", name)
    assert result.exit_code == 1
    assert "01-numbers, 02-reading" in result.stderr
    assert opened == []


def test_lab_passes_other_options_on(kit, course, opened):
    course("lab", "--no-browser", "--port", "9999")
    course("lab", "01-numbers", "--no-browser")
    assert [options for _, _, options in opened] == [
        ("--no-browser", "--port", "9999"),
        ("--no-browser",),
    ]


def test_lab_from_a_folder_further_down(kit, course, opened, monkeypatch):
    course("lab")
    monkeypatch.chdir(kit / "work" / "01-numbers")
    assert course("lab").exit_code == 0
    assert [folder for folder, _, _ in opened] == [kit / "work"] * 2


@pytest.mark.parametrize("command", ["lab", "lessons"])
def test_outside_of_any_course(command, course, opened, tmp_path, monkeypatch):
    (tmp_path / "release").mkdir()
    monkeypatch.chdir(tmp_path)
    result = course(command)
    assert result.exit_code == 1
    assert f"no folder release/ with lessons in {tmp_path}" in result.stderr
    assert opened == []


def test_lab_starts_jupyterlab_in_the_work_folder(kit, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda *arguments: called.append((Path.cwd(), *arguments)))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(kit))
    work = kit / "work"
    work.mkdir()
    lessons.run_jupyterlab(work, lessons.find_lesson(kit, "01"), ("--no-browser",))
    ((folder, program, command),) = called
    assert folder == work
    assert program == sys.executable
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[3:] == [
        "--no-browser",
        "--LabApp.default_url=/lab/tree/01-numbers/numbers.ipynb",
    ]
    # In a process of its own: nbgrader's applications take over the logging of theirs.
    load = "import nbgrader.server_extensions.validate_assignment.handlers as handlers\n"
    load += "print(handlers.ValidateAssignmentHandler.load_config(None)['Execute']['timeout'])"
    loaded = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True)
    assert (loaded.stdout, loaded.stderr) == ("120\n", ""), "nbgrader misses its file"
    assert os.environ["JUPYTER_CONFIG_PATH"].endswith(os.pathsep + str(kit))


def test_copy_never_overwrites(kit):
    release, work = kit / "release", kit / "work"
    mine = work / "01-numbers/numbers.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own work")
    copied, changed = lessons.copy_missing(release, work)
    assert mine.read_text() == "my own work"
    assert copied == ["01-numbers/table.txt", "02-reading/reading.ipynb"]
    assert changed == []
    assert lessons.copy_missing(release, work) == ([], [])


def test_newer_release_is_mentioned_but_not_copied(kit, course, opened):
    course("lab")
    mine = kit / "work/01-numbers/numbers.ipynb"
    mine.write_text(mine.read_text().replace("raise NotImplementedError()", "return 1"))
    before = mine.read_text()
    assert words(course("lab")) == [], "work of one's own is no news"
    save(kit / "release/01-numbers/numbers.ipynb", markdown("# Corrected"), *released_cells())
    for _ in range(2):
        result = course("lab")
        assert "01-numbers/numbers.ipynb has been released anew" in result.stdout
        assert mine.read_text() == before
    mine.rename(mine.with_name("mine.ipynb"))
    assert words(course("lab")) == ["New in work/: 01-numbers/numbers.ipynb"]
    assert words(course("lab")) == []


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"01-numbers/numbers.ipynb": 3}'])
def test_copy_outlives_a_damaged_record(content, kit):
    release, work = kit / "release", kit / "work"
    lessons.copy_missing(release, work)
    (work / lessons._RECORD).write_text(content)
    assert lessons.copy_missing(release, work) == ([], [])


def test_copy_where_it_is_impossible(kit, course, opened):
    (kit / "work").write_text("a file where the folder should be")
    result = course("lab")
    assert result.exit_code == 1
    assert "cannot be copied" in result.stderr
    assert (kit / "work").read_text() == "a file where the folder should be"
    assert opened == []


# course lessons -----------------------------------------------------------------------------------


def execute(path, passed=(), failed=()):
    """Save a notebook as after a run in which these test cells passed and failed."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("check_")
        if name in (*passed, *failed) and cell.metadata.nbgrader.grade:
            cell.execution_count = 1
            cell.outputs = []
            if name in failed:
                cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="no")]
    nbformat.write(notebook, path)


def test_lessons_before_any_work(kit, course):
    result = course("lessons")
    assert result.exit_code == 0
    assert words(result)[:2] == [
        "01-numbers One and two not started",
        "02-reading Reading not started",
    ]


def test_lessons_show_how_far_the_work_has_got(kit, course, opened):
    course("lab")
    path = kit / "work/01-numbers/numbers.ipynb"

    def first():
        return words(course("lessons"))[0].removeprefix("01-numbers One and two ")

    assert first() == "not started"
    execute(path, failed=["one"])
    assert first() == "0 of 2 exercises passed"
    execute(path, passed=["one"], failed=["two"])
    assert first() == "1 of 2 exercises passed"
    execute(path, passed=["one", "two"])
    assert first() == "2 of 2 exercises passed"
    save(path, *released_cells(), code("x = 1"))
    assert first() == "0 of 2 exercises passed", "a changed notebook is a started one"
    path.write_text("{")
    assert first().startswith("cannot be read")


def test_lessons_without_exercises_are_started_or_not(kit, course, opened):
    course("lab")
    save(kit / "work/02-reading/reading.ipynb", markdown("# Mine"))
    assert words(course("lessons"))[1] == "02-reading Reading started"


def test_exercises_of_ones_own_do_not_count(kit, course, opened):
    course("lab")
    path = kit / "work/01-numbers/numbers.ipynb"
    save(path, *released_cells(), *exercise_cells("three"), *exercise_cells("one"))
    execute(path, passed=["one", "three"])
    assert words(course("lessons"))[0].endswith("1 of 2 exercises passed")


# course check -------------------------------------------------------------------------------------


def solved_cells(one="return 1", two="return 2"):
    return [*exercise_cells("one", one), *exercise_cells("two", two, expected=2, points=3)]


def test_check_says_which_exercises_pass_and_why_not(kit, course):
    path = save(
        kit / "work/01-numbers/numbers.ipynb",
        code("import os\nassert os.environ['NBGRADER_EXECUTION'] == 'validate'"),
        code("from course.check.failures import CheckFailed, Unsolved"),
        *exercise_cells("one", "return int(open('table.txt').read()[0])"),
        *exercise_cells("two", "return 3", expected=2, points=3),
        *exercise_cells("three", "raise Unsolved('three')"),
        *exercise_cells("four", "raise CheckFailed('four: too small\\nand a hint')"),
        *exercise_cells("five", "return nothing"),
        *exercise_cells("six", "return 1 +"),
        code("open('table.txt', 'w').write('9')\nopen('new.txt', 'w').write('9')"),
        code("first = None\nfirst.step()"),
        code("second = None\nsecond.step()"),
    )
    (path.parent / "table.txt").write_text("1 2 3")
    before = path.read_bytes()
    result = course("check", path)
    assert result.exit_code == 1
    assert words(result) == [
        "one 2/2 passed",
        "two 0/3 AssertionError: wanted 2",
        "three 0/2 three is not solved yet.",
        "four 0/2 four: too small",
        "five 0/2 NameError: name 'nothing' is not defined",
        "six 0/2 its answer cell stopped with SyntaxError: invalid syntax (line 2)",
        "",
        "The cell “def six():” stopped with SyntaxError: invalid syntax (line 2)",
        "1 of 6 exercises pass, worth up to 2 of 13 points. "
        "Grading adds checks that you do not see.",
    ]
    assert path.read_bytes() == before
    assert sorted(item.name for item in path.parent.iterdir()) == ["numbers.ipynb", "table.txt"]
    assert (path.parent / "table.txt").read_text() == "1 2 3"


def test_check_of_a_solved_notebook(kit, course):
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    result = course("check", path)
    assert result.exit_code == 0
    assert words(result)[:2] == ["one 2/2 passed", "two 3/3 passed"]


def test_check_of_a_blank_notebook(kit, course):
    result = course("check", kit / "release/01-numbers/numbers.ipynb")
    assert result.exit_code == 1
    assert words(result)[:2] == ["one 0/2 NotImplementedError:", "two 0/3 NotImplementedError:"]


def test_check_believes_only_what_it_ran(kit, course):
    """Saved outputs, cells that are skipped or emptied, and test cells taken out."""
    one, check_one, two, check_two = solved_cells(two="return 3")
    check_one.metadata.tags.append("skip-execution")
    check_one.execution_count = 1
    check_two.source, check_two.execution_count = "pass", 2
    path = save(kit / "work/01-numbers/numbers.ipynb", one, check_one, two, check_two)
    result = course("check", path)
    assert result.exit_code == 1
    assert words(result)[:4] == [
        "one 0/2 its check cell was not run to its end",
        "two 0/3 AssertionError: wanted 2",
        "",
        "The check cells of two had been changed: the original ones were run, as in grading.",
    ]


@pytest.mark.parametrize(
    ("name", "strange"),
    [
        ("work/01-numbers/numbers.ipynb", []),
        ("work/my numbers.ipynb", ["graded under the name numbers.ipynb"]),
        ("../elsewhere/numbers.ipynb", []),
    ],
)
def test_check_compares_with_the_released_lesson(name, strange, kit, course, monkeypatch):
    """Whatever the notebook's name and folder are, the missing check is noticed."""
    monkeypatch.setattr(lessons, "execute", lambda notebook, *_: unrun(notebook))
    result = course("check", save(kit / name, *solved_cells()[:3]))
    assert result.exit_code == 1
    table, told = words(result)[:2], words(result)[3:-1]
    assert table[1] == "two 0/3 its check cell is missing: copy it back from release/"
    assert len(told) == len(strange)
    assert all(part in line for part, line in zip(strange, told, strict=True))


def unrun(notebook):
    return execution.Execution([nbformat.from_dict(cell) for cell in notebook["cells"]])


def test_check_notices_a_missing_check_without_a_release(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lessons, "execute", lambda notebook, *_: unrun(notebook))
    result = course("check", save(tmp_path / "mine.ipynb", *solved_cells()[:3]))
    assert result.exit_code == 1
    assert words(result)[1].startswith("two 0/0 its check cell is missing")


def test_check_knows_what_the_first_cell_defines(kit, course):
    cells = [code("import math as m"), *released_cells()]
    save(kit / "release/01-numbers/numbers.ipynb", *cells)
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(one="return m.floor(1)"))
    result = course("check", path)
    assert words(result)[0] == "one 0/2 NameError: name 'm' is not defined"
    assert words(result)[3].startswith("m comes from the first code cell of the lesson")


@pytest.fixture
def short(monkeypatch):
    """A second for a cell that calls `name`, and as long as it takes for any other."""

    def settle(name, to_end):
        seconds = lambda cell, *_: 1 if f"assert {name}()" in cell.source else 200  # noqa: E731
        monkeypatch.setattr(execution, "_seconds", seconds)
        monkeypatch.setattr(execution, "_TO_END", to_end)

    return settle


def test_check_goes_on_after_a_cell_that_does_not_end(kit, course, short):
    short("one", to_end=200)
    cells = [code("import time"), *solved_cells(one="\n    while True: time.sleep(0.01)")]
    result = course("check", save(kit / "work/01-numbers/numbers.ipynb", *cells))
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == ["one 0/2 it did not end within 1 seconds", "two 3/3 passed"]
    assert "“assert one() == 1" in lines[3]
    assert "ran for more than 1 seconds, and was stopped. Look for a loop" in lines[3]
    assert len(lines) == 5


def test_a_cell_gets_less_time_after_one_that_did_not_end():
    assert execution._seconds(None, 120, {}) == 120
    assert execution._seconds(None, 120, {3: 120}) == 30
    assert execution._seconds(None, 5, {3: 5}) == 5


def test_check_ends_with_a_cell_that_cannot_be_stopped(kit, course, short):
    short("two", to_end=1)
    answer = """
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: pass"""
    cells = [code("1"), *solved_cells(two=answer)]
    result = course("check", save(kit / "work/01-numbers/numbers.ipynb", *cells))
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == ["one 2/2 passed", "two 0/3 it did not end within 1 seconds"]
    assert lines[4] == "No cell below it was run."


def test_check_says_that_the_imports_took_too_long(kit, course):
    cells = [code("import time\ntime.sleep(60)"), *solved_cells()]
    path = save(kit / "work/01-numbers/numbers.ipynb", *cells)
    result = course("check", path, "--timeout", "1")
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == [
        f"{name} its check cell was not run to its end" for name in ("one 0/2", "two 0/3")
    ]
    assert "The first code cell, “import time”, ran for more than 1 seconds" in lines[3]
    assert "--timeout" in lines[3]
    assert len(lines) == 5


def test_check_names_the_cell_that_leaves_python(kit, course):
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(one="exit()"))
    result = course("check", path)
    assert result.exit_code == 1
    assert words(result)[0].startswith("one 0/2")
    assert "Python was ended in the cell “assert one() == 1" in words(result)[3]
    assert "exit()" in words(result)[3]


@pytest.mark.parametrize("name", ["1", "01", "numbers", "Numbers", "release/01-numbers/"])
def test_check_by_the_name_of_the_lesson(name, kit, course, monkeypatch):
    monkeypatch.setattr(lessons, "execute", lambda notebook, *_: unrun(notebook))
    result = course("check", name)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: You have not begun 01-numbers yet: course lab 01-numbers\n",
    )
    save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    assert words(course("check", name))[-1].startswith("0 of 2 exercises pass")


def test_check_outlives_an_answer_that_ends_the_kernel(kit, course):
    answer = "\n    import os\n    os._exit(0)"
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(two=answer))
    result = course("check", path)
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == ["one 2/2 passed", "two 0/3 its check cell was not run to its end"]
    assert "Python itself ended in the cell “assert two() == 2" in lines[3]


def test_check_outlives_a_cell_that_ends_the_kernel(kit, course):
    path = save(
        kit / "work/01-numbers/numbers.ipynb",
        *solved_cells(two="return 2")[:3],
        code("import os\nos._exit(1)"),
        solved_cells()[3],
    )
    result = course("check", path)
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == ["one 2/2 passed", "two 0/3 its check cell was not run to its end"]
    assert "Python itself ended in the cell “import os”" in lines[3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not valid JSON"),
        ('{"cells": [', "not valid JSON"),
        ("<<<<<<< mine", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a notebook"),
        ("3", "not a notebook"),
        ("null", "not a notebook"),
        ('{"cells": []}', "not a notebook"),
        ('{"nbformat": 3, "worksheets": []}', "not a notebook in format 4"),
        ('{"nbformat": 4, "cells": [1]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "not a notebook"),
        ('{"nbformat": 4, "cells": {"a": "b"}}', "not a notebook"),
        ('{"nbformat": 4, "cells": []}', "no exercises"),
    ],
)
def test_check_of_something_else(content, reason, course, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = course("check", path)
    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "settings", [3, {}, {"grade": True}, {"grade": True, "points": "many", "grade_id": None}]
)
def test_odd_metadata_is_no_obstacle(settings, tmp_path):
    path = save(tmp_path / "mine.ipynb", code("1"))
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["metadata"]["nbgrader"] = settings
    path.write_text(json.dumps(notebook))
    cells = lessons.read_notebook(path)["cells"]
    assert all(exercise.points == 0 for exercise in lessons._exercises(cells))


@pytest.mark.parametrize("name", ["missing.ipynb", "."])
def test_check_of_a_missing_file_is_a_usage_error(name, course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = course("check", name)
    assert result.exit_code == 2
    assert name in result.stderr


def test_check_does_not_copy_a_whole_home(course, tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "_MOST_BYTES", 10_000)
    path = save(tmp_path / "much/mine.ipynb", *solved_cells())
    (tmp_path / "much/film.mp4").write_bytes(bytes(10_000))
    result = course("check", path)
    assert result.exit_code == 1
    assert "Put the notebook into a folder of its own" in result.stderr


def run_as_program(*arguments):
    program = "import sys; from course.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_check_can_be_interrupted(kit):
    answer = """
    import os, signal, time
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)"""
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(two=answer))
    result = run_as_program("check", path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.strip() == "Aborted!"


def test_check_as_a_program_says_nothing_else(kit):
    """The kernel's warnings stay out of sight, and the progress bar belongs to a terminal."""
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    result = run_as_program("check", path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("2 of 2 exercises pass")
    assert result.stderr == ""

"""`course lab`, `course lessons` and `course check`, as a learner calls them."""

import functools
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

from course.code_key import code_key
from course.workbook import jupyterlab, progress
from course.workbook.copies import copy_missing
from course.workbook.notebook_check import check_notebook
from tests.command import course, words
from tests.workbook.made_notebooks import (
    code,
    exercise_cells,
    markdown,
    not_run,
    released_cells,
    save,
    solved_cells,
    without_marks,
)

# course lab ---------------------------------------------------------------------------------------


def test_lab_copies_all_lessons_and_opens_the_work_folder(kit, opened):
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
def test_lab_opens_a_lesson_by_its_name_or_number(name, kit, opened):
    course("lab", name)
    ((_, notebook, _),) = opened
    assert notebook == Path("01-numbers/numbers.ipynb")


def test_lab_opens_a_notebook_that_is_not_a_lesson(kit, opened):
    save(kit / "release/toys.ipynb", markdown("# Toys"), code("1"))
    assert "New in work/: toys.ipynb" in words(course("lab", "toys"))
    ((_, notebook, _),) = opened
    assert notebook == Path("toys.ipynb")
    assert words(course("lessons"))[-2] == "Toys, without points: course lab toys"


@pytest.mark.parametrize("name", ["07", "0", "ing, numbers", "n"])
def test_lab_without_such_a_lesson(name, kit, opened):
    result = course("lab", name)
    assert result.exit_code == 1
    assert "01-numbers, 02-reading" in result.stderr
    assert opened == []


def test_lab_passes_other_options_on(kit, opened):
    course("lab", "--no-browser", "--port", "9999")
    course("lab", "01-numbers", "--no-browser")
    assert [options for _, _, options in opened] == [
        ("--no-browser", "--port", "9999"),
        ("--no-browser",),
    ]


def test_lab_from_a_folder_further_down(kit, opened, monkeypatch):
    course("lab")
    monkeypatch.chdir(kit / "work" / "01-numbers")
    assert course("lab").exit_code == 0
    assert [folder for folder, _, _ in opened] == [kit / "work"] * 2


@pytest.mark.parametrize("command", ["lab", "lessons"])
def test_outside_of_any_course(command, opened, tmp_path, monkeypatch):
    (tmp_path / "release").mkdir()
    monkeypatch.chdir(tmp_path)
    result = course(command)
    assert result.exit_code == 1
    assert f"no folder release/ with lessons in {tmp_path}" in result.stderr
    assert opened == []


def test_lab_that_cannot_copy_opens_nothing(kit, opened):
    (kit / "work").write_text("a file where the folder should be")
    result = course("lab")
    assert result.exit_code == 1
    assert "cannot be copied" in result.stderr
    assert opened == []


def test_lab_mentions_a_newer_release_but_does_not_copy_it(kit, opened):
    course("lab")
    mine = kit / "work/01-numbers/numbers.ipynb"
    mine.write_text(mine.read_text().replace("raise NotImplementedError()", "return 1"))
    before = mine.read_text()
    assert words(course("lab")) == [], "work of one's own is no news"
    save(kit / "release/01-numbers/numbers.ipynb", markdown("# Corrected"), *released_cells())
    for _ in range(2):
        result = course("lab")
        assert "01-numbers/numbers.ipynb has changed in release/" in result.stdout
        assert mine.read_text() == before
    mine.rename(mine.with_name("mine.ipynb"))
    assert words(course("lab")) == ["New in work/: 01-numbers/numbers.ipynb"]
    assert words(course("lab")) == []


def test_a_file_that_hides_the_course_is_named_outside_the_notebook(kit, opened, capsys):
    """Beside it, a notebook imports the file in place of the course, which can say nothing."""
    course("lab")
    folder = kit / "work/01-numbers"
    for name in ("course.py", "random.py", "mine.py"):
        (folder / name).write_text("")
    lines = words(course("lab"))
    assert len(opened) == 2
    assert [line.partition(": ")[0] for line in lines] == [
        "Your file course.py hides the package course, which the course needs",
        "Your file random.py hides the module random, which belongs to Python",
    ]
    assert lines[0].endswith(f"restart the kernel. It is in {folder}.")
    progress.show()
    assert capsys.readouterr().out.splitlines() == lines
    result = course("check", "1")
    assert (result.exit_code, result.stderr) == (1, f"Error: {lines[0]}\n")


@pytest.mark.slow
def test_lab_becomes_jupyterlab_in_the_work_folder(kit, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda *arguments: called.append((Path.cwd(), *arguments)))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(kit))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("SHELL", "/bin/bash")
    work = kit / "work"
    work.mkdir()
    jupyterlab.become(work, Path("01-numbers/numbers.ipynb"), ("--no-browser",))
    ((folder, program, command),) = called
    assert folder == work
    assert program == sys.executable
    assert command[:4] == [sys.executable, "-P", "-m", "jupyterlab"]
    assert command[4:] == [
        # Not a login shell, whose PATH would lack `course`.
        '--ServerApp.terminado_settings={"shell_command": ["/bin/bash"]}',
        "--no-browser",
        "--LabApp.default_url=/lab/tree/01-numbers/numbers.ipynb",
    ]
    # In a process of its own: nbgrader's applications take over the logging of theirs.
    load = "import nbgrader.server_extensions.validate_assignment.handlers as handlers\n"
    load += "print(handlers.ValidateAssignmentHandler.load_config(None)['Execute']['timeout'])"
    loaded = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True)
    assert (loaded.stdout, loaded.stderr) == ("120\n", ""), "nbgrader misses its file"
    assert os.environ["JUPYTER_CONFIG_PATH"].endswith(os.pathsep + str(kit))
    for program in ("course", "pip", "tensorboard"):  # which notebooks start by their names
        assert shutil.which(program) == os.path.join(sysconfig.get_path("scripts"), program)
    assert os.environ["PATH"].endswith(os.pathsep + os.defpath)


def test_lab_begins_on_the_start_page_if_there_is_one(kit, opened):
    save(kit / "release/start.ipynb", markdown("# Start here"))
    course("lab")
    course("lab", "numbers")
    assert [notebook.name for _, notebook, _ in opened] == ["start.ipynb", "numbers.ipynb"]


@pytest.mark.slow
def test_students_see_validate_and_the_assignment_list_alone_and_no_news():
    """The folder that `course lab` adds to Jupyter's configuration switches the others off."""
    folder = Path(jupyterlab.__file__).parent / "jupyter"
    load = """
from jupyter_core.paths import jupyter_config_path, jupyter_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyterlab_server.config import get_page_config
page = get_page_config(jupyter_path("labextensions"), logger=None)
print(*sorted(page["disabledExtensions"]))
on = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
print(*sorted(name.split(".")[-1] for name, is_on in on.items() if is_on and "nbgrader" in name))
"""
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(folder)}
    command = [sys.executable, "-c", load]
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True)
    hidden, running = loaded.stdout.splitlines()
    tools = [f"@jupyter/nbgrader:{x}" for x in ("course-list", "create-assignment", "formgrader")]
    assert hidden.split() == [*tools, "@jupyterlab/apputils-extension:announcements"]
    assert running == "assignment_list validate_assignment"


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


def test_lessons_before_any_work(kit):
    result = course("lessons")
    assert result.exit_code == 0
    assert words(result)[:2] == [
        "01-numbers One and two not started",
        "02-reading Reading not started",
    ]


def test_lessons_show_how_far_the_work_has_got(kit, monkeypatch):
    copy_missing(kit / "release", kit / "work")
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
    nbformat.write(without_marks(nbformat.read(path, as_version=4), with_ids=False), path)
    assert first() == "2 of 2 exercises passed", "a host may have dropped the marks"
    save(path, *released_cells(), code("x = 1"))
    assert first() == "0 of 2 exercises passed", "a changed notebook is a started one"
    path.write_text("{")
    assert first() == "cannot be read: try course check 01-numbers"
    monkeypatch.chdir(kit / "work")  # where the terminals of JupyterLab start
    assert "numbers.ipynb" in course("check", "01-numbers").stderr


def judge(path, answer, passed=True):
    """Save a notebook as after a check of this code as the answer to `one`."""
    execute(path, passed=["one"])
    notebook = nbformat.read(path, as_version=4)
    facts = {"exercise": "one", "passed": passed, "answer": code_key(answer)}
    line = nbformat.v4.new_output("display_data", {"text/plain": "✓"}, metadata={"course": facts})
    (check,) = (cell for cell in notebook.cells if "assert one()" in cell.source)
    check.outputs = [line]
    nbformat.write(notebook, path)


ONE = "def one():\n    return 1"


@pytest.mark.parametrize(
    ("now", "counts"),
    [
        (ONE, True),
        ("# mine\ndef one( ):\n\n  return 1   # the first\n", True),
        ("def one():\n    return 0 + 1", False),
        ("def another():\n    return 1", False),
        ("def one()\n    return 1", False),
    ],
)
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_answer_that_was_changed_after_its_check_does_not_count(now, counts, has_marks, kit):
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    judge(path, ONE)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = now
    nbformat.write(notebook if has_marks else without_marks(notebook, with_ids=True), path)
    said = "1 of 2 exercises passed" if counts else (
        "0 of 2 exercises passed; changed since their check: one"
    )  # fmt: skip
    assert words(course("lessons"))[0].removeprefix("01-numbers One and two ") == said
    shown = repr(progress.show())
    assert said in " ".join(shown.split())


def test_an_answer_may_be_in_a_cell_of_its_own_and_the_last_one_counts(kit):
    answers = [code(ONE), code("two = 2"), code("def one():\n    return 1.0")]
    for given, counts in ((answers[:2], True), (answers, False), (answers[1:], False)):
        path = save(kit / "work/01-numbers/numbers.ipynb", *given, *solved_cells()[1:])
        judge(path, ONE)
        assert ("1 of 2" in words(course("lessons"))[0]) == counts


def test_an_answer_that_is_partly_right_does_not_count(kit):
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    judge(path, ONE, passed=False)
    assert words(course("lessons"))[0].endswith("0 of 2 exercises passed")


@pytest.mark.parametrize("metadata", [{}, {"course": None}, {"course": {"answer": 3}}])
def test_what_no_check_has_written_is_no_obstacle(metadata, kit):
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    judge(path, ONE)
    text = path.read_text()
    begin = text.index('"metadata": {\n      "course"')
    end = text.index('"output_type"', begin)
    path.write_text(f'{text[:begin]}"metadata": {json.dumps(metadata)},\n {text[end:]}')
    assert words(course("lessons"))[0].endswith("1 of 2 exercises passed")


def test_lessons_without_exercises_are_started_or_not(kit):
    save(kit / "work/02-reading/reading.ipynb", markdown("# Mine"))
    assert words(course("lessons"))[1] == "02-reading Reading started"


def test_exercises_of_ones_own_do_not_count(kit):
    path = kit / "work/01-numbers/numbers.ipynb"
    save(path, *released_cells(), *exercise_cells("three"), *exercise_cells("one"))
    execute(path, passed=["one", "three"])
    assert words(course("lessons"))[0].endswith("1 of 2 exercises passed")


# course check -------------------------------------------------------------------------------------


def test_check_says_which_exercises_pass_and_why_not(kit):
    path = save(
        kit / "work/01-numbers/numbers.ipynb",
        code("from course.check import CheckFailed, Unsolved"),
        *solved_cells(two="return 3"),
        *exercise_cells("three", "raise Unsolved('three')"),
        *exercise_cells("four", "raise CheckFailed('four: too small\\nand a hint')"),
        *exercise_cells("five", "return nothing"),
        *exercise_cells("six", "return 1 +"),
        code("first = None\nfirst.step()"),
        code("second = None\nsecond.step()"),
    )
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


def test_check_tells_what_is_partly_right(kit):
    imports = code(
        "from course.check.engine.failures import PartlyRight\n"
        "from course.check.notebook import for_notebook"
    )
    answer, check = exercise_cells("half", "return PartlyRight('healed, but not named', 0.5)")
    check.source = "for_notebook(half, 'half', ('half',))()"
    result = course("check", save(kit / "own/half.ipynb", imports, answer, check))
    assert result.exit_code == 1
    assert words(result)[0] == "half 1/2 healed, but not named"
    assert "0 of 1 exercises pass, worth up to 1 of 2 points." in words(result)[-1]


def test_check_of_a_blank_notebook(kit):
    result = course("check", kit / "release/01-numbers/numbers.ipynb")
    assert result.exit_code == 1
    assert words(result)[:2] == ["one 0/2 NotImplementedError:", "two 0/3 NotImplementedError:"]


def test_check_limits_the_time_of_a_cell(kit):
    cells = [code("import time\ntime.sleep(60)"), *solved_cells()]
    path = save(kit / "work/01-numbers/numbers.ipynb", *cells)
    result = course("check", path, "--timeout", "1")
    assert result.exit_code == 1
    lines = words(result)
    assert lines[:2] == [
        "one 0/2 its check cell did not finish",
        "two 0/3 its check cell did not finish",
    ]
    assert "“import time”, ran for more than 1 seconds" in lines[3]
    assert len(lines) == 5


@pytest.mark.parametrize("name", ["1", "01", "numbers", "Numbers", "release/01-numbers/"])
def test_check_by_the_name_of_the_lesson(name, kit, monkeypatch):
    without_a_run = functools.partial(check_notebook, execute=not_run)
    monkeypatch.setattr("course.workbook.notebook_check.check_notebook", without_a_run)
    result = course("check", name)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: You have not started 01-numbers yet: course lab 01-numbers\n",
    )
    save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    assert words(course("check", name))[-1].startswith("0 of 2 exercises pass")


def test_check_of_something_else_is_an_error_of_one_line(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("<<<<<<< mine")
    result = course("check", path)
    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["missing.ipynb", "."])
def test_check_of_a_missing_file_is_a_usage_error(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = course("check", name)
    assert result.exit_code == 2
    assert name in result.stderr


def run_as_program(*arguments, before=""):
    program = f"{before}\nimport sys; from course.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


# On Windows, a folder stays while a process is in it, and asyncio has no loop that pyzmq likes.
WINDOWS = """
import os, warnings, zmq.asyncio
usual = os.rmdir
def rmdir(path, **named):
    if "course-check-" in str(path):
        raise PermissionError(13, "[WinError 32] it is used by another process", path)
    usual(path, **named)
os.rmdir = rmdir
def selector(loop):
    warnings.warn("Proactor event loop does not implement add_reader", RuntimeWarning, stacklevel=5)
    return loop
zmq.asyncio._get_selector = selector
for name in ("Poller", "Socket"):
    setattr(getattr(zmq.asyncio, name), "_get_selector", lambda self, loop=None: selector(loop))
"""


@pytest.mark.parametrize(("answer", "code", "said"), [
    ("return 1", 0, ""), ("\n    import os\n    os._exit(1)", 1, ""),
    ("\n    import os, signal, time\n    os.kill(os.getppid(), signal.SIGINT)\n    time.sleep(60)",
     1, "Aborted!"),
])  # fmt: skip
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_check_on_windows_shows_its_result_alone(answer, code, said, kit, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(one=answer))
    result = run_as_program("check", path, before=WINDOWS)
    assert (result.returncode, result.stderr.strip()) == (code, said)
    assert ("of 2 exercises pass" in result.stdout) == (not said)


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_check_can_be_interrupted(end, kit):
    answer = f"""
    import os, signal, time
    os.kill(os.getppid(), signal.{end})
    time.sleep(60)"""
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells(two=answer))
    result = run_as_program("check", path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.strip() == "Aborted!"


@pytest.mark.slow
def test_check_as_a_program_says_nothing_else(kit):
    """The kernel's warnings stay out of sight, and the progress bar belongs to a terminal."""
    path = save(kit / "work/01-numbers/numbers.ipynb", *solved_cells())
    result = run_as_program("check", path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[:2] == ["one  2/2  passed", "two  3/3  passed"]
    assert result.stdout.splitlines()[-1].startswith("2 of 2 exercises pass")
    assert result.stderr == ""

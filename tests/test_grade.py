"""Grading a class: every status, odd notebooks, and that one submission never harms another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.grading import dependencies, gradebook, parsing, placing, submissions
from autograder.grading.lesson import prepared_for_grading, read_lesson
from autograder.grading.parsing import Submission
from autograder.sandbox import Limits
from tests import tiny_course
from tests.conftest import missing_walls
from tests.tiny_course import LESSON, NAME, cell_of, grade_id, submission

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("grade"),
    # nbgrader's own way of adding a submission makes SQLAlchemy warn, to no effect.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId"),
]


def right(released):
    return submission(released)


def wrong(released):
    return submission(released, double="    return a")


def only_visible(released):
    """Right in the visible check, wrong in the hidden one."""
    return submission(released, double="    return int(2 * a)")


def renamed(released):
    """A browser downloads a second copy as `numbers (1).ipynb`."""
    return submission(released)


def blank(released):
    return submission(released, add=None, double=None)


def dies(released):
    return submission(released, add="    os._exit(1)")


def dies_at_once(released):
    notebook = submission(released)
    notebook.cells[1].source = "import os\nos._exit(0)"
    return notebook


def hungry(released):
    """It takes more memory than there is for it."""
    return submission(released, double="    return len(bytearray(10**11))")


def lies(released):
    """It says to the examiner what no student's process says by itself."""
    talk = "    import socket\n    for number in range(3, 20):\n        try:\n"
    talk += "            socket.socket(fileno=number).sendall(b'passed' * 100)\n"
    return submission(released, double=talk + "        except OSError: pass")


def loops(released):
    return submission(released, add="    while True: pass")


def stuck(released):
    loop = "    while True:\n        try:\n            while True: time.sleep(1)\n"
    return submission(released, double=loop + "        except BaseException: pass")


def exits(released):
    return submission(released, add="    raise SystemExit(0)")


def unparsable(released):
    return submission(released, add="    retrun a + b")


def misspelt(released):
    notebook = submission(released)
    cell_of(notebook, "add").source = "def ad(a, b):\n    return a + b"
    return notebook


def no_json(released):
    return "{ this is not JSON"


def no_notebook(released):
    return '{"cells": 3}'


def warns(released):
    """nbgrader itself would give nothing for a line on standard error, or a value shown."""
    return submission(released, add="    os.write(2, b'warning')\n    return a + b")


def reads_a_file(released):
    """It needs what was handed in beside it."""
    return submission(released, add="    return a + b + int(open('nothing.txt').read())")


def duplicated_test(released):
    notebook = submission(released)
    notebook.cells.insert(4, nbformat.from_dict(cell_of(notebook, "check_add")))
    return notebook


def missing_test(released):
    notebook = submission(released, add="    return a - b")
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != "check_add"]
    return notebook


def changed_test(released):
    notebook = submission(released, double="    return a")
    cell = cell_of(notebook, "check_double")
    cell.source = "pass"
    cell.metadata.nbgrader.points = 100
    cell.metadata.tags = ["skip-execution"]
    return notebook


def other_schema(released):
    notebook = submission(released)
    for cell in notebook.cells:
        if grade_id(cell):
            cell.metadata.nbgrader.schema_version = 1
    return notebook


def odd_metadata(released):
    """What a script, another editor or a prankster may leave."""
    notebook = submission(released)
    notebook.metadata = {"kernelspec": {"name": "no-such-kernel"}, "widgets": 7}
    notebook.cells[0].metadata["nbgrader"] = ["not", "a", "dict"]
    notebook.cells[1].id = notebook.cells[0].id
    notebook.cells.append({"cell_type": "unheard-of", "source": 3})
    notebook.cells.append(
        {"cell_type": "code", "source": ["1 +", " 1  # \ud800"], "metadata": {"nbgrader": {}}}
    )
    return json.dumps(notebook)


# What is submitted -> status, points for `add` (of 2) and `double` (of 3), their statuses.
CLASS = {
    right: ("passed", 2, 3, "passed", "passed"),
    wrong: ("failed", 2, 0, "passed", "failed"),
    only_visible: ("failed", 2, 0, "passed", "failed"),
    renamed: ("passed", 2, 3, "passed", "passed"),
    blank: ("unsolved", 0, 0, "unsolved", "unsolved"),
    dies: ("crashed", 0, 3, "crashed", "passed"),
    dies_at_once: ("passed", 2, 3, "passed", "passed"),
    hungry: ("out_of_memory", 2, 0, "passed", "out_of_memory"),
    lies: ("tampered", 2, 0, "passed", "tampered"),
    loops: ("timed_out", 0, 3, "timed_out", "passed"),
    stuck: ("timed_out", 2, 0, "passed", "timed_out"),
    exits: ("failed", 0, 3, "error", "passed"),
    misspelt: ("failed", 0, 3, "error", "passed"),
    unparsable: ("failed", 0, 3, "error", "passed"),
    no_json: ("error", 0, 0, "error", "error"),
    no_notebook: ("error", 0, 0, "error", "error"),
    warns: ("passed", 2, 3, "passed", "passed"),
    reads_a_file: ("passed", 2, 3, "passed", "passed"),
    duplicated_test: ("passed", 2, 3, "passed", "passed"),
    missing_test: ("failed", 0, 3, "failed", "passed"),
    changed_test: ("tampered", 2, 0, "passed", "failed"),
    other_schema: ("passed", 2, 3, "passed", "passed"),
    odd_metadata: ("passed", 2, 3, "passed", "passed"),
}


def run(course, *arguments):
    return CliRunner().invoke(main, ["grade", LESSON, "--course", str(course), *arguments])


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course, and a grader that stays the same while somebody edits its checks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dependencies, "version_for", lambda code: "of the tests")
        yield tiny_course.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def released(course):
    return release.release_notebook(course / "source" / LESSON / NAME)


@pytest.fixture(scope="module")
def first_run(course, released):
    """The command's answer and the JSON it wrote, for the whole class."""
    for make in CLASS:
        tiny_course.submit(course, make.__name__, make(released))
    folder = course / "submitted" / "renamed" / LESSON
    (folder / NAME).rename(folder / "numbers (1).ipynb")
    (course / "submitted" / "reads_a_file" / LESSON / "nothing.txt").write_text("0")
    for student in ("blank", "right"):  # JupyterLab's *Duplicate*
        copied = course / "submitted" / student / LESSON / "sums-Copy1.ipynb"
        tiny_course.write(right(released), copied)
    (course / "submitted" / "absent").mkdir()
    for name in ("draft.ipynb", "final.ipynb"):
        tiny_course.write(right(released), course / "submitted" / "twice" / LESSON / name)
    answer = run(course, "--json", str(course / "results.json"))
    assert answer.exit_code == 1, answer.output  # some could not be graded to the end
    return answer, json.loads((course / "results.json").read_text())


@pytest.fixture(scope="module")
def results(first_run):
    return {result["student"]: result for result in first_run[1]}


@pytest.mark.parametrize("make", CLASS, ids=lambda make: make.__name__)
def test_status_and_points(results, make):
    status, add, double, status_add, status_double = CLASS[make]
    result = results[make.__name__]
    exercises = result["exercises"]
    assert result["status"] == status, result
    assert (exercises["add"]["status"], exercises["double"]["status"]) == (
        status_add,
        status_double,
    )
    assert (exercises["add"]["score"], exercises["double"]["score"]) == (add, double)
    assert (result["score"], result["max_score"]) == (add + double, 5)


def test_who_submitted_nothing_is_listed(results):
    assert results["absent"]["status"] == "not_submitted"
    assert results["absent"]["score"] == 0
    assert set(results) == {"absent", "twice", *(make.__name__ for make in CLASS)}


def test_notebooks_of_other_names_are_named(first_run, results):
    assert results["twice"]["status"] == "not_submitted"
    words = f"There is no {NAME}, but draft.ipynb, final.ipynb: rename one of them."
    assert results["twice"]["exercises"]["add"]["message"] == words
    assert words in first_run[0].output  # where the instructor sees it at once


def test_a_copy_beside_the_notebook_is_named_and_looked_at_where_an_answer_is_missing(results):
    (note,) = results["blank"]["notes"]
    assert note["kind"] == "other_notebooks"
    assert note["files"] == ["sums-Copy1.ipynb"]
    assert note["unanswered"] == ["add", "double"]
    assert results["blank"]["needs_review"]
    (note,) = results["right"]["notes"]
    assert "unanswered" not in note
    assert not results["right"]["needs_review"]


def test_the_json_has_the_promised_fields(results):
    fields = [
        "version",
        "student",
        "lesson",
        "score",
        "max_score",
        "status",
        "seconds",
        "exercises",
    ]
    fields += ["needs_review", "notes", "late_penalty", "submitted_at", "language", "changes"]
    for result in results.values():
        assert list(result) == fields
        assert result["lesson"] == LESSON
        assert list(result["exercises"]) == ["add", "double"]
        for exercise in result["exercises"].values():
            assert list(exercise)[:4] == ["score", "max_score", "status", "message"]
            assert (exercise["message"] == "") == (exercise["status"] == "passed")


def test_messages_say_what_happened(results):
    def message(student, exercise):
        return results[student]["exercises"][exercise]["message"]

    assert message("wrong", "double") == "double(4) must be 8"
    assert message("misspelt", "add") == "NameError: name 'add' is not defined"
    assert message("unparsable", "add") == (
        "The answer cell stopped with SyntaxError: invalid syntax\n"
        "  in line 2 of the cell: retrun a + b"
    )
    assert "The file is damaged" in message("no_json", "add")
    assert "ended" in message("dies", "add")
    assert "too long" in message("loops", "add")


def test_the_table_names_everybody(first_run):
    for make, (status, *_) in CLASS.items():
        (line,) = [
            line for line in first_run[0].output.splitlines() if line.split()[:1] == [make.__name__]
        ]
        assert status in line


def test_the_gradebook_holds_the_marks(course, results):
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    for make, (_, add, double, *_) in CLASS.items():
        assert marks[make.__name__].scores == {"add": add, "double": double}
    assert marks["absent"] is None


def test_the_graded_notebook_has_the_tests_as_the_instructor_wrote_them(course, results):
    for make in CLASS:
        path = course / "autograded" / make.__name__ / LESSON / NAME
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        tests = [cell for cell in notebook.cells if (grade_id(cell) or "").startswith("check_")]
        assert [cell.source for cell in tests] == [tiny_course.CHECK_ADD, tiny_course.CHECK_DOUBLE]
        assert [cell.metadata.nbgrader.points for cell in tests] == [2, 3]


def test_unchanged_submissions_are_skipped_and_changed_ones_are_not(course, released, first_run):
    path = course / "autograded" / "right" / LESSON / NAME
    before = path.stat().st_mtime_ns
    again = run(course, "--json", str(course / "again.json"))
    assert again.exit_code == 1
    assert json.loads((course / "again.json").read_text()) == first_run[1]
    assert path.stat().st_mtime_ns == before

    tiny_course.submit(course, "wrong", submission(released))
    run(course, "--json", str(course / "again.json"))
    scores = {
        result["student"]: result["score"]
        for result in json.loads((course / "again.json").read_text())
    }
    assert scores["wrong"] == 5
    assert path.stat().st_mtime_ns == before


@pytest.mark.xdist_group("own_course_1")
@pytest.mark.slow
def test_force_or_another_grader_grades_again(tmp_path, released, monkeypatch):
    """And `--submitted` names another folder."""
    course = tiny_course.make_course(tmp_path / "course")
    elsewhere = tmp_path / "elsewhere"
    tiny_course.write(released, elsewhere / "ada" / LESSON / NAME)
    where = ["--submitted", str(elsewhere), "--jobs", "1"]
    assert run(course, *where).exit_code == 0
    path = course / "autograded" / "ada" / LESSON / NAME
    before = path.stat().st_mtime_ns
    assert run(course, *where, "--force").exit_code == 0
    forced = path.stat().st_mtime_ns
    assert forced > before
    monkeypatch.setattr(dependencies, "version_for", lambda code: "with a stricter check")
    assert run(course, *where).exit_code == 0
    assert path.stat().st_mtime_ns > forced


@pytest.mark.xdist_group("own_course_1")
def test_a_submission_leaves_nothing_behind(tmp_path, released):
    """Home and temporary folder are its own, and what it started has ended."""
    seconds = f"1234.{os.getpid()}"  # of this test alone: it may run elsewhere, too
    notebook = submission(released)
    notebook.cells[1].source = (
        "import os, pathlib, subprocess, sys, tempfile, time\n"
        "(pathlib.Path.home() / 'left_behind').write_text('x')\n"
        f"child = subprocess.Popen(['sleep', '{seconds}'], start_new_session=True)\n"
        "print(pathlib.Path.home(), tempfile.gettempdir(), os.getcwd())"
    )
    course = tiny_course.make_course(tmp_path / "course")
    tiny_course.submit(course, "ada", notebook)
    assert run(course).exit_code == 0
    graded = nbformat.read(course / "autograded" / "ada" / LESSON / NAME, as_version=4)
    folders = {Path(folder) for folder in graded.cells[1].outputs[0].text.split()}
    assert len(folders) == 3
    assert not any(folder.exists() for folder in folders)
    assert not (Path.home() / "left_behind").exists()
    running = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert ["sleep", seconds] not in running


@pytest.mark.slow
@pytest.mark.xdist_group("own_course_1")
def test_a_whole_notebook_has_its_time_too(tmp_path, released):
    course = tiny_course.make_course(tmp_path, cell_timeout=60)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Grade.timeout = 8\n")
    tiny_course.submit(course, "ada", submission(released, double="    time.sleep(60)"))
    answer = run(course, "--json", str(course / "results.json"))
    (result,) = json.loads((course / "results.json").read_text())
    assert answer.exit_code == 1
    assert result["status"] == "timed_out"
    assert result["exercises"]["add"]["status"] == "passed"


def test_limits_are_set_in_the_configuration(tmp_path):
    course = tiny_course.make_course(tmp_path, cell_timeout=7)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Limits.memory = 1e9\nc.Grade.timeout = 70\nc.Grade.sandbox = False\n")
    lesson = read_lesson(course_folder.find(course), LESSON)
    assert (lesson.cell_timeout, lesson.timeout) == (7, 70)
    assert repr(lesson.limits.memory) == "1000000000"  # a whole number
    assert lesson.limits.disk == Limits().disk
    assert not lesson.walls


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("Grade.timeout = '5 min'", "c.Grade.timeout must be a number above 0; it is '5 min'."),
        ("Execute.timeout = None", "c.Execute.timeout must be a number above 0; it is None."),
        ("Grade.timeout = float('nan')", "c.Grade.timeout must be a number above 0; it is nan."),
        ("Limits.outputs = 1.5", "c.Limits.outputs must be a whole number; it is 1.5."),
        ("Limits.memory = '2 GB'", "c.Limits.memory must be a number above 0; it is '2 GB'."),
        ("Limits.memori = 10**9", "There is no c.Limits.memori; there are memory, processes, "),
        (
            "LateSubmissionPlugin.penalty_method = 'half'",
            "c.LateSubmissionPlugin.penalty_method must be 'none' or 'zero'; it is 'half'.",
        ),
        ("LateSubmissionPlugin.penalty_method = 5", "must be 'none' or 'zero'; it is 5."),
        (
            "AssignLatePenalties.plugin_class = 'no_such_rule.Half'",
            "c.AssignLatePenalties.plugin_class, 'no_such_rule.Half', cannot be used: "
            "ModuleNotFoundError: No module named 'no_such_rule'.",
        ),
        ("AssignLatePenalties.plugin_class = 5", "plugin_class, 5, cannot be used: TraitError: "),
        (
            "AssignLatePenalties.plugin_class = 'nbgrader.plugins.BasePlugin'",
            "'BasePlugin' object has no attribute 'late_submission_penalty'",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_said(tmp_path, setting, sentence):
    course = tiny_course.make_course(tmp_path)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.{setting}\n")
    for command in (["grade", LESSON], ["doctor"]):
        answer = CliRunner().invoke(main, [*command, "--course", str(course)])
        assert (answer.exit_code, sentence in answer.output) == (2, True)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/grades.db", "sqlite:////srv/grades.db"),
        ("sqlite:///grades.db", "sqlite:///grades.db"),
        ("sqlite://", "sqlite://"),
        ("postgresql://me:secret@localhost/gradebook.db", "postgresql://me:***@localhost/"),
        ("grades.db", "grades.db"),
        (3, "3"),
    ],
)
def test_another_gradebook_is_refused(tmp_path, url, shown):
    """nbgrader's own commands would use it, and the autograder would not."""
    course = tiny_course.make_course(tmp_path)
    (course / "course_settings.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n"
    )
    for command in (["grade", LESSON], ["doctor"]):
        answer = CliRunner().invoke(main, [*command, "--course", str(course)])
        assert answer.exit_code == 2
        assert f"c.CourseDirectory.db_url is '{shown}" in answer.output
        assert f"scores are always kept in {course / 'gradebook.db'}." in answer.output
        assert "secret" not in answer.output


def test_the_courses_own_gradebook_may_be_named(tmp_path):
    course = tiny_course.make_course(tmp_path / "course")
    (tmp_path / "link").symlink_to(course)
    for path in ("gradebook.db", course / "gradebook.db", tmp_path / "link" / "gradebook.db"):
        (course / "course_settings.py").write_text(
            f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{path}'\n"
        )
        assert course_folder.find(course).config().CourseDirectory.db_url


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{", '{"cells": 3}', "[]"])
def test_a_damaged_lesson_is_said(tmp_path, text):
    course = tiny_course.make_course(tmp_path)
    (course / "source" / LESSON / NAME).write_text(text)
    with pytest.raises(course_folder.CourseError, match="it is not a valid notebook"):
        read_lesson(course_folder.find(course), LESSON)


USES_A_PACKAGE = """    import helpers
    try:
        open(helpers.__file__, "a").close()
    except OSError:
        return helpers.twice(a) if not os.path.exists(%r) else "seen"
    return helpers.twice(a) if %r == "without walls" else "writable"
"""


@pytest.mark.parametrize("where", ["within walls", "without walls"])
@pytest.mark.slow
def test_packages_of_the_course_can_be_imported_and_nothing_else_is_seen(tmp_path, where):
    if where == "within walls":
        missing_walls()
    source = tiny_course.source_notebook()
    cell_of(source, "check_double").source = "import helpers\nassert double(4) == helpers.twice(4)"
    course = tiny_course.make_course(tmp_path / "course", source, cell_timeout=60)
    settings = 'c = get_config()\nc.Sandbox.packages = ["packages"]\n'
    settings += f"c.Grade.sandbox = {where == 'within walls'}\n"
    (course / "course_settings.py").write_text(settings)
    helpers = course / "packages" / "helpers.py"
    tiny_course.write("def twice(a):\n    return 2 * a\n", helpers)
    helpers.chmod(0o666)  # what keeps it as it is are the walls
    answer = USES_A_PACKAGE % (str(course / "source"), where)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, double=answer))
    results = tmp_path / "results.json"
    said = run(course, "--jobs", "1", "--json", str(results))
    assert json.loads(results.read_text())[0]["status"] == "passed", said.output
    assert "nothing to grade" in run(course, "--dry-run").output
    helpers.write_text("def twice(a):\n    return a + a\n")
    assert "1 to grade" in run(course, "--dry-run").output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["99-nothing"], 2, LESSON),
        ([LESSON, "--scheduler", "tcp://127.0.0.1:1"], 1, "No Dask scheduler answers at tcp"),
        ([LESSON, "--scheduler", "nonsense"], 1, "missing port number"),
        ([LESSON, "--json", "no-such-folder/results.json"], 2, "no-such-folder"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, released, arguments, code, words):
    """At once: no bar was drawn before."""
    course = tiny_course.make_course(tmp_path)
    tiny_course.submit(course, "ada", submission(released))
    answer = CliRunner().invoke(main, ["grade", *arguments, "--course", str(course)])
    assert answer.exit_code == code
    assert words in answer.output
    assert "submission/s" not in answer.output


def test_without_a_submission_it_says_where_it_looked(tmp_path):
    course = tiny_course.make_course(tmp_path)
    answer = run(course)
    assert answer.exit_code == 0
    place = course / "submitted" / "STUDENT" / LESSON / NAME
    assert answer.output == f"There is no submission; looked for {place}.\n"


@pytest.mark.slow
@pytest.mark.xdist_group("own_course_2")
def test_nbgraders_own_autograde_goes_through_odd_submissions(tmp_path, released):
    course = tiny_course.make_course(tmp_path)
    tiny_course.start_quickly(course)
    for make in (duplicated_test, other_schema, changed_test):
        tiny_course.submit(course, make.__name__, make(released))
    for command in ("generate_assignment", "autograde"):
        nbgrader = Path(sys.executable).parent / "nbgrader"
        answer = subprocess.run(
            [nbgrader, command, LESSON], cwd=course, capture_output=True, text=True
        )
        assert answer.returncode == 0, answer.stderr
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    scores = {student: sum(mark.scores.values()) for student, mark in marks.items()}
    assert scores == {"duplicated_test": 5, "other_schema": 5, "changed_test": 2}


# Placing: no kernel needed ------------------------------------------------------------------------


def placed(course, notebook):
    source = nbformat.read(course / "source" / LESSON / NAME, as_version=4)
    submitted = parsing.read_notebook(json.dumps(notebook).encode())
    return placing.place(submitted, prepared_for_grading(source)).notebook


def order(notebook):
    return [grade_id(cell) for cell in notebook.cells if grade_id(cell)]


ORDER = ["add", "check_add", "double", "check_double"]


def test_cells_in_the_wrong_order_are_examined_in_the_right_one(course, released):
    notebook = submission(released)
    notebook.cells[3], notebook.cells[5] = notebook.cells[5], notebook.cells[3]
    assert order(placed(course, notebook)) == ORDER


def test_tests_come_back_if_all_marked_cells_are_gone(course, released):
    notebook = submission(released)
    notebook.cells = notebook.cells[:2]
    assert order(placed(course, notebook)) == ["check_add", "check_double"]


def test_an_old_attempt_at_the_end_does_not_replace_the_answer(course, released):
    notebook = submission(released)
    attempt = nbformat.from_dict(cell_of(notebook, "add"))
    attempt.source = "def add(a, b):\n    return 'old'"
    notebook.cells.append(attempt)
    result = placed(course, notebook)
    assert order(result) == ORDER
    assert "old" not in cell_of(result, "add").source
    assert result.cells[-1].source == attempt.source


def test_notes_between_answer_and_test_stay_there(course, released):
    notebook = submission(released)
    notebook.cells.insert(3, nbformat.v4.new_code_cell("add(1, 1)"))
    assert [cell.source for cell in placed(course, notebook).cells[2:4]] == [
        notebook.cells[2].source,
        "add(1, 1)",
    ]


def test_a_folder_that_is_a_link_to_somebody_elses_is_not_looked_into(tmp_path):
    path = tmp_path / "ada" / LESSON / NAME
    tiny_course.write("hers", path)
    (path.parent / "submission_secret.txt").write_text("hers")
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / LESSON).symlink_to(path.parent)
    his = tmp_path / "bob" / LESSON / NAME
    assert submissions.read(path) == Submission(b"hers")
    assert submissions.secret(path.parent) == "hers"
    assert submissions.read(his).refusal == "The folder is only a link to another folder."
    assert submissions.secret(his.parent) == ""

"""Folders and files as no instructor would make them: none of them stops a class."""

import contextlib
import csv
import errno
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import course_folder, doctor
from autograder.building import release
from autograder.cli import main
from autograder.grading import class_results, gradebook
from tests import tiny_course
from tests.conftest import tried
from tests.tiny_course import LESSON, NAME, ordinary_user, submission, words_of

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("odd_classes"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

# As one folder of a class each: all of them are ids that can be kept.
NAMES = [
    *("*", "ada ", "a\nb", "Jos\u00e9", "Jose\u0301"),
    *tried(
        [
            *("?", "[a-z]", "%s", "100%25", "~", "$HOME", "{student_id}", "(?P<x>", "a\\b", "#"),
            *("it's", 'say "hi"', "a,b", "a;b", "=1+1", "<b>|alert(1)", "&amp;"),
            *("..a", "...", ".hidden", "trailing.", "-rf", "--help", "CON"),
            *("   ", " ada", "a\u00a0b", "a\rb", "a\tb", "ada\u200b"),
            *("\x1b[31mred", "\x1b]0;title\x07", "\x7f", "\x9b5n", "\u202egpj"),
            *("\U0001f468\u200d\U0001f52c", "\u05d3\u05d5\u05d3", "\u674e"),
            *("x" * 255, "\u674e" * 85),
        ],
        rarer=3,
    ),
]
ODD = ("\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\udce9")


COMMANDS = [["feedback", LESSON], ["report", LESSON], ["export"]]


@pytest.fixture(scope="module")
def new_course(tmp_path_factory):
    """A function that makes a course with an empty gradebook, which takes long to make."""
    first = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    gradebook.students(course_folder.find(first))

    def make(folder):
        course = tiny_course.make_course(folder)
        shutil.copy(first / "gradebook.db", course)
        return course

    return make


def run(course, command, *arguments):
    return CliRunner().invoke(main, [command, *arguments, "--course", str(course)])


def results_of(course, *arguments):
    """The command's answer, and the results by student."""
    path = course / "r.json"
    answer = run(course, "grade", LESSON, "--jobs", "1", "--json", str(path), *arguments)
    assert path.exists(), answer.output
    results = json.loads(path.read_text("utf-8"))
    return answer, {result["student"]: result for result in results}


def message(result):
    return result["exercises"]["add"]["message"]


@pytest.fixture(autouse=True, scope="module")
def _quick():
    with tiny_course.quick_worker():
        yield


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    course = tiny_course.make_course(tmp_path_factory.mktemp("released"))
    return release.release_notebook(course / "source" / LESSON / NAME)


# Names --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(tmp_path_factory, released):
    """A class of odd names; what each command said of it."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    for name in ("ada", *NAMES):
        tiny_course.submit(course, name, submission(released))
    latin = os.fsencode(course / "submitted") + b"/jos\xe9"
    shutil.copytree(os.fsencode(course / "submitted" / "ada"), latin)
    graded, results = results_of(course)
    return (
        course,
        results,
        {"grade": graded} | {command: run(course, command, *rest) for command, *rest in COMMANDS},
    )


@pytest.mark.slow
def test_every_name_that_can_be_kept_is_graded(named):
    course, results, _ = named
    assert set(results) == {"ada", *NAMES, r"jos\xe9"}
    assert {results[name]["status"] for name in ("ada", *NAMES)} == {"passed"}
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    assert set(marks) == {"ada", *NAMES}
    assert all(mark.scores == {"add": 2, "double": 3} for mark in marks.values())


@pytest.mark.slow
def test_a_name_that_is_not_utf_8_is_an_error_of_its_own(named):
    _, results, answers = named
    assert results[r"jos\xe9"]["status"] == "error"
    assert "not UTF-8" in message(results[r"jos\xe9"])
    assert answers["grade"].exit_code == 1
    (line,) = [line for line in answers["grade"].output.splitlines() if line.startswith("jos\\xe9")]
    assert "not UTF-8" in line


@pytest.mark.slow
def test_everybody_gets_a_page_and_only_the_own_one(named):
    course, _, answers = named
    assert answers["feedback"].exit_code == 0, answers["feedback"].output
    pages = {path.parent.parent.name for path in course.glob(f"feedback/*/{LESSON}/sums.html")}
    assert pages == {"ada", *NAMES}
    for name in pages:
        folder = course / "feedback" / name / LESSON
        assert [path.name for path in folder.iterdir()] == ["sums.html"]
        page = (folder / "sums.html").read_text("utf-8")
        assert "5 of 5 points" in words_of(page)
        assert not [sign for sign in ODD if sign in page]


@pytest.mark.slow
def test_report_and_export_take_everybody(named):
    course, _, answers = named
    for command in ("report", "export"):
        assert answers[command].exit_code == 0, answers[command].output
    page = (course / "reports" / f"{LESSON}.html").read_text("utf-8")
    assert f"of {len(NAMES) + 2} students" in page
    assert not [sign for sign in (*ODD, "<b>|") if sign in page]
    with (course / "reports" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        grades = {row["student"]: row for row in csv.DictReader(file)}
    assert len(grades) == len(NAMES) + 2
    assert grades[r"jos\xe9"]["status"] == "not_graded"
    assert grades[r"a\nb"]["score"] == grades[r"ada\x20"]["score"] == "5.0"
    with (course / "reports" / "moodle.csv").open(newline="", encoding="utf-8") as file:
        assert sum(row["Username"] == "ada" for row in csv.DictReader(file)) == 1


@pytest.mark.slow
def test_no_name_acts_on_the_terminal(named):
    _, _, answers = named
    for answer in answers.values():
        assert not [sign for sign in ODD if sign in answer.output]
    lines = answers["grade"].stdout.splitlines()
    assert [line.split()[0] for line in lines if line.split()[1:2] == ["5/5"]]
    assert sum(" 5/5 " in line for line in lines) == len(NAMES) + 1


@pytest.mark.slow
def test_names_that_look_the_same_are_told(named):
    """Which folder is the right one is not guessed: both are graded."""
    _, results, answers = named
    (note,) = results["Jos\u00e9"]["notes"]
    assert note["kind"] == "look_alike"
    assert r"'Jose\u0301', 'Jos\xe9'" in note["text"]
    assert results["Jose\u0301"]["notes"] == [note]
    assert answers["grade"].output.count(note["text"]) == 1
    assert results["*"].get("notes", []) == []


@pytest.mark.slow
def test_a_folder_called_star_touches_nobody_elses_page(tmp_path, new_course, released):
    course = new_course(tmp_path)
    for name in ("*", "ada"):
        tiny_course.submit(course, name, submission(released))
    results_of(course)
    run(course, "feedback", LESSON)
    pages = [course / "feedback" / name / LESSON / "sums.html" for name in ("*", "ada")]
    before = [page.stat().st_mtime_ns for page in pages]
    shutil.rmtree(course / "autograded" / "ada")
    assert run(course, "feedback", LESSON).exit_code == 0
    after = [page.stat().st_mtime_ns for page in pages]
    assert [new > old for new, old in zip(after, before, strict=True)] == [True, False]


# What stands where a folder or a notebook is expected ---------------------------------------------


def folder_is_a_link(folder, notebook):
    folder.symlink_to("ada")


def folder_is_a_broken_link(folder, notebook):
    folder.symlink_to("nowhere")


def lesson_is_a_link(folder, notebook):
    folder.mkdir()
    (folder / LESSON).symlink_to(f"../ada/{LESSON}")


def lesson_is_a_file(folder, notebook):
    folder.mkdir()
    (folder / LESSON).write_text("{}")


def lesson_is_a_pipe(folder, notebook):
    folder.mkdir()
    os.mkfifo(folder / LESSON)


def folder_is_closed(folder, notebook):
    tiny_course.write(notebook, folder / LESSON / NAME)
    folder.chmod(0)


def folder_is_listed_only(folder, notebook):
    tiny_course.write(notebook, folder / LESSON / NAME)
    folder.chmod(0o444)


def lesson_is_closed(folder, notebook):
    tiny_course.write(notebook, folder / LESSON / NAME)
    (folder / LESSON).chmod(0)


def notebook_is_closed(folder, notebook):
    tiny_course.write(notebook, folder / LESSON / NAME)
    (folder / LESSON / NAME).chmod(0)


def notebook_is_a_folder(folder, notebook):
    (folder / LESSON / NAME).mkdir(parents=True)


def notebook_is_a_pipe(folder, notebook):
    (folder / LESSON).mkdir(parents=True)
    os.mkfifo(folder / LESSON / NAME)


def notebook_is_a_socket(folder, notebook):
    (folder / LESSON).mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder.parent / "s"))  # a socket's path is short
    (folder.parent / "s").rename(folder / LESSON / NAME)


def notebook_is_a_link(folder, notebook):
    (folder / LESSON).mkdir(parents=True)
    (folder / LESSON / NAME).symlink_to(f"../../ada/{LESSON}/{NAME}")


# Nothing of these can be looked at: what a student has stays as it is.
OUT_OF_REACH = {
    folder_is_a_link: "folder_is_a_link is only a link to another folder.",
    folder_is_a_broken_link: "folder_is_a_broken_link is only a link to another folder.",
    lesson_is_a_link: f"lesson_is_a_link/{LESSON} is only a link to another folder.",
    lesson_is_a_file: f"lesson_is_a_file/{LESSON} is a file; expected a folder.",
    lesson_is_a_pipe: f"lesson_is_a_pipe/{LESSON} is a file; expected a folder.",
    folder_is_closed: f"folder_is_closed/{LESSON} cannot be read (Permission denied).",
    folder_is_listed_only: f"folder_is_listed_only/{LESSON} cannot be read (Permission denied).",
    lesson_is_closed: f"lesson_is_closed/{LESSON} cannot be read (Permission denied).",
    notebook_is_closed: f"{NAME} cannot be read: the grader does not have permission.",
}
# These are handed in, and are no notebooks: the student gets a page that says so.
NO_NOTEBOOK = {
    notebook_is_a_folder: "This is a folder or a device, not a file.",
    notebook_is_a_pipe: "This is a folder or a device, not a file.",
    notebook_is_a_socket: "This is a folder or a device, not a file.",
    notebook_is_a_link: "The file is only a link to another file.",
}


@pytest.fixture
def elsewhere(named):
    """A folder that an ordinary user can reach; all modules are imported already."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        for place, folders, _ in os.walk(folder):
            for name in folders:
                os.chmod(os.path.join(place, name), 0o755)


def given_away(course):
    """Let a course, with a gradebook, belong to the ordinary user from now on."""
    gradebook.students(course_folder.find(course))
    if not os.getuid():
        for path in (course, *course.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)


@pytest.mark.slow
def test_what_cannot_be_looked_at_is_an_error_of_its_own(elsewhere, new_course, released):
    course = new_course(elsewhere / "course")
    tiny_course.submit(course, "ada", submission(released))
    obstacles = OUT_OF_REACH | NO_NOTEBOOK
    for obstacle in obstacles:
        obstacle(course / "submitted" / obstacle.__name__, submission(released))
    tiny_course.submit(course, "zoe", submission(released))
    given_away(course)
    with ordinary_user():
        graded, results = results_of(course)
        others = [run(course, *command) for command in COMMANDS]
    assert graded.exit_code == 1
    assert [answer.exit_code for answer in others] == [0, 0, 0], others[0].output
    assert results["ada"]["status"] == results["zoe"]["status"] == "passed"
    for obstacle, words in obstacles.items():
        result = results[obstacle.__name__]
        assert (result["status"], message(result)) == ("error", words)
        assert words in graded.output
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    assert set(marks) == {"ada", "zoe", *(obstacle.__name__ for obstacle in NO_NOTEBOOK)}
    with (course / "reports" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        statuses = {row["student"]: row["status"] for row in csv.DictReader(file)}
    assert {statuses[obstacle.__name__] for obstacle in OUT_OF_REACH} == {"not_graded"}
    page = (course / "reports" / f"{LESSON}.html").read_text()
    assert all(words in page for words in obstacles.values())


@pytest.mark.slow
def test_who_has_marks_keeps_them_when_the_folder_is_out_of_reach(elsewhere, new_course, released):
    course = new_course(elsewhere / "course")
    for obstacle in OUT_OF_REACH:
        tiny_course.submit(course, obstacle.__name__, submission(released))
    results_of(course)
    for obstacle in OUT_OF_REACH:
        shutil.rmtree(course / "submitted" / obstacle.__name__)
        obstacle(course / "submitted" / obstacle.__name__, submission(released))
    given_away(course)
    with ordinary_user():
        answers = [results_of(course), results_of(course, "--force")]
        others = [run(course, *command) for command in COMMANDS]
    assert [answer.exit_code for answer in others] == [0, 0, 0], others[0].output
    for graded, results in answers:
        assert graded.exit_code == 1
        for obstacle, words in OUT_OF_REACH.items():
            assert message(results[obstacle.__name__]) == f"{words} The previous score is kept."
    with (course / "reports" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        assert {row["score"] for row in csv.DictReader(file)} == {"5.0"}


@pytest.mark.slow
def test_what_cannot_be_written_for_one_stops_nobody_else(elsewhere, new_course, released):
    course = new_course(elsewhere / "course")
    for name in ("ada", "bob", "max", "zoe"):
        tiny_course.submit(course, name, submission(released))
    (course / "autograded").mkdir()
    (course / "autograded" / "bob").mkdir(mode=0)
    (course / "autograded" / "max").write_text("")
    given_away(course)
    with ordinary_user():
        graded, results = results_of(course)
        (course / "feedback").mkdir()
        (course / "feedback" / "ada").write_text("")
        pages = run(course, "feedback", LESSON)
    assert graded.exit_code == pages.exit_code == 1
    assert {name: result["status"] for name, result in results.items()} == {
        **{"ada": "passed", "zoe": "passed"},
        **{"bob": "error", "max": "error"},
    }
    assert "could not be written" in message(results["bob"])
    assert pages.stdout.splitlines() == [str(course / "feedback" / "zoe" / LESSON / "sums.html")]
    assert "There is no new page for ada: NotADirectoryError" in pages.stderr
    assert "There is no new page for bob: PermissionError" in pages.stderr


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text(""), "submitted is a file; expected a folder."),
        (lambda path: path.mkdir(mode=0), "submitted cannot be read (Permission denied)."),
    ],
    ids=["file", "closed"],
)
@pytest.mark.slow
def test_without_a_folder_of_submissions_that_is_said(elsewhere, new_course, released, make, words):
    """And the scores from before are still reported."""
    course = new_course(elsewhere / "course")
    tiny_course.submit(course, "ada", submission(released))
    results_of(course)
    shutil.rmtree(course / "submitted")
    make(course / "submitted")
    given_away(course)
    with ordinary_user():
        graded = run(course, "grade", LESSON)
        others = [run(course, *command) for command in COMMANDS]
    assert graded.exit_code == 1
    assert graded.output.splitlines()[-1].endswith(words)
    assert [answer.exit_code for answer in others] == [0, 0, 0]
    assert "ada" in (course / "reports" / "grades.csv").read_text()


def test_folders_of_systems_are_nobodys(tmp_path, new_course, released):
    course = new_course(tmp_path)
    names = ("__MACOSX", "@eaDir", "lost+found", ".Trash-1000", "#recycle", "#snapshot")
    for name in (*names, "@Recycle", "@Recently-Snapshot", "~snapshot", "ada"):
        (course / "submitted" / name).mkdir(parents=True)
    (course / "submitted" / "a list.csv").write_text("")
    _, results = results_of(course)
    assert set(results) == {"ada"}
    tiny_course.submit(course, "__MACOSX", submission(released))  # somebody is called so
    _, results = results_of(course)
    assert results["__MACOSX"]["status"] == "passed"


@pytest.mark.sampled(rarer=4)
@pytest.mark.parametrize(
    "student", ["..", ".", "../../x", "/etc", "a\0b", "", "y" * 300], ids=lambda name: name[:9]
)
@pytest.mark.slow
def test_an_id_that_is_no_folder_name_is_nobodys_folder(tmp_path, new_course, released, student):
    """The gradebook takes any id."""
    course = new_course(tmp_path / "course")
    tiny_course.submit(course, "ada", submission(released))
    tiny_course.write("{}", course / LESSON / NAME)  # which submitted/.. would lead to
    gradebook.add_student(course_folder.find(course), student)
    graded, results = results_of(course)
    assert graded.exit_code == 0, graded.output
    assert results[student]["status"] == "not_submitted"
    assert [run(course, *command).exit_code for command in COMMANDS] == [0, 0, 0]


@pytest.mark.parametrize(
    "name",
    [
        "SUMS.IPYNB",
        "sums.ipynb.txt",
        "sums.ipynb.json",
        "sums (1).ipynb",
        "“sums.ipynb”的副本.ipynb",
    ],
)
@pytest.mark.slow
@pytest.mark.sampled(rarer=4)
def test_a_renamed_notebook_is_found_beside_others(tmp_path, new_course, released, name):
    course = new_course(tmp_path / "course")
    folder = course / "submitted" / "ada" / LESSON
    tiny_course.write(submission(released), folder / name)
    for other in ("", "gradient_descent.ipynb", "sums - Copy.ipynb"):
        if other:
            tiny_course.write("{}", folder / other)
        _answer, results = results_of(course, "--force")
        assert results["ada"]["score"] == 5
        assert (folder / NAME).is_file()
        (folder / NAME).rename(folder / name)


@pytest.mark.slow
def test_a_later_version_beside_the_graded_notebook_is_pointed_out(tmp_path, new_course, released):
    course = new_course(tmp_path / "course")
    folder = course / "submitted" / "ada" / LESSON
    old, new = (submission(released, double=body) for body in ("    return a", "    return 2 * a"))

    def note():
        result = results_of(course)[1]["ada"]
        (note,) = result["notes"]
        assert note["kind"] == "other_notebooks"
        return result["needs_review"], note.get("newer"), note.get("unanswered")

    for number, notebook in ((1, old), (2, new)):
        tiny_course.write(notebook, folder / f"sums ({number}).ipynb")
        os.utime(folder / f"sums ({number}).ipynb", (number * 100, number * 100))
        results_of(course)
    assert (folder / NAME).is_file()
    assert note() == (True, ["sums (2).ipynb"], ["double"])
    (folder / "sums (2).ipynb").rename(folder / "sums-Copy1.ipynb")
    assert note() == (True, None, ["double"])  # a copy is no later version, but may be a better one
    (folder / "sums-Copy1.ipynb").rename(folder / "mine.ipynb")
    assert note() == (False, None, None)
    tiny_course.write(new, folder / NAME)
    tiny_course.write(old, folder / "sums (3).ipynb")
    os.utime(folder / "sums (3).ipynb", (1, 1))
    assert note() == (False, None, None)


# The course's own folder, its gradebook and results, and the disk ---------------------------------


@pytest.mark.parametrize(
    "name",
    ["a?b#c 100%20[ab]*", "?uri=true&mode=memory", ":memory:", " \njos\udce9"],
    ids=ascii,
)
@pytest.mark.slow
def test_a_course_may_lie_anywhere(tmp_path, released, name):
    """And no gradebook appears elsewhere."""
    course = tiny_course.make_course(tmp_path / name)
    tiny_course.submit(course, "ada", submission(released))
    assert run(course, "grade", LESSON, "--jobs", "1").exit_code == 0
    assert [run(course, *command).exit_code for command in COMMANDS] == [0, 0, 0]
    assert (course / "feedback" / "ada" / LESSON / "sums.html").is_file()
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    assert marks["ada"].scores == {"add": 2, "double": 3}
    assert os.listdir(tmp_path) == [name]
    assert {path.name for path in course.iterdir()} == {
        *("nbgrader_config.py", "gradebook.db", ".writing.lock"),
        *("source", "submitted", "autograded", "feedback", "reports"),
    }


@pytest.fixture(scope="module")
def small_class(new_course, released):
    """A function that makes a course: two are graded, and one came afterwards."""

    def make(folder):
        course = new_course(folder)
        for name in ("ada", "bob"):
            tiny_course.submit(course, name, submission(released))
        results_of(course)
        tiny_course.submit(course, "zoe", submission(released))
        return course

    return make


def in_a_sentence(answer, *words):
    """The command failed, and its last line says why."""
    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)
    assert "Traceback" not in answer.output
    line = answer.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    assert all(word in line for word in words), line


@pytest.mark.slow
def test_a_locked_gradebook_is_said_and_what_is_done_is_kept(tmp_path, small_class, monkeypatch):
    course = small_class(tmp_path)
    monkeypatch.setattr(gradebook, "PATIENCE", 0.1)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        in_a_sentence(run(course, "grade", LESSON), "gradebook.db cannot be used", "is locked")
        assert run(course, "report", LESSON).exit_code == 0  # reading is possible
        other.execute("ROLLBACK")
        other.execute("BEGIN EXCLUSIVE")
        for command in COMMANDS:
            in_a_sentence(run(course, *command), "gradebook.db cannot be used", "is locked")
    _, results = results_of(course)
    assert [result["status"] for result in results.values()] == ["passed"] * 3


@pytest.mark.slow
def test_a_busy_gradebook_is_waited_for(tmp_path, small_class):
    course = small_class(tmp_path)
    other = sqlite3.connect(course / "gradebook.db", check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(7, other.rollback)  # nbgrader by itself gives up after five seconds
    end.start()
    _, results = results_of(course)
    end.join()
    other.close()
    assert [result["status"] for result in results.values()] == ["passed"] * 3


@pytest.mark.slow
def test_a_gradebook_that_may_only_be_read_is_said(elsewhere, small_class):
    course = small_class(elsewhere / "course")
    run(course, "feedback", LESSON)
    given_away(course)
    (course / "gradebook.db").chmod(0o444)
    with ordinary_user():
        answer = run(course, "grade", LESSON)
        assert [run(course, *command).exit_code for command in COMMANDS] == [0, 0, 0]
    in_a_sentence(answer, "gradebook.db cannot be used", "readonly")
    (course / "gradebook.db").chmod(0o644)
    (course / ".writing.lock").chmod(0o444)
    with ordinary_user():
        answer = run(course, "grade", LESSON)
    in_a_sentence(answer, "Permission denied", ".writing.lock")


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("content", [b"no gradebook" * 1_000, None], ids=["text", "folder"])
def test_what_is_no_gradebook_is_said(tmp_path, new_course, released, content):
    course = new_course(tmp_path)
    tiny_course.submit(course, "ada", submission(released))
    if content is None:
        (course / "gradebook.db").unlink(missing_ok=True)
        (course / "gradebook.db").mkdir()
    else:
        (course / "gradebook.db").write_bytes(content)
    for command in (["grade", LESSON], ["report", LESSON], ["export"]):
        in_a_sentence(run(course, *command), "gradebook.db cannot be used")
    assert content is None or (course / "gradebook.db").read_bytes() == content


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM base_cell", "belong to rows of base_cell that are gone"),
        (
            "DELETE FROM submitted_assignment",
            "belong to rows of submitted_assignment that are gone",
        ),
        ("UPDATE grade SET auto_score = '2,5'", "auto_score of its table grade is '2,5' in a row"),
        ("UPDATE submitted_assignment SET timestamp = 'yesterday'", "is 'yesterday' in a row"),
    ],
    ids=["cells", "submissions", "score", "time"],
)
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_a_gradebook_that_another_program_has_changed_is_said(
    tmp_path, small_class, statement, words
):
    course = small_class(tmp_path)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute(statement)
        other.commit()
    in_a_sentence(run(course, "grade", LESSON), "gradebook.db cannot be used", words)
    if "DELETE FROM submitted" not in statement:  # then nothing is graded, as far as can be seen
        for command in COMMANDS:
            in_a_sentence(run(course, *command), "gradebook.db cannot be used", words)
    assert any(words in one.remedy for one in doctor.examine(course_folder.find(course)))


@pytest.mark.slow
def test_for_a_gradebook_of_an_older_nbgrader_the_upgrade_is_named(tmp_path, small_class):
    course = small_class(tmp_path)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as older:
        older.execute("ALTER TABLE student DROP COLUMN lms_user_id")
        older.commit()
    missing, upgrade = "has no student.lms_user_id", "nbgrader db upgrade"
    for command in (["grade", LESSON], *COMMANDS[1:], ["forget", "--yes", "ada"]):
        in_a_sentence(run(course, *command), missing, upgrade)
    (found,) = (one for one in doctor.examine(course_folder.find(course)) if missing in one.what)
    assert (found.is_well, upgrade in found.remedy) == (False, True)


@pytest.mark.parametrize("command", [["grade", LESSON, "--jobs", "1"], ["export"]])
@pytest.mark.parametrize("is_there", [True, False], ids=["empty", "gone"])
@pytest.mark.slow
def test_a_gradebook_that_is_lost_is_said(tmp_path, small_class, command, is_there, caplog):
    course = small_class(tmp_path)
    said = "autograded/ holds earlier results"
    assert said not in caplog.text
    (course / "gradebook.db").unlink()
    if is_there:
        (course / "gradebook.db").touch()
    for _time in range(2):  # to look for it makes none
        found = [one for one in doctor.examine(course_folder.find(course)) if said in one.what]
        assert [one.is_well for one in found] == [False]
    run(course, *command)
    assert caplog.text.count(said) == 1


@pytest.mark.slow
def test_two_graders_of_a_new_course_make_one_gradebook(tmp_path, released):
    course = tiny_course.make_course(tmp_path)
    for number in range(4):
        tiny_course.submit(course, f"student-{number}", submission(released))
    graders = []
    for _ in range(3):
        graders.append(os.fork())
        if not graders[-1]:
            code = 1
            try:
                code = run(course, "grade", LESSON, "--jobs", "1").exit_code
            finally:
                os._exit(code)
    codes = [os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1]) for grader in graders]
    assert codes == [0, 0, 0]
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    assert {sum(mark.scores.values()) for mark in marks.values()} == {5}


DAMAGED = {
    "empty": "",
    "half": '{"hash": "x", "result": {"student": "ada", "less',
    "list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "nothing": '{"hash": null, "result": {}, "seconds": {}}',
    "no exercises": '{"hash": null, "result": {"status": "passed"}, "seconds": {}}',
    "bytes": "\udcff\udcfe",
}
CHANGES = {
    "score": "5",
    "max_score": float("nan"),
    "status": None,
    "student": "bob",
    "seconds": [],
    "exercises": {"add": {"score": 2}},
    "notes": [3],
}


def damaged(text):
    """Each way in which a result.json can be damaged, as a pair of a name and its text."""
    yield from DAMAGED.items()
    for field, value in CHANGES.items():
        stored = json.loads(text)
        stored["result"][field] = value
        yield field, json.dumps(stored)


@pytest.mark.slow
def test_a_damaged_result_ends_nothing(tmp_path, new_course, released):
    """Its points are in the gradebook, and the next grading makes it anew."""
    course = new_course(tmp_path)
    for student in ("whole", *DAMAGED, *CHANGES):
        tiny_course.submit(course, student, submission(released))
    _, results = results_of(course)
    path = course / "autograded" / "whole" / LESSON / "result.json"
    for student, text in damaged(path.read_text()):
        (course / "autograded" / student / LESSON / path.name).write_bytes(os.fsencode(text))
    answers = [run(course, *command) for command in COMMANDS]
    assert [answer.exit_code for answer in answers] == [0, 0, 0], answers
    with (course / "reports" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        scores = {row["student"]: row["score"] for row in csv.DictReader(file)}
    assert scores == dict.fromkeys(results, "5.0")
    page = (course / "reports" / f"{LESSON}.html").read_text()
    assert page.count("result.json of this submission is damaged") == 1  # of whom, is said below
    kept = class_results.results(course_folder.find(course), LESSON)
    noted = [one.student for one in kept.submissions for note in one.notes]
    assert sorted(noted) == sorted(DAMAGED | CHANGES)
    for student in results:
        page = (course / "feedback" / student / LESSON / "sums.html").read_text()
        assert "5 of 5 points" in words_of(page)
    graded, again = results_of(course)
    assert graded.exit_code == 0
    for student, result in results.items():
        assert again[student] | {"changes": []} == result | {"changes": []}


@pytest.mark.sampled(rarer=3)
@pytest.mark.parametrize("command", [["grade", LESSON, "--jobs", "1"], *COMMANDS], ids=str)
@pytest.mark.slow
def test_a_full_disk_is_said(tmp_path, small_class, monkeypatch, command):
    course = small_class(tmp_path)
    before = (course / "autograded" / "ada" / LESSON / NAME).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        in_a_sentence(run(course, *command), "No space left on device: ", "What was done is kept")
    assert (course / "autograded" / "ada" / LESSON / NAME).read_bytes() == before
    assert not list(course.rglob("*.new"))
    _, results = results_of(course)
    assert [result["status"] for result in results.values()] == ["passed"] * 3


def full(path, data):
    path.touch()
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# Terminals ----------------------------------------------------------------------------------------


def command(course, *arguments, **options):
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.tiny_course", *arguments, "--course", course],
        cwd=tiny_course.ROOT,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.fixture(scope="module")
def jose(tmp_path_factory, new_course, released):
    """A class whose names not every terminal can write."""
    course = new_course(tmp_path_factory.mktemp("course"))
    for name in ("Jos\u00e9", "\u674e"):
        tiny_course.submit(course, name, submission(released))
    return course


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        ({"PYTHONIOENCODING": "latin-1"}, ["Jos\u00e9".encode("latin-1"), rb"\u674e"]),
        (
            {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},  # all is ASCII
            ["Jos\u00e9".encode(), "\u674e".encode()],
        ),
    ],
    ids=["latin-1", "ascii"],
)
def test_any_terminal_will_do(jose, settings, seen):
    """And the names in the gradebook and in the file system are the same as elsewhere."""
    arguments = ["grade", LESSON, "--jobs", "1", "--json", jose / "r.json"]
    answer = command(jose, *arguments, stdout=subprocess.PIPE, env=os.environ | settings)
    assert answer.returncode == 0, answer.stderr
    assert all(name in answer.stdout for name in seen)
    results = json.loads((jose / "r.json").read_text("utf-8"))
    assert [result["student"] for result in results] == ["Jos\u00e9", "\u674e"]
    assert set(os.listdir(jose / "autograded")) == {"Jos\u00e9", "\u674e"}
    answer = command(jose, "feedback", LESSON, stdout=subprocess.PIPE, env=os.environ | settings)
    assert answer.returncode == 0, answer.stderr
    assert set(os.listdir(jose / "feedback")) == {"Jos\u00e9", "\u674e"}


@pytest.mark.slow
def test_an_output_that_cannot_be_written_is_said(jose):
    for arguments in (["grade", LESSON, "--jobs", "1"], ["report", LESSON], ["grade", "--help"]):
        with open("/dev/full", "wb") as full_device:
            answer = command(jose, *arguments, stdout=full_device)
        assert answer.returncode == 1
        line = answer.stderr.decode().splitlines()[-1]
        assert line.startswith("Error: No space left on device. ")
        assert b"Traceback" not in answer.stderr
    assert (jose / "reports" / f"{LESSON}.html").is_file()


@pytest.mark.slow
def test_a_closed_output_is_no_trouble(jose):
    line = f"{sys.executable} -m tests.tiny_course grade {LESSON} --jobs 1 --course '{jose}'"
    for closing in ("2>&-", "<&- >&- 2>&-"):
        answer = subprocess.run(
            ["sh", "-c", f"{line} --force {closing}"], cwd=tiny_course.ROOT, capture_output=True
        )
        assert answer.returncode == 0, (closing, answer)

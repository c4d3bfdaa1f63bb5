"""What `autograder` says on a terminal: all of it passes through the translations."""

import os
import re
import zipfile

import pytest
from click.testing import CliRunner

from autograder import course_folder, watching
from autograder.building import release
from autograder.cli import main
from autograder.watching import WatchSettings
from course import messages
from course.columns import table_lines, width
from tests import tiny_course
from tests.pseudo_language import BEGIN, END, pseudo_language
from tests.tiny_course import LESSON, NAME, submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

# What click says itself, in the reader's language, and names, which are the same in all of them.
SAME_EVERYWHERE = re.compile(
    r"^(?:Usage:|Try) .*|^Error: |^Aborted!|\b(?:chmod|umask)\b|\S*/\S*|\bPython 3\S*"
    r"|\b(?:[a-z0-9]+-)?sums(?:\.ipynb)?\b|\b(?:add|double|why|draw|ada|bob|eve|joe|list|link)\b",
    re.MULTILINE,
)
WHOLE = re.compile(f"{BEGIN}[^{BEGIN}]*?{END[-1]}")


def left_over(text):
    """The words of a text that no message holds; from the inside out, as some hold others."""
    while BEGIN in text:
        text, count = WHOLE.subn("", text)
        assert count, text
    return re.findall("[A-Za-z]{3,}", SAME_EVERYWHERE.sub("", text))


@pytest.fixture
def course(tmp_path):
    """A course with whatever grading says something about, and nothing that takes time."""
    folder = tmp_path / "course"
    notebook = tiny_course.with_free_text(tiny_course.source_notebook())
    tiny_course.make_course(folder, notebook)
    settings = f"c.Grade.sandbox = False\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    (folder / "course_settings.py").write_text(f"c = get_config()\n{settings}")
    released = release.release_notebook(folder / "source" / LESSON / NAME)
    tiny_course.submit(folder, "ada", submission(released, double="    return a"))
    tiny_course.submit(folder, "bob", submission(released))
    tiny_course.submit(folder, "eve", "no notebook")
    for student in ("e\u0301", "\u00e9"):
        tiny_course.submit(folder, student, submission(released))
    (folder / "submitted" / "link").symlink_to("ada")
    (folder / "submitted" / LESSON / "joe").mkdir(parents=True)
    with tiny_course.quick_worker():
        yield folder


def say(course, *words, code=0, **options):
    """Run a command in that language, and return what it says."""
    with pseudo_language():
        answer = CliRunner().invoke(main, [*words, "--course", str(course)], **options)
    assert answer.exit_code == code, answer.output
    assert not left_over(answer.output), answer.output
    return answer.output


@pytest.mark.slow
def test_a_term_is_translated_from_its_build_to_its_end(course, caplog):
    assert BEGIN in say(course, "grade", LESSON, "--dry-run")
    assert not [record for record in caplog.messages if left_over(record)]
    assert BEGIN in say(course, "build")
    assert BEGIN in say(course, "export", code=1)
    table = say(course, "grade", LESSON, code=1)
    for words in ("student", "not solved", "needs_marking", "error"):
        assert BEGIN + words + END in table
    for words in ("Graded: ", "To be marked by hand: "):
        assert BEGIN + words in table
    released = release.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released))
    (course / "submitted" / "bob" / LESSON / NAME).unlink()
    assert f"{BEGIN}Changed: " in say(course, "grade", LESSON, code=1)
    say(course, "grade", LESSON, "--force", "--dry-run")
    say(course, "feedback", LESSON, "--zip")
    (course / "autograded" / "ada" / LESSON / NAME).write_text("{")
    say(course, "feedback", LESSON, code=1)
    say(course, "report", LESSON)
    say(course, "export")
    say(course, "doctor", code=1)
    (course / "extensions.csv").write_text(
        f"student,lesson,due\nada,{LESSON},2027-03-01 1:00 UTC\n"
    )
    assert "ada" in say(course, "forget", "ada", input="n\n", code=1)
    say(course, "forget", "ada", "--yes")


WRONG = {
    "grade nothing": 2,
    f"grade {LESSON} --force --only-new": 2,
    f"grade {LESSON} --best --submitted .": 2,
    f"grade {LESSON} --json nowhere/at-all.json": 2,
    f"grade {LESSON} --student joe": 2,
    f"grade {LESSON} --scheduler tcp://127.0.0.1:1": 1,
    f"feedback {LESSON}": 1,
    f"report {LESSON}": 1,
    "export": 1,
    f"collect {LESSON}": 2,
    f"collect no.zip {LESSON} --exchange": 2,
    f"collect no/such.zip {LESSON}": 2,
    f"collect --exchange {LESSON}": 1,
    f"watch {LESSON} --attempts 2": 2,
    "forget joe": 2,
    "forget ..": 2,
    "new-lesson Mine": 2,
    "new-lesson 01-mine": 1,
    f"new-lesson {LESSON}": 1,
    f"new-lesson 09-asked --questions {LESSON}": 1,
    "new-lesson 08-mine": 0,
}


@pytest.mark.slow
def test_what_cannot_be_done_is_said_in_the_readers_language(course):
    for words, code in WRONG.items():
        assert BEGIN in say(course, *words.split(), code=code), words


def test_what_is_wrong_with_a_notebook_is_said_in_the_readers_language(course):
    notebook = tiny_course.source_notebook()
    notebook.cells[2].source = "print(1)"
    notebook.cells[3].metadata.nbgrader["points"] = 0
    del notebook.cells[4:]
    notebook.cells[3].execution_count = 1
    tiny_course.write(notebook, course / "source" / LESSON / NAME)
    assert say(course, "build", code=1).count("\n  - ") >= 2


def test_what_was_collected_is_said_in_the_readers_language(course, tmp_path):
    path = tmp_path / "all.zip"
    text = (course / "submitted" / "bob" / LESSON / NAME).read_text()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"ada_LATE_1_2_{NAME}", text)
        file.writestr(f"ada_LATE_1_3_{NAME}", text)
        file.writestr(f"bob_4_5_{NAME}", text)
        file.writestr("joe_6_7_list.txt", "")
        file.writestr("eve_8_9_text.html", "")
        file.writestr("../eve.ipynb", "")
    (course / "students.csv").write_text("id,lms_user_id\nada,1\nbob,4\njoe,6\neve,8\n")
    told = say(course, "collect", str(path), LESSON, code=1)
    assert f"{BEGIN}Not understood:{END}" in told
    assert f"{BEGIN}late{END}" in told


@pytest.mark.slow
def test_what_is_watched_is_said_in_the_readers_language(course):
    found = course_folder.find(course)
    with pseudo_language():
        for place in (course / "submitted").glob(f"*/{LESSON}/{NAME}"):
            os.utime(place, (0, 0))
        lines = list(watching.poll(found, LESSON, WatchSettings([LESSON])))
    assert lines
    assert not [line for line in lines if left_over(line)]


@pytest.mark.slow
def test_a_chinese_course_speaks_chinese(course, monkeypatch, request):
    settings = course / "course_settings.py"
    settings.write_text(settings.read_text() + 'c.Course.language = "zh_CN"\n')
    monkeypatch.chdir(course / "source")
    request.addfinalizer(lambda: messages.use_language(messages.ENGLISH))
    monkeypatch.setenv("LANGUAGE", "")
    for words, wanted in {
        "--help": "教师用的命令",
        "grade --help": "给各课的作业评分",
        "grade 99": "不是任何一课",
        f"grade {LESSON}": "待人工评分",
    }.items():
        answer = CliRunner().invoke(main, words.split())
        assert wanted in answer.output, answer.output
    monkeypatch.setenv("COURSE_LANGUAGE", "en")
    assert "commands for instructors" in CliRunner().invoke(main, ["--help"]).output


def test_columns_stand_below_each_other_in_chinese_too():
    lines = table_lines([("学生", "得分"), ("ada", "1/2"), ("李雷雷", "2/2")])
    assert {width(line.rpartition("  ")[0]) for line in lines[1:]} == {6}
    assert {width(line) - width(line.split()[-1]) for line in lines} == {8}

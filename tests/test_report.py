"""The class at a glance, and the scores as CSV files."""

import base64
import csv
import hashlib
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.collecting import canvas_columns, sections
from autograder.grading import gradebook, notes
from autograder.grading.gradebook import Enrolled
from autograder.grading.results import ClassResult, ExerciseResult, Status, SubmissionResult
from autograder.pages import class_report, class_statistics, exports
from tests import tiny_course
from tests.browser.lab import browser_page
from tests.tiny_course import LESSON, NAME, submission, words_of

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("report"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


def result(student, status, *exercises):
    """A result as `autograder grade` gives it; exercises as (name, score, status, message)."""
    found = {
        name: ExerciseResult(score, 2.0, Status(status), message)
        for name, score, status, message in exercises
    }
    return SubmissionResult(student, LESSON, Status(status), found, seconds=1.5)


def class_result(*results):
    return ClassResult(LESSON, list(results))


EVIL = "<script>alert('evil')</script>"
RESULTS = class_result(
    result("ada", "passed", ("add", 2.0, "passed", ""), ("double", 2.0, "passed", "")),
    result("bob", "failed", ("add", 2.0, "passed", ""), ("double", 0.0, "failed", "too small")),
    result(EVIL, "failed", ("add", 0.0, "failed", EVIL), ("double", 0.0, "failed", "too small")),
    result(
        "eve",
        "not_submitted",
        ("add", 0.0, "not_submitted", ""),
        ("double", 0.0, "not_submitted", ""),
    ),
)


class Tags(HTMLParser):
    """Collects a page's tags, its attributes, and the words of its table rows and list items."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.rows = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag in ("tr", "li"):
            self.rows.append("")

    def handle_data(self, data):
        if self.rows and data.strip():
            self.rows[-1] += f"{' '.join(data.split())} "


@pytest.fixture(scope="module")
def page():
    return Tags(class_report.page(RESULTS))


def test_each_student_has_a_row_with_score_and_status(page):
    (row,) = [row for row in page.rows if row.startswith("bob")]
    assert "2 of 4" in row
    assert "in part" in row
    assert "✓ 2 solved ✗ 0 not right yet" in row


def test_each_exercise_says_who_solved_it_and_what_went_wrong(page):
    """Of those who submitted; the most frequent message first."""
    (add,) = [row for row in page.rows if row.startswith("add")]
    (double,) = [row for row in page.rows if row.startswith("double")]
    assert "2 of 3 (67%)" in add
    assert "1 of 3 (33%)" in double
    assert "not known" in add  # three submissions are too few
    assert any(row.startswith("2\N{MULTIPLICATION SIGN} too small") for row in page.rows)


def test_that_no_test_found_a_mistake_says_nothing_of_who_solved_it():
    """A person may have taken points from an answer that passed."""
    fewer = ExerciseResult(0.25, 2.0, Status.PASSED, by_hand=True)
    results = class_result(SubmissionResult("ada", LESSON, Status.FAILED, {"add": fewer}))
    page = words_of(class_report.page(results))
    assert "add 0 of 1 (0%)" in page
    assert "Nothing: no test found a mistake." in page


def test_names_and_messages_are_escaped(page):
    assert class_report.page(RESULTS).count("<script") == 1  # the page's own, by its hash
    assert not any(name.startswith("on") for name in page.attributes)
    assert any(row.startswith(EVIL) for row in page.rows)


def test_the_page_needs_nothing_else_and_runs_nothing(page):
    assert not page.tags & {"link", "img", "iframe"}
    assert not page.attributes & {"src", "srcset", "background"}
    text = class_report.page(RESULTS)
    assert "default-src 'none'" in text
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


@pytest.mark.slow
@pytest.mark.parametrize("width", [1400, 800])
def test_a_long_name_leaves_the_points_in_sight(chromium, tmp_path, width):
    row = RESULTS.submissions[0]
    results = class_result(replace(row, student="x" * 147), replace(row, student="ada"))
    path = tmp_path / "report.html"
    path.write_text(class_report.page(results, section_of={"ada": "y" * 147}), encoding="utf-8")
    with browser_page(chromium, width=width) as page:
        page.goto(path.as_uri())
        assert page.evaluate(
            "[...document.querySelectorAll('.students td.number[data-key]')].every("
            "cell => cell.getBoundingClientRect().right <= innerWidth)"
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_chart_says_in_words_what_it_shows():
    text = class_report.page(RESULTS)
    words = "1 submission with 0; 1 submission with 2; 1 submission with 4."
    assert f'<desc id="chart-words">Points: {words}</desc>' in text
    assert 'role="img" aria-labelledby="chart-title chart-words"' in text


def test_an_empty_class_has_a_page():
    assert "Nobody yet" in class_report.page(class_result())
    assert "0 of 1 student" in words_of(
        class_report.page(class_result(*list(RESULTS)[3:]))
    )  # nobody handed in


SECTIONS = {"ada": "Lab 2", "eve": "Lab 2", "bob": EVIL}


def test_each_section_says_who_handed_in_and_its_mean():
    text = class_report.page(RESULTS, section_of=SECTIONS)
    found = Tags(text).rows
    assert "Lab 2 1 of 2 4 of 4 " in found
    assert f"{EVIL} 1 of 1 2 of 4 " in found
    assert any(row.startswith("not known 1 of 1 0 of 4 ") for row in found)
    assert "sections" not in re.findall('id="([^"]*)"', class_report.page(RESULTS))


def test_a_students_row_says_the_section_and_so_do_its_attributes():
    text = class_report.page(RESULTS, section_of=SECTIONS)
    (ada,) = [row for row in Tags(text).rows if row.startswith("ada")]
    assert ada.startswith("ada Lab 2 ")
    numbers = re.findall(r'<tr data-section="(\d)"><th scope="row"><bdi>(\w+)', text)
    options = dict(re.findall(r'<option value="(\d)">([^<]*)<', text))
    assert [(who, options[number][:5]) for number, who in numbers] == [
        ("ada", "Lab 2"), ("bob", "&lt;s"), ("eve", "Lab 2"),
    ]  # fmt: skip
    assert "data-section" not in class_report.page(RESULTS)


def test_what_is_no_notebook_is_told_once_and_is_no_error_of_an_exercise():
    why = "The file is empty."
    refused = result("max", "error", ("add", 0.0, "error", why), ("double", 0.0, "error", why))
    text = class_report.page(class_result(*RESULTS, refused))
    assert text.count(why) == 1
    (add,) = [row for row in Tags(text).rows if row.startswith("add 2 of 3")]  # not in the figures
    assert "1 could not be graded" in add
    assert "raised an error" not in add


def test_sections_say_that_what_could_not_be_graded_is_not_in_their_means():
    why = "The file is empty."
    refused = result("max", "error", ("add", 0.0, "error", why), ("double", 0.0, "error", why))
    said = "What could not be graded counts as handed in, but not in the mean."
    text = class_report.page(
        class_result(*RESULTS, refused), section_of=SECTIONS | {"max": "Lab 2"}
    )
    assert "Lab 2 2 of 3 4 of 4 " in Tags(text).rows
    assert said in text
    assert said not in class_report.page(RESULTS, section_of=SECTIONS)


# The numbers --------------------------------------------------------------------------------------


WHY = "why\n  got: 1"


def class_of(*rows):
    """A class whose exercises `add` and `double` got these points."""
    return class_result(
        *(
            result(
                f"student-{number:02}",
                "failed",
                ("add", add, "passed" if add == 2 else "failed", "" if add == 2 else WHY),
                ("double", double, "passed" if double == 2 else "failed", ""),
            )
            for number, (add, double) in enumerate(rows, start=1)
        )
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(2, 2), (2, 2), (2, 2), (0, 0), (0, 0)], 1.0),
        ([(2, 0), (2, 0), (2, 0), (0, 2), (0, 2)], -1.0),
        ([(2, 2), (2, 0), (0, 2), (0, 0), (2, 2), (0, 0)], 1 / 3),
        ([(2, 2), (2, 0), (2, 2), (2, 0), (2, 2)], None),  # all solved it
        ([(2, 2), (0, 0), (2, 2), (0, 0)], None),  # four are too few
    ],
)
def test_discrimination_is_the_correlation_with_all_other_points(rows, expected):
    add, _ = class_statistics.exercises(class_of(*rows))
    assert add.discrimination == (expected and pytest.approx(expected))


def test_messages_are_counted_by_their_first_line():
    rows = class_of((0, 2), (0, 0), (2, 2))
    exercises = rows.submissions[1].exercises
    exercises["add"] = replace(exercises["add"], message="why\n  got: 7")
    add, double = class_statistics.exercises(rows)
    assert add.messages == [class_statistics.FrequentMessage(2, "why", "why\n  got: 1")]
    assert double.messages == []


def test_few_points_have_a_bar_each_and_many_ten_bars():
    few = class_statistics.distribution(class_of((2, 2), (0, 2), (0, 2)))
    assert [bar.count for bar in few] == [0, 0, 2, 0, 1]
    many = class_of((100.5, 99.5), (200, 200))
    for row in many:
        for name, exercise in row.exercises.items():
            row.exercises[name] = replace(exercise, max_score=200.0)
    bars = class_statistics.distribution(many)
    assert [bar.count for bar in bars] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course; afterwards a person gave a point in the formgrader, and one came late."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    released = release.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, double="    assert 0, '=1+1'"))
    tiny_course.write(
        "2026-01-02 03:04:05 UTC", course / "submitted/ada" / LESSON / "timestamp.txt"
    )
    (course / "submitted" / "absent").mkdir()
    answer = CliRunner().invoke(main, ["grade", LESSON, "--jobs", "1", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("check_double", "sums", LESSON, "ada").manual_score = 1.0
        student = book.find_student("ada")
        student.first_name, student.last_name = "First", "=cmd|' /C calc'!A0"
        student.email, student.lms_user_id = "ada@example.org", "4711"
        book.db.commit()
    return course


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_export_has_a_line_per_student_and_one_per_exercise(course):
    answer = CliRunner().invoke(main, ["export", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    names = ("grades.csv", "exercises.csv", "canvas.csv", "moodle.csv")
    paths = [course / "reports" / name for name in names]
    assert answer.output.split() == [str(path) for path in paths]

    absent, ada = rows(paths[0])
    assert tuple(ada) == exports.STUDENT_COLUMNS
    assert (ada["student"], ada["lesson"], ada["status"]) == ("ada", LESSON, "failed")
    assert (ada["score"], ada["max_score"]) == ("3.0", "5.0")  # 2 of its own, 1 given by hand
    assert ada["submitted_at"] == "2026-01-02 03:04:05 UTC"
    assert (absent["student"], absent["status"]) == ("absent", "not_submitted")
    assert absent["score"] == "0.0"

    exercises = {(row["student"], row["exercise"]): row for row in rows(paths[1])}
    assert len(exercises) == 4
    double = exercises["ada", "double"]
    assert tuple(double) == exports.EXERCISE_COLUMNS
    assert (double["score"], double["status"]) == ("1.0", "failed")
    assert double["message"] == "'=1+1"  # no formula for a spreadsheet


def test_what_was_refused_has_its_reason_once(course):
    """A note may say why as well."""
    other = notes.other_lesson(LESSON, "02-more")
    refused = result("olga", "error", ("add", 0.0, "error", other.text))
    refused = replace(refused, notes=(other, notes.earlier_stands()))
    grades, *_ = exports.write_exports(course_folder.find(course), [class_result(refused)], {})
    (olga,) = rows(grades)
    assert olga["notes"] == f"{other.text} {notes.earlier_stands().text}"


def test_canvas_finds_head_points_and_grades(course):
    """The head as Canvas's importer checks it, then what each lesson is worth, then students."""
    CliRunner().invoke(main, ["export", "--course", str(course)])
    with (course / "reports" / "canvas.csv").open(newline="") as file:
        head, worth, absent, ada = csv.reader(file)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LESSON]
    assert worth == ["Points Possible", "", "", "", "", "5"]
    assert absent == ["absent", "", "", "absent", "", ""]  # nothing handed in: no grade
    assert ada == ["'=cmd|' /C calc'!A0, First", "4711", "", "ada", "", "3"]


def test_moodle_finds_users_and_grades(course):
    CliRunner().invoke(main, ["export", "--course", str(course)])
    absent, ada = rows(course / "reports" / "moodle.csv")
    assert list(ada) == ["Username", "ID number", "Email address", LESSON]
    assert list(ada.values()) == ["ada", "4711", "ada@example.org", "3"]
    assert absent[LESSON] == "-"  # as Moodle itself writes that there is no grade


def test_a_lesson_that_nobody_handed_in_is_no_column():
    people = {"eve": Enrolled("eve")}
    head, _ = exports.canvas(people, [class_result(*list(RESULTS)[3:])])
    assert head == exports.CANVAS_COLUMNS


def test_a_lesson_is_worth_what_it_has_now_though_the_last_result_is_older():
    people = {name: Enrolled(name) for name in ("ada", "zoe")}
    older = result("zoe", "passed", ("add", 2.0, "passed", ""))
    _, (worth, ada, zoe) = exports.canvas(people, [class_result(RESULTS.submissions[0], older)])
    assert (worth[-1], ada[-1], zoe[-1]) == ("4", "4", "2")


def test_penalties_are_taken_off_and_fractions_are_kept():
    people = {"ada": Enrolled("ada")}
    late = replace(RESULTS.submissions[0], late_penalty=2 / 3)
    _, (row,) = exports.moodle(people, [class_result(late)])
    assert row[-1] == "3.33"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd", "'+1+cmd"),
        ("-1+cmd", "'-1+cmd"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1+1", "\t'=1+1"),
        ("\r\n@SUM(1)", "\r\n'@SUM(1)"),
        ("x;=1+1", "x;'=1+1"),
        ("x; =1;-2", "x;' =1;'-2"),
        ("x\n=1+1", "x\n'=1+1"),
        ('x\t"=1+1"', 'x\t\'"=1+1"'),
        (" =1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-1.5", "-1.5"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula_for_a_spreadsheet(tmp_path, text, written):
    path = exports.write_csv(tmp_path / "x.csv", ["text"], [[text]])
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [["text"], [written]]


def test_what_is_handed_in_and_not_graded_is_not_called_absent(course, tmp_path):
    """Neither who came after the last grading, nor a lesson that was never graded."""
    other = tmp_path / "course"
    shutil.copytree(course, other)
    tiny_course.submit(other, "bob", "{}")
    for lesson in ("02-later", "03-empty"):
        tiny_course.write(tiny_course.source_notebook(), other / "source" / lesson / NAME)
    tiny_course.write("{}", other / "submitted" / "ada" / "02-later" / NAME)
    answer = CliRunner().invoke(main, ["export", "--course", str(other)])
    assert answer.exit_code == 0, answer.output
    assert "Left out, because nothing in them is graded yet: 02-later, 03-empty." in answer.stderr
    grades = {row["student"]: row for row in rows(other / "reports" / "grades.csv")}
    assert {student: row["status"] for student, row in grades.items()} == {
        "absent": "not_submitted",
        "ada": "failed",
        "bob": "not_graded",
    }
    (*_, bob) = rows(other / "reports" / "exercises.csv")
    assert (bob["student"], bob["message"]) == ("bob", "It is not graded yet.")
    canvas = (other / "reports" / "canvas.csv").read_text()
    assert "bob" not in canvas  # not in the gradebook yet; no zero either
    answer = CliRunner().invoke(main, ["report", "02-later", "--course", str(other)])
    assert answer.exit_code == 1
    assert "autograder grade 02-later" in answer.output


@pytest.mark.parametrize("command", [["export"], ["report", LESSON]])
def test_with_nothing_graded_there_is_a_clear_error(tmp_path, command):
    course = tiny_course.make_course(tmp_path)
    tiny_course.submit(course, "ada", "{}")
    answer = CliRunner().invoke(main, [*command, "--course", str(course)])
    assert answer.exit_code == 1
    assert "Nothing is graded yet: run `autograder grade" in answer.output
    assert not (course / "reports").exists()


def test_the_report_command_says_where_the_page_is(course):
    answer = CliRunner().invoke(main, ["report", LESSON, "--course", str(course)])
    path = course / "reports" / f"{LESSON}.html"
    assert answer.exit_code == 0, answer.output
    assert answer.output.strip() == str(path)
    assert "ada" in path.read_text()
    (double,) = [row for row in Tags(path.read_text()).rows if row.startswith("double 0 of 1")]
    assert re.search(r" \d+\.\d s 1 marked by hand", double), double
    (ada,) = [row for row in Tags(path.read_text()).rows if row.startswith("ada")]
    assert ada.startswith("ada =cmd|' /C calc'!A0, First notebook ")
    assert f'href="../autograded/ada/{LESSON}/{NAME}"' in path.read_text()
    assert "✎ 1 marked by hand" in ada


def test_exports_carry_the_section_and_only_an_anonymous_one_does_not(course):
    (course / "students.csv").write_text("id,section\nada,=Lab 2\n")
    kept, column = course / sections.KEPT, course / canvas_columns.NAME
    kept.write_text("id,section,platform\nada,,canvas\n")
    column.write_text(f"lesson,column\n{LESSON},Homework (12)\n")
    try:
        for options in (["--anonymous"], []):
            answer = CliRunner().invoke(main, ["export", *options, "--course", str(course)])
            assert answer.exit_code == 0, answer.output
    finally:
        for path in (course / "students.csv", kept, column):
            path.unlink()
    why = "because their files or class list came from another platform"
    assert f"Left out of moodle.csv, {why}: 1 student (ada)." in answer.stderr
    assert [row["Username"] for row in rows(course / "reports" / "moodle.csv")] == ["absent"]
    assert rows(course / "reports" / "canvas.csv")[2]["Homework (12)"] == "3"
    absent, ada = rows(course / "reports" / "grades.csv")
    assert (absent["section"], ada["section"]) == ("", "'=Lab 2")
    assert rows(course / "reports" / "canvas.csv")[2]["Section"] == "'=Lab 2"
    assert "Lab 2" not in (course / "reports" / "anonymous-grades.csv").read_text()


def test_a_class_of_one_platform_is_told_in_a_short_line(course):
    kept = course / sections.KEPT
    kept.write_text("id,section,platform\nada,,canvas\nabsent,,canvas\n")
    try:
        answer = CliRunner().invoke(main, ["export", "--course", str(course)])
    finally:
        kept.unlink()
    assert answer.stderr == "moodle.csv: nobody, because everybody came from another platform.\n"


def test_an_anonymous_export_names_nobody(course):
    answer = CliRunner().invoke(main, ["export", "--anonymous", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    for path in map(Path, answer.output.split()):
        assert path.name.startswith("anonymous-")
        assert {row["student"] for row in rows(path)} == {"1", "2"}
        assert not re.search("ada|absent|First|2026", path.read_text())


def test_messages_name_who_got_them_and_figures_leave_out_what_waits():
    waiting = result(
        "max", "failed", ("add", 0.0, "needs_marking", "?"), ("double", 0.0, "failed", "too small")
    )
    add, double = class_statistics.exercises(class_result(*RESULTS, waiting))
    assert (add.submissions, double.submissions) == (3, 4)
    assert [message.students for message in double.messages] == [("bob", EVIL, "max")]


def test_nbgraders_own_export_works_from_the_same_gradebook(course, monkeypatch):
    from nbgrader.apps import ExportApp

    monkeypatch.chdir(course)
    ExportApp.clear_instance()
    app = ExportApp.instance()
    app.initialize([])
    app.start()
    ExportApp.clear_instance()
    (ada,) = [row for row in rows(course / "grades.csv") if row["student_id"] == "ada"]
    assert (ada["score"], ada["max_score"]) == ("3.0", "5.0")

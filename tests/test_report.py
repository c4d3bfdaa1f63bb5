"""The class at a glance, and the marks as CSV files."""

import csv
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from autograder import build, course_folder, export, gradebook, report
from autograder.cli import main
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, submission

pytestmark = [
    pytest.mark.xdist_group("report"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


def result(student, status, *exercises):
    """A result as `autograder grade` gives it; exercises as (name, score, status, message)."""
    return {
        "student": student,
        "lesson": LESSON,
        "score": sum(score for _, score, *_ in exercises),
        "max_score": 2.0 * len(exercises),
        "status": status,
        "seconds": 1.5,
        "exercises": {
            name: {"score": score, "max_score": 2.0, "status": status, "message": message}
            for name, score, status, message in exercises
        },
    }


EVIL = "<script>alert('evil')</script>"
RESULTS = [
    result("ada", "passed", ("add", 2.0, "passed", ""), ("double", 2.0, "passed", "")),
    result("bob", "failed", ("add", 2.0, "passed", ""), ("double", 0.0, "failed", "too small")),
    result(EVIL, "failed", ("add", 0.0, "failed", EVIL), ("double", 0.0, "failed", "too small")),
    result("eve", "not_submitted", ("add", 0.0, "not_submitted", ""), ("double", 0.0, "x", "")),
]


class Tags(HTMLParser):
    """Collects the names of a page's tags, and the text of its table rows."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data):
        if self.rows:
            self.rows[-1] += f"{data} "


@pytest.fixture(scope="module")
def page():
    return Tags(report.page(LESSON, RESULTS))


def test_each_student_has_a_row_with_score_and_status(page):
    (row,) = [row for row in page.rows if row.startswith("bob")]
    assert "2 / 4" in row
    assert "failed" in row


def test_each_exercise_says_who_solved_it_and_what_went_wrong(page):
    """Of those who submitted; the most frequent message first."""
    (add,) = [row for row in page.rows if row.startswith("add")]
    (double,) = [row for row in page.rows if row.startswith("double")]
    assert "2 of 3 (67%)" in add
    assert "1 of 3 (33%)" in double
    assert "2 submissions:  too small" in double


def test_names_and_messages_are_escaped(page):
    assert "script" not in page.tags
    assert any(row.startswith(EVIL) for row in page.rows)


def test_the_page_needs_nothing_else(page):
    assert not page.tags & {"link", "img", "script", "iframe"}


def test_an_empty_class_has_a_page():
    assert "nobody yet" in report.page(LESSON, [])


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course; afterwards a person gave a point in the formgrader, and one came late."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    released = build.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, double="    assert 0, '=1+1'"))
    tiny_course.write(
        "2026-01-02 03:04:05 UTC", course / "submitted/ada" / LESSON / "timestamp.txt"
    )
    (course / "submitted" / "absent").mkdir()
    answer = CliRunner().invoke(main, ["grade", LESSON, "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("check_double", "sums", LESSON, "ada").manual_score = 1.0
        book.db.commit()
    return course


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_export_has_a_line_per_student_and_one_per_exercise(course):
    answer = CliRunner().invoke(main, ["export", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    paths = [course / "reports" / name for name in ("grades.csv", "exercises.csv")]
    assert answer.output.split() == [str(path) for path in paths]

    absent, ada = rows(paths[0])
    assert tuple(ada) == export.STUDENT_COLUMNS
    assert (ada["student"], ada["lesson"], ada["status"]) == ("ada", LESSON, "failed")
    assert (ada["score"], ada["max_score"]) == ("3.0", "5.0")  # 2 of its own, 1 given by hand
    assert ada["submitted_at"] == "2026-01-02 03:04:05"
    assert (absent["student"], absent["status"]) == ("absent", "not_submitted")
    assert absent["score"] == "0.0"

    exercises = {(row["student"], row["exercise"]): row for row in rows(paths[1])}
    assert len(exercises) == 4
    double = exercises["ada", "double"]
    assert tuple(double) == export.EXERCISE_COLUMNS
    assert (double["score"], double["status"]) == ("1.0", "failed")
    assert double["message"] == "'=1+1"  # no formula for a spreadsheet


def test_the_report_command_says_where_the_page_is(course):
    answer = CliRunner().invoke(main, ["report", LESSON, "--course", str(course)])
    path = course / "reports" / f"{LESSON}.html"
    assert answer.exit_code == 0, answer.output
    assert answer.output.strip() == str(path)
    assert "ada" in path.read_text()


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

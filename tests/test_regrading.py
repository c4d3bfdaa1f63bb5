"""A term: graded again for a reason and told; points given by hand stay; time costs no run."""

import csv
import json
import re
from datetime import datetime

import nbformat
import pytest
from click.testing import CliRunner

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.collecting import collect
from autograder.grading import dependencies, extensions, gradebook
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, cell_of, submission

pytestmark = [
    pytest.mark.usefixtures("quick_worker"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


@pytest.fixture(scope="module")
def quick_worker():
    with tiny_course.quick_worker():
        yield


@pytest.fixture
def checks(monkeypatch):
    """A function that makes the checks of the lesson others than before."""

    def change(version):
        monkeypatch.setattr(dependencies, "version_for", lambda code: version)

    change("first")
    return change


@pytest.fixture
def course(tmp_path, checks):
    """ada has all points, bob misses one exercise; a text and a task wait for a person."""
    source = tiny_course.with_free_text(tiny_course.source_notebook())
    course = tiny_course.make_course(tmp_path / "course", source)
    hand_in(course, "ada")
    hand_in(course, "bob", double="    return a", why="")
    return course


def hand_in(course, student, why="Because.", **answers):
    released = release.release_notebook(course / "source" / LESSON / NAME)
    notebook = submission(released, **answers)
    if why:
        cell_of(notebook, "why").source = why
    tiny_course.submit(course, student, notebook)


def run(course, *command, code=0):
    answer = CliRunner().invoke(main, [*command, "--course", str(course)])
    assert answer.exit_code == code, answer.output
    return answer.output


def grade(course, *options, **others):
    return run(course, "grade", "1", "--jobs", "1", *options, **others)


def mark(course, student, **points):
    with gradebook.opened(course_folder.find(course)) as book:
        for name, score in points.items():
            book.find_grade(name, "sums", LESSON, student).manual_score = score
        book.db.commit()


def results(course):
    grade(course, "--json", str(course / "results.json"))
    return {one["student"]: one for one in json.loads((course / "results.json").read_text())}


def page_of(course, student):
    run(course, "feedback", "1")
    return (course / "feedback" / student / LESSON / "sums.html").read_text()


def test_what_a_person_marks_counts_everywhere_and_stays(course, checks):
    output = grade(course)
    assert "To be marked by hand: ada, bob." in output
    found = results(course)
    assert {name: one["status"] for name, one in found["bob"]["exercises"].items()} == {
        "add": "passed", "double": "failed", "why": "unsolved", "draw": "needs_marking",
    }  # fmt: skip
    assert [(one["score"], one["max_score"]) for one in found.values()] == [(5, 10), (2, 10)]
    mark(course, "ada", why=3.5, draw=1)
    mark(course, "bob", check_double=1, draw=0)
    checks("second")
    output = grade(course)
    assert "To be marked" not in output
    found = results(course)
    assert [(one["score"], one["status"]) for one in found.values()] == [
        (9.5, "failed"), (3, "failed"),
    ]  # fmt: skip
    assert found["bob"]["exercises"]["double"]["by_hand"]
    run(course, "export")
    with (course / "reports" / "grades.csv").open(encoding="utf-8-sig") as file:
        assert [row["score"] for row in csv.DictReader(file)] == ["9.5", "3.0"]
    text = page_of(course, "ada")
    words = " ".join(re.sub("<[^>]*>", " ", text).split())
    assert "9.5 of 10 points" in words
    assert "3.5 of 4" in words
    run(course, "report", "1")
    report = (course / "reports" / f"{LESSON}.html").read_text()
    assert report.count("marked by hand") >= 4


def test_a_page_says_what_waits_for_a_person(course):
    grade(course)
    text = page_of(course, "ada")
    assert text.count("to be marked by hand") >= 2
    assert "Because." in text


def test_it_tells_why_it_grades_and_what_changed(course, checks, monkeypatch):
    assert f"{LESSON}: 2 to grade: 2 new (ada, bob)." in run(course, "grade", "all", "--dry-run")
    assert not (course / "autograded").exists()
    assert "Graded: 2 new. Unchanged: 0." in grade(course)
    assert "Graded: nothing. Unchanged: 2." in grade(course)
    hand_in(course, "bob", why="")
    assert "1 handed in again (bob)" in grade(course, "--dry-run")
    assert "Changed: bob, now 5/10: double 0 → 3." in grade(course)
    mark(course, "bob", check_double=1)
    checks("second")
    hand_in(course, "bob", double="    return a", why="")
    said = grade(course, "--dry-run")
    assert "1 handed in again (bob); 1 as the lesson's checks" in said
    said = grade(course, "--only-new")
    assert "Still graded by older checks, because only what is new is graded: ada." in said
    assert "Points given by hand were kept: bob (double 3 → 0 by the test; 1 stays)." in said
    (course / "submitted" / "ada" / LESSON / NAME).unlink()
    assert "because it is no longer in submitted/: ada." in grade(course)
    said = grade(course, "--force", "--student", "bob")
    assert "1 as --force says" in said
    assert "ada" not in said
    assert "There is no student eve" in grade(course, "--student", "eve", code=1)


def test_the_best_attempt_counts_if_that_is_asked_for(course):
    grade(course)
    found = course_folder.find(course)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for answer, best, points in (
        ("    return a", True, 5),  # worse: the one before counts
        ("    return 2 * a  # anew", True, 5),
        ("    return 0", False, 2),
    ):
        text = nbformat.writes(submission(released, double=answer))
        assert collect.store(found, LESSON, "ada", {NAME: text.encode()}) == "replaced"
        output = grade(course, *(["--best"] if best else []))
        assert ("counts: ada" in output) == (answer == "    return a")
        assert results(course)["ada"]["score"] == points
        assert "Graded: nothing" in grade(course)
    assert len(collect.attempts(found, LESSON, "ada")) == 3  # nothing is lost


def test_due_dates_penalties_and_extensions_count_without_a_run(course, monkeypatch):
    times = {"ada": "2027-03-01 19:00 UTC", "bob": "2027-03-01 17:00 UTC"}
    for student, when in times.items():
        (course / "submitted" / student / LESSON / "timestamp.txt").write_text(when)
    grade(course)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    monkeypatch.setattr(tiny_course.worker, "grade", None)  # nothing is run from here on

    def penalties():
        scores = gradebook.submission_scores(course_folder.find(course), LESSON)
        return {student: its.late_penalty for student, its in scores.items()}

    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00 UTC")
    assert "5/10 - 5 late" in grade(course)
    assert penalties() == {"ada": 5, "bob": 0}
    (course / "extensions.csv").write_text(f"student,lesson,due\nada,{LESSON},2027-03-02 00:00 Z\n")
    grade(course)
    assert penalties() == {"ada": 0, "bob": 0}
    (course / "submitted" / "bob" / LESSON / "timestamp.txt").write_text("2027-03-01 20:00 UTC")
    grade(course)
    assert penalties() == {"ada": 0, "bob": 2}
    (course / "submitted" / "bob" / LESSON / "timestamp.txt").write_text("yesterday")
    assert "cannot be told" in grade(course)
    assert penalties() == {"ada": 0, "bob": 0}
    (course / "extensions.csv").write_text(f"student,lesson,due\nada,{LESSON},01.03.2027\n")
    assert "line 2: expected a time such as" in grade(course, code=1)


def test_a_spreadsheet_may_have_saved_the_due_dates(course):
    text = f"student;lesson;due\r\nzoë;{LESSON};2027-03-02 00:00 Z\r\n;;\r\n"
    (course / "extensions.csv").write_bytes(text.encode("cp1252"))
    found = extensions.read_extensions(course_folder.find(course), LESSON)
    assert found == {"zoë": datetime(2027, 3, 2)}


def test_a_renamed_notebook_is_stored_under_the_lessons_name(course):
    """nbgrader and its formgrader find no other."""
    folder = course / "submitted" / "ada" / LESSON
    (folder / NAME).rename(folder / "sums (1).ipynb")
    grade(course)
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_what_lies_in_another_place_is_named(course, caplog):
    text = (course / "submitted" / "ada" / LESSON / NAME).read_text()
    tiny_course.write("<html>", course / "submitted" / "cyd" / LESSON / "sums.html")
    tiny_course.write(text, course / "submitted" / "dan" / LESSON / "work" / NAME)
    tiny_course.write(text, course / "submitted" / LESSON / "eve" / NAME)
    output = grade(course)
    assert f"There is no {NAME}, but sums.html: expected the notebook" in output
    assert f"There is no {NAME}, but work/{NAME}: expected" in output
    assert "autograder collect" in caplog.text
    assert LESSON not in gradebook.students(course_folder.find(course))
    run(course, "collect", str(course / "submitted"), LESSON, code=1)  # cyd has none
    found = results(course)
    assert found["dan"]["score"] == found["eve"]["score"] == found["ada"]["score"]


def test_prose_makes_nothing_stale_and_a_test_does(course):
    grade(course)
    path = course / "source" / LESSON / NAME
    path.write_text(path.read_text().replace("# Sums", "# Totals"))
    assert "Unchanged: 2." in grade(course)
    path.write_text(path.read_text().replace("must be 3", "has to be 3"))
    assert "2 as the lesson's checks or the grader changed" in grade(course)


@pytest.mark.parametrize(("word", "meant"), [
    ("1", [LESSON]), ("01", [LESSON]), ("sums", [LESSON]), ("2", ["02-more"]),
    ("all", [LESSON, "02-more"]),
])  # fmt: skip
def test_lessons_are_called_by_number_beginning_or_name(tmp_path, word, meant):
    course = course_folder.CourseFolder(tmp_path)
    for lesson in (LESSON, "02-more"):
        tiny_course.write("{}", tmp_path / "source" / lesson / NAME)
    assert course.lessons_called([word]) == meant
    with pytest.raises(course_folder.CourseError, match="could be 01-sums, 02-more"):
        course.lessons_called(["0"])


def test_what_a_person_marks_needs_points_and_no_test(tmp_path):
    notebook = tiny_course.with_free_text(tiny_course.source_notebook())
    notebook.cells[-2].metadata.nbgrader["points"] = 0
    course = tiny_course.make_course(tmp_path, notebook)
    assert "The cell 'why', marked by hand, needs points" in run(course, "build", "1", code=1)


def test_an_exercise_comes_or_goes_and_what_people_gave_stays(course):
    grade(course)
    mark(course, "ada", why=3, draw=1, check_double=0.5)
    path = course / "source" / LESSON / NAME
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "double" not in cell.id]
    notebook.cells += [
        tiny_course.answer("triple", tiny_course.DOUBLE.replace("double", "triple")),
        tiny_course.test_cell("check_triple", "assert triple(1) == 3", 2),
    ]
    nbformat.write(notebook, path)
    output = grade(course)
    assert "No longer in the lesson: check_double." in output
    found = results(course)
    assert {name: one["score"] for name, one in found["ada"]["exercises"].items()} == {
        "add": 2, "why": 3, "draw": 1, "triple": 2,
    }  # fmt: skip
    kept = (course / "reports" / "dropped_scores.csv").read_text().splitlines()
    assert kept[1:] == [f"{LESSON},check_double,ada,0.5,"]


def test_extra_credit_is_kept_too_beside_what_a_spreadsheet_has_saved(course):
    grade(course)
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("check_double", "sums", LESSON, "ada").extra_credit = 1.5
        book.find_grade("check_double", "sums", LESSON, "bob").extra_credit = 0.5
        book.find_grade("check_double", "sums", LESSON, "bob").manual_score = 2
        book.db.commit()
    path = course / "source" / LESSON / NAME
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "double" not in cell.id]
    nbformat.write(notebook, path)
    kept = course / "reports" / "dropped_scores.csv"
    kept.parent.mkdir(exist_ok=True)
    before = "lesson;grade_id;student;points;comment\r\n00-old;x;zoe;1;größer\r\n"
    kept.write_bytes(before.encode("cp1252"))  # as a spreadsheet in Germany saves it
    grade(course)
    with kept.open(encoding="utf-8", newline="") as file:
        head, zoe, *rows = csv.reader(file)
    assert head == ["lesson", "grade_id", "student", "points", "comment"]
    assert zoe == ["00-old", "x", "zoe", "1", "größer"]
    assert sorted(row[2:4] for row in rows) == [["ada", "1.5"], ["bob", "2.5"]]


def test_an_exercise_that_a_submission_lacks_in_the_gradebook_is_entered(course):
    grade(course)
    with gradebook.opened(course_folder.find(course)) as book:
        book.db.delete(book.find_grade("check_double", "sums", LESSON, "ada"))
        book.db.delete(book.find_comment("double", "sums", LESSON, "ada"))
        book.db.commit()
    grade(course, "--force")
    assert results(course)["ada"]["exercises"]["double"]["score"] == 3
    with gradebook.opened(course_folder.find(course)) as book:
        assert book.find_grade("check_double", "sums", LESSON, "ada").auto_score == 3
        assert book.find_comment("double", "sums", LESSON, "ada")


def test_what_the_lesson_has_no_longer_counts_in_no_older_result(course):
    """bob missed only what goes, ada had it right; neither is graded again."""
    hand_in(course, "bob", double="    return a")
    grade(course)
    for student in ("ada", "bob"):
        mark(course, student, why=4, draw=1)
        (course / "submitted" / student / LESSON / NAME).unlink()
    path = course / "source" / LESSON / NAME
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "double" not in cell.id]
    nbformat.write(notebook, path)
    assert "Still graded by older checks" in grade(course)
    for one in results(course).values():
        assert (one["score"], one["max_score"], one["status"]) == (7, 7, "passed")
    run(course, "report", "1")
    assert "double" not in (course / "reports" / f"{LESSON}.html").read_text()

"""With nothing to do, the table of before is shown at once; after any change, nothing is missed."""

import json
import os
from dataclasses import replace

import pytest

from autograder import course_folder
from autograder.building import release
from autograder.grading import class_grading, dependencies, gradebook, last_table, worker
from course.messages import speaking
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, cell_of, run, submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(autouse=True)
def quick_worker():
    with tiny_course.quick_worker():
        yield


@pytest.fixture
def course(tmp_path):
    """ada solved all, bob not, eve nothing; zoe handed in a letter, and in `odd` is no notebook."""
    source = tiny_course.with_free_text(tiny_course.source_notebook())
    course = tiny_course.make_course(tmp_path / "course", source)
    hand_in(course, "ada")
    hand_in(course, "bob", double="    return a")
    tiny_course.write("Sorry!", course / "submitted" / "zoe" / LESSON / "letter.txt")
    tiny_course.write("{", course / "submitted" / "odd" / LESSON / NAME)
    with gradebook.opened(course_folder.find(course)) as book:
        book.add_student("eve")
    return course


def hand_in(course, student, **answers):
    released = release.release_notebook(course / "source" / LESSON / NAME)
    notebook = submission(released, **answers)
    cell_of(notebook, "why").source = "Because."
    tiny_course.submit(course, student, notebook)


def grade(course, *options):
    path = course.parent / "results.json"
    said = run(course, "grade", "1", "--jobs", "1", "--json", str(path), *options, code=1)
    return said, json.loads(path.read_text())


def recalled(course):
    return last_table.recall(course_folder.find(course), LESSON, course / "submitted")


def test_it_shows_what_looking_at_everything_shows(course, monkeypatch):
    grade(course)
    looked = grade(course, "--force"), grade(course, "--jobs", "1")[1]
    with monkeypatch.context() as patch:
        patch.setattr(class_grading, "grade", None)
        at_once = grade(course)
        assert "nothing to grade" in run(course, "grade", "1", "--dry-run")
        titled = run(course, "grade", "1", "01-sums", code=1)
    kept = recalled(course)
    (course / "reports" / f".{LESSON}.json").unlink()
    assert grade(course) == at_once
    assert "Graded: nothing. Unchanged: 3." in at_once[0]
    assert titled == at_once[0]
    assert [one["student"] for one in at_once[1]] == ["ada", "bob", "eve", "odd", "zoe"]
    assert at_once[1] == looked[1]
    assert recalled(course) == kept


def rewritten(course):
    """Other content of the same length, with the time of before."""
    path = course / "submitted" / "ada" / LESSON / NAME
    times = path.stat()
    path.write_text(path.read_text().replace("return 2 * a", "return 3 * a"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def marked(course):
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("why", "sums", LESSON, "ada").manual_score = 3
        book.db.commit()


def edited(course):
    path = course / "source" / LESSON / NAME
    path.write_text(path.read_text().replace("must be 8", "must be eight"))


def configured(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Limits.processes = 100\n")


CHANGES = {
    "a submission has other content": rewritten,
    "a submission is gone": lambda course: (course / "submitted/bob" / LESSON / NAME).unlink(),
    "somebody else hands in": lambda course: hand_in(course, "kim"),
    "a notebook comes where none was": lambda course: hand_in(course, "zoe"),
    "a file comes": lambda course: tiny_course.write("1", course / "submitted/ada" / LESSON / "a"),
    "a file comes beside the folder": lambda course: tiny_course.write(
        submission(tiny_course.source_notebook()), course / "submitted/eve" / NAME
    ),
    "a person gives points": marked,
    "the lesson is edited": edited,
    "another lesson comes": lambda course: tiny_course.write(
        tiny_course.source_notebook(), course / "source" / "02-more" / NAME
    ),
    "a setting": configured,
    "a due date": lambda course: tiny_course.write(
        f"student,lesson,due\nada,{LESSON},2020-01-01 10:00\n", course / "extensions.csv"
    ),
    "a result is gone": lambda course: (
        course / "autograded" / "ada" / LESSON / "result.json"
    ).unlink(),
    "the gradebook is gone": lambda course: (course / "gradebook.db").unlink(),
    "points of before come back": lambda course: tiny_course.write(
        "lesson,grade_id,student\n", course / "reports" / "dropped_scores.csv"
    ),
}


@pytest.mark.parametrize(
    "name", ["autograded", "source", f"source/{LESSON}", f"source/{LESSON}/{NAME}"]
)
@pytest.mark.sampled(rarer=3)
def test_what_is_kept_elsewhere_is_looked_at_through_its_link(course, tmp_path, name):
    grade(course)
    (course / name).rename(tmp_path / "elsewhere")
    (course / name).symlink_to(tmp_path / "elsewhere")
    grade(course)
    assert recalled(course)
    if name == "autograded":
        (course / "autograded" / "ada" / LESSON / "result.json").unlink()
    else:
        edited(course)
    assert recalled(course) is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.sampled(rarer=4)
def test_after_any_change_everything_is_looked_at(course, change):
    grade(course)
    assert recalled(course)
    change(course)
    assert recalled(course) is None


def test_a_rule_of_the_courses_own_is_asked_each_time(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(
            "c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'\n"
        )
    grade(course)
    assert recalled(course) is None


def test_what_is_graded_by_older_checks_is_told_each_time(course, tmp_path, monkeypatch):
    grade(course)
    (course / "submitted" / "bob" / LESSON / NAME).unlink()
    monkeypatch.setattr(dependencies, "folders", lambda: [tmp_path])
    monkeypatch.setattr(dependencies, "version_for", lambda code: "of now")
    for _twice in range(2):
        assert "because it is no longer in submitted/: bob." in grade(course)[0]


def test_another_grader_or_language_is_a_change(course, tmp_path, monkeypatch):
    grade(course)
    with speaking("zh_CN"):
        assert recalled(course) is None
    monkeypatch.setattr(dependencies, "folders", lambda: [tmp_path])
    assert recalled(course) is None


def test_what_is_tried_again_is_not_kept(course, monkeypatch):
    def in_trouble(*about):
        return replace(tiny_course.quick(*about), keep=False)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "grade", in_trouble)
        grade(course)
    assert "3 because the grader had trouble with it" in grade(course)[0]
    assert "Graded: nothing. Unchanged: 3." in grade(course)[0]


def test_of_some_students_nothing_is_kept(course):
    run(course, "grade", "1", "--jobs", "1", "--student", "ada")
    assert recalled(course) is None
    grade(course)
    assert "eve" not in run(course, "grade", "1", "--student", "ada")
    assert "1 because of --force" in run(course, "grade", "1", "--force", "--student", "ada")


def test_a_note_of_one_run_is_not_told_again(course):
    grade(course)
    marked(course)
    hand_in(course, "ada", double="    return a + a")
    said = "Handed in again after a person had marked it: why."
    assert said in grade(course)[0]
    assert said not in grade(course)[0]


@pytest.mark.parametrize(
    "text", ["", "{}", "[1", '{"keys": 1, "results": 2}', pytest.param("[" * 99_999, id="deep")]
)
@pytest.mark.sampled(rarer=3)
def test_a_damaged_file_is_only_a_longer_way(course, text):
    at_first = grade(course)[1]
    (course / "reports" / f".{LESSON}.json").write_text(text)
    said, again = grade(course)
    assert "Graded: nothing. Unchanged: 3." in said
    assert again == at_first


def test_it_is_private_and_forgotten_with_a_person(course):
    grade(course)
    path = course / "reports" / f".{LESSON}.json"
    assert path.stat().st_mode & 0o077 == 0
    run(course, "forget", "bob", "--yes")
    assert not path.exists()

"""What an instructor does besides grading: look at the machine, forget a person, begin a lesson."""

import csv

import nbformat
import pytest

from autograder import course_folder, doctor
from autograder.building import release, translation
from autograder.building.questions import find_questions
from autograder.grading import gradebook
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, ROOT, cell_of, run

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


@pytest.fixture
def course(tmp_path):
    return tiny_course.make_course(tmp_path / "course")


@pytest.mark.slow
def test_a_person_is_forgotten_and_what_is_left_is_told(course):
    with tiny_course.quick_worker():
        for student in ("ada", "adam"):
            tiny_course.submit(course, student, tiny_course.source_notebook())
        run(course, "grade", "1", "--jobs", "1")
    for student in ("ada", "adam"):
        tiny_course.write("<html>", course / "feedback" / student / LESSON / "sums.html")
    tiny_course.write("student\nada\n", course / "reports" / "grades.csv")
    tiny_course.write("PK", course / "reports" / "feedback-canvas-01-sums.zip")
    dropped = course / "reports" / "dropped_scores.csv"
    tiny_course.write("lesson,grade_id,student\n1,x,ada\n1,x,adam\n", dropped)
    (course / "students.csv").write_text("id\nada\n")
    kept = course / "sections.csv"
    kept.write_text("\ufeffid;section\nada;Lab 2\nadam;Lab 2\n", "utf-8")  # by a spreadsheet
    (course / "downloaded").mkdir()
    output = run(course, "forget", "ada", input="n\n", code=1)
    assert str(course / "submitted" / "ada") in output
    assert (course / "submitted" / "ada").exists()
    output = run(course, "forget", "ada", "--yes")
    for words in ("students.csv has a line", "downloaded holds", "Backups"):
        assert words in output
    assert list(gradebook.people(course_folder.find(course))) == ["adam"]
    left = [path for path in course.rglob("*") if "ada" in path.parts]
    assert not left
    assert [path.name for path in (course / "reports").iterdir()] == [dropped.name]
    assert dropped.read_text("utf-8").split() == ["\ufefflesson,grade_id,student", "1,x,adam"]
    assert kept.read_text("utf-8").splitlines() == ["\ufeffid,section", "adam,Lab 2"]
    for kept in ("submitted", "autograded", "feedback"):
        assert (course / kept / "adam").is_dir()
    assert "There is no student ada" in run(course, "forget", "ada", code=2)
    assert b"ada\0" not in (course / "gradebook.db").read_bytes()


@pytest.mark.slow
def test_one_section_is_graded_and_gets_its_pages(course):
    (course / "students.csv").write_text("id,section\nada,Lab 1\nbob,Lab 2\nzoe,Lab 2\n")
    for student in ("ada", "bob"):
        tiny_course.submit(course, student, tiny_course.source_notebook())
    assert "1 to grade: 1 new (bob)" in run(course, "grade", "1", "--section", "Lab 2", "--dry-run")
    with tiny_course.quick_worker():
        output = run(course, "grade", "1", "--jobs", "1", "--section", "Lab 2")
        assert "bob" in output
        assert "ada" not in output  # and of zoe nobody knows but the list
        run(course, "grade", "1", "--jobs", "1")
    assert "bob" in run(course, "feedback", "1", "--section", "Lab 2")
    assert [path.name for path in (course / "feedback").iterdir()] == ["bob"]
    for command in ("grade", "feedback"):
        output = run(course, command, "1", "--section", "Lab 3", code=2)
        assert "There is no section 'Lab 3'. The sections are: Lab 1, Lab 2." in output


@pytest.mark.parametrize("place", ["submitted", "collected"])
def test_a_configuration_that_a_student_handed_in_is_not_run(course, place, monkeypatch):
    folder = course / place / "ada" / LESSON
    tiny_course.write("open('run.txt', 'w')", folder / "nbgrader_config.py")
    monkeypatch.chdir(folder)
    found = course_folder.find(folder)
    found.config()
    assert not (folder / "run.txt").exists()
    assert found.root == course.resolve()


@pytest.mark.parametrize("name", ["../x", "", ".", "a/b"])
def test_nothing_else_is_forgotten(course, name):
    assert "is not the id of a student" in run(course, "forget", "--yes", name, code=2)
    assert (course / "source").is_dir()


def findings(course):
    return {one.what: one for one in doctor.examine(course_folder.find(course))}


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(course, tmp_path, monkeypatch):
    exchange = tmp_path / "our exchange"
    exchange.mkdir(mode=0o700)
    (course / "course_settings.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\nc.Grade.sandbox = False\n"
        "c.Sandbox.packages = ['nowhere']\n"
    )
    keras = tmp_path / "of keras" / "keras.json"
    tiny_course.write('{"image_data_format": "channels_first"}', keras)
    monkeypatch.setenv("KERAS_HOME", str(keras.parent))
    (course / "gradebook.db").write_text("no database, but some text")
    said = [(one.what, one.remedy) for one in findings(course).values() if not one.is_well]
    for what, remedy in (
        ("channels_first", f"mv '{keras}' '{keras}'.old"),
        ("the mode 700", f"chmod 777 '{exchange}'"),
        ("sandbox is switched off", "delete c.Grade.sandbox"),
        ("the gradebook cannot be used", "your backup"),
        (f"There is no folder {course / 'nowhere'}", "correct it in course_settings.py"),
    ):
        assert any(what in found and remedy in its for found, its in said), (what, said)
    assert "LOOK" in run(course, "doctor", code=1)


@pytest.mark.parametrize(("line", "what"), [
    ("Ada", "There is no student Ada: neither"), ("ada", ""), ("ada,x", "line 2: expected"),
])  # fmt: skip
def test_the_doctor_finds_what_extensions_get_wrong(course, line, what):
    (course / "submitted" / "ada").mkdir(parents=True)
    line = f"{line},{LESSON},2027-03-08 18:00 Z"
    (course / "extensions.csv").write_text(f"student,lesson,due\n{line}\n")
    found = [one.what for one in findings(course).values() if "correct it in ext" in one.remedy]
    assert len(found) == bool(what)
    assert all(what in one for one in found)


@pytest.mark.parametrize(
    ("setting", "what", "remedy"),
    [
        ("Excute.timeout = 9", "the setting c.Excute.timeout", "c.Execute.timeout"),
        (
            "LateSubmisionPlugin.penalty_method = 'zero'",
            "the setting c.LateSubmisionPlugin.penalty_method",
            "c.LateSubmissionPlugin.penalty_method",
        ),
        ("Exchange.timezon = 'UTC'", "the setting c.Exchange.timezon", "c.Exchange.timezone"),
        ("Grade.sandbx = True", "the setting c.Grade.sandbx", "c.Grade.sandbox"),
        ("Weather.is_fine = True", "the setting c.Weather.is_fine", "delete it"),
        ("CourseDirectory.submitted_directory = 'in'", "always submitted/", "delete it"),
        ("CourseDirectory.submitted_directory = 'submitted'", "", ""),
        ("Exporter.template_name = 'lab'", "", ""),  # for every class that is an Exporter
        ("FormgradeExtension.log_level = 10", "", ""),
        ("Limits.memory = 10**9", "", ""),
    ],
)
def test_the_doctor_finds_settings_that_nothing_reads(course, setting, what, remedy):
    (course / "course_settings.py").write_text(f"c = get_config()\nc.{setting}\n")
    said = [
        (one.what, one.remedy)
        for one in findings(course).values()
        if "course_settings.py" in one.remedy or "do you mean" in one.remedy
    ]
    assert len(said) == bool(what), said
    assert all(what in found and remedy in its for found, its in said), said


def test_settings_of_ones_own_are_read_and_an_error_in_them_is_said(course):
    (course / "course_settings.py").write_text("c = get_config()\nc.Grade.timeout = 7\n")
    assert course_folder.find(course).config().Grade.timeout == 7
    (course / "course_settings.py").write_text("c.Grade.timeout = = 7\n")
    assert "or in course_settings.py beside it: SyntaxError" in run(course, "grade", "1", code=2)


def test_a_new_lesson_is_built_and_graded_as_it_is(course):
    path = run(course, "new-lesson", "08-my-own").splitlines()[0]
    assert path == str(course / "source" / "08-my-own" / "my_own.ipynb")
    run(course, "build", "8")
    released = nbformat.read(course / "release" / "08-my-own" / "my_own.ipynb", as_version=4)
    assert "width * height" not in nbformat.writes(released)
    tiny_course.write(
        nbformat.read(path, as_version=4), course / "submitted/ada/08-my-own/my_own.ipynb"
    )
    with tiny_course.quick_worker():
        run(course, "grade", "8", "--jobs", "1")
    for name in ("8-mine", "08-Mine", "../09-x"):
        assert "cannot be the name of a lesson" in run(course, "new-lesson", name, code=2)
    assert "already exists" in run(course, "new-lesson", "08-my-own", code=1)
    assert f"{LESSON} has the number 01" in run(course, "new-lesson", "01-mine", code=1)
    assert (course / "source" / LESSON / NAME).is_file()


ASKED = """## Summary

1. This is no question.

## Questions to think about

1. Why is a sum
   a sum?

   ```
   # 1 + 1
   2. x
   ```

<details><summary>Hint</summary>Think.</details>
<details>
<summary>Answer</summary>

1. It adds.

</details>

2) And a product?
3. Why?

<details><summary>Answers</summary>

2. It multiplies.

### Beside this

</details>

## Sources

1. A book.
"""


def ask(course):
    notebook = tiny_course.source_notebook()
    notebook.cells.append(nbformat.v4.new_markdown_cell(ASKED, id="summary"))
    tiny_course.write(notebook, course / "source" / LESSON / NAME)


@pytest.mark.slow
def test_the_questions_of_a_lesson_are_free_texts_that_a_person_marks(course):
    output = run(course, "new-lesson", "08-questions", "--questions", "1", code=1)
    assert f"{LESSON} has no questions to think about: expected the heading" in output
    assert not (course / "source" / "08-questions").exists()
    ask(course)
    run(course, "new-lesson", "08-questions", "--questions", "1")
    run(course, "build", "8")
    source, released = (
        nbformat.read(course / folder / "08-questions" / "questions.ipynb", as_version=4)
        for folder in ("source", "release")
    )
    assert "It multiplies." in cell_of(source, "sums_question_2").source
    text = nbformat.writes(released)
    assert "And a product?" in text
    assert "It multiplies." not in text
    assert cell_of(released, "sums_question_2").source == "YOUR ANSWER HERE"
    cell_of(released, "sums_question_2").source = "It is repeated addition."
    path = course / "submitted" / "ada" / "08-questions" / "questions.ipynb"
    tiny_course.write(released, path)
    with tiny_course.quick_worker():
        assert "To be marked by hand: ada." in run(course, "grade", "8", "--jobs", "1")
    with gradebook.opened(course_folder.find(course)) as book:
        grade = book.find_grade("sums_question_2", "questions", "08-questions", "ada")
        grade.manual_score = 2
        book.db.commit()
    run(course, "export")
    with (course / "reports" / "grades.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert (line["score"], line["max_score"], line["status"]) == ("2.0", "9.0", "failed")


def test_questions_are_read_with_what_belongs_to_them_alone():
    first, *others = find_questions({"cells": [nbformat.v4.new_markdown_cell(ASKED)]})
    assert first.text.startswith("Why is a sum\na sum?\n\n```\n# 1 + 1\n2. x")
    assert first.answer == "Think.\n\n1. It adds."
    assert others == [("And a product?", "It multiplies.\n\n### Beside this"), ("Why?", "")]
    repeated = ASKED.replace("2)", "1.").replace("3.", "1.").replace("2. It", "1. It")
    _first, *counted = find_questions({"cells": [nbformat.v4.new_markdown_cell(repeated)]})
    assert [one.text for one in counted] == ["And a product?", "Why?"]


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_every_lesson_asks_the_same_questions_in_all_languages(path):
    editions = release.editions(course_folder.CourseFolder(ROOT), path).values()
    found = [find_questions(translation.read_source(path, edition)) for edition in editions]
    assert {len(questions) for questions in found} == {len(found[0])}
    assert found[0]
    assert all(one.text and one.answer for questions in found for one in questions)

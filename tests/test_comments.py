"""Comments to choose from, for answers that a person marks."""

import os

import pytest

from autograder import course_folder
from autograder.grading import comments, gradebook
from tests import tiny_course
from tests.tiny_course import LESSON, run

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

UNITS = 'Say in which unit, "in s" for example.'
LIST = f"""lesson,key,text
all,thanks,Well said.
{LESSON},units,"{UNITS.replace('"', '""')}"
"""


@pytest.fixture
def course(tmp_path):
    notebook = tiny_course.with_free_text(tiny_course.source_notebook())
    course = tiny_course.make_course(tmp_path, notebook)
    (course / "comments.csv").write_text(LIST)
    return course


def given(course, student):
    with gradebook.opened(course_folder.find(course)) as book:
        return book.find_comment("why", "sums", LESSON, student).manual_comment


@pytest.mark.slow
def test_a_comment_is_added_once_below_what_a_person_wrote(course):
    for student in ("ada", "bob", "eve"):
        tiny_course.submit(course, student, tiny_course.source_notebook())
    with tiny_course.quick_worker():
        run(course, "grade", "1", "--jobs", "1")
        with gradebook.opened(course_folder.find(course)) as book:
            book.find_comment("why", "sums", LESSON, "bob").manual_comment = "See me."
            book.db.commit()
        run(course, "comment", "1", "why", "units", "nobody", "ada", code=2)
        run(course, "comment", "1", "which", "units", "ada", code=2)
        run(course, "comment", "1", "why", "unit", "ada", code=2)
        tiny_course.submit(course, "max", tiny_course.source_notebook())
        run(course, "comment", "1", "why", "units", "max", "ada", code=1)  # not graded yet
        run(course, "comment", "1", "why", "units", code=2)
        assert given(course, "ada") is None
        output = run(course, "comment", "1", "why", "units", "ada", "bob")
        assert output.splitlines() == ["ada: added", "bob: added"]
        output = run(course, "comment", "1", "why", "units", "bob", "bob")
        assert output.splitlines() == ["bob: already there"]
        run(course, "comment", "1", "why", "thanks", "ada")
        run(course, "grade", "1", "--jobs", "1", "--force")
    assert given(course, "ada") == f"{UNITS}\n\nWell said."
    assert given(course, "bob") == f"See me.\n\n{UNITS}"
    assert given(course, "eve") is None


@pytest.mark.slow
def test_a_comment_of_two_paragraphs_is_added_once(course):
    """A spreadsheet on Windows ends lines in a cell in its own way."""
    (course / "comments.csv").write_bytes(b'lesson,key,text\r\nall,more,"One.\r\n\r\nTwo."\r\n')
    tiny_course.submit(course, "ada", tiny_course.source_notebook())
    with tiny_course.quick_worker():
        run(course, "grade", "1", "--jobs", "1")
    assert run(course, "comment", "1", "why", "more", "ada") == "ada: added\n"
    assert run(course, "comment", "1", "why", "more", "ada") == "ada: already there\n"
    assert given(course, "ada") == "One.\n\nTwo."


def test_the_comments_of_a_lesson_are_listed(course):
    lines = run(course, "comment", "1").splitlines()
    assert [line.split(maxsplit=1) for line in lines[1:]] == [
        ["thanks", "Well said."], ["units", UNITS],
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [
    (None, "There is no comments.csv in .*. Its first line has to be lesson"),
    ("key,text\n", "has to begin with the line lesson,key,text"),
    ("lesson,key,text\n09-none,a,b\n", "expected one of 01-sums, all"),
    ("lesson,key,text\nall,a\n", "got all,a"),
    ("lesson,key,text\nall,a,b\n01-sums,a,c\n", "two comments 'a'"),
])  # fmt: skip
def test_a_list_that_is_unclear_is_said(course, text, words):
    (course / "comments.csv").unlink()
    if text is not None:
        (course / "comments.csv").write_text(text)
    with pytest.raises(course_folder.CourseError, match=words):
        comments.read_comments(course_folder.find(course), LESSON)


def test_the_list_is_read_on_windows_too_which_lacks_flags_of_unix(course, monkeypatch):
    found = course_folder.find(course)
    for flag in ("O_NOFOLLOW", "O_NONBLOCK"):
        monkeypatch.delattr(os, flag)
    assert comments.read_comments(found, LESSON)["units"] == UNITS


def test_a_spreadsheet_may_have_saved_the_list(course):
    text = "lesson;key;text\r\nall;größe;Wie groß, also?\r\n"
    (course / "comments.csv").write_bytes(text.encode("cp1252"))
    found = comments.read_comments(course_folder.find(course), LESSON)
    assert found == {"größe": "Wie groß, also?"}

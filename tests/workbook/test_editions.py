"""A course in several languages: copies side by side, and commands in their language."""

import os

import nbformat
import pytest

from course import messages
from course.workbook import languages, notebooks
from course.workbook.editions import editions, find_edition
from course.workbook.errors import WorkbookError
from course.workbook.lessons import find_original
from tests.command import course, words
from tests.workbook.made_notebooks import code, exercise_cells, markdown, save

LESSON = "01-numbers/numbers.ipynb"


@pytest.fixture(autouse=True)
def english_afterwards():
    """Commands choose a language for the whole process."""
    before = messages.language()
    yield
    messages.use_language(before)


def chinese(path, *cells):
    """Write a notebook that says it is in Chinese."""
    save(path, *cells)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["course"] = {"language": "zh_CN"}
    nbformat.write(notebook, path)


@pytest.fixture
def both(kit):
    """The kit in two languages, with a start page each."""
    save(kit / "release/start.ipynb", markdown("# Start"))
    release = kit / "translations/zh_CN/release"
    chinese(release / LESSON, markdown("# 数"), *exercise_cells("one"))
    chinese(release / "start.ipynb", markdown("# 开始"))
    return kit


def test_lab_copies_a_translation_beside_the_english_lessons(both, opened):
    course("lab")
    mine = both / "work" / LESSON
    mine.write_text("my own work")
    answer = course("lab", "--language", "zh-cn", "numbers", "--no-browser")
    assert answer.exit_code == 0
    told = [(line.split()[0], line.endswith((LESSON, "start.ipynb"))) for line in words(answer)]
    assert told == [("work/zh_CN/", True)] * 2
    assert mine.read_text() == "my own work"
    copy, original = (
        folder / LESSON for folder in (both / "work/zh_CN", both / "translations/zh_CN/release")
    )
    assert copy.read_bytes() == original.read_bytes()
    assert [str(notebook) for _, notebook, _ in opened] == ["start.ipynb", f"zh_CN/{LESSON}"]
    assert opened[1][2] == ("--no-browser",)


def test_the_environment_chooses_a_language_too(both, opened, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh_CN")
    assert words(course("lessons"))[0].startswith("01-numbers 数 尚未开始")
    course("lab")
    assert [str(notebook) for _, notebook, _ in opened] == ["zh_CN/start.ipynb"]


def test_a_language_that_is_not_known_is_refused(both, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "xx")
    answer = course("lessons")
    assert answer.exit_code == 2
    assert "COURSE_LANGUAGE: There is no translation 'xx' of this course" in answer.stderr


def test_a_language_without_an_edition_is_refused(both, opened, monkeypatch):
    answer = course("lab", "--language", "fr")
    assert answer.exit_code == 1
    assert "The lessons are not available in 'fr'; available here: en, zh_CN." in answer.stderr
    assert opened == []


def test_a_kit_in_another_language_speaks_it(both, opened):
    (both / "release").rename(both / "english")
    (both / "translations/zh_CN/release").rename(both / "release")
    (both / "translations/en").mkdir()
    (both / "english").rename(both / "translations/en/release")
    assert [one.language for one in editions(both)] == ["zh_CN", "en"]
    assert all("中新增" in line for line in words(course("lab")))
    assert "尚未开始" in words(course("lessons"))[0]


def test_a_notebook_is_compared_with_the_lesson_in_its_language(both, opened):
    course("lab")
    course("lab", "--language", "zh_CN")
    for folder, title in (("work", "# One and two"), ("work/zh_CN", "# 数")):
        path = both / folder / LESSON
        lesson, cells = find_original(path, notebooks.read(path))
        assert lesson.title == title.removeprefix("# ")
        assert cells[0]["source"] == title


def test_a_command_finds_the_copy_that_there_is(both, opened):
    course("lab", "--language", "zh_CN")
    messages.use_language("en")
    answer = course("reset", "numbers", "one")
    assert answer.exit_code == 0
    assert (both / "work/zh_CN" / LESSON).is_file()
    assert not (both / "work" / LESSON).exists()


def test_of_copies_in_two_languages_the_one_that_is_named_or_saved_last_is_meant(
    both, opened, monkeypatch
):
    course("lab")
    course("lab", "--language", "zh_CN")
    english, translated = (both / folder / LESSON for folder in ("work", "work/zh_CN"))
    for last in (english, translated):
        for path in (english, translated):
            os.utime(path, (0, 1 if path == last else 0))
        messages.use_language("en")
        answer = course("reset", "numbers", "one")
        assert f"saved last: {last.relative_to(both).as_posix()}" in answer.output
    monkeypatch.setenv("COURSE_LANGUAGE", "en")
    answer = course("reset", "numbers", "one")
    assert f"COURSE_LANGUAGE names: {english.relative_to(both).as_posix()}" in answer.output
    translated.unlink()
    assert "copies" not in course("reset", "numbers", "one").output  # there is no choice


def test_the_switch_copies_and_links(both, monkeypatch):
    (both / "work").mkdir()
    monkeypatch.chdir(both / "work")
    assert languages.show()._repr_markdown_() == "- [中文](zh_CN/start.ipynb)"
    monkeypatch.chdir(both / "work/zh_CN")
    with messages.speaking("zh_CN"):
        assert languages.show().links == {"English": "../start.ipynb"}
    assert (both / "work/start.ipynb").is_file()


def test_without_other_languages_the_switch_says_so(kit, monkeypatch, capsys):
    monkeypatch.chdir(kit)
    assert languages.show() is None
    assert capsys.readouterr().out == "This copy of the course has no other languages.\n"


def test_a_damaged_start_page_stops_nothing(both):
    (both / "release/start.ipynb").write_text("{")
    assert find_edition(both).language == "en"
    with pytest.raises(WorkbookError, match="available here: en, zh_CN"):
        find_edition(both, "de")


@pytest.mark.parametrize(
    "metadata", [{}, {"course": 3}, {"course": {"language": 3}}, {"course": {}}]
)
def test_a_notebook_that_does_not_say_its_language_is_english(metadata, kit):
    path = save(kit / "mine.ipynb", code("1"))
    notebook = notebooks.read(path) | {"metadata": metadata}
    assert notebooks.language_of(notebook) == "en"

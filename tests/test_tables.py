"""Tables are read whichever program saved them, and strictly where points stand in them."""

import pytest

from autograder.course_folder import CourseError
from autograder.grading.points_table import GivenPoints, read_points
from autograder.grading.tables import read_table, write_table


@pytest.fixture
def saved(tmp_path):
    """A function that saves what a table holds, and returns its path."""

    def save(content):
        path = tmp_path / "points.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_is_read(saved, encoding, separator):
    text = "student,points\r\nzoë,2\r\n".replace(",", separator)
    assert read_table(saved(text.encode(encoding))) == (["student", "points"], [["zoë", "2"]])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("text", [
    "学号,姓名\r\n2021001,张三\r\n2021002,王喆\r\n",
    "student,lesson\n张三,1\nZhang Wei,2\n",
    "lesson,key,text\nall,axis,softmax的axis错了\u3002\nall,ok,很好\uff01\n",
])  # fmt: skip
def test_what_chinese_systems_save_is_read(saved, text, encoding):
    head, rows = read_table(saved(text.encode(encoding)))
    assert [head, *rows] == [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    "name",
    [
        "Müller",
        "Zoë",
        "Größe",
        "Conceição",
        "CONCEIÇÃO",
        "Søren Ångström",
        "Ñíguez",
        "créée",
        "Noé É.",
    ],
)
@pytest.mark.parametrize("company", ["", "João\n", "Ada\n"])
def test_western_names_are_no_chinese_ones(saved, name, company):
    text = f"id,name\nx,{name}\n{company}"
    assert read_table(saved(text.encode("cp1252")))[1][0] == ["x", name]


def test_bytes_of_no_encoding_stop_nothing(saved):
    assert read_table(saved(b"id\n\xff\xfe\x81\n"))[0] == ["id"]


def test_what_is_written_is_read_again(tmp_path):
    head, *rows = [["student", "comment"], ["zoë", 'two lines,\n"quoted"; and 李'], ["", ""]]
    path = write_table(tmp_path / "new" / "kept.csv", [head, *rows])
    assert read_table(path) == (head, rows)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # or a spreadsheet takes it for cp1252


def test_an_empty_table_has_no_head(saved):
    assert read_table(saved(b"")) == ([], [])


@pytest.mark.parametrize("content", [None, b'a,b\n"' + b"x" * 200_000])
def test_a_table_that_cannot_be_read_is_named(saved, tmp_path, content):
    path = tmp_path / "points.csv" if content is None else saved(content)
    with pytest.raises(CourseError, match=r"points\.csv: The file cannot be read"):
        read_table(path)


@pytest.mark.parametrize(
    ("row", "points"),
    [
        ("ann,softmax,1.5", 1.5),
        ('ann,softmax,"1,5"', 1.5),
        ("ann,softmax, 2 ", 2.0),
        ("ann,softmax,0", 0.0),
    ],
)
def test_points_are_read_with_a_point_or_a_comma(saved, row, points):
    path = saved(f"student,exercise,points\n{row}\n")
    assert read_points(path) == [GivenPoints("ann", "softmax", points)]


def test_a_decimal_comma_needs_no_quotation_marks_between_semicolons(saved):
    path = saved("student;exercise;points;comment\nann;softmax;1,5;Well argued, at last.\n")
    assert read_points(path) == [GivenPoints("ann", "softmax", 1.5, "Well argued, at last.")]


@pytest.mark.parametrize(
    "row",
    [
        "ann,softmax,1,5",  # 1.5 points, or 1 point and the comment 5
        "ann,softmax,1_5",
        "ann,softmax,-1",
        "ann,softmax,nan",
        "ann,softmax,inf",
        "ann,softmax,",
        ",softmax,1",
        "ann,,1",
        "ann,softmax,1,Well argued, at last.",
        "ann,softmax,1\nann,softmax,2",
    ],
)
def test_a_row_that_could_be_read_in_two_ways_is_refused(saved, row):
    path = saved(f"student,exercise,points,comment\n{row}\n")
    with pytest.raises(CourseError, match=r"line \d: expected a student, an exercise and points"):
        read_points(path)

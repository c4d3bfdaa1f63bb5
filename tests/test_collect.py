"""Archives of Canvas and Moodle, and nbgrader's exchange, into submitted/: whose, which, when."""

import contextlib
import errno
import io
import json
import os
import pwd
import shutil
import stat
import struct
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from autograder import course_folder, forgetting
from autograder.cli import main
from autograder.collecting import (
    archive,
    canvas_columns,
    class_lists,
    exchange,
    feedback_archive,
    origins,
    roster,
    sections,
    student_files,
)
from autograder.collecting.attempts import attempts, keep_attempt, put_back
from autograder.collecting.platforms import HandedIn, Sender, read_path
from autograder.grading import extensions, files_beside, gradebook, notebook_names, plain_files
from tests import tiny_course
from tests.tiny_course import LESSON, NAME

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Sums (1)\r\n"
    "    Points Possible,,,,,5\r\n"
    '"Lovelace, Ada",4711,s1,ada,A,\r\n'
    '"García Márquez, José",4712,s2,jose,A,\r\n'
    '"Li, Wei",4713,s3,wei1,A,\r\n'
    '"Li, Wei",4714,s4,wei2,A,\r\n'
    '"Student, Test",99,,x,A,\r\n'
)
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status\n"
    "Participant 31,Ada Lovelace,s1,ada@example.org,Submitted\n"
    "Participant 32,Wei Li,s3,wei1@example.org,Submitted\n"
    "Participant 33,Wei Li,s4,wei2@example.org,Submitted\n"
)
OF_MOODLE = "assignsubmission_file_"


@pytest.fixture
def course(tmp_path):
    return tiny_course.make_course(tmp_path / "course")


def zipped(path, files):
    """A zip archive with these contents, {name: text or bytes}; a name may come twice."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items() if isinstance(files, dict) else files:
            file.writestr(name, content)
    return path


def collect(course, files, *, listed=None, code=0, lesson=LESSON):
    """Run the command on an archive of these files and return its lines."""
    path = files if not isinstance(files, dict | list) else zipped(course / "all.zip", files)
    arguments = ["collect", str(path), lesson, "--course", str(course)]
    if listed:
        (course / "list.csv").write_text(listed, encoding="utf-8")
        arguments += ["--roster", str(course / "list.csv")]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code in (0, 1) if code is None else answer.exit_code == code, answer.output
    return answer.output.splitlines()


def submitted(course, lesson=LESSON):
    """All files in submitted/, {student: {path: text}}."""
    found = {}
    for path in sorted((course / "submitted").rglob("*")):
        if path.is_file():
            student, its_lesson, *parts = path.relative_to(course / "submitted").parts
            assert its_lesson == lesson
            found.setdefault(student, {})["/".join(parts)] = path.read_text()
    return found


def test_canvas_by_number_with_all_files_and_late_ones(course):
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00")
    lines = collect(course, {
        "lovelaceada_4711_901_sums.ipynb": "old",
        "lovelaceada_4711_905_sums-1.ipynb": "new",
        "lovelaceada_4711_902_challenge-1.keras": "network",
        "lovelaceada_4711_903_helper.py": "help",
        "garciamarquezjose_LATE_4712_904_Kopie von SUMS (2).IPYNB": "late",
        "liwei_4714_906_sums.ipynb.ipynb": "second",
        "liwei_4713_907_sums.ipynb.txt": "first",
        "teststudent_5_908_sums.ipynb": "?",
        "studenttest_99_909_sums.ipynb": "?",
        "__MACOSX/._liwei_4713_907_sums.ipynb": "junk",
        "smithsam_LATE_4799_text.html": "<p>hello",
    }, listed=CANVAS, code=1)  # fmt: skip
    assert submitted(course) == {
        "ada": {
            NAME: "new", "sums (1).ipynb": "old",
            "challenge.keras": "network", "helper.py": "help",
        },
        "jose": {NAME: "late", "timestamp.txt": "2027-03-01 18:00:01.000000 UTC"},
        "wei1": {NAME: "first"},
        "wei2": {NAME: "second"},
    }  # fmt: skip
    assert lines[-1] == "4 collected, 2 not understood."
    people = gradebook.people(course_folder.find(course))
    assert people["ada"] == gradebook.Enrolled("ada", "Ada", "Lovelace", "", "4711")
    origin = json.loads((course / "collected" / "ada" / LESSON / "origin.json").read_text())
    assert origin == {"platform": "canvas", "prefix": "lovelaceada_4711_901_"}
    assert sections.platforms(course_folder.find(course)) == {
        student: {"canvas"} for student in ("ada", "jose", "wei1", "wei2")
    }
    assert canvas_columns.read_columns(course_folder.find(course)) == {LESSON: "Sums (1)"}


def test_a_newer_attempt_without_a_time_says_that_the_earlier_one_was_late(course):
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00")
    collect(course, {
        "lovelaceada_LATE_4711_901_sums.ipynb": "late",
        "liwei_4713_907_sums.ipynb": "in time",
    }, listed=CANVAS)  # fmt: skip
    lines = collect(course, {"ada/sums.ipynb": "newer", "wei1/sums.ipynb": "newer"})
    (ada,) = (line for line in lines if line.startswith("ada"))
    (wei,) = (line for line in lines if line.startswith("wei1"))
    assert ada.endswith("no time of its own; the earlier attempt was late")
    assert "late" not in wei
    (course / extensions.NAME).write_text(
        f"student,lesson,due\nada,{LESSON},2027-03-02 18:00:00 UTC\n"
    )
    put_back(course_folder.find(course), LESSON, "ada", course / "collected" / "ada" / LESSON / "1")
    lines = collect(course, {"ada/sums.ipynb": "newest"})
    assert not any("late" in line for line in lines)


@pytest.mark.parametrize(
    "form",
    [f"{{}}_{OF_MOODLE}/{{}}", f"{{}}_{OF_MOODLE}{{}}", f"{{}}_{OF_MOODLE.rstrip('_')}/{{}}"],
)
def test_moodle_in_both_forms_and_namesakes_by_the_worksheet(course, form):
    with gradebook.opened(course_folder.find(course)) as book:
        for student in ("ada", "wei1", "wei2"):
            book.update_or_create_student(student, email=f"{student}@example.org")
    whose = {"Group 1-Ada Lovelace_31": "a", "Wei Li_33": "second", "Wei Li_32": "first"}
    files = {form.format(name, NAME): text for name, text in whose.items()}
    collect(course, files, listed=MOODLE)
    assert submitted(course) == {
        "ada": {NAME: "a"}, "wei1": {NAME: "first"}, "wei2": {NAME: "second"},
    }  # fmt: skip


NO_IDS = MOODLE.replace("ID number,Email address,", "")
NO_IDS = NO_IDS.replace("s1,ada@example.org,", "").replace("s3,wei1@example.org,", "")
NO_IDS = NO_IDS.replace("s4,wei2@example.org,", "")
NAMES_ALONE = "First name,Last name,Groups\nAda,Lovelace,A\nWei,Li,A\nWei,Li,B\n"


@pytest.mark.parametrize(
    "listed", [NO_IDS, NAMES_ALONE, "Nom complet;\nAda Lovelace\nWei Li\nWei Li"]
)
def test_a_list_without_ids_names_who_is_alone_and_lists_namesakes(course, listed):
    files = {
        f"{name}_{number}_{OF_MOODLE}/{NAME}": name
        for number, name in ((31, "Ada Lovelace"), (32, "Wei Li"), (33, "Wei Li"), (34, "Eve"))
    }
    lines = collect(course, files, listed=listed, code=1)
    assert lines[-1] == "1 collected, 3 not understood."
    assert submitted(course) == {"Ada Lovelace": {NAME: "Ada Lovelace"}}
    first, second = ("Wei Li (32)", "Wei Li (33)") if listed == NO_IDS else ("Wei Li", "Wei Li")
    assert f"this could be {first}, {second}; the list has no ID number" in "".join(lines)
    # A list with ids says later who is who, and how the name is divided.
    its_course = course_folder.find(course)
    ids = "First name,Last name,ID number\nAda,Lovelace,s1\nWei,Li,s3\n"
    collect(course, {f"Wei Li_1_{OF_MOODLE}/{NAME}": "x"}, listed=ids)
    people = gradebook.people(its_course)
    assert people["s3"].name == "Li, Wei"
    assert people["Ada Lovelace"].lms_id == "s1"
    assert "s1" not in people  # an id that was made of a name stays


def test_a_name_in_one_text_is_divided_as_a_later_list_has_it(course):
    files = {f"Ana María Silva_1_{OF_MOODLE}/{NAME}": "x"}
    for listed in (
        "Identifier,Full name,Email address\nParticipant 1,Ana María Silva,a@x.org\n",
        "Full name,Username,Email address\nAda Lovelace,ada,ada@x.org\n",
        "First name,Last name,Email address\nAna María,Silva,a@x.org\n",
    ):
        collect(course, files, listed=listed, code=None)
    people = gradebook.people(course_folder.find(course))
    assert people["a@x.org"].name == "Silva, Ana María"
    assert people["ada"].name == "Lovelace, Ada"


def test_an_address_that_two_people_share_is_nobodys(course):
    listed = "Full name,Email address\nAda Lovelace,home@x.org\nBob Lovelace,home@x.org\n"
    lines = collect(course, {f"Ada Lovelace_1_{OF_MOODLE}/{NAME}": "x"}, listed=listed, code=1)
    assert "this could be Ada Lovelace (home@x.org); the list has no ID" in "".join(lines)


def test_a_canvas_gradebook_without_logins_has_ids_and_tells_namesakes(course):
    _head, _points, *rows = CANVAS.splitlines()
    listed = "\n".join([
        "Student,ID,Section,Sums (1)", ",,,Manual Posting",
        *(row.replace(",s1,ada", "").replace(",s3,wei1", "").replace(",s4,wei2", "")
          for row in rows if "Li, " in row or "Ada" in row),
    ])  # fmt: skip
    files = {"liwei_4714_1_sums.ipynb": "second", "lovelaceada_4711_2_sums.ipynb": "a"}
    collect(course, files, listed=listed)
    assert submitted(course) == {"4711": {NAME: "a"}, "4714": {NAME: "second"}}
    lines = collect(course, {f"liwei/{NAME}": "?"}, listed=listed, code=1)
    assert "this could be 4713, 4714" in "".join(lines)
    assert gradebook.people(course_folder.find(course))["4713"].lms_id == "4713"


def test_nobody_is_taken_for_a_namesake_on_the_other_platform(course):
    its_course = course_folder.find(course)
    collect(course, {"lovelaceada_4711_1_sums.ipynb": "of Canvas"}, listed=CANVAS)
    files = {
        f"{name}_{number}_{OF_MOODLE}/{NAME}": "of Moodle"
        for number, name in ((31, "Ada Lovelace"), (32, "José García Márquez"))
    }
    for listed in (None, NO_IDS.split("\n")[0]):
        lines = collect(course, files, listed=listed, code=1)
        assert lines[-1] == "2 not understood."
        assert "is that of ada, who is known from Canvas: pass Moodle's list" in "".join(lines)
        assert "is that of jose, who is known from Canvas" in "".join(lines)
    own_number = MOODLE.replace("s1", "4711").replace("s3", "4713")  # the same numbers by chance
    files[f"Wei Li_32_{OF_MOODLE}/{NAME}"] = files.pop(f"José García Márquez_32_{OF_MOODLE}/{NAME}")
    collect(course, files, listed=own_number)
    found = submitted(course)
    assert {who: its[NAME] for who, its in found.items()} == {
        "ada": "of Canvas", "4711": "of Moodle", "4713": "of Moodle",
    }  # fmt: skip
    lines = collect(course, files, code=1)  # their list is known by now, but there are two Wei Lis
    assert lines[-1] == "1 unchanged, 1 not understood."
    assert "this could be 4713, s4" in "".join(lines)
    assert sections.platforms(its_course) == {
        **{student: {"canvas"} for student in ("ada", "jose", "wei1", "wei2")},
        **{student: {"moodle"} for student in ("4711", "4713", "s4")},
    }
    # Somebody who is in both lists by the same login is one person.
    both = "Full name,Username,Email address\nJosé García Márquez,jose,j@x.org\n"
    collect(course, {f"José García Márquez_9_{OF_MOODLE}/{NAME}": "new"}, listed=both)
    assert submitted(course)["jose"][NAME] == "new"
    assert sections.platforms(its_course)["jose"] == {"canvas", "moodle"}
    assert origins.platforms(its_course)["jose"] == {"moodle"}


def test_moodles_worksheet_tells_when_on_a_clock_that_is_named(course):
    name = f"Ada Lovelace_31_{OF_MOODLE}/{NAME}"

    def listed(when):
        head = "Identifier,Full name,Email address,Last modified (submission)\n"
        return f'{head}Participant 31,Ada Lovelace,ada@example.org,"{when}"\n'

    evening = listed("Monday, 1 March 2027, 5:55 PM")
    assert "course_settings.py" in "".join(collect(course, {name: "b"}, listed=evening))
    (course / "course_settings.py").write_text(
        "c = get_config()\nc.Exchange.timezone = 'Europe/Berlin'\n"
    )
    assert collect(course, {name: "b"}, listed=evening)[-1] == "1 unchanged."
    files = submitted(course)["ada@example.org"]
    assert files["timestamp.txt"] == "2027-03-01 16:55:00.000000 UTC"
    morning = listed("Monday, March 1, 2027, 9:00 AM")
    assert collect(course, {name: "a"}, listed=morning)[-1] == "1 earlier attempt."
    assert submitted(course)["ada@example.org"] == files
    for text in ("lundi", "Tuesday, 1 March 2027, 5:55 PM"):  # which was a Monday
        lines = collect(course, {name: text}, listed=listed(text))
        assert f"cannot be read: {text}" in "".join(lines)


@pytest.mark.parametrize(
    "status", ["Submitted for grading, 15 hours 12 mins late", "2 Tage verspätet"]
)
def test_what_moodle_calls_late_is_told_and_what_it_does_not_say_too(course, status):
    files = {f"Ada Lovelace_31_{OF_MOODLE}/{NAME}": "a"}
    assert "does not say when something was handed in" in "".join(collect(course, files))
    listed = MOODLE.replace("ada@example.org,Submitted", f'ada@example.org,"{status}"')
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00")
    lines = collect(course, files, listed=listed)
    assert next(line for line in lines if line.startswith("s1")).split() == [
        "s1",
        "collected",
        "late",
    ]
    assert submitted(course)["s1"]["timestamp.txt"] == "2027-03-01 18:00:01.000000 UTC"


def test_what_no_notebook_reads_is_kept_and_told(course):
    """Texts that were typed into the platform, and files of other kinds, with a notebook or not."""
    typed = f"Ada_1_{OF_MOODLE.replace('file', 'onlinetext')}/onlinetext.html"
    files = {
        f"Ada_1_{OF_MOODLE}/{NAME}": "x", f"Ada_1_{OF_MOODLE}/essay.docx": "PK", typed: "<p>hello",
        f"Bob_2_{OF_MOODLE}/a/sums.pdf": "%PDF", "smithsam_4799_text.html": "<p>only this",
    }  # fmt: skip
    collect(course, files, code=1)
    lines = collect(course, files | {typed: "<p>again"}, code=1)
    assert lines[-1] == "1 unchanged, 2 not understood."
    text = "\n".join(lines)
    for student, words, name in (
        ("Ada", "also there, for you to read: essay.docx", "onlinetext.html"),
        ("Bob", f"no notebook, but a/sums.pdf: ask for {NAME}", "a/sums.pdf"),
        ("4799", f"typed into the platform: ask for {NAME}", "text.html"),
    ):
        assert f"{words}; kept in collected/{student}/{LESSON}/aside: {name}" in text
    assert submitted(course) == {"Ada": {NAME: "x", "essay.docx": "PK"}}
    aside = course / "collected" / "Ada" / LESSON / "aside"
    assert {path.name: path.read_text() for path in aside.iterdir()} == {
        "onlinetext.html": "<p>hello", "2-onlinetext.html": "<p>again",
    }  # fmt: skip


@pytest.mark.parametrize(("head", "certain"), [
    ("Essay (7)", "Essay (7)"), ("Essay (7),Lesson 1 (8)", "Lesson 1 (8)"), ("02-more (9)", None),
    ("Essay (7),Quiz 1 (8)", None), ("sums (7),01-sums (8)", None), ("Total", None),
])  # fmt: skip
@pytest.mark.sampled
def test_the_column_of_a_lesson_in_canvas_is_kept_where_it_is_certain(course, head, certain):
    tiny_course.write(tiny_course.source_notebook(), course / "source" / "02-more" / NAME)
    listed = f'Student,ID,SIS Login ID,Section,{head}\n"Lovelace, Ada",4711,ada,A\n'
    lines = collect(course, {"lovelaceada_4711_1_sums.ipynb": "a"}, listed=listed)
    its_course = course_folder.find(course)
    assert canvas_columns.read_columns(its_course) == ({LESSON: certain} if certain else {})
    assert ("canvas_columns.csv" in "".join(lines)) == (head != "Total" and "Lesson" not in head)
    (course / "canvas_columns.csv").write_text(f"lesson,column\n{LESSON},By hand, late (3)\n")
    collect(course, {"lovelaceada_4711_1_sums.ipynb": "a"}, listed=listed)
    assert canvas_columns.read_columns(its_course) == {LESSON: "By hand, late (3)"}
    (course / "canvas_columns.csv").write_text("a,b\n")
    with pytest.raises(course_folder.CourseError, match="has to begin with the line lesson,column"):
        canvas_columns.read_columns(its_course)


OF_BRIGHTSPACE = "{}-77 - {} - {}"
OF_OTHERS = {
    OF_BRIGHTSPACE.format(1, "Ada Lovelace", "Nov 27, 2026 353 PM/sums.ipynb"): "ada",
    OF_BRIGHTSPACE.format(2, "García Márquez José", "Mar 1, 2027 1101 AM - sums.ipynb"): "jose",
    "Lesson 1_wei1_attempt_2027-03-01-15-53-00_sums (1).ipynb": "wei1",
    "Lesson 1_wei1_attempt_2027-03-01-14-53-00_sums.ipynb": "an earlier attempt",
    "Lesson 1_wei1_attempt_2027-03-01-14-53-00_a.keras": "an earlier network",
    "Lesson 1_wei1_attempt_2027-03-01-15-53-00_a.keras": "the last network",
    "Lesson 1_wei1_attempt_2027-03-01-15-53-00.txt": "a receipt",
    "Lesson 1_wei1_attempt_2027-03-01-14-53-00.txt": (
        "There is no student submission text data for this assignment.\n"
        "There are no student comments for this assignment.\n"
    ),
    "index.html": "Brightspace's list of what it exports",
    "Abgaben/Li_Wei_wei2_31/20270301_sums.ipynb": "wei2",  # ILIAS; Sakai writes Li, Wei(wei2)
    "Abgaben/Lee_Wei_wei3_31/sums.ipynb": "nobody",
    "Abgaben/Li_Wei_31/sums.ipynb": "one of two",
}


def test_other_platforms_name_people_and_times(course):
    settings = course / "course_settings.py"
    for zone in ("", "c = get_config()\nc.Exchange.timezone = 'Europe/Berlin'\n"):
        settings.write_text(zone)
        lines = collect(
            course, OF_OTHERS, listed=CANVAS.replace("García Márquez", "Garcia Marquez"), code=1
        )
        assert ("times are not used" in "".join(lines)) == (not zone)
        assert "folder that is called by the student's id" in "".join(lines)
        assert "index" not in "".join(lines)
    found = submitted(course)
    assert {student: its[NAME] for student, its in found.items()} == {
        name: name for name in ("ada", "jose", "wei1", "wei2")
    }
    assert found["ada"]["timestamp.txt"] == "2026-11-27 14:53:00.000000 UTC"
    assert found["wei1"] == {
        NAME: "wei1", "a.keras": "the last network",
        "timestamp.txt": "2027-03-01 14:53:00.000000 UTC",
    }  # fmt: skip
    aside = course / "collected" / "wei1" / LESSON / "aside"
    said = next(line for line in lines if "aside: " in line).partition("aside: ")[2]
    assert said.strip() == f"Lesson 1_wei1_attempt_2027-03-01-15-53-00.txt, {NAME}, a.keras"
    assert (aside / "a.keras").read_text() == "an earlier network"


@pytest.mark.parametrize("title", ["Lesson 1", "Lesson_1", "HW_1_2"])
@pytest.mark.parametrize("logins", [("ada_smith", "bob_smith"), ("20231234", "20231235")])
@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.sampled
def test_underlines_in_what_blackboard_writes_belong_to_the_title_or_the_login(
    course, title, logins, is_listed
):
    files = {f"{title}_{login}_attempt_2027-03-01-15-53-00_{NAME}": login for login in logins}
    collect(course, files, listed="\n".join(["id", *logins]) if is_listed else None)
    assert submitted(course) == {login: {NAME: login} for login in logins}


WEI_LI = OF_BRIGHTSPACE.format("{}", "Wei Li", f"Nov 27, 2026 353 PM/{NAME}")


@pytest.mark.parametrize(("listed", "paths", "whose"), [
    ("4711,Bo,Berg", (f"Berg_Bo_4711/{NAME}", f"Berg_Bo_4712/{NAME}"), "4711"),
    ("4711,Bo,Berg", (f"Berg_Bo_4712/{NAME}",), None),
    ("bob,Bo,Berg", (f"Berg_Bo_1/{NAME}", f"Berg_Bo_2/{NAME}"), None),
    ("bob,Bo,Berg", (f"Berg_Bo_bob_1/{NAME}", f"Berg_Bo_2/{NAME}"), "bob"),
    ("20231234,Wei,Li\n2023999,Wei,Li", (f"Li, Wei(20231234)/{NAME}",), "20231234"),
    ("ada,Ada King,Lovelace", (f"Ada Lovelace/{NAME}",), None),
    ("li,Wei Chen,Li", (f"Li Chen/{NAME}",), None),
    ("wei,Bo,Berg", (f"Berg_Wei_12/{NAME}",), None),
    ("ada1,Ada King,Lovelace", (f"Lovelace_Ada_ada1_12/{NAME}",), "ada1"),
    ("li,Wei,Li", (WEI_LI.format(1), WEI_LI.format(2)), None),
    (None, (WEI_LI.format(1), WEI_LI.format(2)), None),
    (None, (WEI_LI.format(1),), "Wei Li"),
])  # fmt: skip
@pytest.mark.sampled
def test_nobody_is_found_by_half_a_name_or_with_somebody_elses_number(course, listed, paths, whose):
    files = dict.fromkeys(paths, "x") | {"eve/sums.ipynb": "x"}
    listed = listed and f"id,first_name,last_name\n{listed}\neve,,\n"
    lines = collect(course, files, listed=listed, code=None)
    assert submitted(course).keys() == {"eve", *filter(None, [whose])}
    unclear = len(paths) - bool(whose)
    assert unclear == 0 or lines[-1].endswith(f" {unclear} not understood.")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("lovelaceada_4711_901_x_eve_attempt_2027-03-01-15-53-00_sums.ipynb", "lovelaceada"),
        (f"Ada_1_{OF_MOODLE}x_eve_attempt_2027-03-01-15-53-00_sums.ipynb", "Ada"),
        (f"Ada_1_{OF_MOODLE}/1-2 - Eve - Mar 1, 2027 353 PM - sums.ipynb", "Ada"),
        ("1-2 - Ada - Mar 1, 2027 353 PM/1-2 - Eve - Mar 1, 2027 353 PM - sums.ipynb", "Ada"),
        ("1-2 - Ada - Mar 1, 2027 353 PM - 1-2 - Eve - Mar 1, 2027 353 PM - sums.ipynb", "Ada"),
        ("L_ada_attempt_2027-03-01-15-53-00_x_eve_attempt_2027-03-01-15-53-00_x.ipynb", "ada"),
        ("L_1_ada_attempt_2027-03-01-15-53-00_sums.ipynb", "ada"),
    ],
)
def test_what_a_platform_wrote_comes_before_what_a_student_wrote(path, name):
    assert read_path(tuple(path.split("/"))).sender.name == name


def test_namesakes_are_never_guessed(course):
    files = {f"Wei Li_{number}_{OF_MOODLE}/{NAME}": "x" for number in (1, 2)}
    lines = collect(course, files, code=1)
    assert lines[-1] == "2 not understood."
    assert collect(course, files, listed=CANVAS, code=1)[-1] == "2 not understood."
    assert "wei1, wei2" in "".join(collect(course, files, listed=CANVAS, code=1))
    stranger = {"liwei_4799_1_sums.ipynb": "x", "lovelaceada_4799_2_sums.ipynb": "x"}
    assert collect(course, stranger, listed=CANVAS, code=1)[-1] == "2 not understood."
    assert not submitted(course)


def test_an_accent_written_in_two_ways_is_one_student(course):
    nfc, nfd = "Jos\u00e9", "Jose\u0301"
    collect(course, {f"{nfd}/{NAME}": "one"})
    (course / "submitted" / nfc).rename(course / "submitted" / nfd)
    assert collect(course, {f"{nfc}/{NAME}": "two"})[-1] == "1 replaced."
    assert submitted(course) == {nfd: {NAME: "two"}}


def test_the_newest_attempt_counts_and_earlier_ones_are_kept(course):
    name = f"Ada_7_{OF_MOODLE}/{NAME}"
    outcomes = []
    for text in ("one", "one", "two", "one", "three"):
        outcomes.append(collect(course, {name: text})[-1])
    assert outcomes == [
        "1 collected.", "1 unchanged.", "1 replaced.", "1 earlier attempt.", "1 replaced.",
    ]  # fmt: skip
    assert submitted(course) == {"Ada": {NAME: "three"}}
    kept = course / "collected" / "Ada" / LESSON
    assert [(kept / n / NAME).read_text() for n in ("1", "2")] == ["one", "two"]


@pytest.mark.parametrize("path", [
    f"ada/{LESSON}/{NAME}", f"{LESSON}/ada/{NAME}", f"ada/{NAME}", f"all/ada/work/{NAME}",
    f"submitted/ada/{LESSON}/{NAME}", "ada_sums.ipynb", f"Ada Lovelace/{NAME}", "4711/other.ipynb",
    f"ada\\{LESSON}\\{NAME}",
    f"ada/{LESSON}/lovelaceada_4711_9_{NAME}", "all_2027_03/lovelaceada_4711_9_sums.ipynb",
    f"export/AdaLovelace_3_{OF_MOODLE}/sub/{NAME}",
])  # fmt: skip
@pytest.mark.sampled
def test_other_trees_by_login_number_or_name(course, path):
    with_another = {path: "x", path.replace("ada", "jose").replace("Ada", "Jose"): "y"}
    if "4711" in path or "Ada" in path:
        with_another = {path: "x"}
    collect(course, with_another, listed=CANVAS)
    assert submitted(course)["ada"] == {NAME: "x"}


@pytest.mark.parametrize("above", ["", f"{LESSON}/", "export/"])
def test_nobody_writes_into_the_folder_of_another_student(course, above):
    files = {
        f"{above}ada/{NAME}": "own",
        f"{above}mallory/ada/{NAME}": "forged",
        f"{above}mallory/jose/{NAME}": "forged",
        f"{above}jose/work/{NAME}": "own",
    }
    lines = collect(course, files, listed=CANVAS, code=1)
    assert submitted(course) == {"ada": {NAME: "own"}, "jose": {NAME: "own"}}
    assert any("mallory" in line for line in lines)


def test_a_students_own_archive_is_opened_and_a_part_of_a_download_too(course, tmp_path):
    own = zipped(tmp_path / "own.zip", {f"work/{NAME}": "x", "work/data/a.csv": "1"})
    part = zipped(tmp_path / "part.zip", {
        "lovelaceada_4711_1_homework.zip": own.read_bytes(), "liwei_4713_2_sums.ipynb": "y",
    })  # fmt: skip
    collect(course, {"part 1.zip": part.read_bytes(), "jose.zip": own.read_bytes()}, listed=CANVAS)
    expected = {NAME: "x", "data/a.csv": "1"}
    assert submitted(course) == {"ada": expected, "jose": expected, "wei1": {NAME: "y"}}


def test_what_is_no_notebook_is_told_by_name(course):
    lines = collect(course, {
        "lovelaceada_4711_1_sums.html": "<html>",
        "liwei_4713_1_a.ipynb": "1", "liwei_4713_2_b.ipynb": "2",
    }, listed=CANVAS, code=1)  # fmt: skip
    assert any("no notebook, but sums.html: ask for sums.ipynb" in line for line in lines)
    assert any("several notebooks, none of them called sums.ipynb" in line for line in lines)
    assert not submitted(course)


def test_hostile_archives_stay_within_bounds(course, tmp_path, monkeypatch):
    """Names that lead elsewhere, links, files that grow, damaged inner archives, passwords."""
    monkeypatch.setattr("autograder.collecting.student_files.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("autograder.collecting.student_files.MAX_TOGETHER", 1_500_000)
    link = zipfile.ZipInfo(f"Ada_1_{OF_MOODLE}/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    inner = zipped(tmp_path / "in.zip", {"../../out": "x", "good.py": "x"}).read_bytes()
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as file:
        for number in range(30):
            file.writestr(f"{number}" * 40, "")
    monkeypatch.setattr(archive, "MAX_DIRECTORY", 2_000)
    monkeypatch.setattr(archive, "MAX_LISTED", 25)
    short = zipped(tmp_path / "short.zip", {f"{number}": "" for number in range(30)})
    # A record at the end that only seems to be read: the one before it counts.
    directory = many.getvalue()[(start := many.getvalue().index(b"PK\1\2")) : -22]
    end = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 30, 30, len(directory), start)
    end += struct.pack("<4sLQL", b"PK\6\7", 0, start + len(directory), 1)
    more = (
        many.getvalue()[:-22] + end + struct.pack("<4s4HLLH", b"PK\5\6", 0, 0, 1, 1, 47, start, 0)
    )
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("good.ipynb", "x")
    lines = collect(course, [
        ("../../../evil.ipynb", "x"),
        (f"Ada_1_{OF_MOODLE}/{NAME}", "fine"),
        (link, "/etc/passwd"),
        (f"Ada_1_{OF_MOODLE}/bomb.bin", b"0" * 5_000_000),
        (f"Ada_1_{OF_MOODLE}/timestamp.txt", "2000-01-01 00:00:00 UTC"),
        (f"Ada_1_{OF_MOODLE}/inner.zip", inner),
        (f"Ada_1_{OF_MOODLE}/many.zip", many.getvalue()),
        (f"Ada_1_{OF_MOODLE}/more.zip", more),
        (f"Ada_1_{OF_MOODLE}/bz.zip", squeezed.getvalue()),
        (f"Bob_2_{OF_MOODLE}/broken.zip", b"PK no"),
        (f"Bob_2_{OF_MOODLE}/short.zip", short.read_bytes()),
        (f"Bob_2_{OF_MOODLE}/{NAME}", "fine too"),
        (f"-rf_3_{OF_MOODLE}/{NAME}", "odd"),
    ], code=1)  # fmt: skip
    found = submitted(course)
    assert found["Ada"] == {NAME: "fine", "good.py": "x"}
    assert found["Bob"] == {NAME: "fine too"}
    assert not [path for path in tmp_path.rglob("*") if path.name in ("evil.ipynb", "out")]
    text = "\n".join(lines)
    for words in ("leads out", "only a link", "more than 1 MB", "damaged", "the usual way"):
        assert words in text, text
    assert text.count("too many files") == 3


def test_a_file_where_another_needs_a_folder_keeps_nothing_out(course):
    names = (NAME, "a", "A/b", "A/B", "a/b/c", f"{NAME}/x", "timestamp.txt/x")
    collect(course, {f"Ada_1_{OF_MOODLE}/{name}": name for name in names})
    kept = submitted(course)["Ada"]
    assert kept.pop(NAME) == NAME
    assert kept.pop(f"{NAME} (1)/x") == f"{NAME}/x"
    assert kept.pop("timestamp.txt (1)/x") == "timestamp.txt/x"
    assert sorted(kept.values()) == ["A/B", "A/b", "a", "a/b/c"]


def test_deep_folders_take_no_memory():
    entries = [
        archive.Entry((f"{number}", *("a" * 400)), lambda _largest, into: into.write(b"x"))
        for number in range(100)
    ]
    entries.append(archive.Entry((NAME,), entries[0].copy))
    tracemalloc.start()
    found = [(HandedIn(Sender("", "ada"), entry.parts), entry) for entry in entries]
    assert len(student_files.gather(found, NAME).files) == 101
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000, "all folders in all folders, as texts of their own, take 20 MB"


def test_a_project_with_its_environment_is_no_bomb():
    """The names of TensorFlow's and Jupyter's 53,000 files take 9 MB."""
    names = [b"%01000d" % number for number in range(9_000)]
    directory = b"".join(
        b"PK\1\2" + bytes(24) + struct.pack("<H", len(name)) + bytes(16) + name for name in names
    )
    end = struct.pack("<4s4HLLH", b"PK\5\6", 0, 0, 9_000, 9_000, len(directory), 0, 0)
    entry = archive.Entry(("a.zip",), lambda _largest, into: into.write(directory + end))
    assert len([*archive.inner(entry, 10**8)]) == 9_000


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_full_disk_is_no_fault_of_an_archive(course, tmp_path, monkeypatch, is_folder):
    class Full(io.BytesIO):
        def write(self, _content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archive.tempfile, "TemporaryFile", Full)
    (tmp_path / "all" / "ada").mkdir(parents=True)
    own = zipped(tmp_path / "all" / "ada" / "own.zip", {NAME: "hers"})
    path = tmp_path / "all" if is_folder else {"ada/own.zip": own.read_bytes()}
    text = "".join(collect(course, path, code=1))
    assert "TMPDIR" in text
    assert "damaged" not in text


def test_a_notebook_that_is_too_large_says_what_to_do(course, monkeypatch):
    monkeypatch.setattr("autograder.collecting.student_files.MAX_BYTES", 1_000_000)
    lines = collect(course, {f"ada_1_2_{NAME}": b"0" * 2_000_000}, code=1)
    said = f"{NAME} is left out: it takes more than 1 MB; a notebook with large outputs can be"
    assert said in "\n".join(lines)


def test_a_name_is_not_compared_with_all_others():
    people = [class_lists.Person(f"s{number}", f"A{number}", f"B{number}") for number in range(300)]
    found, started = roster.Roster(people), time.process_time()
    assert not any(found.find(Sender("", f"x{number}"))[0] for number in range(300))
    assert time.process_time() - started < 1, "3 seconds"


@pytest.mark.weekly
def test_deep_folders_and_long_names_take_no_time(course):
    """A class of 300, and folders of one student's, each with names of its own."""
    listed = "id,first_name,last_name\n" + "".join(f"s{i},A{i},B{i}\n" for i in range(300))
    deep = {f"s7/{'/'.join(f'x{i}y{j}' for j in range(100))}/a.py": "1" for i in range(400)}
    started = time.process_time()
    lines = collect(course, deep | {
        f"s7/{NAME}": "x", f"s7/{'a/' * 2_000}b.py": "1", f"s7/{'a-' * 200}.py": "1",
        f"{'-' * 30_000}_1_2_{NAME}": "1",
    }, listed=listed, code=1)  # fmt: skip
    assert time.process_time() - started < 15, "minutes, if each name is compared with all others"
    assert submitted(course)["s7"][NAME] == "x"
    assert sum("its name is too long" in line for line in lines) == 3


def test_a_stray_notebook_is_nobodys(course):
    """It is not of a student who is called like the beginning of its name."""
    other = "gradient_descent.ipynb"
    tiny_course.write(tiny_course.source_notebook(), course / "source" / "02-more" / other)
    stray = (NAME, "sums (1).ipynb", other, "gradient_descent_ada.ipynb", "Copy of sums.ipynb")
    lines = collect(course, dict.fromkeys(stray, "?") | {f"ada/{NAME}": "x"}, code=1)
    assert sum("nothing says whose it is" in line for line in lines) == len(stray)
    assert submitted(course) == {"ada": {NAME: "x"}}


def test_submissions_may_be_on_another_drive(course, monkeypatch):
    """From collected/ to submitted/ and back, as a link or a mount leads there."""
    elsewhere = course.parent / "elsewhere"
    elsewhere.mkdir()
    (course / "submitted").symlink_to(elsewhere)
    rename = os.rename

    def renamed(old, new):
        if {"collected", "submitted"} <= {*Path(old).parts, *Path(new).parts}:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(old), None, str(new))
        rename(old, new)

    monkeypatch.setattr(os, "rename", renamed)
    for text in ("first", "second"):
        collect(course, {"ada/sums.ipynb": text, "ada/data/a.txt": text, "bob/sums.ipynb": "x"})
    found = course_folder.find(course)
    assert submitted(course)["ada"] == {NAME: "second", "data/a.txt": "second"}
    assert (found.collected("ada", LESSON) / "1" / NAME).read_text() == "first"
    put_back(found, LESSON, "ada", found.collected("ada", LESSON) / "1")
    assert submitted(course)["ada"] == {NAME: "first", "data/a.txt": "first"}
    assert [path.name for path in attempts(found, LESSON, "ada")] == ["2"]
    assert not [*course.rglob(".new*"), *elsewhere.rglob(".new*")]


@pytest.mark.parametrize("may_move", [True, False])
def test_what_cannot_be_deleted_on_another_drive_is_no_submission(course, monkeypatch, may_move):
    """It is moved away, or else everything stays as it was: no attempt comes twice."""
    rename, rmtree = os.rename, shutil.rmtree
    place, found = course / "submitted" / "ada" / LESSON, course_folder.find(course)

    def renamed(old, new):
        if {"collected", "submitted"} <= {*Path(old).parts, *Path(new).parts}:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(old), None, str(new))
        if old == place and not may_move:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(old))
        rename(old, new)

    def removed(path, ignore_errors=False):
        if "submitted" not in Path(path).parts:
            rmtree(path, ignore_errors)
        elif not ignore_errors:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    collect(course, {f"ada/{NAME}": "first"})
    monkeypatch.setattr(os, "rename", renamed)
    monkeypatch.setattr(shutil, "rmtree", removed)
    with contextlib.nullcontext() if may_move else pytest.raises(PermissionError):
        keep_attempt(found, LESSON, "ada")
    assert place.exists() != may_move
    assert [path.name for path in attempts(found, LESSON, "ada")] == ["1"] * may_move


@pytest.mark.parametrize(("name", "encoding"), [
    ("张三/作业.png", "cp936"), ("Jörg/Größe.png", "cp850"), ("Álvaro/año.png", "cp850"),
    ("张三/作业.png", "utf-8"), ("Jörg/Größe.png", "utf-8"), ("ada/a.png", "ascii"),
])  # fmt: skip
@pytest.mark.sampled
def test_names_in_the_encoding_of_a_system(course, name, encoding):
    """Windows writes names into archives in it, and some say that for UTF-8, too."""
    student, _slash, picture = name.partition("/")
    placeholders = {f"{student}/{NAME}": b"", name: b""}
    for place, written in enumerate(placeholders):
        placeholders[written] = b"%d" % place * len(written.encode(encoding))
    names = [placeholder.decode() for placeholder in placeholders.values()]
    path = zipped(course / "windows.zip", dict.fromkeys([*names, "bob/a.png", f"bob/{NAME}"], "x"))
    content = path.read_bytes()
    for written, placeholder in placeholders.items():
        content = content.replace(placeholder, written.encode(encoding))
    path.write_bytes(content)
    collect(course, path)
    assert submitted(course)[student].keys() == {NAME, picture}


def test_where_nothing_is_it_says_where_it_looked_and_for_what(course, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    (said,) = collect(course, empty)
    assert said.startswith(f"Nothing was found in {empty}; expected an archive of a platform, or ")
    assert f"STUDENT/{LESSON}/{NAME}" in said


CHECKPOINT = f".ipynb_checkpoints/{NAME}"


@pytest.mark.parametrize("others", [{}, {f"ada/{LESSON}/{NAME}": "x"}])
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_student_whose_folder_holds_nothing_to_take_is_named(course, tmp_path, others, is_folder):
    """And nobody is who is only a folder in somebody's folder, or what a system adds."""
    files = zipped(
        tmp_path / "all.zip",
        others
        | {
            f"bea/{LESSON}/{CHECKPOINT}": "{}",
            "cem/.DS_Store": "x",
            "dan/": "",
            "ada/data/.DS_Store": "",
            "ada/empty/": "",
            ".DS_Store": "x",
            "__MACOSX/eve/._sums.ipynb": "x",
            ".git/": "",
        }
        if others
        else {f"bea/{LESSON}/{CHECKPOINT}": "{}", "cem/.DS_Store": "x", "dan/": ""},
    )
    if is_folder:
        zipfile.ZipFile(files).extractall(tmp_path / "all")
        files = tmp_path / "all"
    lines = [line.split(maxsplit=1) for line in collect(course, files, code=1)]
    start = lines.index(["Not", "understood:"])
    assert sorted(lines[start + 1 : start + 4]) == [
        ["bea", f"nothing but {CHECKPOINT}: ask for the notebook"],
        ["cem", "nothing but .DS_Store: ask for the notebook"],
        ["dan", "the folder is empty"],
    ]
    assert " ".join(lines[-1]) == ("1 collected, " if others else "") + "3 not understood."


def test_a_time_that_somebody_wrote_beside_a_notebook_is_told_to_be_left_out(course):
    files = {f"ada/{LESSON}/{NAME}": "x", f"ada/{LESSON}/timestamp.txt": "2027-03-01 18:00:00 UTC"}
    said = f"timestamp.txt is left out: write it into submitted/ada/{LESSON} afterwards"
    assert said in "\n".join(collect(course, files))
    assert submitted(course) == {"ada": {NAME: "x"}}


def test_an_archive_that_is_none_is_said(course):
    path = course / "x.zip"
    path.write_text("no")
    assert "Expected the archive that your platform gave you" in "".join(
        collect(course, path, code=1)
    )
    assert "is not a list of students" in "".join(collect(course, {}, listed="a,b\n", code=1))


def test_a_tree_that_says_when_keeps_its_times_and_other_lessons_are_left(course):
    tiny_course.write(tiny_course.source_notebook(), course / "source" / "02-more" / NAME)
    collect(course, {f"ada/{LESSON}/{NAME}": "x", f"ada/02-more/{NAME}": "y"})
    assert submitted(course) == {"ada": {NAME: "x"}}


@pytest.mark.parametrize("name", [
    *("sums", "sums (1)", "sums(12)", "Copy of Copy of sums", "sums-Copy1", "sums - Kopie (2)"),
    *("SUMS-3", "sums_1", "sums copy 2", "sums - 副本", "sums副本", "“sums.ipynb”的副本"),
])  # fmt: skip
@pytest.mark.parametrize("ending", [".ipynb", ".IPYNB", ".ipynb.txt", ".ipynb.ipynb"])
def test_what_a_notebook_was_called(name, ending):
    assert notebook_names.may_have_been(name + ending, NAME)


def test_other_notebooks_were_not_called_so():
    for name in ("sum.ipynb", "sums.txt", "sums2.ipynb", ".ipynb", f"{'.ipynb' * 99_999}x"):
        assert not notebook_names.may_have_been(name, NAME)
    assert notebook_names.may_have_been("lab-1.ipynb", "lab-1.ipynb")


@pytest.mark.slow
def test_a_whole_project_leaves_room_for_what_is_graded(course, tmp_path):
    """An environment, masses of data, and archives of both attempts."""
    venv = {"sums/env/pyvenv.cfg": "home = /usr", "sums/env/lib/a.ipynb": "?"}
    venv |= {f"sums/old/lib/site-packages/{number}.py": "1" for number in range(600)}
    data = {f"sums/a/{number}.txt": "1" for number in range(1_200)}
    project = venv | data | {"sums/z/sums.ipynb": "mine", "sums/z/challenge.keras": "network"}
    large = {f"{number}.bin": bytes(30_000_000) for number in range(3)} | {"z/sums.ipynb": "hers"}
    files = {
        "lovelaceada_4711_1_project.zip": zipped(tmp_path / "a.zip", data).read_bytes(),
        "lovelaceada_4711_2_project-1.zip": zipped(tmp_path / "b.zip", project).read_bytes(),
        "liwei_4713_3_large.zip": zipped(tmp_path / "c.zip", large).read_bytes(),
    }
    lines = collect(course, files, listed=CANVAS)
    found = submitted(course)
    assert found["ada"][NAME] == "mine"
    assert found["ada"]["challenge.keras"] == "network"
    assert len(found["ada"]) == 1_000
    assert not [name for name in found["ada"] if name.endswith((".py", ".cfg", "a.ipynb"))]
    assert found["wei1"][NAME] == "hers"
    assert any("more than 1,000 files" in line for line in lines)


def test_archives_without_number_are_not_all_opened(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 20)
    inner = zipped(tmp_path / "a.zip", {f"{number}.txt": "1" for number in range(15)}).read_bytes()
    files = {f"ada/{number}.zip": inner for number in range(9)} | {f"ada/{NAME}": "x"}
    (line,) = [line for line in collect(course, files) if "left out" in line]
    assert line.count("it holds too many files") == 5
    assert "2 more files are left out" in line


def test_what_is_too_large_or_damaged_costs_no_more_than_what_is_taken(
    course, tmp_path, monkeypatch
):
    """However many files an archive has, and however many archives a student."""
    for name, size in (("MAX_BYTES", 2_000), ("MAX_TOGETHER", 5_000), ("MAX_ARCHIVES", 2**21)):
        monkeypatch.setattr(student_files, name, size)
    inside = {f"{number}.large": "x" * 3_000 for number in range(200)}
    inside |= {f"{number}.damaged": f"{number:03}" + "sound" * 300 for number in range(200)}
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:  # uncompressed
        for name, content in inside.items():
            file.writestr(name, content)
    inner = path.read_bytes().replace(b"sound", b"hurt!")
    noise = {f"ada/{number}.zip": b"noise" * 300_000 for number in range(50)}
    read, opened = [], zipfile.ZipFile.open

    def counted(file, info, *more, **options):
        read.append(info.file_size)
        return opened(file, info, *more, **options)

    files = {f"ada/{NAME}": "hers", "ada/b.zip": inner, f"bob/{NAME}": "his"}
    path = zipped(tmp_path / "all.zip", files | noise)
    monkeypatch.setattr(zipfile.ZipFile, "open", counted)
    collect(course, path)
    assert submitted(course)["ada"] == {NAME: "hers"}
    assert sum(read) < 3 * 2**21 + 5_000


def test_an_environment_around_the_notebook_is_no_reason_to_leave_it_out(course):
    names = (NAME, "pyvenv.cfg", "bin/python", "a.py")
    collect(course, {f"{who}/{name}": "x" for who in ("ada", "bob") for name in names})
    assert {NAME, "a.py"} <= submitted(course)["ada"].keys()


def test_of_a_project_that_is_an_environment_only_what_was_made_with_it_is_left_out(course):
    names = (f"src/{NAME}", "src/a.py", "pyvenv.cfg", "lib/python3.12/b.ipynb", "bin/python")
    collect(course, {f"{who}/{name}": "x" for who in ("ada", "bob") for name in names})
    assert submitted(course)["ada"].keys() == {NAME, "a.py"}


def test_a_file_whose_name_is_no_name_ends_nothing(course, tmp_path):
    (tmp_path / "all" / "ada").mkdir(parents=True)
    (tmp_path / "all" / "ada" / NAME).write_text("hers")
    (tmp_path / "all" / "\\").write_text("x")
    collect(course, tmp_path / "all")
    assert submitted(course)["ada"] == {NAME: "hers"}


def test_a_python_file_is_taken_before_masses_of_others(course, monkeypatch):
    monkeypatch.setattr("autograder.collecting.student_files.MAX_FILES", 5)
    files = {f"ada/{number}.png": "x" for number in range(20)}
    collect(course, files | {"ada/helper.py": "x", f"ada/{NAME}": "x"})
    assert {NAME, "helper.py"} <= submitted(course)["ada"].keys()


def test_only_the_first_files_that_are_left_out_are_named(course, monkeypatch):
    monkeypatch.setattr("autograder.collecting.student_files.MAX_BYTES", 5)
    files = {f"ada/{number}.txt": "too much" for number in range(20)}
    (line,) = [line for line in collect(course, files | {f"ada/{NAME}": "x"}) if "left out" in line]
    assert line.count("is left out") == 5
    assert "15 more files are left out" in line


def test_a_copy_made_beside_the_notebook_does_not_count_for_it(course, tmp_path):
    """But a later download does."""
    old, new = (2027, 3, 1, 12, 0, 0), (2027, 3, 1, 13, 0, 0)
    for student, other in {"ada": "sums-Copy1.ipynb", "bob": "sums (1).ipynb"}.items():
        content = [(zipfile.ZipInfo(NAME, old), "its own"), (zipfile.ZipInfo(other, new), "other")]
        inner = zipped(tmp_path / f"{student}.zip", content).read_bytes()
        collect(course, {f"{student}/work.zip": inner})
    found = submitted(course)
    assert {student: files[NAME] for student, files in found.items()} == {
        "ada": "its own", "bob": "other",
    }  # fmt: skip
    for student in found:
        beside = files_beside.find(course / "submitted" / student / LESSON / NAME)
        assert [*beside.versions.values()] == [False]


def test_paths_of_both_platforms():
    canvas = read_path(("lovelaceada_LATE_4711_98_my_file_2.ipynb",))
    assert (canvas.sender.name, canvas.sender.number) == ("lovelaceada", "4711")
    assert (canvas.parts, canvas.is_late) == (("my_file_2.ipynb",), True)
    moodle = read_path((f"Ada Lovelace_31_{OF_MOODLE}", "a", "b.ipynb"))
    assert (moodle.sender.name, moodle.parts) == ("Ada Lovelace", ("a", "b.ipynb"))
    assert read_path((f"Ada_31_{OF_MOODLE.replace('file', 'onlinetext')}", "x.html")).is_text
    assert read_path(("ada", "x_1_2_y.ipynb")) is None


@pytest.mark.parametrize(("text", "person"), [
    ("id,last_name,first_name,email,lms_user_id\nada,Lovelace,Ada,a@x.org,7\n", ("ada", "7")),
    ("Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAda;Lovelace;7;a@x.org\n", ("7", "7")),
    ("First name\tSurname\tUsername\tEmail address\nAda\tLovelace\tada\ta@x.org\n", ("ada", "")),
])  # fmt: skip
def test_lists_of_many_kinds(tmp_path, text, person):
    (tmp_path / "list.csv").write_bytes(text.encode("utf-16" if ";" in text else "utf-8"))
    (found,) = class_lists.read_roster(tmp_path / "list.csv")
    assert (found.id, found.number) == person
    assert (found.first, found.last, found.email) == ("Ada", "Lovelace", "a@x.org")


@pytest.mark.parametrize("text", [
    "姓,名,学号,机构,系别,Email地址\n张,三,2027001,,,z@x.org\n",
    "名,姓,学号,电子邮件地址\n三,张,2027001,z@x.org\n",
    "标识符,全名,学号,电子邮件地址,状态,成绩\n参与人31,张三,2027001,z@x.org,已提交请评分,\n",
    "学号,姓名,小组\n2027001,张三,A\n",
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.sampled
def test_lists_in_chinese(course, text, encoding):
    (course / "list.csv").write_bytes(text.encode(encoding))
    files = zipped(course / "all.zip", {f"张三_31_{OF_MOODLE}/{NAME}": "x"})
    arguments = [str(files), LESSON, "--course", str(course), "--roster", str(course / "list.csv")]
    answer = CliRunner().invoke(main, ["collect", *arguments])
    assert answer.exit_code == 0, answer.output
    assert submitted(course) == {"2027001": {NAME: "x"}}
    (found,) = class_lists.read_roster(course / "list.csv")
    assert found.named_by == (frozenset() if "姓名" in text else {"moodle"})
    assert "张" in gradebook.people(course_folder.find(course))["2027001"].name


def test_a_worksheet_in_chinese_says_when_and_what_is_late(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Exchange.timezone = 'Asia/Shanghai'\n")
    head = "标识符,全名,学号,状态,上次修改\uff08作业\uff09"
    for when, written in (
        ("2027年03月1日 星期一 17:55", "2027-03-01 09:55:00.000000 UTC"),
        ("2027年03月1日 星期二 17:55", None),  # it was a Monday
    ):
        listed = f"{head}\n参与人31,张三,7,已提交请评分 - 作业迟交2天,{when}\n"
        collect(course, {f"张三_31_{OF_MOODLE}/{NAME}": when}, listed=listed)
        assert submitted(course)["7"].get("timestamp.txt") == written
    (found,) = class_lists.read_roster(course / "list.csv")
    assert found.is_late


@pytest.mark.parametrize("number", ["2.02E+11", "2,02E+11", "2E+11"])
def test_a_number_that_a_spreadsheet_has_shortened_is_nobodys(tmp_path, number):
    path = tmp_path / "list.csv"
    for head, separator in (("id,Full name", ","), ("学号;姓名", ";"), ("Username;Full name", ";")):
        path.write_text(f'{head}\n202111345678{separator}Bob\n"{number}"{separator}Ada\n')
        with pytest.raises(course_folder.CourseError, match="has shortened a number to 2"):
            class_lists.read_roster(path)


def test_a_list_with_a_cell_that_does_not_end_is_said(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('id,section\n"ada,A\n' + "bob,B\n" * 40_000)
    with pytest.raises(course_folder.CourseError, match="cannot be read"):
        class_lists.read_roster(path)


@pytest.mark.parametrize("text", [
    CANVAS.replace(",A,", ",Monday and Lab 2,", 1),
    "Vollständiger Name;Anmeldename;Gruppen\nAda Lovelace;ada;Monday and Lab 2\n",
    "First name,Last name,Username,Groups\nAda,Lovelace,ada,Monday and Lab 2\n",
])  # fmt: skip
def test_lists_of_platforms_name_sections(course, text):
    """They are kept; a later list says what has changed since, of those who are in it."""
    its_course = course_folder.find(course)
    collect(course, {"ada/sums.ipynb": "a"}, listed=text)
    assert sections.section_of_each(its_course)["ada"] == "Monday and Lab 2"
    collect(course, {"ada/sums.ipynb": "a"}, listed="id,section\nbob,Friday\n")
    assert sections.section_of_each(its_course)["ada"] == "Monday and Lab 2"
    collect(course, {"ada/sums.ipynb": "a"}, listed="id,section\nada,Tuesday\n")
    assert sections.section_of_each(its_course)["ada"] == "Tuesday"
    assert sections.members(its_course, "Friday") == {"bob"}


def test_a_list_of_ones_own_has_the_last_word_on_sections(course):
    """It may name students as the gradebook does, by another column than the id."""
    its_course = course_folder.find(course)
    assert sections.section_of_each(its_course) == {}
    collect(course, {"ada/sums.ipynb": "a"}, listed=CANVAS)
    own = "lms_user_id,section\n4711,Tuesday\n4712,\n"
    (course / "students.csv").write_text(own)
    found = sections.section_of_each(its_course)
    assert (found["ada"], found["jose"]) == ("Tuesday", "A")
    collect(course, {"ada/sums.ipynb": "a"})  # by students.csv, which stays as it is
    assert (course / "students.csv").read_text() == own
    (course / "students.csv").unlink()
    assert sections.section_of_each(its_course)["ada"] == "A"


def test_an_accent_of_its_own_in_the_gradebook_is_nobody_else_in_a_list(course):
    """As some systems write the names of folders."""
    its_course, nfc, nfd = course_folder.find(course), "jos\u00e9", "jose\u0301"
    gradebook.add_student(its_course, nfd)
    collect(course, {f"{nfd}/{NAME}": "one"}, listed=f"id,email,section\n{nfc},j@x.org,A\n")
    assert gradebook.people(its_course)[nfd].email == "j@x.org"
    assert sections.section_of_each(its_course) == {nfd: "A"}
    collect(course, {f"{nfd}/{NAME}": "one"}, listed=f"id,section\n{nfc},B\n")
    assert sections.members(its_course, "B") == {nfd}
    (course / "students.csv").write_text(f"id,section\n{nfc},C\n", "utf-8")
    assert sections.section_of_each(its_course) == {nfd: "C"}
    assert list(gradebook.people(its_course)) == [nfd]
    kept = forgetting.find(its_course, nfd)
    assert any("students.csv has a line with the id" in said for said in kept.left)
    forgetting.forget(its_course, nfd, kept)
    assert nfc not in (course / sections.KEPT).read_text("utf-8")


def test_an_archive_in_a_students_folder_hands_in_nothing_for_others(course, tmp_path):
    own = zipped(tmp_path / "own.zip", {"lovelaceada_4711_99999999_sums.ipynb": "forged"})
    collect(course, {
        f"jose/{LESSON}/{NAME}": "y", f"jose/{LESSON}/x.zip": own.read_bytes(),
        f"wei1/{LESSON}/{NAME}": "z",
    }, listed=CANVAS)  # fmt: skip
    assert submitted(course).keys() == {"jose", "wei1"}


@pytest.mark.parametrize("path", [
    f"liwei_4713_901_-Ada Lovelace_31_{OF_MOODLE}{NAME}",
    f"wei1/{LESSON}/lovelaceada_4711_9_{NAME}",
    f"wei1/{LESSON}/Ada Lovelace_31_{OF_MOODLE}{NAME}", "wei1.zip",
])  # fmt: skip
def test_no_name_of_a_file_hands_in_for_somebody_else(course, tmp_path, path):
    own = zipped(tmp_path / "own.zip", {"lovelaceada_4711_99999999_sums.ipynb": "forged"})
    content = own.read_bytes() if path.endswith(".zip") else "forged"
    collect(course, {path: content}, listed=CANVAS)
    assert submitted(course) == {"wei1": {NAME: "forged"}}


@pytest.mark.parametrize(("listed", "is_said"), [
    (CANVAS, False), (CANVAS.replace("A,\r", "A\r").replace(",,,,,5", ",,,,,10.00"), True),
    ("Full name,Username,Maximum Grade\nAda Lovelace,ada,5.00\n", False),
    ("Full name,Username,Maximum Grade\nAda Lovelace,ada,100.00\n", True),
    ("Full name,Username,Maximum Grade\nAda Lovelace,ada,\n", False),
])  # fmt: skip
@pytest.mark.sampled
def test_another_maximum_on_the_platform_is_told(course, listed, is_said):
    lines = collect(course, {f"ada/{NAME}": "a"}, listed=listed)
    assert ("here it is worth 5. Change" in "".join(lines)) == is_said


def test_a_list_of_another_class_enters_nobody(course):
    listed = "id,last_name\nzoe,Other\n"
    lines = collect(course, {"lovelaceada_4711_1_sums.ipynb": "a"}, listed=listed, code=1)
    assert "so nobody was added from it" in "".join(lines)
    assert gradebook.students(course_folder.find(course)) == []


@pytest.fixture
def inbound(course, tmp_path):
    """Where the exchange keeps what was handed in."""
    folder = tmp_path / "exchange"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(folder)!r}\nc.ExchangeCollect.check_owner = False\n")
    return folder / "deep-learning-live" / "inbound"


def hand_in(inbound, text, when, student="ada"):
    folder = inbound / f"{student}+{LESSON}+{when} UTC+x"
    tiny_course.write(text, folder / NAME)
    (folder / "timestamp.txt").write_text(f"{when} UTC")
    return folder


def test_the_exchange_brings_what_is_new_and_keeps_what_was_there(course, inbound):
    command = ["collect", "--exchange", LESSON, "--course", str(course)]
    assert "release_assignment" in CliRunner().invoke(main, command).output
    outcomes = []
    for day, text in (("01", "one"), (None, ""), ("02", "two")):
        if day:
            hand_in(inbound, text, f"2026-03-{day} 10:00:00.000000")
        answer = CliRunner().invoke(main, command)
        assert answer.exit_code == 0, answer.output
        outcomes.append(answer.output.splitlines()[-1])
    assert outcomes == ["1 collected.", "1 unchanged.", "1 replaced."]
    assert submitted(course)["ada"][NAME] == "two"
    assert (course / "collected" / "ada" / LESSON / "1" / NAME).read_text() == "one"
    assert datetime.fromisoformat(submitted(course)["ada"]["timestamp.txt"][:10]).day == 2


def test_no_folder_of_the_exchange_stops_the_others_or_leads_out_of_it(course, inbound):
    (course / "gradebook.txt").write_text("secret")
    first = hand_in(inbound, "one", "2026-03-01 10:00:00.000000")
    (first / "notes.txt").symlink_to(course / "gradebook.txt")
    broken = hand_in(inbound, "x", "2026-03-01 10:00:00.000000", student="broken")
    (broken / "timestamp.txt").write_bytes(b"\xff\xfe")
    hand_in(inbound, "x", "2026-03-01 10:00:00.000000", student="..")
    hand_in(inbound, "two", "2026-03-01 10:00:00.000000", student="zoe")
    (inbound / f"eve+{LESSON}+never").mkdir()
    command = ["collect", "--exchange", LESSON, "--course", str(course)]
    CliRunner().invoke(main, command)
    folders = [course / "submitted" / student / LESSON for student in ("ada", "zoe")]
    assert [(folder / NAME).read_text() for folder in folders] == ["one", "two"]
    copied = folders[0] / "notes.txt"
    assert copied.is_symlink() or not copied.exists()
    assert not (course / LESSON).exists()


def test_nothing_that_is_no_folder_of_the_students_own_is_opened(course, inbound, monkeypatch):
    """Opening a pipe would wait for ever; a link may lead to what nobody else may open."""
    private = course.parent / "private"
    private.mkdir()
    ada = hand_in(inbound, "one", "2026-03-01 10:00:00.000000")
    (ada / "home").symlink_to(private)
    pipe, file = (inbound / f"{name}+{LESSON}+2026-03-01 10:00:00 UTC+x" for name in ("eve", "bob"))
    os.mkfifo(pipe)
    file.write_text("no folder")
    plain = os.open

    def opened(path, flags, *more, **options):
        place = plain(path, flags | os.O_NONBLOCK, *more, **options)
        assert not stat.S_ISFIFO(os.fstat(place).st_mode)
        if os.path.samestat(os.fstat(place), private.stat()):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return place

    monkeypatch.setattr(os, "open", opened)
    problems = exchange.collect_from_exchange(course_folder.find(course), LESSON).problems
    assert {name for name, _why in problems} == {pipe.name, file.name}
    assert all("expected a folder" in why for _name, why in problems)
    assert submitted(course)["ada"][NAME] == "one"
    assert os.readlink(course / "submitted" / "ada" / LESSON / "home") == str(private)


def test_a_course_may_set_no_limit_to_what_is_handed_in(course, inbound):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.max_dir_size = {10**18}\n")
    hand_in(inbound, "one", "2026-03-01 10:00:00.000000")
    assert not exchange.collect_from_exchange(course_folder.find(course), LESSON).problems
    assert submitted(course)["ada"][NAME] == "one"


@pytest.mark.parametrize("folder", ["zz", "aa/zz", ""])
def test_a_folder_that_becomes_a_link_while_it_is_copied_is_not_followed(
    course, inbound, tmp_path, monkeypatch, folder
):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "gradebook.db").write_text("secret")
    hers = hand_in(inbound, "own", "2026-03-01 10:00:00.000000", student="eve")
    (hers / folder).mkdir(parents=True, exist_ok=True)
    (hers / folder / "gradebook.db").write_text("hers")
    plain = plain_files.opened

    def opened(*arguments):
        place = hers / folder
        if not place.is_symlink():
            place.rename(tmp_path / "moved")
            place.symlink_to(tmp_path / "private")
        return plain(*arguments)

    monkeypatch.setattr(plain_files, "opened", opened)
    exchange.collect_from_exchange(course_folder.find(course), LESSON)
    taken = [path for path in (course / "submitted").rglob("*") if path.is_file()]
    assert [path for path in taken if path.read_bytes() == b"secret"] == []


def test_no_more_is_copied_than_a_folder_may_hold(course, inbound, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_FILES", 10)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.max_dir_size = 100\n")  # kilobytes
    small = hand_in(inbound, "small", "2026-03-01 10:00:00.000000")
    (small / "weights.bin").write_bytes(bytes(90_000))
    large = hand_in(inbound, "large", "2026-03-01 10:00:00.000000", student="eve")
    (large / "weights.bin").write_bytes(bytes(110_000))
    many = hand_in(inbound, "many", "2026-03-01 10:00:00.000000", student="mallory")
    for number in range(9):
        (many / f"{number}").touch()
    problems = dict(exchange.collect_from_exchange(course_folder.find(course), LESSON).problems)
    assert problems.keys() == {"eve", "mallory"}
    assert "more than 0 MB" in problems["eve"]
    assert "too many files" in problems["mallory"]
    assert submitted(course).keys() == {"ada"}


def test_a_folder_that_is_younger_than_its_name_is_told(course, inbound):
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    hand_in(inbound, "old", "2026-03-01 10:00:00.000000", student="eve")
    hand_in(inbound, "new", now)
    rows = exchange.collect_from_exchange(course_folder.find(course), LESSON).rows
    notes = {row.student: row.notes for row in rows}
    assert notes["ada"] == ()
    assert f"at {now[:10]}" in notes["eve"][0]
    assert "was it handed in later" in notes["eve"][0]


def test_nobody_hands_in_for_another_student(course, inbound, monkeypatch):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.ExchangeCollect.check_owner = True\n")
    found = course_folder.find(course)
    for student in ("bob", "eve"):
        hand_in(inbound, "by eve", "2026-03-01 10:00:00.000000", student=student)
    account = SimpleNamespace(pw_name="eve")
    monkeypatch.setattr(pwd, "getpwuid", lambda number: account)
    gradebook.add_student(found, "eve")
    ((folder, why),) = exchange.collect_from_exchange(found, LESSON).problems
    assert folder.startswith("bob+")
    assert "belongs to the account eve, who is another student" in why
    assert submitted(course).keys() == {"eve"}
    account.pw_name = "an account that is no student's"
    rows = {row.student: row for row in exchange.collect_from_exchange(found, LESSON).rows}
    assert rows["bob"].became == "collected"
    assert "was it bob?" in rows["bob"].notes[-1]


def test_what_is_not_taken_keeps_nothing_else_of_a_student_out(course, inbound):
    hand_in(inbound, "own", "2026-03-01 10:00:00.000000")
    future = hand_in(inbound, "future", "2099-03-01 10:00:00.000000")
    link = inbound / f"ada+{LESSON}+2026-03-03 10:00:00.000000 UTC+x"
    link.symlink_to(future)
    collected = exchange.collect_from_exchange(course_folder.find(course), LESSON)
    assert submitted(course)["ada"][NAME] == "own"
    problems = dict(collected.problems)
    assert problems.keys() == {future.name, link.name}
    assert "in the future" in problems[future.name]
    assert "a link" in problems[link.name]


def test_a_time_in_the_future_that_was_taken_once_keeps_nothing_newer_out(course, inbound):
    hand_in(inbound, "old", "2026-03-01 10:00:00.000000")
    found = course_folder.find(course)
    exchange.collect_from_exchange(found, LESSON)
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2099-03-01 10:00:00 UTC")
    hand_in(inbound, "new", "2026-03-02 10:00:00.000000")
    for became in ("replaced", "unchanged"):
        (row,) = exchange.collect_from_exchange(found, LESSON).rows
        assert row.became == became
        assert submitted(course)["ada"][NAME] == "new"


def test_pages_go_back_under_the_names_that_the_platform_gave(course):
    collect(course, {"lovelaceada_4711_901_sums.ipynb": "a"}, listed=CANVAS)
    collect(course, {f"José García Márquez_32_{OF_MOODLE}/{NAME}": "b"}, listed=CANVAS)
    for student in ("ada", "jose", "wei1"):
        tiny_course.write(student, course / "feedback" / student / LESSON / "sums.html")
    written, others = feedback_archive.write_archives(course_folder.find(course), LESSON)
    assert others == ["wei1"]
    found = {}
    for path in written:
        with zipfile.ZipFile(path) as file:
            found[path.name] = {name: file.read(name).decode() for name in file.namelist()}
    assert found == {
        f"feedback-canvas-{LESSON}.zip": {"lovelaceada_4711_901_sums.html": "ada"},
        f"feedback-moodle-{LESSON}.zip": {
            f"José García Márquez_32_{OF_MOODLE}sums.html": "jose",
        },
    }

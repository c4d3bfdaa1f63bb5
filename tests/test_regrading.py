"""A term: graded again for a reason and told; points given by hand stay; time costs no run."""

import codecs
import csv
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from autograder import course_folder
from autograder.building import release
from autograder.collecting import attempts
from autograder.grading import (
    class_results,
    cluster,
    dependencies,
    extensions,
    gradebook,
    renamed_exercises,
    submissions,
)
from autograder.grading.plan import ALL_DUE, Which, why_graded
from autograder.grading.results import Why
from autograder.pages import terminal_table
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, cell_of, run, submission, words_of

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
        monkeypatch.setattr(dependencies, "folders", lambda: [Path(version)])

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
    (source,) = (course / "source" / LESSON).glob("*.ipynb")
    notebook = submission(release.release_notebook(source), **answers)
    if why:
        cell_of(notebook, "why").source = why
    tiny_course.submit(course, student, notebook)


def grade(course, *options, **others):
    return run(course, "grade", "1", "--jobs", "1", *options, **others)


def mark(course, student, **points):
    with gradebook.opened(course_folder.find(course)) as book:
        for name, score in points.items():
            book.find_grade(name, "sums", LESSON, student).manual_score = score
        book.db.commit()


def change(course, edit):
    """Let the instructor change the lesson's notebook."""
    (path,) = (course / "source" / LESSON).glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


def results(course):
    grade(course, "--json", str(course / "results.json"))
    return {one["student"]: one for one in json.loads((course / "results.json").read_text())}


def page_of(course, student):
    run(course, "feedback", "1")
    return (course / "feedback" / student / LESSON / "sums.html").read_text()


@pytest.mark.slow
def test_what_a_person_marks_counts_everywhere_and_stays(course, checks):
    output = grade(course)
    assert "To be marked by hand: ada, bob." in output
    found = results(course)
    assert {name: one["status"] for name, one in found["bob"]["exercises"].items()} == {
        "add": "passed", "double": "failed", "why": "unsolved", "draw": "needs_marking",
    }  # fmt: skip
    assert [(one["score"], one["max_score"]) for one in found.values()] == [(5, 10), (2, 10)]
    table = course / "points.csv"
    (course / "submitted" / "new").mkdir()
    for rows, words in (
        ("ada,why,5,", "5 points for ada are more than why is worth, which is 4"),
        ("ada,why,3,\nada,why,4,", "line 3: expected"),
        ("eve,why,3,", "There is no student eve: neither in the gradebook nor in "),
        ("eve,why,3,\nada,what,3,\nmax,why,3,", "There is no student max"),
        ("eve,why,3,\nada,what,3,", "There is no exercise 'what'"),
        ("ada,why,-1,\nada,what,x,", "line 3: expected"),
        ("new,why,3,", "new has nothing graded in 01-sums: run `autograder grade 01-sums`"),
        ("ada,which,3,", "The exercises are: add, double, why, draw."),
        ("ada,why,-1,", "line 2: expected"),
    ):
        table.write_text(f"student,exercise,points,comment\n{rows}\n")
        assert words in run(course, "points", "1", str(table), "--yes", code=1)
    (course / "submitted" / "new").rmdir()
    rows = "ada;why;3,5;Nearly.\r\nada;draw;1;\r\nbob;double;1;\r\nbob;draw;0;\r\n"
    table.write_bytes(f"student;exercise;points;comment\r\n{rows}".encode("utf-16"))
    output = run(course, "points", "1", str(table), "--dry-run")
    assert "ada: why 0 → 3.5\nada: draw 0 → 1\nbob: double 0 → 1\nbob: draw 0 → 0\n" in output
    assert "0 to change, 4 as they are" not in output
    run(course, "points", "1", str(table), code=1)  # nobody says yes
    assert "To be marked by hand: ada, bob." in grade(course)
    run(course, "points", "1", str(table), "--yes")
    checks("second")
    output = grade(course)
    assert "0 to change, 4 as they are" in run(course, "points", "1", str(table), "--dry-run")
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
    assert "Nearly." in text


@pytest.mark.slow
def test_an_exercise_is_solved_with_all_its_points_whoever_gave_them(checks, tmp_path):
    """ada's tests all pass, but she is given less; bob fails one; cyd has tried nothing."""
    course = tiny_course.make_course(tmp_path)
    for student, answers in {
        "ada": {}, "bob": {"double": "    return a"}, "cyd": {"add": None, "double": None},
    }.items():  # fmt: skip
        hand_in(course, student, why="", **answers)
    grade(course)
    mark(course, "ada", check_add=0.25)
    mark(course, "bob", check_double=3)
    mark(course, "cyd", check_add=2)
    found = results(course)
    assert {student: (one["score"], one["status"]) for student, one in found.items()} == {
        "ada": (3.25, "failed"), "bob": (5, "passed"), "cyd": (2, "failed"),
    }  # fmt: skip
    table = [" ".join(line.split()) for line in grade(course).splitlines()]
    for row in ("ada 3.25/5 failed add", "bob 5/5 passed", "cyd 2/5 failed double"):
        assert row in table
    run(course, "report", "1")
    report = words_of((course / "reports" / f"{LESSON}.html").read_text())
    assert "1 ✓ all solved Every exercise is solved. " in report
    assert "2 ◐ in part Graded completely; some exercises are not solved." in report
    assert "add 2 of 3 (67%)" in report
    for student, solved in (("ada", 1), ("bob", 2), ("cyd", 1)):
        assert f"{solved} of 2 exercises solved" in words_of(page_of(course, student))
    run(course, "export")
    with (course / "reports" / "grades.csv").open(encoding="utf-8-sig") as file:
        statuses = [row["status"] for row in csv.DictReader(file)]
    assert statuses == ["failed", "passed", "failed"]


def worth(name, points):
    """A change of a lesson: a test gives other points."""

    def change(notebook):
        cell_of(notebook, name).metadata.nbgrader["points"] = points

    return change


@pytest.mark.slow
def test_points_above_the_maximum_stand_and_are_told_everywhere(course):
    """An exercise may be worth less than a person gave for it, or than an older test did."""
    hand_in(course, "cyd")
    grade(course)
    mark(course, "ada", check_double=2.5)
    (course / "submitted" / "cyd" / LESSON / NAME).unlink()
    change(course, worth("check_double", 2))
    output = grade(course)
    assert "Worth a different number of points now: double 3 → 2." in output
    line = "More than the maximum: ada (double: 2.5 of 2), cyd (double: 3 of 2). These points"
    assert line in output
    assert line in grade(course)  # until a person decides
    found = results(course)
    for student, points in (("ada", 2.5), ("cyd", 3)):
        its = found[student]
        assert (its["exercises"]["double"]["score"], its["max_score"]) == (points, 9)
        assert its["needs_review"]
        (note,) = its["notes"]
        assert (note["kind"], note["exercises"]) == ("above_maximum", {"double": [points, 2]})
    assert not found["bob"]["needs_review"]
    assert f"{LESSON}: {line}" in run(course, "export")
    # A change that is the same for several is one line; the JSON has it for each.
    change(course, worth("check_add", 1))
    grade(course, "--json", str(course / "results.json"))
    assert [one["changes"] for one in json.loads((course / "results.json").read_text())] == [
        [{"exercise": "add", "before": 2, "after": 1, "by_hand": None}]
    ] * 2 + [[]]
    change(course, worth("check_add", 2))
    assert "Changed: 2 students: add 1 → 2 (ada, bob)." in grade(course)
    mark(course, "ada", check_double=2)
    assert "maximum: cyd" in grade(course)


@pytest.mark.slow
def test_a_page_says_what_waits_for_a_person(course):
    grade(course)
    text = page_of(course, "ada")
    assert text.count("to be marked by hand") >= 2
    assert "Because." in text


@pytest.mark.slow
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
    assert "1 handed in again (bob); 1 because the lesson's checks" in said
    said = grade(course, "--only-new")
    assert "Still graded by older checks, because only what is new is graded: ada." in said
    assert "Points given by hand were kept: bob (double 3 → 0 by the test; 1 stays)." in said
    (course / "submitted" / "ada" / LESSON / NAME).unlink()
    assert "because it is no longer in submitted/: ada." in grade(course)
    said = grade(course, "--force", "--student", "bob")
    assert "1 because of --force" in said
    assert "ada" not in said
    assert "There is no student eve" in grade(course, "--student", "eve", code=2)


@pytest.mark.parametrize("command", [["report", "1"], ["feedback", "1"], ["export"]])
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_what_arrived_after_the_last_grading_is_told_by_each_command(course, command):
    grade(course)
    assert "not graded yet" not in run(course, *command)
    hand_in(course, "bob")
    hand_in(course, "zoe")
    said = "01-sums: not graded yet: 1 new (zoe); 1 handed in again (bob). Run `autograder grade"
    assert said in run(course, *command)
    if command == ["report", "1"]:
        page = (course / "reports" / f"{LESSON}.html").read_text()
        assert tiny_course.words_of(page).count("look at it") == 1
        assert "these are the points of the one before: run `autograder grade 01-sums`." in page
    if command == ["export"]:
        grades = {row["student"]: row for row in rows_of(course / "reports" / "grades.csv")}
        assert "newer attempt" in grades["bob"]["notes"]
        assert {who: row["needs_review"] for who, row in grades.items()} == {
            "ada": "False", "bob": "True", "zoe": "False",
        }  # fmt: skip
    grade(course)
    assert "not graded yet" not in run(course, *command)


@pytest.mark.parametrize("command", [["report", "1"], ["feedback", "1"], ["export"]])
@pytest.mark.parametrize(
    ("handed_in", "reason"),
    [
        ("sums.pdf", "There is no sums.ipynb, only sums.pdf: ask for the notebook"),
        ("timestamp.txt", "There is no sums.ipynb."),
    ],
)
@pytest.mark.slow
@pytest.mark.sampled(rarer=64)
def test_a_newer_attempt_without_a_notebook_is_told_by_each_command(
    course, command, handed_in, reason
):
    grade(course)
    folder = course / "submitted" / "bob" / LESSON
    (folder / NAME).unlink()
    assert "handed in again" not in run(course, *command), "it is only gone"
    (folder / handed_in).write_text("2026-11-28 06:00:00 UTC")
    hand_in(course, "zoe")
    for _time in range(2):
        said = run(course, *command)
        assert f"{LESSON}: handed in again, but the earlier points count (bob): {reason}" in said
        assert reason in grade(course, code=1)
    if command == ["report", "1"]:
        page = (course / "reports" / f"{LESSON}.html").read_text()
        assert tiny_course.words_of(page).count("look at it") == 1
        assert f"these are the points of the one before. {reason}" in page
    if command == ["export"]:
        grades = {row["student"]: row for row in rows_of(course / "reports" / "grades.csv")}
        assert reason in grades["bob"]["notes"]
        assert (grades["bob"]["score"], grades["bob"]["needs_review"]) == ("2.0", "True")
    if command == ["feedback", "1"]:
        assert "handed in again" not in run(course, *command, "--student", "ada")


@pytest.mark.slow
def test_only_what_was_written_since_it_was_graded_is_read_to_see_whether_it_is_newer(
    course, monkeypatch
):
    grade(course)
    digest, read = submissions.digest, []
    path = course / "submitted" / "bob" / LESSON / NAME
    kept = course / "autograded" / "bob" / LESSON / "result.json"

    def noted(path):
        read.append(path.parent.parent.name)
        return digest(path)

    monkeypatch.setattr(submissions, "digest", noted)

    def arrived():
        read.clear()
        return class_results.arrived(course_folder.find(course), LESSON).to_grade

    assert (arrived(), read) == ({}, [])
    path.write_text(path.read_text())  # the same once more
    assert (arrived(), read) == ({}, ["bob"])
    grade(course)
    assert (arrived(), read) == ({}, [])
    before, times = path.read_text(), path.stat()
    path.write_text(before.replace("return a", "return b"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (arrived(), read) == ({"bob": Why.RESUBMITTED}, ["bob"])
    path.write_text(before)
    (path.parent / "more.keras").write_bytes(b"a network")
    assert arrived() == {"bob": Why.RESUBMITTED}
    (path.parent / "more.keras").unlink()
    grade(course)
    record = json.loads(kept.read_text())
    kept.write_text(json.dumps({name: record[name] for name in record if name != "traces"}))
    assert (arrived(), read) == ({}, ["bob"]), "a result of an older version"


@pytest.mark.slow
def test_what_changes_while_it_is_graded_is_told(course, monkeypatch):
    path = course / "submitted" / "bob" / LESSON / NAME

    def changing(lesson, student, submission):
        if student == "bob":
            path.write_text(path.read_text() + " ")
        return tiny_course.quick(lesson, student, submission)

    monkeypatch.setattr(tiny_course.worker, "grade", changing)
    grade(course)
    found = class_results.arrived(course_folder.find(course), LESSON)
    assert found.to_grade == {"bob": Why.RESUBMITTED}


@pytest.mark.slow
def test_pages_may_be_written_for_some_students_alone(course):
    grade(course)
    (course / "students.csv").write_text("id,section\nada,A\nbob,B\n")
    run(course, "feedback", "1", "--student", "bob")
    assert [path.name for path in (course / "feedback").iterdir()] == ["bob"]
    assert "There is no student eve" in run(course, "feedback", "1", "--student", "eve", code=2)
    run(course, "feedback", "1", "--student", "ada", "--section", "B", code=1)
    assert [path.name for path in (course / "feedback").iterdir()] == ["bob"]


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_what_could_not_be_graded_is_named_before_its_points_are_imported(course):
    tiny_course.submit(course, "bob", "no notebook")
    grade(course, code=1)
    said = run(course, "export")
    assert "01-sums: could not be graded, so the files hold what was earned, often 0: bob." in said
    grades = {row["student"]: row for row in rows_of(course / "reports" / "grades.csv")}
    assert "The file is damaged" in grades["bob"]["notes"]
    assert grades["ada"]["notes"] == ""


def test_points_that_go_with_an_attempt_that_cannot_be_graded_are_for_a_person_to_see(course):
    grade(course)
    for attempt, options in (("no notebook", []), ("no notebook", ["--force"]), ("{", [])):
        tiny_course.submit(course, "ada", attempt)
        said = grade(course, *options, "--json", str(course / "results.json"), code=1)
        assert "It cannot be graded, and an earlier attempt had 5 points." in said
        (its,) = (
            one
            for one in json.loads((course / "results.json").read_text())
            if one["student"] == "ada"
        )
        assert (its["score"], its["needs_review"]) == (0, True)
    hand_in(course, "ada")
    grade(course)
    assert not results(course)["ada"]["needs_review"]


def test_the_bar_says_for_whom_a_class_waits(course, monkeypatch):
    graded = cluster.graded

    def waiting(*arguments):
        on_wait = arguments[-1]
        for seconds in ({"ada": 20.0, "bob": 59.0}, {"bob": 250.0}, {"ada": 61.0, "bob": 310.0}):
            on_wait(seconds)
        return graded(*arguments)

    monkeypatch.setattr(cluster, "graded", waiting)
    said = re.findall(r"(waiting for [^\]]*)\]", run(course, "grade", "1"))
    assert [*dict.fromkeys(said)] == ["waiting for bob (4 min)", "waiting for ada, bob (5 min)"]


@pytest.mark.slow
def test_another_language_of_the_course_is_a_reason_of_its_own(course, checks):
    def why(which=ALL_DUE):
        return set(why_graded(course_folder.find(course), LESSON, which=which).values())

    grade(course)
    assert why() == set()
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('c.Course.language = "zh_CN"\n')
    assert why() == {Why.LANGUAGE_CHANGED}
    assert why(Which(only_new=True)) == set()
    said = terminal_table.why_words(LESSON, {"ada": Why.LANGUAGE_CHANGED})
    assert said == f"{LESSON}: 1 to grade: 1 because the language of the course changed (ada)."
    checks("second")
    assert why() == {Why.CHECKS_CHANGED}


@pytest.mark.weekly
def test_the_best_attempt_counts_if_that_is_asked_for(course, checks, monkeypatch):
    grade(course)
    found = course_folder.find(course)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    runs = []

    def counted(lesson, student, submission):
        runs.append(student)
        return tiny_course.quick(lesson, student, submission)

    def trouble(lesson, student, _submission):
        return tiny_course.worker.refused(lesson, student, "The disk is full.", keep=False)

    monkeypatch.setattr(tiny_course.worker, "grade", counted)
    for answer, version, best, points, count in (
        ("    return a", "first", True, 5, 1),  # worse: the one before counts
        ("    return 2 * a  # anew", "first", True, 5, 1),
        ("    return a + 0", "second", True, 5, 3),  # both attempts by the new checks, and bob's
        ("    return 0", "second", False, 2, 1),
        ("    return 2 * a  # again", "third", True, 5, 3),
    ):
        checks(version)
        text = nbformat.writes(submission(released, double=answer))
        assert attempts.store(found, LESSON, "ada", {NAME: text.encode()}) == "replaced"
        runs.clear()
        output = grade(course, *(["--best"] if best else []))
        assert len(runs) == count
        assert ("counts: ada" in output) == (best and "2 *" not in answer)
        assert results(course)["ada"]["score"] == points
        assert "Graded: nothing" in grade(course)
    # The grader's own trouble makes no attempt a worse one.
    text = nbformat.writes(submission(released, double="    return a - 0"))
    attempts.store(found, LESSON, "ada", {NAME: text.encode()})
    with monkeypatch.context() as patch:
        patch.setattr(tiny_course.worker, "grade", trouble)
        output = grade(course, "--best", code=1)
    assert "The previous score is kept." in output
    assert "counts: ada" not in output
    assert "Changed" not in output
    assert sum(gradebook.submission_scores(found, LESSON)["ada"].scores.values()) == 5
    # Nor does the lesson's notebook lose the earlier attempts with its name.
    source = course / "source" / LESSON / NAME
    source.rename(source.with_name("totals.ipynb"))
    runs.clear()
    output = grade(course, "--best")
    assert "counts: ada" in output
    assert "The lesson's notebook was called sums.ipynb" in output
    assert runs == ["ada"]
    assert results(course)["ada"]["score"] == 5
    assert len(attempts.attempts(found, LESSON, "ada")) == 6  # nothing is lost


@pytest.mark.slow
def test_another_notebook_beside_it_is_noticed_whenever_it_comes_without_a_run(course, monkeypatch):
    grade(course)
    monkeypatch.setattr(tiny_course.worker, "grade", None)  # nothing is run from here on
    copied = course / "submitted" / "bob" / LESSON / "sums-Copy1.ipynb"
    copied.write_text("{}")
    kept = course / "autograded" / "bob" / LESSON / "result.json"
    bob = results(course)["bob"]
    assert [note["kind"] for note in bob["notes"]] == ["other_notebooks"]
    assert bob["needs_review"]
    written = kept.stat().st_mtime_ns
    assert results(course)["bob"] == bob
    assert kept.stat().st_mtime_ns == written
    copied.unlink()
    bob = results(course)["bob"]
    assert (bob["notes"], bob["needs_review"]) == ([], False)


@pytest.mark.slow
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
    path = course / "extensions.csv"
    for text, penalty in (
        (given := f"student,lesson,due\nada,{LESSON},2027-03-02 00:00 Z\n", 0),
        ("", 0),  # no file: what was given stays
        ("student,lesson,due\n", 5),  # taken back
        (given, 0),
    ):
        path.write_text(text) if text else path.unlink()
        grade(course)
        assert penalties() == {"ada": penalty, "bob": 0}
    (course / "submitted" / "bob" / LESSON / "timestamp.txt").write_text("2027-03-01 20:00 UTC")
    grade(course)
    assert penalties() == {"ada": 0, "bob": 2}
    (course / "submitted" / "bob" / LESSON / "timestamp.txt").write_text("yesterday")
    assert "cannot be read from" in grade(course)
    assert penalties() == {"ada": 0, "bob": 0}
    (course / "extensions.csv").write_text(f"student,lesson,due\nada,{LESSON},01.03.2027\n")
    assert "line 2: expected a time such as" in grade(course, code=1)


@pytest.mark.slow
def test_a_rule_for_late_penalties_that_fails_is_said(course):
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    grade(course)
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00 UTC")
    for number, (value, reason) in enumerate(
        [
            ("{}['late']", "KeyError: 'late'"),
            ("float('nan')", "the penalty is nan"),
            ("'half'", "could not convert string to float: 'half'"),
            ("score / 2", ""),
        ]
    ):
        # A name of its own each, as Python imports a module only once.
        (course / f"rule_{number}.py").write_text(
            "from nbgrader.plugins import BasePlugin\n"
            "class Rule(BasePlugin):\n"
            "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
            f"        return {value}\n"
        )
        (course / "course_settings.py").write_text(
            f"c = get_config()\nc.AssignLatePenalties.plugin_class = 'rule_{number}.Rule'\n"
        )
        for command in (["grade", "1"], ["report", "1"], ["export"]):
            answer = run(course, *command, code=1 if reason else 0)
            said = "The rule for late penalties" in answer and "failed for ada" in answer
            assert (said, reason in answer) == (bool(reason), True)
    assert (
        gradebook.submission_scores(course_folder.find(course), LESSON)["ada"].late_penalty == 2.5
    )


@pytest.mark.slow
def test_an_extension_counts_for_who_is_meant_or_it_is_said(course, caplog):
    """An accent may be a character of its own in the name of a folder (NFD)."""
    nfc, nfd = "jos\u00e9", "jose\u0301"
    hand_in(course, nfd)
    (course / "submitted" / nfd / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00 UTC")
    lines = [f"{student},{LESSON},2027-03-02 00:00 Z\n" for student in (nfc, "Ada", nfd)]
    path = course / "extensions.csv"
    path.write_text("".join(["student,lesson,due\n", *lines[:2]]), "utf-8")
    grade(course)
    assert gradebook.submission_scores(course_folder.find(course), LESSON)[nfd].late_penalty == 0
    assert "There is no student Ada: neither in the gradebook" in caplog.text
    path.write_text("".join(["student,lesson,due\n", *lines]), "utf-8")
    assert "line 4: line 2 has" in grade(course, code=1)


@pytest.mark.slow
def test_an_extension_of_a_due_date_that_is_gone_stops_nothing(course):
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    grade(course)
    path = course / "extensions.csv"
    path.write_text(f"student,lesson,due\nada,{LESSON},2027-03-01 18:30 Z\n")
    book = course_folder.find(course)

    def penalty(due, *command):
        with gradebook.opened(book) as found:
            found.update_or_create_assignment(LESSON, duedate=due)
        run(course, *command)
        return gradebook.submission_scores(book, LESSON)["ada"].late_penalty

    assert penalty("2027-03-01 18:00:00 UTC", "grade", "1", "--jobs", "1") == 5
    path.unlink()
    assert penalty(None, "export") == 0
    assert penalty(None, "grade", "1", "--force", "--jobs", "1") == 0


@pytest.mark.parametrize("command", ["report", "points"])
@pytest.mark.slow
def test_each_command_takes_off_points_by_the_individual_due_dates_of_now(course, command):
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    table, path = course / "points.csv", course / "extensions.csv"
    table.write_text("student,exercise,points\nada,double,2\n")
    path.write_text(f"student,lesson,due\nada,{LESSON},2027-03-01 20:00 Z\n")
    grade(course)
    book = course_folder.find(course)
    more = [str(table), "--yes"] if command == "points" else []

    def is_late(due):
        with gradebook.opened(book) as found:
            found.update_or_create_assignment(LESSON, duedate=due)
        run(course, command, "1", *more)
        return gradebook.submission_scores(book, LESSON)["ada"].late_penalty > 0

    assert not is_late("2027-03-01 18:00:00 UTC")  # nothing was due when it was graded
    assert not is_late("2027-03-01 12:00:00 UTC")  # her own date does not move
    path.write_text(f"student,lesson,due\nada,{LESSON},2027-03-01 18:30 Z\n")
    assert is_late("2027-03-01 12:00:00 UTC")


@pytest.mark.slow
def test_a_late_penalty_stays_while_the_lesson_has_a_new_name_for_its_notebook(course):
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    book = course_folder.find(course)
    with gradebook.opened(book) as found:
        found.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00 UTC")
    grade(course)
    source = course / "source" / LESSON / NAME
    source.rename(source.with_name("totals.ipynb"))
    run(course, "export")
    assert gradebook.submission_scores(book, LESSON)["ada"].late_penalty == 5


@pytest.mark.slow
def test_a_late_penalty_follows_what_a_person_gives(course):
    (course / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 19:00 UTC")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    grade(course)
    with gradebook.opened(course_folder.find(course)) as book:
        book.update_or_create_assignment(LESSON, duedate="2027-03-01 18:00:00 UTC")
    assert "5/10 - 5 late" in grade(course)
    (course / "points.csv").write_text("student,exercise,points\nada,double,0\n")
    run(course, "points", "1", str(course / "points.csv"), "--yes")
    assert gradebook.submission_scores(course_folder.find(course), LESSON)["ada"].late_penalty == 2
    mark(course, "ada", why=4)  # in the formgrader
    run(course, "export")
    with (course / "reports" / "grades.csv").open(encoding="utf-8-sig") as file:
        row = next(csv.DictReader(file))
    assert [row["score"], row["late_penalty"], row["score_after_penalty"]] == ["6.0", "6.0", "0.0"]


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


@pytest.mark.slow
def test_other_files_in_place_of_what_was_graded_are_told(course):
    grade(course)
    folder = course / "submitted" / "ada" / LESSON
    (folder / NAME).rename(folder / "mine.ipynb")
    (folder / "scratch.ipynb").write_text("{}")
    output = grade(course, code=1)
    assert "mine.ipynb, scratch.ipynb: rename one of them. The previous score is" in output
    assert (
        sum(gradebook.submission_scores(course_folder.find(course), LESSON)["ada"].scores.values())
        == 5
    )
    (folder / "scratch.ipynb").unlink()
    (folder / "mine.ipynb").unlink()
    grade(course)  # what is gone keeps its score


@pytest.mark.slow
def test_what_lies_in_another_place_is_named(course, caplog):
    text = (course / "submitted" / "ada" / LESSON / NAME).read_text()
    tiny_course.write("<html>", course / "submitted" / "cyd" / LESSON / "sums.html")
    tiny_course.write(text, course / "submitted" / "dan" / LESSON / "my" / "work" / NAME)
    tiny_course.write(text, course / "submitted" / LESSON / "eve" / NAME)
    output = grade(course)
    assert f"There is no {NAME}, only sums.html: ask for the notebook" in output
    assert f"There is no {NAME}, but my/work/{NAME}: expected" in output
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
    assert "2 because the lesson's checks or the grader changed" in grade(course)


@pytest.mark.parametrize(("word", "meant"), [
    ("1", [LESSON]), ("01", [LESSON]), ("sums", [LESSON]), ("2", ["02-more"]), ("0", ["00-first"]),
    ("1-sums", [LESSON]), ("0-f", ["00-first"]), ("10", ["10-last"]),
    ("all", ["00-first", LESSON, "02-more", "10-last"]),
])  # fmt: skip
def test_lessons_are_called_by_number_beginning_or_name(tmp_path, word, meant):
    course = course_folder.CourseFolder(tmp_path)
    for lesson in ("00-first", LESSON, "02-more", "10-last"):
        tiny_course.write("{}", tmp_path / "source" / lesson / NAME)
    assert course.lessons_called([word]) == meant


def test_a_word_that_could_be_several_lessons_is_refused(tmp_path):
    course = course_folder.CourseFolder(tmp_path)
    for lesson in ("01-softmax", "02-softplus"):
        tiny_course.write("{}", tmp_path / "source" / lesson / NAME)
    with pytest.raises(course_folder.CourseError, match="could be 01-softmax, 02-softplus"):
        course.lessons_called(["soft"])
    with pytest.raises(course_folder.CourseError, match=r"^The lessons are: none yet in "):
        course_folder.CourseFolder(tmp_path / "source").lessons_called(["all"])


def test_what_a_person_marks_needs_points_and_no_test(tmp_path):
    notebook = tiny_course.with_free_text(tiny_course.source_notebook())
    notebook.cells[-2].metadata.nbgrader["points"] = 0
    course = tiny_course.make_course(tmp_path, notebook)
    assert "The cell 'why', marked by hand, needs points" in run(course, "build", "1", code=1)


def without_double(notebook):
    notebook.cells = [cell for cell in notebook.cells if "double" not in cell.id]


@pytest.mark.slow
def test_an_exercise_comes_or_goes_and_what_people_gave_stays(course):
    grade(course)
    mark(course, "ada", why=3, draw=1, check_double=0.5)
    before = (course / "source" / LESSON / NAME).read_text()

    def with_triple(notebook):
        without_double(notebook)
        notebook.cells += [
            tiny_course.answer("triple", tiny_course.DOUBLE.replace("double", "triple")),
            tiny_course.test_cell("check_triple", "assert triple(1) == 3", 2),
        ]

    change(course, with_triple)
    kept = course / "reports" / "dropped_scores.csv"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text('"' + "x" * 200_000)  # which cannot be read: nothing is lost meanwhile
    assert "dropped_scores.csv: The file cannot be read" in grade(course, code=1)
    kept.unlink()
    output = grade(course)
    assert "No longer in the lesson: check_double." in output
    found = results(course)
    assert {name: one["score"] for name, one in found["ada"]["exercises"].items()} == {
        "add": 2, "why": 3, "draw": 1, "triple": 2,
    }  # fmt: skip
    assert kept.read_text().splitlines()[1:] == [f"{LESSON},check_double,ada,0.5,,0.5"]
    kept.write_text(kept.read_text().replace("check_double", "triple"))  # as the output says
    assert "Restored from reports/dropped_scores.csv: triple (ada)." in grade(course)
    assert results(course)["ada"]["exercises"]["triple"]["score"] == 0.5
    (course / "source" / LESSON / NAME).write_text(before)
    grade(course)
    kept.write_text(kept.read_text().replace("check_triple", "check_double"))
    assert "double (ada)" in grade(course)
    assert results(course)["ada"]["exercises"]["double"]["score"] == 0.5
    assert len(kept.read_text().splitlines()) == 1


@pytest.mark.slow
def test_a_renamed_exercise_keeps_what_people_gave(course):
    """Of what is graded again, and of what is not; below the same task, even a text is known."""

    def with_task(notebook):
        task = nbformat.v4.new_markdown_cell("Why is that so?", id="task")
        notebook.cells.insert(-2, task)

    change(course, with_task)
    hand_in(course, "ada")
    hand_in(course, "bob", double="    return a", why="")
    grade(course)
    mark(course, "ada", why=3, draw=1, check_double=0.5)
    mark(course, "bob", check_double=2)
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_comment("double", "sums", LESSON, "ada").manual_comment = "Nearly."
        book.db.commit()
    (course / "submitted" / "bob" / LESSON / NAME).unlink()

    def renamed(notebook):
        for old, new in (("double", "twice"), ("check_double", "check_twice"), ("why", "reason")):
            cell = cell_of(notebook, old)
            cell.metadata.nbgrader["grade_id"] = new
            cell.id = new.replace("_", "-")
            cell.source = cell.source.replace("secret_of_double", "secret")

    change(course, renamed)
    said = "Renamed, with the points and comments that people gave for it: "
    output = grade(course)
    assert f"{said}double → twice, why → reason." in output
    assert "No longer" not in output
    found = results(course)
    assert {name: one["score"] for name, one in found["ada"]["exercises"].items()} == {
        "add": 2, "twice": 0.5, "reason": 3, "draw": 1,
    }  # fmt: skip
    assert found["bob"]["exercises"]["twice"]["score"] == 2
    assert found["bob"]["exercises"]["twice"]["message"] == "bob"  # as it was graded
    assert "Nearly." in page_of(course, "ada")
    assert "answer-twice" in page_of(course, "bob")
    assert not (course / "reports" / "dropped_scores.csv").exists()


@pytest.mark.slow
def test_what_is_gone_gives_way_to_what_has_its_name_now(course):
    grade(course)
    (course / "submitted" / "bob" / LESSON / NAME).unlink()

    def renamed(notebook):
        without_double(notebook)
        for old, new in (("add", "double"), ("check_add", "check_double")):
            cell_of(notebook, old).metadata.nbgrader["grade_id"] = new

    change(course, renamed)
    assert "add → double" in grade(course)
    assert results(course)["bob"]["exercises"]["double"]["status"] == "passed"  # as `add` was
    graded = nbformat.read(course / "autograded" / "bob" / LESSON / NAME, as_version=4)
    grade_ids = [tiny_course.grade_id(cell) for cell in graded.cells]
    assert [grade_ids.count(name) for name in ("double", "check_double")] == [1, 1]
    assert page_of(course, "bob").count('id="answer-double"') == 1


@pytest.mark.slow
def test_nbgraders_autograde_says_what_became_of_the_lesson(course):
    """As the formgrader's button runs it."""
    grade(course)
    change(course, without_double)
    tiny_course.start_quickly(course)
    nbgrader = Path(sys.executable).parent / "nbgrader"
    command = [nbgrader, "autograde", LESSON, "--student=ada", "--force"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert "No longer in the lesson: check_double." in done.stderr, done


def exercises(*names, task="", **texts):
    """A lesson's exercises: each a free text, or a function whose test is given."""
    notebook = nbformat.v4.new_notebook()
    for name in names:
        notebook.cells.append(nbformat.v4.new_markdown_cell(task or f"Task {name}"))
        if name in texts:
            test = tiny_course.test_cell(f"check_{name}", texts[name], 1)
            notebook.cells += [tiny_course.answer(name, "raise NotImplementedError"), test]
        else:
            cell = nbformat.v4.new_markdown_cell("YOUR ANSWER HERE")
            settings = {"grade_id": name, "grade": True, "solution": True, "points": 1}
            cell.metadata["nbgrader"] = nbformat.from_dict(settings)
            notebook.cells.append(cell)
    for cell in notebook.cells:
        cell.id = ""
    return renamed_exercises.in_notebook(notebook)


@pytest.mark.parametrize(("old", "new", "expected"), [
    (exercises("a", a="test()"), exercises("b", b="test()"), {"a": "b"}),
    (exercises("a", a="test()"), exercises("b", b="other()"), {}),
    # One is put in front, and the others are counted anew; or two change places.
    (exercises("q1", "q2", q1="f()", q2="g()"),
     exercises("q1", "q2", "q3", q1="new()", q2="f()", q3="g()"), {"q1": "q2", "q2": "q3"}),
    (exercises("a", "b", a="f()", b="g()"), exercises("a", "b", a="g()", b="f()"),
     {"a": "b", "b": "a"}),
    # What is alike but for the names is only known by its place.
    (exercises("cat", cat="test(cat)"), exercises("dog", dog="test(dog)"), {}),
    (exercises("cat", task="T", cat="test(cat)"), exercises("dog", task="T", dog="test(dog)"),
     {"cat": "dog"}),
    (exercises("a", "b", task="T"), exercises("c", "d", task="T"), {}),
    (exercises("a", "b", task="T"), exercises("b", "c", task="T"), {}),
    (exercises("a"), exercises("b"), {}),
    (exercises("a", task="T"), exercises("b", task="T", b="YOUR ANSWER HERE"), {}),
])  # fmt: skip
def test_only_what_is_certain_is_taken_for_renamed(old, new, expected):
    for each in (*old.values(), *new.values()):
        each.cells.clear()
    assert renamed_exercises.find(old, new) == expected


@pytest.mark.parametrize(("old_task", "new_task", "expected"), [
    ("Write `double`.", "Write `cube`.", {"double": "cube"}),
    ("Write `double`: it doubles a.", "Write `cube`: it doubles a.", {"double": "cube"}),
    ("Write `double`: twice a.", "Write `cube`: a to the power of 3.", {}),
    ("", "Write `cube`.", {"double": "cube"}),
])  # fmt: skip
def test_another_exercise_in_the_same_cells_is_not_taken_for_renamed(old_task, new_task, expected):
    old = exercises("double", double="check.double(double)")
    new = exercises("cube", cube="check.cube(cube)")
    old["double"].tasks, new["cube"].tasks = {old_task} - {""}, {new_task}
    assert renamed_exercises.find(old, new) == expected
    new["cube"].texts["answer"] = "def cube(a):\n    raise NotImplementedError"
    assert renamed_exercises.find(old, new) == {}


def test_of_several_below_one_task_each_is_known_by_its_cell():
    old, new = (exercises(*names, task="T") for names in (("a", "b"), ("b", "c")))
    for each, cell in ((old["a"], "1"), (old["b"], "2"), (new["b"], "2"), (new["c"], "1")):
        each.cells = {cell}
    assert renamed_exercises.find(old, new) == {"a": "c"}


@pytest.mark.slow
def test_a_renamed_notebook_of_the_lesson_keeps_all_that_there_is(course):
    grade(course)
    mark(course, "ada", why=3, draw=1)
    source = course / "source" / LESSON / NAME
    source.rename(source.with_name("totals.ipynb"))
    output = grade(course)
    assert "The lesson's notebook was called sums.ipynb" in output
    assert "Unchanged: 2." in output
    for folder in ("submitted", "autograded"):
        assert (course / folder / "ada" / LESSON / "totals.ipynb").exists()
    hand_in(course, "dan")  # under the old name
    assert "Graded: 1 new." in grade(course)
    assert [one["score"] for one in results(course).values()] == [9, 2, 5]
    run(course, "feedback", "1")
    assert (course / "feedback" / "ada" / LESSON / "totals.html").exists()
    with gradebook.opened(course_folder.find(course)) as book:
        (notebook,) = book.find_assignment(LESSON).notebooks
        assert len(notebook.submissions) == 3


@pytest.mark.slow
def test_what_is_new_waits_for_a_person_or_has_no_points_if_nothing_is_run(course):
    grade(course)
    mark(course, "ada", why=4, draw=1)
    assert results(course)["ada"]["status"] == "passed"
    (course / "submitted" / "ada" / LESSON / NAME).unlink()

    def with_more(notebook):
        text = tiny_course.with_free_text(nbformat.v4.new_notebook()).cells[0]
        text.id = text.metadata.nbgrader["grade_id"] = "who"
        notebook.cells += [
            text, tiny_course.answer("triple", tiny_course.DOUBLE.replace("double", "triple")),
            tiny_course.test_cell("check_triple", "assert triple(1) == 3", 2),
        ]  # fmt: skip

    change(course, with_more)
    assert "To be marked by hand: ada" in grade(course)
    ada = results(course)["ada"]
    assert (ada["score"], ada["max_score"], ada["status"]) == (10, 16, "needs_marking")
    assert {name: one["status"] for name, one in ada["exercises"].items()} == {
        "add": "passed", "double": "passed", "why": "passed", "draw": "passed",
        "who": "needs_marking", "triple": "failed",
    }  # fmt: skip
    with gradebook.opened(course_folder.find(course)) as book:
        waits = [book.find_grade(name, "sums", LESSON, "ada") for name in ("who", "check_triple")]
        assert [one.needs_manual_grade for one in waits] == [True, False]


@pytest.mark.slow
def test_extra_credit_is_kept_too_beside_what_a_spreadsheet_has_saved(course):
    grade(course)
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("check_double", "sums", LESSON, "ada").extra_credit = 1.5
        book.find_grade("check_double", "sums", LESSON, "bob").extra_credit = 0.5
        book.find_grade("check_double", "sums", LESSON, "bob").manual_score = 2
        book.db.commit()
    source = course / "source" / LESSON / NAME
    text = source.read_text()
    change(course, without_double)
    kept = course / "reports" / "dropped_scores.csv"
    kept.parent.mkdir(exist_ok=True)
    before = "lesson;grade_id;student;points;comment\r\n00-old;x;zoe;1;größer\r\n"
    kept.write_bytes(before.encode("cp1252"))  # as a spreadsheet in Germany saves it
    grade(course)
    assert kept.read_bytes().startswith(codecs.BOM_UTF8)  # for the next one, wherever it is
    with kept.open(encoding="utf-8-sig", newline="") as file:
        head, zoe, *rows = csv.reader(file)
    assert head == ["lesson", "grade_id", "student", "points", "comment", "manual_score"]
    assert zoe == ["00-old", "x", "zoe", "1", "größer", "1"]
    assert sorted(row[2:4] for row in rows) == [["ada", "1.5"], ["bob", "2.5"]]
    source.write_text(text)  # it comes back, with all that was given for it
    assert "Restored from reports/dropped_scores.csv: double (ada, bob)." in grade(course)
    found = results(course)
    assert [its["exercises"]["double"]["score"] for its in found.values()] == [4.5, 2.5]


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_the_lesson_has_no_longer_counts_in_no_older_result(course):
    """bob missed only what goes, ada had it right; neither is graded again."""
    hand_in(course, "bob", double="    return a")
    grade(course)
    for student in ("ada", "bob"):
        mark(course, student, why=4, draw=1)
        (course / "submitted" / student / LESSON / NAME).unlink()
    change(course, without_double)
    assert "Still graded by older checks" in grade(course)
    for one in results(course).values():
        assert (one["score"], one["max_score"], one["status"]) == (7, 7, "passed")
    run(course, "report", "1")
    assert "double" not in (course / "reports" / f"{LESSON}.html").read_text()
    assert "answer-double" not in page_of(course, "ada")

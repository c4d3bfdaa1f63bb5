"""Stopped at any moment and run again: nothing is lost, and nothing that is done is repeated."""

import contextlib
import functools
import itertools
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.grading import (
    class_grading,
    dependencies,
    gradebook,
    records,
    submissions,
    worker,
)
from autograder.grading.plan import Which
from autograder.sandbox.outside import pool
from tests import tiny_course
from tests.conftest import ROOT
from tests.tiny_course import ALONE, LESSON, NAME, submission
from tests.waiting import until

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("resuming"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
GRADE = [sys.executable, "-m", "tests.quick_start", "grade", LESSON]
WITH_TESTS = os.environ | {"PYTHONPATH": str(ROOT)}
# A few kills by default; COURSE_TEST_KILLS=20 takes the class and the kills of a whole evening.
KILLS = int(os.environ.get("COURSE_TEST_KILLS", 5))
STUDENTS = 30 if KILLS > 5 else 8
AT_ONCE = 20  # seconds, on a machine with four times as much to do as it can; else it is one or two


@pytest.fixture
def quick_worker(monkeypatch):
    monkeypatch.setattr(worker, "grade", tiny_course.quick)
    monkeypatch.setattr(dependencies, "version_for", lambda code: "of the tests")


def a_class(folder, count=STUDENTS, **answers):
    course = tiny_course.make_course(folder, cell_timeout=30)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for number in range(count):
        double = "    return 2 * a" if number % 3 else "    return a"
        notebook = submission(released, **({"double": double} | answers))
        tiny_course.submit(course, f"student-{number:02}", notebook)
    return course_folder.find(course)


def everything(course):
    """All that is kept of a class, but for the times."""
    kept = {}
    for path in sorted((course.root / "autograded").rglob("*.*")):
        text = path.read_text()
        if path.name == "result.json":
            text = json.loads(text)
            text["result"] |= {"seconds": 0, "exercise_seconds": {}}
            del text["traces"]
        kept[str(path.relative_to(course.root))] = text
    with sqlite3.connect(course.root / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return kept, gradebook.submission_scores(course, LESSON)


def done(course):
    """The results that are there, and when each was written."""
    paths = (course.root / "autograded").glob("*/*/result.json")
    return {path.parent.parent.name: path.stat().st_mtime_ns for path in paths}


def killed_after(course, seconds):
    """Grade in a process of its own, which is killed after so long unless it ends before."""
    child = os.fork()
    if not child:
        code = 1
        try:
            class_grading.grade(course, LESSON, settings=ALONE)
            code = 0
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.slow
def test_killed_at_random_moments_the_gradebook_is_that_of_an_undisturbed_run(
    tmp_path, quick_worker
):
    undisturbed = a_class(tmp_path / "undisturbed")
    started = time.monotonic()
    results = class_grading.grade(undisturbed, LESSON, settings=ALONE)
    longest = 0.6 * (time.monotonic() - started)
    classes = (a_class(tmp_path / str(number)) for number in itertools.count())
    rng, kills, disturbed, before = random.Random(7), 0, next(classes), {}
    was_half_done = False
    while kills < KILLS or not was_half_done:
        code = killed_after(disturbed, rng.uniform(0, longest))
        if code == -signal.SIGKILL:
            kills += 1
            now = done(disturbed)
            assert before.items() <= now.items(), "what was done is there, and was not done again"
            was_half_done |= 0 < len(now) < STUDENTS
            longest *= 1.2 if now == before else 1  # the next is killed later
            before = now
        else:  # all was graded before: the next class is killed sooner
            assert code == 0, "the grader failed"
            longest, disturbed, before = 0.7 * longest, next(classes), {}
    again = class_grading.grade(disturbed, LESSON, settings=ALONE)
    assert before.items() <= done(disturbed).items()
    in_no_time = [
        [replace(result, seconds=0.0, exercise_seconds={}) for result in those]
        for those in (results, again)
    ]
    assert in_no_time[0] == in_no_time[1]
    assert everything(disturbed) == everything(undisturbed)


@pytest.mark.weekly
def test_whoever_is_killed_the_gradebook_is_that_of_an_undisturbed_run(tmp_path):
    """The grader, its fork server, an examiner, any process of a student's: at random moments."""
    slow = "    time.sleep(0.3)\n    return 2 * a"
    undisturbed, disturbed = (a_class(tmp_path / name, double=slow) for name in "ab")
    for course in (undisturbed, disturbed):
        released = release.release_notebook(course.notebook(LESSON))
        suicide = submission(released, double="    os.kill(os.getpid(), 9)")
        tiny_course.submit(course.root, "suicide", suicide)
    class_grading.grade(undisturbed, LESSON, settings=ALONE)
    rng, kills, before, grader = random.Random(7), 0, None, None
    while kills < KILLS and len(done(disturbed)) <= STUDENTS:
        if grader is None or grader.poll() is not None:
            command = [*GRADE, "--jobs", "1"]
            grader = subprocess.Popen(command, cwd=disturbed.root, env=WITH_TESTS)
        # Nobody is killed twice: then it would be their own doing.
        until(functools.partial(has_gone_on, grader, disturbed, before))
        time.sleep(rng.uniform(0, 1))
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(grader.pid)
            rng.choice([process, *process.children(recursive=True)]).kill()
            kills, before = kills + 1, done(disturbed)
    grader.wait()
    assert kills >= KILLS / 2, "most of the kills came too late to be any"
    class_grading.grade(disturbed, LESSON, settings=ALONE)
    assert everything(disturbed)[1] == everything(undisturbed)[1], "in the gradebook"


def has_gone_on(grader, course, before):
    """Another submission is done, or the grader has ended."""
    return grader.poll() is not None or done(course) != before


def grade_without_end(folder, jobs):
    """The last submission takes for ever here: who waited for it would not end."""

    def last_for_ever(lesson, student, submission):
        while student == "student-02":
            time.sleep(1)
        return tiny_course.quick(lesson, student, submission)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    worker.grade, dependencies.version_for = last_for_ever, lambda code: "of the tests"
    pool.warm_up = lambda *settings: None
    main(["grade", LESSON, "--jobs", jobs, "--course", folder])


def test_a_second_grader_of_a_lesson_says_that_there_is_another(tmp_path, quick_worker, caplog):
    course = a_class(tmp_path, count=2)
    warnings = []

    def twice(found, total):
        class_grading.grade(course, LESSON, settings=ALONE)
        warnings.extend(caplog.messages)
        yield from found

    results = class_grading.grade(course, LESSON, settings=ALONE, progress=twice)
    assert len(results) == 2
    said = "Another grader is at work on 01-sums: "
    assert [said in warning for warning in warnings] == [True]
    caplog.clear()
    class_grading.grade(course, LESSON, settings=ALONE, which=Which(force=True))
    assert caplog.messages == []


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_an_interrupted_grader_ends_at_once_and_says_what_is_kept(tmp_path, jobs):
    course, said = a_class(tmp_path, count=3), tmp_path / "said.txt"
    code = "import sys; from tests import test_resuming as t; t.grade_without_end(*sys.argv[1:])"
    with said.open("w") as file:
        grader = subprocess.Popen(
            [sys.executable, "-c", code, tmp_path, jobs], cwd=ROOT, stdout=file, stderr=file
        )
    until(lambda: len(done(course)) == 2)
    grader.send_signal(signal.SIGINT)
    assert grader.wait(AT_ONCE) == 130, said.read_text()
    # The second may have been counted or not, if the signal came just when it was written.
    words = r"Interrupted: [12] of 3 submissions are graded and kept\. Run the same command again"
    assert re.search(words, said.read_text())
    assert len(done(course)) == 2


def is_importing(grader, said):
    """It has just had its fork server started."""
    return bool(psutil.Process(grader.pid).children())


def is_starting(grader, said):
    """All is imported, and it waits for its fork server."""
    return "0/1" in said.read_text()


def is_running(grader, said):
    """Its fork server has forked: a trial, or the submission."""
    return len(psutil.Process(grader.pid).children(recursive=True)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("moment", [is_importing, is_starting, is_running])
@pytest.mark.sampled(rarer=2)
def test_an_interrupt_at_any_moment_ends_all_that_was_started(tmp_path, moment):
    course, said = a_class(tmp_path, count=1, double="    time.sleep(600)"), tmp_path / "said.txt"
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    start += "from tests.quick_start import main; main()"
    with said.open("w") as file:
        command = [sys.executable, "-c", start, "grade", LESSON]
        grader = subprocess.Popen(
            command, cwd=course.root, env=WITH_TESTS, stdout=file, stderr=file
        )
    until(lambda: moment(grader, said))
    family = psutil.Process(grader.pid).children(recursive=True)
    folders = {folder for process in family if (folder := sandbox_folder(process))}
    end = time.monotonic() + AT_ONCE
    grader.send_signal(signal.SIGINT)
    assert grader.wait(AT_ONCE) == 130, said.read_text()
    assert "Interrupted: " in said.read_text()
    assert "Traceback" not in said.read_text()
    _, alive = psutil.wait_procs(family, timeout=end - time.monotonic())
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    until(lambda: not any(folder.exists() for folder in folders))


@pytest.mark.slow
def test_a_resubmission_that_was_half_written_is_graded_again(tmp_path, quick_worker, monkeypatch):
    course = a_class(tmp_path, count=1)
    first = class_grading.grade(course, LESSON, settings=ALONE)
    old = (tmp_path / "submitted" / "student-00" / LESSON / NAME).read_text()
    released = release.release_notebook(course.notebook(LESSON))
    tiny_course.submit(tmp_path, "student-00", submission(released))

    def power_cut(path, text):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(records, "write_atomically", power_cut)
        with pytest.raises(KeyboardInterrupt):
            class_grading.grade(course, LESSON, settings=ALONE)
    tiny_course.submit(tmp_path, "student-00", old)  # the marks are those of the other one
    again = class_grading.grade(course, LESSON, settings=ALONE)
    assert [result.score for result in again] == [result.score for result in first] == [2]
    marks = gradebook.submission_scores(course, LESSON)
    assert marks["student-00"].scores == {"add": 2, "double": 0}


@pytest.mark.slow
def test_a_new_time_of_submission_counts(tmp_path, quick_worker):
    course = a_class(tmp_path, count=1)
    class_grading.grade(course, LESSON, settings=ALONE)
    handed_in = tmp_path / "submitted" / "student-00" / LESSON / "timestamp.txt"
    for day in ("2027-03-01", "2027-03-02"):
        handed_in.write_text(f"{day} 18:00:00 UTC")
        class_grading.grade(course, LESSON, settings=ALONE)
        assert gradebook.submission_scores(course, LESSON)["student-00"].submitted_at.startswith(
            day
        )


def test_a_submission_that_went_keeps_its_marks(tmp_path, quick_worker):
    course = a_class(tmp_path, count=2)
    graded = class_grading.grade(course, LESSON, settings=ALONE)
    (tmp_path / "submitted" / "student-01" / LESSON / NAME).unlink()
    assert class_grading.grade(course, LESSON, settings=ALONE) == graded
    assert gradebook.submission_scores(course, LESSON)["student-01"].scores == {
        "add": 2,
        "double": 3,
    }
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert class_grading.grade(course, LESSON, settings=ALONE, submitted=elsewhere) == graded


def test_a_folder_that_is_almost_called_like_the_lesson_is_named(tmp_path, quick_worker):
    course = a_class(tmp_path, count=1)
    folder = tmp_path / "submitted" / "student-00" / LESSON
    folder.rename(folder.with_name(LESSON.upper()))
    (result,) = class_grading.grade(course, LESSON, settings=ALONE)
    message = result.exercises["add"].message
    assert message.endswith(f"the folder {LESSON.upper()} has to be called {LESSON}.")


@pytest.mark.slow
def test_many_submissions_are_never_in_memory_at_a_time(tmp_path, quick_worker, monkeypatch):
    course = a_class(tmp_path)
    read, most = [], []
    submitted = submissions.read
    monkeypatch.setattr(submissions, "read", lambda path: read.append(path) or submitted(path))
    write = records.write
    monkeypatch.setattr(
        records, "write", lambda *one: most.append(len(read) - len(most)) or write(*one)
    )
    class_grading.grade(course, LESSON, settings=ALONE)
    assert len(most) == STUDENTS
    assert max(most) <= 2


@pytest.mark.slow
def test_a_killed_grader_leaves_no_process_and_goes_on_where_it_was(tmp_path):
    course = a_class(tmp_path, count=4, double="    time.sleep(0.5)\n    return 2 * a")
    command = [*GRADE, "--jobs", "2"]
    grader = subprocess.Popen(command, cwd=tmp_path, env=WITH_TESTS, stderr=subprocess.DEVNULL)
    until(lambda: done(course))
    graders = psutil.Process(grader.pid)
    # A submission may just have ended.
    family = until(lambda: len(found := graders.children(recursive=True)) > 3 and found)
    folders = {folder for process in family if (folder := sandbox_folder(process))}
    assert folders
    grader.kill()
    grader.wait()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    until(lambda: not any(folder.exists() for folder in folders))
    before = done(course)
    results = class_grading.grade(course, LESSON, settings=ALONE)
    assert [result.status for result in results] == ["passed"] * 4
    assert before.items() <= done(course).items()


def sandbox_folder(process):
    """Where a fork server has its files."""
    try:
        folder = Path(process.cwd())
        return folder.parent if folder.name == "warm" else None
    except psutil.Error:
        return None

"""Grading on any Dask cluster: the workers have no folder of the instructor's."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager

import pytest
from click.testing import CliRunner

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.grading import cluster, gradebook, worker
from autograder.grading.lesson import prepared_for_grading
from autograder.grading.parsing import Submission
from autograder.sandbox import CannotStart, Limits
from autograder.sandbox.outside import supervisor
from tests import homes, tiny_course
from tests.conftest import ROOT
from tests.test_resuming import done
from tests.tiny_course import LESSON, NAME, submission
from tests.waiting import meanwhile, until

EMPTY = Submission(refusal="Empty.")

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


@contextmanager
def process(tmp_path, name, *command, hidden=None):
    """A process with a home, a temporary folder and a working folder of its own.

    It cannot see the `hidden` folder at all, if this user may arrange that.
    """
    home = homes.make(tmp_path / name)
    environment = os.environ | {"HOME": str(home), "TMPDIR": str(home)}
    environment["DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED"] = "False"  # as the guide says
    environment["PYTHONPATH"] = str(ROOT)
    python = [sys.executable, "-m", *command]
    if hidden and os.geteuid() == 0 and shutil.which("unshare"):
        hide = f'mount -t tmpfs none "{hidden}" && exec "$@"'
        python = ["unshare", "--mount", "sh", "-c", hide, "sh", *python]
    running = subprocess.Popen(
        python, cwd=home, env=environment, stderr=(home / "log.txt").open("w")
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.slow
def test_a_scheduler_and_two_workers_of_which_one_dies(tmp_path, monkeypatch):
    """Submissions and the lesson's files travel as bytes."""
    monkeypatch.setattr(worker, "version", str)  # so that it may be edited meanwhile
    course = tiny_course.make_course(tmp_path / "instructor", cell_timeout=60)
    (course / "source" / LESSON / "numbers.txt").write_text("2")
    released = release.release_notebook(course / "source" / LESSON / NAME)
    double = "    time.sleep(0.5)\n    return int(open('numbers.txt').read()) * a"
    students = [f"student-{number}" for number in range(6)]
    for student in students:
        tiny_course.submit(course, student, submission(released, double=double))
    address = tmp_path / "address.json"
    files = ["--scheduler-file", str(address)]
    with ExitStack() as stack:
        start = stack.enter_context
        local = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        start(process(tmp_path, "scheduler", "distributed.cli.dask_scheduler", *local, *files))
        until(lambda: address.exists() and address.read_text().strip().endswith("}"))
        workers = [
            start(
                process(
                    tmp_path,
                    f"worker-{number}",
                    "distributed.cli.dask_worker",
                    *("--nthreads", "1", "--no-nanny", "--no-dashboard", *files),
                    *("--preload", "tests.quick_start"),
                    hidden=course,
                )
            )
            for number in range(2)
        ]

        def kill_one_at_the_first_result():
            until(lambda: done(course_folder.find(course)))
            workers[0].send_signal(signal.SIGKILL)

        scheduler = json.loads(address.read_text())["address"]
        arguments = ["--scheduler", scheduler, "--course", str(course)]
        with meanwhile(kill_one_at_the_first_result):
            answer = CliRunner().invoke(main, ["grade", LESSON, *arguments])
        assert answer.exit_code == 0, answer.output
        assert workers[0].wait(20) == -signal.SIGKILL
    marks = gradebook.submission_scores(course_folder.find(course), LESSON)
    assert {student: marks[student].scores for student in students} == {
        student: {"add": 2, "double": 3} for student in students
    }


def a_lesson(**more):
    notebook = prepared_for_grading(tiny_course.source_notebook())
    texts = {"source": release.to_text(notebook), "released": release.to_text(notebook)}
    return worker.LessonToGrade(LESSON, NAME, cell_timeout=3, timeout=9, **texts, **more)


def test_a_worker_with_another_version_is_not_made_use_of():
    with pytest.raises(worker.OtherVersion, match="a different version"):
        worker.grade(a_lesson(version="of yesterday"), "ada", Submission(b"{}"))


def test_a_worker_without_the_packages_of_the_course_says_so():
    lesson = a_lesson(limits=Limits(packages=("/nowhere/packages",)))
    with pytest.raises(CannotStart, match="There is no folder /nowhere/packages on"):
        worker.grade(lesson, "ada", Submission(lesson.released.encode()))


def test_a_scheduler_without_workers_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    import distributed  # it takes seconds

    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as alone:
        address = alone.scheduler_address
        with pytest.raises(course_folder.CourseError, match=r"has no workers.*dask worker"):
            list(cluster.graded(a_lesson(), [], 1, address))


@pytest.mark.weekly
def test_on_this_machine_dask_is_not_even_imported(tmp_path):
    """Its profiler can make a process of Python 3.11 stand still for ever."""
    course = tiny_course.make_course(tmp_path, cell_timeout=60)
    tiny_course.submit(course, "ada", "no notebook")
    start = "import sys; from autograder.cli import main; main(standalone_mode=False)"
    code = f"try: {start}\nfinally: print('distributed' in sys.modules, 'dask' in sys.modules)"
    command = [sys.executable, "-c", code, "grade", LESSON, "--jobs", "2"]
    answer = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert answer.stdout.splitlines()[-1] == "False False", answer


def test_only_as_many_submissions_are_read_as_the_workers_need():
    """And they are given back as they are done; here all are refused, so that none is run."""
    read = []

    def submissions():
        for number in range(40):
            read.append(number)
            yield f"student-{number}", EMPTY

    ahead, students = [], []
    for student, graded in cluster.graded(a_lesson(), submissions(), jobs=2):
        students.append(student)
        ahead.append(len(read) - len(students))
        assert graded.result.status == "error"
    assert sorted(students) == sorted(f"student-{number}" for number in range(40))
    assert max(ahead) <= 4


@pytest.mark.slow
@pytest.mark.sampled(rarer=64)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_stands_still_costs_its_submission_a_try_and_nobody_else(monkeypatch, jobs):
    """Even if it is the only one; what it says later is not heard."""
    still, grade = threading.Event(), worker.grade

    def stand_still(lesson, student, submission):
        if student == "student-1":
            still.wait()
        return grade(lesson, student, submission)

    monkeypatch.setattr(worker, "grade", stand_still)
    monkeypatch.setattr(cluster, "PREPARE_SECONDS", 0)
    monkeypatch.setattr(supervisor, "BEGIN_SECONDS", -30)  # with the rest, hardly any time is left
    found = {}
    submissions = ((f"student-{number}", EMPTY) for number in range(6))
    for student, graded in cluster.graded(a_lesson(), submissions, jobs):
        assert student not in found
        found[student] = graded
        if student == "student-1":
            still.set()
    assert len(found) == 6
    assert [student for student, graded in found.items() if not graded.keep] == ["student-1"]
    given_up = found["student-1"].result
    assert given_up.status == "error"
    assert "hung for" in given_up.exercises["add"].message


def test_it_tells_for_whom_it_waits_and_how_long(monkeypatch):
    told, may_end, grade = [], threading.Event(), worker.grade

    def slow(lesson, student, submission):
        may_end.wait(60 if student == "slow" else 0)
        return grade(lesson, student, submission)

    def on_wait(seconds):
        told.append(seconds)
        if [*seconds] == ["slow"] and seconds["slow"] >= 0.5:
            may_end.set()

    monkeypatch.setattr(worker, "grade", slow)
    submissions = [("slow", EMPTY), ("quick", EMPTY)]
    found = cluster.graded(a_lesson(), submissions, jobs=2, on_wait=on_wait)
    assert [student for student, _graded in found] == ["quick", "slow"]
    assert any(seconds.get("slow", 0) >= 0.5 for seconds in told)
    assert told[-1] == {}


def test_nobody_waits_for_workers_that_stand_still_when_an_error_ends_it(monkeypatch):
    monkeypatch.setattr(worker, "grade", lambda *_: threading.Event().wait())
    submissions = iter([("ada", EMPTY), ("bob", EMPTY)])
    running = cluster.graded(a_lesson(), itertools.chain(submissions, failing()), jobs=2)
    with pytest.raises(ZeroDivisionError):
        next(running)


def failing():
    yield 1 / 0


@pytest.mark.parametrize("error", [CannotStart("no room"), worker.OtherVersion("another")])
def test_what_would_befall_every_submission_ends_the_class(monkeypatch, error):
    def cannot(*_):
        raise error

    monkeypatch.setattr(worker, "grade", cannot)
    with pytest.raises(type(error), match=str(error)):
        list(cluster.graded(a_lesson(), [("ada", EMPTY)], jobs=1))

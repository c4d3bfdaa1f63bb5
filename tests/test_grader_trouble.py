"""What goes wrong on the grader's own side costs nobody a point, and stops no class for good."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import course_folder
from autograder.building import release
from autograder.grading import class_grading, verdict
from autograder.sandbox import CannotStart, Limits, Sandbox, SandboxUnavailable
from autograder.sandbox.inside import linux
from autograder.sandbox.outside import pool, supervisor
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.outside.supervisor import Supervisor
from autograder.sandbox.protocol import events
from autograder.sandbox.protocol.events import ProcessEnded, StartFailed
from autograder.sandbox.protocol.orders import Job
from tests import ordinary_user, tiny_course
from tests.conftest import missing, missing_walls
from tests.ordinary_user import NOBODY, NOT_IN_PASSWD
from tests.tiny_course import ALONE, LESSON, NAME, submission
from tests.tiny_course import test_cell as graded_cell
from tests.waiting import meanwhile, until

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("grader_trouble"),
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

GRADE = [sys.executable, "-m", "tests.quick_start", "grade"]
LOOK = """    import pathlib, tempfile
    for folder in (pathlib.Path.home(), pathlib.Path(tempfile.gettempdir()), pathlib.Path()):
        (folder / 'mine').write_text('x')
    return a + b + int(open('nothing.txt').read())"""


def a_class(folder):
    """A course of two: one right, who needs a file and all folders; and one wrong."""
    course = tiny_course.make_course(folder, cell_timeout=60)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, add=LOOK))
    (course / "submitted" / "ada" / LESSON / "nothing.txt").write_text("0")
    tiny_course.submit(course, "bob", submission(released, double="    return a"))
    return course


def graded(course, **more):
    """What `autograder grade` says and writes, as somebody else under other circumstances."""
    answer = ordinary_user.run([*GRADE, LESSON, "--json", "results.json"], course, **more)
    path = course / "results.json"
    results = json.loads(path.read_text()) if path.exists() else []
    return answer, {one["student"]: (one["status"], one["score"]) for one in results}


COVERED_PROC = ("/proc/sys", "/proc/sys", None, linux.BIND)
RIGHT = {"ada": ("passed", 5), "bob": ("failed", 2)}


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize(
    ("user", "umask", "environment", "mounts"),
    [
        (0, 0o027, {}, ()),
        # As in a container that is started for an instructor: it covers parts of /proc, for which
        # no other /proc can be mounted.
        (NOT_IN_PASSWD, 0o027, {"HOME": "/nonexistent", "TMPDIR": None}, [COVERED_PROC]),
    ],
    ids=["root 027", "no name, no home 027, as in a container"],
)
def test_whoever_grades_under_whatever_mask(tmp_path, user, umask, environment, mounts):
    missing_walls()
    ordinary_user.missing_ordinary_user()
    more = {"user": user, "umask": umask, "env": environment, "mounts": mounts}
    answer, results = graded(a_class(tmp_path), **more)
    assert results == RIGHT, answer.stdout


# Where the grader's own files are -----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize(
    "name", ["two words, 三个字 and 'a quote'", "/".join(["long" * 40] * 7), "not/there"]
)
def test_any_folder_for_temporary_files_will_do(tmp_path, name):
    missing_walls()
    ordinary_user.missing_ordinary_user()
    course = a_class(tmp_path / "course")
    if name != "not/there":
        (course / name).mkdir(parents=True)
    answer, results = graded(course, env={"TMPDIR": str(course / name)})
    assert results == RIGHT, answer.stdout


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("user", [0, NOBODY])
def test_temporary_files_may_be_in_memory_under_the_strictest_mask(tmp_path, user):
    missing_walls()
    ordinary_user.missing_ordinary_user()
    if not os.access("/dev/shm", os.W_OK):
        missing("/dev/shm", "this machine has none")
    answer, results = graded(a_class(tmp_path), user=user, umask=0o077, env={"TMPDIR": "/dev/shm"})
    assert results == RIGHT, answer.stdout


def test_a_folder_that_cannot_take_the_results_is_told_before_anything_is_graded(tmp_path):
    ordinary_user.missing_ordinary_user()
    course = a_class(tmp_path)
    (course / "locked").mkdir()
    (course / "locked").chmod(0o500)
    answer = ordinary_user.run([*GRADE, LESSON, "--json", "locked/results.json"], course)
    assert answer.returncode == 2
    assert "Nothing can be written beside --json locked/results.json" in answer.stdout
    assert not (course / "gradebook.db").exists()


@pytest.mark.slow
def test_temporary_files_may_be_where_no_program_can_be_run(tmp_path):
    missing_walls()
    ordinary_user.missing_ordinary_user()
    course = a_class(tmp_path)
    memory = ("tmpfs", course / "tmp", "tmpfs", linux.NO_EXECUTION, "mode=1777")
    answer, results = graded(course, mounts=[memory])
    assert results == RIGHT, answer.stdout


@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("size", ["40k", "400k", "4m"])
@pytest.mark.slow
def test_a_full_disk_is_the_graders_trouble_until_there_is_another(tmp_path, size):
    """Nothing is graded, or marked as what it is: and then it is graded."""
    missing_walls()
    ordinary_user.missing_ordinary_user()
    course = a_class(tmp_path)
    memory = ("tmpfs", course / "tmp", "tmpfs", 0, f"size={size},mode=1777")
    answer, results = graded(course, mounts=[memory])
    if results != RIGHT:
        assert answer.returncode == 1
        assert "TMPDIR" in answer.stdout or "No space left" in answer.stdout, answer.stdout
        assert "cannot isolate" not in answer.stdout.replace("\n", " ")
        assert "--no-sandbox" not in answer.stdout
        assert {status for status, _ in results.values()} <= {"error"}, answer.stdout
        answer, results = graded(course)
    assert results == RIGHT, answer.stdout


def test_a_path_that_is_too_long_is_refused_in_a_sentence(tmp_path, monkeypatch):
    long = tmp_path.joinpath(*["long" * 60] * 9)
    long.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(CannotStart, match=r"longer than 2,000 bytes\. Set TMPDIR to a folder"):
        Sandbox().start()


# One submission -----------------------------------------------------------------------------------


def notebook(*cells):
    cells = [
        graded_cell(*one, 1) if isinstance(one, tuple) else new_code_cell(one) for one in cells
    ]
    return new_notebook(cells=cells)


SLEEP = ("import time\ndef nap():\n    time.sleep(3)\n    return 8", ("check", "assert nap() == 8"))
SLEEP_LONG = (SLEEP[0].replace("3", "50"), SLEEP[1])  # until it is ended


@pytest.fixture(scope="module")
def sandbox():
    missing_walls()
    with Sandbox(limits=Limits(disk=2_000_000, grace=1.0)) as sandbox:
        sandbox.start()
        yield sandbox


def run(sandbox, *cells, files=None):
    return sandbox.run(notebook(*cells), files, cell_timeout=60, timeout=120)


def fork_servers():
    """Those of this process, that are ready."""
    found = psutil.Process().children()
    return [one for one in found if "autograder.sandbox.start" in " ".join(command(one))]


def command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def below(process):
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def kill_while_it_runs(times):
    """Kill the fork server while a submission runs, that many times."""
    for _ in range(times):
        victim = until(lambda: next((one for one in fork_servers() if len(below(one)) >= 4), None))
        victim.kill()
        until(lambda victim=victim: has_ended(victim))


def has_ended(process):
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def kill_who_waits():
    """Kill the student's process that waits for a command."""
    family = until(
        lambda: [
            process
            for server in fork_servers()
            for process in server.children(recursive=True)
            if command(process)[:1] == ["sleep"]
        ]
    )
    family[0].parent().kill()


@pytest.mark.slow
def test_a_submission_whose_fork_server_was_killed_is_tried_again(sandbox):
    with meanwhile(lambda: kill_while_it_runs(1)):
        outcome = run(sandbox, *SLEEP)
    assert (outcome.end, outcome.cells[1].status) == ("done", "ok"), outcome


@pytest.mark.slow
def test_a_submission_that_was_killed_from_outside_is_run_once_more(tmp_path):
    missing_walls()
    course = tiny_course.make_course(tmp_path, cell_timeout=60)
    released = release.release_notebook(course / "source" / LESSON / NAME)
    double = "    import subprocess; subprocess.run(['sleep', '0.5'])\n    return 2 * a"
    tiny_course.submit(course, "ada", submission(released, double=double))
    with meanwhile(kill_who_waits):
        (ada,) = class_grading.grade(course_folder.find(course), LESSON, settings=ALONE)
    pool.stop()  # the next tests look at the fork server of their own sandbox
    assert (ada.status, ada.score) == ("passed", 5), ada


@pytest.mark.slow
def test_the_second_time_it_is_the_graders_trouble_and_the_next_one_is_graded(sandbox):
    with meanwhile(lambda: kill_while_it_runs(2)):
        outcome = run(sandbox, *SLEEP_LONG)
    assert outcome == Outcome(trouble=outcome.trouble, seconds=outcome.seconds)
    assert outcome.trouble == "The process that all others are forked from ended twice."
    assert run(sandbox, "1 + 1").end == "done"


@pytest.mark.slow
def test_a_fork_server_that_stands_still_is_replaced(sandbox, monkeypatch):
    sandbox.start()
    (stopped,) = fork_servers()
    stopped.send_signal(signal.SIGSTOP)
    patience = supervisor.BEGIN_SECONDS
    monkeypatch.setattr(supervisor, "BEGIN_SECONDS", 4)

    def be_patient_with_the_next():
        until(lambda: has_ended(stopped))
        monkeypatch.setattr(supervisor, "BEGIN_SECONDS", patience)

    with meanwhile(be_patient_with_the_next):
        assert run(sandbox, "1 + 1").end == "done"
    assert stopped not in fork_servers()


def test_a_fork_server_whose_folder_was_tidied_away_is_replaced(sandbox):
    sandbox.start()
    (its,) = fork_servers()
    shutil.rmtree(Path(its.cwd()).parent)
    assert run(sandbox, "1 + 1").end == "done"
    assert its not in fork_servers()


def test_stopping_ends_what_runs_and_tries_nothing_again():
    missing_walls()
    others = fork_servers()
    with Sandbox() as sandbox:
        sandbox.start()
        (its,) = set(fork_servers()) - set(others)

        def stop():
            until(lambda: len(its.children(recursive=True)) >= 4)
            sandbox.stop()

        with meanwhile(stop):
            outcome = run(sandbox, *SLEEP_LONG)
        assert outcome.end == "broken"
        assert set(fork_servers()) == set(others)


def test_what_cannot_be_copied_for_a_submission_is_the_graders_trouble(sandbox, tmp_path):
    (tmp_path / "lesson").mkdir()
    (tmp_path / "lesson" / "large.bin").write_bytes(bytes(3_000_000))
    outcome = run(sandbox, "1 + 1", files=tmp_path / "lesson")
    assert (outcome.end, outcome.cells) == ("broken", {})
    assert "could not be started" in outcome.trouble
    assert "No space left" in outcome.trouble


def test_no_folder_for_a_submission_is_the_graders_trouble(sandbox, monkeypatch):
    def mkdir(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", mkdir)
        outcome = run(sandbox, "1 + 1")
    assert (outcome.end, outcome.cells) == ("broken", {})
    assert "Permission denied" in outcome.trouble
    assert run(sandbox, "1 + 1").end == "done"


def test_limits_with_which_nothing_can_run_are_told_at_the_start():
    """And not as a machine without walls."""
    missing_walls()
    with (
        Sandbox(limits=Limits(files=3)) as sandbox,
        pytest.raises(CannotStart, match="Too many open files") as refused,
    ):
        sandbox.start()
    assert not isinstance(refused.value, SandboxUnavailable)


def test_too_little_memory_for_anybody_is_the_graders_trouble():
    missing_walls()
    with Sandbox(limits=Limits(memory=1_000)) as sandbox:
        outcome = run(sandbox, "import time; time.sleep(1)")
    assert outcome.end == "broken", outcome
    assert "before its first cell: more than" in outcome.trouble


NO_FORKS = """
import resource, sys
import tests.quick_start
from autograder.sandbox import Sandbox
from tests.test_grader_trouble import run, fork_servers
sandbox = Sandbox()
sandbox.start()
(warm,) = fork_servers()
most = resource.prlimit(warm.pid, resource.RLIMIT_NPROC)[1]
resource.prlimit(warm.pid, resource.RLIMIT_NPROC, (0, most))
print(run(sandbox, "1 + 1"))
resource.prlimit(warm.pid, resource.RLIMIT_NPROC, (most, most))
print(run(sandbox, "1 + 1").end)
"""


@pytest.mark.slow
def test_as_many_processes_as_there_may_be(tmp_path):
    """The limit is not root's, nor does what is being graded suffer."""
    missing_walls()
    ordinary_user.missing_ordinary_user()
    answer = ordinary_user.run([sys.executable, "-c", NO_FORKS], tmp_path)
    assert "no process can be forked: Resource temporarily unavailable" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "done", answer.stdout


# What is heard of a submission --------------------------------------------------------------------


def outcome_of(status=(), reports=(), seconds=5, group=None):
    """What a watch makes of what it hears; both sides then hang up."""

    def fork(files, students, its_reports, examiners):
        ours, theirs = socket.socketpair()
        for end, said in ((theirs, status), (its_reports, reports)):
            for event in said:
                end.sendall(events.encode(event))
            end.close()
        students.close()
        examiners.close()
        return ours

    job = Job({}, seconds, seconds)
    return Supervisor(fork, Limits(), job, shared_kilobytes=0, group=group).watch(None)


READY = events.ExaminerReady(2**22 + 1)
BEGIN = events.CellBegun(0)
DIED = [events.CellEnded("died", index=0), events.RunEnded("died")]


@pytest.mark.parametrize(
    ("status", "reports", "words"),
    [
        ([StartFailed("no room")], [READY, DIED[1]], "could not be started: no room."),
        ([StartFailed("no room")], [], "could not be started: no room."),
        ([ProcessEnded(-9)], [READY, DIED[1]], "before its first cell (ended by SIGKILL)."),
        ([ProcessEnded(1)], [READY, DIED[1]], "before its first cell (ended with exit code 1)."),
        ([], [READY, DIED[1]], "was ended from outside."),
        ([], [READY, BEGIN, *DIED], "was ended from outside."),
        ([], [], "The examiner ended without saying why."),
        ([], [READY], "The examiner ended without saying why."),
        ([], [READY, BEGIN], "The examiner ended without saying why."),
        ([], [READY, events.RunEnded("broken", "Odd.")], "Odd."),
    ],
)
def test_what_happens_before_the_first_cell_or_to_the_examiner_is_the_graders_trouble(
    status, reports, words
):
    outcome = outcome_of(status, reports)
    assert (outcome.end, outcome.cells) == ("broken", {})
    assert outcome.trouble.endswith(words), outcome


def test_what_happens_to_a_process_after_its_first_cell_began_is_its_own():
    for code, end in ((0, "died"), (-9, "died"), (-signal.SIGSYS, "tampered")):
        assert outcome_of([ProcessEnded(code)], [READY, BEGIN, *DIED]).end == end


def test_nothing_is_waited_for_without_end(monkeypatch):
    """Neither a first cell, nor an examiner that should have ended."""
    for name in ("BEGIN_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(supervisor, name, 0.2)
    kept = []

    def fork(*ends):
        kept.extend(ends)  # nobody hangs up, nobody says a word
        ours, theirs = socket.socketpair()
        threading.Timer(0.6, theirs.close).start()
        return ours

    outcome = Supervisor(fork, Limits(), Job({}, 5, 5), shared_kilobytes=0).watch(None)
    assert outcome.trouble == "No cell was started within 0.2 s."


# What becomes of it -------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["No room.", ""])
def test_the_graders_trouble_is_an_error_with_the_reason(trouble):
    notebook = new_notebook(cells=[graded_cell("check_add", "exam()", 4)])
    outcome = Outcome(trouble=trouble)
    (result,) = verdict.exercises(notebook, outcome).values()
    assert verdict.overall({"add": result}, outcome) == result.status == "error"
    assert result.message == f"The grader failed before this test was finished.\n{trouble}".strip()
    assert not result.was_reached


@pytest.mark.slow
def test_it_is_graded_again_the_next_time(tmp_path):
    """By itself, and whatever was written down; the reason is in the table."""
    missing_walls()
    course = tiny_course.make_course(tmp_path, cell_timeout=60)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Limits.disk = 2_000_000\n")
    released = release.release_notebook(course / "source" / LESSON / NAME)
    for student in ("ada", "bob"):
        tiny_course.submit(course, student, submission(released))
    (course / "submitted" / "ada" / LESSON / "large.bin").write_bytes(bytes(3_000_000))
    found = course_folder.find(course)
    times = []
    for _ in range(2):
        ada, bob = class_grading.grade(found, LESSON)
        assert (ada.status, bob.status) == ("error", "passed")
        assert "No space left" in ada.exercises["add"].message
        path = course / "autograded" / "ada" / LESSON / "result.json"
        times.append(path.stat().st_mtime_ns)
        assert json.loads(path.read_text())["hash"] is None
    assert times[0] < times[1]
    (course / "submitted" / "ada" / LESSON / "large.bin").unlink()
    assert [one.status for one in class_grading.grade(found, LESSON)] == ["passed", "passed"]
    nbformat.read(course / "autograded" / "ada" / LESSON / NAME, as_version=4)


ROOT_OF_ONE_USER = """
import os
from pathlib import Path
from autograder.sandbox import Sandbox, SandboxUnavailable
from autograder.sandbox.inside import linux
from autograder.sandbox.outside import server_handle

user, group = os.geteuid(), os.getegid()
linux.unshare(linux.NEW_USER)
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"0 {user} 1")
Path("/proc/self/gid_map").write_text(f"0 {group} 1")
server_handle.WARM_MODULES = ()
try:
    Sandbox().start()
except SandboxUnavailable as error:
    print(error)
"""


def test_root_without_other_users_has_no_walls():
    """As in a container that knows no other user: the fork server cannot map any."""
    missing_walls()
    done = subprocess.run([sys.executable, "-c", ROOT_OF_ONE_USER], capture_output=True, text=True)
    assert done.stdout.strip() == "no users can be mapped into the user namespace", done.stderr

"""On macOS and Windows, as far as Linux can be dressed up: what works, and what explains itself."""

import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from autograder import course_folder
from autograder.building import release
from autograder.sandbox.outside import portable_memory
from autograder.sandbox.protocol import orders
from autograder.sandbox.protocol.orders import Order
from tests import other_systems, tiny_course
from tests.tiny_course import LESSON, NAME, submission

ROOT = other_systems.ROOT
AUTOGRADER = ("-m", "autograder.cli")
COURSE = ("-m", "course.cli")
NOT_ON_WINDOWS = (
    "Submissions cannot be graded on Windows, which has no fork: grade on Linux, in WSL2 or in a "
    "container."
)

pytestmark = pytest.mark.xdist_group("grade")
both_systems = pytest.mark.parametrize("system", ["darwin", "windows"])


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a student who solved everything, one who did not, and one who takes memory."""
    folder = tiny_course.make_course(tmp_path_factory.mktemp("course"), cell_timeout=60)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.Limits.memory = 300_000_000\nc.Grade.sandbox = True\n")
    path = release.build(course_folder.find(folder), LESSON)[0] / NAME
    released = nbformat.read(path, as_version=4)
    hungry = "    held = b'x' * 1_200_000_000\n    time.sleep(30)\n    return len(held)"
    tiny_course.submit(folder, "solved", submission(released))
    tiny_course.submit(folder, "wrong", submission(released, double="    return a"))
    tiny_course.submit(folder, "hungry", submission(released, double=hungry))
    tiny_course.start_quickly(folder)
    return folder


@pytest.fixture
def on(tmp_path):
    """Run Python on another system: on(system, folder, *arguments)."""

    def run(system, folder, *arguments):
        answer = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=other_systems.environment(system, tmp_path / system),
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in answer.stderr, answer.stderr
        return answer

    return run


@both_systems
@pytest.mark.parametrize("command", [AUTOGRADER, COURSE])
def test_help_works_everywhere(on, system, command):
    answer = on(system, ROOT, *command, "--help")
    assert answer.returncode == 0
    assert "Usage:" in answer.stdout


@both_systems
@pytest.mark.slow
@pytest.mark.sampled(rarer=64)
def test_students_can_see_check_reset_and_count_everywhere(on, system, course, tmp_path):
    """With the encoding that Windows gives to what is sent to a file."""
    shutil.copytree(course / "release", tmp_path / "release")
    solved = tmp_path / "work" / LESSON / NAME
    solved.parent.mkdir(parents=True)
    shutil.copy(course / "submitted" / "solved" / LESSON / NAME, solved)
    code = (
        "import sys; from course.cli import main\n"
        "sys.stdout.reconfigure(encoding='cp1252', errors='strict')\n"
        "train = 'train softmax --steps 2 --no-show --source embedded'.split()\n"
        f"check, reset = ['check', {str(solved)!r}], ['reset', {str(solved)!r}, 'add']\n"
        "for command in (['lessons'], check, reset, ['data'], train):\n"
        "    try: main(command)\n"
        "    except SystemExit as end: assert not end.code, command"
    )
    answer = on(system, tmp_path, "-c", code)
    assert answer.returncode == 0, answer
    assert "2 of 2 exercises pass" in answer.stdout
    assert "is as it was at the start" in answer.stdout
    assert "validation" in answer.stdout
    assert "finished after 2 steps" in answer.stdout
    (kept,) = solved.parent.glob("*.txt")
    assert "return a + b" in kept.read_text(encoding="utf-8")


def test_the_prompt_comes_back_on_windows_when_jupyterlab_has_ended(on, tmp_path):
    code = (
        "import os, signal, types; from pathlib import Path\n"
        "from course.workbook import jupyterlab\n"
        "jupyterlab.os = types.SimpleNamespace(**vars(os) | {'name': 'nt'})\n"
        "def call(command): signal.raise_signal(signal.SIGINT); print(*command[1:]); return 3\n"
        "jupyterlab.subprocess.call = call\n"
        "jupyterlab.become(Path(), Path('01-softmax', 'softmax.ipynb'))"
    )
    answer = on("windows", tmp_path, "-c", code)
    assert answer.stdout == (
        "-P -m jupyterlab --LabApp.default_url=/lab/tree/01-softmax/softmax.ipynb\n"
    )
    assert answer.returncode == 3


@pytest.mark.slow
def test_grading_on_windows_is_refused_in_one_sentence(on, course):
    code = (
        "import sys; from autograder.cli import main\n"
        "for options in ([], ['--no-sandbox'], ['--force']):\n"
        f"    try: main(['grade', {LESSON!r}, *options])\n"
        "    except SystemExit as end: assert end.code == 1, options"
    )
    answer = on("windows", course, "-c", code)
    assert answer.returncode == 0
    assert answer.stderr == f"Error: {NOT_ON_WINDOWS}\n" * 3
    assert not answer.stdout


def test_the_demonstration_on_windows_explains_itself_and_touches_nothing(on, tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("kept")
    answer = on("windows", tmp_path, "-m", "autograder.demo")
    assert answer.returncode == 1
    assert answer.stderr == f"The demonstration cannot be run: {NOT_ON_WINDOWS}\n"
    assert (tmp_path / "demo" / "mine.txt").read_text() == "kept"


@pytest.mark.slow
@both_systems
@pytest.mark.sampled(rarer=2)
def test_what_does_not_grade_works_everywhere(on, system, tmp_path):
    folder = tiny_course.make_course(tmp_path / "course")
    code = (
        "from autograder.cli import main\n"
        f"for command in (['build'], ['report', {LESSON!r}], ['export']):\n"
        "    try: main(command)\n"
        "    except SystemExit as end: print(command[0], end.code)"
    )
    answer = on(system, folder, "-c", code)
    assert answer.returncode == 0, answer
    assert answer.stdout.splitlines().count("build 0") == 1, answer
    assert len(answer.stderr.splitlines()) <= 2, answer


@pytest.mark.slow
def test_nbgrader_finds_the_parts_of_the_course_on_windows(on):
    rooms = {
        "nbgrader_plugins": ("autograde", "fold_outs", "plain_metadata", "release_feedback"),
        "pages": ("feedback_page", "harmless_outputs", "hide_hidden_tests"),
        "grading": ("class_grading", "gradebook", "worker"),
    }
    names = ", ".join(f"autograder.{room}.{name}" for room in rooms for name in rooms[room])
    assert on("windows", ROOT, "-c", f"import {names}").returncode == 0


@pytest.mark.slow
def test_macos_asks_before_it_grades_without_walls(on, course):
    answer = on("darwin", course, *AUTOGRADER, "grade", LESSON)
    assert answer.returncode == 1
    assert "only Linux has user namespaces" in answer.stderr
    assert "--no-sandbox" in answer.stderr


@pytest.mark.slow
def test_macos_grades_without_walls(on, course):
    results = course / "results.json"
    command = ("grade", LESSON, "--no-sandbox", "--json", str(results))
    answer = on("darwin", course, *AUTOGRADER, *command)
    found = {result["student"]: result for result in json.loads(results.read_text())}
    assert {student: result["status"] for student, result in found.items()} == {
        "solved": "passed",
        "wrong": "failed",
        "hungry": "out_of_memory",
    }, answer
    assert [found[student]["score"] for student in ("solved", "wrong", "hungry")] == [5, 2, 2]


@pytest.mark.parametrize("chosen", [
    ("-k", "leaves_nothing_behind"), pytest.param((), marks=pytest.mark.weekly),
])  # fmt: skip
@pytest.mark.slow
def test_what_a_workflow_runs_on_macos_passes_there(on, chosen, monkeypatch):
    monkeypatch.delenv("COURSE_TEST_STRICT", raising=False)  # walls are missing there
    command = ("-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "tests/test_grade.py")
    answer = on("darwin", ROOT, *command, *chosen)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.weekly
def test_the_demonstration_runs_on_macos_and_says_that_there_are_no_walls(on, tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "source", tmp_path / "source")
    answer = on("darwin", tmp_path, "-m", "autograder.demo")
    assert answer.returncode == 0, answer
    assert "Without a sandbox" in answer.stdout
    assert "solved    10/10  passed" in answer.stdout
    assert (tmp_path / "demo" / "test_digits.png").is_file()


# What stands in for Linux's own ------------------------------------------------------------------


def test_orders_keep_apart_with_their_descriptors():
    """Over a stream, which joins what is sent: each order comes out with its own descriptors.

    It holds 8 KB on macOS, so what is longer is sent while somebody reads.
    """
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    some = [Order(base, None, [], [], None) for base in ("", "one", "two" * 10_000, "three")]

    def send():
        for number, order in enumerate(some):
            with open(os.devnull) as file:
                orders.send(ours, order, [file.fileno()] * number)

    with ours, theirs, ThreadPoolExecutor() as threads:
        sent = threads.submit(send)
        for number, order in enumerate(some):
            received, descriptors = orders.receive(theirs)
            assert received == order
            assert len(descriptors) == number
            for descriptor in descriptors:
                os.close(descriptor)
        sent.result()
        ours.close()
        assert orders.receive(theirs) == (None, [])


def test_memory_is_counted_with_what_a_process_started():
    hold = "held = b'x' * 200_000_000; print('ready', flush=True); input()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        own = portable_memory.resident_kilobytes(process.pid)
        assert 1_000 < own < 200_000
        assert portable_memory.takes_more([process.pid], 200_000_000, 0)
        assert not portable_memory.takes_more([process.pid], 200_000_000, own)
        assert not portable_memory.takes_more([process.pid], 600_000_000, 0)
        process.communicate(b"\n")
    assert portable_memory.resident_kilobytes(process.pid) == 0

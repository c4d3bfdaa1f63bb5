"""Grading: against nbgrader's own autograde, in a long class, and beside a greedy submission."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.building import release
from autograder.course_folder import CourseFolder
from autograder.demo import answers_of, with_answers
from autograder.sandbox import Sandbox
from tests import tiny_course

ROOT = Path(__file__).parent.parent
LESSON = "01-softmax"
COPIES = int(os.environ.get("COURSE_BENCH_COPIES", 24))
LONG = int(os.environ.get("COURSE_BENCH_LONG", 1000))
BIN = Path(sys.executable).parent
GROUP = f"grading {COPIES} solved copies of lesson 1"
SECONDS = {}


def a_class(folder, config):
    """A course with one lesson, of which everybody handed in the model answers."""
    shutil.copytree(ROOT / "source" / LESSON, folder / "source" / LESSON)
    (folder / "nbgrader_config.py").write_text(config)
    path = next((folder / "source" / LESSON).glob("*.ipynb"))
    source = nbformat.read(path, as_version=4)
    solved = with_answers(release.release_notebook(path), answers_of(source))
    for number in range(COPIES):
        target = folder / "submitted" / f"student-{number:02}" / LESSON / path.name
        target.parent.mkdir(parents=True)
        nbformat.write(solved, target)
    return folder


def timed(*command, cwd):
    """The seconds of a command that must succeed."""
    started = time.monotonic()
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    answer = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return time.monotonic() - started


def different_totals(folder):
    """The different totals that students have, by the gradebook."""
    from autograder.grading import gradebook  # which takes seconds

    found = gradebook.submission_scores(CourseFolder(folder), LESSON)
    return {sum(marks.scores.values()) for marks in found.values()}


@pytest.mark.timeout(1800)
@pytest.mark.benchmark(group=GROUP)
def test_stock_nbgrader_autograde(benchmark, tmp_path):
    """nbgrader as it comes: no configuration but the name of the course."""
    course = a_class(tmp_path / "course", "c = get_config()\n")
    timed("nbgrader", "generate_assignment", LESSON, cwd=course)

    def grade():
        SECONDS["stock"] = timed("nbgrader", "autograde", LESSON, cwd=course)

    benchmark.pedantic(grade, rounds=1)
    benchmark.extra_info["figures"] = figures("`nbgrader autograde`", SECONDS["stock"])


@pytest.mark.timeout(1800)
@pytest.mark.benchmark(group=GROUP)
def test_autograder_grade(benchmark, tmp_path):
    config = (ROOT / "nbgrader_config.py").read_text()
    course = a_class(tmp_path / "course", config)

    def grade():
        SECONDS["ours"] = timed("autograder", "grade", LESSON, cwd=course)

    benchmark.pedantic(grade, rounds=1)
    again = timed("autograder", "grade", LESSON, cwd=course)
    benchmark.extra_info["figures"] = figures(
        "`autograder grade`", SECONDS["ours"], nothing_to_do=f"{again:.1f} s"
    )
    assert different_totals(course) == {10.0}


def figures(name, seconds, nothing_to_do="grades again"):
    return {
        "": name,
        "seconds": f"{seconds:.1f}",
        "a submission": f"{seconds / COPIES:.2f} s",
        "compared with nbgrader": f"{SECONDS['stock'] / seconds:.1f} times as fast",
        "a second time, with nothing to do": nothing_to_do,
    }


@pytest.mark.timeout(3600)
@pytest.mark.benchmark(group=f"a class of {LONG:,} with a tiny lesson")
def test_a_long_class(benchmark, tmp_path):
    """Throughput and the grader's memory, in the first and in the last quarter."""
    course = tiny_course.make_course(tmp_path, cell_timeout=30)
    released = release.release_notebook(course / "source" / tiny_course.LESSON / tiny_course.NAME)
    for number in range(LONG):
        notebook = tiny_course.submission(released)
        notebook.cells[1].source += f"\nx = {number}"
        tiny_course.submit(course, f"student-{number:04}", notebook)
    done = course / "autograded"
    seen = []

    def grade():
        grader = subprocess.Popen(
            [BIN / "autograder", "grade", tiny_course.LESSON],
            cwd=course,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        process = psutil.Process(grader.pid)
        while grader.poll() is None:
            count = len(list(done.glob("*"))) if done.exists() else 0
            with_children = [process, *process.children(recursive=True)]
            memory = 0
            for one in with_children:
                try:
                    if "autograder.sandbox.start" not in one.cmdline():
                        memory += one.memory_info().rss
                except psutil.Error:
                    pass
            seen.append((time.monotonic(), count, memory / 1e6))
            time.sleep(1)
        assert grader.returncode == 0

    benchmark.pedantic(grade, rounds=1)
    early, late = quarter(seen, 0.05, 0.30), quarter(seen, 0.75, 1.0)
    benchmark.extra_info["figures"] = {
        "": "submissions a second",
        "first quarter": f"{early[0]:.1f}",
        "last quarter": f"{late[0]:.1f}",
        "memory of grader and worker, first quarter": f"{early[1]:.0f} MB",
        "last": f"{late[1]:.0f} MB",
    }
    assert late[0] > 0.7 * early[0]
    assert late[1] < early[1] + 60


def quarter(seen, start, end):
    """Throughput and median memory between two shares of the class."""
    part = [row for row in seen if start * LONG <= row[1] <= end * LONG]
    part = part[: next((i for i, row in enumerate(part) if row[1] == LONG), len(part)) + 1]
    seconds, count = part[-1][0] - part[0][0], part[-1][1] - part[0][1]
    return count / seconds, statistics.median(row[2] for row in part)


LOOPS = 90
ENDLESS = f"""
import os, time
start, wait = os.pipe()
for _ in range({LOOPS}):
    if not os.fork():
        os.setsid()
        os.close(wait)
        os.read(start, 1)  # until all are there
        while True:
            pass
os.close(wait)
time.sleep(600)
"""


@pytest.mark.timeout(600)
@pytest.mark.benchmark(group=f"a submission beside one that forks {LOOPS} endless loops")
def test_beside_endless_loops(benchmark):
    """A cell that computes, in a submission of its own: alone, and while the loops are running."""
    with Sandbox() as sandbox, ThreadPoolExecutor() as neighbour:

        def run(code):
            notebook = new_notebook(cells=[new_code_cell(code)])
            return sandbox.run(notebook, None, cell_timeout=500, timeout=500)

        def seconds():
            cell = run("sum(number * number for number in range(10_000_000))").cells[0]
            assert cell.status == "ok", cell
            return cell.seconds

        alone = statistics.median(seconds() for _ in range(3))
        before = len(psutil.Process().children(recursive=True))
        endless = neighbour.submit(run, ENDLESS)
        while len(psutil.Process().children(recursive=True)) <= before + LOOPS:
            assert not endless.done(), endless.result()
            time.sleep(0.1)
        beside = statistics.median(benchmark.pedantic(lambda: [seconds() for _ in range(3)]))
        assert not endless.done(), endless.result()
        sandbox.stop()  # and with it the loops
    benchmark.extra_info["figures"] = {
        "": "a cell that computes",
        "alone": f"{alone:.2f} s",
        "beside the loops": f"{beside:.2f} s",
        "compared with alone": f"{beside / alone:.2f} times as long",
    }
    assert beside < 2 * alone or os.cpu_count() == 1

"""The corpus: no undeserved point, no honest submission harmed, nothing read, nothing left."""

import dataclasses
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import changed_tests, parsing, worker
from autograder.grading.parsing import Submission
from autograder.sandbox import Limits
from autograder.sandbox.outside import pool
from course import check
from tests.attacks import (
    accidents,
    hostile_answers,
    in_the_interpreter,
    in_the_notebook,
    lesson,
    on_the_machine,
    through_the_channel,
)
from tests.attacks.case import submitted
from tests.conftest import ROOT, missing_walls, tried
from tests.tiny_course import test_cell as graded_cell

pytestmark = [pytest.mark.xdist_group("walls"), pytest.mark.timeout(900)]  # all in one fixture

PARTS = (in_the_interpreter, through_the_channel, on_the_machine, in_the_notebook, accidents)
CASES = {name: case for part in PARTS for name, case in part.CASES.items()}
CORPUS = {name: CASES[name] for name in tried(CASES, rarer=8)}
LIMITS = Limits(memory=800_000_000, processes=40, file_size=40_000_000, disk=60_000_000, grace=1.0)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """What a worker makes of each case, all of them in one sandbox."""
    missing_walls()
    folder = tmp_path_factory.mktemp("instructors")
    for name in ("gradebook.db", "source/doubles.ipynb", "submitted/ada/doubles.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(lesson.MARK)
    patch = pytest.MonkeyPatch()
    patch.setenv("SECRET_OF_THE_GRADER", lesson.MARK)
    sleeping = _sleeping()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named:
        named.bind(f"\0grader-{os.getpid()}")
        named.listen()
        listening = {"port": server.getsockname()[1], "name": f"\0grader-{os.getpid()}"}
        files = {
            "extra.txt": b"beside the lesson",
            "listening.json": json.dumps(listening).encode(),
            "folders.json": json.dumps([str(folder), str(folder.parent), str(ROOT)]).encode(),
        }
        found = dict(_graded(files, folder))
    yield {"found": found, "left": _left(), "sleeping": _sleeping() - sleeping}
    pool.stop()
    patch.undo()


def _graded(files, folder):
    whole = worker.LessonToGrade(
        name="01-doubles",
        notebook_name="doubles.ipynb",
        source=nbformat.writes(lesson.prepared()),
        released=nbformat.writes(lesson.released()),
        cell_timeout=30,
        timeout=90,
        files=files,
        limits=LIMITS,
        secrets=(str(folder),),
    )
    pool.sandbox(True, LIMITS).start()

    def grade(name):
        case = CORPUS[name]
        its = dataclasses.replace(whole, cell_timeout=case.seconds)
        return name, worker.grade(its, name, Submission(submitted(case, lesson.released())))

    with ThreadPoolExecutor(os.cpu_count() + 1) as threads:
        yield from threads.map(grade, CORPUS)


def _left():
    """What the fork server still has below it."""
    (server,) = [
        one for one in psutil.Process().children() if "autograder.sandbox.start" in one.cmdline()
    ]
    family = server.children(recursive=True)
    return [one for one in family if one.status() != psutil.STATUS_ZOMBIE]


def _sleeping():
    """All processes that a case leaves in the background."""
    processes = psutil.process_iter(["cmdline"])
    return {one.pid for one in processes if one.info["cmdline"] == ["sleep", "98765"]}


@pytest.mark.parametrize("name", CORPUS)
def test_verdict(graded, name):
    case, graded = CORPUS[name], graded["found"][name]
    for exercise, result in graded.result.exercises.items():
        assert result.status in case.statuses(exercise), (exercise, result)
        assert result.score == (result.status == "passed") * lesson.POINTS[exercise]
    assert graded.keep, graded.result  # the grader itself had no trouble
    assert case.status in (None, graded.result.status)
    notebook = nbformat.reads(graded.notebook, as_version=4)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = json.dumps(outputs)
    assert case.shown in shown
    assert not case.hidden or case.hidden not in shown
    assert len(shown) < 60_000_000
    assert len(outputs) < LIMITS.all_outputs + len(notebook.cells)
    assert all(len(output.get("traceback", output.get("data", ()))) < 200 for output in outputs)


@pytest.mark.parametrize("exercise", tried(check.LESSONS["lesson_01_softmax"], rarer=3))
@pytest.mark.slow
def test_what_is_no_answer_at_all_is_refused_in_a_real_lesson(graded, exercise):
    """Nor is the course's own function, under whatever name."""
    exam = f"from autograder import exam\nexam.{exercise}(answer)"
    own = f"def answer(*a): return reference.{exercise}(*a)"
    within = f"answer = getattr(reference.{exercise}, '__wrapped__', reference.{exercise})"
    answers = [*hostile_answers.ANSWERS, f"answer = reference.{exercise}", own, within]
    cells = [new_code_cell(hostile_answers.SET_UP)]
    for number, answer in enumerate(answers):
        cells += [new_code_cell(answer), graded_cell(f"check_{number}", exam, 1)]
    notebook = new_notebook(cells=cells)
    sandbox = pool.sandbox(True, LIMITS)
    outcome = sandbox.run(notebook, None, cell_timeout=60, timeout=200)
    assert outcome.end == "done"
    events = [outcome.cells[2 * number + 2] for number in range(len(answers))]
    names = [(answer, event.error_name) for answer, event in zip(answers, events, strict=True)]
    assert [one for one in names if one[1] != "CheckFailed"] == []
    assert all("must be your own" in event.error_text for event in events[-3:])


def test_nothing_is_left(graded):
    assert graded["left"] == []
    assert graded["sleeping"] == set()


@pytest.mark.parametrize("name", in_the_notebook.CASES)
def test_only_what_is_certain_is_called_tampered(name):
    released = lesson.released()
    content = submitted(in_the_notebook.CASES[name], released)
    found = changed_tests.find(parsing.read_notebook(content), released)
    assert found == (["check_double"] if name == "tests_that_say_pass" else [])

"""The examiner's process: examines one notebook, and reports on each of its cells.

The student's process runs the student's cells. The test cells run here, on stand-ins for what the
student defined: only the examiner makes verdicts.
"""

import contextlib
import dataclasses
import itertools
import json
import math
import os
import signal
import socket
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from autograder.messages import _
from autograder.nbgrader_metadata import exercise_of, grade_id_of, is_answer, is_test
from autograder.sandbox.examiner import outputs
from autograder.sandbox.examiner.answers import MAX_SHOWN_ARGUMENTS
from autograder.sandbox.examiner.help import Help
from autograder.sandbox.examiner.link import Broken, Link, OutOfTime, StudentGone, text_of
from autograder.sandbox.examiner.loaders import Loaders
from autograder.sandbox.examiner.namespace import Namespace, compiled, looked_up
from autograder.sandbox.examiner.remote_environment import RemoteEnvironment
from autograder.sandbox.examiner.stand_ins import stand_in
from autograder.sandbox.examiner.words import Words, words_in
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import events, wire
from autograder.sandbox.protocol.cell_marks import marks_of
from autograder.sandbox.protocol.channel import Channel
from autograder.sandbox.protocol.events import CellEnded, CellStatus, RunEnd
from autograder.sandbox.protocol.orders import Job
from course.check.engine import environment
from course.check.engine.failures import CheckFailed
from course.messages import ENGLISH, known_language, use_language
from course.workbook.notebooks import nbgrader_settings

# The errors of a cell that uses a name that is lost, or has another meaning.
_FOR_A_NAME = ("NameError", "AttributeError", "TypeError")
# After a cell with one of these statuses, no other can be run.
_RUN_ENDS = {CellStatus.DIED: RunEnd.DIED, CellStatus.TAMPERED: RunEnd.TAMPERED}


def examine(
    connection: socket.socket, reports: socket.socket, job: Job, folder: Path, limits: Limits
) -> None:
    """Examine the notebook of a job, and write events to `reports`, one per line.

    `folder` is empty; it will hold copies of files that students hand in.
    """
    link = Link(Channel(connection), folder, stand_in)
    examiner = _Examiner(link, reports, job, limits)
    environment.use(RemoteEnvironment(link, examiner.loaders.load))
    signal.signal(signal.SIGALRM, examiner.alarm)
    examiner.run()


class _Examiner:
    """Goes through the cells of a notebook, and reports how each ended.

    It decides what is run, by which process, how often and for how long. The student's cells are
    run as they come. A test that fails is run again where something else than its answer may be the
    cause: with help, for what else its check was called with, and once more at the end of all.
    """

    def __init__(self, link: Link, reports: socket.socket, job: Job, limits: Limits):
        self.link, self.reports, self.limits = link, reports, limits
        self.loaders = Loaders(link, reports)
        self.not_passed: list[str] = []  # the exercises whose tests have failed so far
        self.waiting: dict[int, CellEnded] = {}  # by place: failed tests to be run again at the end
        self.timing = False
        self.place = 0  # of the cell that is run
        self.numbers: dict[int, int] = {}  # of cells, by their places, as a notebook counts them
        self.room = outputs.Room(limits)
        self.cells = job.notebook["cells"]
        spoken = job.notebook["metadata"].get("course", {}).get("language", ENGLISH)
        use_language(known_language(spoken) or ENGLISH)
        self.cell_timeout, self.timeout = job.cell_timeout, job.timeout
        self.end = float("inf")  # of the whole notebook's time
        self.called: dict[str, str] = {}  # names in a test that stand for others of the student's
        self.namespace = Namespace(link)
        self.help, self.words = Help(link), Words(self.cells)

    def report(self, event: events.ExaminerEvent) -> None:
        self.reports.sendall(events.encode(event))

    def alarm(self, *_signal: object) -> None:
        """Interrupt a test whose time is up, unless it is waiting for an answer."""
        if self.timing and not (self.link.asking or self.loaders.asking):
            self.timing = False
            raise OutOfTime

    def run(self) -> None:
        self.report(events.ExaminerReady(os.getpid()))
        try:
            self.link.ask("look_up", [])  # so that building the walls costs no cell its time
        except StudentGone:
            self.report(events.RunEnded(RunEnd.DIED))
            return
        self.report(events.StudentReady())
        self.await_memory_check()
        places = [
            index
            for index, cell in enumerate(self.cells)
            if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
        ]
        count = [int(marks_of(self.cells[place]).lessons_own is None) for place in places]
        self.numbers = dict(zip(places, itertools.accumulate(count), strict=True))
        self.end = time.monotonic() + self.timeout
        for place in places:
            event = self.run_one(place, self.run_or_examine)
            if event.status in _RUN_ENDS:
                self.report(events.RunEnded(_RUN_ENDS[event.status]))
                return
        # Last those that ended an earlier run: nothing is examined after one that does so again.
        for place in sorted(self.waiting, key=self.is_left_out):
            if self.run_one(place, self.examine_again).status == CellStatus.TAMPERED:
                self.report(events.RunEnded(RunEnd.TAMPERED))
                return
        self.report(events.RunEnded(RunEnd.DONE))

    def is_left_out(self, place: int) -> bool:
        """Whether the cell at a place is a test that ended an earlier run."""
        return marks_of(self.cells[place]).left_out

    def run_one(self, place: int, run: Callable[[dict], CellEnded]) -> CellEnded:
        """Run a cell in some way, and report it."""
        self.place = place
        self.report(events.CellBegun(place))
        started = time.monotonic()
        try:
            event = run(self.cells[place])
        except OutOfTime:  # so said the answer, though only tests have a deadline
            event = self.timed_out()
        except StudentGone as error:
            event = CellEnded(CellStatus.DIED, error_text=str(error))
        except Broken as error:
            event = CellEnded(CellStatus.TAMPERED, error_text=str(error))
        event.index = place
        event.seconds += time.monotonic() - started
        self.report(event)
        if event.is_waiting:
            self.await_memory_check()
        return event

    def await_memory_check(self) -> None:
        """Return when the grader has looked at the memory that is taken."""
        self.reports.recv(1)

    def run_or_examine(self, cell: dict) -> CellEnded:
        """Run a student's cell, or examine the answer to an exercise."""
        if is_test(cell):
            return self.examine(cell)
        source = "".join(cell["source"])
        event = self.run_as_marked(cell, source)
        if nbgrader_settings(cell).get("locked"):
            self.namespace.define(source, self.answered())
        return event

    # The student's cells --------------------------------------------------------------------------

    def run_as_marked(self, cell: dict, source: str) -> CellEnded:
        """Run a cell; the lesson's own one only if a name that it provides is missing."""
        marks = marks_of(cell)
        if marks.lessons_own is None:
            return self.run_with_names(source, marks.keep)
        missing = self.missing(marks.lessons_own["needed"])
        if not missing:
            return CellEnded(CellStatus.SKIPPED)
        return dataclasses.replace(self.run_with_names(source, marks.keep), missing=missing)

    def run_with_names(self, source: str, keep: Sequence[str]) -> CellEnded:
        """Run a cell; again if it stops and uses a name that had lost what it stood for."""
        event = self.run_cell(source, keep)
        if event.status != CellStatus.ERROR or event.error_name not in _FOR_A_NAME:
            return event
        restored = self.help.restore(self.words.behind(words_in(source)))
        if not restored:
            return event
        self.report(events.CellBegun(self.place))  # it gets its full time again
        again = self.run_cell(source, keep, is_new=False)
        self.help.undo_restore(is_all=again.status != CellStatus.OK)
        return dataclasses.replace(again, restored=restored)

    def missing(self, names: list[str]) -> list[str]:
        """The names that have no value in the student's process."""
        missing = self.link.names("missing", names)
        return [name for name in names if name in missing]

    def run_cell(self, source: str, keep: Sequence[str] = (), is_new: bool = True) -> CellEnded:
        try:
            seconds = self.seconds()
            answer = self.link.ask("cell", source, seconds, self.numbers[self.place], keep, is_new)
        except wire.MessageTooLarge:
            return CellEnded(CellStatus.ERROR, "TooLarge", "The cell is too long to be run.")
        if answer[0] == "unfit":
            return CellEnded(CellStatus.ERROR, "TooLarge", "The outputs cannot be kept.")
        if len(answer) != 6 or answer[0] != "cell":
            self.link.break_off("no answer to a cell")
        _kind, status, name, text, count, shown = answer
        are_texts = all(type(value) is str for value in (status, name, text))
        if not are_texts or status not in ("ok", "timed_out", "error"):
            self.link.break_off("no answer to a cell")
        if status == "timed_out":
            return dataclasses.replace(
                self.timed_out(seconds), execution_count=outputs.execution_count(count)
            )
        return CellEnded(
            status,
            wire.plain_text(name, 100),
            wire.plain_text(text, self.limits.message),
            self.room.kept(shown),
            outputs.execution_count(count),
        )

    def seconds(self) -> float:
        """The time for a cell: if no exercise needs it itself, at most half of what is left.

        So something is left for the tests below, however long somebody's experiments take.
        """
        if is_answer(self.cells[self.place]):
            return float(self.cell_timeout)
        left = max(self.end - time.monotonic(), 0.0)
        return min(float(self.cell_timeout), left / 2)

    def timed_out(self, seconds: float | None = None) -> CellEnded:
        seconds = self.cell_timeout if seconds is None else round(seconds, 1)
        text = _("it did not finish within {seconds:g} s").format(seconds=seconds)
        return CellEnded(CellStatus.TIMED_OUT, "CellTimeoutError", text)

    # The test cells -------------------------------------------------------------------------------

    def examine(self, cell: dict) -> CellEnded:
        """Run a test cell; one that has ended an earlier run counts as failed."""
        exercise = exercise_of(grade_id_of(cell))
        is_left_out = self.is_left_out(self.place)
        # Before the test: an answer may delete its own name to be examined again.
        may_be_below = marks_of(cell).defined_below or self.missing([exercise])
        event = CellEnded(CellStatus.SKIPPED) if is_left_out else self.examine_either(cell)
        if event.status != CellStatus.OK or event.called:  # so its own name stands for no answer
            self.not_passed.append(exercise)
        if event.status == CellStatus.OK:
            if may_be_below and _earned(event, cell) < _most(cell):
                self.waiting[self.place] = event
            return event
        if is_left_out:
            self.link.ask("never_call_again", exercise)
        if may_be_below:
            self.waiting[self.place] = event
        return event

    def examine_again(self, cell: dict) -> CellEnded:
        """Run a test once more that failed, or gave only some of its points.

        Names that it needs may be defined by now, or defined again. If that gives no more points,
        however it ends, the first result stands.
        """
        before, exercise = self.waiting[self.place], exercise_of(grade_id_of(cell))
        try:
            names = [exercise, *marks_of(cell).called]
            if len(self.missing(names)) == len(names):
                return before
            event = self.examine_either(cell)
        except StudentGone:
            return before
        below = list(marks_of(cell).defined_below or [exercise])
        is_better = _earned(event, cell) > _earned(before, cell)
        return dataclasses.replace(event, defined_below=below) if is_better else before

    def examine_either(self, cell: dict) -> CellEnded:
        """Examine an answer; if it fails, what else the student called its check with."""
        event, exercise = self.examine_with_help(cell), exercise_of(grade_id_of(cell))
        if event.status == CellStatus.TIMED_OUT:
            self.link.ask("never_call_again", exercise)
        called = [] if event.status == CellStatus.OK else list(marks_of(cell).called)
        if not called or self.missing(called):
            return event
        self.report(events.CellBegun(self.place))  # which has its full time
        self.called = dict.fromkeys([exercise], called[0])
        try:
            again = self.examine_with_help(cell)
        finally:
            self.called = {}
        if again.status == CellStatus.TIMED_OUT:
            self.link.ask("never_call_again", called[0])
        is_right = again.status == CellStatus.OK
        return dataclasses.replace(again, called=called) if is_right else event

    def examine_with_help(self, cell: dict) -> CellEnded:
        """Run a test cell; again if it fails and may do so because of what is not its answer's.

        Then the course's own functions stand for other answers that failed, names that were lost
        stand for what they stood for, and settings are as they were at the start. That has to be
        what makes the difference: an answer that is right only now and then fails as any other.
        """
        source, exercise = "".join(cell["source"]), exercise_of(grade_id_of(cell))
        lost = self.link.names("lost")  # before the test itself can lose names
        event = self.test(source)
        if event.status == CellStatus.OK:
            return event
        used = self.words.of(exercise)
        others = [name for name in self.not_passed if name in used and name != exercise]
        if event.status == CellStatus.TIMED_OUT and not others:
            return event  # whatever its names stand for, it would only run out of time again
        helps = others or used.intersection(lost) or self.help.changed_settings()
        # First without help, since help may leave something behind: in a cache, or in a graph.
        if not helps or not self.fails_anew(event, source):
            return event
        with self.help.given(used.intersection(lost), others) as given:
            self.report(events.CellBegun(self.place))  # it gets its full time again
            again = self.test(source)
        if again.status == CellStatus.OK and given:
            return dataclasses.replace(again, **vars(given))
        return event

    def fails_anew(self, event: CellEnded, source: str) -> bool:
        """Whether a test that failed fails once more; one that took all its time is not run."""
        if event.status == CellStatus.TIMED_OUT:
            return True
        self.report(events.CellBegun(self.place))
        return self.test(source).status != CellStatus.OK

    def test(self, source: str) -> CellEnded:
        """Run a test cell here, on stand-ins for what it uses of the student's."""
        self.link.deadline = time.monotonic() + self.cell_timeout
        printed = outputs.Printed(self.limits.printed)
        value = None
        try:
            code, last = compiled(source)
            self.timing = True
            signal.setitimer(signal.ITIMER_REAL, self.cell_timeout, 0.5)
            self.namespace.fill_in(looked_up(code) | looked_up(last), self.called, self.answered())
            with redirect_stdout(printed), redirect_stderr(printed):
                exec(code, self.namespace.values)
                value = eval(last, self.namespace.values)
        except (StudentGone, Broken):
            raise
        except OutOfTime:
            return self.timed_out()
        except BaseException as error:
            self.link.raise_if_over()
            return self.failed(error, printed)
        finally:
            self.timing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.link.deadline = float("inf")
            self.loaders.end()
        self.link.raise_if_over()
        shown, number = self.shown(printed), self.numbers[self.place]
        if value is not None:
            shown.append(outputs.result(value, number))
        return CellEnded(
            CellStatus.OK, outputs=shown, execution_count=number, points=_points(value)
        )

    def shown(self, printed: outputs.Printed) -> list[dict]:
        text = self.link.with_student_paths(printed.getvalue())
        return [{"output_type": "stream", "name": "stdout", "text": text}] if text else []

    def failed(self, error: BaseException, printed: outputs.Printed) -> CellEnded:
        name = type(error).__name__
        text = self.link.with_student_paths(text_of(error, self.limits.message))
        if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
            name = "MemoryError"
        shown = [f"{name}: {text}"]
        if hasattr(error, "_render_traceback_"):
            shown = self.link.with_student_paths("\n".join(error._render_traceback_())).split("\n")
        output = {"output_type": "error", "ename": name, "evalue": text, "traceback": shown}
        shown_all = [*self.shown(printed), output]
        event = CellEnded(CellStatus.ERROR, name, text, shown_all, self.numbers[self.place])
        if isinstance(error, CheckFailed):
            event.failure = self.fields_of(error)
        return event

    def fields_of(self, failure: CheckFailed) -> dict:
        """The fields of a failed check: texts, and a dict of texts."""

        def cleaned(value: Any) -> Any:
            if isinstance(value, dict):
                shown = itertools.islice(value.items(), MAX_SHOWN_ARGUMENTS)
                return {name[:100]: cleaned(text) for name, text in shown}
            return self.link.with_student_paths(value)[: self.limits.message]

        return cleaned(failure.fields())

    def answered(self) -> Sequence[str]:
        """The names that mean answers in this cell, and neither modules nor built-in functions."""
        return marks_of(self.cells[self.place]).answered


def _most(cell: dict) -> float:
    """The points that a test cell is worth."""
    return float(nbgrader_settings(cell).get("points") or 0)


def _points(value: object) -> float | None:
    """The points that a test returned, as its event has them."""
    if value is None:
        return None
    try:
        return float(value) if type(value) is int or type(value) is float else math.nan
    except OverflowError:
        return math.nan


def _earned(event: CellEnded, cell: dict) -> float:
    """The points that a test gave: all, or as many as it returned; -1 if it failed."""
    if event.status != CellStatus.OK:
        return -1
    points = _most(cell) if event.points is None else event.points
    return points if 0 <= points <= _most(cell) else -1


def main(connection: socket.socket, reports: socket.socket, folder: Path, limits: Limits) -> None:
    """Be the examiner in this forked process: read a job and examine its notebook."""
    try:
        with reports.makefile("r", encoding="utf-8") as lines:
            job = Job(**json.loads(lines.readline()))
        folder.mkdir()
        os.chdir(folder)
        examine(connection, reports, job, folder, limits)
        # The student's process ends with this one. The grader ends it first, with all its children.
        while reports.recv(1 << 10):
            pass
    except (Exception, Broken) as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        what = f"{type(error).__name__}: {text_of(error, 300)}"
        trouble = f"The examiner stopped with {what} ({where})."
        with contextlib.suppress(OSError):
            reports.sendall(events.encode(events.RunEnded(RunEnd.BROKEN, trouble)))

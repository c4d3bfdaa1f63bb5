"""The examiner's process: goes through a notebook, has the student's process run its cells, and
runs the test cells itself, on stand-ins for what the student defined. It alone makes verdicts.
"""

import ast
import builtins
import contextlib
import dataclasses
import importlib
import io
import itertools
import json
import os
import signal
import socket
import time
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from autograder.sandbox.examiner import stand_ins
from autograder.sandbox.examiner.modules import MODULES
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import events, wire
from autograder.sandbox.protocol.channel import Channel
from autograder.sandbox.protocol.events import CellEnded, CellStatus, RunEnd
from course.check.engine import environment
from course.check.engine.failures import CheckFailed

_MAX_ARGUMENTS = 20  # of a call that a failure shows
# After a cell that ended so, no other can be run.
_LAST = {CellStatus.DIED: RunEnd.DIED, CellStatus.TAMPERED: RunEnd.TAMPERED}


def examine(connection, reports, job: dict, folder: Path, limits: Limits) -> None:
    """Examine the notebook of a job; write one JSON object per line to `reports`, as each ends.

    `folder` is an empty one, for copies of files that students hand in.
    """
    examiner = _Examiner(stand_ins.Link(Channel(connection), folder), reports, job, limits)
    environment.use(stand_ins.Elsewhere(folder, lambda data: examiner.loader().load(data)))
    signal.signal(signal.SIGALRM, examiner.alarm)
    examiner.run()


class _Loader(stand_ins.Link):
    """A link to a process that loads a saved model; if that ends, the model was no good."""

    def load(self, data):
        return stand_ins.result_of(self, self.ask("load", data, self.remaining()), [])

    def ask(self, operation, *arguments):
        try:
            return super().ask(operation, *arguments)
        except (stand_ins.StudentGone, stand_ins.Broken) as error:
            raise ModelError("the process that loaded it has ended") from error


class ModelError(RuntimeError):
    """A saved model that cannot be examined."""


class _Examiner:
    def __init__(self, link, reports, job, limits):
        self.link, self.reports, self.limits = link, reports, limits
        self.loaders = []
        self.own = frozenset()  # names that locked cells define
        self.timing = False
        self.shown_so_far = 0
        self.cells = job["notebook"]["cells"]
        self.cell_timeout = job["cell_timeout"]
        self.namespace = {"__name__": "__examiner__", "__builtins__": builtins}
        self.modules = MODULES | job.get("modules", {})

    def report(self, event):
        self.reports.sendall(events.encode(event))

    def alarm(self, *_):
        """The time of a test is up: only what is done here is interrupted, not an answer."""
        asking = self.link.asking or any(loader.asking for loader in self.loaders)
        if self.timing and not asking:
            self.timing = False
            raise stand_ins.TooLate

    def run(self):
        self.report(events.ExaminerReady(os.getpid()))
        try:
            self.link.ask("look", [])  # so that no cell's time goes on walls being built
        except stand_ins.StudentGone:
            self.report(events.RunEnded(RunEnd.DIED))
            return
        for index, cell in enumerate(self.cells):
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or not source.strip():
                continue
            self.report(events.CellBegun(index))
            started = time.monotonic()
            settings = cell["metadata"].get("nbgrader", {})
            is_test = settings.get("grade") and not settings.get("solution")
            try:
                event = self.test(source) if is_test else self.run_as_marked(cell, source)
                if settings.get("locked") and not is_test:
                    self.define(source)
            except stand_ins.StudentGone as error:
                event = CellEnded(CellStatus.DIED, error_text=str(error))
            except stand_ins.Broken as error:
                event = CellEnded(CellStatus.TAMPERED, error_text=str(error))
            event.index, event.seconds = index, time.monotonic() - started
            self.report(event)
            if event.status in _LAST:
                self.report(events.RunEnded(_LAST[event.status]))
                return
        self.report(events.RunEnded(RunEnd.DONE))

    # Fresh sandboxes for saved models ------------------------------------------------------------

    def loader(self):
        """A link to a fresh student's process, in which no student's code has run."""
        self.report(events.LoaderWanted())
        _, descriptors, *_ = socket.recv_fds(self.reports, 1, 1)
        loader = _Loader(Channel(socket.socket(fileno=descriptors[0])), self.link.folder)
        loader.deadline = self.link.deadline
        self.loaders.append(loader)
        return loader

    def end_loaders(self):
        for loader in self.loaders:
            loader.channel.close()
        self.loaders = []

    # The student's cells --------------------------------------------------------------------------

    def run_as_marked(self, cell, source):
        """Run a cell; one that is there for names that may be missing, only if one of them is."""
        keep, own = cell["metadata"].get("keep", []), cell["metadata"].get("lessons_own")
        if own is None:
            return self.run_cell(source, keep)
        missing = self.missing(own["needed"])
        if not missing:
            return CellEnded(CellStatus.SKIPPED)
        return dataclasses.replace(self.run_cell(source, keep), missing=missing)

    def missing(self, names):
        """Those of some names that have no value over there."""
        answer = self.link.ask("missing", names)
        if len(answer) != 2 or answer[0] != "missing" or type(answer[1]) is not list:
            self.link.break_off("no answer to which names are missing")
        return [name for name in names if name in answer[1]]

    def run_cell(self, source, keep=()):
        try:
            answer = self.link.ask("cell", source, float(self.cell_timeout), keep)
        except wire.TooLarge:
            return CellEnded(CellStatus.ERROR, "TooLarge", "The cell is too long to be run.")
        if answer[0] == "unfit":
            return CellEnded(CellStatus.ERROR, "TooLarge", "The outputs cannot be kept.")
        if len(answer) != 6 or answer[0] != "cell":
            self.link.break_off("no answer to a cell")
        _, status, name, text, count, outputs = answer
        if type(name) is not str or type(text) is not str or status not in ("ok", "late", "error"):
            self.link.break_off("no answer to a cell")
        if status == "late":
            return dataclasses.replace(self.timed_out(), execution_count=count)
        return CellEnded(
            status,
            wire.plain_text(name, 100),
            wire.plain_text(text, self.limits.message),
            self.kept(outputs),
            count if type(count) is int and 0 <= count < 10**6 else None,
        )

    def kept(self, outputs):
        """The outputs that came, made anew as what a notebook may hold; at most so many."""
        kept = []
        for output in outputs if type(outputs) is list else []:
            try:
                output = _output(output, self.limits.message)
                self.shown_so_far += len(json.dumps(output))
            except Exception:  # it is nothing that a notebook can hold
                continue
            if self.shown_so_far > self.limits.all_output:
                break
            kept.append(output)
        return kept

    def timed_out(self):
        text = f"no end within {self.cell_timeout:g} s"
        return CellEnded(CellStatus.TIMED_OUT, "CellTimeoutError", text)

    # The test cells -------------------------------------------------------------------------------

    def test(self, source):
        """Run a test cell here; what it needs of the student's is a stand-in."""
        self.link.deadline = time.monotonic() + self.cell_timeout
        printed = _Printed(self.limits.printed)
        value = None
        try:
            code, last = _compiled(source)
            self.timing = True
            signal.setitimer(signal.ITIMER_REAL, self.cell_timeout, 0.5)
            self.fill_in(_names(code) | _names(last))
            with redirect_stdout(printed), redirect_stderr(printed):
                exec(code, self.namespace)
                value = eval(last, self.namespace)
        except (stand_ins.StudentGone, stand_ins.Broken):
            raise
        except stand_ins.TooLate:
            return self.timed_out()
        except BaseException as error:
            if self.link.broken:  # whatever became of it on the way
                raise stand_ins.Broken(self.link.broken) from None
            if self.link.gone:
                raise stand_ins.StudentGone(self.link.gone) from None
            return self.failed(error, printed)
        finally:
            self.timing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.link.deadline = float("inf")
            self.end_loaders()
        if self.link.broken:
            raise stand_ins.Broken(self.link.broken)
        if self.link.gone:
            raise stand_ins.StudentGone(self.link.gone)
        outputs = self.shown(printed)
        if value is not None:
            # Points in steps. Of any other value nothing is shown but its type.
            text = repr(value) if type(value) in (int, float) else type(value).__name__
            data = {"text/plain": text}
            outputs.append(
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "data": data,
                    "metadata": {},
                }
            )
        return CellEnded(CellStatus.OK, outputs=outputs, execution_count=1)

    def shown(self, printed):
        text = self.in_students_words(printed.getvalue())
        return [{"output_type": "stream", "name": "stdout", "text": text}] if text else []

    def in_students_words(self, text):
        """Text with the student's own paths in place of those of copies."""
        for here, there in self.link.paths.items():
            text = text.replace(here, there)
        return text

    def failed(self, error, printed):
        name, text = type(error).__name__, self.in_students_words(_text(error, self.limits.message))
        if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
            name = "MemoryError"
        shown = [f"{name}: {text}"]
        if hasattr(error, "_render_traceback_"):
            shown = self.in_students_words("\n".join(error._render_traceback_())).split("\n")
        output = {"output_type": "error", "ename": name, "evalue": text, "traceback": shown}
        event = CellEnded(CellStatus.ERROR, name, text, [*self.shown(printed), output], 1)
        if isinstance(error, CheckFailed):
            event.failure = self.fields_of(error)
        return event

    def fields_of(self, failure):
        """What a check says is wrong, field by field: texts, and a dict of texts."""

        def cleaned(value):
            if isinstance(value, dict):
                shown = itertools.islice(value.items(), _MAX_ARGUMENTS)
                return {name[:100]: cleaned(text) for name, text in shown}
            return self.in_students_words(value)[: self.limits.message]

        return cleaned(failure.fields())

    def define(self, source):
        """Take over what a locked cell of the instructor's imports and defines."""
        try:
            tree = ast.parse(source)
        except SyntaxError:  # magics
            return
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        tree.body = [statement for statement in tree.body if isinstance(statement, kinds)]
        try:
            exec(compile(tree, "<locked cell>", "exec"), self.namespace)
        except Exception:  # it needs what only the student's process has
            return
        self.modules = {
            name: module for name, module in self.modules.items() if name not in self.namespace
        }
        self.own = set(self.namespace)

    def fill_in(self, names):
        """Give a value to each name that a test cell uses: a module, or the student's."""
        for name in list(self.namespace):
            if name not in self.own and not name.startswith("__"):
                del self.namespace[name]
        self.link.begin_test()
        wanted = []
        for name in sorted(names):
            if name in self.namespace or hasattr(builtins, name):
                continue
            if name in self.modules:
                self.namespace[name] = _imported(self.modules[name])
            else:
                wanted.append(name)
        answer = self.link.ask("look", wanted)
        if answer[0] == "unfit":
            raise stand_ins.TooLarge("What this test needs is too large to be examined.")
        if answer[0] != "values" or len(answer) != 2 or type(answer[1]) is not dict:
            self.link.break_off("no answer to which names there are")
        for name, value in answer[1].items():
            if name in wanted:
                self.namespace[name] = value


def _imported(path):
    """A module, or with a colon something in it: "numpy", "course.check:softmax"."""
    module, _, attribute = path.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def _names(code):
    """All names that code and the functions in it look up."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _compiled(source):
    """A cell as code to execute, and an expression with the value of its last line."""
    tree = ast.parse(source)
    last = ast.Expression(ast.Constant(None))
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    last = ast.fix_missing_locations(last)
    return compile(tree, "<test>", "exec"), compile(last, "<test>", "eval")


def _output(output, longest):
    """What a student's process says that a cell showed, as nbformat has it; or an error."""
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _string(output["text"])}
    if kind == "error":
        return {
            "output_type": kind,
            "ename": wire.plain_text(_string(output["ename"]), 100),
            "evalue": wire.plain_text(_string(output["evalue"]), longest),
            "traceback": [_string(line) for line in output["traceback"]],
        }
    if kind not in ("display_data", "execute_result"):
        raise ValueError(kind)
    data = {_string(mime): value for mime, value in output["data"].items() if "/" in mime}
    for mime, value in data.items():
        if not mime.endswith("json"):
            _string(value)
    json.dumps(data, allow_nan=False)
    made = {"output_type": kind, "data": data, "metadata": {}}
    if kind == "execute_result":
        count = output["execution_count"]
        made["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
    return made


def _string(value):
    if type(value) is not str:
        raise TypeError(f"a {type(value).__name__} where text should be")
    return value


def _text(error, most):
    try:
        return str(error)[:most]
    except Exception:
        return ""


class _Printed(io.StringIO):
    """What a test cell printed, up to a limit."""

    def __init__(self, most):
        super().__init__()
        self.most = most

    def write(self, text):
        if self.tell() < self.most:
            super().write(text[: self.most])
        return len(text)


def main(connection, reports, folder: Path, limits: Limits) -> None:
    """Become the examiner in this fork: read a job, examine, and leave."""
    try:
        with reports.makefile("r", encoding="utf-8") as lines:
            job = json.loads(lines.readline())
        folder.mkdir()
        os.chdir(folder)
        examine(connection, reports, job, folder, limits)
    except (Exception, stand_ins.Broken) as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        what = f"{type(error).__name__}: {_text(error, 300)}"
        trouble = f"The examiner stopped with {what} ({where})."
        with contextlib.suppress(OSError):
            reports.sendall(events.encode(events.RunEnded(RunEnd.BROKEN, trouble)))

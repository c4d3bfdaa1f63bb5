"""IPython without a kernel: run a cell and keep its outputs, within limits."""

import asyncio
import base64
import io
import json
import os
import sys
import types
from collections.abc import Callable, Coroutine, Iterable
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.inside import originals
from autograder.sandbox.inside.timer import TimeIsUp
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import wire

_FIRST_FRAMES, _LAST_FRAMES = 5, 15  # of a traceback that is shown
_MAX_CHAINED = 5  # errors behind the one that is shown
_MAX_TEXT = 10_000  # characters of an object
_MAX_TURNS = 20  # of the event loop, after a cell that has started tasks


class Record:
    """The outputs of the cell that is running, as a notebook stores them."""

    def __init__(self, limits: Limits):
        """Keep outputs up to these limits."""
        self.limits = limits
        self.clear()
        self.muted = False

    def clear(self) -> None:
        """Forget all outputs."""
        self.outputs: list[tuple[str | None, dict]] = []  # with the id of the display of each
        self.size = 0

    def add(self, output: dict, display_id: str | None = None, update: bool = False) -> None:
        """Keep an output if there is room; `update` replaces those with this display id."""
        if self.muted:
            return
        size = len(json.dumps(output, default=str))
        if size > wire.MAX_CHARACTERS or self.size + size > self.limits.output or self.is_full():
            return
        self.size += size
        if update:
            for _, earlier in ((known, o) for known, o in self.outputs if known == display_id):
                earlier.update(data=output["data"], metadata=output["metadata"])
            return
        self.outputs.append((display_id, output))

    def text(self, name: str, text: str) -> None:
        """Add text to the stream "stdout" or "stderr"."""
        text = text[: max(self.limits.output - self.size, 0)]
        if self.muted or not text:
            return
        last = self.outputs[-1][1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            self.size += len(text)
            last["parts"].append(text)
        elif not self.is_full():
            self.size += len(text)
            self.outputs.append((None, {"output_type": "stream", "name": name, "parts": [text]}))

    def is_full(self) -> bool:
        """Return whether there is room for no other output."""
        return len(self.outputs) >= self.limits.outputs

    def taken(self) -> list[dict]:
        """Return the outputs so far, and forget them."""
        outputs = [output for _, output in self.outputs]
        for output in outputs:
            if "parts" in output:
                output["text"] = "".join(output.pop("parts"))[: wire.MAX_CHARACTERS]
        self.clear()
        return outputs


class _Stream(io.TextIOBase):
    """A replacement for standard output or error."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, record: Record, name: str, descriptor: int):
        self._record, self._name, self._descriptor = record, name, descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._record.text(self._name, text)
        return len(text)

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return False


_STREAMS = (("stdout", 1), ("stderr", 2))


class _DisplayHook(DisplayHook):
    """Records the value of a cell's last line."""

    shell: "Shell"

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.record.add(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": _as_text(format_dict),
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self) -> None:
        pass


class _DisplayPublisher(DisplayPublisher):
    """Records what a cell displays: pictures, tables."""

    shell: "Shell"

    def publish(
        self,
        data: dict,
        metadata: dict | None = None,
        source: str | None = None,
        *,
        transient: dict | None = None,
        update: bool = False,
        **_options: Any,
    ) -> None:
        self.shell.record.add(
            {"output_type": "display_data", "data": _as_text(data), "metadata": metadata or {}},
            (transient or {}).get("display_id"),
            update,
        )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.record.clear()


def _as_text(data: dict) -> dict:
    """Pictures in base64, as in a notebook's file."""
    return {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }


def _warn(text: str) -> None:
    print(f"Warning: {text}", file=sys.stderr)


# What `%matplotlib` may be asked for: nothing, or what needs no window.
_PICTURES = (None, "inline", "agg", "svg", "pdf", "ps", "cairo")


class Shell(InteractiveShell):
    """A shell that runs cells as a notebook does: magics, `!` commands and pictures included."""

    displayhook_class = Type(_DisplayHook)
    display_pub_class = Type(_DisplayPublisher)
    record: Record
    descriptors: dict[str, int]  # of the files that libraries in C++ and commands write to
    failure: tuple[type[BaseException] | None, BaseException | None] | None = None
    before_statement: Callable[[], object] = staticmethod(lambda: None)

    def init_io(self) -> None:
        """Leave standard output and error as they are."""

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there are no windows."""

    def enable_matplotlib(self, gui: Any = None) -> Any:
        """Show pictures in the notebook, whatever was asked for: there are no windows."""
        if gui not in _PICTURES:
            _warn(f"%matplotlib {gui} opens a window, so %matplotlib inline is used here.")
            gui = "inline"
        return super().enable_matplotlib(gui)

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a magic; one that is not installed here does nothing."""
        if self.find_line_magic(magic_name) is None:
            _warn(f"There is no magic %{magic_name} here: the line is left out.")
            return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Run each cell in an event loop, as in JupyterLab; one that a magic runs is in it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return True
        return super().should_run_async(raw_cell, **options)

    async def run_code(
        self, code_obj: types.CodeType, result: Any = None, *, async_: bool = False
    ) -> bool:
        """Run one statement of a cell."""
        self.before_statement()
        run = super().run_code
        with originals.replacements.in_place():
            return await run(code_obj, result, async_=async_)

    def ask_exit(self) -> None:
        """Do nothing: cells below an `exit` are run, too."""

    def system(self, cmd: str) -> None:
        """Run a `!` command; what it prints is shown as the cell's."""
        self.system_piped(cmd)

    def showtraceback(self, exc_tuple: Any = None, *arguments: Any, **options: Any) -> None:
        """Keep the error that a cell raised, and show it as IPython does."""
        # Private to IPython: where no error is passed, nothing public finds the last one.
        kind, value, place = self._get_exc_info(exc_tuple)
        self.failure = kind, value
        if kind is not TimeIsUp:  # no time is left, and the outputs are dropped
            _shorten_chain(value)
            super().showtraceback((kind, value, _shortened(place)), *arguments, **options)

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **__: Any) -> dict:
        """Keep no second traceback for IPython's history, which no setting turns off."""
        return {"ename": type(exception).__name__, "evalue": safe_text(exception), "traceback": []}

    def showsyntaxerror(
        self, filename: str | None = None, running_compiled_code: bool = False
    ) -> None:
        """Keep the error, and show it as IPython does."""
        self.failure = sys.exc_info()[:2]
        super().showsyntaxerror(filename, running_compiled_code)

    def showindentationerror(self) -> None:
        """Keep the error, and show it as IPython does."""
        self.failure = sys.exc_info()[:2]
        super().showindentationerror()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: Iterable) -> None:
        """Keep what is shown of an error: IPython has this overridden to show it elsewhere."""
        self.record.add(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": safe_text(evalue),
                "traceback": [str(line)[:20_000] for line in list(stb)[-100:]],
            }
        )


def _shortened(place: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without the middle of a deep recursion: showing that would take all the time.

    IPython looks through all modules for each frame.
    """
    places = []
    while place is not None:
        places.append(place)
        place = place.tb_next
    made = None
    for one in reversed([*places[:_FIRST_FRAMES], *places[_FIRST_FRAMES:][-_LAST_FRAMES:]]):
        line = one.tb_lineno or one.tb_frame.f_lineno or 1  # of some, Python knows none
        made = types.TracebackType(made, one.tb_frame, one.tb_lasti, line)
    return made


def _shorten_chain(error: BaseException) -> None:
    """Shorten the tracebacks of the errors behind one, which IPython shows as well."""
    with suppress(Exception):  # the student's classes may fail in any way
        for _ in range(_MAX_CHAINED):
            behind = error.__cause__ or error.__context__
            if behind is None:
                return
            error = behind
            error.__traceback__ = _shortened(error.__traceback__)
        error.__cause__ = error.__context__ = None


def make(limits: Limits) -> Shell:
    """Make the shell of this process, with an empty `__main__`."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.Completer.use_jedi = False
    config.InteractiveShell.loop_runner = _run_in_loop
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    shell = Shell.instance(config=config, user_module=main, user_ns=main.__dict__, colors="linux")
    shell.record = Record(limits)
    shell.descriptors = {}
    shell.run_line_magic("load_ext", "storemagic")  # as a notebook's kernel does
    return shell


_loops: list[asyncio.AbstractEventLoop] = []  # of this process; none while it is a fork server


def _run_in_loop(coroutine: Coroutine) -> Any:
    """Run a cell in this process's event loop; then what it has started goes on as far as it can.

    After an error that is not the cell's, such as the end of its time, there is a new loop.
    """
    if not _loops:
        _loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_loops[0])
    try:
        result = _loops[0].run_until_complete(coroutine)
        for _ in range(_MAX_TURNS if asyncio.all_tasks(_loops[0]) else 0):
            _loops[0].run_until_complete(asyncio.sleep(0))
    except BaseException:
        _loops.clear()
        raise
    return result


def move_database(shell: Shell, home: str) -> None:
    """Keep what `%store` and `%bookmark` write in a home folder."""
    shell.db = type(shell.db)(os.path.join(home, ".ipython", "db"))


def warm_up(shell: Shell) -> None:
    """Show an error once, and discard it: it makes IPython import what takes long."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        run_cell(shell, "1 / 0")
    shell.execution_count = 1
    shell.reset(new_session=False)
    for loop in _loops:  # each process makes one of its own
        loop.close()
    _loops.clear()


def capture(shell: Shell, out: int, err: int) -> None:
    """Record what is printed from now on; `out` and `err` are descriptors of open files."""
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = (_Stream(shell.record, *which) for which in _STREAMS)
    shell.descriptors = {"stdout": out, "stderr": err}


def _is_open(stream: object) -> bool:
    """Whether a stream can be written to; one that cannot tell counts as closed."""
    try:
        return hasattr(stream, "write") and getattr(stream, "closed", False) is not True
    except Exception:
        return False


def run_cell(
    shell: Shell, source: str, is_new: bool = True
) -> tuple[BaseException | None, int, list[dict]]:
    """Run a cell, or another part of one; return (error or None, execution count, outputs)."""
    for which in _STREAMS:
        if not _is_open(getattr(sys, which[0], None)):  # IPython needs both
            setattr(sys, which[0], _Stream(shell.record, *which))
    shell.failure = None
    result = shell.run_cell(source, store_history=is_new)
    error = result.error_before_exec or result.error_in_exec
    for name, descriptor in shell.descriptors.items():
        shell.record.text(name, _taken_text(descriptor, shell.record.limits.output))
    return error, shell.execution_count - 1, shell.record.taken()


def _taken_text(descriptor: int, limit: int) -> str:
    """Return the text in a file, cut to `limit` bytes, and empty the file."""
    try:
        size = os.fstat(descriptor).st_size
        data = os.pread(descriptor, min(size, limit), 0)
        os.ftruncate(descriptor, 0)
    except OSError:  # the student's code has closed it
        return ""
    return data.decode("utf-8", "replace")


def safe_text(value: object) -> str:
    """Return the text of an object, of a long one both ends; "" if `str` fails on it.

    An object of the student's may raise anything there, SystemExit as well.
    """
    try:
        text = str.__str__(str(value))  # which may be of a class of the student's, too
    except BaseException:
        return ""
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2 - 10  # TensorFlow says at the end what is wrong
    return f"{text[:half]}\n…\n{text[-half:]}"

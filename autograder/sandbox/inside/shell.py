"""IPython without a kernel: runs a cell and keeps what it showed, within bounds."""

import base64
import io
import json
import os
import sys
import types
from contextlib import redirect_stderr, redirect_stdout

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.limits import Limits


class TimeIsUp(BaseException):
    """The cell or call has taken too long."""


class Record:
    """The outputs of the cell that is running, as a notebook stores them."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.clear()
        self.muted = False

    def clear(self):
        """Forget all outputs."""
        self.outputs = []
        self.size = 0

    def add(self, output: dict, display_id=None, update=False):
        """Keep an output, as long as there is room; `update` replaces those of this display."""
        if self.muted:
            return
        size = len(json.dumps(output, default=str))
        if self.size + size > self.limits.output or self.is_full():
            return
        self.size += size
        if update:
            for _, earlier in ((known, o) for known, o in self.outputs if known == display_id):
                earlier.update(data=output["data"], metadata=output["metadata"])
            return
        self.outputs.append((display_id, output))

    def text(self, name: str, text: str):
        """Text of the stream "stdout" or "stderr"; joined to what stands there already."""
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
        """Whether no further output is kept."""
        return len(self.outputs) >= self.limits.outputs

    def taken(self) -> list[dict]:
        """The outputs so far, which are then forgotten."""
        outputs = [output for _, output in self.outputs]
        for output in outputs:
            if "parts" in output:
                output["text"] = "".join(output.pop("parts"))
        self.clear()
        return outputs


class _Stream(io.TextIOBase):
    """What stands in for standard output or error."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, record, name, descriptor):
        self._record, self._name, self._descriptor = record, name, descriptor

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._record.text(self._name, text)
        return len(text)

    def fileno(self):
        return self._descriptor

    def isatty(self):
        return False


class _DisplayHook(DisplayHook):
    """The value of a cell's last line."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.record.add(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": _as_text(format_dict),
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self):
        pass


class _DisplayPublisher(DisplayPublisher):
    """What a cell displays: pictures, tables."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_kwargs):
        self.shell.record.add(
            {"output_type": "display_data", "data": _as_text(data), "metadata": metadata or {}},
            (transient or {}).get("display_id"),
            update,
        )

    def clear_output(self, wait=False):
        self.shell.record.clear()


def _as_text(data):
    """Pictures as base64, as in a notebook's file."""
    return {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }


class Shell(InteractiveShell):
    """Runs cells as a notebook does: magics, `!` commands and pictures included."""

    displayhook_class = Type(_DisplayHook)
    display_pub_class = Type(_DisplayPublisher)
    record = None
    failure = None

    def init_io(self):
        """Leave standard output and error as they are."""

    def enable_gui(self, gui=None):
        """There is no window to show anything in."""

    def ask_exit(self):
        """`exit` ends nothing here: the cells that follow are run all the same."""

    def system(self, cmd):
        """Run a `!` command; what it prints is shown as the cell's."""
        return self.system_piped(cmd)

    def showtraceback(self, exc_tuple=None, **kwargs):
        """Keep the error that a cell raised, and show it as IPython does."""
        kind, value, _ = self._get_exc_info(exc_tuple)
        self.failure = kind, value
        if kind is not TimeIsUp:  # there is no more time, and the cell's outputs are dropped
            super().showtraceback(exc_tuple, **kwargs)

    def showsyntaxerror(self, filename=None, running_compiled_code=False):
        """Keep the error, and show it as IPython does."""
        self.failure = sys.exc_info()[:2]
        super().showsyntaxerror(filename, running_compiled_code)

    def showindentationerror(self):
        """Keep the error, and show it as IPython does."""
        self.failure = sys.exc_info()[:2]
        super().showindentationerror()

    def _showtraceback(self, etype, evalue, stb):
        self.record.add(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": safe_text(evalue),
                "traceback": [str(line)[:20_000] for line in list(stb)[-100:]],
            }
        )


def make(limits: Limits) -> Shell:
    """The shell of this process, in an empty `__main__`."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.cache_size = 0
    config.Completer.use_jedi = False
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    shell = Shell.instance(config=config, user_module=main, user_ns=main.__dict__, colors="linux")
    shell.record = Record(limits)
    return shell


def practise(shell):
    """Show an error once, to nobody: what IPython imports for it takes long."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        run_cell(shell, "1 / 0")
    shell.execution_count = 1
    shell.reset(new_session=False)


def capture(shell, out: int, err: int):
    """Show what is printed as the cell's, from now on; `out` and `err` are open descriptors."""
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout = _Stream(shell.record, "stdout", 1)
    sys.stderr = _Stream(shell.record, "stderr", 2)
    # Libraries in C++ and commands write to these descriptors: files, read after each cell.
    shell.descriptors = {"stdout": out, "stderr": err}


def run_cell(shell, source: str, is_new=True):
    """Run a cell, or another part of one; return (error or None, execution count, outputs)."""
    shell.failure = None
    result = shell.run_cell(source, store_history=is_new)
    error = result.error_before_exec or result.error_in_exec
    for name, descriptor in getattr(shell, "descriptors", {}).items():
        shell.record.text(name, _written(descriptor, shell.record.limits.output))
    return error, shell.execution_count - 1, shell.record.taken()


def _written(descriptor, most) -> str:
    """What was written to a file since it was last read, cut off; it is empty afterwards."""
    try:
        size = os.fstat(descriptor).st_size
        data = os.pread(descriptor, min(size, most), 0)
        os.ftruncate(descriptor, 0)
    except OSError:  # closed by the learner's code
        return ""
    return data.decode("utf-8", "replace")


def safe_text(value, most=10_000) -> str:
    """The text of an object that may fail at giving one."""
    try:
        return str(value)[:most]
    except BaseException:
        return ""

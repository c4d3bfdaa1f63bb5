"""Run one notebook in a worker process with private folders, and collect what it reports."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.sanitise import without_surrogates

# What a student's code may see of the grader's environment.
_PASSED_ON = [
    *("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "SYSTEMROOT"),
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ"),
]


# How a worker starts. jsonschema, which reads notebooks for it, would otherwise spend a second on
# a grammar of web addresses.
_START = (
    "import sys; sys.modules['rfc3987_syntax'] = None\nfrom autograder.worker import main; main()"
)

_running = set()  # the worker processes of this moment


@dataclass
class Outcome:
    """What a worker reported: `cells` by index, and how it ended.

    `end` is "done", "died" (the kernel), "stuck" (a loop that cannot be interrupted), "late" (the
    time for the whole notebook was up) or "broken" (the worker itself failed: `trouble` says how).
    """

    cells: dict = field(default_factory=dict)
    end: str = "broken"
    trouble: str = ""
    seconds: float = 0.0


def run(notebook, files: Path, *, cell_timeout: float, timeout: float, caches: Path) -> Outcome:
    """Run a sanitised notebook among a copy of the lesson's `files`, at most `timeout` seconds.

    `caches` holds what libraries would otherwise compute again for each submission.
    """
    started = time.monotonic()
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder:
        private = Path(folder)
        work = private / "work"
        ignore = shutil.ignore_patterns("*.ipynb", ".*", "__pycache__")
        shutil.copytree(files, work, ignore=ignore)
        errors = private / "errors.txt"
        with errors.open("w") as error_file:
            worker = subprocess.Popen(
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=error_file,
                cwd=work,
                env=_environment(private, caches),
                start_new_session=True,
                encoding="utf-8",
            )
        _running.add(worker)
        late = threading.Event()

        def stop():
            late.set()
            _kill(worker)

        alarm = threading.Timer(timeout, stop)
        alarm.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                json.dump({"notebook": notebook, "cell_timeout": cell_timeout}, worker.stdin)
                worker.stdin.close()
            for line in worker.stdout:
                event = without_surrogates(json.loads(line))
                if event["event"] == "cell":
                    outcome.cells[event["index"]] = event
                elif event["event"] == "end":
                    outcome.end = event["reason"]
                    break
        except ValueError:  # the last line of a worker that was killed
            pass
        finally:
            alarm.cancel()
            _kill(worker)
            _running.discard(worker)
        if late.is_set() and outcome.end == "broken":
            outcome.end = "late"
        elif outcome.end == "broken":
            text = errors.read_text(errors="replace").strip()
            outcome.trouble = text.splitlines()[-1] if text else f"exit code {worker.returncode}"
    outcome.seconds = time.monotonic() - started
    return outcome


def _environment(private: Path, caches: Path) -> dict:
    """An environment that shares nothing with the grader's home folder or with other students."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    folders = {
        "HOME": "home",
        "IPYTHONDIR": "home/.ipython",
        "JUPYTER_RUNTIME_DIR": "home/runtime",
        "JUPYTER_CONFIG_DIR": "home/.jupyter",
        "JUPYTER_DATA_DIR": "home/jupyter",
        "KERAS_HOME": "home/.keras",
        "TMPDIR": "tmp",
    }
    for name, folder in folders.items():
        path = private / folder
        path.mkdir(parents=True, exist_ok=True)
        environment[name] = str(path)
    shutil.copytree(caches, private / "home/.cache")
    environment["XDG_CACHE_HOME"] = str(private / "home/.cache")
    environment["NBGRADER_EXECUTION"] = "autograde"
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    return environment


def _kill(worker):
    """End the worker and all that it started: its kernel runs in a session of its own."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(worker.pid)
        family = [*process.children(recursive=True), process]
        if worker.poll() is None:
            for member in family:
                with contextlib.suppress(psutil.Error):
                    member.kill()
    worker.wait()


def stop_all() -> None:
    """End all workers at once, as when the instructor interrupts."""
    for worker in list(_running):
        _kill(worker)


def fill_caches(folder: Path) -> None:
    """Put into `folder` what takes libraries long to make: the digits, Matplotlib's fonts."""
    import matplotlib
    import matplotlib.font_manager
    import platformdirs

    from course import digits

    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        digits.load("embedded")
    ours = Path(platformdirs.user_cache_dir("deep-learning-live", appauthor=False))
    for name in ("embedded-digits.bin",):
        if (ours / name).is_file():
            (folder / ours.name).mkdir(exist_ok=True)
            shutil.copy(ours / name, folder / ours.name / name)
    (folder / "matplotlib").mkdir()
    for fonts in Path(matplotlib.get_cachedir()).glob("fontlist*.json"):
        shutil.copy(fonts, folder / "matplotlib" / fonts.name)

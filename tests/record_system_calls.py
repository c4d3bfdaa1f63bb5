"""Say which system calls notebooks make that are in no list of the filter, without refusing them.

`python -m tests.record_system_calls` runs the solved lessons, what works in JupyterLab, and the
accidents, on the kernel, the C library and the Python of this machine; names of lessons choose,
and `--only` before them leaves out the accidents.
"""

import ctypes
import fcntl
import os
import platform
import select
import socket
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import worker
from autograder.grading.parsing import Submission
from autograder.sandbox import Sandbox
from autograder.sandbox.inside import linux, system_call_filter, system_calls
from tests import solved_lessons
from tests.attacks import accidents, case, lesson

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_FILTER, _LISTENED_TO, _NO_NEW_PRIVILEGES = 1, 8, 38
_TELL = 0x7FC00000  # the answer of a filter that has a listener decide
_RECEIVE, _SEND, _GO_ON = 0xC0502100, 0xC0182101, 1


def listed() -> set[int]:
    """The numbers of all calls that are allowed or refused on purpose."""
    whole = system_calls.ALLOWED_CALLS | system_calls.DENIED_CALLS | system_calls.FATAL_CALLS
    looked_at = (system_calls.CLONE, system_calls.SOCKET, system_calls.SET_SOCKET_OPTION)
    machine = linux.MACHINES.index(platform.machine())
    return {calls[machine] for calls in (*whole.values(), *looked_at)} - {None}


def record(command: list[str]) -> Counter:
    """Run a command; count the calls in no list, by number and program, of students' processes.

    Those are the ones in a folder called `work`, as each of them is, and what they start.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen(command, preexec_fn=lambda: _be_listened_to(theirs)):
        _, (listener,), *_ = socket.recv_fds(ours, 1, 1)
        return Counter(call for call in _told(listener) if call)


def _be_listened_to(connection):
    """Have this process's calls told, and those of all that it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    program = [
        *system_call_filter.loaded_call(_TELL, _TELL),
        *system_call_filter.allowed(listed()),
        (system_call_filter.GIVE, 0, 0, _TELL),
    ]
    number = ctypes.c_long(_SECCOMP[platform.machine()])
    with linux.filter_in_memory(program) as place:
        listener = libc.syscall(number, _FILTER, _LISTENED_TO, ctypes.c_void_p(place))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "no filter with a listener")
    socket.send_fds(connection, [b"x"], [listener])
    os.close(listener)


def _told(listener):
    """Each call that is told, which then goes on: number and program, or None for a grader's."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    try:
        while not poll.poll()[0][1] & select.POLLHUP:  # then no process is left
            told = bytearray(80)
            try:
                fcntl.ioctl(listener, _RECEIVE, told)
                process, number = struct.unpack_from("<8xI4xi", told)
                yield _of_student(process, number)
                fcntl.ioctl(
                    listener, _SEND, bytearray(told[:8] + struct.pack("<qiI", 0, 0, _GO_ON))
                )
            except FileNotFoundError:  # the process has ended meanwhile
                continue
    finally:
        os.close(listener)


def _of_student(process, number):
    folder = Path("/proc", str(process))
    place = Path(os.readlink(folder / "cwd"))
    if place == Path.cwd() or "work" not in place.parts[-2:]:  # ours may stand in such a folder too
        return None
    return number, (folder / "comm").read_text().strip()


# The corpus ---------------------------------------------------------------------------------------


def run(lessons: list[str], names: list[str]) -> None:
    """Run solved lessons, cells of the student's own, and accidents: as graded, without walls."""
    from tests.test_notebook_habits import CELLS
    from tests.test_visible import USE

    own = [new_code_cell(cell) for cell in (*CELLS, "%cd -", "import os", USE)]
    notebooks = [*map(solved_lessons.solved, lessons), new_notebook(cells=own)]
    with Sandbox(walls=False) as sandbox:
        for notebook in notebooks:
            outcome = sandbox.run(notebook, None, cell_timeout=300, timeout=1_800)
            print(f"{len(outcome.cells)} cells: {outcome.end} {outcome.trouble}", flush=True)
    whole = worker.LessonToGrade(
        name="01-doubles",
        notebook_name="doubles.ipynb",
        source=nbformat.writes(lesson.prepared()),
        released=nbformat.writes(lesson.released()),
        cell_timeout=30,
        timeout=90,
        walls=False,
    )
    for name in names:
        submission = Submission(case.submitted(accidents.CASES[name], lesson.released()))
        print(f"{name}: {worker.grade(whole, name, submission).result.status}", flush=True)


def main(chosen: list[str]) -> None:
    """Run the corpus, and say what is in no list; the exit code is 1 if there is anything."""
    every = sorted(path.name for path in (solved_lessons.ROOT / "release").glob("0*"))
    names = [] if "--only" in chosen else list(accidents.CASES)
    lessons = [name for name in chosen if name != "--only"] or every
    command = f"from tests.record_system_calls import run; run({lessons}, {names})"
    found = record([sys.executable, "-c", command])
    for (number, program), count in sorted(found.items()):
        print(f"call {number} of {program}, {count} times, is in no list of system_calls.py")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The filter leaves notebooks the system calls that they need, and nothing else."""

import ctypes
import json
import os
import platform
import subprocess
import sys
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Sandbox
from autograder.sandbox.inside import linux, system_calls
from tests.attacks import accidents
from tests.conftest import ALL, ROOT, missing, missing_walls, sample
from tests.record_system_calls import listed, record

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("habits")]

LISTS = {
    name: getattr(system_calls, name) for name in ("ALLOWED_CALLS", "DENIED_CALLS", "FATAL_CALLS")
}

LESSONS = sorted(path.name for path in (ROOT / "release").glob("0*"))

PROBES = {335, 336}  # which Linux passes by every filter; whoever has set no probe ends by SIGILL


def test_no_call_is_in_two_lists_and_no_number_stands_for_two():
    names = Counter(name for calls in LISTS.values() for name in calls)
    assert {name for name, count in names.items() if count > 1} == set()
    looked_at = [system_calls.CLONE, system_calls.SOCKET, system_calls.SET_SOCKET_OPTION]
    every = [numbers for calls in LISTS.values() for numbers in calls.values()] + looked_at
    for machine in range(len(linux.MACHINES)):
        numbers = Counter(numbers[machine] for numbers in every)
        del numbers[None]
        assert {number for number, count in numbers.items() if count > 1} == set()


TRY = """
import ctypes, json, os, signal
libc = ctypes.CDLL(None, use_errno=True)
refused, fatal = json.load(open("calls.json"))
def called(number):
    given = libc.syscall(*map(ctypes.c_long, (number, -1, -1, -1, -1, -1, -1)))
    return os.strerror(ctypes.get_errno()) if given == -1 else "made"
def ended(number):
    if not (child := os.fork()):
        called(number)
        os._exit(0)
    return signal.Signals(os.WTERMSIG(os.waitpid(child, 0)[1])).name
print(json.dumps([{one: called(one) for one in refused}, {one: ended(one) for one in fatal}]))
"""


def test_what_is_in_no_list_fails_as_on_an_older_kernel(tmp_path):
    missing_walls()
    machine = linux.MACHINES.index(platform.machine())
    fatal = [numbers[machine] for numbers in system_calls.FATAL_CALLS.values()]
    denied = [numbers[machine] for numbers in system_calls.DENIED_CALLS.values()]
    others = set(range(600)) - listed() - PROBES
    refused = [*denied, *sorted(others), 5_000, 0x40000001]
    (tmp_path / "calls.json").write_text(json.dumps([refused, fatal]))
    with Sandbox() as sandbox:
        notebook = new_notebook(cells=[new_code_cell(TRY)])
        outcome = sandbox.run(notebook, tmp_path, cell_timeout=60, timeout=60)
    assert outcome.end == "done", (outcome.trouble, outcome.cells)
    answers, ends = json.loads(outcome.cells[0].outputs[0]["text"])
    assert answers == {str(number): "Function not implemented" for number in refused}
    assert ends == {str(number): "SIGSYS" for number in fatal}


LOOK = """
import json, os
names = ("user", "mnt", "pid", "net", "ipc", "uts")
lines = [line.split() for line in open("/proc/self/status") if line.startswith(("Cap", "NoNew"))]
print(json.dumps([{name: os.readlink(f"/proc/self/ns/{name}") for name in names}, lines]))
"""


def test_namespaces_are_its_own_and_no_privilege_is_left():
    missing_walls()
    with Sandbox() as sandbox:
        notebook = new_notebook(cells=[new_code_cell(LOOK)])
        outcome = sandbox.run(notebook, None, cell_timeout=60, timeout=60)
    spaces, lines = json.loads(outcome.cells[0].outputs[0]["text"])
    assert [
        name for name, its in spaces.items() if its == os.readlink(f"/proc/self/ns/{name}")
    ] == []
    capabilities = [(f"Cap{kind}:", "0" * 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")]
    assert [tuple(line) for line in lines] == [*capabilities, ("NoNewPrivs:", "1")]


# What notebooks call ------------------------------------------------------------------------------


@pytest.fixture
def a_kernel_that_tells():
    """Skip the test where a process cannot listen to another's calls, as on an old kernel."""
    process = os.fork()
    if not process:
        libc = ctypes.CDLL(None)
        sizes = (ctypes.c_ushort * 3)()
        number = {"x86_64": 317, "aarch64": 277}.get(platform.machine(), -1)
        os._exit(0 if libc.syscall(ctypes.c_long(number), 3, 0, sizes) == 0 else 1)
    if os.waitpid(process, 0)[1]:
        missing("a kernel that tells calls", "it has no seccomp with a listener")


CALLS = """
import ctypes, os, sys
call = ctypes.CDLL(None).syscall
call(9_001)
os.chdir(sys.argv[1])
call(9_002)
if not os.fork():
    call(9_003)
    os._exit(0)
os.wait()
os.getpid(), os.memfd_create("x")
"""


@pytest.mark.usefixtures("a_kernel_that_tells")
def test_a_call_that_is_in_no_list_is_named(tmp_path):
    (tmp_path / "work").mkdir()
    found = record([sys.executable, "-c", CALLS, str(tmp_path / "work")])
    assert {number for number, _ in found} == {9_002, 9_003}
    assert all(program.startswith("python") for _, program in found)


@pytest.mark.weekly
@pytest.mark.usefixtures("a_kernel_that_tells")
def test_accidents_and_habits_make_no_call_that_is_in_no_list():
    names = sample(accidents.CASES, one_in=12)
    command = f"from tests.record_system_calls import run; run([], {names})"
    assert not record([sys.executable, "-c", command])


@pytest.mark.slow
@pytest.mark.usefixtures("a_kernel_that_tells")
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("lesson", LESSONS if ALL else ["01-softmax"])
def test_a_lesson_makes_no_call_that_is_in_no_list(lesson):
    command = [sys.executable, "-m", "tests.record_system_calls", "--only", lesson]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count(": done") == 2  # and what works in JupyterLab

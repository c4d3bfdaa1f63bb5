"""A submission keeps to its share of the machine: its cores, and what lies in its sockets."""

import contextlib
import mmap
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.inside import linux
from autograder.sandbox.outside import memory_use
from autograder.sandbox.outside.cores import Cores
from tests.conftest import missing, missing_walls
from tests.tiny_course import ordinary_user
from tests.waiting import until

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("habits")]


def test_each_submission_gets_the_cores_on_which_least_is_running():
    cores = Cores([2, 5, 7])
    with cores.taken(1) as first, cores.taken(1) as second:
        assert (first, second) == ([2], [5])
        with cores.taken(2) as both:
            assert both == [7, 2]
    with cores.taken(1) as again, cores.taken(9) as all_of_them:
        assert (again, all_of_them) == ([2], [5, 7, 2])
    with Cores([]).taken(1) as unknown:
        assert unknown == []


SHARES = """
import os, socket
def tried(call):
    try: call()
    except OSError as error: return type(error).__name__
    return "done"
mine = os.sched_getaffinity(0)
print(len(mine), tried(lambda: os.sched_setaffinity(0, range(64))), os.sched_getaffinity(0) == mine)
one, other = socket.socketpair()
for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
    print(tried(lambda: one.setsockopt(socket.SOL_SOCKET, option, 4_000_000)))
print(tried(lambda: one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)))
print(tried(lambda: one.sendall(b"x")), other.recv(1))
"""


def test_a_submission_stays_on_its_core_and_has_no_large_buffers():
    missing_walls()
    with Sandbox() as sandbox:
        notebook = new_notebook(cells=[new_code_cell(SHARES)])
        outcome = sandbox.run(notebook, None, cell_timeout=60, timeout=60)
    assert outcome.end == "done", outcome.trouble
    (shown,) = outcome.cells[0].outputs
    assert shown["text"].splitlines() == [
        *("1 OSError True", "PermissionError", "PermissionError", "done", "done b'x'"),
    ]


def least_limit(*processes):
    """The least limit, in bytes, that processes keep."""
    low, high = 0, 10**12
    while high - low > 100_000:
        middle = (low + high) // 2
        takes_more = memory_use.takes_more(processes, middle, 0)
        low, high = (middle, high) if takes_more else (low, middle)
    return high


@pytest.fixture
def with_proc():
    if not os.path.exists("/proc/self/fd"):
        missing("/proc", "only there are sockets counted")


@contextlib.contextmanager
def sockets(count):
    with contextlib.ExitStack() as stack:
        for _ in range(count // 2):
            for one in socket.socketpair():
                stack.enter_context(one)
        yield


@pytest.mark.usefixtures("with_proc")
def test_what_may_lie_in_sockets_counts_as_memory():
    with sockets(40):
        least = least_limit(os.getpid())
    assert not memory_use.takes_more([os.getpid()], least - 5_000_000, 0), (
        "40 sockets count as 10 MB"
    )


@contextlib.contextmanager
def child(does):
    """The id of a process that has done something, and waits."""
    ready, tell = os.pipe()
    process = os.fork()
    if not process:
        os.setresuid(*[os.geteuid()] * 3)  # for good, or nobody else may look at it
        does()
        os.write(tell, b"x")
        signal.pause()
    os.read(ready, 1)
    try:
        yield process
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(ready)
        os.close(tell)


@pytest.mark.usefixtures("with_proc")
@pytest.mark.slow
def test_what_a_process_hides_counts_as_if_it_had_all_that_it_may():
    with ordinary_user(), child(linux.show_memory), sockets(2):
        before = least_limit(os.getpid())
    with ordinary_user(), child(linux.hide_memory) as hidden, sockets(2):
        with pytest.raises(PermissionError):
            os.listdir(f"/proc/{hidden}/fd")
        after = least_limit(os.getpid())
    assert after - before > 128 * 250_000 + 65_530 * 300, "all its sockets and mappings"


@pytest.mark.usefixtures("with_proc")
@pytest.mark.slow
def test_what_has_ended_takes_nothing():
    with ordinary_user(), contextlib.ExitStack() as ended:
        before = least_limit(os.getpid())
        for _ in range(30):
            process = os.fork()
            if not process:
                os._exit(0)
            ended.callback(os.waitpid, process, 0)
            os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        after = least_limit(os.getpid())
    assert after - before < 5_000_000


@pytest.mark.usefixtures("with_proc")
@pytest.mark.slow
def test_processes_side_by_side_count_together():
    take = "held = b'x' * 80_000_000; print('ready', flush=True); __import__('time').sleep(60)"
    with contextlib.ExitStack() as stack:
        started = []
        for _ in range(2):
            command = [sys.executable, "-c", take]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
            stack.callback(process.kill)
            assert process.stdout.readline() == b"ready\n"
            started.append(process.pid)
        alone, both = least_limit(started[0]), least_limit(*started)
    assert 70_000_000 < both - alone < 200_000_000
    assert least_limit(started[0]) == least_limit(), "it has ended"


@pytest.mark.usefixtures("with_proc")
def test_mappings_of_many_processes_count(monkeypatch):
    """The kernel needs some memory for each, and a process can have 65,530."""
    kinds = (mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE)  # alike, two would be one
    before, own = memory_use.mappings(os.getpid()), [os.getpid()]
    held = [mmap.mmap(-1, 4096, mmap.MAP_PRIVATE, kinds[number % 2]) for number in range(1_000)]
    assert memory_use.mappings(os.getpid()) > before + 900
    assert len(held) == 1_000
    assert not memory_use.takes_more(own, 10**11, 0)
    monkeypatch.setattr(memory_use, "BYTES_PER_MAPPING", 10**8)  # could be a tenth in all
    assert memory_use.takes_more(own, 10**11, 0)
    monkeypatch.setattr(memory_use, "BYTES_PER_MAPPING", 10**6)
    assert not memory_use.takes_more(own, 10**11, 0)
    monkeypatch.setattr(memory_use, "MAX_MAPPINGS", 1_000)
    assert memory_use.takes_more(own, 10**11, 0)


@pytest.mark.usefixtures("with_proc")
@pytest.mark.parametrize("kind", ["RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:", "HugetlbPages:"])
def test_every_kind_of_memory_counts(monkeypatch, kind):
    """Pages can be sent to where they are swapped, and huge ones have a line of their own."""
    exact = {"RssAnon:": "Pss_Anon:", "RssShmem:": "Pss_Shmem:", "VmSwap:": "SwapPss:"}
    said = {"status": kind, "smaps_rollup": exact.get(kind)}
    monkeypatch.setattr(
        memory_use, "kilobytes", lambda _, name, lines: (said[name] in lines) * 10**6
    )
    assert memory_use.takes_more([os.getpid()], 9 * 10**8, 0)


def test_there_is_less_of_all_by_default():
    assert Limits().files * Limits().processes < 40_000


WITHOUT_ITS_FIRST_THREAD = """
import ctypes, threading, time
held = b"x" * 300_000_000
threading.Thread(target=lambda: (print("ready", flush=True), time.sleep(60))).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[__import__("platform").machine()], 0)
"""


@pytest.mark.usefixtures("with_proc")
def test_a_process_whose_first_thread_has_ended_still_counts():
    command = [sys.executable, "-c", WITHOUT_ITS_FIRST_THREAD]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        try:
            status = f"/proc/{process.pid}/status"
            until(lambda: "State:\tZ" in Path(status).read_text())
            assert memory_use.takes_more([process.pid], 250_000_000, 0)
            assert memory_use.private_kilobytes(process.pid) > 250_000
            assert memory_use.mappings(process.pid) > 10
        finally:
            process.kill()

"""A submission keeps to its share of the machine: its cores, and what lies in its sockets."""

import os
import socket

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.outside import memory
from autograder.sandbox.outside.cores import Cores
from tests.conftest import missing, missing_walls

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


def test_what_may_lie_in_sockets_counts_as_memory():
    if not os.path.exists("/proc/self/fd"):
        missing("/proc", "only there are sockets counted")
    pairs = [socket.socketpair() for _ in range(20)]
    ours, much = os.getpid(), 10**12
    try:
        assert not memory.takes_more(ours, much, 0)
        low, high = 0, much  # the least limit that is kept, with and without the sockets
        while high - low > 100_000:
            middle = (low + high) // 2
            low, high = (middle, high) if memory.takes_more(ours, middle, 0) else (low, middle)
    finally:
        for one in (one for pair in pairs for one in pair):
            one.close()
    assert not memory.takes_more(ours, high - 5_000_000, 0), "40 sockets count as 10 MB"


def test_there_is_less_of_all_by_default():
    assert Limits().files * Limits().processes < 10_000

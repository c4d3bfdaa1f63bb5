"""A control group for each submission, tested on a folder in the place of the kernel's."""

import errno
import os
import shutil

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import doctor
from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.outside.cgroup import Groups
from autograder.sandbox.protocol.events import ProcessEnded
from tests.conftest import missing_walls
from tests.test_grader_trouble import BEGIN, DIED, READY, outcome_of

pytestmark = [pytest.mark.usefixtures("quick_start"), pytest.mark.xdist_group("habits")]

SCOPE = "/user.slice/run-1.scope"
GONE = 2**22 + 1  # no process has this id


class Kernel:
    """A folder for /sys/fs/cgroup and one for /proc/self, and what the kernel does with writes."""

    def __init__(self, folder, members=(), refuses=""):
        self.process, self.scope = folder / "self", folder / f"cgroup{SCOPE}"
        self.refuses, self.ended = refuses, []
        self.process.mkdir()
        self.scope.mkdir(parents=True)
        mount = "30 1 0:26 / {} rw - {} none rw\n"
        self.mounts = mount.format("/", "ext4") + mount.format(folder / "cgroup", "cgroup2")
        (self.process / "mountinfo").write_text(self.mounts)
        (self.process / "cgroup").write_text(f"1:name=systemd:/init\n0::{SCOPE}\n")
        for name, words in (
            ("cgroup.controllers", ("cpuset", "cpu", "memory", "pids")),
            ("cgroup.subtree_control", ()),
            ("cgroup.procs", (os.getpid(), *members)),
        ):
            (self.scope / name).write_text("\n".join(map(str, words)))

    def groups(self):
        return Groups(self.process, self.write)

    def write(self, path, text):
        members = (self.scope / "cgroup.procs").read_text().split()
        if path.name == self.refuses:
            raise PermissionError(errno.EACCES, "Permission denied")
        if path.name == "cgroup.subtree_control" and members:
            raise OSError(errno.EBUSY, "Device or resource busy")
        if path.name == "cgroup.procs":
            members.remove(text)
            (self.scope / "cgroup.procs").write_text("\n".join(members))
        if path.name == "cgroup.kill":  # no files are left that would be in the way of rmdir
            self.ended.append({file.name: file.read_text() for file in path.parent.iterdir()})
            shutil.rmtree(path.parent)
            path.parent.mkdir()
        else:
            path.write_text(text)

    def made(self):
        return [path for path in self.scope.iterdir() if path.is_dir()]


@pytest.fixture
def kernel(tmp_path):
    return Kernel(tmp_path)


LIMITS = {
    "memory.max": str(10**9 + 2 * 10**8 + 264_000_000),
    "memory.swap.max": "0",
    "memory.oom.group": "1",
    "pids.max": "164",
    "cpu.max": "200000 100000",
}


@pytest.mark.slow
def test_each_submission_has_a_group_with_its_limits_until_it_ends(kernel):
    missing_walls()
    limits = Limits(memory=10**9, disk=10**8, processes=100, threads=2)
    notebook = new_notebook(cells=[new_code_cell("1 + 1")])
    groups = kernel.groups()
    (grader,) = kernel.made()
    assert (grader / "cgroup.procs").read_text() == str(os.getpid()), "it has stepped aside"
    assert (kernel.scope / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    kernel.ended.clear()
    with Sandbox(limits=limits, groups=groups) as sandbox:
        assert sandbox.run(notebook, None, cell_timeout=60, timeout=60).end == "done"
    assert kernel.ended == [LIMITS | {"cgroup.procs": "0"}], "which a process writes to be in it"
    assert kernel.made() == [grader]
    (kernel.process / "cgroup").write_text(f"0::{SCOPE}/{grader.name}\n")
    with kernel.groups().made(limits) as another:
        assert another.parent == kernel.scope, "once aside, it makes them in the same place"


def test_a_kernel_that_counts_no_swap_does_for_the_rest(tmp_path):
    kernel = Kernel(tmp_path, refuses="memory.swap.max")
    with kernel.groups().made(Limits()) as group:
        assert "memory.max" in os.listdir(group)


def instead(name, text):
    """Something that puts this into a file."""
    return lambda kernel: next(
        folder / name for folder in (kernel.process, kernel.scope) if (folder / name).exists()
    ).write_text(text)


REFUSALS = {
    "no Linux": lambda kernel: shutil.rmtree(kernel.process),
    "version 1": instead("cgroup", "4:memory:/x\n1:name=systemd:/\n"),
    "another namespace": instead("cgroup", "0::/../other\n"),
    "not mounted": instead("mountinfo", "30 1 0:26 / / rw - ext4 none rw\n"),
    "another part is mounted": instead("mountinfo", "30 1 0:26 /x /y rw - cgroup2 none rw\n"),
    "a controller is missing": instead("cgroup.controllers", "cpuset memory pids"),
    "somebody else is in it": instead("cgroup.procs", f"{os.getpid()}\n{os.getppid()}"),
    "nobody can be moved": lambda kernel: (
        instead("cgroup.subtree_control", "cpu memory pids")(kernel),
        (kernel.scope / "cgroup.procs").unlink(),
    ),
}


@pytest.mark.parametrize("refused", REFUSALS)
def test_where_anything_is_refused_there_is_no_group_and_all_else_holds(kernel, refused):
    REFUSALS[refused](kernel)
    groups = kernel.groups()
    assert not groups.can_be_made
    with groups.made(Limits()) as group:
        assert group is None, "which means: the other limits alone"
    assert not kernel.made()


@pytest.mark.parametrize("refuses", [
    *("cgroup.subtree_control", "cgroup.procs", "memory.max", "memory.oom.group", "pids.max"),
    "cpu.max",
])  # fmt: skip
def test_without_one_of_the_limits_there_is_no_group(tmp_path, refuses):
    kernel = Kernel(tmp_path, refuses=refuses)
    assert not kernel.groups().can_be_made
    assert [path.name for path in kernel.made()] in ([], ["grader"])


def test_groups_of_graders_that_are_gone_are_removed(kernel):
    for process in (GONE, os.getpid()):
        (kernel.scope / f"submission-{process}-another").mkdir()
    kernel.groups()
    assert {path.name for path in kernel.made()} == {"grader", f"submission-{os.getpid()}-another"}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("low 0\noom 1\noom_kill 9\n", "out_of_memory"),
        ("low 0\noom 0\noom_kill 9\n", "died"),  # the whole machine had no memory left
        (None, "died"),
    ],
)
@pytest.mark.parametrize("told", [[], [ProcessEnded(-9)]])
def test_what_the_kernel_ends_for_its_memory_is_told_as_out_of_memory(tmp_path, said, status, told):
    if said is not None:
        (tmp_path / "memory.events").write_text(said)
    outcome = outcome_of(told, [READY, BEGIN, *DIED], group=tmp_path)
    if status == "died" and not told:
        assert outcome.end == "broken", "the grader's trouble: ended by nobody known"
        return
    assert (outcome.end, outcome.cells[0].status) == (status, status)
    if status == "out_of_memory":
        assert outcome.cells[0].error_text == "more than 2 GB of memory"


def test_the_doctor_says_who_keeps_the_limits(kernel):
    assert "the kernel keeps" in doctor.limits_kept(kernel.groups()).what
    shutil.rmtree(kernel.scope)
    found = doctor.limits_kept(kernel.groups())
    assert found.is_well
    assert "systemd-run --user --scope -p Delegate=yes autograder grade LESSON" in found.what

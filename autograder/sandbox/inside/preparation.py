"""Make a forked process ready for one student's code."""

import fcntl
import os
import random
import sys
import tempfile
from pathlib import Path

import numpy as np

from autograder.sandbox.inside import own_folders, shell
from autograder.sandbox.inside.shell import Shell
from course import digits

# A breakpoint that was left in does not wait for a person, nor pip for a network.
_NOBODY_THERE = {"PYTHONBREAKPOINT": "0", "PIP_RETRIES": "0"}
_GO_ON = "continue\n" * 1_000  # what pdb does as it starts: a line for each time, from 3.13 on


def prepare(ipython: Shell, home: str, temporary: str, work: str) -> None:
    """Give this process its own folders, random seeds and output files."""
    os.chdir(work)
    os.environ.update(own_folders.variables(home, temporary) | _NOBODY_THERE)
    sys.argv[:] = [""]  # as in an interactive Python: the grader's own lead to its files
    sys.orig_argv[:] = sys.orig_argv[:1]
    Path(home, ".pdbrc").write_text(_GO_ON)
    tempfile.tempdir = temporary
    random.seed()
    np.random.seed()  # noqa: NPY002
    digits.announce_again()
    sys.path.insert(0, work)
    shell.move_database(ipython, home)
    shell.capture(ipython, _output_file(temporary), _output_file(temporary))
    packages = ipython.record.limits.packages
    for path in (os.__file__, np.__file__, digits.__file__, *packages):
        if not os.access(path, os.R_OK):
            raise PermissionError(
                f"{path} cannot be read by the user that submissions run as: open what was "
                "installed to all by `chmod -R a+rX`"
            )


def _output_file(folder: str) -> int:
    """The descriptor of a nameless file that is only appended to."""
    descriptor, path = tempfile.mkstemp(dir=folder)
    os.unlink(path)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    return descriptor

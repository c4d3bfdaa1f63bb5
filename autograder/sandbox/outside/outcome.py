"""The outcome of running a submission."""

import contextlib
import signal
from dataclasses import dataclass, field

from autograder.messages import _
from autograder.sandbox.protocol.events import CellEnded, RunEnd


@dataclass
class Outcome:
    """The report on each cell, and how the run ended."""

    cells: dict[int, CellEnded] = field(default_factory=dict)  # by index
    end: RunEnd = RunEnd.BROKEN
    trouble: str = ""  # in the grader itself, a sentence
    seconds: float = 0.0
    left_out: frozenset[int] = frozenset()  # cells that had ended an earlier run
    was_killed: bool = False  # a process, by SIGKILL: its own, or that of a system short of memory


def how_it_ended(code: int | None) -> str:
    """Describe an exit code, where a negative one is a signal."""
    if code is None:
        return ""
    with contextlib.suppress(ValueError):
        if code < 0:
            return _("ended by {signal}").format(signal=signal.Signals(-code).name)
    return _("ended with exit code {code}").format(code=code)

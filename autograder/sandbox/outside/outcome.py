"""What came of running a submission."""

import contextlib
import signal
from dataclasses import dataclass, field

from autograder.sandbox.protocol.events import CellEnded, RunEnd


@dataclass
class Outcome:
    """What was reported of each cell, and how the run ended."""

    cells: dict[int, CellEnded] = field(default_factory=dict)  # by their places
    end: RunEnd = RunEnd.BROKEN
    trouble: str = ""  # of the grader's own, a sentence
    seconds: float = 0.0


def how_it_ended(code: int | None) -> str:
    """A phrase from an exit code; a signal is a negative one."""
    if code is None:
        return ""
    with contextlib.suppress(ValueError):
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"

"""What came of running a submission."""

import contextlib
import signal
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What was reported: `cells` by index, and how it ended.

    `end` is "done", "died" (the student's process), "stuck" (a loop that cannot be interrupted),
    "late" (the time for the whole notebook was up), "out_of_memory", "tampered" (the process did
    what no notebook does: the last cell says what) or "broken" (the grader itself failed, as it
    does whenever no cell was begun: `trouble` says how).
    """

    cells: dict = field(default_factory=dict)
    end: str = "broken"
    trouble: str = ""
    seconds: float = 0.0


def how_it_ended(code: int | None) -> str:
    """A phrase from an exit code; a signal is a negative one."""
    if code is None:
        return ""
    with contextlib.suppress(ValueError):
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"

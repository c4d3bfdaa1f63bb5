"""What came of running a submission."""

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What was reported: `cells` by index, and how it ended.

    `end` is "done", "died" (the student's process), "stuck" (a loop that cannot be interrupted),
    "late" (the time for the whole notebook was up), "out_of_memory", "tampered" (the process did
    what no notebook does: the last cell says what) or "broken" (the grader itself failed:
    `trouble` says how).
    """

    cells: dict = field(default_factory=dict)
    end: str = "broken"
    trouble: str = ""
    seconds: float = 0.0

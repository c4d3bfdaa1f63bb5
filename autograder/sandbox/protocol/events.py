"""What the processes of the sandbox report to the grader: events, each a line of JSON."""

import dataclasses
import json
from dataclasses import dataclass, field
from enum import StrEnum


class CellStatus(StrEnum):
    """How a cell ended."""

    OK = "ok"
    ERROR = "error"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    DIED = "died"  # and with it the process
    TAMPERED = "tampered"  # it did what only an attack does
    SKIPPED = "skipped"  # the lesson's own form of a cell, where the student's was enough


class RunEnd(StrEnum):
    """How the run of a whole notebook ended."""

    DONE = "done"
    DIED = "died"  # the student's process
    STUCK = "stuck"  # a loop that cannot be interrupted
    LATE = "late"  # the time for the whole notebook was up
    OUT_OF_MEMORY = "out_of_memory"
    TAMPERED = "tampered"  # the last cell says how
    BROKEN = "broken"  # the grader itself failed, as it has if no cell was begun


# From the examiner --------------------------------------------------------------------------------


@dataclass
class ExaminerReady:
    """The examiner has its job."""

    pid: int


@dataclass
class CellBegun:
    """A cell is being run."""

    index: int


@dataclass
class CellEnded:
    """What became of a cell, and what it showed."""

    status: CellStatus
    error_name: str = ""
    error_text: str = ""
    outputs: list[dict] = field(default_factory=list)  # as nbformat has them
    execution_count: int | None = None
    failure: dict | None = None  # the fields of the CheckFailed that it raised
    missing: list[str] = field(default_factory=list)  # names for which the lesson's own cell ran
    index: int = -1
    seconds: float = 0.0

    def __post_init__(self):
        """Take the status as a text, too."""
        self.status = CellStatus(self.status)


@dataclass
class LoaderWanted:
    """A fresh student's process is wanted, to load a saved model in."""


@dataclass
class RunEnded:
    """Nothing more comes."""

    end: RunEnd
    trouble: str = ""  # of the grader's own

    def __post_init__(self):
        """Take the end as a text, too."""
        self.end = RunEnd(self.end)


# From where a student's process is started --------------------------------------------------------


@dataclass
class ProcessStarted:
    """A student's process is there."""

    pid: int  # as the grader sees it


@dataclass
class ProcessEnded:
    """A student's process has ended."""

    code: int  # its exit code; a signal is a negative one


@dataclass
class StartFailed:
    """A student's process could not be started."""

    reason: str
    is_refused: bool = False  # by the system: here, nobody can be walled in


_EVENTS = {
    event.__name__: event
    for event in (
        *(ExaminerReady, CellBegun, CellEnded, LoaderWanted, RunEnded),
        *(ProcessStarted, ProcessEnded, StartFailed),
    )
}


def encode(event) -> bytes:
    """An event as a line."""
    return json.dumps([type(event).__name__, dataclasses.asdict(event)]).encode() + b"\n"


def decode(line: bytes):
    """The event that a line holds."""
    name, fields = json.loads(line)
    return _EVENTS[name](**fields)

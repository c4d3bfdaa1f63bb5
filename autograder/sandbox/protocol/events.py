"""Events that the processes of the sandbox report to the grader, each a line of JSON."""

import dataclasses
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import get_args

_TAKES_MEMORY = 0.03  # seconds; a cell that is shorter cannot have taken much


class CellStatus(StrEnum):
    """How a cell ended."""

    OK = "ok"
    ERROR = "error"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    DIED = "died"  # and with it the process
    TAMPERED = "tampered"  # only an attack does this
    SKIPPED = "skipped"  # the lesson's original of a cell, which was not needed


class RunEnd(StrEnum):
    """How the run of a whole notebook ended."""

    DONE = "done"
    DIED = "died"  # the student's process
    STUCK = "stuck"  # a cell could not be interrupted
    TIMED_OUT = "timed_out"  # the whole notebook took too long
    OUT_OF_MEMORY = "out_of_memory"
    TAMPERED = "tampered"  # the last cell says how
    BROKEN = "broken"  # the grader itself failed; so it has if no cell was begun


# From the examiner --------------------------------------------------------------------------------


@dataclass
class ExaminerReady:
    """The examiner has its job."""

    pid: int


@dataclass
class StudentReady:
    """The student's process is ready; the first cell waits until its memory has been looked at."""


@dataclass
class CellBegun:
    """A cell is being run."""

    index: int


@dataclass
class CellEnded:
    """A cell has ended: its status and outputs."""

    status: CellStatus
    error_name: str = ""
    error_text: str = ""
    outputs: list[dict] = field(default_factory=list)  # in nbformat's form
    execution_count: int | None = None
    points: float | None = None  # that a test returned: None for all, NaN for what is no number
    failure: dict | None = None  # the fields of the CheckFailed that it raised
    missing: list[str] = field(default_factory=list)  # names that the lesson's own cell provided
    lent: list[str] = field(default_factory=list)  # the course's own functions that a test needed
    restored: list[str] = field(default_factory=list)  # names that had lost what they stood for
    defaults: list[str] = field(default_factory=list)  # settings that a test needed
    defined_below: list[str] = field(default_factory=list)  # names, and below the test
    called: list[str] = field(default_factory=list)  # what passed in place of the answer
    index: int = -1
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Accept the status as text, too."""
        self.status = CellStatus(self.status)

    @property
    def is_waiting(self) -> bool:
        """Whether the examiner goes on only when the grader has looked at the memory taken.

        So it is known which cell took it.
        """
        return self.seconds > _TAKES_MEMORY


@dataclass
class LoaderWanted:
    """The examiner needs a fresh student's process, to load a saved model in."""


@dataclass
class RunEnded:
    """The run is over: the examiner reports nothing more."""

    end: RunEnd
    trouble: str = ""  # in the grader itself

    def __post_init__(self) -> None:
        """Accept the end as text, too."""
        self.end = RunEnd(self.end)


# From where a student's process is started --------------------------------------------------------


@dataclass
class ProcessStarted:
    """A student's process has started."""

    pid: int  # as the grader sees it


@dataclass
class ProcessEnded:
    """A student's process has ended."""

    code: int  # its exit code; a signal is a negative one


@dataclass
class StartFailed:
    """A student's process could not be started."""

    reason: str
    is_refused: bool = False  # by the system: no process can be isolated here


ExaminerEvent = ExaminerReady | StudentReady | CellBegun | CellEnded | LoaderWanted | RunEnded
ProcessEvent = ProcessStarted | ProcessEnded | StartFailed
Event = ExaminerEvent | ProcessEvent

_EVENTS = {event.__name__: event for event in get_args(Event)}


def encode(event: Event) -> bytes:
    """Return the event as a line."""
    return json.dumps([type(event).__name__, dataclasses.asdict(event)]).encode() + b"\n"


def decode(line: bytes | bytearray) -> Event:
    """Return the event in a line."""
    name, fields = json.loads(line)
    return _EVENTS[name](**fields)

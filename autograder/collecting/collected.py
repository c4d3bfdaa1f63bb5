"""What became of an archive: each student's files, and what was not understood."""

from dataclasses import dataclass, field
from pathlib import Path

from autograder.names import shown

_MAX_PROBLEMS = 1_000


@dataclass(frozen=True)
class Row:
    """The outcome for one student's files."""

    student: str
    became: str
    notes: tuple[str, ...] = ()


@dataclass
class Collected:
    """The outcome for an archive: each student's files, and what was not understood, and why."""

    place: Path  # where the files were looked for
    expected: str  # what the files should have been, as a part of a sentence
    rows: list[Row] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # sentences about the whole archive
    problems: list[tuple[str, str]] = field(default_factory=list)

    def problem(self, what: str, why: str) -> None:
        """Note what was not understood."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append((shown(what), shown(why)))

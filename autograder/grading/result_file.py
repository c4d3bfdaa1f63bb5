"""Keep a result in result.json beside the graded notebook; reading it trusts nothing."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from autograder.grading import results
from autograder.grading.results import SubmissionResult
from course.files import write_atomically

NAME = "result.json"


@dataclass(frozen=True)
class Kept:
    """A result and the hash of what was graded; None if it is to be graded again."""

    hash: str | None
    result: SubmissionResult
    traces: str = ""  # of the files with this hash, when it was last looked at


def write(path: Path, kept: Kept) -> None:
    """Keep a result."""
    record = {
        "version": results.VERSION,
        "hash": kept.hash,
        "result": results.to_json(kept.result),
        "seconds": kept.result.exercise_seconds,
        "traces": kept.traces,
    }
    write_atomically(path, json.dumps(record, indent=1))


def read(path: Path) -> Kept | None:
    """What `write` has kept; None if there is nothing, or it is damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        result = results.from_json(record["result"])
        seconds = {str(name): results.number(taken) for name, taken in record["seconds"].items()}
        its_hash, traces = record["hash"], record.get("traces", "")
        if not isinstance(its_hash, str | None):
            return None
        return Kept(its_hash, dataclasses.replace(result, exercise_seconds=seconds), str(traces))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None

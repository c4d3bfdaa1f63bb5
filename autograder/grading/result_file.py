"""Keep a result in result.json beside the graded notebook; reading it trusts nothing."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from autograder.grading import results
from autograder.grading.results import SubmissionResult
from course.files import write_atomically

NAME = "result.json"


class VerdictKey(NamedTuple):
    """Hashes of all that a verdict depends on."""

    lesson: str
    submission: str


@dataclass(frozen=True)
class Kept:
    """A result and the key of what was graded; None if it is to be graded again."""

    key: VerdictKey | None
    result: SubmissionResult
    fingerprint: str = ""  # of the files with this key, when it was last looked at


def write(path: Path, kept: Kept) -> None:
    """Keep a result."""
    record = {
        "version": results.VERSION,
        "hash": kept.key and ":".join(kept.key),
        "result": results.to_json(kept.result),
        "seconds": kept.result.exercise_seconds,
        "traces": kept.fingerprint,  # its name in files since the first version
    }
    write_atomically(path, json.dumps(record, indent=1))


def read(path: Path) -> Kept | None:
    """Return what `write` has kept; None if there is nothing, or it is damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        result = results.from_json(record["result"])
        seconds = {str(name): results.number(taken) for name, taken in record["seconds"].items()}
        key = None if record["hash"] is None else VerdictKey(*record["hash"].partition(":")[::2])
        result = dataclasses.replace(result, exercise_seconds=seconds)
        return Kept(key, result, str(record.get("traces", "")))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None

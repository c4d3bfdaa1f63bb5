"""What is kept of a result, in result.json beside the graded notebook; read with distrust."""

import json
import math
from pathlib import Path

from autograder import files

FIELDS = {"student", "lesson", "score", "max_score", "status", "seconds", "exercises"}
_OF_AN_EXERCISE = {"score", "max_score", "status", "message"}
_TEXTS = ("student", "lesson", "status", "message", "kind", "text")
_NUMBERS = ("score", "max_score", "seconds")


def write(path: Path, content_hash: str | None, result: dict, seconds: dict) -> None:
    """Keep a result, a hash of what it is the result of, and the seconds of each exercise."""
    kept = {"hash": content_hash, "result": result, "seconds": seconds}
    files.write(path, json.dumps(kept, indent=1))


def read(path: Path) -> dict | None:
    """What `write` has kept, or None: there is nothing, or it is damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        result = stored["result"]
        exercises = list(result["exercises"].values())
        records = [result, *exercises, *result.get("notes", [])]
        seconds = stored.get("seconds", {}).values()
        whole = (
            "status" in result
            and all(set(exercise) >= _OF_AN_EXERCISE for exercise in exercises)
            and all(map(_is_sound, records))
            and all(map(_is_number, seconds))
        )
        return stored if whole else None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _is_sound(record):
    """Whether each text is one, and each number: then no page has to ask."""
    return all(isinstance(record.get(name, ""), str) for name in _TEXTS) and all(
        _is_number(record.get(name, 0)) for name in _NUMBERS
    )


def _is_number(value):
    return isinstance(value, int | float) and math.isfinite(value)

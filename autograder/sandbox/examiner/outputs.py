"""Outputs of cells: the student's are rebuilt in valid form, those of the tests are captured."""

import io
import json
import sys
from typing import Any

from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import wire

# It takes long to validate more.
_MAX_FORMS = 20  # of one result: a text, a picture …
_MAX_LINES = 100  # of a traceback; all others are one


def _rebuilt(output: Any, max_text: int) -> dict:
    """A student's output in nbformat's form; raises an error for anything else."""
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _string(output["text"])}
    if kind == "error":
        return {
            "output_type": kind,
            "ename": wire.plain_text(_string(output["ename"]), 100),
            "evalue": wire.plain_text(_string(output["evalue"]), max_text),
            "traceback": _lines(output["traceback"]),
        }
    if kind not in ("display_data", "execute_result"):
        raise ValueError(kind)
    data = {_string(mime): value for mime, value in output["data"].items() if "/" in mime}
    if len(data) > _MAX_FORMS:
        raise ValueError("a result of too many forms")
    for mime, value in data.items():
        if not mime.endswith("json"):
            _string(value)
    json.dumps(data, allow_nan=False)
    made = {"output_type": kind, "data": data, "metadata": {}}
    if kind == "execute_result":
        made["execution_count"] = execution_count(output["execution_count"])
    return made


def _memory_of(value: object) -> int:
    """The bytes that a value of JSON takes in Python: an empty list is longer there."""
    inside: list = []
    if isinstance(value, dict):
        inside = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        inside = value
    return sys.getsizeof(value) + sum(map(_memory_of, inside))


def execution_count(count: object) -> int | None:
    """Return a student's execution count, or None if it is not one."""
    return count if type(count) is int and 0 <= count < 10**6 else None


def result(value: object, count: int) -> dict:
    """Return the value of a test cell: points are shown; of any other value, only its type."""
    text = repr(value) if type(value) in (int, float) else type(value).__name__
    return {
        "output_type": "execute_result",
        "execution_count": count,
        "data": {"text/plain": text},
        "metadata": {},
    }


def _lines(traceback: list) -> list[str]:
    lines = [_string(line) for line in traceback]
    others = "\n".join(lines[_MAX_LINES:])
    return [*lines[:_MAX_LINES], *([others] if others else [])]


def _string(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"a {type(value).__name__} where text should be")
    return value


class Room:
    """The room that a notebook has for the outputs of the student's cells."""

    def __init__(self, limits: Limits):
        """Begin with an empty notebook."""
        self._limits = limits
        self._size = self._count = 0

    def kept(self, shown: object) -> list[dict]:
        """Return those of these outputs that are valid, as far as there is room for them."""
        kept = []
        for output in shown[: self._limits.outputs] if type(shown) is list else []:
            try:
                output = _rebuilt(output, self._limits.message)
                self._size += max(len(json.dumps(output)), _memory_of(output))
            except Exception:  # it is not valid in a notebook
                continue
            self._count += 1
            if self._size > self._limits.all_output or self._count > self._limits.all_outputs:
                break
            kept.append(output)
        return kept


class Printed(io.StringIO):
    """What a test cell prints, up to a limit."""

    def __init__(self, max_characters: int):
        """Keep at most this many characters."""
        super().__init__()
        self._max_characters = max_characters

    def write(self, text: str, /) -> int:
        """Keep the text if there is room; say that all of it was written."""
        if self.tell() < self._max_characters:
            super().write(text[: self._max_characters])
        return len(text)

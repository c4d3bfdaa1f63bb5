"""The lines of a function that TensorFlow traced, as `map` of a tf.data.Dataset does."""

import contextlib
import itertools
from typing import Any

_MAX_FRAMES = 50


def traced_frames(error: BaseException) -> list[tuple[str, int, str, str]]:
    """Return the frames of an error inside a traced function, from the outside inwards.

    Of each: file, line, function, code. Python's own traceback ends where the tracing begins, or
    goes on in TensorFlow's wording of the function. What a student's code has put in TensorFlow's
    place may raise SystemExit and the like.
    """
    found: list[tuple[str, int, str, str]] = []
    with contextlib.suppress(Exception):
        metadata: Any = getattr(error, "ag_error_metadata", None)
        stack = metadata.translated_stack if metadata else ()
        for frame in itertools.islice(stack, _MAX_FRAMES):  # from the inside outwards
            file, name, code = map(_text, (frame.filename, frame.function_name, frame.code))
            found.append((file, int(frame.lineno), name or "<lambda>", code.strip()))
    return found[::-1]


def _text(value: object) -> str:
    """The text of a value, "" for None; `str` may return one of a class of the student's."""
    return str.__str__(str(value or ""))

"""The lines of a function that TensorFlow traced, as `map` of a tf.data.Dataset does."""

import contextlib
from typing import Any


def traced_frames(error: BaseException) -> list[tuple[str, int, str, str]]:
    """Return the frames of an error inside a traced function, from the outside inwards.

    Of each: file, line, function, code. Python's own traceback ends where the tracing begins, or
    goes on in TensorFlow's wording of the function.
    """
    found: list[tuple[str, int, str, str]] = []
    with contextlib.suppress(Exception):
        metadata: Any = getattr(error, "ag_error_metadata", None)
        for frame in metadata.translated_stack if metadata else ():
            name, code = str(frame.function_name or "<lambda>"), str(frame.code or "").strip()
            found.insert(0, (str(frame.filename), int(frame.lineno), name, code))
    return found

"""Hints for errors by their texts, as Python, NumPy, TensorFlow and Keras put them.

Each module has the hints of one kind of error.
"""

from course.check.engine.error_hints import (
    arithmetic,
    calls,
    indices,
    models,
    none_values,
    shapes,
    tapes,
    training,
    unsupported_operations,
)
from course.check.engine.hints import Hint

# Patterns for the text of an error, which the learner's own lines that led to it follow. The first
# that fits counts, so what is more special stands first: of these kinds of error, and in each of
# them. Show the hints with `hints.translated`.
ERROR_HINTS: dict[str, Hint] = {
    **tapes.HINTS,
    **models.HINTS,
    **training.HINTS,
    **arithmetic.HINTS,
    **none_values.HINTS,
    **calls.HINTS,
    **shapes.HINTS,
    **indices.HINTS,
    **unsupported_operations.HINTS,
}

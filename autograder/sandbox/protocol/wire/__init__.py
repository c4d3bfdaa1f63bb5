"""Plain data as bytes and back: all that crosses between a student's process and the examiner.

Both directions have the same small set of values: None, bool, int, float, complex, str, bytes,
arrays of numbers, tuples, lists, dicts, random generators, and numbered references to objects that
cannot cross. Nothing that arrives is executed, and each size, number and depth has a limit.
"""

from autograder.sandbox.protocol.wire.changed_arguments import write_back
from autograder.sandbox.protocol.wire.decoding import decode
from autograder.sandbox.protocol.wire.encoding import encode
from autograder.sandbox.protocol.wire.plain_data import (
    MAX_CHARACTERS,
    MAX_MESSAGE_BYTES,
    MAX_VALUES,
    Malformed,
    MessageTooLarge,
    Reference,
    plain_text,
)

__all__ = [
    "MAX_CHARACTERS",
    "MAX_MESSAGE_BYTES",
    "MAX_VALUES",
    "Malformed",
    "MessageTooLarge",
    "Reference",
    "decode",
    "encode",
    "plain_text",
    "write_back",
]

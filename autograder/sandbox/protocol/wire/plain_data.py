"""Which values may cross, and how large they may be."""

from dataclasses import dataclass

import ml_dtypes
import numpy as np

MAX_MESSAGE_BYTES = 64_000_000
MAX_VALUES = 1_000_000  # in one message, nested ones included
MAX_DEPTH = 30
MAX_CHARACTERS = 2_000_000  # of one text
MAX_INTEGER_BYTES = 512  # Python itself refuses to print much longer integers
# Python salts the hashes of texts; numbers can be chosen so that all their hashes collide.
MAX_NUMBER_KEYS = 10_000
MAX_AXES = 16
MAX_AXIS = 2**40  # of an array without values

ARRAY_TYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"),
        *("g", "G"),
    )
}
# It keeps its type: the checks allow for its low precision, but for none that is lower.
ARRAY_TYPES["bfloat16"] = np.dtype(ml_dtypes.bfloat16)
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class Malformed(ValueError):
    """Bytes that no honest process sends."""


class MessageTooLarge(ValueError):
    """A value too large or too deeply nested to cross."""


@dataclass
class Reference:
    """An object that cannot cross: its number, the side that holds it, its kinds, type and text."""

    side: str  # "student" or "examiner"
    number: int
    kinds: frozenset[str]  # of "callable", "iterable", "iterator", "model", "layer", "path"
    type_name: str
    text: str
    name: str = ""  # of a function


def plain_text(text: object, limit: int = 2_000) -> str:
    """Return text from a student, cut to `limit` characters and without control characters."""
    text = str(text)
    cut = text[:limit]
    if len(text) > limit:
        cut += "…"
    return "".join(c if c in "\n\t" or (c.isprintable() or c == " ") else "\ufffd" for c in cut)

"""Text in columns on a terminal."""

import unicodedata
from collections.abc import Sequence

_MAX_WIDTH = 50  # of a column: a longer text pushes the rest of its line aside


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def padded(text: str, columns: int) -> str:
    """Return a text followed by enough blanks to fill this many columns of a terminal."""
    return text + " " * (columns - width(text))


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of texts as lines, with aligned columns; the last one is not padded."""
    widths = [min(_MAX_WIDTH, max(map(width, column))) for column in zip(*rows, strict=True)][:-1]
    return [
        "  ".join([*map(padded, row, widths), row[-1]]).rstrip()  # `map` ends with the widths
        for row in rows
    ]

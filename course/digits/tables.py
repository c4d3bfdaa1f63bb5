"""Read digits from a table of text, as Kaggle has them: a label and 784 pixels in each line."""

import gzip
import io
from pathlib import Path

import numpy as np

_LABEL_COLUMNS = ("label", "class", "target", "digit")


class TableError(ValueError):
    """A table holds no digits with labels; `columns` says how many columns it has."""

    def __init__(self, columns: int):
        self.columns = columns
        super().__init__(columns)


def read_csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 28, 28) and the labels (n,) of a table, which may be gzipped.

    A first line with names is skipped; it may name the column of labels, by default the first.
    Raises TableError for another number of columns, or ValueError, OSError, EOFError,
    zlib.error.
    """
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    text = content.decode("utf-8-sig")
    first = [name.strip(" \"'\r").lower() for name in text.partition("\n")[0].split(",")]
    if len(first) != 785:
        raise TableError(len(first))
    has_names = not all(name.isdigit() for name in first)
    label = next((first.index(name) for name in _LABEL_COLUMNS if name in first), 0)
    rows = np.loadtxt(io.StringIO(text), np.int16, delimiter=",", skiprows=int(has_names), ndmin=2)
    return np.delete(rows, label, axis=1).reshape(-1, 28, 28), rows[:, label]

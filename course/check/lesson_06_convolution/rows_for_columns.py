"""What comes of a right result if the columns are counted, or found, as the rows are."""

import numpy as np


def as_many_columns_as_rows(found: np.ndarray) -> np.ndarray:
    """As many columns as there are rows; where there are fewer, a window is empty: an error."""
    if len(found) > found.shape[1]:
        raise ValueError("too few columns")
    return found[:, : len(found)]


def windows_of_rows(found: np.ndarray) -> np.ndarray:
    """In each column the value that belongs into column r of row r."""
    places = np.arange(len(found))
    diagonal = as_many_columns_as_rows(found)[places, places]
    return np.repeat(diagonal[:, np.newaxis], found.shape[1], axis=1)

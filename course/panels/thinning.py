"""Choose which points and digits to show where not all of them fit."""

import numpy as np

MAX_DIGITS = 1_000  # in one panel


def downsample(
    steps: np.ndarray, values: np.ndarray, columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve of at most 2 * `columns` points that shows every peak of a longer one.

    `steps` and `values` (n,). What is not finite becomes NaN, a gap in the curve.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    if len(steps) <= 2 * columns:
        return steps, values
    starts = np.linspace(0, len(steps), columns, endpoint=False).astype(int)
    low = np.fmin.reduceat(values, starts)
    high = np.fmax.reduceat(values, starts)
    last = np.append(starts[1:], len(steps)) - 1
    ends = np.column_stack([steps[starts], steps[last]]).ravel()
    return ends, np.column_stack([low, high]).ravel()


def spread_evenly(count: int, most: int) -> np.ndarray:
    """Return at most `most` indices spread over 0 … count - 1, the first and last included."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(int)


def choose_test_digits(
    labels: np.ndarray, predictions: np.ndarray | None
) -> tuple[np.ndarray, float]:
    """Choose at most 1,000 digits, the mistakes first, and return (indices, depth of the scale).

    `labels` and `predictions` (n,). The scale reaches from 100% down to 1 - depth, and the edge
    between mistakes and the rest stands at the accuracy. If all mistakes fit, they are all shown,
    and the rest stands for the others; if not, a fair share of both is.
    """
    count = len(labels)
    shown = min(count, MAX_DIGITS)
    if predictions is None:
        return spread_evenly(count, shown), 1.0
    is_right = predictions == labels
    wrong, right = np.flatnonzero(~is_right), np.flatnonzero(is_right)
    depth = shown / count if len(wrong) <= shown else 1.0
    wrong_shown = min(shown, round(len(wrong) / count / depth * shown))
    wrong_shown = max(wrong_shown, shown - len(right))
    chosen_wrong = wrong[spread_evenly(len(wrong), wrong_shown)]
    chosen_right = right[spread_evenly(len(right), shown - wrong_shown)]
    return np.concatenate([chosen_wrong, chosen_right]), depth

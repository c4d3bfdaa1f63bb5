"""Round limits for axes, short numbers for labels, and long curves made short for drawing."""

import math

import numpy as np

_ROUND = (1, 1.5, 2, 3, 4, 6, 8, 10)
_LARGEST = 1e200  # far below where the arithmetic of an axis overflows


def round_up(value: float) -> float:
    """Return the next round number: axes that end there need new ticks only now and then."""
    if not value > 0:
        return 0.0
    value = min(value, _LARGEST)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step for step in _ROUND if step * power >= value * (1 - 1e-9)) * power


def short(value: float) -> str:
    """Write a number in few digits: 0.05, 1.25, 2,500, 1e38, -3."""
    if value != value:
        return "NaN"
    if 1_000 <= abs(value) < 10_000:
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return text.replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """Write a share of 1 as a percentage with one decimal."""
    return f"{share:.1%}"


def thin(steps, values, columns: int):
    """Return a curve of at most 2 * `columns` points that shows every peak of a longer one."""
    values = np.where(np.isfinite(values), values, np.nan)
    if len(steps) <= 2 * columns:
        return steps, values
    starts = np.linspace(0, len(steps), columns, endpoint=False).astype(int)
    low = np.fmin.reduceat(values, starts)
    high = np.fmax.reduceat(values, starts)
    middle = np.append(starts[1:], len(steps)) - 1
    ends = np.column_stack([steps[starts], steps[middle]]).ravel()
    return ends, np.column_stack([low, high]).ravel()


def every(count: int, columns: int) -> np.ndarray:
    """Return at most `columns` indices spread over 0 … count - 1, the first and last included."""
    if count <= columns:
        return np.arange(count)
    return np.linspace(0, count - 1, columns).round().astype(int)

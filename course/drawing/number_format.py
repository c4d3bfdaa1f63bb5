"""Numbers as a reader sees them: short in labels, round at the ends of axes."""

import math

_ROUND_STEPS = (1, 1.5, 2, 3, 4, 6, 8, 10)
_MAX = 1e200  # far below where the arithmetic of an axis overflows


def round_up(value: float) -> float:
    """Return the next round number, 0 for none: an axis that ends there seldom needs new ticks."""
    if not value > 0:
        return 0.0
    value = min(value, _MAX)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step for step in _ROUND_STEPS if step * power >= value * (1 - 1e-9)) * power


def short(value: float) -> str:
    """Write a number in three digits or so: 0.05, 1.25, 2,500, 1e38."""
    if value != value:
        return "NaN"
    if 1_000 <= abs(value) < 10_000:
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:z.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return text.replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """Write a share in 0..1 as a percentage with one decimal."""
    return f"{share:.1%}"

"""Points as people and spreadsheets read them."""


def rounded(points: float) -> str:
    """Return a number of points: at most two decimals, and no trailing zeros."""
    return f"{round(points, 2):g}"

"""Points as people and spreadsheets read them."""


def rounded(points: float) -> str:
    """A number of points: a decimal point, two decimals at most, and no needless zero."""
    return f"{round(points, 2):g}"

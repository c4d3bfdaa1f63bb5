"""Where the panels are: six in a grid of 2 x 3, or one or two that fill the picture."""

from typing import NamedTuple

NAMES = ("accuracy", "loss", "training digits", "weights", "biases", "test digits")

HEADER = 30
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 20, 24, 34  # around the axes, for title and tick labels
_BELOW_DIGITS = 6
_WIDTHS = (1, 1, 1.14)


class Box(NamedTuple):
    """A rectangle in pixels at 100 dots per inch; y grows upwards."""

    x: float
    y: float
    width: float
    height: float


def boxes(names: tuple[str, ...], width: float, height: float) -> dict[str, Box]:
    """Return the rectangle of the axes of each panel that is shown."""
    height -= HEADER
    rows = [NAMES[:3], NAMES[3:]] if len(names) > 2 else [names]
    found = {}
    for row, shown in enumerate(rows):
        shares = _WIDTHS if len(shown) == 3 else (1,) * len(shown)
        cell_height = height / len(rows)
        x = 0.0
        for name, share in zip(shown, shares, strict=True):
            cell_width = width * share / sum(shares)
            digits = name.endswith("digits")  # without steps below them
            bottom, right = (_BELOW_DIGITS, 12) if digits else (_BOTTOM, _RIGHT)
            found[name] = Box(
                x + _LEFT,
                height - (row + 1) * cell_height + bottom,
                cell_width - _LEFT - right,
                cell_height - _TOP - bottom,
            )
            x += cell_width
    return found

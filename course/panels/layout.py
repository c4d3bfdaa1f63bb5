"""Where the panels stand: six in a grid of 2 x 3, or one or two that fill the picture."""

from typing import NamedTuple

NAMES = ("accuracy", "loss", "training digits", "weights", "biases", "test digits")

HEADER = 30
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 24, 34  # around the axes, for title and tick labels
_WIDTHS = (1, 1, 1.04)


class Box(NamedTuple):
    """A rectangle in pixels at 100 dots per inch; y grows upwards."""

    x: float
    y: float
    width: float
    height: float


def boxes(names: tuple, width: float, height: float) -> dict[str, Box]:
    """Return the rectangle inside the axes of every panel that is shown."""
    height -= HEADER
    rows = [NAMES[:3], NAMES[3:]] if len(names) > 2 else [names]
    found = {}
    for row, shown in enumerate(rows):
        shares = _WIDTHS if len(shown) == 3 else (1,) * len(shown)
        cell_height = height / len(rows)
        x = 0.0
        for name, share in zip(shown, shares, strict=True):
            cell_width = width * share / sum(shares)
            found[name] = Box(
                x + _LEFT,
                height - (row + 1) * cell_height + _BOTTOM,
                cell_width - _LEFT - _RIGHT,
                cell_height - _TOP - _BOTTOM,
            )
            x += cell_width
    return found

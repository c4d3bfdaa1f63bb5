"""Every colour of the course, and the two themes: for light pages and for dark ones.

Training is blue, test is red, validation is teal, a pinned run is purple: colours that the
colour-blind can tell apart.
"""

from typing import NamedTuple

BLUE, RED, TEAL = "#0077bb", "#cc3311", "#009988"
PURPLE, ORANGE = "#aa3377", "#d1570a"
# Backgrounds and bars behind text, from strong to faint.
PALE_BLUE, LIGHT_BLUE, FAINT_BLUE = "#bcd7ee", "#d5e6f4", "#eef5fb"
PALE_ORANGE = "#f7d9c4"
PAPER, INK = "#ffffff", "#22303c"
QUIET = "#5a6875"  # axes, ticks, marks
FAINT = "#c9d3dc"  # lines that are barely visible
GRID = "#e3e8ec"

# The tiles of a mosaic, as red, green, blue in 0..255.
MISTAKE_RGB = (255, 163, 138)  # light vermilion: much darker than the paper in grey, too
TRUTH_RGB = (0, 84, 150)
ANSWER_RGB = (150, 20, 0)


class Theme(NamedTuple):
    """Colours, named by what they stand for."""

    paper: str
    ink: str
    quiet: str
    grid: str
    training: str
    test: str
    validation: str
    pinned: str  # curves of an earlier run, behind those of this one
    bands: str
    alarm: str
    negative: str  # sums below zero; those above are drawn in the colour of training
    mistake: str  # behind a digit that was not recognised
    truth: str  # the small print of a digit: what it is
    answer: str  # and what a network took it for
    states: dict[str, str]  # by the state of a run


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


LIGHT = Theme(
    paper=PAPER,
    ink=INK,
    quiet=QUIET,
    grid=GRID,
    training=BLUE,
    test=RED,
    validation=TEAL,
    pinned=PURPLE,
    bands=BLUE,
    alarm=RED,
    negative=ORANGE,
    mistake=_hex(MISTAKE_RGB),
    truth=_hex(TRUTH_RGB),
    answer=_hex(ANSWER_RGB),
    states={
        "ready": QUIET,
        "running": BLUE,
        "paused": "#946200",
        "finished": "#007a4d",
        "diverged": RED,
    },
)

_DARK_QUIET, _DARK_BLUE, _DARK_RED = "#a3afba", "#58b4ff", "#ff7250"
DARK = Theme(
    paper="#15191e",
    ink="#e4e9ee",
    quiet=_DARK_QUIET,
    grid="#2b333b",
    training=_DARK_BLUE,
    test=_DARK_RED,
    validation="#3ed2bf",
    pinned="#e08fc4",
    bands=_DARK_BLUE,
    alarm=_DARK_RED,
    negative="#ff9a4d",
    mistake="#8c2f1b",
    truth="#8fcfff",
    answer="#ffd0c2",
    states={
        "ready": _DARK_QUIET,
        "running": _DARK_BLUE,
        "paused": "#f0b429",
        "finished": "#4cd19a",
        "diverged": _DARK_RED,
    },
)


def page_colours() -> dict[str, dict[str, str]]:
    """Return the colours of both themes for the page side of a widget, by what they stand for."""
    return {"light": _by_name(LIGHT), "dark": _by_name(DARK)}


def _by_name(theme: Theme) -> dict[str, str]:
    colours = theme._asdict()
    return colours | colours.pop("states")

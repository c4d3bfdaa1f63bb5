"""The colours of the panels, on light and on dark pages, and the style file of all pictures."""

from pathlib import Path
from typing import NamedTuple

STYLE = Path(__file__).parent.parent / "style.mplstyle"


class Theme(NamedTuple):
    """Colours by what they stand for."""

    paper: str
    ink: str
    quiet: str  # axes, ticks, marks
    grid: str
    training: str
    test: str
    validation: str
    bands: str
    alarm: str
    states: dict


LIGHT = Theme(
    paper="#ffffff",
    ink="#22303c",
    quiet="#5a6875",
    grid="#e3e8ec",
    training="#0077bb",
    test="#cc3311",
    validation="#009988",
    bands="#0077bb",
    alarm="#cc3311",
    states={
        "ready": "#5a6875",
        "running": "#0077bb",
        "paused": "#946200",
        "finished": "#007a4d",
        "diverged": "#cc3311",
    },
)
DARK = Theme(
    paper="#15191e",
    ink="#e4e9ee",
    quiet="#a3afba",
    grid="#2b333b",
    training="#58b4ff",
    test="#ff7250",
    validation="#3ed2bf",
    bands="#58b4ff",
    alarm="#ff7250",
    states={
        "ready": "#a3afba",
        "running": "#58b4ff",
        "paused": "#f0b429",
        "finished": "#4cd19a",
        "diverged": "#ff7250",
    },
)


def style(theme: Theme) -> dict:
    """Return Matplotlib's settings that turn the style file's ink and paper into the theme's."""
    return {
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.quiet,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "text.color": theme.ink,
        "xtick.color": theme.quiet,
        "ytick.color": theme.quiet,
        "grid.color": theme.grid,
    }

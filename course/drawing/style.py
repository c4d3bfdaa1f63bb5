"""The course's one style for Matplotlib, in the colours of a theme."""

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.colors import LinearSegmentedColormap

from course.drawing.fonts import font_families
from course.drawing.palette import BLUE, LIGHT, ORANGE, PAPER, PURPLE, Theme

# For signed values: orange is negative, blue is positive, white is nothing.
SIGNED = LinearSegmentedColormap.from_list("signed", [ORANGE, PAPER, BLUE])

# Matplotlib has one set of parameters for all threads: a picture that another thread draws at the
# same time would take those of this one, and put them back after it.
_alone = threading.RLock()
_FILE = Path(__file__).with_name("style.mplstyle")


@contextlib.contextmanager
def course_style(theme: Theme = LIGHT) -> Iterator[None]:
    """Draw in the course's style, whatever the learner has set: `with course_style(): ...`.

    One thread at a time: others wait here.
    """
    fonts = {"font.family": font_families()}
    with _alone, matplotlib.rc_context(_file_settings() | _colours(theme) | fonts):
        yield


@cache
def _file_settings():
    return dict(matplotlib.rc_params_from_file(_FILE, use_default_template=False))


def _colours(theme):
    lines = [theme.training, theme.test, theme.validation]
    return {
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.quiet,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.prop_cycle": matplotlib.cycler(color=[*lines, PURPLE, ORANGE, theme.quiet]),
        "text.color": theme.ink,
        "xtick.color": theme.quiet,
        "ytick.color": theme.quiet,
        "grid.color": theme.grid,
    }

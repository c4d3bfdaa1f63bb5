"""The panels of weights and biases: seven bands that hold equally many values each, over time."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from course.messages import _
from course.panels.look import ALARM
from course.panels.marks import Marks
from course.panels.numbers import every, round_up, short
from course.panels.panel import TimePanel

# How much of the colour the bands get, from the outermost two to the one in the middle. Each is
# painted over the one around it, so that there are no seams. The last has a line around it: seen
# even where all values are nearly one.
_STRENGTHS = (0.18, 0.34, 0.55, 0.85)


class BandPanel(TimePanel):
    """How the values of one kind ("weights" or "biases") are spread, with an alarm past 100."""

    def __init__(self, axes, theme, title, kind):
        super().__init__(axes, theme, title, short)
        self._kind = kind
        colour, paper = np.array(to_rgb(theme.bands)), np.array(to_rgb(theme.paper))
        colours = [strength * colour + (1 - strength) * paper for strength in _STRENGTHS]
        self._bands = self.move(
            PolyCollection(
                [], facecolors=colours, edgecolors=colours, linewidths=(0, 0, 0, 0.8), zorder=2
            )
        )
        axes.add_collection(self._bands, autolim=False)
        self._marks = Marks(self, labels=None)
        self._alarm = False
        self._word = self.move(
            axes.text(
                0.5,
                0.95,
                _("ALARM: beyond {limit}").format(limit=ALARM),
                transform=axes.transAxes,
                ha="center",
                va="top",
                fontweight="bold",
                color=theme.paper,
                bbox={"facecolor": theme.alarm, "edgecolor": "none", "boxstyle": "square,pad=0.4"},
                visible=False,
                zorder=6,
            )
        )

    def update(self, look):
        """Redraw from a look at the run."""
        spread = getattr(look, self._kind)
        self.set_steps(look.steps)
        which = every(len(spread.steps), self.columns)
        steps, edges = spread.steps[which], spread.edges[which]
        if len(steps) == 1:  # a first look has no width yet
            steps, edges = np.array([0, self.axes.get_xlim()[1] / 100]), edges.repeat(2, axis=0)
        self._bands.set_verts(
            [_outline(steps, edges[:, band], edges[:, 7 - band]) for band in range(4)]
            if len(steps)
            else []
        )
        low, high = (edges.min(), edges.max()) if len(edges) else (0.0, 0.0)
        ends = round_up(-1.02 * low), round_up(1.02 * high)
        least = 0.1 * max(ends) or 0.1  # keep the zero line off the frame
        self.set(ylim=(-max(ends[0], least), max(ends[1], least)))
        self._marks.update(look.changes)
        self._tell(spread)

    def _tell(self, spread):
        text = ""
        if len(spread.steps):
            low, high = spread.edges[-1, [0, -1]]
            text = _("{low} to {high}").format(low=short(low), high=short(high))
        self.value.set_text(text)
        if spread.alarm != self._alarm:
            self._alarm, self.stale = spread.alarm, True
            theme = self.theme
            self._word.set_visible(spread.alarm)
            for spine in self.axes.spines.values():
                spine.set_visible(spread.alarm or spine.spine_type in ("left", "bottom"))
                spine.set_color(theme.alarm if spread.alarm else theme.quiet)
                spine.set_linewidth(2.5 if spread.alarm else 0.8)


def _outline(steps, low, high):
    return np.column_stack(
        [np.concatenate([steps, steps[::-1]]), np.concatenate([low, high[::-1]])]
    )

"""The ticks of one side of a panel, laid out and drawn in a small part of Matplotlib's time."""

from matplotlib.axes import Axes
from matplotlib.lines import TICKDOWN, TICKLEFT
from matplotlib.transforms import ScaledTranslation

from course.panels.quick_text import QuickText, write
from course.panels.theme import Theme

_LENGTH = 3.5  # points from the axes to the end of a mark
_PADS = {"bottom": 5.5, "left": 7}  # to its label


class Ticks:
    """Marks with labels on the "bottom" or the "left" of axes, perhaps with grid lines.

    They stand in for the axes' own, which are hidden: those measure every label before each
    drawing, and that costs more than all the rest of a picture.
    """

    def __init__(self, axes: Axes, theme: Theme, side: str, *, grid: bool = True):
        self._axes, self._colour = axes, theme.quiet
        self._pad = _PADS[side] / 72
        self._below = side == "bottom"
        hidden = axes.xaxis if self._below else axes.yaxis
        hidden.set_visible(False)
        lines = axes.vlines if self._below else axes.hlines
        self._across = axes.get_xaxis_transform() if self._below else axes.get_yaxis_transform()
        self._grid = lines([], 0, 1, transform=self._across, colors=theme.grid, linewidths=0.7)
        self._grid.set(zorder=0.5, visible=grid)
        self._marks = axes.plot(
            [],
            [],
            transform=self._across,
            linestyle="none",
            marker=TICKDOWN if self._below else TICKLEFT,
            markersize=_LENGTH,
            markeredgewidth=0.8,
            color=theme.quiet,
            clip_on=False,
        )[0]
        self._labels = []

    def show(self, places, labels):
        """Put marks at these places, in the axes' units, with these words beside them."""
        places = [float(place) for place in places]
        ends = [((place, 0), (place, 1)) for place in places]
        at = places, [0] * len(places)
        if not self._below:
            ends = [((0, place), (1, place)) for place in places]
            at = at[::-1]
        self._grid.set_segments(ends)
        self._marks.set_data(*at)
        wanted = [{"x": x, "y": y, "text": text} for x, y, text in zip(*at, labels, strict=True)]
        write(self._labels, self._label, wanted)

    def _label(self):
        away = (0, -self._pad) if self._below else (-self._pad, 0)
        words = QuickText(
            0,
            0,
            transform=self._across + ScaledTranslation(*away, self._axes.figure.dpi_scale_trans),
            ha="center" if self._below else "right",
            va="top" if self._below else "center",
            fontsize=8,
            color=self._colour,
        )
        return self._axes.add_artist(words)

"""What the panels have in common: a title, limits that seldom move, ticks, marks of changes."""

from collections.abc import Callable, Iterable

from matplotlib.axes import Axes
from matplotlib.lines import TICKDOWN, TICKLEFT
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from course.drawing.number_format import round_up
from course.drawing.palette import Theme
from course.messages import _
from course.panels.changes import merge_close_changes
from course.panels.painter.layout import Box
from course.panels.painter.quick_text import QuickText, write_texts
from course.training import Change

_TICK_LENGTH = 3.5  # points from the axes to the end of a tick
_TICK_PADS = {"bottom": 5.5, "left": 7}  # points to its label
_NEAR = 12  # pixels; changes nearer than this, as by a dragged slider, share a mark


class StillPanel:
    """One panel: its axes, what is redrawn in each frame, and whether the rest is out of date."""

    def __init__(self, axes: Axes, theme: Theme, title: str):
        self.axes, self.theme = axes, theme
        self.stale = True  # whether ticks, limits or frame changed since the last full drawing
        self.moving = []  # artists that are redrawn in each frame
        self.box = Box(0, 0, 1, 1)
        self.scale = 1.0  # pixels of the screen for one of the layout's
        self.title = self._above("left", title)
        self.title.set(fontweight="bold", clip_on=False)
        self.value = self.move(self._above("right", ""))

    def move(self, artist):
        """Let an artist be redrawn in each frame."""
        artist.set_animated(True)
        self.moving.append(artist)
        return artist

    def place(self, box: Box, scale: float):
        """Move to a rectangle in the layout's pixels, each `scale` pixels of the screen wide."""
        self.box, self.scale, self.stale = box, scale, True

    def set(self, **properties):
        """Change the axes' limits or ticks, if they are not what they were."""
        if any(_differ(getattr(self.axes, f"get_{k}")(), v) for k, v in properties.items()):
            self.axes.set(**properties)
            self.stale = True

    def settle(self):
        """Update what is redrawn only when this panel is stale."""

    def _above(self, side, text):
        over = ScaledTranslation(0, 6 / 72, self.axes.figure.dpi_scale_trans)
        words = QuickText(
            {"left": 0, "right": 1}[side],
            1,
            text,
            transform=self.axes.transAxes + over,
            ha=side,
            va="baseline",
            fontsize=9.5 if side == "left" else 8.5,
        )
        return self.axes.add_artist(words)


class TimePanel(StillPanel):
    """A panel over the steps of the run, with marks where a setting was changed.

    `label(value)` is the label of a tick on the vertical axis.
    """

    def __init__(self, axes, theme, title, label: Callable[[float], str]):
        super().__init__(axes, theme, title)
        self._sides = (
            (
                Ticks(axes, theme, "bottom"),
                MaxNLocator(4, integer=True, steps=[1, 2, 2.5, 5, 10]),
                lambda step: f"{step:,.0f}",
            ),
            (Ticks(axes, theme, "left"), MaxNLocator(5, steps=[1, 2, 5, 10]), label),
        )
        below = ScaledTranslation(0, -15 / 72, axes.figure.dpi_scale_trans)
        style = {"ha": "center", "va": "top", "fontsize": 8, "color": theme.quiet}
        steps = QuickText(0.5, 0, _("steps"), transform=axes.transAxes + below, **style)
        axes.add_artist(steps)

    def settle(self):
        """Put the ticks where the current limits need them."""
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        for (ticks, locator, label), (low, high) in zip(self._sides, limits, strict=True):
            room = 1e-9 * (high - low)
            places = [
                place
                for place in locator.tick_values(low, high)
                if low - room <= place <= high + room
            ]
            ticks.show(places, [label(place) for place in places])

    def set_steps(self, last: int):
        """Let the axis reach this step, or beyond."""
        self.set(xlim=(0, round_up(max(last, 10))))

    @property
    def columns(self) -> int:
        """How many columns of pixels the panel has on the screen."""
        return max(20, int(self.box.width * self.scale))


class Ticks:
    """Ticks with labels on the "bottom" or the "left" of axes, with or without grid lines.

    They replace the axes' own, which are hidden: those measure every label before each drawing,
    which takes longer than all the rest of a picture.
    """

    def __init__(self, axes: Axes, theme: Theme, side: str, *, grid: bool = True):
        self._axes, self._colour = axes, theme.quiet
        self._pad = _TICK_PADS[side] / 72
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
            markersize=_TICK_LENGTH,
            markeredgewidth=0.8,
            color=theme.quiet,
            clip_on=False,
        )[0]
        self._labels = []

    def show(self, places, labels):
        """Put ticks at these places, in the axes' units, with these labels."""
        places = [float(place) for place in places]
        ends = [((place, 0), (place, 1)) for place in places]
        at = places, [0] * len(places)
        if not self._below:
            ends = [((0, place), (1, place)) for place in places]
            at = at[::-1]
        self._grid.set_segments(ends)
        self._marks.set_data(*at)
        wanted = [{"x": x, "y": y, "text": text} for x, y, text in zip(*at, labels, strict=True)]
        write_texts(self._labels, self._label, wanted)

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


class Marks:
    """The marks of changes in one panel, with labels at the "top", at the "bottom", or None."""

    def __init__(self, panel, labels: str | None):
        self._panel, self._labels = panel, labels
        self._lines = panel.move(
            panel.axes.vlines([], 0, 1, transform=panel.axes.get_xaxis_transform())
        )
        self._lines.set(color=panel.theme.quiet, linewidth=0.9, zorder=1)
        self._texts = []

    def update(self, changes: Iterable[Change]):
        """Draw a mark for each change, or one for several that are close to each other."""
        panel = self._panel
        last_step = panel.axes.get_xlim()[1]
        groups = merge_close_changes(changes, _NEAR * last_step / panel.box.width)
        self._lines.set_segments([[(step, 0), (step, 1)] for step, _labels in groups])
        if self._labels is None:
            return
        wanted = [{"x": step, "text": f" {', '.join(labels.values())} "} for step, labels in groups]
        write_texts(self._texts, self._text, wanted)

    def _text(self):
        panel = self._panel
        words = QuickText(
            0,
            1 if self._labels == "top" else 0,
            transform=panel.axes.get_xaxis_transform(),
            rotation=90,
            va=self._labels,
            fontsize=7.5,
            color=panel.theme.ink,
            zorder=5,
        )
        return panel.move(panel.axes.add_artist(words))


def _differ(old, new):
    return tuple(old) != tuple(new) if isinstance(new, tuple) else old != new

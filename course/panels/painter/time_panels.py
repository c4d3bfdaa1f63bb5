"""The panels over time: accuracy, loss, and the bands of weights, biases or activations.

Training is thin blue, test thick red, validation dashed.
"""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from course.drawing.number_format import percent, round_up, short
from course.messages import _
from course.panels.painter.panel import Marks, TimePanel
from course.panels.snapshot import ALARM_LIMIT, CurvePoints, Snapshot
from course.panels.thinning import downsample, spread_evenly

# How each curve is drawn, by its name in the history.
LINE_STYLES = {
    "training": {"linewidth": 0.8, "alpha": 0.65, "zorder": 2},
    "validation": {"linewidth": 2, "linestyle": (0, (3, 1.3)), "zorder": 5},
    "test": {"linewidth": 2.6, "zorder": 4},
}
PINNED_ALPHA = 0.6
_GUESSING = 2.7  # a loss below this is at most one of guessing at the start, near ln 10
_MAX_SHORT = 500  # steps of a run that shows its start
_FLOORS = (0.9, 0.8, 0.0)  # where the accuracy axis may begin
# How much of the colour the bands get, from the outermost two to the one in the middle. Each is
# painted over the one around it, so that there are no seams. The last has a line around it, which
# shows even where all values are nearly the same.
_BAND_STRENGTHS = (0.18, 0.34, 0.55, 0.85)


class CurvePanel(TimePanel):
    """Three curves of the run, and faintly those of a pinned one."""

    quantity = ""

    def __init__(self, axes, theme, title, label, mark_labels):
        super().__init__(axes, theme, title, label)
        self._lines = {name: self.move(self._line(name)) for name in LINE_STYLES}
        self._dot = self.move(
            axes.plot([], [], "o", color=theme.test, markersize=4.5, clip_on=False)[0]
        )
        self._dots = {
            name: self.move(
                axes.plot([], [], "o", color=getattr(theme, name), markersize=3.2, zorder=6)[0]
            )
            for name in ("validation", "test")
        }
        # Pinned curves do not move, so they are drawn with what is seldom redrawn.
        self._pinned_lines = {name: self._line(name) for name in ("training", "test")}
        for line in self._pinned_lines.values():
            line.set(alpha=PINNED_ALPHA, color=theme.pinned)
        self.pinned = None
        self._marks = Marks(self, mark_labels)

    def _line(self, name):
        colour = getattr(self.theme, name)
        return self.axes.plot([], [], color=colour, solid_capstyle="butt", **LINE_STYLES[name])[0]

    def pin(self, curves: dict[str, CurvePoints] | None):
        """Overlay these curves (by name) faintly, or nothing."""
        self.pinned, self.stale = curves, True

    def update(self, snapshot: Snapshot):
        """Redraw from a snapshot of the run."""
        pinned = self.pinned or {}
        ends = [int(points.steps[-1]) for points in pinned.values() if len(points.steps)]
        end = max([snapshot.steps, *ends])
        self.set_steps(end)
        for name, dots in self._dots.items():
            points = getattr(snapshot, name)
            at = _ends_of_gaps(points.steps, end)
            dots.set_data(points.steps[at], getattr(points, self.quantity)[at])
        for name, line in self._lines.items():
            points = getattr(snapshot, name)
            line.set_data(*downsample(points.steps, getattr(points, self.quantity), self.columns))
        self._dot.set_data(snapshot.test.steps[-1:], getattr(snapshot.test, self.quantity)[-1:])
        self._set_limits(snapshot)
        low, high = self.axes.get_ylim()
        inside = [low <= y <= high for y in self._dot.get_ydata()]
        self._dot.set_visible(all(inside))
        self._marks.update(snapshot.changes)
        self.value.set_text(self._latest(snapshot) if len(snapshot.test.steps) else "")

    def settle(self):
        """Put the ticks and the pinned curves where the current limits need them."""
        super().settle()
        for name, line in self._pinned_lines.items():
            points = (self.pinned or {}).get(name)
            xy = ([], [])
            if points is not None:
                xy = downsample(points.steps, getattr(points, self.quantity), self.columns)
            line.set_data(*xy)

    def _set_limits(self, snapshot):
        raise NotImplementedError

    def _latest(self, snapshot):
        """Return the latest value on the test digits, in words."""
        raise NotImplementedError


def _ends_of_gaps(steps: np.ndarray, end: int) -> np.ndarray:
    """The places of the steps (n,) at both ends of each wide gap, where nothing was measured."""
    wide = np.diff(steps) > max(1, end / 12)
    return np.flatnonzero(np.append(wide, False) | np.append(False, wide)[: len(steps)])


class AccuracyPanel(CurvePanel):
    """The accuracy: the share of digits recognised."""

    quantity = "accuracy"

    def __init__(self, axes, theme):
        super().__init__(axes, theme, _("Accuracy"), "{:.0%}".format, "bottom")
        self._floor = 0.0

    def _latest(self, snapshot):
        text = _("test {accuracy}").format(accuracy=percent(snapshot.test.accuracy[-1]))
        if snapshot.best_test_accuracy is not None:
            best = percent(snapshot.best_test_accuracy)
            text = _("{latest}, best {best}").format(latest=text, best=best)
        return text

    def _set_limits(self, snapshot):
        latest = [*snapshot.test.accuracy[-3:], *snapshot.validation.accuracy[-3:]]
        worst = min(latest, default=0.0)
        # The axis narrows late and widens late, or it would flicker between two ranges.
        if worst < self._floor + 0.1 * (1 - self._floor):
            self._floor = 0.0
        enough = (floor for floor in _FLOORS if worst >= floor + 0.3 * (1 - floor))
        self._floor = max(self._floor, next(enough, 0.0))
        margin = 0.02 * (1 - self._floor)
        self.set(ylim=(self._floor, 1 + margin))


class LossPanel(CurvePanel):
    """The loss: the cross-entropy, unless the run has another loss."""

    quantity = "loss"

    def __init__(self, axes, theme, cross_entropy: bool):
        title = _("Cross-entropy loss") if cross_entropy else _("Loss")
        super().__init__(axes, theme, title, short, "top")
        self._top = 0.0

    def _latest(self, snapshot):
        return _("test {loss}").format(loss=short(snapshot.test.loss[-1]))

    def _set_limits(self, snapshot):
        curves = [
            snapshot.training,
            snapshot.test,
            snapshot.validation,
            *(self.pinned or {}).values(),
        ]
        needed = max(map(_height, curves), default=0.0) or 1.0
        start = snapshot.training.loss[:1]
        if len(snapshot.training.loss) <= _MAX_SHORT and start.size and start[0] < _GUESSING:
            needed = max(needed, float(start[0]))
        if needed > self._top or needed < 0.5 * self._top:
            self._top = round_up(1.1 * needed)
        lowest = min(points.loss[np.isfinite(points.loss)].min(initial=0) for points in curves)
        self.set(ylim=(-round_up(-1.1 * lowest), self._top))


class BandPanel(TimePanel):
    """How values are spread: seven bands that hold equally many, with an alarm beyond 100.

    `kind` is "weights", "biases" or "activations".
    """

    def __init__(self, axes, theme, kind, title):
        super().__init__(axes, theme, title, short)
        self._kind = kind
        colour, paper = np.array(to_rgb(theme.bands)), np.array(to_rgb(theme.paper))
        colours = [strength * colour + (1 - strength) * paper for strength in _BAND_STRENGTHS]
        self._bands = self.move(
            PolyCollection(
                [], facecolors=colours, edgecolors=colours, linewidths=(0, 0, 0, 0.8), zorder=2
            )
        )
        axes.add_collection(self._bands, autolim=False)
        self._marks = Marks(self, labels=None)
        self._alarm = False
        self._alarm_text = self.move(
            axes.text(
                0.5,
                0.95,
                _("ALARM: beyond {limit}").format(limit=ALARM_LIMIT),
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

    def update(self, snapshot: Snapshot):
        """Redraw from a snapshot of the run."""
        bands = getattr(snapshot, self._kind)
        self.set_steps(snapshot.steps)
        which = spread_evenly(len(bands.steps), self.columns)
        steps, edges = bands.steps[which], bands.edges[which]
        if len(steps) == 1:  # a first measurement has no width yet
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
        self._marks.update(snapshot.changes)
        self._show_latest(bands)

    def _show_latest(self, bands):
        text = ""
        if len(bands.steps):
            low, high = bands.edges[-1, [0, -1]]
            text = _("{low} to {high}").format(low=short(low), high=short(high))
        self.value.set_text(text)
        if bands.alarm != self._alarm:
            self._alarm, self.stale = bands.alarm, True
            theme = self.theme
            self._alarm_text.set_visible(bands.alarm)
            for spine in self.axes.spines.values():
                spine.set_visible(bands.alarm or spine.spine_type in ("left", "bottom"))
                spine.set_color(theme.alarm if bands.alarm else theme.quiet)
                spine.set_linewidth(2.5 if bands.alarm else 0.8)


def _height(points: CurvePoints) -> float:
    """Return how high the loss axis must reach, leaving out rare peaks and a huge start."""
    loss = points.loss[np.isfinite(points.loss)]
    if not len(loss):
        return 0.0
    late = loss[len(loss) // 20 :]
    return float(max(np.percentile(late, 96), late[-10:].max() if len(late) < 50 else late[-1]))


def _outline(steps, low, high):
    return np.column_stack(
        [np.concatenate([steps, steps[::-1]]), np.concatenate([low, high[::-1]])]
    )

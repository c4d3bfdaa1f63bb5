"""The panels of accuracy and of loss: training thin blue, test thick red, validation dashed."""

import numpy as np

from course.messages import _
from course.panels.marks import Marks
from course.panels.numbers import percent, round_up, short, thin
from course.panels.panel import TimePanel

# How each curve is drawn, by its name in the history.
WAYS = {
    "training": {"linewidth": 0.8, "alpha": 0.65, "zorder": 2},
    "validation": {"linewidth": 2, "linestyle": (0, (3, 1.3)), "zorder": 5},
    "test": {"linewidth": 2.6, "zorder": 4},
}
FAINT = 0.35  # of a pinned run
_GUESSING = 2.7  # a loss below this is at most one of guessing at the start, near ln 10
_SHORT = 500  # steps of a run that shows its start
_FLOORS = (0.9, 0.8, 0.0)  # where the accuracy axis may begin


class CurvePanel(TimePanel):
    """Three curves of the run, and faintly those of a pinned one."""

    quantity = ""

    def __init__(self, axes, theme, title, words, labels):
        super().__init__(axes, theme, title, words)
        self._lines = {name: self.move(self._line(name)) for name in WAYS}
        self._dot = self.move(
            axes.plot([], [], "o", color=theme.test, markersize=4.5, clip_on=False)[0]
        )
        # Pinned curves stand still: they belong to what is seldom drawn.
        self._pinned_lines = {name: self._line(name) for name in ("training", "test")}
        for line in self._pinned_lines.values():
            line.set_alpha(FAINT)
        self.pinned = None
        self._marks = Marks(self, labels)

    def _line(self, name):
        colour = getattr(self.theme, name)
        return self.axes.plot([], [], color=colour, solid_capstyle="butt", **WAYS[name])[0]

    def pin(self, curves: dict | None):
        """Overlay these curves (by name) faintly, or none."""
        self.pinned, self.stale = curves, True

    def update(self, look):
        """Redraw from a look at the run."""
        pinned = self.pinned or {}
        ends = [int(lines.steps[-1]) for lines in pinned.values() if len(lines.steps)]
        self.set_steps(max([look.steps, *ends]))
        for name, line in self._lines.items():
            lines = getattr(look, name)
            line.set_data(*thin(lines.steps, getattr(lines, self.quantity), self.columns))
        self._dot.set_data(look.test.steps[-1:], getattr(look.test, self.quantity)[-1:])
        self._set_limits(look)
        low, high = self.axes.get_ylim()
        inside = [low <= y <= high for y in self._dot.get_ydata()]
        self._dot.set_visible(all(inside))
        self._marks.update(look.changes)

    def settle(self):
        """Put the ticks and the pinned curves where the limits now want them."""
        super().settle()
        for name, line in self._pinned_lines.items():
            data = (self.pinned or {}).get(name)
            xy = ([], [])
            if data is not None:
                xy = thin(data.steps, getattr(data, self.quantity), self.columns)
            line.set_data(*xy)

    def _set_limits(self, look):
        raise NotImplementedError


class AccuracyPanel(CurvePanel):
    """Accuracy: the share of digits recognised."""

    quantity = "accuracy"

    def __init__(self, axes, theme):
        super().__init__(axes, theme, _("Accuracy"), "{:.0%}".format, "bottom")
        self._floor = 0.0

    def update(self, look):
        """Redraw from a look at the run."""
        super().update(look)
        text = ""
        if len(look.test.steps):
            text = _("test {accuracy}").format(accuracy=percent(look.test.accuracy[-1]))
            if look.best_test_accuracy is not None:
                best = percent(look.best_test_accuracy)
                text = _("{latest}, best {best}").format(latest=text, best=best)
        self.value.set_text(text)

    def _set_limits(self, look):
        latest = [*look.test.accuracy[-3:], *look.validation.accuracy[-3:]]
        worst = min(latest, default=0.0)
        # The axis narrows late and widens late, or it would flicker around the border.
        if worst < self._floor + 0.1 * (1 - self._floor):
            self._floor = 0.0
        enough = (floor for floor in _FLOORS if worst >= floor + 0.3 * (1 - floor))
        self._floor = max(self._floor, next(enough, 0.0))
        margin = 0.02 * (1 - self._floor)
        self.set(ylim=(self._floor, 1 + margin))


class LossPanel(CurvePanel):
    """The loss: the cross-entropy, unless the run has another one."""

    quantity = "loss"

    def __init__(self, axes, theme, cross_entropy: bool):
        title = _("Cross-entropy loss") if cross_entropy else _("Loss")
        super().__init__(axes, theme, title, short, "top")
        self._top = 0.0

    def update(self, look):
        """Redraw from a look at the run."""
        super().update(look)
        text = ""
        if len(look.test.steps):
            text = _("test {loss}").format(loss=short(look.test.loss[-1]))
        self.value.set_text(text)

    def _set_limits(self, look):
        curves = [look.training, look.test, look.validation, *(self.pinned or {}).values()]
        needed = max(map(_height, curves), default=0.0) or 1.0
        start = look.training.loss[:1]
        if len(look.training.loss) <= _SHORT and start.size and start[0] < _GUESSING:
            needed = max(needed, float(start[0]))
        if needed > self._top or needed < 0.5 * self._top:
            self._top = round_up(1.1 * needed)
        self.set(ylim=(0, self._top))


def _height(lines):
    """How high the axis must reach for a curve, leaving out the rare peaks and a huge start."""
    loss = lines.loss[np.isfinite(lines.loss)]
    if not len(loss):
        return 0.0
    late = loss[len(loss) // 20 :]
    return float(max(np.percentile(late, 96), late[-10:].max() if len(late) < 50 else late[-1]))

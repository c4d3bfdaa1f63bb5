"""Marks in a panel where a setting was changed: a thin line, and what it was changed to."""

from course.messages import _
from course.panels.numbers import short
from course.panels.quick_text import QuickText, write

_CLOSE = 12  # pixels; changes nearer than this, as of a dragged slider, share a mark


class Marks:
    """The marks of one panel; `labels` says where their words stand, "top", "bottom" or None."""

    def __init__(self, panel, labels: str | None):
        self._panel, self._labels = panel, labels
        self._lines = panel.move(
            panel.axes.vlines([], 0, 1, transform=panel.axes.get_xaxis_transform())
        )
        self._lines.set(color=panel.theme.quiet, linewidth=0.9, zorder=1)
        self._texts = []

    def update(self, changes):
        """Draw a mark for every change, or for several that are too near to each other."""
        panel = self._panel
        last_step = panel.axes.get_xlim()[1]
        groups = together(changes, _CLOSE * last_step / panel.box.width)
        self._lines.set_segments([[(step, 0), (step, 1)] for step, _label in groups])
        if self._labels is None:
            return
        # At the right edge there is room only on the left of the line.
        edge = last_step * (1 - _CLOSE / panel.box.width)
        wanted = [
            {"x": step, "text": f" {label} ", "ha": "right" if step > edge else "left"}
            for step, label in groups
        ]
        write(self._texts, self._text, wanted)

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


def together(changes, near: float) -> list[tuple[int, str]]:
    """Return (step, label) of every group of changes that lie within `near` steps."""
    groups = []
    for change in sorted(changes, key=lambda change: change.step):
        if groups and change.step - groups[-1][0] < near:
            groups[-1][1][change.setting] = change.new
        else:
            groups.append((change.step, {change.setting: change.new}))
    return [
        (step, ", ".join(setting_label(name, value) for name, value in settings.items()))
        for step, settings in groups
    ]


def setting_label(setting: str, value: float) -> str:
    """Return a setting and its value in the few words of a mark: "rate 0.1"."""
    if setting == "learning_rate":
        return _("rate {value}").format(value=short(value))
    if setting == "batch_size":
        return _("batch {value}").format(value=f"{value:,.0f}")
    return f"{setting.replace('_', ' ')} {short(value)}"

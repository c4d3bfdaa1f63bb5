"""Changes of a setting during a run, in the few words that fit on a mark."""

from collections.abc import Iterable

from course.drawing.number_format import short
from course.messages import _
from course.training import Change


def merge_close_changes(changes: Iterable[Change], near: float) -> list[tuple[int, str]]:
    """Return (step, label) for every group of changes that lie within `near` steps.

    Of several changes of one setting, as by a dragged slider, the last one counts.
    """
    groups: list[tuple[int, dict[str, float]]] = []
    for change in sorted(changes, key=lambda change: change.step):
        if groups and change.step - groups[-1][0] < near:
            groups[-1][1][change.setting] = change.new
        else:
            groups.append((change.step, {change.setting: change.new}))
    return [
        (step, ", ".join(label_change(name, value) for name, value in settings.items()))
        for step, settings in groups
    ]


def label_change(setting: str, value: float) -> str:
    """Return a setting and its new value in a few words, such as "rate 0.1"."""
    if setting == "learning_rate":
        return _("rate {value}").format(value=short(value))
    if setting == "batch_size":
        return _("batch {value}").format(value=f"{value:,.0f}")
    return f"{setting.replace('_', ' ')} {short(value)}"

"""Changes of a setting during a run, in the few words that fit on a mark."""

from collections.abc import Iterable

from course.drawing.number_format import short
from course.messages import _
from course.training import Change


def merge_close_changes(changes: Iterable[Change], near: float) -> list[tuple[int, dict[str, str]]]:
    """Return (step, labels by setting) for every group of changes that lie within `near` steps.

    Of several changes of one setting, as by a dragged slider, the last one counts.
    """
    groups: list[tuple[int, dict[str, str]]] = []
    for change in sorted(changes, key=lambda change: change.step):
        if not groups or change.step - groups[-1][0] >= near:
            groups.append((change.step, {}))
        groups[-1][1][change.setting] = label_change(change.setting, change.new)
    return groups


def label_change(setting: str, value: float) -> str:
    """Return a setting and its new value in a few words, such as "rate 0.1"."""
    if setting == "learning_rate":
        return _("rate {value}").format(value=short(value))
    if setting == "batch_size":
        return _("batch {value}").format(value=f"{value:,.0f}")
    return f"{setting.replace('_', ' ')} {short(value)}"

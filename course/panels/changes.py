"""Changes of a setting during a run, in the few words that fit on a mark."""

import itertools
from collections.abc import Callable, Iterable

from course.drawing.number_format import short
from course.messages import _
from course.training import Change

_MAX_VALUES = 3  # that are named; of more, the first and the last


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


def values_in_turn(
    changes: Iterable[Change], setting: str, last: float, write: Callable[[float], str]
) -> str:
    """Return the values that a setting has had up to its `last` one, such as "0.5 → 0.1"."""
    own = [change for change in changes if change.setting == setting]
    values = [*(change.old for change in own[:1]), *(change.new for change in own), last]
    names = [name for name, _same in itertools.groupby(map(write, values))]
    if len(names) > _MAX_VALUES:
        names = [names[0], "…", names[-1]]
    return " → ".join(names)


def label_change(setting: str, value: float) -> str:
    """Return a setting and its new value in a few words, such as "rate 0.1"."""
    if setting == "learning_rate":
        return _("rate {value}").format(value=short(value))
    if setting == "batch_size":
        return _("batch {value}").format(value=f"{value:,.0f}")
    return f"{setting.replace('_', ' ')} {short(value)}"

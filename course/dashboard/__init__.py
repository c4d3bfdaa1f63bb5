"""The live panels: the dashboard around a run, and `Live` inside a learner's own `model.fit`."""

from typing import Any

from course.dashboard.notebook import show
from course.dashboard.view import Dashboard

__all__ = ["Dashboard", "Live", "show"]


def __getattr__(name: str) -> Any:
    if name != "Live":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from course.live.callback import Live  # Keras takes its time: it is imported when asked for

    return Live

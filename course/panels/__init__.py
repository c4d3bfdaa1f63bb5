"""The panels that show a network train: a snapshot of the run, and still pictures of it."""

from importlib import import_module

from course.panels.snapshot import Snapshot

# Matplotlib takes its time: it is imported when a picture is asked for.
_PAINTED = ("Panels", "still")

__all__ = ["Panels", "Snapshot", "still"]


def __getattr__(name: str):
    if name not in _PAINTED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.painter.figure"), name)

"""The panels that show a network train: a snapshot of the run, and still pictures of it."""

from importlib import import_module

from course.panels.snapshot import Snapshot

__all__ = ["Panels", "Snapshot"]


def __getattr__(name: str):
    # Matplotlib takes its time: it is imported when a picture is asked for.
    if name != "Panels":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.painter.figure"), name)

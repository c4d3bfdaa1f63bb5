"""The panels on which a learner watches a network train: pictures, without widgets."""

from importlib import import_module

# Matplotlib is imported by those who ask for panels, not by those who only want a mosaic.
_HOMES = {
    "Panels": "panels",
    "still": "panels",
    "font_digits": "font_digits",
}

__all__ = ["Panels", "font_digits", "still"]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

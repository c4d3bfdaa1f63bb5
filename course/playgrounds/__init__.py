"""Playgrounds: small pictures that answer one question each, by being moved.

In a notebook:

    from course import playgrounds

    playgrounds.softmax.show()

Each playground is a module here, and its `show` returns what the notebook displays: controls, a
picture that answers every move, and a sentence that says what to try. Under grading, or where
nobody looks, `show` returns a still picture. All take `dark=True` for a dark page.
"""

from importlib import import_module

# Imported when they are first used: widgets and pictures take their time.
NAMES = (
    "softmax",
    "two_distances",
    "loss_surface",
    "batch_size",
    "learning_rate",
    "activations",
    "dropout",
    "convolution",
    "draw",
    "confusion",
)

__all__ = [*NAMES]


def __getattr__(name):
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def __dir__():
    return sorted({*globals(), *NAMES})

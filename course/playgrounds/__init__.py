"""Playgrounds: small pictures to play with, each of which answers one question.

In a notebook:

    from course import playgrounds

    playgrounds.softmax.show()

Each playground is a module here, and its `show` returns what the notebook displays: controls, a
picture that answers each move, and a sentence that says what to try. When a notebook is graded, or
nobody is looking, `show` returns a still picture; `dark=True` draws that for a dark page. Live, it
has the theme of the page.

From a move to a picture, modules share the work:

controls      the widgets that a learner moves
moves         when a picture is drawn: once for each move
playground    takes a move, asks the playground for its scene, and shows it with its texts
scene         what a playground shows, as panels of marks
stage         draws a scene in the page; still_scene draws one with Matplotlib
inputs        checks what a learner gives a playground
"""

from importlib import import_module

# Each is imported when it is first used: importing widgets and pictures takes a while.
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
    "backpropagation",
    "build_network",
    "capacity",
    "pooling",
    "receptive_field",
)

__all__ = [*NAMES]


def __getattr__(name):
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def __dir__():
    return sorted({*globals(), *NAMES})

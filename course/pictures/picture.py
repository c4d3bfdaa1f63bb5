"""A picture with a text alternative, as a notebook shows it."""

import base64
import functools
import html
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib.colors import rgb_to_hsv, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from course.drawing.style import course_style
from course.messages import ENGLISH, _, language

_SHARPNESS = 2  # image pixels per screen pixel
# Of the width: even in a window of 500 pixels a picture is seen as a whole. Where there is still
# less room the output scrolls, as words stay readable.
_LEAST = 0.45
# On a dark page of JupyterLab, Notebook, Voila, nbconvert, VS Code or Colab, light becomes dark and
# dark light, and hues stay as they are: white paper becomes as dark as JupyterLab's page.
_ON_DARK_PAGES = (
    "<style>:is([data-jp-theme-light=false], [data-vscode-theme-kind=vscode-dark], "
    "[data-vscode-theme-kind=vscode-high-contrast], [theme=dark]) .dll-picture "
    "{ filter: invert(0.93) hue-rotate(180deg); }</style>"
)


@dataclass(frozen=True)
class Picture:
    """A drawing as PNG; `alt` is its text alternative, `width` is in pixels of the screen.

    One that is drawn for light pages is shown with light and dark reversed on dark ones.
    """

    png: bytes
    alt: str
    width: int
    is_dark: bool = False  # whether it stays as it is on dark pages

    @classmethod
    def from_figure(cls, figure: Figure, alt: str) -> "Picture":
        """Return a picture of a Matplotlib figure."""
        file = BytesIO()
        paper = figure.get_facecolor()
        for curve in (curve for axes in figure.axes for curve in axes.lines):
            if len(curve.get_xdata()) == 1 and curve.get_marker() == "None":
                curve.set_marker("o")  # after one epoch, a curve is a point, which has no line
        with course_style():
            figure.savefig(file, format="png", dpi=100 * _SHARPNESS, facecolor=paper)
        is_dark = rgb_to_hsv(to_rgb(paper))[2] < 0.5
        return cls(file.getvalue(), alt, round(figure.get_figwidth() * 100), bool(is_dark))

    @classmethod
    def from_array(cls, array, alt: str, *, is_dark: bool = False) -> "Picture":
        """Return a picture of colours uint8 (height, width, 3)."""
        if text_only():
            return TextAlternative(alt)
        file = BytesIO()
        # The usual way to choose the colours loses that of a thin line among many digits.
        image = Image.fromarray(array).quantize(256, Image.Quantize.MAXCOVERAGE)
        image.save(file, "png", optimize=True)
        return cls(file.getvalue(), alt, array.shape[1], is_dark)

    def save(self, path):
        """Write the PNG to a file."""
        Path(path).write_bytes(self.png)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # As HTML, because JupyterLab gives its own PNG outputs no text alternative.
        data = base64.b64encode(self.png).decode()
        image = (
            f'<img src="data:image/png;base64,{data}" alt="{html.escape(self.alt)}" '
            f'width="{self.width}"'
        )
        if not self.is_dark:
            image += ' class="dll-picture"'
        image += f' style="min-width: {round(_LEAST * self.width)}px">'
        if not self.is_dark:
            image += _ON_DARK_PAGES
        return {"text/html": image, "text/plain": self.alt}


class TextAlternative(Picture):
    """The stand-in for a picture that nobody will look at: what it would show, in words."""

    def __init__(self, alt: str):
        super().__init__(b"", alt, 0)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt}


def text_only() -> bool:
    """Return whether no picture need be drawn, as nobody will look: a class is being graded."""
    return os.environ.get("COURSE_PICTURES") == "words"


def new_figure(width: float, height: float) -> Figure:
    """Return a new figure of this size in hundreds of pixels, independent of pyplot."""
    return Figure(figsize=(width, height), layout="constrained")


def blank_axes(width: float, height: float, xlim, ylim, **properties):
    """Return a new figure, and axes that fill it, without ticks and frame."""
    canvas = new_figure(width, height)
    axes = canvas.add_subplot()
    axes.set(xlim=xlim, ylim=ylim, **properties)
    axes.axis("off")
    return canvas, axes


def styled(draw):
    """Let a function draw in the course's style, whatever the learner has set.

    Where COURSE_PICTURES=words, as when a class is graded, nothing is drawn: that would take most
    of the time of some lessons, and no exercise depends on it.
    """

    @functools.wraps(draw)
    def drawn(*arguments, **options):
        if text_only():
            about = (draw.__doc__ or draw.__name__).split("\n")[0]
            return TextAlternative(about if language() == ENGLISH else _("a picture"))
        with course_style():
            return draw(*arguments, **options)

    return drawn

"""Finishing touches for Matplotlib's axes, shared by several pictures."""

from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from course.drawing.number_format import short


def label_plainly(axis, subs=(1, 2, 5)):
    """Write plain numbers on a logarithmic axis, at these multiples of each power of ten."""
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _position: short(value)))
    axis.set_minor_locator(NullLocator())


def frame(*images):
    """Put a frame without ticks around axes that hold an image."""
    for axes in images:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(True)

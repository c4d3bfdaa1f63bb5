"""The panels of a scene as a still picture, drawn by Matplotlib."""

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from course.drawing.axes import label_plainly
from course.drawing.palette import Theme
from course.drawing.style import course_style
from course.pictures.picture import Picture
from course.playgrounds.scene import Axis, Panel, Scene

_POINT = 0.72  # points for one pixel of the page
_DASHES = {"": "-", "dashed": "--", "dotted": ":"}
_SHAPES = {"circle": "o", "square": "s", "diamond": "D", "bar": "|", "cross": "x", "star": "*"}
_BASES = {"top": "top", "middle": "center", "bottom": "bottom"}


def still_picture(scene: Scene, width: int, theme: Theme) -> Picture:
    """Return a picture of the scene, `width` pixels of the page wide."""
    with course_style(theme):
        figure = Figure(figsize=(width / 100, scene.height / 100), layout="constrained")
        figure.set_facecolor(theme.paper)
        ratios = [panel.weight for panel in scene.panels]
        columns = figure.subplots(1, len(ratios), width_ratios=ratios, squeeze=False)[0]
        for axes, panel in zip(columns, scene.panels, strict=True):
            _Drawing(axes, theme).draw(panel)
        if scene.verdict:
            colour = _Colours(theme)(scene.colour)
            figure.supxlabel(scene.verdict, fontsize=11, weight="bold", color=colour)
        return Picture.from_figure(figure, scene.alt)


class _Colours:
    """The colours of a theme, by their names."""

    def __init__(self, theme: Theme):
        self._named = theme._asdict()
        self._named |= self._named.pop("states")

    def __call__(self, colour):
        if colour is None:
            return "none"
        if isinstance(colour, str):
            return to_rgb(self._named[colour])
        name, share = colour
        over, paper = np.array(to_rgb(self._named[name])), np.array(to_rgb(self._named["paper"]))
        return tuple(share * over + (1 - share) * paper)

    def each(self, colours):
        """Return one colour, or the list of those of each part of a mark."""
        return [self(one) for one in colours] if isinstance(colours, list) else self(colours)

    def scale(self, names, missing=None):
        """Return a colour map over the named colours."""
        scale = LinearSegmentedColormap.from_list("scale", [self(name) for name in names])
        return scale.with_extremes(bad=(0, 0, 0, 0) if missing is None else self(missing))


def _labelled(tick):
    """A tick as a pair of its place and its label."""
    return tick if isinstance(tick, tuple) else (tick, f"{tick:zg}")


def _multiples(decades):
    """Return the multiples of each power of ten for which an axis over this many has room."""
    if decades < 1:
        return tuple(range(1, 10))
    return (1, 2, 5) if decades < 2.5 else (1,)


class _Drawing:
    """One panel in Matplotlib's axes: for each kind of a mark there is a method of its name."""

    def __init__(self, axes, theme: Theme):
        self._axes, self._colours = axes, _Colours(theme)

    def draw(self, panel: Panel):
        axes = self._axes
        axes.set_title(panel.title, wrap=True)
        for name, axis in (("x", panel.x), ("y", panel.y)):
            self._prepare(name, axis)
        if panel.note:
            axes.set_xlabel(f"{panel.x.label}\n{panel.note}".strip(), wrap=True)
        if panel.equal:
            axes.set_aspect("equal")
        axes.spines[:].set_visible(False)
        axes.spines[["left", "bottom"]].set_visible(panel.frame)
        axes.grid(panel.grid)
        for order, mark in enumerate(panel.marks):
            look = {name: part for name, part in mark.items() if name != "kind"}
            getattr(self, f"_{mark['kind']}")(order=2 + order / 100, **look)

    def _prepare(self, name, axis: Axis):
        axes = self._axes
        axes.set(**{f"{name}lim": (axis.low, axis.high), f"{name}label": axis.label})
        if axis.log:
            axes.set(**{f"{name}scale": "log"})
        along = getattr(axes, f"{name}axis")
        if axis.ticks is not None:
            pairs = list(map(_labelled, axis.ticks))
            along.set_ticks([place for place, _label in pairs], [label for _place, label in pairs])
            along.set_minor_locator(NullLocator())
        elif axis.log:
            label_plainly(along, subs=_multiples(np.log10(axis.high / axis.low)))

    def _line(self, order, x, y, colour, width, dash, alpha, dots):
        look = {"color": self._colours(colour), "linewidth": _POINT * width, "alpha": alpha}
        marker = {"marker": "o", "markersize": _POINT * dots} if dots else {}
        self._axes.plot(x, y, _DASHES[dash], zorder=order, **look, **marker)

    def _segments(self, order, ends, colour, width, dash, alpha):
        lines = np.reshape(ends, (-1, 2, 2))
        look = {"colors": self._colours.each(colour), "linewidths": _POINT * np.asarray(width)}
        self._axes.add_collection(
            LineCollection(lines, alpha=alpha, zorder=order, linestyles=_DASHES[dash], **look),
            autolim=False,
        )

    def _dots(self, order, x, y, colour, size, shape, alpha, edge):
        area = (_POINT * np.asarray(size)) ** 2
        colours = self._colours.each(colour)
        look = {"c" if isinstance(colours, list) else "color": colours}
        if edge is not None:
            look |= {"edgecolors": self._colours.each(edge), "linewidths": 0.8}
        elif shape in ("bar", "cross"):
            look |= {"linewidths": 2}
        else:
            look |= {"linewidths": 0}
        self._axes.scatter(x, y, area, marker=_SHAPES[shape], alpha=alpha, zorder=order, **look)

    def _bars(self, order, at, lengths, colour, width, base, across):
        look = {"color": self._colours.each(colour), "zorder": order}
        if across:
            self._axes.barh(at, lengths, width, left=base, **look)
        else:
            self._axes.bar(at, lengths, width, bottom=base, **look)

    def _text(self, order, x, y, text, colour, size, bold, align, base, over):
        place = {"ha": align, "va": _BASES[base], "zorder": order}
        weight = "bold" if bold else "normal"
        look = {"color": self._colours(colour), "fontsize": _POINT * size, "fontweight": weight}
        if over:
            paper = self._colours("paper")
            look["bbox"] = {"facecolor": paper, "edgecolor": "none", "pad": _POINT}
        self._axes.text(x, y, text, **place, **look)

    def _image(self, order, values, extent, colours, low, high, missing):
        left, first, right, last = extent
        limits = self._axes.axis()
        self._axes.imshow(
            np.ma.masked_invalid(values),
            cmap=self._colours.scale(colours, missing),
            vmin=low,
            vmax=high,
            extent=(left, right, last, first),
            aspect=self._axes.get_aspect(),
            interpolation="nearest",
            zorder=order,
        )
        self._axes.axis(limits)

    def _rect(self, order, place, edge, fill, width, dash):
        x, y, across, up = place
        look = {"edgecolor": self._colours(edge), "facecolor": self._colours(fill)}
        look |= {"linewidth": _POINT * width, "linestyle": _DASHES[dash]}
        self._axes.add_patch(Rectangle((x, y), across, up, zorder=order, **look))

    def _areas(self, order, corners, colours, shades, seamless):
        faces = self._colours.scale(colours)(shades)
        look = {"facecolors": faces, "edgecolors": "face" if seamless else "none"}
        self._axes.add_collection(
            PolyCollection(corners, linewidths=0.5, zorder=order, **look), autolim=False
        )

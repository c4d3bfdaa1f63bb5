"""The line above the panels: state, step, settings and the legend of the curves."""

from matplotlib.lines import Line2D

from course.drawing.number_format import short
from course.messages import _
from course.panels.description import curve_words, diverged_words, state_words
from course.panels.painter.layout import HEADER
from course.panels.painter.quick_text import QuickText
from course.panels.painter.time_panels import LINE_STYLES, PINNED_ALPHA
from course.panels.snapshot import Snapshot

_SPACE = 14


class Header:
    """Words and a legend over the whole figure, and one big word when a run has diverged."""

    def __init__(self, figure, theme, size, scale):
        self.theme = theme
        self.stale = True
        self.moving = []
        width, height = size
        self._scale = scale
        self._width, self._middle = width, height - HEADER / 2
        # In pixels of the layout, over everything else.
        self._axes = figure.add_axes((0, 0, 1, 1), label="header", zorder=10)
        self._axes.set(xlim=(0, width), ylim=(0, height))
        self._axes.patch.set_visible(False)
        self._axes.axis("off")
        self._state = self._words(12, self._middle, "", fontweight="bold", fontsize=11)
        self._line = self._words(98, self._middle, "", fontsize=9.5)
        box = {"facecolor": theme.alarm, "edgecolor": "none", "boxstyle": "square,pad=0.5"}
        style = {"ha": "center", "fontweight": "bold", "color": theme.paper, "bbox": box}
        self._big = self._axes.text(0, 0, "", va="bottom", fontsize=22, **style)
        self._hint = self._axes.text(0, 0, "", va="top", fontsize=9.5, **style)
        self.moving = [self._state, self._line, self._big, self._hint]
        for artist in self.moving:
            artist.set_animated(True)
        self._legend = {}
        for name, label in {**curve_words(), "pinned": _("pinned run")}.items():
            style = LINE_STYLES.get(name, LINE_STYLES["test"])
            line = Line2D([], [], color=getattr(theme, name), **style)
            line.set_alpha(PINNED_ALPHA if name == "pinned" else 1)
            line.set_linewidth(max(1.2, line.get_linewidth()))
            self._axes.add_line(line)
            words = self._words(0, self._middle, label, fontsize=9)
            self._legend[name] = line, words
        self._named: set[str] = set()
        self._pinned = False

    def centre(self, share: float, height: float):
        """Put the middle of the big word at this share of the width and at this height."""
        self._big.set_position((share * self._width, height + 38))
        self._hint.set_position((share * self._width, height + 16))

    def pin(self, pinned: bool):
        """Show in the legend whether a run is pinned."""
        self._pinned = pinned

    def update(self, snapshot: Snapshot):
        """Rewrite the line from a snapshot of the run."""
        self._state.set_text(state_words()[snapshot.state])
        self._state.set_color(self.theme.states[snapshot.state])
        words = _("step {step}   epoch {epoch}   {name}")
        if snapshot.shows_settings and snapshot.batch_size:
            words = _("step {step}   epoch {epoch}   rate {rate}   batch {size}   {name}")
        self._line.set_text(
            words.format(
                step=f"{snapshot.steps:,}",
                epoch=f"{snapshot.epoch:,.2f}",
                rate=short(snapshot.learning_rate),
                size=f"{snapshot.batch_size:,}",
                name=snapshot.name,
            )
        )
        for artist in (self._big, self._hint):
            artist.set_visible(snapshot.state == "diverged")
        if snapshot.state == "diverged":
            happened, _line_break, advice = diverged_words(snapshot).partition("\n")
            self._big.set_text(happened)
            self._hint.set_text(advice)
        named = {"training", "test"}
        named |= {"validation"} if len(snapshot.validation.steps) else set()
        named |= {"pinned"} if self._pinned else set()
        if named != self._named:
            self._named, self.stale = named, True
            self._place_legend()

    def _place_legend(self):
        """Place the named lines and their labels from right to left."""
        right = self._width - 12
        for name in reversed(self._legend):
            line, words = self._legend[name]
            for artist in (line, words):
                artist.set_visible(name in self._named)
            if name in self._named:
                words.set(x=right, ha="right")
                right -= words.width() / self._scale + 7
                line.set_data([right - 24, right], [self._middle, self._middle])
                right -= 24 + _SPACE

    def _words(self, x, y, text, **properties):
        words = QuickText(x, y, text, va="center", **properties)
        return self._axes.add_artist(words)

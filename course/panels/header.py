"""The line above the panels: state, step and settings, and which line is which."""

from matplotlib.lines import Line2D

from course.messages import _
from course.panels.curves import FAINT, WAYS
from course.panels.layout import HEADER
from course.panels.numbers import short
from course.panels.quick_text import QuickText

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
        looks = {"ha": "center", "fontweight": "bold", "color": theme.paper, "bbox": box}
        self._big = self._axes.text(0, 0, "", va="bottom", fontsize=22, **looks)
        self._hint = self._axes.text(0, 0, "", va="top", fontsize=9.5, **looks)
        self.moving = [self._state, self._line, self._big, self._hint]
        for artist in self.moving:
            artist.set_animated(True)
        self._legend = {}
        for name, label in (
            ("training", _("training")),
            ("test", _("test")),
            ("validation", _("validation")),
            ("pinned", _("pinned run")),
        ):
            way = WAYS.get(name, WAYS["test"])
            line = Line2D([], [], color=getattr(theme, name, theme.test), **way)
            line.set_alpha(FAINT if name == "pinned" else 1)
            line.set_linewidth(max(1.2, line.get_linewidth()))
            self._axes.add_line(line)
            words = self._words(0, self._middle, label, fontsize=9)
            self._legend[name] = line, words
        self._named = ()
        self._pinned = False

    def centre(self, share: float, height: float):
        """Put the big word there, as a share of the width and at this height."""
        self._big.set_position((share * self._width, height + 38))
        self._hint.set_position((share * self._width, height + 16))

    def pin(self, pinned: bool):
        """Name the pinned run's lines, or no longer."""
        self._pinned = pinned

    def update(self, look):
        """Write the line anew from a look at the run."""
        states = {
            "ready": _("ready"),
            "running": _("running"),
            "paused": _("paused"),
            "finished": _("finished"),
            "diverged": _("diverged"),
        }
        self._state.set_text(states.get(look.state, look.state))
        self._state.set_color(self.theme.states.get(look.state, self.theme.ink))
        words = _("step {step}   epoch {epoch}   rate {rate}   batch {size}   {name}")
        self._line.set_text(
            words.format(
                step=f"{look.steps:,}",
                epoch=f"{look.epoch:.2f}",
                rate=short(look.learning_rate),
                size=f"{look.batch_size:,}",
                name=look.name,
            )
        )
        for artist in (self._big, self._hint):
            artist.set_visible(look.state == "diverged")
        if look.state == "diverged":
            words = _("DIVERGED at step {step}")
            self._big.set_text(words.format(step=f"{look.diverged_at or look.steps:,}"))
            words = _(
                "The numbers are no longer finite.\n"
                "Lower the learning rate, or look for a log of 0; then reset."
            )
            self._hint.set_text(words)
        named = ["training", "test"]
        named += ["validation"] if len(look.validation.steps) else []
        named += ["pinned"] if self._pinned else []
        if named != self._named:
            self._named, self.stale = named, True
            self._place_legend()

    def _place_legend(self):
        """Set the named lines and their words from right to left."""
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

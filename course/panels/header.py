"""The line above the panels: state, step and settings, and which line is which."""

from matplotlib.lines import Line2D

from course.messages import _
from course.panels.curves import FAINT, WAYS
from course.panels.layout import HEADER
from course.panels.numbers import short

_SPACE = 14


class Header:
    """Words and a legend over the whole figure, and one big word when a run has diverged."""

    def __init__(self, figure, theme, size):
        self.theme = theme
        self.stale = True
        self.moving = []
        width, height = size
        self._width, self._middle = width, height - HEADER / 2
        # In pixels of the layout, over everything else.
        self._axes = figure.add_axes((0, 0, 1, 1), label="header", zorder=10)
        self._axes.set(xlim=(0, width), ylim=(0, height))
        self._axes.patch.set_visible(False)
        self._axes.axis("off")
        self._state = self._words(12, self._middle, "", fontweight="bold", fontsize=11)
        self._line = self._words(90, self._middle, "", fontsize=9.5)
        self._big = self._words(
            width / 2,
            height * 0.56,
            "",
            ha="center",
            linespacing=1.4,
            fontsize=15,
            fontweight="bold",
            color=theme.paper,
            bbox={"facecolor": theme.alarm, "edgecolor": "none", "boxstyle": "round,pad=0.5"},
        )
        self.moving = [self._state, self._line, self._big]
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
            self._axes.add_line(line)
            words = self._words(0, self._middle, label, fontsize=9)
            self._legend[name] = line, words
        self._named = ()
        self._pinned = False

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
        self._big.set_visible(look.state == "diverged")
        if look.state == "diverged":
            words = _(
                "DIVERGED at step {step}\nThe numbers are no longer finite. "
                "Lower the learning rate and reset."
            )
            self._big.set_text(words.format(step=f"{look.diverged_at:,}"))
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
                right -= 5.9 * len(words.get_text()) + 8
                line.set_data([right - 24, right], [self._middle, self._middle])
                right -= 24 + _SPACE

    def _words(self, x, y, text, **properties):
        return self._axes.text(x, y, text, **({"va": "center"} | properties))

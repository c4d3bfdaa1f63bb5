"""What the panels have in common: axes with a title, and limits that move only now and then."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from course.messages import _
from course.panels.layout import Box
from course.panels.numbers import round_up
from course.panels.quick_text import QuickText
from course.panels.theme import Theme


class Panel:
    """One panel: its axes, what is redrawn in every frame, and whether the rest is out of date."""

    def __init__(self, axes: Axes, theme: Theme, title: str):
        self.axes, self.theme = axes, theme
        self.stale = True  # whether ticks, limits or frame changed since the last full drawing
        self.moving = []  # artists that are drawn anew in every frame
        self.box = Box(0, 0, 1, 1)
        self.scale = 1.0  # pixels of the screen for one of the layout's
        self.title = self._above("left", title)
        self.title.set(fontweight="bold", clip_on=False)
        self.value = self.move(self._above("right", ""))

    def move(self, artist):
        """Have an artist drawn anew in every frame."""
        artist.set_animated(True)
        self.moving.append(artist)
        return artist

    def place(self, box: Box, scale: float):
        """Take note of the rectangle, in the layout's pixels."""
        self.box, self.scale, self.stale = box, scale, True

    def set(self, **properties):
        """Change the axes' limits or ticks, if they are not what they were."""
        if any(_differ(getattr(self.axes, f"get_{k}")(), v) for k, v in properties.items()):
            self.axes.set(**properties)
            self.stale = True

    def _above(self, side, text):
        over = ScaledTranslation(0, 6 / 72, self.axes.figure.dpi_scale_trans)
        words = QuickText(
            {"left": 0, "right": 1}[side],
            1,
            text,
            transform=self.axes.transAxes + over,
            ha=side,
            va="baseline",
            fontsize=9.5 if side == "left" else 8.5,
        )
        return self.axes.add_artist(words)


class TimePanel(Panel):
    """A panel over the steps of the run, with marks where a setting was changed."""

    def __init__(self, axes, theme, title):
        super().__init__(axes, theme, title)
        axes.grid(True)
        axes.set_xlabel(_("steps"), fontsize=8, labelpad=1, color=theme.quiet)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _position: f"{step:,.0f}"))
        self.top = 0.0

    def set_steps(self, last: int):
        """Have the axis reach at least to this step."""
        self.set(xlim=(0, round_up(max(last, 10))))

    @property
    def columns(self) -> int:
        """How many columns of pixels the panel has on the screen."""
        return max(20, int(self.box.width * self.scale))


def _differ(old, new):
    return tuple(old) != tuple(new) if isinstance(new, tuple) else old != new

"""What the panels have in common: axes with a title, and limits that move only now and then."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from course.messages import _
from course.panels.layout import Box
from course.panels.numbers import round_up
from course.panels.quick_text import QuickText
from course.panels.theme import Theme
from course.panels.ticks import Ticks


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

    def settle(self):
        """Bring up to date what is drawn anew only when this panel is stale."""

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
    """A panel over the steps of the run, with marks where a setting was changed.

    `words(value)` is what stands beside a tick of the vertical axis.
    """

    def __init__(self, axes, theme, title, words: Callable[[float], str]):
        super().__init__(axes, theme, title)
        self._sides = (
            (
                Ticks(axes, theme, "bottom"),
                MaxNLocator(4, integer=True, steps=[1, 2, 2.5, 5, 10]),
                lambda step: f"{step:,.0f}",
            ),
            (Ticks(axes, theme, "left"), MaxNLocator(5, steps=[1, 2, 5, 10]), words),
        )
        below = ScaledTranslation(0, -15 / 72, axes.figure.dpi_scale_trans)
        looks = {"ha": "center", "va": "top", "fontsize": 8, "color": theme.quiet}
        steps = QuickText(0.5, 0, _("steps"), transform=axes.transAxes + below, **looks)
        axes.add_artist(steps)

    def settle(self):
        """Put the ticks where the limits now want them."""
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        for (ticks, locator, words), (low, high) in zip(self._sides, limits, strict=True):
            room = 1e-9 * (high - low)
            places = [
                place
                for place in locator.tick_values(low, high)
                if low - room <= place <= high + room
            ]
            ticks.show(places, [words(place) for place in places])

    def set_steps(self, last: int):
        """Have the axis reach at least to this step."""
        self.set(xlim=(0, round_up(max(last, 10))))

    @property
    def columns(self) -> int:
        """How many columns of pixels the panel has on the screen."""
        return max(20, int(self.box.width * self.scale))


def _differ(old, new):
    return tuple(old) != tuple(new) if isinstance(new, tuple) else old != new

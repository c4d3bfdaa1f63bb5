"""A figure that is drawn again for each move: only what moves, on a copy of the rest."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course.drawing.palette import Theme
from course.drawing.style import course_style

_SHARPNESS = 1.5  # pixels of the picture for one of the page


class LiveFigure:
    """One Matplotlib figure, and the picture that is drawn into it.

    `picture(figure, theme)` draws once what does not move, and returns `update(**values)`, which
    moves the rest and returns the picture's text alternative. `size` is in hundreds of pixels of
    the page.
    """

    def __init__(self, picture, size, theme: Theme):
        self._picture, self._size, self._theme = picture, size, theme
        self._update, self._is_laid_out = None, False
        self._background, self._moving = None, []  # what stays when only animated artists move
        self.figure = Figure(figsize=size, dpi=100 * _SHARPNESS, layout="constrained")
        self._canvas = FigureCanvasAgg(self.figure)

    def update(self, values: dict) -> str:
        """Draw for these values, and return the text alternative."""
        with course_style(self._theme):
            if self._update is None:
                self.figure.clear()  # of what a failed attempt has left
                self.figure.set_facecolor(self._theme.paper)
                self._update = self._picture(self.figure, self._theme)
            alt = self._update(**values)
            if not self._is_laid_out:  # what is placed once stays in place, and costs no time
                self._canvas.draw()
                self.figure.set_layout_engine("none")
                self._is_laid_out, self._background = True, None
            self._paint()
        return alt

    def _paint(self):
        """Draw what is animated on a copy of the rest, which is redrawn when it has changed."""
        if self._background is None or self.figure.stale:
            self._canvas.draw()
            self._background = self._canvas.copy_from_bbox(self.figure.bbox)
            moving = self.figure.findobj(lambda artist: artist.get_animated())
            self._moving = sorted(moving, key=lambda artist: artist.get_zorder())
        else:
            self._canvas.restore_region(self._background)
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)

    def png(self) -> bytes:
        """Return the picture as it was drawn last."""
        file = io.BytesIO()
        image = Image.fromarray(np.asarray(self._canvas.buffer_rgba())[..., :3])
        image.save(file, "png", compress_level=1)
        return file.getvalue()

    def locate(self, right: float, down: float) -> tuple[str, float, float] | None:
        """Return the label of the axes at this place, and (x, y) in their data; or None.

        `right` and `down` are shares of the picture's width and height.
        """
        width, height = self._canvas.get_width_height()
        point = right * width, (1 - down) * height
        for axes in self.figure.axes:
            if axes.name == "rectilinear" and axes.bbox.contains(*point):
                x, y = axes.transData.inverted().transform(point)
                return axes.get_label(), float(x), float(y)
        return None

    def close(self):
        """Let go of everything that was drawn."""
        self.figure.clear()
        self._update, self._background, self._moving = None, None, []


def set_if_changed(axes, **properties):
    """Set limits and ticks of axes, unless they are so already: what stays is not redrawn."""
    for name, value in properties.items():
        if not np.array_equal(getattr(axes, f"get_{name}")(), value):
            axes.set(**{name: value})

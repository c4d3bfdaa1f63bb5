"""The filter as a small grid of numbers to type into, and a list of ready ones."""

import ipywidgets as widgets
import numpy as np
import traitlets

from course.messages import _
from course.playgrounds import controls

_OWN = "own"


class Filter(widgets.VBox):
    """A filter (kh, kw), chosen from a list and changed number by number.

    `ready` is name -> weights, or name -> a function that returns them, or None as long as they
    are not known; `refresh` asks it again. `value` is a tuple of rows, empty as long as the chosen
    filter is not known.
    """

    value = traitlets.Tuple()

    def __init__(self, ready):
        self._ready = ready
        self._boxes = []
        self._writing = False
        names = [(name, name) for name in ready]
        self.choice = controls.choice(
            _("filter"), next(iter(ready)), [*names, (_("your own"), _OWN)], width=250
        )
        self._grid = widgets.GridBox()
        super().__init__([self.choice, self._grid])
        self.choice.observe(self.refresh, "value")
        self.refresh()

    def refresh(self, _change=None):
        """Put the weights of the chosen filter into the boxes."""
        if self.choice.value == _OWN:
            return
        weights = self._ready[self.choice.value]
        weights = weights() if callable(weights) else weights
        if weights is not None:
            self._write(np.asarray(weights, np.float64))
        self.value = () if weights is None else self._typed()

    def _write(self, weights):
        if len(self._boxes) != len(weights) or len(self._boxes[0]) != weights.shape[1]:
            self._make_boxes(*weights.shape)
        self._writing = True
        try:
            for (row, column), weight in np.ndenumerate(weights):
                self._boxes[row][column].value = round(float(weight), 2)
        finally:
            self._writing = False

    def _make_boxes(self, rows, columns):
        old = self._grid.children
        layout, style = {"width": "62px", "margin": "1px"}, {"description_width": "0"}
        self._boxes = [
            [
                widgets.FloatText(
                    0.0, step=0.1, continuous_update=False, layout=layout, style=style
                )
                for _column in range(columns)
            ]
            for _row in range(rows)
        ]
        boxes = [box for row in self._boxes for box in row]
        for number, box in enumerate(boxes):
            place = divmod(number, columns)
            box.tooltip = _("weight in row {row}, column {column}").format(
                row=place[0] + 1, column=place[1] + 1
            )
            box.observe(self._type, "value")
        self._grid.layout.grid_template_columns = f"repeat({columns}, 64px)"
        self._grid.children = boxes
        for box in old:
            box.layout.close()
            box.style.close()
            box.close()

    def _type(self, _change):
        if not self._writing:
            self.choice.value = _OWN
            self.value = self._typed()

    def _typed(self):
        return tuple(tuple(box.value for box in row) for row in self._boxes)

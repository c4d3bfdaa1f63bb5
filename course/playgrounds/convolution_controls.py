"""The controls of the convolution playground: the filter, its source, and its place."""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
import traitlets

from course.front_end import close_widget
from course.messages import _
from course.playgrounds import controls
from course.playgrounds.feature_maps import first_filters
from course.playgrounds.trained_ladder import TrainedLadder

_OWN = "own"  # the name of the filter that the learner has typed
_RUNG = "convolutional"  # the network of the ladder whose first filters are shown
_RUNG_FILTERS = 4  # that it has
_MAX_FILTERS = 12  # of a learner's own network that are offered
_STEPS_PER_WALK = 196  # or up to twice as many


class FilterEditor(widgets.VBox):
    """A filter (kh, kw), chosen from a list and changed number by number.

    `ready` is name -> weights, or name -> a function that returns them, or None as long as they
    are not known; `refresh` calls it again. `value` is a tuple of rows, empty as long as the chosen
    filter is not known. `boxes` are the number boxes, row by row.
    """

    value = traitlets.Tuple()

    def __init__(self, ready):
        self._ready = ready
        self.boxes: list[list[widgets.FloatText]] = []
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
        if len(self.boxes) != len(weights) or len(self.boxes[0]) != weights.shape[1]:
            self._make_boxes(*weights.shape)
        self._writing = True
        try:
            for (row, column), weight in np.ndenumerate(weights):
                self.boxes[row][column].value = round(float(weight), 2)
        finally:
            self._writing = False

    def _make_boxes(self, rows, columns):
        old = self._grid.children
        layout, style = {"width": "62px", "margin": "1px"}, {"description_width": "0"}
        self.boxes = [
            [
                widgets.FloatText(
                    0.0, step=0.1, continuous_update=False, layout=layout, style=style
                )
                for _column in range(columns)
            ]
            for _row in range(rows)
        ]
        boxes = [box for row in self.boxes for box in row]
        for number, box in enumerate(boxes):
            place = divmod(number, columns)
            box.tooltip = _("weight in row {row}, column {column}").format(
                row=place[0] + 1, column=place[1] + 1
            )
            box.observe(self._type, "value")
        self._grid.layout.grid_template_columns = f"repeat({columns}, 64px)"
        self._grid.children = boxes
        for box in old:
            close_widget(box)

    def _type(self, _change):
        if not self._writing:
            self.choice.value = _OWN
            self.value = self._typed()

    def _typed(self):
        return tuple(tuple(box.value for box in row) for row in self.boxes)


class PlaceSlider(widgets.HBox):
    """A slider over the places of the filter, from 0 on, and a button that walks through them."""

    value = traitlets.Int(0)

    def __init__(self, places: int, place: int):
        self.slider = controls.slider(_("place"), place, 0, places - 1, 1, width=300)
        self.play = widgets.Play(value=place, min=0, max=places - 1, interval=80)
        self.play.show_repeat = False
        super().__init__([self.play, self.slider])
        traitlets.link((self.play, "value"), (self.slider, "value"))
        traitlets.link((self.slider, "value"), (self, "value"))
        self.set_count(places)

    def set_count(self, places: int):
        """Set the number of places; a place beyond the last becomes the last."""
        self.play.step = max(1, places // _STEPS_PER_WALK)
        self.play.max = self.slider.max = places - 1


class LearnedFilters:
    """The filters of the learner's network, or of one that the ladder trains when they are chosen.

    `arrived()` is called when new filters are there.
    """

    def __init__(self, network, ladder: TrainedLadder):
        self.arrived: Callable[[], None] | None = None
        self._filters = first_filters(network) if network is not None else None
        self._ladder, self._training = ladder, ladder.in_background([_RUNG])

    def ready(self) -> dict[str, Callable]:
        """Return name -> a function that returns the weights, or None while there are none."""
        count = _RUNG_FILTERS
        if self._filters is not None:
            count = min(len(self._filters), _MAX_FILTERS)
        return {
            _("learned, filter {number}").format(number=number + 1): lambda at=number: self._one(at)
            for number in range(count)
        }

    def _one(self, number):
        if self._filters is None:
            network = self._ladder.trained(_RUNG)
            if network is None:
                if self.arrived is not None:
                    self._training.start(self.arrived)
                return None
            self._filters = first_filters(network)
        return self._filters[number]

    def progress(self) -> str:
        """Say how far the training is."""
        if self._training.error is not None:
            return _("The network could not be trained: {error}").format(error=self._training.error)
        share = self._training.share(_RUNG)
        message = _(
            "The network is being trained: {share:.0%}. Its filters will appear in a moment."
        )
        return message.format(share=share)

    def stop(self):
        """End the training."""
        self._training.stop()

"""Which widgets are open: those that a page could still show."""

import gc

from ipywidgets import Widget


def open_widgets() -> set[str]:
    """Return the model ids of all widgets that were not closed."""
    widgets = (each for each in gc.get_objects() if issubclass(type(each), Widget))
    return {widget.model_id for widget in widgets if widget.comm is not None}

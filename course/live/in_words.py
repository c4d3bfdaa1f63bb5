"""Words beside a picture for those who cannot see it, and in its place where it is not shown."""

import html
from collections.abc import Sequence

import ipywidgets as widgets

from course.messages import _
from course.panels import Snapshot
from course.panels.description import describe


class DescribedBox(widgets.VBox):
    """A view with its controls; `words` stand for it where widgets are not shown, as on GitHub.

    A page knows it by its `name`; by default, a new one.
    """

    def __init__(self, children: Sequence[widgets.Widget], words: str, name: str = ""):
        super().__init__(children, model_id=name or None)
        self.add_class("dll-box")
        self._words = words

    def __repr__(self) -> str:
        """Return the words: ipywidgets saves them with the notebook."""
        return self._words


class PictureInWords(widgets.HTML):
    """A line that unfolds to a description of what the panels show."""

    def tell(self, snapshot: Snapshot) -> None:
        """Describe this state from now on."""
        summary, words = _("The picture in words"), describe(snapshot)
        self.value = (
            f"<details><summary>{html.escape(summary)}</summary>{html.escape(words)}</details>"
        )

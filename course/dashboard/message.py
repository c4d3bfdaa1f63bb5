"""What a dashboard says below the picture, with links to the files that it has saved."""

import html
from pathlib import Path
from urllib.parse import quote

import ipywidgets as widgets


class MessageLine(widgets.Output):
    """HTML, shown as a cell's output is: in `widgets.HTML`, a link to a file would lead nowhere."""

    @property
    def value(self) -> str:
        """What is shown, as HTML; "" for nothing."""
        return self.outputs[0]["data"]["text/html"] if self.outputs else ""

    @value.setter
    def value(self, markup: str) -> None:
        data = {"text/html": markup}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        self.outputs = [output] if markup else []


def link_to(path: Path) -> str:
    """Return a link that downloads a file, given by its path from the notebook's folder."""
    return f'<a href="{quote(path.as_posix())}" download>{html.escape(str(path))}</a>'

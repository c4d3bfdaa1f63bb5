"""Keep a submission from acting on whoever reads its page: only text and pictures stay."""

import base64
import binascii

import bleach
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import from_dict
from nbgrader.preprocessors import NbGraderPreprocessor

_PICTURES = ("image/png", "image/jpeg")

# What prose needs; anything else, such as <script>, is shown as the text that it is.
_TAGS = [
    *("a", "abbr", "b", "br", "code", "del", "em", "i", "img", "kbd", "s", "span", "strong"),
    *("sub", "sup", "u", "blockquote", "details", "div", "hr", "p", "pre", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dd", "dl", "dt", "li", "ol", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
]
_ATTRIBUTES = {
    "*": ["class", "id"],
    "a": ["href", "title"],
    "img": ["src", "alt", "title", "width", "height"],
    "td": ["align"],
    "th": ["align"],
}


def markdown2html(text: str) -> str:
    """Render Markdown without what a browser would execute."""
    return bleach.clean(
        markdown2html_mistune(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        protocols=["http", "https", "mailto", "data"],
    )


class HarmlessOutputs(NbGraderPreprocessor):
    """Drop HTML, SVG, JavaScript and widgets from outputs, and foreign notebook metadata."""

    def preprocess(self, nb, resources):
        nb.metadata = from_dict({"language_info": {"name": "python"}})
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, cell_index):
        cell.pop("attachments", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = _harmless(output.data)
                output.metadata = type(output.metadata)()
        return cell, resources


def _harmless(data):
    """The text and the pictures of an output; pictures only if they are nothing but base64."""
    kept = type(data)()
    for kind in _PICTURES:
        if kind in data:
            try:
                picture = base64.b64decode(data[kind].replace("\n", ""), validate=True)
            except (binascii.Error, ValueError, AttributeError):
                continue
            kept[kind] = base64.b64encode(picture).decode()
    if "text/plain" in data:
        kept["text/plain"] = data["text/plain"]
    return kept or type(data)({"text/plain": "(an output that this page cannot show)"})

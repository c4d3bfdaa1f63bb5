"""Keep a submission from acting on whoever reads its page: text, tables and pictures stay."""

import base64
import binascii
import re

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
_PICTURE_ADDRESS = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")


def _keeps_attribute(tag, name, value):
    """Whether an attribute stays: nothing that executes, or loads from elsewhere by itself."""
    if (tag, name) == ("img", "src"):
        return bool(_PICTURE_ADDRESS.fullmatch(value)) or not re.match(r"\s*([\w+.-]*:|//)", value)
    if (tag, name) == ("a", "href"):
        return not value.strip().lower().startswith("data:")
    return name in ("class", "id", "title", "align") or (
        tag == "img" and name in ("alt", "width", "height")
    )


def _clean(html: str, strip: bool) -> str:
    return bleach.clean(
        html,
        tags=_TAGS,
        attributes=_keeps_attribute,
        protocols=["http", "https", "mailto", "data"],
        strip=strip,
    )


def markdown2html(text: str) -> str:
    """Render Markdown without what a browser would execute; that is shown as text."""
    return _clean(markdown2html_mistune(text), strip=False)


def harmless_html(text: str) -> str:
    """HTML without what a browser would execute; that is left out."""
    text = re.sub(r"<(style|script)\b.*?</\1\s*>", "", text, flags=re.DOTALL | re.IGNORECASE)
    return _clean(text, strip=True)


class HarmlessOutputs(NbGraderPreprocessor):
    """Drop SVG, JavaScript and widgets from outputs, clean HTML, and drop foreign metadata."""

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
    """The text, tables and pictures of an output; pictures only if they are nothing but base64."""
    kept = type(data)()
    for kind in _PICTURES:
        if kind in data:
            try:
                picture = base64.b64decode(data[kind].replace("\n", ""), validate=True)
            except (binascii.Error, ValueError, AttributeError):
                continue
            kept[kind] = base64.b64encode(picture).decode()
    if "text/html" in data and not kept:
        kept["text/html"] = harmless_html(str(data["text/html"]))
    if "text/plain" in data:
        kept["text/plain"] = data["text/plain"]
    return kept or type(data)({"text/plain": "(an output that this page cannot show)"})

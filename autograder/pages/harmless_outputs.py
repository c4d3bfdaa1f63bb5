"""Keep a submission from harming the readers of its page: text and pictures stay."""

import base64
import binascii
import re
import secrets

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import from_dict
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.messages import _
from autograder.nbgrader_metadata import is_test
from autograder.pages.formulas import mathml
from autograder.pages.highlighting import as_it_is, highlighted

_PICTURES = ("image/png", "image/jpeg")
_MAX_PROSE = 20_000  # characters of a cell; far longer than any lesson's
_MAX_SECONDS = 1.0  # for the colours of code in prose
_MAX_SOURCE = 100_000  # characters of a cell
_MAX_HTML = 100_000  # characters of one output, pictures in it not counted
_MAX_HTML_OF_PAGE = 500_000  # likewise; cleaning deeply nested HTML takes seconds
_MAX_OUTPUT = 20_000  # characters that are shown of one output
MAX_OUTPUTS = 1_000_000  # likewise of all on a page: of later ones, only _MIN_OUTPUT of each
_MIN_OUTPUT = 200

# The elements that prose needs; of any other, such as <iframe>, only the text stays.
_TAGS = {
    *("a", "abbr", "b", "br", "code", "del", "em", "i", "img", "kbd", "s", "span", "strong"),
    *("sub", "sup", "u", "blockquote", "details", "div", "hr", "p", "pre", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dd", "dl", "dt", "li", "ol", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
_ATTRIBUTES = {
    "*": {"class", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "summary": {"style"},
}
WITH_TRIANGLE = "display: list-item"  # the only style that stays
_IN_PICTURES = re.compile(r"base64,[A-Za-z0-9+/=]+")
_PICTURE_ADDRESS = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(https?|mailto):", re.IGNORECASE)
_IGNORED_IN_ADDRESSES = re.compile(r"[\s\x00-\x20\x7f]+")
# For highlighted code and tables; with other classes, a cell could imitate parts of the page.
_CLASSES = re.compile(r"dataframe|highlight|[a-z]{1,2}[0-9]?")
_FORMULA = re.compile(r"formula-[0-9a-f]{32}")  # what stands for one while prose is cleaned
_COLOURS = re.compile(r"\x1b\[[0-9;:]*+m")
# IPython's choices for a dark terminal, which would be white on a white page.
_FREE_COLOUR = re.compile(r"[34]8[;:]")
_OTHER_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)?"  # links and titles of terminals
    r"|\x1b\[(?![0-9;:]*+m)[0-9;:?]*+(?s:.?)"  # moves of the cursor, and what was cut off
    r"|\x1b(?!\[)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)


def _attribute(tag, name, value):
    """An attribute's value, or None: nothing that loads from elsewhere by itself."""
    if (tag, name) == ("img", "src"):
        return value if _PICTURE_ADDRESS.fullmatch(value) else None
    if (tag, name) == ("a", "href"):
        return value if _LINK.match(_IGNORED_IN_ADDRESSES.sub("", value)) else None
    if name == "style":
        return value if value == WITH_TRIANGLE else None
    if name == "class":
        return " ".join(word for word in value.split() if _CLASSES.fullmatch(word)) or None
    return value


def harmless_html(text: str) -> str:
    """Return HTML without what a browser would execute or load."""
    return nh3.clean(
        _without_escapes(text),
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        url_relative="deny",
    )


class _Renderer(IPythonRenderer):
    """Sets formulas aside, so that they are neither cleaned away nor a way around the cleaning."""

    def __init__(self):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.formulas, self.latex = {}, {}

    def _formula(self, latex, display):
        key = f"formula-{secrets.token_hex(16)}"
        self.formulas[key], self.latex[key] = mathml(latex, display), latex
        return key

    def image(self, text, url, title=None):
        """An image; formulas in its alternative text stay as written: that is an attribute."""
        return super().image(_replaced(text, self.latex), url, title)

    def inline_math(self, body):
        return self._formula(body, display=False)

    def block_math(self, body):
        return f"<p>{self._formula(body, display=True)}</p>"

    def latex_environment(self, name, body):
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def block_code(self, code, info=None):
        if (info or "").split()[:1] in (["python"], ["py"], ["python3"]):
            return highlighted(code, _MAX_SECONDS)
        return as_it_is(code)


def markdown2html(text: str) -> str:
    """Render Markdown without what a browser would execute or load."""
    renderer = _Renderer()
    try:
        if len(text) > _MAX_PROSE:
            raise ValueError("too long")
        rendered = MarkdownWithMath(renderer=renderer).render(text)
    except (ValueError, RecursionError):
        return as_it_is(without_middle(text))
    return _replaced(harmless_html(rendered), renderer.formulas)


def _replaced(text, formulas):
    return _FORMULA.sub(lambda key: formulas.get(key[0], key[0]), text)


def _without_escapes(text: str) -> str:
    """Text without any terminal commands."""
    return _OTHER_ESCAPES.sub("", text).replace("\x1b", "")


def plain_text(text: str, most: int = _MAX_OUTPUT) -> str:
    """Return text as a terminal finally shows it: with colours, without other commands."""
    # Of a progress bar, which returns to the start of its line, the last state remains.
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    text = _COLOURS.sub(lambda one: "" if _FREE_COLOUR.search(one[0]) else one[0], "\n".join(lines))
    return without_middle(_OTHER_ESCAPES.sub("", text), most)


def without_middle(text: str, most: int = _MAX_OUTPUT) -> str:
    """Return a long text without its middle."""
    if len(text) <= most:
        return text
    half = most // 2
    end, start = _code_at(text, half)[0], _code_at(text, len(text) - half)[1]
    left_out = _("{count} characters are left out here").format(count=f"{start - end:,}")
    return f"{text[:end]}\n[… {left_out} …]\n{text[start:]}"


def _code_at(text, place):
    """Where the colour code at a place begins and ends; the place itself, if there is none."""
    code = _COLOURS.match(text, max(text.rfind("\x1b", 0, place), 0))
    return code.span() if code and code.end() > place else (place, place)


class HarmlessOutputs(NbGraderPreprocessor):
    """Outputs without SVG, JavaScript, widgets and foreign metadata, and with clean HTML."""

    def preprocess(self, nb, resources):
        """Make each cell harmless, and forget what the notebook says of itself."""
        self._html_left, self._text_left = _MAX_HTML_OF_PAGE, MAX_OUTPUTS
        nb.metadata = from_dict({"language_info": {"name": "python"}})
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, cell_index):
        """Make one cell harmless."""
        cell.pop("attachments", None)
        cell.source = without_middle(_without_escapes(cell.source), _MAX_SOURCE)
        most = _MAX_OUTPUT if is_test(cell) else None  # why an exercise failed is always shown
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = self._plain_text(output.text, most)
            if "traceback" in output:
                traceback = self._plain_text("\n".join(output.traceback), most)
                output.traceback = traceback.split("\n")
            if "data" in output:
                output.data = _harmless(output.data, min(_MAX_HTML, self._html_left))
                if "text/plain" in output.data:
                    output.data["text/plain"] = self._plain_text(output.data["text/plain"], most)
                self._html_left -= _html_length(output.data)
                output.metadata = type(output.metadata)()
        return cell, resources

    def _plain_text(self, text, most=None):
        """Plain text of at most `most` characters, or as far as there is room on the page."""
        text = plain_text(text, most or max(min(_MAX_OUTPUT, self._text_left), _MIN_OUTPUT))
        self._text_left -= len(text)
        return text


def _html_length(data):
    """The characters of an output's HTML, without pictures in it."""
    return len(_IN_PICTURES.sub("", str(data.get("text/html", ""))))


def _harmless(data, max_html):
    """The text, tables and pictures of an output; pictures only if they are nothing but base64."""
    kept = type(data)()
    for kind in _PICTURES:
        if kind in data:
            try:
                picture = base64.b64decode(data[kind].replace("\n", ""), validate=True)
            except (binascii.Error, ValueError, AttributeError):
                continue
            kept[kind] = base64.b64encode(picture).decode()
    if "text/html" in data and not kept and _html_length(data) <= max_html:
        kept["text/html"] = harmless_html(str(data["text/html"]))
    if "text/plain" in data:
        kept["text/plain"] = str(data["text/plain"])
    return kept or type(data)({"text/plain": _("(an output that this page cannot show)")})

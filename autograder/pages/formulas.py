"""Convert LaTeX formulas to MathML, which browsers show without any script.

A formula may come from a student, so nothing but formulas gets through: known elements, harmless
attributes, text as text.
"""

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

_MAX_LENGTH = 2_000  # characters; a longer one is shown as it was written
_ELEMENTS = set(
    re.findall(
        r"\w+",
        "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow "
        "ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none",
    )
)
_ATTRIBUTES = set(
    re.findall(
        r"\w+",
        "accent accentunder columnalign columnlines columnspacing display displaystyle fence form "
        "largeop linethickness lspace mathvariant maxsize minsize movablelimits notation rowlines "
        "rowspacing rspace scriptlevel separator stretchy symmetric",
    )
)
# New commands could make a short formula a very long one.
_DEFINITION = re.compile(r"\\(def|let|newcommand|renewcommand|newenvironment|require)")
_VALUE = re.compile(r"[-\w.% ]{0,60}")


def mathml(latex: str, display: bool = False) -> str:
    """Return the formula as a MathML element; as plain text if it cannot be converted."""
    try:
        if len(latex) > _MAX_LENGTH or _DEFINITION.search(latex):
            raise ValueError("too long, or not only a formula")
        element = convert_to_element(latex, display="block" if display else "inline")
        _clean(element)
        text = tostring(element, encoding="unicode")
    except Exception:  # the converter fails on odd text in many ways
        return f"<code>{html.escape(latex)}</code>"
    return text


def _clean(element: Element) -> None:
    """Reduce an element to what a formula needs, and let its text be text."""
    if element.tag not in _ELEMENTS:
        raise ValueError(f"{element.tag} is not part of a formula")
    element.attrib = {
        name: value
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    }
    # The converter writes symbols as references, such as &#x02211;, to be read by a browser.
    element.text = html.unescape(element.text) if element.text else element.text
    element.tail = html.unescape(element.tail) if element.tail else element.tail
    for child in element:
        _clean(child)

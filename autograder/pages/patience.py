"""Colour code and set prose within a time: a text can be made to take hours."""

import time
from collections.abc import Iterator
from html import escape

from pygments import format as formatted
from pygments.formatters import HtmlFormatter
from pygments.lexers.python import PythonLexer
from pygments.token import Text

_SECONDS = 5.0  # of the processor, for one page


class Patience:
    """What is left of the time for one page; when it is used up, texts are shown as they are."""

    def __init__(self, seconds: float = _SECONDS):
        """Have so many seconds of the processor."""
        self.left = seconds

    def __enter__(self) -> None:
        self._started = time.thread_time()

    def __exit__(self, *_error: object) -> None:
        self.left -= time.thread_time() - self._started


def highlighted(code: str, seconds: float = _SECONDS) -> str:
    """Python code as HTML, coloured as far as the time suffices."""
    return formatted(_tokens(code, seconds), HtmlFormatter(cssclass="highlight"))


def as_it_is(text: str) -> str:
    """A text as HTML, without anything done to it."""
    return f"<pre>{escape(text)}</pre>"


def _tokens(code: str, seconds: float) -> Iterator[tuple]:
    """The parts of code with their kinds; what is left when the time is up is one part."""
    end, place = time.thread_time() + seconds, 0
    for _place, kind, part in PythonLexer().get_tokens_unprocessed(code):
        if time.thread_time() > end:
            break
        place += len(part)
        yield kind, part
    yield Text, code[place:]

"""Highlight code within a time limit: a text can be made to take hours."""

import time
from collections.abc import Iterator
from html import escape

from pygments import format as formatted
from pygments.formatters import HtmlFormatter
from pygments.lexers.python import PythonLexer
from pygments.token import Text

_SECONDS = 5.0  # of the processor, for one page


class TimeLimit:
    """The seconds `left` for one page; when they are used up, texts are shown as they are."""

    def __init__(self, seconds: float = _SECONDS):
        """Allow this many seconds of the processor."""
        self.left = seconds

    def __enter__(self) -> None:
        self._started = time.thread_time()

    def __exit__(self, *_error: object) -> None:
        self.left -= time.thread_time() - self._started


def highlighted(code: str, seconds: float = _SECONDS) -> str:
    """Return Python code as HTML, highlighted as far as the time allows."""
    return formatted(_tokens(code, seconds), HtmlFormatter(cssclass="highlight"))


def as_it_is(text: str) -> str:
    """Return a text as HTML, exactly as it was written."""
    return f"<pre>{escape(text)}</pre>"


def _tokens(code: str, seconds: float) -> Iterator[tuple]:
    """The tokens of the code; when the time is up, the rest is a single token."""
    end, place = time.thread_time() + seconds, 0
    for _place, kind, part in PythonLexer().get_tokens_unprocessed(code):
        if time.thread_time() > end:
            break
        place += len(part)
        yield kind, part
    yield Text, code[place:]

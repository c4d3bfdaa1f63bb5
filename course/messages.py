"""Every message to a person passes through here, so that it can be translated."""

import contextlib
import gettext
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

ENGLISH = "en"

_here: ContextVar[str | None] = ContextVar("language", default=None)  # of a `with speaking(…)`
_instead: gettext.NullTranslations | None = None  # of any language, if it is set by `use`


class Message(str):
    """A message in the reader's language, which keeps the English one that it was written as."""

    __slots__ = ("english", "source")
    source: str
    english: str

    def __new__(cls, text: str, source: str = "", english: str = "") -> "Message":
        """Return the message `text`, translated from `source`; without one it is its own source."""
        message = super().__new__(cls, text)
        message.source = source or text
        message.english = english or message.source
        return message

    def format(self, *values: object, **named: object) -> "Message":
        """Put values in, as str.format does; the source stays as it was written."""
        in_english = self.english.format(
            *map(english, values), **{name: english(value) for name, value in named.items()}
        )
        return Message(super().format(*values, **named), self.source, in_english)


def english(value: object) -> object:
    """Return the English form of a message; anything else unchanged."""
    return getattr(value, "english", value)


class Catalogue:
    """The messages of one package, in all languages for which its folder has a translation."""

    def __init__(self, domain: str, folder: Path):
        self._domain, self._folder = domain, folder
        self._translations: dict[str, gettext.NullTranslations] = {}

    def languages(self) -> list[str]:
        """Return the codes of the languages, English first."""
        paths = self._folder.glob(f"*/LC_MESSAGES/{self._domain}.mo")
        return [ENGLISH, *sorted(path.parent.parent.name for path in paths)]

    def message(self, message: str) -> Message:
        """Return the message in the reader's language; put values in afterwards with str.format."""
        return Message(self._translation().gettext(message), message)

    def plural(self, one: str, many: str, count: float) -> Message:
        """Return the form of the message that goes with a count; `many` is its source."""
        whole = int(count) if float(count).is_integer() else 2  # half a point is not one, either
        text = self._translation().ngettext(one, many, whole)
        return Message(text, many, one if count == 1 else many)

    def again(self, message: str) -> Message:
        """Return a message that was made when a module was imported, in the current language.

        It must not hold any values yet.
        """
        return self.message(getattr(message, "source", message))

    def _translation(self) -> gettext.NullTranslations:
        if _instead is not None:
            return _instead
        spoken = language()
        if spoken not in self._translations:
            self._translations[spoken] = gettext.translation(
                self._domain, self._folder, [spoken], fallback=True
            )
        return self._translations[spoken]


FOLDER = Path(__file__).parent / "locale"
_catalogue = Catalogue("course", FOLDER)
_ = _catalogue.message
ngettext = _catalogue.plural
again = _catalogue.again
languages = _catalogue.languages


def sentences(first: str, *others: str) -> Message:
    """Return sentences joined in the way of the language."""
    said = Message(first, english=str(english(first)))
    for second in others:
        said = _("{first} {second}").format(first=said, second=second)
    return said


def labelled(label: str, text: str) -> Message:
    """Return a text after a label that says what it is about, joined in the way of the language."""
    return _("{label}: {text}").format(label=label, text=text)


def known_language(code: str) -> str | None:
    """Return the course's code of a language, zh_CN for zh-cn or zh_CN.UTF-8; None if unknown."""
    wanted = code.split(".")[0].replace("-", "_").lower()
    return next((known for known in languages() if known.lower() == wanted), None)


_language = known_language(os.environ.get("COURSE_LANGUAGE", "")) or ENGLISH


def language() -> str:
    """Return the code of the current language, such as en or zh_CN."""
    return _here.get() or _language


def use_language(code: str) -> None:
    """Say everything in this language from now on. Raises ValueError for one that is unknown."""
    global _language
    known = known_language(code)
    if known is None:
        message = _("There is no translation {code} of this course; its languages are {names}.")
        raise ValueError(message.format(code=repr(code), names=", ".join(languages())))
    _language = known


def in_all_languages(words: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return a table from words, in all languages, to the keys that they stand for.

    `words` gives the word for each key in the current language. The keys stand for themselves.
    """
    found: dict = {}
    for code in languages():
        with speaking(code):
            found |= {word: key for key, word in words().items()}
    return found | {key: key for key in words()}


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say this thread's messages in that language inside the block; in English if it is unknown."""
    token = _here.set(known_language(code) or ENGLISH)
    try:
        yield
    finally:
        _here.reset(token)


def use(translation: gettext.NullTranslations | None) -> gettext.NullTranslations | None:
    """Translate all further messages with this, whatever the language; return the one before."""
    global _instead
    before, _instead = _instead, translation
    return before

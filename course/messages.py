"""The one place through which every message to a learner passes, so that it can be translated."""

import gettext
from pathlib import Path

_translation = gettext.translation("course", Path(__file__).parent / "locale", fallback=True)


class Message(str):
    """A message in the learner's language, which keeps the English one that it was written as."""

    __slots__ = ("source",)
    source: str

    def __new__(cls, text: str, source: str = "") -> "Message":
        """Return the message `text`, translated from `source`; without one it is its own source."""
        message = super().__new__(cls, text)
        message.source = source or text
        return message

    def format(self, *values: object, **named: object) -> "Message":
        """Put values in, as str.format does; the source stays as it was written."""
        return Message(super().format(*values, **named), self.source)


def _(message: str) -> Message:
    """Return the message in the learner's language; put values in afterwards with str.format."""
    return Message(_translation.gettext(message), message)


def use(translation: gettext.NullTranslations) -> gettext.NullTranslations:
    """Translate all further messages with this; return the translation that was used so far."""
    global _translation
    before, _translation = _translation, translation
    return before

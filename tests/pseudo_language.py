"""A language that nobody knows: what is found in spite of it was not looked for in a sentence."""

import contextlib
import gettext

from course import messages

BEGIN, END = "⟦", " ~~~ ~~~⟧"


class Pseudo(gettext.NullTranslations):
    """A language in which each message stands in brackets and is longer than in English."""

    def gettext(self, message):
        return f"{BEGIN}{message}{END}"

    def ngettext(self, one, many, count):
        return self.gettext(one if count == 1 else many)


def in_english(text):
    """A text of that language, translated back."""
    return text.replace(BEGIN, "").replace(END, "")


@contextlib.contextmanager
def pseudo_language():
    """Within this, all messages are in that language."""
    before = messages.use(Pseudo())
    try:
        yield
    finally:
        messages.use(before)

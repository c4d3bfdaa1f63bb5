"""The one place through which every message to a learner passes, so that it can be translated."""

import gettext
from pathlib import Path

_translation = gettext.translation("course", Path(__file__).parent / "locale", fallback=True)


def _(message: str) -> str:
    """Return the message in the learner's language; put values in afterwards with str.format."""
    return _translation.gettext(message)

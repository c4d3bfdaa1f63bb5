"""Words that a person can type into a terminal as they are."""

import os
import re
import shlex
import sys


def this_python() -> str:
    """Return what starts this Python: its path, as PowerShell or a shell reads it."""
    if os.name != "nt":
        return shlex.quote(sys.executable)
    is_plain = re.fullmatch(r"[\w:\\.-]+", sys.executable)
    return sys.executable if is_plain else f'& "{sys.executable}"'

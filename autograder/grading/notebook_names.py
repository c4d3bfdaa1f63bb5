"""What notebooks are called: by their endings, and before programs renamed them."""

import os
import re
from pathlib import Path

_MAX_NAME = 255  # characters, as systems allow
_MAX_RENAMED = 5  # times that a file may have been renamed
# What browsers, platforms, file managers, JupyterLab and Google Drive make of a file's name:
# `Copy of a`, `a (1)`, `a-1`, `a-Copy1`, `a copy 2`, `a - 副本`, `“a.ipynb”的副本`.
_NOTEBOOK = re.compile(r"(?P<stem>.+?)(?:\.ipynb)+(?:\.(?:txt|json))?", re.IGNORECASE)
_BEFORE = re.compile(r"(?:Copy of|Kopie von|Copie de|Copia de) ", re.IGNORECASE)
_COPY = re.compile(r"[ -]*(?:copy|kopie|copie|copia|(?<!的)副本) ?\d*$", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?: ?\(\d+\)|[-_ ]\d{{1,2}}|的副本|\.ipynb|\.keras|{_COPY.pattern})$", re.IGNORECASE
)


def notebooks_in(folder: Path) -> list[str]:
    """Return the names of the notebooks in a folder, except hidden ones. Raises OSError."""
    return sorted(
        name for name in os.listdir(folder) if notebook_stem(name) and not name.startswith(".")
    )


def notebook_stem(name: str) -> str:
    """Return a notebook's name without its endings, such as .ipynb.txt; "" for other files."""
    found = _NOTEBOOK.fullmatch(name) if len(name) <= _MAX_NAME else None
    return found["stem"] if found else ""


def former_stems(stem: str) -> list[str]:
    """Return this name of a file (without ending), then those that it may have had before."""
    stems = [stem.strip()]
    for _time in range(_MAX_RENAMED):
        plain = _AFTER.sub("", _BEFORE.sub("", stems[-1], count=1)).strip(" “”„\"'")
        if not plain or plain in stems:
            break
        stems.append(plain)
    return stems


def may_have_been(name: str, notebook: str) -> bool:
    """Return whether a notebook with this name may have been called like that one."""
    stem = notebook_stem(notebook).casefold()
    return stem in (one.casefold() for one in former_stems(notebook_stem(name)))


def is_copy(name: str) -> bool:
    """Return whether somebody made this notebook beside the one that it is a copy of."""
    return bool(_COPY.search(notebook_stem(name)))

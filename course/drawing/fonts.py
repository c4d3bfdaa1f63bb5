"""Fonts for letters that Matplotlib's own font lacks, such as Chinese ones."""

import importlib.util
import logging
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matplotlib import font_manager

from course.messages import _, language
from course.terminal_words import this_python

_log = logging.getLogger("matplotlib.font_manager")
_OWN = "DejaVu Sans"  # which comes with Matplotlib; first, for Latin letters and minus signs
# By the code of a language: fonts that its readers' systems have, the best ones first. The last one
# is what Matplotlib calls Debian's collection for Chinese, Japanese and Korean.
_SYSTEMS = {
    "zh_CN": (
        *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
        *("Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti"),
        *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK JP"),
    )
}
# Where a package has one: its name, and a path in it.
_PACKAGED = {"zh_CN": ("mplfonts", "fonts/NotoSansCJKsc-Regular.otf")}


def font_families() -> list[str]:
    """Return the fonts to draw the current language in; the first that has a letter draws it.

    If no font has the letters of the language, say so once.
    """
    spoken = language()
    if spoken not in _SYSTEMS:
        return [_OWN]
    found = _found(spoken)
    if found is None:
        _say_missing(spoken)
        return [_OWN]
    _log.addFilter(_says_more_than_that_it_is_not_bold)
    return [_OWN, found]


def choose_font(code: str, installed: Iterable[str]) -> str | None:
    """Return the best font for a language of those that are installed, by their names."""
    names = set(installed)
    return next((name for name in _SYSTEMS[code] if name in names), None)


def packaged_font(code: str) -> Path | None:
    """Return the file of a font for a language in an installed package, which is not imported."""
    package, path = _PACKAGED[code]
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    paths = (Path(folder) / path for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def _found(code: str) -> str | None:
    if name := choose_font(code, font_manager.fontManager.get_font_names()):
        return name
    path = packaged_font(code)
    if path is None:
        return None
    font_manager.fontManager.addfont(path)  # it is among the installed ones from now on
    return font_manager.get_font(path).family_name


def _says_more_than_that_it_is_not_bold(record: logging.LogRecord) -> bool:
    """Whether a record of Matplotlib's log is other than the one that most Chinese fonts cause."""
    return "font weight" not in str(record.msg)


@cache
def _say_missing(_code: str) -> None:
    warnings.filterwarnings("ignore", "Glyph .* missing from font")  # one for each letter
    print(
        _(
            "There is no font here for the words in pictures, so boxes are shown instead. "
            "Install one, such as fonts-noto-cjk on Debian and Ubuntu, or type "
            "`{python} -m pip install mplfonts`; then restart the kernel."
        ).format(python=this_python())
    )

"""The page side of a widget: plain modules and style sheets, read from the files beside it."""

from pathlib import Path

_HERE = Path(__file__).parent


def page_side(name: str, folder: Path = _HERE) -> str:
    """Return the text of a style sheet or a module, preceded by what all of its kind share.

    As text: given a path, anywidget would keep all widgets alive, to reload a file that changes.
    """
    shared = _HERE / f"page{Path(name).suffix}"
    return "".join(path.read_text(encoding="utf-8") for path in (shared, folder / name))

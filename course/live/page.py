"""The page side of a widget: plain modules and style sheets, read from the files beside it."""

from pathlib import Path

_HERE = Path(__file__).parent


def page_side(name: str, folder: Path = _HERE) -> str:
    """Return the text of a style sheet, or of a module with what all of them share ahead of it.

    As text: of a path, anywidget would keep every widget alive, to tell it when the file changes.
    """
    text = (folder / name).read_text(encoding="utf-8")
    if not name.endswith(".js"):
        return text
    return (_HERE / "page.js").read_text(encoding="utf-8") + text

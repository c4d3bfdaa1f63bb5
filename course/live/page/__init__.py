"""The page side of a widget: plain JavaScript and style sheets, read from files."""

from pathlib import Path

_HERE = Path(__file__).parent


def page_side(*names: str, folder: Path = _HERE) -> str:
    """Return style sheets or JavaScript as one text, preceded by what all of its kind share.

    `folder` holds the named files; the shared ones are always those here. A file may use what is
    ahead of it. As text: given a path, anywidget would keep all widgets alive, to reload a file
    that changes.
    """
    shared = _HERE / f"page{Path(names[0]).suffix}"
    paths = [shared, *(folder / name for name in names)]
    return "".join(path.read_text(encoding="utf-8") for path in paths)

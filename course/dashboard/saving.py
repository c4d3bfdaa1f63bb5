"""Where the dashboard saves pictures and films: nothing is overwritten."""

from pathlib import Path


def unused_path(path: Path) -> Path:
    """Return the path, with a number added if there is such a file."""
    number, unused = 1, path
    while unused.exists():
        number += 1
        unused = path.with_stem(f"{path.stem}-{number}")
    return unused

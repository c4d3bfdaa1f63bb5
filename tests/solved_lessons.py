"""Every lesson as handed in by who solved everything: `python -m tests.solved_lessons FOLDER`."""

import re
import sys
from pathlib import Path

import nbformat

from autograder import demo
from tests.conftest import ALL

ROOT = Path(__file__).parents[1]


def released(lesson: str) -> nbformat.NotebookNode:
    """The students' notebook of a lesson, such as 01-softmax."""
    (path,) = (ROOT / "release" / lesson).glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def solved(lesson: str) -> nbformat.NotebookNode:
    """That notebook with the instructor's answers."""
    (path,) = (ROOT / "source" / lesson).glob("*.ipynb")
    return demo.with_answers(released(lesson), demo.answers_of(nbformat.read(path, as_version=4)))


_TRAINING = r"(\b(?:epochs|steps|num)=|_epoch in range\()([\w.]+)"
_WHOLE = {"five"}  # short, and in fewer epochs its detector finds no 5


def in_brief(notebook: nbformat.NotebookNode, part: int = 8) -> nbformat.NotebookNode:
    """A lesson in which, but once a week, each training makes a `part`th of its steps."""
    for cell in notebook.cells:
        is_given = cell.cell_type == "code" and "nbgrader" not in cell.metadata
        if (is_given or cell.id == "answer-challenge") and cell.id not in _WHOLE and not ALL:
            fewer = rf"\1max(1, \2 // {part})"
            cell.source = re.sub(_TRAINING, fewer, cell.source)
    return notebook


def write(folder: Path) -> list[Path]:
    """Write all of them, as FOLDER/01-softmax/softmax.ipynb …; returns the paths."""
    written = []
    for source in sorted((ROOT / "source").glob("*/*.ipynb")):
        place = source.relative_to(ROOT / "source")
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(solved(place.parent.name), folder / place)
        written.append(folder / place)
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        print(path)

"""Every lesson as handed in by who solved everything: `python -m tests.solved_lessons FOLDER`."""

import sys
from pathlib import Path

import nbformat

from autograder import demo

ROOT = Path(__file__).parents[1]


def write(folder: Path) -> list[Path]:
    """The released lessons with the instructor's answers, FOLDER/01-softmax/softmax.ipynb …"""
    written = []
    for source in sorted((ROOT / "source").glob("*/*.ipynb")):
        place = source.relative_to(ROOT / "source")
        released = nbformat.read(ROOT / "release" / place, as_version=4)
        answers = demo.answers_of(nbformat.read(source, as_version=4))
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(demo.with_answers(released, answers), folder / place)
        written.append(folder / place)
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        print(path)

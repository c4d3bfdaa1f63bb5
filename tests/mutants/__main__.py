"""Change every model answer a little, in every way, and list what its check does not see.

`python -m tests.mutants [EXERCISE …]`: ends with 1 if a change survives that `survivors.py` does
not explain, or if one that is explained there does not survive any more.
"""

import contextlib
import io
import sys
from pathlib import Path

import nbformat

from course import check
from course.check import notebook
from course.check.engine import environment
from tests.mutants.mutation import mutants
from tests.mutants.survivors import SURVIVORS

ROOT = Path(__file__).parents[2]
_SECONDS = 20.0  # of a call, after which it is taken for endless
_JUDGED_ELSEWHERE = {"name_the_curve", "challenge"}  # lists of names, and a network of hours


def answers() -> dict[str, tuple[str, str]]:
    """What comes before each answer, the set-up and earlier answers, and the answer itself."""
    found = {}
    for path in sorted((ROOT / "source").glob("*/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        before = next(cell.source for cell in cells if cell.cell_type == "code")
        for cell in cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("solution") and not settings.get("grade"):
                found[settings["grade_id"]] = before, cell.source
                before = f"{before}\n\n{cell.source}"
    return found


def is_seen(exercise: str, before: dict, source: str) -> bool:
    """Whether the check refuses an answer."""
    names = dict(before)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(source, "<answer>", "exec"), names)
            getattr(check, exercise)(names[exercise])
        except Exception:
            return True
    return False


def main(wanted: list[str]) -> int:
    """Try all mutants of these exercises, or of all."""
    environment.use(notebook.NotebookEnvironment(_SECONDS))
    made = left = 0
    unexplained, gone = [], []
    for exercise, (before, source) in answers().items():
        if exercise in _JUDGED_ELSEWHERE or (wanted and exercise not in wanted):
            continue
        names: dict = {}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(before, "<before>", "exec"), names)
        assert not is_seen(exercise, names, source), f"the model answer to {exercise} fails"
        explained = dict(SURVIVORS.get(exercise, {}))
        tried = list(mutants(source))
        survived = [said for said, new in tried if not is_seen(exercise, names, new)]
        made, left = made + len(tried), left + len(survived)
        unexplained += [(exercise, said) for said in survived if said not in explained]
        gone += [(exercise, said) for said in explained if said not in survived]
        print(f"{exercise}: {len(tried) - len(survived)} of {len(tried)} changes seen", flush=True)
    print(f"{made} changes, {left} survive, {len(unexplained)} of them unexplained")
    for exercise, said in unexplained:
        print(f"  not seen: {exercise}: {said}")
    for exercise, said in gone:
        print(f"  explained, but seen or gone: {exercise}: {said}")
    return 1 if unexplained or gone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Put the original cells of one exercise back into a learner's notebook; the old text is kept."""

import copy
import itertools
import json
from pathlib import Path

from course.files import write_atomically
from course.messages import _
from course.workbook import notebooks
from course.workbook.errors import WorkbookError
from course.workbook.lessons import find_original


def reset_exercise(path: Path, exercise: str) -> Path | None:
    """Put an exercise's answer cell and test cell back as they were released.

    Return the new file beside the notebook that keeps the learner's text, or None if there
    was nothing to keep. Cells that were deleted come back, copies of them go. Raises WorkbookError
    for a notebook that is not a lesson, or has no such exercise.
    """
    notebook = notebooks.read(path)
    cells = notebook["cells"]
    _lesson, original = find_original(path, notebook)
    if not original:
        message = _("{path} is not a lesson of this course: no original of it was found.")
        raise WorkbookError(message.format(path=path))
    names = [one.name for one in notebooks.marked_exercises(original)]
    if exercise not in names:
        message = _("There is no exercise {name} in {path}; its exercises are {names}.")
        message = message.format(name=repr(exercise), path=path, names=", ".join(names))
        raise WorkbookError(message)
    wanted = [original[place] for place in _places_of(exercise, original)]
    places = _places_of(exercise, notebooks.with_lost_marks(cells, original))
    released = {cell["source"] for cell in wanted}
    sources = [cells[place]["source"] for place in places]
    texts = [source for source in sources if source not in released]
    # Kept before anything is changed.
    kept = _keep(path, exercise, texts) if any(text.strip() for text in texts) else None
    _put_back(cells, places, wanted, original)
    try:
        text = json.dumps(notebook, indent=1, ensure_ascii=False)
        write_atomically(path, text + "\n")
    except OSError as error:
        raise _cannot_write(path, error) from None
    return kept


def _places_of(exercise: str, cells: list[dict]) -> list[int]:
    """Return where the answer cell and the test cell of an exercise are, and copies of them."""
    ids = (exercise, f"check_{exercise}")
    marks = [notebooks.nbgrader_settings(cell).get("grade_id") for cell in cells]
    return [place for place, mark in enumerate(marks) if mark in ids]


def _keep(path: Path, exercise: str, texts: list[str]) -> Path:
    """Write what the learner wrote to a file that was not there before."""
    for number in itertools.count(1):
        kept = path.with_name(f"{path.stem}-{exercise}-{number}.py.txt")
        if not kept.exists():
            break
    try:
        return write_atomically(kept, "\n\n\n".join(texts) + "\n")
    except OSError as error:
        raise _cannot_write(kept, error) from None


def _put_back(
    cells: list[dict], places: list[int], wanted: list[dict], original: list[dict]
) -> None:
    """Replace a learner's cells of an exercise by the original ones, in the place of the first."""
    first = places[0] if places else _place_for(wanted[0], cells, original)
    for place in reversed(places):
        del cells[place]
    cells[first:first] = copy.deepcopy(wanted)


def _place_for(cell: dict, cells: list[dict], original: list[dict]) -> int:
    """Return where a deleted cell belongs: after the nearest cell before it that still exists."""
    ids = [one.get("id") for one in original[: original.index(cell)]]
    places = {one.get("id"): place for place, one in enumerate(cells)}
    return next((places[one] + 1 for one in reversed(ids) if one and one in places), len(cells))


def _cannot_write(path: Path, error: OSError) -> WorkbookError:
    message = _("{path} cannot be written: {error}.")
    return WorkbookError(message.format(path=path, error=error.strerror or error))

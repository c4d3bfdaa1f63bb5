"""Read notebooks, and what their cells say about exercises and past runs."""

import enum
import json
import re
from pathlib import Path
from typing import NamedTuple

from course.code_key import code_key
from course.messages import ENGLISH, _
from course.workbook.errors import WorkbookError


class GradedExercise(NamedTuple):
    """An exercise that a test cell of a notebook checks, and the points that it is worth."""

    name: str
    points: float


def read(path: Path) -> dict:
    """Return the notebook with each cell's source as one string; WorkbookError if it is not one.

    As in grading, it may have an old format, a byte order mark, or incomplete cells.
    """
    try:
        notebook = json.loads(path.read_bytes())
    except OSError as error:
        raise WorkbookError(
            _("{path} cannot be read: {error}.").format(path=path, error=error.strerror)
        ) from None
    except (ValueError, RecursionError) as error:
        raise WorkbookError(
            _(
                "{path} is not a notebook, or is damaged: it is not valid JSON ({error}). "
                "Give an .ipynb file; in JupyterLab, File > Revert Notebook may restore yours."
            ).format(path=path, error=str(error).splitlines()[0][:100])
        ) from None
    if isinstance(notebook, dict) and "worksheets" in notebook:
        notebook = _converted(notebook)
    try:
        cells = [_completed(cell) for cell in notebook["cells"]]
        if not isinstance(notebook.get("metadata"), dict):
            notebook = {**notebook, "metadata": {}}
        return {"nbformat": 4, "nbformat_minor": 4, **notebook, "cells": cells}
    except (KeyError, TypeError, ValueError):
        raise WorkbookError(
            _(
                "{path} is JSON, but not a notebook. Give an .ipynb file; a very old one may have "
                "to be opened and saved in JupyterLab first."
            ).format(path=path)
        ) from None


def _converted(notebook: dict) -> dict:
    """Return a notebook of format 3 or older in format 4; an empty one if that fails."""
    import nbformat

    try:
        return dict(nbformat.reads(json.dumps(notebook), as_version=4))
    except Exception:  # converting old formats fails in many ways
        return {}


def _completed(cell: dict) -> dict:
    """Return a complete cell; KeyError, TypeError or ValueError if it cannot be completed."""
    text = "".join(cell["source"])
    cell = {**cell, "source": text.encode("utf-8", "replace").decode()}  # half a character is "?"
    if cell["cell_type"] not in ("code", "markdown", "raw"):
        raise ValueError(cell["cell_type"])
    if not isinstance(cell.setdefault("metadata", {}), dict):
        raise TypeError(cell["metadata"])
    if cell["cell_type"] == "code":
        cell.setdefault("execution_count", None)
        if not all(
            isinstance(output["output_type"], str) for output in cell.setdefault("outputs", [])
        ):
            raise TypeError(cell["outputs"])
    return cell


def language_of(notebook: dict) -> str:
    """Return the language that a notebook says it is in; English if it says nothing."""
    course = notebook.get("metadata", {}).get("course")
    language = course.get("language") if isinstance(course, dict) else None
    return language if isinstance(language, str) else ENGLISH


def title(cells: list[dict]) -> str:
    """Return the first top-level heading, or ""."""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return ""


def exercise_of(cell: dict) -> GradedExercise | None:
    """Return what a test cell checks; None for any other cell."""
    settings = nbgrader_settings(cell)
    if cell["cell_type"] != "code" or not settings.get("grade"):
        return None
    points = settings.get("points")
    return GradedExercise(
        str(settings.get("grade_id", "")).removeprefix("check_"),
        points if isinstance(points, int | float) else 0,
    )


def exercises(cells: list[dict]) -> list[GradedExercise]:
    """Return what the test cells check, in their order."""
    return [exercise for cell in cells if (exercise := exercise_of(cell))]


def marked_exercises(cells: list[dict]) -> list[GradedExercise]:
    """Return the exercises that have an answer cell or a test cell; points are not known."""
    settings = map(nbgrader_settings, cells)
    ids = [one.get("grade_id") for one in settings if one.get("solution") or one.get("grade")]
    names = [grade_id.removeprefix("check_") for grade_id in ids if isinstance(grade_id, str)]
    return [GradedExercise(name, 0) for name in dict.fromkeys(names)]


def nbgrader_settings(cell: dict) -> dict:
    """Return what nbgrader wrote into a cell's metadata, if anything."""
    settings = cell["metadata"].get("nbgrader")
    return settings if isinstance(settings, dict) else {}


def with_lost_marks(cells: list[dict], original: list[dict]) -> list[dict]:
    """Return a learner's cells, with the original metadata where nbgrader's marks were lost.

    A host may have dropped them. Such a cell is known by its id, else by its text, else as an
    answer by the name that it defines.
    """
    marks = [None, *(nbgrader_settings(cell).get("grade_id") for cell in cells)]
    lost = [one for one in original if nbgrader_settings(one).get("grade_id") not in marks]
    ids = [cell.get("id") for cell in cells]
    texts = [one["source"].strip() for one in original]

    def has_its_id(cell, one):
        return cell.get("id") == one.get("id") is not None and ids.count(cell["id"]) == 1

    def has_its_text(cell, one):
        text = cell["source"].strip()
        return text == one["source"].strip() and texts.count(text) == 1

    found, ways = [], (has_its_id, has_its_text, _defines_its_name)
    for cell in cells:
        unmarked = not nbgrader_settings(cell)
        alike = [one for one in lost if unmarked and one["cell_type"] == cell["cell_type"]]
        same = next((one for fits in ways for one in alike if fits(cell, one)), None)
        found.append({**cell, "metadata": cell["metadata"] | same["metadata"]} if same else cell)
    return found


def _defines_its_name(cell: dict, answer: dict) -> bool:
    """Return whether a cell defines what this answer cell is for."""
    settings = nbgrader_settings(answer)
    return bool(settings.get("solution")) and _defines(cell, str(settings.get("grade_id")))


def _defines(cell: dict, name: str) -> bool:
    """Return whether a cell defines this name."""
    name = re.escape(name)
    definition = rf"^(?:(?:async +)?def|class) +{name}\b|^{name} *="
    return re.search(definition, cell["source"], re.MULTILINE) is not None


def was_run(cell: dict) -> bool:
    """Return whether a code cell was run to its end before the notebook was saved."""
    return cell.get("execution_count") is not None


def error_of(cell: dict) -> dict | None:
    """Return the error that a code cell stopped with, as nbformat writes it: `ename`, `evalue`."""
    errors = (output for output in cell["outputs"] if output["output_type"] == "error")
    return next(errors, None)


class Standing(enum.Enum):
    """What the outputs of a saved notebook say of an exercise."""

    OPEN = enum.auto()
    CHANGED = enum.auto()  # its check has passed, but its answer is another one now
    PASSED = enum.auto()


def standing(cells: list[dict], place: int, exercise: str) -> Standing:
    """Return how an exercise stands, according to its check cell at this place.

    The line that a check prints in a notebook keeps the key of the answer's code. Where it does
    not, as in notebooks of an older version, the answer is taken to be the same.
    """
    check = cells[place]
    facts = _facts_of_check(check, exercise)
    if not was_run(check) or error_of(check) or not facts.get("passed", True):
        return Standing.OPEN
    if not (key := facts.get("answer")):
        return Standing.PASSED
    for cell in reversed(cells[:place]):
        if cell["cell_type"] == "code" and code_key(cell["source"]) == key:
            return Standing.PASSED
        if cell["cell_type"] == "code" and _defines(cell, exercise):
            return Standing.CHANGED
    return Standing.CHANGED


def partly_right(check: dict, exercise: str) -> tuple[str, float]:
    """Return what an answer lacks that its check calls partly right, and its share of the points.

    For any other answer, that is "" and 0.
    """
    facts = _facts_of_check(check, exercise)
    missing, share = facts.get("missing"), facts.get("share")
    if isinstance(missing, str) and isinstance(share, int | float):
        return missing, float(share)
    return "", 0.0


def _facts_of_check(cell: dict, exercise: str) -> dict:
    """Return what the last line that this exercise's check printed keeps; {} if there is none."""
    for output in reversed(cell["outputs"]):
        metadata = output.get("metadata")
        facts = metadata.get("course") if isinstance(metadata, dict) else None
        if isinstance(facts, dict) and facts.get("exercise") == exercise:
            return facts
    return {}

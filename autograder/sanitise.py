"""Turn a submission into a notebook that can be graded, whatever was done to it.

The student's cells stay as they are, in their order. What the instructor locked (the test cells)
comes from the instructor's notebook: text, points, tags and place.
"""

import copy
import json

import nbformat
from nbformat import NotebookNode

LARGEST = 50_000_000  # bytes; outputs count, although they are thrown away


class Unreadable(Exception):
    """The submission is no notebook: a sentence for the instructor and the student."""


def read(submission: bytes) -> NotebookNode:
    """Read a submission, however old its format; raises Unreadable."""
    if not submission.strip():
        raise Unreadable("The file is empty.")
    if len(submission) > LARGEST:
        raise Unreadable(f"The file is larger than {LARGEST // 1_000_000} MB.")
    try:
        raw = without_surrogates(json.loads(submission.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The file is not valid JSON ({error}).") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Unreadable("The file is JSON, but not a notebook: it has no list of cells.")
    if isinstance(raw.get("cells"), list):
        return _version_4(raw)
    try:
        return _version_4(nbformat.reads(json.dumps(raw), as_version=4))
    except Exception as error:  # the conversion of old formats trips over much
        raise Unreadable(f"The notebook's old format cannot be converted ({error}).") from error


def without_surrogates(value):
    """JSON-like data with all characters that UTF-8 cannot write replaced by question marks."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _version_4(raw: dict) -> NotebookNode:
    """The cells that have a kind and a text; all else in a notebook can be done without."""
    notebook = nbformat.v4.new_notebook()
    for cell in raw["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if not isinstance(source, str):
            continue
        new = getattr(nbformat.v4, f"new_{cell['cell_type']}_cell")(source)
        metadata = cell.get("metadata")
        settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
        if isinstance(grade_id, str):
            new.metadata["nbgrader"] = {"grade_id": grade_id}
        new.id = cell.get("id")
        notebook.cells.append(new)
    return notebook


def sanitise(submitted: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return the submission with the instructor's locked cells, each exactly once.

    `source` is the instructor's notebook as `build.prepared` returns it, hidden tests included.
    """
    known = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id")
    }
    order = list(known)
    cells = _marked_once(submitted.cells, known)
    for grade_id in order:
        if _is_locked(known[grade_id]):
            _put_in_place(cells, grade_id, known, order)
    notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(source.metadata))
    notebook.cells = _with_ids(cells)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def exercise_of(grade_id: str) -> str:
    """The exercise that a test cell examines."""
    return grade_id.removeprefix("check_")


def _is_locked(cell):
    settings = cell.metadata.nbgrader
    return not settings.get("solution") and (settings.get("grade") or settings.get("locked"))


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _marked_once(submitted_cells, known):
    """The student's cells, of which each mark of the instructor's is on one at most."""
    kept = _kept_places(submitted_cells, known)
    cells = []
    for place, submitted in enumerate(submitted_cells):
        cell = copy.deepcopy(submitted)
        cell.metadata = nbformat.from_dict({})
        grade_id = _grade_id(submitted)
        if kept.get(grade_id) == place:
            original = known[grade_id]
            if _is_locked(original):
                cell = copy.deepcopy(original)
            else:
                cell = getattr(nbformat.v4, f"new_{original.cell_type}_cell")(
                    cell.source, metadata=copy.deepcopy(original.metadata), id=original.id
                )
        cells.append(cell)
    return cells


def _kept_places(cells, known):
    """Which of several cells with one mark keeps it: as in nbgrader the last.

    Of several copies of an answer, it is the last above the test, as that is what it examined.
    """
    places = {}
    for place, cell in enumerate(cells):
        if _grade_id(cell) in known:
            places.setdefault(_grade_id(cell), []).append(place)
    kept = {}
    for grade_id, found in places.items():
        test = places.get(f"check_{grade_id}", [len(cells)])[-1]
        kept[grade_id] = max((place for place in found if place < test), default=found[-1])
    return kept


def _put_in_place(cells, grade_id, known, order):
    """Leave a locked cell where it stands if the order fits, else put it below its exercise."""
    places = {_grade_id(cell): place for place, cell in enumerate(cells) if _grade_id(cell)}
    before = order[: order.index(grade_id)]
    after = order[order.index(grade_id) + 1 :]
    if grade_id in places:
        place = places[grade_id]
        above = all(places[other] < place for other in before if other in places)
        below = all(places[other] > place for other in after if other in places)
        if above and below:
            return
        cells.pop(place)
        places = {_grade_id(cell): place for place, cell in enumerate(cells) if _grade_id(cell)}
    # Below its exercise; if that is gone, below what came before it in the instructor's notebook.
    anchors = [exercise_of(grade_id), *reversed(before)]
    place = next((places[anchor] + 1 for anchor in anchors if anchor in places), 0)
    cells.insert(place, copy.deepcopy(known[grade_id]))


def _with_ids(cells):
    """Give every cell an id of its own; the instructor's cells keep theirs."""
    taken = {cell.id for cell in cells if _grade_id(cell)}
    for number, cell in enumerate(cells):
        if _grade_id(cell):
            continue
        valid = isinstance(cell.id, str) and cell.id.replace("-", "").replace("_", "").isalnum()
        if not valid or not cell.id.isascii() or len(cell.id) > 64 or cell.id in taken:
            cell.id = next(
                name
                for name in (f"cell-{number}", *(f"cell-{number}-{i}" for i in range(len(cells))))
                if name not in taken
            )
        taken.add(cell.id)
    return cells

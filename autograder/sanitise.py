"""Turn a submission into a notebook that can be graded, whatever was done to it.

The student's cells stay as they are, in their order. What the instructor locked (the test cells)
comes from the instructor's notebook: text, points, tags and place.
"""

import ast
import contextlib
import copy
import json
import os
import stat
from pathlib import Path

import nbformat
from nbformat import NotebookNode

LARGEST = 100_000_000  # bytes; outputs count, although they are thrown away
_MOST_CELLS = 2_000
_LARGEST_BESIDE = 30_000_000  # bytes of all files beside a notebook
_MOST_BESIDE = 100
_NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # files that nbgrader puts there
_NO_FILE = "This is a folder or a device, not a file."


class Unreadable(Exception):
    """The submission is no notebook: a sentence for the instructor and the student."""


def content(path: Path, largest: int = LARGEST) -> bytes:
    """What a submitted file holds; raises Unreadable if it is no plain file, or too large.

    A link is not followed: it could lead to the submission of somebody else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise Unreadable("The file is only a link to another file.") from error
        if path.is_socket():
            raise Unreadable(_NO_FILE) from error
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(_NO_FILE)
    with open(descriptor, "rb") as file:
        try:
            found = file.read(largest + 1)
        except OSError as error:
            raise Unreadable(f"The file cannot be read ({error.strerror}).") from error
    if len(found) > largest:
        raise Unreadable(_too_large(largest))
    return found


def _too_large(largest=LARGEST):
    return f"The file is larger than {largest / 1_000_000:g} MB."


def beside(notebook: Path) -> dict:
    """The plain files that were handed in beside a notebook, {path: bytes}: such as a network.

    The smaller ones first, until there are too many; never notebooks, hidden files, links, or
    what nbgrader puts there.
    """
    sizes = {}
    for folder, folders, names in os.walk(notebook.parent):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in names:
            path = Path(folder) / name
            if name.startswith(".") or path.suffix == ".ipynb" or name in _NBGRADERS:
                continue
            with contextlib.suppress(OSError):  # one that may not be looked at stops no class
                if path.is_file() and not path.is_symlink():
                    sizes[path] = path.stat().st_size
    found, room = {}, _LARGEST_BESIDE
    for path in sorted(sizes, key=lambda path: (sizes[path], path))[:_MOST_BESIDE]:
        if sizes[path] <= room:
            with contextlib.suppress(Unreadable):
                found[path.relative_to(notebook.parent).as_posix()] = content(path)
            room -= sizes[path]
    return found


def read(submission: bytes) -> NotebookNode:
    """Read a submission, however old its format; raises Unreadable."""
    if not submission.strip():
        raise Unreadable("The file is empty.")
    if len(submission) > LARGEST:
        raise Unreadable(_too_large())
    try:
        raw = json.loads(submission)
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"The file is not valid JSON ({_shown(error)}), so it is no notebook. Open yours in "
            "JupyterLab, save it, and hand in that .ipynb file."
        ) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Unreadable("The file is JSON, but not a notebook: it has no list of cells.")
    if isinstance(raw.get("cells"), list):
        return _version_4(raw)
    try:
        return _version_4(nbformat.reads(json.dumps(_without_outputs(raw)), as_version=4))
    except Unreadable:
        raise
    except Exception as error:  # the conversion of old formats trips over much
        message = f"The notebook's old format cannot be converted ({_shown(error)})."
        raise Unreadable(message) from error


def _shown(error):
    """The text of an error as one short line that can be written everywhere."""
    return str(error).encode("utf-8", "replace").decode().replace("\n", " ")[:200]


def _without_outputs(raw):
    for sheet in raw["worksheets"]:
        for cell in sheet["cells"]:
            if "outputs" in cell:
                cell["outputs"] = []
    return raw


def without_surrogates(value):
    """JSON-like data with all characters that UTF-8 cannot write replaced by question marks."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _version_4(raw: dict) -> NotebookNode:
    """The cells that have a kind and a text; all else in a notebook can be done without."""
    notebook = nbformat.v4.new_notebook()
    if len(raw["cells"]) > _MOST_CELLS:
        raise Unreadable(f"The notebook has more than {_MOST_CELLS:,} cells.")
    for cell in raw["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if not isinstance(source, str):
            continue
        source = source.encode("utf-8", "replace").decode()  # half a character becomes a "?"
        new = {"cell_type": cell["cell_type"], "id": cell.get("id"), "metadata": {}}
        new["source"] = source
        if cell["cell_type"] == "code":
            new |= {"execution_count": None, "outputs": []}
        metadata = cell.get("metadata")
        settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(settings, dict) and isinstance(settings.get("grade_id"), str):
            kept = ("grade_id", "checksum")
            new["metadata"]["nbgrader"] = {key: settings[key] for key in kept if key in settings}
        notebook.cells.append(nbformat.from_dict(new))  # nbformat's own way takes long
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


def changed_tests(submitted: NotebookNode, released: NotebookNode) -> list[str]:
    """The test cells, by grade_id, out of which a student took what they test.

    Only where it is certain: the cell must still claim, by its checksum, to be the one that was
    released, so that an older release is not taken for it; what was added to it is no offence.
    """
    original = {
        _grade_id(cell): cell for cell in released.cells if _grade_id(cell) and _is_locked(cell)
    }
    whole, changed = set(), {}
    for cell in submitted.cells:
        grade_id = _grade_id(cell)
        if grade_id not in original:
            continue
        settings = original[grade_id].metadata.nbgrader
        if _holds(cell.source, original[grade_id].source):
            whole.add(grade_id)
        elif cell.metadata.nbgrader.get("checksum") == settings.get("checksum", ""):
            changed[grade_id] = True
    return [grade_id for grade_id in changed if grade_id not in whole]


def _holds(code, wanted) -> bool:
    """Whether all statements of one text stand in another, however they are laid out."""
    lines = {line.strip() for line in code.splitlines()}
    if all(line.strip() in lines for line in wanted.splitlines()):
        return True
    try:
        found, needed = (
            {ast.dump(node) for node in ast.parse(text).body} for text in (code, wanted)
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return needed <= found


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

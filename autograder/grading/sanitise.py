"""Read a submission, whatever was done to the file, and turn it into a notebook to be graded.

The student's cells stay as they are, in their order. What the instructor locked (the test cells)
comes from the instructor's notebook: text, points, tags and place.
"""

import json

import nbformat
from nbformat import NotebookNode

from autograder.grading import code_text, placing
from autograder.grading.nbgrader_metadata import grade_id_of, is_locked
from autograder.grading.plain_files import MAX_BYTES, Unreadable, too_large

_MAX_CELLS = 2_000


def read(submission: bytes) -> NotebookNode:
    """Read a submission, however old its format; raises Unreadable."""
    if not submission.strip():
        raise Unreadable("The file is empty.")
    if len(submission) > MAX_BYTES:
        raise Unreadable(too_large())
    try:
        raw = json.loads(submission)
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"The file is not valid JSON ({_shown(error)}), so it is not a notebook. Open yours "
            "in JupyterLab, save it, and hand in that .ipynb file."
        ) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Unreadable("The file is JSON, but not a notebook: it has no list of cells.")
    if isinstance(raw.get("cells"), list):
        return _version_4(raw)
    try:
        return _version_4(nbformat.reads(json.dumps(_without_outputs(raw)), as_version=4))
    except Unreadable:
        raise
    except Exception as error:  # converting old formats fails in many ways
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


def _version_4(raw: dict) -> NotebookNode:
    """The cells that have a kind and a text; all else in a notebook can be done without."""
    notebook = nbformat.v4.new_notebook()
    if len(raw["cells"]) > _MAX_CELLS:
        raise Unreadable(f"The notebook has more than {_MAX_CELLS:,} cells.")
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
    return placing.place(submitted, source).notebook


def changed_tests(submitted: NotebookNode, released: NotebookNode) -> list[str]:
    """The test cells, by grade_id, out of which a student took what they test.

    Only where it is certain: the cell must still claim, by its checksum, to be the one that was
    released, so that an older release is not taken for it; what was added to it is no offence.
    """
    original = {
        grade_id_of(cell): cell for cell in released.cells if grade_id_of(cell) and is_locked(cell)
    }
    whole, changed = set(), {}
    for cell in submitted.cells:
        grade_id = grade_id_of(cell)
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
    return code_text.read(code).holds(code_text.read(wanted))

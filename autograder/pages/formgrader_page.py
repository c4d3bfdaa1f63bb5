"""Make the formgrader's page of a submission name each exercise, and say why it failed."""

from html import escape
from pathlib import Path

from nbconvert.filters import strip_ansi
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading import result_file, verdict
from autograder.grading.results import Status
from autograder.messages import _
from autograder.nbgrader_metadata import exercise_of
from autograder.pages.harmless_outputs import WITH_TRIANGLE, without_middle
from course.workbook.notebooks import nbgrader_settings


class NamesAndReasons(NbGraderPreprocessor):
    """The name above each answer, and the reason in place of a test's traceback.

    The hint and the traceback unfold. Students' pages show all that in another form.
    """

    def preprocess(self, nb, resources):
        """Change the notebook if it is shown in the formgrader."""
        if "submission_id" in resources:  # which only the formgrader sets
            kept = result_file.read(Path(resources["metadata"]["path"]) / result_file.NAME)
            exercises = kept.result.exercises if kept else {}
            nb.cells = [part for cell in nb.cells for part in _told(cell, exercises)]
        return nb, resources


def _told(cell, exercises):
    """A cell, below its heading if it is an answer or a task."""
    settings = nbgrader_settings(cell)
    if settings.get("solution") or settings.get("task"):
        names = ", ".join(f"`{name}`" for name in verdict.answers_in(cell))
        yield new_markdown_cell(_("**Exercise {names}**").format(names=names))
    elif settings.get("grade") and cell.cell_type == "code":
        result = exercises.get(exercise_of(settings["grade_id"]))
        if result and result.status != Status.PASSED:
            cell.outputs = _explained(result, cell.outputs)
    if cell.cell_type == "markdown":
        cell.source = _with_triangles(cell.source)
    yield cell


def _explained(result, outputs):
    """A test's outputs, with the error as a reason, a hint and a traceback that unfold."""
    errors = [output for output in outputs if output.output_type == "error"]
    traceback = strip_ansi("\n".join(line for one in errors for line in one.traceback))
    parts = [
        f"<p><b>{escape(result.headline)}</b></p>",
        f"<pre>{escape(result.example)}</pre>" if result.example else "",
        _folded(_("Hint"), f"<p>{escape(result.hint)}</p>") if result.hint else "",
        _folded(_("Traceback"), f"<pre>{escape(without_middle(traceback))}</pre>")
        if traceback
        else "",
    ]
    shown = {"text/html": _with_triangles("".join(parts)), "text/plain": result.message}
    others = [output for output in outputs if output.output_type != "error"]
    return [*others, new_output("display_data", shown)]


def _folded(summary, content):
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _with_triangles(html):
    """Give what unfolds the triangle back that turns: the formgrader's style takes it away."""
    return html.replace("<summary>", f'<summary style="{WITH_TRIANGLE}">')

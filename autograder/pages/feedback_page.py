"""The page that a student gets: results and reasons first, then the notebook as it was graded."""

import re
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup, escape
from nbconvert.exporters import HTMLExporter
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder.grading import gradebook, result_file, verdict
from autograder.grading.gradebook import SubmissionScores
from autograder.grading.results import ExerciseResult, Status, SubmissionResult
from autograder.messages import _, ngettext
from autograder.names import shown
from autograder.nbgrader_metadata import exercise_of
from autograder.pages import notes_for_students, status_words
from autograder.pages.harmless_outputs import markdown2html, plain_text
from autograder.pages.hide_hidden_tests import without_hidden
from autograder.pages.highlighting import TimeLimit, as_it_is, highlighted
from autograder.pages.rounding import rounded
from course.messages import language, speaking
from course.workbook.notebooks import language_of, nbgrader_settings, title

_TEMPLATES = Path(__file__).parent / "templates"
_MAX_TITLE = 120  # characters


class FeedbackExporter(HTMLExporter):
    """The exporter of the page in templates/student_page, with no script and nothing to load."""

    def __init__(self, config=None, **options):
        # More specific than nbgrader's setting, which is in the section of HTMLExporter.
        own = Config(config or {})
        own.FeedbackExporter.template_name = "student_page"
        own.FeedbackExporter.extra_template_basedirs = [str(_TEMPLATES)]
        super().__init__(config=own, **options)
        self.time_limit = TimeLimit()
        self.filters = {
            **self.filters,
            "highlight_code": self.coloured,
            "markdown2html": self.rendered,
        }
        self.environment.globals |= {"_": _, "ngettext": ngettext}
        self.register_filter("with_code", with_code)
        self.register_filter("says_something", says_something)
        self.register_filter("shown", shown)
        self.register_filter("rounded", rounded)

    def from_notebook_node(self, nb, resources=None, **options):
        """Write the page in the language of the notebook."""
        self.time_limit = TimeLimit()
        with speaking(language_of(nb)):
            # Not HTMLExporter's own: it parses the page again, to complete what this template has,
            # which takes minutes and gigabytes if it is full of small elements.
            return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)

    def coloured(self, code: str, **_options) -> str:
        """Return code as HTML."""
        with self.time_limit:
            return highlighted(code, self.time_limit.left)

    def rendered(self, text: str) -> str:
        """Return Markdown as HTML."""
        with self.time_limit:
            return markdown2html(text) if self.time_limit.left > 0 else as_it_is(text)


def with_code(text: str) -> Markup:
    """Return the text, escaped, with what is between backticks set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


class Grades(GetGrades):
    """Points and comments from the gradebook, as nbgrader's own class takes them."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Add them to a cell; one that the lesson no longer has is shown as an ordinary one."""
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        except MissingEntry:
            del cell.metadata["nbgrader"]
            return cell, resources


class Summary(NbGraderPreprocessor):
    """How each graded cell went and why, beside the cell and in a list at the top of the page.

    Points and comments are the gradebook's, as Grades found them; statuses and messages are those
    that `autograder grade` left beside the notebook, if it graded it.
    """

    def preprocess(self, nb, resources):
        """Put the rows, the notes and the style of the page into the resources."""
        kept = result_file.read(Path(resources["metadata"]["path"]) / result_file.NAME)
        result = kept.result if kept else None
        hidden = resources.get("hidden_lines", set())
        # If refused, the notebook is the released one.
        refused = result.refusal if result else ""
        recorded = _recorded(resources["nbgrader"])
        rows, answers, comments = [], set(), {}
        for cell in nb.cells:
            settings = nbgrader_settings(cell)
            name = settings.get("grade_id", "")
            if settings.get("solution"):
                answers.update(verdict.answers_in(cell))
            if says_something(settings.get("comment")):
                comments[name] = settings["comment"]
            if settings.get("grade") or settings.get("task"):
                row = _row(cell, settings, result.exercises if result else {}, recorded, hidden)
                if refused and not row["by_hand"]:
                    row |= {
                        "status": status_words.status(status_words.REFUSED)._asdict(),
                        "headline": "",
                    }
                cell.metadata["result"] = row
                rows.append(row)
        if result:  # in the lesson's order, wherever the student moved a cell
            order = {name: place for place, name in enumerate(result.exercises)}
            rows.sort(key=lambda row: order.get(row["exercise"], len(order)))
        for row in rows:
            row["comment"] = comments.pop(row["exercise"], "")
            row["place"] = ("answer-" if row["exercise"] in answers else "test-") + row["exercise"]
        resources["page"] = {
            "language": language().replace("_", "-"),
            "title": title(nb.cells)[:_MAX_TITLE] or resources["nbgrader"]["assignment"],
            "rows": rows,
            "comments": comments,
            "solved": sum(row["is_solved"] for row in rows),
            "trouble": trouble_words(result) if result else None,
            "notes": [note for note in _notes(result, hidden) if note != refused],
            "refused": refused,
            "style": _style(),
        }
        return nb, resources


def _recorded(grader):
    """The gradebook's scores; empty if nbgrader names no gradebook."""
    if "db_url" not in grader:
        return SubmissionScores({}, 0.0, "")
    return gradebook.scores_at(grader["db_url"], grader["assignment"], grader["student"])


def says_something(comment: str | None) -> bool:
    """Return whether a comment says more than that there is no answer, which the status says."""
    return bool(comment) and comment != gradebook.NO_RESPONSE


def _row(cell, settings, exercises, recorded, hidden):
    """How one exercise went: its points, the status in words, and why."""
    exercise = exercise_of(settings["grade_id"])
    score, points = settings["score"] or 0.0, settings["points"] or 0.0
    graded = exercises.get(exercise) or _from_outputs(cell, score, points)
    by_hand = exercise in recorded.by_hand or score != graded.score
    its = replace(graded, score=score, max_score=points, by_hand=by_hand)
    if by_hand:
        status = status_words.of_exercise(its)
    elif exercise in recorded.to_mark:
        status = status_words.status(Status.NEEDS_MARKING)
    else:
        status = status_words.of_exercise(graded)

    def harmless(text):
        return plain_text(without_hidden(text, hidden))

    example, hint = harmless(graded.example), harmless(graded.hint)
    if graded.status == Status.UNSOLVED:  # the rest is advice, not an example
        example, hint = "", hint or example
    changed = _("(The test cell had been changed; the original one was run.)")
    return {
        "exercise": exercise,
        "score": score,
        "points": points,
        "status": status._asdict(),
        "by_hand": by_hand,
        "is_solved": its.is_solved,
        "headline": "" if graded.status == Status.NEEDS_MARKING else harmless(graded.headline),
        "example": example,
        "hint": hint,
        "note": changed if graded.test_was_changed else "",
    }


def _from_outputs(cell, score, points):
    """What is known of a cell that nbgrader itself graded: its points and outputs."""
    shown = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    message = shown[0].evalue if shown else ""
    status = Status.PASSED if score >= points else Status.FAILED
    if shown and shown[0].ename in verdict.UNSOLVED_ERRORS:
        status = Status.UNSOLVED
    return ExerciseResult(score, points, status, message)


def trouble_words(result: SubmissionResult) -> dict | None:
    """Return the trouble with a submission as a whole, in words; or None."""
    if status_words.of_submission(result.status).kind != "trouble":
        return None
    status = status_words.of_submission(result.shown_as)
    if result.refusal:
        return status._replace(meaning=result.refusal)._asdict()
    exercises = result.exercises.values()
    said = []
    if any(exercise.test_was_changed for exercise in exercises):
        said += [_("A test cell had been changed; the original one was run in its place.")]
    meaning = status_words.status(result.status).meaning
    if not all(exercise.was_reached for exercise in exercises):
        said += [meaning, _("Not every exercise was reached.")]
        if result.score:
            said += [_("What was earned before that is kept.")]
    elif not said:
        said += [meaning, _("All tests were run anyway.")]
    return status._replace(meaning=" ".join(said))._asdict()


def _notes(result, hidden):
    """The notes on a submission that are for its student, such as what stopped."""
    for note in result.notes if result else ():
        if text := notes_for_students.text_of(note):
            yield plain_text(without_hidden(text, hidden))


def _style():
    """The page's style sheets: its own, and colours for code by day and by night."""
    day = HtmlFormatter(style="default").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    own = [(_TEMPLATES / name).read_text("utf-8") for name in ("page.css", "student_page.css")]
    return "\n".join([day, f"@media (prefers-color-scheme: dark) {{\n{night}\n}}", *own])

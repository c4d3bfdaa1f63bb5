"""What each status is called in pages and tables, and what it means."""

from typing import NamedTuple

from autograder.grading.results import ExerciseResult, Status
from autograder.messages import _


class StatusWords(NamedTuple):
    """A status as people read it: never by colour or sign alone."""

    name: str
    sign: str
    words: str
    meaning: str
    kind: str  # decides on its colour: good, part, wrong, open or trouble


REFUSED = "refused"  # the status of an exercise of a submission that could not be graded


def status(name: str) -> StatusWords:
    """Return the words for a status."""
    sign, kind, words, meaning = {
        "passed": ("✓", "good", _("solved"), _("Every test passed.")),
        "failed": ("✗", "wrong", _("not right yet"), _("A test found an answer that is wrong.")),
        "unsolved": (
            *("○", "open", _("not solved yet")),
            _("The answer is still as it was handed out."),
        ),
        "error": (
            "!",
            "trouble",
            _("raised an error"),
            _("An error occurred before a test was finished."),
        ),
        "timed_out": (
            *("!", "trouble", _("took too long")),
            _("A cell, or the whole notebook, took too long."),
        ),
        "out_of_memory": (
            *("!", "trouble", _("out of memory")),
            _("It needed more memory than allowed."),
        ),
        "crashed": (
            *("!", "trouble", _("crashed")),
            _("A cell ended the process that ran the notebook."),
        ),
        "tampered": ("!", "trouble", _("tampered"), _("A cell interfered with the grader.")),
        "not_submitted": (
            *("-", "open", _("not submitted")),
            _("There is no notebook with this lesson's name."),
        ),
        "not_graded": (
            *("-", "open", _("not graded yet")),
            _("It was handed in, but not graded yet."),
        ),
        "needs_marking": (
            *("✎", "open", _("to be marked by hand")),
            _("Your instructor will read it and give the points."),
        ),
        "marked_by_hand": (
            *("✎", "good", _("marked by hand")),
            _("Your instructor looked at it and gave these points."),
        ),
        REFUSED: (
            *("!", "trouble", _("could not be graded")),
            _("It is not a notebook of this lesson."),
        ),
    }[name]
    return StatusWords(str(name), sign, words, meaning, kind)


def of_terminal(status: Status) -> str:
    """Return the one or two words for a status in a table on the terminal."""
    return {
        Status.PASSED: _("passed"),
        Status.FAILED: _("failed"),
        Status.UNSOLVED: _("unsolved"),
        Status.ERROR: _("error"),
        Status.TIMED_OUT: _("timed_out"),
        Status.OUT_OF_MEMORY: _("out_of_memory"),
        Status.CRASHED: _("crashed"),
        Status.TAMPERED: _("tampered"),
        Status.NOT_SUBMITTED: _("not_submitted"),
        Status.NOT_GRADED: _("not_graded"),
        Status.NEEDS_MARKING: _("needs_marking"),
    }[status]


def of_exercise(exercise: ExerciseResult) -> StatusWords:
    """Return the words for an exercise's result; with some of the points, it is partly solved."""
    if exercise.by_hand:
        kind = "good" if exercise.is_solved else "part" if exercise.score > 0 else "wrong"
        return status("marked_by_hand")._replace(kind=kind)
    found = status(exercise.status)
    if exercise.status == Status.FAILED and exercise.score > 0:
        return found._replace(words=_("partly solved"), sign="◐", kind="part")
    return found


def of_submission(name: str) -> StatusWords:
    """Return the words for a whole submission: "passed" means all solved, "failed" in part."""
    found = status(name)
    if name == "passed":
        return found._replace(words=_("all solved"), meaning=_("Every exercise is solved."))
    if name == "failed":
        words, meaning = _("in part"), _("Graded completely; some exercises are not solved.")
        return found._replace(words=words, meaning=meaning, kind="part", sign="◐")
    if name == "tampered":
        return found._replace(
            meaning=_("A test cell was changed, or a cell interfered with the grader.")
        )
    if name == "error":
        meaning = _(
            "It is not a notebook of this lesson, or the grader itself had trouble with it."
        )
        return found._replace(words=_("could not be graded"), meaning=meaning)
    if name == "unsolved":
        return found._replace(meaning=_("Handed in, but no exercise was tried."))
    return found

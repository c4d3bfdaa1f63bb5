"""What each status is called where people read it, and what it means."""

from typing import NamedTuple

from course.messages import _


class Status(NamedTuple):
    """A status as people read it: never by colour or sign alone."""

    name: str
    sign: str
    words: str
    meaning: str
    kind: str  # which of the few colours it gets: good, wrong, open or trouble


_ALL = {
    "passed": ("✓", "solved", "Every test passed.", "good"),
    "failed": ("✗", "not right yet", "A test found an answer that is not right.", "wrong"),
    "unsolved": ("○", "not solved yet", "The answer is still as it was handed out.", "open"),
    "error": ("!", "raised an error", "An error came up before a test was done.", "trouble"),
    "timed_out": ("!", "took too long", "A cell, or the whole notebook, took too long.", "trouble"),
    "out_of_memory": ("!", "out of memory", "It needed more memory than allowed.", "trouble"),
    "crashed": ("!", "crashed", "A cell ended the process that ran the notebook.", "trouble"),
    "tampered": ("!", "tampered", "A cell did what no notebook needs.", "trouble"),
    "not_submitted": ("-", "not submitted", "There is no notebook of this lesson's name.", "open"),
    "refused": ("!", "could not be graded", "It is not a notebook of this lesson.", "trouble"),
    "not_graded": ("-", "not graded yet", "It was handed in, but not graded yet.", "open"),
}
# Who has one of these has no marks.
WITHOUT_MARKS = ("not_submitted", "not_graded")


def status(name: str) -> Status:
    """The words for a status; an unknown one is called by its name."""
    sign, words, meaning, kind = _ALL.get(name, ("?", name.replace("_", " "), "", "trouble"))
    return Status(name, sign, _(words), _(meaning) if meaning else "", kind)


def of_exercise(exercise: dict) -> Status:
    """The words for an exercise's result: with a part of the points, it is partly solved."""
    found = status(exercise["status"])
    if exercise["status"] == "failed" and exercise["score"] > 0:
        return found._replace(words=_("partly solved"), sign="◐", kind="part")
    return found


def of_submission(name: str) -> Status:
    """The words for a whole submission: "passed" means all of it, "failed" a part."""
    found = status(name)
    if name == "passed":
        return found._replace(words=_("all solved"), meaning=_("Every exercise is solved."))
    if name == "failed":
        words, meaning = _("in part"), _("Graded to its end; some exercises are not solved.")
        return found._replace(words=words, meaning=meaning, kind="part", sign="◐")
    if name == "tampered":
        return found._replace(meaning=_("A test cell was changed, or a cell did what none needs."))
    if name == "error":
        meaning = _(
            "It is not a notebook of this lesson, or the grader itself had trouble with it."
        )
        return found._replace(words=_("could not be graded"), meaning=meaning)
    if name == "unsolved":
        return found._replace(meaning=_("Handed in, but no exercise was tried."))
    return found


def marked_by_hand(score: float, points: float) -> Status:
    """The words for an exercise of which a person changed the points."""
    kind = "good" if score >= points else "part" if score > 0 else "wrong"
    meaning = _("Your instructor looked at it and gave these points.")
    return Status("marked_by_hand", "✎", _("marked by hand"), meaning, kind)

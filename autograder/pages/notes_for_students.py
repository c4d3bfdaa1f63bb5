"""What a student's page says of the notes on a submission."""

from autograder.grading import note_words
from autograder.grading.results import Note
from autograder.grading.verdict import one_line
from autograder.messages import _
from autograder.names import few
from course.messages import sentences


def text_of(note: Note) -> str:
    """Return a note as its student should read it; "" if it is only for the instructor."""
    words = _WORDS.get(note.kind)
    if words is None:
        return note_words.text_of(note)
    try:
        return words(note.facts)
    except (KeyError, TypeError):  # one without facts, or of an older version
        return ""


def _words_of_look(facts):
    if facts.get("no_points") or facts.get("stopped"):
        return ""  # the answers below show it anyway
    if not facts["exercises"]:
        return _("No answer was found. Write each one into the cell that is meant for it.")
    said = _(
        "A text cell, which is not run, seems to define {names}. Turn it into a code cell, and "
        "hand in the notebook again."
    )
    return said.format(names=", ".join(facts["exercises"]))


def _words_of_file(facts):
    said = _(
        "Your file “{file}” seems to define {names}, which your notebook leaves blank. Answers "
        "count only in the notebook."
    )
    return said.format(file=one_line(facts["file"], 100), names=few(facts["exercises"]))


def _words_of_not_here(facts):
    said = _(
        "{exercises} failed because something is missing where it was graded: {names}. If it is a "
        "file of yours, hand it in with the notebook; if not, ask your instructor."
    )
    return said.format(exercises=", ".join(facts["exercises"]), names=few(facts["names"]))


def _words_of_passed_there(facts):
    said = _(
        "In the notebook that you saved, these checks had passed: {names}. Restart the kernel, and "
        "run all cells once, in order: that may show why they fail here. Grading also tests with "
        "other numbers."
    )
    return said.format(names=", ".join(facts["exercises"]))


def _words_of_python(facts):
    if not facts["theirs"]:
        said = _(
            "An f-string in your notebook is refused by Python {ours}, with which it was graded. "
            "It may be right since Python 3.12."
        )
        return said.format(ours=facts["ours"])
    said = _(
        "You wrote your notebook with Python {theirs}, and it was graded with Python {ours}: an "
        "error may come from that."
    )
    return said.format(theirs=facts["theirs"], ours=facts["ours"])


def _words_of_other_notebooks(facts):
    said = _("You handed in other notebooks beside the one that was graded: {names}.")
    names = few([one_line(name, 100) for name in facts["files"]])
    return sentences(said.format(names=names), _("If you meant one of them, tell your instructor."))


def _only_for_instructor(_facts):
    return ""


_WORDS = {
    "tests_changed": _only_for_instructor,  # the page says so above
    "courses_own": _only_for_instructor,
    "older_release": _only_for_instructor,
    "look": _words_of_look,
    "in_a_file": _words_of_file,
    "not_here": _words_of_not_here,
    "passed_there": _words_of_passed_there,
    "newer_python": _words_of_python,
    "other_notebooks": _words_of_other_notebooks,
}

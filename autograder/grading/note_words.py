"""The words for what a person should know about a graded submission, made of the facts of notes."""

from collections.abc import Mapping
from typing import Any

from autograder.grading.files_beside import MAX_BYTES_BESIDE, MAX_FILES_BESIDE
from autograder.grading.results import Note, Status
from autograder.grading.time_formats import examples
from autograder.grading.verdict import one_line
from autograder.messages import _
from autograder.names import few
from course.messages import sentences


def text_of(note: Note) -> str:
    """Return a note in the current language, whatever language it was written in."""
    try:
        return _WORDS[note.kind]({"kind": note.kind, **note.facts})
    except (KeyError, TypeError):  # one without facts, or of an older version
        return note.text


def with_text(note: Mapping[str, Any]) -> Note:
    """Return the note with these facts, its `kind` among them, and its text in this language."""
    facts = {name: fact for name, fact in note.items() if name != "kind"}
    return Note(note["kind"], _WORDS[note["kind"]](note), facts)


def _words_of_own(note):
    said = {
        "stopped": _("The lesson's cell “{cell}” {stop}. Its original was run as well."),
        "moved": _("The lesson's cell “{cell}” was moved down: its original was run in its place."),
        "changed": _("The lesson's cell “{cell}” does not define {names}: its original was run."),
        "missing": _("The lesson's cell “{cell}” is missing: its original was run."),
    }[note["reason"]]
    stop = _words_of_stop(note) if note["reason"] == "stopped" else ""
    said = said.format(cell=note["cell"], names=few(note["names"]), stop=stop)
    if "original_stopped" in note:
        failed = _("The original stopped with {error}.").format(error=note["original_stopped"])
        return sentences(said, failed)
    return said


def _words_of_prose(note):
    said = _("The cell “{cell}” had been turned from code into text: it was run as code.")
    return said.format(cell=note["cell"])


def _words_of_stopped(note):
    said = _("The cell “{cell}” {stop}.")
    if note.get("test"):
        said = _("The test of {exercise} {stop}.")
    elif note["exercise"]:
        said = _("The answer cell of {exercise} {stop}.")
    said = said.format(exercise=note["exercise"], cell=note["cell"], stop=_words_of_stop(note))
    if note.get("left_out"):
        return sentences(said, _("Everything else was run again without it."))
    return said


def _words_of_stop(note):
    """What ended a cell, as the end of a sentence about it."""
    error = note["error"]
    if note["status"] != "error":
        said = {
            "timed_out": _("took too long"),
            "out_of_memory": _("took too much memory"),
            "tampered": _("interfered with the grader"),
        }.get(note["status"], _("ended the process"))
        return f"{said} ({error})" if error else said
    if not note["line"]:
        return _("stopped with {error}").format(error=error)
    said = _("stopped at line {line}, “{code}”, with {error}")
    return said.format(line=note["line"], code=note["code"], error=error)


def _words_of_changed_tests(note):
    said = _("The test cells of these exercises were replaced: {names}. The originals were run.")
    return said.format(names=", ".join(note["exercises"]))


def _words_of_found(note):
    said = {
        "id": _(
            "These answers had lost their grade ids, and were found by their cell ids: {names}."
        ),
        "name": _(
            "The answers to these exercises were found in other cells than their own: {names}. "
            "That costs nothing."
        ),
        "place": _("These answers may be in cells near those that are meant for them: {names}."),
    }[note["how"]]
    return said.format(names=", ".join(note["exercises"]))


def _words_of_not_found(note):
    said = _("No cell holds an answer to {names}. The tests were run after all other cells.")
    said = said.format(names=", ".join(note["exercises"]))
    if names := note.get("absent"):
        older = _(
            "Nothing in the notebook mentions {names}: the cells were deleted, or it is an older "
            "release of the lesson."
        )
        return sentences(said, older.format(names=", ".join(names)))
    return said


def _words_of_look(note):
    if note.get("stopped"):
        said = _("Not one of the answers could be run: {names}. Please take a look.")
        return said.format(names=", ".join(note["exercises"]))
    if note.get("no_points"):
        return _("Not one of the answers earned a point. Please take a look.")
    if not note["exercises"]:
        return _("No answer was found, although the notebook holds code. Please take a look.")
    said = _("A text cell, which is not run, seems to define {names}. Please take a look.")
    return said.format(names=", ".join(note["exercises"]))


def _words_of_lent(note):
    said = _(
        "{exercise} calls {names}, which had not passed by then: "
        "it was examined with the course's own function instead."
    )
    return said.format(exercise=note["exercise"], names=few(note["own"]))


def _words_of_late(note):
    said = _("The notebook defines {names} further down: {exercise} was examined again at the end.")
    return said.format(exercise=note["exercise"], names=few(note["names"]))


def _words_of_called(note):
    said = _("The notebook checks {names} in place of {exercise}, so that is what was examined.")
    return said.format(exercise=note["exercise"], names=few(note["names"]))


def _words_of_restored(note):
    said = _(
        "The notebook redefines or deletes {names} partway through. Tests that failed because of "
        "this were run again with the original."
    )
    return said.format(names=few(note["names"]))


def _words_of_defaults(note):
    said = _(
        "The notebook changes settings of Keras or TensorFlow for all that follows ({names}): "
        "{exercise} was examined with the usual ones."
    )
    return said.format(exercise=note["exercise"], names=few(note["settings"]))


def _words_of_courses_own(note):
    said = _(
        "The answers to {exercises} mention {words}, which leads to the course's own functions. "
        "Please take a look."
    )
    return said.format(exercises=", ".join(note["exercises"]), words=few(note["words"]))


def _words_of_file(note):
    said = _(
        "The file “{file}” seems to define {names}, which the notebook leaves blank. Please take a "
        "look."
    )
    return said.format(file=one_line(note["file"], 100), names=few(note["exercises"]))


def _words_of_not_here(note):
    said = _(
        "{exercises} failed because something is missing here that the student may have, such as a "
        "package or a file: {names}. Please take a look."
    )
    return said.format(exercises=", ".join(note["exercises"]), names=few(note["names"]))


def _words_of_passed_there(note):
    said = _(
        "The saved notebook says that the checks of {names} had passed. That can be edited, "
        "grading tests more than a check does, and cells may have been run in another order."
    )
    return said.format(names=", ".join(note["exercises"]))


def _words_of_python(note):
    if not note["theirs"]:
        said = _(
            "The notebook does not say with which Python it was written. An f-string in it is "
            "refused by Python {ours}, and may be right since 3.12. Please take a look."
        )
        return said.format(ours=note["ours"])
    said = _(
        "The notebook was written with Python {theirs}, and is graded with Python {ours}: an error "
        "may come from that. Please take a look."
    )
    return said.format(theirs=note["theirs"], ours=note["ours"])


def _words_of_other(note):
    said = _("This is the notebook of lesson {other}, handed in for lesson {lesson}.")
    return said.format(other=note["other"], lesson=note["lesson"])


def _words_of_older_release(_note):
    return _("The notebook seems to be of an older release of the lesson. Please take a look.")


def _words_of_renamed(note):
    said = _("The file “{file}” was taken for {name}, which was not there.")
    return said.format(file=one_line(note["file"], 100), name=one_line(note["name"], 100))


def _words_of_left_out(note):
    said = _(
        "These files beside the notebook were left out, because there is room for {count} files "
        "and {size:g} MB: {names}."
    )
    names = few([one_line(name, 100) for name in note["files"]])
    return said.format(count=MAX_FILES_BESIDE, size=MAX_BYTES_BESIDE / 1e6, names=names)


def _words_of_other_notebooks(note):
    said = _("Other notebooks are beside the one that was graded: {names}.")
    said = said.format(names=few([one_line(name, 100) for name in note["files"]]))
    if names := note.get("newer"):
        newer = _("This may be a later version: {names}. Please take a look.")
        said = sentences(said, newer.format(names=few([one_line(name, 100) for name in names])))
    if names := note.get("unanswered"):
        look = _("The graded one has no working answer to {exercises}. Please take a look.")
        said = sentences(said, look.format(exercises=", ".join(names)))
    if note.get("newer") or note.get("unanswered"):
        how = _("To have another one graded, give it the name of this one, and grade again.")
        said = sentences(said, how)
    return said


def _words_of_run_again(note):
    is_memory = note["shortage"] == Status.OUT_OF_MEMORY
    what = _("memory") if is_memory else _("time")
    if note.get("in_vain"):
        return _("It ran out of {what}, even when it was run by itself.").format(what=what)
    said = _("It ran out of {what} beside other submissions, so it was run again by itself.")
    return sentences(said.format(what=what), _("These results are from the second run."))


def _words_of_above_maximum(note):
    part = _("{exercise} has {points:g} of {most:g} points")
    parts = [
        part.format(exercise=name, points=points, most=most)
        for name, (points, most) in note["exercises"].items()
    ]
    said = _(
        "More than the maximum: {parts}. They were given when it was worth more, and they still "
        "count: change them in the formgrader if that is not what you want."
    )
    return said.format(parts=", ".join(parts))


def _words_of_points_before(note):
    said = _(
        "It cannot be graded, and an earlier attempt had {points:g} points. Please take a look."
    )
    return said.format(points=note["points"])


def _words_of_handed_in_again(note):
    said = _(
        "A newer attempt is in submitted/, and these are the points of the one before: run "
        "`autograder grade {lesson}`."
    )
    return said.format(lesson=note["lesson"])


def _words_of_not_gradable(note):
    said = _("A newer attempt cannot be graded, and these are the points of the one before.")
    return sentences(said, note["why"])


def _words_of_marked(note):
    said = _("Handed in again after a person had marked it: {names}. Those points are kept.")
    return said.format(names=", ".join(note["exercises"]))


def _words_of_time(note):
    if not (got := note.get("reason", "")):
        held = _('it holds "{text}"').format(text=note["held"])
        got = held if note["held"] else _("it is empty")
    said = _(
        "The time of submission cannot be read from timestamp.txt: {got}; expected a time "
        "such as {example}. No points were taken off for lateness."
    )
    return said.format(got=got, example=examples())


def _words_of_earlier(_note):
    return _("The previous score is kept.")


def _words_of_alike(note):
    said = _("Names that look the same: {names}. If this is one person, keep one of the folders.")
    return said.format(names=", ".join(map(ascii, note["names"])))


def _words_of_damaged(note):
    said = _(
        "The file result.json of this submission is damaged. The points are right, because "
        "they come from the gradebook; `autograder grade {lesson}` brings the messages back."
    )
    return said.format(lesson=note["lesson"])


_WORDS = {
    "lessons_own": _words_of_own,
    "was_prose": _words_of_prose,
    "tests_changed": _words_of_changed_tests,
    "stopped": _words_of_stopped,
    "found_by": _words_of_found,
    "not_found": _words_of_not_found,
    "look": _words_of_look,
    "lent": _words_of_lent,
    "late": _words_of_late,
    "called": _words_of_called,
    "restored": _words_of_restored,
    "defaults": _words_of_defaults,
    "courses_own": _words_of_courses_own,
    "in_a_file": _words_of_file,
    "not_here": _words_of_not_here,
    "passed_there": _words_of_passed_there,
    "newer_python": _words_of_python,
    "other_lesson": _words_of_other,
    "older_release": _words_of_older_release,
    "renamed_file": _words_of_renamed,
    "left_out": _words_of_left_out,
    "other_notebooks": _words_of_other_notebooks,
    "unreadable_time": _words_of_time,
    "marked_before": _words_of_marked,
    "earlier_stands": _words_of_earlier,
    "look_alike": _words_of_alike,
    "damaged_result": _words_of_damaged,
    "run_again": _words_of_run_again,
    "above_maximum": _words_of_above_maximum,
    "points_before": _words_of_points_before,
    "handed_in_again": _words_of_handed_in_again,
    "not_gradable": _words_of_not_gradable,
}
KINDS = frozenset(_WORDS)

"""What a person should know about a graded submission besides its points: facts, without words.

Kinds of notes:

- `lessons_own`: a cell of the lesson's was missing, changed, moved or stopped; its original was run
- `was_prose`: a cell that had been turned from code into text, and was run as code
- `tests_changed`: exercises whose test cells the student had replaced; the originals were run
- `stopped`: another cell did not run to its end; `left_out` if it ended the run, which was
  repeated; `test` if it is a test that did so
- `found_by`: answers that were found by the `id`, `name` or `place` of their cells, not by their
  grade ids
- `not_found`: exercises to which no cell holds an answer; `absent` are those that no cell names
- `look`: nothing was found where something seems to be; or there are answers but `no_points`,
  or all of them `stopped`
- `lent`: an exercise was examined with the course's own function in place of another answer
- `late`: names that an exercise needs are defined further down: it was examined at the end
- `called`: an exercise's check was called with something else of the student's, which passed
- `restored`: names had lost what they stood for; it was given back where something failed for it
- `defaults`: the exercise was examined with the usual settings of Keras and TensorFlow, which the
  notebook had changed
- `courses_own`: answer cells that name the course's own functions, or a way past their guard
- `in_a_file`: exercises that are blank in the notebook, and that a file beside it seems to define
- `not_here`: exercises that failed because a package, a file or the like is not here
- `passed_there`: the saved notebook says that the checks of exercises which failed had passed
- `newer_python`: an error may be there because the notebook was written with a newer Python
- `other_lesson`: it is the notebook of another lesson
- `older_release`: it seems to be of an older release of the lesson, and not all of it passed
- `renamed_file`: a file that was renamed, or is in a folder, and stands in for a missing one
- `left_out`: files beside the notebook for which there was no room
- `other_notebooks`: notebooks beside the graded one; `newer` if they may be later versions of it;
  `unanswered` if it has no answer, or no working one although there is another version
- `unreadable_time`: timestamp.txt does not say when it was handed in
- `marked_before`: exercises that a person had marked before it was handed in again
- `earlier_stands`: the grader had trouble with it, so the score from before is kept
- `look_alike`: another student's name looks the same
- `damaged_result`: its result.json cannot be read, so there are points without messages
- `run_again`: it ran out of time or memory alongside others, so its second run, by itself, counts;
  `in_vain` if that one ran out as well
- `above_maximum`: exercises with more points than they are worth now
- `points_before`: it could not be graded, and an earlier attempt had points
- `handed_in_again`: a newer attempt arrived after the last grading (in reports and exports only)
- `not_gradable`: a newer attempt cannot be graded (likewise)
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from autograder.grading import code_text, verdict
from autograder.grading.files_beside import MAX_FILES_BESIDE, Beside
from autograder.grading.note_words import text_of, with_text
from autograder.grading.results import ExerciseResult, Note, Status, SubmissionResult
from autograder.nbgrader_metadata import exercise_of, grade_id_of, is_test
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.cell_marks import marks_of
from autograder.sandbox.protocol.events import RunEnd

_LOOK = (
    "look",
    "courses_own",
    "in_a_file",
    "not_here",
    "newer_python",
    "other_lesson",
    "older_release",
    "above_maximum",
    "points_before",
    "handed_in_again",
    "not_gradable",
)  # a person has to decide what to do
# What is not in the notebook itself, and may change without a run.
BESIDE = ("unreadable_time", "renamed_file", "left_out", "other_notebooks")
_MAX_STOPPED = 10  # in one submission
_DEFINED = re.compile(
    rb"^(?:async[ \t]+)?(?:def[ \t]+(?=\w+[ \t]*\()|(?=\w+[ \t]*=[^=]))(\w+)", re.MULTILINE
)
# What leads to the course's own functions, or past their guard: no answer needs it.
_COURSES_OWN = re.compile(
    r"\b(or_reference|reference_for|check\.references|check import references|check\.engine"
    r"|__wrapped__|__closure__|__globals__)\b"
)
_FORMER_CHECKS = re.compile(
    r"^[ \t]*(?:from course import checks|(?:from|import) course\.checks)\b", re.MULTILINE
)
_MAX_RENAMED = 5  # files of one submission
# Fields of a test's event: the kind of the note that each gives, and what it is called there.
_OF_TESTS = {
    "lent": ("lent", "own"),
    "defaults": ("defaults", "settings"),
    "defined_below": ("late", "names"),
    "called": ("called", "names"),
}


def of_run(placed, outcome: Outcome, exercises: dict[str, ExerciseResult]) -> list[Note]:
    """Return the notes on a submission that was run; `exercises` are its results."""
    cells = placed.notebook.cells
    stops = {
        index: verdict.stop(cell.source, outcome.cells.get(index))
        for index, cell in enumerate(cells)
        if index in outcome.left_out or not is_test(cell)  # else it belongs to its exercise
    }
    notes = list(_of_search(placed, exercises))
    for index, cell in enumerate(cells):
        event, facts = outcome.cells.get(index), marks_of(cell).lessons_own
        if marks_of(cell).was_prose:
            notes.append({"kind": "was_prose", "cell": verdict.first_line(cell)})
        if not facts or not verdict.was_run(event):
            continue
        note = {"kind": "lessons_own", "cell": verdict.first_line(cell), "id": facts["cell"]}
        note["names"] = event.missing
        note |= _why_own(facts["students"], index, stops)
        if again := stops.pop(index):
            note["original_stopped"] = again["error"]
        notes.append(note)
    for index, event in outcome.cells.items():
        for field, (kind, name) in _OF_TESTS.items():
            if names := getattr(event, field):
                exercise = exercise_of(grade_id_of(cells[index]))
                notes.append({"kind": kind, "exercise": exercise, name: names})
    if restored := sorted({name for event in outcome.cells.values() for name in event.restored}):
        notes.append({"kind": "restored", "names": restored})
    stopped = _not_for_others(
        [(index, stop) for index, stop in stops.items() if stop], cells, outcome
    )
    for index, stop in stopped[:_MAX_STOPPED]:
        left_out = {"left_out": True} if index in outcome.left_out else {}
        notes.append(_stopped(cells[index], stop | left_out))
    different = [note for place, note in enumerate(notes) if note not in notes[:place]]
    return [with_text(note) for note in different]


def _not_for_others(stopped, cells, outcome):
    """Those that did not stop only because one above them stopped: their names would be there."""
    found, undefined = [], set()
    for index, stop in stopped:
        if verdict.missing_name(outcome.cells[index]) not in undefined:
            found.append((index, stop))
        undefined |= code_text.read(cells[index].source).defines
    return found


def of_courses_own(notebook, source, exercises: Mapping[str, ExerciseResult]) -> list[Note]:
    """Return a note on answers whose text names the course's own functions.

    Lines that the lesson gives, in `source`, may stand in an answer's cell as well.
    """
    given = {line.strip() for cell in source.cells for line in cell.source.splitlines()}
    words: dict[str, None] = {}
    names: dict[str, None] = {}
    for cell in notebook.cells:
        answers = [name for name in map(exercise_of, verdict.answers_in(cell)) if name in exercises]
        if not answers or is_test(cell) or cell.cell_type != "code":
            continue
        own = (line for line in cell.source.splitlines() if line.strip() not in given)
        if found := _COURSES_OWN.findall("\n".join(own)):
            words |= dict.fromkeys(found)
            names |= dict.fromkeys(answers)
    if not names:
        return []
    note = {"kind": "courses_own", "exercises": list(names), "words": list(words)}
    return [with_text(note)]


def of_no_points(
    placed, outcome: Outcome, exercises: dict[str, ExerciseResult], others: Iterable[Note]
) -> list[Note]:
    """Return a note on answers that earned nothing at all, unless `others` ask for a look at it."""
    answers = {
        name: its.status
        for name, its in exercises.items()
        if its.status not in (Status.UNSOLVED, Status.NEEDS_MARKING)
        and name not in placed.not_found
    }
    was_run = outcome.end != RunEnd.BROKEN  # by the grader's own trouble
    has_points = any(its.score for its in exercises.values())
    if not answers or not was_run or has_points or needs_review(others):
        return []
    why = "stopped" if {*answers.values()} == {Status.ERROR} else "no_points"
    return [with_text({"kind": "look", "exercises": list(answers), why: True})]


def of_changed_tests(exercises: Mapping[str, ExerciseResult]) -> list[Note]:
    """Return a note on test cells that the student had replaced, if there are any."""
    names = [name for name, its in exercises.items() if its.test_was_changed]
    return [with_text({"kind": "tests_changed", "exercises": names})] if names else []


def other_lesson(lesson: str, other: str) -> Note:
    """Return a note that the notebook of another lesson was handed in under this one."""
    return with_text({"kind": "other_lesson", "lesson": lesson, "other": other})


def of_older_release(submitted, source, exercises: Mapping[str, ExerciseResult]) -> list[Note]:
    """Return a note if a notebook that has not passed seems to be of an older release.

    Its cells name the checks of former releases, or have grade ids of which the lesson has none.
    """
    if all(its.is_solved for its in exercises.values()):
        return []
    theirs = {grade_id_of(cell) for cell in submitted.cells} - {""}
    has_others = bool(theirs) and theirs.isdisjoint(map(grade_id_of, source.cells))
    is_older = has_others or any(_FORMER_CHECKS.search(cell.source) for cell in submitted.cells)
    return [with_text({"kind": "older_release"})] if is_older else []


def of_files(beside: Beside, exercises: dict[str, ExerciseResult]) -> list[Note]:
    """Return the notes on the files beside a notebook with these results."""
    notes = [
        {"kind": "renamed_file", "file": file, "name": name}
        for name, file in beside.renamed.items()
    ][:_MAX_RENAMED]
    if beside.left_out:
        notes.append({"kind": "left_out", "files": beside.left_out[:MAX_FILES_BESIDE]})
    if beside.notebooks:
        note = {"kind": "other_notebooks", "files": beside.notebooks[:MAX_FILES_BESIDE]}
        if newer := [name for name, is_newer in beside.versions.items() if is_newer]:
            note["newer"] = newer[:MAX_FILES_BESIDE]
        without = (Status.UNSOLVED, Status.ERROR, *([Status.FAILED] if beside.versions else []))
        if names := [name for name, its in exercises.items() if its.status in without]:
            note["unanswered"] = names
        notes.append(note)
    return [with_text(note) for note in notes]


def of_answers_in_files(
    files: Mapping[str, bytes], exercises: Mapping[str, ExerciseResult]
) -> list[Note]:
    """Return the notes on Python files that seem to define what the notebook leaves blank."""
    blank = [name for name, its in exercises.items() if its.status == Status.UNSOLVED]
    notes = []
    for file, content in files.items():
        defined = set(_DEFINED.findall(content)) if file.endswith(".py") else set()
        if names := [name for name in blank if name.encode() in defined]:
            notes.append(with_text({"kind": "in_a_file", "file": file, "exercises": names}))
    return notes


def run_again(shortage: Status, in_vain: bool = False) -> Note:
    """Return a note that a submission was run by itself, after running out alongside others."""
    facts = {"in_vain": True} if in_vain else {}
    return with_text({"kind": "run_again", "shortage": str(shortage), **facts})


def was_run_again(notes: Iterable[Note]) -> bool:
    """Return whether a submission with these notes was run again by itself."""
    return any(note.kind == "run_again" for note in notes)


def points_above_maximum(notes: Iterable[Note]) -> dict[str, list[float]]:
    """Return the exercises with more points than they are worth, with both numbers, from notes."""
    found = (note.facts["exercises"] for note in notes if note.kind == "above_maximum")
    return next(found, {})


def above_maximum(points: dict[str, tuple[float, float]]) -> Note:
    """Return a note that exercises have more points than they are worth; `points` has both."""
    exercises = {name: list(both) for name, both in points.items()}
    return with_text({"kind": "above_maximum", "exercises": exercises})


def points_before(points: float) -> Note:
    """Return a note that an attempt before this one, which cannot be graded, had these points."""
    return with_text({"kind": "points_before", "points": points})


def points_that_were_before(notes: Iterable[Note]) -> float:
    """Return the points of the attempt before one that cannot be graded, from its notes, or 0."""
    return next((note.facts["points"] for note in notes if note.kind == "points_before"), 0)


def marked_before(exercises: list[str]) -> Note:
    """Return a note that a person gave points for these exercises to the attempt before."""
    return with_text({"kind": "marked_before", "exercises": exercises})


def unreadable_time(facts: Mapping[str, str]) -> Note:
    """Return a note that a time of submission cannot be read; `SubmittedAt` has the facts."""
    return with_text({"kind": "unreadable_time", **facts})


def earlier_stands() -> Note:
    """Return a note that the score from before is kept."""
    return with_text({"kind": "earlier_stands"})


def look_alike(names: Iterable[str]) -> Note:
    """Return a note that these students, of whom this is one, have names that look the same."""
    return with_text({"kind": "look_alike", "names": list(names)})


def damaged_result(lesson: str) -> Note:
    """Return a note that result.json cannot be read, and that the points are the gradebook's."""
    return with_text({"kind": "damaged_result", "lesson": lesson})


def handed_in_again(lesson: str) -> Note:
    """Return a note that these are the points of an earlier attempt than the newest."""
    return with_text({"kind": "handed_in_again", "lesson": lesson})


def not_gradable(why: str) -> Note:
    """Return a note that the points are an earlier attempt's, as the newest cannot be graded."""
    return with_text({"kind": "not_gradable", "why": why})


def needs_review(notes: Iterable[Note], status: Status | None = None) -> bool:
    """Return whether a person should look at the submission; always if it was not graded."""
    return status == Status.ERROR or any(map(_needs_look, notes))


def _needs_look(note):
    return note.kind in _LOOK or not {"unanswered", "newer", "absent"}.isdisjoint(note.facts)


def _stopped(cell, stop):
    exercise = exercise_of(grade_id_of(cell))
    of_test = {"test": True} if is_test(cell) else {}
    return {
        "kind": "stopped",
        "cell": verdict.first_line(cell),
        "exercise": exercise,
        **of_test,
        **stop,
    }


def _why_own(students, index, stops):
    """Why the original of a cell was run, given its place and that of the student's version."""
    if students is None:
        return {"reason": "missing"}
    if students > index:
        return {"reason": "moved"}
    if stop := stops.pop(students):
        return {"reason": "stopped", **stop}
    return {"reason": "changed"}


def _of_search(placed, exercises):
    """Notes on what was found where."""
    for how in ("id", "name"):
        if names := [name for name, found in placed.found_by.items() if found == how]:
            yield {"kind": "found_by", "how": how, "exercises": names}
    if placed.nearby:
        yield {"kind": "found_by", "how": "place", "exercises": placed.nearby}
    passed = {name for name, result in exercises.items() if result.status == Status.PASSED}
    missing = [name for name in placed.not_found if name not in passed]
    if not missing:
        return
    note = {"kind": "not_found", "exercises": missing}
    if absent := [name for name in placed.absent if name in missing]:
        note["absent"] = absent
    yield note
    seen = [name for name in placed.speaks_of if name in missing]
    if seen or (placed.own_code and not placed.found_by):
        yield {"kind": "look", "exercises": seen}


def of_class(results: Iterable[SubmissionResult]) -> list[tuple[str, list[str]]]:
    """Return the notes on a class: each text with the students that it applies to.

    First interference, then what a person should look at, then what applies to most students.
    """
    students, urgent, interference = defaultdict(dict), set(), set()
    for result in results:
        for note in result.notes:
            text = text_of(note)
            students[text][result.student] = None
            if _needs_look(note):
                urgent.add(text)
            if note.kind == "tests_changed" or note.facts.get("status") == Status.TAMPERED:
                interference.add(text)
    order = sorted(
        students,
        key=lambda text: (text not in interference, text not in urgent, -len(students[text])),
    )
    return [(text, list(students[text])) for text in order]

"""Turn what was observed of a run into points: only what demonstrably finished counts."""

import re
from collections.abc import Collection, Sequence

import nbformat
from nbconvert.filters import strip_ansi

from autograder.grading import code_text
from autograder.grading.results import (
    RUN_TROUBLES,
    ExerciseResult,
    FailedCheck,
    Status,
    status_without_trouble,
)
from autograder.messages import _
from autograder.nbgrader_metadata import exercise_of, grade_id_of, is_answer, is_locked, is_test
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.cell_marks import marks_of
from autograder.sandbox.protocol.events import CellStatus, RunEnd
from course.workbook.notebooks import nbgrader_settings

UNSOLVED_ERRORS = {"Unsolved", "NotImplementedError"}  # by which a test says: no answer yet
_FAILED = {"AssertionError", "CheckFailed"}  # and by which it says that the answer is wrong
_REFUSALS = {"CheckFailed", *UNSOLVED_ERRORS}

# By how a run ended: the status of the tests that it did not reach.
_NOT_REACHED = {
    RunEnd.DIED: Status.CRASHED,
    RunEnd.STUCK: Status.TIMED_OUT,
    RunEnd.TIMED_OUT: Status.TIMED_OUT,
    RunEnd.OUT_OF_MEMORY: Status.OUT_OF_MEMORY,
    RunEnd.TAMPERED: Status.TAMPERED,
    RunEnd.BROKEN: Status.ERROR,
}
# By how a cell ended: the status of its submission.
_OF_CELL = {
    CellStatus.OK: Status.PASSED,
    CellStatus.SKIPPED: Status.PASSED,
    CellStatus.ERROR: Status.FAILED,
    CellStatus.TIMED_OUT: Status.TIMED_OUT,
    CellStatus.OUT_OF_MEMORY: Status.OUT_OF_MEMORY,
    CellStatus.DIED: Status.CRASHED,
    CellStatus.TAMPERED: Status.TAMPERED,
}
# How a cell that stopped ended.
_STOPPED = (CellStatus.ERROR, CellStatus.TIMED_OUT, CellStatus.OUT_OF_MEMORY, CellStatus.DIED)
# How a run that a cell ended is reported.
_ENDED_BY_A_CELL = (RunEnd.DIED, RunEnd.STUCK, RunEnd.OUT_OF_MEMORY)
_MEMORY = ("MemoryError", "ResourceExhaustedError", "OutOfMemory")
_NO_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
# In an error's text, and in a traceback: where in the notebook it came up.
_FILE = re.compile(r" \(([^()]*, line \d+|/[^()]*)\)$")
_LINE = re.compile(r"Cell In\[\d+\], line (\d{1,5})\b")


def exercises(
    notebook, outcome: Outcome, changed_tests: Collection[str] = ()
) -> dict[str, ExerciseResult]:
    """Return what each test cell of a notebook earned in a run, by exercise.

    `changed_tests` are the grade ids of the test cells that the student had changed.
    """
    results, defined = {}, _defined_where_it_stopped(notebook, outcome)
    for index, settings in _tests(notebook):
        points, score, failure = float(settings["points"]), 0.0, None
        exercise = exercise_of(settings["grade_id"])
        event = outcome.cells.get(index)
        status, message = _judge(event, outcome)
        if status == Status.PASSED:
            score, status, message = _earned(event, points)
        elif event is not None and event.failure and status in (Status.FAILED, Status.UNSOLVED):
            failure = FailedCheck.of(event.failure)
        if cause := _cell_to_blame(exercise, status, event, notebook, outcome, defined):
            status, message = cause
            failure = None
        results[exercise] = ExerciseResult(
            score=score,
            max_score=points,
            status=status,
            message=message,
            failure=failure,
            was_reached=event is not None,
            test_was_changed=settings["grade_id"] in changed_tests,
        )
    return results


def not_run(notebook, status: Status, message: str = "") -> dict[str, ExerciseResult]:
    """Return the exercises of a lesson whose notebook was not run, all with this status."""
    return {
        exercise_of(settings["grade_id"]): ExerciseResult(
            0.0, float(settings["points"]), status, message, was_reached=False
        )
        for settings in map(nbgrader_settings, notebook.cells)
        if settings.get("grade") or settings.get("task")
    }


def with_marked_by_hand(
    exercises: dict[str, ExerciseResult], notebook, source
) -> dict[str, ExerciseResult]:
    """Return all exercises of the lesson in its order, including those that a person marks.

    These are nbgrader's manually graded answers and its tasks. An answer that is still as it was
    handed out, or gone, has no points; everything else waits for a person.
    """
    texts = {
        exercise: notebook.cells[place].source.strip()
        for exercise, place in places_of_answers(notebook).items()
    }
    found = {}
    for cell in source.cells:
        settings = nbgrader_settings(cell)
        if not (settings.get("grade") or settings.get("task")):
            continue
        exercise = exercise_of(settings["grade_id"])
        if exercise in exercises:
            found[exercise] = exercises[exercise]
        elif settings.get("solution") and texts.get(exercise) in (None, cell.source.strip()):
            message = _("The answer is still as it was handed out.")
            points = float(settings["points"])
            found[exercise] = ExerciseResult(0.0, points, Status.UNSOLVED, message)
        else:
            points = float(settings["points"])
            message = _("Your instructor will read it and give the points.")
            found[exercise] = ExerciseResult(0.0, points, Status.NEEDS_MARKING, message)
    return found


def ended_by(notebook, outcome: Outcome) -> int | None:
    """Return the place of the test or student's cell that ended a run before its last test.

    A test that failed, or ended it, may be run again at the end.
    """
    place = max(outcome.cells, default=-1)
    tests = [index for index, _settings in _tests(notebook)]
    failed = any(
        outcome.cells[index].status == CellStatus.ERROR for index in tests if index in outcome.cells
    )
    if outcome.end not in _ENDED_BY_A_CELL or place < 0:
        return None
    cell = notebook.cells[place]
    if not failed and place >= max(tests, default=-1) and not marks_of(cell).defined_below:
        return None
    is_the_lessons = is_locked(cell) and place not in tests
    return None if is_the_lessons else place


def seconds(notebook, outcome) -> dict:
    """Return how long each exercise took, its answer cell and its test together."""
    taken = {index: event.seconds for index, event in outcome.cells.items()}
    answers = places_of_answers(notebook)
    return {
        exercise: round(taken[index] + taken.get(answers.get(exercise), 0.0), 2)
        for index, settings in _tests(notebook)
        if index in taken
        for exercise in [exercise_of(settings["grade_id"])]
    }


def _tests(notebook):
    """Each test cell's place, and its nbgrader metadata."""
    for index, cell in enumerate(notebook.cells):
        if is_test(cell):
            yield index, nbgrader_settings(cell)


def places_of_answers(notebook) -> dict[str, int]:
    """Return the place of each answer cell, by its exercise; it may hold several answers."""
    return {
        exercise: index
        for index, cell in enumerate(notebook.cells)
        if is_answer(cell)
        for exercise in answers_in(cell)
    }


def answers_in(cell) -> Sequence[str]:
    """Return the exercises that an answer cell holds answers to."""
    return marks_of(cell).answers or [grade_id_of(cell)]


def _own_error(source, event):
    """What stopped an answer cell, so that its test had nothing to test; or None."""
    if event is None or event.status not in _STOPPED:
        return None
    name, text = event.error_name, event.error_text
    if name in UNSOLVED_ERRORS:
        return Status.UNSOLVED, text or _("Not solved yet.")
    if event.status == CellStatus.TIMED_OUT:
        return Status.TIMED_OUT, _because(_("The answer cell took too long"), text)
    if event.status == CellStatus.OUT_OF_MEMORY or name in _MEMORY:
        return Status.OUT_OF_MEMORY, _because(_("The answer cell took too much memory"), text)
    if event.status == CellStatus.DIED:
        return Status.CRASHED, _because(_("The process ended in the answer cell"), text)
    said = _("The answer cell stopped with {error}").format(error=_error(event))
    return Status.ERROR, said + _where(source, event)


def _defined_where_it_stopped(notebook, outcome):
    """The names that each cell which stopped would define, by its place; tests are left out."""
    places = [
        index
        for index, event in outcome.cells.items()
        if event.status in _STOPPED and not is_test(notebook.cells[index])
    ]
    codes = code_text.read_all(notebook.cells[place].source for place in places)
    return {place: code.defines for place, code in zip(places, codes, strict=True)}


def _cell_to_blame(exercise, status, event, notebook, outcome, defined):
    """The status and message of a test that failed because another cell had stopped; or None."""
    if status not in (Status.ERROR, Status.FAILED):
        return None
    place, name = _stopped_before(event, outcome, defined)
    if place is None and status == Status.ERROR:
        place = places_of_answers(notebook).get(exercise)
    if place is None:
        return None
    cell, stopped = notebook.cells[place], outcome.cells.get(place)
    if exercise in answers_in(cell):
        return _own_error(cell.source, stopped)
    return status, _missing(name, cell, stopped)


def _stopped_before(event, outcome, defined):
    """What a test failed for: the place of a cell that stopped, and a name that it would define.

    Of a cell that stopped for another such name, it is the cell which that one needed. (None, "")
    if the test did not fail for a name, or no such cell stopped.
    """
    place, missing, tried = None, "", set()
    while event is not None and (name := missing_name(event)):
        found = [index for index, names in defined.items() if name in names]
        if not found or tried.intersection(found):
            break
        place, missing = found[-1], name
        tried.add(place)
        event = outcome.cells[place]
    return place, missing


def _missing(name, cell, event):
    """What is said of a test that failed for a name that another cell would define."""
    said = _("{name} is missing, because the cell “{cell}” stopped")
    error = _error(event) if event.status == CellStatus.ERROR else event.error_text
    error = one_line(error, 300).removesuffix(".")
    said = _because(said.format(name=name, cell=first_line(cell)), error)
    return said + _where(cell.source, event)


def _where(source, event):
    """The line at which a cell stopped, as a line below a message; or ""."""
    number, line = _line(source, event)
    said = _("in line {number} of the cell: {line}").format(number=number, line=line)
    return f"\n  {said}" if number else ""


def missing_name(event) -> str:
    """Return the name for lack of which a cell, or the answer that it tests, stopped; or ""."""
    found = _NO_NAME.match(error_of(event))
    return found[1] if found else ""


def error_of(event) -> str:
    """Return the error that stopped a cell, or the answer that it tests, as a text."""
    return (event.failure or {}).get("error") or f"{event.error_name}: {event.error_text}"


def stop(source: str, event) -> dict | None:
    """Return what stopped a cell that is not a test: facts, or None.

    A check that refuses an answer, or finds none, is not reported here.
    """
    ended_well = (CellStatus.OK, CellStatus.SKIPPED)
    if event is None or event.status in ended_well or event.error_name in _REFUSALS:
        return None
    number, line = _line(source, event)
    error = _error(event) if event.status == CellStatus.ERROR else event.error_text
    error = one_line(error, 300).removesuffix(".")
    status = str(event.status)
    return {"status": status, "error": error, "line": number, "code": one_line(line, 100)}


def was_run(event) -> bool:
    """Return whether a cell was begun: the lesson's original of a given cell is often skipped."""
    return event is not None and event.status != CellStatus.SKIPPED


def first_line(cell) -> str:
    """Return the first line of a cell, as far as it is short."""
    return one_line(cell.source.lstrip().partition("\n")[0], 60)


def one_line(text: str, most: int) -> str:
    """Return a student's text as one short line that can be printed anywhere."""
    text = "".join(c if c.isprintable() else " " for c in " ".join(text[: 2 * most].split()))
    return text if len(text) <= most else text[: most - 1] + "…"


def _error(event):
    """The error of a cell: its name and text."""
    return f"{event.error_name}: {_FILE.sub('', event.error_text)}".removesuffix(": ")


def _line(source, event):
    """The line at which a cell first stopped: its number and text; 0 and "" if unknown."""
    name = event.error_name
    shown = [output for output in event.outputs if output["output_type"] == "error"]
    first = next((output for output in shown if output["ename"] == name), None)
    found = _LINE.search(strip_ansi("\n".join(first["traceback"]))) if first else None
    source = source[: code_text.MAX_READ]
    lines = [] if source.lstrip().startswith("%%") else source.splitlines()
    # IPython counts from the first line that is not empty.
    above = next((i for i, line in enumerate(lines) if line.strip()), 0)
    number = int(found[1]) + above if found else 0
    if not above < number <= len(lines):
        return 0, ""
    return number, lines[number - 1].strip()[:200]


def _judge(event, outcome):
    """The status of one test cell, and the sentence that goes with it."""
    if event is None:
        if outcome.end == RunEnd.DONE:
            return Status.ERROR, _("The test was not run.")
        message = _why_not_reached(outcome.end)
        return _NOT_REACHED[outcome.end], f"{message}\n{outcome.trouble}".strip()
    if event.status == CellStatus.ERROR:
        return _judge_error(event.error_name, event.error_text)
    if event.status == CellStatus.OK:
        shown = [output for output in event.outputs if output["output_type"] == "error"]
        if event.execution_count is not None and not shown:
            return Status.PASSED, ""
        return Status.ERROR, _("The test showed an error, although it ran to the end.")
    what = {
        CellStatus.DIED: _("The process ended during this test"),
        CellStatus.TIMED_OUT: _("The test took too long"),
        CellStatus.OUT_OF_MEMORY: _("The test took too much memory"),
        CellStatus.TAMPERED: _("The answer interfered with the grader"),
    }[event.status]
    return _OF_CELL[event.status], _because(what, event.error_text)


def _judge_error(name, text):
    """The status of a test cell that raised this error, and the sentence that goes with it."""
    if name in _MEMORY:
        return Status.OUT_OF_MEMORY, _because(_("The test took too much memory"), text)
    if name in UNSOLVED_ERRORS:
        return Status.UNSOLVED, text or _("Not solved yet.")
    if name in _FAILED:
        return Status.FAILED, text or _("An assertion failed.")
    return Status.ERROR, f"{name}: {text}" if name else _("The test did not run to the end.")


def _why_not_reached(end):
    return {
        RunEnd.DIED: _("An earlier cell ended the process, before this test was reached."),
        RunEnd.STUCK: _("An earlier cell did not stop in time, so this test was not reached."),
        RunEnd.TIMED_OUT: _("The time for the whole notebook was up before this test was done."),
        RunEnd.OUT_OF_MEMORY: _("The memory was used up before this test was reached."),
        RunEnd.TAMPERED: _("An earlier cell interfered with the grader: the run was stopped."),
        RunEnd.BROKEN: _("The grader failed before this test was finished."),
    }[end]


def _because(what, why):
    return _("{what}: {why}.").format(what=what, why=why) if why else _("{what}.").format(what=what)


def _earned(event, points):
    """The points of a test that finished: all, or as many as it returned."""
    earned = points if event.points is None else event.points
    if not 0 <= earned <= points:
        shown = (one["data"] for one in event.outputs if one["output_type"] == "execute_result")
        value = next(shown)["text/plain"][:100]
        said = _("The test returned {value}; expected 0 to {points:g} points.")
        return 0.0, Status.ERROR, said.format(value=value, points=points)
    if earned == points:
        return points, Status.PASSED, ""
    printed = "".join(
        output["text"]
        for output in event.outputs
        if output["output_type"] == "stream" and output["name"] == "stdout"
    )
    said = _("{earned:g} of {points:g} points.").format(earned=earned, points=points)
    return earned, Status.FAILED, printed.strip() or said


def overall(
    results: dict[str, ExerciseResult], outcome: Outcome, changed_tests: Collection[str] = ()
) -> Status:
    """Return the status of a submission that was run."""
    if outcome.end != RunEnd.DONE:
        return _NOT_REACHED[outcome.end]
    if changed_tests:
        return Status.TAMPERED
    statuses = {result.status for result in results.values()}
    found = statuses | {_OF_CELL[event.status] for event in outcome.cells.values()}
    if any(event.error_name in _MEMORY for event in outcome.cells.values()):
        found.add(Status.OUT_OF_MEMORY)
    for trouble in RUN_TROUBLES:
        if trouble in found:
            return trouble
    return status_without_trouble(results.values())


def graded_notebook(notebook, outcome: Outcome | None, results: dict[str, ExerciseResult]):
    """Return the notebook with the outputs of its cells; a test that was not run says why.

    The lesson's original of a given cell is in it only if it was run.
    """
    left_out = set()
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        event = outcome.cells.get(index) if outcome else None
        if marks_of(cell).lessons_own and not was_run(event):
            left_out.add(index)
        if event:
            outputs = (nbformat.from_dict(output) for output in event.outputs)
            cell.outputs = [output for output in outputs if _is_valid(output)]
            cell.execution_count = event.execution_count
        result = results.get(exercise_of(grade_id_of(cell))) if is_test(cell) else None
        if result is None or result.status == Status.PASSED:
            continue
        if not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(
                nbformat.v4.new_output(
                    "error",
                    ename=str(result.status),
                    evalue=str(result.message),
                    traceback=[str(result.message)],
                )
            )
    notebook.cells = [cell for i, cell in enumerate(notebook.cells) if i not in left_out]
    return notebook


def _is_valid(output) -> bool:
    """Whether nbgrader could read this output again: code can send invalid ones."""
    try:
        nbformat.validate(output, ref="output", version=4, relax_add_props=False)
    except nbformat.ValidationError:
        return False
    return True

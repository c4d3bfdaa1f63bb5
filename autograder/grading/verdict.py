"""From what was seen of a run to points: only what demonstrably ran to its end counts."""

import math
import re

import nbformat
from nbconvert.filters import strip_ansi

from autograder.grading.placing import exercise_of

# How a test says that the answer is wrong, and that there is none yet.
_FAILED = {"AssertionError", "CheckFailed"}
_UNSOLVED = {"Unsolved", "NotImplementedError"}
_REFUSALS = {"CheckFailed", *_UNSOLVED}
# A run of which one of these is true did not end well: the first that is found names it.
_TROUBLES = ("tampered", "out_of_memory", "crashed", "timed_out")

# By how a run ended: the status of the tests that it did not reach, and why.
_ENDINGS = {
    "died": ("crashed", "An earlier cell ended the process, before this test was reached."),
    "stuck": ("timed_out", "An earlier cell did not stop in time, so this test was not reached."),
    "late": ("timed_out", "The time for the whole notebook was up before this test was done."),
    "out_of_memory": ("out_of_memory", "The memory was used up before this test was reached."),
    "tampered": ("tampered", "An earlier cell did what no notebook needs: the run was ended."),
    "broken": ("error", "The grader broke down before this test was done."),
}
_MEMORY = ("MemoryError", "ResourceExhaustedError", "OutOfMemory")
# What follows a message on a line of its own, and says that it is not of the student's own test.
CHANGED = "(The test cell had been changed; the original one was run.)"
# In an error's text, and in a traceback: where in the notebook it came up.
_FILE = re.compile(r" \(([^()]*, line \d+|/[^()]*)\)$")
_LINE = re.compile(r"Cell In\[\d+\], line (\d{1,5})\b")


def exercises(notebook, outcome=None, *, status="error", message="", changed_tests=()) -> dict:
    """What each test cell of a sanitised notebook earned, by exercise.

    Without an outcome nothing was run, and each test gets the given status and message. Whose
    test cell the student had changed is told so.
    """
    results = {}
    answers = _answers(notebook)
    for index, settings in _tests(notebook):
        points, score = float(settings["points"]), 0.0
        exercise = exercise_of(settings["grade_id"])
        if outcome is not None:
            event = outcome.cells.get(index)
            status, message = _judge(event, outcome)
            if status == "passed":
                score, status, message = _earned(event, points)
            if status == "error" and exercise in answers:
                place = answers[exercise]
                its_own = _own_error(notebook.cells[place].source, outcome.cells.get(place))
                status, message = its_own or (status, message)
            if settings["grade_id"] in changed_tests:
                message = f"{message}\n{CHANGED}".strip()
        results[exercise] = {
            "score": score,
            "max_score": points,
            "status": status,
            "message": message,
        }
    return results


def seconds(notebook, outcome) -> dict:
    """How long each exercise took, its answer cell and its test together."""
    taken = {index: event.get("seconds", 0.0) for index, event in outcome.cells.items()}
    answers = _answers(notebook)
    return {
        exercise: round(taken[index] + taken.get(answers.get(exercise), 0.0), 2)
        for index, settings in _tests(notebook)
        if index in taken
        for exercise in [exercise_of(settings["grade_id"])]
    }


def _tests(notebook):
    """Each test cell's place, and what nbgrader says of it."""
    for index, cell in enumerate(notebook.cells):
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") and not settings.get("solution"):
            yield index, settings


def _answers(notebook):
    """The place of each answer cell, by its exercise; one cell may hold several answers."""
    return {
        exercise: index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("solution")
        for exercise in answers_in(cell)
    }


def answers_in(cell) -> list[str]:
    """The exercises that an answer cell holds answers to."""
    return cell.metadata.get("answers", [cell.metadata.nbgrader.grade_id])


def _own_error(source, event):
    """What stopped an answer cell itself, so that its test found nothing to test; or None."""
    if event is None or event["status"] not in ("error", "timed_out", "out_of_memory"):
        return None
    name, text = event["ename"], event["evalue"]
    if name in _UNSOLVED:
        return "unsolved", text or "Not solved yet."
    if event["status"] == "timed_out":
        return "timed_out", f"The answer cell took too long{_because(text)}."
    if event["status"] == "out_of_memory" or name in _MEMORY:
        return "out_of_memory", f"The answer cell took too much memory{_because(text)}."
    number, line = _line(source, event)
    where = f"\n  in line {number} of the cell: {line}" if number else ""
    return "error", f"The answer cell stopped with {_error(event)}{where}"


def stop(source: str, event) -> dict | None:
    """What ended a cell that is no test before its end: facts, or None.

    A check that refuses an answer, or finds none, is nothing to be told here.
    """
    if event is None or event["status"] in ("ok", "skipped") or event["ename"] in _REFUSALS:
        return None
    number, line = _line(source, event)
    error = _error(event) if event["status"] == "error" else event["evalue"]
    error = one_line(error, 300).removesuffix(".")
    return {"status": event["status"], "error": error, "line": number, "code": one_line(line, 100)}


def was_run(event) -> bool:
    """Whether a cell was begun: the lesson's own form of one is often left out."""
    return event is not None and event["status"] != "skipped"


def one_line(text: str, most: int) -> str:
    """A student's text as one short line that can be written everywhere."""
    text = "".join(c if c.isprintable() else " " for c in " ".join(text[: 2 * most].split()))
    return text if len(text) <= most else text[: most - 1] + "…"


def _error(event):
    """The error of a cell: its name and text."""
    return f"{event['ename']}: {_FILE.sub('', event['evalue'])}".removesuffix(": ")


def _line(source, event):
    """The line of a cell at which it stopped first: its number and text; 0 and "" if unknown."""
    name = event["ename"]
    shown = [output for output in event["outputs"] if output["output_type"] == "error"]
    first = next((output for output in shown if output["ename"] == name), None)
    found = _LINE.search(strip_ansi("\n".join(first["traceback"]))) if first else None
    lines = [] if source.lstrip().startswith("%%") else source.splitlines()
    # IPython counts from the first line in which something stands.
    above = next((i for i, line in enumerate(lines) if line.strip()), 0)
    number = int(found[1]) + above if found else 0
    if not above < number <= len(lines):
        return 0, ""
    return number, lines[number - 1].strip()[:200]


def reached(exercise: dict) -> bool:
    """Whether the run got to the test of an exercise."""
    headline = exercise["message"].partition("\n")[0]
    return (exercise["status"], headline) not in _ENDINGS.values()


def _judge(event, outcome):
    """The status of one test cell, and the sentence that goes with it."""
    if event is None:
        if outcome.end == "done":
            return "error", "The test was not run."
        status, message = _ENDINGS[outcome.end]
        return status, f"{message}\n{outcome.trouble}".strip()
    name, text = event["ename"], event["evalue"]
    if event["status"] == "died":
        return "crashed", f"The process ended during this test{_because(text)}."
    if event["status"] == "timed_out":
        return "timed_out", f"The test took too long{_because(text)}."
    if event["status"] == "out_of_memory":
        return "out_of_memory", f"The test took too much memory{_because(text)}."
    if event["status"] == "tampered":
        return "tampered", f"The answer did what no answer needs{_because(text)}."
    if event["status"] == "ok":
        shown = [output for output in event["outputs"] if output["output_type"] == "error"]
        if event["execution_count"] is not None and not shown:
            return "passed", ""
        return "error", "The test showed an error, although it went on to its end."
    if name in _UNSOLVED:
        return "unsolved", text or "Not solved yet."
    if name in _FAILED:
        return "failed", text or "An assertion failed."
    if name in _MEMORY:
        return "out_of_memory", f"The test took too much memory{_because(text)}."
    return "error", f"{name}: {text}" if name else "The test did not run to its end."


def _because(text):
    return f": {text}" if text else ""


def _earned(event, points):
    """The points of a test that ran to its end: all, or what it returned where it gives steps."""
    values = [
        output["data"].get("text/plain", "")
        for output in event["outputs"]
        if output["output_type"] == "execute_result"
    ]
    if not values:
        return points, "passed", ""
    try:
        earned = float(values[0])
    except ValueError:
        earned = math.nan
    if not 0 <= earned <= points:
        return (
            0.0,
            "error",
            f"The test returned {values[0][:100]}; expected 0 to {points:g} points.",
        )
    if earned == points:
        return points, "passed", ""
    printed = "".join(
        output["text"]
        for output in event["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stdout"
    )
    return earned, "failed", printed.strip() or f"{earned:g} of {points:g} points."


def overall(results: dict, outcome, changed_tests=()) -> str:
    """The status of a submission that was run."""
    if outcome.end != "done":
        return _ENDINGS[outcome.end][0]
    statuses = {result["status"] for result in results.values()}
    if changed_tests:
        return "tampered"
    events = {event["status"] for event in outcome.cells.values()}
    if any(event["ename"] in _MEMORY for event in outcome.cells.values()):
        events.add("out_of_memory")
    for trouble in _TROUBLES:
        if trouble in statuses | events:
            return trouble
    if statuses <= {"passed"}:
        return "passed"
    return "unsolved" if statuses == {"unsolved"} else "failed"


def graded_notebook(notebook, outcome, results: dict):
    """The notebook with what its cells showed; a test that was not run says why.

    The lesson's own form of a cell stands in it only if it was run.
    """
    left_out = set()
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        event = outcome.cells.get(index) if outcome else None
        if "lessons_own" in cell.metadata and not was_run(event):
            left_out.add(index)
        if event:
            outputs = (nbformat.from_dict(output) for output in event["outputs"])
            cell.outputs = [output for output in outputs if _is_valid(output)]
            cell.execution_count = event["execution_count"]
        settings = cell.metadata.get("nbgrader", {})
        result = results.get(exercise_of(settings.get("grade_id", "")))
        if not settings.get("grade") or result is None or result["status"] == "passed":
            continue
        if not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(
                nbformat.v4.new_output(
                    "error",
                    ename=result["status"],
                    evalue=result["message"],
                    traceback=[result["message"]],
                )
            )
    notebook.cells = [cell for i, cell in enumerate(notebook.cells) if i not in left_out]
    return notebook


def _is_valid(output) -> bool:
    """Whether nbgrader could read this output again: code can send what is none."""
    try:
        nbformat.validate(output, ref="output", version=4, relax_add_props=False)
    except nbformat.ValidationError:
        return False
    return True

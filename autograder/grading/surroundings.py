"""Notes on what failed here but may run on students' computers: they may have what lacks here.

That is a package, a file, a network, or a newer Python.
"""

import builtins
import difflib
import re
import socket
import sys
import urllib.error
from collections.abc import Iterable, Mapping

from autograder.grading import code_text, verdict
from autograder.grading.note_words import with_text
from autograder.grading.results import ExerciseResult, Note, Status
from autograder.grading.verdict import one_line
from autograder.nbgrader_metadata import exercise_of, is_test
from autograder.sandbox.examiner.modules import MODULES
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.cell_marks import marks_of
from course.code_key import code_key

# What stops a cell on one computer, and not on another; `_lacks` knows modules and Keras's errors.
_OF_SURROUNDINGS = {"StdinNotImplementedError"} | {
    it.__name__
    for module in (builtins, socket, urllib.error)
    for it in vars(module).values()
    if isinstance(it, type) and issubclass(it, (EOFError, OSError))
}
# Of what lacks in a package that is here, Python gives the whole name, with a dot: that is a slip.
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '(google\.colab|\w+)'")
_MODULES = {*sys.stdlib_module_names, *MODULES.values()}
_NO_FILE = re.compile(
    r"FileNotFoundError: \[Errno 2\] [^:']*: '([^']+)'|Exception: File `'([^']+)'` not found"
)
_NO_DOWNLOAD = "Exception: URL fetch failure"  # as Keras says it


def of_what_is_not_here(
    notebook, outcome: Outcome, exercises: dict[str, ExerciseResult]
) -> list[Note]:
    """Return a note on what failed here for lack of something that students' computers may have.

    That is a module or a file; or a name that a cell would define, had it not stopped where it
    needed these, a network or an answer to `input`.
    """
    failed, untested = _failed(exercises), _failed(exercises, Status.ERROR)
    if not failed | untested:
        return []
    undefined = {}  # names, and what was lacking where they would have been defined
    for index, event in outcome.cells.items():
        error = verdict.error_of(event)
        lack, defines = _lacks(error), code_text.read(notebook.cells[index].source).defines
        if lack:
            undefined |= dict.fromkeys(defines, lack)
        elif event.error_name in _OF_SURROUNDINGS or error.startswith(_NO_DOWNLOAD):
            undefined |= {name: name for name in defines - exercises.keys()}
    needed = {}
    for index, event in outcome.cells.items():
        cell, no_name = notebook.cells[index], verdict.missing_name(event)
        missing = undefined.get(no_name, "") if no_name else _lacks(verdict.error_of(event))
        for name in map(exercise_of, verdict.answers_in(cell)):
            if missing and name in (failed if is_test(cell) else untested):
                needed.setdefault(name, missing)
    if not needed:
        return []
    note = {"kind": "not_here", "names": sorted({*needed.values()})}
    note["exercises"] = [name for name in exercises if name in needed]
    return [with_text(note)]


def _lacks(error):
    """The module or file whose absence caused this error; or ""."""
    if found := _NO_MODULE.match(error):
        is_misspelt = difflib.get_close_matches(found[1], _MODULES, 1, 0.85)
        return "" if is_misspelt else found[1]
    found = _NO_FILE.match(error)
    return one_line(found[1] or found[2], 100) if found else ""


def _failed(exercises, *statuses):
    statuses = statuses or (Status.FAILED, Status.ERROR)
    return {name for name, its in exercises.items() if its.status in statuses}


def of_saved_checks(
    passed: Mapping[str, str],
    notebook,
    exercises: Mapping[str, ExerciseResult],
    others: Iterable[Note],
) -> list[Note]:
    """Return a note on what failed, although the saved notebook says that its check passed.

    `passed` is what it says: by exercise, the key of the answer's code, which has to be that of the
    answer's cell. For what is `not_here`, it is no wonder.
    """
    known = {name for note in others if note.kind == "not_here" for name in note.facts["exercises"]}
    failed = _failed(exercises) - known
    answers = {
        name: notebook.cells[place].source
        for name, place in verdict.places_of_answers(notebook).items()
        if name in failed & passed.keys()
    }
    same = {
        name
        for name, text in answers.items()
        if len(text) <= code_text.MAX_READ and code_key(text) == passed[name]
    }
    names = [name for name in exercises if name in same]
    return [with_text({"kind": "passed_there", "exercises": names})] if names else []


def of_python(
    version: str, notebook, outcome: Outcome, exercises: dict[str, ExerciseResult]
) -> list[Note]:
    """Return a note if what failed may run in the notebook's own, newer version of Python.

    If the notebook does not say its version, as those of Colab, only f-strings are thought of.
    """
    theirs, ours = version.split(".")[:2], [str(part) for part in sys.version_info[:2]]
    if version and list(map(int, theirs)) <= list(sys.version_info[:2]):
        return []
    may_be_of_older = _may_be_of_older if version else _is_refused_f_string
    failed = _failed(exercises)
    stopped = any(
        may_be_of_older(event) and _may_matter_to(failed, notebook.cells[index])
        for index, event in outcome.cells.items()
    )
    if not (failed and stopped):
        return []
    note = {"kind": "newer_python", "theirs": ".".join(theirs), "ours": ".".join(ours)}
    return [with_text(note)]


def _may_be_of_older(event):
    """Whether an error may be of what this Python, or a module, does not have yet."""
    if event.error_name == "AttributeError":
        return event.error_text.startswith("module ")
    return event.error_name in ("SyntaxError", "ImportError")


def _is_refused_f_string(event):
    """Whether an error is one of f-strings, which may hold any code since Python 3.12."""
    is_older = sys.version_info < (3, 12)
    return is_older and event.error_name == "SyntaxError" and "f-string" in event.error_text


def _may_matter_to(exercises, cell):
    """Whether a student's cell answers, or tests, one of these exercises, or may help to."""
    names = map(exercise_of, verdict.answers_in(cell))
    return not marks_of(cell).lessons_own and not {"", *exercises}.isdisjoint(names)

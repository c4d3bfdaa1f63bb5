"""Find out which exercises of a lesson were renamed while it was being graded.

A gradebook identifies exercises by their grade ids alone. An exercise is recognised under another
id only on evidence: the text of its test, or of an answer that defines something, is unchanged; or
all of its texts are unchanged but for the name, or say nothing by themselves (`YOUR ANSWER HERE`),
and it is in the same cell and below no other task, or the only one of its kind below the same task.
Where there are two possibilities, there is no guess.
"""

import contextlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat
from nbgrader.api import Notebook
from nbgrader.preprocessors import ClearSolutions

from autograder.grading import code_text
from autograder.nbgrader_metadata import exercise_of, is_prose
from course.workbook.notebooks import nbgrader_settings

_nbgraders = ClearSolutions()
_STUBS = {"", _nbgraders.text_stub, *_nbgraders.code_stub.values()}  # which identify nothing


@dataclass
class Exercise:
    """An exercise, as a lesson has or had it."""

    texts: dict[str, str] = field(default_factory=dict)  # of its cells, by kind
    grade_ids: dict[str, str] = field(default_factory=dict)  # likewise
    cells: set[str] = field(default_factory=set)  # the ids of its cells
    tasks: set[str] = field(default_factory=set)  # the prose above it

    @property
    def own_texts(self) -> dict[str, str]:
        """The texts that distinguish it from other exercises."""
        return {
            kind: text
            for kind, text in self.texts.items()
            if text not in _STUBS and (kind != "answer" or code_text.functions_in(text))
        }


def in_notebook(notebook: nbformat.NotebookNode) -> dict[str, Exercise]:
    """Return the exercises of an instructor's notebook, or of a graded one, by their names."""
    found, task = {}, ""
    for cell in notebook.cells:
        settings = nbgrader_settings(cell)
        kind = _kind(*(settings.get(name) for name in ("solution", "grade", "task")))
        if kind:
            exercise = found.setdefault(exercise_of(settings["grade_id"]), Exercise())
            _add(exercise, kind, settings["grade_id"], "".join(cell.source))
            exercise.cells.add(cell.id)
            exercise.tasks |= {task} - {""}
        elif is_prose(cell):
            task = "".join(cell.source).strip()  # a file may hold it by lines
    return found


def in_gradebook(known: Notebook) -> dict[str, Exercise]:
    """Return the exercises of a notebook in the gradebook."""
    solutions, grades, tasks = (
        {cell.name for cell in cells}
        for cells in (known.solution_cells, known.grade_cells, known.task_cells)
    )
    found = {}
    for cell in known.source_cells:
        name = cell.name
        if kind := _kind(name in solutions, name in grades, name in tasks):
            exercise = found.setdefault(exercise_of(name), Exercise())
            _add(exercise, kind, name, cell.source or "")
    return found


def remember(exercises: dict[str, Exercise], graded: Iterable[Path]) -> None:
    """Add what only graded notebooks know about exercises: cell ids and tasks."""
    for path in graded:
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            notebook = nbformat.from_dict(json.loads(path.read_text("utf-8")))
            for name, seen in in_notebook(notebook).items():
                if name in exercises:
                    exercises[name].cells |= seen.cells
                    exercises[name].tasks |= seen.tasks


def find(old: dict[str, Exercise], new: dict[str, Exercise]) -> dict[str, str]:
    """Return the new names of exercises, by their old ones."""
    certain, likely = (
        {a: {b for b in new if evidence(old[a], new[b], a, b)} for a in old}
        for evidence in (partial(_is_in_its_place, new), _has_its_text)
    )
    kept = {name for name in old if name in (certain[name] or likely[name])}
    found = {}
    for candidates in (certain, likely):
        left = {
            name: candidates[name] - kept - set(found.values())
            for name in old.keys() - kept - found.keys()
        }
        for name, its in left.items():
            rivals = [other for other in left if left[other] & its]
            if len(its) == 1 and rivals == [name]:
                (found[name],) = its
    order = list(new)
    return dict(sorted(found.items(), key=lambda names: order.index(names[1])))


def _kind(is_answer, is_graded, is_task):
    """The kind of a marked cell; None if it is read-only."""
    if is_task:
        return "task"
    if is_answer:
        return "by_hand" if is_graded else "answer"
    return "test" if is_graded else None


def _add(exercise, kind, grade_id, text):
    exercise.texts[kind] = text.strip()
    exercise.grade_ids[kind] = grade_id


def _has_its_text(old, new, *_names):
    """Whether a text that only this exercise can have is unchanged."""
    is_alike = old.texts.keys() == new.texts.keys()
    return is_alike and bool(old.own_texts.items() & new.own_texts.items())


def _is_in_its_place(all_new, old, new, old_name, new_name):
    """Whether it is unchanged but for the name, in its cell or alone below its task."""

    def forms(text):
        as_word = re.sub(rf"\b{re.escape(old_name)}\b", lambda _: new_name, text)
        return {text, as_word, text.replace(old_name, new_name)}

    is_alike = old.texts.keys() == new.texts.keys() and all(
        new.texts[kind] in forms(text) for kind, text in old.texts.items()
    )
    tasks = set().union(*map(forms, old.tasks))
    is_its_task = bool(tasks & new.tasks) or not (old.tasks and new.tasks)
    is_in_its_cell = is_its_task and bool(old.cells & new.cells)
    rivals = [
        its for its in all_new.values() if its is not new and its.texts.keys() == old.texts.keys()
    ]
    own_tasks = new.tasks.difference(*(its.tasks for its in rivals))
    return is_alike and (is_in_its_cell or bool(old.tasks & own_tasks))

"""What is wrong with an instructor's notebook, or with what students would get of it."""

import ast
import json

from nbformat import NotebookNode

from autograder.messages import _
from autograder.nbgrader_metadata import grade_id_of, is_answer
from course.workbook.notebooks import nbgrader_settings

_FORBIDDEN = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "autograder")


def source_problems(raw: dict, source: NotebookNode) -> list[str]:
    """Return what is wrong with the instructor's notebook as stored on disk."""
    problems = []
    cell_ids, grade_ids = set(), set()
    for number, cell in enumerate(raw["cells"], start=1):
        named = {"number": number, "id": cell.get("id", _("without an id"))}
        if cell.get("outputs") or cell.get("execution_count") is not None:
            said = _("cell {number} ({id}) has outputs: clear all outputs and save.")
            problems.append(said.format(**named))
        if "id" not in cell:
            said = _("cell {number} ({id}): it needs an id, or each build would give it a new one.")
            problems.append(said.format(**named))
        elif cell["id"] in cell_ids:
            said = _("cell {number} ({id}): two cells have this id.")
            problems.append(said.format(**named))
        cell_ids.add(cell.get("id"))
        grade_id = grade_id_of(cell)
        if grade_id and grade_id in grade_ids:
            said = _("cell {number} ({id}): the grade_id {name!r} is used twice.")
            problems.append(said.format(**named, name=grade_id))
        grade_ids.add(grade_id)
        for marker in ("SOLUTION", "HIDDEN TESTS"):
            begin, end = (_text(cell).count(f"{word} {marker}") for word in ("BEGIN", "END"))
            if begin != end:
                said = _(
                    "cell {number} ({id}): {begin} times BEGIN {marker}, but {end} times END "
                    "{marker}."
                )
                problems.append(said.format(**named, marker=marker, begin=begin, end=end))
    return problems + _exercise_problems(source)


def _text(cell: dict) -> str:
    """A cell's text; on disk it may be a list of lines."""
    return "".join(cell["source"])


def _exercise_problems(source: NotebookNode) -> list[str]:
    """What is wrong with the pairs of an answer and its test cell."""
    problems = []
    answers, tests = {}, {}
    for index, cell in enumerate(source.cells):
        settings = nbgrader_settings(cell)
        is_marked_by_hand = settings.get("task") or (
            settings.get("grade") and settings.get("solution")
        )
        is_graded = settings.get("grade") or settings.get("task")
        if is_graded and not settings.get("points", 0) > 0:
            problems.append(_without_points(settings["grade_id"], is_marked_by_hand))
        if is_marked_by_hand:
            continue
        if settings.get("solution"):
            answers[settings["grade_id"]] = index
        elif settings.get("grade"):
            tests[settings["grade_id"]] = index
    for exercise, index in answers.items():
        test = tests.pop(f"check_{exercise}", None)
        if test is None:
            said = _("The exercise {name!r} has no test cell 'check_{name}'.")
            problems.append(said.format(name=exercise))
        elif test < index:
            said = _("The test cell 'check_{name}' is above its answer cell.")
            problems.append(said.format(name=exercise))
    lone = _("The test cell {name!r} belongs to no exercise.")
    return problems + [lone.format(name=name) for name in tests]


def _without_points(name, is_marked_by_hand):
    if is_marked_by_hand:
        return _("The cell {name!r}, marked by hand, needs points.").format(name=name)
    return _("The test cell {name!r} is worth no points.").format(name=name)


def release_problems(source: NotebookNode, released: NotebookNode) -> list[str]:
    """Return what students must not see, and what would not run on their machines."""
    problems = []
    for before, cell in zip(source.cells, released.cells, strict=True):
        text = json.dumps(cell, ensure_ascii=False)
        for words in _FORBIDDEN:
            if words in text:
                said = _("the cell {name!r} still says {words!r}.")
                problems.append(said.format(name=cell.id, words=words))
        if cell.cell_type != "code":
            continue
        if not _parses(cell.source):
            said = _("the cell {name!r} is not valid Python once the answer is taken out.")
            problems.append(said.format(name=cell.id))
        elif is_answer(cell):
            lost = _defined(before.source) - _defined(cell.source)
            said = _(
                "the cell {name!r} no longer defines {function!r}: keep its `def` line above the "
                "answer."
            )
            problems += [said.format(name=cell.id, function=one) for one in sorted(lost)]
    for exercise, answer in _answers(source):
        for cell in released.cells:
            if cell.cell_type == "code" and answer in _squeezed(cell.source):
                said = _("the cell {name!r} holds the answer to {exercise!r}.")
                problems.append(said.format(name=cell.id, exercise=exercise))
    return problems


def _parses(code: str) -> bool:
    """Whether IPython could run this, its own magics included."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        ast.parse(TransformerManager().transform_cell(code))
    except (SyntaxError, ValueError):
        return False
    return True


def _defined(code: str) -> set[str]:
    """The functions and classes at the top level of a cell."""
    try:
        body = ast.parse(code).body
    except SyntaxError:  # a magic, for example
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _answers(source: NotebookNode):
    """Each answer's lines as one squeezed text, except short ones, which may occur anywhere."""
    for cell in source.cells:
        if not is_answer(cell) or "BEGIN SOLUTION" not in cell.source:
            continue
        region = cell.source.split("BEGIN SOLUTION", 1)[1].split("END SOLUTION", 1)[0]
        answer = _squeezed(region.rsplit("\n", 1)[0])
        if len(answer) >= 20:
            yield grade_id_of(cell), answer


def _squeezed(code: str) -> str:
    """Code without indentation and empty lines."""
    return "\n".join(line.strip() for line in code.splitlines() if line.strip())

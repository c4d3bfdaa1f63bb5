"""Build the students' notebooks, source/ -> release/, and refuse what must not be released."""

import ast
import copy
import io
import json
import re
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.building.translation import TranslatedEdition, read_source
from autograder.course_folder import CourseError, CourseFolder
from autograder.messages import _
from autograder.nbgrader_metadata import grade_id_of, is_answer
from course.messages import ENGLISH
from course.workbook.notebooks import nbgrader_settings

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"name": "python"}
# JupyterLab leaves no space below a fold-out, but does below a paragraph, even an empty one.
_END_OF_FOLD_OUT = re.compile(r"</details>(?=\s+[^\s<#])")
_FORBIDDEN = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "autograder")


class ReleaseRefused(CourseError):
    """The notebook fails the release gates; `problems` are sentences."""

    def __init__(self, source_path: Path, problems: list[str]):
        self.problems = problems
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(_("{path} cannot be released:").format(path=source_path) + lines)


def build(course: CourseFolder, lesson: str) -> list[Path]:
    """Replace a lesson's folder in the release of each language, and return their paths.

    On ReleaseRefused, the old ones stay.
    """
    source_path = course.notebook(lesson)
    texts = {
        course.release(language) / lesson: to_text(release_notebook(source_path, edition))
        for language, edition in editions(course, source_path).items()
    }
    for release, text in texts.items():
        _replace(release, source_path, text)
    return list(texts)


def _replace(release, source_path, text):
    """Write a whole release before it replaces the old one."""
    new = release.with_name(f".{release.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        shutil.copytree(
            source_path.parent,
            new,
            ignore=shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints", "__pycache__", "*.pyc"),
        )
        (new / source_path.name).write_text(text, encoding="utf-8")
        if release.exists():
            shutil.rmtree(release)
        new.rename(release)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def build_extras(course: CourseFolder) -> list[Path]:
    """Write the notebooks beside the lessons, such as the playgrounds, from source/ to release/."""
    written = []
    for source_path in sorted((course.root / "source").glob("*.ipynb")):
        for language, edition in editions(course, source_path).items():
            path = course.release(language) / source_path.name
            text = to_text(release_notebook(source_path, edition))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def editions(
    course: CourseFolder, source_path: Path, first: str = ""
) -> dict[str, TranslatedEdition | None]:
    """Return the languages in which a notebook is handed out, first the course's own, or this one.

    None stands for the notebook as it is, in English.
    """
    first = first or course.language
    folders = sorted(path.name for path in (course.root / "translations").glob("*/"))
    found: dict[str, TranslatedEdition | None] = {}
    for language in dict.fromkeys((first, ENGLISH, *folders)):
        catalogue = course.root / "translations" / language / f"{catalogue_name(source_path)}.po"
        if language == ENGLISH:
            found[language] = None
        elif language == first or catalogue.exists():
            found[language] = TranslatedEdition(language, catalogue)
    return found


def catalogue_name(notebook: Path) -> str:
    """Return the name of a notebook's catalogue: that of its lesson, or its own."""
    return notebook.stem if notebook.parent.name == "source" else notebook.parent.name


def to_text(notebook: NotebookNode) -> str:
    """Return a notebook as text, always in one form, so that equal notebooks are equal files."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return a notebook as the content of a file, made in little memory, whatever it holds.

    In one text of it all, a single emoji would make every character take four bytes. Nor is a text
    written line by line, as `to_text` does it: short lines take many times their length.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    content = io.BytesIO()
    for part in encoder.iterencode(notebook):
        content.write(part.encode("utf-8", "replace"))
    content.write(b"\n")
    return content.getvalue()


def from_text(text: str | bytes) -> NotebookNode:
    """Return the notebook that `to_text` or `to_bytes` wrote."""
    return nbformat.v4.reads(text)  # which was valid when it was written


def release_notebook(source_path: Path, edition: TranslatedEdition | None = None) -> NotebookNode:
    """Return the students' form of an instructor's notebook: no answers, no hidden tests.

    In an edition, its texts are translated. The same notebook gives the same result, byte by byte.
    Raises ReleaseRefused with everything that is wrong.
    """
    try:
        raw = read_source(Path(source_path), edition)
        source = nbformat.from_dict(copy.deepcopy(raw))
        problems = _source_problems(raw, source)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        problem = _("it is not a valid notebook: {reason}").format(reason=error)
        raise ReleaseRefused(source_path, [problem]) from error
    if problems:
        raise ReleaseRefused(source_path, problems)
    source = nbformat.reads(json.dumps(raw), as_version=4)
    try:
        released = cleared(copy.deepcopy(source))
    except Exception as error:  # nbgrader refuses with many kinds of exception
        problem = _("nbgrader refuses it: {reason}").format(reason=error)
        raise ReleaseRefused(source_path, [problem]) from error
    problems = _release_problems(source, released)
    if problems:
        raise ReleaseRefused(source_path, problems)
    return released


def prepared(notebook: NotebookNode) -> NotebookNode:
    """Apply nbgrader's steps up to where it saves the cells: hidden tests are still there."""
    from nbgrader import preprocessors

    add_space_below_fold_outs(notebook)
    return _apply(
        notebook,
        preprocessors.LockCells,
        preprocessors.ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.CheckCellMetadata,
        preprocessors.ComputeChecksums,
    )


def cleared(notebook: NotebookNode) -> NotebookNode:
    """Return what students get of a notebook: without answers and hidden tests, with checksums."""
    from nbgrader import preprocessors

    notebook = _apply(
        prepared(notebook),
        preprocessors.ClearHiddenTests,
        preprocessors.ClearMarkScheme,
        preprocessors.ComputeChecksums,
        preprocessors.CheckCellMetadata,
    )
    notebook.metadata = plain_metadata(notebook.metadata)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def add_space_below_fold_outs(notebook: NotebookNode) -> None:
    """Put an empty paragraph below each fold-out that another paragraph follows."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _END_OF_FOLD_OUT.sub("</details>\n<p></p>", cell.source)


def plain_metadata(metadata: dict) -> NotebookNode:
    """Return only what any kernel for Python understands, and the language of the notebook."""
    kept = {"course": metadata["course"]} if "course" in metadata else {}
    return nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO, **kept})


def _apply(notebook, *preprocessors):
    notebook.metadata.setdefault("kernelspec", nbformat.from_dict(KERNELSPEC))
    for preprocessor in preprocessors:
        notebook, _resources = preprocessor().preprocess(notebook, {})
    return notebook


# The release gates --------------------------------------------------------------------------------


def _source_problems(raw: dict, source: NotebookNode) -> list[str]:
    """What is wrong with the instructor's notebook as stored on disk."""
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


def exercises_of(source_path: Path) -> list[str]:
    """Return the names of the exercises in an instructor's notebook, in order."""
    cells = json.loads(source_path.read_text(encoding="utf-8"))["cells"]
    settings = map(nbgrader_settings, cells)
    return [one["grade_id"] for one in settings if one.get("solution")]


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


def _release_problems(source: NotebookNode, released: NotebookNode) -> list[str]:
    """What students must not see, and what would not run on their machines."""
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

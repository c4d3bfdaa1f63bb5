"""Build the students' notebooks, source/ -> release/, unless a gate refuses them."""

import copy
import io
import json
import re
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.building.release_gates import release_problems, source_problems
from autograder.building.translation import TranslatedEdition, read_source
from autograder.course_folder import CourseError, CourseFolder
from autograder.messages import _
from course.messages import ENGLISH
from course.workbook.notebooks import nbgrader_settings

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"name": "python"}
# JupyterLab leaves no space below a fold-out, but does below a paragraph, even an empty one.
_END_OF_FOLD_OUT = re.compile(r"</details>(?=\s+[^\s<#])")


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


def exercises_of(source_path: Path) -> list[str]:
    """Return the names of the exercises in an instructor's notebook, in order."""
    cells = json.loads(source_path.read_text(encoding="utf-8"))["cells"]
    settings = map(nbgrader_settings, cells)
    return [one["grade_id"] for one in settings if one.get("solution")]


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
        problems = source_problems(raw, source)
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
    problems = release_problems(source, released)
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

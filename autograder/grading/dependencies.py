"""What the verdicts on a lesson depend on: a lesson is graded again only when that changes."""

import ast
import functools
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import course

_FOLDERS = {"course": Path(course.__file__).parent, "autograder": Path(__file__).parents[1]}
_OF_A_LESSON = re.compile(r"lesson_\d\d_")
# An import in a file of this project. To parse these alone takes a tenth of the time.
_IMPORT = re.compile(
    r"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^)]*\)|[\w., \t*]+))", re.MULTILINE
)
_LOADS_ITS_OWN = 'import_module(f"{__name__}.'  # a package that finds its modules by name
_FINDS_EXERCISES = ("check", "exam")  # modules whose attributes are exercises


class SourceFile(NamedTuple):
    """A file that a verdict may depend on."""

    digest: bytes
    imports: frozenset[str]
    text: str


def version_of_all() -> str:
    """Return a hash that changes with whatever makes a verdict on any lesson."""
    paths = set(_always())
    paths |= {path for folder in _of_lessons(_lesson_of().values()) for path in folder}
    paths |= {*_FOLDERS["course"].rglob("*.py")}
    return _digest(_reached(paths) | {*_data()})


def version_for(code: Iterable[str]) -> str:
    """Return a hash that changes with what makes a verdict on the lesson with these cells.

    That is the grader, and what the cells import of this project, whatever that imports in turn,
    and the checks, references and examinations that they name.
    """
    imports, exercises = set(), set()
    for cell in code:
        tree = _parsed(cell)
        if tree is None:
            return version_of_all()
        imports |= _imports(tree)
        exercises |= _exercises(tree)
    exercises |= {name.rpartition(".")[2] for name in imports}
    lessons = {lesson for exercise, lesson in _lesson_of().items() if exercise in exercises}
    paths = {*_always(), *(path for name in imports for path in _module(name))}
    found = _reached(paths | {path for folder in _of_lessons(lessons) for path in folder})
    named = {path for path in _data() if any(path.name in read_source(file).text for file in found)}
    return _digest(found | named)


def folders() -> list[Path]:
    """Return the folders that hold whatever makes a verdict on any lesson, and more."""
    return list(_FOLDERS.values())


def version_of_packages(code: Iterable[str], folders: Iterable[str]) -> str:
    """Return a hash that changes with files in folders from which the cells import something.

    They are read each time: a submission imports what is there when it is run.
    """
    trees = [_parsed(cell) for cell in code]
    names = {name.partition(".")[0] for tree in trees if tree for name in _all_imports(tree)}
    digest = hashlib.sha256()
    for folder in map(Path, folders):
        modules = {path.name.partition(".")[0] for path in folder.iterdir()}
        if None not in trees and not names & modules:
            continue
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not any(one.startswith((".", "__pycache__")) for one in parts):
                digest.update(os.fsencode(path.relative_to(folder)))
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _lesson_of() -> dict[str, str]:
    """The lesson of each exercise that has a check."""
    from course.check import LESSON_OF  # imported late, as it takes a while

    return LESSON_OF


@functools.cache
def _always() -> tuple[Path, ...]:
    """The grader, and what the checks of all lessons share."""
    ours, checks = _FOLDERS["autograder"], _FOLDERS["course"] / "check"
    return (
        ours / "grading" / "worker.py",
        *(ours / "sandbox").rglob("*.py"),
        *(ours / "exam" / name for name in ("__init__.py", "hidden.py")),
        *checks.glob("*.py"),
        *(checks / "engine").rglob("*.py"),
    )


def _reached(paths: set[Path]) -> set[Path]:
    """These files, and all of this project that they import, directly or not."""
    found, waiting = set(), set(paths)
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= _imported_by(path) - found
    return found


@functools.cache
def _imported_by(path) -> set[Path]:
    """The files of this project that a file imports, by their names or in a loop."""
    file = read_source(path)
    found = {module for name in file.imports for module in _module(name)}
    if path.name == "__init__.py" and _LOADS_ITS_OWN in file.text:
        found |= {inner for inner in path.parent.rglob("*.py") if not _is_of_a_lesson(inner)}
    return found


def _of_lessons(lessons):
    """The modules that belong to these lessons alone."""
    checks = _FOLDERS["course"] / "check"
    for lesson in set(lessons):
        yield (checks / lesson).rglob("*.py")
        yield (checks / "references").glob(f"{lesson}.py")
        yield (_FOLDERS["autograder"] / "exam").glob(f"{lesson}.py")


def _data():
    """The files of numbers with which the examinations examine."""
    return (_FOLDERS["autograder"] / "exam").glob("*.npz")


def _is_of_a_lesson(path):
    return any(_OF_A_LESSON.match(part) for part in path.parts)


def _parsed(cell):
    """A cell as a syntax tree, without IPython's own lines; None if it does not parse."""
    lines = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return None


def _imports(tree) -> set[str]:
    """The modules of this project that code imports."""
    return {name for name in _all_imports(tree) if name.split(".")[0] in _FOLDERS}


def _all_imports(tree) -> set[str]:
    """The modules that code imports; of `from course import digits`, course.digits as well."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _exercises(tree) -> set[str]:
    """The names that may be exercises: `check.NAME`, `exam.NAME`, `or_reference(NAME=...)`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} if node.value.id in _FINDS_EXERCISES else set()
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


@functools.cache
def _module(name) -> tuple[Path, ...]:
    """The file of a module and those of the packages in which it is."""
    package, *inner = name.split(".")
    folder = _FOLDERS[package]
    found = [folder / "__init__.py"]
    for part in inner:
        if (module := folder / f"{part}.py").is_file():
            return (*found, module)
        folder = folder / part
        if not (folder / "__init__.py").is_file():
            break
        found.append(folder / "__init__.py")
    return tuple(found)


@functools.cache
def read_source(path: Path) -> SourceFile:
    """Return a file, read once: later edits are not what this process runs."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).digest()
    if path.suffix != ".py":
        return SourceFile(digest, frozenset(), "")
    text = content.decode()
    return SourceFile(digest, frozenset(imports_in(text)), text)


def imports_in(text: str) -> set[str]:
    """Return the modules of this project that a file imports."""
    return _imports(_parsed("\n".join(_IMPORT.findall(text))) or ast.parse(text))


def _digest(paths) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(read_source(path).digest)
    return digest.hexdigest()

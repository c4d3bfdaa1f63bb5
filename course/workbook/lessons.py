"""The lessons: where they are, how far the learner has got, which exercises pass."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from course.messages import _
from course.workbook.execution import Execution, execute

# What `course check` copies of a notebook's folder: a lesson's is far smaller, a home far larger.
_MOST_BYTES = 200_000_000
_MOST_FILES = 2_000

# In the work folder: each file's digest when it was copied, so that a newer release is noticed.
_RECORD = ".released.json"


class LessonsError(ValueError):
    """What was asked for cannot be done: says what was found and what to do."""


class Exercise(NamedTuple):
    """A test cell: the exercise that it checks, and the points that it gives."""

    name: str
    points: float


@dataclass(frozen=True)
class Lesson:
    """A released lesson; `notebook` is relative to release/ and to work/ alike."""

    name: str
    notebook: Path
    title: str
    exercises: list[Exercise]


# The released lessons -----------------------------------------------------------------------------


def find_root(start: Path) -> Path:
    """Return the course's folder: the nearest one, from `start` upwards, with release/ in it."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / "release").glob("*/*.ipynb")):
            return folder
    raise LessonsError(
        _(
            "There is no folder release/ with lessons in {folder}, nor in a folder above it. "
            "Go into the folder of the course first: cd FOLDER"
        ).format(folder=start)
    )


def released(root: Path) -> list[Lesson]:
    """Return the lessons in release/, in the order of their names."""
    lessons = []
    for folder in sorted((root / "release").iterdir()):
        notebooks = sorted(folder.glob("*.ipynb"))
        if notebooks:
            cells = read_notebook(notebooks[0])["cells"]
            notebook = notebooks[0].relative_to(root / "release")
            lessons.append(Lesson(folder.name, notebook, _title(cells), _exercises(cells)))
    return lessons


def extras(root: Path) -> list[Lesson]:
    """Return the notebooks that are no lesson: those which lie in release/ itself."""
    return [
        Lesson(path.stem, Path(path.name), _title(read_notebook(path)["cells"]), [])
        for path in sorted((root / "release").glob("*.ipynb"))
    ]


def find_lesson(root: Path, name: str) -> Lesson:
    """Return the lesson or the extra notebook of this name, or of a part of it: `2`, `softmax`."""
    lessons = [*released(root), *extras(root)]
    wanted = name.strip(" /").lower().replace("_", "-").replace(" ", "-")
    begin = f"{wanted:0>2}-" if wanted.isdigit() else wanted
    for fits in (
        lambda lesson: lesson.name == wanted,
        lambda lesson: lesson.name.startswith(begin),
        lambda lesson: wanted in lesson.name,
    ):
        found = [lesson for lesson in lessons if wanted and fits(lesson)]
        if len(found) == 1:
            return found[0]
        if found:
            message = _("{name} may be any of {names}: give more of its name.")
            break
    else:
        found, message = lessons, _("There is no lesson called {name}; the lessons are {names}.")
    names = ", ".join(lesson.name for lesson in found)
    raise LessonsError(message.format(name=repr(name), names=names))


def _title(cells: list[dict]) -> str:
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return ""


def _exercises(cells: list[dict]) -> list[Exercise]:
    return [exercise for cell in cells if (exercise := _exercise(cell))]


def _exercise(cell: dict) -> Exercise | None:
    """Return what a test cell checks; None for any other cell."""
    settings = cell["metadata"].get("nbgrader")
    if cell["cell_type"] != "code" or not isinstance(settings, dict) or not settings.get("grade"):
        return None
    points = settings.get("points")
    return Exercise(
        str(settings.get("grade_id", "")).removeprefix("check_"),
        points if isinstance(points, int | float) else 0,
    )


def read_notebook(path: Path) -> dict:
    """Return the notebook with each cell's source as one string."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LessonsError(
            _("{path} cannot be read: {error}.").format(path=path, error=error.strerror)
        ) from None
    except (ValueError, RecursionError) as error:
        raise LessonsError(
            _(
                "{path} is not a notebook, or is damaged: it is not valid JSON ({error}). "
                "Give an .ipynb file; in JupyterLab, File > Revert Notebook may bring yours back."
            ).format(path=path, error=str(error).splitlines()[0][:100])
        ) from None
    if not _is_notebook(notebook):
        raise LessonsError(
            _(
                "{path} is JSON, but not a notebook in format 4. Give an .ipynb file; "
                "a very old one has to be opened and saved in JupyterLab first."
            ).format(path=path)
        )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _is_notebook(content) -> bool:
    """Whether all that is used here is there and of the right kind."""
    try:
        return content["nbformat"] == 4 and all(
            isinstance(cell["cell_type"], str)
            and isinstance("".join(cell["source"]), str)
            and isinstance(cell["metadata"], dict)
            and (cell["cell_type"] != "code" or _has_outputs(cell))
            for cell in content["cells"]
        )
    except (KeyError, TypeError):
        return False


def _has_outputs(cell: dict) -> bool:
    return all(isinstance(output["output_type"], str) for output in cell["outputs"])


# The learner's copies -----------------------------------------------------------------------------


def copy_missing(release: Path, work: Path) -> tuple[list[str], list[str]]:
    """Copy to `work` what is not there yet; what is there is never changed.

    Returns the files that were copied, and those whose release has changed since they were.
    """
    record = _read_record(work / _RECORD)
    before = dict(record)
    copied, changed = [], []
    try:
        for source in sorted(path for path in release.rglob("*") if path.is_file()):
            relative = source.relative_to(release)
            if any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
                continue
            name, target, content = relative.as_posix(), work / relative, source.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if not os.path.lexists(target):
                _create(target, content)
                copied.append(name)
                record[name] = digest
            elif target.is_file() and target.read_bytes() == content:
                record[name] = digest
            elif name in record and record[name] != digest:
                changed.append(name)
        if record != before:
            (work / _RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise LessonsError(
            _("The lessons cannot be copied to {work}: {error}.").format(work=work, error=error)
        ) from None
    return copied, changed


def _read_record(path: Path) -> dict:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _create(path: Path, content: bytes):
    """Write a new file in one go: half a notebook would be taken for the learner's work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".copy-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp's file is for its owner alone
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def progress(root: Path, lesson: Lesson) -> int | None:
    """Return how many exercises pass in the saved work; None for work not started.

    It counts the test cells that ran without an error before the notebook was saved last.
    """
    path = root / "work" / lesson.notebook
    if not path.exists():
        return None
    cells = read_notebook(path)["cells"]
    passed = {exercise.name for cell in cells if (exercise := _exercise(cell)) and _passed(cell)}
    untouched = read_notebook(root / "release" / lesson.notebook)["cells"]
    if not any(_ran(cell) for cell in cells) and _texts(cells) == _texts(untouched):
        return None
    return len(passed & {exercise.name for exercise in lesson.exercises})


def _texts(cells: list[dict]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in cells]


def _ran(cell: dict) -> bool:
    return cell.get("execution_count") is not None


def _error(cell: dict) -> dict | None:
    errors = (output for output in cell["outputs"] if output["output_type"] == "error")
    return next(errors, None)


def _passed(cell: dict) -> bool:
    return _ran(cell) and _error(cell) is None


def run_jupyterlab(work: Path, lesson: Lesson | None = None, options: tuple[str, ...] = ()):
    """Become JupyterLab in the work folder, showing the lesson's notebook; does not return."""
    command = [sys.executable, "-m", "jupyterlab", *options]
    if lesson:
        command.append(f"--LabApp.default_url=/lab/tree/{quote(lesson.notebook.as_posix())}")
    os.chdir(work)
    # Validate, the button, finds nbgrader_config.py there.
    paths = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    if os.name == "nt":  # there, exec would leave JupyterLab running behind the prompt
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


# Which exercises pass -----------------------------------------------------------------------------


class Result(NamedTuple):
    """One exercise in a run; `message` is the first line of why it does not pass."""

    exercise: Exercise
    passed: bool
    message: str = ""


@dataclass
class Outcome:
    """What a run showed; `trouble` tells in sentences what else went wrong in the notebook."""

    results: list[Result]
    trouble: list[str] = field(default_factory=list)


def run_exercises(path: Path, *, cell_seconds=120, advance=lambda: None) -> Outcome:
    """Run a notebook in a copy of its folder, and return which exercises pass.

    The notebook and the files beside it stay as they are. `advance` is called after each cell.
    """
    notebook = read_notebook(path)
    cells = notebook["cells"]
    lesson, original = _original(path, cells)
    expected = lesson.exercises if lesson else _answered(cells)
    if not (expected or _exercises(cells)):
        raise LessonsError(
            _("{path} has no exercises: no cell in it is marked as a test.").format(path=path)
        )
    changed = _restore_checks(cells, original)
    with tempfile.TemporaryDirectory(prefix="course-check-") as folder:
        _copy_beside(path.resolve().parent, Path(folder))
        try:
            ran = execute(notebook, folder, cell_seconds, advance)
        except RuntimeError as error:
            raise LessonsError(
                _("The notebook cannot be run here: {error}").format(error=error)
            ) from error
    results = [_result(place, ran) for place, cell in enumerate(ran.cells) if _exercise(cell)]
    present = {result.exercise.name for result in results}
    missing = _("its check cell is missing: copy it back from release/")
    results += [Result(one, False, missing) for one in expected if one.name not in present]
    return Outcome(results, [*_trouble(ran), *_strange(path, lesson, original, changed, ran)])


def _original(path: Path, cells: list[dict]) -> tuple[Lesson | None, list[dict]]:
    """Return the released lesson that a notebook is, and its cells, if it can be found.

    It is found by its folder and name, else by its exercises.
    """
    path, names = path.resolve(), {exercise.name for exercise in _answered(cells)}
    for start in (path.parent, Path.cwd()):
        try:
            root = find_root(start)
            lessons = released(root)
        except LessonsError:
            continue
        same = [lesson for lesson in lessons if path.parts[-2:] == lesson.notebook.parts]
        shared = [
            lesson for lesson in lessons if names & {exercise.name for exercise in lesson.exercises}
        ]
        for lesson in same or shared[:1]:
            return lesson, read_notebook(root / "release" / lesson.notebook)["cells"]
    return None, []


def _answered(cells: list[dict]) -> list[Exercise]:
    """Return the exercises that have an answer cell or a check cell; points are not known."""
    settings = [cell["metadata"].get("nbgrader") for cell in cells]
    marked = [one for one in settings if isinstance(one, dict)]
    names = [one.get("grade_id") for one in marked if one.get("solution") or one.get("grade")]
    names = [name.removeprefix("check_") for name in names if isinstance(name, str)]
    return [Exercise(name, 0) for name in dict.fromkeys(names)]


def _restore_checks(cells: list[dict], original: list[dict]) -> list[str]:
    """Put the released text back into check cells, as grading does; return whose had changed.

    More lines below it change nothing: it is what passes or not.
    """
    texts = {exercise.name: cell["source"] for cell in original if (exercise := _exercise(cell))}
    changed = []
    for cell in cells:
        name = exercise.name if (exercise := _exercise(cell)) else None
        if name in texts and not f"{cell['source']}\n".startswith(f"{texts[name].strip()}\n"):
            cell["source"] = texts[name]
            changed.append(name)
    return changed


def _strange(path, lesson, original, changed, ran):
    """Yield sentences about what sets a notebook apart from the released one."""
    if changed:
        yield _(
            "The check cells of {names} had been changed: the original ones were run, as in "
            "grading."
        ).format(names=", ".join(changed))
    if lesson and path.name != lesson.notebook.name:
        yield _(
            "This is the lesson {lesson}, which is graded under the name {name}: rename your "
            "notebook to that before you hand it in."
        ).format(lesson=lesson.name, name=lesson.notebook.name)
    first = next((cell["source"] for cell in original if cell["cell_type"] == "code"), "")
    unknown = (
        name
        for cell in ran.cells
        if cell["cell_type"] == "code" and (error := _error(cell))
        for name in re.findall(r"name '(\w+)' is not defined", str(error.get("evalue")))
        if name in _defined(first)
    )
    if name := next(unknown, None):
        yield _(
            "{name} comes from the first code cell of the lesson, with the imports: is it still "
            "there, and does it run? The original is in release/{notebook}."
        ).format(name=name, notebook=lesson.notebook.as_posix())


def _defined(source: str) -> set[str]:
    """Return the names that a cell imports or assigns."""
    try:
        parts = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return set()
    imported = (part for part in parts if isinstance(part, ast.alias))
    stored = (part for part in parts if isinstance(part, ast.Name))
    names = {part.asname or part.name.split(".")[0] for part in imported}
    return names | {part.id for part in stored if isinstance(part.ctx, ast.Store)}


def _copy_beside(source: Path, target: Path):
    """Copy a notebook's folder, which may hold what the notebook reads."""
    files = size = 0
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        here = target / Path(folder).relative_to(source)
        here.mkdir(exist_ok=True)
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or not path.is_file():
                continue
            files, size = files + 1, size + path.stat().st_size
            if files > _MOST_FILES or size > _MOST_BYTES:
                raise LessonsError(
                    _(
                        "{folder} holds more than a lesson's folder does, and all of it would be "
                        "copied for the check. Put the notebook into a folder of its own."
                    ).format(folder=source)
                )
            shutil.copyfile(path, here / name)


def _trouble(ran: Execution):
    """Yield sentences about what went wrong."""

    def called(place):
        return _first_line(ran.cells[place])

    if ran.set_up in ran.late:
        yield _(
            "The first code cell, {cell}, ran for more than {seconds} seconds, and no other cell "
            "was run. The imports take a while the first time: give more with --timeout SECONDS."
        ).format(cell=called(ran.set_up), seconds=ran.late[ran.set_up])
        return
    for place, seconds in ran.late.items():
        yield _(
            "The cell {cell} ran for more than {seconds} seconds, and was stopped. Look for a loop "
            "that does not end."
        ).format(cell=called(place), seconds=seconds)
    if ran.left_in is not None:
        yield _(
            "Python was ended in the cell {cell}: it calls exit() or quit(), or a function that "
            "does. Take this call out; cells below it may not have been run."
        ).format(cell=called(ran.left_in))
    elif ran.died_in in ran.late:
        yield _("No cell below it was run.")
    elif ran.died_in is not None:
        yield _(
            "Python itself ended in the cell {cell}, and no cell below it was run. "
            "Did it need more memory than there is?"
        ).format(cell=called(ran.died_in))
    for cell in ran.cells:
        if cell.cell_type == "code" and not _exercise(cell) and (error := _error(cell)):
            yield _("The cell {cell} stopped with {error}").format(
                cell=_first_line(cell), error=_message(error)
            )
            break  # the others often follow from the first


def _first_line(cell: dict | None) -> str:
    """How a cell is called: by its first line, because JupyterLab shows no other name."""
    lines = cell["source"].strip().splitlines() if cell else []
    return "“{}”".format(lines[0][:60] if lines else "")


def _message(error: dict) -> str:
    """Return the first line of an error; a check's own message needs no name of its class."""
    first = (str(error.get("evalue", "")).strip().splitlines() or [""])[0]
    first = re.sub(r"\(\d+\.py, (line \d+)\)", r"(\1)", first)  # the cell's file means nothing
    name = error.get("ename", "")
    of_a_check = name in ("CheckFailed", "Unsolved", "OutOfMemory")
    return first if of_a_check and first else f"{name}: {first}"


def _result(place: int, ran: Execution) -> Result:
    cell = ran.cells[place]
    if place in ran.late:
        message = _("it did not end within {seconds} seconds").format(seconds=ran.late[place])
        return Result(_exercise(cell), False, message)
    if not _ran(cell):
        return Result(_exercise(cell), False, _("its check cell was not run to its end"))
    error, exercise = _error(cell), _exercise(cell)
    if error is None:
        return Result(exercise, True)
    message = _message(error)
    if stopped := _answers_error(exercise.name, ran.cells):
        message = _("its answer cell stopped with {error}").format(error=_message(stopped))
    return Result(exercise, False, message)


def _answers_error(name: str, cells: list[dict]) -> dict | None:
    """The error with which the answer cell of an exercise stopped, where it did."""
    for cell in cells:
        settings = cell["metadata"].get("nbgrader")
        is_answer = isinstance(settings, dict) and settings.get("grade_id") == name
        if cell["cell_type"] == "code" and is_answer and not settings.get("grade"):
            return _error(cell)
    return None

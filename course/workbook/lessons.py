"""The lessons in release/: where they are, and how they are found by name."""

from dataclasses import dataclass
from pathlib import Path

from course.messages import _
from course.workbook import notebooks
from course.workbook.errors import WorkbookError
from course.workbook.notebooks import GradedExercise


@dataclass(frozen=True)
class ReleasedLesson:
    """A notebook in release/; the path `notebook` is relative to release/ and to work/ alike."""

    name: str
    notebook: Path
    title: str
    exercises: list[GradedExercise]


def find_root(start: Path) -> Path:
    """Return the course's folder: the nearest one, from `start` upwards, with release/ in it.

    Raises WorkbookError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / "release").glob("*/*.ipynb")):
            return folder
    raise WorkbookError(
        _(
            "There is no folder release/ with lessons in {folder}, nor in a folder above it. "
            "Change to the folder of the course first: cd FOLDER"
        ).format(folder=start)
    )


def released(root: Path) -> list[ReleasedLesson]:
    """Return the lessons in release/, in the order of their names."""
    lessons = []
    for folder in sorted((root / "release").iterdir()):
        paths = sorted(folder.glob("*.ipynb"))
        if paths:
            cells = notebooks.read(paths[0])["cells"]
            notebook = paths[0].relative_to(root / "release")
            lessons.append(
                ReleasedLesson(
                    folder.name, notebook, notebooks.title(cells), notebooks.exercises(cells)
                )
            )
    return lessons


def extras(root: Path) -> list[ReleasedLesson]:
    """Return the notebooks directly in release/, which are not lessons and have no exercises."""
    return [
        ReleasedLesson(
            path.stem, Path(path.name), notebooks.title(notebooks.read(path)["cells"]), []
        )
        for path in sorted((root / "release").glob("*.ipynb"))
    ]


def start_page(root: Path) -> ReleasedLesson | None:
    """Return the notebook with which learners begin, release/start.ipynb, if there is one."""
    return next((notebook for notebook in extras(root) if notebook.name == "start"), None)


def find_lesson(root: Path, name: str) -> ReleasedLesson:
    """Return the lesson or extra notebook with this name, or a part of it: `2`, `softmax`.

    Raises WorkbookError if there is none, or more than one.
    """
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
    raise WorkbookError(message.format(name=repr(name), names=names))


def find_original(path: Path, cells: list[dict]) -> tuple[ReleasedLesson | None, list[dict]]:
    """Return the released lesson that a notebook is, and its cells, if it can be found.

    It is found by its folder and name, else by its exercises.
    """
    path = path.resolve()
    names = {exercise.name for exercise in notebooks.marked_exercises(cells)}
    for start in (path.parent, Path.cwd()):
        try:
            root = find_root(start)
            lessons = released(root)
        except WorkbookError:
            continue
        same = [lesson for lesson in lessons if path.parts[-2:] == lesson.notebook.parts]
        shared = [
            lesson for lesson in lessons if names & {exercise.name for exercise in lesson.exercises}
        ]
        for lesson in same or shared[:1]:
            return lesson, notebooks.read(root / "release" / lesson.notebook)["cells"]
    return None, []

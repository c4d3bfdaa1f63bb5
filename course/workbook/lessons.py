"""The lessons of an edition: where they are, and how they are found by name."""

from dataclasses import dataclass
from pathlib import Path

from course.messages import _, known_language
from course.workbook import notebooks
from course.workbook.editions import Edition, editions, find_edition, find_root
from course.workbook.errors import WorkbookError
from course.workbook.notebooks import GradedExercise


@dataclass(frozen=True)
class ReleasedLesson:
    """A released notebook; the path `notebook` is that in the edition's release and in its work."""

    name: str
    notebook: Path
    title: str
    exercises: list[GradedExercise]


def released(edition: Edition) -> list[ReleasedLesson]:
    """Return the lessons of an edition, in the order of their names."""
    lessons = []
    for folder in sorted(edition.release.iterdir()):
        paths = sorted(folder.glob("*.ipynb"))
        if paths:
            cells = notebooks.read(paths[0])["cells"]
            notebook = paths[0].relative_to(edition.release)
            lessons.append(
                ReleasedLesson(
                    folder.name, notebook, notebooks.title(cells), notebooks.exercises(cells)
                )
            )
    return lessons


def extras(edition: Edition) -> list[ReleasedLesson]:
    """Return the notebooks beside the lessons, which are not lessons and have no exercises."""
    return [
        ReleasedLesson(
            path.stem, Path(path.name), notebooks.title(notebooks.read(path)["cells"]), []
        )
        for path in sorted(edition.release.glob("*.ipynb"))
    ]


def start_page(edition: Edition) -> ReleasedLesson | None:
    """Return the notebook with which learners begin, start.ipynb, if there is one."""
    return next((notebook for notebook in extras(edition) if notebook.name == "start"), None)


def find_lesson(edition: Edition, name: str) -> ReleasedLesson:
    """Return the lesson or extra notebook with this name, or with this part of it: `2`, `softmax`.

    Raises WorkbookError if there is none, or more than one.
    """
    lessons = [*released(edition), *extras(edition)]
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
            message = _("{name} matches several lessons: {names}. Type more of the name.")
            break
    else:
        found, message = lessons, _("There is no lesson called {name}; the lessons are {names}.")
    names = ", ".join(lesson.name for lesson in found)
    raise WorkbookError(message.format(name=repr(name), names=names))


def find_original(path: Path, notebook: dict) -> tuple[ReleasedLesson | None, list[dict]]:
    """Return the released lesson that a notebook was made from, in its language, and its cells.

    It is found by its folder and name, else by its exercises or, if they have lost their marks, by
    its check cells; (None, []) if it is not found.
    """
    path, cells = path.resolve(), notebook["cells"]
    names = {exercise.name for exercise in notebooks.marked_exercises(cells)}
    for start in (path.parent, Path.cwd()):
        try:
            root = find_root(start)
            found = {edition.language: edition for edition in editions(root)}
            spoken = known_language(notebooks.language_of(notebook))
            its_edition = found.get(spoken or "") or find_edition(root)
            lessons = released(its_edition)
        except WorkbookError:
            continue
        same = [lesson for lesson in lessons if path.parts[-2:] == lesson.notebook.parts]
        shared = [
            lesson for lesson in lessons if names & {exercise.name for exercise in lesson.exercises}
        ]
        for lesson in same or shared or lessons:
            original = notebooks.read(its_edition.release / lesson.notebook)["cells"]
            if same or shared or _has_checks_of(cells, original):
                return lesson, original
    return None, []


def _has_checks_of(cells: list[dict], original: list[dict]) -> bool:
    """Return whether some of a learner's cells are check cells of this lesson, marked or not."""
    names = {exercise.name for exercise in notebooks.exercises(original)}
    found = notebooks.exercises(notebooks.with_lost_marks(cells, original))
    return any(exercise.name in names for exercise in found)

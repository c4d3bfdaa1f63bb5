"""Delete what is kept of one student, and say what is left where this cannot reach."""

import glob
import html
import shutil
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting import sections
from autograder.course_folder import OF_EACH_STUDENT, CalledWrongly, CourseFolder
from autograder.grading import extensions, gradebook, submissions
from autograder.grading.file_modes import keeps_private
from autograder.grading.gradebook_cells import DROPPED
from autograder.grading.private_places import exchange_folder
from autograder.grading.tables import read_table, write_table
from autograder.messages import _
from autograder.names import composed, folder_of, shown

_LISTS = (sections.STUDENTS, extensions.NAME)


@dataclass(frozen=True)
class KeptOfOne:
    """What is kept of a student: what can be deleted here, and what somebody else has to delete."""

    in_gradebook: bool
    folders: list[Path]
    reports: list[Path]  # which may hold something of the student; they can be made again
    lines: list[Path]  # lists from which only the student's lines are deleted
    left: list[str]  # sentences


def find(course: CourseFolder, student: str) -> KeptOfOne:
    """Find what is kept of a student. Raises CalledWrongly if there is nothing."""
    if not submissions.can_name_a_folder(student):
        raise CalledWrongly(_("{name!r} is not the id of a student.").format(name=shown(student)))
    folders = [course.root / name / folder_of(student) for name in OF_EACH_STUDENT]
    known = gradebook.people(course).get(student)
    found = KeptOfOne(
        in_gradebook=known is not None,
        folders=[folder for folder in folders if folder.is_dir() or folder.is_symlink()],
        reports=[
            path
            for path in _files(course.reports)
            if path.name != DROPPED and (_is_of_many(path) or _mentions(path, student))
        ],
        lines=[path for path in _lists(course) if _rows(path, student, is_theirs=True)],
        left=list(_left(course, student, known)),
    )
    if not (found.in_gradebook or found.folders):
        places = ", ".join(f"{name}/" for name in OF_EACH_STUDENT)
        raise CalledWrongly(submissions.no_such_students([student], places))
    return found


@keeps_private
def forget(course: CourseFolder, student: str, found: KeptOfOne) -> None:
    """Delete what was found, for good."""
    with gradebook.alone(course):
        if found.in_gradebook:
            gradebook.remove_student(course, student)
        for folder in found.folders:
            if folder.is_symlink():
                folder.unlink()
            else:
                shutil.rmtree(folder)
        for path in found.reports:
            path.unlink(missing_ok=True)
        for path in found.lines:
            write_table(path, _rows(path, student, is_theirs=False))


def _files(folder):
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _is_of_many(path):
    """Whether a file that holds something of everybody may not name them as they are written."""
    return path.suffix == ".zip" or path.name.startswith(".")


def _lists(course):
    """The lists that this program both writes and reads again."""
    return course.reports / DROPPED, course.root / sections.KEPT


def _rows(path, student, *, is_theirs):
    """The student's rows of such a list; or its head and all other rows."""
    if not path.is_file():
        return []
    column, student = (0, composed(student)) if path.name == sections.KEPT else (2, student)
    head, rows = read_table(path)
    found = [row for row in rows if (row[column : column + 1] == [student]) == is_theirs]
    return found if is_theirs else [head, *found]


def _mentions(path, student):
    """Whether a file names a student: plainly, or as HTML and CSV escape and cut the name."""
    text = path.read_text("utf-8", errors="replace")
    forms = (text, html.unescape(text).replace("<wbr>", ""), text.replace('""', '"'))
    return any(composed(shown(student)[:80]) in composed(form) for form in forms)


def _left(course, student, known):
    for name in _LISTS:
        path = course.root / name
        if path.is_file() and _mentions(path, student):
            yield _("{path} has a line with the id: delete it there.").format(path=path)
    archives = course.root / "downloaded"
    if archives.is_dir():
        said = _("{folder} holds archives as the platform gave them: delete those.")
        yield said.format(folder=archives)
    inbound = sorted(exchange_folder(course).glob(f"*/*/{glob.escape(student)}+*"))
    for path in inbound:
        said = _("The exchange holds {path}: delete it, as its owner or as root.")
        yield said.format(path=path)
    for path in sorted(exchange_folder(course).glob("*/feedback")):
        said = _(
            "{path} may hold pages that were released, under names that do not say whose they are."
        )
        yield said.format(path=path)
    copies = [path for path in _files(course.root) if path.name.startswith("gradebook.db.")]
    for path in copies:
        said = _("{path} looks like a copy of the gradebook: delete or replace it.")
        yield said.format(path=path)
    yield _("Backups, and what the platform itself keeps, are out of reach from here.")
    if known and known.lms_id:
        yield _("The platform's number is {number}.").format(number=known.lms_id)

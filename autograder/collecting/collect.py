"""Put the files of an archive into submitted/STUDENT/LESSON/, and report on each student's files.

What was there before is moved to collected/STUDENT/LESSON/NUMBER/: nothing is lost.
"""

from pathlib import Path

import nbformat

from autograder.collecting import canvas_columns, origins, owners, sections, student_files
from autograder.collecting.archive import UnreadableEntry
from autograder.collecting.attempts import REPLACED, store
from autograder.collecting.class_lists import Person, maximum_points, platform_of, read_roster
from autograder.collecting.collected import Collected, Row
from autograder.collecting.handed_in_times import earlier_was_late, time_handed_in
from autograder.collecting.platforms import CANVAS
from autograder.collecting.roster import Roster
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, submissions
from autograder.grading.file_modes import keeps_private
from autograder.messages import _
from autograder.names import composed, few, folder_of, id_of, shown
from course.workbook.notebooks import nbgrader_settings

ASIDE = "aside"  # beside a student's earlier attempts
# What Blackboard writes where a student has typed nothing.
_EMPTY_RECEIPT = (
    b"There is no student submission text data for this assignment",
    b"There are no student comments for this assignment",
)


@keeps_private
def collect(
    course: CourseFolder, lesson: str, path: Path, roster_path: Path | None = None
) -> Collected:
    """Take a lesson's submissions from an archive, or from a folder with what was in one.

    The roster is this file's, else that of students.csv in the course's folder, if there is one;
    and the gradebook's in any case. Raises CourseError.
    """
    own_list = course.root / sections.STUDENTS
    if roster_path is None and own_list.is_file():
        roster_path = own_list
    listed = read_roster(roster_path) if roster_path else []
    roster = Roster(sections.known_people(course), listed)
    expected = _("an archive of a platform, or folders as in {example}")
    name = course.notebook(lesson).name
    collected = Collected(path, expected.format(example=f"STUDENT/{lesson}/{name}"))
    by_sender = owners.by_sender(course, lesson, path, roster, collected)
    by_person = owners.by_person(by_sender, roster, collected)
    if listed and by_sender and not by_person:
        said = _("Nobody in the archive is listed in {path}, so nobody was added from it.")
        collected.notes[said.format(path=roster_path)] = None
    elif listed:
        gradebook.enter(course, map(_for_gradebook, roster.people.values()))
        if roster_path.resolve() != own_list.resolve():
            with gradebook.alone(course):
                sections.keep(course, roster.people.values(), roster.named_by)
                if platform_of(roster_path) == CANVAS:
                    said = canvas_columns.keep_column(course, lesson, roster_path)
                    collected.notes |= {said: None} if said else {}
            _compare_maximum(course, lesson, roster_path, collected)
    for student, found in sorted(by_person.items()):
        try:
            person = roster.people.get(student, Person(student))
            _take(course, lesson, person, found, collected)
        except (OSError, UnreadableEntry) as error:
            collected.problem(student, _("cannot be written: {reason}").format(reason=error))
    return collected


def _compare_maximum(course, lesson, roster_path, collected):
    """Note it if the platform's maximum differs from what the lesson is worth."""
    known = canvas_columns.read_columns(course)
    is_canvas = platform_of(roster_path) == CANVAS
    columns = [known[lesson]] if is_canvas and lesson in known else []
    theirs = maximum_points(roster_path, *columns)
    try:
        cells = nbformat.read(course.notebook(lesson), as_version=4).cells
    except (OSError, ValueError, AttributeError):  # grading says what is wrong with the lesson
        return
    ours = sum(nbgrader_settings(cell).get("points", 0) for cell in cells)
    if theirs is not None and theirs != ours:
        said = _(
            "In {file}, {lesson} has a maximum of {theirs:g} points; here it is worth {ours:g}. "
            "Change that on the platform before you import grades."
        )
        facts = {"file": roster_path.name, "lesson": lesson, "theirs": theirs, "ours": ours}
        collected.notes[said.format(**facts)] = None


def _for_gradebook(person):
    last = person.last or ("" if person.first else person.whole)
    return gradebook.Enrolled(person.id, person.first, last, person.email, person.number)


# Into the folder ----------------------------------------------------------------------------------


def _take(course, lesson, person, found, collected):
    """Put one student's files into their folder."""
    student = person.id
    if not student or not submissions.can_name_a_folder(student) or student.startswith("."):
        collected.problem(student, _("this id cannot be the name of a folder"))
        return
    student = _as_before(course, student)
    gathered = student_files.gather(found, course.notebook(lesson).name)
    if gathered.problem:
        aside = _put_aside(course, lesson, student, gathered.aside)
        collected.problem(student, _("; ").join([gathered.problem, *gathered.notes, *aside]))
        if gathered.aside:
            origins.write(course, lesson, student, found[0][0])
        return
    when, is_late = time_handed_in(course, lesson, person, found, collected)
    became = store(course, lesson, student, gathered.files, when)
    origins.write(course, lesson, student, found[0][0])
    notes = [*([_("late")] if is_late else []), *gathered.notes]
    if became == REPLACED and not when and earlier_was_late(course, lesson, student):
        notes.append(_("no time of its own; the earlier attempt was late"))
    if not when and any(entry.parts[-1] == "timestamp.txt" for _handed_in, entry in found):
        said = _("timestamp.txt is left out: write it into {folder} afterwards")
        folder = course.submitted(student, lesson).relative_to(course.root).as_posix()
        notes.append(said.format(folder=folder))
    notes += _put_aside(course, lesson, student, gathered.aside)
    collected.rows.append(Row(shown(student), became, tuple(map(shown, notes))))


@keeps_private
def _put_aside(course, lesson, student, files):
    """Keep what is not part of a submission where nothing grades it; return notes about it."""
    folder = course.collected(student, lesson) / ASIDE
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            number = 1
            while path.exists() and path.read_bytes() != content:
                number += 1
                path = folder / Path(name).with_name(f"{number}-{Path(name).name}")
            path.write_bytes(content)
    except (OSError, ValueError) as error:
        return [_("{names} cannot be kept: {reason}").format(names=few([*files]), reason=error)]
    place = folder.relative_to(course.root).as_posix()
    said = _("kept in {folder}: {names}")
    names = [name for name, its in files.items() if not all(text in its for text in _EMPTY_RECEIPT)]
    return [said.format(folder=place, names=few(names))] if names else []


def _as_before(course, student):
    """An id as its folder spells it: an accent may be a separate character there (NFD)."""
    submitted = course.submissions
    if not submitted.is_dir() or (submitted / folder_of(student)).exists():
        return student
    names = [id_of(path.name) for path in submitted.iterdir()]
    same = [name for name in names if composed(name) == composed(student)]
    return same[0] if len(same) == 1 else student

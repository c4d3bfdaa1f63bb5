"""Which section (or group) each student is in, by students.csv and the lists of platforms."""

import csv
import io
from collections.abc import Iterable

from autograder.collecting.roster import Person, Roster, composed, in_gradebook, read_roster
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading.plain_files import BOM
from autograder.messages import _
from autograder.names import shown
from course.files import write_atomically

STUDENTS = "students.csv"  # which a person writes
KEPT = "sections.csv"  # what `autograder collect --roster` read in a platform's list


def sections(course: CourseFolder) -> dict[str, str]:
    """The section of each student of whom it is known; students.csv has the last word.

    Raises CourseError.
    """
    listed = [*_listed(course, STUDENTS), *_listed(course, KEPT)]  # the first one counts
    return _of(Roster(in_gradebook(course), listed).people.values()) if listed else {}


def members(course: CourseFolder, section: str) -> set[str]:
    """The students of a section. Raises CourseError if there is none of this name."""
    section_of = sections(course)
    found = {student for student, name in section_of.items() if name == section}
    if not found:
        known = ", ".join(map(shown, sorted(set(section_of.values()))))
        said = _("There is no section {name!r}. The sections are: {names}.")
        unknown = _("No section is known: students.csv, or a list for --roster, may name them.")
        raise CourseError(said.format(name=section, names=known) if known else unknown)
    return found


def keep(course: CourseFolder, people: Iterable[Person]) -> None:
    """Keep the sections of these people, in place of what was kept of them before."""
    before = _of(_listed(course, KEPT))
    after = before | {composed(student): section for student, section in _of(people).items()}
    if after != before:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([("id", "section"), *sorted(after.items())])
        write_atomically(course.root / KEPT, BOM + text.getvalue())


def _listed(course, name):
    path = course.root / name
    return read_roster(path) if path.is_file() else []


def _of(people):
    return {person.id: person.section for person in people if person.id and person.section}

"""The section (or group) and the platforms of each student, from lists and from files."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograder.collecting import origins
from autograder.collecting.class_lists import Person, in_gradebook, read_roster
from autograder.collecting.roster import Roster
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading.tables import write_table
from autograder.messages import _
from autograder.names import composed, shown

STUDENTS = "students.csv"  # written by the instructor
KEPT = "sections.csv"  # what `autograder collect --roster` read in a platform's list


def section_of_each(course: CourseFolder) -> dict[str, str]:
    """Return the section of each student for whom it is known; students.csv takes precedence.

    Raises CourseError.
    """
    listed = [*_listed(course, STUDENTS), *_listed(course, KEPT)]  # the first one counts
    return _of(Roster(in_gradebook(course), listed).people.values()) if listed else {}


def members(course: CourseFolder, section: str) -> set[str]:
    """Return the students of a section. Raises CourseError if there is none of this name."""
    section_of = section_of_each(course)
    found = {student for student, name in section_of.items() if name == section}
    if not found:
        known = ", ".join(map(shown, sorted(set(section_of.values()))))
        said = _("There is no section {name!r}. The sections are: {names}.")
        unknown = _("No sections are known: students.csv, or a list for --roster, can name them.")
        raise CourseError(said.format(name=section, names=known) if known else unknown)
    return found


def keep(
    course: CourseFolder, people: Iterable[Person], named_by: Mapping[str, frozenset[str]]
) -> None:
    """Keep the sections of these people, replacing what was kept before.

    `named_by` has the platforms whose lists name them, by id; those known before stay.
    """
    before = {one.id: (one.section, one.named_by) for one in _listed(course, KEPT)}
    after = dict(before)
    for person in people:
        section, platforms = before.get(composed(person.id), ("", frozenset()))
        kept = person.section or section, platforms | named_by.get(person.id, frozenset())
        if any(kept):
            after[composed(person.id)] = kept
    if after != before:
        rows = ((who, its[0], " ".join(sorted(its[1]))) for who, its in sorted(after.items()))
        write_table(course.root / KEPT, [("id", "section", "platform"), *rows])


def known_people(course: CourseFolder) -> list[Person]:
    """Return the people in the gradebook, with the platforms that they are known from."""
    came_from, nobody = origins.platforms(course), frozenset()
    named_by = {one.id: one.named_by for one in _listed(course, KEPT)}
    return [
        replace(
            person,
            came_from=came_from.get(person.id, nobody),
            named_by=named_by.get(composed(person.id), nobody),
        )
        for person in in_gradebook(course)
    ]


def platforms(course: CourseFolder) -> dict[str, frozenset[str]]:
    """Return the platforms of each student in the gradebook, known from files or lists."""
    return {person.id: person.came_from | person.named_by for person in known_people(course)}


def _listed(course, name):
    path = course.root / name
    return read_roster(path) if path.is_file() else []


def _of(people):
    return {person.id: person.section for person in people if person.id and person.section}

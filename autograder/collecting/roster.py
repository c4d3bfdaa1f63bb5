"""Who is in the class, by the files that platforms export; and who of them handed something in."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collecting.platforms import CANVAS, MOODLE, Sender
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook, plain_files
from autograder.messages import _

# What a column is called in students.csv, and in what Canvas and Moodle export.
_COLUMNS = {
    "id": ("id",),
    "last": ("last_name", "last name", "surname", "nachname", "nom", "apellido(s)", "apellidos"),
    "first": ("first_name", "first name", "vorname", "prénom", "nombre"),
    "whole": ("student", "full name", "vollständiger name", "nom complet", "nombre completo"),
    "email": (
        *("email", "email address", "e-mail-adresse", "adresse de courriel"),
        *("dirección de correo", "correo electrónico"),
    ),
    "number": ("lms_user_id", "id number", "id-nummer", "numéro d'identification", "número de id"),
    "login": ("sis login id", "username", "anmeldename", "nom d'utilisateur", "nombre de usuario"),
    "sis": ("sis user id",),
    "when": (
        *("last modified (submission)", "zuletzt geändert (abgabe)"),
        *("dernière modification (travail remis)", "última modificación (entrega)"),
    ),
    "participant": ("identifier", "id.", "identifiant", "identificador"),
    "section": (
        *("section", "sections", "group", "groups", "gruppe", "gruppen"),
        *("groupe", "groupes", "grupo", "grupos"),
    ),
}
_MAX_BYTES = 20_000_000
_NOT_PEOPLE = ("points possible", "student, test")  # rows of Canvas's own


@dataclass(frozen=True)
class Person:
    """A student, as far as is known."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    number: str = ""  # Canvas's ID, Moodle's ID number
    participant: str = ""  # Moodle: the number in one assignment, by its grading worksheet
    whole: str = ""  # the name in one text
    when: str = ""  # Moodle: when it was handed in, on Moodle's clock
    section: str = ""  # or group; of several, one text as the platform writes it

    @property
    def names(self) -> set[str]:
        """The name, in each order that platforms write."""
        both = {f"{self.first} {self.last}", f"{self.last} {self.first}", self.whole}
        return {name for name in both if name.strip()}

    def filled_in(self, other: "Person") -> "Person":
        """The same with what only another list says."""
        empty = {name: its for name, its in vars(other).items() if not getattr(self, name)}
        return replace(self, **empty)


def read_roster(path: Path) -> list[Person]:
    """The people in a CSV file of Canvas's or Moodle's, or in students.csv. Raises CourseError."""
    try:
        rows = plain_files.table(plain_files.content(path, _MAX_BYTES))
    except plain_files.Unreadable as error:
        raise CourseError(_("{path}: {reason}").format(path=path, reason=error)) from error
    head = [cell.strip().casefold() for cell in next(rows, [])]
    places = {
        field: head.index(name)
        for field, names in _COLUMNS.items()
        for name in reversed(names)
        if name in head
    }
    if not places.keys() & {"id", "login", "email", "number", "participant"}:
        said = _(
            "{path} is not a list of students: its first line has none of the columns id, Email "
            "address, ID number, Username, Identifier or SIS Login ID. Expected students.csv, or "
            "a gradebook, a list of participants or a grading worksheet from Canvas or Moodle."
        )
        raise CourseError(said.format(path=path))
    return [person for row in rows if (person := _person(row, places))]


def _person(row, places):
    """The student of a row, or None if it is of nobody."""
    cells = {field: row[at].strip() for field, at in places.items() if at < len(row)}
    found = defaultdict(str, {field: _without_apostrophe(cell) for field, cell in cells.items()})
    if found["whole"].casefold() in _NOT_PEOPLE:
        return None
    number, own_id = found["number"], found["id"]
    if "login" in places or "sis" in places:  # Canvas's ID is a number, and the login the name
        number, own_id = number or own_id, found["login"] or found["sis"] or own_id
    participant = "".join(filter(str.isdigit, found["participant"]))
    student = own_id or found["login"] or number or found["email"]
    if not student and not participant:
        return None
    last, _comma, first = found["whole"].partition(", ")
    return Person(
        id=composed(student),
        first=found["first"] or first,
        last=found["last"] or (last if first else ""),
        email=found["email"],
        number=number,
        participant=participant,
        whole=found["whole"],
        when=found["when"],
        section=found["section"],
    )


def _without_apostrophe(cell):
    """A cell without what keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@" else cell


def in_gradebook(course: CourseFolder) -> Iterator[Person]:
    """The people in the gradebook."""
    for student, known in gradebook.people(course).items():
        last, _, first = known["name"].partition(", ") if known["name"] != student else ("",) * 3
        yield Person(student, first, last, known["email"], known["lms_id"])


class Roster:
    """Everybody in the class: finds who handed something in."""

    def __init__(self, known: Iterable[Person], listed: Iterable[Person] = ()):
        """`known` are the gradebook's students, `listed` those of a file: ids of the first stay."""
        self.people = {person.id: person for person in known}
        listed = list(listed)
        for person in listed:
            mine = self._known(person)
            if mine:
                self.people[mine.id] = mine.filled_in(person)
            elif person.id:
                self.people[person.id] = person
        # Whoever is not in a list with names is a stranger; in one without, a newcomer.
        self.is_complete = bool(listed) or any(p.first or p.last for p in self.people.values())

    def _known(self, person):
        if person.id in self.people:
            return self.people[person.id]
        same = [other for other in self.people.values() if composed(other.id) == person.id]
        if len(same) == 1:  # an accent may be a character of its own in the gradebook
            return same[0]
        for field in ("number", "email"):
            value = getattr(person, field).casefold()
            for other in self.people.values() if value else ():
                if value in (getattr(other, field).casefold(), other.id.casefold()):
                    return other
        names = {squeezed(name) for name in person.names}
        namesakes = [
            other
            for other in self.people.values()
            if not person.id and names & {squeezed(name) for name in other.names}
        ]
        return namesakes[0] if len(namesakes) == 1 else None

    def find(self, sender: Sender) -> tuple[Person | None, str]:
        """Who this is; or None, and why it is not known."""
        if found := self.find_by_number(sender):
            return found, ""
        alike = self._by_name(sender.name)
        if len(alike) > 1:
            ids = ", ".join(sorted(person.id for person in alike))
            said = {
                MOODLE: _("this could be {names}: name the grading worksheet with --roster"),
                CANVAS: _("this could be {names}: name Canvas's gradebook with --roster"),
            }.get(
                sender.platform,
                _("this could be {names}: name a list with their ids with --roster"),
            )
            return None, said.format(names=ids)
        if not alike:
            return None, _("nobody in the class has this name")
        (person,) = alike
        expected = {CANVAS: person.number, MOODLE: person.participant}.get(sender.platform, "")
        if expected and expected != sender.number:
            said = _("the name is that of {student}, whose number is {number}")
            return None, said.format(student=person.id, number=expected)
        return person, ""

    def find_by_number(self, sender: Sender) -> Person | None:
        """Whose number it is that the platform gave."""
        field = {CANVAS: "number", MOODLE: "participant"}.get(sender.platform)
        for person in self.people.values():
            if field and sender.number and getattr(person, field) == sender.number:
                return person
        return None

    def _by_name(self, name):
        """Everybody with this id, login, address or name; accents count only where they must."""
        for written in _ways_to_write(name):
            for form in (_folded, squeezed, _without_accents):
                wanted = form(written)
                found = [
                    person
                    for person in self.people.values()
                    if wanted and wanted in map(form, self._all_names(person))
                ]
                if found:
                    return found
        return []

    @staticmethod
    def _all_names(person) -> Iterator[str]:
        yield from (person.id, *filter(None, (person.email, person.number)), *person.names)


def _ways_to_write(name):
    """A name, then without what Moodle puts before it: the name of a group, and a hyphen."""
    yield name
    while "-" in name:
        name = name.split("-", 1)[1]
        yield name


def composed(name: str) -> str:
    """A name in which accents are a part of their letters."""
    return unicodedata.normalize("NFC", name)


def _folded(name):
    return composed(name).casefold().strip()


def squeezed(name: str) -> str:
    """A name as Canvas writes it: letters and digits in one row, without capitals."""
    return "".join(filter(str.isalnum, _folded(name)))


def _without_accents(name):
    letters = unicodedata.normalize("NFKD", name)
    return squeezed("".join(c for c in letters if not unicodedata.combining(c)))

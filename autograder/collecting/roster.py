"""Who is in the class, by the lists that platforms export; and who handed something in."""

import contextlib
import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collecting.platforms import CANVAS, MOODLE, Sender
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook
from autograder.grading.tables import read_table
from autograder.messages import _
from autograder.names import composed

_CANVAS_STUDENT = ("student", "studierende", "étudiant", "estudiante", "学生")
# Columns that only Canvas's gradebook has: an assignment with its number, and others.
_OF_CANVAS = re.compile(r"sis .*|integration id|.* \(\d+\)|.*(current|final) (score|grade)")
# What a column is called in students.csv, and in what Canvas and Moodle export.
_COLUMNS = {
    "id": ("id",),
    "last": (
        "last_name",
        "last name",
        "surname",
        "nachname",
        "nom",
        "apellido(s)",
        "apellidos",
        "姓",
    ),
    "first": ("first_name", "first name", "vorname", "prénom", "nombre", "名"),
    "whole": (
        *("full name", "vollständiger name", "nom complet", "nombre completo"),
        *("全名", "姓名"),
        *_CANVAS_STUDENT,
    ),
    "email": (
        *("email", "email address", "e-mail-adresse", "adresse de courriel"),
        *("dirección de correo", "correo electrónico", "email地址", "电子邮件地址"),
    ),
    "number": (
        *("lms_user_id", "学号"),  # which other lists in Chinese have as well
        *("id number", "id-nummer", "numéro d'identification", "número de id"),
    ),
    "login": (
        "sis login id",
        "username",
        "anmeldename",
        "nom d'utilisateur",
        "nombre de usuario",
        "用户名",
    ),
    "sis": ("sis user id",),
    "when": (
        *("last modified (submission)", "zuletzt geändert (abgabe)"),
        *("dernière modification (travail remis)", "última modificación (entrega)"),
        "上次修改\uff08作业\uff09",
    ),
    "status": ("status", "statut", "estado", "estatus", "状态"),
    "participant": ("identifier", "id.", "identifiant", "identificador", "标识符"),
    "platform": ("platform",),
    "section": (
        *("section", "sections", "group", "groups", "gruppe", "gruppen"),
        *("groupe", "groupes", "grupo", "grupos", "小组"),
    ),
}
# Columns that only Moodle's lists have.
_MOODLES = {
    *(*_COLUMNS["participant"], *_COLUMNS["when"]),
    *(*_COLUMNS["email"][1:], *_COLUMNS["number"][2:]),
}
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)  # 2.02E+11
_MAX_HYPHENS = 10  # in the name of a group
_MAX_SHORT = 3  # digits of a number that says nothing by itself
_NOT_PEOPLE = ("points possible", "student, test")  # rows of Canvas's own
# In what Moodle's worksheet says of a submission.
_LATE = re.compile(r"\blate\b|spät|retard|retras|tarde\b|迟交", re.IGNORECASE)
_PLATFORMS = {CANVAS: "Canvas", MOODLE: "Moodle"}


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
    is_late: bool = False  # as Moodle's worksheet says
    section: str = ""  # or group; of several, one text as the platform writes it
    came_from: frozenset[str] = frozenset()  # the platforms from which files were collected
    named_by: frozenset[str] = frozenset()  # the platforms whose lists have the name

    @property
    def names(self) -> set[str]:
        """The name, in each order that platforms use."""
        both = {f"{self.first} {self.last}", f"{self.last} {self.first}", self.whole}
        return {name for name in both if name.strip()}

    def is_of(self, platforms: Iterable[str]) -> bool:
        """Whether this may be a user of these platforms; true if nothing is known."""
        mine = self.came_from or self.named_by
        return not mine or not set(platforms) or bool(mine & set(platforms))

    def is_called_as(self, other: "Person") -> bool:
        """Whether both have the same name."""
        return not {*map(squeezed, self.names)}.isdisjoint(map(squeezed, other.names))

    def filled_in(self, other: "Person") -> "Person":
        """The same person, completed by what the current list says, first and last name together.

        Whoever that list names may hand in anywhere, except those whose files came from elsewhere.
        """
        facts = {name: its for name, its in vars(other).items() if not getattr(self, name)}
        is_same = sorted(f"{other.first} {other.last}".split()) == sorted(self.last.split())
        if other.first and not self.first and (is_same or self.last in ("", other.last)):
            facts |= {"first": other.first, "last": other.last}
        elif self.first or self.last:
            facts |= {"first": self.first, "last": self.last}
        came_from = self.came_from | other.named_by if self.came_from else frozenset()
        return replace(self, **facts | {"came_from": came_from, "named_by": frozenset()})


def maximum(path: Path, column: str = "Maximum Grade") -> float | None:
    """The platform's maximum points, from a column of its list; None if it does not say.

    Canvas has them in a separate row, Moodle's grading worksheet in all rows.
    """
    head, rows = read_table(path)
    names = [cell.strip().casefold() for cell in head]
    if column.casefold() not in names:
        return None
    place = names.index(column.casefold())
    if _platform(names) == CANVAS:
        rows = [row for row in rows if row and row[0].strip().casefold() == _NOT_PEOPLE[0]]
    with contextlib.suppress(ValueError):
        return next((float(row[place].replace(",", ".")) for row in rows if len(row) > place), None)
    return None


def platform_of(path: Path) -> str:
    """The platform that exported a list, by its first line. Raises CourseError."""
    head, _rows = read_table(path)
    return _platform([cell.strip().casefold() for cell in head])


def _platform(head):
    if {"id"} < {*head} and not {*head}.isdisjoint(_CANVAS_STUDENT):
        return CANVAS if any(_OF_CANVAS.fullmatch(cell) for cell in head) else ""
    return MOODLE if _MOODLES & {*head} else ""


def read_roster(path: Path) -> list[Person]:
    """The people in a CSV file from Canvas or Moodle, or in students.csv. Raises CourseError."""
    head, rows = read_table(path)
    head = [cell.strip().casefold() for cell in head]
    places = {
        field: head.index(name)
        for field, names in _COLUMNS.items()
        for name in reversed(names)
        if name in head
    }
    by_name = "whole" in places or {"first", "last"} <= places.keys()
    if not by_name and not places.keys() & {"id", "login", "email", "number", "participant"}:
        said = _(
            "{path} is not a list of students: its first line has none of the columns id, Email "
            "address, ID number, Username, Identifier or SIS Login ID. Expected students.csv, or "
            "a gradebook, a list of participants or a grading worksheet from Canvas or Moodle."
        )
        raise CourseError(said.format(path=path))
    for field in places.keys() & {"id", "login", "number", "sis"}:
        for row in rows:
            if _SHORTENED.fullmatch(
                cell := "".join(row[places[field] : places[field] + 1]).strip()
            ):
                said = _(
                    "{path}: a spreadsheet has shortened a number to {number}. Format the column "
                    "as text there, and write the numbers again or get a new list."
                )
                raise CourseError(said.format(path=path, number=cell))
    platform = _platform(head)
    return [person for row in rows if (person := _person(row, places, platform))]


def _person(row, places, platform):
    """The student in a row, or None if there is none."""
    cells = {field: row[at].strip() for field, at in places.items() if at < len(row)}
    found = defaultdict(str, {field: _without_apostrophe(cell) for field, cell in cells.items()})
    if found["whole"].casefold() in _NOT_PEOPLE:
        return None
    number, own_id = found["number"], found["id"]
    if platform == CANVAS or "login" in places or "sis" in places:
        # Canvas's ID is a number, and the login the name, if the gradebook has it.
        number, own_id = number or own_id, found["login"] or found["sis"] or own_id
    participant = "".join(filter(str.isdigit, found["participant"]))
    student = own_id or found["login"] or number or found["email"]
    names = (found["first"], found["last"], found["whole"])
    if not student and (platform == CANVAS or not (participant or any(names))):
        return None
    first, last = _first_and_last(found["whole"])
    named_by = {platform, *found["platform"].split()} - {""}
    return Person(
        id=composed(student),
        first=found["first"] or first,
        last=found["last"] or last,
        email=found["email"],
        number=number,
        participant=participant,
        whole=found["whole"],
        when=found["when"],
        is_late=bool(_LATE.search(found["status"])),
        section=found["section"],
        named_by=frozenset(named_by),
    )


def _first_and_last(whole):
    """The parts of a name in one text; ("", "") where they are not certain.

    With a comma, the last name comes first; of two words it is the second, as Moodle writes them in
    the languages of these lists.
    """
    last, _comma, first = whole.partition(", ")
    if first:
        return first, last
    words = whole.split()
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def _without_apostrophe(cell):
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
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
        self.named_by = {}  # the platform whose list names a student, by id
        self.unclear = []  # people whom the list does not distinguish from each other
        listed = list(listed)
        self._namesakes = _namesakes(listed)
        for person in self._distinguished(listed):
            mine = self._known(person)
            student = mine.id if mine else person.id or composed(_whole_name(person))
            if mine is None and (not student or student in self.people):  # on another platform
                self.unclear.append(person)
                continue
            named = mine.filled_in(person) if mine else replace(person, id=student)
            self.people[student] = replace(named, named_by=frozenset())
            self.named_by[student] = person.named_by
        # Whoever is not in a list with names is a stranger; in one without, a newcomer.
        self.is_complete = bool(listed) or any(p.first or p.last for p in self.people.values())

    def _distinguished(self, listed):
        """Everybody in a list who is certain to be one person."""
        namesakes = defaultdict(list)
        for person in listed:
            key = person.id or squeezed(_whole_name(person))
            namesakes[bool(person.id), key].append(person)
        for (has_id, _key), people in namesakes.items():
            if has_id:
                named = [person for person in people if person.names]
                is_one = all(person.is_called_as(named[0]) for person in named)
            else:
                is_one = len(people) == 1 and len(self._called_as(people[0])) < 2
            if is_one:
                yield from people
            else:
                self.unclear += people

    def _called_as(self, person):
        """Known people who have this name, and may be users of the list's platform."""
        names = {squeezed(name) for name in person.names}
        return [
            other
            for other in self.people.values()
            if names & {squeezed(name) for name in (*other.names, other.id)}
            and other.is_of(person.named_by)
        ]

    def _known(self, person):
        if person.id in self.people:
            return self.people[person.id]
        same = [other for other in self.people.values() if composed(other.id) == person.id]
        if len(same) == 1:  # an accent may be a separate character in the gradebook
            return same[0]
        for field in ("number", "email"):
            value = getattr(person, field).casefold()
            for other in self.people.values() if value else ():
                is_same = value in (getattr(other, field).casefold(), other.id.casefold())
                if is_same and (field == "email" or other.is_of(person.named_by)):
                    return other
        namesakes = self._called_as(person)
        if person.id:  # an id may have been made from a name, for lack of another
            names = {squeezed(name) for name in person.names}
            namesakes = [other for other in namesakes if squeezed(other.id) in names]
        return namesakes[0] if len(namesakes) == 1 and person not in self._namesakes else None

    def find(self, sender: Sender) -> tuple[Person | None, str]:
        """The person who this is; or None, and why that is not known."""
        if found := self.find_by_number(sender):
            return found, ""
        if unclear := self._unclear(sender):
            return None, unclear
        called_so = self._by_name(sender.name, may_have_group=sender.platform == MOODLE)
        alike = [person for person in called_so if person.is_of({sender.platform} - {""})]
        if len(alike) > 1:
            ids = ", ".join(sorted(person.id for person in alike))
            said = {
                MOODLE: _(
                    "this could be {names}: pass a grading worksheet that has their ID numbers or "
                    "e-mail addresses with --roster"
                ),
                CANVAS: _("this could be {names}: pass Canvas's gradebook with --roster"),
            }.get(
                sender.platform,
                _("this could be {names}: pass a list with their ids with --roster"),
            )
            return None, said.format(names=ids)
        if called_so and not alike:
            return None, _elsewhere(called_so, sender.platform)
        if not alike:
            return None, _("nobody in the class has this name")
        (person,) = alike
        expected = {CANVAS: person.number, MOODLE: person.participant}.get(sender.platform, "")
        if expected and expected != sender.number:
            said = _("the name is that of {student}, whose number is {number}")
            return None, said.format(student=person.id, number=expected)
        return person, ""

    def find_by_number(self, sender: Sender) -> Person | None:
        """The person with the number that the platform gave."""
        field = {CANVAS: "number", MOODLE: "participant"}.get(sender.platform)
        for person in self.people.values() if field and sender.number else ():
            if getattr(person, field) == sender.number and person.is_of([sender.platform]):
                return person
        return None

    def is_certain(self, sender: Sender) -> bool:
        """Whether a number or an id says who this is, not only a name, which others may have."""
        if sender.platform:
            return self.find_by_number(sender) is not None
        person, _why = self.find(sender)
        if person is None:
            return False
        ids = map(squeezed, (person.id, person.number, person.email))
        is_id = not sender.number and squeezed(sender.name) in ids
        return is_id or _says_id(_words(sender.name), person)

    def _unclear(self, sender):
        """Why it is not certain who in the list this is; or ""."""
        if not self.unclear:
            return ""
        names = {squeezed(written) for written in _ways_to_write(sender.name)}
        found = [one for one in self.unclear if names & {squeezed(name) for name in one.names}]
        if not found:
            return ""
        said = _(
            "this could be {names}; the list has no ID number, user name or e-mail address that "
            "distinguishes them: add one"
        )
        listed = (
            f"{_whole_name(one)} ({one.participant or one.email})".replace(" ()", "")
            for one in found
        )
        known = (one.id for one in self._called_as(found[0]))
        return said.format(names=", ".join([*listed, *known]))

    def _by_name(self, name, may_have_group=False):
        """Everybody with this id, login, address or name; accents count only where they must."""
        for written in _ways_to_write(name) if may_have_group else (name,):
            for form, people in self._by_form.items():
                if found := people.get(form(written)):
                    return [*found.values()]
        return self._by_words(name)

    def _by_words(self, name):
        """Everybody of whose id and names alone this is made: Lovelace, Ada(ada); Li_Wei_wli_12.

        By the names alone only where there is no other number like theirs: a namesake has that.
        """
        words = _words(name)
        said = [self._by_word.get(word, set()) for word in words if not word.isdigit()]
        alike = [self.people[found] for found in sorted(set.intersection(*said))] if said else []
        numbers = {len(word) for word in words if word.isdigit()}
        return [person for person in alike if _says_id(words, person)] or [
            person
            for person in alike
            if _names(person) <= words
            and numbers.isdisjoint(len(one) for one in _ids(person) if one.isdigit())
        ]

    @functools.cached_property
    def _by_word(self):
        """The ids of everybody in whose id, number or names a word is."""
        found = defaultdict(set)
        for person in self.people.values():
            for word in _words(" ".join(_ids(person))) | _names(person):
                found[word].add(person.id)
        return found

    @functools.cached_property
    def _by_form(self):
        """Everybody by what they are called, in each form in which names are compared."""
        found = {form: defaultdict(dict) for form in (_folded, squeezed, _without_accents)}
        for person in self.people.values():
            for form, people in found.items():
                for written in {*map(form, self._all_names(person))} - {""}:
                    people[written][person.id] = person
        return found

    @staticmethod
    def _all_names(person) -> Iterator[str]:
        yield from (person.id, *filter(None, (person.email, person.number)), *person.names)


def _ways_to_write(name):
    """A name, then the same without what Moodle may put before it: a group's name and a hyphen."""
    parts = name.split("-", _MAX_HYPHENS)
    for place in range(len(parts)):
        yield "-".join(parts[place:])


def _words(text):
    """The words of a text, without capitals and accents."""
    return {_without_accents(word) for word in re.findall(r"[^\W_]+", text)}


def numbers_in(name: str) -> str:
    """The numbers in a name, which may distinguish somebody from namesakes."""
    return " ".join(sorted(filter(str.isdigit, _words(name))))


def _ids(person):
    """What says who this is, among other words: no short number, which many things have."""
    return [one for one in (person.id, person.number) if not one.isdigit() or len(one) > _MAX_SHORT]


def _names(person):
    """The words of a name; of the id, which may be made of one, if no other is known."""
    return _words(" ".join(person.names) or person.id)


def _says_id(words, person):
    """Whether a person's id is among these words, and is no mere part of the name.

    As others may have an id of letters as a name, two words of the person's name are there as well.
    """
    names = _names(person)
    for own in filter(None, map(_words, _ids(person))):
        has_names = names <= words or len(names & words - own) > 1 or all(map(str.isdigit, own))
        if own <= words and not own <= names and has_names:
            return True
    return False


def _namesakes(people):
    """Those who share their name with somebody who has another id."""
    ids = defaultdict(set)
    for person in people:
        ids[squeezed(_whole_name(person))].add(person.id)
    return {person for person in people if len(ids[squeezed(_whole_name(person))]) > 1}


def _whole_name(person):
    return person.whole or f"{person.first} {person.last}".strip()


def _elsewhere(people, platform):
    """The sentence that everybody with this name is on another platform."""
    said = _(
        "the name is that of {student}, who is known from {other}: pass {platform}'s list with "
        "--roster, which says whether this is the same person"
    )
    others = people[0].came_from or people[0].named_by
    return said.format(
        student=", ".join(sorted(person.id for person in people)),
        other=", ".join(_PLATFORMS.get(one, one) for one in sorted(others)),
        platform=_PLATFORMS[platform],
    )


def _folded(name):
    return composed(name).casefold().strip()


def squeezed(name: str) -> str:
    """A name as Canvas writes it: letters and digits in one row, without capitals."""
    return "".join(filter(str.isalnum, _folded(name)))


def _without_accents(name):
    letters = unicodedata.normalize("NFKD", name)
    return squeezed("".join(c for c in letters if not unicodedata.combining(c)))

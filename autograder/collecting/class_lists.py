"""Who is in the class, by the lists that platforms export and by the gradebook."""

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collecting.platforms import CANVAS, MOODLE
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
_NOT_PEOPLE = ("points possible", "student, test")  # rows of Canvas's own
# In what Moodle's worksheet says of a submission.
_LATE = re.compile(r"\blate\b|spät|retard|retras|tarde\b|迟交", re.IGNORECASE)


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
        """Return whether this may be a user of these platforms; true if nothing is known."""
        mine = self.came_from or self.named_by
        return not mine or not set(platforms) or bool(mine & set(platforms))

    def is_called_as(self, other: "Person") -> bool:
        """Return whether both have the same name."""
        return not {*map(squeezed, self.names)}.isdisjoint(map(squeezed, other.names))

    def filled_in(self, other: "Person") -> "Person":
        """Return the same person, completed by the current list, first and last name together.

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


def maximum_points(path: Path, column: str = "Maximum Grade") -> float | None:
    """Return the platform's maximum points, from a column of its list; None if it does not say.

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
    """Return the platform that exported a list, by its first line. Raises CourseError."""
    head, _rows = read_table(path)
    return _platform([cell.strip().casefold() for cell in head])


def _platform(head):
    if {"id"} < {*head} and not {*head}.isdisjoint(_CANVAS_STUDENT):
        return CANVAS if any(_OF_CANVAS.fullmatch(cell) for cell in head) else ""
    return MOODLE if _MOODLES & {*head} else ""


def read_roster(path: Path) -> list[Person]:
    """Return the people in a CSV file of Canvas or Moodle, or in students.csv.

    Raises CourseError if it is none of these.
    """
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
    """Yield the people in the gradebook."""
    for student, known in gradebook.people(course).items():
        last, _, first = known.name.partition(", ") if known.name != student else ("",) * 3
        yield Person(student, first, last, known.email, known.lms_id)


def folded(name: str) -> str:
    """Return a name without capitals and outer blanks."""
    return composed(name).casefold().strip()


def squeezed(name: str) -> str:
    """Return a name as Canvas writes it: letters and digits in one row, without capitals."""
    return "".join(filter(str.isalnum, folded(name)))

"""Who of the class handed something in."""

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from autograder.collecting.class_lists import Person, folded, squeezed
from autograder.collecting.platforms import CANVAS, MOODLE, Sender
from autograder.messages import _
from autograder.names import composed

_MAX_HYPHENS = 10  # in the name of a group
_MAX_SHORT = 3  # digits of a number that says nothing by itself
_PLATFORMS = {CANVAS: "Canvas", MOODLE: "Moodle"}


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
        if person.id:  # an id may have been made from a name, if there was no other
            names = {squeezed(name) for name in person.names}
            namesakes = [other for other in namesakes if squeezed(other.id) in names]
        return namesakes[0] if len(namesakes) == 1 and person not in self._namesakes else None

    def find(self, sender: Sender) -> tuple[Person | None, str]:
        """Return the person who this is; or None, and why that is not known."""
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
        """Return the person with the number that the platform gave."""
        field = {CANVAS: "number", MOODLE: "participant"}.get(sender.platform)
        for person in self.people.values() if field and sender.number else ():
            if getattr(person, field) == sender.number and person.is_of([sender.platform]):
                return person
        return None

    def is_certain(self, sender: Sender) -> bool:
        """Return whether a number or an id says who this is, not only a name."""
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
        named = [self._by_word.get(word, set()) for word in words if not word.isdigit()]
        alike = [self.people[found] for found in sorted(set.intersection(*named))] if named else []
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
        found = {form: defaultdict(dict) for form in (folded, squeezed, _without_accents)}
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
    """Return the numbers in a name, which may distinguish somebody from namesakes."""
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


def _without_accents(name):
    letters = unicodedata.normalize("NFKD", name)
    return squeezed("".join(c for c in letters if not unicodedata.combining(c)))

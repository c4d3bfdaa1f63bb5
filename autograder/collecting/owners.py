"""Whose the files of an archive are: first their senders, then the students who these are."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from autograder.collecting import archive
from autograder.collecting.archive import Entry, UnreadableEntry
from autograder.collecting.collected import Collected
from autograder.collecting.platforms import CANVAS, HandedIn, Sender, read_path
from autograder.collecting.roster import Roster, numbers_in
from autograder.course_folder import CourseFolder
from autograder.grading import notebook_names
from autograder.messages import _
from autograder.names import few

_MAX_PART = 500_000_000  # bytes of an archive inside the archive, such as one part of a download
_CANVAS_TEST_STUDENT = "studenttest"
_BRIGHTSPACES_LIST = "index.html"  # of all that was handed in

Found = tuple[HandedIn, Entry]


def by_sender(
    course: CourseFolder, lesson: str, path: Path, roster: Roster, collected: Collected
) -> dict[Sender, list[Found]]:
    """Return the files of each sender in an archive, or in a folder with what was in one."""

    @functools.cache
    def person_of(name, platform="", number=""):
        return roster.find(Sender(platform, name, number))[0]

    entries = list(_all_entries(path, person_of, collected))
    wrapper = _common_folders([entry.parts for entry in entries])
    outermost = _outermost([entry.parts for entry in entries], person_of)
    others = {name.casefold() for name in course.lessons() if name != lesson}
    notebooks = [path.name for path in (course.root / "source").glob("*/*.ipynb")]
    read = functools.partial(
        read_path, is_blackboards=_is_blackboards(entries, len(wrapper), person_of)
    )
    named = [_named_by_platform(entry.parts, len(wrapper), person_of, read) for entry in entries]
    logins = _logins({one.titled for one in named if one and one.titled}, person_of)
    has_times = any(one and one.when for one in named)
    found = defaultdict(list)
    for entry, handed_in in zip(entries, named, strict=True):
        if handed_in is None:
            if has_times and entry.parts[len(wrapper) :] == (_BRIGHTSPACES_LIST,):
                continue
            if others & {part.casefold() for part in entry.parts[:-1]}:
                continue  # a tree with all lessons
            handed_in = _by_folders(entry.parts, len(wrapper), lesson, person_of, outermost)
            if handed_in.place < 0 and _names_nobody(entry.parts[-1], notebooks):
                why = _("nothing says whose it is: put it into a folder with the student's name")
                collected.problem(entry.name, why)
                continue
        elif handed_in.titled:
            sender = replace(handed_in.sender, name=logins[handed_in.titled])
            handed_in = replace(handed_in, sender=sender)
        found[handed_in.sender].append((handed_in, entry))
    bare = {
        parts: names
        for parts, names in archive.without_files(path).items()
        if not others & {part.casefold() for part in parts}
    }
    _name_senders_without_files(bare, entries, lesson, person_of, found, collected)
    return found


def _outermost(paths, person_of):
    """The level of the outermost folder that is called after a student."""
    named = (place for parts in paths for place, part in enumerate(parts[:-1]) if person_of(part))
    return min(named, default=0)


def _name_senders_without_files(bare, entries, lesson, person_of, found, collected):
    """Note who has a folder in which there is nothing to take; `bare` are such folders."""
    paths = [(*parts, "") for parts in bare]
    everything = [*(entry.parts for entry in entries), *paths]
    wrapper, outermost = len(_common_folders(everything)), _outermost(everything, person_of)
    for parts, names in zip(paths, bare.values(), strict=True):
        named = _named_by_platform(parts, wrapper, person_of, read_path)
        named = named or _by_folders(parts, wrapper, lesson, person_of, outermost)
        its = named.sender
        taken = {one.name.casefold() for one in found}
        if named.place < 0 or not its.name or its.name.casefold() in taken:
            continue
        why = _("the folder is empty")
        if names:
            why = _("nothing but {names}: ask for the notebook").format(names=few(names, 3))
        collected.problem(its.shown, why)


def _is_blackboards(entries, wrapper, person_of):
    """Whether all that a platform named can be Blackboard's, and nothing is of a user of Canvas."""
    for parts in (entry.parts[wrapper:] for entry in entries):
        if found := read_path(parts):
            its = found.sender
            again = read_path(parts, is_blackboards=True)
            if not (again and again.titled) or (
                its.platform and person_of(its.name, its.platform, its.number)
            ):
                return False
    return True


def _logins(titled, person_of):
    """The login in each of Blackboard's names, TITLE_LOGIN, of which both parts may have a "_".

    All have the same title: it ends where what follows is known of most, else where names differ.
    """
    split = {name: name.split("_") for name in titled}
    columns = zip(*(parts[:-1] for parts in split.values()), strict=False)
    shared = len([*itertools.takewhile(lambda column: len({*column}) == 1, columns)])

    def known(end):
        return sum(person_of("_".join(parts[end:])) is not None for parts in split.values())

    end = max(range(1, max(shared, 1) + 1), key=known)
    if len(split) > 1 and not known(end):
        end = max(shared, 1)
    return {name: "_".join(parts[end:]) for name, parts in split.items()}


def _named_by_platform(parts, wrapper, person_of, read):
    """The owner of a file by the platform's name for it; None if it is in somebody else's folder.

    There, files have the names that this person gave them.
    """
    for start in (wrapper, 0):
        if handed_in := read(parts[start:]):
            above = parts[: start + handed_in.place]
            owners = [owner for part in above if (owner := person_of(part))]
            its = handed_in.sender
            is_theirs = not owners or person_of(its.name, its.platform, its.number) in owners
            return handed_in if is_theirs else None
    return None


def _all_entries(path, person_of, collected):
    """The files of the archive, and of archives in it that are parts of a download."""
    listed = list(archive.entries(path))
    depth = len(_common_folders([entry.parts for entry in listed]))
    for entry in listed:
        is_named = read_path(entry.parts) or read_path(entry.parts[depth:])
        is_whole = entry.is_archive and not is_named and len(entry.parts) == depth + 1
        if why := archive.fault_of(entry.name):
            collected.problem(entry.name, why)
        elif is_whole and not person_of(Path(entry.parts[-1]).stem):
            try:
                inside = list(archive.inner(entry, _MAX_PART))
            except UnreadableEntry as error:
                collected.problem(entry.name, str(error))
                continue
            is_part = any(read_path(one.parts) for one in inside)
            yield from inside if is_part else [entry]
        else:
            yield entry


def _common_folders(paths):
    """The folders that everything is in."""
    common = []
    for parts in zip(*(parts[:-1] for parts in paths), strict=False):
        found = read_path(parts[:1])
        is_of_one = found is not None and found.sender.platform != CANVAS  # the only sender
        if len(set(parts)) > 1 or is_of_one:
            break
        common.append(parts[0])
    return common


def _by_folders(parts, wrapper, lesson, person_of, outermost):
    """The owner of a file in STUDENT/LESSON/FILE, LESSON/STUDENT/FILE or STUDENT/FILE.

    `outermost` is the level at which the archive names students: further in, they name themselves.
    """
    folders = [
        place
        for place, part in enumerate(parts[:-1])
        if part.casefold() not in (lesson.casefold(), "submitted")
    ]
    has_somebody = any(person_of(parts[place]) for place in folders)
    named = [place for place in folders if has_somebody and place >= outermost]
    inner = [place for place in folders if place >= wrapper]
    if place := named or inner or folders[-1:]:
        own = tuple(
            part for part in parts[place[0] + 1 : -1] if part.casefold() != lesson.casefold()
        )
        return HandedIn(Sender("", parts[place[0]]), (*own, parts[-1]))
    name, _line, rest = parts[-1].partition("_")
    return HandedIn(Sender("", name if rest else Path(name).stem), (rest or name,), place=-1)


def _names_nobody(name, notebooks):
    """Whether a file is named after one of these notebooks, not after a student."""
    stems = [f"{notebook_names.notebook_stem(notebook)}_" for notebook in notebooks]
    return name.startswith(tuple(stems)) or any(
        notebook_names.may_have_been(name, notebook) for notebook in notebooks
    )


def by_person(
    files: Mapping[Sender, list[Found]], roster: Roster, collected: Collected
) -> dict[str, list[Found]]:
    """Return the files of each student by id; unknown senders are noted as problems."""
    senders = defaultdict(list)
    for sender in files:
        person, why = roster.find(sender)
        if sender.name.casefold() == _CANVAS_TEST_STUDENT:
            continue
        if person is None and roster.is_complete:
            names = few([entry.parts[-1] for _handed_in, entry in files[sender]], 3)
            holds = _("it holds {names}").format(names=names)
            collected.problem(sender.shown, _("; ").join([why, holds]))
            said = _(
                "Where it is not clear whose files these are: add the student to the list, or put "
                "the files into a folder that is called by the student's id, and collect again."
            )
            collected.notes[said] = None
        else:
            senders[person.id if person else _new_id(sender)].append(sender)
    found = {}
    for student, mine in senders.items():
        numbers = {sender: sender.number or numbers_in(sender.name) for sender in mine}
        certain = [sender for sender in mine if roster.is_certain(sender)]
        taken = [one for one in mine if not certain or one in certain or not numbers[one]]
        differ = {sender.number for sender in certain if sender.platform}
        if len(differ if certain else {*numbers.values()}) > 1:
            why = _("several people have this name: give --roster a list that says who is who")
            for sender in taken:
                collected.problem(sender.shown, why)
        else:
            found[student] = [file for sender in taken for file in files[sender]]
        for sender in mine:
            if sender not in taken:
                why = _("the name is that of {student}, who has another number")
                collected.problem(sender.shown, why.format(student=student))
    return found


def _new_id(sender):
    """The id of somebody in no list: Canvas's number always stays the same, Moodle's does not."""
    return sender.number if sender.platform == CANVAS else sender.name.strip()

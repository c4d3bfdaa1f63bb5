"""Put the files of an archive into submitted/STUDENT/LESSON/, and report on each student's files.

What was there before is moved to collected/STUDENT/LESSON/NUMBER/: nothing is lost.
"""

import functools
import itertools
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat

from autograder.collecting import archive, canvas_columns, origins, sections, student_files
from autograder.collecting.archive import UnreadableEntry
from autograder.collecting.attempts import REPLACED, store
from autograder.collecting.class_lists import Person, maximum_points, platform_of, read_roster
from autograder.collecting.handed_in_times import earlier_was_late, time_handed_in
from autograder.collecting.platforms import CANVAS, HandedIn, Sender, read_path
from autograder.collecting.roster import Roster, numbers_in
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, notebook_names, submissions
from autograder.grading.file_modes import keeps_private
from autograder.messages import _
from autograder.names import composed, few, folder_of, id_of, shown
from course.workbook.notebooks import nbgrader_settings

_MAX_PART = 500_000_000  # bytes of an archive inside the archive, such as one part of a download
_MAX_PROBLEMS = 1_000
ASIDE = "aside"  # beside a student's earlier attempts
_CANVAS_TEST_STUDENT = "studenttest"
_BRIGHTSPACES_LIST = "index.html"  # of all that was handed in
# What Blackboard writes where a student has typed nothing.
_EMPTY_RECEIPT = (
    b"There is no student submission text data for this assignment",
    b"There are no student comments for this assignment",
)


@dataclass(frozen=True)
class Row:
    """The outcome for one student's files."""

    student: str
    became: str
    notes: tuple[str, ...] = ()


@dataclass
class Collected:
    """The outcome for an archive: each student's files, and what was not understood, and why."""

    place: Path  # where the files were looked for
    expected: str  # what the files should have been, as a part of a sentence
    rows: list[Row] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # sentences about the whole archive
    problems: list[tuple[str, str]] = field(default_factory=list)

    def problem(self, what: str, why: str) -> None:
        """Note what was not understood."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append((shown(what), shown(why)))


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
    by_sender = _by_sender(course, lesson, path, roster, collected)
    by_person = _by_person(by_sender, roster, collected)
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


# Whose is what ------------------------------------------------------------------------------------


def _by_sender(course, lesson, path, roster, collected):
    """The files of each sender."""

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


def _by_person(by_sender, roster, collected):
    """The files of each student by id; unknown senders are noted as problems."""
    senders = defaultdict(list)
    for sender in by_sender:
        person, why = roster.find(sender)
        if sender.name.casefold() == _CANVAS_TEST_STUDENT:
            continue
        if person is None and roster.is_complete:
            files = few([entry.parts[-1] for _handed_in, entry in by_sender[sender]], 3)
            holds = _("it holds {names}").format(names=files)
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
            found[student] = [file for sender in taken for file in by_sender[sender]]
        for sender in mine:
            if sender not in taken:
                why = _("the name is that of {student}, who has another number")
                collected.problem(sender.shown, why.format(student=student))
    return found


def _new_id(sender):
    """The id of somebody in no list: Canvas's number always stays the same, Moodle's does not."""
    return sender.number if sender.platform == CANVAS else sender.name.strip()


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

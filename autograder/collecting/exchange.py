"""Take what was submitted through nbgrader's exchange; nothing that was there before is lost."""

import contextlib
import logging
import os
import shutil
import stat
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns, parse_utc

from autograder.collecting.attempts import (
    COLLECTED,
    REPLACED,
    UNCHANGED,
    attempts,
    keep_attempt,
    move,
)
from autograder.collecting.collected import Collected, Row
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook, plain_files, submissions
from autograder.grading.file_modes import keeps_private, set_modes
from autograder.messages import _
from autograder.names import id_of, shown
from course.files import write_atomically

_AHEAD = timedelta(days=1)  # by which a time may be ahead of the clock here: zones, wrong clocks
_AFTER = timedelta(hours=1)  # by which a folder may be younger than its name: copies, wrong clocks
_PART = 1_000_000  # bytes of a file that are copied at a time
MAX_FILES = 50_000  # and folders of one student, however small
# Errors that one student can cause, and that must not stop the others.
_OF_ONE = (
    *(OSError, ExchangeError, plain_files.Unreadable),
    *(RuntimeError, ValueError, OverflowError),
)


class _Collector(ExchangeCollect):
    """Sets aside what cannot be taken, where nbgrader's own would stop, or only warn."""

    students: Collection[str] = ()  # whose accounts may not hand in for each other

    def _path_to_record(self, path):
        """Read a folder's name: nbgrader asks for each one here, and nowhere else."""
        try:
            record = super()._path_to_record(path)
            why = self._why_not(Path(path), record)
        except (OSError, ExchangeError, ValueError, OverflowError):
            why = _not_expected()
        if not why:
            return record
        # nbgrader looks only at the newest of each user. This one has no other: no id has a slash.
        name = os.path.basename(path)
        return {"username": f"/{name}", "filename": name, "timestamp": datetime.min, "why": why}

    def _why_not(self, path, record):
        """Why a folder is not taken, though others of this student are; "" if it may be."""
        student = record["username"]
        if not submissions.can_name_a_folder(id_of(student)):
            return _not_expected()
        if _is_in_the_future(record["timestamp"]):
            return _("its time is in the future: delete it, or ask its owner")
        if path.is_symlink():
            return _("it is only a link to another folder")
        if not path.is_dir():
            return _not_expected()
        owner = _owner(path) if self.check_owner else ""
        if owner != student and owner in self.students:
            said = _(
                "it belongs to the account {owner}, who is another student: ask both. If students "
                "share accounts, set c.ExchangeCollect.check_owner = False"
            )
            return said.format(owner=shown(owner))
        return ""


def _not_expected():
    return _("expected a folder called STUDENT+LESSON+TIME: delete it, or ask its owner")


@keeps_private
def collect_from_exchange(
    course: CourseFolder, lesson: str, max_attempts: int | None = None
) -> Collected:
    """Take the newest submission of everybody from the exchange. Raises CourseError.

    `max_attempts` limits how many of a student's attempts count; later ones stay there.
    """
    collector = _collector(course, lesson)
    place = Path(collector.inbound_path)
    collected = Collected(place, _("folders called STUDENT+LESSON+TIME"))
    for record in sorted(collector.src_records, key=lambda record: record["username"]):
        source = place / record["filename"]
        if "why" in record:
            collected.problem(record["filename"], record["why"])
            continue
        try:
            with gradebook.alone(course):
                became, notes = _take(course, lesson, collector, record, source, max_attempts)
            if collector.check_owner:
                notes += _about_owner(record["username"], source)
            collected.rows.append(Row(shown(record["username"]), became, notes))
        except _OF_ONE as error:
            why = _("cannot be taken: {reason}").format(reason=error)
            collected.problem(record["username"], why)
    return collected


def _collector(course, lesson):
    """nbgrader's collector, which knows what is in the exchange."""
    config = course.config()
    config.CourseDirectory.assignment_id = lesson
    config.CourseDirectory.db_url = str(gradebook.url(course.gradebook))
    log = logging.getLogger("autograder.exchange")
    log.setLevel(logging.CRITICAL)
    directory = CourseDirectory(config=config, log=log)
    collector = _Collector(coursedir=directory, config=config, log=log)
    collector.students = submissions.students(course.submissions, lesson)
    collector.students |= {*gradebook.students(course)}
    try:
        with gradebook.opened(course):  # made if there is none: nbgrader would take seconds
            collector.init_src()
    except ExchangeError as error:
        said = _(
            "{reason}. `nbgrader release_assignment {lesson}` makes the exchange's folders; "
            "c.Exchange.root in course_settings.py says where the exchange is."
        )
        raise CourseError(said.format(reason=error, lesson=lesson)) from error
    return collector


def _take(course, lesson, collector, record, source, max_attempts):
    """Take a folder, unless it is known: what became of it, and notes about it."""
    student = id_of(record["username"])
    folder = course.submitted(student, lesson)
    became = COLLECTED
    if folder.is_dir():
        # With --best, the newest attempt may be among the earlier ones.
        known = [folder, *attempts(course, lesson, student)]
        if any(when >= record["timestamp"] for when in _times(known)):
            return UNCHANGED, ()
        if max_attempts and len(known) >= max_attempts:
            return UNCHANGED, ()
        became = REPLACED
    new = course.collected(student, lesson) / ".new"
    shutil.rmtree(new, ignore_errors=True)
    try:
        changed = _copy(collector, source, new)
        set_modes(course, new)
        # Its own might say something else, and then this would be taken again and again.
        write_atomically(new / "timestamp.txt", _time_in_name(record["filename"]))
        if became == REPLACED:
            keep_attempt(course, lesson, student)
        folder.parent.mkdir(parents=True, exist_ok=True)
        move(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return became, _about_time(record["timestamp"], changed, source)


def _times(folders):
    """When each of these was handed in, as nbgrader reads it; none unreadable or in the future."""
    for folder in folders:
        with contextlib.suppress(plain_files.Unreadable, ValueError, OverflowError):
            content = plain_files.content(folder / "timestamp.txt", plain_files.MAX_LINE)
            when = parse_utc(content.decode().strip())
            if not _is_in_the_future(when):  # else nothing else would ever be newer
                yield when


def _is_in_the_future(when):
    return when > datetime.now(UTC).replace(tzinfo=None) + _AHEAD


def _time_in_name(filename):
    """The time in STUDENT+LESSON+TIME or STUDENT+LESSON+TIME+RANDOM, as nbgrader finds it."""
    return filename.rsplit("+", 3)[2]


def _copy(collector, source, new):
    """Copy a folder as nbgrader does; return when it was last changed, in seconds.

    Its owner can put a link in the place of any folder meanwhile, and it may lead to what is
    private. So all is opened from within the folder that was opened before, and no link is
    followed.
    """
    settings = collector.coursedir
    if source.is_symlink():
        raise ExchangeError(_("it is only a link to another folder"))
    left_out = ignore_patterns(settings.ignore, settings.include, settings.max_file_size)
    new.parent.mkdir(parents=True, exist_ok=True)
    room, changed = 1000 * settings.max_dir_size, 0.0
    for number, (path, folder, about) in enumerate(_walk(source, left_out)):
        if number > MAX_FILES:
            raise ExchangeError(_("it holds too many files"))
        changed = max(changed, about.st_ctime)
        copied = new / path.relative_to(source)
        if stat.S_ISDIR(about.st_mode):
            copied.mkdir()
        elif stat.S_ISLNK(about.st_mode):
            os.symlink(os.readlink(path.name, dir_fd=folder), copied)
        elif stat.S_ISREG(about.st_mode):  # no grading uses a pipe or a socket
            room -= _copy_file(path.name, folder, copied, room)
        if room < 0:
            said = _("it takes more than {size:.0f} MB")
            raise ExchangeError(said.format(size=settings.max_dir_size / 1000))
    return changed


def _walk(path, left_out, above=None, depth=0):
    """Find a folder, then all in it that is not left out: each path, its open folder, its status.

    Folders that are nested without end are left out.

    Only folders are opened: to open a pipe may take for ever, and a link may lead to what is
    private.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    folder = os.open(path if above is None else path.name, flags, dir_fd=above)
    try:
        yield path, above, os.fstat(folder)
        names = os.listdir(folder)
        for name in {*names} - {*left_out(path, names)}:
            about = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(about.st_mode):
                if depth < plain_files.MAX_DEPTH:
                    yield from _walk(path / name, left_out, folder, depth + 1)
            else:
                yield path / name, folder, about
    finally:
        os.close(folder)


def _copy_file(name, folder, new, room):
    """Copy a plain file of an open folder, and when it was changed.

    Returns its size: if that is more than there is room for, only so much as shows it.
    """
    size = 0
    with plain_files.opened(Path(name), folder) as file, new.open("xb") as copied:
        while size <= room and (part := file.read(_PART)):
            size += copied.write(part)
        changed = os.fstat(file.fileno()).st_mtime_ns
    os.utime(new, ns=(changed, changed))
    return size


def _owner(path):
    """The account that made a folder, or link; "" if it is unknown."""
    import pwd  # which not all systems have

    try:
        return pwd.getpwuid(path.lstat().st_uid).pw_name
    except KeyError:
        return ""


def _about_owner(student, source):
    """A note if somebody else's account made the folder."""
    owner = _owner(source)
    if not owner:
        said = _("{folder} belongs to an unknown account: was it {student}?")
        return (said.format(folder=shown(source.name), student=shown(student)),)
    if owner == student:
        return ()
    said = _("{folder} belongs to the account {owner}: was it {student}?")
    return (said.format(folder=shown(source.name), owner=owner, student=shown(student)),)


def _about_time(named, changed, source):
    """A note if a folder was changed long after the time in its name, which anybody can choose."""
    changed = datetime.fromtimestamp(changed, UTC).replace(tzinfo=None)
    if changed <= named + _AFTER:
        return ()
    said = _(
        "{folder} was last changed at {time} UTC, long after the time in its name: was it handed "
        "in later, or only copied?"
    )
    return (said.format(folder=shown(source.name), time=changed.isoformat(" ", "minutes")),)

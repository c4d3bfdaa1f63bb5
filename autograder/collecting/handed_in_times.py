"""When something was handed in, and whether it is late, as far as a platform says."""

import contextlib
import re
from datetime import UTC, datetime, timedelta

from dateutil.tz import gettz

from autograder.collecting.attempts import attempts
from autograder.collecting.platforms import CANVAS, MOODLE
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import extensions, gradebook, submissions
from autograder.messages import _
from autograder.names import composed, shown

_MOODLES_TIMES = (
    *("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p", "%A, %d %B %Y, %H:%M"),
    *("%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M", "%B %d, %Y, %I:%M %p"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M"),
)
_DAYS = "一二三四五六日"  # of the week, in Chinese: 星期一 is Monday


def time_handed_in(course, lesson, person, found, collected):
    """Return when a student's files were handed in (UTC), if known; and if they are called late.

    Canvas marks each late file; Moodle says it only in its grading worksheet; others name a time.
    """
    if named := [handed_in.when for handed_in, _entry in found if handed_in.when]:
        zone = _time_zone(course, collected)
        return _in_utc(max(named), zone) if zone else None, False
    is_late = any(handed_in.is_late for handed_in, _entry in found)
    if any(handed_in.sender.platform == CANVAS for handed_in, _entry in found):
        return _late_time(course, lesson, collected) if is_late else None, is_late
    when = _time_of_worksheet(course, person.when, collected)
    if not person.when.strip("- ") and found[0][0].sender.platform == MOODLE:
        said = _(
            "Moodle's archive does not say when something was handed in, so late submissions are "
            "not recognised. Pass Moodle's grading worksheet with --roster: it has the times, in "
            "its column Last modified (submission)."
        )
        collected.notes[said] = None
    if when is None and person.is_late:
        when = _late_time(course, lesson, collected)
    return when, person.is_late


def earlier_was_late(course: CourseFolder, lesson: str, student: str) -> bool:
    """Return whether a student's last attempt but one came after the due date, or their own."""
    earlier = attempts(course, lesson, student)
    zone = course.config().Exchange.get("timezone", "UTC")
    when = submissions.submitted_at(earlier[-1], zone).when if earlier else None
    due = gradebook.due_date(course, lesson)
    with contextlib.suppress(CourseError):  # grading says what is wrong with the file
        due = (extensions.read_extensions(course, lesson) or {}).get(composed(student), due)
    return bool(when and due and when > due)


def _late_time(course, lesson, collected):
    """The time of something that a platform calls late without saying how late: one second late."""
    due = gradebook.due_date(course, lesson)
    if due is None:
        said = _(
            "What the platform calls late counts as late once the gradebook knows a due date: run "
            "nbgrader db assignment add {lesson} --duedate=TIME, and collect again."
        )
        collected.notes[said.format(lesson=lesson)] = None
        return None
    collected.notes[_("Nothing says how late: it counts as one second.")] = None
    return due + timedelta(seconds=1)


def _time_of_worksheet(course, told, collected):
    """The time in Moodle's grading worksheet, as UTC: it is local to whoever exported it."""
    zone = _time_zone(course, collected) if told.strip("- ") else None
    if zone is None:
        return None
    local = _parsed(told)
    if local is None:
        said = _("This time in Moodle's worksheet cannot be read: {time}.")
        collected.notes[said.format(time=shown(told))] = None
        return None
    return _in_utc(local, zone)


def _time_zone(course, collected):
    """The time zone of the times that a platform names; None, and a note, if nothing says it."""
    zone = course.config().Exchange.get("timezone")
    if isinstance(zone, str) and (found := gettz(zone)):
        return found
    said = _(
        "The platform's times are not used, because nothing says which time zone they are in: "
        "write `{line}` (or the like) into course_settings.py, and collect again."
    )
    collected.notes[said.format(line='c.Exchange.timezone = "Europe/Berlin"')] = None
    return None


def _in_utc(local, zone):
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _parsed(told):
    """A time as Moodle writes it: Monday, 1 March 2027, 5:55 PM; 2027年03月1日 星期一 17:55.

    None in other languages, or if the day of the week does not fit the date: nobody knows then
    which is right.
    """
    if found := re.search(f"星期([{_DAYS}]) ", told):
        when = _parsed(told.replace(found[0], ""))
        return when if when and when.weekday() == _DAYS.index(found[1]) else None
    for form in _MOODLES_TIMES:
        with contextlib.suppress(ValueError):
            when = datetime.strptime(told, form)
            is_right = not form.startswith("%A") or told.startswith(when.strftime("%A"))
            return when if is_right else None
    return None

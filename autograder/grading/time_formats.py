"""Read and write times of handing in: strictly, because a wrong guess costs somebody points."""

import codecs
import re
from datetime import datetime, timedelta

from dateutil.tz import gettz

from autograder.messages import _

_MAX_OFFSET = timedelta(hours=14)  # no clock on Earth is further from UTC
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(:\d\d([.,]\d{1,9})?)?)"
    r" ?(?P<zone>[+-]\d\d(:?\d\d)?|[A-Z]{1,6})",
    re.ASCII | re.IGNORECASE,
)


def decode_time(content: bytes) -> str:
    """Return the text of a file that holds a time, whichever editor or system wrote it."""
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace").strip()


def parse_time(text: str, course_zone: str = "UTC") -> datetime:
    """Read an ISO 8601 date and time with its time zone, as UTC without a zone (nbgrader's way).

    The zone is an offset, Z, UTC, GMT, or what the course's own time zone is called at that time:
    nbgrader writes that name if `c.Exchange.timezone` is set. Raises ValueError for all else, such
    as a time without a zone: two readers could read it in two ways.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a date, a time and a time zone: {text!r}")
    local = datetime.fromisoformat(f"{found['date']} {found['time'].replace(',', '.')}")
    try:
        return (local - _offset(found["zone"].upper(), local, course_zone)).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError(f"out of the calendar: {text!r}") from error


def examples() -> str:
    """Return examples of times in the expected form."""
    said = _("{first} or {second}")
    return said.format(first="2027-03-01 17:55:00 UTC", second="2027-03-01 18:55 +01:00")


def in_nbgraders_form(when: datetime | None) -> str:
    """Return a time as nbgrader reads it, or "" if it is not known."""
    return f"{when.isoformat(' ', 'microseconds')} UTC" if when else ""


def _offset(zone, local, course_zone) -> timedelta:
    """How far a zone was ahead of UTC at a local time."""
    if zone in ("Z", "UTC", "GMT"):
        return timedelta(0)
    if zone[0] in "+-":
        offset = datetime.strptime(zone.replace(":", "").ljust(5, "0"), "%z").utcoffset()
        if abs(offset) <= _MAX_OFFSET:
            return offset
    own = gettz(course_zone)
    for fold in (0, 1):  # in autumn, one hour occurs twice: the zone's name says which is meant
        there = local.replace(tzinfo=own, fold=fold)
        if own and there.tzname() == zone:
            return there.utcoffset()
    raise ValueError(f"not a known time zone: {zone!r}")

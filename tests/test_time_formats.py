"""The time at which something was handed in: read without a guess, or not at all."""

from datetime import datetime

import pytest

from autograder.grading.time_formats import decode_time, in_nbgraders_form, parse_time

FIVE_TO_SIX = datetime(2027, 3, 1, 17, 55)

READ = {
    "2027-03-01 17:55:00.000000 UTC": FIVE_TO_SIX,  # nbgrader's own form
    "2027-03-01 17:55:00 UTC": FIVE_TO_SIX,
    "2027-03-01 17:55 UTC": FIVE_TO_SIX,
    "2027-03-01T17:55:00Z": FIVE_TO_SIX,
    "2027-03-01t17:55:00z": FIVE_TO_SIX,
    "2027-03-01 17:55:00 GMT": FIVE_TO_SIX,
    "2027-03-01 17:55:00 utc": FIVE_TO_SIX,
    "2027-03-01T18:55:00+01:00": FIVE_TO_SIX,
    "2027-03-01 18:55:00 +01:00": FIVE_TO_SIX,
    "2027-03-01 18:55:00 +0100": FIVE_TO_SIX,
    "2027-03-01 18:55:00 +01": FIVE_TO_SIX,
    "2027-03-01 12:55:00-05:00": FIVE_TO_SIX,
    "2027-03-01 23:25 +0530": FIVE_TO_SIX,
    "2027-03-02 07:55:00 +14:00": FIVE_TO_SIX,
    "2027-03-01 17:55:00 -00:00": FIVE_TO_SIX,
    "2027-03-01T17:55:00.25Z": FIVE_TO_SIX.replace(microsecond=250_000),
    "2027-03-01T17:55:00,25Z": FIVE_TO_SIX.replace(microsecond=250_000),
    "2027-03-01T17:55:00.123456789Z": FIVE_TO_SIX.replace(microsecond=123_456),
    "2028-02-29 23:30:00 -01:00": datetime(2028, 3, 1, 0, 30),
    "2026-12-31 23:30:00 -01:00": datetime(2027, 1, 1, 0, 30),
}

NOT_READ = [
    "",
    "yesterday",
    "01.03.2027 17:55",  # the first of March, or the third of January
    "01/03/2027 17:55 UTC",
    "03-01-2027 17:55 UTC",
    "27-03-01 17:55 UTC",
    "1 March 2027 17:55 UTC",
    "Mon Mar  1 17:55:00 UTC 2027",
    "2027-3-1 17:55 UTC",
    "2027-03-01",
    "2027-03-01 UTC",
    "17:55 UTC",
    "2027-03-01 17:55:00",  # whose clock?
    "2027-03-01T17:55:00",
    "2027-03-01 17:55:00 PST",
    "2027-03-01 17:55:00 IST",  # India, Israel or Ireland
    "2027-03-01 17:55:00 Europe/Berlin",
    "2027-03-01 17:55:00 UTC+1",
    "2027-03-01 17:55:00 +1",
    "2027-03-01 17:55:00 +01:00:00",
    "2027-03-01 17:55:00 +01:75",
    "2027-03-01 17:55:00 +25:00",
    "2027-03-01 5:55 PM UTC",
    "2027-02-29 17:55 UTC",  # no such day
    "2027-03-01 24:00 UTC",
    "2027-03-01 17:60 UTC",
    "2027-03-01 17:55:60 UTC",
    "2027-03-01x17:55:00 UTC",
    "2027-03-01 17:55:00 UTC and so on",
    "2027-03-01 17:55:00 UTC\n2027-03-02 17:55:00 UTC",
    "1803837300",
    "\uff12027-03-01 17:55 UTC",
    "0001-01-01 00:00 +01:00",  # before the calendar begins
    "9" * 10_000,
]


@pytest.mark.parametrize(("text", "when"), READ.items())
def test_a_time_with_a_zone_is_read(text, when):
    assert parse_time(text) == when


@pytest.mark.parametrize("text", NOT_READ, ids=lambda text: text[:40] or "empty")
def test_what_could_mean_something_else_is_not_read(text):
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "zone", "when"),
    [
        ("2027-03-01 18:55:00.000000 CET", "Europe/Berlin", FIVE_TO_SIX),
        ("2027-07-01 19:55:00.000000 CEST", "Europe/Berlin", datetime(2027, 7, 1, 17, 55)),
        ("2027-03-01 12:55:00 EST", "America/New_York", FIVE_TO_SIX),
        ("2027-03-01 14:55:00 -03", "America/Sao_Paulo", FIVE_TO_SIX),
        ("2027-10-31 02:30:00 CEST", "Europe/Berlin", datetime(2027, 10, 31, 0, 30)),
        ("2027-10-31 02:30:00 CET", "Europe/Berlin", datetime(2027, 10, 31, 1, 30)),
        ("2027-03-01 17:55:00 UTC", "no such zone", FIVE_TO_SIX),
    ],
)
def test_the_name_of_the_courses_own_zone_is_known(text, zone, when):
    """As nbgrader writes it if c.Exchange.timezone is set."""
    assert parse_time(text, zone) == when


@pytest.mark.parametrize("zone", ["Europe/Berlin", "no such zone"])
def test_a_name_that_the_zone_does_not_have_then_is_not_read(zone):
    with pytest.raises(ValueError, match="not a known time zone"):
        parse_time("2027-07-01 19:55:00 CET", zone)  # in July it is CEST there


@pytest.mark.parametrize(
    "content",
    [
        b"2027-03-01 17:55 UTC",
        b"\xef\xbb\xbf2027-03-01 17:55 UTC",
        b"\r\n\r\n2027-03-01 17:55 UTC\r\n",
        b" \t2027-03-01 17:55 UTC \n\n",
        "2027-03-01 17:55 UTC\r\n".encode("utf-16"),  # PowerShell's `>`
        b"\xfe\xff" + "2027-03-01 17:55 UTC".encode("utf-16-be"),
    ],
)
def test_what_editors_and_systems_add_is_forgiven(content):
    assert parse_time(decode_time(content)) == FIVE_TO_SIX


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\x80abc", b"\x00" * 100])
def test_any_bytes_are_a_text(content):
    with pytest.raises(ValueError, match=r"."):
        parse_time(decode_time(content))


def test_a_time_is_written_as_nbgrader_writes_it():
    assert in_nbgraders_form(FIVE_TO_SIX) == "2027-03-01 17:55:00.000000 UTC"
    assert parse_time(in_nbgraders_form(FIVE_TO_SIX)) == FIVE_TO_SIX
    assert in_nbgraders_form(None) == ""

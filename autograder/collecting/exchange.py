"""Take what was submitted through nbgrader's exchange; nothing that was there before is lost."""

import logging
import os
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

from autograder.collecting.collect import (
    COLLECTED,
    REPLACED,
    UNCHANGED,
    Collected,
    Row,
    attempts,
    keep_attempt,
)
from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import gradebook
from autograder.names import folder_of, id_of, shown


def collect_from_exchange(
    course: CourseFolder, lesson: str, max_attempts: int | None = None
) -> Collected:
    """Take the newest submission of everybody from the exchange. Raises CourseError.

    `max_attempts` limits how many of a student's attempts count; later ones stay there.
    """
    collector = _collector(course, lesson)
    collected = Collected()
    for record in sorted(collector.src_records, key=lambda record: record["username"]):
        source = Path(collector.inbound_path) / record["filename"]
        try:
            with gradebook.alone(course):
                became = _take(course, lesson, collector, record, source, max_attempts)
            notes = _about_owner(record["username"], source) if collector.check_owner else ()
            collected.rows.append(Row(shown(record["username"]), became, notes))
        except (OSError, ExchangeError) as error:
            collected.problem(record["username"], f"cannot be taken: {error}")
    return collected


def _collector(course, lesson):
    """nbgrader's own, which knows what there is."""
    config = course.config()
    config.CourseDirectory.assignment_id = lesson
    config.CourseDirectory.db_url = str(gradebook.url(course.gradebook))
    log = logging.getLogger("autograder.exchange")
    log.setLevel(logging.CRITICAL)
    directory = CourseDirectory(config=config, log=log)
    collector = ExchangeCollect(coursedir=directory, config=config, log=log)
    try:
        with gradebook.opened(course):  # made if there is none: nbgrader takes seconds for that
            collector.init_src()
    except ExchangeError as error:
        raise CourseError(
            f"{error}. `nbgrader release_assignment {lesson}` makes the exchange's folders; "
            "c.Exchange.root in nbgrader_config.py says where the exchange is."
        ) from error
    return collector


def _take(course, lesson, collector, record, source, max_attempts):
    student = id_of(record["username"])
    folder = course.root / "submitted" / folder_of(student) / lesson
    became = COLLECTED
    if folder.is_dir():
        existing = collector.coursedir.get_existing_timestamp(str(folder))
        if existing is not None and existing >= record["timestamp"]:
            return UNCHANGED
        if max_attempts and len(attempts(course, lesson, student)) + 1 >= max_attempts:
            return UNCHANGED
        keep_attempt(course, lesson, student)
        became = REPLACED
    folder.parent.mkdir(parents=True, exist_ok=True)
    collector.do_copy(str(source), str(folder))
    return became


def _about_owner(student, source):
    """A note if somebody else's account made the folder."""
    import pwd  # which not all systems have

    try:
        owner = pwd.getpwuid(os.stat(source).st_uid).pw_name
    except KeyError:
        owner = "an unknown account"
    if owner == student:
        return ()
    return (f"{shown(source.name)} belongs to the account {owner}: was it {shown(student)}?",)

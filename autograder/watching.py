"""Grade what arrives, as it arrives, and write its pages, again and again, for weeks."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autograder.collecting.attempts import UNCHANGED
from autograder.collecting.collected_table import became_words
from autograder.collecting.exchange import collect_from_exchange
from autograder.course_folder import CourseFolder
from autograder.grading import class_grading, gradebook, submissions
from autograder.grading.plan import Which, why_graded
from autograder.messages import _
from autograder.names import shown
from autograder.nbgrader_plugins.release_feedback import release_feedback
from autograder.pages.feedback_files import write_feedback
from autograder.pages.status_words import of_terminal
from autograder.pages.terminal_table import changes_words

_SETTLE_SECONDS = 2  # since a file's last change: before that, it may still be arriving


@dataclass(frozen=True)
class WatchSettings:
    """What to watch, and what to do with what arrives."""

    lessons: Sequence[str]
    from_exchange: bool = False  # collect from nbgrader's exchange first
    release: bool = False  # put the pages into the exchange
    max_attempts: int | None = None  # that count, of each student


def watch(
    course: CourseFolder, settings: WatchSettings, interval: float, report: Callable[[str], None]
) -> None:
    """Poll every `interval` seconds until this process ends; `report` gets each line to report.

    What goes wrong is reported, and tried again the next time.
    """
    pending = defaultdict(dict)
    while True:
        for lesson in settings.lessons:
            try:
                for line in poll(course, lesson, settings, pending[lesson]):
                    report(line)
            except Exception as error:  # a disk that is full today may have room tomorrow
                said = _("{lesson}: {reason}; will be tried again later")
                why = f"{type(error).__name__}: {shown(str(error))}"
                report(said.format(lesson=lesson, reason=why))
        time.sleep(interval)


def poll(
    course: CourseFolder,
    lesson: str,
    settings: WatchSettings,
    pending: dict[str, str] | None = None,
) -> Iterator[str]:
    """Collect what is new for a lesson, grade it and write its pages. Raises what these raise.

    `pending` are the students whose pages are still to be written, with the reason that was
    reported if that failed; it is kept up to date.
    """
    pending = {} if pending is None else pending
    if settings.from_exchange:
        collected = collect_from_exchange(course, lesson, settings.max_attempts)
        for row in collected.rows:
            if row.became != UNCHANGED:
                said = _("{lesson}: {student} {became}").format(
                    lesson=lesson, student=row.student, became=became_words(row.became)
                )
                yield _("; ").join([said, *row.notes])
        for what, why in collected.problems:
            yield _("{lesson}: {what}: {reason}").format(lesson=lesson, what=what, reason=why)
    new = why_graded(course, lesson, which=Which(only_new=True))
    arrived = [student for student in new if _has_settled(course, lesson, student)]
    if arrived:
        pending.update(dict.fromkeys(arrived, ""))
        results = class_grading.grade(course, lesson, which=Which(only_new=True, students=arrived))
        yield from _graded(results)
    yield from _write_pages(course, lesson, settings, pending)


def _write_pages(course, lesson, settings, pending):
    """Write the pages that are pending, and yield a line for each new reason why one cannot be."""
    ready = pending.keys() & gradebook.students_with_scores(course, lesson) if pending else ()
    if not ready:
        return
    written = write_feedback(course, lesson, only=ready)
    for student, why in written.failed.items():
        if pending[student] != why:
            said = _("{lesson}: no page for {student}: {reason}")
            yield said.format(lesson=lesson, student=shown(student), reason=why)
        pending[student] = why
    if settings.release and written.pages:
        release_feedback(course, lesson)
    for student in ready - written.failed.keys():
        del pending[student]


def _graded(results):
    """Changes of the lesson, then a line for each submission that was graded."""
    for line in changes_words(results.lesson_changes):
        yield _("{lesson}: {what}").format(lesson=results.lesson, what=line)
    for result in results:
        yield _("{lesson}: {student} {score:g}/{points:g} {status}").format(
            lesson=results.lesson,
            student=shown(result.student),
            score=result.score,
            points=result.max_score,
            status=of_terminal(result.status),
        )


def _has_settled(course, lesson, student):
    notebook = course.notebook(lesson).name
    path = submissions.find(course.submissions, student, lesson, notebook).path
    return path is None or abs(time.time() - path.lstat().st_mtime) > _SETTLE_SECONDS

"""The command `autograder grade`."""

import functools
import os
import shlex
from pathlib import Path

import click

from autograder.commands.shared import end_at_interrupt, in_course, named_lessons, of_section
from autograder.messages import _, ngettext
from course.messages import sentences


@click.command("grade")
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option(
    "--submitted",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with STUDENT/LESSON/NOTEBOOK.ipynb (default: submitted/).",
)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@of_section
@click.option(
    "--only-new", is_flag=True, help="Skip what is graded already, even if a check has changed."
)
@click.option("--best", is_flag=True, help="A new attempt counts only if it is no worse.")
@click.option("--force", is_flag=True, help="Grade unchanged submissions again.")
@click.option("--dry-run", is_flag=True, help="Say who would be graded, and why; write nothing.")
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at a time (default: cores).")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster to grade on.")
@click.option(
    "--no-sandbox",
    "sandbox",
    flag_value=False,
    type=bool,
    default=None,
    help="Grade without a sandbox, on systems without one; only for code you trust.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all results, with the messages of each exercise, to this file.",
)
@in_course
def command(
    course,
    lessons,
    submitted,
    students,
    section,
    only_new,
    best,
    force,
    dry_run,
    json_path,
    jobs,
    scheduler,
    sandbox,
):
    """Grade the submissions of lessons.

    LESSON is a lesson's name, its beginning or number, or `all`. What did not change since it was
    graded keeps its result; so does what is no longer there. Points given by hand stay.

    \b
    autograder grade 01-softmax
    autograder grade 1 2 --only-new
    autograder grade all --dry-run
    autograder grade 4 --student ada --force

    A submission is `passed`, `failed` (in part), `unsolved` or `needs_marking`; or it is `error`,
    `timed_out`, `out_of_memory`, `crashed` or `tampered`, and the exit code is 1; or it is
    `not_submitted`. The instructor's guide says more of each.
    """
    progress = _Progress()
    end_at_interrupt(progress.interrupted)
    lessons = named_lessons(course, lessons)
    _check_options(best, submitted, only_new, force, json_path)
    from autograder import systems

    systems.check_can_grade()
    from autograder.grading import file_modes, last_table
    from autograder.grading.results import TROUBLES

    known = dict.fromkeys(lessons)
    if not (force or only_new or best or students or section is not None):
        place = (submitted or course.submissions).resolve()
        known = {lesson: last_table.recall(course, lesson, place) for lesson in lessons}
    if None in known.values():  # what comes now takes seconds
        if scheduler is None and not dry_run:
            _warm_up(course, sandbox)
        from autograder.best_attempt import grade_best
        from autograder.grading import class_grading
        from autograder.grading.plan import RunSettings, Which, why_graded

        which = Which(force, only_new, students, section)
        settings = RunSettings(jobs, scheduler, sandbox, progress.tell)
        graded = functools.partial(class_grading.grade, submitted=submitted)
        grade = functools.partial(grade_best if best else graded, settings=settings, which=which)
    from autograder.pages import terminal_table

    classes = []
    for lesson in lessons:
        results = known[lesson]
        if dry_run:
            is_known = results is not None
            why = {} if is_known else why_graded(course, lesson, submitted=submitted, which=which)
            click.echo(terminal_table.why_words(lesson, why))
            continue
        if results is None:
            results = grade(course, lesson, progress=progress.of(lesson))
        classes.append(results)
        if json_path:
            with file_modes.kept_private(course):
                _write_json(json_path, classes)
        for line in terminal_table.of_class(results, titled=len(lessons) > 1):
            click.echo(line)
        if not any(result.has_score for result in results):
            place = (submitted or course.submissions) / "STUDENT" / lesson
            name = course.notebook(lesson).name
            said = _("There is no submission; looked for {path}.")
            click.echo(said.format(path=place / name))
    _warn_if_open(course)
    troubled = any(result.status in TROUBLES for results in classes for result in results)
    raise SystemExit(1 if troubled else 0)


def _check_options(best, submitted, only_new, force, json_path):
    """Raise a usage error for options that contradict each other, or a file that cannot be made."""
    for is_wrong, why in (
        (
            best and submitted,
            _("--best moves attempts in submitted/, so it cannot be combined with --submitted."),
        ),
        (only_new and force, _("--force and --only-new contradict each other.")),
        (
            json_path and not json_path.parent.is_dir(),
            _("There is no folder for --json {path}.").format(path=json_path),
        ),
        (
            json_path and not os.access(json_path.parent, os.W_OK),
            _("Nothing can be written beside --json {path}: choose another folder.").format(
                path=json_path
            ),
        ),
    ):
        if is_wrong:
            raise click.UsageError(why)


def _warm_up(course, sandbox):
    """Start the sandbox, which gets ready while this process imports what it needs."""
    from autograder.sandbox.outside import pool

    pool.warm_up(*pool.settings(course.config(), sandbox))


def _warn_if_open(course):
    """Say what other users of this machine can read, and the command that stops it."""
    from autograder.grading.file_modes import open_to_others

    if names := ", ".join(path.name for path in open_to_others(course)):
        remedy = f"chmod o-rwx {shlex.quote(str(course.root))}"
        said = _("Other users of this machine can read {names}: {command}")
        click.echo(said.format(names=names, command=remedy), err=True)


class _Progress:
    """The progress of grading: shown as a bar, and reported when it is interrupted."""

    def __init__(self):
        self.done = self.total = 0
        self._bar = None  # while it is shown

    def of(self, lesson):
        """Wrap the results of a lesson as they come."""

        def shown(finished, total):
            from tqdm import tqdm

            self.total += total
            unit = _("submission")
            bar = tqdm(finished, total=total, desc=lesson, unit=unit, disable=not total)
            self._bar = bar if total else None
            for graded in bar:
                yield graded
                self.done += 1
            self._bar = None

        return shown

    def tell(self, seconds):
        """Say in the bar which submissions it waits for, if they take long."""
        from autograder.pages.terminal_table import waiting_words

        words = waiting_words(seconds)
        if self._bar is not None and words != (self._bar.postfix or ""):
            self._bar.set_postfix_str(words)

    def interrupted(self):
        """The words for an interruption: how much is graded and kept."""
        said = _("Interrupted: nothing is graded.")
        if self.total:
            said = ngettext(
                "Interrupted: {done} of {count} submission is graded and kept.",
                "Interrupted: {done} of {count} submissions are graded and kept.",
                self.total,
            ).format(done=self.done, count=self.total)
        said = sentences(said, _("Run the same command again to go on from there."))
        return f"\n{said}\n"


def _write_json(path, classes):
    """Write the results of lessons, one after the other, into one file."""
    import json

    from course.files import write_atomically

    records = [record for results in classes for record in results.to_json()]
    text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode("utf-8", "backslashreplace"))

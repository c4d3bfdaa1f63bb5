"""The `autograder` command."""

import contextlib
import os
import shlex
import sys
from pathlib import Path

import click

from autograder.messages import _, again, ngettext
from course import __version__
from course.commands import TranslatedGroup, padded, translate_click, width
from course.messages import sentences, use_language


class InSentences(TranslatedGroup):
    """Commands that end with a sentence when a course, a disk or a terminal stops them."""

    translate = staticmethod(again)

    @staticmethod
    def usual_language():
        """Return the language of the course in the current folder, if there is one."""
        from autograder.course_folder import CourseError, find

        with contextlib.suppress(CourseError, OSError):  # a command that needs it says what it is
            return find(Path.cwd()).language

    def main(self, *arguments, **options):
        """Run a command; an error of the system ends it with a sentence."""
        _open_what_is_closed()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal may lack the characters of a name
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            with contextlib.suppress(OSError):
                _say_error(_of_the_system(error))
            _give_up_what_cannot_be_printed()
            sys.exit(1)

    def invoke(self, context):
        """Run a command; an error in the course ends it with a sentence."""
        from autograder.course_folder import CourseError

        try:
            return super().invoke(context)
        except CourseError as error:
            raise click.ClickException(str(error)) from None


def _say_error(sentence):
    """Say what is wrong, and go on."""
    click.echo(_("Error: {message}").format(message=sentence), err=True)


def _open_what_is_closed():
    """Open closed standard streams, or the next file opened would get what libraries print."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _give_up_what_cannot_be_printed():
    """Discard what cannot be printed, or Python would try again at exit, with a traceback."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _of_the_system(error):
    """What the system refused, as a sentence."""
    from autograder.names import shown

    said = _("{reason}.").format(reason=error.strerror or error)
    if error.filename:
        path = shown(str(error.filename))
        said = _("{reason}: {path}.").format(reason=error.strerror or error, path=path)
    return sentences(said, _("What was done stays done; the same command goes on from there."))


def _course(context, parameter, value):
    """Find the course folder, here or above."""
    from autograder.course_folder import CourseError, find

    try:
        course = find(value)
        if not os.environ.get("COURSE_LANGUAGE"):
            use_language(course.language)
            translate_click()
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    return course


def _end_at_interrupt(words):
    """From now on, end immediately at Ctrl-C, whatever is being done, and print these words.

    What is still running ends after this process. An exception would not do: the imports and
    callbacks of some libraries swallow it.
    """
    import signal
    import threading

    def end(*_signal):
        os.write(2, words().encode())
        os._exit(130)

    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before = signal.signal(signal.SIGINT, end)
        click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGINT, before))


# Tests and scripts name the course's folder; people are in it.
_in_course = click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    callback=_course,
    is_eager=True,  # other options depend on it
    hidden=True,
)


def _members(context, parameter, value):
    """Find the students of a section; None if none is named."""
    from autograder.collecting.sections import members
    from autograder.course_folder import CourseError

    try:
        return None if value is None else members(context.params["course"], value)
    except CourseError as error:
        raise click.UsageError(str(error)) from None


_of_section = click.option(
    "--section",
    metavar="NAME",
    callback=_members,
    help="Only this section, or group, of students.csv or of a list that was given to collect.",
)


@click.group(cls=InSentences)
@click.version_option(__version__)
def main():
    """Deep Learning, Live: the instructor's command.

    The exit code is 0 if all is well, 1 if there is something to look at, 2 if a command was
    called wrongly, and 130 if it was interrupted.
    """


@main.command()
@click.argument("lessons", nargs=-1, metavar="[LESSON]...")
@_in_course
def build(course, lessons):
    """Build the students' notebooks, source/ -> release/.

    Without a LESSON, all are built, and the notebooks beside them.

    \b
    autograder build
    autograder build 01-softmax

    The exit code is 1 if a lesson cannot be released; what was there before stays.
    """
    from autograder.building.release import ReleaseRefused, build_extras
    from autograder.building.release import build as build_lesson

    lessons = _meant(course, lessons)
    refused = False
    for lesson in lessons or course.lessons():
        try:
            for path in build_lesson(course, lesson):
                click.echo(_("{lesson}: written to {path}").format(lesson=lesson, path=path))
        except ReleaseRefused as error:
            click.echo(str(error), err=True)
            refused = True
    if not lessons:
        for path in build_extras(course):
            click.echo(_("{lesson}: written to {path}").format(lesson=path.stem, path=path))
    raise SystemExit(1 if refused else 0)


@main.command()
@click.argument("archive_and_lesson", nargs=-1, required=True, metavar="[ARCHIVE] LESSON")
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A gradebook, list of participants or grading worksheet of Canvas or Moodle (CSV), or a "
    "file like students.csv (default: students.csv, if there is one).",
)
@click.option("--exchange", is_flag=True, help="Take what was submitted by nbgrader's exchange.")
@_in_course
def collect(course, archive_and_lesson, roster, exchange):
    """Put what was handed in into submitted/: from Canvas, Moodle, or nbgrader's exchange.

    ARCHIVE is the zip file that Canvas or Moodle gave you, or a folder with what was in it.
    Earlier attempts are kept in collected/; the newest one counts.

    \b
    autograder collect submissions.zip 01-softmax --roster gradebook.csv
    autograder collect --exchange 01-softmax

    What became of each student's files is `collected`, `replaced`, `unchanged` or `earlier
    attempt`. The exit code is 1 if something was not understood.
    """
    *archives, lesson = archive_and_lesson
    if len(archives) != (0 if exchange else 1):
        archive = _("Expected an archive and a lesson; got {words}.")
        said = _("Expected a lesson; got {words}.") if exchange else archive
        raise click.UsageError(said.format(words=" ".join(archive_and_lesson)))
    (lesson,) = _meant(course, [lesson])
    from autograder.collecting.collected_table import lines

    if exchange:
        from autograder.collecting.exchange import collect_from_exchange

        collected = collect_from_exchange(course, lesson)
    else:
        from autograder.collecting.collect import collect as collect_archive

        (archive,) = map(Path, archives)
        if not archive.exists():
            raise click.UsageError(_("There is no archive {path}.").format(path=archive))
        collected = collect_archive(course, lesson, archive, roster)
    click.echo("\n".join(lines(collected)))
    raise SystemExit(1 if collected.problems else 0)


@main.command()
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option(
    "--submitted",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with STUDENT/LESSON/NOTEBOOK.ipynb (default: submitted/).",
)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@_of_section
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
    help="Grade without walls, where the system has none: only what you trust.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all results, with the messages of each exercise, to this file.",
)
@_in_course
def grade(
    course, lessons, submitted, students, section, only_new, best, force, dry_run, json_path, **how
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
    _end_at_interrupt(progress.interrupted)
    lessons = _meant(course, lessons)
    for is_wrong, why in (
        (best and submitted, _("--best moves attempts in submitted/, so it takes no --submitted.")),
        (only_new and force, _("--force and --only-new contradict each other.")),
        (
            json_path and not json_path.parent.is_dir(),
            _("There is no folder for --json {path}.").format(path=json_path),
        ),
    ):
        if is_wrong:
            raise click.UsageError(why)
    from autograder import systems

    if trouble := systems.why_no_grading():
        raise click.ClickException(trouble)
    from autograder.sandbox.outside import pool

    if how["scheduler"] is None and not dry_run:  # it warms up during the imports below
        pool.warm_up(*pool.settings(course.config(), how["sandbox"]))

    from autograder.best_attempt import grade_best
    from autograder.grading import class_grading, file_modes
    from autograder.grading.plan import Which, why_graded
    from autograder.grading.results import TROUBLES
    from autograder.pages import terminal_table

    which = Which(force, only_new, students, section)
    how |= {"submitted": submitted, "which": which}
    classes = []
    for lesson in lessons:
        if dry_run:
            why = why_graded(course, lesson, submitted=submitted, which=which)
            click.echo(terminal_table.why_words(lesson, why))
            continue
        grading = grade_best if best else class_grading.grade
        results = grading(course, lesson, progress=progress.of(lesson), **how)
        classes.append(results)
        if json_path:
            with file_modes.kept_private(course):
                _write_json(json_path, classes)
        for line in terminal_table.of_class(results, titled=len(lessons) > 1):
            click.echo(line)
        if not any(result.has_score for result in results):
            place = (submitted or course.root / "submitted") / "STUDENT" / lesson
            name = course.notebook(lesson).name
            said = _("There is no submission; looked for {path}.")
            click.echo(said.format(path=place / name))
    _warn_if_open(course)
    troubled = any(result.status in TROUBLES for results in classes for result in results)
    raise SystemExit(1 if troubled else 0)


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

    def of(self, lesson):
        """Wrap the results of a lesson as they come."""

        def shown(finished, total):
            from tqdm import tqdm

            self.total += total
            unit = _("submission")
            bar = tqdm(finished, total=total, desc=lesson, unit=unit, disable=not total)
            for graded in bar:
                yield graded
                self.done += 1

        return shown

    def interrupted(self):
        """The words for an interruption: how much is graded and kept."""
        said = _("Interrupted: nothing is graded.")
        if self.total:
            said = ngettext(
                "Interrupted: {done} of {count} submission is graded and kept.",
                "Interrupted: {done} of {count} submissions are graded and kept.",
                self.total,
            ).format(done=self.done, count=self.total)
        said = sentences(said, _("The same command goes on from there."))
        return f"\n{said}\n"


def _write_json(path, classes):
    """Write the results of lessons, one after the other, into one file."""
    import json

    from course.files import write_atomically

    records = [record for results in classes for record in results.to_json()]
    text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode("utf-8", "backslashreplace"))


@main.command()
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option("--zip", "zipped", is_flag=True, help="And archives as Canvas and Moodle take them.")
@_of_section
@_in_course
def feedback(course, lessons, zipped, section):
    """Write a page for each student, in feedback/.

    \b
    autograder feedback 01-softmax --zip

    The exit code is 1 if a page could not be written.
    """
    lessons = _meant(course, lessons)
    from tqdm import tqdm

    from autograder.course_folder import CourseError
    from autograder.names import shown
    from autograder.pages.feedback_files import write_feedback

    any_failed = False
    for lesson in lessons:
        try:
            pages, failed = write_feedback(
                course, lesson, lambda students: tqdm(students, unit=_("page")), only=section or ()
            )
        except CourseError as error:  # the lessons after it have pages all the same
            _say_error(error)
            any_failed = True
            continue
        for page in pages:
            click.echo(shown(str(page)))
        for student, why in failed.items():
            said = _("There is no new page for {student}: {reason}")
            click.echo(said.format(student=shown(student), reason=why), err=True)
        any_failed |= bool(failed)
        if zipped:
            _zip_feedback(course, lesson)
    raise SystemExit(1 if any_failed else 0)


def _zip_feedback(course, lesson):
    """Put the pages into an archive for each platform from which submissions were collected."""
    from autograder.collecting.feedback_archive import write_archives
    from autograder.names import shown

    written, others = write_archives(course, lesson)
    for path in written:
        click.echo(path)
    if others:
        said = _("In no archive, as they were not collected from one: {names}.")
        click.echo(said.format(names=", ".join(map(shown, others))), err=True)


@main.command()
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option(
    "--alike", is_flag=True, help="And list answers that are the same but for layout and names."
)
@_in_course
def report(course, lessons, alike):
    """Write the class at a glance, in reports/.

    \b
    autograder report 01-softmax
    autograder report all --alike

    The exit code is 1 if nothing of a lesson is graded yet.
    """
    lessons = _meant(course, lessons)
    from autograder.collecting.sections import sections
    from autograder.grading.class_grading import results
    from autograder.pages.class_report import write_report

    left_out = False
    for lesson in lessons:
        found = results(course, lesson)
        if found:
            click.echo(write_report(course, found, sections(course), alike))
        else:
            _say_error(_nothing_graded(lesson))
            left_out = True
    if left_out:
        raise SystemExit(1)


@main.command()
@click.argument("lesson")
@click.argument("chosen", nargs=-1, metavar="[EXERCISE KEY STUDENT...]")
@_in_course
def comment(course, lesson, chosen):
    """Give several students one of the comments in comments.csv.

    With a lesson alone, the comments for it are listed. What you wrote in the formgrader stays: the
    comment is added below. `autograder feedback` puts it on the pages.

    \b
    autograder comment 01-softmax
    autograder comment 01-softmax why units ada bob

    The exit code is 1 if there is no such comment, or no such answer of one of them.
    """
    (lesson,) = _meant(course, [lesson])
    from autograder.grading import comments, gradebook
    from autograder.names import shown
    from autograder.pages.terminal_table import table_lines

    if not chosen:
        for line in table_lines([("key", "text"), *comments.read_comments(course, lesson).items()]):
            click.echo(shown(line))
        return
    if len(chosen) < 3:
        said = _("Expected an exercise, the key of a comment, and students; got {words}.")
        raise click.UsageError(said.format(words=" ".join(chosen)))
    exercise, key, *students = chosen
    text = comments.comment(course, lesson, key)
    changed = gradebook.add_comment(course, lesson, exercise, students, text)
    for student in dict.fromkeys(students):
        said = _("{student}: added") if student in changed else _("{student}: is there already")
        click.echo(said.format(student=shown(student)))


@main.command()
@click.argument("lesson")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--extra", is_flag=True, help="Points above the maximum are extra credit.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_in_course
def points(course, lesson, table, extra, dry_run, yes):
    """Give points by hand, as in the formgrader, from a CSV file.

    Its columns are student, exercise, points, and comment if you like; the points are those of the
    exercise as a whole. What would change is said first, and then asked. Points given by hand stay
    when you grade again.

    \b
    autograder points 01-softmax points.csv --dry-run
    autograder points 01-softmax points.csv

    The exit code is 1 if a row cannot be given, or if you say no; nothing is written then.
    """
    (lesson,) = _meant(course, [lesson])
    from autograder.grading import gradebook, points_table
    from autograder.names import shown

    given = points_table.read_points(table)
    changes = gradebook.changes_by_points(course, lesson, given, extra)
    for one in changes:
        said = _("{student}: {exercise} {before:g} → {after:g}")
        facts = {"student": shown(one.student), "exercise": one.exercise}
        click.echo(said.format(**facts, before=one.before, after=one.after))
    comments = sum(bool(row.comment) for row in given)
    unchanged = len(given) - len(changes)
    said = _("Points: {changed} to change, {unchanged} as they are. Comments: {comments}.")
    click.echo(said.format(changed=len(changes), unchanged=unchanged, comments=comments))
    if dry_run:
        return
    if not yes:
        click.confirm(_("Write this?"), abort=True)
    gradebook.give_points(course, lesson, given, extra)
    click.echo(
        _("Written. `autograder feedback {lesson}` puts it on the pages.").format(lesson=lesson)
    )


@main.command()
@click.option("--anonymous", is_flag=True, help="Numbers in place of names, and no messages.")
@_in_course
def export(course, anonymous):
    """Write all scores as CSV files, in reports/.

    \b
    autograder export
    autograder export --anonymous

    The exit code is 1 if nothing is graded yet.
    """
    from autograder.collecting.canvas_columns import read_columns
    from autograder.collecting.sections import platforms, sections
    from autograder.grading.class_grading import results
    from autograder.pages.exports import from_elsewhere, write_anonymous, write_exports
    from autograder.pages.terminal_table import above_maximum

    found = [results(course, lesson) for lesson in course.lessons()]
    if not any(found):
        raise click.ClickException(_nothing_graded("LESSON"))
    if anonymous:
        paths = write_anonymous(course, found)
    else:
        known = platforms(course)
        paths = write_exports(course, found, sections(course), known, read_columns(course))
        for platform, students in from_elsewhere(known).items():
            if students:
                _say_left_out(platform, students)
    for path in paths:
        click.echo(path)
    for its in found:
        if waiting := sum(bool(result.to_mark) for result in its):
            said = ngettext(
                "{lesson}: {count} waits to be marked by hand, so its points are not final.",
                "{lesson}: {count} wait to be marked by hand, so their points are not final.",
                waiting,
            )
            click.echo(said.format(lesson=its.lesson, count=waiting), err=True)
        for line in above_maximum(its):
            click.echo(_("{lesson}: {line}").format(lesson=its.lesson, line=line), err=True)
    left_out = ", ".join(its_results.lesson for its_results in found if not its_results)
    if left_out:
        said = _("Left out, as nothing of them is graded: {names}.")
        click.echo(said.format(names=left_out), err=True)


def _say_left_out(platform, students):
    from autograder.names import few

    said = ngettext(
        "Not in {platform}.csv, as files or a list came from elsewhere: {count} student ({names}).",
        "Not in {platform}.csv, as files or a list came from elsewhere: {count} students "
        "({names}).",
        len(students),
    )
    facts = {"platform": platform, "count": len(students), "names": few(students)}
    click.echo(said.format(**facts), err=True)


@main.command()
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option("--exchange", is_flag=True, help="Collect from nbgrader's exchange first.")
@click.option("--release", is_flag=True, help="Put the pages into nbgrader's exchange.")
@click.option("--attempts", type=click.IntRange(min=1), help="How many of a student's count.")
@click.option("--every", type=click.FloatRange(min=1), default=30.0, help="Seconds (default: 30).")
@_in_course
def watch(course, lessons, exchange, release, attempts, every):
    """Grade what arrives in submitted/ or the exchange, and write its pages, until Ctrl-C.

    Only what is new is graded: for changed checks, run `autograder grade`. Start it again after an
    update of this project.

    \b
    autograder watch 1 2 --exchange --release --attempts 5

    What goes wrong is said, and tried again at the next look. The exit code is 130, by Ctrl-C.
    """
    ended = _("Ended. What was done stays done.")
    _end_at_interrupt(lambda: f"\n{ended}\n")
    lessons = _meant(course, lessons)
    if attempts and not exchange:
        raise click.UsageError(_("--attempts counts what comes by --exchange: name that as well."))
    from datetime import datetime

    from autograder.watching import Watched
    from autograder.watching import watch as watch_course

    def say(line):
        click.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}")

    begun = _("Looking every {seconds:g} s for what arrives of {names}.")
    say(begun.format(seconds=every, names=", ".join(lessons)))
    watch_course(course, Watched(lessons, exchange, release, attempts), every, say)


@main.command()
@_in_course
def doctor(course):
    """Look for what would make grading fail, each with the line that puts it right.

    \b
    autograder doctor

    The exit code is 1 if there is something.
    """
    from autograder.doctor import examine

    troubles = 0
    well, look = _("ok"), _("LOOK")
    columns = max(width(well), width(look))
    for finding in examine(course):
        click.echo(f"{padded(well if finding.is_well else look, columns)}  {finding.what}")
        if not finding.is_well:
            troubles += 1
            click.echo(f"{' ' * columns}  {finding.remedy}")
    said = ngettext("{count} to look at.", "{count} to look at.", troubles).format(count=troubles)
    click.echo(said if troubles else _("Nothing stands in the way."))
    raise SystemExit(1 if troubles else 0)


@main.command()
@click.argument("student")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_in_course
def forget(course, student, yes):
    """Delete what is kept of one student: scores, files, pages, and reports with the name.

    It says first what would be deleted, asks, and says then what is left elsewhere.

    \b
    autograder forget student-01

    The exit code is 1 if there is no such student, or if you say no.
    """
    from autograder import forgetting
    from autograder.names import shown

    found = forgetting.find(course, student)
    if found.in_gradebook:
        said = _("{path}: {student}, with all scores and comments")
        click.echo(said.format(path=course.gradebook, student=shown(student)))
    for path in (*found.folders, *found.reports, *found.lines):
        click.echo(shown(str(path)))
    if not yes:
        click.confirm(_("Delete this for good?"), abort=True)
    forgetting.forget(course, student, found)
    click.echo(_("Deleted. `autograder report` and `autograder export` write new reports."))
    for sentence in found.left:
        click.echo(shown(sentence))


@main.command("new-lesson")
@click.argument("name")
@click.option(
    "--questions",
    metavar="LESSON",
    help="Take that lesson's questions to think about, as free texts that you mark by hand.",
)
@_in_course
def new_lesson(course, name, questions):
    """Begin a lesson of your own: source/NAME/, with an exercise, a test and a free text.

    \b
    autograder new-lesson 08-mine
    autograder new-lesson 08-questions --questions 01-softmax

    The exit code is 1 if there cannot be a lesson of that name, or if there are no questions.
    """
    from autograder.building.new_lesson import begin_lesson

    (asked,) = _meant(course, [questions]) if questions else ("",)
    path = begin_lesson(course, name, asked)
    click.echo(path)
    click.echo(_("Edit it in `jupyter lab`; then `autograder build {name}`.").format(name=name))


def _nothing_graded(lesson):
    said = _("Nothing is graded yet: run `autograder grade {lesson}` first.")
    return said.format(lesson=lesson)


def _meant(course, words):
    """The lessons that these words name; a usage error for a word that names none."""
    from autograder.course_folder import CourseError

    try:
        lessons = course.lessons_called(words)
        for lesson in lessons:
            course.notebook(lesson)
        return lessons
    except CourseError as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    main()

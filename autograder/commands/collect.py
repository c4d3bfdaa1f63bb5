"""The command `autograder collect`."""

from pathlib import Path

import click

from autograder.commands.shared import in_course, named_lessons
from autograder.messages import _


@click.command("collect")
@click.argument("archive_and_lesson", nargs=-1, required=True, metavar="[ARCHIVE] LESSON")
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A gradebook, list of participants or grading worksheet of Canvas or Moodle (CSV), or a "
    "file like students.csv (default: students.csv, if there is one).",
)
@click.option("--exchange", is_flag=True, help="Take what was submitted by nbgrader's exchange.")
@in_course
def command(course, archive_and_lesson, roster, exchange):
    """Put what was handed in into submitted/: from a platform, or nbgrader's exchange.

    ARCHIVE is the zip file that your platform gave you, or a folder with what was in it.
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
    (lesson,) = named_lessons(course, [lesson])
    from autograder.collecting.collected_table import lines

    if exchange:
        from autograder.collecting.exchange import collect_from_exchange

        collected = collect_from_exchange(course, lesson)
    else:
        from autograder.collecting.collect import collect

        (archive,) = map(Path, archives)
        if not archive.exists():
            raise click.UsageError(_("There is no archive {path}.").format(path=archive))
        collected = collect(course, lesson, archive, roster)
    click.echo("\n".join(lines(collected)))
    raise SystemExit(1 if collected.problems else 0)

"""The command `autograder points`."""

from pathlib import Path

import click

from autograder.commands.shared import in_course, named_lessons
from autograder.messages import _


@click.command("points")
@click.argument("lesson")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--extra", is_flag=True, help="Points above the maximum are extra credit.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_course
def command(course, lesson, table, extra, dry_run, yes):
    """Give points by hand, as in the formgrader, from a CSV file.

    Its columns are student, exercise, points, and comment if you like; the points are those of the
    exercise as a whole. It says what would change, and asks first. Points given by hand stay
    when you grade again.

    \b
    autograder points 01-softmax points.csv --dry-run
    autograder points 01-softmax points.csv

    The exit code is 1 if a row cannot be applied, or if you say no; nothing is written then.
    """
    (lesson,) = named_lessons(course, [lesson])
    from autograder.grading import class_grading, marks_by_hand, points_table
    from autograder.names import shown

    given = points_table.read_points(table)
    changes = marks_by_hand.changes_by_points(course, lesson, given, extra)
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
        click.confirm(_("Apply these changes?"), abort=True)
    class_grading.give_points(course, lesson, given, extra)
    click.echo(
        _("Written. `autograder feedback {lesson}` puts it on the pages.").format(lesson=lesson)
    )

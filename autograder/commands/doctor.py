"""The command `autograder doctor`."""

import click

from autograder.commands.shared import in_course
from autograder.messages import _, ngettext
from course.columns import padded, width


@click.command("doctor")
@in_course
def command(course):
    """Look for what would make grading fail, and give the line that fixes it.

    \b
    autograder doctor

    The exit code is 1 if it finds a problem.
    """
    from autograder.doctor import examine

    troubles = 0
    well, look = _("ok"), _("LOOK")
    columns = max(width(well), width(look))
    for finding in examine(course):
        click.echo(f"{padded(well if finding.is_well else look, columns)}  {finding.what}")
        if not finding.is_well:
            troubles += 1
            for said in filter(None, (finding.why, finding.remedy)):
                click.echo(f"{' ' * columns}  {said}")
    said = ngettext("{count} problem found.", "{count} problems found.", troubles)
    click.echo(said.format(count=troubles) if troubles else _("No problems found."))
    raise SystemExit(1 if troubles else 0)

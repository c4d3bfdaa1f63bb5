"""The command `autograder export`."""

import click

from autograder.commands.shared import in_course
from autograder.messages import _, ngettext


@click.command("export")
@click.option("--anonymous", is_flag=True, help="Numbers in place of names, and no messages.")
@in_course
def command(course, anonymous):
    """Write all scores as CSV files, in reports/.

    \b
    autograder export
    autograder export --anonymous

    The exit code is 1 if nothing is graded yet.
    """
    from autograder.collecting.canvas_columns import read_columns
    from autograder.collecting.sections import platforms, sections
    from autograder.grading.class_results import nothing_graded, results
    from autograder.pages.exports import from_elsewhere, write_anonymous, write_exports
    from autograder.pages.terminal_table import above_maximum

    found = [results(course, lesson) for lesson in course.lessons()]
    if not any(found):
        raise click.ClickException(nothing_graded("LESSON"))
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
                "{lesson}: {count} is waiting to be marked by hand, so its points are not final.",
                "{lesson}: {count} are waiting to be marked by hand, so their points are not "
                "final.",
                waiting,
            )
            click.echo(said.format(lesson=its.lesson, count=waiting), err=True)
        for line in above_maximum(its):
            click.echo(_("{lesson}: {line}").format(lesson=its.lesson, line=line), err=True)
    left_out = ", ".join(its_results.lesson for its_results in found if not its_results)
    if left_out:
        said = _("Left out, because nothing in them is graded yet: {names}.")
        click.echo(said.format(names=left_out), err=True)


def _say_left_out(platform, students):
    from autograder.names import few

    said = ngettext(
        "Left out of {platform}.csv, because their files or class list came from another platform: "
        "{count} student ({names}).",
        "Left out of {platform}.csv, because their files or class list came from another platform: "
        "{count} students ({names}).",
        len(students),
    )
    facts = {"platform": platform, "count": len(students), "names": few(students)}
    click.echo(said.format(**facts), err=True)

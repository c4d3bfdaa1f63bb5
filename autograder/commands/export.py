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
    from autograder.collecting.sections import platforms, section_of_each
    from autograder.grading.class_results import nothing_graded, results
    from autograder.pages.exports import from_elsewhere, write_anonymous, write_exports

    found = [results(course, lesson) for lesson in course.lessons()]
    if not any(found):
        raise click.ClickException(nothing_graded("LESSON"))
    if anonymous:
        paths = write_anonymous(course, found)
    else:
        known = platforms(course)
        paths = write_exports(course, found, section_of_each(course), known, read_columns(course))
        for platform, students in from_elsewhere(known).items():
            if students:
                click.echo(_left_out(platform, students, len(known)), err=True)
    for path in paths:
        click.echo(path)
    for its in found:
        for line in _about_lesson(its):
            click.echo(line, err=True)
    left_out = ", ".join(its_results.lesson for its_results in found if not its_results)
    if left_out:
        said = _("Left out, because nothing in them is graded yet: {names}.")
        click.echo(said.format(names=left_out), err=True)


def _about_lesson(its):
    """What somebody should know before the points of a lesson are imported, as lines."""
    from autograder.pages import terminal_table

    if waiting := sum(bool(result.to_mark) for result in its):
        said = ngettext(
            "{lesson}: {count} submission is waiting to be marked by hand, so its points are not "
            "final.",
            "{lesson}: {count} submissions are waiting to be marked by hand, so their points are "
            "not final.",
            waiting,
        )
        yield said.format(lesson=its.lesson, count=waiting)
    for line in terminal_table.above_maximum(its):
        yield _("{lesson}: {line}").format(lesson=its.lesson, line=line)
    yield from terminal_table.could_not_be_graded(its)
    yield from terminal_table.arrived_words(its.lesson, its.arrived)


def _left_out(platform, students, everybody):
    """A line with those who are not in a platform's file."""
    from autograder.names import few

    if len(students) == everybody:
        said = _("{platform}.csv: nobody, because everybody came from another platform.")
        return said.format(platform=platform)
    said = ngettext(
        "Left out of {platform}.csv, because their files or class list came from another platform: "
        "{count} student ({names}).",
        "Left out of {platform}.csv, because their files or class list came from another platform: "
        "{count} students ({names}).",
        len(students),
    )
    return said.format(platform=platform, count=len(students), names=few(students))

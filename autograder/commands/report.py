"""The command `autograder report`."""

import click

from autograder.commands.shared import in_course, named_lessons, say_error


@click.command("report")
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option(
    "--alike", is_flag=True, help="Also list answers that are the same apart from layout and names."
)
@in_course
def command(course, lessons, alike):
    """Write the class at a glance, in reports/.

    \b
    autograder report 01-softmax
    autograder report all --alike

    The exit code is 1 if nothing of a lesson is graded yet.
    """
    lessons = named_lessons(course, lessons)
    from autograder.collecting.sections import section_of_each
    from autograder.grading.class_results import nothing_graded, results
    from autograder.pages.class_report import write_report
    from autograder.pages.terminal_table import arrived_words

    left_out = False
    for lesson in lessons:
        found = results(course, lesson)
        if found:
            click.echo(write_report(course, found, section_of_each(course), alike))
            for line in arrived_words(lesson, found.arrived):
                click.echo(line, err=True)
        else:
            say_error(nothing_graded(lesson))
            left_out = True
    if left_out:
        raise SystemExit(1)

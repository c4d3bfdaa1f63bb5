"""The command `autograder build`."""

import click

from autograder.commands.shared import in_course, named_lessons
from autograder.messages import _


@click.command("build")
@click.argument("lessons", nargs=-1, metavar="[LESSON]...")
@in_course
def command(course, lessons):
    """Build the students' notebooks, source/ -> release/.

    Without a LESSON, all are built, and the notebooks beside them.

    \b
    autograder build
    autograder build 01-softmax

    The exit code is 1 if a lesson cannot be released; what was there before stays.
    """
    from autograder.building.release import ReleaseRefused, build, build_extras

    lessons = named_lessons(course, lessons)
    refused = False
    for lesson in lessons or course.lessons():
        try:
            for path in build(course, lesson):
                click.echo(_("{lesson}: written to {path}").format(lesson=lesson, path=path))
        except ReleaseRefused as error:
            click.echo(str(error), err=True)
            refused = True
    if not lessons:
        for path in build_extras(course):
            click.echo(_("{lesson}: written to {path}").format(lesson=path.stem, path=path))
    raise SystemExit(1 if refused else 0)

"""Run the `course` command in this process, and read what it printed."""

import click.testing

from course.cli import main


def course(*arguments) -> click.testing.Result:
    """Run the command; an error that it did not foresee is raised."""
    result = click.testing.CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def words(result: click.testing.Result) -> list[str]:
    """Return the lines of the output without the space between columns."""
    return [" ".join(line.split()) for line in result.stdout.splitlines()]
